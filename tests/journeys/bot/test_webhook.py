"""The bot behind a webhook."""

import io
import json

import pytest

from parley.adapters.db import OpenDatabase
from parley.adapters.telegram.polling import BotRefused
from parley.bot import telegram_bot, webhook_of
from parley.settings import SettingError, Settings
from parley.shell.webhook import PATH
from support.app import BOT_TOKEN, AppUnderTest
from support.telegram import Town, free_port, telegram_running

SECRET = "a-secret_1"


def by_webhook(port: int) -> dict[str, str]:
    return {
        "bot_mode": "webhook",
        "webhook_secret": SECRET,
        "public_url": f"http://127.0.0.1:{port}",
        "port": str(port),
    }


async def test_the_bot_answers_what_comes_by_webhook(sqlite_db: OpenDatabase) -> None:
    async with Town.living(sqlite_db, **by_webhook(free_port())) as town:
        character = await town.app.character("Вера")
        person = await town.telegram.person()
        await person.talks_to(character)
        town.app.model.will_say("By webhook.")
        await person.says("Hello")
        await person.reads("By webhook.")


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", "сек"])
async def test_who_does_not_know_the_secret_is_turned_away(sqlite_db: OpenDatabase, secret: str | None) -> None:
    async with Town.living(sqlite_db, **by_webhook(free_port())) as town:
        headers = {} if secret is None else {"X-Telegram-Bot-Api-Secret-Token": secret}
        body = json.dumps({"update_id": 1, "message": {"chat": {"id": 7}}})
        async with town.app.session.post(town.app.base_url + PATH, data=body, headers=headers) as answer:
            assert answer.status == 401
        async with sqlite_db.read() as tx:
            assert await tx.one("SELECT 1 AS yes FROM updates") is None


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff\xfe", b'{"update_id": "x"}', b"[" * 10_000])
async def test_what_is_no_update_is_taken_and_forgotten(sqlite_db: OpenDatabase, body: bytes) -> None:
    async with Town.living(sqlite_db, **by_webhook(free_port())) as town:
        headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
        async with town.app.session.post(town.app.base_url + PATH, data=body, headers=headers) as answer:
            assert answer.status == 200


async def test_a_body_without_measure_is_refused(sqlite_db: OpenDatabase) -> None:
    async with Town.living(sqlite_db, **by_webhook(free_port())) as town:
        headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
        async with town.app.session.post(
            town.app.base_url + PATH, data=io.BytesIO(b"x" * (1024 * 1024 + 1)), headers=headers
        ) as answer:
            assert answer.status == 413


@pytest.mark.parametrize("missing", ["PUBLIC_URL", "WEBHOOK_SECRET"])
def test_a_webhook_needs_an_address_and_a_secret(missing: str) -> None:
    given = {"BOT_TOKEN": BOT_TOKEN, "BOT_MODE": "webhook", "PUBLIC_URL": "http://x.example", "WEBHOOK_SECRET": "s"}
    del given[missing]
    with pytest.raises(SettingError, match=f"PARLEY_{missing}"):
        webhook_of(Settings.load({f"PARLEY_{name}": value for name, value in given.items()}))


async def test_a_webhook_that_telegram_refuses_ends_the_bot_with_a_line_for_the_operator(
    sqlite_app: AppUnderTest,
) -> None:
    async with telegram_running() as telegram:
        await telegram.call("getMe")  # a bot exists from the first use of its token
        await telegram.fault("setWebhook", status=400, description="Bad Request: bad webhook: an HTTPS URL is needed")
        given = {"BOT_TOKEN": BOT_TOKEN, "TELEGRAM_API_URL": telegram.base_url} | {
            name.upper(): value for name, value in by_webhook(8088).items()
        }
        settings = Settings.load({f"PARLEY_{name}": value for name, value in given.items()})
        async with telegram_bot(sqlite_app.parley, settings, webhook_of(settings), is_alone=True) as bot:
            with pytest.raises(BotRefused, match=r"PARLEY_PUBLIC_URL.*HTTPS URL"):
                await bot.run()
            await bot.end(0.5)
            assert SECRET not in repr(bot)
            assert BOT_TOKEN not in repr(bot)
