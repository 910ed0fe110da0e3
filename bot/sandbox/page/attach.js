// Photos, files and places to send along.

import { deliver } from "./composer.js";
import { el, icon } from "./dom.js";
import { size } from "./format.js";
import { failed, menu, modal, toast } from "./overlays.js";

const MOST_FILES = 10;
const MOST_BYTES = 20 * 1024 * 1024;
let pending = [];
let redraw = () => {};

const photos = el("input", { type: "file", accept: "image/*", multiple: true, hidden: true, id: "pick-photo", "aria-label": "选择照片", tabindex: "-1" });
const files = el("input", { type: "file", multiple: true, hidden: true, id: "pick-file", "aria-label": "选择文件", tabindex: "-1" });

export function attachments() {
  const button = el("button", {
    class: "round", "aria-label": "添加附件", "aria-haspopup": "menu", "aria-expanded": "false",
    onclick: () => menu(button, [
      ["照片", () => photos.click(), { icon: "photo" }],
      ["文件", () => files.click(), { icon: "file" }],
      ["位置", () => askPlace(), { icon: "place" }],
    ]),
  }, icon("attach"));
  return [button, photos, files];
}

export function openAttachments(text, draw) {
  redraw = draw;
  for (const [input, kind] of [[photos, "photo"], [files, "document"]]) {
    input.addEventListener("change", async () => {
      await take([...input.files], kind);
      input.value = "";
      text.focus();
    });
  }
  text.addEventListener("paste", (event) => {
    const pasted = [...event.clipboardData.files];
    if (!pasted.length) return;
    event.preventDefault();
    take(pasted);
  });
  const talk = document.getElementById("talk");
  talk.addEventListener("dragover", (event) => event.preventDefault());
  talk.addEventListener("drop", (event) => {
    event.preventDefault();
    take([...event.dataTransfer.files]);
  });
}

async function take(chosen, kind = null) {
  for (const file of chosen) {
    if (pending.length === MOST_FILES) {
      toast(`一次最多${MOST_FILES}个`, { bad: true });
      break;
    }
    if (file.size > MOST_BYTES || !file.size) {
      toast(file.size ? `${file.name} 超过20 MB` : `${file.name} 是空文件`, { bad: true });
      continue;
    }
    const as = kind ?? (file.type.startsWith("image/") ? "photo" : "document");
    try {
      pending.push({ kind: as, file, url: as === "photo" ? URL.createObjectURL(file) : null, base64: await base64Of(file) });
    } catch {
      toast(`读不出 ${file.name}`, { bad: true });
    }
  }
  redraw();
}

function base64Of(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = reject;
    reader.readAsDataURL(file);
  });
}

export function takePending() {
  for (const one of pending) if (one.url) URL.revokeObjectURL(one.url);
  pending = [];
  redraw();
}

// The messages that carry what is pending; several of a kind make an album.
attachments.contents = () => {
  const kinds = new Set(pending.map((one) => one.kind));
  const group = pending.length > 1 && kinds.size === 1 ? { media_group_id: `${Date.now()}${Math.floor(Math.random() * 1e4)}` } : {};
  return pending.map(({ kind, file, base64 }) => ({
    ...group, [kind]: { name: file.name, base64, mime_type: file.type || "application/octet-stream" },
  }));
};

attachments.preview = () => {
  if (!pending.length) return null;
  return el("ul", { class: "pending", "aria-label": "待发送" }, pending.map((one, index) =>
    el("li", {},
      one.url ? el("img", { src: one.url, alt: one.file.name }) : icon("file"),
      el("span", { class: "pin-words" }, el("span", {}, one.file.name), el("span", { class: "muted" }, size(one.file.size))),
      el("button", { class: "round small", "aria-label": `移除 ${one.file.name}`, onclick: () => { pending.splice(index, 1); redraw(); } }, icon("close")))));
};

function askPlace() {
  const number = (label, value, most) => {
    const input = el("input", { type: "number", step: "any", min: String(-most), max: String(most), value, required: true });
    return { input, label: el("label", {}, label, input) };
  };
  const latitude = number("纬度", "30.12345", 90);
  const longitude = number("经度", "114.54321", 180);
  const form = el("form", {
    onsubmit: async (event) => {
      event.preventDefault();
      try {
        await deliver([{ location: { latitude: Number(latitude.input.value), longitude: Number(longitude.input.value) } }]);
        box.close();
      } catch (error) {
        failed(error);
      }
    },
  }, el("h2", {}, "发送位置"), el("div", { class: "pair" }, latitude.label, longitude.label),
  el("div", { class: "row-end" }, el("button", { onclick: () => box.close() }, "取消"), el("button", { type: "submit", class: "primary" }, "发送位置")));
  const box = modal("发送位置", form);
}

openAttachments.location = askPlace;
