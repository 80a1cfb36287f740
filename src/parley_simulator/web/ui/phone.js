/** The phone as it looks: status bar, the app's head, the frame, its buttons. */
import { buttonOrder } from "../core/host.js";
import { colorOf, isBright } from "../core/themes.js";
import { avatar, element, icon, signButton, wordButton } from "./elements.js";

const STATUS_HEIGHT = 44;
const HOME_HEIGHT = 20;
const FLOATING_HEIGHT = 48;
const NOTHING = { top: 0, bottom: 0, left: 0, right: 0 };
const ALLOWED = "clipboard-read; clipboard-write; fullscreen; autoplay; encrypted-media";
/** A Mini App is a stranger's page: it may run and open windows, never lead this one away. */
const SANDBOX = "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-modals allow-downloads";

export class Phone {
  /** `acts`: what the phone's own buttons do. */
  constructor(root, words, acts) {
    Object.assign(this, { words, acts, frame: element("iframe") });
    this.#build(root);
    this.empty();
  }

  #build(root) {
    const { words, acts } = this;
    this.time = element("span", {});
    const status = element("div", { class: "status-bar", "aria-hidden": "true" }, this.time, element("span", { class: "island" }), element("span", { class: "signals" }, element("i", { class: "bars" }), element("i", { class: "battery" })));
    this.leave = wordButton("", () => (this.hasBack ? acts.back() : acts.close()), "app-close");
    this.title = element("span", { class: "app-title" });
    const minimize = signButton("down", words.minimize, () => acts.minimize());
    const more = signButton("more", words.appMenu, (event) => acts.menu(event.currentTarget), { "aria-haspopup": "menu" });
    this.head = element("header", { class: "app-head" }, this.leave, this.title, element("span", { class: "app-signs" }, minimize, more));
    this.grip = element("button", { type: "button", class: "grip", "aria-label": words.maximize, title: words.maximize, onclick: () => acts.expand() });
    this.loader = element("div", { class: "app-loader" });
    this.note = element("p", { class: "app-note", role: "status", hidden: true });
    this.cover = element("div", { class: "cover", hidden: true });
    this.view = element("div", { class: "app-view" }, this.loader, this.note);
    this.buttons = element("div", { class: "app-buttons", hidden: true });
    this.haptics = element("div", { class: "haptics", "aria-hidden": "true" });
    this.sheet = element("section", { class: "app-sheet", "aria-label": words.app, hidden: true }, this.grip, this.head, this.view, this.buttons, this.cover);
    this.idle = element("div", { class: "idle" });
    this.node = element("div", { class: "phone" }, status, this.idle, this.sheet, this.haptics, element("div", { class: "home", "aria-hidden": "true" }));
    root.replaceChildren(this.node);
    new ResizeObserver(() => acts.resized()).observe(this.view);
  }

  /** What the phone shows while no app is open: a way to open the bot's own. */
  rest(bot, language) {
    this.time.textContent = new Date().toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    const button = bot?.menu_button?.type === "web_app" ? bot.menu_button : null;
    const state = JSON.stringify([bot?.id, bot?.name, button]);
    if (state === this.idleState) return;
    this.idleState = state;
    const { words, acts } = this;
    const name = bot?.name || bot?.username || "";
    this.idle.replaceChildren(
      bot ? avatar(bot.id, name, "large") : "",
      element("b", {}, name),
      element("p", {}, button ? words.appEmpty : words.noApp),
      button ? wordButton(button.text || words.openApp, () => acts.launch(), "primary") : "",
    );
  }

  load({ url, title, bot }) {
    this.frame.remove();
    // A new element for each launch: the old page is gone at once, with its history.
    this.frame = element("iframe", { title: title || this.words.app, sandbox: SANDBOX, allow: ALLOWED, referrerpolicy: "no-referrer", onload: () => this.acts.loaded() });
    this.frame.src = url;
    this.title.replaceChildren(element("b", {}, title), element("small", {}, this.words.app));
    this.loader.replaceChildren(avatar(bot, title, "large"), element("span", { class: "spinner" }), element("span", { class: "unseen" }, this.words.appLoading));
    this.view.prepend(this.frame);
    this.say("");
    this.node.classList.add("busy");
    this.sheet.hidden = false;
  }

  empty() {
    this.frame.remove();
    this.sheet.hidden = true;
    this.node.classList.remove("busy", "fullscreen", "expanded");
    this.node.style.removeProperty("--app-header");
  }

  say(text) {
    this.note.textContent = text;
    this.note.hidden = text === "";
  }

  /** Draw what the host knows. */
  draw(host, theme) {
    const { node, words } = this;
    this.hasBack = host.hasBack;
    const leaves = host.hasBack ? words.back : words.close;
    this.leave.replaceChildren(icon(host.hasBack ? "back" : "close", 18), element("span", {}, leaves));
    this.leave.setAttribute("aria-label", leaves);
    node.classList.toggle("expanded", host.isExpanded);
    node.classList.toggle("fullscreen", host.isFullscreen);
    this.grip.hidden = host.isExpanded;
    this.loader.hidden = host.isReady;
    this.#color(host, theme);
    this.#drawButtons(host, theme);
  }

  #color({ colors }, theme) {
    const header = colorOf(colors.header, theme);
    const ground = colorOf(colors.background, theme);
    const set = { "--app-header": header, "--app-header-ink": isBright(header) ? "#10151c" : "#f5f7fa", "--app-ground": ground, "--app-bottom": colorOf(colors.bottomBar, theme) };
    set["--app-ground-ink"] = isBright(ground) ? "#10151c" : "#f5f7fa";
    for (const [name, value] of Object.entries(set)) this.node.style.setProperty(name, value);
  }

  #drawButtons({ main, secondary }, theme) {
    const { isColumn, isSecondaryFirst } = buttonOrder(secondary);
    const drawn = [
      main.is_visible && this.#button(main, this.acts.main, theme.button_color, theme.button_text_color, "main"),
      secondary.is_visible && this.#button(secondary, this.acts.secondary, theme.bottom_bar_bg_color, theme.button_color, "secondary"),
    ];
    if (isSecondaryFirst) drawn.reverse();
    const shown = drawn.filter(Boolean);
    const focused = this.buttons.contains(document.activeElement) ? document.activeElement.dataset.button : null;
    this.buttons.replaceChildren(...shown);
    this.buttons.classList.toggle("column", isColumn);
    this.buttons.hidden = shown.length === 0;
    if (focused) this.buttons.querySelector(`[data-button=${focused}]`)?.focus();
  }

  #button(state, act, ground, ink, name) {
    const isOff = !state.is_active || state.is_progress_visible;
    const style = { "--key": state.color ?? ground, "--key-ink": state.text_color ?? ink };
    const kind = `app-button ${state.has_shine_effect ? "shines" : ""} ${state.is_active ? "" : "off"}`;
    const inside = state.is_progress_visible ? [element("span", { class: "spinner" }), element("span", { class: "unseen" }, state.text)] : [state.text];
    return element("button", { type: "button", class: kind, disabled: isOff, style, "data-button": name, onclick: act }, ...inside);
  }

  /** A tremble and a word: what a real phone would do in the hand. */
  shake({ kind, style }) {
    this.node.classList.remove("trembles");
    void this.node.offsetWidth;
    this.node.classList.add("trembles");
    const note = element("span", {}, [this.words.haptic[kind], style].filter(Boolean).join(", "));
    this.haptics.replaceChildren(note);
    clearTimeout(this.shaking);
    this.shaking = setTimeout(() => note.remove(), 1200);
  }

  // --- measures

  viewport() {
    const { clientWidth: width, clientHeight: height } = this.view;
    return { width, height };
  }

  get #isFramed() {
    return getComputedStyle(this.node).getPropertyValue("--framed").trim() === "1";
  }

  /** What the phone itself covers; only a full screen reaches below it. */
  safeArea(isFullscreen) {
    return isFullscreen && this.#isFramed ? { ...NOTHING, top: STATUS_HEIGHT, bottom: HOME_HEIGHT } : NOTHING;
  }

  /** What Telegram's own floating buttons cover. */
  contentSafeArea(isFullscreen) {
    return isFullscreen ? { ...NOTHING, top: FLOATING_HEIGHT } : NOTHING;
  }
}

