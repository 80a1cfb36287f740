"""Bots on five libraries, each a program of its own that knows nothing of Parley, and a person who talks to them."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support.simulator import LENA, TOKEN, Json, Simulator

HERE = Path(__file__).parent
NODE_MODULES = HERE / "node" / "node_modules"
WITHIN = 30.0
"""Seconds: a bot's start on a busy machine is the longest of it."""
LOOK_EVERY = 0.02
PROGRAMS = {
    "aiogram": "bots/aiogram_bot.py",
    "python-telegram-bot": "bots/ptb_bot.py",
    "pyTelegramBotAPI": "bots/telebot_bot.py",
    "pyTelegramBotAPI, asynchronous": "bots/async_telebot_bot.py",
    "grammY": "node/grammy_bot.mjs",
    "telegraf": "node/telegraf_bot.mjs",
}


@dataclass(slots=True)
class Talk:
    """Lena's chat with a bot that runs."""

    simulator: Simulator
    process: asyncio.subprocess.Process

    async def until(self, holds: Callable[[list[Json]], bool]) -> list[Json]:
        """What Lena sees, as soon as it is as it should be."""
        async with asyncio.timeout(WITHIN):
            while True:
                messages: list[Json] = (await self.simulator.chat())["messages"]
                if holds(messages):
                    return messages
                assert self.process.returncode is None, "the bot ended"
                await asyncio.sleep(LOOK_EVERY)

    async def answer_to(self, text: str) -> Any:
        """The bot's message after Lena's."""
        said = await self.simulator.says(text)
        number = said["message"]["message_id"]
        return (await self.until(lambda messages: messages[-1]["message_id"] > number))[-1]

    async def until_it_listens(self) -> None:
        """Wait until the bot asks for updates, or has told where to bring them."""
        async with asyncio.timeout(WITHIN):
            while True:
                shown = (await self.simulator.get("/sim/bots/42")).json
                if shown.get("polling") or shown.get("webhook_url"):
                    return
                assert self.process.returncode is None, "the bot ended"
                await asyncio.sleep(LOOK_EVERY)


def command_of(program: str) -> list[str]:
    """How the sample is run."""
    if program.endswith(".py"):
        return [sys.executable, str(HERE / program)]
    node = shutil.which("node")
    if node is None or not NODE_MODULES.is_dir():
        pytest.fail("node and its packages are not there: run make test, which installs them")
    return [node, str(HERE / program)]


@pytest.fixture(params=PROGRAMS)
async def talk(request: pytest.FixtureRequest, simulator: Simulator) -> AsyncIterator[Talk]:
    await simulator.user(LENA, first_name="Lena")
    process = await asyncio.create_subprocess_exec(
        *command_of(PROGRAMS[request.param]),
        env={
            "PATH": os.environ["PATH"],  # noqa: TID251  a program is found by it
            "BOT_TOKEN": TOKEN,
            "API_ROOT": simulator.base,
        },
        stdin=asyncio.subprocess.DEVNULL,
    )
    talk = Talk(simulator, process)
    try:
        await talk.until_it_listens()
        yield talk
    finally:
        await ended(process)


async def ended(process: asyncio.subprocess.Process) -> None:
    """Ask the program to end; end it if it does not."""
    if process.returncode is None:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 5)
        except TimeoutError:
            process.kill()
            await process.wait()


async def test_a_person_talks_to_a_bot_on_any_library(talk: Talk) -> None:
    simulator = talk.simulator

    hello = await talk.answer_to("/start")
    assert hello["text"] == "Hello, Lena"
    assert hello["entities"] == [{"type": "bold", "offset": 0, "length": 5}]
    assert (await talk.answer_to("эхо 😀"))["text"] == "эхо 😀"

    question = await talk.answer_to("/ask")
    assert [button["text"] for button in question["reply_markup"]["inline_keyboard"][0]] == ["tea", "coffee"]
    tap = {"bot": 42, "from": LENA, "message_id": question["message_id"], "data": "coffee"}
    query = (await simulator.post("/sim/callbacks", **tap))["callback_query_id"]
    messages = await talk.until(lambda messages: "chose" in messages[-1]["text"])
    assert messages[-1]["text"] == "You chose coffee."
    assert "reply_markup" not in messages[-1]
    answered = (await simulator.get(f"/sim/callbacks/{query}")).json
    assert answered == {"answered": True, "text": "coffee!", "show_alert": False}

    sent = await talk.answer_to("/file")
    assert (sent["caption"], sent["document"]["file_name"]) == ("Here", "leaves.txt")
    file = await simulator.get(f"/web/files/42/{sent['document']['file_id']}")
    assert file.body == b"tea leaves"

    await simulator.post("/sim/faults", bot=42, method="sendMessage", times=1, status=429, retry_after=1)
    assert (await talk.answer_to("slowly"))["text"] == "slowly"
    refused, sent = (await simulator.calls(method="sendMessage"))[-2:]
    assert (refused["status"], sent["status"]) == (429, 200)
    assert sent["time"] - refused["time"] >= 1.0
