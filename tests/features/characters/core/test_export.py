import dataclasses
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from parley.features.characters.core.avatars import generated_avatar
from parley.features.characters.core.carriers import read_card
from parley.features.characters.core.export import as_json, as_png
from parley.features.characters.core.pictures import Picture
from parley.features.characters.core.png import read_png
from support.cards import a_card, card_json, png

PNG = Picture("image/png", png())
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
UNKNOWN = st.dictionaries(st.text(max_size=10).map(lambda key: "x_" + key), VALUES, max_size=4)


def v2(unknown: dict[str, Any]) -> dict[str, Any]:
    return {**json.loads(card_json("Kira")), "data": {**json.loads(card_json("Kira"))["data"], **unknown}, **unknown}


def v3(unknown: dict[str, Any]) -> dict[str, Any]:
    card = v2({"group_only_greetings": [], "source": ["x"], **unknown})
    return {**card, "spec": "chara_card_v3", "spec_version": "3.0"}


@given(UNKNOWN)
def test_json_goes_out_byte_for_byte_as_it_came_in(unknown: dict[str, Any]) -> None:
    text = json.dumps(v2(unknown), indent=3, ensure_ascii=False).encode()
    assert as_json(read_card(text).original) == text


@given(UNKNOWN)
def test_a_v3_card_comes_back_from_a_png_with_every_key(unknown: dict[str, Any]) -> None:
    card = v3(unknown)
    again = read_card(as_png("Kira", json.dumps(card), PNG))
    assert json.loads(again.original) == card


@given(UNKNOWN)
def test_a_v2_card_comes_back_from_a_png_with_every_key_and_a_new_label(unknown: dict[str, Any]) -> None:
    card = v2(unknown)
    again = json.loads(read_card(as_png("Kira", json.dumps(card), PNG)).original)
    assert (again.pop("spec"), again.pop("spec_version")) == ("chara_card_v3", "3.0")
    assert again["data"].pop("group_only_greetings") == []
    del card["spec"], card["spec_version"]
    assert again == card


@given(UNKNOWN)
def test_whatever_the_way_the_character_is_the_same(unknown: dict[str, Any]) -> None:
    flat = {**v2(unknown)["data"], **unknown}
    for card in (flat, v2(unknown), v3(unknown)):
        first = read_card(json.dumps(card).encode())
        again = read_card(as_png(first.name, first.original, PNG))
        assert dataclasses.replace(again, original="", picture=None) == dataclasses.replace(first, original="")


def test_readers_of_the_older_version_find_theirs() -> None:
    file = as_png("Kira", a_card("Kira").original, PNG)
    assert file.count(b"chara\x00") == 1
    assert file.index(b"chara\x00") < file.index(b"ccv3\x00")


def test_a_picture_that_cannot_carry_a_card_is_replaced_by_a_plain_one() -> None:
    file = as_png("Kira", a_card("Kira").original, generated_avatar("Kira"))
    assert read_card(file).name == "Kira"
    assert len(read_png(file).picture.body) < 5000


def test_a_card_with_half_a_character_in_it_can_be_written() -> None:
    broken = '{"name": "Kira", "description": "x\\ud800"}'
    assert read_card(as_png("Kira", broken, PNG)).name == "Kira"
