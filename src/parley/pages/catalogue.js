/** The list of characters: search as you type, genre, order, 18+. */
import { avatar, choice, element, icon, wordButton } from "./elements.js";
import { noticeOf } from "./notices.js";

const SEARCH_AFTER = 250;
const PAGE = 30;

export class Catalogue {
  /** `onPick` gets the character that a person chooses. */
  constructor(root, { api, words, onPick }) {
    Object.assign(this, { api, words, onPick, genre: "", sort: "popular", isAdult: false, picked: 0, shown: [] });
    this.status = element("p", { class: "hidden", role: "status" });
    this.list = element("ul", { class: "cards", "aria-label": words.characters });
    root.append(element("header", {}, this.#brand(), this.#searchField(), this.#filters()), this.status, this.list);
  }

  /** Load the first page for what is asked now; an older request still on its way is dropped. */
  async load() {
    this.asking?.abort();
    this.asking = new AbortController();
    await this.#guarded(async () => {
      const page = await this.#page(0);
      this.shown = page.characters;
      this.#draw(page.total);
    });
  }

  /** Mark the one who is talked to. */
  mark(id) {
    this.picked = id;
    for (const card of this.list.querySelectorAll("[data-id]")) {
      card.toggleAttribute("aria-current", card.dataset.id === String(id));
    }
  }

  async #page(offset) {
    const words = this.search.value.trim();
    const query = new URLSearchParams({ limit: PAGE, offset });
    if (this.genre) query.set("genre", this.genre);
    if (this.isAdult) query.set("rating", "nsfw");
    if (words) query.set("q", words);
    else query.set("sort", this.sort);
    return this.api.get(`/api/characters${words ? "/search" : ""}?${query}`, this.asking.signal);
  }

  async #guarded(work) {
    try {
      await work();
    } catch (error) {
      if (error.name !== "AbortError") this.#explain(error);
    }
  }

  #explain(error) {
    const notice = noticeOf(error, this.words);
    const confirm = async () => {
      await this.#guarded(async () => {
        await this.api.post("/api/users/confirm-adult", { confirmed: true });
        await this.load();
      });
    };
    const act = { confirmAdult: confirm, reload: () => location.reload() }[notice.action] ?? (() => this.load());
    const button = wordButton(notice.label ?? this.words.tryAgain, act, "primary");
    this.list.replaceChildren(element("li", { class: "empty" }, element("p", {}, notice.text), button));
  }

  #draw(total) {
    const { words } = this;
    const nobody = this.search.value || this.genre || this.isAdult ? words.nobody : words.empty;
    const rows = this.shown.map((character) => element("li", {}, this.#card(character)));
    if (rows.length === 0) rows.push(element("li", { class: "empty" }, nobody));
    if (rows.length < total) rows.push(element("li", { class: "empty" }, wordButton(words.more, () => this.#more())));
    this.list.replaceChildren(...rows);
    this.status.textContent = words.found(total);
    this.mark(this.picked);
  }

  #more() {
    return this.#guarded(async () => {
      const page = await this.#page(this.shown.length);
      this.shown = [...this.shown, ...page.characters];
      this.#draw(page.total);
    });
  }

  #card(character) {
    const { words } = this;
    const name = element("span", { class: "name" }, element("b", {}, character.name));
    if (character.access_type === "premium") {
      name.append(element("span", { class: "mark premium", role: "img", "aria-label": words.premium, title: words.premium }, icon("star")));
    }
    if (character.content_rating === "nsfw") name.append(element("span", { class: "mark" }, "18+"));
    const tags = element("span", { class: "tags" }, ...character.tags.slice(0, 4).map((tag) => element("span", {}, tag)));
    const about = element("span", { class: "about" }, character.description_long);
    const card = { type: "button", class: "card", "data-id": character.id, onclick: () => this.onPick(character) };
    return element("button", card, avatar(character), element("span", { class: "text" }, name, about, tags));
  }

  #brand() {
    return element("h1", {}, element("img", { src: "/pages/icon.svg", alt: "", width: 28, height: 28 }), "Parley");
  }

  #searchField() {
    const { words } = this;
    this.search = element("input", { type: "search", placeholder: words.search, "aria-label": words.search, maxlength: 200 });
    this.search.addEventListener("input", () => {
      clearTimeout(this.typing);
      this.typing = setTimeout(() => this.load(), SEARCH_AFTER);
    });
    return element("div", { class: "search", role: "search" }, icon("search"), this.search);
  }

  #filters() {
    const { words } = this;
    const set = (name) => (value) => {
      this[name] = value;
      this.load();
    };
    const adult = wordButton(words.adult, () => {
      this.isAdult = !this.isAdult;
      adult.setAttribute("aria-pressed", this.isAdult);
      this.load();
    }, "toggle");
    adult.setAttribute("aria-pressed", "false");
    const genre = choice(words.genre, words.genres, "", set("genre"));
    return element("div", { class: "filters" }, genre, choice(words.sort, words.sorts, "popular", set("sort")), adult);
  }
}
