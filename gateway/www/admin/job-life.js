// A job's life on its page: drawn over time, and told call by call and attempt by attempt.

import {h} from "./dom.js";
import {between, brief, clock, duration, now} from "./format.js";
import {workerLink} from "./parts.js";
import {placesOf, rowsOf} from "./timeline.js";

// A break of the axis stands in each lane, at the end of the wait that is folded there.
const breaks = (folds) =>
  folds.map(({left, width}, index) =>
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

function attempts(job) {
  const all = job.timeline?.attempts || [];
  return all.length === 0
    ? null
    : h(
        "ol.attempts",
        null,
        all.map((each) =>
          h(
            "li",
            {key: each.number, class: each.outcome || "active"},
            h(
              "div.row",
              null,
              h("b", null, `Attempt ${each.attempt}`),
              h(
                "span.state",
                {class: {completed: "good", failed: "bad"}[each.outcome] || "idle"},
                h("i.dot"),
                (each.outcome || "goes on").replace("_", " "),
              ),
              h("span.soft.grow", null, clock(each.startedAt), " · ", duration(between(each.startedAt, each.endedAt))),
              each.workerId ? workerLink(each.workerId) : null,
            ),
            each.error ? h("p.error", null, h("b", null, each.error.code), " ", each.error.message) : null,
          ),
        ),
      );
}

const OUTCOMES = {finished: "good", refused: "bad", failed: "bad", unknown: "bad", wasted: "bad"};

// What each call was for, what became of it, what it cost and how long it took, for who has no mouse to point with.
function calls(all) {
  return all.length === 0
    ? null
    : [
        h("h3", {key: "calls"}, "Provider calls"),
        h(
          "ol.calls",
          {key: "each"},
          all.map((each, index) =>
            h(
              "li",
              {key: index, class: each.goesOn ? "active" : ""},
              h(
                "div.row",
                null,
                h("b", null, each.provider),
                h("span.state", {class: OUTCOMES[each.operation] || "idle"}, h("i.dot"), each.outcome),
                h("span.number", null, duration(each.to - each.from), each.goesOn ? " so far" : ""),
                each.price ? h("span.number", null, each.price) : null,
                each.asks ? h("span.soft", null, each.asks) : null,
              ),
              each.task ? h("p.mono.soft.task", null, "task ", each.task) : null,
            ),
          ),
        ),
      ];
}

export function life(job) {
  const drawn = rowsOf(job, now());
  return h(
    "section.card",
    {key: "life", "aria-label": "Timeline"},
    h("h2", null, "Timeline"),
    gantt(job, drawn),
    calls(drawn.calls),
    drawn.calls.length > 0 ? h("h3", {key: "attempts"}, "Attempts") : null,
    attempts(job),
  );
}
