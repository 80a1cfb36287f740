/** Who the person of this tab is. The simulator forgets people when it restarts; the browser does not. */
import { api } from "./api.js";

const KEY = "simulator.people";
const LAST = "simulator.person";
const NAMES = { ru: "Алекс", en: "Alex" };

export class People {
  /** Whom to ask about before it is known who is there. */
  guess(wanted) {
    return wanted ?? (Number(localStorage.getItem(LAST)) || 0);
  }

  /** The person of this tab; made anew, with the same id, where the simulator does not know them. */
  async settle(wanted, present) {
    const id = this.guess(wanted);
    if (present.some((each) => each.id === id)) return id;
    if (wanted === null && present.length > 0) return present[0].id;
    const known = this.#read().find((each) => each.id === id);
    return (await api.people(known ?? this.#newcomer(id))).id;
  }

  remember(person) {
    const { id, first_name, last_name, username, language_code, is_premium, stars } = person;
    const others = this.#read().filter((each) => each.id !== id);
    const kept = { id, first_name, last_name, username, language_code, is_premium, stars };
    localStorage.setItem(KEY, JSON.stringify([...others, kept].slice(-20)));
    localStorage.setItem(LAST, id);
  }

  forget() {
    localStorage.removeItem(KEY);
    localStorage.removeItem(LAST);
  }

  #newcomer(id) {
    const language = navigator.language.toLowerCase().startsWith("en") ? "en" : "ru";
    return { ...(id ? { id } : {}), first_name: NAMES[language], language_code: language };
  }

  #read() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY));
      return Array.isArray(kept) ? kept : [];
    } catch {
      return [];
    }
  }
}
