"""Photos and documents."""

from collections.abc import Mapping
from typing import Final

from parley_simulator.bot_api.call import Call, Method
from parley_simulator.bot_api.decoding import UPLOAD_BYTES
from parley_simulator.bot_api.formatting import caption
from parley_simulator.bot_api.params import Upload
from parley_simulator.bot_api.pictures import size_of
from parley_simulator.bot_api.sending import send
from parley_simulator.files import StoredFile
from parley_simulator.refusal import Refused, bad_request
from parley_simulator.wire import Json

_PHOTO_BYTES: Final = 10 << 20
_LONGEST_SIDES: Final = 10_000


async def send_photo(call: Call) -> Json:
    """A picture."""
    fields = caption(call)
    photo = _file(call, "photo")
    return send(call, {"photo": [_common(photo) | {"width": photo.width, "height": photo.height}]} | fields)


async def send_document(call: Call) -> Json:
    """Any file."""
    fields = caption(call)
    document = _file(call, "document")
    shown = {"file_name": document.name, "mime_type": document.mime_type} | _common(document)
    return send(call, {"document": shown} | fields)


async def get_file(call: Call) -> Json:
    """Where to download a file."""
    stored = call.bot.files.get(call.params.text("file_id"))
    if stored is None:
        raise bad_request("invalid file_id")
    return _common(stored) | {"file_path": stored.path}


METHODS: Final[Mapping[str, Method]] = {"sendPhoto": send_photo, "sendDocument": send_document, "getFile": get_file}


def _file(call: Call, kind: str) -> StoredFile:
    """What was uploaded, or what was sent before and is named by its id."""
    upload = call.params.upload(kind)
    if upload is not None:
        size = _checked_picture(upload) if kind == "photo" else None
        return call.bot.files.add(upload.name, upload.mime_type, _checked(upload), size)
    named = call.params.text(kind)
    if not named or named.startswith("attach://"):
        raise bad_request(f"there is no {kind} in the request")
    if "://" in named:
        raise bad_request("failed to get HTTP URL content")
    stored = call.bot.files.get(named)
    if stored is None:
        raise bad_request("wrong remote file identifier specified: Wrong character in the string")
    if (kind == "photo") != bool(stored.width):
        raise bad_request(f"type of file mismatch: can't use this file as {kind.capitalize()}")
    return stored


def _checked(upload: Upload) -> bytes:
    if not upload.data:
        raise bad_request("file must be non-empty")
    if len(upload.data) > UPLOAD_BYTES:
        raise Refused(413, "Request Entity Too Large")
    return upload.data


def _checked_picture(upload: Upload) -> tuple[int, int]:
    size = size_of(upload.data)
    if size is None or not min(size):
        raise bad_request("IMAGE_PROCESS_FAILED")
    if len(upload.data) > _PHOTO_BYTES or sum(size) > _LONGEST_SIDES or min(size) * 20 < max(size):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return size


def _common(stored: StoredFile) -> Json:
    return {"file_id": stored.id, "file_unique_id": stored.unique_id, "file_size": len(stored.data)}
