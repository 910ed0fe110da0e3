// The world as the server tells it: a mirror fed by one snapshot and the stream of events.

import { get } from "./api.js";

export const world = {
  run: "", event: 0, offset: 0, limits: {}, faults: [],
  users: new Map(), bots: new Map(), chats: new Map(), typing: new Map(),
};

const listeners = new Map();

export function on(kinds, listener) {
  for (const kind of [kinds].flat()) listeners.set(kind, [...(listeners.get(kind) ?? []), listener]);
}

export function emit(kind, detail) {
  for (const listener of listeners.get(kind) ?? []) listener(detail);
}

export const now = () => Date.now() / 1000 + world.offset;

function setClock(clock) {
  world.offset = clock.unix - Date.now() / 1000;
}

export async function load() {
  const shot = await get("snapshot?messages=30");
  world.run = shot.run;
  world.event = shot.event;
  setClock(shot.clock);
  world.limits = shot.limits;
  world.faults = shot.faults;
  world.users = new Map(shot.users.map((user) => [user.id, user]));
  world.bots = new Map(shot.bots.map((bot) => [bot.id, bot]));
  world.chats = new Map();
  world.typing.clear();
  for (const chat of shot.chats) {
    const { messages, ...rest } = chat;
    const known = new Map(messages.map((message) => [message.message_id, message]));
    world.chats.set(chat.id, { ...rest, messages: known, complete: messages.length < 30 });
  }
  emit("reset");
}

export async function loadHistory(chatId) {
  const chat = world.chats.get(chatId);
  if (!chat || chat.complete) return;
  chat.complete = true;
  try {
    const all = await get(`chats/${chatId}/messages?limit=2000`);
    // What came by event meanwhile is newer than this answer may be.
    const merged = new Map(all.map((message) => [message.message_id, message]));
    for (const [id, message] of chat.messages) merged.set(id, message);
    for (const id of chat.gone ?? []) merged.delete(id);
    chat.messages = new Map([...merged].sort(([a], [b]) => a - b));
  } catch {
    chat.complete = false;
    return;
  }
  emit("messages", chatId);
}

function upsertChat(shown) {
  const old = world.chats.get(shown.id);
  world.chats.set(shown.id, { messages: new Map(), complete: true, ...old, ...shown });
  emit("chats");
}

async function refetchChat(chatId) {
  try {
    upsertChat(await get(`chats/${chatId}`));
  } catch {
    // Gone again; the next snapshot tells.
  }
}

export function putMessage(message) {
  const id = message.chat.id;
  if (!world.chats.has(id)) {
    upsertChat({ ...message.chat, members: [], pinned: [], topics: [] });
    refetchChat(id);
  }
  const chat = world.chats.get(id);
  if (chat.gone?.has(message.message_id)) return;
  const old = chat.messages.get(message.message_id);
  // The answer to a request may come after the event of a later change.
  if (old && (old.edits?.length ?? 0) > (message.edits?.length ?? 0)) return;
  chat.messages.set(message.message_id, message);
  chat.last_message_id = Math.max(chat.last_message_id ?? 0, message.message_id);
  if (message.from?.is_bot) stopTyping(id, message.from.id);
  emit("messages", id);
  if (!old) emit("arrived", message);
}

function stopTyping(chatId, botId) {
  const key = `${chatId}:${botId}`;
  clearTimeout(world.typing.get(key)?.timer);
  if (world.typing.delete(key)) emit("typing");
}

const HANDLERS = {
  "message.new": putMessage,
  "message.edited": putMessage,
  "message.deleted": ({ chat_id: chatId, message_id: id }) => {
    const chat = world.chats.get(chatId);
    if (!chat) return;
    chat.messages.delete(id);
    chat.gone = (chat.gone ?? new Set()).add(id);
    chat.pinned = chat.pinned?.filter((pinned) => pinned !== id);
    emit("messages", chatId);
    emit("chats");
  },
  member: ({ chat_id: chatId, user_id: userId, status }) => {
    const chat = world.chats.get(chatId);
    if (!chat) return refetchChat(chatId);
    if (chat.type === "private") return refetchChat(chatId);
    const others = chat.members.filter((member) => member.user_id !== userId);
    const before = chat.members.findIndex((member) => member.user_id === userId);
    if (status !== "left") others.splice(before < 0 ? others.length : before, 0, { user_id: userId, status });
    chat.members = others;
    emit("chats");
  },
  "chat.new": upsertChat,
  "chat.changed": upsertChat,
  "chat.migrated": ({ chat_id: chatId, to }) => {
    refetchChat(chatId);
    refetchChat(to);
  },
  "user.new": (user) => {
    world.users.set(user.id, user);
    refetchChat(user.id);
    emit("users");
  },
  "bot.new": async (bot) => {
    world.bots.set(bot.id, { ...world.bots.get(bot.id), ...bot });
    emit("users");
    for (const full of await get("bots").catch(() => [])) world.bots.set(full.id, full);
    emit("users");
  },
  pins: ({ chat_id: chatId, pinned }) => {
    const chat = world.chats.get(chatId);
    if (chat) chat.pinned = pinned;
    emit("chats");
  },
  reaction: ({ chat_id: chatId, message_id: id, user_id: userId, reaction }) => {
    const chat = world.chats.get(chatId);
    const message = chat?.messages.get(id);
    if (!message) return;
    const reactions = (message.reactions ?? []).filter((one) => one.user_id !== userId);
    if (reaction[0]?.emoji) reactions.push({ user_id: userId, emoji: reaction[0].emoji });
    chat.messages.set(id, { ...message, reactions });
    emit("messages", chatId);
  },
  action: ({ chat_id: chatId, user_id: botId, action }) => {
    stopTyping(chatId, botId);
    // Bot API: the state lasts five seconds unless a message comes first.
    const timer = setTimeout(() => stopTyping(chatId, botId), 5000);
    world.typing.set(`${chatId}:${botId}`, { chatId, botId, action, timer });
    emit("typing");
  },
  clock: (clock) => {
    setClock(clock);
    emit("clock");
  },
  limits: (limits) => {
    world.limits = limits;
    emit("limits");
  },
  faults: (faults) => {
    world.faults = faults;
    emit("faults");
  },
  commands: () => emit("commands"),
  call: (row) => emit("call", row),
};

export const KINDS = Object.keys(HANDLERS);

export function apply(kind, data, number) {
  if (number <= world.event) return;
  world.event = number;
  HANDLERS[kind]?.(data);
}
