// A bot on telegraf, by webhook. It knows a Bot API server and nothing else.

import { createServer } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { Input, Markup, Telegraf } from "telegraf";

const bot = new Telegraf(process.env.BOT_TOKEN, {
  telegram: { apiRoot: process.env.API_ROOT, webhookReply: false },
});
const choice = Markup.inlineKeyboard(["tea", "coffee"].map((drink) => Markup.button.callback(drink, drink)));

bot.start((ctx) => ctx.replyWithHTML(`<b>Hello</b>, ${ctx.from.first_name}`));
bot.command("ask", (ctx) => ctx.reply("Tea or coffee?", choice));
bot.command("file", (ctx) =>
  ctx.replyWithDocument(Input.fromBuffer(Buffer.from("tea leaves"), "leaves.txt"), { caption: "Here" }),
);
bot.action(["tea", "coffee"], async (ctx) => {
  await ctx.answerCbQuery(`${ctx.match[0]}!`);
  await ctx.editMessageText(`You chose ${ctx.match[0]}.`);
});
bot.on("text", async (ctx) => {
  try {
    await ctx.reply(ctx.message.text);
  } catch (refused) {
    if (refused.response?.error_code !== 429) throw refused;
    await pause(refused.response.parameters.retry_after * 1000);
    await ctx.reply(ctx.message.text);
  }
});

const secretToken = "only-telegram-knows";
const server = createServer(bot.webhookCallback("/updates", { secretToken }));
server.listen(0, "127.0.0.1", async () => {
  const { port } = server.address();
  await bot.telegram.setWebhook(`http://127.0.0.1:${port}/updates`, { secret_token: secretToken });
});
process.once("SIGTERM", () => server.close(() => process.exit(0)));
