// Text with its entities (Bot API MessageEntity) as nodes. Offsets are UTF-16 units, as in JavaScript.

import { el } from "./dom.js";

const MARKS = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", blockquote: "blockquote",
  expandable_blockquote: "blockquote",
};

// `run` gets a tapped /command. Returns an array of nodes and strings.
export function rendered(text, entities = [], run = null) {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return between(text, 0, text.length, sorted, run);
}

function between(text, start, end, entities, run) {
  const nodes = [];
  let at = start;
  for (let index = 0; index < entities.length; index += 1) {
    const entity = entities[index];
    const from = Math.max(entity.offset, at);
    const to = Math.min(entity.offset + entity.length, end);
    if (to <= from) continue;
    if (from > at) nodes.push(text.slice(at, from));
    const inner = entities.slice(index + 1).filter((one) => one.offset < to);
    nodes.push(marked(entity, text.slice(from, to), between(text, from, to, inner, run), run));
    at = to;
  }
  if (at < end) nodes.push(text.slice(at, end));
  return nodes;
}

function marked(entity, plain, inner, run) {
  const tag = MARKS[entity.type];
  if (tag) return el(tag, {}, inner);
  switch (entity.type) {
    case "pre":
      return el("pre", {}, el("code", {}, inner));
    case "spoiler":
      return spoiler(inner);
    case "text_link":
      return link(entity.url, inner);
    case "url":
      return link(/^[a-z]+:/i.test(plain) ? plain : `https://${plain}`, inner);
    case "email":
      return link(`mailto:${plain}`, inner);
    case "phone_number":
      return link(`tel:${plain.replace(/[^\d+]/g, "")}`, inner);
    case "bot_command":
      return run ? el("button", { class: "textlink", onclick: () => run(plain) }, inner) : el("span", {}, inner);
    case "mention":
    case "text_mention":
    case "hashtag":
    case "cashtag":
      return el("span", { class: "mention" }, inner);
    default:
      return el("span", {}, inner);
  }
}

function spoiler(inner) {
  const node = el("button", { class: "spoiler", "aria-label": "隐藏的文字，点按显示" }, el("span", {}, inner));
  node.addEventListener("click", () => {
    node.classList.add("shown");
    node.removeAttribute("aria-label");
  });
  return node;
}

// Only addresses that cannot run anything become links.
export function safeUrl(address) {
  try {
    const url = new URL(address);
    return ["http:", "https:", "mailto:", "tel:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

function link(address, inner) {
  const href = safeUrl(address);
  if (href === null) return el("span", { class: "mention" }, inner);
  return el("a", { href, target: "_blank", rel: "noopener noreferrer" }, inner);
}
