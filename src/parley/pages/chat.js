/** The screen of one conversation. */
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { avatar, confirmed, element, signButton, spoken, wordButton } from "./elements.js";
import { noticeOf } from "./notices.js";
import { Rows } from "./rows.js";
import { openSettings } from "./session.js";
import { timeline } from "./timeline.js";

const NEAR = 90;
/** Milliseconds: between the end of typing and the reply itself nothing is drawn, it would blink. */
const BLINK = 250;
/** Milliseconds without an answer after which the page offers to ask for one. */
const UNANSWERED = 3000;

export class Chat {
  constructor(root, { api, words, character, note, onBack }) {
    Object.assign(this, { api, words, character, editing: 0, sticks: true, timers: {} });
    this.talk = new Conversation(character, api, {
      onChange: (why) => this.#changed(why),
      onError: (error) => this.#explain(error),
      onReply: (message) => this.#announce(words.said(character.name, message.message_text)),
    });
    this.#build(root, note, onBack);
    this.talk.open();
    this.#count();
  }

  close() {
    Object.values(this.timers).forEach(clearTimeout);
    this.talk.close();
  }

  #build(root, note, onBack) {
    const { words, character } = this;
    this.state = element("span", { class: "state" });
    const who = element("div", { class: "who" }, element("h2", {}, character.name), this.state);
    const back = signButton("back", words.back, onBack, { class: "sign narrow" });
    const settings = signButton("settings", words.settings, () => this.#settings());
    this.list = element("ol", { class: "rows", role: "log", "aria-label": character.name, "aria-live": "off" });
    this.intro = this.#intro(note);
    this.scroll = element("div", { class: "scroll", tabindex: 0, onscroll: () => this.#scrolled() }, this.intro, this.list);
    this.newest = signButton("down", words.newest, () => this.#toEnd(), { class: "sign newest", hidden: true });
    this.live = element("p", { class: "hidden", "aria-live": "polite" });
    this.notice = element("div", { class: "notice", role: "status", hidden: true });
    this.limits = element("p", { class: "limits" });
    const foot = element("footer", {}, this.newest, this.notice);
    root.replaceChildren(element("header", {}, back, avatar(character), who, settings), this.scroll, foot, this.live);
    this.composer = new Composer(foot, words, { onSend: (text) => this.#say(text), onStop: () => this.talk.stop() });
    foot.append(this.limits);
    this.rows = new Rows(this.list, words, this.#deeds());
  }

  /** Who this is and what they greet with: it stands where the conversation begins. */
  #intro(note) {
    const { character } = this;
    const greeting = element("div", { class: "bubble", dir: "auto" }, ...spoken(character.greeting || "…"));
    return element(
      "div",
      { class: "intro" },
      avatar(character),
      element("p", { class: "about" }, character.description_long),
      note ? element("p", { class: "note" }, note) : null,
      character.greeting ? element("div", { class: "theirs" }, greeting) : null,
    );
  }

  #deeds() {
    const { talk, words } = this;
    const edit = (id) => {
      this.editing = id;
      this.#draw();
    };
    return {
      regenerate: () => this.#regenerate(),
      remove: async (message) => (await confirmed(words.deleteAsk, words.delete, words.cancel)) && talk.remove(message),
      edit: (message) => edit(message.id),
      cancel: () => edit(0),
      save: (message, text) => {
        edit(0);
        talk.edit(message, text);
      },
      previous: (message) => talk.turn(message, -1),
      following: (message) => talk.turn(message, 1),
      retry: (id) => talk.retry(id),
      discard: (id) => talk.discard(id),
    };
  }

  // --- drawing

  #changed(why) {
    clearTimeout(this.timers.draw);
    if (why === "pause") this.timers.draw = setTimeout(() => this.#draw(), BLINK);
    else if (why === "older") this.#keepPlace(() => this.#draw());
    else this.#draw();
    if (why === "said" || why === "opened") this.#toEnd();
    if (why === "message.typing") this.#announce(this.words.isTyping(this.character.name));
    if (why === "message.new") this.#count();
    if (["message.new", "message.typing", "said"].includes(why)) this.#show(null);
    this.#watchForAnswer();
  }

  #draw() {
    const { talk, words } = this;
    const rows = timeline(talk.view, talk.pending);
    const newest = rows.at(-1);
    let day = "";
    this.rows.draw(rows, (row) => {
      const own = row.message ? dayOf(row.message.created_at, words) : day;
      const told = own === day ? "" : own;
      day = own;
      return this.#extra(row, row === newest, told);
    });
    this.intro.hidden = talk.hasMore;
    this.state.textContent = talk.isBusy ? words.typing : words[talk.line];
    this.state.dataset.line = talk.line;
    this.composer.set({ isBusy: talk.isBusy, isOff: talk.line === "refused" });
    if (this.sticks) this.#toEnd();
  }

  #extra(row, isLast, day) {
    const { message } = row;
    const extra = { day, isLast, isEditing: message !== undefined && message.id === this.editing };
    if (message?.variants_count > 1) {
      extra.variant = this.talk.variantOf(message);
      if (isLast && extra.variant === undefined) this.#learn(message);
    }
    extra.canRegenerate = isLast && message?.role === "assistant" && this.talk.line !== "refused";
    return extra;
  }

  /** Ask once for each number of variants; an edited text fits none and is not asked about again. */
  #learn(message) {
    const asked = `${message.id} ${message.variants_count}`;
    if (this.learned === asked) return;
    this.learned = asked;
    this.talk.learnVariants(message);
  }

  #announce(text) {
    this.live.textContent = text;
  }

