/** One row of a conversation as an element. */
import { clock, clockWithSeconds, dayLabel, longLabel } from "../core/dates.js";
import { summary } from "../core/rows.js";
import { api } from "./api.js";
import { opened, dialogHead } from "./dialogs.js";
import { element, icon, nameOf, signButton, starPrice } from "./elements.js";
import { inlineKeyboard } from "./keyboards.js";
import { richText } from "./richtext.js";

const FEW_SIGNS = /^(?:\p{Extended_Pictographic}(?:\uFE0F|\u200D\p{Extended_Pictographic}|[\u{1F3FB}-\u{1F3FF}])*){1,3}$/u;

/** `context`: `{words, acts, bot, person}` and `ticks(message)`. */
export function rowElement(row, context) {
  return { day: dayRow, service: serviceRow, draft: draftRow, message: messageRow }[row.kind](row, context);
}

function dayRow({ date }, { words }) {
  return element("li", { class: "day" }, element("span", {}, dayLabel(date, Date.now() / 1000, words.language)));
}

function serviceRow({ message }, { words, acts }) {
  const text = serviceText(message, words);
  const seen = () => acts.menuOf(message, null);
  const menu = (event) => {
    event.preventDefault();
    acts.menuOf(message, { x: event.clientX, y: event.clientY });
  };
  return element("li", { class: "service", "data-id": message.message_id, oncontextmenu: menu, ondblclick: seen }, element("span", {}, text));
}

function serviceText(message, words) {
  const payment = message.successful_payment;
  if (payment?.is_recurring && !payment.is_first_recurring) return words.renewed(payment.total_amount);
  return summary(message, words) || words.unknownMessage;
}

function draftRow(row, { words, acts }) {
  const { draft } = row;
  const stop = element("button", { type: "button", class: "stop", onclick: () => acts.stopDraft(draft.draft_id) }, icon("stop", 18), words.stop);
  const text = element("span", { class: "text" });
  const node = element("li", { class: "row theirs begins ends drafting" }, element("div", { class: "stack" }, element("div", { class: "bubble", dir: "auto" }, text), stop));
  // The text grows in place: a new element for every piece would blink and lose what is selected.
  node.renew = ({ draft: newer, canStop }) => {
    stop.hidden = !canStop;
    text.textContent = newer.text;
    text.classList.toggle("thinks", newer.text === "");
    if (newer.text === "") text.textContent = words.thinking;
  };
  node.renew(row);
  return node;
}

function messageRow(row, context) {
  const { message, isMine, isFirst, isLast } = row;
  const { words, acts } = context;
  const classes = ["row", isMine ? "mine" : "theirs", isFirst && "begins", isLast && "ends"].filter(Boolean).join(" ");
  const menu = (event) => {
    if (event.target.closest("a")) return;
    event.preventDefault();
    acts.menuOf(message, { x: event.clientX, y: event.clientY });
  };
  const more = signButton("more", words.menu, (event) => acts.menuOf(message, event.currentTarget), { class: "sign acts", "aria-haspopup": "menu" });
  const stack = element("div", { class: "stack" }, bubble(row, context), inlineKeyboard(message, context));
  return element("li", { class: classes, "data-id": message.message_id, oncontextmenu: menu, ondblclick: () => acts.reply(message) }, stack, more);
}

function bubble({ message, isMine, ticks }, context) {
  const { words, acts } = context;
  const parts = [forwarded(message, context), quote(message, context), picture(message, context), file(message, context), invoice(message, context)].filter(Boolean);
  if (parts.length === 0 && !message.text) parts.push(element("em", { class: "soft" }, words.unknownMessage));
  const [text, entities] = message.text === undefined ? [message.caption, message.caption_entities] : [message.text, message.entities];
  if (text) parts.push(element("div", { class: "text" }, ...richText(text, entities, { words, acts }), meta(message, isMine, ticks, words)));
  else parts.push(meta(message, isMine, ticks, words));
  const kinds = ["bubble", message.photo && "has-photo", !text && message.photo && "bare", text && FEW_SIGNS.test(text) && !message.photo && "signs"];
  return element("div", { class: kinds.filter(Boolean).join(" "), dir: "auto" }, ...parts);
}

function meta(message, isMine, ticks, words) {
  const time = element("time", { title: `${longLabel(message.date, words.language)} · ${clockWithSeconds(message.date, words.language)} · id ${message.message_id}` }, clock(message.date, words.language));
  const read = isMine && element("span", { class: "ticks", role: "img", "aria-label": ticks > 1 ? words.received : words.sent }, icon(ticks > 1 ? "checks" : "check", 17));
  return element("span", { class: "meta" }, message.edit_date && element("span", {}, words.edited), time, read);
}

function forwarded({ forward_origin: origin }, { words }) {
  if (!origin) return null;
  const name = origin.sender_user?.first_name ?? origin.sender_user_name ?? origin.chat?.title ?? "";
  return element("div", { class: "forwarded" }, words.forwarded(name));
}

function quote(message, { words, acts, bot, person }) {
  const said = message.reply_to_message;
  if (!said) return null;
  const name = said.from?.id === person.id ? nameOf(person) : bot.name || bot.username;
  const line = message.quote?.text ?? summary(said, words);
  return element(
    "button",
    { type: "button", class: `quote tone-${(said.from?.id ?? 0) % 7}`, onclick: () => acts.goTo(said.message_id) },
    element("b", {}, name),
    element("span", {}, line),
  );
}

function picture(message, { bot, words }) {
  if (!message.photo?.length) return null;
  const { file_id: id, width = 4, height = 3 } = message.photo.at(-1);
  const source = api.file(bot.id, id);
  const image = () => element("img", { src: source, alt: message.caption || words.photo, loading: "lazy", width, height });
  const look = () => opened(words.photo, "viewer", (close) => [dialogHead(words, "", close), image()]);
  return element("button", { type: "button", class: "photo", onclick: look, "aria-label": words.photo }, image());
}

function file(message, { bot, words }) {
  const sent = message.document;
  if (!sent) return null;
  const name = sent.file_name || words.file;
  return element(
    "a",
    { class: "file", href: api.file(bot.id, sent.file_id), download: name, "aria-label": `${words.download}: ${name}` },
    element("span", { class: "file-sign" }, icon("file", 24)),
    element("span", {}, element("b", {}, name), element("small", {}, sizeOf(sent.file_size ?? 0, words))),
  );
}

function sizeOf(bytes, words) {
  const step = bytes < 1024 ? 0 : bytes < 1024 ** 2 ? 1 : 2;
  return `${(bytes / 1024 ** step).toLocaleString(words.language, { maximumFractionDigits: 1 })} ${words.sizes[step]}`;
}

function invoice(message, { words }) {
  const asked = message.invoice;
  if (!asked) return null;
  return element(
    "div",
    { class: "invoice" },
    element("span", { class: "invoice-sign" }, icon("star", 26)),
    element("b", {}, asked.title),
    element("p", {}, asked.description),
    starPrice(asked.total_amount, words.language),
  );
}
