"""What may be asked for in Stars, and in which words Telegram refuses the rest."""

from dataclasses import dataclass
from typing import Any, Final

from parley_simulator.bot_api.params import Params
from parley_simulator.entities import units
from parley_simulator.refusal import bad_request
from parley_simulator.wire import Json

CURRENCY: Final = "XTR"
MONTH: Final = 2_592_000
"""Seconds; the only period a subscription may have."""

_LONGEST_TITLE: Final = 32
_LONGEST_DESCRIPTION: Final = 255
_LONGEST_PAYLOAD: Final = 128
_MOST_STARS: Final = 100_000
_MOST_STARS_A_MONTH: Final = 10_000
_NOT_FOR_STARS: Final = (
    "need_name", "need_phone_number", "need_email", "need_shipping_address", "send_phone_number_to_provider",
    "send_email_to_provider", "is_flexible",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Invoice:
    """What a bot asks for; ``payload`` is its own mark. ``period`` are the seconds between payments."""

    title: str
    description: str
    payload: str
    amount: int
    start_parameter: str = ""
    period: int | None = None

    @property
    def shown(self) -> Json:
        """The Bot API's Invoice."""
        return {
            "title": self.title,
            "description": self.description,
            "start_parameter": self.start_parameter,
            "currency": CURRENCY,
            "total_amount": self.amount,
        }


def asked(params: Params) -> Invoice:
    """The invoice that a call describes. Raises Refused."""
    title, description = params.required("title"), params.required("description")
    payload, currency = params.required("payload"), params.required("currency")
    prices = _prices(params)
    if units(title) > _LONGEST_TITLE:
        raise bad_request("INVOICE_TITLE_INVALID")
    if units(description) > _LONGEST_DESCRIPTION:
        raise bad_request("INVOICE_DESCRIPTION_INVALID")
    if len(payload.encode()) > _LONGEST_PAYLOAD:
        raise bad_request("INVOICE_PAYLOAD_INVALID")
    _check_stars(params, currency, prices)
    period = _period(params, prices[0])
    return Invoice(title, description, payload, prices[0], params.text("start_parameter"), period)


def _prices(params: Params) -> list[int]:
    params.required("prices")
    prices = params.json("prices")
    if not isinstance(prices, list):
        raise bad_request("expected an Array of labeled prices")
    if not prices:
        raise bad_request("there must be at least one price")
    return [_amount(price) for price in prices]


def _amount(price: Any) -> int:
    """The amount of a LabeledPrice."""
    if not isinstance(price, dict):
        raise bad_request("can't parse labeled price: LabeledPrice must be an Object")
    if not isinstance(price.get("label"), str) or not price["label"]:
        raise bad_request("can't parse labeled price: LabeledPrice label must be non-empty")
    try:
        return int(price["amount"])
    except KeyError:
        raise bad_request("can't parse labeled price: Can't find field \"amount\"") from None
    except (TypeError, ValueError):
        raise bad_request('can\'t parse labeled price: Field "amount" must be a valid Number') from None


def _check_stars(params: Params, currency: str, prices: list[int]) -> None:
    """Only Stars are simulated: money needs a provider outside Telegram."""
    if currency != CURRENCY:
        raise bad_request("PAYMENT_PROVIDER_INVALID")
    tips = params.integer("max_tip_amount") or params.json("suggested_tip_amounts")
    if len(prices) != 1 or tips or params.has("provider_token") or any(map(params.flag, _NOT_FOR_STARS)):
        raise bad_request("STARS_INVOICE_INVALID")
    if not 0 < prices[0] <= _MOST_STARS:
        raise bad_request("CURRENCY_TOTAL_AMOUNT_INVALID")


def _period(params: Params, amount: int) -> int | None:
    period = params.integer("subscription_period")
    if not period:
        return None
    if period != MONTH:
        raise bad_request("SUBSCRIPTION_PERIOD_INVALID")
    if amount > _MOST_STARS_A_MONTH:
        raise bad_request("SUBSCRIPTION_AMOUNT_INVALID")
    return period
