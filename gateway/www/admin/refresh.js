// What a page shows, brought up to date: soon after the stream (live.js) has told of a change that may concern it, and
// now and then without one. Nothing is asked for while nobody looks at the page; it is made up for when somebody does.

const SOON_MS = 400, // from a change to the question: more of them may come
  TIMES = 10; // a pause lasts so many times as long as an answer takes

// load asks and shows, and never fails. kinds: of events that tell of a change; ms: between two questions, however much
// happens; slowMs: between two of them when nothing is heard; may: whether there is anything to ask for now. Gives
// soon(ms), for what only the page knows to be a change.
export function refresh(context, load, {kinds = [], ms = 2000, slowMs = 15000, may = () => true}) {
  let [timer, isAsking, isMissed] = [0, false, false];
  let [askedAt, restsUntil] = [-Infinity, 0];

  async function look() {
    clearTimeout(timer);
    timer = 0;
    isMissed = document.hidden || isAsking;
    if (isMissed || !may()) {
      return;
    }
    isAsking = true;
    askedAt = performance.now();
    await load();
    const ended = performance.now();
    restsUntil = ended + TIMES * (ended - askedAt);
    isAsking = false;
    if (isMissed && !context.signal.aborted) {
      soon();
    }
  }

  function soon(betweenMs = ms) {
    const from = Math.max(askedAt + betweenMs, restsUntil);
    timer ||= setTimeout(look, Math.max(SOON_MS, from - performance.now()));
  }

  kinds.forEach((kind) => context.on(kind, () => soon()));
  context.on("state", (state) => state === "live" && soon());
  context.on("beat", look);
  context.every(slowMs, look);
  context.signal.addEventListener("abort", () => clearTimeout(timer));
  const seen = () => !document.hidden && isMissed && look();
  document.addEventListener("visibilitychange", seen, {signal: context.signal});
  return {soon};
}
