/** What stands in the middle while no chat is open. */
import { copied } from "./dialogs.js";
import { element, icon, signButton } from "./elements.js";
import { tokenForm } from "./chatlist.js";

const AIOGRAM = (address) => `from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

api = TelegramAPIServer.from_base("${address}")
bot = Bot("42:TEST", session=AiohttpSession(api=api))`;

/** With bots: choose one. Without: how to bring one here. */
export function welcome({ client, words }) {
  if (client.state.bots.length > 0) {
    return element("div", { class: "welcome" }, element("span", { class: "sheet-sign" }, icon("send", 34)), element("h1", {}, words.pickTitle), element("p", { class: "soft" }, words.pickAbout));
  }
  const met = (id) => {
    client.loadState();
    client.showBot(id);
  };
  return element(
    "div",
    { class: "welcome" },
    element("span", { class: "sheet-sign" }, icon("send", 34)),
    element("h1", {}, words.emptyTitle),
    element("p", { class: "soft" }, words.emptyAbout),
    element("div", { class: "steps" }, snippet(words.emptyAddress, location.origin, words), snippet(words.emptyCode, AIOGRAM(location.origin), words), element("p", { class: "soft" }, words.emptyToken), tokenForm(words, met)),
  );
}

function snippet(title, text, words) {
  const head = element("div", { class: "code-head" }, element("span", {}, title), signButton("copy", `${words.copy}: ${title}`, () => copied(text, words)));
  return element("div", { class: "code" }, head, element("pre", { tabindex: 0 }, element("code", {}, text)));
}
