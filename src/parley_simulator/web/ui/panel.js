/** For developers: what the bots called, what shall go wrong, how updates are delivered. Closed until asked for. */
import { clockWithSeconds } from "../core/dates.js";
import { api } from "./api.js";
import { attempt, confirmed, toast } from "./dialogs.js";
import { element, field, signButton, toggle, wordButton } from "./elements.js";

const EVERY = 1000;
const KEPT = 300;
/** By name; what is asked for most stands first in the list, which numbers as keys would not keep. */
const USUAL = ["429", "500", "502", "403", "400", "401", "delay", "before", "after"];
const FAULTS = {
  429: { status: 429, description: "Too Many Requests: retry after 3", retry_after: 3 },
  500: { status: 500, description: "Internal Server Error" },
  502: { status: 502, description: "Bad Gateway" },
  403: { status: 403, description: "Forbidden: bot was blocked by the user" },
  400: { status: 400, description: "Bad Request: message text is empty" },
  401: { status: 401, description: "Unauthorized" },
  delay: { delay: 3 },
  before: { drop: "before" },
  after: { drop: "after" },
};
const METHODS = ["sendMessage", "editMessageText", "sendMessageDraft", "sendChatAction", "answerCallbackQuery", "answerPreCheckoutQuery", "getUpdates", "deleteMessage", "sendPhoto"];

