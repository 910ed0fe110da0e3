// Who is who: names, letters for avatars, marks beside names, and a person's conversations.

import { el } from "./dom.js";
import { world } from "./state.js";

const MARKS = { office: "专班办公室", leader: "领导", admin: "管理员", outsider: "群外人员" };

export const userOf = (id) => world.users.get(id) ?? world.bots.get(id);

export function nameOf(user) {
  if (!user) return "（已离开）";
  return [user.first_name, user.last_name].filter(Boolean).join(" ");
}

// A short word beside a name, so that nobody takes a bot or the office for a colleague.
export function markOf(user, chat) {
  if (!user) return "";
  if (user.is_bot) return "机器人";
  const known = MARKS[user.username];
  if (known) return nameOf(user).includes(known) ? "" : known;
  const status = chat?.members?.find((member) => member.user_id === user.id)?.status;
  return { creator: "群主", administrator: "管理员" }[status] ?? "";
}

// 县商务局联络群 shows 商: nearly every title here starts with the county.
function letterOf(name) {
  const bare = name.replace(/[【[（(].*?[】\]）)]/gu, "").replace(/^县(?=.)/u, "").trim();
  return [...(bare || name || "？")][0].toUpperCase();
}

export function avatar(name, key, bot = false) {
  const shade = Math.abs(Number(key)) % 6;
  return el("span", { class: `avatar shade${shade}${bot ? " bot" : ""}`, "aria-hidden": "true" }, letterOf(name));
}

export const personas = () => [...world.users.values()];

// The conversations of a person; `key` is the group's id, or the bot's for the private chat with it.
export function dialogsOf(userId) {
  const found = [];
  for (const chat of world.chats.values()) {
    if (chat.type === "private" || chat.migrated_to) continue;
    const mine = chat.members.find((member) => member.user_id === userId);
    if (mine && mine.status !== "kicked") found.push(dialogOf(userId, chat.id));
  }
  if (world.chats.has(userId)) for (const bot of world.bots.keys()) found.push(dialogOf(userId, bot));
  return found.filter(Boolean);
}

export function dialogOf(userId, key) {
  const bot = world.bots.get(key);
  const chat = world.chats.get(bot ? userId : key);
  if (!chat || (!bot && chat.type === "private")) return null;
  if (!bot) return { key, chat, bot: null, title: chat.title || "（未命名）" };
  const started = chat.members.some((member) => member.user_id === bot.id)
    || [...chat.messages.values()].some((message) => message.bot_id === bot.id);
  return { key, chat, bot, title: nameOf(bot), started, blocked: chat.blocked?.includes(bot.id) ?? false };
}

export function messagesOf(dialog) {
  const all = [...dialog.chat.messages.values()];
  return dialog.bot ? all.filter((message) => message.bot_id === dialog.bot.id) : all;
}

export function lastOf(dialog) {
  if (!dialog.bot) return [...dialog.chat.messages.values()].at(-1);
  return messagesOf(dialog).at(-1);
}

// The forum topic of a message; null is the general one, and every thread that is no topic.
export const topicOf = (message, chat) =>
  chat.topics?.some((topic) => topic.message_thread_id === message.message_thread_id) ? message.message_thread_id : null;

// Anonymous admins and channels write in the name of a chat.
export function senderOf(message) {
  const as = message.sender_chat;
  if (as) return { id: as.id, name: as.title, mark: as.type === "channel" ? "频道" : "匿名管理员", bot: false };
  const user = message.from;
  const chat = world.chats.get(message.chat.id);
  return { id: user.id, name: nameOf(user), mark: markOf(user, chat), bot: user.is_bot };
}

export const isOwn = (message, userId) => message.from?.id === userId && !message.sender_chat;
