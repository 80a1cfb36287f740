/** A Map that the browser keeps: what a Mini App stores for one bot and one person. */
export class Shelf {
  constructor(name) {
    this.name = `simulator.${name}`;
  }

  get #all() {
    try {
      return new Map(JSON.parse(localStorage.getItem(this.name)) ?? []);
    } catch {
      return new Map();
    }
  }

  #change(work) {
    const all = this.#all;
    work(all);
    localStorage.setItem(this.name, JSON.stringify([...all]));
  }

  get size() {
    return this.#all.size;
  }

  has(key) {
    return this.#all.has(key);
  }

  get(key) {
    return this.#all.get(key);
  }

  keys() {
    return this.#all.keys();
  }

  set(key, value) {
    this.#change((all) => all.set(key, value));
  }

  delete(key) {
    this.#change((all) => all.delete(key));
  }

  clear() {
    localStorage.removeItem(this.name);
  }
}
