/** What this tab knows of the simulator, and the line on which it hears of changes. */
import { readRoute, writeRoute } from "../core/links.js";
import { api } from "./api.js";
import { coalesced } from "./elements.js";
import { People } from "./profiles.js";

const TOGETHER = 50;
const AGAIN = [300, 700, 1500, 3000];
/** Milliseconds after which a tap that nobody answers stops spinning, as in Telegram's clients. */
const UNANSWERED = 15_000;

/**
 * Topics: `state` (bots, people, chats), `chat` (what the open chat shows), `line` (whether the simulator answers),
 * `person` and `bot` (whom the tab shows), `app` (a Mini App spoke).
 */
export class Client {
  constructor() {
    Object.assign(this, { state: { bots: [], people: [], chats: [] }, chat: null, bot: null, person: null, isOnline: true });
    this.listeners = new Map();
    this.taps = new Map();
    this.answers = new Map();
    this.people = new People();
    this.tries = 0;
    this.loadState = coalesced(() => this.#guarded(() => this.#refetchState()), TOGETHER);
    this.loadChat = coalesced(() => this.#guarded(() => this.#refetchChat()), TOGETHER);
  }

  on(topic, listener) {
    const all = this.listeners.get(topic) ?? new Set();
    this.listeners.set(topic, all.add(listener));
    return () => all.delete(listener);
  }

  tell(topic) {
    this.listeners.get(topic)?.forEach((listener) => listener());
  }

  /** Find out who this tab is, then listen for ever. */
  async open() {
    addEventListener("hashchange", () => this.#follow());
    this.bot = readRoute(location.hash).bot;
    await this.#guarded(() => this.#refetchState());
    this.#listen();
  }

  /** The bot as the list of bots tells it. */
  botOf(id) {
    return this.state.bots.find((each) => each.id === id) ?? null;
  }

  get openBot() {
    return this.botOf(this.bot);
  }

  botNamed(username) {
    return this.state.bots.find((each) => each.username.toLowerCase() === username.toLowerCase()) ?? null;
  }

  chatWith(bot) {
    return this.state.chats.find((each) => each.bot === bot) ?? { bot, last: null, unread: 0, blocked: false, started: false };
  }

  showBot(bot) {
    this.#go({ person: this.person.id, bot });
  }

  showPerson(id) {
    this.#go({ person: id, bot: this.bot });
  }

  #go(route) {
    if (location.hash === writeRoute(route)) return;
    history.pushState(null, "", writeRoute(route));
    this.#follow();
  }

  #follow() {
    const route = readRoute(location.hash);
    const isOther = route.bot !== this.bot || route.person !== this.person?.id;
    if (!isOther) return;
    this.bot = route.bot;
    this.chat = null;
    this.tell("bot");
    this.loadState();
    // Another person's chat is loaded once it is known who they are.
    if (route.person === this.person?.id) this.loadChat();
  }

  // --- what is so

  async #refetchState() {
    const route = readRoute(location.hash);
    const known = await this.#stateOf(this.people.guess(route.person));
    const id = await this.people.settle(route.person, known.people);
    const isNew = id !== this.people.guess(route.person) || !known.people.some((each) => each.id === id);
    this.state = isNew ? await this.#stateOf(id) : known;
    this.#become(this.state.people.find((each) => each.id === id));
    this.tell("state");
    // The chat of a bot that has only now shown itself.
    if (this.openBot && !this.chat) this.loadChat();
    this.#online(true);
  }

  /** What the page needs of a bot, together with how its updates are delivered. */
  async #stateOf(person) {
    const [state, { bots }] = await Promise.all([api.state(person), api.bots()]);
    const delivered = new Map(bots.map((bot) => [bot.id, bot]));
    return { ...state, bots: state.bots.map((bot) => ({ ...delivered.get(bot.id), ...bot })) };
  }

  #become(person) {
    const isOther = this.person?.id !== person.id || this.person.language_code !== person.language_code;
    this.person = person;
    this.people.remember(person);
    if (readRoute(location.hash).person !== person.id) history.replaceState(null, "", writeRoute({ person: person.id, bot: this.bot }));
    if (!isOther) return;
    this.tell("person");
    this.loadChat();
  }

  async #refetchChat() {
    const { bot, person } = this;
    if (bot === null || person === null || !this.openBot) return;
    const chat = await api.chat(bot, person.id);
    if (bot !== this.bot || person.id !== this.person.id) return;
    this.chat = chat;
    this.tell("chat");
    this.markRead();
  }

  /** What is on the screen of somebody who looks at it is read. */
  markRead() {
    if (document.visibilityState !== "visible" || !this.openBot || this.chatWith(this.bot).unread === 0) return;
    api.read(this.bot, this.person.id).then(this.loadState, () => undefined);
  }

  async #guarded(work) {
    try {
      await work();
    } catch (fault) {
      if (fault.status === undefined) throw fault;
      if (fault.status === 0) this.#online(false);
      else this.loadAfterRestart(fault);
    }
  }

  /** A chat that is not there any more: the simulator was restarted and is empty. */
  loadAfterRestart(fault) {
    if (fault.status === 404 || fault.status === 400) this.loadState();
  }

  // --- the line

  #listen() {
    const line = new EventSource("/web/events");
    line.onopen = () => {
      this.tries = 0;
      this.#online(true);
      this.#everything();
    };
    line.onmessage = (message) => this.#heard(JSON.parse(message.data));
    line.onerror = () => {
      line.close();
      this.#online(false);
      setTimeout(() => this.#listen(), AGAIN[Math.min(this.tries++, AGAIN.length - 1)]);
    };
  }

  #online(isOnline) {
    if (isOnline === this.isOnline) return;
    this.isOnline = isOnline;
    this.tell("line");
  }

  #everything() {
    this.loadState();
    this.loadChat();
  }

  #heard(event) {
    if (event.kind === "callback") this.#answered(event);
    else if (event.kind === "chat") this.#chatMoved(event);
    else this.#everything();
  }

  #chatMoved({ bot, chat }) {
    if (chat !== this.person?.id) return;
    this.loadState();
    if (bot === this.bot) this.loadChat();
  }

  // --- taps on buttons

  /** Press a callback button; resolves to the bot's answer, or to null when there is none in time. */
  async tap(message, data) {
    const { callback_query_id: id } = await api.tap(this.bot, this.person.id, message, data);
    const early = this.answers.get(id) ?? (await this.#answerNow(id));
    if (early) return early;
    return new Promise((resolve) => {
      const over = setTimeout(() => resolve(this.#answerNow(id)), UNANSWERED);
      this.taps.set(id, (answer) => {
        clearTimeout(over);
        resolve(answer);
      });
    }).finally(() => this.taps.delete(id));
  }

  async #answerNow(id) {
    const said = await api.answerTo(id).catch(() => ({ answered: false }));
    return said.answered ? (this.answers.get(id) ?? said) : null;
  }

  /** The answer may be here before we know the number of what was asked, so it is kept for a while. */
  #answered(event) {
    this.answers.set(event.id, event);
    setTimeout(() => this.answers.delete(event.id), UNANSWERED);
    this.taps.get(event.id)?.(event);
  }
}
