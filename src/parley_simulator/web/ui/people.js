/** Who one is: choose somebody, change them, make somebody new. */
import { writeRoute } from "../core/links.js";
import { api } from "./api.js";
import { attempt, dialogHead, opened } from "./dialogs.js";
import { avatar, element, field, icon, nameOf, signButton, starPrice, toggle, wordButton } from "./elements.js";

const LANGUAGES = { ru: "Русский", en: "English", uk: "Українська", de: "Deutsch", es: "Español", tr: "Türkçe" };

/** The list of people; whoever is chosen becomes the person of this tab. */
export async function choosePerson({ client, words }) {
  const chosen = await opened(words.people, "ask people", (close) => [
    dialogHead(words, words.people, close),
    element("p", { class: "soft" }, words.peopleAbout),
    element("ul", {}, ...client.state.people.map((person) => row(person, { client, words, close }))),
    wordButton(words.newPerson, () => close({ edit: {} }), "plain wide"),
  ]);
  if (chosen?.edit) await editPerson(chosen.edit, { client, words });
  else if (chosen) client.showPerson(chosen.id);
}

function row(person, { client, words, close }) {
  const isMe = person.id === client.person.id;
  const name = nameOf(person);
  const about = element("span", { class: "soft" }, LANGUAGES[person.language_code] ?? person.language_code ?? "", " · ", starPrice(person.stars ?? 0, words.language));
  const says = element("span", { class: "who" }, element("b", {}, name, person.is_premium && icon("star", 14)), about);
  const choose = element("button", { type: "button", class: "choose", "aria-current": isMe ? "true" : null, onclick: () => close({ id: person.id }) }, avatar(person.id, name, "small"), says, isMe && icon("check", 20));
  const tab = element("a", { class: "sign", href: writeRoute({ person: person.id, bot: client.bot }), target: "_blank", rel: "noopener", title: words.newTab, "aria-label": `${words.newTab}: ${name}` }, icon("link", 20));
  return element("li", {}, choose, signButton("edit", `${words.edit}: ${name}`, () => close({ edit: person })), tab);
}

async function editPerson(person, { client, words }) {
  const isNew = person.id === undefined;
  const saved = await opened(isNew ? words.newPerson : words.edit, "ask form", (close) => [
    dialogHead(words, isNew ? words.newPerson : nameOf(person), close),
    form(person, { words, isNew, done: close }),
  ]);
  if (!saved) return;
  if (isNew) client.showPerson(saved.id);
  client.loadState();
}

function form(person, { words, isNew, done }) {
  const text = (name, more = {}) => element("input", { name, value: person[name] ?? "", maxlength: 64, autocomplete: "off", ...more });
  const language = element("select", { name: "language_code" }, ...Object.entries(LANGUAGES).map(([code, name]) => element("option", { value: code, selected: code === (person.language_code ?? words.language) }, name)));
  let isPremium = person.is_premium ?? false;
  const submit = async (event) => {
    event.preventDefault();
    const given = Object.fromEntries([...new FormData(event.target)].map(([name, value]) => [name, value.trim()]));
    const saved = await attempt(words, () => api.people(profileOf(given, person, isPremium)));
    if (saved) done(saved);
  };
  return element(
    "form",
    { class: "fields", onsubmit: submit },
    element("div", { class: "pair" }, field(words.firstName, text("first_name", { required: true, autofocus: true })), field(words.lastName, text("last_name"))),
    element("div", { class: "pair" }, field(words.username, text("username", { pattern: "[A-Za-z][A-Za-z0-9_]{3,31}" })), field(words.languageCode, language)),
    field(words.stars, text("stars", { type: "number", min: 0, max: 1_000_000, required: true, value: person.stars ?? 1000 })),
    toggle(words.premium, isPremium, (isOn) => (isPremium = isOn)),
    element("div", { class: "row" }, wordButton(isNew ? words.create : words.save, undefined, "primary", { type: "submit" })),
  );
}

/** Optional things that are blank are left out: Telegram knows no empty names. */
function profileOf(given, person, isPremium) {
  const profile = { first_name: given.first_name, is_premium: isPremium, stars: Number(given.stars), language_code: given.language_code };
  for (const name of ["last_name", "username"]) if (given[name]) profile[name] = given[name];
  return person.id === undefined ? profile : { id: person.id, ...profile };
}
