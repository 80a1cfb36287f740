import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.features.characters.core.carriers import MAX_FILE_BYTES, read_card
from parley.features.characters.core.pictures import Picture
from parley.features.characters.core.rejection import CardRejected
from support.cards import a_card, card_json, charx, chunk, png, text_chunk

JPEG = b"\xff\xd8\xff\xe0 not really"


def icon(uri: str, **more: str) -> dict[str, str]:
    return {"type": "icon", "uri": uri, "name": "main", "ext": "png", **more}


def inline(body: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(body).decode()


def test_a_png_is_card_and_picture() -> None:
    card = read_card(png(text_chunk("chara", card_json("Kira"))))
    assert card.name == "Kira"
    assert card.picture == Picture("image/png", png())


def test_a_png_with_bare_json_or_broken_lines_of_base64_is_read() -> None:
    lines = base64.encodebytes(card_json("Kira")).rstrip(b"=\n")
    assert read_card(png(chunk(b"tEXt", b"chara\x00" + lines))).name == "Kira"
    assert read_card(png(chunk(b"tEXt", b"chara\x00 " + card_json("Kira")))).name == "Kira"


def test_a_charx_is_card_and_icon() -> None:
    for scheme in ("embeded://", "embedded://"):
        text = card_json("Kira", assets=[icon(scheme + "assets/icon/main.jpg")])
        card = read_card(charx({"card.json": text, "assets/icon/main.jpg": JPEG}))
        assert card.picture == Picture("image/jpeg", JPEG)
        assert card.warnings == ()


def test_the_icon_called_main_is_the_picture() -> None:
    assets = [icon(inline(b"\xff\xd8\xffother"), name="other"), icon(inline(JPEG))]
    card = read_card(card_json("Kira", assets=assets))
    assert card.picture == Picture("image/jpeg", JPEG)
    assert card.warnings == ("1 of the card's assets are not kept, only its main picture is",)


def test_an_icon_that_is_a_png_loses_what_is_hidden_in_it() -> None:
    hidden = png(text_chunk("chara", card_json("Other")))
    assert a_card(assets=[icon(inline(hidden))]).picture == Picture("image/png", png())


@pytest.mark.parametrize(
    ("uri", "warning"),
    [
        ("https://example.org/a.png", "remote"),
        ("embeded://missing.png", "does not hold it"),
        ("embeded://evil.svg", "neither PNG nor JPEG"),
        ("embeded://broken.png", "cut off"),
        ("data:image/png;base64,!!!", "does not hold it"),
        ("data:image/png,plain", "does not hold it"),
        ("__asset:0", "does not hold it"),
    ],
)
def test_a_bad_icon_costs_the_picture_and_not_the_card(uri: str, warning: str) -> None:
    entries = {"evil.svg": b"<svg/>", "broken.png": png()[:40]}
    card = read_card(charx({"card.json": card_json("Kira", assets=[icon(uri)]), **entries}))
    assert card.name == "Kira"
    assert card.picture is None
    assert any(warning in line for line in card.warnings)


def test_the_default_icon_is_no_loss() -> None:
    assert a_card(assets=[icon("ccdefault:")]).warnings == ()
    assert a_card(assets="none").warnings == ()


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"x" * (MAX_FILE_BYTES + 1), "bytes"),
        (png(), "no character card in it"),
        (png(chunk(b"tEXt", b"chara\x00***")), "base64"),
        (png(chunk(b"tEXt", b"chara\x00rcc||abc")), "RisuAI"),
        (png(text_chunk("chara", b"not json")), "JSON"),
        (charx({"other.json": b"{}"}), "card.json"),
        (b"GIF89a", "JSON"),
    ],
)
def test_a_file_without_a_card_is_refused_with_the_reason(file: bytes, reason: str) -> None:
    with pytest.raises(CardRejected, match=reason):
        read_card(file)


@given(st.binary(max_size=400))
def test_noise_never_crashes(noise: bytes) -> None:
    for file in (noise, png(chunk(b"tEXt", b"ccv3\x00" + noise)), charx({"card.json": noise})):
        with pytest.raises(CardRejected):
            read_card(file)


@given(st.sampled_from(["uri", "type", "name"]), st.none() | st.integers() | st.text(max_size=5))
def test_strange_assets_are_passed_over(field: str, value: Any) -> None:
    assert a_card(assets=[{**icon("ccdefault:"), field: value}, value]).name == "Кира"
