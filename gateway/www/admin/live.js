// The one stream of events: queues and jobs as they change, and that workers have. It sleeps while nobody looks at the
// page, and comes back by itself. What was heard last is kept, so that a page has it at once. While the stream is away
// queues are asked for, and whoever listens to "beat" should ask for the rest. Not every change of a job is told: that
// there was one shows in the numbers of the queues, which "counts" tells of. "pauses" tells that a queue was paused or
// resumed.

import * as api from "./api.js";

const RETRY_MS_MIN = 1000,
  RETRY_MS_MAX = 30000,
  HIDDEN_MS_MAX = 60000,
  BEAT_MS = 2000;
const KINDS = ["queues", "jobs", "workers"];

const listeners = new Map([...KINDS, "state", "beat", "counts", "pauses"].map((kind) => [kind, new Set()]));
let source = null;
let retryMs = RETRY_MS_MIN;
let timer = 0;
let beats = 0;
let isBeating = false;
let wanted = false;

export const latest = {queues: null, disk: null, state: "off"}; // disk: while it is low

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

function close(state) {
  clearTimeout(timer);
  source?.close();
  source = null;
  tell("state", state);
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
    retryMs = RETRY_MS_MIN;
    tell("state", "live");
  };
  source.onerror = () => {
    close(document.hidden ? "off" : "lost");
    if (!document.hidden) {
      timer = setTimeout(open, retryMs);
      retryMs = Math.min(2 * retryMs, RETRY_MS_MAX);
    }
  };
  for (const kind of KINDS) {
    source.addEventListener(kind, (event) => heard(kind, JSON.parse(event.data)));
  }
}

async function beat() {
  if (latest.state === "lost" && !document.hidden && !isBeating) {
    isBeating = true;
    const overview = await api.overview().catch(() => null);
    isBeating = false;
    if (overview && latest.state === "lost") {
      heard("queues", overview);
      tell("beat");
    }
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
