"""The door of the bot: who comes in, that every tap is answered once, what becomes of errors."""

from typing import Any

import pytest
from aiogram import Router
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNotFound,
    TelegramUnauthorizedError,
)
from aiogram.methods import AnswerCallbackQuery, EditMessageText, SendMessage
from aiogram.types import CallbackQuery, Message

from parley.features.bot.service import Later, Toast
from parley.kernel.errors import (
    AgeConfirmationRequired,
    AppError,
    CharacterNotFound,
    Conflict,
    InvalidInput,
    LlmError,
    MemoryNotFound,
    PremiumRequired,
    RateLimited,
    ServiceUnavailable,
)
from support.bot import BotUnderTest
from support.telegram_chats import SENT_AT

APP_ERRORS = (
    AgeConfirmationRequired(), AppError(), CharacterNotFound(), Conflict(), InvalidInput(), LlmError(),
    MemoryNotFound(), PremiumRequired(), RateLimited(3),
)  # fmt: skip


def takes(bot: BotUnderTest, answer: Any) -> None:
    """Let a screen of the test come first: it takes everything, and raises or returns this."""

    async def handle(_: Message | CallbackQuery) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    first = Router(name="first")
    first.message.register(handle)
    first.callback_query.register(handle)
    bot.stage.dispatcher.include_router(first)
    bot.stage.dispatcher.sub_routers.insert(0, bot.stage.dispatcher.sub_routers.pop())


async def with_buttons(bot: BotUnderTest) -> None:
    await bot.says("/start")
    bot.sent.clear()


# --- who comes in


@pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
async def test_only_private_chats_are_served(bot: BotUnderTest, kind: str) -> None:
    await bot.sends(text="/start", chat={"id": -100, "type": kind, "title": "Group"})
    assert bot.sent == []
    with pytest.raises(AssertionError, match="not met"):
        await bot.person()


async def test_bots_are_not_served(bot: BotUnderTest) -> None:
    await bot.sends(text="/start", **{"from": {"id": 9, "is_bot": True, "first_name": "Robot"}})
    assert bot.sent == []


async def test_a_tap_in_a_group_is_answered_and_does_nothing_else(bot: BotUnderTest) -> None:
    await with_buttons(bot)
    group = bot.last().model_copy(update={"chat": bot.last().chat.model_copy(update={"id": -5, "type": "group"})})
    await bot.taps("Справка", group)
    assert [type(each) for each in bot.sent] == [AnswerCallbackQuery]


async def test_names_are_made_harmless_before_anything_sees_them(bot: BotUnderTest) -> None:
    someone = bot.as_someone(11, "Ev\u202eil\n\u0000<b>name</b>")
    await someone.says("/start")
    assert (await someone.person()).display_name == "Evil <b>name</b>"
    assert "Evil <b>name</b>" in someone.text


async def test_an_update_of_a_kind_nobody_knows_is_let_be(bot: BotUnderTest) -> None:
    assert await bot.comes("dreamt_of", {"text": "secret"}) is None
    assert bot.sent == []


async def test_whoever_has_never_written_is_not_met_by_a_stopped_draft(bot: BotUnderTest) -> None:
    await bot.comes("stopped_message_generation", {"chat": {"id": 77, "type": "private"}, "draft_id": 1})
    stranger = bot.as_someone(77)
    with pytest.raises(AssertionError, match="not met"):
        await stranger.person()


# --- every tap is answered once


@pytest.mark.parametrize("answer", [None, Toast("Done"), Toast("Look", is_alert=True), *APP_ERRORS])
async def test_a_tap_is_answered_exactly_once(bot: BotUnderTest, answer: Any) -> None:
    await with_buttons(bot)
    takes(bot, answer)
    await bot.taps("Справка")
    assert [type(each) for each in bot.sent] == [AnswerCallbackQuery]
    toast = bot.toasts()[0]
    if isinstance(answer, Toast):
        assert (toast.text, toast.show_alert) == (answer.text, answer.is_alert or None)
    elif answer is not None:
        assert toast.text
        assert toast.show_alert
    else:
        assert toast.text is None


async def test_a_tap_is_answered_before_the_rest_of_its_handling(bot: BotUnderTest) -> None:
    await with_buttons(bot)

    async def rest() -> None:
        assert len(bot.toasts()) == 1
        raise CharacterNotFound

    takes(bot, Later(rest()))
    await bot.taps("Справка")
    assert [type(each) for each in bot.sent] == [AnswerCallbackQuery, SendMessage]
    assert "персонажа здесь нет" in bot.text


