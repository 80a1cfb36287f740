// A bot on grammY, by long polling. It knows a Bot API server and nothing else.

import { setTimeout as pause } from "node:timers/promises";
import { Bot, InlineKeyboard, InputFile } from "grammy";

const bot = new Bot(process.env.BOT_TOKEN, { client: { apiRoot: process.env.API_ROOT } });
const choice = new InlineKeyboard().text("tea", "tea").text("coffee", "coffee");

bot.api.config.use(async (call, method, payload, signal) => {
  const answer = await call(method, payload, signal);
  if (answer.ok || answer.error_code !== 429) return answer;
  await pause(answer.parameters.retry_after * 1000);
  return call(method, payload, signal);
});

bot.command("start", (ctx) => ctx.reply(`<b>Hello</b>, ${ctx.from.first_name}`, { parse_mode: "HTML" }));
bot.command("ask", (ctx) => ctx.reply("Tea or coffee?", { reply_markup: choice }));
bot.command("file", (ctx) =>
  ctx.replyWithDocument(new InputFile(Buffer.from("tea leaves"), "leaves.txt"), { caption: "Here" }),
);
bot.callbackQuery(["tea", "coffee"], async (ctx) => {
  await ctx.answerCallbackQuery(`${ctx.callbackQuery.data}!`);
  await ctx.editMessageText(`You chose ${ctx.callbackQuery.data}.`);
});
bot.on("message:text", (ctx) => ctx.reply(ctx.msg.text));

process.once("SIGTERM", () => bot.stop());
await bot.start();
