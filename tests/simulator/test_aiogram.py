"""A bot on a real library, which knows nothing of simulators."""

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramRetryAfter
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    MenuButtonWebApp,
    Message,
    WebAppInfo,
)

from support.simulator import LENA, BotClient, Simulator, picture


async def test_aiogram_talks_to_it(simulator: Simulator, bot: BotClient, aiogram: Bot) -> None:
    assert (await aiogram.get_me()).username == "local_42_bot"
    told = await simulator.says("/help me")
    (update,) = await aiogram.get_updates(timeout=0, allowed_updates=["message", "callback_query"])
    assert update.update_id == told["update_id"]
    assert update.message is not None
    assert update.message.entities is not None
    assert [entity.type for entity in update.message.entities] == ["bot_command"]

    assert await aiogram.send_message_draft(LENA, draft_id=9, text="Hel", can_stop=True)
    assert (await simulator.chat())["draft"] == {"draft_id": 9, "text": "Hel"}
    button = InlineKeyboardButton(text="yes", callback_data="y")
    markup = InlineKeyboardMarkup(inline_keyboard=[[button]])
    sent = await update.message.as_(aiogram).reply("<b>Hello</b>", parse_mode="HTML", reply_markup=markup)
    assert sent.reply_to_message is not None
    assert sent.reply_to_message.text == "/help me"
    assert sent.html_text == "<b>Hello</b>"

    await simulator.post("/sim/callbacks", bot=42, from_=LENA, message_id=sent.message_id, data="y")
    (tap,) = await aiogram.get_updates(offset=update.update_id + 1)
    assert tap.callback_query is not None
    assert await tap.callback_query.as_(aiogram).answer("ok")
    edited = await sent.as_(aiogram).edit_text("Bye")
    assert isinstance(edited, Message)
    assert edited.text == "Bye"


async def test_aiogram_reads_every_kind_of_answer(simulator: Simulator, bot: BotClient, aiogram: Bot) -> None:
    await aiogram.set_my_commands([BotCommand(command="start", description="Begin")])
    assert [each.command for each in await aiogram.get_my_commands()] == ["start"]
    app = MenuButtonWebApp(text="Open", web_app=WebAppInfo(url="http://127.0.0.1:8080/"))
    await aiogram.set_chat_menu_button(menu_button=app)
    assert (await aiogram.get_chat_menu_button()).model_dump() == app.model_dump()
    assert (await aiogram.get_chat(LENA)).first_name == "Lena"
    assert (await aiogram.get_webhook_info()).url == ""
    photo = await aiogram.send_photo(LENA, BufferedInputFile(picture(), "dot.png"), caption="dot")
    assert photo.photo is not None
    content = await aiogram.download(photo.photo[0].file_id)
    assert content is not None
    assert content.read() == picture()
    await simulator.post("/sim/block", bot=42, from_=LENA, blocked=True)
    (update,) = await aiogram.get_updates()
    assert update.my_chat_member is not None
    assert update.my_chat_member.new_chat_member.status == "kicked"


async def test_aiogram_understands_refusals(simulator: Simulator, bot: BotClient, aiogram: Bot) -> None:
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await aiogram.send_message(8, "hi")
    await simulator.post("/sim/limits", chat_burst=1)
    await aiogram.send_message(LENA, "hi")
    with pytest.raises(TelegramRetryAfter) as caught:
        await aiogram.send_message(LENA, "hi")
    assert caught.value.retry_after == 1
    await simulator.post("/sim/block", bot=42, from_=LENA, blocked=True)
    with pytest.raises(TelegramForbiddenError, match="blocked"):
        await aiogram.send_message(LENA, "hi")
