/** Where a person writes: text, replies, corrections, commands, and the bot's keyboard. */
import { commandsFor } from "../core/rows.js";
import { element, icon, signButton, wordButton } from "./elements.js";
import { replyKeyboard } from "./keyboards.js";

const LONGEST = 4096;

export class Composer {
  /** `acts`: `say(text, replyTo)`, `edit(message, text)`, `editLast()`, `openApp(button)`, `pressReply(button)`. */
  constructor(root, { words, acts }) {
    Object.assign(this, { words, acts, commands: [], offered: [], at: 0, about: null, keyboard: null, hidden: new Set() });
    this.#build(root);
  }

  #build(root) {
    const { words } = this;
    this.list = element("ul", { class: "commands", role: "listbox", "aria-label": words.commands, id: "commands", hidden: true });
    this.bar = element("div", { class: "about", hidden: true });
    this.menu = wordButton("", () => this.#pressMenu(), "bot-menu", { hidden: true });
    this.text = element("textarea", {
      rows: 1, placeholder: words.message, "aria-label": words.message, autocomplete: "off", role: "combobox",
      "aria-controls": "commands", "aria-expanded": "false", "aria-autocomplete": "list",
      oninput: () => this.#typed(), onkeydown: (event) => this.#key(event),
    });
    this.keys = signButton("keyboard", words.showKeyboard, () => this.#turnKeyboard(), { hidden: true, "aria-pressed": "true" });
    this.send = signButton("send", words.send, () => this.#send(), { class: "sign send", disabled: true });
    this.count = element("small", { class: "count", hidden: true });
    const line = element("div", { class: "write" }, this.menu, this.text, this.count, this.keys, this.send);
    this.below = element("div", { class: "below", hidden: true });
    this.box = element("div", { class: "composer" }, this.list, this.bar, line, this.below);
    root.append(this.box);
  }

  focus() {
    if (matchMedia("(hover: hover)").matches) this.text.focus();
  }

  // --- what the bot gives

  /** Its commands and the button beside the text field. */
  offer({ commands, button }) {
    const { words } = this;
    this.commands = commands;
    this.button = button?.type === "web_app" ? button : null;
    this.menu.hidden = !this.button && commands.length === 0;
    const text = this.button?.text ?? words.menu;
    const label = this.button ? words.openApp : words.botMenu;
    this.menu.replaceChildren(icon(this.button ? "app" : "menu", 20), element("span", {}, text));
    this.menu.setAttribute("aria-label", `${text}: ${label}`);
    this.#suggest();
  }

  /** The keyboard in force, as `keyboardInForce` tells it. A forced reply begins a reply, once. */
  show(keyboard) {
    const isNew = JSON.stringify(keyboard?.markup) !== JSON.stringify(this.keyboard?.markup) || keyboard?.key !== this.keyboard?.key;
    if (!isNew) return;
    this.keyboard = keyboard;
    if (keyboard?.isForceReply && keyboard.message) this.reply(keyboard.message, this.acts.nameOf(keyboard.message));
    this.text.placeholder = keyboard?.markup.input_field_placeholder ?? this.words.message;
    this.#drawKeyboard();
  }

  #drawKeyboard() {
    const { keyboard, words } = this;
    const hasKeys = Boolean(keyboard) && !keyboard.isForceReply;
    const isShown = hasKeys && !this.hidden.has(keyboard.key);
    this.keys.hidden = !hasKeys;
    this.keys.setAttribute("aria-pressed", isShown);
    this.keys.title = isShown ? words.hideKeyboard : words.showKeyboard;
    this.below.hidden = !isShown;
    this.below.replaceChildren(...(isShown ? [replyKeyboard(keyboard.markup, (button) => this.#pressed(button))] : []));
  }

  #pressed(button) {
    if (this.keyboard.markup.one_time_keyboard) this.hidden.add(this.keyboard.key);
    this.#drawKeyboard();
    this.acts.pressReply(button);
    this.focus();
  }

  #turnKeyboard() {
    const { key } = this.keyboard;
    if (!this.hidden.delete(key)) this.hidden.add(key);
    this.#drawKeyboard();
  }

  #pressMenu() {
    if (this.button) {
      this.acts.openApp(this.button);
      return;
    }
    this.text.value = this.list.hidden ? "/" : "";
    this.text.focus();
    this.#typed();
  }

  // --- a reply, a correction

  reply(message, name) {
    this.#setAbout({ kind: "reply", message }, this.words.replyTo(name), message.text ?? message.caption ?? "", "reply");
  }

  edit(message) {
    this.kept = this.text.value;
    this.#setAbout({ kind: "edit", message }, this.words.editing, message.text, "edit");
    this.text.value = message.text;
    this.#typed();
  }

  insert(text) {
    this.text.value = text;
    this.#typed();
    this.text.focus();
  }

  #setAbout(about, title, line, sign) {
    this.about = about;
    const texts = element("span", {}, element("b", {}, title), element("span", {}, line));
    this.bar.replaceChildren(icon(sign), texts, signButton("close", this.words.cancel, () => this.drop()));
    this.bar.hidden = false;
    this.text.focus();
  }

  drop() {
    if (this.about?.kind === "edit") this.text.value = this.kept ?? "";
    this.about = null;
    this.bar.hidden = true;
    this.#typed();
    this.focus();
  }

  // --- writing

  #typed() {
    const { text } = this;
    text.style.height = "auto";
    text.style.height = `${Math.min(text.scrollHeight, 220)}px`;
    const { length } = text.value;
    this.count.hidden = length <= LONGEST;
    this.count.textContent = length > LONGEST ? this.words.tooLong(length) : "";
    this.send.disabled = text.value.trim() === "" || length > LONGEST;
    this.at = 0;
    this.#suggest();
  }

