// Writing: text, replies, corrections, and the keyboards that stand above the text.

import { post } from "./api.js";
import { attachments, openAttachments, takePending } from "./attach.js";
import { byId, el, fill, icon, lazily } from "./dom.js";
import { preview } from "./format.js";
import { replyKeyboard, wantsReply } from "./keyboards.js";
import { failed } from "./overlays.js";
import { nameOf, senderOf, userOf } from "./people.js";
import { current } from "./route.js";
import { emit, on, putMessage } from "./state.js";
import { openSuggestions, suggestions } from "./suggest.js";

const drafts = new Map();
let mode = null; // {kind: "reply" | "edit", message}
let shownPlace = "";
let sending = false;

const text = el("textarea", {
  id: "text", rows: "1", placeholder: "发消息，输入 / 看命令", "aria-label": "消息", autocomplete: "off", maxlength: "4096",
  "aria-autocomplete": "list", "aria-controls": "suggestions", enterkeyhint: "send",
});
const above = el("div", { id: "above" });
const keys = el("div", { id: "keyboard" });
const closed = el("div", { id: "closed" });
const bar = el("div", { class: "compose" });

export function openComposer() {
  const send = el("button", { class: "round send", "aria-label": "发送", onclick: submit }, icon("send"));
  fill(bar, attachments(), text, send);
  fill(byId("composer"), suggestions(), above, bar, keys, closed);
  openSuggestions(text, { draft, place: current });
  openAttachments(text, drawSoon);
  text.addEventListener("keydown", onKey);
  text.addEventListener("input", fit);
  on(["messages", "chats", "reset"], drawSoon);
  on("arrived", (message) => {
    const { dialog, u } = current();
    if (dialog && message.chat.id === dialog.chat.id && wantsReply(message, u)) reply(message);
  });
  addEventListener("hashchange", draw);
}

const drawSoon = lazily(draw);

function onKey(event) {
  if (event.defaultPrevented) return;
  // While an input method composes Chinese, Enter belongs to it.
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
    event.preventDefault();
    submit();
  } else if (event.key === "Escape" && mode) {
    leave();
  }
}

function fit() {
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight + 2, 180)}px`;
}

export function draft(words) {
  text.value = words;
  fit();
  text.focus();
  text.setSelectionRange(words.length, words.length);
  text.dispatchEvent(new Event("input"));
}

export function reply(message) {
  mode = { kind: "reply", message };
  draw();
  text.focus();
}

export function edit(message) {
  mode = { kind: "edit", message };
  draft(message.text ?? message.caption);
  draw();
}

function leave() {
  if (mode?.kind === "edit") draft("");
  mode = null;
  draw();
}

function draw() {
  const { u, dialog, t } = current();
  const here = dialog ? `${u}:${dialog.key}:${t}` : "";
  if (here !== shownPlace) {
    if (shownPlace) drafts.set(shownPlace, mode?.kind === "edit" ? "" : text.value);
    shownPlace = here;
    mode = null;
    takePending();
    text.value = drafts.get(here) ?? "";
    fit();
  }
  byId("composer").hidden = !dialog;
  if (!dialog) return;
  const why = closedBecause(dialog, u, t);
  bar.hidden = Boolean(why);
  closed.hidden = !why;
  fill(closed, why);
  drawAbove();
  const board = why ? null : replyKeyboard(dialog, u, { sendContact, sendLocation: () => openAttachments.location() });
  // Drawn anew only when it differs, so that a pressed button keeps the focus.
  const same = board && keys.firstChild && board.textContent === keys.firstChild.textContent && board.dataset.of === keys.firstChild.dataset.of;
  if (!same) fill(keys, board);
}

function closedBecause(dialog, u, t) {
  if (dialog.bot && !dialog.started) return el("button", { class: "primary wide", onclick: start }, "开始");
  if (dialog.bot && dialog.blocked) return el("button", { class: "wide", onclick: start }, "解除屏蔽并重新开始");
  if (dialog.chat.type === "channel") return "频道里只能看，不能发言";
  const topic = dialog.chat.topics?.find((one) => one.message_thread_id === t);
  const member = dialog.chat.members.find((one) => one.user_id === u);
  if (topic?.closed && !["creator", "administrator"].includes(member?.status)) return "这个话题已关闭";
  return null;
}

async function start() {
  const { u, dialog } = current();
  try {
    await post("chats", { type: "private", members: [u, dialog.bot.id] });
    putMessage(await post("messages", { chat_id: u, from_id: u, bot: dialog.bot.id, text: "/start" }));
    emit("sent");
    text.focus();
  } catch (error) {
    failed(error);
  }
}

function drawAbove() {
  if (mode && !current().dialog.chat.messages.has(mode.message.message_id)) mode = null;
  const label = mode?.kind === "edit" ? "修改消息" : mode ? `回复 ${senderOf(mode.message).name}` : "";
  fill(above,
    mode ? el("div", { class: "mode" }, icon(mode.kind === "edit" ? "keyboard" : "reply"),
      el("span", { class: "pin-words" }, el("strong", {}, label), el("span", {}, preview(mode.message))),
      el("button", { class: "round small", "aria-label": "取消", onclick: leave }, icon("close"))) : null,
    attachments.preview());
}

// Everything a message needs to say where it goes.
function target() {
  const { u, dialog, t } = current();
  return {
    chat_id: dialog.chat.id, from_id: u,
    ...(dialog.bot ? { bot: dialog.bot.id } : {}),
    ...(t === null ? {} : { thread_id: t }),
    ...(mode?.kind === "reply" ? { reply_to: mode.message.message_id } : {}),
  };
}

async function sendContact() {
  const { u } = current();
  const user = userOf(u);
  await deliver([{ contact: { phone_number: `000${u}`, first_name: nameOf(user), user_id: u } }]);
}

export async function deliver(contents) {
  const to = target();
  for (const content of contents) putMessage(await post("messages", { ...to, ...content }));
  mode = null;
  emit("sent");
  draw();
}

// A /command tapped in a text is sent as it stands.
export const run = (command) => deliver([{ text: command }]).catch(failed);

async function submit() {
  const words = text.value.trim();
  const files = attachments.contents();
  if (sending || (!words && !files.length)) return;
  sending = true;
  bar.classList.add("sending");
  try {
    if (mode?.kind === "edit") {
      const { message } = mode;
      const field = message.text === undefined ? "caption" : "text";
      putMessage(await post("edits", { chat_id: message.chat.id, message_id: message.message_id, from_id: current().u, [field]: words }));
      mode = null;
    } else if (files.length) {
      files[0] = words ? { ...files[0], caption: words } : files[0];
      await deliver(files);
      takePending();
    } else {
      await deliver([{ text: words }]);
    }
    text.value = "";
    drafts.delete(shownPlace);
    fit();
    text.dispatchEvent(new Event("input"));
    draw();
  } catch (error) {
    failed(error);
  } finally {
    sending = false;
    bar.classList.remove("sending");
  }
}
