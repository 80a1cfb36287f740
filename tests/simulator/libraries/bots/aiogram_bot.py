"""A bot on aiogram, by long polling. It knows a Bot API server and nothing else."""

import asyncio
import os
from collections.abc import Awaitable, Callable

from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramRetryAfter
from aiogram.filters import Command, CommandStart
from aiogram.types import BufferedInputFile, CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

CHOICE = InlineKeyboardMarkup(
    inline_keyboard=[[InlineKeyboardButton(text=drink, callback_data=drink) for drink in ("tea", "coffee")]]
)
dispatcher = Dispatcher()


@dispatcher.message(CommandStart())
async def start(message: Message) -> None:
    assert message.from_user
    await message.answer(f"<b>Hello</b>, {message.from_user.first_name}", parse_mode="HTML")


@dispatcher.message(Command("ask"))
async def ask(message: Message) -> None:
    await message.answer("Tea or coffee?", reply_markup=CHOICE)


@dispatcher.callback_query(F.data.in_({"tea", "coffee"}))
async def chosen(tap: CallbackQuery) -> None:
    await tap.answer(f"{tap.data}!")
    assert isinstance(tap.message, Message)
    await tap.message.edit_text(f"You chose {tap.data}.")


@dispatcher.message(Command("file"))
async def file(message: Message) -> None:
    await message.answer_document(BufferedInputFile(b"tea leaves", "leaves.txt"), caption="Here")


@dispatcher.message(F.text)
async def echo(message: Message) -> None:
    await patiently(lambda: message.answer(message.text or ""))


async def patiently(send: Callable[[], Awaitable[Message]]) -> None:
    try:
        await send()
    except TelegramRetryAfter as busy:
        await asyncio.sleep(busy.retry_after)
        await send()


async def main() -> None:
    server = TelegramAPIServer.from_base(os.environ["API_ROOT"])  # noqa: TID251  a program of its own has no settings
    bot = Bot(os.environ["BOT_TOKEN"], session=AiohttpSession(api=server))  # noqa: TID251  likewise
    await dispatcher.start_polling(bot)


if __name__ == "__main__":
    asyncio.run(main())
