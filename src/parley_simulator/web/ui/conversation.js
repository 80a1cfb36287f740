/** The middle of the page: one chat of the person with a bot. */
import { keyboardInForce, rowsOf, ticks } from "../core/rows.js";
import { rowElement } from "./bubble.js";
import { Composer } from "./composer.js";
import { avatar, element, icon, signButton, wordButton } from "./elements.js";

const NEAR = 120;
/** Milliseconds that a screen reader has to notice what is new. */
const SAID = 1000;
/** Rows drawn at first, and more of them each time somebody scrolls to the top. */
const PAGE = 120;

export class Conversation {
  /** `acts` is what a press does; it also gets `reply`, `editLast` and `goTo` from here. */
  constructor(root, { client, words, acts }) {
    Object.assign(this, { client, words, acts, known: new Map(), shown: PAGE, sticks: true, waiting: new Set(), unseen: 0 });
    Object.assign(acts, {
      reply: (message) => this.composer.reply(message, acts.nameOf(message)),
      editLast: () => this.#editLast(),
      goTo: (id) => this.#goTo(id),
      waiting: this.waiting,
    });
    this.#build(root);
  }

  #build(root) {
    const { words, acts } = this;
    this.head = element("header", { class: "chat-head" });
    this.earlier = wordButton(words.earlier, () => this.#showEarlier(), "plain earlier", { hidden: true });
    this.intro = element("div", { class: "intro", hidden: true });
    this.list = element("ol", { class: "rows", role: "log", "aria-live": "off" });
    this.scroll = element("div", { class: "scroll", tabindex: 0, onscroll: () => this.#scrolled() }, this.earlier, this.intro, this.list);
    this.badge = element("span", { class: "badge", hidden: true });
    this.newest = element("button", { type: "button", class: "newest", "aria-label": words.newest, title: words.newest, hidden: true, onclick: () => this.#toEnd(true) }, icon("down"), this.badge);
    this.foot = element("footer", { class: "chat-foot" }, this.newest);
    this.live = element("p", { class: "unseen", "aria-live": "polite" });
    root.replaceChildren(this.head, this.scroll, this.foot, this.live);
    this.composer = new Composer(this.foot, { words, acts });
    this.big = element("div", { class: "big", hidden: true });
    this.foot.append(this.big);
    // Where the list grows or a keyboard opens below it, who reads the end keeps reading the end.
    new ResizeObserver(() => this.sticks && this.#toEnd()).observe(this.scroll);
  }

  /** Draw what the client knows now. */
  draw() {
    const { client } = this;
    const bot = client.openBot;
    if (!bot) return;
    const chat = client.chat ?? { messages: [], draft: null, action: null };
    this.#drawHead(bot, chat);
    this.#drawRows(bot, chat);
    this.#drawFoot(bot, chat);
  }

  // --- the head

  #drawHead(bot, chat) {
    const { words, acts, client } = this;
    const isBusy = Boolean(chat.action || chat.draft);
    const state = JSON.stringify([bot.name, bot.username, isBusy, bot.held, bot.menu_button, client.chatWith(bot.id)]);
    if (state === this.headState) return;
    this.headState = state;
    const status = isBusy
      ? element("span", { class: "status busy" }, words.typing, element("span", { class: "dots", "aria-hidden": "true" }, element("i"), element("i"), element("i")))
      : element("span", { class: "status" }, bot.held ? words.held : `${words.bot} · @${bot.username}`);
    const hasApp = bot.menu_button?.type === "web_app";
    this.head.replaceChildren(
      signButton("back", words.back, () => acts.back(), { class: "sign narrow" }),
      avatar(bot.id, bot.name || bot.username),
      element("div", { class: "who" }, element("h1", {}, bot.name || bot.username), status),
      hasApp ? signButton("phone", words.openApp, () => acts.openApp(bot.menu_button)) : "",
      signButton("more", words.menu, (event) => acts.chatMenu(event.currentTarget), { "aria-haspopup": "menu" }),
    );
    this.list.setAttribute("aria-label", bot.name || bot.username);
  }

  // --- the rows

  #drawRows(bot, chat) {
    const { client, words, acts, waiting } = this;
    const { person } = client;
    const messages = chat.messages.slice(-this.shown);
    this.earlier.hidden = messages.length === chat.messages.length;
    this.#drawIntro(bot, chat);
    const context = { words, acts, bot, person, waiting };
    const rows = rowsOf(messages, { person: person.id, draft: chat.draft });
    for (const row of rows) {
      if (row.isMine) row.ticks = ticks(row.message, chat.messages, bot.pending_update_count);
      if (row.kind === "draft") row.canStop = client.chatWith(bot.id).can_stop;
    }
    this.#announce(rows);
    this.#reconcile(rows, context);
    this.#countUnseen(rows);
    if (this.sticks) this.#toEnd();
  }

  /** Only what differs is drawn anew, so nothing blinks and a selection survives. */
  #reconcile(rows, context) {
    const isFirstTime = this.known.size === 0;
    const hadDraft = [...this.known.keys()].some((key) => key.startsWith("draft"));
    const next = new Map();
    let at = this.list.firstElementChild;
    for (const row of rows) {
      const before = this.known.get(row.key);
      const entry = this.#entry(row, before, context);
      if (!before && !isFirstTime && !hadDraft) entry.node.classList.add("arrives");
      while (at?.classList.contains("leaves")) at = at.nextElementSibling;
      if (before && before.node !== entry.node) {
        if (at === before.node) at = entry.node;
        this.#replace(before.node, entry.node);
      }
      if (entry.node === at) at = at.nextElementSibling;
      else this.list.insertBefore(entry.node, at);
      next.set(row.key, entry);
    }
    for (const [key, { node }] of this.known) if (!next.has(key)) this.#leave(key, node);
    this.known = next;
  }

  #entry(row, before, context) {
    if (before?.node.renew && row.kind === "draft") {
      before.node.renew(row);
      return before;
    }
    const state = JSON.stringify(row);
    return before?.state === state ? before : { state, node: rowElement(row, context) };
  }

  #replace(old, node) {
    const place = old.contains(document.activeElement) ? document.activeElement.dataset.place : null;
    old.replaceWith(node);
    if (place) node.querySelector(`[data-place="${CSS.escape(place)}"]`)?.focus();
  }

