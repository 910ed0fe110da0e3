// 限流: Telegram's limits, on, off, or other numbers.

import { post } from "./api.js";
import { el } from "./dom.js";
import { failed, toast } from "./overlays.js";
import { on, world } from "./state.js";

const FIELDS = [["overall_per_s", "全局（条/秒）", 30], ["chat_per_s", "单个会话（条/秒）", 1], ["group_per_min", "单个群（条/分钟）", 20]];

export function limitsTab() {
  const state = el("p", { id: "limits-state", role: "status" });
  const inputs = FIELDS.map(([name, label, usual]) => {
    const input = el("input", { type: "number", min: "0.1", step: "any", placeholder: "不限", name });
    return { name, usual, input, label: el("label", {}, label, input) };
  });
  const set = async (limits, said) => {
    try {
      await post("limits", limits);
      toast(said);
    } catch (error) {
      failed(error);
    }
  };
  const all = (value) => Object.fromEntries(FIELDS.map(([name, , usual]) => [name, value ?? usual]));
  const none = Object.fromEntries(FIELDS.map(([name]) => [name, null]));
  const draw = () => {
    const some = FIELDS.some(([name]) => world.limits[name]);
    state.textContent = some ? "限流已开启" : "限流已关闭";
    for (const { name, input } of inputs) input.value = world.limits[name] ?? "";
  };
  on(["reset", "limits"], draw);
  return [
    el("p", { class: "muted" }, "超过限制的发送会得到 429 和等待秒数，与 Telegram 一致。"),
    state,
    el("div", { class: "row" },
      el("button", { class: "primary", onclick: () => set(all(), "已按 Telegram 限流") }, "按 Telegram 限流"),
      el("button", { onclick: () => set(none, "限流已关闭") }, "全部关闭")),
    el("form", {
      class: "fields",
      onsubmit: (event) => {
        event.preventDefault();
        set(Object.fromEntries(inputs.map(({ name, input }) => [name, input.value ? Number(input.value) : null])), "限流已更新");
      },
    }, inputs.map(({ label }) => label), el("button", { type: "submit" }, "应用这些数值")),
  ];
}
