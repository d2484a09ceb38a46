// A job's life on its page: drawn over time, and told call by call and attempt by attempt.

import {h} from "./dom.js";
import {between, brief, clock, duration, now} from "./format.js";
import {newestFirst} from "./parts.js";
import {isUncounted, outcomeWords, placesOf, rowsOf} from "./timeline.js";
import {workerLink} from "./worker-names.js";

const SHOWN_MAX = 10, // of a long list, the newest ones: the others are a click away
  BREAKS_MAX = 12; // more of them would hide what is drawn

// A break of the axis stands in each lane, at the end of the wait that is folded there.
const breaks = (folds) =>
  (folds.length > BREAKS_MAX ? [] : folds).map(({left, width}, index) =>
    h("i.break", {key: `break ${index}`, style: {left: `${left + width}%`}, "aria-hidden": "true"}),
  );

// How long it all took, and how much of it is not drawn.
function lengthWords(from, to, folds) {
  const folded = folds.reduce((sum, fold) => sum + fold.to - fold.from, 0);
  return [
    duration(to - from),
    folds.length > 0
      ? [", ", h("i.break", {key: "break", "aria-hidden": "true"}), ` ${duration(folded)} of waiting folded`]
      : null,
  ];
}

function gantt(job, {rows, scale, from, to}) {
  const {folds} = scale;
  const bar = (each, index, {left, width}) => {
    const length = duration(each.to - each.from);
    const isFolded = folds.some((fold) => fold.from === each.from && fold.to === each.to && each.kind !== "provider");
    return h(
      "i.piece",
      {
        key: index,
        class: `${each.kind} ${each.shade ? "shade" : ""} ${isFolded ? "folded" : ""}`,
        title: `${each.title}: ${length}`,
        style: {left: `${left}%`, width: `${width}%`},
      },
      isFolded
        ? [
            h("span.full", {key: "full"}, `${length} ${each.title}`),
            h("span.brief", {key: "brief"}, brief(each.to - each.from)),
          ]
        : h("span", null, each.words || each.title),
    );
  };
  return h(
    "div.gantt",
    {
      role: "img",
      "aria-label": `Life of the job: ${rows
        .map(
          ({name, bars}) =>
            `${name} ${bars.map((each) => `${each.title} ${duration(each.to - each.from)}`).join(", ")}`,
        )
        .join("; ")}`,
    },
    rows.map(({name, bars}, index) => {
      const places = placesOf(bars, from, to, scale);
      return h(
        "div.lane",
        {key: index},
        h("span", null, name),
        h("div", null, bars.map((each, at) => bar(each, at, places[at])), breaks(folds)),
      );
    }),
    h(
      "div.lane.ends",
      null,
      h("span"),
      h(
        "div",
        null,
        h("span", null, clock(job.createdAt)),
        h("span", null, lengthWords(from, to, folds)),
        h("span", null, job.completedAt ? clock(job.completedAt) : "now"),
      ),
    ),
  );
}

const heading = (words, all) =>
  h("h3", {key: words}, words, all.length > 1 ? h("span.soft", null, ", newest first") : null);

// Both lists are made of the job's events, of which only the latest are kept.
const notKept = (job, words) => (job.timeline?.complete === false ? h("p.soft", {key: "cut"}, words) : null);

// What tells of equal errors only once, with the newest of them; told in the order of the list.
function errorsOnce() {
  const known = new Map();
  return (number, error) => {
    const key = error && `${error.code} ${error.message}`;
    const first = known.get(key) ?? number;
    known.set(key, first);
    return {error: error && first === number ? error : null, as: error && first !== number ? first : null};
  };
}

// Whether it was one of those that the job has: a throttled one, or one whose worker was lost, is not.
function counted(each, number) {
  if (isUncounted(each)) {
    return "not counted";
  }
  const counts = each.outcome ? "counted" : "counts";
  return each.attempt === number || each.outcome === "cancelled" ? "" : `${counts} as ${each.attempt}`;
}

function attempt(each, number, {error, as}, workers) {
  const told = [
    clock(each.startedAt),
    duration(between(each.startedAt, each.endedAt)),
    counted(each, number),
    as ? `same error as attempt ${as}` : "",
  ];
  return h(
    "li",
    {key: number, class: each.outcome || "active"},
    h(
      "div.row",
      null,
      h("b", null, `Attempt ${number}`),
      h(
        "span.state",
        {class: {completed: "good", failed: "bad"}[each.outcome] || "idle"},
        h("i.dot"),
        outcomeWords(each.outcome),
      ),
      h("span.soft.grow", null, told.filter(Boolean).join(" · ")),
      each.workerId ? workerLink(each.workerId, workers?.of(each.workerId)) : null,
    ),
    error ? h("p.error", null, h("b", null, error.code), " ", error.message) : null,
  );
}

function attempts(job, workers) {
  const all = (job.timeline?.attempts || []).map((each, index) => ({each, number: index + 1}));
  const once = errorsOnce();
  const list = (some) =>
    h("ol.attempts", null, some.map(({each, number}) => attempt(each, number, once(number, each.error), workers)));
  return all.length === 0
    ? null
    : h(
        "div",
        {key: "attempts"},
        heading("Attempts", all),
        notKept(job, "Older ones are not kept; numbered from the oldest that is"),
        newestFirst(all, SHOWN_MAX, "attempt", list),
      );
}

const OUTCOMES = {finished: "good", refused: "bad", failed: "bad", unknown: "bad", wasted: "bad"};

const call = ({each, number}, hasMany) =>
  h(
    "li",
    {key: number, class: each.goesOn ? "active" : ""},
    h(
      "div.row",
      null,
      h("b", null, each.provider),
      h("span.state", {class: OUTCOMES[each.operation] || "idle"}, h("i.dot"), each.outcome),
      h("span.soft.number", null, clock(each.from)),
      h("span.number", null, duration(each.to - each.from), each.goesOn ? " so far" : ""),
      each.price ? h("span.number", null, each.price) : null,
      hasMany && each.attempt ? h("span.soft", null, `attempt ${each.attempt}`) : null,
      each.asks ? h("span.soft", null, each.asks) : null,
    ),
    each.task ? h("p.mono.soft.task", null, "task ", each.task) : null,
  );

// What each call was for, what became of it, what it cost and how long it took, for who has no mouse to point with.
function calls(job, drawn) {
  const all = drawn.map((each, index) => ({each, number: index + 1})); // two may begin in the same millisecond
  const hasMany = job.timeline?.attempts?.length > 1;
  const list = (some) => h("ol.calls", null, some.map((one) => call(one, hasMany)));
  return all.length === 0
    ? null
    : h(
        "div",
        {key: "calls"},
        heading("Provider calls", all),
        notKept(job, "Older ones are not kept"),
        newestFirst(all, SHOWN_MAX, "call", list),
      );
}

// workers: their names (worker-names.js), where they are known.
export function life(job, workers) {
  const drawn = rowsOf(job, now());
  return h(
    "section.card",
    {key: "life", "aria-label": "Timeline"},
    h("h2", null, "Timeline"),
    gantt(job, drawn),
    calls(job, drawn.calls),
    attempts(job, workers),
  );
}
