/** Elements from values. Text becomes text nodes: nothing here, or anywhere on the page, parses HTML. */

const SVG = "http://www.w3.org/2000/svg";

/** An element; `on…` attributes are listeners, true is an empty attribute, null and false are left out. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== false));
  return made;
}

/** One sign of `icons.svg`; what it means is told by the button around it. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `/pages/icons.svg#${name}`);
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

/** A button with a sign alone; `action` also finds it again after a redraw. */
export function signButton(sign, label, onclick, more = {}) {
  return element("button", { type: "button", class: "sign", "aria-label": label, title: label, onclick, ...more }, icon(sign));
}

/** A button with words. */
export function wordButton(label, onclick, kind = "plain") {
  return element("button", { type: "button", class: kind, onclick }, label);
}

/** A picture that makes room for initials when it does not come. */
export function avatar(character) {
  const picture = element("img", { class: "avatar", src: character.avatar_url, alt: "", loading: "lazy" });
  picture.addEventListener("error", () => {
    picture.replaceWith(element("span", { class: "avatar", "aria-hidden": "true" }, character.name.slice(0, 1)));
  });
  return picture;
}

/** A labelled choice; `options` maps values to words. */
export function choice(label, options, value, onchange) {
  const select = element("select", { onchange: () => onchange(select.value) });
  for (const [each, word] of Object.entries(options)) select.append(element("option", { value: each }, word));
  select.value = value;
  return element("label", { class: "choice" }, element("span", {}, label), select);
}

/** Ask before something that cannot be undone; resolves to true or false. */
export function confirmed(question, yes, no) {
  return new Promise((answer) => {
    const dialog = element(
      "dialog",
      { class: "ask", "aria-label": question },
      element("p", {}, question),
      element("div", { class: "row" }, wordButton(no, () => dialog.close()), wordButton(yes, () => dialog.close("yes"), "danger")),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      answer(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Words with *emphasis* as nodes: what characters do between the stars is set apart. */
export function spoken(text) {
  return text.split(/(\*[^*\n]+\*)/).map((part) => {
    const isAction = part.length > 2 && part.startsWith("*") && part.endsWith("*");
    return isAction ? element("em", {}, part.slice(1, -1)) : part;
  });
}
