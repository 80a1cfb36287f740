"""Changes that an update makes once, however often it is handled: after a crash it comes again."""

from collections.abc import Awaitable, Callable

from parley.features.bot.screens.services import BotServices
from parley.features.idempotency import core as idempotency
from parley.features.identity.core import Person
from parley.kernel.ports import Tx


async def once(
    services: BotServices, person: Person, update_id: int, what: str, change: Callable[[Tx], Awaitable[str]]
) -> str:
    """Make the change within one transaction and give its answer, the kept one if it was made before."""
    asked = idempotency.asked(person.id, f"bot {what}", str(update_id), b"")
    return await services.idempotency.answer(asked, change)
