"""Stars: what a bot may ask for, what a person pays, and what comes back."""

import asyncio

import pytest

from parley_simulator import bodies
from parley_simulator.payments import control
from parley_simulator.payments.invoices import MONTH
from parley_simulator.payments.ledger import slug_of
from parley_simulator.refusal import Refused
from parley_simulator.state import Person
from support.shop import ANN, BOT, INVOICE, Shop
from support.simulator import Simulator


@pytest.fixture
async def shop() -> Shop:
    return Shop()


# --- asking -----------------------------------------------------------------------------------------------


async def test_an_invoice_is_a_message_with_a_button_that_pays(shop: Shop) -> None:
    message = await shop.call("sendInvoice", chat_id=ANN, **INVOICE)
    assert message["invoice"] == {
        "title": "Premium",
        "description": "A month of it",
        "start_parameter": "",
        "currency": "XTR",
        "total_amount": 100,
    }
    assert message["reply_markup"]["inline_keyboard"][0][0]["pay"] is True


async def test_a_link_names_its_invoice(shop: Shop) -> None:
    link = await shop.call("createInvoiceLink", **INVOICE)
    assert link.startswith("https://t.me/$")
    slug = link.removeprefix("https://t.me/$")
    assert slug_of(link) == slug_of(slug) == slug_of(f"https://t.me/invoice/{slug}") == slug
    assert control.invoice(shop.world, slug) == {
        "bot": BOT,
        "title": "Premium",
        "description": "A month of it",
        "currency": "XTR",
        "total_amount": 100,
        "subscription_period": None,
    }
    with pytest.raises(Refused):
        control.invoice(shop.world, "nothing")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"title": ""}, 'parameter "title" is required'),
        ({"payload": ""}, 'parameter "payload" is required'),
        ({"prices": ""}, 'parameter "prices" is required'),
        ({"title": "я" * 33}, "INVOICE_TITLE_INVALID"),
        ({"description": "я" * 256}, "INVOICE_DESCRIPTION_INVALID"),
        ({"payload": "я" * 65}, "INVOICE_PAYLOAD_INVALID"),
        ({"currency": "USD"}, "PAYMENT_PROVIDER_INVALID"),
        ({"provider_token": "1:TEST"}, "STARS_INVOICE_INVALID"),
        ({"need_email": True}, "STARS_INVOICE_INVALID"),
        ({"max_tip_amount": 5}, "STARS_INVOICE_INVALID"),
        ({"prices": []}, "there must be at least one price"),
        ({"prices": "x"}, "can't parse prices JSON object"),
        ({"prices": [{"amount": 1}]}, "can't parse labeled price: LabeledPrice label must be non-empty"),
        ({"prices": [{"label": "a"}]}, "can't parse labeled price: Can't find field \"amount\""),
        ({"prices": [{"label": "a", "amount": 1}] * 2}, "STARS_INVOICE_INVALID"),
        ({"prices": [{"label": "a", "amount": 0}]}, "CURRENCY_TOTAL_AMOUNT_INVALID"),
        ({"prices": [{"label": "a", "amount": 100_001}]}, "CURRENCY_TOTAL_AMOUNT_INVALID"),
        ({"subscription_period": 60}, "SUBSCRIPTION_PERIOD_INVALID"),
        (
            {"subscription_period": MONTH, "prices": [{"label": "a", "amount": 10_001}]},
            "SUBSCRIPTION_AMOUNT_INVALID",
        ),
    ],
)
async def test_what_telegram_does_not_sell_is_refused(shop: Shop, changed: dict[str, object], reason: str) -> None:
    for method in ("createInvoiceLink", "sendInvoice"):
        assert await shop.refusal(method, chat_id=ANN, **(INVOICE | changed)) == f"Bad Request: {reason}"


async def test_prices_may_come_as_text(shop: Shop) -> None:
    assert await shop.call("createInvoiceLink", **(INVOICE | {"prices": '[{"label":"a","amount":"10000"}]'}))


# --- paying -----------------------------------------------------------------------------------------------


