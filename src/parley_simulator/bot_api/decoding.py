"""How parameters come in: in the address, as a form, as JSON or in parts with files."""

from collections.abc import Mapping
from typing import Final, Protocol
from urllib.parse import parse_qsl

import aiohttp

from parley_simulator.bot_api.params import Upload
from parley_simulator.refusal import Refused, bad_request
from parley_simulator.wire import NotJson, decode

UPLOAD_BYTES: Final = 50 << 20
PLAIN_BYTES: Final = 1 << 20
"""A body without files may have so many bytes."""
_MOST_FIELDS: Final = 1000
_PIECE: Final = 1 << 16


class Parts(Protocol):
    """A body in parts, of a request or of an answer."""

    async def next(self) -> object:
        """The next part, None behind the last."""
        ...


def too_large() -> Refused:
    """What was sent is more than anyone needs."""
    return Refused(413, "Request Entity Too Large")


def from_query(query: str) -> dict[str, object]:
    """Parameters as in an address or a form; of several with one name the last counts."""
    try:
        return dict(parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict"))
    except ValueError as error:  # also what is not UTF-8
        raise bad_request("can't parse request parameters") from error


def from_body(content_type: str, body: bytes) -> dict[str, object]:
    """Parameters of a JSON object or a form."""
    if not body.strip():
        return {}
    if content_type == "application/json":
        return _from_json(body)
    if content_type in {"application/x-www-form-urlencoded", ""}:
        return from_query(body.decode("latin-1"))
    return {}


async def from_parts(parts: Parts) -> tuple[dict[str, object], Mapping[str, Upload]]:
    """Parameters and files of a body in parts."""
    values: dict[str, object] = {}
    uploads: dict[str, Upload] = {}
    left = UPLOAD_BYTES + PLAIN_BYTES
    try:
        while isinstance(part := await parts.next(), aiohttp.BodyPartReader):
            data = await _read(part, left)
            left -= len(data)
            name = part.name or ""
            if part.filename is None:
                values[name] = data.decode()
            else:
                mime_type = part.headers.get("Content-Type", "application/octet-stream")
                uploads[name] = Upload(part.filename, mime_type, data)
    except ValueError as error:
        raise bad_request("can't parse multipart/form-data request") from error
    return values, uploads


def _from_json(body: bytes) -> dict[str, object]:
    try:
        decoded = decode(body)
    except (NotJson, UnicodeDecodeError, RecursionError) as error:
        raise bad_request("can't parse JSON object") from error
    if not isinstance(decoded, dict):
        raise bad_request("can't parse JSON object")
    return decoded


async def _read(part: aiohttp.BodyPartReader, most: int) -> bytes:
    data = bytearray()
    while piece := await part.read_chunk(_PIECE):
        data += piece
        if len(data) > most:
            raise too_large()
    return bytes(data)
