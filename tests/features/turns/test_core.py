import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.features.chats.core import Message, Role
from parley.features.turns import core
from parley.features.turns.core import Say
from parley.kernel.errors import InvalidInput
from parley.kernel.ids import MessageId
from parley.kernel.text import storable


def a_message(number: int, role: Role) -> Message:
    return Message(MessageId(number), role, "text", 0)


def test_a_message_is_trimmed_and_counted_in_code_points() -> None:
    assert core.say("  Hi \n") == Say("Hi")
    assert core.say("🙂" * 4000, " c1 ") == Say("🙂" * 4000, "c1")


@pytest.mark.parametrize("text", ["", " \n\t", "x" * 4001, "nul\x00", "half \ud800"])
def test_a_message_out_of_bounds_is_refused_by_its_name(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        core.say(text)
    assert refused.value.field == "message"


@pytest.mark.parametrize("client_id", ["", " ", "x" * 129, "nul\x00"])
def test_a_client_id_out_of_bounds_is_refused_by_its_name(client_id: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        core.say("Hi", client_id)
    assert refused.value.field == "client_id"


@given(st.text(st.characters(codec=None)))
def test_what_a_model_says_can_always_be_stored_and_loses_nothing_else(piece: str) -> None:
    said = core.sayable(piece)
    assert storable(said)
    assert said == "".join(letter for letter in piece if letter != "\x00" and not "\ud800" <= letter <= "\udfff")


def test_a_regenerate_replaces_the_newest_reply() -> None:
    reply = a_message(2, "assistant")
    assert core.what_to_answer([a_message(1, "user"), reply]) == (2, reply)


def test_a_regenerate_answers_a_trailing_message() -> None:
    assert core.what_to_answer([a_message(3, "user")]) == (3, None)


def test_there_is_nothing_to_answer_in_an_empty_chat() -> None:
    with pytest.raises(InvalidInput):
        core.what_to_answer([])
