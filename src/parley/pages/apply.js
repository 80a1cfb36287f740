/**
 * The one fold of a chat's events: the twin of `apply` in `features/chats/core.py`.
 * Both run the cases of `contract/events/`. Pure: values in, a value out; nothing given is changed.
 *
 * A view is what a client knows of a chat: `{seq, messages, session, is_typing, writing}`; `messages` are in order of
 * id as the events carry them, `writing` is the reply being written, `{message_id, text}`.
 */

export const EMPTY_VIEW = Object.freeze({ seq: 0, messages: [], session: null, is_typing: false, writing: null });

/** The view after one server frame. A numbered frame seen before changes nothing; unknown events are skipped. */
export function apply(view, frame) {
  const seq = frame.seq ?? null;
  if (seq !== null && seq <= view.seq) return view;
  const after = changed(view, frame.event, frame.data);
  return seq === null ? after : { ...after, seq };
}

function changed(view, event, data) {
  switch (event) {
    case "message.new":
    case "message.updated":
      return withMessage(view, data);
    case "message.complete":
      return { ...view, messages: view.messages.map((each) => completed(each, data)) };
    case "message.deleted":
      return { ...view, messages: view.messages.filter((each) => !data.message_ids.includes(each.id)) };
    case "chat.reset":
      return { ...view, messages: view.messages.filter((each) => data.kept_message_ids.includes(each.id)) };
    case "session.updated":
      return { ...view, session: data };
    default:
      return passing(view, event, data);
  }
}

function withMessage(view, message) {
  const others = view.messages.filter((each) => each.id !== message.id);
  const isWritten = view.writing !== null && view.writing.message_id === message.id;
  return {
    ...view,
    messages: [...others, message].sort((one, other) => one.id - other.id),
    writing: isWritten ? null : view.writing,
  };
}

function completed(message, data) {
  return message.id === data.message_id ? { ...message, tokens_used: data.tokens_used } : message;
}

/** What is not numbered: it shows that something goes on and leaves nothing behind. */
function passing(view, event, data) {
  switch (event) {
    case "message.typing":
      return { ...view, is_typing: data.is_typing, writing: data.is_typing ? view.writing : null };
    case "message.delta": {
      const before = data.index === 0 || view.writing === null ? "" : view.writing.text;
      return { ...view, writing: { message_id: data.message_id, text: before + data.text } };
    }
    default:
      return view;
  }
}