export class Panel {
  constructor(root, { client, words, events, onReset }) {
    Object.assign(this, { root, client, words, events, onReset, after: 0, tab: "calls", isOpen: false });
    this.#build();
    const isShown = (tab) => this.isOpen && this.tab === tab;
    this.stops = [
      // After a restart the numbers of the calls begin anew, and so does the list.
      client.on("line", () => client.isOnline && this.isOpen && this.#show(this.tab)),
      client.on("state", () => isShown("delivery") && this.#drawDelivery()),
      client.on("app", () => isShown("app") && this.#drawEvents()),
    ];
  }

  leave() {
    clearInterval(this.timer);
    this.stops.forEach((stop) => stop());
  }

  turn() {
    this.isOpen = !this.isOpen;
    this.root.hidden = !this.isOpen;
    clearInterval(this.timer);
    if (!this.isOpen) return;
    this.#show(this.tab);
    this.timer = setInterval(() => this.#load(), EVERY);
    this.tabs.querySelector("[aria-selected=true]").focus();
  }

  #build() {
    const { words } = this;
    const names = { calls: words.calls, app: words.app, faults: words.faults, delivery: words.delivery };
    const tab = ([name, text]) => element("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "panel-body", "data-tab": name, onclick: () => this.#show(name) }, text);
    this.tabs = element("div", { role: "tablist", class: "tabs", "aria-label": words.panel, onkeydown: (event) => this.#arrow(event) }, ...Object.entries(names).map(tab));
    this.body = element("div", { class: "panel-body", id: "panel-body", role: "tabpanel", tabindex: 0 });
    this.root.replaceChildren(element("header", {}, this.tabs, signButton("close", words.close, () => this.turn())), this.body);
    this.root.setAttribute("aria-label", words.panel);
    this.root.onkeydown = (event) => event.key === "Escape" && this.turn();
  }

  #arrow(event) {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!move) return;
    const all = [...this.tabs.children];
    const next = all[(all.indexOf(document.activeElement) + move + all.length) % all.length];
    next.focus();
    this.#show(next.dataset.tab);
  }

  #show(name) {
    this.tab = name;
    for (const tab of this.tabs.children) {
      tab.setAttribute("aria-selected", tab.dataset.tab === name);
      tab.tabIndex = tab.dataset.tab === name ? 0 : -1;
    }
    this.body.setAttribute("aria-labelledby", `tab-${name}`);
    this.body.replaceChildren();
    ({ calls: () => this.#beginCalls(), app: () => this.#drawEvents(), faults: () => this.#drawFaults(), delivery: () => this.#drawDelivery() })[name]();
  }

  async #load() {
    if (this.tab === "calls") await this.#loadCalls();
    if (this.tab === "delivery") this.client.loadState();
  }

  // --- calls

  #beginCalls() {
    this.after = 0;
    this.rows = element("ol", { class: "calls" }, element("li", { class: "soft nothing" }, this.words.noCalls));
    this.body.append(this.rows);
    this.#loadCalls();
  }

  async #loadCalls() {
    const { calls } = await api.calls({ after: this.after || undefined }).catch(() => ({ calls: [] }));
    if (this.tab !== "calls" || calls.length === 0) return;
    if (this.after === 0) this.rows.replaceChildren();
    const newest = calls.slice(-KEPT).filter((each) => each.n > this.after);
    this.after = calls.at(-1).n;
    const isAtEnd = this.body.scrollHeight - this.body.scrollTop - this.body.clientHeight < 60;
    this.rows.append(...newest.map((each) => this.#call(each)));
    while (this.rows.childElementCount > KEPT) this.rows.firstElementChild.remove();
    if (isAtEnd) this.body.scrollTop = this.body.scrollHeight;
  }

  #call({ time, bot, method, params, status, response }) {
    const name = this.client.botOf(bot)?.name ?? bot;
    const isBad = status >= 400 || status === null;
    const head = element("summary", {}, element("time", {}, clockWithSeconds(time, this.words.language)), element("b", { class: isBad ? "bad" : "" }, status ?? "—"), element("code", {}, method), element("span", {}, brief(params)), element("small", {}, String(name)));
    const details = element("details", {}, head);
    // The texts may be long, so they are made only for those who look.
    details.addEventListener("toggle", () => details.childElementCount === 1 && details.append(element("pre", {}, JSON.stringify({ params, response }, null, 2))), { once: true });
    return element("li", {}, details);
  }

  // --- the app's events

  #drawEvents() {
    const { words } = this;
    const rows = this.events().map(({ time, direction, type, data }) =>
      element("li", {}, element("div", { class: "event" }, element("time", {}, clockWithSeconds(time, words.language)), element("b", { class: direction === "✕" ? "bad" : "" }, direction), element("code", {}, type), element("span", {}, brief(data ?? {})))),
    );
    this.body.replaceChildren(element("ol", { class: "calls" }, ...(rows.length ? rows : [element("li", { class: "soft nothing" }, words.appEmpty)])));
    this.body.scrollTop = this.body.scrollHeight;
  }

  // --- faults and limits

  async #drawFaults() {
    const { words } = this;
    const select = (name, options) => element("select", { name }, ...options.map(([value, text]) => element("option", { value }, text)));
    const bots = this.client.state.bots.map((bot) => [bot.id, bot.name || bot.username]);
    const arm = async (event) => {
      event.preventDefault();
      const given = Object.fromEntries(new FormData(event.target));
      const fault = { ...FAULTS[given.what], method: given.method, times: Number(given.times), ...(given.bot ? { bot: Number(given.bot) } : {}) };
      if (await attempt(words, () => api.fault(fault))) toast(words.armed, "check");
    };
    const faults = element(
      "form",
      { class: "panel-form", onsubmit: arm },
      element("p", { class: "soft" }, words.faultAbout),
      element(
        "div",
        { class: "pair" },
        field(words.what, select("what", USUAL.map((name) => [name, words.faultKinds[name]]))),
        field(words.method, select("method", [["*", words.anyMethod], ...METHODS.map((name) => [name, name])])),
        field(words.whichBot, select("bot", [["", words.allBots], ...bots])),
        field(words.times, element("input", { name: "times", type: "number", min: 1, max: 1000, value: 1, required: true })),
      ),
      wordButton(words.arm, undefined, "primary", { type: "submit" }),
    );
    this.body.replaceChildren(element("div", { class: "panel-columns" }, faults, await this.#limits(), this.#forget()));
  }

  async #limits() {
    const { words } = this;
    // What is left out stays as it is, so this only asks.
    const kept = await api.limits({}).catch(() => null);
    if (!kept) return "";
    const numbers = Object.keys(words.limitNames).map((name) => field(words.limitNames[name], element("input", { name, type: "number", min: 0.1, step: "any", value: kept[name], required: true })));
    const save = async (event) => {
      event.preventDefault();
      const given = Object.fromEntries([...new FormData(event.target)].map(([name, value]) => [name, Number(value)]));
      if (await attempt(words, () => api.limits(given))) toast(words.applied, "check");
    };
    const turn = (isOn) => attempt(words, () => api.limits({ enabled: isOn }));
    return element("form", { class: "panel-form", onsubmit: save }, toggle(words.limits, kept.enabled, turn, words.limitsAbout), element("div", { class: "pair" }, ...numbers), wordButton(words.apply, undefined, "plain", { type: "submit" }));
  }

  #forget() {
    const { words } = this;
    const forget = async () => {
      if (!(await confirmed(words, { title: words.resetAsk, text: words.resetAbout, yes: words.reset, kind: "primary danger" }))) return;
      if (await attempt(words, () => api.reset())) this.onReset();
    };
    return element("div", { class: "panel-form" }, element("p", { class: "soft" }, words.resetAbout), wordButton(words.reset, forget, "plain danger"));
  }

  // --- delivery

  #drawDelivery() {
    const { words, client } = this;
    const state = JSON.stringify(client.state.bots.map(({ id, name, polling, webhook_url, pending_update_count, held, allowed_updates }) => [id, name, polling, webhook_url, pending_update_count, held, allowed_updates]));
    if (this.body.childElementCount > 0 && state === this.deliveryState) return;
    this.deliveryState = state;
    this.body.replaceChildren(element("ul", { class: "delivery" }, ...client.state.bots.map((bot) => this.#bot(bot))));
    if (client.state.bots.length === 0) this.body.replaceChildren(element("p", { class: "soft nothing" }, words.emptyTitle));
  }

  #bot(bot) {
    const { words } = this;
    const way = bot.webhook_url ? `${words.webhook}: ${bot.webhook_url}` : bot.polling ? words.polling : words.notPolling;
    const hold = (isOn) => attempt(words, () => api.hold(bot.id, isOn)).then(this.client.loadState);
    return element(
      "li",
      {},
      element("b", {}, bot.name || bot.username),
      element("span", { class: `lamp ${bot.polling || bot.webhook_url ? "on" : ""}` }, way),
      element("span", {}, `${words.pending}: ${bot.pending_update_count}`),
      element("span", { class: "soft" }, `${words.allowed}: ${bot.allowed_updates?.join(", ") || words.usualKinds}`),
      toggle(words.hold, bot.held, hold, words.holdAbout),
    );
  }
}

/** A call's parameters in one line. */
function brief(params) {
  return Object.entries(params ?? {}).map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`).join(" · ").slice(0, 300);
}
