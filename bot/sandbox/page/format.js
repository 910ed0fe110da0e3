// Times of the desk (Asia/Shanghai), sizes, and a message in one line.

import { nameOf } from "./people.js";
import { now } from "./state.js";

const zone = { timeZone: "Asia/Shanghai" };
const HM = new Intl.DateTimeFormat("zh-CN", { ...zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const HMS = new Intl.DateTimeFormat("zh-CN", { ...zone, timeStyle: "medium", hourCycle: "h23" });
const DAY = new Intl.DateTimeFormat("zh-CN", { ...zone, month: "long", day: "numeric" });
const FULL = new Intl.DateTimeFormat("zh-CN", { ...zone, year: "numeric", month: "long", day: "numeric" });
const WEEKDAY = new Intl.DateTimeFormat("zh-CN", { ...zone, weekday: "short" });
const SHORT = new Intl.DateTimeFormat("zh-CN", { ...zone, month: "numeric", day: "numeric" });
const ISO = new Intl.DateTimeFormat("sv-SE", { ...zone, year: "numeric", month: "2-digit", day: "2-digit" });

const at = (unix) => new Date(unix * 1000);

export const timeOf = (unix) => HM.format(at(unix));
export const preciseTime = (unix) => HMS.format(at(unix));
export const dayKey = (unix) => ISO.format(at(unix));
export const fullDay = (unix) => `${FULL.format(at(unix))} ${WEEKDAY.format(at(unix))}`;
export const isoMinute = (unix) => `${dayKey(unix)}T${timeOf(unix)}`;

export function dayOf(unix) {
  const today = dayKey(now());
  if (dayKey(unix).slice(0, 4) !== today.slice(0, 4)) return fullDay(unix);
  const day = `${DAY.format(at(unix))} ${WEEKDAY.format(at(unix))}`;
  return dayKey(unix) === today ? `今天 ${day}` : day;
}

export function shortTime(unix) {
  return dayKey(unix) === dayKey(now()) ? timeOf(unix) : SHORT.format(at(unix));
}

export function size(bytes) {
  if (!bytes) return "";
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(bytes < 10240 ? 1 : 0)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

const KINDS = [
  ["photo", () => "[图片]"],
  ["animation", () => "[动图]"],
  ["video", () => "[视频]"],
  ["video_note", () => "[视频]"],
  ["voice", () => "[语音]"],
  ["audio", () => "[音频]"],
  ["sticker", () => "[贴纸]"],
  ["document", (document) => `[文件] ${document.file_name ?? ""}`],
  ["venue", (venue) => `[位置] ${venue.title}`],
  ["location", () => "[位置]"],
  ["contact", (contact) => `[名片] ${contact.first_name}`],
  ["poll", (poll) => `[投票] ${poll.question}`],
  ["dice", (dice) => `${dice.emoji} ${dice.value}`],
];

// One line for lists, quotes and pins.
export function preview(message) {
  if (message.text) return message.text.replace(/\s+/g, " ");
  for (const [kind, say] of KINDS) {
    if (message[kind]) return `${say(message[kind])} ${message.caption ?? ""}`.replace(/\s+/g, " ").trim();
  }
  return serviceText(message) ?? "[消息]";
}

const short = (text) => (text.length > 28 ? `${text.slice(0, 27)}…` : text);

// What happened in the chat; null for messages somebody wrote.
export function serviceText(message) {
  const who = message.sender_chat?.title ?? nameOf(message.from);
  const names = (users) => users.map(nameOf).join("、");
  if (message.new_chat_members) {
    const others = message.new_chat_members.filter((user) => user.id !== message.from?.id);
    return others.length ? `${who}邀请${names(others)}入群` : `${who}加入了群聊`;
  }
  if (message.left_chat_member) {
    const left = message.left_chat_member;
    return left.id === message.from?.id ? `${who}退出了群聊` : `${who}将${nameOf(left)}移出群聊`;
  }
  if (message.group_chat_created || message.supergroup_chat_created) return `${who}创建了群聊`;
  if (message.new_chat_title) return `${who}将群名改为「${message.new_chat_title}」`;
  if (message.pinned_message) return `${who}置顶了：${short(preview(message.pinned_message))}`;
  if (message.migrate_to_chat_id || message.migrate_from_chat_id) return "群聊已升级为超级群";
  if (message.forum_topic_created) return `${who}创建了话题「${message.forum_topic_created.name}」`;
  if (message.forum_topic_edited) return `${who}修改了话题${message.forum_topic_edited.name ? `「${message.forum_topic_edited.name}」` : ""}`;
  if (message.forum_topic_closed) return `${who}关闭了话题`;
  if (message.forum_topic_reopened) return `${who}重新打开了话题`;
  return null;
}
