// The one stream of events: queues and jobs as they change, and that workers have. It sleeps while nobody looks at the
// page, and comes back by itself. What was heard last is kept, so that a page has it at once. While the stream is away
// queues are asked for, and whoever listens to "beat" should ask for the rest. Not every change of a job is told: that
// there was one shows in the numbers of the queues, which "counts" tells of. "pauses" tells that a queue was paused or
// resumed, "stale" that what is shown is of some time ago, or is so no longer. A stream that is silent for longer than
// its beat allows is lost, too: a gateway that hangs and a network that is gone close nothing.

import * as api from "./api.js";
import {now} from "./format.js";

const RETRY_MS_MIN = 1000,
  RETRY_MS_MAX = 30000,
  HIDDEN_MS_MAX = 60000,
  BEAT_MS = 2000,
  STALE_MS = 3000, // a gateway that restarts is back before
  SILENCE_MS_MAX = 35000, // two beats of the stream, and some
  ANSWER_MS_MAX = 15000; // the gateway itself gives up after 10 s
const KINDS = ["queues", "jobs", "workers"];

const listeners = new Map([...KINDS, "state", "beat", "stale", "counts", "pauses"].map((kind) => [kind, new Set()]));
let source = null;
let retryMs = RETRY_MS_MIN;
let timer = 0;
let beats = 0;
let isBeating = false;
let wanted = false;
let heardAt = 0; // from the stream, on performance.now()'s clock
let lostAt = 0; // on performance.now()'s clock; while the state is lost
let knownAt = null; // when the stack was heard last, before the stream was lost
let why = ""; // it does not answer

// disk: while it is low; stale: {since, why}, as far as either is known, while nobody tells how things are
export const latest = {queues: null, disk: null, state: "off", stale: null};

// What queues tell, besides themselves, when it is another one than before.
const PARTS = {counts: (queue) => queue.counts, pauses: (queue) => queue.paused};
const isOther = (one, other, part) => JSON.stringify(one?.map(part)) !== JSON.stringify(other?.map(part));

function tell(kind, data) {
  const before = latest.queues;
  if (kind in latest) {
    latest[kind] = data;
  }
  listeners.get(kind).forEach((listener) => listener(data));
  if (kind === "queues") {
    Object.keys(PARTS)
      .filter((name) => isOther(before, data, PARTS[name]))
      .forEach((name) => tell(name));
  }
}

// What the stream or an answer tells.
function heard(kind, data) {
  if (kind === "queues") {
    latest.disk = data.diskLow ? data.disk : null;
  }
  tell(kind, data[kind] || data);
}

// Calls back with each event of a kind ("state": off, live or lost); returns what ends that.
export function on(kind, listener) {
  listeners.get(kind).add(listener);
  return () => listeners.get(kind).delete(listener);
}

const isSilent = () => performance.now() - heardAt > SILENCE_MS_MAX;

function become(state) {
  const silentMs = latest.state === "live" && isSilent() ? performance.now() - heardAt : 0;
  if (latest.state === "live") {
    knownAt = now() - silentMs;
  }
  if (state === "lost" && latest.state !== "lost") {
    lostAt = performance.now() - silentMs;
  }
  if (state !== "lost") {
    why = "";
    doubt(null);
  }
  tell("state", state);
}

function doubt(stale) {
  if (JSON.stringify(stale) !== JSON.stringify(latest.stale)) {
    tell("stale", stale);
  }
}

function close(state) {
  clearTimeout(timer);
  source?.close();
  source = null;
  become(state);
}

function sleepLater() {
  clearTimeout(timer);
  timer = setTimeout(() => close("off"), HIDDEN_MS_MAX);
}

function open() {
  clearTimeout(timer);
  source?.close();
  source = new EventSource("/api/v1/admin/events");
  source.onopen = () => {
    heardAt = performance.now();
    retryMs = RETRY_MS_MIN;
    become("live");
  };
  source.onerror = lose;
  source.addEventListener("alive", () => (heardAt = performance.now()));
  for (const kind of KINDS) {
    source.addEventListener(kind, (event) => {
      heardAt = performance.now();
      heard(kind, JSON.parse(event.data));
    });
  }
}

// Not all dashboards come back at the same moment.
function lose() {
  close(document.hidden ? "off" : "lost");
  if (!document.hidden) {
    timer = setTimeout(open, retryMs * (0.5 + Math.random()));
    retryMs = Math.min(2 * retryMs, RETRY_MS_MAX);
  }
}

// While the stream is away. Who was not answered for a while and is again does not wait for the next try.
async function ask() {
  const overview = await api.overview(AbortSignal.timeout(ANSWER_MS_MAX)).catch((error) => {
    why = error.message;
  });
  if (!overview || latest.state !== "lost") {
    return;
  }
  const wasStale = latest.stale !== null;
  [knownAt, lostAt, why] = [now(), performance.now(), ""];
  doubt(null);
  heard("queues", overview);
  tell("beat");
  if (wasStale && !document.hidden) {
    retryMs = RETRY_MS_MIN;
    open();
  }
}

async function beat() {
  if (latest.state === "live" && !document.hidden && isSilent()) {
    lose();
  }
  if (latest.state !== "lost" || document.hidden) {
    return;
  }
  if (performance.now() - lostAt > STALE_MS) {
    doubt({since: knownAt, why});
  }
  if (!isBeating) {
    isBeating = true;
    await ask();
    isBeating = false;
  }
}

export function start() {
  wanted = true;
  clearInterval(beats);
  beats = setInterval(beat, BEAT_MS);
  open();
  if (document.hidden) {
    sleepLater();
  }
}

export function stop() {
  wanted = false;
  clearInterval(beats);
  close("off");
}

document.addEventListener("visibilitychange", () => {
  if (!wanted) {
    return;
  }
  if (document.hidden) {
    sleepLater();
  } else if (source === null) {
    open();
  } else {
    clearTimeout(timer);
  }
});

// A page that was left is kept by browsers for a while, and its stream with it: a few of them would take all the
// connections that there are to a host.
window.addEventListener("pagehide", () => wanted && close("off"));
window.addEventListener("pageshow", (event) => event.persisted && wanted && open());
