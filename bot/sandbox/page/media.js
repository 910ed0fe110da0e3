// What a message carries besides text: pictures, files, places, cards, polls.

import { post } from "./api.js";
import { el, icon } from "./dom.js";
import { size } from "./format.js";
import { failed, lightbox } from "./overlays.js";
import { current } from "./route.js";
import { putMessage } from "./state.js";

const addressOf = (message, kind) => message.files?.find((file) => file.kind === kind)?.url;

export function picture(message) {
  const photo = message.photo.at(-1);
  const url = addressOf(message, "photo");
  const image = el("img", {
    src: url, alt: message.caption || "图片", width: photo.width, height: photo.height, draggable: "false",
  });
  const button = el("button", { class: "picture", "aria-label": "放大图片", onclick: () => lightbox(url, message.caption) }, image);
  button.style.setProperty("--ratio", `${photo.width} / ${photo.height}`);
  button.style.setProperty("--width", `${Math.min(photo.width, 340)}px`);
  image.addEventListener("error", () => {
    button.classList.add("broken");
    image.replaceWith(el("span", {}, icon("photo"), "图片无法显示"));
  });
  return button;
}

function file(message, kind, fallback) {
  const stored = message[kind];
  const name = stored.file_name || stored.title || fallback;
  return el("a", { class: "file", href: addressOf(message, kind), download: name, "aria-label": `下载 ${name}` },
    el("span", { class: "file-icon" }, icon("file")),
    el("span", { class: "file-words" }, el("span", { class: "file-name" }, name), el("span", { class: "muted" }, [size(stored.file_size), "点按下载"].filter(Boolean).join(" · "))));
}

function place(message) {
  const { latitude, longitude } = message.location;
  const shown = `${Math.abs(latitude).toFixed(5)}°${latitude < 0 ? "S" : "N"} ${Math.abs(longitude).toFixed(5)}°${longitude < 0 ? "W" : "E"}`;
  return el("div", { class: "place" },
    el("span", { class: "place-icon" }, icon("place")),
    el("span", { class: "file-words" },
      el("span", { class: "file-name" }, message.venue?.title ?? "位置"),
      message.venue ? el("span", {}, message.venue.address) : null,
      el("span", { class: "muted" }, shown)));
}

function card(contact) {
  return el("div", { class: "place" },
    el("span", { class: "place-icon" }, icon("person")),
    el("span", { class: "file-words" },
      el("span", { class: "file-name" }, [contact.first_name, contact.last_name].filter(Boolean).join(" ")),
      el("span", { class: "muted" }, contact.phone_number)));
}

function poll(message) {
  const { poll: shown } = message;
  const { u } = current();
  const mine = message.votes?.find((vote) => vote.user_id === u)?.options ?? [];
  const total = shown.total_voter_count;
  const voted = mine.length > 0 || shown.is_closed;
  const cast = async (number) => {
    const several = shown.allows_multiple_answers;
    const options = mine.includes(number) ? mine.filter((one) => one !== number) : several ? [...mine, number] : [number];
    try {
      putMessage(await post("votes", { chat_id: message.chat.id, message_id: message.message_id, from_id: u, options }));
    } catch (error) {
      failed(error);
    }
  };
  const option = (one, number) => {
    const share = total ? Math.round((one.voter_count / total) * 100) : 0;
    const chosen = mine.includes(number);
    const bar = el("span", { class: "poll-bar" });
    bar.style.setProperty("--share", voted ? `${share}%` : "0%");
    return el("button", { class: "poll-option", "aria-pressed": String(chosen), disabled: shown.is_closed, onclick: () => cast(number) },
      el("span", { class: "poll-text" }, chosen ? "✓ " : "", one.text),
      voted ? el("span", { class: "muted" }, `${one.voter_count}票 ${share}%`) : null, bar);
  };
  const kind = [shown.is_anonymous ? "匿名投票" : "实名投票", shown.allows_multiple_answers ? "可多选" : null, shown.is_closed ? "已结束" : null];
  return el("div", { class: "poll" },
    el("strong", {}, shown.question),
    el("span", { class: "muted" }, kind.filter(Boolean).join(" · ")),
    shown.options.map(option),
    el("span", { class: "muted" }, `${total}人已投`));
}

// Nodes for everything but text and caption, in the order Telegram shows them.
export function media(message) {
  if (message.photo) return [picture(message)];
  if (message.video || message.animation || message.video_note) {
    const kind = ["video", "animation", "video_note"].find((one) => message[one]);
    return [el("video", { class: "clip", src: addressOf(message, kind), controls: true, preload: "metadata" }), file(message, kind, "视频")];
  }
  if (message.voice || message.audio) {
    const kind = message.voice ? "voice" : "audio";
    return [el("audio", { class: "sound", src: addressOf(message, kind), controls: true, preload: "none" }), file(message, kind, kind === "voice" ? "语音.ogg" : "音频")];
  }
  if (message.sticker) return [el("img", { class: "sticker", src: addressOf(message, "sticker"), alt: message.sticker.emoji || "贴纸", width: 160, height: 160 })];
  if (message.document) return [file(message, "document", "文件")];
  if (message.location) return [place(message)];
  if (message.contact) return [card(message.contact)];
  if (message.poll) return [poll(message)];
  if (message.dice) return [el("span", { class: "dice", role: "img", "aria-label": `${message.dice.emoji} ${message.dice.value}` }, `${message.dice.emoji} ${message.dice.value}`)];
  return [];
}