async def test_a_payment_asks_the_bot_moves_the_stars_and_tells_the_bot(shop: Shop) -> None:
    message = await shop.call("sendInvoice", chat_id=ANN, **INVOICE)
    paying = asyncio.ensure_future(control.pay(shop.world, bodies.Paying(BOT, ANN, message["message_id"])))
    query = await shop.checkout()
    assert query == {
        "id": query["id"],
        "from": shop.ann.user,
        "currency": "XTR",
        "total_amount": 100,
        "invoice_payload": "order-1",
    }
    assert shop.ann.stars == 1000
    await shop.call("answerPreCheckoutQuery", pre_checkout_query_id=query["id"], ok=True)
    paid = await paying

    assert paid["status"] == "paid"
    [payment] = shop.messages("successful_payment")
    assert payment == {
        "currency": "XTR",
        "total_amount": 100,
        "invoice_payload": "order-1",
        "telegram_payment_charge_id": paid["telegram_payment_charge_id"],
        "provider_payment_charge_id": payment["provider_payment_charge_id"],
    }
    assert (shop.ann.stars, await shop.call("getMyStarBalance")) == (900, {"amount": 100})


async def test_a_bot_that_refuses_gets_nothing_and_its_reason_is_shown(shop: Shop) -> None:
    link = await shop.call("createInvoiceLink", **INVOICE)
    assert await shop.pays(link=link, refusal="Sold out") == {"status": "failed", "error_message": "Sold out"}
    assert shop.ann.stars == 1000
    assert shop.messages("successful_payment") == []


async def test_a_refusal_needs_a_reason(shop: Shop) -> None:
    assert await shop.refusal("answerPreCheckoutQuery", pre_checkout_query_id="1", ok=False) == (
        'Bad Request: parameter "error_message" is required'
    )


async def test_a_bot_that_is_late_gets_nothing(shop: Shop) -> None:
    link = await shop.call("createInvoiceLink", **INVOICE)
    paying = asyncio.ensure_future(control.pay(shop.world, bodies.Paying(BOT, ANN, link=link)))
    query = await shop.checkout()
    await shop.clock.is_slept_on.wait()
    await shop.clock.move(9.9)
    for _ in range(20):  # as many turns of the loop as giving up would take, and more
        await asyncio.sleep(0)
    assert not paying.done()
    await shop.clock.move(0.1)
    assert await paying == {"status": "failed", "error_message": "BOT_PRECHECKOUT_TIMEOUT"}
    assert await shop.refusal("answerPreCheckoutQuery", pre_checkout_query_id=query["id"], ok=True) == (
        "Bad Request: query is too old and response timeout expired or query ID is invalid"
    )
    assert shop.ann.stars == 1000


async def test_a_bot_that_does_not_ask_for_checkouts_sells_nothing(shop: Shop) -> None:
    link = await shop.call("createInvoiceLink", **INVOICE)
    shop.bot.updates.ask_for(["message"])
    assert (await shop.pays(link=link))["status"] == "failed"


async def test_a_person_without_enough_stars_cannot_pay(shop: Shop) -> None:
    shop.ann.stars = 99
    link = await shop.call("createInvoiceLink", **INVOICE)
    outcome = await shop.pays(link=link)
    assert outcome == {"status": "failed", "error_message": "not enough Stars: 99 of 100"}
    assert shop.updates("pre_checkout_query") == []


@pytest.mark.parametrize(("outcome", "status"), [("cancel", "cancelled"), ("fail", "failed"), ("pending", "pending")])
async def test_other_outcomes_move_nothing_and_ask_nobody(shop: Shop, outcome: str, status: str) -> None:
    link = await shop.call("createInvoiceLink", **INVOICE)
    assert (await shop.pays(link=link, outcome=outcome))["status"] == status
    assert (shop.ann.stars, shop.updates("pre_checkout_query")) == (1000, [])


async def test_a_link_can_be_paid_again_under_a_new_charge(shop: Shop) -> None:
    link = await shop.call("createInvoiceLink", **INVOICE)
    charges = {(await shop.pays(link=link))["telegram_payment_charge_id"] for _ in range(2)}
    assert len(charges) == 2
    assert shop.ann.stars == 800


