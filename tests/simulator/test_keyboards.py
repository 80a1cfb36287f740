"""Which keyboards Telegram takes."""

import pytest

from parley_simulator.keyboards import buttons, checked
from parley_simulator.refusal import Refused


def inline(**button: object) -> dict[str, object]:
    return {"inline_keyboard": [[{"text": "Go", **button}]]}


def refusal(markup: object, *, is_invoice: bool = False) -> str:
    with pytest.raises(Refused) as refused:
        checked(markup, is_invoice=is_invoice)
    return refused.value.description


@pytest.mark.parametrize(
    "button",
    [
        {"callback_data": "ж" * 32},
        {"url": "https://x.org/a"},
        {"url": "tg://resolve?domain=x"},
        {"web_app": {"url": "http://127.0.0.1:8080/app/"}},
        {"switch_inline_query": ""},
        {"switch_inline_query_current_chat": "a"},
        {"copy_text": {"text": "a" * 256}},
        {"callback_data": "a", "style": "danger"},
    ],
)
def test_a_button_that_does_one_thing_is_kept(button: dict[str, object]) -> None:
    assert checked(inline(**button)) == inline(**button)


def test_absent_and_empty_markups_are_none() -> None:
    nothings: list[object] = [None, "", {}, {"inline_keyboard": []}, {"keyboard": [[]]}, {"remove_keyboard": False}]
    assert all(checked(nothing) is None for nothing in nothings)


def test_empty_rows_go_and_links_are_written_as_telegram_writes_them() -> None:
    markup = {"inline_keyboard": [[], [{"text": "Go", "url": "x.org", "unknown": 1}], []]}
    assert checked(markup) == inline(url="http://x.org/")


def test_the_buttons_of_a_keyboard_in_a_row() -> None:
    assert [button["text"] for button in buttons(checked(inline(url="x.org")))] == ["Go"]
    assert buttons(None) == []


@pytest.mark.parametrize(
    ("button", "reason"),
    [
        ({"callback_data": "a" * 65}, "BUTTON_DATA_INVALID"),
        ({"callback_data": "ж" * 33}, "BUTTON_DATA_INVALID"),
        ({}, "can't parse InlineKeyboardButton: Text buttons are not allowed in the inline keyboard"),
        (
            {"callback_data": ""},
            "can't parse InlineKeyboardButton: Text buttons are not allowed in the inline keyboard",
        ),
        ({"text": None}, "can't parse InlineKeyboardButton: Can't find field \"text\""),
        ({"url": "x.org", "callback_data": "a"}, "BUTTON_TYPE_INVALID"),
        ({"pay": True}, "BUTTON_TYPE_INVALID"),
        ({"url": "http://localhost/"}, "inline keyboard button URL 'http://localhost/' is invalid: Wrong HTTP URL"),
        ({"copy_text": {"text": ""}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"callback_data": []}, 'can\'t parse InlineKeyboardButton: Field "callback_data" must be of type String'),
        ({"web_app": "x"}, 'can\'t parse InlineKeyboardButton: Field "web_app" must be of type Object'),
        ({"callback_data": "a", "style": ["loud"]}, "can't parse InlineKeyboardButton: Invalid button style specified"),
    ],
)
def test_a_button_telegram_does_not_take_is_refused(button: dict[str, object], reason: str) -> None:
    assert refusal(inline(**button)) == f"Bad Request: {reason}"


@pytest.mark.parametrize(
    ("markup", "reason"),
    [
        ("x", "object expected as reply markup"),
        ({"inline_keyboard": {}}, 'field "inline_keyboard" must be of type Array'),
        (
            {"inline_keyboard": [{}]},
            'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
        ),
        ({"inline_keyboard": [["x"]]}, "can't parse InlineKeyboardButton: InlineKeyboardButton must be an Object"),
        ({"keyboard": [[7]]}, "can't parse KeyboardButton: KeyboardButton must be a String or an Object"),
    ],
)
def test_what_is_no_keyboard_is_refused(markup: object, reason: str) -> None:
    assert refusal(markup) == f"Bad Request: {reason}"


def test_a_keyboard_too_long_is_refused() -> None:
    row = [{"text": "a", "callback_data": "b"}]
    assert checked({"inline_keyboard": [row] * 100}) is not None
    assert refusal({"inline_keyboard": [row] * 101}) == "Bad Request: reply markup is too long"
    long = [{"text": "a" * 11_000, "callback_data": "b"}]
    assert refusal({"inline_keyboard": [long]}) == "Bad Request: reply markup is too long"


def test_an_invoice_is_paid_by_its_first_button() -> None:
    pay, more = {"text": "Pay", "pay": True}, {"text": "More", "callback_data": "a"}
    assert checked({"inline_keyboard": [[pay, more]]}, is_invoice=True) == {"inline_keyboard": [[pay, more]]}
    assert refusal({"inline_keyboard": [[more, pay]]}, is_invoice=True) == "Bad Request: REPLY_MARKUP_BUY_EMPTY"
    assert refusal({"inline_keyboard": [[pay, pay]]}, is_invoice=True) == "Bad Request: BUTTON_TYPE_INVALID"


def test_reply_keyboards_and_what_ends_them() -> None:
    assert checked({"keyboard": [["A", {"text": "B", "request_contact": True}]], "resize_keyboard": True, "x": 1}) == {
        "keyboard": [[{"text": "A"}, {"text": "B", "request_contact": True}]],
        "resize_keyboard": True,
    }
    assert checked({"remove_keyboard": True}) == {"remove_keyboard": True}
    assert checked({"force_reply": True, "selective": True, "input_field_placeholder": "Say"}) == {
        "force_reply": True,
        "selective": True,
        "input_field_placeholder": "Say",
    }
