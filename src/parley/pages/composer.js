/** Where a person writes: Enter sends, Shift+Enter makes a new line, and while a reply is written it can be stopped. */
import { element, icon } from "./elements.js";

export const LONGEST = 4000;

export class Composer {
  constructor(root, words, { onSend, onStop }) {
    Object.assign(this, { words, onSend, onStop, isBusy: false, isOff: false });
    const asks = { rows: 1, placeholder: words.message, "aria-label": words.message, enterkeyhint: "send", title: words.hint };
    this.field = element("textarea", { ...asks, oninput: () => this.#changed(), onkeydown: (event) => this.#key(event) });
    this.button = element("button", { type: "submit", class: "send" });
    this.count = element("output", { class: "count" });
    const submit = (event) => {
      event.preventDefault();
      this.#act();
    };
    root.append(element("form", { class: "composer", onsubmit: submit }, this.field, this.count, this.button));
    this.#changed();
  }

  /** `isBusy`: a reply is being written; `isOff`: nothing can be sent here. */
  set({ isBusy, isOff }) {
    Object.assign(this, { isBusy, isOff });
    this.#changed();
  }

  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (this.field.value.trim()) this.#act();
  }

  #act() {
    const text = this.field.value.trim();
    if (!text && this.isBusy) this.onStop();
    if (!text || this.isOff || this.#over(text) > 0) return;
    this.field.value = "";
    this.#changed();
    this.onSend(text);
  }

  #changed() {
    const { field, button, words } = this;
    const text = field.value.trim();
    const isStop = this.isBusy && !text;
    const [sign, label] = isStop ? ["stop", words.stop] : ["send", words.send];
    if (button.getAttribute("aria-label") !== label) {
      button.replaceChildren(icon(sign));
      button.setAttribute("aria-label", label);
    }
    field.disabled = this.isOff;
    button.disabled = !isStop && (this.isOff || !text || this.#over(text) > 0);
    this.count.textContent = this.#over(text) > 0 ? words.tooLong(this.#over(text)) : "";
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
  }

  /** Characters as the server counts them: code points. */
  #over(text) {
    return [...text].length - LONGEST;
  }
}
