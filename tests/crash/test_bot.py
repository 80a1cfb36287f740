"""SIGKILL while the bot answers: nothing said is lost or said twice; a message in flight may come once more."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.process import ProviderProcess, ServerProcess, provider
from support.storm.storm import seeded, settings
from support.telegram import BOT, PersonInTelegram, Telegram, View, telegram_running

pytestmark = pytest.mark.slow

REPLY = "one two three four five six seven eight nine ten eleven twelve"
CHARACTER = 1


@pytest.fixture
def model() -> Iterator[ProviderProcess]:
    with provider(delay=0.1, reply=REPLY) as slow:
        yield slow


@dataclass(frozen=True, slots=True)
class Life:
    """The whole of Parley as a process, which may be killed, and a Telegram that lives on."""

    telegram: Telegram
    server: ServerProcess

    async def is_killed_and_starts_again(self) -> None:
        """`kill -9`, then a start."""
        self.server.kill()
        await self.server.start()

    @classmethod
    @asynccontextmanager
    async def begun(cls, folder: Path, model: ProviderProcess) -> "AsyncIterator[Life]":
        """Everything running."""
        url = f"sqlite:///{folder}/parley.db"
        await seeded(url, 1)
        async with telegram_running() as telegram:
            environment = {
                **settings(url, model.base_url),
                "PARLEY_BOT_TOKEN": f"{BOT}:TEST",
                "PARLEY_TELEGRAM_API_URL": telegram.base_url,
            }
            server = ServerProcess(environment, folder / "log", command="run")
            try:
                await server.start()
                await telegram.until_polled()
                yield cls(telegram, server)
            finally:
                server.kill()


def replies(view: View) -> int:
    """How often the person got the whole reply."""
    return sum(REPLY in text for text in view.texts)


async def answered(person: PersonInTelegram, times: int = 1) -> View:
    return await person.sees(lambda view: replies(view) >= times, "the reply does not come")


async def test_a_message_stored_and_not_handled_is_answered_after_the_restart(
    tmp_path: Path, model: ProviderProcess
) -> None:
    async with Life.begun(tmp_path, model) as life:
        person = await life.telegram.person()
        await person.talks_to(CHARACTER)
        await person.says("Hello")
        await person.sees(lambda view: view.draft is not None)
        await life.is_killed_and_starts_again()
        view = await answered(person)
        assert replies(view) == 1


async def test_a_reply_sent_and_not_recorded_comes_once_more_at_most(tmp_path: Path, model: ProviderProcess) -> None:
    async with Life.begun(tmp_path, model) as life:
        person = await life.telegram.person()
        await person.talks_to(CHARACTER)
        # The call takes place and its answer never comes: the process is killed while it waits to try again.
        await life.telegram.fault("sendMessage", drop="after")
        await person.says("Hello")
        await answered(person)
        await life.is_killed_and_starts_again()
        await asyncio.sleep(0)
        await person.says("And now?")
        view = await person.sees(lambda view: view.texts[-1].startswith(REPLY) and replies(view) >= 2)
        assert 2 <= replies(view) <= 3


async def test_updates_that_came_while_it_was_dead_are_answered_in_their_order(
    tmp_path: Path, model: ProviderProcess
) -> None:
    async with Life.begun(tmp_path, model) as life:
        person = await life.telegram.person()
        await person.talks_to(CHARACTER)
        life.server.kill()
        for text in ("first", "second"):
            await person.says(text)
        await life.server.start()
        view = await answered(person, times=2)
        assert replies(view) == 2


async def test_sigterm_ends_it_in_order_and_quickly(tmp_path: Path, model: ProviderProcess) -> None:
    async with Life.begun(tmp_path, model) as life:
        person = await life.telegram.person()
        await person.talks_to(CHARACTER)
        await person.says("Hello")
        await person.sees(lambda view: view.draft is not None)
        assert await life.server.stop() == 0
        assert replies(await person.view()) == 1
