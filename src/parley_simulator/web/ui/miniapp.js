/** The phone: opens a Mini App in a frame and does what `core/host.js` decides. */
import { eventOf, hear, newHost } from "../core/host.js";
import { cloud, local } from "../core/storage.js";
import { Questions } from "./app_questions.js";
import { confirmed, openMenu, toast } from "./dialogs.js";
import { Phone } from "./phone.js";
import { Shelf } from "./shelf.js";

/** Milliseconds an app has to say that it reloads itself. */
const RELOADS_WITHIN = 500;
/** Milliseconds without a change after which the height is said to be stable. */
const SETTLES = 120;
/** Milliseconds of silence after which we say what may be wrong. */
const SILENT = 7000;

export class MiniApp {
  /** `acts`: `telegram(address)`, `openUrl(url)`, `insert(text)`, `sendData(app, data)`, `onTurn()`. */
  constructor(root, { client, words, theme, acts }) {
    Object.assign(this, { client, words, theme, acts, app: null, host: null, log: [], isVisible: true });
    this.phone = new Phone(root, words, {
      close: () => this.askToClose(),
      back: () => this.send("back_button_pressed"),
      main: () => this.send("main_button_pressed"),
      secondary: () => this.send("secondary_button_pressed"),
      menu: (button) => this.#menu(button),
      minimize: () => this.show(false),
      maximize: () => this.show(true),
      expand: () => this.#hear("web_app_expand", {}),
      resized: () => this.#resized(),
      loaded: () => this.#loaded(),
      launch: () => acts.launch(),
    });
    this.questions = new Questions(this.phone.cover, { client, words, app: () => this.app, behind: [this.phone.view, this.phone.buttons] });
    this.stops = [theme.on(() => this.#themed())];
    this.#listen("message", window, (message) => this.#received(message));
    this.#listen("visibilitychange", document, () => this.#tellVisibility());
  }

  /** Leave nothing behind: another person's page begins anew. */
  leave() {
    this.close();
    this.stops.forEach((stop) => stop());
  }

  #listen(event, target, listener) {
    target.addEventListener(event, listener);
    this.stops.push(() => target.removeEventListener(event, listener));
  }

  /** `app`: `{bot, url, launch, button}`; one app at a time, an older one makes room. */
  async open(app) {
    if (this.app && !(await this.askToClose())) return;
    this.app = { ...app, origin: new URL(app.url).origin, title: this.client.botOf(app.bot)?.name ?? "" };
    this.host = newHost(app.launch);
    const at = `${app.bot}:${this.client.person.id}`;
    this.shelves = { cloud: new Shelf(`cloud:${at}`), device: new Shelf(`device:${at}`), secure: new Shelf(`secure:${at}`) };
    this.isVisible = true;
    this.#load();
    this.acts.onTurn();
  }

  #load() {
    this.hasSpoken = false;
    this.phone.load(this.app);
    this.#draw();
    clearTimeout(this.silent);
    this.silent = setTimeout(() => this.phone.say(this.words.appSlow), SILENT);
  }

  async askToClose() {
    const { words } = this;
    const asks = this.host?.needsConfirmation;
    if (asks && !(await confirmed(words, { text: words.unsaved, yes: words.closeAnyway, no: words.stay, kind: "primary danger" }))) return false;
    this.close();
    return true;
  }

  close() {
    if (!this.app) return;
    clearTimeout(this.silent);
    this.questions.drop();
    this.app = this.host = null;
    this.phone.empty();
    this.acts.onTurn();
  }

  /** Put the app aside, or bring it back. */
  show(isVisible) {
    this.isVisible = isVisible;
    this.acts.onTurn();
    this.#tellVisibility();
  }

  // --- talking to the app

  /** Until the app has spoken its page may not be there yet, and nobody listens. */
  send(type, data = null) {
    if (!this.app || !this.hasSpoken) return;
    this.#note("→", type, data);
    this.phone.frame.contentWindow?.postMessage(JSON.stringify({ eventType: type, eventData: data }), this.app.origin);
  }

