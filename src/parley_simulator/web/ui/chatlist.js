/** The left side: who one is, and the bots. */
import { shortLabel } from "../core/dates.js";
import { isService, summary } from "../core/rows.js";
import { api } from "./api.js";
import { attempt, dialogHead, opened, step } from "./dialogs.js";
import { avatar, element, field, icon, nameOf, signButton, starPrice, wordButton } from "./elements.js";

const TOKEN = /^[1-9]\d{0,19}:[A-Za-z0-9_-]{3,60}$/;

export class ChatList {
  /** `acts`: `people(button)`, `turnTheme()`, `turnPanel()`. */
  constructor(root, { client, words, acts }) {
    Object.assign(this, { client, words, acts });
    this.me = element("button", { type: "button", class: "me", onclick: () => acts.people(), "aria-label": words.person });
    this.search = element("input", { type: "search", placeholder: words.search, "aria-label": words.search, oninput: () => this.draw() });
    this.theme = signButton(acts.themeSign(), words.theme, (event) => acts.themeMenu(event.currentTarget), { "aria-haspopup": "menu" });
    const panel = signButton("code", words.panel, () => acts.turnPanel());
    const find = element("div", { class: "find" }, icon("search", 18), this.search);
    const add = signButton("plus", words.addBot, () => this.#addBot());
    this.list = element("ul", { class: "chats", "aria-label": words.chats, onkeydown: (event) => step(event, [...this.list.querySelectorAll(".chat")]) });
    root.replaceChildren(
      element("header", { class: "list-head" }, this.me, this.theme, panel),
      element("div", { class: "list-find" }, find, add),
      this.list,
    );
  }

  draw() {
    const { client, words } = this;
    this.theme.replaceChildren(icon(this.acts.themeSign()));
    this.#drawMe();
    const wanted = this.search.value.trim().toLowerCase();
    const fits = (bot) => `${bot.name} ${bot.username}`.toLowerCase().includes(wanted);
    const bots = client.state.bots.filter(fits).map((bot) => ({ bot, chat: client.chatWith(bot.id) }));
    bots.sort((one, other) => (other.chat.last?.date ?? 0) - (one.chat.last?.date ?? 0) || one.bot.id - other.bot.id);
    const rows = bots.map(({ bot, chat }) => ({ bot, chat, state: JSON.stringify([bot.name, chat, bot.id === client.bot, words.language, client.person.id, this.#isBusy(bot)]) }));
    const state = rows.map((row) => row.state).join();
    if (state === this.state) return;
    this.state = state;
    this.#replace(rows, wanted);
  }

  #replace(rows, wanted) {
    const focused = document.activeElement?.dataset?.bot;
    const nothing = wanted && rows.length === 0 ? [element("li", { class: "soft nothing" }, this.words.nothingFound)] : [];
    this.list.replaceChildren(...rows.map((row) => this.#row(row)), ...nothing);
    if (focused) this.list.querySelector(`[data-bot="${focused}"]`)?.focus();
  }

  #isBusy(bot) {
    return bot.id === this.client.bot && Boolean(this.client.chat?.draft || this.client.chat?.action);
  }

  #drawMe() {
    const { person } = this.client;
    const state = JSON.stringify(person);
    if (state === this.meState) return;
    this.meState = state;
    const name = nameOf(person);
    const says = element("span", { class: "who" }, element("b", {}, name, person.is_premium && icon("star", 14)), starPrice(person.stars ?? 0, this.words.language));
    this.me.replaceChildren(avatar(person.id, name, "small"), says, icon("down", 16));
    this.me.setAttribute("aria-label", `${this.words.person}: ${name}`);
  }

  #row({ bot, chat }) {
    const { client, words } = this;
    const isOpen = bot.id === client.bot;
    const name = bot.name || bot.username;
    const time = chat.last && element("time", {}, shortLabel(chat.last.date, Date.now() / 1000, words.language));
    const unread = chat.unread > 0 && !isOpen && element("span", { class: "badge", "aria-label": words.unread(chat.unread) }, chat.unread);
    const lines = [
      element("span", { class: "line" }, element("b", {}, name), chat.blocked && icon("block", 14), time),
      element("span", { class: "line" }, this.#says(bot, chat), unread),
    ];
    const attributes = { type: "button", class: "chat", "data-bot": bot.id, title: name, "aria-current": isOpen ? "true" : null, onclick: () => client.showBot(bot.id) };
    return element("li", {}, element("button", attributes, avatar(bot.id, name), element("span", { class: "lines" }, ...lines)));
  }

  #says(bot, chat) {
    const { client, words } = this;
    if (this.#isBusy(bot)) return element("span", { class: "said busy" }, words.draft);
    if (!chat.last) return element("span", { class: "said link" }, bot.short_description || words.notStarted);
    const isMine = chat.last.from?.id === client.person.id && !isService(chat.last);
    return element("span", { class: "said" }, isMine && element("span", { class: "mine" }, `${words.you}: `), summary(chat.last, words));
  }

  async #addBot() {
    const { words, client } = this;
    const id = await opened(words.addBot, "ask form", (close) => [
      dialogHead(words, words.addBot, close),
      element("p", { class: "soft" }, words.addBotAbout),
      tokenForm(words, close),
    ]);
    if (!id) return;
    client.loadState();
    client.showBot(id);
  }
}

/** One field: a token; `done` gets the bot's id once the simulator knows it. */
export function tokenForm(words, done) {
  const input = element("input", { name: "token", placeholder: "42:TEST", autocomplete: "off", spellcheck: "false", autofocus: true });
  const wrong = element("p", { class: "wrong", role: "alert" });
  const submit = async (event) => {
    event.preventDefault();
    const token = input.value.trim();
    wrong.textContent = TOKEN.test(token) ? "" : words.tokenBad;
    if (!TOKEN.test(token)) return;
    if (await attempt(words, () => api.meet(token))) done(Number(token.split(":")[0]));
  };
  return element("form", { class: "fields", onsubmit: submit }, element("div", { class: "one-line" }, field(words.token, input), wordButton(words.add, undefined, "primary", { type: "submit" })), wrong);
}
