// Who am I: the person one plays. Decides which chats are seen, who writes and who taps.

import { post } from "./api.js";
import { byId, el, fill, icon, lazily } from "./dom.js";
import { failed, modal } from "./overlays.js";
import { avatar, dialogsOf, markOf, nameOf, personas, userOf } from "./people.js";
import { unread } from "./reads.js";
import { current, go } from "./route.js";
import { on } from "./state.js";

export function openPersonas() {
  on(["reset", "users"], lazily(draw));
  addEventListener("hashchange", draw);
}

function draw() {
  const user = userOf(current().u);
  const name = user ? nameOf(user) : "还没有人员";
  const mark = markOf(user, null);
  fill(byId("persona"), el("button", { class: "persona", "aria-haspopup": "dialog", "aria-label": `当前身份：${name}，点按切换`, onclick: choose },
    user ? avatar(name, user.id) : null,
    el("span", { class: "chat-words" }, el("span", { class: "muted small" }, "我的身份"), el("span", { class: "persona-name" }, name)),
    mark ? el("span", { class: "badge" }, mark) : null,
    el("span", { class: "swap" }, "切换")));
}

const unreadOf = (user) => dialogsOf(user.id).reduce((sum, dialog) => sum + unread(user.id, dialog), 0);

function groupOf(user) {
  const groups = dialogsOf(user.id).filter((dialog) => !dialog.bot);
  if (groups.length === 1) return groups[0].title;
  return groups.length ? `${groups.length} 个群` : "不在任何群里";
}

function choose() {
  const list = el("ul", { class: "people" });
  const input = el("input", { type: "search", placeholder: "搜索姓名、单位", "aria-label": "搜索人员", autocomplete: "off", oninput: () => show() });
  const box = modal("切换身份", [
    el("div", { class: "modal-head" }, el("h2", {}, "切换身份"),
      el("button", { class: "round", "aria-label": "关闭", onclick: () => box.close() }, icon("close"))),
    el("p", { class: "muted" }, "以谁的身份看群聊、发言和点按钮。"),
    input, list, newPerson(() => box.close()),
  ], { kind: "chooser" });
  const { u } = current();
  function show() {
    const wanted = input.value.trim().toLowerCase();
    const found = personas().map((user) => ({ user, group: groupOf(user), name: nameOf(user) }))
      .filter(({ user, group, name }) => `${name} ${user.username ?? ""} ${group}`.toLowerCase().includes(wanted));
    fill(list, found.map(({ user, group, name }) => {
      const count = unreadOf(user);
      const mark = markOf(user, null);
      return el("li", {}, el("button", { class: "person", data: { user: user.id }, "aria-pressed": String(user.id === u), onclick: () => become(user.id) },
        avatar(name, user.id),
        el("span", { class: "chat-words" },
          el("span", { class: "chat-top" }, el("span", { class: "chat-title" }, name), mark ? el("span", { class: "badge" }, mark) : null),
          el("span", { class: "muted" }, group)),
        count ? el("span", { class: "count", "aria-label": `${count} 条未读` }, count > 99 ? "99+" : count) : null));
    }), found.length ? null : el("li", { class: "none" }, "没有找到这个人"));
  }
  function become(userId) {
    box.close();
    be(userId);
  }
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") list.querySelector("button")?.click();
    else if (event.key === "ArrowDown") list.querySelector("button")?.focus();
  });
  list.addEventListener("keydown", (event) => {
    const buttons = [...list.querySelectorAll("button")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    (buttons[buttons.indexOf(document.activeElement) + step] ?? input).focus();
  });
  show();
  if (matchMedia("(hover: hover)").matches) input.focus();
}

// Becoming somebody else keeps the chat open if that person is in it too.
function be(userId) {
  const { c } = current();
  const stays = dialogsOf(userId).some((dialog) => dialog.key === c);
  go({ u: userId, c: stays ? c : null });
}

function newPerson(done) {
  const name = el("input", { type: "text", placeholder: "新人员的姓名", "aria-label": "新人员的姓名", maxlength: "64", required: true });
  return el("form", {
    class: "inline-form",
    onsubmit: async (event) => {
      event.preventDefault();
      try {
        const user = await post("users", { first_name: name.value.trim() });
        done();
        go({ u: user.id });
      } catch (error) {
        failed(error);
      }
    },
  }, name, el("button", { type: "submit" }, "新增人员"));
}