async def test_an_invoice_must_exist_and_be_named_once(shop: Shop) -> None:
    message = await shop.call("sendInvoice", chat_id=ANN, **INVOICE)
    shop.bot.chats[ANN].delete(message["message_id"])
    for named in (
        {"message_id": message["message_id"]},
        {"link": "https://t.me/$x"},
        {},
        {"message_id": 1, "link": "x"},
    ):
        with pytest.raises(Refused):
            await shop.pays(**named)


# --- subscriptions ----------------------------------------------------------------------------------------


async def test_the_first_month_says_so_and_when_it_ends(shop: Shop) -> None:
    charge = await shop.subscription()
    [payment] = shop.messages("successful_payment")
    assert payment["is_recurring"] is payment["is_first_recurring"] is True
    assert payment["subscription_expiration_date"] == int(shop.clock.now()) + MONTH
    assert control.payments(shop.world, BOT, ANN)["payments"][0] == {
        "telegram_payment_charge_id": charge,
        "title": "Premium",
        "total_amount": 100,
        "date": int(shop.clock.now()),
        "is_refunded": False,
        "subscription": {"state": "active", "expiration_date": int(shop.clock.now()) + MONTH},
    }


async def test_a_renewal_asks_nobody_and_adds_a_month_to_the_end(shop: Shop) -> None:
    first = await shop.subscription()
    end = int(shop.clock.now()) + MONTH
    renewed = shop.change(first, "renew")["telegram_payment_charge_id"]
    again = shop.change(renewed, "renew")["telegram_payment_charge_id"]
    payments = shop.messages("successful_payment")
    assert [payment["telegram_payment_charge_id"] for payment in payments] == [first, renewed, again]
    assert [payment.get("is_first_recurring") for payment in payments] == [True, None, None]
    assert [payment["subscription_expiration_date"] for payment in payments] == [end, end + MONTH, end + 2 * MONTH]
    assert shop.ann.stars == 700
    assert len(shop.updates("pre_checkout_query")) == 1


async def test_the_bot_hears_of_every_change_of_a_subscription(shop: Shop) -> None:
    charge = await shop.subscription()
    for action in ("cancel", "reactivate", "fail"):
        assert shop.change(charge, action) == {}
    assert shop.updates("subscription") == [
        {"user": shop.ann.user, "invoice_payload": "order-1", "state": state}
        for state in ("canceled", "active", "failed")
    ]


async def test_a_canceled_subscription_is_not_renewed(shop: Shop) -> None:
    charge = await shop.subscription()
    shop.change(charge, "cancel")
    with pytest.raises(Refused, match="canceled"):
        shop.change(charge, "renew")
    assert shop.ann.stars == 900


async def test_no_renewal_without_the_stars_for_it(shop: Shop) -> None:
    charge = await shop.subscription()
    shop.ann.stars = 10
    with pytest.raises(Refused, match="not enough Stars"):
        shop.change(charge, "renew")


async def test_what_the_bot_ended_the_person_cannot_take_up_again(shop: Shop) -> None:
    charge = await shop.subscription()
    changed = {"user_id": ANN, "telegram_payment_charge_id": charge}
    assert await shop.call("editUserStarSubscription", **changed, is_canceled=True) is True
    with pytest.raises(Refused):
        shop.change(charge, "reactivate")
    assert await shop.call("editUserStarSubscription", **changed, is_canceled=False) is True
    assert shop.change(charge, "renew")["telegram_payment_charge_id"]


async def test_only_a_subscription_can_be_changed(shop: Shop) -> None:
    paid = await shop.pays(link=await shop.call("createInvoiceLink", **INVOICE))
    for charge in (paid["telegram_payment_charge_id"], "nothing"):
        with pytest.raises(Refused):
            shop.change(charge, "cancel")


# --- going back -------------------------------------------------------------------------------------------


async def test_a_refund_moves_the_stars_back_once(shop: Shop) -> None:
    paid = await shop.pays(link=await shop.call("createInvoiceLink", **INVOICE))
    named = {"user_id": ANN, "telegram_payment_charge_id": paid["telegram_payment_charge_id"]}
    assert await shop.call("refundStarPayment", **named) is True
    assert await shop.refusal("refundStarPayment", **named) == "Bad Request: CHARGE_ALREADY_REFUNDED"
    assert (shop.ann.stars, await shop.call("getMyStarBalance")) == (1000, {"amount": 0})
    assert shop.messages("refunded_payment") == shop.messages("successful_payment")