  #leave(key, node) {
    if (!key.startsWith("m") || matchMedia("(prefers-reduced-motion: reduce)").matches) {
      node.remove();
      return;
    }
    node.classList.add("leaves");
    node.inert = true;
    setTimeout(() => node.remove(), 220);
  }

  /** Until something was said, the bot's own words about itself stand here. */
  #drawIntro(bot, chat) {
    const { words } = this;
    this.intro.hidden = chat.messages.length > 0 || this.client.chat === null;
    if (this.intro.hidden) return;
    const about = bot.description || bot.short_description;
    this.intro.replaceChildren(
      avatar(bot.id, bot.name || bot.username, "large"),
      element("b", {}, about ? words.whatCanBotDo : bot.name || bot.username),
      element("p", {}, about || words.noMessages),
    );
  }

  /** Screen readers hear what the bot says, once it is whole. */
  #announce(rows) {
    const last = rows.at(-1);
    if (this.known.size === 0 || !last || last.kind !== "message" || last.isMine || this.known.has(last.key)) return;
    this.live.textContent = last.message.text ?? last.message.caption ?? "";
    // Once read out it must go: the message may be edited or deleted, and a search would find it twice.
    clearTimeout(this.saying);
    this.saying = setTimeout(() => this.live.replaceChildren(), SAID);
  }

  // --- the foot

  #drawFoot(bot, chat) {
    const { client, words, acts } = this;
    const { started, blocked } = client.chatWith(bot.id);
    const isBig = blocked || !started;
    this.composer.box.hidden = isBig;
    this.big.hidden = !isBig;
    if (isBig) {
      const [text, act] = blocked ? [words.unblockBot, () => acts.block(false)] : [words.start, () => acts.say("/start", null)];
      if (this.big.textContent !== text) this.big.replaceChildren(wordButton(text, act, "primary wide"));
      return;
    }
    this.composer.offer({ commands: bot.commands ?? [], button: bot.menu_button });
    this.composer.show(keyboardFor(chat));
  }

  #editLast() {
    const mine = this.client.chat?.messages.findLast((each) => each.from?.id === this.client.person.id && each.text);
    if (mine) this.composer.edit(mine);
  }

  // --- the scroll

  #toEnd(isAsked = false) {
    const isSmooth = isAsked && !matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.scroll.scrollTo({ top: this.scroll.scrollHeight, behavior: isSmooth ? "smooth" : "instant" });
  }

  #scrolled() {
    const { scroll } = this;
    this.sticks = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR;
    this.newest.hidden = this.sticks;
    if (this.sticks) this.unseen = 0;
    this.badge.hidden = this.unseen === 0;
    if (scroll.scrollTop < NEAR && !this.earlier.hidden) this.#showEarlier();
  }

  #countUnseen(rows) {
    const newest = rows.findLast((row) => row.kind === "message")?.message.message_id ?? 0;
    const seen = this.newestSeen ?? newest;
    const isNew = (row) => row.kind === "message" && row.message.message_id > seen && !row.isMine;
    this.unseen = this.sticks ? 0 : this.unseen + rows.filter(isNew).length;
    this.newestSeen = newest;
    this.badge.hidden = this.unseen === 0;
    this.badge.textContent = this.unseen;
  }

  #showEarlier() {
    const below = this.scroll.scrollHeight - this.scroll.scrollTop;
    this.shown += PAGE;
    this.draw();
    this.scroll.scrollTop = this.scroll.scrollHeight - below;
  }

  #goTo(id) {
    const node = this.list.querySelector(`[data-id="${id}"]`);
    if (!node) return;
    node.scrollIntoView({ block: "center", behavior: "smooth" });
    node.classList.remove("found");
    requestAnimationFrame(() => node.classList.add("found"));
  }

  /** What was said last is shown, wherever one was reading. */
  said() {
    this.sticks = true;
  }
}

/** The keyboard below the chat, with a key by which its being hidden is remembered. */
function keyboardFor(chat) {
  const found = keyboardInForce(chat.messages);
  return found && { ...found, key: found.message.message_id };
}

