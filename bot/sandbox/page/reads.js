// What each person has read, kept in this browser for one run of the server.

import { isOwn, messagesOf, topicOf } from "./people.js";
import { emit, world } from "./state.js";

const STORE = "sandbox.reads";
let reads = { run: "", base: {}, marks: {} };

function restore() {
  try {
    const kept = JSON.parse(localStorage.getItem(STORE));
    if (kept?.run === world.run) reads = kept;
  } catch {
    // Private windows may refuse storage; unread counts then start anew with each load.
  }
}

function keep() {
  try {
    localStorage.setItem(STORE, JSON.stringify(reads));
  } catch {
    // See restore().
  }
}

// What was there before this browser first came counts as read.
export function openReads() {
  reads = { run: world.run, base: {}, marks: {} };
  for (const chat of world.chats.values()) reads.base[chat.id] = chat.last_message_id;
  restore();
  keep();
}

// A forum's topics are read one by one.
const keyOf = (userId, dialog, topic) => `${userId}:${dialog.key}${dialog.chat.forum ? `:${topic ?? 0}` : ""}`;
const markOf = (userId, dialog, topic) => reads.marks[keyOf(userId, dialog, topic)] ?? reads.base[dialog.chat.id] ?? 0;

export function unread(userId, dialog) {
  if (!dialog.chat.forum && (dialog.chat.last_message_id ?? 0) <= markOf(userId, dialog)) return 0;
  return unreadMessages(userId, dialog).length;
}

export function unreadMessages(userId, dialog) {
  const { chat } = dialog;
  const isNew = chat.forum
    ? (message) => message.message_id > markOf(userId, dialog, topicOf(message, chat))
    : (message) => message.message_id > markOf(userId, dialog);
  return messagesOf(dialog).filter((message) => isNew(message) && !isOwn(message, userId));
}

export function markRead(userId, dialog, topic) {
  const last = dialog.chat.last_message_id ?? 0;
  if (markOf(userId, dialog, topic) >= last) return;
  restore();
  reads.marks[keyOf(userId, dialog, topic)] = last;
  keep();
  emit("reads");
}

addEventListener("storage", (event) => {
  if (event.key !== STORE) return;
  restore();
  emit("reads");
});
