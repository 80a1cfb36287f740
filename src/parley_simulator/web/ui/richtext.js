/** A formatted text as elements. Every piece of it becomes a text node. */
import { formatted, longLabel } from "../core/dates.js";
import { safeUrl, tree } from "../core/entities.js";
import { copied } from "./dialogs.js";
import { element, icon, signButton } from "./elements.js";

const PLAIN = { bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code" };

/** `acts` knows what a press does: `openUrl(url, isAsked)`, `say(text)`, `showBot(name)`. */
export function richText(text, entities, { words, acts }) {
  return tree(text, entities).flatMap((node) => drawn(node, { words, acts }));
}

function drawn(node, context) {
  if (!node.type) return [document.createTextNode(node.text)];
  const inside = node.nodes.flatMap((each) => drawn(each, context));
  if (PLAIN[node.type]) return [element(PLAIN[node.type], {}, ...inside)];
  return [DRAWN[node.type]?.(node, inside, context) ?? element("span", {}, ...inside)];
}

const press = (text, act, kind = "link") => element("button", { type: "button", class: `inline ${kind}`, onclick: act }, ...text);

function anchor(address, inside, isAsked, { acts }) {
  const url = safeUrl(address);
  if (!url) return element("span", {}, ...inside);
  const follow = (event) => {
    event.preventDefault();
    acts.openUrl(url, isAsked);
  };
  return element("a", { href: url, rel: "noopener noreferrer", target: "_blank", title: isAsked ? url : null, onclick: follow }, ...inside);
}

const DRAWN = {
  url: (node, inside, context) => anchor(node.text, inside, false, context),
  email: (node, inside, context) => anchor(`mailto:${node.text}`, inside, false, context),
  phone_number: (node, inside, context) => anchor(`tel:${node.text.replace(/[^\d+]/g, "")}`, inside, false, context),
  text_link: (node, inside, context) => anchor(node.entity.url ?? "", inside, true, context),
  mention: (node, inside, { acts }) => press(inside, () => acts.showBot(node.text.slice(1))),
  text_mention: (node, inside) => element("span", { class: "link" }, ...inside),
  hashtag: (node, inside) => element("span", { class: "link" }, ...inside),
  cashtag: (node, inside) => element("span", { class: "link" }, ...inside),
  bot_command: (node, inside, { acts }) => press(inside, () => acts.say(node.text)),
  spoiler,
  pre,
  blockquote: (node, inside) => element("blockquote", {}, ...inside),
  expandable_blockquote: expandable,
  date_time: dateTime,
};

function spoiler(node, inside, { words }) {
  const cover = element("span", { class: "spoiler", role: "button", tabindex: 0, "aria-label": words.spoiler }, element("span", {}, ...inside));
  const open = (event) => {
    if (cover.classList.contains("open") || (event.type === "keydown" && !["Enter", " "].includes(event.key))) return;
    event.preventDefault();
    event.stopPropagation();
    cover.classList.add("open");
    ["role", "tabindex", "aria-label"].forEach((name) => cover.removeAttribute(name));
  };
  cover.addEventListener("click", open, { capture: true });
  cover.addEventListener("keydown", open);
  return cover;
}

function pre(node, inside, { words }) {
  const language = element("span", {}, node.entity.language ?? "");
  const head = element("div", { class: "code-head" }, language, signButton("copy", words.copy, () => copied(node.text, words)));
  return element("div", { class: "code" }, head, element("pre", { tabindex: 0 }, element("code", {}, ...inside)));
}

function expandable(node, inside, { words }) {
  const quote = element("blockquote", { class: "folds" }, element("div", { class: "fold" }, ...inside));
  const more = element("button", { type: "button", class: "inline unfold", "aria-expanded": "false", onclick: () => turn() });
  const say = (isOpen) => more.replaceChildren(element("span", {}, isOpen ? words.less : words.more), icon("down", 14));
  const turn = () => {
    const isOpen = quote.classList.toggle("open");
    more.setAttribute("aria-expanded", isOpen);
    say(isOpen);
  };
  say(false);
  quote.append(more);
  return quote;
}

function dateTime(node, inside, { words }) {
  const seconds = node.entity.unix_time;
  if (!Number.isFinite(seconds)) return element("span", {}, ...inside);
  const text = formatted(node.entity, node.text, Date.now() / 1000, words.language);
  const moment = new Date(seconds * 1000);
  const machine = Number.isNaN(moment.getTime()) ? null : moment.toISOString();
  return element("time", { datetime: machine, title: machine && longLabel(seconds, words.language) }, text);
}