  #received(message) {
    if (!this.app) return;
    const event = eventOf(message, this.phone.frame.contentWindow, this.app.origin);
    if (!event) return;
    if (event.refused !== undefined) {
      this.#note("✕", event.type, { origin: event.refused });
      toast(this.words.otherOrigin(event.refused), "block", "bad");
      return;
    }
    this.hasSpoken = true;
    this.#hear(event.type, event.data);
  }

  #hear(type, data) {
    clearTimeout(this.silent);
    this.phone.say("");
    this.#note("←", type, data);
    const { host, effects } = hear(this.host, type, data);
    this.host = host;
    this.#draw();
    for (const effect of effects) this.#run(effect);
  }

  #note(direction, type, data) {
    this.log = [...this.log.slice(-199), { time: Date.now() / 1000, direction, type, data }];
    this.client.tell("app");
  }

  #run([kind, ...rest]) {
    if (kind === "send") this.send(...rest);
    else if (kind === "ask") this.#ask(...rest);
    else if (kind === "store") this.#store(...rest);
    else if (kind === "do") this.#do(...rest);
    else this.#mention(...rest);
  }

  #mention(type, data) {
    toast(data.refused ? this.words.dataRefused : this.words.appSaid(type.replace(/^web_app_/, "")), null, "small");
  }

  /** A question takes its time; an app closed or reloaded meanwhile is not told. */
  async #ask(what, data) {
    const { app } = this;
    const answer = await this.questions.ask(what, data);
    if (app !== this.app || !this.host) return;
    this.host = { ...this.host, isAsking: false };
    if (answer) this.send(...answer);
  }

  #store(type, data) {
    if (type === "web_app_invoke_custom_method") {
      const answer = cloud(this.shelves.cloud, data.method, data.params);
      this.send("custom_method_invoked", { req_id: data.req_id, ...answer });
      return;
    }
    const kind = type.startsWith("web_app_secure") ? "secure" : "device";
    this.send(...local(this.shelves[kind], type, data));
  }

  #do(what, data) {
    const deeds = {
      close: () => this.close(),
      theme: () => this.#tellTheme(),
      viewport: () => this.#tellViewport(),
      "safe-area": () => this.send("safe_area_changed", this.phone.safeArea(this.host.isFullscreen)),
      "content-safe-area": () => this.send("content_safe_area_changed", this.phone.contentSafeArea(this.host.isFullscreen)),
      open: () => this.acts.openUrl(data),
      telegram: () => this.acts.telegram(data),
      "inline-query": () => this.acts.insert(data),
      data: () => this.#sendData(data),
      haptic: () => this.phone.shake(data),
      "hide-keyboard": () => this.phone.frame.blur(),
      clipboard: () => this.#readClipboard(data),
      reloading: () => clearTimeout(this.reloading),
      "stop-scan": () => this.questions.drop(),
    };
    deeds[what]();
  }

  async #sendData(data) {
    const { app } = this;
    this.close();
    await this.acts.sendData(app, data);
  }

  async #readClipboard(request) {
    const text = await navigator.clipboard.readText().catch(() => null);
    this.send("clipboard_text_received", { req_id: request, data: text });
  }

  // --- telling the app

  #tellTheme() {
    this.send("theme_changed", { theme_params: this.theme.params });
  }

  #themed() {
    if (!this.app) return;
    this.#draw();
    this.#tellTheme();
  }

  #tellViewport(isStable = true) {
    if (!this.host) return;
    const { width, height } = this.phone.viewport();
    this.send("viewport_changed", { width, height, is_expanded: this.host.isExpanded, is_state_stable: isStable });
  }

  /** While the sheet moves the app hears now and then how high it is, and once more when it stands still. */
  #resized() {
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.#tellViewport(), SETTLES);
    if (Date.now() - (this.toldAt ?? 0) < SETTLES) return;
    this.toldAt = Date.now();
    this.#tellViewport(false);
  }

  #tellVisibility() {
    if (this.app) this.send("visibility_changed", { is_visible: this.isVisible && document.visibilityState === "visible" });
  }

  // --- the frame

  #draw() {
    this.phone.draw(this.host, this.theme.params);
  }

  #loaded() {
    // A page that is no Mini App never says that it is ready: once it is there it is shown all the same.
    setTimeout(() => {
      if (!this.host || this.host.isReady) return;
      this.host = { ...this.host, isReady: true };
      this.#draw();
    }, 900);
  }

  /** The app may reload itself; if it does not say within half a second that it will, the frame is loaded again. */
  #reload() {
    const force = () => {
      this.questions.drop();
      this.host = newHost(this.app.launch);
      this.host.isExpanded = true;
      this.#load();
    };
    if (!this.host.canReload) {
      force();
      return;
    }
    this.send("reload_iframe");
    clearTimeout(this.reloading);
    this.reloading = setTimeout(force, RELOADS_WITHIN);
  }

  #menu(button) {
    const { words } = this;
    const isOutside = () => window.open(this.app.url, "_blank", "noopener");
    openMenu(button, [
      this.host.hasSettings && { sign: "settings", text: words.settings, act: () => this.send("settings_button_pressed") },
      { sign: "reload", text: words.reload, act: () => this.#reload() },
      { sign: "link", text: words.openOutside, act: isOutside },
      { sign: "minimize", text: words.minimize, act: () => this.show(false) },
    ], words.appMenu);
  }
}
