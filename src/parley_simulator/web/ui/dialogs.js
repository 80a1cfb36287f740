/** Questions, menus and passing words. All of it uses what browsers have: `<dialog>` and popovers. */
import { element, icon, signButton, wordButton } from "./elements.js";

/** Open a dialog; resolves to what `close(value)` gets, or to null when it is dismissed. */
export function opened(label, kind, build) {
  return new Promise((resolve) => {
    const dialog = element("dialog", { class: kind, "aria-label": label });
    let result = null;
    const close = (value = null) => {
      result = value;
      dialog.close();
    };
    dialog.addEventListener("click", (event) => event.target === dialog && close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(result);
    });
    dialog.append(...[build(close, dialog)].flat());
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** A question with one way on; true if it is taken. */
export async function confirmed(words, { title = "", text, yes, no = words.cancel, kind = "primary" }) {
  const answer = await opened(title || text, "ask", (close) => [
    title && element("h2", {}, title),
    element("p", {}, text),
    element("div", { class: "row" }, wordButton(no, () => close(false)), wordButton(yes, () => close(true), kind, { autofocus: true })),
  ].filter(Boolean));
  return answer === true;
}

/** Something to read and to put away. */
export function told(words, title, text) {
  return opened(title || text, "ask", (close) => [
    title && element("h2", {}, title),
    element("p", {}, text),
    element("div", { class: "row" }, wordButton(words.okay, () => close(), "primary", { autofocus: true })),
  ].filter(Boolean));
}

/** The head of a bigger dialog: its title and the way out. */
export function dialogHead(words, title, close) {
  return element("header", { class: "dialog-head" }, element("h2", {}, title), signButton("close", words.close, () => close()));
}

/** A menu at a button or a point; `items` are `{sign, text, act, kind}`, null ones are left out. */
export function openMenu(at, items, label) {
  const menu = element("div", { class: "menu", role: "menu", popover: "auto", "aria-label": label });
  const shut = () => menu.hidePopover();
  for (const item of items.filter(Boolean)) {
    const act = () => {
      shut();
      item.act();
    };
    const attributes = { type: "button", role: "menuitem", class: item.kind, onclick: act, tabindex: -1 };
    menu.append(element("button", attributes, icon(item.sign, 20), element("span", {}, item.text), item.note && element("small", {}, item.note)));
  }
  menu.addEventListener("toggle", (event) => event.newState === "closed" && menu.remove());
  menu.addEventListener("keydown", (event) => step(event, [...menu.children]));
  document.body.append(menu);
  menu.showPopover();
  place(menu, at);
  menu.firstElementChild?.focus();
}

function place(menu, at) {
  const box = at instanceof Element ? at.getBoundingClientRect() : { left: at.x, right: at.x, top: at.y, bottom: at.y };
  const { offsetWidth: width, offsetHeight: height } = menu;
  const left = box.left + width > innerWidth - 8 ? box.right - width : box.left;
  const top = box.bottom + height > innerHeight - 8 ? box.top - height - 4 : box.bottom + 4;
  menu.style.left = `${Math.max(8, left)}px`;
  menu.style.top = `${Math.max(8, top)}px`;
}

/** Arrow keys among things that stand in a column. */
export function step(event, all) {
  const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!move || all.length === 0) return;
  event.preventDefault();
  const at = all.indexOf(document.activeElement);
  all[(at + move + all.length) % all.length].focus();
}

let bar = null;

/** A word in passing; read out by screen readers. */
export function toast(text, sign = null, kind = "") {
  bar ??= document.body.appendChild(element("div", { id: "toasts", role: "status", popover: "manual" }));
  const node = element("p", { class: `toast ${kind}` }, sign && icon(sign, 20), element("span", {}, text));
  bar.append(node);
  // Shown again each time, so that it lies above a dialog opened since.
  bar.hidePopover();
  bar.showPopover();
  const life = Math.min(6000, 2200 + text.length * 45);
  setTimeout(() => {
    node.remove();
    if (bar.childElementCount === 0) bar.hidePopover();
  }, life);
}

export async function copied(text, words) {
  try {
    await navigator.clipboard.writeText(text);
    toast(words.copied, "copy");
  } catch {
    toast(words.copyFailed, "copy", "bad");
  }
}

/** Do something that the simulator may refuse, and say so; resolves to false then. */
export async function attempt(words, work) {
  try {
    return (await work()) ?? true;
  } catch (fault) {
    if (fault.status === undefined) throw fault;
    toast(fault.status === 0 ? words.offline : words.failed(fault.message), null, "bad");
    return false;
  }
}
