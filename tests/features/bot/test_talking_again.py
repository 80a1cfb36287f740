"""The buttons under a reply: another one in its place, and the way between those there are."""

from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import DeleteMessage, EditMessageText

from parley.adapters.db import OpenDatabase
from parley.features.limits.core import REGENERATE
from parley.kernel.ports import ModelFailed
from support.dictated_model import DictatedModel
from support.played_telegram import eventually
from support.scripted_model import ScriptedModel
from support.talking import LONG, Chat, done


async def test_another_reply_takes_the_place_of_the_one_before(db: OpenDatabase) -> None:
    async with Chat.on(db, ScriptedModel("Один", "Два")) as chat:
        kira = await chat.chooses()
        await done(await chat.says("Привет", 1))
        await done(await chat.taps("🔄"))
        assert chat.telegram.texts == ["Два"]
        assert list(chat.telegram.last[1].buttons) == ["‹", "2/2", "›", "🔄"]
        assert (await chat.history(kira), await chat.used()) == (["Привет", "Два"], 1)


async def test_it_can_be_replaced_again_and_again(sqlite_db: OpenDatabase) -> None:
    async with Chat.on(sqlite_db, ScriptedModel("Один", "Два", "Три")) as chat:
        await chat.chooses()
        await done(await chat.says("Привет", 1))
        for _ in range(2):
            await done(await chat.taps("🔄"))
        assert chat.telegram.texts == ["Три"]
        assert "3/3" in chat.telegram.last[1].buttons


async def test_it_is_seen_in_its_place_while_it_is_written(sqlite_db: OpenDatabase) -> None:
    model = DictatedModel()
    async with Chat.on(sqlite_db, model) as chat:
        await _answered(chat, model, "Один")
        reply = await chat.taps("🔄")
        model.say("Дв")
        await chat.telegram.until(lambda telegram: telegram.texts == ["Дв …"])
        assert list(chat.telegram.last[1].buttons) == ["✕ Остановить"]
        assert chat.telegram.drafts == ["Один"]
        model.say("а")
        model.finish()
        await done(reply)
        assert chat.telegram.texts == ["Два"]


async def test_a_shorter_reply_takes_the_rest_of_a_longer_one_away(sqlite_db: OpenDatabase) -> None:
    async with Chat.on(sqlite_db, ScriptedModel(LONG, "Коротко")) as chat:
        await chat.chooses()
        await done(await chat.says("Расскажи", 1))
        await done(await chat.taps("🔄"))
        assert chat.telegram.texts == ["Коротко"]
        assert len(chat.telegram.named("deleteMessage")) == 2
        await done(await chat.taps("‹"))
        assert [text[:7] for text in chat.telegram.texts] == ["Абзац 0", "Абзац 2", "Абзац 4"]


async def test_a_longer_reply_goes_on_in_new_messages(sqlite_db: OpenDatabase) -> None:
    async with Chat.on(sqlite_db, ScriptedModel("Коротко", LONG)) as chat:
        await chat.chooses()
        await done(await chat.says("Расскажи", 1))
        await done(await chat.taps("🔄"))
        assert [text[:7] for text in chat.telegram.texts] == ["Абзац 0", "Абзац 2", "Абзац 4"]
        assert [list(each.buttons) for each in chat.telegram.standing.values()] == [[], [], ["‹", "2/2", "›", "🔄"]]


async def test_a_message_that_the_person_deleted_is_sent_anew(sqlite_db: OpenDatabase) -> None:
    async with Chat.on(sqlite_db, ScriptedModel("Один", "Два")) as chat:
        await chat.chooses()
        await done(await chat.says("Привет", 1))
        chat.telegram.has_room = False
        chat.telegram.refuse(EditMessageText, TelegramBadRequest, "Bad Request: message to edit not found")
        await done(await chat.taps("🔄"))
        assert chat.telegram.texts == ["Один", "Два"]


async def test_what_cannot_be_deleted_stays(sqlite_db: OpenDatabase) -> None:
    async with Chat.on(sqlite_db, ScriptedModel(LONG, "Коротко")) as chat:
        await chat.chooses()
        await done(await chat.says("Расскажи", 1))
        chat.telegram.refuse(DeleteMessage, TelegramBadRequest, "Bad Request: message can't be deleted")
        await done(await chat.taps("🔄"))
        assert [text[:7] for text in chat.telegram.texts] == ["Коротко", "Абзац 2"]


