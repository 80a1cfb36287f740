"""Talking with a character in the bot: a message and its reply."""

from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.methods import SendMessage, SendMessageDraft
from aiogram.types import LinkPreviewOptions

from parley.adapters.db import OpenDatabase
from parley.features.turns.core import MOST_WAITING
from parley.kernel.ports import ModelFailed
from support.counting import CountingDatabase
from support.dictated_model import DictatedModel
from support.scripted_model import ScriptedModel
from support.talking import LONG, Chat, done


async def test_a_message_is_answered_in_the_chat(db: OpenDatabase) -> None:
    async with Chat.on(db, ScriptedModel("Привет, *Аня*!")) as chat:
        kira = await chat.chooses()
        await done(await chat.says("Привет", 1))
        assert chat.telegram.texts == ["Привет, Аня!"]
        (sent,) = chat.telegram.named("sendMessage")
        assert isinstance(sent.method, SendMessage)
        assert [entity.type for entity in sent.method.entities or []] == ["italic"]
        assert await chat.history(kira) == ["Привет", "Привет, *Аня*!"]


async def test_two_quick_messages_are_answered_in_their_order(db: OpenDatabase) -> None:
    async with Chat.on(db, ScriptedModel("Один", "Два")) as chat:
        kira = await chat.chooses()
        first, second = await chat.says("1", 1), await chat.says("2", 2)
        await done(first)
        await done(second)
        assert chat.telegram.texts == ["Один", "Два"]
        assert await chat.history(kira) == ["1", "Один", "2", "Два"]


async def test_a_running_reply_does_not_keep_other_updates_waiting(sqlite_db: OpenDatabase) -> None:
    model = DictatedModel()
    async with Chat.on(sqlite_db, model) as chat:
        await chat.chooses()
        reply = await chat.says("Привет", 1)
        assert await chat.tapped("nothing", 1) is None
        model.say("Да")
        model.finish()
        await done(reply)
        assert chat.telegram.texts == ["Да"]


# --- how it is delivered


async def test_a_long_reply_comes_in_parts_in_order_with_its_button_under_the_last(sqlite_db: OpenDatabase) -> None:
    async with Chat.on(sqlite_db, ScriptedModel(LONG)) as chat:
        await chat.chooses()
        await done(await chat.says("Расскажи", 1))
        assert [text[:7] for text in chat.telegram.texts] == ["Абзац 0", "Абзац 2", "Абзац 4"]
        assert [list(each.buttons) for each in chat.telegram.standing.values()] == [[], [], ["🔄"]]


async def test_when_a_part_is_refused_for_good_the_rest_is_not_sent(sqlite_db: OpenDatabase) -> None:
    async with Chat.on(sqlite_db, ScriptedModel(LONG)) as chat:
        kira = await chat.chooses()
        for after in (1, 0, 0):  # also without its marks, also without its buttons
            chat.telegram.refuse(SendMessage, TelegramBadRequest, "Bad Request: chat not found", after=after)
        await done(await chat.says("Расскажи", 1))
        assert [text[:7] for text in chat.telegram.texts] == ["Абзац 0"]
        assert await chat.history(kira) == ["Расскажи", LONG]


async def test_a_reply_is_not_lost_for_its_buttons(sqlite_db: OpenDatabase) -> None:
    async with Chat.on(sqlite_db, ScriptedModel("Да")) as chat:
        await chat.chooses()
        for _ in range(2):
            chat.telegram.refuse(SendMessage, TelegramBadRequest, "Bad Request: BUTTON_DATA_INVALID")
        await done(await chat.says("Привет", 1))
        assert chat.telegram.texts == ["Да"]
        assert list(chat.telegram.last[1].buttons) == []


