/** The API's description for people, from `/schema/openapi.json`. */
import { element } from "./elements.js";
import { notation, resolved } from "./notation.js";

const WORDS = {
  ru: {
    search: "Путь, слово, код ошибки…", version: "версия", parameters: "Параметры", body: "Тело запроса", answers: "Ответы",
    required: "обязателен", open: "без авторизации", other: "Служебное", nothing: "Ничего не нашлось.", json: "OpenAPI 3.1 (JSON)",
    back: "На главную", failed: "Описание не загрузилось. Обновите страницу.", example: "например", optional: "можно без тела",
  },
  en: {
    search: "Path, word, error code…", version: "version", parameters: "Parameters", body: "Request body", answers: "Answers",
    required: "required", open: "no authorization", other: "Operations", nothing: "Nothing fits.", json: "OpenAPI 3.1 (JSON)",
    back: "Front page", failed: "The description did not load. Reload the page.", example: "e.g.", optional: "may be empty",
  },
};
const METHODS = ["get", "post", "patch", "put", "delete", "head"];
const SUCCESS = /^2/;

/** Text with `code` set apart. */
function prose(text) {
  return text.split(/(`[^`]+`)/).map((part) => (part.startsWith("`") && part.length > 2 ? element("code", {}, part.slice(1, -1)) : part));
}

/** Operations as `{method, path, operation}`, by tag in the document's order. */
function byTag(document_, other) {
  const groups = new Map();
  for (const [path, methods] of Object.entries(document_.paths)) {
    for (const method of METHODS.filter((each) => each in methods)) {
      const operation = methods[method];
      const tag = operation.tags?.[0] ?? other;
      groups.set(tag, [...(groups.get(tag) ?? []), { method, path, operation }]);
    }
  }
  return groups;
}

class SchemaPage {
  constructor(description, words) {
    Object.assign(this, { words, description, components: description.components.schemas, cards: [] });
  }

  draw(root) {
    const { words, description } = this;
    const { title, version, description: about } = description.info;
    this.nothing = element("p", { class: "empty", hidden: true }, words.nothing);
    const links = [["/", words.back], ["/schema/openapi.json", words.json]].map(([href, word]) => element("a", { href }, word));
    const head = element("header", {}, element("h1", {}, `${title} API`), element("p", { class: "soft" }, `${words.version} ${version}`), element("nav", {}, ...links));
    const groups = [...byTag(description, words.other)].map(([tag, operations]) => this.#group(tag, operations));
    root.replaceChildren(head, element("p", { class: "about" }, ...prose(about)), this.#search(), ...groups, this.nothing);
    this.#openNamed();
  }

  #search() {
    const { words } = this;
    const field = element("input", { type: "search", placeholder: words.search, "aria-label": words.search });
    field.addEventListener("input", () => this.#filter(field.value.trim().toLowerCase()));
    return element("div", { class: "search find", role: "search" }, field);
  }

  /** Keep what has all the words. */
  #filter(text) {
    const wanted = text.split(/\s+/);
    for (const { card, haystack } of this.cards) card.hidden = !wanted.every((word) => haystack.includes(word));
    for (const group of document.querySelectorAll("section")) group.hidden = !group.querySelector("details:not([hidden])");
    this.nothing.hidden = this.cards.some(({ card }) => !card.hidden);
  }

  #group(tag, operations) {
    return element("section", {}, element("h2", {}, tag), ...operations.map((each) => this.#operation(each)));
  }

  #operation({ method, path, operation }) {
    const { words } = this;
    const isOpen = operation.security?.length === 0;
    const signs = [element("span", { class: `method ${method}` }, method.toUpperCase()), element("code", {}, ...broken(path))];
    const summary = element("summary", {}, ...signs, element("span", { class: "says" }, operation.summary));
    const parts = [this.#parameters(operation.parameters ?? []), this.#body(operation.requestBody), this.#answers(operation.responses)];
    const open = isOpen ? element("p", { class: "soft" }, words.open) : null;
    const card = element("details", { id: operation.operationId }, summary, element("div", { class: "inside" }, open, ...parts));
    card.addEventListener("toggle", () => card.open && history.replaceState(null, "", `#${card.id}`));
    this.cards.push({ card, haystack: card.textContent.toLowerCase() });
    return card;
  }

  #parameters(parameters) {
    if (parameters.length === 0) return null;
    const { words } = this;
    const rows = parameters.map((each) => {
      const shape = notation(each.schema, this.components);
      const example = each.example === undefined ? [] : [` ${words.example} `, element("code", {}, String(each.example))];
      const where = element("td", { class: "soft" }, each.in, each.required ? ` · ${words.required}` : "");
      const meaning = element("td", {}, element("code", { class: "shape" }, shape), " ", ...prose(each.description ?? ""), ...example);
      return element("tr", {}, element("th", { scope: "row" }, element("code", {}, each.name)), where, meaning);
    });
    return part(words.parameters, element("table", {}, element("tbody", {}, ...rows)));
  }

  #body(body) {
    if (!body) return null;
    const { words } = this;
    const blocks = Object.entries(body.content).flatMap(([media, each]) => this.#content(media, each));
    return part(body.required ? words.body : `${words.body} (${words.optional})`, ...blocks);
  }

  #answers(responses) {
    const blocks = Object.entries(responses).map(([status, response]) => {
      const content = Object.entries(response.content ?? {}).flatMap(([media, each]) => this.#content(media, each));
      const kind = SUCCESS.test(status) ? "good" : "bad";
      const says = element("summary", {}, element("b", { class: kind }, status), " ", ...prose(response.description));
      return element("details", { class: "answer", open: SUCCESS.test(status) }, says, ...content);
    });
    return part(this.words.answers, ...blocks);
  }

  /** A media type's shape, then its examples. */
  #content(media, content) {
    const examples = Object.values(content.examples ?? {}).map((each) => each.value);
    const own = resolved(content.schema, this.components).examples ?? [];
    const given = [content.example, ...examples, ...own].filter((each) => each !== undefined);
    const shown = given.map((each) => element("pre", { class: "example" }, JSON.stringify(each, null, 2)));
    return [element("p", { class: "soft" }, media), element("pre", {}, notation(content.schema, this.components)), ...shown];
  }

  #openNamed() {
    const named = document.getElementById(location.hash.slice(1));
    if (named) {
      named.open = true;
      named.scrollIntoView();
    }
  }
}

/** A path that may break at its slashes. */
function broken(path) {
  return path.split(/(?=\/)/).flatMap((each) => [element("wbr"), each]);
}

function part(title, ...content) {
  return element("div", { class: "part" }, element("h3", {}, title), ...content);
}

const language = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag in WORDS) ?? "en";
const words = WORDS[language];
document.documentElement.lang = language;
const root = document.querySelector("main");
try {
  const description = await (await fetch("/schema/openapi.json")).json();
  new SchemaPage(description, words).draw(root);
} catch {
  root.replaceChildren(element("p", { class: "empty" }, words.failed));
}
