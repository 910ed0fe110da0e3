// The head of the open conversation: title, who types, pinned message, topics.

import { byId, el, fill, icon, lazily } from "./dom.js";
import { preview } from "./format.js";
import { show } from "./messages.js";
import { avatar, nameOf, topicOf, userOf } from "./people.js";
import { unreadMessages } from "./reads.js";
import { current, go } from "./route.js";
import { on, world } from "./state.js";

export function openHeader({ togglePanel }) {
  const draw = () => drawAll(togglePanel);
  on(["reset", "chats", "users"], lazily(draw));
  on(["messages", "reads"], lazily(() => { drawPinned(current()); drawTopics(current()); }));
  on("typing", drawTyping);
  addEventListener("hashchange", draw);
}

function drawAll(togglePanel) {
  const at = current();
  const { dialog, u } = at;
  byId("talk").classList.toggle("nobody", !dialog);
  if (!dialog) {
    byId("talk-head").replaceChildren();
    byId("pinned").hidden = byId("topics").hidden = true;
    return;
  }
  const people = dialog.chat.members?.filter((member) => !["left", "kicked"].includes(member.status)) ?? [];
  fill(byId("talk-head"),
    el("button", { class: "round back", "aria-label": "返回群聊列表", onclick: () => go({ u }) }, icon("back")),
    avatar(dialog.title, dialog.key, Boolean(dialog.bot)),
    el("div", { class: "head-words" },
      el("h1", {}, dialog.title),
      el("span", { class: "muted", id: "subtitle" }, dialog.bot ? `机器人 @${dialog.bot.username}` : `${people.length} 名成员`)),
    el("button", { class: "round", "aria-label": "后台面板", "aria-controls": "panel", onclick: togglePanel }, icon("panel")));
  drawPinned(at);
  drawTopics(at);
  drawTyping();
}

function drawPinned({ dialog }) {
  const id = dialog?.chat.pinned?.filter((one) => dialog.chat.messages.has(one)).at(-1);
  const message = dialog?.chat.messages.get(id);
  const shown = message && (!dialog.bot || message.bot_id === dialog.bot.id);
  byId("pinned").hidden = !shown;
  if (!shown) return;
  fill(byId("pinned"), el("button", { onclick: () => show(id) }, icon("pin"),
    el("span", { class: "pin-words" }, el("strong", {}, "置顶消息"), el("span", {}, preview(message)))));
}

function drawTopics({ dialog, u, t }) {
  const bar = byId("topics");
  bar.hidden = !dialog?.chat.forum;
  if (bar.hidden) return;
  const fresh = unreadMessages(u, dialog).map((message) => topicOf(message, dialog.chat));
  const tabs = [{ message_thread_id: null, name: "综合" }, ...dialog.chat.topics];
  const focused = bar.contains(document.activeElement);
  fill(bar, tabs.map(({ message_thread_id: id, name, closed }) => {
    const count = fresh.filter((one) => one === id).length;
    return el("button", {
      role: "tab", "aria-selected": String(id === t), tabindex: id === t ? "0" : "-1", onclick: () => go({ u, c: dialog.key, t: id }),
    }, closed ? icon("lock") : null, name, count && id !== t ? el("span", { class: "count" }, count) : null);
  }));
  bar.onkeydown = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const at = tabs.findIndex((one) => one.message_thread_id === t);
    const next = tabs[(at + step + tabs.length) % tabs.length];
    go({ u, c: dialog.key, t: next.message_thread_id });
  };
  if (focused) bar.querySelector('[aria-selected="true"]')?.focus();
}

const DOING = { typing: "正在输入", upload_photo: "正在发送图片", upload_document: "正在发送文件", find_location: "正在查找位置" };

function drawTyping() {
  const { dialog } = current();
  const found = dialog
    ? [...world.typing.values()].filter((one) => one.chatId === dialog.chat.id && (!dialog.bot || one.botId === dialog.bot.id))
    : [];
  byId("typing").hidden = !found.length;
  fill(byId("typing"), found.map(({ botId, action }) =>
    el("span", {}, el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i")), `${nameOf(userOf(botId))}${DOING[action] ?? "正在处理"}…`)));
}