async def test_marks_that_telegram_cannot_read_are_left_out(sqlite_db: OpenDatabase) -> None:
    async with Chat.on(sqlite_db, ScriptedModel("**Да**")) as chat:
        await chat.chooses()
        chat.telegram.refuse(SendMessage, TelegramBadRequest, "Bad Request: can't parse entities: odd offset")
        await done(await chat.says("Привет", 1))
        first, second = (call.method for call in chat.telegram.named("sendMessage"))
        assert isinstance(first, SendMessage)
        assert isinstance(second, SendMessage)
        assert (first.entities is not None, second.entities, chat.telegram.texts) == (True, None, ["Да"])


async def test_who_blocks_the_bot_meanwhile_finds_the_reply_in_the_history(sqlite_db: OpenDatabase) -> None:
    model = DictatedModel()
    async with Chat.on(sqlite_db, model) as chat:
        kira = await chat.chooses()
        blocked = "Forbidden: bot was blocked by the user"
        chat.telegram.refuse(SendMessageDraft, TelegramForbiddenError, blocked)
        chat.telegram.refuse(SendMessage, TelegramForbiddenError, blocked)
        reply = await chat.says("Привет", 1)
        model.say("Ты")
        await chat.telegram.until_called("sendMessageDraft")
        model.say(" где?")
        model.finish()
        await done(reply)
        assert await chat.history(kira) == ["Привет", "Ты где?"]
        assert (await chat.services.dialogs.of((await chat.person()).id)).is_blocked


async def test_only_the_newest_reply_keeps_its_button(sqlite_db: OpenDatabase) -> None:
    async with Chat.on(sqlite_db, ScriptedModel("Один", "Два")) as chat:
        await chat.chooses()
        await done(await chat.says("1", 1))
        await done(await chat.says("2", 2))
        assert [list(each.buttons) for each in chat.telegram.standing.values()] == [[], ["🔄"]]
        assert chat.telegram.named("editMessageReplyMarkup")[0].how == "offer"


async def test_a_reply_before_that_telegram_never_showed_has_no_button_to_lose(sqlite_db: OpenDatabase) -> None:
    async with Chat.on(sqlite_db, ScriptedModel("Один", "Два", "Три")) as chat:
        kira = await chat.chooses()
        await done(await chat.says("1", 1))
        await chat.regenerates_elsewhere(kira)
        await done(await chat.says("2", 2))
        assert chat.telegram.texts == ["Один", "Три"]
        assert chat.telegram.named("editMessageReplyMarkup") == []


async def test_an_address_in_a_reply_is_not_called(sqlite_db: OpenDatabase) -> None:
    async with Chat.on(sqlite_db, ScriptedModel("https://example.org/?secret")) as chat:
        await chat.chooses()
        await done(await chat.says("Привет", 1))
        (sent,) = chat.telegram.named("sendMessage")
        assert isinstance(sent.method, SendMessage)
        assert sent.method.link_preview_options == LinkPreviewOptions(is_disabled=True)


# --- when there is no reply


async def test_nobody_is_chosen(sqlite_db: OpenDatabase) -> None:
    async with Chat.on(sqlite_db, ScriptedModel()) as chat:
        assert await chat.says("Привет", 1) is None
        assert list(chat.telegram.last[1].buttons) == ["Выбрать персонажа"]


async def test_a_message_over_the_bound_is_refused_and_not_counted(sqlite_db: OpenDatabase) -> None:
    async with Chat.on(sqlite_db, ScriptedModel()) as chat:
        kira = await chat.chooses()
        assert await chat.says("я" * 4001, 1) is None
        assert "не длиннее 4000" in chat.telegram.texts[0]
        assert (await chat.history(kira), await chat.used()) == ([], 0)


