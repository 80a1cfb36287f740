"""The door of the bot: who comes in, what they find, and what they are told when something goes wrong."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import structlog
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.dispatcher.middlewares.base import BaseMiddleware
from aiogram.enums import ChatType
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramNotFound,
    TelegramUnauthorizedError,
)
from aiogram.methods import AnswerCallbackQuery
from aiogram.types import CallbackQuery, Chat, TelegramObject, Update, User
from aiogram.types.update import UpdateTypeLookupError

from parley.features.bot.core.dialogs import Dialog
from parley.features.bot.core.texts.trouble import LONGEST_TOAST
from parley.features.bot.screens import trouble
from parley.features.bot.screens.services import BotServices
from parley.features.bot.service import Later, Toast
from parley.features.identity.core import MAX_TELEGRAM_ID, Person, telegram_user
from parley.kernel.errors import AppError, ServiceUnavailable
from parley.kernel.ids import TelegramUserId
from parley.kernel.sentences import Language

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]
Result = Toast | Later | None

_REFUSALS: Final = (TelegramBadRequest, TelegramNotFound, TelegramEntityTooLarge)
"""What Telegram will refuse again however often it is asked."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Visit:
    """One update of a person."""

    person: Person
    language: Language
    query: CallbackQuery | None
    """The tap, if the update is one: it must be answered."""


@dataclass(slots=True, eq=False)
class Door(BaseMiddleware):
    """Lets people in private chats through, each with their profile and dialog, and sees that taps are answered."""

    services: BotServices

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Result:
        assert isinstance(event, Update)
        if not _is_known(event):
            return None
        visit = await self._visit(event)
        if visit is None:
            if event.callback_query is not None:
                await self._answer(event.callback_query, None)
            return None
        data.update(
            services=self.services,
            person=visit.person,
            dialog=await self._dialog(visit, event),
            language=visit.language,
            update_id=event.update_id,
        )
        return await self._answered(visit, handler(event, data))

    async def _visit(self, event: Update) -> Visit | None:
        """Who comes, if it is a person in a private chat."""
        user, chat = _user_of(event), _chat_of(event)
        if user is None and chat is None:
            return None
        if chat is not None and chat.type != ChatType.PRIVATE:
            return None
        # Who blocks the bot, perhaps after having everything erased, does not become a new person by it.
        if user is None or event.my_chat_member is not None:
            person = await self._known(chat)
        else:
            person = await self._met(user)
        return None if person is None else Visit(person, person.speaks, event.callback_query)

    async def _met(self, user: User) -> Person | None:
        if user.is_bot or not 0 < user.id <= MAX_TELEGRAM_ID:
            return None
        return await self.services.identity.meet(
            telegram_user(user.id, user.first_name, user.last_name, user.username, user.language_code)
        )

    async def _known(self, chat: Chat | None) -> Person | None:
        """The person of a chat, where Telegram names nobody: a private chat bears the number of its person."""
        return None if chat is None else await self.services.identity.by_telegram_id(TelegramUserId(chat.id))

    async def _dialog(self, visit: Visit, event: Update) -> Dialog:
        """The person's dialog. Whoever writes to the bot lets it write again."""
        dialog = await self.services.dialogs.of(visit.person.id)
        if dialog.is_blocked and (event.message is not None or event.callback_query is not None):
            await self.services.dialogs.set_blocked(visit.person.id, is_blocked=False)
        return dialog

    # --- what comes of it

    async def _answered(self, visit: Visit, handling: Awaitable[Any]) -> Result:
        """Handle the update; a tap gets its one answer, whatever happens.

        Only when the update will be handled again, since the database is away, the answer is left to that time.
        """
        try:
            result = await self._handled(visit, handling)
        except ServiceUnavailable:
            raise
        except Exception:
            if visit.query is not None:
                await self._answer(visit.query, trouble.toast_of(AppError(), visit.language))
            raise
        if visit.query is not None:
            await self._answer(visit.query, result if isinstance(result, Toast) else None)
        return result if isinstance(result, Later) else None

    async def _handled(self, visit: Visit, handling: Awaitable[Any]) -> Result:
        """What the screen returned; an error it could not know of becomes a sentence."""
        try:
            result = await handling
        except ServiceUnavailable:
            raise
        except AppError as error:
            return await self._told(visit, error)
        except TelegramForbiddenError:
            await self.services.dialogs.set_blocked(visit.person.id, is_blocked=True)
        except _REFUSALS as refusal:
            log.warning("telegram_refused", method=type(refusal.method).__name__, kind=type(refusal).__name__)
        else:
            return self._guarded(visit, result)
        return None

    def _guarded(self, visit: Visit, result: Any) -> Result:
        if isinstance(result, Later):
            return Later(self._finish(visit, result.rest))
        assert result is None or result is UNHANDLED or isinstance(result, Toast), "screens return nothing else"
        return result if isinstance(result, Toast) else None

    async def _finish(self, visit: Visit, rest: Awaitable[None]) -> None:
        """The rest of the handling, by the same rules; its tap has been answered."""
        await self._handled(replace(visit, query=None), rest)

    async def _told(self, visit: Visit, error: AppError) -> Toast | None:
        """Tell the person: over the chat after a tap, else in a message."""
        if visit.query is not None:
            return trouble.toast_of(error, visit.language)
        await self._handled(visit, trouble.tell(self.services, visit.person, visit.language, error))
        return None

    async def _answer(self, query: CallbackQuery, toast: Toast | None) -> None:
        """The one answer of a tap. Telegram takes none for taps that are minutes old, and nobody waits for it."""
        text, is_alert = (None, None) if toast is None else (toast.text[:LONGEST_TOAST], toast.is_alert or None)
        try:
            await self.services.outgoing.send(
                AnswerCallbackQuery(callback_query_id=query.id, text=text, show_alert=is_alert)
            )
        except TelegramUnauthorizedError:
            raise
        except TelegramAPIError as refusal:
            log.info("tap_not_answered", kind=type(refusal).__name__)


def _is_known(event: Update) -> bool:
    """Whether the update is of a kind that aiogram knows; it would print the others with all they say."""
    try:
        return bool(event.event_type)
    except UpdateTypeLookupError:
        return False


def _user_of(event: Update) -> User | None:
    """Who caused the update."""
    inner = event.event
    user = getattr(inner, "from_user", None) or getattr(inner, "user", None)
    return user if isinstance(user, User) else None


def _chat_of(event: Update) -> Chat | None:
    """Where it happened; queries and payments may have no place."""
    inner = event.event
    if isinstance(inner, CallbackQuery):
        return None if inner.message is None else inner.message.chat
    chat = getattr(inner, "chat", None)
    return chat if isinstance(chat, Chat) else None
