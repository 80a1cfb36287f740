/** What presses in a conversation do. */
import { ofPath, telegramLink, withLaunchParameters, withTheme } from "../core/links.js";
import { api } from "./api.js";
import { attempt, confirmed, copied, dialogHead, opened, openMenu, told, toast } from "./dialogs.js";
import { element, nameOf, signButton } from "./elements.js";
import { pay, payLink, showPayments } from "./payments.js";

const VERSION = "9.6";

/** `page` has `client`, `words`, `theme`, `app` (the MiniApp) and `talk` (the Conversation), which comes later. */
export function conversationActs(page) {
  const { client, words } = page;
  const here = () => [client.bot, client.person.id];
  const guarded = (work) => attempt(words, work);

  const acts = {
    say: (text, reply) => {
      page.talk.said();
      return guarded(() => api.say(...here(), text, reply));
    },
    edit: (message, text) => (text === message.text ? true : guarded(() => api.edit(...here(), message.message_id, text))),
    // A draft may end by itself just when it is stopped; nobody needs to hear of that.
    stopDraft: (draft) => api.stopDraft(...here(), draft).catch(() => undefined),
    block: (isBlocked) => guarded(() => api.block(...here(), isBlocked)),
    back: () => client.showBot(null),
    nameOf: (message) => (message.from?.id === client.person.id ? nameOf(client.person) : client.openBot?.name || message.from?.first_name || ""),
    openUrl: (url, isAsked) => openUrl(url, isAsked, page),
    showBot: (name) => showBot(name, page),
    openApp: (button) => launch({ bot: client.bot, launch: "menu", button }, page),
    pressInline: (message, button, place) => pressInline(message, button, place, page),
    pressReply: (button) => pressReply(button, page),
    menuOf: (message, at) => messageMenu(message, at ?? { x: innerWidth / 2, y: innerHeight / 2 }, page),
    chatMenu: (button) => chatMenu(button, page),
  };
  return acts;
}

// --- buttons

async function pressInline(message, button, place, page) {
  const { client, words, acts } = page;
  if (button.callback_data !== undefined) return callBack(message, button, place, page);
  if (button.url ?? button.login_url) return acts.openUrl(button.url ?? button.login_url.url, true);
  if (button.web_app) return launch({ bot: client.bot, launch: "inline", button }, page);
  if (button.copy_text) return copied(button.copy_text.text, words);
  const query = button.switch_inline_query ?? button.switch_inline_query_current_chat;
  if (query !== undefined) return page.talk.composer.insert(`@${client.openBot.username} ${query}`);
  if (!button.pay || !message.invoice) return undefined;
  const { title, description, total_amount } = message.invoice;
  return pay({ bot: client.bot, title, description, total_amount, what: { message_id: message.message_id } }, page);
}

/** The button spins until the bot answers, as in Telegram's own clients. */
async function callBack(message, button, place, page) {
  const { words, client, talk } = page;
  if (talk.waiting.has(place)) return;
  const spin = (isOn) => {
    talk.waiting[isOn ? "add" : "delete"](place);
    const key = talk.list.querySelector(`[data-place="${place}"]`);
    key?.classList.toggle("waits", isOn);
    key?.toggleAttribute("aria-busy", isOn);
  };
  spin(true);
  const answer = await attempt(words, async () => (await client.tap(message.message_id, button.callback_data)) ?? { isLate: true });
  spin(false);
  if (answer) sayAnswer(answer, page);
}

function sayAnswer({ isLate, text, show_alert: isAlert, url }, page) {
  const { words, acts } = page;
  if (isLate) toast(words.noAnswer, "clock");
  else if (url) acts.openUrl(url, true);
  else if (text && isAlert) told(words, "", text);
  else if (text) toast(text);
}

function pressReply(button, page) {
  const { client, words, acts } = page;
  if (button.web_app) return launch({ bot: client.bot, launch: "keyboard", button }, page);
  const isOther = ["request_contact", "request_location", "request_poll", "request_users", "request_chat", "request_managed_bot"].some((name) => button[name]);
  if (isOther) return toast(words.cannotShare, "block");
  return acts.say(button.text, null);
}

