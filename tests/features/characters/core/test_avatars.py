from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.features.characters.core.avatars import colours, generated_avatar, initials


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=64))
def test_every_name_gets_a_well_formed_picture_without_scripts(name: str) -> None:
    picture = generated_avatar(name)
    assert picture.media_type == "image/svg+xml"
    tags = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(picture.body).iter()}
    assert tags <= {"svg", "defs", "linearGradient", "radialGradient", "stop", "rect", "circle", "text"}


def test_the_same_name_has_the_same_picture_and_another_name_another() -> None:
    assert generated_avatar("Кира") == generated_avatar("Кира")
    assert generated_avatar("Кира") != generated_avatar("Мира")
    assert colours("Кира") != colours("Мира")


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Кира", "К"), ("dr. ada quill", "DA"), ("<b> &", "B"), ("!!!", "?"), ("", "?"), ("雪 初音", "雪初")],
)
def test_initials_are_letters_of_the_first_two_words(name: str, letters: str) -> None:
    assert initials(name) == letters
