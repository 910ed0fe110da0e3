// 故障: what the next calls shall meet.

import { drop, post } from "./api.js";
import { el, fill } from "./dom.js";
import { failed, toast } from "./overlays.js";
import { current } from "./route.js";
import { on, world } from "./state.js";

const METHODS = ["*", "sendMessage", "editMessageText", "answerCallbackQuery", "sendDocument", "sendPhoto", "getUpdates", "getFile"];
const KINDS = {
  flood: ["429 请求过多", (s) => ({ status: 429, parameters: { retry_after: Math.max(1, Math.round(s)) } })],
  server: ["500 服务器错误", () => ({ status: 500 })],
  gateway: ["502 网关错误", () => ({ status: 502 })],
  forbidden: ["403 被踢出或屏蔽", () => ({ status: 403 })],
  delay: ["变慢", (s) => ({ delay_s: s })],
  before: ["断开（未执行）", () => ({ drop: "before" })],
  after: ["断开（已执行）", () => ({ drop: "after" })],
};

export function faultsTab() {
  const method = el("input", { type: "text", list: "fault-methods", value: "sendMessage", required: true, autocomplete: "off" });
  const kind = el("select", {}, Object.entries(KINDS).map(([key, [label]]) => el("option", { value: key }, label)));
  const seconds = el("input", { type: "number", min: "0.1", step: "any", value: "3" });
  const secondsLabel = el("label", {}, "秒数", seconds);
  const times = el("input", { type: "number", min: "1", step: "1", value: "1", required: true });
  const here = el("input", { type: "checkbox" });
  const list = el("ul", { class: "orders" });
  kind.addEventListener("change", () => { secondsLabel.hidden = !["flood", "delay"].includes(kind.value); });
  const draw = () => fill(list, world.faults.map(order), world.faults.length ? null : el("li", { class: "none" }, "没有待触发的故障"));
  on(["reset", "faults"], draw);
  return [
    el("p", { class: "muted" }, "让接下来的几次 Bot API 调用出错，看消息会不会丢。"),
    el("form", {
      class: "fields",
      onsubmit: async (event) => {
        event.preventDefault();
        const { dialog } = current();
        const body = { method: method.value.trim(), times: Number(times.value), ...KINDS[kind.value][1](Number(seconds.value) || 1) };
        if (here.checked && dialog) body.chat_id = dialog.chat.id;
        try {
          await post("faults", body);
          toast("故障已安排");
        } catch (error) {
          failed(error);
        }
      },
    },
    el("label", {}, "方法（* 为任意）", method), el("datalist", { id: "fault-methods" }, METHODS.map((name) => el("option", { value: name }))),
    el("label", {}, "故障", kind),
    el("div", { class: "pair" }, secondsLabel, el("label", {}, "次数", times)),
    el("label", { class: "check" }, here, "只对当前会话"),
    el("button", { type: "submit", class: "primary" }, "安排故障")),
    el("div", { class: "row spread" }, el("h2", {}, "待触发"), el("button", { onclick: () => drop("faults").catch(failed) }, "全部取消")),
    list,
  ];
}

function order(fault) {
  const what = fault.drop ? KINDS[fault.drop][0] : fault.status ? `返回 ${fault.status}` : "变慢";
  const more = [fault.delay_s ? `${fault.delay_s} 秒` : "", fault.parameters?.retry_after ? `等 ${fault.parameters.retry_after} 秒` : "",
    fault.chat_id ? world.chats.get(fault.chat_id)?.title ?? String(fault.chat_id) : ""].filter(Boolean);
  return el("li", {}, el("span", { class: "call-top" }, el("span", { class: "method" }, fault.method === "*" ? "任意方法" : fault.method),
    el("span", {}, `还有 ${fault.times} 次`)), el("span", { class: "muted" }, [what, ...more].join(" · ")));
}
