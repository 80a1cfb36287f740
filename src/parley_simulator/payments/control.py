"""The calls about payments: what a person or a test does, and what the web client shows."""

from parley_simulator.asking import bot_of, person_of
from parley_simulator.bodies import Changing, Paying
from parley_simulator.payments import deeds
from parley_simulator.payments.invoices import CURRENCY, Invoice
from parley_simulator.payments.ledger import Payment, slug_of
from parley_simulator.refusal import Refused
from parley_simulator.state import Bot, Person
from parley_simulator.wire import Json
from parley_simulator.world import World


async def pay(world: World, asked: Paying) -> Json:
    """The outcome of a payment; only `pay` asks the bot and moves Stars. Raises Refused."""
    bot, person = bot_of(world, asked.bot), person_of(world, asked.person)
    invoice = _invoice(bot, person, asked)
    match asked.outcome:
        case "cancel":
            return {"status": "cancelled"}
        case "pending":
            return {"status": "pending"}
        case "fail":
            return {"status": "failed", "error_message": "the payment failed"}
        case "pay":
            return await _paid(world, bot, person, invoice)


async def _paid(world: World, bot: Bot, person: Person, invoice: Invoice) -> Json:
    try:
        payment = await deeds.pay(world, bot, person, invoice)
    except deeds.NotPaid as reason:
        return {"status": "failed", "error_message": str(reason)}
    return {"status": "paid", "telegram_payment_charge_id": payment.charge}


def change_subscription(world: World, charge: str, asked: Changing) -> Json:
    """Renew, cancel, take up again, or let the next payment fail. Raises Refused."""
    found = ((bot, bot.ledger.subscription_of(charge)) for bot in world.bots.values())
    bot, known = next(((bot, known) for bot, known in found if known is not None), (None, None))
    if bot is None or known is None:
        raise Refused(404, "no such subscription")
    first_charge, subscription = known
    match asked.action:
        case "renew":
            return _renewed(world, bot, first_charge)
        case "reactivate" if subscription.is_ended_by_bot:
            raise Refused(400, "the bot ended this subscription")
        case "reactivate":
            deeds.change(world, bot, subscription, "active")
        case "cancel":
            deeds.change(world, bot, subscription, "canceled")
        case "fail":
            deeds.change(world, bot, subscription, "failed")
    return {}


def _renewed(world: World, bot: Bot, first_charge: str) -> Json:
    try:
        return {"telegram_payment_charge_id": deeds.renew(world, bot, first_charge).charge}
    except deeds.NotPaid as reason:
        raise Refused(400, str(reason)) from reason


def invoice(world: World, slug: str) -> Json:
    """What a link asks for. Raises Refused."""
    name = slug_of(slug)
    for bot in world.bots.values():
        if asked := bot.ledger.links.get(name or ""):
            return {
                "bot": bot.id,
                "title": asked.title,
                "description": asked.description,
                "currency": CURRENCY,
                "total_amount": asked.amount,
                "subscription_period": asked.period,
            }
    raise Refused(404, "no such invoice")


def payments(world: World, bot: int, person: int) -> Json:
    """What a person paid to a bot, oldest first. Raises Refused."""
    seller = bot_of(world, bot)
    paid = [payment for payment in seller.ledger.payments.values() if payment.person == person]
    return {"payments": [_shown(seller, payment) for payment in paid]}


def _shown(bot: Bot, payment: Payment) -> Json:
    known = bot.ledger.subscription_of(payment.charge)
    return {
        "telegram_payment_charge_id": payment.charge,
        "title": payment.invoice.title,
        "total_amount": payment.invoice.amount,
        "date": payment.date,
        "is_refunded": payment.is_refunded,
        "subscription": {"state": known[1].state, "expiration_date": known[1].expires} if known else None,
    }


def _invoice(bot: Bot, person: Person, asked: Paying) -> Invoice:
    if (asked.message_id is None) == (asked.link is None):
        raise Refused(400, "one of message_id and link names the invoice")
    if asked.message_id is not None:
        found = bot.ledger.sent.get((person.id, asked.message_id))
        is_there = person.id in bot.chats and asked.message_id in bot.chats[person.id].messages
        found = found if is_there else None
    else:
        found = bot.ledger.links.get(slug_of(asked.link or "") or "")
    if found is None:
        raise Refused(404, "no such invoice")
    return found
