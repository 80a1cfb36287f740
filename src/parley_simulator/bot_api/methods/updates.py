"""How a bot takes its updates: getUpdates and webhooks."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import aiohttp
import msgspec

from parley_simulator.bot_api.call import Call, Method, Told
from parley_simulator.refusal import Refused, bad_request, conflict, too_many_requests
from parley_simulator.state import Bot
from parley_simulator.updates.polling import Wanted
from parley_simulator.updates.webhook import Surroundings, Target, Webhook
from parley_simulator.wire import Json, NotJson, decode

_LONGEST_POLL: Final = 50
_MOST_CONNECTIONS: Final = 100
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]*")
_WEBHOOK_ACTIVE: Final = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)


async def get_updates(call: Call) -> object:
    """Updates from the offset on; waits for the first if there is none."""
    bot, clock = call.bot, call.world.clock
    try:
        if bot.webhook:
            raise conflict(_WEBHOOK_ACTIVE)
        _ask(call)
        wanted = Wanted(
            call.params.integer("offset"),
            call.params.within("limit", 100, 1, 100),
            call.params.within("timeout", 0, 0, _LONGEST_POLL),
        )
        if call.slows_spinning:
            wanted = bot.polls.slowed(wanted, clock.now())
        bodies = await bot.polls.take(bot.updates, wanted, clock)
    except Refused as refusal:
        if call.slows_spinning and refusal.code == 409:
            await bot.polls.slow_conflict(clock)
        raise
    return msgspec.Raw(b"[%s]" % b",".join(bodies))


async def set_webhook(call: Call) -> Told:
    """Post updates from now on; without an address the webhook is deleted."""
    url = call.params.text("url")
    if not url:
        return await delete_webhook(call)
    bot = call.bot
    _not_too_often(call)
    target = _target(call, url)
    drop = call.params.flag("drop_pending_updates")
    if bot.webhook and bot.webhook.target == target and not drop:
        _ask(call)
        return Told(result=True, description="Webhook is already set")
    bot.polls.terminate("setWebhook request")
    _remove(bot)
    if drop:
        bot.updates.clear()
    _ask(call)
    _begin(call, target)
    return Told(result=True, description="Webhook was set")


async def delete_webhook(call: Call) -> Told:
    """Keep updates for getUpdates again."""
    if call.params.flag("drop_pending_updates"):
        call.bot.updates.clear()
    was_set = _remove(call.bot)
    return Told(result=True, description="Webhook was deleted" if was_set else "Webhook is already deleted")


async def get_webhook_info(call: Call) -> Json:
    """Where updates go, and what went wrong last."""
    bot = call.bot
    info: Json = {
        "url": bot.webhook.target.url if bot.webhook else "",
        "has_custom_certificate": bool(bot.webhook and bot.webhook.target.has_custom_certificate),
        "pending_update_count": bot.updates.pending(call.world.clock.now()),
    }
    if bot.webhook:
        if bot.webhook.last_error_date is not None:
            info["last_error_date"] = bot.webhook.last_error_date
            info["last_error_message"] = bot.webhook.last_error_message
        info["max_connections"] = bot.webhook.target.max_connections
    if bot.updates.allowed is not None:
        info["allowed_updates"] = bot.updates.allowed
    return info


async def leave(call: Call) -> bool:
    """Log out or close: whoever waits for updates is sent home."""
    call.bot.polls.release()
    _remove(call.bot)
    return True


METHODS: Final[Mapping[str, Method]] = {
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "logOut": leave,
    "close": leave,
}


def _ask(call: Call) -> None:
    """Take `allowed_updates`; what is no array keeps what was asked before."""
    asked = call.params.values.get("allowed_updates")
    if isinstance(asked, str):
        try:
            asked = decode(asked)
        except NotJson:
            return
    if isinstance(asked, list):
        call.bot.updates.ask_for(asked)


def _not_too_often(call: Call) -> None:
    now = call.world.clock.now()
    if call.world.limits.rates.enabled and now < call.bot.next_set_webhook:
        raise too_many_requests(1)
    call.bot.next_set_webhook = now + 1.0


def _target(call: Call, url: str) -> Target:
    secret = call.params.text("secret_token")
    if len(secret) > 256:
        raise bad_request("secret token is too long")
    if not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    return Target(
        _address(url),
        secret,
        call.params.within("max_connections", 40, 1, _MOST_CONNECTIONS),
        call.params.upload("certificate") is not None,
    )


def _address(url: str) -> str:
    """The address to post to: http is fine here, and so is any port; without a scheme it is https."""
    full = url if "://" in url else f"https://{url}"
    try:
        parts = urlsplit(full)
        is_good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good or not full.isprintable() or " " in full:
        raise bad_request("invalid webhook URL specified")
    return full


def _begin(call: Call, target: Target) -> None:
    world, bot = call.world, call.bot

    async def obey(response: aiohttp.ClientResponse) -> None:
        await world.obey(world, bot, response)

    def remove() -> None:
        _remove(bot)

    webhook = Webhook(target, bot.updates, Surroundings(world.clock, obey, remove))
    webhook.stop = world.spawn(webhook.run()).cancel
    bot.webhook = webhook


def _remove(bot: Bot) -> bool:
    """Take the webhook away; whether there was one."""
    webhook, bot.webhook = bot.webhook, None
    if webhook:
        webhook.stop()
    return webhook is not None
