/** What a conversation shows, row by row, and which keyboard lies below it. Pure. */

/** Seconds within which messages of one side hang together. */
const TOGETHER = 600;
const SERVICE = ["successful_payment", "refunded_payment", "web_app_data", "pinned_message", "write_access_allowed"];

export const isService = (message) => SERVICE.some((kind) => kind in message);

const dayOf = (seconds) => new Date(seconds * 1000).toDateString();

function hangsWith(one, other, person) {
  if (!one || !other || isService(one) || isService(other)) return false;
  const isSameSide = (one.from?.id === person) === (other.from?.id === person);
  return isSameSide && Math.abs(other.date - one.date) < TOGETHER && dayOf(one.date) === dayOf(other.date);
}

/**
 * Rows, oldest first: `{key, kind: "day" | "message" | "service" | "draft", …}`. `isFirst` and `isLast` tell where a
 * message stands among those that hang together; only the last one bears a tail.
 */
export function rowsOf(messages, { person, draft = null }) {
  const rows = [];
  messages.forEach((message, index) => {
    const before = messages[index - 1];
    const isNewDay = !before || dayOf(before.date) !== dayOf(message.date);
    if (isNewDay) rows.push({ key: `d${dayOf(message.date)}`, kind: "day", date: message.date });
    if (isService(message)) rows.push({ key: `m${message.message_id}`, kind: "service", message });
    else rows.push(bubble(message, before, messages[index + 1], person));
  });
  if (draft) rows.push({ key: `draft${draft.draft_id}`, kind: "draft", draft });
  return rows;
}

function bubble(message, before, after, person) {
  return {
    key: `m${message.message_id}`,
    kind: "message",
    message,
    isMine: message.from?.id === person,
    isFirst: !hangsWith(before, message, person),
    isLast: !hangsWith(message, after, person),
  };
}

/**
 * The keyboard of the bot that is in force: `{message, markup, isForceReply}` or null. A newer keyboard takes the
 * place of an older one; a message without one leaves it; an inline keyboard is none.
 */
export function keyboardInForce(messages) {
  let current = null;
  for (const message of messages) {
    const markup = message.reply_markup;
    if (!markup) continue;
    if (markup.remove_keyboard) current = null;
    else if (markup.keyboard) current = { message, markup, isForceReply: false };
    else if (markup.force_reply) current = { message, markup, isForceReply: true };
  }
  if (current?.isForceReply && isAnswered(messages, current.message)) return null;
  return current;
}

/** A forced reply asks once: whatever the person says after it ends it. */
function isAnswered(messages, asking) {
  const side = asking.from?.id;
  return messages.some((each) => each.message_id > asking.message_id && each.from?.id !== side);
}

/** The text of a line in a list: what was said, or what was sent. */
export function summary(message, words) {
  if (!message) return "";
  if (message.successful_payment) return words.paid(message.successful_payment.total_amount);
  if (message.refunded_payment) return words.refunded(message.refunded_payment.total_amount);
  if (message.web_app_data) return words.dataSent(message.web_app_data.button_text);
  if (message.invoice) return `${words.invoice}: ${message.invoice.title}`;
  const text = message.text ?? message.caption ?? "";
  const kind = message.photo ? words.photo : message.document ? message.document.file_name || words.file : "";
  return [kind, text].filter(Boolean).join(", ").replace(/\s+/g, " ");
}

/** One tick: it waits for the bot. Two: the bot has it, or has already answered. */
export function ticks(message, messages, pending) {
  const isAnswered = messages.some((each) => each.message_id > message.message_id && each.from?.is_bot);
  if (isAnswered) return 2;
  const later = messages.filter((each) => each.message_id > message.message_id).length;
  return pending > later ? 1 : 2;
}

/** The commands that begin with what is typed; `/` alone shows all, a space ends it. */
export function commandsFor(typed, commands) {
  const match = /^\/(\w*)$/.exec(typed);
  if (!match) return [];
  return commands.filter((each) => each.command.startsWith(match[1].toLowerCase()));
}
