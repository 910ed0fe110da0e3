// The live stream: resumes where it stopped, starts anew when the server did.

import { get } from "./api.js";
import { KINDS, apply, emit, load, world } from "./state.js";

let source = null;
let retry = null;

export function connect() {
  clearTimeout(retry);
  source?.close();
  source = new EventSource(`/sim/events?after=${world.event}`);
  for (const kind of KINDS) {
    source.addEventListener(kind, (event) => {
      apply(kind, JSON.parse(event.data), Number(event.lastEventId));
    });
  }
  source.addEventListener("reset", startAnew);
  source.addEventListener("open", checkRun);
  source.addEventListener("error", () => {
    emit("offline");
    source.close();
    clearTimeout(retry);
    retry = setTimeout(connect, 1500);
  });
}

// Numbers of another run of the server may look as if they went on: only its name tells.
async function checkRun() {
  try {
    const { run } = await get("snapshot?messages=0");
    if (run !== world.run) return await startAnew();
    emit("online");
  } catch {
    // The stream notices too, and tries again.
  }
}

async function startAnew() {
  source.close();
  try {
    await load();
    emit("online");
    connect();
  } catch {
    clearTimeout(retry);
    retry = setTimeout(startAnew, 1500);
  }
}

addEventListener("online", connect);
addEventListener("pagehide", () => source?.close());
addEventListener("pageshow", (event) => {
  if (event.persisted) connect();
});
