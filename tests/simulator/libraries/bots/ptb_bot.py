"""A bot on python-telegram-bot, by long polling. It knows a Bot API server and nothing else."""

import asyncio
import os
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import RetryAfter
from telegram.ext import Application, CallbackQueryHandler, CommandHandler, ContextTypes, MessageHandler, filters

CHOICE = InlineKeyboardMarkup([[InlineKeyboardButton(drink, callback_data=drink) for drink in ("tea", "coffee")]])
Context = ContextTypes.DEFAULT_TYPE


async def start(update: Update, _: Context) -> None:
    assert update.message
    assert update.effective_user
    await update.message.reply_html(f"<b>Hello</b>, {update.effective_user.first_name}")


async def ask(update: Update, _: Context) -> None:
    assert update.message
    await update.message.reply_text("Tea or coffee?", reply_markup=CHOICE)


async def chosen(update: Update, _: Context) -> None:
    tap = update.callback_query
    assert tap
    await tap.answer(f"{tap.data}!")
    await tap.edit_message_text(f"You chose {tap.data}.")


async def file(update: Update, _: Context) -> None:
    assert update.message
    await update.message.reply_document(b"tea leaves", filename="leaves.txt", caption="Here")


async def echo(update: Update, _: Context) -> None:
    assert update.message
    assert update.message.text
    try:
        await update.message.reply_text(update.message.text)
    except RetryAfter as busy:
        wait = busy.retry_after
        await asyncio.sleep(wait if isinstance(wait, int) else wait.total_seconds())
        await update.message.reply_text(update.message.text)


def main() -> None:
    root = os.environ["API_ROOT"]  # noqa: TID251  a program of its own has no settings
    token = os.environ["BOT_TOKEN"]  # noqa: TID251  likewise
    bot: Application[Any, Any, Any, Any, Any, Any] = (
        Application.builder().token(token).base_url(f"{root}/bot").base_file_url(f"{root}/file/bot").build()
    )
    bot.add_handler(CommandHandler("start", start))
    bot.add_handler(CommandHandler("ask", ask))
    bot.add_handler(CommandHandler("file", file))
    bot.add_handler(CallbackQueryHandler(chosen))
    bot.add_handler(MessageHandler(filters.TEXT, echo))
    bot.run_polling()


if __name__ == "__main__":
    main()
