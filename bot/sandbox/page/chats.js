// The list of conversations of the person one is, with what is unread.

import { byId, el, fill, icon, lazily } from "./dom.js";
import { preview, serviceText, shortTime } from "./format.js";
import { avatar, dialogsOf, isOwn, lastOf, senderOf } from "./people.js";
import { unread } from "./reads.js";
import { current, go } from "./route.js";
import { on, world } from "./state.js";

const MANY = 8;
let wanted = "";

export function openChats() {
  const input = el("input", {
    type: "search", placeholder: "搜索群聊", "aria-label": "搜索群聊", autocomplete: "off",
    oninput: () => { wanted = input.value.trim(); draw(); },
  });
  fill(byId("chat-search"), icon("search"), input);
  const list = byId("chats");
  list.addEventListener("keydown", moveFocus);
  on(["reset", "chats", "users", "messages", "reads", "typing", "clock", "day"], lazily(draw));
  addEventListener("hashchange", draw);
}

function moveFocus(event) {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  event.preventDefault();
  const links = [...byId("chats").querySelectorAll("a")];
  const at = links.indexOf(document.activeElement);
  links[Math.max(0, Math.min(links.length - 1, at + (event.key === "ArrowDown" ? 1 : -1)))]?.focus();
}

function draw() {
  const { u, c } = current();
  if (u === null) return;
  const dialogs = dialogsOf(u).map((dialog) => ({ dialog, last: lastOf(dialog), count: unread(u, dialog) }));
  const total = dialogs.reduce((sum, { count }) => sum + count, 0);
  const open = dialogs.find(({ dialog }) => dialog.key === c);
  document.title = `${total ? `(${total}) ` : ""}${open ? `${open.dialog.title} · ` : ""}群聊演示`;
  byId("chat-search").hidden = dialogs.length < MANY;
  const shown = dialogs
    .filter(({ dialog }) => !wanted || dialog.title.toLowerCase().includes(wanted.toLowerCase()))
    .sort((a, b) => (b.last?.date ?? 0) - (a.last?.date ?? 0) || a.dialog.title.localeCompare(b.dialog.title, "zh"));
  const focused = document.activeElement?.closest?.("#chats a")?.dataset.chat;
  fill(byId("chats"), shown.map((one) => line(one, u, c)),
    shown.length ? null : el("li", { class: "none" }, wanted ? "没有找到这样的群聊" : "这个人还不在任何群里"));
  if (focused) byId("chats").querySelector(`a[data-chat="${focused}"]`)?.focus({ preventScroll: true });
}

function line({ dialog, last, count }, u, c) {
  const { key, bot, title } = dialog;
  return el("li", {}, el("a", {
    href: `#u=${u}&c=${key}`, class: "chat", data: { chat: key }, "aria-current": key === c ? "page" : null,
    onclick: (event) => { if (!event.metaKey && !event.ctrlKey) { event.preventDefault(); go({ u, c: key }); } },
  },
    avatar(title, key, Boolean(bot)),
    el("span", { class: "chat-words" },
      el("span", { class: "chat-top" },
        el("span", { class: "chat-title" }, title),
        bot ? el("span", { class: "badge" }, "私聊") : null,
        last ? el("time", {}, shortTime(last.date)) : null),
      el("span", { class: "chat-bottom" },
        el("span", { class: "chat-last" }, lastLine(dialog, last, u)),
        count ? el("span", { class: "count", "aria-label": `${count} 条未读` }, count > 99 ? "99+" : count) : null))));
}

function lastLine(dialog, last, u) {
  for (const { chatId, botId } of world.typing.values()) {
    if (chatId === dialog.chat.id && (!dialog.bot || botId === dialog.bot.id)) return el("em", {}, "机器人正在处理…");
  }
  if (!last) return dialog.bot ? "还没有开始对话" : "还没有消息";
  const text = preview(last).slice(0, 80);
  if (serviceText(last) !== null || dialog.bot && !isOwn(last, u)) return text;
  return `${isOwn(last, u) ? "我" : senderOf(last).name}：${text}`;
}
