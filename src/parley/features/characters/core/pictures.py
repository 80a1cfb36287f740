"""Pictures of characters: what is taken from a card and what may be served."""

import hashlib
from dataclasses import dataclass
from typing import Final, Literal

from parley.features.characters.core.rejection import CardRejected

MediaType = Literal["image/png", "image/jpeg", "image/webp", "image/svg+xml"]

EXTENSIONS: Final[dict[MediaType, str]] = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/svg+xml": "svg",
}

MAX_PICTURE_BYTES: Final = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Picture:
    """An image as it is served."""

    media_type: MediaType
    body: bytes

    @property
    def digest(self) -> str:
        """The part of its address that changes whenever the image does: 12 hex digits."""
        return hashlib.sha256(self.body).hexdigest()[:12]


def sniffed(body: bytes) -> MediaType | None:
    """The type the first bytes tell; None for what is no picture a card may carry (an SVG could hold scripts)."""
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if body.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp"
    return None


def within_bounds(picture: Picture) -> Picture:
    """The picture, unless it is too heavy to serve."""
    if len(picture.body) > MAX_PICTURE_BYTES:
        raise CardRejected(f"the picture has {len(picture.body):,} bytes, at most {MAX_PICTURE_BYTES:,} are taken")
    return picture


def avatar_path(character: int, digest: str, media_type: MediaType) -> str:
    """Where Parley serves the avatar; a changed avatar has a new address, so answers may be cached for ever."""
    return f"/characters/{character}-{digest}.{EXTENSIONS[media_type]}"
