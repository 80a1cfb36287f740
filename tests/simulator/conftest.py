"""Fixtures around a local Telegram."""

from collections.abc import AsyncIterator

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from support.simulator import TOKEN, BotClient, Simulator, WebhookReceiver, receiving, simulating


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    """A simulator of the test's own, on a clock it may set ahead."""
    async with simulating() as simulator:
        yield simulator


@pytest.fixture
async def bot(simulator: Simulator) -> BotClient:
    """A bot to which Lena has written."""
    return await simulator.started()


@pytest.fixture
async def aiogram(simulator: Simulator) -> AsyncIterator[Bot]:
    """The same bot on aiogram."""
    async with Bot(TOKEN, AiohttpSession(api=TelegramAPIServer.from_base(simulator.base))) as bot:
        yield bot


@pytest.fixture
async def receiver() -> AsyncIterator[WebhookReceiver]:
    """A bot's own server, for a webhook."""
    async with receiving() as receiver:
        yield receiver
