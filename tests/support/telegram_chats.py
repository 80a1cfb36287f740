"""What stands in the chats of Telegram with the bot, and what Telegram refuses to put there."""

import itertools
from collections.abc import Iterator
from typing import Any, Final, cast

from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import (
    AnswerCallbackQuery,
    DeleteMessage,
    EditMessageReplyMarkup,
    EditMessageText,
    SendDocument,
    SendMessage,
    TelegramMethod,
)
from aiogram.types import Chat, InlineKeyboardButton, InlineKeyboardMarkup, Message, User

BOT: Final = User(id=42, is_bot=True, first_name="Parley", username="parley_bot")
SENT_AT: Final = 1_767_614_400
_LONGEST_TEXT: Final = 4096
_LONGEST_TAP: Final = 64
_LONGEST_TOAST: Final = 200
_NOT_MODIFIED: Final = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)


def units(text: str) -> int:
    """The length as Telegram counts it."""
    return len(text.encode("utf-16-le")) // 2


class TelegramChats:
    """Private chats: what each method does to them, by Telegram's rules."""

    def __init__(self, first: int = 1000) -> None:
        self.messages: dict[tuple[int, int], Message] = {}
        """What stands in them now, by chat and message number, in the order of its coming."""
        self._numbers = itertools.count(first)

    def make(self, method: TelegramMethod[Any]) -> object:
        """Do what the method says; its answer. Raises TelegramBadRequest."""
        match method:
            case SendMessage(chat_id=int(chat)):
                answer: object = self._stands(method, chat, next(self._numbers), method.text, method.entities)
            case SendDocument(chat_id=int(chat)):
                answer = self._stands(method, chat, next(self._numbers), "document", None)
            case EditMessageText(chat_id=int(chat), message_id=int(number)):
                answer = self._edited(method, chat, number)
            case EditMessageReplyMarkup(chat_id=int(chat), message_id=int(number)):
                old = self._there(method, chat, number)
                answer = self._stands(method, chat, number, old.text or "", old.entities)
            case DeleteMessage(chat_id=int(chat), message_id=number):
                self._there(method, chat, number)
                answer = self.messages.pop((chat, number)) is not None
            case _:
                answer = True
        if isinstance(method, AnswerCallbackQuery):
            assert len(method.text or "") <= _LONGEST_TOAST
        return answer

    def _there(self, method: TelegramMethod[Any], chat: int, number: int) -> Message:
        if (chat, number) not in self.messages:
            raise TelegramBadRequest(method=method, message="Bad Request: message to edit not found")
        return self.messages[chat, number]

    def _edited(self, method: EditMessageText, chat: int, number: int) -> Message:
        old = self._there(method, chat, number)
        assert method.text is not None
        new = self._message(chat, number, method.text, method.entities, method.reply_markup)
        if (new.text, new.entities, new.reply_markup) == (old.text, old.entities, old.reply_markup):
            raise TelegramBadRequest(method=method, message=_NOT_MODIFIED)
        return self._stands(method, chat, number, method.text, method.entities)

    def _stands(self, method: Any, chat: int, number: int, text: str, entities: Any) -> Message:
        assert 1 <= units(text) <= _LONGEST_TEXT, f"Telegram takes 1 to {_LONGEST_TEXT} units"
        assert getattr(method, "parse_mode", None) is None, "foreign text must not be parsed"
        keyboard = method.reply_markup if isinstance(method.reply_markup, InlineKeyboardMarkup) else None
        for each in buttons_of(keyboard):
            assert each.text, "a button without a word"
            assert len((each.callback_data or "x").encode()) <= _LONGEST_TAP
        message = self._message(chat, number, text, entities, keyboard)
        self.messages[chat, number] = message
        return message

    def _message(self, chat: int, number: int, text: str, entities: Any, keyboard: Any) -> Message:
        return Message(
            message_id=number,
            date=cast("Any", SENT_AT),
            chat=Chat(id=chat, type="private"),
            from_user=BOT,
            text=text,
            entities=entities or None,
            reply_markup=keyboard,
        )


def buttons_of(keyboard: InlineKeyboardMarkup | None) -> Iterator[InlineKeyboardButton]:
    """The buttons, row by row."""
    return itertools.chain.from_iterable(() if keyboard is None else keyboard.inline_keyboard)
