/** Paying in Stars: the sheet that asks, and the list of what was paid. */
import { dateLabel, longLabel } from "../core/dates.js";
import { api } from "./api.js";
import { attempt, dialogHead, opened, toast } from "./dialogs.js";
import { element, icon, starPrice, wordButton } from "./elements.js";

const STATUS_OF = { pay: "paid", cancel: "cancelled", fail: "failed", pending: "pending" };

/**
 * Ask whether to pay. `asked` has `{bot, title, description, total_amount, subscription_period?, what}`, `what` is
 * `{message_id}` or `{link}`. Resolves to the payment's status; putting the sheet away is a cancel.
 */
export async function pay(asked, { client, words }) {
  const bot = client.botOf(asked.bot);
  const status = await opened(words.confirmPayment, "sheet", (close) => sheet(asked, { bot, client, words, close }));
  return status ?? "cancelled";
}

/** The sheet for a link's slug. */
export async function payLink(slug, context) {
  const asked = await attempt(context.words, () => api.invoice(slug));
  if (!asked) return "failed";
  return pay({ ...asked, what: { link: `https://t.me/$${slug}` } }, context);
}

function sheet(asked, { bot, client, words, close }) {
  const { person } = client;
  const name = bot?.name || bot?.username || "";
  const ask = asked.subscription_period ? words.subscribeQuestion : words.payQuestion;
  const isPoor = (person.stars ?? 0) < asked.total_amount;
  const body = element("div", { class: "sheet-body" });
  const choose = (outcome) => settle(outcome, { asked, person, words, body, close, client });
  const others = ["cancel", "fail", "pending"].map((outcome) => wordButton(words.outcome[outcome], () => choose(outcome), "plain", { "data-outcome": outcome }));
  body.append(
    element("span", { class: "big-star" }, icon("star", 44)),
    element("h2", {}, words.confirmPayment),
    element("p", {}, ask(asked.title, name, asked.total_amount)),
    asked.description ? element("p", { class: "soft" }, asked.description) : "",
    isPoor ? element("p", { class: "wrong" }, words.tooFewStars) : "",
    wordButton(words.pay(asked.total_amount), () => choose("pay"), "primary wide", { "data-outcome": "pay", autofocus: true }),
    element("small", { class: "soft" }, words.outcomes),
    element("div", { class: "outcomes" }, ...others),
  );
  const balance = element("span", { class: "balance" }, words.balance, starPrice(person.stars ?? 0, words.language));
  return [element("header", { class: "dialog-head" }, balance, element("span", { class: "grow" }), closeSign(words, close)), body];
}

const closeSign = (words, close) => element("button", { type: "button", class: "sign", "aria-label": words.close, onclick: () => close() }, icon("close"));

/** The bot has ten seconds to agree; until it is known the sheet cannot be used. */
async function settle(outcome, { asked, person, words, body, close, client }) {
  body.inert = true;
  body.classList.add("waits");
  body.querySelector(".primary").replaceChildren(element("span", { class: "spinner" }), words.waitingForBot);
  const result = await attempt(words, () => api.pay(asked.bot, person.id, asked.what, outcome));
  const status = result ? (result.status ?? STATUS_OF[outcome]) : "failed";
  client.loadState();
  close(status);
  if (!result || status === "cancelled") return;
  const why = result.error_message ? `: ${result.error_message}` : "";
  toast(words.status[status] + why, status === "paid" ? "star" : null, status === "failed" ? "bad" : "");
}

// --- what was paid

/** The payments of the person to a bot; what can be done with a subscription is done here. */
export function showPayments(bot, { client, words }) {
  return opened(words.payments, "ask ledger", (close) => {
    const list = element("ul", { class: "paid" });
    const load = async () => {
      const told = await attempt(words, () => api.payments(bot, client.person.id));
      if (!told) return;
      const rows = told.payments.map((payment) => row(payment, { words, load }));
      list.replaceChildren(...(rows.length ? rows : [element("li", { class: "soft nothing" }, words.noPayments)]));
    };
    load();
    const balance = element("p", { class: "balance" }, words.balance, starPrice(client.person.stars ?? 0, words.language));
    return [dialogHead(words, words.payments, close), balance, list];
  });
}

function row(payment, { words, load }) {
  const { subscription } = payment;
  const until = subscription && words.subscriptionUntil[subscription.state]?.(dateLabel(subscription.expiration_date, words.language));
  const does = (action) =>
    wordButton(words.subscriptionDo[action], async () => {
      if (await attempt(words, () => api.subscription(payment.telegram_payment_charge_id, action))) toast(words.wasDone[action], "check");
      load();
    }, action === "cancel" || action === "fail" ? "plain danger" : "plain");
  const deeds = subscription && !payment.is_refunded ? deedsOf(subscription.state) : [];
  return element(
    "li",
    {},
    element("div", { class: "paid-line" }, element("b", {}, payment.title), starPrice(payment.total_amount, words.language)),
    element("small", { class: "soft" }, longLabel(payment.date, words.language)),
    payment.is_refunded && element("small", { class: "mark" }, words.isRefunded),
    until && element("small", { class: `mark ${subscription.state}` }, until),
    deeds.length > 0 && element("div", { class: "deeds" }, ...deeds.map(does)),
  );
}

const deedsOf = (state) => ({ active: ["renew", "cancel", "fail"], canceled: ["reactivate"], failed: ["renew"] })[state] ?? [];
