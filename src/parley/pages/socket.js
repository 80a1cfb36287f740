/** A chat's WebSocket that comes back by itself. */

const SLOWEST = 15_000;
const PING_EVERY = 25_000;
const ANSWER_WITHIN = 10_000;
/** Close codes after which trying again gives the same: not signed in, premium or age, no such character. */
const FINAL = [4401, 4403, 4404];

/** Milliseconds before try number `tries`, from 0: doubling, bounded, spread so that not all come back at once. */
export function pauseBefore(tries, chance) {
  return Math.min(SLOWEST, 500 * 2 ** tries) * (0.5 + chance / 2);
}

export class ChatSocket {
  /** `url` gives the address anew for every try; `onState` hears connecting, open, waiting, refused. */
  constructor({ url, onFrame, onState }) {
    Object.assign(this, { url, onFrame, onState, tries: 0, socket: null, timer: 0, heartbeat: 0, isClosed: false });
    this.retryNow = () => this.isWaiting && this.open();
    addEventListener("online", this.retryNow);
    document.addEventListener("visibilitychange", this.retryNow);
    this.open();
  }

  get isWaiting() {
    return !this.isClosed && this.socket === null;
  }

  open() {
    clearTimeout(this.timer);
    this.onState("connecting");
    const socket = new WebSocket(this.url());
    this.socket = socket;
    socket.onopen = () => this.#opened();
    socket.onmessage = (message) => this.#heard(JSON.parse(message.data));
    socket.onclose = (event) => this.socket === socket && this.#lost(event.code);
  }

  /** Send a client event; false if there is no line. */
  send(event, data = {}) {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify({ event, data }));
    return true;
  }

  close() {
    this.isClosed = true;
    clearTimeout(this.timer);
    clearTimeout(this.heartbeat);
    removeEventListener("online", this.retryNow);
    document.removeEventListener("visibilitychange", this.retryNow);
    this.socket?.close();
  }

  #opened() {
    this.onState("open");
    this.send("ping");
    this.#beat();
  }

  #heard(frame) {
    if (this.isClosed) return;
    this.#beat();
    if (frame.event === "pong") this.tries = 0;
    if (frame.event !== "pong") this.onFrame(frame);
  }

  /** After a silence ask whether anyone is there; without an answer the line is dead. */
  #beat() {
    clearTimeout(this.heartbeat);
    this.heartbeat = setTimeout(() => {
      this.send("ping");
      this.heartbeat = setTimeout(() => this.#dead(), ANSWER_WITHIN);
    }, PING_EVERY);
  }

  #dead() {
    this.socket?.close();
    this.#lost(1006);
  }

  #lost(code) {
    this.socket = null;
    clearTimeout(this.heartbeat);
    if (this.isClosed) return;
    if (FINAL.includes(code)) {
      this.isClosed = true;
      this.onState("refused", code);
      return;
    }
    this.onState("waiting");
    this.timer = setTimeout(() => this.open(), pauseBefore(this.tries++, Math.random()));
  }
}
