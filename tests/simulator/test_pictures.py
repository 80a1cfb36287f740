"""The heads of real picture files, as their formats lay them down."""

import pytest

from parley_simulator.bot_api.pictures import size_of
from support.simulator import picture

_JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
_JPEG_FRAME = b"\xff\xc0\x00\x11\x08\x00\x20\x00\x10\x03"
_GIF = b"GIF89a\x10\x00\x20\x00\x80"


def webp(chunk: bytes, head: bytes) -> bytes:
    return b"RIFF\x00\x00\x00\x00WEBP" + chunk + b"\x00\x00\x00\x00" + head


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (picture(), (1, 1)),
        (_GIF, (16, 32)),
        (_JPEG + _JPEG_FRAME, (16, 32)),
        (webp(b"VP8 ", b"\x00\x00\x00\x9d\x01\x2a\x10\x00\x20\x00"), (16, 32)),
        (webp(b"VP8L", b"\x2f\x0f\xc0\x07\x00"), (16, 32)),
        (webp(b"VP8X", b"\x00\x00\x00\x00\x0f\x00\x00\x1f\x00\x00"), (16, 32)),
    ],
)
def test_the_size_of_a_picture_is_read_from_its_head(data: bytes, size: tuple[int, int]) -> None:
    assert size_of(data) == size


@pytest.mark.parametrize("data", [b"", b"BM", _JPEG, picture()[:20], _GIF[:8], webp(b"ALPH", b""), b"\xff\xd8\xff"])
def test_what_is_no_picture_has_no_size(data: bytes) -> None:
    assert size_of(data) is None
