// 待发: what the bot has yet to send and has sent, newest first; only where the bot runs beside the sandbox.

import { get } from "./api.js";
import { el, fill } from "./dom.js";
import { nameOf, userOf } from "./people.js";
import { on, world } from "./state.js";

const PAUSE_MS = 400;
const STATES = { queued: "等待发送", sending: "正在发送", sent: "已发送", failed: "未送达", dropped: "已作废" };

export function outboxTab() {
  const list = el("ul", { class: "queue" });
  let due = null;
  const draw = async () => {
    due = null;
    if (!list.offsetParent) return;
    const { shown, rows } = await get("outbox").catch(() => ({ shown: false, rows: [] }));
    const none = shown ? "没有消息" : "机器人在另一个程序里运行，看不到它的待发队列";
    fill(list, rows.map(line), rows.length ? null : el("li", { class: "none" }, none));
  };
  // Each call of the bot may have changed the queue; a burst of them is looked at once.
  const soon = () => {
    due ??= setTimeout(draw, PAUSE_MS);
  };
  for (const event of ["panel", "call", "reset"]) on(event, soon);
  return [el("p", { class: "muted small" }, "机器人的待发队列，落库后才发送，紧急的在前。"), list];
}

function line(row) {
  const chat = world.chats.get(row.chat_id);
  const where = chat ? chat.title ?? nameOf(userOf(chat.id)) : String(row.chat_id);
  const notes = [row.urgent ? "紧急" : "", row.repeated ? "可能重复" : "", row.attempts > 1 ? `第${row.attempts}次` : "", row.error ?? ""];
  return el("li", { class: row.state === "failed" ? "queued bad" : "queued" },
    el("span", { class: "call-top" }, el("span", { class: "method" }, where), el("span", { class: "status" }, STATES[row.state] ?? row.state)),
    el("span", { class: "muted" }, [row.text, ...notes].filter(Boolean).join(" · ")));
}
