// The list of messages: rows are kept as long as what they show is the same.

import { byId, el, icon, fill, lazily } from "./dom.js";
import { dayKey, dayOf, serviceText } from "./format.js";
import { bubble } from "./bubble.js";
import { isOwn, messagesOf, topicOf } from "./people.js";
import { markRead, unreadMessages } from "./reads.js";
import { current } from "./route.js";
import { loadHistory, on } from "./state.js";

const NEAR_BOTTOM_PX = 80;
const RUN_S = 600;

let context = null;
let shownPlace = "";
let rows = new Map();
let stick = true;
let news = 0;

export function openMessages(actions) {
  context = actions;
  const scroll = byId("scroll");
  scroll.addEventListener("scroll", onScroll, { passive: true });
  new ResizeObserver(() => stick && toBottom()).observe(scroll);
  new ResizeObserver(() => stick && toBottom()).observe(byId("messages"));
  byId("news").addEventListener("click", () => { stick = true; toBottom(); seen(); });
  byId("messages").addEventListener("click", pick);
  document.addEventListener("visibilitychange", () => !document.hidden && seen());
  addEventListener("hashchange", draw);
  on("messages", (chatId) => chatId === current().dialog?.chat.id && drawSoon());
  on(["reset", "chats", "users", "clock", "day"], drawSoon);
  on("arrived", arrived);
  on("sent", () => { stick = true; drawSoon(); });
}

const drawSoon = lazily(draw);

function onScroll() {
  const scroll = byId("scroll");
  stick = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_BOTTOM_PX;
  if (stick) seen();
}

function toBottom() {
  const scroll = byId("scroll");
  scroll.scrollTop = scroll.scrollHeight;
}

// Phones have no pointer to hover with: a tap on the bubble shows what can be done with it.
function pick(event) {
  if (matchMedia("(hover: hover)").matches || event.target.closest("button, a, video, audio")) return;
  const row = event.target.closest(".row");
  for (const other of document.querySelectorAll(".row.picked")) if (other !== row) other.classList.remove("picked");
  row?.classList.toggle("picked");
}

function arrived(message) {
  const { dialog, u, t } = current();
  if (!dialog || message.chat.id !== dialog.chat.id || (dialog.bot && message.bot_id !== dialog.bot.id)) return;
  if (dialog.chat.forum && topicOf(message, dialog.chat) !== t) return;
  if (isOwn(message, u)) stick = true;
  else if (!stick) news += 1;
}

function seen() {
  news = 0;
  byId("news").hidden = true;
  const { dialog, u, t } = current();
  const visible = byId("panes").dataset.pane === "chat" || innerWidth > 760;
  if (dialog && visible && !document.hidden) markRead(u, dialog, t);
}

function draw() {
  const { dialog, u, t } = current();
  const here = dialog ? `${u}:${dialog.key}:${t}` : "";
  const fresh = here !== shownPlace;
  if (fresh) {
    shownPlace = here;
    rows = new Map();
    byId("messages").replaceChildren();
    stick = true;
    news = 0;
  }
  if (!dialog) return;
  const found = messagesOf(dialog).filter((message) => !dialog.chat.forum || topicOf(message, dialog.chat) === t);
  const firstNew = fresh ? unreadMessages(u, dialog).find((message) => found.includes(message)) : null;
  if (fresh) context.firstNew = firstNew?.message_id ?? null;
  arrange(arranged(found, u), dialog, u);
  const empty = byId("messages").childElementCount === 0;
  byId("messages").classList.toggle("empty", empty);
  if (stick) {
    toBottom();
    seen();
  } else if (news) {
    fill(byId("news"), icon("down"), `${news} 条新消息`);
    byId("news").hidden = false;
  }
  loadHistory(dialog.chat.id);
}

// Rows: day separators, "new" line, messages; albums in one row; runs of one sender tied together.
function arranged(messages, userId) {
  const found = [];
  let day = "";
  let before = null;
  for (const message of messages) {
    const key = dayKey(message.date);
    if (key !== day) {
      found.push({ key: `day-${key}-${found.length}`, day: dayOf(message.date) });
      day = key;
      before = null;
    }
    if (message.message_id === context.firstNew) {
      found.push({ key: "new", fresh: true });
      before = null;
    }
    const album = message.media_group_id;
    if (album && before?.album === album) {
      before.messages.push(message);
      continue;
    }
    const service = serviceText(message) !== null;
    const sender = service ? null : `${message.sender_chat?.id ?? message.from.id}`;
    const row = { key: album ? `album-${album}` : `message-${message.message_id}`, messages: [message], sender, album, userId, first: true, last: true };
    if (sender && before?.sender === sender && message.date - before.messages.at(-1).date < RUN_S) {
      before.last = false;
      row.first = false;
    }
    found.push(row);
    before = row;
  }
  return found;
}

function arrange(wanted, dialog, userId) {
  const list = byId("messages");
  const next = new Map();
  let at = list.firstChild;
  for (const row of wanted) {
    const old = rows.get(row.key);
    let node = old?.node;
    if (!node || !same(old.row, row)) {
      node = made(row, dialog, userId);
      if (old) {
        if (at === old.node) at = old.node.nextSibling;
        replace(old.node, node);
      }
    }
    next.set(row.key, { node, row });
    if (node === at) at = at.nextSibling;
    else if (node.nextSibling !== at || node.parentNode !== list) list.insertBefore(node, at);
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
  rows = next;
}

function same(old, row) {
  return old.day === row.day && old.fresh === row.fresh && old.first === row.first && old.last === row.last
    && old.messages?.length === row.messages?.length && (row.messages ?? []).every((message, index) => message === old.messages[index]);
}

function made(row, dialog, userId) {
  if (row.day) return el("li", { class: "day" }, el("span", {}, row.day));
  if (row.fresh) return el("li", { class: "fresh" }, el("span", {}, "以下为未读消息"));
  return bubble(row.messages, { ...context, dialog, userId, first: row.first, last: row.last, show });
}

// An edited message keeps the focus where it was, as near as can be.
function replace(old, node) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  old.replaceWith(node);
  if (!focused) return;
  const again = [...node.querySelectorAll(".key")].find((key) => key.dataset.key === focused.dataset.key) ?? node.querySelector(".key, .act");
  again?.focus({ preventScroll: true });
}

export function show(messageId) {
  const { chat } = current().dialog ?? {};
  const node = [...byId("messages").children].find((one) => one.dataset.message === String(messageId))
    ?? rows.get(`album-${chat?.messages.get(messageId)?.media_group_id}`)?.node;
  if (!node) return;
  stick = false;
  node.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  node.classList.remove("shown");
  void node.offsetWidth;
  node.classList.add("shown");
}
