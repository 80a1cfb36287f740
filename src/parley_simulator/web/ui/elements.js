/** Making elements. Foreign text becomes text nodes only: nothing in this client parses HTML. */
import { PATHS } from "./icons.js";

/** An element with attributes, `on…` listeners, and children; null and false children are left out. */
export function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) set(node, key, value);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

function set(node, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
  else if (key === "style") for (const [name, each] of Object.entries(value)) node.style.setProperty(name, each);
  else if (["value", "checked", "disabled"].includes(key)) node[key] = value;
  else node.setAttribute(key, value === true ? "" : value);
}

/** One of our own drawings; they say nothing to a screen reader. */
export function icon(name, size = 22) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const attributes = { viewBox: "0 0 24 24", width: size, height: size, class: `icon icon-${name}`, "aria-hidden": "true" };
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value);
  for (const data of PATHS[name]) {
    const path = document.createElementNS(space, "path");
    path.setAttribute("d", data);
    svg.append(path);
  }
  return svg;
}

/** A button that is only a sign; its name is its label and its title. */
export function signButton(sign, label, onclick, attributes = {}) {
  return element("button", { type: "button", class: "sign", "aria-label": label, title: label, onclick, ...attributes }, icon(sign));
}

export function wordButton(text, onclick, kind = "plain", attributes = {}) {
  return element("button", { type: "button", class: kind, onclick, ...attributes }, text);
}

/** A picture for someone who has none: initials on a colour of their own. */
export function avatar(id, name, size = "") {
  const letters = (name || "?").trim().split(/\s+/).slice(0, 2).map((word) => [...word][0] ?? "").join("");
  return element("span", { class: `avatar tone-${Math.abs(Number(id)) % 7} ${size}`, "aria-hidden": "true" }, letters.toUpperCase());
}

/** `⭐ 100` with our own star. */
export function starPrice(amount, language) {
  return element("span", { class: "price" }, icon("star", 16), amount.toLocaleString(language));
}

/** A labelled field of a form. */
export function field(label, input, hint = null) {
  return element("label", { class: "field" }, element("span", {}, label), input, hint && element("small", {}, hint));
}

/** A switch that is on or off. */
export function toggle(label, isOn, onchange, about = null) {
  const input = element("input", { type: "checkbox", role: "switch", checked: isOn, onchange: () => onchange(input.checked) });
  const says = element("span", { class: "says" }, label, about && element("small", {}, about));
  return element("label", { class: "toggle" }, says, input);
}

export function nameOf(person) {
  return [person.first_name, person.last_name].filter(Boolean).join(" ");
}

/** The work, once a moment after the last call of it at most, and never twice at a time. */
export function coalesced(work, milliseconds) {
  let timer = null;
  let isRunning = false;
  let isWanted = false;
  const run = async () => {
    timer = null;
    if (isRunning) {
      isWanted = true;
      return;
    }
    isRunning = true;
    try {
      await work();
    } finally {
      isRunning = false;
      if (isWanted) {
        isWanted = false;
        call();
      }
    }
  };
  const call = () => {
    timer ??= setTimeout(run, milliseconds);
  };
  return call;
}
