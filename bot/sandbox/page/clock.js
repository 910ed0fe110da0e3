// The desk's clock: shown running, moved by anybody, the same for everybody.

import { post } from "./api.js";
import { byId, el, fill, icon } from "./dom.js";
import { dayKey, fullDay, isoMinute, preciseTime } from "./format.js";
import { failed } from "./overlays.js";
import { emit, now, on, world } from "./state.js";

const DAY_S = 86400;
const date = el("span", { class: "clock-day" });
const time = el("time", { class: "clock-time" });
const moved = el("span", { class: "badge", hidden: true });
const field = el("input", { type: "datetime-local", "aria-label": "把时钟拨到", required: true });
const state = el("span", { class: "offline", role: "status", hidden: true }, "连接已断开，正在重连…");
let shownDay = "";

export function openClock() {
  const controls = el("div", { class: "clock-controls", id: "clock-controls" },
    button("+10分钟", () => move({ advance_s: 600 })),
    button("+1小时", () => move({ advance_s: 3600 })),
    button("到明早8:30", tomorrowMorning),
    el("form", { class: "clock-form", onsubmit: moveTo }, field, el("button", { type: "submit", class: "small-button" }, "拨到")));
  const toggle = el("button", {
    class: "clock-now", "aria-expanded": "false", "aria-controls": "clock-controls", "aria-label": "演示时钟，点按拨动",
    onclick: () => open(byId("topbar").classList.toggle("open")),
  }, icon("clock"), date, time, moved);
  const open = (shown) => {
    toggle.setAttribute("aria-expanded", String(shown));
    byId("topbar").classList.toggle("open", shown);
  };
  document.addEventListener("pointerdown", (event) => byId("topbar").contains(event.target) || open(false));
  byId("topbar").addEventListener("keydown", (event) => event.key === "Escape" && open(false));
  fill(byId("topbar"), el("strong", { class: "brand" }, "群聊演示"), state, toggle, controls);
  on(["clock", "reset"], () => {
    draw();
    if (document.activeElement !== field) field.value = isoMinute(now());
  });
  on("offline", () => { state.hidden = false; });
  on("online", () => { state.hidden = true; });
  setInterval(draw, 1000);
}

const button = (label, action) => el("button", { class: "small-button", onclick: action }, label);

function draw() {
  const at = now();
  date.textContent = fullDay(at);
  time.textContent = preciseTime(at);
  time.dateTime = new Date(at * 1000).toISOString();
  const offset = Math.abs(world.offset) > 30;
  moved.hidden = !offset;
  moved.textContent = "已拨动";
  // At midnight 今天 is another day.
  const before = shownDay;
  shownDay = dayKey(at);
  if (before && before !== shownDay) emit("day");
}

async function move(how) {
  try {
    await post("clock", how);
  } catch (error) {
    failed(error);
  }
}

const tomorrowMorning = () => move({ to: `${dayKey(now() + DAY_S)}T08:30:00+08:00` });

function moveTo(event) {
  event.preventDefault();
  if (field.value) move({ to: `${field.value.length === 16 ? `${field.value}:00` : field.value}+08:00` });
}

