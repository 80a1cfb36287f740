"""A person who goes on talking through every crash. Each act is repeated, the same request, until it is answered."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from support.storm.client import Busy, Client, Json, Lost, Missing
from support.storm.expected import Expected, Line, line_of

Result = TypeVar("Result")

MOST_LINES = 40
"""Messages after which a chat begins anew: one page must show them all."""
_PAUSE = 0.1
_BURST = 3


@dataclass(slots=True)
class Talker:
    """One person in one chat, one act after the other, and what they were told."""

    client: Client
    character: int
    chance: random.Random
    expected: Expected = field(default_factory=Expected)
    acts: "Counter[str]" = field(default_factory=Counter)
    retries: int = 0
    doing: str = ""
    """The act under way and why its last try did not do, for those who wonder why it does not end."""
    _number: int = 0
    _seen: dict[int, Line] = field(default_factory=dict)
    """Messages told during the act that runs now, acknowledged even if its answer got lost."""

    @property
    def chat(self) -> str:
        """The path of the chat."""
        return f"/api/chats/{self.character}"

    async def talk(self, may_go_on: asyncio.Event, resting: asyncio.Semaphore) -> None:
        """Act until cancelled; between two acts rest while told to, giving one of ``resting`` meanwhile."""
        while True:
            if not may_go_on.is_set():
                resting.release()
                await may_go_on.wait()
            act = self._choice()
            self._seen.clear()
            self.doing = act.__name__
            await act()
            self.doing = ""
            self.acts[act.__name__] += 1

    def _choice(self) -> Callable[[], Awaitable[None]]:
        if len(self.expected.lines) > MOST_LINES:
            return self.new_scene
        acts: dict[Callable[[], Awaitable[None]], int] = {
            self.say: 10,
            self.say_by_socket: 6,
            self.say_at_once: 2,
            self.say_and_stop: 2,
            self.remember: 3,
            self.change_session: 1,
        }
        if self.expected.lines:
            acts |= {self.new_scene: 1, self.forget_recent: 1, self.reset: 1, self.edit: 1, self.delete: 1}
            if len(self.expected.lines) > 1 and self.expected.lines[-1].role == "assistant":
                acts[self.regenerate] = 4
        if self.expected.memories:
            acts |= {self.change_memory: 2, self.forget_memory: 1}
        return self.chance.choices(list(acts), list(acts.values()))[0]

    async def surely(self, attempt: Callable[[], Awaitable[Result]]) -> Result:
        """The same request again until it is answered."""
        while True:
            try:
                return await attempt()
            except Lost as lost:
                self.retries += 1
                self.doing = f"{self.doing.partition(':')[0]}: {lost!r} {lost.__cause__!r}"
                await asyncio.sleep(_PAUSE)

    # --- saying

    async def say(self) -> None:
        """Say something over REST or as a stream of events, each try by chance."""
        self.expected.said(*await self._said(self._words()))

    async def say_and_stop(self) -> None:
        """Say something and stop the reply; without any text yet there is a 409, and the same request answers."""
        words = self._words()
        saying = asyncio.create_task(self._said(words))
        await asyncio.sleep(self.chance.uniform(0, 0.15))
        key = self.client.new_key()
        try:
            await self.surely(lambda: self.client.call("POST", f"{self.chat}/stop", key=key))
        finally:
            said = await saying
        self.expected.said(*said)

    async def say_at_once(self) -> None:
        """Several devices say something at the same time."""
        said = await asyncio.gather(*(self._said_or_passed_over(self._words()) for _ in range(_BURST)))
        pairs = [(user, reply) for user, reply in said if reply is not None]
        last = {line for pair in said for line in pair}
        assert last.issuperset(self._seen.values()), f"told of {self._seen}, and then of {said} instead"
        self.expected.said_together(pairs, [user for user, reply in said if reply is None])

    async def say_by_socket(self) -> None:
        """Say something over a WebSocket, under the same client_id until it is answered."""
        words = self._words()
        user, reply = await self.surely(lambda: self._said_by_socket(words))
        self._agree(user, reply)
        self.expected.said(user, reply)

    async def regenerate(self) -> None:
        """Ask for another reply."""
        key = self.client.new_key()
        reply = await self.surely(lambda: self._regenerated(key))
        self._agree(reply)
        self.expected.lines[-1] = reply

    async def _said(self, words: str) -> tuple[Line, Line]:
        key = self.client.new_key()
        user, reply = await self.surely(lambda: self._sent(words, key))
        self._agree(user, reply)
        assert user.text == words
        return user, reply

    async def _said_or_passed_over(self, words: str) -> tuple[Line, Line | None]:
        """Like `_said`; None for a message whose turn died and after which another was put: it gets no reply."""
        key = self.client.new_key()

        async def attempt() -> tuple[Line, Line | None]:
            try:
                return await self._sent(words, key)
            except Busy:
                passed_over = await self._passed_over(words)
                if passed_over is None:
                    raise
                return passed_over, None

        return await self.surely(attempt)

    async def _passed_over(self, words: str) -> Line | None:
        lines = await self._history()
        at = next((number for number, line in enumerate(lines) if line.text == words), None)
        is_passed_over = at is not None and at + 1 < len(lines) and lines[at + 1].role == "user"
        return lines[at] if at is not None and is_passed_over else None

    async def _sent(self, words: str, key: str) -> tuple[Line, Line]:
        path, body = f"{self.chat}/messages", {"message": words}
        if self.chance.random() < 0.5:
            answer = await self.client.call("POST", path, body, key)
            return line_of(answer["user_message"]), line_of(answer["assistant_message"])
        user, reply = await self._streamed(path, body, key)
        assert user is not None
        return user, reply

    async def _regenerated(self, key: str) -> Line:
        path = f"{self.chat}/regenerate"
        if self.chance.random() < 0.5:
            return line_of((await self.client.call("POST", path, key=key))["message"])
        return (await self._streamed(path, None, key))[1]

    async def _streamed(self, path: str, body: Json | None, key: str) -> tuple[Line | None, Line]:
        """A turn as a stream of events; a stream that ends before `message.complete` is lost."""
        told: dict[str, Line] = {}
        async for frame in self.client.events(path, body, key):
            self._heed(frame, told)
            if frame["event"] == "message.complete":
                return told.get("user"), told["assistant"]
        raise Lost

    async def _said_by_socket(self, words: str) -> tuple[Line, Line]:
        async with self.client.socket(self.character) as socket:
            await socket.send_json({"event": "send_message", "data": {"message": words, "client_id": words}})
            told: dict[str, Line] = {}
            while True:
                frame = await self.client.frame(socket)
                self._heed(frame, told)
                if frame["event"] == "message.new" and frame.get("seq") is None:  # told again: an earlier try stored it
                    told |= await self._reply_to(told["user"])
                if told.keys() == {"user", "assistant"} and frame["event"] != "message.typing":
                    return told["user"], told["assistant"]

    def _heed(self, frame: Json, told: dict[str, Line]) -> None:
        match frame["event"]:
            case "message.new":
                line = line_of(frame["data"])
                told[line.role] = self._seen[line.id] = line
            case "error" if frame["data"]["code"] in {"service_unavailable", "conflict"}:
                raise Lost
            case "error":
                raise AssertionError(frame)
            case _:
                return

    async def _reply_to(self, user: Line) -> dict[str, Line]:
        """The reply that an earlier try got, if it got one."""
        lines = await self._history()
        replies = lines[lines.index(user) + 1 :]
        return {"assistant": replies[0]} if replies else {}

    def _agree(self, *lines: Line) -> None:
        """What earlier tries were told of these messages must be what the last one was told."""
        for line in lines:
            seen = self._seen.get(line.id, line)
            assert seen == line, f"told {seen} first and {line} later"
        for seen in self._seen.values():
            twins = [line for line in lines if line.role == seen.role]
            assert seen in twins or not twins, f"told of {seen}, and then of {twins} instead"

    def _words(self) -> str:
        self._number += 1
        return f"message {self._number}"

    # --- changing

    async def edit(self) -> None:
        """Give some message another text."""
        number = self.chance.randrange(len(self.expected.lines))
        line, words = self.expected.lines[number], self._words()
        path = f"{self.chat}/messages/{line.id}"
        await self.surely(lambda: self.client.call("PATCH", path, {"message": words}))
        self.expected.lines[number] = Line(line.id, line.role, words)

    async def delete(self) -> None:
        """Take some message out; a second try may find it gone."""
        number = self.chance.randrange(len(self.expected.lines))
        await self._gone(f"{self.chat}/messages/{self.expected.lines[number].id}")
        del self.expected.lines[number]

    async def new_scene(self) -> None:
        """Keep only the newest few."""
        keep = self.chance.randrange(4)
        answer = await self._keyed("new-scene", {"messages_to_keep": keep})
        assert answer["deleted_messages_count"] == self.expected.keep_newest(keep), answer
        assert answer["memories_preserved"] == len(self.expected.memories), answer

    async def forget_recent(self) -> None:
        """Take the newest few out."""
        count = self.chance.randint(1, 5)
        answer = await self._keyed("forget-recent", {"count": count})
        assert answer["deleted_messages_count"] == self.expected.drop_newest(count), answer

    async def reset(self) -> None:
        """Forget everything."""
        answer = await self._keyed("reset", None)
        assert answer["deleted_messages_count"] == self.expected.keep_newest(0), answer
        assert answer["deleted_memories_count"] == len(self.expected.memories), answer
        self.expected.memories.clear()

    async def remember(self) -> None:
        """Tell the character something to keep."""
        content, importance = self._words(), self.chance.randint(1, 10)
        body: Json = {"content": content, "memory_type": "fact", "importance": importance}
        memory = await self._keyed("memories", body)
        self.expected.memories[memory["id"]] = (content, importance)

    async def change_memory(self) -> None:
        """Say it better."""
        wanted, content = self._some_memory(), self._words()
        path = f"{self.chat}/memories/{wanted}"
        await self.surely(lambda: self.client.call("PATCH", path, {"content": content}))
        self.expected.memories[wanted] = (content, self.expected.memories[wanted][1])

    async def forget_memory(self) -> None:
        """Take it back."""
        wanted = self._some_memory()
        await self._gone(f"{self.chat}/memories/{wanted}")
        del self.expected.memories[wanted]

    async def change_session(self) -> None:
        """Be on other terms."""
        change: Json = {
            "relationship_type": self.chance.choice(["friend", "partner", "mentor"]),
            "mood_preference": self.chance.choice(["sweet", "formal", "playful"]),
        }
        await self.surely(lambda: self.client.call("PATCH", f"{self.chat}/session", change))
        self.expected.session.update(change)

    async def _keyed(self, what: str, body: Json | None) -> Json:
        key = self.client.new_key()
        return await self.surely(lambda: self.client.call("POST", f"{self.chat}/{what}", body, key))

    async def _gone(self, path: str) -> None:
        tries = self.retries
        try:
            await self.surely(lambda: self.client.call("DELETE", path))
        except Missing:
            assert self.retries > tries, f"{path} was gone before anybody deleted it"

    def _some_memory(self) -> int:
        return self.chance.choice(list(self.expected.memories))

    async def _history(self) -> list[Line]:
        page = await self.client.call("GET", f"{self.chat}/messages?limit=100")
        return [line_of(each) for each in page["messages"]]

    # --- looking

    async def check(self) -> None:
        """Hold what the server tells now against what it acknowledged."""
        page = await self.surely(lambda: self.client.call("GET", f"{self.chat}/messages?limit=100"))
        memories = await self.surely(lambda: self.client.call("GET", f"{self.chat}/memories"))
        session = await self.surely(lambda: self.client.call("GET", f"{self.chat}/session"))
        self.expected.compare(page["messages"], memories["memories"], session)
        assert page["total"] == len(self.expected.lines), page["total"]