async def test_a_button_under_an_older_reply_is_out_of_date(db: OpenDatabase) -> None:
    async with Chat.on(db, ScriptedModel("Один", "Два")) as chat:
        kira = await chat.chooses()
        await done(await chat.says("1", 1))
        number, standing = chat.telegram.last
        stale = standing.buttons["🔄"]
        await done(await chat.says("2", 2))
        assert await chat.tapped(stale, number) is None
        assert "уже не последний" in (chat.toasts[-1] or "")
        assert await chat.history(kira) == ["1", "Один", "2", "Два"]


async def test_a_button_that_was_tapped_twice_gives_one_reply(sqlite_db: OpenDatabase) -> None:
    model = DictatedModel()
    async with Chat.on(sqlite_db, model) as chat:
        await _answered(chat, model, "Один")
        number, standing = chat.telegram.last
        tap = standing.buttons["🔄"]
        reply = await chat.tapped(tap, number)
        assert await chat.tapped(tap, number) is None
        assert "ещё пишется" in (chat.toasts[-1] or "")
        model.say("Два")
        model.finish()
        await done(reply)
        assert len(model.asked) == 2


async def test_a_strangers_ids_open_nothing(sqlite_db: OpenDatabase) -> None:
    async with Chat.on(sqlite_db, ScriptedModel("Один")) as chat:
        kira = await chat.chooses()
        await done(await chat.says("Привет", 1))
        number, _ = chat.telegram.last
        for data in (f"again:{kira}:999", f"variant:{kira}:999:1", "again:999:1", "variant:999:1:1"):
            assert await chat.tapped(data, number) is None
        assert chat.telegram.texts == ["Один"]


async def test_a_failed_reply_leaves_the_one_before(sqlite_db: OpenDatabase) -> None:
    model = ScriptedModel("Один")
    model.will_fail(ModelFailed("timeout"))
    async with Chat.on(sqlite_db, model) as chat:
        kira = await chat.chooses()
        await done(await chat.says("Привет", 1))
        await done(await chat.taps("🔄"))
        assert chat.telegram.texts[0] == "Один"
        assert "не может ответить" in chat.telegram.texts[1]
        await done(await chat.taps("🔄 Попробовать ещё раз"))
        assert chat.telegram.texts[0] == "All right."
        assert await chat.history(kira) == ["Привет", "All right."]


async def test_a_reply_that_was_half_shown_and_never_came_gives_its_place_back(sqlite_db: OpenDatabase) -> None:
    model = DictatedModel()
    async with Chat.on(sqlite_db, model) as chat:
        await _answered(chat, model, "Один")
        reply = await chat.taps("🔄")
        model.say("Два")
        await chat.telegram.until(lambda telegram: telegram.texts == ["Два …"])
        # Another process took this one for dead and freed the chat.
        await _lease_lost(chat)
        model.finish()
        await done(reply)
        assert chat.telegram.texts == ["Один"]
        assert list(chat.telegram.last[1].buttons) == ["🔄"]


async def test_the_same_words_again_are_no_fault(sqlite_db: OpenDatabase) -> None:
    async with Chat.on(sqlite_db, ScriptedModel("Один", "Один")) as chat:
        await chat.chooses()
        await done(await chat.says("Привет", 1))
        chat.telegram.has_room = False
        chat.telegram.refuse(EditMessageText, TelegramBadRequest, "Bad Request: message is not modified: same")
        await done(await chat.taps("🔄"))
        assert (chat.telegram.texts, len(chat.telegram.named("sendMessage"))) == (["Один"], 1)


async def test_a_place_that_is_refused_for_another_reason_is_left(sqlite_db: OpenDatabase) -> None:
    async with Chat.on(sqlite_db, ScriptedModel("Один", "Два")) as chat:
        kira = await chat.chooses()
        await done(await chat.says("Привет", 1))
        chat.telegram.has_room = False
        for _ in range(3):
            chat.telegram.refuse(EditMessageText, TelegramBadRequest, "Bad Request: chat not found")
        await done(await chat.taps("🔄"))
        assert (chat.telegram.texts, await chat.history(kira)) == (["Один"], ["Привет", "Два"])


