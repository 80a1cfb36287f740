/** What a chat shows, from its state: rows in order, each with a key that stays while it is the same thing. */

/** The key of a message: one sent from here keeps the key it had while it was on its way. */
const keyOf = (message) => (message.client_id ? `c${message.client_id}` : `m${message.id}`);

/** Whether the reply being written is to replace the newest message. */
export function isRegenerating(view) {
  return (view.is_typing || view.writing !== null) && view.messages.at(-1)?.role === "assistant";
}

/** Rows `{key, kind, …}`: message, writing, typing, pending. `pending` is what was sent and not yet heard of. */
export function timeline(view, pending) {
  const shown = isRegenerating(view) ? view.messages.slice(0, -1) : view.messages;
  const rows = shown.map((message) => ({ key: keyOf(message), kind: "message", message }));
  if (view.writing !== null) rows.push({ key: `m${view.writing.message_id}`, kind: "writing", text: view.writing.text });
  else if (view.is_typing) rows.push({ key: "typing", kind: "typing" });
  for (const each of pending) rows.push({ key: `c${each.client_id}`, kind: "pending", ...each });
  return rows;
}

/** What is still on its way after these messages are there. */
export function stillPending(pending, messages) {
  const arrived = new Set(messages.map((message) => message.client_id));
  return pending.filter((each) => !arrived.has(each.client_id));
}

/** The view with older messages before its own; where both know a message, the view knows better. */
export function withOlder(view, older) {
  const known = new Set(view.messages.map((message) => message.id));
  return { ...view, messages: [...older.filter((message) => !known.has(message.id)), ...view.messages] };
}
