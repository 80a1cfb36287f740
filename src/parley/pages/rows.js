/** The rows of a conversation as elements, kept in step with the timeline: what did not change is left alone. */
import { element, signButton, spoken, wordButton } from "./elements.js";

export class Rows {
  /** `does` is what a row's buttons do: regenerate, remove, edit, save, cancel, previous, following, retry, discard. */
  constructor(list, words, does) {
    Object.assign(this, { list, words, does, drawn: new Map() });
  }

  /** Show these rows; `extra(row)` tells what hangs on a row beside itself: editing, isLast, variants, day. */
  draw(rows, extra) {
    const keys = new Set(rows.map((row) => row.key));
    for (const [key, { item }] of this.drawn) {
      if (!keys.has(key)) {
        item.remove();
        this.drawn.delete(key);
      }
    }
    rows.forEach((row, place) => {
      const item = this.#item(row, extra(row));
      if (this.list.children[place] !== item) this.list.insertBefore(item, this.list.children[place] ?? null);
    });
  }

  #item(row, more) {
    const known = this.drawn.get(row.key) ?? { item: element("li", {}), looks: "" };
    const looks = JSON.stringify([row, more]);
    if (known.looks !== looks) this.#fill(known.item, row, more);
    this.drawn.set(row.key, { item: known.item, looks });
    return known.item;
  }

  /** Draw the row anew; the focus stays on the button it was on. */
  #fill(item, row, more) {
    const focused = item.contains(document.activeElement) ? document.activeElement.dataset.does : undefined;
    const isMine = row.kind === "pending" || row.message?.role === "user";
    item.className = `${isMine ? "mine" : "theirs"} ${row.kind} ${more.isLast ? "last" : ""}`;
    const day = more.day ? element("p", { class: "day" }, more.day) : null;
    const parts = more.isEditing ? [this.#editor(row.message)] : [this.#bubble(row), this.#below(row, more)];
    item.replaceChildren(...[day, ...parts].filter(Boolean));
    if (more.isEditing) item.querySelector("textarea").focus();
    else if (focused) item.querySelector(`[data-does="${focused}"]`)?.focus();
  }

  #bubble(row) {
    if (row.kind === "typing") {
      const dots = [1, 2, 3].map(() => element("i", {}));
      return element("div", { class: "bubble dots", role: "img", "aria-label": this.words.typing }, ...dots);
    }
    return element("div", { class: "bubble", dir: "auto" }, ...spoken(row.message?.message_text ?? row.text));
  }

  #below(row, more) {
    if (row.kind === "pending") return this.#sending(row);
    if (row.kind !== "message") return null;
    const { words } = this;
    const { message } = row;
    const time = new Date(message.created_at).toLocaleTimeString(words.locale, { hour: "2-digit", minute: "2-digit" });
    const marks = [time, message.edited_at && words.edited, message.is_partial && words.partial].filter(Boolean);
    return element(
      "div",
      { class: "below" },
      element("time", { datetime: message.created_at }, marks.join(" · ")),
      message.variants_count > 1 && this.#variants(message, more.variant),
      element("span", { class: "tools" }, ...this.#tools(message, more)),
    );
  }

  #tools(message, more) {
    const { words } = this;
    const tools = [];
    if (more.canRegenerate) tools.push(this.#tool("again", words.regenerate, "regenerate", message));
    if (message.role === "user") tools.push(this.#tool("edit", words.edit, "edit", message));
    tools.push(this.#tool("delete", words.delete, "remove", message));
    return tools;
  }

  #tool(sign, label, name, ...given) {
    return signButton(sign, label, () => this.does[name](...given), { "data-does": name });
  }

  /** ‹ 2 / 3 ›; which one it is may not be known yet. */
  #variants(message, number) {
    const { words } = this;
    const count = message.variants_count;
    const turn = (sign, label, name, end) => {
      const button = this.#tool(sign, label, name, message);
      button.disabled = number === end;
      return button;
    };
    return element(
      "span",
      { class: "variants" },
      turn("back", words.previous, "previous", 1),
      element("span", {}, words.variant(number ?? "…", count)),
      turn("next", words.following, "following", count),
    );
  }

  #sending(row) {
    const { words, does } = this;
    if (!row.hasFailed) return element("div", { class: "below" }, element("time", {}, words.sending));
    return element(
      "div",
      { class: "below failed" },
      words.unsent,
      wordButton(words.retry, () => does.retry(row.client_id), "link"),
      wordButton(words.discard, () => does.discard(row.client_id), "link"),
    );
  }

  #editor(message) {
    const { words, does } = this;
    const field = element("textarea", { "aria-label": words.edit, maxlength: 4000, rows: 3 });
    field.value = message.message_text;
    const save = () => field.value.trim() && does.save(message, field.value.trim());
    field.addEventListener("keydown", (event) => {
      if (event.key === "Escape") does.cancel();
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        save();
      }
    });
    const buttons = [wordButton(words.cancel, () => does.cancel()), wordButton(words.save, save, "primary")];
    return element("div", { class: "editor" }, field, element("div", { class: "row" }, ...buttons));
  }
}
