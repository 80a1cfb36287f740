import base64
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.features.characters.core.png import (
    MAX_CHUNKS,
    MAX_TEXT_BYTES,
    bare_picture,
    plain_png,
    read_png,
    with_texts,
)
from parley.features.characters.core.rejection import CardRejected
from support.cards import END, PIXEL, SIGNATURE, card_json, chunk, header, png, text_chunk

ONE, TWO = card_json("One"), card_json("Two")


@pytest.mark.parametrize("kind", [b"tEXt", b"zTXt", b"iTXt"])
@pytest.mark.parametrize("keyword", ["chara", "ccv3", "Chara", "CCV3"])
def test_a_card_is_found_in_every_kind_of_text_and_spelling(kind: bytes, keyword: str) -> None:
    assert read_png(png(text_chunk(keyword, ONE, kind))).card == base64.b64encode(ONE)


def test_a_card_before_the_pixels_is_found_too() -> None:
    assert read_png(png(before=text_chunk("chara", ONE))).card == base64.b64encode(ONE)


def test_an_uncompressed_itxt_is_read() -> None:
    plain = chunk(b"iTXt", b"chara\x00\x00\x00\x00\x00" + base64.b64encode(ONE))
    assert read_png(png(plain)).card == base64.b64encode(ONE)


def test_the_newer_version_of_a_card_wins_wherever_it_stands() -> None:
    for chunks in (
        (text_chunk("chara", ONE), text_chunk("ccv3", TWO)),
        (text_chunk("ccv3", TWO), text_chunk("chara", ONE)),
    ):
        assert read_png(png(*chunks)).card == base64.b64encode(TWO)


def test_of_two_chunks_with_one_keyword_the_first_counts() -> None:
    assert read_png(png(text_chunk("chara", ONE), text_chunk("chara", TWO))).card == base64.b64encode(ONE)


def test_the_picture_is_passed_on_without_anything_hidden_in_it() -> None:
    file = png(
        text_chunk("chara", ONE), chunk(b"eXIf", b"secret"), chunk(b"tIME", b"1234567"), before=chunk(b"gAMA", b"0000")
    )
    bare = bare_picture(file + b"trailing secret").body
    assert bare == SIGNATURE + header() + chunk(b"gAMA", b"0000") + PIXEL + END


def test_an_animation_keeps_its_frames() -> None:
    frames = (chunk(b"acTL", b"\x00" * 8), chunk(b"fcTL", b"\x00" * 26), chunk(b"fdAT", b"\x00" * 8))
    assert all(frame in bare_picture(png(*frames)).body for frame in frames)


def test_a_picture_without_a_card_says_so() -> None:
    assert read_png(png()).card is None


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (SIGNATURE, "cut off"),
        (SIGNATURE + header() + PIXEL, "cut off"),
        (png()[:-3], "cut off"),
        (SIGNATURE + header() + struct.pack(">I", 2**31) + b"IDAT" + b"x", "cut off"),
        (png(chunk(b"tEXt", b"chara\x00eA==", crc=1)), "checksum"),
        (SIGNATURE + PIXEL + header() + END, "header"),
        (SIGNATURE + chunk(b"IHDR", b"short") + PIXEL + END, "header"),
        (SIGNATURE + header() + END, "no picture"),
        (SIGNATURE + header(0, 5) + PIXEL + END, "0×5"),
        (SIGNATURE + header(100_000, 5) + PIXEL + END, "100000×5"),
        (png(chunk(b"zTXt", b"chara\x00\x00not deflate")), "damaged"),
        (png(chunk(b"zTXt", b"chara\x00\x00" + zlib.compress(b"x" * 99)[:-6])), "cut off"),
        (png(chunk(b"zTXt", b"chara\x00\x00" + zlib.compress(b"x" * (MAX_TEXT_BYTES + 1)))), "more than"),
        (png(chunk(b"iTXt", b"chara\x00\x01\x00\x00\x00" + zlib.compress(b"x" * (MAX_TEXT_BYTES + 1)))), "more than"),
        (png(chunk(b"tEXt", b"chara\x00" + b"x" * (MAX_TEXT_BYTES + 1))), "more than"),
        (png(*[chunk(b"tEXt", b"")] * MAX_CHUNKS), "chunks"),
        (png(chunk(b"eXIf", b""))[:33] + chunk(b"IDAT", b"x" * (6 * 1024 * 1024)) + END, "bytes"),
    ],
)
def test_a_broken_or_oversized_png_is_refused_with_the_reason(file: bytes, reason: str) -> None:
    with pytest.raises(CardRejected, match=reason):
        read_png(file)


@given(st.binary(max_size=200))
def test_noise_is_refused_or_read_but_never_crashes(noise: bytes) -> None:
    for file in (SIGNATURE + noise, SIGNATURE + header() + noise, png(chunk(b"iTXt", noise), chunk(b"zTXt", noise))):
        try:
            read_png(file)
        except CardRejected:
            continue


def test_texts_written_are_texts_read() -> None:
    file = with_texts(plain_png(4, (0, 0, 0), (255, 255, 255)), {"chara": b"b2xk", "ccv3": b"bmV3"})
    assert read_png(file).card == b"bmV3"
    assert bare_picture(file).body == plain_png(4, (0, 0, 0), (255, 255, 255))
