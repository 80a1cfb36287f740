"""The time zone: a part of the world, then a city and its clock; or by name."""

from zoneinfo import ZoneInfo

from aiogram import Router
from aiogram.types import CallbackQuery

from parley.features.bot.core import zones as core
from parley.features.bot.core.dialogs import Dialog
from parley.features.bot.core.texts import settings as texts
from parley.features.bot.core.texts import words
from parley.features.bot.core.zones import Place
from parley.features.bot.screens.services import BotServices
from parley.features.bot.screens.settings.overview import show_overview
from parley.features.bot.screens.settings.taps import Overview, Places, PutZone, Regions
from parley.features.bot.screens.showing import Screen, button, show, two_a_row
from parley.features.bot.screens.visitors import zone_of
from parley.features.bot.service import Toast
from parley.features.identity.core import Person, ProfileChange, is_zone
from parley.kernel.sentences import Language


def router() -> Router:
    """The buttons of regions and cities."""
    fresh = Router(name="zones")
    fresh.callback_query.register(_regions, Regions.filter())
    fresh.callback_query.register(_places, Places.filter())
    fresh.callback_query.register(_put, PutZone.filter())
    return fresh


async def set_by_name(services: BotServices, person: Person, told: str) -> None:
    """Set the zone that the person names: an IANA name, or a city of the list."""
    language = person.speaks
    zone = next(filter(is_zone, core.candidates(told)), None)
    if zone is None:
        ways = [[button(texts.NAMES["zone"][language], Regions())]]
        await show(services, person, Screen(texts.no_such_zone(told, language), ways))
        return
    changed = await services.identity.change_profile(person, ProfileChange(timezone=zone))
    now = services.clock.now().astimezone(zone_of(changed, services))
    await show(services, person, Screen(texts.zone_set(now, language)))


async def _regions(query: CallbackQuery, services: BotServices, person: Person, language: Language) -> None:
    now = services.clock.now().astimezone(zone_of(person, services))
    buttons = [button(region.name[language], Places(region=region.key)) for region in core.REGIONS]
    back = [button(words.BACK[language], Overview())]
    await show(services, person, Screen(texts.regions(now, language), [*two_a_row(buttons), back]), query)


async def _places(
    query: CallbackQuery, callback_data: Places, services: BotServices, person: Person, language: Language
) -> Toast | None:
    region = core.region_of(callback_data.region)
    if region is None:
        return Toast(words.OUT_OF_DATE[language])
    buttons = [button(_clock(services, person, place, language), PutZone(zone=place.zone)) for place in region.places]
    back = [button(words.BACK[language], Regions())]
    await show(
        services, person, Screen(texts.places(region.name[language], language), [*two_a_row(buttons), back]), query
    )
    return None


def _clock(services: BotServices, person: Person, place: Place, language: Language) -> str:
    """A city and the time on its clocks."""
    now = services.clock.now().astimezone(ZoneInfo(place.zone))
    return words.chosen(f"{place.name[language]} {now:%H:%M}", is_it=person.timezone == place.zone)


async def _put(
    query: CallbackQuery,
    callback_data: PutZone,
    services: BotServices,
    person: Person,
    dialog: Dialog,
    language: Language,
) -> Toast:
    changed = await services.identity.change_profile(person, ProfileChange(timezone=callback_data.zone))
    await show_overview(services, changed, dialog, query)
    return Toast(texts.SAVED[language])
