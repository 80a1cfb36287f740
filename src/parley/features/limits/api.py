"""`GET /api/users/limits`."""

from litestar import Controller, get
from litestar.di import NamedDependency as Needs

from parley.features.identity.core import Person
from parley.features.limits import wire
from parley.features.limits.service import Limits
from parley.features.limits.wire import LimitsAnswer
from parley.kernel.openapi import about


class LimitsApi(Controller):
    """The person's quota."""

    path = "/api/users"
    tags = ("Limits",)

    @get("/limits", opt=about("The daily quota and the subscription", LimitsAnswer))
    async def show(self, person: Needs[Person], limits: Needs[Limits]) -> LimitsAnswer:
        return wire.limits_answer(await limits.usage(person.id))