# --- between those there are


async def test_the_replies_before_can_be_chosen_again(db: OpenDatabase) -> None:
    async with Chat.on(db, ScriptedModel("Один", "Два")) as chat:
        kira = await chat.chooses()
        await done(await chat.says("Привет", 1))
        await done(await chat.taps("🔄"))
        await done(await chat.taps("‹"))
        assert (chat.telegram.texts, await chat.history(kira)) == (["Один"], ["Привет", "Один"])
        assert "1/2" in chat.telegram.last[1].buttons
        await done(await chat.taps("›"))
        assert chat.telegram.texts == ["Два"]


async def test_where_the_row_ends_the_tap_only_tells_where_one_is(sqlite_db: OpenDatabase) -> None:
    async with Chat.on(sqlite_db, ScriptedModel("Один", "Два")) as chat:
        await chat.chooses()
        await done(await chat.says("Привет", 1))
        await done(await chat.taps("🔄"))
        calls = len(chat.telegram.named("editMessageText"))
        for button in ("›", "2/2"):
            assert await chat.taps(button) is None
            assert chat.toasts[-1] == "Вариант 2 из 2"
        assert len(chat.telegram.named("editMessageText")) == calls


async def test_a_variant_that_does_not_exist_is_out_of_date(sqlite_db: OpenDatabase) -> None:
    async with Chat.on(sqlite_db, ScriptedModel("Один", "Два")) as chat:
        await chat.chooses()
        await done(await chat.says("Привет", 1))
        await done(await chat.taps("🔄"))
        number, standing = chat.telegram.last
        forged = standing.buttons["‹"].rsplit(":", 1)[0] + ":9"
        assert await chat.tapped(forged, number) is None
        assert "уже не последний" in (chat.toasts[-1] or "")


async def test_no_variant_is_chosen_while_another_is_written(sqlite_db: OpenDatabase) -> None:
    model = DictatedModel()
    async with Chat.on(sqlite_db, model) as chat:
        await _answered(chat, model, "Один")
        number, standing = chat.telegram.last
        forged = standing.buttons["🔄"].replace("again", "variant") + ":1"
        await chat.taps("🔄")
        await eventually(lambda: len(model.asked) == 2)
        assert await chat.tapped(forged, number) is None
        assert "ещё пишется" in (chat.toasts[-1] or "")


async def test_a_message_that_telegram_no_longer_shows_can_be_tapped(sqlite_db: OpenDatabase) -> None:
    """An old message comes without its content; one of an inline query without any message at all."""
    async with Chat.on(sqlite_db, ScriptedModel("Один", "Два")) as chat:
        await chat.chooses()
        await done(await chat.says("Привет", 1))
        _, standing = chat.telegram.last
        await done(await chat.tapped(standing.buttons["🔄"], None))
        assert chat.telegram.texts == ["Два"]


async def _answered(chat: Chat, model: DictatedModel, text: str) -> None:
    """A first message and this reply."""
    await chat.chooses()
    reply = await chat.says("Привет", 1)
    model.say(text)
    await chat.telegram.until(lambda telegram: telegram.drafts == [text])
    model.finish()
    await done(reply)


async def _lease_lost(chat: Chat) -> None:
    """The running turn is taken away, as a recovering process does."""
    async with Chat.on(chat.db, ScriptedModel()) as other:
        assert await other.parley.background.recovery.recover() == 1


async def test_others_may_be_asked_for_as_often_as_in_the_app(sqlite_db: OpenDatabase) -> None:
    async with Chat.on(sqlite_db, ScriptedModel(*map(str, range(7)))) as chat:
        await chat.chooses()
        await done(await chat.says("Привет", 1))
        for _ in range(REGENERATE.limit):
            await done(await chat.taps("🔄"))
        await chat.taps("🔄")
        assert "Слишком много" in (chat.toasts[-1] or "")
        assert chat.telegram.texts == ["5"]
