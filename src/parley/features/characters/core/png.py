"""PNG and APNG as chunks: the card hidden in the text, the picture without it. Pixels are never decoded.

Formats: PNG (W3C, third edition) §5 and §11; where cards hide: `chara` (V1, V2) and `ccv3` (V3) in tEXt, lately also
in zTXt and iTXt, before or after IDAT.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from parley.features.characters.core.pictures import Picture, within_bounds
from parley.features.characters.core.rejection import CardRejected

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
MAX_CHUNKS: Final = 20_000
MAX_TEXT_BYTES: Final = 12 * 1024 * 1024
"""Of one text chunk, also after inflating: base64 of the longest card there may be."""
MAX_SIDE: Final = 4096

_KEYWORDS: Final = ("ccv3", "chara")
"""The newer one wins when a file bears both (card specification V3)."""
_TEXT: Final = frozenset({b"tEXt", b"zTXt", b"iTXt"})
_DRAWING: Final = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"cICP"}
    | {b"acTL", b"fcTL", b"fdAT"}
)
"""All that decides how the image looks; whatever else a file bears is not passed on."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A typed piece of the file."""

    kind: bytes
    data: bytes

    def encoded(self) -> bytes:
        """Length, type, data, CRC."""
        body = self.kind + self.data
        return struct.pack(">I", len(self.data)) + body + struct.pack(">I", zlib.crc32(body))


@dataclass(frozen=True, slots=True)
class CardPng:
    """What a PNG card holds."""

    card: bytes | None
    """The text under the card's keyword, still encoded; None if there is none."""
    picture: Picture


def read_png(file: bytes) -> CardPng:
    """The card's text and the bare picture. Raises CardRejected for a broken or oversized file."""
    chunks = list(_chunks(file))
    _check_header(chunks)
    return CardPng(_card_text(chunks), within_bounds(_bare(chunks)))


def bare_picture(file: bytes) -> Picture:
    """The picture alone, with only the chunks that draw it."""
    return read_png(file).picture


def with_texts(picture: bytes, texts: dict[str, bytes]) -> bytes:
    """The picture with these texts as tEXt chunks, right before its end."""
    chunks = list(_chunks(picture))
    added = [Chunk(b"tEXt", keyword.encode("latin-1") + b"\x00" + text) for keyword, text in texts.items()]
    return SIGNATURE + b"".join(chunk.encoded() for chunk in [*chunks[:-1], *added, chunks[-1]])


def plain_png(side: int, top: tuple[int, int, int], bottom: tuple[int, int, int]) -> bytes:
    """A square that runs from one colour to the other: a carrier for cards whose picture is no PNG."""
    rows = (
        b"\x00" + bytes(a + (b - a) * row // max(1, side - 1) for a, b in zip(top, bottom, strict=True)) * side
        for row in range(side)
    )
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = (Chunk(b"IHDR", header), Chunk(b"IDAT", zlib.compress(b"".join(rows), 9)), Chunk(b"IEND", b""))
    return SIGNATURE + b"".join(chunk.encoded() for chunk in chunks)


def _chunks(file: bytes) -> Iterator[Chunk]:
    """Every chunk up to IEND; whatever follows it is not the picture's."""
    position = len(SIGNATURE)
    for _ in range(MAX_CHUNKS):
        chunk, position = _chunk_at(file, position)
        yield chunk
        if chunk.kind == b"IEND":
            return
    raise CardRejected(f"the PNG has more than {MAX_CHUNKS:,} chunks")


def _chunk_at(file: bytes, position: int) -> tuple[Chunk, int]:
    if position + 12 > len(file):
        raise CardRejected("the PNG is cut off before its end")
    (length,) = struct.unpack_from(">I", file, position)
    end = position + 12 + length
    if end > len(file):
        raise CardRejected("the PNG is cut off inside a chunk")
    body = file[position + 4 : end - 4]
    (crc,) = struct.unpack_from(">I", file, end - 4)
    if zlib.crc32(body) != crc:
        raise CardRejected(f"the PNG is damaged: the checksum of a {_shown(body[:4])} chunk does not fit")
    return Chunk(body[:4], body[4:]), end


def _shown(kind: bytes) -> str:
    return ascii(kind.decode("latin-1"))


def _check_header(chunks: list[Chunk]) -> None:
    first = chunks[0]
    if first.kind != b"IHDR" or len(first.data) != 13:
        raise CardRejected("the PNG does not begin with its header")
    width, height = struct.unpack_from(">II", first.data)
    if not (1 <= width <= MAX_SIDE and 1 <= height <= MAX_SIDE):
        raise CardRejected(f"the picture is {width}×{height} pixels, at most {MAX_SIDE}×{MAX_SIDE} are taken")
    if not any(chunk.kind == b"IDAT" for chunk in chunks):
        raise CardRejected("the PNG has no picture in it")


def _bare(chunks: list[Chunk]) -> Picture:
    kept = (chunk.encoded() for chunk in chunks if chunk.kind in _DRAWING)
    return Picture("image/png", SIGNATURE + b"".join(kept))


def _card_text(chunks: list[Chunk]) -> bytes | None:
    """The first chunk of a keyword counts: readers that disagree on this could be told different cards."""
    found: dict[str, Chunk] = {}
    for chunk in chunks:
        if chunk.kind in _TEXT:
            found.setdefault(_keyword(chunk), chunk)
    wanted = next((found[keyword] for keyword in _KEYWORDS if keyword in found), None)
    return None if wanted is None else _text(wanted)


def _keyword(chunk: Chunk) -> str:
    return chunk.data[:80].partition(b"\x00")[0].decode("latin-1").lower()


def _text(chunk: Chunk) -> bytes:
    content = chunk.data.partition(b"\x00")[2]
    if chunk.kind == b"zTXt":
        return _inflated(content[1:])
    if chunk.kind == b"iTXt":
        return _international(content)
    return _bounded(content)


def _international(content: bytes) -> bytes:
    """What follows the keyword of an iTXt: compression flag, method, language NUL, translated keyword NUL, text."""
    text = content[2:].partition(b"\x00")[2].partition(b"\x00")[2]
    return _inflated(text) if content[:1] == b"\x01" else _bounded(text)


def _bounded(text: bytes) -> bytes:
    if len(text) > MAX_TEXT_BYTES:
        raise CardRejected(f"the card's text has more than {MAX_TEXT_BYTES:,} bytes")
    return text


def _inflated(data: bytes) -> bytes:
    inflate = zlib.decompressobj()
    try:
        text = inflate.decompress(data, MAX_TEXT_BYTES + 1)
    except zlib.error as error:
        raise CardRejected("the card's compressed text is damaged") from error
    if len(text) <= MAX_TEXT_BYTES and not inflate.eof:
        raise CardRejected("the card's compressed text is cut off")
    return _bounded(text)