  #suggest() {
    this.offered = commandsFor(this.text.value, this.commands);
    this.list.hidden = this.offered.length === 0;
    this.text.setAttribute("aria-expanded", !this.list.hidden);
    this.list.replaceChildren(...this.offered.map((each, index) => this.#option(each, index)));
    this.#point();
  }

  #option({ command, description }, index) {
    const pick = (event) => {
      event.preventDefault();
      this.#run(command);
    };
    return element("li", { role: "option", id: `command-${index}`, onmousedown: pick }, element("b", {}, `/${command}`), element("span", {}, description));
  }

  #point() {
    [...this.list.children].forEach((option, index) => option.setAttribute("aria-selected", index === this.at));
    this.list.children[this.at]?.scrollIntoView({ block: "nearest" });
    if (this.list.hidden) this.text.removeAttribute("aria-activedescendant");
    else this.text.setAttribute("aria-activedescendant", `command-${this.at}`);
  }

  #run(command) {
    this.text.value = "";
    this.#typed();
    this.acts.say(`/${command}`, null);
  }

  #key(event) {
    if (event.isComposing) return;
    const act = this.list.hidden ? this.#plainKey(event) : (this.#listKey(event) ?? this.#plainKey(event));
    if (!act) return;
    event.preventDefault();
    act();
  }

  #listKey({ key, shiftKey }) {
    const count = this.offered.length;
    const move = (by) => () => {
      this.at = (this.at + by + count) % count;
      this.#point();
    };
    const chosen = this.offered[this.at].command;
    const complete = () => {
      this.text.value = `/${chosen} `;
      this.#typed();
    };
    const shut = () => {
      this.text.value = "";
      this.#typed();
    };
    if (key === "Enter" && shiftKey) return null;
    return { ArrowDown: move(1), ArrowUp: move(-1), Tab: complete, Enter: () => this.#run(chosen), Escape: shut }[key] ?? null;
  }

  #plainKey({ key, shiftKey }) {
    if (key === "Enter" && !shiftKey) return () => this.#send();
    if (key === "Escape" && this.about) return () => this.drop();
    if (key === "ArrowUp" && this.text.value === "" && !this.about) return () => this.acts.editLast();
    return null;
  }

  async #send() {
    if (this.send.disabled) return;
    const { about } = this;
    const text = this.text.value.trim();
    this.kept = "";
    this.text.value = "";
    if (about) this.drop();
    this.#typed();
    const isDone = about?.kind === "edit" ? await this.acts.edit(about.message, text) : await this.acts.say(text, about?.message.message_id ?? null);
    // Nothing that was written is lost: what could not be sent comes back.
    if (isDone === false && this.text.value === "") this.insert(text);
    this.focus();
  }
}
