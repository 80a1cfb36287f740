/** The simulator's HTTP as this page uses it: `/sim` is what a test can do too, `/web` is for this page alone. */

/** An answer that is not 2xx; `status` is 0 where there was none at all. */
export class Refused extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

async function call(method, path, body) {
  let answer;
  try {
    const headers = body === undefined ? {} : { "Content-Type": "application/json" };
    answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch (fault) {
    throw new Refused(fault.message, 0);
  }
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(said.error ?? said.description ?? `HTTP ${answer.status}`, answer.status);
  return said;
}

const get = (path) => call("GET", path);
const post = (path, body) => call("POST", path, body);
const query = (members) => new URLSearchParams(Object.entries(members).filter(([, value]) => value !== undefined && value !== ""));

export const api = {
  state: (person) => get(`/web/state?person=${person}`),
  people: (profile) => post("/sim/users", profile),
  chat: (bot, person) => get(`/sim/chats/${bot}/${person}`),
  say: (bot, from, text, reply) => post(`/sim/chats/${bot}/messages`, { from, text, ...(reply ? { reply_to: reply } : {}) }),
  edit: (bot, from, message, text) => post(`/sim/chats/${bot}/edits`, { from, message_id: message, text }),
  read: (bot, person) => post("/web/read", { bot, person }),
  tap: (bot, from, message, data) => post("/sim/callbacks", { bot, from, message_id: message, data }),
  answerTo: (id) => get(`/sim/callbacks/${id}`),
  stopDraft: (bot, from, draft) => post("/sim/drafts/stop", { bot, from, draft_id: draft }),
  block: (bot, from, blocked) => post("/sim/block", { bot, from, blocked }),
  launch: (bot, user, start) => post("/sim/init-data", { bot, user, ...(start ? { start_param: start } : {}) }),
  sendData: (bot, from, button, data) => post("/web/data", { bot, from, button_text: button, data }),
  invoice: (slug) => get(`/web/invoices/${encodeURIComponent(slug)}`),
  pay: (bot, from, what, outcome) => post("/sim/payments", { bot, from, ...what, outcome }),
  payments: (bot, person) => get(`/web/payments/${bot}/${person}`),
  subscription: (charge, action) => post(`/sim/subscriptions/${encodeURIComponent(charge)}`, { action }),
  file: (bot, file) => `/web/files/${bot}/${encodeURIComponent(file)}`,
  calls: (members) => get(`/sim/calls?${query(members)}`),
  bots: () => get("/sim/bots"),
  limits: (members) => post("/sim/limits", members),
  fault: (members) => post("/sim/faults", members),
  hold: (bot, hold) => post("/sim/hold", { bot, hold }),
  reset: () => post("/sim/reset", {}),
  /** A bot exists from the first use of its token, so using it once is all that adding one takes. */
  meet: (token) => get(`/bot${token}/getMe`),
};
