"""A bot on pyTelegramBotAPI, by long polling. It knows a Bot API server and nothing else."""

import io
import os

from telebot import TeleBot, apihelper
from telebot.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, Message
from telebot.util import antiflood

ROOT = os.environ["API_ROOT"]  # noqa: TID251  a program of its own has no settings
apihelper.API_URL = ROOT + "/bot{0}/{1}"  # type: ignore[assignment]  # documented, but its type says None alone
bot = TeleBot(os.environ["BOT_TOKEN"])  # noqa: TID251  likewise

CHOICE = InlineKeyboardMarkup([[InlineKeyboardButton(drink, callback_data=drink) for drink in ("tea", "coffee")]])


def start(message: Message) -> None:
    assert message.from_user
    bot.send_message(message.chat.id, f"<b>Hello</b>, {message.from_user.first_name}", parse_mode="HTML")


def ask(message: Message) -> None:
    bot.send_message(message.chat.id, "Tea or coffee?", reply_markup=CHOICE)


def chosen(tap: CallbackQuery) -> None:
    assert tap.message
    bot.answer_callback_query(tap.id, f"{tap.data}!")
    bot.edit_message_text(f"You chose {tap.data}.", tap.message.chat.id, tap.message.message_id)


def file(message: Message) -> None:
    bot.send_document(message.chat.id, InputFile(io.BytesIO(b"tea leaves"), "leaves.txt"), caption="Here")


def echo(message: Message) -> None:
    antiflood(bot.send_message, message.chat.id, message.text)


if __name__ == "__main__":
    bot.register_message_handler(start, commands=["start"])
    bot.register_message_handler(ask, commands=["ask"])
    bot.register_message_handler(file, commands=["file"])
    bot.register_message_handler(echo, content_types=["text"])
    bot.register_callback_query_handler(chosen, lambda tap: tap.data in {"tea", "coffee"})
    bot.infinity_polling(timeout=5, long_polling_timeout=5)
