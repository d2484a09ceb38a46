// What a page shows, brought up to date: soon after the stream (live.js) has told of a change that may concern it, and
// now and then without one. Nothing is asked for while nobody looks at the page; it is made up for when somebody does.
// It is asked for once at a time: what comes meanwhile is asked for afterwards.

import {latest} from "./live.js";

const SOON_MS = 400, // from a change to the question: more of them may come
  START_MS = 1000, // for the stream to be opened
  TIMES = 10; // a pause lasts so many times as long as an answer takes

// load asks and shows, and never fails. kinds: of events that tell of a change; ms: between two questions, however much
// happens; slowMs: between two of them when nothing is heard; times: of an answer's time, for the pause after it; may:
// whether there is anything to ask for now. Gives soon(ms), for what only the page knows to be a change, and start(),
// for a page that does not ask by itself when it is opened.
export function refresh(context, load, {kinds = [], ms = 2000, slowMs = 15000, times = TIMES, may = () => true}) {
  let [timer, isStarting, isAsking, isMissed] = [0, false, false, false];
  let [askedAt, restsUntil, dueAt] = [-Infinity, 0, 0];

  async function look() {
    clearTimeout(timer);
    timer = 0;
    isStarting = false;
    isMissed = document.hidden || isAsking;
    if (isMissed || !may()) {
      return;
    }
    isAsking = true;
    askedAt = performance.now();
    await load();
    const ended = performance.now();
    restsUntil = ended + times * (ended - askedAt);
    isAsking = false;
    if (isMissed) {
      soon();
    }
  }

  function wait(until) {
    if (context.signal.aborted || (timer && dueAt <= until)) {
      return;
    }
    clearTimeout(timer);
    dueAt = until;
    timer = setTimeout(look, until - performance.now());
  }

  function soon(betweenMs = ms) {
    wait(Math.max(askedAt + betweenMs, restsUntil, performance.now() + SOON_MS));
  }

  // Once the stream is open, so that it tells of all that changes afterwards.
  function start() {
    isStarting = latest.state !== "live";
    if (isStarting) {
      wait(performance.now() + START_MS);
    } else {
      look();
    }
  }

  kinds.forEach((kind) => context.on(kind, () => soon()));
  context.on("state", (state) => {
    if (isStarting && state !== "off") {
      look();
    } else if (state === "live") {
      soon();
    }
  });
  context.on("beat", () => soon(0));
  context.every(slowMs, look);
  context.signal.addEventListener("abort", () => clearTimeout(timer));
  const seen = () => !document.hidden && isMissed && look();
  document.addEventListener("visibilitychange", seen, {signal: context.signal});
  return {soon, start};
}
