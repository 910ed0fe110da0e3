// Toasts, alerts, pictures in full, small forms: everything that lies over the page.

import { byId, el, icon } from "./dom.js";

export function toast(text, { bad = false } = {}) {
  const node = el("div", { class: bad ? "toast bad" : "toast" }, text);
  byId("toasts").append(node);
  while (byId("toasts").children.length > 3) byId("toasts").firstChild.remove();
  setTimeout(() => node.remove(), Math.min(9000, 3500 + text.length * 60));
}

export const failed = (error) => toast(error.message || String(error), { bad: true });

// A modal dialog that goes away when it closes; native <dialog> keeps the focus and hears Escape.
export function modal(label, content, { kind = "" } = {}) {
  const node = el("dialog", { class: `modal ${kind}`, "aria-label": label }, content);
  node.addEventListener("click", (event) => {
    if (event.target === node) node.close();
  });
  node.addEventListener("close", () => node.remove());
  document.body.append(node);
  node.showModal();
  return node;
}

export function alertBox(text) {
  const close = el("button", { class: "primary", autofocus: true, onclick: () => box.close() }, "知道了");
  const box = modal("机器人的提示", [el("p", { class: "alert-text" }, text), el("div", { class: "row-end" }, close)], { kind: "alert" });
  return box;
}

export function lightbox(url, caption) {
  const close = el("button", { class: "round", "aria-label": "关闭", onclick: () => box.close() }, icon("close"));
  const image = el("img", { src: url, alt: caption || "图片" });
  const box = modal("图片", [close, image, caption ? el("p", {}, caption) : null], { kind: "lightbox" });
  image.addEventListener("click", () => box.close());
}

// A menu at a button: `items` are [label, action, {danger}].
export function menu(anchor, items) {
  document.querySelector(".menu")?.remove();
  const close = () => {
    node.remove();
    document.removeEventListener("pointerdown", outside, true);
    anchor.setAttribute("aria-expanded", "false");
  };
  const outside = (event) => {
    if (!node.contains(event.target) && !anchor.contains(event.target)) close();
  };
  const entry = ([label, action, more = {}]) =>
    el("button", { role: "menuitem", class: more.danger ? "danger" : "", onclick: () => { close(); anchor.focus(); action(); } },
      more.icon ? icon(more.icon) : null, label);
  const node = el("div", { class: "menu", role: "menu" }, items.filter(Boolean).map(entry));
  node.addEventListener("keydown", (event) => {
    const entries = [...node.children];
    const at = entries.indexOf(document.activeElement);
    if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      close();
      anchor.focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      entries[(at + (event.key === "ArrowDown" ? 1 : -1) + entries.length) % entries.length].focus();
    }
  });
  document.body.append(node);
  const box = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = node;
  node.style.left = `${Math.max(8, Math.min(box.left, innerWidth - width - 8))}px`;
  node.style.top = `${box.bottom + height + 8 > innerHeight ? Math.max(8, box.top - height - 4) : box.bottom + 4}px`;
  anchor.setAttribute("aria-expanded", "true");
  document.addEventListener("pointerdown", outside, true);
  node.firstChild?.focus();
}
