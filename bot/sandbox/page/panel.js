// The side panel and its tabs; what is behind the chats, for whoever wants to see it.

import { byId, el, fill, icon } from "./dom.js";
import { callsTab } from "./calls.js";
import { faultsTab } from "./faults.js";
import { limitsTab } from "./limits.js";
import { membersTab } from "./members.js";
import { outboxTab } from "./outbox.js";
import { emit } from "./state.js";

const STORE = "sandbox.panel";
const TABS = [["calls", "调用", callsTab], ["outbox", "待发", outboxTab], ["limits", "限流", limitsTab], ["faults", "故障", faultsTab], ["members", "成员", membersTab]];
const WIDE = matchMedia("(min-width: 1180px)");

let opener = null;

export function openPanel() {
  const bodies = new Map();
  const tabs = TABS.map(([key, label, make]) => {
    const body = el("div", { id: `tab-${key}`, role: "tabpanel", "aria-labelledby": `tab-button-${key}`, class: "tab-body", tabindex: "0" }, make());
    bodies.set(key, body);
    return el("button", { role: "tab", id: `tab-button-${key}`, "aria-controls": body.id, data: { tab: key }, onclick: () => choose(key) }, label);
  });
  const choose = (key) => {
    for (const tab of tabs) {
      const chosen = tab.dataset.tab === key;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      bodies.get(tab.dataset.tab).hidden = !chosen;
    }
    emit("panel");
  };
  const bar = el("div", { role: "tablist", "aria-label": "后台面板", class: "tabs" }, tabs);
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = tabs[(tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length];
    choose(next.dataset.tab);
    next.focus();
  });
  fill(byId("panel"), el("div", { class: "panel-head" }, bar,
    el("button", { class: "round", "aria-label": "关闭面板", onclick: () => setOpen(false) }, icon("close"))), [...bodies.values()]);
  choose("calls");
  byId("panel").addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !WIDE.matches) setOpen(false);
  });
  setOpen(WIDE.matches && remembered() !== "closed", { keep: false });
}

export function togglePanel() {
  opener = document.activeElement;
  setOpen(byId("panel").hidden);
}

function setOpen(shown, { keep = true } = {}) {
  byId("panel").hidden = !shown;
  byId("panes").classList.toggle("with-panel", shown);
  document.querySelector('[aria-controls="panel"]')?.setAttribute("aria-expanded", String(shown));
  emit("panel");
  if (!keep) return;
  if (shown) byId("panel").querySelector('[aria-selected="true"]').focus();
  else if (opener?.isConnected) opener.focus();
  try {
    localStorage.setItem(STORE, shown ? "open" : "closed");
  } catch {
    // Without storage the width of the window decides each time.
  }
}

function remembered() {
  try {
    return localStorage.getItem(STORE);
  } catch {
    return null;
  }
}
