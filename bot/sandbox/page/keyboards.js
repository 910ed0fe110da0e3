// Buttons under messages and above the composer, and what tapping them does.

import { post } from "./api.js";
import { el, icon } from "./dom.js";
import { safeUrl } from "./entities.js";
import { alertBox, failed, toast } from "./overlays.js";
import { messagesOf } from "./people.js";
import { current } from "./route.js";
import { emit, putMessage } from "./state.js";

const WAIT_S = 20;
const pending = new Set();

const keyOf = (message, row, column) => `${message.chat.id}:${message.message_id}:${row}:${column}`;

export function inlineKeyboard(message, draft) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows) return null;
  return el("div", { class: "keys", role: "group", "aria-label": "消息按钮" }, rows.map((buttons, row) =>
    el("div", { class: "keyrow" }, buttons.map((button, column) => {
      const key = keyOf(message, row, column);
      const node = el("button", { class: "key", data: { key }, onclick: () => tapped(message, button, key, draft) },
        el("span", {}, button.text), button.url ? icon("link") : null);
      spin(node, pending.has(key));
      return node;
    }))));
}

function spin(node, busy) {
  node.classList.toggle("busy", busy);
  if (busy) node.setAttribute("aria-busy", "true");
  else node.removeAttribute("aria-busy");
}

function spinAll(key) {
  for (const node of document.querySelectorAll(".key")) if (node.dataset.key === key) spin(node, pending.has(key));
}

async function tapped(message, button, key, draft) {
  if (button.url) return openUrl(button.url);
  if (button.login_url) return openUrl(button.login_url.url);
  if (button.copy_text) return copy(button.copy_text.text);
  const inline = button.switch_inline_query_current_chat ?? button.switch_inline_query;
  if (inline !== undefined) return draft(`@${(message.via_bot ?? message.from).username} ${inline}`);
  if (button.callback_data === undefined) return toast("演示环境不支持这种按钮");
  if (pending.has(key)) return undefined;
  const { u } = current();
  pending.add(key);
  spinAll(key);
  try {
    const answer = await post("taps", {
      chat_id: message.chat.id, message_id: message.message_id, from_id: u, data: button.callback_data, wait_s: WAIT_S,
    });
    if (answer.answer) (answer.alert ? alertBox : toast)(answer.answer);
    if (answer.url) openUrl(answer.url);
    if (!answer.answered) toast("机器人没有应答", { bad: true });
  } catch (error) {
    failed(error);
  } finally {
    pending.delete(key);
    spinAll(key);
  }
  return undefined;
}

function openUrl(address) {
  const url = safeUrl(address);
  if (url) window.open(url, "_blank", "noopener,noreferrer");
  else toast(`演示环境不打开：${address}`);
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast("已复制");
  } catch {
    toast("浏览器不允许复制", { bad: true });
  }
}

// The reply keyboard that stands: the bot's newest word on it.
function standing(dialog, userId) {
  const found = messagesOf(dialog).reverse().find((message) => {
    const markup = message.reply_markup;
    return markup && (markup.keyboard || markup.remove_keyboard) && forMe(message, userId);
  });
  return found?.reply_markup.keyboard ? found : null;
}

function forMe(message, userId) {
  if (!message.reply_markup.selective) return true;
  const named = (message.entities ?? []).some((entity) => entity.user?.id === userId);
  return named || message.reply_to_message?.from?.id === userId;
}

const used = new Set();

export function replyKeyboard(dialog, userId, { sendContact, sendLocation }) {
  const message = standing(dialog, userId);
  if (!message || used.has(`${userId}:${dialog.key}:${message.message_id}`)) return null;
  const press = async (button) => {
    try {
      if (button.request_contact) await sendContact();
      else if (button.request_location) await sendLocation();
      else if (typeof button === "object" && Object.keys(button).some((name) => name.startsWith("request_"))) toast("演示环境不支持这种按钮");
      else {
        const { message: sent } = await post("taps", {
          chat_id: message.chat.id, message_id: message.message_id, from_id: userId, button: button.text,
        });
        putMessage(sent);
        emit("sent");
      }
    } catch (error) {
      failed(error);
    }
    if (message.reply_markup.one_time_keyboard) {
      used.add(`${userId}:${dialog.key}:${message.message_id}`);
      emit("messages", message.chat.id);
    }
  };
  return el("div", { class: "reply-keys", data: { of: `${userId}:${dialog.key}:${message.message_id}` }, role: "group", "aria-label": "快捷回复" },
    message.reply_markup.keyboard.map((row) =>
      el("div", { class: "keyrow" }, row.map((button) => el("button", { class: "key", onclick: () => press(button) }, button.text)))));
}

// A bot that asks for a reply (force_reply) gets one as a reply to its message.
export function wantsReply(message, userId) {
  return Boolean(message.reply_markup?.force_reply) && forMe(message, userId);
}
