"""The bot put together, for `parley bot` and `parley run`: aiogram and what it needs are loaded only here."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import structlog
from aiogram.exceptions import TelegramBadRequest, TelegramNotFound, TelegramUnauthorizedError
from aiogram.methods import DeleteWebhook, SetWebhook

from parley import main
from parley.adapters.llm.endpoint import provider_session
from parley.adapters.telegram.client import TelegramClient, telegram_client
from parley.adapters.telegram.polling import BotRefused, Polling
from parley.features.bot import screens
from parley.features.bot.screens.services import BotServices
from parley.features.bot.service import Dialogs, Outgoing
from parley.features.privacy.service import Privacy
from parley.features.updates.service import Inbox
from parley.main import Parley
from parley.settings import TELEGRAM, SettingError, Settings
from parley.shell.bot import Desk, PollingLoop, forget_handled, until_refused
from parley.shell.metrics import Metrics
from parley.shell.serving import listening
from parley.shell.webhook import PATH, Webhook
from parley.world import connected

REFUSED: Final = "Telegram refuses PARLEY_BOT_TOKEN: get the right one from @BotFather"

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class TelegramBot:
    """The bot, ready to run beside the rest."""

    desk: Desk
    client: TelegramClient
    services: BotServices
    polling: PollingLoop | None
    """None: updates come by webhook."""
    webhook_url: str
    webhook_secret: str = field(repr=False)
    is_alone: bool
    """Whether this process is there for the bot only, and ends with it."""

    async def run(self) -> None:
        """Take updates in until cancelled. Raises BotRefused if the bot is all there is; else the rest goes on."""
        hint = ""
        try:
            await self._run()
        except* BotRefused as refused:
            hint = str(refused.exceptions[0]) or REFUSED
        if hint:
            log.error("bot_refused", hint=hint)
            if self.is_alone:
                raise BotRefused(hint)

    async def end(self, seconds: float) -> None:
        """Finish what is in hand; what is not finished waits in the inbox."""
        await self.desk.end(seconds)

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(until_refused(self.desk))
            tasks.create_task(self.desk.watch())
            tasks.create_task(self._introduce())
            tasks.create_task(self._come_in())
            tasks.create_task(forget_handled(self.desk.inbox, self.desk.clock))

    async def _introduce(self) -> None:
        """Commands and menu. A Bot API server that knows less than Telegram's must not keep the bot from working."""
        try:
            await screens.introduce(self.services)
        except TelegramUnauthorizedError:
            raise BotRefused from None

    async def _come_in(self) -> None:
        """Open one way in; Telegram closes the other. No update is dropped by it."""
        try:
            await self.client.send(self._set_webhook() if self.polling is None else DeleteWebhook())
        except (TelegramUnauthorizedError, TelegramNotFound):
            raise BotRefused from None
        except TelegramBadRequest as refusal:
            raise BotRefused(f"Telegram refuses PARLEY_PUBLIC_URL for the webhook: {refusal.message}") from None
        if self.polling is not None:
            await self.polling.run()

    def _set_webhook(self) -> SetWebhook:
        return SetWebhook(
            url=self.webhook_url, secret_token=self.webhook_secret, allowed_updates=list(screens.USED_UPDATES)
        )


@asynccontextmanager
async def telegram_bot(
    parley: Parley, settings: Settings, webhook: Webhook | None, *, is_alone: bool
) -> AsyncIterator[TelegramBot]:
    """The bot over these services, with its connections; closed in the end."""
    world, token = parley.world, settings.require_bot_token()
    async with (
        provider_session() as session,
        telegram_client(token, settings.telegram_api_url, world.clock, world.chance) as client,
    ):
        services = bot_services(parley, settings, client)
        inbox = Inbox(world.db, world.clock, parley.workers)
        desk = Desk(inbox, client.bot, screens.dispatcher(services), world.clock)
        polling = None
        if webhook is None:
            polls = Polling(session, settings.telegram_api_url, token, screens.USED_UPDATES)
            polling = PollingLoop(polls, desk, world.clock, world.chance)
        else:
            webhook.desk = desk
        address, secret = settings.public_url + PATH, settings.webhook_secret
        yield TelegramBot(desk, client, services, polling, address, secret, is_alone)


def bot_services(parley: Parley, settings: Settings, outgoing: Outgoing) -> BotServices:
    """What the screens work with, over the application's services."""
    world, services = parley.world, parley.services
    return BotServices(
        identity=services.identity,
        characters=services.characters,
        chats=services.chats,
        memories=services.memories,
        scenes=services.scenes,
        turns=services.turns,
        limits=services.limits,
        rates=parley.edge.rates,
        idempotency=services.idempotency,
        privacy=Privacy(world.db, world.clock, world.bus),
        dialogs=Dialogs(world.db, world.clock),
        outgoing=outgoing,
        clock=world.clock,
        public_url=_app_address(settings),
        default_timezone=settings.default_timezone,
    )


def _app_address(settings: Settings) -> str:
    """Where the app is, if its buttons will be taken: Telegram itself refuses a whole message for one without https."""
    may_be_http = settings.telegram_api_url != TELEGRAM
    return settings.public_url if may_be_http or settings.public_url.startswith("https://") else ""


def webhook_of(settings: Settings) -> Webhook | None:
    """The way in for Telegram's calls, if the operator chose it; raises SettingError for what it lacks."""
    if settings.bot_mode == "polling":
        return None
    for name, value in (("PUBLIC_URL", settings.public_url), ("WEBHOOK_SECRET", settings.webhook_secret)):
        if not value:
            raise SettingError(f"PARLEY_{name} is not set: PARLEY_BOT_MODE=webhook needs it")
    return Webhook(settings.webhook_secret)


async def serve(settings: Settings, *, is_alone: bool) -> None:
    """Run the bot until a signal: alone, or with API, WebSocket and pages.

    Alone it listens only for a webhook. Raises BotRefused if Telegram does not know the token and nothing else runs.
    """
    metrics, webhook = Metrics.fresh(), webhook_of(settings)
    async with connected(settings, metrics) as (world, _):
        parley = main.build(settings, world, metrics, () if webhook is None else webhook.routes())
        async with telegram_bot(parley, settings, webhook, is_alone=is_alone) as bot:
            listens = not is_alone or webhook is not None
            await main.run(parley, listening(settings) if listens else None, beside=bot)
