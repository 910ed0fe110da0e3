// The list above the composer: the bot's commands after "/", inline results after "@bot ".

import { get, post } from "./api.js";
import { el, fill } from "./dom.js";
import { failed } from "./overlays.js";
import { userOf } from "./people.js";
import { emit, on, putMessage, world } from "./state.js";

const PAUSE_MS = 300;
const list = el("ul", { id: "suggestions", role: "listbox", "aria-label": "建议", hidden: true });
const commands = new Map();
let items = [];
let at = -1;
let asked = 0;
let timer = null;

export const suggestions = () => list;

export function openSuggestions(text, { draft, place }) {
  text.addEventListener("input", () => look(text, draft, place));
  text.addEventListener("blur", () => setTimeout(() => list.contains(document.activeElement) || close(text), 150));
  text.addEventListener("focus", () => look(text, draft, place));
  text.addEventListener("keydown", (event) => onKey(event, text));
  on(["commands", "users"], () => commands.clear());
  addEventListener("hashchange", () => close(text));
}

function close(text) {
  clearTimeout(timer);
  asked += 1;
  list.hidden = true;
  items = [];
  at = -1;
  text.removeAttribute("aria-activedescendant");
}

function onKey(event, text) {
  if (list.hidden || event.isComposing) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && items.length) {
    event.preventDefault();
    mark(text, at < 0 && step < 0 ? items.length - 1 : (at + step + items.length) % items.length);
  } else if (event.key === "Tab" && items.length) {
    event.preventDefault();
    items[Math.max(at, 0)].pick();
  } else if (event.key === "Enter" && !event.shiftKey && at >= 0) {
    event.preventDefault();
    items[at].pick();
  } else if (event.key === "Escape") {
    event.preventDefault();
    close(text);
  }
}

function mark(text, index) {
  at = index;
  [...list.children].forEach((node, number) => node.setAttribute("aria-selected", String(number === at)));
  list.children[at]?.scrollIntoView({ block: "nearest" });
  text.setAttribute("aria-activedescendant", `suggestion-${at}`);
}

async function look(text, draft, place) {
  const { dialog, u, t } = place();
  const { value } = text;
  if (!dialog || document.activeElement !== text) return close(text);
  const inline = /^@(\w+)\s([\s\S]*)$/.exec(value);
  const bot = inline && [...world.bots.values()].find((one) => one.username.toLowerCase() === inline[1].toLowerCase());
  if (bot?.supports_inline_queries) return lookInline(text, bot, inline[2], { dialog, u, t }, draft);
  if (/^\/\w*$/.test(value)) return lookCommands(text, value, { dialog, u }, draft);
  return close(text);
}

async function lookCommands(text, value, { dialog, u }, draft) {
  clearTimeout(timer);
  const mine = ++asked;
  const key = `${u}:${dialog.key}`;
  try {
    if (!commands.has(key)) commands.set(key, await get(`chats/${dialog.chat.id}/commands?user_id=${u}&language=zh`));
  } catch {
    return;
  }
  if (mine !== asked || text.value !== value) return;
  const all = commands.get(key).filter((one) => !dialog.bot || one.bot_id === dialog.bot.id);
  const several = new Set(all.map((one) => one.bot_id)).size > 1;
  show(text, all.filter((one) => `/${one.command}`.startsWith(value.toLowerCase())).map((one) => ({
    title: `/${one.command}`, more: several ? `${one.description} · ${userOf(one.bot_id)?.first_name}` : one.description,
    pick: () => draft(`/${one.command}${several ? `@${one.bot}` : ""} `),
  })));
}

function lookInline(text, bot, query, { dialog, u, t }, draft) {
  clearTimeout(timer);
  const mine = ++asked;
  timer = setTimeout(async () => {
    try {
      const found = await post("inline", { bot: bot.id, from_id: u, query: query.trim(), chat_type: dialog.bot ? "sender" : dialog.chat.type, wait_s: 8 });
      if (mine !== asked) return;
      show(text, found.results.map((result) => ({
        title: result.title ?? result.caption ?? result.id, more: result.description ?? "",
        pick: () => choose(text, draft, { query_id: found.query_id, from_id: u, result_id: result.id }, { dialog, u, t }),
      })), found.answered ? "没有结果" : "机器人没有应答");
    } catch (error) {
      if (mine === asked) failed(error);
    }
  }, PAUSE_MS);
}

async function choose(text, draft, body, { dialog, t }) {
  try {
    putMessage(await post("inline/choose", {
      ...body, chat_id: dialog.chat.id, ...(dialog.bot ? { with_bot: dialog.bot.id } : {}), ...(t === null ? {} : { thread_id: t }),
    }));
    emit("sent");
    draft("");
  } catch (error) {
    failed(error);
  }
}

function show(text, found, none = "") {
  items = found;
  at = -1;
  list.hidden = !found.length && !none;
  fill(list, found.map((item, index) => el("li", {
    role: "option", id: `suggestion-${index}`, "aria-selected": "false",
    // The text keeps the focus: pressing must not take it away.
    onpointerdown: (event) => event.preventDefault(), onclick: () => item.pick(),
  }, el("span", { class: "suggestion-title" }, item.title), el("span", { class: "muted" }, item.more))),
  found.length || !none ? null : el("li", { class: "none", role: "presentation" }, none));
}
