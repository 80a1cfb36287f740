/** The page: puts its parts together for one person, and again when that becomes another one. */
import { wordsFor } from "../core/words.js";
import { api } from "./api.js";
import { ChatList } from "./chatlist.js";
import { Client } from "./client.js";
import { conversationActs, launch, openTelegramPath, openUrl } from "./acts.js";
import { Conversation } from "./conversation.js";
import { attempt } from "./dialogs.js";
import { MiniApp } from "./miniapp.js";
import { Panel } from "./panel.js";
import { choosePerson } from "./people.js";
import { Theme } from "./theme.js";
import { welcome } from "./welcome.js";

const part = (id) => document.getElementById(id);

class Page {
  constructor() {
    this.client = new Client();
    this.theme = new Theme();
    this.theme.on(() => this.list?.draw());
    this.client.on("person", () => this.#begin());
    this.client.on("bot", () => this.#openChat());
    this.client.on("state", () => this.#draw());
    this.client.on("chat", () => this.#draw());
    this.client.on("line", () => this.#drawLine());
    document.addEventListener("visibilitychange", () => this.client.markRead());
    addEventListener("keydown", (event) => this.#key(event));
    this.client.open();
  }

  /** Everything anew, in the person's language. */
  #begin() {
    this.words = wordsFor(this.client.person.language_code);
    document.documentElement.lang = this.words.language;
    this.app?.leave();
    this.panel?.leave();
    this.list = new ChatList(part("list"), { client: this.client, words: this.words, acts: this.#listActs() });
    this.app = new MiniApp(part("side"), { client: this.client, words: this.words, theme: this.theme, acts: this.#appActs() });
    this.panel = new Panel(part("panel"), { client: this.client, words: this.words, events: () => this.app.log, onReset: () => location.reload() });
    part("panel").hidden = true;
    this.#openChat();
    this.#drawLine();
  }

  #listActs() {
    return {
      people: () => choosePerson(this),
      themeSign: () => this.theme.sign,
      themeMenu: (button) => this.theme.menu(button, this.words),
      turnPanel: () => this.panel.turn(),
    };
  }

  #appActs() {
    const { client } = this;
    return {
      telegram: (path) => openTelegramPath(path, this),
      openUrl: (url) => openUrl(url, false, this),
      insert: (query) => this.talk?.composer.insert(`@${client.openBot?.username} ${query}`),
      sendData: (app, data) => attempt(this.words, () => api.sendData(app.bot, client.person.id, app.button, data)),
      onTurn: () => this.#drawShell(),
      launch: () => launch({ bot: client.bot, launch: "menu", button: client.openBot?.menu_button }, this),
    };
  }

  // --- the chat

  #openChat() {
    if (!this.words) return;
    this.talk = null;
    this.talkWith = null;
    this.#draw();
  }

  #draw() {
    if (!this.words) return;
    this.list.draw();
    const { client } = this;
    const unread = client.state.chats.reduce((sum, chat) => sum + (chat.bot === client.bot ? 0 : chat.unread), 0);
    document.title = (unread > 0 ? `(${unread}) ` : "") + this.words.title;
    if (!client.openBot) this.#drawWelcome();
    else {
      if (this.talkWith !== client.bot) this.#beginTalk();
      this.talk.draw();
    }
    this.#drawShell();
  }

  #beginTalk() {
    this.talkWith = this.client.bot;
    this.acts = conversationActs(this);
    this.talk = new Conversation(part("chat"), { client: this.client, words: this.words, acts: this.acts });
    this.talk.composer.focus();
  }

  #drawWelcome() {
    this.talkWith = this.talk = null;
    // The form in it must not lose what is typed each time the state is told.
    const state = `${this.client.state.bots.length > 0} ${this.words.language}`;
    if (part("chat").querySelector(".welcome")?.dataset.state === state) return;
    const node = welcome(this);
    node.dataset.state = state;
    part("chat").replaceChildren(node);
  }

  // --- the whole

  #drawShell() {
    const shell = part("shell");
    const { client, app } = this;
    const isOpen = Boolean(app.app) && app.isVisible;
    const bot = client.openBot;
    shell.dataset.view = isOpen ? "app" : bot ? "chat" : client.state.bots.length > 0 ? "list" : "welcome";
    shell.dataset.side = isOpen ? "app" : bot?.menu_button?.type === "web_app" && !app.app ? "idle" : "none";
    app.phone.rest(bot, this.words.language);
    const aside = part("aside-app");
    aside.hidden = !app.app || app.isVisible;
    aside.textContent = app.app?.title ?? "";
    aside.setAttribute("aria-label", `${this.words.maximize}: ${app.app?.title ?? ""}`);
    aside.onclick = () => app.show(true);
  }

  #drawLine() {
    const { isOnline } = this.client;
    part("line").hidden = isOnline;
    part("line").textContent = isOnline ? "" : (this.words ?? wordsFor(navigator.language)).offline;
  }

  /** Control and K go to the search, as in many a messenger. */
  #key(event) {
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.list?.search.focus();
    }
  }
}

new Page();
