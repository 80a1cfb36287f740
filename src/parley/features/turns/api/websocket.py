"""`/api/ws/chat/{character_id}` (contract §3): one person's device in one chat.

An idle socket costs one coroutine: frames are pushed by a task that lives only while there is something to push.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from urllib.parse import unquote

from parley.features.characters.core import Character
from parley.features.chats.core import Chat
from parley.features.chats.service import Chats
from parley.features.chats.wire import frame, told
from parley.features.identity.core import Person
from parley.features.limits.core import WEBSOCKET
from parley.features.limits.service import Rates
from parley.features.turns import core, wire
from parley.features.turns.api.live import Live, error_frame
from parley.features.turns.core import AnsweredBefore, Begun, Regenerate, Wish
from parley.features.turns.service.opening import Asked
from parley.features.turns.service.turns import Turns
from parley.features.turns.wire import ClientFrame, ResumeData, SendData
from parley.kernel.errors import (
    AgeConfirmationRequired,
    AppError,
    CharacterNotFound,
    InvalidInput,
    PremiumRequired,
    ServiceUnavailable,
    Unauthorized,
)
from parley.kernel.ids import MAX_ID, CharacterId
from parley.kernel.ports import Advanced, Typing
from parley.kernel.sentences import Language
from parley.kernel.wire import decode

Message = MutableMapping[str, Any]
"""An ASGI message."""
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

CLOSE_CODES: Final[dict[type[AppError], int]] = {
    Unauthorized: 4401,
    PremiumRequired: 4403,
    AgeConfirmationRequired: 4403,
    CharacterNotFound: 4404,
    InvalidInput: 1008,
    ServiceUnavailable: 1013,
}
RESUME_LATER: Final = 1013
SERVICE_RESTART: Final = 1012
INTERNAL: Final = 1011
_SLOWEST_SEND: Final = 20.0
"""Seconds one frame may take to leave before the reader is told to resume."""
_AFTER: Final = re.compile(r"(?:^|&)after=([^&]*)")
_PONG: Final = frame("pong", {})


class Door(Protocol):
    """Lets people into chats; the shell knows who guards it."""

    async def person(self, init_data: str) -> Person:
        """Raises Unauthorized."""
        ...

    async def again(self, person: Person) -> Person:
        """The same person as they are now; raises Unauthorized if they are gone."""
        ...

    async def talk_to(self, person: Person, character: str) -> Character:
        """Raises CharacterNotFound, AgeConfirmationRequired, PremiumRequired."""
        ...


def init_data_candidates(query: str) -> Iterator[str]:
    """What may be the initData of a raw query string: the pair decoded once, or all that follows, as it stands.

    The spec's own example does not encode it, so its inner pairs become siblings (reference telegram §1.4); our own
    `after` is taken out from among them.
    """
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if name == "initData":
            yield unquote(value, errors="replace")
            break
    _, found, rest = query.partition("initData=")
    if found:
        yield _AFTER.sub("", rest)


def after_of(query: str) -> int | None:
    """The number to replay from, if the client names one; raises InvalidInput."""
    found = _AFTER.search(query)
    if found is None:
        return None
    if not re.fullmatch(r"[0-9]{1,19}", found.group(1)):
        raise InvalidInput("after")
    return min(int(found.group(1)), MAX_ID)


@dataclass(slots=True)
class Socket:
    """One open socket."""

    door: Door
    person: Person
    character: CharacterId
    chat: Chat
    after: int | None
    """The number of the last lasting event that the client has."""
    turns: Turns
    chats: Chats
    rates: Rates
    send: Send
    live: Live = field(init=False)
    _pushing: asyncio.Task[None] | None = None
    _watching: set[asyncio.Task[None]] = field(default_factory=set)
    is_open: bool = False

    async def serve(self, receive: Receive) -> None:
        """Push what happens, heed what the client says, until either side leaves.

        It is accepted once it hears: what happens after a client's `onopen` reaches the client.
        """
        sent = self.chat.seq if self.after is None else min(self.after, self.chat.seq)
        self.live = Live(self.chats, self.chat, self.person.speaks, sent, self._wake)
        silence = self.chats.bus.listen(self.chat.id, self.live.hear)
        try:
            await self.send({"type": "websocket.accept"})
            self.is_open = True
            await self._catch_up()
            await self._listen(receive)
        finally:
            silence()
            self.is_open = False
            for task in (self._pushing, *self._watching):
                if task is not None:
                    task.cancel()

    async def _catch_up(self) -> None:
        """Replay what the client has missed, and join a reply that is being written.

        The log is looked at again: it may have grown between the first look and the first signal heard.
        """
        try:
            chat = await self.chats.session(self.person.id, self.character)
        except ServiceUnavailable:
            await self._close(RESUME_LATER)
            return
        self.live.hear(Advanced(chat.seq))
        writing = self.turns.writing(self.chat.id)
        if writing is not None:
            self.live.hear(Typing(is_typing=True))
            self.live.hear(writing)
        self._wake()  # for what was heard before it was open

    # --- pushing

    def _wake(self) -> None:
        if self._pushing is None and self.is_open:
            self._pushing = asyncio.create_task(self._push())

    async def _push(self) -> None:
        """Give what there is to give. A slow reader, and one whose log cannot be read right now, must resume."""
        try:
            await self._give()
        except (TimeoutError, ServiceUnavailable):
            self.live.is_late = True
        except OSError:
            self.is_open = False  # the client is gone; receiving will say so too
        if self.live.is_late:
            await self._close(RESUME_LATER)
        self._pushing = None
        if self.live.has_pending:
            self._wake()

    async def _give(self) -> None:
        async with asyncio.timeout(None) as patience:
            async for each in self.live.frames():
                patience.reschedule(asyncio.get_running_loop().time() + _SLOWEST_SEND)
                await self._send_frame(each)
                patience.reschedule(None)
                if self.live.is_late:
                    return

    async def _send_frame(self, text: bytes) -> None:
        await self.send({"type": "websocket.send", "text": text.decode()})

    async def _close(self, code: int) -> None:
        """Say goodbye, once. It waits behind what the client has yet to read."""
        if self.is_open:
            self.is_open = False
            with suppress(OSError):
                await self.send({"type": "websocket.close", "code": code})

    # --- listening

    async def _listen(self, receive: Receive) -> None:
        while self.is_open:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            try:
                await self._on_frame(message.get("text") or "")
            except AppError as error:
                await self._send_frame(error_frame(error, self.person.speaks))

    async def _on_frame(self, text: str) -> None:
        """Heed one client event; every one but `ping` counts."""
        said, fault = _read(text)
        if said.event == "ping":
            await self._send_frame(_PONG)
            return
        await self.rates.count(str(self.person.id), WEBSOCKET)
        if fault is not None:
            raise fault
        match said.event:
            case "send_message":
                data = decode(bytes(said.data), SendData)
                await self._start(core.say(data.message, data.client_id))
            case "regenerate":
                await self._start(Regenerate())
            case "stop":
                async with self.turns.db.begin() as tx:
                    await self.turns.stop(tx, self.person.id, self.character)
            case "resume":
                await self._resume(decode(bytes(said.data), ResumeData).after)
            case _:
                raise InvalidInput("event")

    async def _start(self, wish: Wish) -> None:
        # Who they are, what they may and what the character is may have changed since the socket was opened.
        self.person = await self.door.again(self.person)
        character = await self.door.talk_to(self.person, str(self.character))
        turn = await self.turns.start(Asked(self.person, character, wish), wire.kept)
        watch = asyncio.create_task(self._watch(turn.begun))
        self._watching.add(watch)
        watch.add_done_callback(self._watching.discard)

    async def _watch(self, begun: asyncio.Future[Begun | AnsweredBefore]) -> None:
        """Tell this device what nobody else hears of: its turn never began, or its message was there already."""
        with suppress(OSError):  # the client went away
            try:
                before = await asyncio.shield(begun)
            except AppError as error:
                await self._send_frame(error_frame(error, self.person.speaks))
            else:
                if before.user_message is not None and before.is_repeated:
                    await self._send_frame(frame("message.new", told(before.user_message)))

    async def _resume(self, after: int) -> None:
        if after < 0:
            raise InvalidInput("after")
        chat = await self.chats.session(self.person.id, self.character)
        self.live.resume(min(after, chat.seq), chat.seq)


def _read(text: str) -> tuple[ClientFrame, AppError | None]:
    """The client's event; what is none is counted and answered like one."""
    try:
        return decode(text, ClientFrame), None
    except InvalidInput as fault:
        return ClientFrame(""), fault