async def test_a_refund_needs_the_payers_own_charge(shop: Shop) -> None:
    shop.world.people[8] = Person(8, "Bob")
    paid = await shop.pays(link=await shop.call("createInvoiceLink", **INVOICE))
    charge = paid["telegram_payment_charge_id"]
    assert await shop.refusal("refundStarPayment", user_id=8, telegram_payment_charge_id=charge) == (
        "Bad Request: CHARGE_NOT_FOUND"
    )
    assert await shop.refusal("refundStarPayment", user_id=9, telegram_payment_charge_id=charge) == (
        "Bad Request: USER_ID_INVALID"
    )


async def test_transactions_are_listed_in_order_a_refund_under_the_charge_it_gives_back(shop: Shop) -> None:
    paid = await shop.pays(link=await shop.call("createInvoiceLink", **INVOICE))
    charge = paid["telegram_payment_charge_id"]
    await shop.call("refundStarPayment", user_id=ANN, telegram_payment_charge_id=charge)
    partner = {
        "type": "user",
        "transaction_type": "invoice_payment",
        "user": shop.ann.user,
        "invoice_payload": "order-1",
    }
    moved = {"id": charge, "amount": 100, "date": int(shop.clock.now())}
    both = [moved | {"source": partner}, moved | {"receiver": partner}]
    assert await shop.call("getStarTransactions") == {"transactions": both}
    assert await shop.call("getStarTransactions", offset=1, limit=1) == {"transactions": both[1:]}


# --- over HTTP --------------------------------------------------------------------------------------------


async def test_the_control_interface_and_the_web_client_pay_and_show_it(simulator: Simulator) -> None:
    bot = await simulator.started()
    link = await bot.call("createInvoiceLink", **INVOICE, subscription_period=MONTH)
    invoice = (await simulator.get(f"/web/invoices/{slug_of(link)}")).json
    assert (invoice["bot"], invoice["total_amount"], invoice["subscription_period"]) == (BOT, 100, MONTH)

    paying = asyncio.ensure_future(simulator.post("/sim/payments", bot=BOT, from_=ANN, link=link))
    [update] = await bot.updates(timeout=10)
    query = update["pre_checkout_query"]["id"]
    assert await bot.call("answerPreCheckoutQuery", pre_checkout_query_id=query, ok=True) is True
    charge = (await paying)["telegram_payment_charge_id"]

    renewed = await simulator.post(f"/sim/subscriptions/{charge}", action="renew")
    assert await bot.call("refundStarPayment", user_id=ANN, telegram_payment_charge_id=charge) is True
    shown = (await simulator.get(f"/web/payments/{BOT}/{ANN}")).json["payments"]
    assert [(each["telegram_payment_charge_id"], each["is_refunded"]) for each in shown] == [
        (charge, True),
        (renewed["telegram_payment_charge_id"], False),
    ]
    assert (await simulator.get(f"/sim/users/{ANN}")).json["stars"] == 900


async def test_the_control_interface_refuses_what_is_not_there(simulator: Simulator) -> None:
    await simulator.started()
    for path, fields in (
        ("/sim/payments", {"bot": BOT, "from": ANN, "link": "x"}),
        ("/sim/payments", {"bot": BOT, "from": ANN, "link": "x", "outcome": "steal"}),
        ("/sim/payments", {"bot": BOT, "from": ANN, "link": "x", "more": 1}),
        ("/sim/payments", {"bot": 43, "from": ANN, "link": "x"}),
        ("/sim/subscriptions/x", {"action": "renew"}),
        ("/sim/subscriptions/x", {"action": "x"}),
    ):
        answer = await simulator.ask(path, **fields)
        assert answer.status in {400, 404}
        assert isinstance(answer.json["error"], str)
    assert (await simulator.get("/web/invoices/x")).status == 404
    assert (await simulator.get(f"/web/payments/43/{ANN}")).status == 404
