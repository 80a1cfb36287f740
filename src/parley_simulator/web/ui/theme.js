/** Light or dark: as the system says, or as the person chose. */
import { themeParams } from "../core/themes.js";
import { openMenu } from "./dialogs.js";

const KEY = "simulator.theme";
const SIGNS = { system: "system", light: "sun", dark: "moon" };

export class Theme {
  constructor() {
    this.listeners = new Set();
    this.system = matchMedia("(prefers-color-scheme: dark)");
    this.system.addEventListener("change", () => this.choice === "system" && this.#tell());
    // Another tab of this browser may have chosen.
    addEventListener("storage", (event) => event.key === KEY && this.#apply());
    this.#apply();
  }

  get choice() {
    const chosen = localStorage.getItem(KEY);
    return chosen in SIGNS ? chosen : "system";
  }

  get sign() {
    return SIGNS[this.choice];
  }

  get isDark() {
    return this.choice === "system" ? this.system.matches : this.choice === "dark";
  }

  /** What a Mini App gets. */
  get params() {
    return themeParams(this.isDark);
  }

  on(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  choose(choice) {
    localStorage.setItem(KEY, choice);
    this.#apply();
  }

  menu(button, words) {
    const item = (choice) => ({ sign: SIGNS[choice], text: words.themes[choice], act: () => this.choose(choice), kind: choice === this.choice ? "chosen" : "" });
    openMenu(button, Object.keys(SIGNS).map(item), words.theme);
  }

  #apply() {
    document.documentElement.dataset.theme = this.choice;
    this.#tell();
  }

  #tell() {
    this.listeners.forEach((listener) => listener());
  }
}
