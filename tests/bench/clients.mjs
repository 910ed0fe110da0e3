// A bot that follows the story of clients.py: node clients.mjs LIBRARY API_ROOT TOKEN MODULES_DIR
// Each library is used as its own guide says, with nothing changed but the API root.
import { createRequire } from "node:module";
import { join } from "node:path";

const [library, apiRoot, token, modules] = process.argv.slice(2);
const require = createRequire(join(modules, "package.json"));
const fileName = "\u62a5\u544a 1.txt";
const report = Buffer.from("report");

async function text(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`download: ${response.status}`);
  return response.text();
}

function telegraf() {
  const { Telegraf, Markup } = require("telegraf");
  const bot = new Telegraf(token, { telegram: { apiRoot } });
  bot.start((ctx) => ctx.reply("choose", Markup.inlineKeyboard([Markup.button.callback("Go", "go")])));
  bot.action("go", async (ctx) => {
    await ctx.answerCbQuery("went", { show_alert: true });
    await ctx.editMessageText("chosen");
  });
  bot.command("file", (ctx) =>
    ctx.replyWithDocument({ source: report, filename: fileName }, { caption: "<b>bold</b>", parse_mode: "HTML" }));
  bot.command("poll", (ctx) => ctx.replyWithPoll("q?", ["a", "b"]));
  bot.on("document", async (ctx) => {
    const link = await ctx.telegram.getFileLink(ctx.message.document.file_id);
    await ctx.reply("got " + (await text(link)));
  });
  bot.launch();
  return bot;
}

function grammy() {
  const { Bot, InlineKeyboard, InputFile } = require("grammy");
  const bot = new Bot(token, { client: { apiRoot } });
  bot.command("start", (ctx) => ctx.reply("choose", { reply_markup: new InlineKeyboard().text("Go", "go") }));
  bot.callbackQuery("go", async (ctx) => {
    await ctx.answerCallbackQuery({ text: "went", show_alert: true });
    await ctx.editMessageText("chosen");
  });
  bot.command("file", (ctx) =>
    ctx.replyWithDocument(new InputFile(report, fileName), { caption: "<b>bold</b>", parse_mode: "HTML" }));
  bot.command("poll", (ctx) => ctx.replyWithPoll("q?", [{ text: "a" }, { text: "b" }]));
  bot.on("message:document", async (ctx) => {
    const file = await ctx.getFile();
    await ctx.reply("got " + (await text(`${apiRoot}/file/bot${token}/${file.file_path}`)));
  });
  bot.start();
  return bot;
}

const bot = { telegraf, grammy }[library]();
process.once("SIGTERM", async () => {
  await bot.stop("SIGTERM");
  process.exit(0);
});
