"""A bot on pyTelegramBotAPI's asynchronous half, which brings the parameters of many calls in the body of a GET."""

import asyncio
import io
import os

from telebot import asyncio_helper
from telebot.async_telebot import AsyncTeleBot
from telebot.asyncio_helper import ApiTelegramException
from telebot.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, Message

ROOT = os.environ["API_ROOT"]  # noqa: TID251  a program of its own has no settings
asyncio_helper.API_URL = ROOT + "/bot{0}/{1}"
bot = AsyncTeleBot(os.environ["BOT_TOKEN"])  # noqa: TID251  likewise

CHOICE = InlineKeyboardMarkup([[InlineKeyboardButton(drink, callback_data=drink) for drink in ("tea", "coffee")]])


async def start(message: Message) -> None:
    assert message.from_user
    await bot.send_message(message.chat.id, f"<b>Hello</b>, {message.from_user.first_name}", parse_mode="HTML")


async def ask(message: Message) -> None:
    await bot.send_message(message.chat.id, "Tea or coffee?", reply_markup=CHOICE)


async def chosen(tap: CallbackQuery) -> None:
    assert tap.message
    await bot.answer_callback_query(tap.id, f"{tap.data}!")
    await bot.edit_message_text(f"You chose {tap.data}.", tap.message.chat.id, tap.message.message_id)


async def file(message: Message) -> None:
    await bot.send_document(message.chat.id, InputFile(io.BytesIO(b"tea leaves"), "leaves.txt"), caption="Here")


async def echo(message: Message) -> None:
    try:
        await bot.send_message(message.chat.id, message.text or "")
    except ApiTelegramException as refusal:
        await asyncio.sleep(refusal.result_json["parameters"]["retry_after"])
        await bot.send_message(message.chat.id, message.text or "")


if __name__ == "__main__":
    bot.register_message_handler(start, commands=["start"])
    bot.register_message_handler(ask, commands=["ask"])
    bot.register_message_handler(file, commands=["file"])
    bot.register_message_handler(echo, content_types=["text"])
    bot.register_callback_query_handler(chosen, lambda tap: tap.data in {"tea", "coffee"})
    asyncio.run(bot.infinity_polling(timeout=5, request_timeout=10))
