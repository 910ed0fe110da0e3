// One message (or one album) as an element of the list.

import { post } from "./api.js";
import { el, icon } from "./dom.js";
import { rendered } from "./entities.js";
import { preview, serviceText, timeOf } from "./format.js";
import { copy, inlineKeyboard } from "./keyboards.js";
import { media, picture } from "./media.js";
import { failed, menu } from "./overlays.js";
import { avatar, isOwn, nameOf, senderOf, userOf } from "./people.js";

// `context`: userId, dialog, first and last of a run of one sender, and the actions
// reply(message), edit(message), run(command), draft(text), show(messageId).
export function bubble(messages, context) {
  const [message] = messages;
  const service = serviceText(message);
  if (service !== null) return el("li", { class: "service", data: { message: message.message_id } }, el("span", {}, service));
  const own = isOwn(message, context.userId);
  const sender = senderOf(message);
  const group = !context.dialog.bot;
  const body = el("div", { class: "bubble" },
    group && !own && context.first ? who(sender) : null,
    message.via_bot ? el("div", { class: "origin" }, `通过 @${message.via_bot.username}`) : null,
    forwarded(message),
    quote(message, context),
    messages.length > 1 ? album(messages) : media(message),
    words(messages.find((one) => one.text || one.caption), context),
    meta(messages));
  if (message.photo && !messages.some((one) => one.caption)) body.classList.add("bare");
  const protectedMark = messages.some((one) => one.has_protected_content);
  return el("li", {
    class: ["row", own ? "out" : "in", context.first ? "first" : "", context.last ? "last" : "", protectedMark ? "protected" : "",
      group && !own ? "with-avatar" : ""].join(" "),
    data: { message: message.message_id },
  },
    group && !own ? (context.last ? avatar(sender.name, sender.id, sender.bot) : el("span", { class: "avatar-room" })) : null,
    el("div", { class: "stack" }, el("div", { class: "line" }, body, actions(message, context, own)), reactions(message), inlineKeyboard(message, context.draft)));
}

function who(sender) {
  return el("div", { class: sender.bot ? "who bot" : `who shade${Math.abs(sender.id) % 6}` }, el("span", { class: "name" }, sender.name), sender.mark ? el("span", { class: "badge" }, sender.mark) : null);
}

function forwarded({ forward_origin: origin }) {
  if (!origin) return null;
  const from = origin.sender_user ? nameOf(origin.sender_user) : origin.sender_chat?.title ?? origin.chat?.title ?? origin.sender_user_name ?? "";
  return el("div", { class: "origin" }, `转发自 ${from}`);
}

function quote(message, context) {
  const to = message.reply_to_message;
  // In a forum everything answers the message that made the topic.
  if (!to || to.forum_topic_created) return null;
  return el("button", { class: "quote", "aria-label": "查看被回复的消息", onclick: () => context.show(to.message_id) },
    el("strong", {}, to.sender_chat?.title ?? nameOf(to.from)), el("span", {}, preview(to)));
}

function album(messages) {
  const pictures = messages.every((one) => one.photo);
  return el("div", { class: pictures ? `album of${Math.min(messages.length, 4)}` : "stacked" },
    messages.map((one) => (pictures ? picture(one) : media(one))));
}

function words(message, context) {
  if (!message) return null;
  const text = message.text ?? message.caption;
  return el("div", { class: "text" }, rendered(text, message.text ? message.entities : message.caption_entities, context.run));
}

function meta(messages) {
  const message = messages.at(-1);
  const date = messages[0].date;
  return el("div", { class: "meta" },
    messages.some((one) => one.has_protected_content) ? el("span", { class: "guard", title: "内部信息，禁止转发和复制" }, icon("lock"), "禁止转发") : null,
    message.edit_date ? el("span", { class: "edited" }, "已编辑") : null,
    el("time", { datetime: new Date(date * 1000).toISOString() }, timeOf(date)));
}

function reactions(message) {
  if (!message.reactions?.length) return null;
  const counts = new Map();
  for (const { emoji, user_id: id } of message.reactions) counts.set(emoji, [...(counts.get(emoji) ?? []), nameOf(userOf(id))]);
  return el("div", { class: "reactions" }, [...counts].map(([emoji, names]) =>
    el("span", { class: "reaction", title: names.join("、") }, `${emoji} ${names.length}`)));
}

function actions(message, context, own) {
  const more = el("button", { class: "act", "aria-label": "更多操作", "aria-haspopup": "menu", "aria-expanded": "false", onclick: () => open() }, icon("more"));
  const ids = { chat_id: message.chat.id, message_id: message.message_id, from_id: context.userId };
  const send = (path, body) => post(path, { ...ids, ...body }).catch(failed);
  const member = context.dialog.chat.members.find((one) => one.user_id === context.userId);
  const admin = ["creator", "administrator"].includes(member?.status);
  const text = message.text ?? message.caption;
  const mine = message.reactions?.find((one) => one.user_id === context.userId)?.emoji;
  function open() {
    menu(more, [
      ...["👍", "👎"].map((emoji) => [mine === emoji ? `取消 ${emoji}` : `表态 ${emoji}`, () => send("reactions", { emoji: mine === emoji ? null : emoji })]),
      text && !message.has_protected_content ? ["复制文字", () => copy(text)] : null,
      own && text && !message.via_bot ? ["修改", () => context.edit(message)] : null,
      own || admin || context.dialog.bot ? ["删除", () => send("deletions"), { danger: true }] : null,
    ]);
  }
  return el("div", { class: "acts" },
    el("button", { class: "act", "aria-label": "回复这条消息", onclick: () => context.reply(message) }, icon("reply")), more);
}
