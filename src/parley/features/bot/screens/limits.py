"""`/limits`."""

from aiogram import Router

from parley.features.bot.core.texts import limits as texts
from parley.features.bot.screens.services import BotServices
from parley.features.bot.screens.showing import Screen, on_command, show
from parley.features.bot.screens.visitors import zone_of
from parley.features.identity.core import Person
from parley.kernel.sentences import Language


def router() -> Router:
    """`/limits`."""
    fresh = Router(name="limits")
    fresh.message.register(_limits, on_command("limits"))
    return fresh


async def _limits(_: object, services: BotServices, person: Person, language: Language) -> None:
    usage = await services.limits.usage(person.id)
    now = services.clock.now().astimezone(zone_of(person, services))
    await show(services, person, Screen(texts.usage(usage, now, language)))
