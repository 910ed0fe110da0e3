// 成员: who is in the open chat; people and bots come and go here.

import { drop, post } from "./api.js";
import { el, fill, icon, lazily } from "./dom.js";
import { failed } from "./overlays.js";
import { avatar, markOf, nameOf, personas, userOf } from "./people.js";
import { current } from "./route.js";
import { on, world } from "./state.js";

const STATUS = { creator: "群主", administrator: "管理员", member: "成员", restricted: "受限", kicked: "已移出" };

export function membersTab() {
  const box = el("div");
  const draw = lazily(() => fill(box, shown()));
  on(["reset", "chats", "users"], draw);
  addEventListener("hashchange", draw);
  return box;
}

const change = (chat, userId, status) => post(`chats/${chat.id}/members`, { user_id: userId, status }).catch(failed);

function shown() {
  const { dialog, u } = current();
  if (!dialog) return el("p", { class: "none" }, "先选一个群聊");
  const { chat, bot } = dialog;
  if (bot) {
    return [
      el("p", { class: "muted" }, "私聊只有本人和机器人。屏蔽后机器人再发消息会得到 403。"),
      dialog.blocked
        ? el("button", { onclick: () => change(chat, bot.id, "member") }, "解除屏蔽")
        : el("button", { onclick: () => change(chat, bot.id, "kicked") }, "屏蔽机器人"),
    ];
  }
  const inside = new Set(chat.members.filter((one) => one.status !== "kicked").map((one) => one.user_id));
  const outside = [...world.bots.values(), ...personas()].filter((user) => !inside.has(user.id));
  const select = el("select", { "aria-label": "要加入的人" }, outside.map((user) => el("option", { value: user.id }, `${nameOf(user)}${user.is_bot ? "（机器人）" : ""}`)));
  return [
    el("form", {
      class: "inline-form",
      onsubmit: (event) => {
        event.preventDefault();
        change(chat, Number(select.value), "member");
      },
    }, select, el("button", { type: "submit", disabled: !outside.length }, "加入群聊")),
    el("ul", { class: "people" }, chat.members.map((one) => member(one, chat, u))),
  ];
}

function member({ user_id: id, status }, chat, u) {
  const user = userOf(id);
  const name = nameOf(user);
  const mark = user?.is_bot ? "机器人" : markOf(user, null);
  const roles = status === "creator" || status === "kicked"
    ? el("span", { class: "muted" }, STATUS[status])
    : el("select", { "aria-label": `${name} 的身份`, onchange: (event) => change(chat, id, event.target.value) },
      ["administrator", "member"].map((one) => el("option", { value: one, selected: one === status }, STATUS[one])));
  return el("li", { class: "member", data: { user: id } }, avatar(name, id, user?.is_bot),
    el("span", { class: "chat-words" },
      el("span", { class: "chat-top" }, el("span", { class: "chat-title" }, id === u ? `${name}（我）` : name), mark ? el("span", { class: "badge" }, mark) : null),
      roles),
    status === "kicked" ? null : el("button", {
      class: "round small", "aria-label": `移出 ${name}`, title: "移出群聊",
      onclick: () => drop(`chats/${chat.id}/members/${id}`).catch(failed),
    }, icon("close")));
}
