"""Payments in Stars."""

from collections.abc import Mapping
from typing import Final

from parley_simulator.bot_api.call import Call, Method
from parley_simulator.bot_api.sending import send
from parley_simulator.payments import deeds
from parley_simulator.payments.invoices import Invoice, asked
from parley_simulator.refusal import bad_request
from parley_simulator.state import Person
from parley_simulator.wire import Json


async def send_invoice(call: Call) -> Json:
    """Put an invoice into a chat."""
    invoice = asked(call.params)
    message = send(call, {"invoice": invoice.shown, "reply_markup": _pay(invoice)}, is_invoice=True)
    call.bot.ledger.sent[message["chat"]["id"], message["message_id"]] = invoice
    return message


async def create_invoice_link(call: Call) -> str:
    """A link that anyone may pay."""
    return call.bot.ledger.link(asked(call.params))


async def answer_pre_checkout_query(call: Call) -> bool:
    """Agree to a payment, or say why not."""
    refusal = None
    if not call.params.flag("ok"):
        refusal = call.params.required("error_message")
    deeds.answer(call.bot, call.params.text("pre_checkout_query_id"), refusal)
    return True


async def refund_star_payment(call: Call) -> bool:
    """Give the Stars back."""
    deeds.refund(call.world, call.bot, _user(call), call.params.required("telegram_payment_charge_id"))
    return True


async def get_star_transactions(call: Call) -> Json:
    """All that came and went, oldest first."""
    offset = call.params.within("offset", 0, 0, 2**31)
    limit = call.params.within("limit", 100, 1, 100)
    people = call.world.people
    transactions = call.bot.ledger.transactions[offset : offset + limit]
    return {"transactions": [each.shown(people[each.payment.person].user) for each in transactions]}


async def get_my_star_balance(call: Call) -> Json:
    """The bot's Stars."""
    return {"amount": call.bot.ledger.balance}


async def edit_user_star_subscription(call: Call) -> bool:
    """End a subscription with its month, or let the person take it up again."""
    person, charge = _user(call), call.params.required("telegram_payment_charge_id")
    subscription = call.bot.ledger.subscriptions.get(charge)
    if subscription is None or subscription.person != person.id:
        raise bad_request("CHARGE_NOT_FOUND")
    subscription.is_ended_by_bot = call.params.flag("is_canceled")
    subscription.state = "canceled" if subscription.is_ended_by_bot else "active"
    call.world.chat_changed(call.bot, person.id)
    return True


def _pay(invoice: Invoice) -> Json:
    return {"inline_keyboard": [[{"text": f"Pay ⭐️{invoice.amount}", "pay": True}]]}


def _user(call: Call) -> Person:
    person = call.known("user_id")
    if person is None:
        raise bad_request("USER_ID_INVALID")
    return person


METHODS: Final[Mapping[str, Method]] = {
    "sendInvoice": send_invoice,
    "createInvoiceLink": create_invoice_link,
    "answerPreCheckoutQuery": answer_pre_checkout_query,
    "refundStarPayment": refund_star_payment,
    "getStarTransactions": get_star_transactions,
    "getMyStarBalance": get_my_star_balance,
    "editUserStarSubscription": edit_user_star_subscription,
}
