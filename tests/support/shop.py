"""A bot that sells for Stars, and a person who has a thousand of them, on a clock that the test moves."""

import asyncio
import json
from typing import Any

import pytest

from parley_simulator import bodies
from parley_simulator.bot_api.call import Call
from parley_simulator.bot_api.methods import METHODS
from parley_simulator.bot_api.params import Params
from parley_simulator.clock import Clock
from parley_simulator.payments import control
from parley_simulator.payments.invoices import MONTH
from parley_simulator.refusal import Refused
from parley_simulator.state import Bot, Person
from parley_simulator.world import World

BOT = 42
ANN = 7
INVOICE: dict[str, object] = {
    "title": "Premium",
    "description": "A month of it",
    "payload": "order-1",
    "currency": "XTR",
    "prices": [{"label": "A month", "amount": 100}],
}


class MovedClock(Clock):
    """A clock that moves when told; whoever sleeps on it wakes when it has moved so far."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.0
        self.is_slept_on = asyncio.Event()
        self._moved = asyncio.Condition()

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        until = self.time + seconds
        self.is_slept_on.set()
        async with self._moved:
            await self._moved.wait_for(lambda: self.time >= until)

    async def move(self, seconds: float) -> None:
        self.time += seconds
        async with self._moved:
            self._moved.notify_all()


class Shop:
    """A bot that sells, and Ann who has a thousand Stars and has written to it."""

    def __init__(self) -> None:
        self.clock = MovedClock()
        self.world = World(self.clock)
        self.bot: Bot = self.world.meet(BOT, "TEST")
        self.ann = self.world.people[ANN] = Person(ANN, "Ann")
        self.world.place_for_bot(self.bot, self.ann, {"text": "hi"})

    async def call(self, method: str, **params: object) -> Any:
        return await METHODS[method.lower()](Call(self.world, self.bot, Params(params)))

    async def refusal(self, method: str, **params: object) -> str:
        with pytest.raises(Refused) as refused:
            await self.call(method, **params)
        return refused.value.description

    def updates(self, kind: str) -> list[Any]:
        read = self.bot.updates.read(0, 100, self.clock.now())
        return [update[kind] for update in map(json.loads, read) if kind in update]

    def messages(self, field: str) -> list[Any]:
        return [message[field] for message in self.updates("message") if field in message]

    async def checkout(self) -> Any:
        """The checkout that waits for the bot's word, as soon as there is one."""
        heard = asyncio.Event()
        stop = self.bot.updates.listen(heard.set)
        while not self.bot.ledger.checkouts:
            await heard.wait()
        stop()
        return self.updates("pre_checkout_query")[-1]

    async def pays(self, *, refusal: str | None = None, **named: Any) -> Any:
        """The outcome when the bot answers the checkout at once."""
        paying = asyncio.ensure_future(control.pay(self.world, bodies.Paying(BOT, ANN, **named)))
        asking = asyncio.ensure_future(self.checkout())
        await asyncio.wait({paying, asking}, return_when=asyncio.FIRST_COMPLETED)
        if asking.done():
            word = {"ok": True} if refusal is None else {"ok": False, "error_message": refusal}
            await self.call("answerPreCheckoutQuery", pre_checkout_query_id=asking.result()["id"], **word)
        asking.cancel()
        return await paying

    async def subscription(self) -> str:
        """The charge of a first month."""
        link = await self.call("createInvoiceLink", **INVOICE, subscription_period=MONTH)
        paid = await self.pays(link=link)
        return str(paid["telegram_payment_charge_id"])

    def change(self, charge: str, action: Any) -> Any:
        return control.change_subscription(self.world, charge, bodies.Changing(action))
