// Everything is put together here.

import { openChats } from "./chats.js";
import { openClock } from "./clock.js";
import { draft, edit, openComposer, reply, run } from "./composer.js";
import { byId } from "./dom.js";
import { connect } from "./events.js";
import { openHeader } from "./header.js";
import { openMessages } from "./messages.js";
import { failed } from "./overlays.js";
import { openPanel, togglePanel } from "./panel.js";
import { openPersonas } from "./personas.js";
import { openReads } from "./reads.js";
import { go, place, settled } from "./route.js";
import { load, on } from "./state.js";
import { openTour } from "./tour.js";

// The address says what is shown: what it names wrongly is put right.
function settle() {
  const wanted = settled();
  const given = place();
  if (wanted.u !== null && (given.u !== wanted.u || given.c !== wanted.c || given.t !== wanted.t)) go(wanted, { instead: true });
  byId("panes").dataset.pane = wanted.c === null ? "list" : "chat";
}

on("reset", openReads);
addEventListener("hashchange", settle);
openClock();
openPersonas();
openChats();
openHeader({ togglePanel });
openMessages({ reply, edit, run, draft });
openComposer();
openPanel();
openTour();
on(["reset", "chats", "users"], settle);

async function begin() {
  try {
    await load();
    connect();
    document.body.dataset.ready = "yes";
  } catch (error) {
    failed(error);
    setTimeout(begin, 1500);
  }
}

begin();