@dataclass(frozen=True, slots=True)
class ChatSocket:
    """Opens sockets."""

    door: Door
    turns: Turns
    chats: Chats
    rates: Rates

    async def open(self, query: str, character: str, receive: Receive, send: Send) -> Socket | None:
        """Let one connection in, None if it was refused; serving it is apart, so that an idle one holds no request.

        ``query`` is the raw query string, ``character`` the last part of the path.
        """
        await receive()
        language: Language = "ru"
        try:
            person = await self._person(query)
            language = person.speaks
            talk_to = await self.door.talk_to(person, character)
            after = after_of(query)
            chat = await self.chats.session(person.id, talk_to.id)
        except AppError as error:
            await _refuse(send, error, language)
            return None
        return Socket(self.door, person, talk_to.id, chat, after, self.turns, self.chats, self.rates, send)

    async def _person(self, query: str) -> Person:
        for candidate in init_data_candidates(query):
            try:
                return await self.door.person(candidate)
            except Unauthorized:
                continue
        raise Unauthorized


async def _refuse(send: Send, error: AppError, language: Language) -> None:
    """An `error` event, then the close code that belongs to it: a browser reads neither before it is let in."""
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": error_frame(error, language).decode()})
    await send({"type": "websocket.close", "code": CLOSE_CODES.get(type(error), INTERNAL)})
