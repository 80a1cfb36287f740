"""The person at the screen: what they may see, and which time it is for them."""

from zoneinfo import ZoneInfo

from parley.features.bot.screens.services import BotServices
from parley.features.characters.core import Viewer
from parley.features.identity.core import Person


def viewer_of(person: Person) -> Viewer:
    """The person as the catalogue sees them."""
    return Viewer(person.id, person.is_adult_confirmed, person.display_name)


def zone_of(person: Person, services: BotServices) -> ZoneInfo:
    """The person's time zone, or the one of those who have not said theirs."""
    return ZoneInfo(person.timezone or services.default_timezone)
