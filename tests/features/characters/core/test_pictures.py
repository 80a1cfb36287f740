import pytest

from parley.features.characters.core.pictures import MAX_PICTURE_BYTES, Picture, avatar_path, sniffed, within_bounds
from parley.features.characters.core.rejection import CardRejected


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"\x89PNG\r\n\x1a\nrest", "image/png"),
        (b"\xff\xd8\xff\xe0rest", "image/jpeg"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVE", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", None),
        (b"GIF89a", None),
        (b"", None),
    ],
)
def test_only_plain_pictures_are_taken(body: bytes, media_type: str | None) -> None:
    assert sniffed(body) == media_type


def test_a_heavy_picture_is_refused() -> None:
    with pytest.raises(CardRejected, match="bytes"):
        within_bounds(Picture("image/jpeg", b"x" * (MAX_PICTURE_BYTES + 1)))


def test_an_address_changes_with_the_picture() -> None:
    one, other = Picture("image/webp", b"one"), Picture("image/webp", b"other")
    assert one.digest != other.digest
    assert avatar_path(7, one.digest, "image/webp") == f"/characters/7-{one.digest}.webp"
