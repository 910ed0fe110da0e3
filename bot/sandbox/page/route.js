// Where one is: #u=PERSON&c=CHAT&t=TOPIC. A reload or a link lands in the same place.

import { dialogOf, dialogsOf, personas } from "./people.js";
import { world } from "./state.js";

const STORE = "sandbox.persona";

export function place() {
  const given = new URLSearchParams(location.hash.slice(1));
  const number = (name) => (/^-?\d+$/.test(given.get(name) ?? "") ? Number(given.get(name)) : null);
  return { u: number("u"), c: number("c"), t: number("t") };
}

function address({ u, c, t }) {
  return "#" + [["u", u], ["c", c], ["t", t]].filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => `${name}=${value}`).join("&");
}

export function go(to, { instead = false } = {}) {
  const wanted = address(to);
  if (wanted === location.hash) return;
  if (instead) {
    history.replaceState(null, "", wanted);
    dispatchEvent(new HashChangeEvent("hashchange"));
  } else {
    location.hash = wanted;
  }
}

// A place that exists: an unknown person becomes the last one used, a chat not theirs is left.
export function settled() {
  const { u, c, t } = place();
  const people = personas();
  let user = people.find((one) => one.id === u);
  if (!user) {
    const last = Number(remembered());
    user = people.find((one) => one.id === last) ?? people.find((one) => one.username === "office") ?? people[0];
  }
  if (!user) return { u: null, c: null, t: null };
  remember(user.id);
  if (c === null) return { u: user.id, c: null, t: null };
  // An upgraded group goes on under its new id. One's own id means the private chat with the first bot.
  const dialog = c === user.id
    ? dialogsOf(user.id).find((one) => one.bot)
    : dialogsOf(user.id).find((one) => one.key === (world.chats.get(c)?.migrated_to ?? c)) ?? null;
  if (!dialog) return { u: user.id, c: null, t: null };
  const topic = dialog.chat.topics?.some((one) => one.message_thread_id === t) ? t : null;
  return { u: user.id, c: dialog.key, t: topic };
}

export function current() {
  const at = settled();
  return { ...at, dialog: at.c === null ? null : dialogOf(at.u, at.c) };
}

function remembered() {
  try {
    return localStorage.getItem(STORE);
  } catch {
    return null;
  }
}

function remember(userId) {
  try {
    localStorage.setItem(STORE, String(userId));
  } catch {
    // Without storage the address alone remembers.
  }
}
