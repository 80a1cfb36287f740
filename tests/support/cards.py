"""Card files for tests, made by hand so that nothing of the code under test is trusted."""

import base64
import io
import json
import struct
import zipfile
import zlib
from typing import Any

from parley.features.characters.core import Card, read_card

SIGNATURE = b"\x89PNG\r\n\x1a\n"
Json = dict[str, Any]


def card_data(name: str = "Кира", **fields: Any) -> Json:
    """The `data` of a card; Parley's own fields as `parley={…}`."""
    own = fields.pop("parley", None)
    data = {"name": name, "description": f"{name} is somebody.", "first_mes": "Hello, {{user}}!", **fields}
    return data if own is None else {**data, "extensions": {"parley": own}}


def card_json(name: str = "Кира", **fields: Any) -> bytes:
    """A V2 card as a file."""
    card = {"spec": "chara_card_v2", "spec_version": "2.0", "data": card_data(name, **fields)}
    return json.dumps(card, ensure_ascii=False).encode()


def a_card(name: str = "Кира", **fields: Any) -> Card:
    """A card as it is after reading."""
    return read_card(card_json(name, **fields))


def chunk(kind: bytes, data: bytes, crc: int | None = None) -> bytes:
    """A PNG chunk, with a wrong checksum where one is given."""
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body) if crc is None else crc)


def header(width: int = 1, height: int = 1) -> bytes:
    """IHDR of an RGB picture."""
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))


PIXEL = chunk(b"IDAT", zlib.compress(b"\x00\x10\x20\x30"))
END = chunk(b"IEND", b"")


def png(*extra: bytes, before: bytes = b"") -> bytes:
    """A picture of one pixel with further chunks after its pixels, or ``before`` them."""
    return SIGNATURE + header() + before + PIXEL + b"".join(extra) + END


def text_chunk(keyword: str, card: bytes, kind: bytes = b"tEXt") -> bytes:
    """A card as text under a keyword, in any of the three kinds of text."""
    text = base64.b64encode(card)
    key = keyword.encode() + b"\x00"
    if kind == b"zTXt":
        return chunk(kind, key + b"\x00" + zlib.compress(text))
    if kind == b"iTXt":
        return chunk(kind, key + b"\x01\x00en\x00key\x00" + zlib.compress(text))
    return chunk(kind, key + text)


def charx(entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip with these entries."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()