async def test_a_tap_is_answered_once_when_a_screen_breaks(bot: BotUnderTest) -> None:
    await with_buttons(bot)
    takes(bot, ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        await bot.taps("Справка")
    assert [type(each) for each in bot.sent] == [AnswerCallbackQuery]
    assert bot.toast()


async def test_a_tap_waits_for_the_next_try_while_the_database_is_away(bot: BotUnderTest) -> None:
    await with_buttons(bot)
    takes(bot, ServiceUnavailable())
    with pytest.raises(ServiceUnavailable):
        await bot.taps("Справка")
    assert bot.sent == []


@pytest.mark.parametrize("error", [TelegramBadRequest, TelegramForbiddenError, TelegramNotFound])
async def test_an_answer_that_comes_too_late_is_no_error(bot: BotUnderTest, error: type[Any]) -> None:
    await with_buttons(bot)
    bot.outgoing.will_refuse(AnswerCallbackQuery, error, "Bad Request: query is too old and response timeout expired")
    await bot.taps("Справка")
    assert len(bot.toasts()) == 1
    assert "/characters" in bot.text


# --- what becomes of errors


@pytest.mark.parametrize("error", APP_ERRORS)
async def test_an_error_becomes_a_sentence_in_the_persons_language(
    bot: BotUnderTest, ann: BotUnderTest, error: AppError
) -> None:
    takes(bot, error)
    await bot.says("x")
    await ann.says("x")
    russian, english = bot.text, ann.text
    assert any("а" <= letter <= "я" for letter in russian)
    assert not any("а" <= letter <= "я" for letter in english)


async def test_a_missing_character_comes_with_a_way_to_others(bot: BotUnderTest) -> None:
    takes(bot, CharacterNotFound())
    await bot.says("x")
    assert bot.buttons() == ["Выбрать персонажа"]


async def test_whoever_blocked_the_bot_is_noted_until_they_write_again(bot: BotUnderTest) -> None:
    bot.outgoing.will_refuse(SendMessage, TelegramForbiddenError, "Forbidden: bot was blocked by the user")
    await bot.says("/start")
    person = await bot.person()
    assert (await bot.services.dialogs.of(person.id)).is_blocked
    await bot.says("/start")
    assert not (await bot.services.dialogs.of(person.id)).is_blocked


async def test_a_refusal_is_no_reason_to_try_again(bot: BotUnderTest) -> None:
    bot.outgoing.will_refuse(SendMessage, TelegramBadRequest, "Bad Request: chat not found")
    assert await bot.says("/start") is None


async def test_a_refusal_of_the_sentence_itself_is_the_end(bot: BotUnderTest) -> None:
    takes(bot, CharacterNotFound())
    bot.outgoing.will_refuse(SendMessage, TelegramBadRequest, "Bad Request: chat not found")
    assert await bot.says("x") is None
    assert len(bot.sent) == 1


async def test_a_token_that_is_no_longer_good_goes_through(bot: BotUnderTest) -> None:
    bot.outgoing.will_refuse(SendMessage, TelegramUnauthorizedError, "Unauthorized")
    with pytest.raises(TelegramUnauthorizedError):
        await bot.says("/start")


async def test_the_same_screen_again_is_no_error_and_no_new_message(bot: BotUnderTest) -> None:
    await bot.character()
    await bot.says("/characters")
    before = len(bot.outgoing.messages)
    await bot.taps("✓ Популярные")
    assert len(bot.outgoing.messages) == before
    assert bot.toast() is None


async def test_a_message_that_cannot_be_edited_is_followed_by_a_new_one(bot: BotUnderTest) -> None:
    await bot.says("/start")
    old = bot.last()
    bot.outgoing.will_refuse(EditMessageText, TelegramBadRequest, "Bad Request: message can't be edited")
    await bot.taps("Справка", old)
    assert bot.last().message_id > old.message_id
    assert "/characters" in bot.text


async def test_a_tap_on_a_message_telegram_no_longer_shows_still_works(bot: BotUnderTest) -> None:
    await bot.says("/start")
    chat = {"id": bot.telegram_id, "type": "private", "first_name": bot.name}
    query = {"id": "q", "from": bot.message()["from"], "chat_instance": "1", "data": "help"}
    gone = {"message_id": 5, "date": 0, "chat": chat}
    await bot.comes("callback_query", {**query, "message": gone})
    assert "/characters" in bot.text
    assert len(bot.toasts()) == 1


# --- blocked and let in again


@pytest.mark.parametrize(("status", "is_blocked"), [("kicked", True), ("member", False)])
async def test_who_blocks_the_bot_is_noted(bot: BotUnderTest, status: str, is_blocked: bool) -> None:
    await bot.says("/start")
    person = await bot.person()
    await bot.services.dialogs.set_blocked(person.id, is_blocked=not is_blocked)
    await bot.comes("my_chat_member", membership(bot, status))
    assert (await bot.services.dialogs.of(person.id)).is_blocked is is_blocked


async def test_who_blocks_the_bot_unmet_does_not_become_a_person(bot: BotUnderTest) -> None:
    await bot.comes("my_chat_member", membership(bot, "kicked"))
    with pytest.raises(AssertionError, match="not met"):
        await bot.person()


def membership(bot: BotUnderTest, status: str) -> dict[str, Any]:
    me = {"id": 42, "is_bot": True, "first_name": "Parley"}
    own = bot.message()
    return {
        "chat": own["chat"],
        "from": own["from"],
        "date": SENT_AT,
        "old_chat_member": {"status": "member", "user": me},
        "new_chat_member": {"status": status, "user": me, **({"until_date": 0} if status == "kicked" else {})},
    }
