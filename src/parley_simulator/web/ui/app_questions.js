/** What a Mini App asks the person, put over it in the phone; each answer is the event that goes back. */
import { element, wordButton } from "./elements.js";
import { payLink } from "./payments.js";

export class Questions {
  /** `behind` is what cannot be used while something is asked. */
  constructor(root, { client, words, app, behind }) {
    Object.assign(this, { root, client, words, app, behind, dismiss: null });
  }

  /** Resolves to `[event, data]`, or null when there is nothing to answer. */
  ask(what, data) {
    const asks = {
      popup: () => this.#popup(data),
      invoice: () => this.#invoice(data),
      "write-access": () => this.#consent(this.words.writeAccess(this.app().title), this.words.allow, "write_access_requested", "allowed"),
      phone: () => this.#consent(this.words.phone(this.app().title), this.words.share, "phone_requested", "sent"),
      scan: () => this.#scan(data),
      download: () => this.#download(data),
    };
    return asks[what]();
  }

  /** Take away what is asked; it counts as dismissed. */
  drop() {
    this.dismiss?.();
  }

  #shown(label, build) {
    return new Promise((resolve) => {
      const back = document.activeElement;
      const close = (value) => {
        this.dismiss = null;
        this.root.replaceChildren();
        this.root.hidden = true;
        this.behind.forEach((node) => (node.inert = false));
        back?.focus?.();
        resolve(value);
      };
      this.dismiss = () => close(null);
      const box = element("div", { class: "popup", role: "alertdialog", "aria-modal": "true", "aria-label": label, tabindex: -1, onkeydown: (event) => event.key === "Escape" && close(null) });
      box.append(...build(close));
      this.root.replaceChildren(box);
      this.root.onclick = (event) => event.target === this.root && close(null);
      this.root.hidden = false;
      this.behind.forEach((node) => (node.inert = true));
      (box.querySelector("input, button") ?? box).focus();
    });
  }

  async #popup({ title, message, buttons }) {
    const id = await this.#shown(title || message, (close) => [
      title ? element("h2", {}, title) : "",
      element("p", {}, message),
      element("div", { class: "popup-row" }, ...buttons.map((button) => this.#popupButton(button, close))),
    ]);
    return ["popup_closed", id === null ? {} : { button_id: id }];
  }

  #popupButton({ id, type, text }, close) {
    const { words } = this;
    const usual = { ok: words.okay, close: words.close, cancel: words.cancel }[type];
    return wordButton(usual ?? text, () => close(id), `popup-button ${type === "destructive" ? "danger" : ""}`);
  }

  async #consent(text, yes, event, word) {
    const isGiven = await this.#shown(text, (close) => [
      element("p", {}, text),
      element("div", { class: "popup-row" }, wordButton(this.words.cancel, () => close(null), "popup-button"), wordButton(yes, () => close(true), "popup-button")),
    ]);
    return [event, { status: isGiven ? word : "cancelled" }];
  }

  async #invoice(slug) {
    const { client, words } = this;
    return ["invoice_closed", { slug, status: await payLink(slug, { client, words }) }];
  }

  async #scan(about) {
    const { words } = this;
    const input = element("input", { "aria-label": words.scan });
    const text = await this.#shown(words.scan, (close) => [
      element("h2", {}, words.scan),
      element("p", {}, about || words.scanAbout),
      input,
      element("div", { class: "popup-row" }, wordButton(words.cancel, () => close(null), "popup-button"), wordButton(words.done, () => close(input.value), "popup-button")),
    ]);
    return text ? ["qr_text_received", { data: text }] : ["scan_qr_popup_closed", {}];
  }

  async #download({ url, name }) {
    const { words } = this;
    const isWanted = await this.#shown(words.download, (close) => [
      element("p", {}, words.downloadAsk(name || url)),
      element("div", { class: "popup-row" }, wordButton(words.cancel, () => close(null), "popup-button"), wordButton(words.download, () => close(true), "popup-button")),
    ]);
    if (isWanted) window.open(url, "_blank", "noopener");
    return ["file_download_requested", { status: isWanted ? "downloading" : "cancelled" }];
  }
}