// --- addresses

/** Follow an address: Telegram's own are followed here, others go to a new tab. */
export async function openUrl(url, isAsked, page) {
  const { words } = page;
  const link = telegramLink(url);
  if (link) return follow(link, page);
  if (isAsked && !(await confirmed(words, { title: words.openLink, text: url, yes: words.open }))) return;
  window.open(url, "_blank", "noopener,noreferrer");
}

/** A Mini App's link to Telegram. */
export function openTelegramPath(path, page) {
  const link = ofPath(path);
  if (link) follow(link, page);
}

function follow(link, page) {
  const { client, words } = page;
  if (link.kind === "invoice") return payLink(link.slug, page);
  const bot = client.botNamed(link.username);
  if (!bot) return toast(words.noSuchBot(link.username), "block", "bad");
  client.showBot(bot.id);
  if (link.kind === "app") return launch({ bot: bot.id, launch: "link", button: null, start: link.start }, page);
  if (link.start) return attempt(words, () => api.say(bot.id, client.person.id, `/start ${link.start}`));
  return undefined;
}

function showBot(name, page) {
  const bot = page.client.botNamed(name);
  if (bot) page.client.showBot(bot.id);
  else toast(page.words.noSuchBot(name), "block");
}

// --- the Mini App

/** Open an app of a bot: its menu button's, or that of another button. */
export async function launch({ bot, launch: kind, button, start }, page) {
  const { client, words, app } = page;
  const told = await attempt(words, () => api.launch(bot, client.person.id, start));
  if (!told) return;
  const url = addressOf({ kind, button, told, theme: page.theme.params });
  if (!url) {
    toast(words.noApp, "app");
    return;
  }
  await app.open({ bot, url, launch: kind, button: button?.text ?? "" });
}

function addressOf({ kind, button, told, theme }) {
  if (kind === "menu" || kind === "link") return told.url && withTheme(told.url, theme);
  const address = button.web_app.url;
  if (!/^https?:/.test(address)) return null;
  // An app of a reply keyboard is not told who opened it: that is why it may answer with `sendData`.
  const data = kind === "keyboard" ? {} : { tgWebAppData: told.init_data };
  return withLaunchParameters(address, { ...data, tgWebAppVersion: VERSION, tgWebAppPlatform: "weba", tgWebAppThemeParams: JSON.stringify(theme) });
}

// --- menus

function messageMenu(message, at, page) {
  const { client, words, acts, talk } = page;
  const text = message.text ?? message.caption;
  const isMine = message.from?.id === client.person.id;
  openMenu(at, [
    { sign: "reply", text: words.reply, act: () => acts.reply(message) },
    text && { sign: "copy", text: words.copyText, act: () => copied(text, words) },
    isMine && message.text && { sign: "edit", text: words.edit, act: () => talk.composer.edit(message) },
    { sign: "braces", text: words.showJson, act: () => showJson(message, words), note: `id ${message.message_id}` },
  ], words.menu);
}

function showJson(message, words) {
  const text = JSON.stringify(message, null, 2);
  opened(words.showJson, "ask wide", (close) => [
    dialogHead(words, `Message ${message.message_id}`, close),
    element("div", { class: "json" }, signButton("copy", words.copy, () => copied(text, words)), element("pre", { tabindex: 0 }, text)),
  ]);
}

function chatMenu(button, page) {
  const { client, words, acts } = page;
  const bot = client.openBot;
  const { blocked, started } = client.chatWith(bot.id);
  openMenu(button, [
    started && !blocked && { sign: "reload", text: words.restart, act: () => acts.say("/start", null) },
    bot.menu_button?.type === "web_app" && { sign: "app", text: words.openApp, act: () => acts.openApp(bot.menu_button) },
    { sign: "wallet", text: words.payments, act: () => showPayments(bot.id, page) },
    { sign: "copy", text: `@${bot.username}`, act: () => copied(`@${bot.username}`, words) },
    started && { sign: "block", text: blocked ? words.unblock : words.block, act: () => acts.block(!blocked), kind: blocked ? "" : "danger" },
  ], words.menu);
}
