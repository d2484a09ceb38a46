// What was: counts and times of the last hour, day and month, from the broker's own rollups.

import * as api from "./api.js";
import {chart} from "./chart.js";
import {h} from "./dom.js";
import {duration, percent, whole} from "./format.js";
import {newest} from "./newest.js";
import {empty, figure, heading, loading, NAMES, problem} from "./parts.js";
import {refresh} from "./refresh.js";
import {address, go, QUEUES} from "./router.js";

const RANGES = {"1h": "1 hour", "24h": "24 hours", "30d": "30 days"};
const REFRESH_MS = 5000,
  SLOW_MS = 30000; // another minute begins without a word

export function create(context) {
  const known = {history: null, error: null};
  const newestOf = newest();
  const range = () => (Object.hasOwn(RANGES, context.route.query.range || "") ? context.route.query.range : "1h");
  const load = async () => {
    const answer = await newestOf(api.history(range(), context.route.query.queue, context.signal));
    if (answer) {
      Object.assign(known, {history: answer.value || known.history, error: answer.error});
      context.render();
    }
  };
  const sum = (member) => known.history.points.reduce((all, point) => all + (point[member] || 0), 0);
  const charts = ({points, stepMs}) => [
    h(
      "div.figures",
      null,
      figure("started", sum("started"), "active"),
      figure("completed", sum("completed"), "completed"),
      figure("failed", sum("failed"), "failed"),
      figure("cancelled", sum("cancelled"), "cancelled"),
      figure("failed of those not cancelled", percent(sum("failed"), sum("failed") + sum("completed"))),
    ),
    h(
      "div.charts",
      null,
      chart(
        `Ended, each ${duration(stepMs)}`,
        points,
        [
          {kind: "completed", name: "completed", value: (point) => point.completed},
          {kind: "failed", name: "failed", value: (point) => point.failed},
          {kind: "cancelled", name: "cancelled", value: (point) => point.cancelled},
        ],
        {stacked: true, write: whole, stepMs},
      ),
      chart(
        "Time in the queue",
        points,
        [
          {kind: "active", name: "p50", value: (point) => point.waitMs?.p50 ?? null},
          {kind: "waiting", name: "p95", value: (point) => point.waitMs?.p95 ?? null},
          {kind: "failed", name: "p99", value: (point) => point.waitMs?.p99 ?? null},
        ],
        {write: duration, stepMs},
      ),
      chart(
        "Time at work",
        points,
        [
          {kind: "active", name: "p50", value: (point) => point.runMs?.p50 ?? null},
          {kind: "waiting", name: "p95", value: (point) => point.runMs?.p95 ?? null},
          {kind: "failed", name: "p99", value: (point) => point.runMs?.p99 ?? null},
        ],
        {write: duration, stepMs},
      ),
    ),
  ];
  refresh(context, load, {kinds: ["counts"], ms: REFRESH_MS, slowMs: SLOW_MS});
  load();
  return {
    title: "History",
    change() {
      known.history = null;
      newestOf.forget();
      load();
    },
    view() {
      const {history, error} = known;
      const {queue = ""} = context.route.query;
      return [
        heading(
          "History",
          QUEUES.includes(queue) ? NAMES[queue] : "Every queue",
          h(
            "label",
            null,
            h("span.hidden", null, "Queue"),
            h(
              "select",
              {
                value: queue,
                onchange: (event) => go(address("history", {...context.route.query, queue: event.target.value})),
              },
              h("option", {value: ""}, "Every queue"),
              QUEUES.map((each) => h("option", {value: each}, NAMES[each])),
            ),
          ),
          h(
            "nav.segments",
            {"aria-label": "Range"},
            Object.entries(RANGES).map(([value, words]) =>
              h(
                "a",
                {
                  key: value,
                  href: address("history", {...context.route.query, range: value}),
                  "aria-current": range() === value ? "page" : null,
                },
                words,
              ),
            ),
          ),
        ),
        error ? problem(error, load) : null,
        !history
          ? error
            ? null
            : loading()
          : history.points.length
            ? charts(history)
            : empty("history", "Nothing yet", "The first minute is being counted."),
      ];
    },
  };
}