async def test_a_model_that_fails_is_told_of_and_can_be_asked_again(sqlite_db: OpenDatabase) -> None:
    model = ScriptedModel()
    model.will_fail(ModelFailed("timeout"))
    model.will_say("Теперь да")
    async with Chat.on(sqlite_db, model) as chat:
        kira = await chat.chooses()
        await done(await chat.says("Привет", 1))
        number, apology = chat.telegram.last
        assert "не может ответить" in apology.text
        assert (await chat.history(kira), await chat.used()) == (["Привет"], 0)
        await done(await chat.taps("🔄 Попробовать ещё раз"))
        assert chat.telegram.standing[number].text == "Теперь да"
        assert (chat.telegram.texts, list(chat.telegram.last[1].buttons)) == (["Теперь да"], ["🔄"])
        assert await chat.history(kira) == ["Привет", "Теперь да"]


async def test_the_end_of_the_days_messages_tells_when_there_are_new_ones(sqlite_db: OpenDatabase) -> None:
    async with Chat.on(sqlite_db, ScriptedModel(), daily_message_limit="1") as chat:
        await chat.chooses()
        await done(await chat.says("1", 1))
        await done(await chat.says("2", 2))
        assert chat.telegram.texts[1] == (
            "Сообщения на сегодня закончились: их было 1. Новые появятся в 03:00 (Europe/Moscow). Подробнее: /limits"
        )


async def test_a_premium_character_offers_to_choose_another(sqlite_db: OpenDatabase) -> None:
    async with Chat.on(sqlite_db, ScriptedModel()) as chat:
        kira = await chat.chooses(access_type="premium")
        await done(await chat.says("Привет", 1))
        assert "по подписке" in chat.telegram.texts[0]
        assert list(chat.telegram.last[1].buttons) == ["Выбрать персонажа"]
        assert await chat.history(kira) == []


async def test_a_character_for_adults_asks_for_the_persons_word(sqlite_db: OpenDatabase) -> None:
    async with Chat.on(sqlite_db, ScriptedModel()) as chat:
        await chat.chooses(content_rating="nsfw")
        assert await chat.says("Привет", 1) is None
        assert any(button.startswith("✓") for button in chat.telegram.last[1].buttons)


async def test_a_character_that_is_gone_offers_to_choose_another(sqlite_db: OpenDatabase) -> None:
    async with Chat.on(sqlite_db, ScriptedModel()) as chat:
        await chat.chooses(is_active=False)
        assert await chat.says("Привет", 1) is None
        assert list(chat.telegram.last[1].buttons) == ["Выбрать персонажа"]


async def test_a_line_that_is_full_is_told_of(sqlite_db: OpenDatabase) -> None:
    async with Chat.on(sqlite_db, DictatedModel()) as chat:
        await chat.chooses()
        for number in range(MOST_WAITING + 1):
            await chat.says("Ещё", number + 1)
        assert await chat.says("Последнее", 999) is None
        assert "Слишком много сообщений" in chat.telegram.texts[0]


async def test_a_new_scene_takes_a_half_written_reply_with_it(sqlite_db: OpenDatabase) -> None:
    model = DictatedModel()
    async with Chat.on(sqlite_db, model) as chat:
        kira = await chat.chooses()
        chat.telegram.refuse(SendMessageDraft, TelegramBadRequest, "Bad Request: no drafts")
        reply = await chat.says("Привет", 1)
        model.say("Я как раз")
        await chat.telegram.until_called("sendMessage")
        await chat.begins_anew(kira)
        await done(reply)
        assert (chat.telegram.texts, await chat.history(kira)) == ([], [])


# --- what it costs


async def test_a_message_costs_few_statements_however_long_the_chat_is(db: OpenDatabase) -> None:
    """The door 2, hearing and claiming 3, the turn 20, the reply noted 1, the place of the one before it 1."""
    counting, counts, statements = CountingDatabase(db), list[int](), list[str]()
    async with Chat.on(counting, ScriptedModel()) as chat:
        await chat.chooses()
        for number in range(4):
            with counting.counted() as statements:
                await done(await chat.says("Привет", number + 1))
            counts.append(len(statements))
        assert max(counts[1:]) <= 27, "\n".join(statements)
        assert len(set(counts[1:])) == 1
        assert counting.transactions == 5
