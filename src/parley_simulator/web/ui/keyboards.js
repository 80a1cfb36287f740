/** Keyboards of bots: the one under a message, and the one below the chat. */
import { element, icon } from "./elements.js";

const SIGNS = [
  ["url", "link"],
  ["login_url", "link"],
  ["web_app", "app"],
  ["copy_text", "copy"],
  ["switch_inline_query", "reply"],
];
const STYLES = new Set(["danger", "success", "primary"]);

/** The rows of buttons under a message; an invoice without any has one to pay with. */
export function inlineKeyboard(message, { words, acts, waiting }) {
  const rows = message.reply_markup?.inline_keyboard ?? (message.invoice ? [[payButton(message, words)]] : []);
  if (rows.length === 0) return null;
  const drawn = rows.map((row, down) =>
    element("div", { class: "keys" }, ...row.map((button, across) => key(button, `${message.message_id}:${down}:${across}`))),
  );
  function key(button, place) {
    const sign = SIGNS.find(([name]) => name in button)?.[1];
    const press = () => acts.pressInline(message, button, place);
    const attributes = {
      type: "button",
      class: `key ${STYLES.has(button.style) ? button.style : ""} ${waiting.has(place) ? "waits" : ""}`,
      "data-place": place,
      disabled: Boolean(button.disabled),
      "aria-busy": waiting.has(place) ? "true" : null,
      onclick: press,
    };
    return element("button", attributes, element("span", {}, ...starred(button)), sign && icon(sign, 14));
  }
  return element("div", { class: "keyboard" }, ...drawn);
}

const payButton = (message, words) => ({ pay: true, text: `${words.outcome.pay} ⭐ ${message.invoice.total_amount.toLocaleString(words.language)}` });

/** On a button to pay with, `⭐` and `XTR` are Telegram's star. */
function starred({ text, pay }) {
  if (!pay) return [text];
  return text.split(/⭐️?|XTR/u).flatMap((part, index) => (index === 0 ? [part] : [icon("star", 15), part]));
}

/** The keyboard below the chat; `press` gets the button. */
export function replyKeyboard(markup, press) {
  const rows = markup.keyboard.map((row) =>
    element("div", { class: "keys" }, ...row.map((given) => {
      const button = typeof given === "string" ? { text: given } : given;
      const style = STYLES.has(button.style) ? button.style : "";
      return element("button", { type: "button", class: `key ${style}`, onclick: () => press(button) }, element("span", {}, button.text), button.web_app && icon("app", 14));
    })),
  );
  return element("div", { class: `reply-keyboard ${markup.resize_keyboard ? "fits" : ""}` }, ...rows);
}
