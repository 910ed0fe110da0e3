// The strip of the first visit: what this is, and three things to try.

import { draft } from "./composer.js";
import { byId, el, fill, icon } from "./dom.js";
import { dialogsOf, personas } from "./people.js";
import { current, go } from "./route.js";
import { on, world } from "./state.js";

const STORE = "sandbox.tour";
const STAFF = new Set(["office", "leader", "admin", "outsider"]);
const TRIES = [
  { unit: "县商务局", words: "/ask 黑加油点归谁管" },
  { unit: "县财政局", words: "/ask 债务的事找谁？" },
  { unit: "县水利局", words: "/ask 水费怎么交" },
];

export function openTour() {
  let closed = false;
  try {
    closed = localStorage.getItem(STORE) === "closed";
  } catch {
    // Shown each time where nothing can be kept.
  }
  const strip = byId("strip");
  const draw = () => {
    const tries = TRIES.map(({ unit, words }) => ({ unit, words, at: liaisonOf(unit) })).filter(({ at }) => at);
    fill(strip,
      el("p", {}, "演示环境：全部人员、单位联系人和事件均为虚构"),
      el("div", { class: "tries" }, el("span", { class: "muted" }, "试一试："),
        tries.map(({ unit, words, at }) => el("button", { class: "small-button", onclick: () => attempt(at, words) }, `以${unit}联络员身份发：${words}`))),
      el("button", { class: "round small", "aria-label": "关闭说明", onclick: close }, icon("close")));
    strip.hidden = false;
  };
  const close = () => {
    closed = true;
    strip.hidden = true;
    try {
      localStorage.setItem(STORE, "closed");
    } catch {
      // See above.
    }
  };
  on(["reset", "users"], () => closed || draw());
}

// The member of a unit's group who is in the fewest chats, as a liaison is.
function liaisonOf(unit) {
  const chat = [...world.chats.values()].find((one) => one.type !== "private" && !one.migrated_to && one.title?.includes(unit));
  if (!chat) return null;
  const inside = new Set(chat.members.map((member) => member.user_id));
  const [person] = personas().filter((user) => inside.has(user.id) && !STAFF.has(user.username))
    .sort((a, b) => dialogsOf(a.id).length - dialogsOf(b.id).length);
  return person ? { u: person.id, c: chat.id } : null;
}

function attempt(at, words) {
  const there = () => draft(words);
  if (current().u === at.u && current().c === at.c) return there();
  addEventListener("hashchange", () => setTimeout(there), { once: true });
  go(at);
  return undefined;
}