  // --- the scroll

  #toEnd() {
    this.scroll.scrollTop = this.scroll.scrollHeight;
  }

  #keepPlace(draw) {
    const below = this.scroll.scrollHeight - this.scroll.scrollTop;
    draw();
    this.scroll.scrollTop = this.scroll.scrollHeight - below;
  }

  async #scrolled() {
    const { scroll, talk } = this;
    this.sticks = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR;
    this.newest.hidden = this.sticks;
    if (scroll.scrollTop > NEAR || !talk.hasMore || this.isLoading) return;
    this.isLoading = true;
    await talk.older();
    this.isLoading = false;
  }

  // --- doing

  #say(text) {
    this.sticks = true;
    this.talk.say(text);
  }

  #regenerate() {
    this.#show(null);
    this.talk.regenerate();
  }

  async #settings() {
    const session = await this.talk.session();
    if (!session) return;
    openSettings(session, this.words, {
      change: (members) => this.talk.change(members),
      begin: (name) => this.talk.begin(name),
    });
  }

  /** Show how many messages are left today; resolves to the limit, or to nothing if it cannot be had. */
  async #count() {
    const { words } = this;
    const { messages_limit: limit } = await this.api.get("/api/users/limits").catch(() => ({}));
    if (!limit) return undefined;
    this.limits.textContent = limit.total < 0 ? words.unlimited : words.left(limit.remaining, limit.total);
    this.limits.classList.toggle("few", limit.total > 0 && limit.remaining <= limit.total / 10);
    return limit;
  }

  // --- notices

  async #explain(error) {
    this.#show(noticeOf(error, this.words));
    const limits = await this.#count();
    if (error.code === "daily_limit_exceeded") this.#show(noticeOf({ ...error, details: { limits } }, this.words));
  }

  #show(notice) {
    clearTimeout(this.timers.second);
    this.notice.hidden = notice === null;
    if (notice === null) return;
    const act = { regenerate: () => this.#regenerate(), confirmAdult: () => this.#confirmAdult(), reload: () => location.reload() }[notice.action];
    const button = act ? wordButton(notice.label, act, "primary") : "";
    this.notice.replaceChildren(element("p", {}, notice.text), button, signButton("close", this.words.close, () => this.#show(null)));
    if (notice.seconds) this.timers.second = setTimeout(() => this.#second(notice.seconds - 1), 1000);
  }

  #second(left) {
    const { words } = this;
    this.#show(left > 0 ? { text: words.rate(left), seconds: left } : { text: words.rateOver });
  }

  async #confirmAdult() {
    try {
      await this.api.post("/api/users/confirm-adult", { confirmed: true });
    } catch (error) {
      this.#explain(error);
      return;
    }
    this.#show(null);
    this.talk.open();
  }

  /** A message that stays alone, because a turn failed while nobody looked, can still be answered. */
  #watchForAnswer() {
    clearTimeout(this.timers.answer);
    const { talk, words } = this;
    const isAlone = () => talk.view.messages.at(-1)?.role === "user" && !talk.isBusy && talk.line === "open";
    if (!isAlone()) return;
    const offer = { text: words.unanswered, action: "regenerate", label: words.answer };
    this.timers.answer = setTimeout(() => isAlone() && this.notice.hidden && this.#show(offer), UNANSWERED);
  }
}

function dayOf(time, words) {
  const day = new Date(time).toDateString();
  const ago = (days) => new Date(Date.now() - days * 86_400_000).toDateString();
  if (day === ago(0)) return words.today;
  if (day === ago(1)) return words.yesterday;
  return new Date(time).toLocaleDateString(words.locale, { day: "numeric", month: "long", year: "numeric" });
}
