// 调用: the last Bot API calls, newest first.

import { get } from "./api.js";
import { el, fill, lazily } from "./dom.js";
import { preciseTime } from "./format.js";
import { nameOf, userOf } from "./people.js";
import { on, world } from "./state.js";

const MOST = 300;
let rows = [];

export function callsTab() {
  const filter = el("input", { type: "search", placeholder: "筛选：方法、群名、状态", "aria-label": "筛选调用", autocomplete: "off" });
  const polls = el("input", { type: "checkbox", checked: true });
  const list = el("ul", { class: "calls" });
  const draw = lazily(() => {
    // Thousands of calls a second must cost nothing while nobody looks.
    if (!list.offsetParent) return;
    const wanted = filter.value.trim().toLowerCase();
    const found = rows.filter((row) => !(polls.checked && row.method === "getUpdates" && row.status === 200))
      .filter((row) => `${row.method} ${chatName(row)} ${row.status} ${row.chat_id}`.toLowerCase().includes(wanted));
    fill(list, found.slice(0, MOST).map(line), found.length ? null : el("li", { class: "none" }, "还没有调用"));
  });
  on("panel", draw);
  filter.addEventListener("input", draw);
  polls.addEventListener("change", draw);
  on("call", (row) => {
    if (rows.length && row.n <= rows[0].n) return;
    rows.unshift(row);
    // Polls are shown rarely; they must not push the rest out.
    if (rows.length > 4 * MOST) rows.length = 3 * MOST;
    draw();
  });
  on("reset", async () => {
    rows = [];
    const kept = await get(`calls?limit=${2 * MOST}`).catch(() => []);
    const newest = rows[0]?.n ?? 0;
    rows = [...rows, ...kept.filter((row) => !newest || row.n < rows.at(-1).n).reverse()];
    draw();
  });
  return [
    el("div", { class: "filter" }, filter, el("label", { class: "check" }, polls, "不看 getUpdates")),
    el("p", { class: "muted small" }, "机器人对 Bot API 的调用，时间为真实时间。"),
    list,
  ];
}

function chatName(row) {
  if (row.chat_id === null) return "";
  const chat = world.chats.get(row.chat_id);
  return chat ? chat.title ?? nameOf(userOf(chat.id)) : String(row.chat_id);
}

function line(row) {
  const bad = row.status !== 200;
  const status = row.status === 0 ? "断开" : String(row.status);
  return el("li", { class: bad ? "call bad" : "call", data: { n: row.n } },
    el("span", { class: "call-top" }, el("span", { class: "method" }, row.method),
      el("span", { class: "status" }, row.retry_after ? `${status} · 等${row.retry_after}秒` : status)),
    el("span", { class: "muted" }, [preciseTime(row.at), chatName(row), row.message_id ? `#${row.message_id}` : ""].filter(Boolean).join(" · ")));
}
