"""From a file to a card: JSON, PNG and APNG, or CHARX. Everything in it is untrusted and bounded."""

import base64
import binascii
import dataclasses
from collections.abc import Callable, Sequence
from typing import Final

from parley.features.characters.core.cards import MAX_JSON_BYTES, Card, Json, parse_card
from parley.features.characters.core.charx import Archive, is_archive
from parley.features.characters.core.pictures import MAX_PICTURE_BYTES, Picture, sniffed, within_bounds
from parley.features.characters.core.png import SIGNATURE, bare_picture, read_png
from parley.features.characters.core.rejection import CardRejected

MAX_FILE_BYTES: Final = 20 * 1024 * 1024

_EMBEDDED: Final = ("embeded://", "embedded://")
"""The specification writes one d, many tools two."""
_REMOTE: Final = ("http://", "https://")

Fetch = Callable[[str], bytes | None]
"""The bytes of an asset by its URI; None where the file does not hold them."""


def read_card(file: bytes, fallback_name: str = "") -> Card:
    """The card in a file, whatever its kind. Raises CardRejected with the reason.

    ``fallback_name`` (the file's own, say) names a character whose card has no name.
    """
    if len(file) > MAX_FILE_BYTES:
        raise CardRejected(f"the file has {len(file):,} bytes, at most {MAX_FILE_BYTES:,} are taken")
    if not file.strip():
        raise CardRejected("the file is empty")
    if file.startswith(SIGNATURE):
        return _from_png(file, fallback_name)
    if is_archive(file):
        return _from_archive(file, fallback_name)
    return _from_json(file, fallback_name)


def _from_png(file: bytes, fallback_name: str) -> Card:
    png = read_png(file)
    if png.card is None:
        raise CardRejected("the PNG has no character card in it")
    card, data = parse_card(_json_of(png.card), fallback_name)
    return _with(card, png.picture, _loss(data, kept=0))


def _from_archive(file: bytes, fallback_name: str) -> Card:
    archive = Archive(file)
    text = archive.read("card.json", MAX_JSON_BYTES)
    if text is None:
        raise CardRejected("the archive has no card.json at its root")
    card, data = parse_card(text, fallback_name)
    return _with_icon(card, data, lambda uri: _embedded(archive, uri))


def _from_json(file: bytes, fallback_name: str) -> Card:
    card, data = parse_card(file, fallback_name)
    return _with_icon(card, data, _inline)


def _json_of(text: bytes) -> bytes:
    """Base64 of JSON, as every specification has it; bare JSON is seen too."""
    compact = b"".join(text.split())
    if compact.startswith((b"{", b"rcc||")):
        return text.strip()
    try:
        return base64.b64decode(compact + b"=" * (-len(compact) % 4), validate=True)
    except binascii.Error as error:
        raise CardRejected("the card's text in the PNG is not base64") from error


def _embedded(archive: Archive, uri: str) -> bytes | None:
    for scheme in _EMBEDDED:
        if uri.startswith(scheme):
            return archive.read(uri.removeprefix(scheme), MAX_PICTURE_BYTES)
    return _inline(uri)


def _inline(uri: str) -> bytes | None:
    """The bytes of a base64 `data:` URI."""
    head, comma, body = uri.partition(",")
    if not comma or not head.startswith("data:") or not head.endswith(";base64"):
        return None
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        return None


def _with_icon(card: Card, data: Json, fetch: Fetch) -> Card:
    """The card with its main icon, if the file holds one that is a picture; a bad icon does not cost the card."""
    icons = _icons(data)
    if not icons or icons[0] == "ccdefault:":
        return _with(card, None, _loss(data, kept=0))
    if icons[0].startswith(_REMOTE):
        return _with(card, None, ("the picture lies at a remote address and is not fetched", *_loss(data, kept=0)))
    try:
        picture = _picture(fetch(icons[0]))
    except CardRejected as rejected:
        return _with(card, None, (f"the icon is left out: {rejected}", *_loss(data, kept=0)))
    return _with(card, picture, _loss(data, kept=1))


def _picture(body: bytes | None) -> Picture:
    if body is None:
        raise CardRejected("the file does not hold it")
    media_type = sniffed(body)
    if media_type is None:
        raise CardRejected("it is neither PNG nor JPEG nor WebP")
    return bare_picture(body) if media_type == "image/png" else within_bounds(Picture(media_type, body))


def _assets(data: Json) -> Sequence[dict[str, object]]:
    assets = data.get("assets")
    return [asset for asset in assets if isinstance(asset, dict)] if isinstance(assets, list) else []


def _icons(data: Json) -> list[str]:
    """The addresses of the icons, the one called main first."""
    icons = [asset for asset in _assets(data) if asset.get("type") == "icon"]
    icons.sort(key=lambda asset: asset.get("name") != "main")
    return [uri for asset in icons if isinstance(uri := asset.get("uri"), str)]


def _loss(data: Json, kept: int) -> tuple[str, ...]:
    """Who imports a card must be told of assets that are not kept (card specification V3)."""
    lost = sum(1 for asset in _assets(data) if asset.get("uri") != "ccdefault:") - kept
    return (f"{lost} of the card's assets are not kept, only its main picture is",) if lost > 0 else ()


def _with(card: Card, picture: Picture | None, warnings: tuple[str, ...]) -> Card:
    return dataclasses.replace(card, picture=picture, warnings=warnings)
