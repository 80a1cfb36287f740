/** Puts the page together: language, sign-in, the list, and the conversation that the address names. */
import { Api, signIn } from "./api.js";
import { Catalogue } from "./catalogue.js";
import { Chat } from "./chat.js";
import { element, wordButton } from "./elements.js";
import { noticeOf } from "./notices.js";
import { followTheme, tellReady } from "./telegram.js";

/** The first of a person's languages that the page speaks; English if it speaks none. */
function languageOf(tags) {
  return tags.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag === "ru" || tag === "en") ?? "en";
}

class Page {
  constructor(words, signed) {
    Object.assign(this, { words, api: new Api(signed.initData), chat: null, known: new Map() });
    this.note = signed.model.startsWith("smollm2") ? words.tiny : "";
    this.pane = document.querySelector("#chat");
    this.catalogue = new Catalogue(document.querySelector("#catalogue"), {
      api: this.api,
      words,
      onPick: (character) => this.#go(character),
    });
    addEventListener("popstate", () => this.show());
  }

  /** Show what the address says: a conversation, or the list alone. */
  async show() {
    const id = Number(new URLSearchParams(location.search).get("character"));
    this.chat?.close();
    this.chat = null;
    document.body.dataset.screen = id ? "chat" : "catalogue";
    this.catalogue.mark(id);
    this.pane.replaceChildren(this.#nobody());
    if (id) await this.#open(id);
  }

  async #open(id) {
    const { api, words, note, known } = this;
    try {
      const character = known.get(id) ?? (await api.get(`/api/characters/${id}`));
      this.chat = new Chat(this.pane, { api, words, character, note, onBack: () => this.#back() });
      if (matchMedia("(hover: hover)").matches) this.chat.composer.field.focus();
    } catch (error) {
      this.#explain(error, id);
    }
  }

  #go(character) {
    this.known.set(character.id, character);
    history.pushState({ isOurs: true }, "", `?character=${character.id}${location.hash}`);
    this.show();
  }

  #back() {
    if (history.state?.isOurs) {
      history.back();
      return;
    }
    history.replaceState(null, "", `/${location.hash}`);
    this.show();
  }

  #nobody() {
    const { words } = this;
    const more = element("a", { href: "/schema" }, words.schema);
    return element("div", { class: "nobody" }, mark(), element("h2", {}, words.choose), element("p", {}, words.chooseHint), more);
  }

  #explain(error, id) {
    const { words } = this;
    const notice = noticeOf(error, words);
    const act = async () => {
      if (notice.action === "confirmAdult") await this.api.post("/api/users/confirm-adult", { confirmed: true });
      await this.#open(id);
    };
    const buttons = [wordButton(words.back, () => this.#back())];
    if (error.code !== "character_not_found") buttons.push(wordButton(notice.label ?? words.tryAgain, act, "primary"));
    this.pane.replaceChildren(element("div", { class: "nobody" }, element("p", {}, notice.text), element("div", { class: "row" }, ...buttons)));
  }
}

function mark() {
  return element("img", { src: "/pages/icon.svg", alt: "", width: 64, height: 64 });
}

/** For one who came neither by Telegram nor to a demo. */
function welcome(words) {
  const links = [["/schema", words.schema], ["/readyz", words.ready]].map(([href, word]) => element("a", { href }, word));
  const text = [element("h1", {}, words.welcome), element("p", {}, words.welcomeText), element("p", { class: "faint" }, words.welcomeHint)];
  document.body.dataset.screen = "welcome";
  document.body.replaceChildren(element("main", { class: "welcome" }, mark(), ...text, element("nav", { class: "row links" }, ...links)));
}

/** The language of the person's profile, if they are signed in and the server answers. */
async function spokenBy(signed) {
  if (signed === null) return [];
  try {
    return [(await new Api(signed.initData).get("/api/users/profile")).language];
  } catch {
    return []; // the page says later what is wrong
  }
}

followTheme(location.hash);
tellReady();
const signed = await signIn(location.hash);
const language = languageOf([...(await spokenBy(signed)), ...navigator.languages]);
const { words } = await import(`./words.${language}.js`);
document.documentElement.lang = language;
document.title = words.title;
if (signed === null) {
  welcome(words);
} else {
  const page = new Page(words, signed);
  page.catalogue.load();
  await page.show();
}
