"""What a person and the passing months do with Stars: pay, renew, cancel, and what the bot is told of it."""

import secrets
from typing import Final

from parley_simulator.payments.invoices import CURRENCY, Invoice
from parley_simulator.payments.ledger import Checkout, Payment, State, Subscription
from parley_simulator.refusal import bad_request
from parley_simulator.state import Bot, Person
from parley_simulator.wire import Json
from parley_simulator.world import World

CHECKOUT_SECONDS: Final = 10.0
"""So long Telegram waits for the bot's word before the Stars move."""


class NotPaid(Exception):
    """Why no Stars moved, as the person reads it."""


async def pay(world: World, bot: Bot, person: Person, invoice: Invoice) -> Payment:
    """Ask the bot, move the Stars, tell the bot. Raises NotPaid."""
    _check_stars(person, invoice)
    if refusal := await _asked(world, bot, person, invoice):
        raise NotPaid(refusal)
    _check_stars(person, invoice)
    payment = bot.ledger.charge(person.id, invoice, int(world.clock.now()))
    return _move(world, bot, person, payment)


def renew(world: World, bot: Bot, first_charge: str) -> Payment:
    """The next month of a subscription is paid; nobody is asked. Raises NotPaid."""
    subscription = bot.ledger.subscriptions[first_charge]
    person = world.people[subscription.person]
    if subscription.state == "canceled":
        raise NotPaid("the subscription is canceled")
    _check_stars(person, subscription.invoice)
    return _move(world, bot, person, bot.ledger.renew(first_charge, int(world.clock.now())))


def change(world: World, bot: Bot, subscription: Subscription, state: State) -> None:
    """The person cancels or takes up the subscription again, or a payment for it fails; the bot is told."""
    subscription.state = state
    person = world.people[subscription.person]
    news = {"user": person.user, "invoice_payload": subscription.invoice.payload, "state": state}
    world.tell(bot, "subscription", news, person.id)
    world.chat_changed(bot, person.id)


def refund(world: World, bot: Bot, person: Person, charge: str) -> None:
    """The Stars go back, and both sides see it. Raises Refused."""
    payment = bot.ledger.refund(person.id, charge, int(world.clock.now()))
    person.stars += payment.invoice.amount
    world.place_for_bot(bot, person, {"refunded_payment": payment.refunded})
    world.watchers.tell(kind="state")


def answer(bot: Bot, query: str, refusal: str | None) -> None:
    """The bot's word on a checkout: None agrees. Raises Refused if nobody waits for it any more."""
    checkout = bot.ledger.checkouts.pop(query, None)
    if checkout is None:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    checkout.refusal = refusal
    checkout.answered.set()


def _check_stars(person: Person, invoice: Invoice) -> None:
    if person.stars < invoice.amount:
        raise NotPaid(f"not enough Stars: {person.stars} of {invoice.amount}")


async def _asked(world: World, bot: Bot, person: Person, invoice: Invoice) -> str | None:
    """Why the bot refuses; None when it agrees in time."""
    query = str(secrets.randbits(62))
    checkout = bot.ledger.checkouts[query] = Checkout()
    try:
        if world.tell(bot, "pre_checkout_query", _shown(query, person, invoice), person.id) is None:
            return "the bot does not take pre_checkout_query updates"
        in_time = await world.clock.within(CHECKOUT_SECONDS, checkout.answered)
        return checkout.refusal if in_time else "BOT_PRECHECKOUT_TIMEOUT"
    finally:
        bot.ledger.checkouts.pop(query, None)


def _shown(query: str, person: Person, invoice: Invoice) -> Json:
    return {
        "id": query,
        "from": person.user,
        "currency": CURRENCY,
        "total_amount": invoice.amount,
        "invoice_payload": invoice.payload,
    }


def _move(world: World, bot: Bot, person: Person, payment: Payment) -> Payment:
    person.stars -= payment.invoice.amount
    world.place_for_bot(bot, person, {"successful_payment": payment.paid})
    world.watchers.tell(kind="state")
    return payment
