/** One conversation's state: a view folded from events, what is on its way, and the line to the server. */
import { EMPTY_VIEW, apply } from "./apply.js";
import { ApiError } from "./api.js";
import { ChatSocket } from "./socket.js";
import { stillPending, withOlder } from "./timeline.js";

const PAGE = 50;
/** Errors that may mean that a message was not taken. */
const REFUSALS = [
  "daily_limit_exceeded", "rate_limit", "premium_required", "age_confirmation_required", "invalid_input",
  "payload_too_large", "service_unavailable", "internal_error",
];

export class Conversation {
  /** `onChange(why)` hears of every change, `onError` gets ApiErrors, `onReply` a message that has just come. */
  constructor(character, api, { onChange, onError, onReply }) {
    Object.assign(this, { character, api, onChange, onError, onReply });
    Object.assign(this, { view: EMPTY_VIEW, pending: [], hasMore: false, line: "connecting", socket: null, variants: new Map() });
    this.path = `/api/chats/${character.id}`;
  }

  get isBusy() {
    return this.view.is_typing || this.view.writing !== null;
  }

  /** Read the newest page and follow from there. */
  open() {
    return this.#guarded(async () => {
      const { said, headers } = await this.api.call("GET", `${this.path}/messages?limit=${PAGE}`);
      const seq = Number(headers.get("X-Chat-Seq"));
      this.hasMore = said.has_more;
      this.#see({ ...EMPTY_VIEW, seq, messages: said.messages }, "opened");
      this.#connect();
    });
  }

  close() {
    this.isClosed = true;
    this.socket?.close();
  }

  #connect() {
    if (this.isClosed) return;
    this.socket?.close();
    this.socket = new ChatSocket({
      url: () => this.api.socketUrl(this.character.id, this.view.seq),
      onFrame: (frame) => this.#heard(frame),
      onState: (state, code) => this.#lineIs(state, code),
    });
  }

  #lineIs(state, code) {
    this.line = state;
    if (state === "open") {
      // What was in the air is told anew to one who joins; what was on its way may not have arrived.
      this.view = { ...this.view, is_typing: false, writing: null };
      this.pending.filter((each) => !each.hasFailed).forEach((each) => this.#transmit(each));
    }
    if (code === 4401) this.onError(new ApiError("unauthorized"));
    this.onChange("line");
  }

  #heard(frame) {
    const { seq } = this.view;
    const view = apply(this.view, frame);
    if (frame.event === "error") this.#refused(new ApiError(frame.data.code, frame.data));
    if (frame.event === "message.new" && frame.data.role === "assistant" && frame.seq > seq) this.onReply(frame.data);
    this.#see(view, frame.event === "message.typing" && !frame.data.is_typing ? "pause" : frame.event);
  }

  #refused(error) {
    const waiting = this.pending.find((each) => !each.hasFailed);
    if (waiting && REFUSALS.includes(error.code)) waiting.hasFailed = true;
    this.onError(error);
  }

  #see(view, why) {
    this.view = view;
    this.pending = stillPending(this.pending, view.messages);
    this.onChange(why);
  }

  async #guarded(work) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.onError(error);
      return undefined;
    }
  }

  // --- what a person does

  say(text) {
    const client_id = [...crypto.getRandomValues(new Uint32Array(3))].map((each) => each.toString(36)).join("-");
    this.pending = [...this.pending, { client_id, text, hasFailed: false }];
    this.#transmit(this.pending.at(-1));
    this.onChange("said");
  }

  retry(client_id) {
    const each = this.pending.find((one) => one.client_id === client_id);
    each.hasFailed = false;
    this.#transmit(each);
    this.onChange("said");
  }

  discard(client_id) {
    this.pending = this.pending.filter((each) => each.client_id !== client_id);
    this.onChange("discarded");
  }

  #transmit({ client_id, text }) {
    this.socket?.send("send_message", { message: text, client_id });
  }

  regenerate() {
    if (!this.socket?.send("regenerate")) this.onError(new ApiError("offline"));
  }

  stop() {
    this.socket?.send("stop");
  }

  edit(message, text) {
    return this.#guarded(async () => this.#updated(await this.api.patch(`${this.path}/messages/${message.id}`, { message: text })));
  }

  remove(message) {
    return this.#guarded(async () => {
      await this.api.delete(`${this.path}/messages/${message.id}`);
      this.#see(apply(this.view, { event: "message.deleted", data: { message_ids: [message.id] } }), "deleted");
    });
  }

  #updated(message) {
    this.#see(apply(this.view, { event: "message.updated", data: message }), "updated");
  }

  older() {
    return this.#guarded(async () => {
      const before = this.view.messages[0].id;
      const page = await this.api.get(`${this.path}/messages?limit=${PAGE}&before_id=${before}`);
      this.hasMore = page.has_more;
      this.#see(withOlder(this.view, page.messages), "older");
    });
  }

  session() {
    return this.view.session ?? this.#guarded(() => this.api.get(`${this.path}/session`));
  }

  change(members) {
    return this.#guarded(() => this.api.patch(`${this.path}/session`, members));
  }

  begin(name) {
    const path = { newScene: "new-scene", reset: "reset" }[name];
    return this.#guarded(() => this.api.post(`${this.path}/${path}`));
  }

  // --- variants

  /** Which of its variants a message shows, from 1; undefined while that is not known. */
  variantOf(message) {
    const known = this.variants.get(message.id);
    if (known?.length !== message.variants_count) return undefined;
    const fits = known.filter((each) => each.message_text === message.message_text);
    return (fits.find((each) => each.selected) ?? fits[0])?.id;
  }

  learnVariants(message) {
    return this.#guarded(async () => {
      this.variants.set(message.id, (await this.api.get(`${this.path}/messages/${message.id}/variants`)).variants);
      this.onChange("variants");
    });
  }

  async turn(message, by) {
    if (this.variantOf(message) === undefined) await this.learnVariants(message);
    const wanted = this.variants.get(message.id)?.[this.variantOf(message) + by - 1];
    if (!wanted) return;
    const path = `${this.path}/messages/${message.id}/variants/${wanted.id}/select`;
    await this.#guarded(async () => {
      const shown = await this.api.post(path);
      this.variants.get(message.id).forEach((each) => (each.selected = each === wanted));
      this.#updated(shown);
    });
  }
}
