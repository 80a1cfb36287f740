"""A bot's books: invoices handed out, payments, subscriptions, and every Star that moved."""

import asyncio
import re
import secrets
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from parley_simulator.payments.invoices import CURRENCY, Invoice
from parley_simulator.refusal import bad_request
from parley_simulator.wire import Json, filled

State = Literal["active", "canceled", "failed"]

_LINK: Final = re.compile(r"(?:(?:https?://)?t\.me/)?(?:\$|invoice/)?([A-Za-z0-9_=-]+)")


@dataclass(frozen=True, slots=True)
class Payment:
    """One transfer of Stars from a person; ``first_charge`` is the subscription it belongs to."""

    charge: str
    person: int
    invoice: Invoice
    date: int
    is_refunded: bool = False
    first_charge: str | None = None
    expires: int | None = None

    @property
    def paid(self) -> Json:
        """The Bot API's SuccessfulPayment."""
        return self._charged | filled(
            is_recurring=self.first_charge is not None,
            is_first_recurring=self.first_charge == self.charge,
            subscription_expiration_date=self.expires,
        )

    @property
    def refunded(self) -> Json:
        """The Bot API's RefundedPayment."""
        return self._charged

    @property
    def _charged(self) -> Json:
        return {
            "currency": CURRENCY,
            "total_amount": self.invoice.amount,
            "invoice_payload": self.invoice.payload,
            "telegram_payment_charge_id": self.charge,
            "provider_payment_charge_id": f"{self.person}_{self.charge[-8:]}",
        }


@dataclass(slots=True)
class Subscription:
    """Payments that repeat; known by the charge of the first."""

    person: int
    invoice: Invoice
    expires: int
    state: State = "active"
    is_ended_by_bot: bool = False


@dataclass(frozen=True, slots=True)
class Transaction:
    """Stars that came to the bot, or went back."""

    payment: Payment
    date: int
    is_refund: bool

    def shown(self, user: Json) -> Json:
        """The Bot API's StarTransaction with this ``user``."""
        invoice = self.payment.invoice
        partner = {
            "type": "user",
            "transaction_type": "invoice_payment",
            "user": user,
            "invoice_payload": invoice.payload,
        } | filled(subscription_period=invoice.period)
        side = "receiver" if self.is_refund else "source"
        return {"id": self.payment.charge, "amount": invoice.amount, "date": self.date, side: partner}


@dataclass(slots=True)
class Checkout:
    """A payment about to be made: the bot agrees to it, or says why not."""

    answered: asyncio.Event = field(default_factory=asyncio.Event)
    refusal: str | None = None


@dataclass(slots=True)
class Ledger:
    """Nothing here waits or tells anyone; whoever moves Stars here moves the person's too."""

    links: dict[str, Invoice] = field(default_factory=dict)
    sent: dict[tuple[int, int], Invoice] = field(default_factory=dict)
    """By chat and message."""
    payments: dict[str, Payment] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    transactions: list[Transaction] = field(default_factory=list)
    checkouts: dict[str, Checkout] = field(default_factory=dict)
    """Those that wait for the bot's word."""

    @property
    def balance(self) -> int:
        """The bot's Stars."""
        return sum(
            -each.payment.invoice.amount if each.is_refund else each.payment.invoice.amount
            for each in self.transactions
        )

    def link(self, invoice: Invoice) -> str:
        """A link that anyone may pay, any number of times."""
        slug = secrets.token_urlsafe(16)
        self.links[slug] = invoice
        return f"https://t.me/${slug}"

    def charge(self, person: int, invoice: Invoice, now: int) -> Payment:
        """Write down a first or only payment."""
        payment = Payment(_charge(), person, invoice, now)
        if invoice.period:
            payment = replace(payment, first_charge=payment.charge, expires=now + invoice.period)
            self.subscriptions[payment.charge] = Subscription(person, invoice, now + invoice.period)
        return self._received(payment, now)

    def renew(self, first_charge: str, now: int) -> Payment:
        """Write down the payment for one more period, which begins where the last one ends."""
        subscription = self.subscriptions[first_charge]
        subscription.expires = max(subscription.expires, now) + (subscription.invoice.period or 0)
        subscription.state = "active"
        payment = Payment(
            _charge(), subscription.person, subscription.invoice, now,
            first_charge=first_charge, expires=subscription.expires,
        )  # fmt: skip
        return self._received(payment, now)

    def refund(self, person: int, charge: str, now: int) -> Payment:
        """Write down that a payment went back. Raises Refused."""
        payment = self.payments.get(charge)
        if payment is None or payment.person != person:
            raise bad_request("CHARGE_NOT_FOUND")
        if payment.is_refunded:
            raise bad_request("CHARGE_ALREADY_REFUNDED")
        self.payments[charge] = payment = replace(payment, is_refunded=True)
        self.transactions.append(Transaction(payment, now, is_refund=True))
        return payment

    def subscription_of(self, charge: str) -> tuple[str, Subscription] | None:
        """The subscription and its first charge, by the charge of any of its payments."""
        payment = self.payments.get(charge)
        if payment is None or payment.first_charge is None:
            return None
        return payment.first_charge, self.subscriptions[payment.first_charge]

    def _received(self, payment: Payment, now: int) -> Payment:
        self.payments[payment.charge] = payment
        self.transactions.append(Transaction(payment, now, is_refund=False))
        return payment


def slug_of(link: str) -> str | None:
    """The name of an invoice in its link, which may also be given bare."""
    found = _LINK.fullmatch(link)
    return found[1] if found else None


def _charge() -> str:
    return f"stx{secrets.token_urlsafe(30)}"
