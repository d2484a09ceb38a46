// All queues at a glance, what runs now, and what was made last.

import * as api from "./api.js";
import {sparkline} from "./chart.js";
import {h} from "./dom.js";
import {between, count, duration, plural, tick, when, whole} from "./format.js";
import {icon} from "./icons.js";
import {jobTable} from "./job-table.js";
import {latest} from "./live.js";
import {thumb} from "./media.js";
import {newest} from "./newest.js";
import {madeLast, runningJobs} from "./overview-jobs.js";
import {
  badge,
  button,
  empty,
  figure,
  heading,
  loading,
  meter,
  NAMES,
  noNewJobs,
  problem,
  statusBar,
  STATUSES,
  tried,
} from "./parts.js";
import {address} from "./router.js";

const HISTORY_MS = 30000;
const LIVE = ["active", "waiting", "pending"]; // what there is to do: ended jobs would hide it

// What one should know first about a queue.
// Whether all that waits has been tried, and its time to be tried again has not come.
const isBetween = ({counts, oldestWaitingAt}) => counts.waiting > 0 && !oldestWaitingAt;

function stateOf(queue) {
  const {counts} = queue;
  const limit = queue.limit || {max: 0};
  if (queue.paused) {
    return ["paused", "Paused"];
  }
  if (queue.workers === 0) {
    return counts.waiting > 0 ? ["bad", "No workers"] : ["idle", "No workers"];
  }
  if (queue.workersDraining === queue.workers) {
    return [counts.waiting > 0 ? "bad" : "paused", "Workers drained"];
  }
  if (queue.waitReason === "provider_down") {
    return ["bad", "Provider down"];
  }
  if (queue.waitReason === "capped") {
    return ["busy", "At its cap"];
  }
  if (limit.max > 0 && limit.used >= limit.max && counts.waiting > 0) {
    return ["busy", "At its rate"];
  }
  if (queue.waitReason === "rate_limited") {
    return ["busy", "Provider at its rate"]; // its own limit has room
  }
  if (counts.waiting > 0 && queue.slotsBusy >= queue.slots) {
    return ["busy", "All slots busy"];
  }
  if (counts.active > 0) {
    return ["good", "Working"];
  }
  return isBetween(queue) ? ["idle", "Waits to retry"] : ["idle", "Idle"];
}

function rates(history) {
  const points = history?.points || [];
  if (points.length === 0) {
    return null;
  }
  const last = points.findLast((point) => point.runMs?.p50 !== null && point.runMs?.p50 !== undefined);
  return h(
    "div.spark-row",
    null,
    h(
      "div",
      null,
      h("span.soft", null, "Done and failed, last hour"),
      sparkline(
        [
          {kind: "completed", values: points.map((point) => point.completed)},
          ...(points.some((point) => point.failed) // a red line at nothing would look like trouble
            ? [{kind: "failed", values: points.map((point) => point.failed)}]
            : []),
        ],
        "Jobs completed and failed a minute in the last hour",
      ),
    ),
    h(
      "div",
      null,
      h(
        "span.soft",
        null,
        last ? `Run time in the minute of ${tick(last.at, 0)} ` : "Run time",
        last ? h("b", null, `p50 ${duration(last.runMs.p50)} · p95 ${duration(last.runMs.p95)}`) : null,
      ),
      sparkline(
        [
          {kind: "active", values: points.map((point) => point.runMs?.p50)},
          {kind: "waiting", values: points.map((point) => point.runMs?.p95)},
        ],
        "Run time, median and 95th percentile, in the last hour",
      ),
    ),
  );
}

function limits(queue) {
  const {slots, slotsBusy, workers, workersDraining, oldestWaitingAt, counts, perMinute} = queue;
  const limit = queue.limit || {max: 0, used: 0};
  const rate = limit.max > 0 ? `${limit.used} of ${limit.max} in ${duration(limit.durationMs)}` : "no limit";
  return h(
    "dl.gauges",
    null,
    h(
      "div",
      null,
      h("dt", null, "Slots"),
      h(
        "dd",
        null,
        meter(slotsBusy, slots, "Busy slots", "active"),
        h(
          "span",
          null,
          `${whole(slotsBusy)} of ${whole(slots)}`,
          h(
            "span.soft",
            null,
            ` · ${plural(workers, "worker")}`,
            workersDraining > 0 && workersDraining < workers ? `, ${workersDraining} drained` : "",
          ),
        ),
      ),
    ),
    h(
      "div",
      null,
      h("dt", null, "Rate"),
      h("dd", null, meter(limit.used, limit.max, "Limiter", "waiting"), h("span", null, rate)),
    ),
    h(
      "div",
      null,
      h("dt", null, "Oldest waiting"),
      h(
        "dd",
        null,
        oldestWaitingAt
          ? duration(between(oldestWaitingAt))
          : isBetween(queue)
            ? `none in line, ${whole(counts.waiting)} to be tried again later`
            : "none",
      ),
    ),
    h(
      "div",
      null,
      h("dt", null, "Last minute"),
      h(
        "dd",
        null,
        `${count(perMinute.started)} started, ${count(perMinute.completed)} done, `,
        h("span", {class: perMinute.failed ? "failed" : ""}, `${count(perMinute.failed)} failed`),
      ),
    ),
  );
}

function card(queue, history, mayAct) {
  const [kind, words] = stateOf(queue);
  const name = queue.queue;
  const change = () =>
    tried(() => api.pause(name, !queue.paused), `${NAMES[name]} ${queue.paused ? "resumed" : "paused"}`);
  return h(
    "section.card.queue",
    {key: name, "aria-label": NAMES[name], "data-queue": name, class: queue.paused ? "is-paused" : ""},
    h(
      "header",
      null,
      h("h2", null, h("a", {href: address(name)}, icon(name), NAMES[name])),
      h("span.states", null, noNewJobs(name), h("span.state", {class: kind}, h("i.dot"), words)),
      mayAct
        ? button(queue.paused ? "play" : "pause", queue.paused ? "Resume" : "Pause", change, {kind: "small"})
        : null,
    ),
    h(
      "div.counts",
      null,
      STATUSES.map((status) =>
        h(
          "a",
          {href: address(name, {status}), key: status, class: queue.counts[status] ? status : "zero"},
          h("b", null, count(queue.counts[status])),
          h("span", null, status),
        ),
      ),
    ),
    statusBar(queue.counts, LIVE),
    rates(history),
    limits(queue),
  );
}

function sums(queues) {
  const sum = (pick) => queues.reduce((all, queue) => all + pick(queue), 0);
  const failed = sum((queue) => queue.perMinute.failed);
  return h(
    "div.figures",
    null,
    figure(
      "active",
      sum(({counts}) => counts.active),
      "active",
    ),
    figure(
      "waiting",
      sum(({counts}) => counts.waiting),
      "waiting",
    ),
    figure(
      "pending",
      sum(({counts}) => counts.pending),
      "pending",
    ),
    figure(
      "done a minute",
      sum(({perMinute}) => perMinute.completed),
      "completed",
    ),
    figure("failed a minute", failed, failed ? "failed" : ""),
    figure("workers", sum((queue) => queue.workers)),
  );
}

// For all queues that are not so already: nothing, where none would change.
function changeAll(queues, paused) {
  const names = queues.filter((queue) => queue.paused !== paused).map(({queue}) => queue);
  const change = () => tried(() => api.pauseAll(names, paused), `All queues ${paused ? "paused" : "resumed"}`);
  return names.length
    ? button(paused ? "pause" : "play", paused ? "Pause all" : "Resume all", change, {kind: "small"})
    : null;
}

export function create(context) {
  const known = {queues: latest.queues, histories: {}, error: null};
  const newestOf = newest();
  const load = async () => {
    const answer = await newestOf(api.queues(context.signal));
    if (answer) {
      Object.assign(known, {queues: answer.value || known.queues, error: answer.error});
      context.render();
    }
  };
  let isReading = false;
  const loadHistories = async () => {
    if (isReading) {
      return;
    }
    isReading = true;
    const read = async ({queue}) => {
      const history = await api.history("1h", queue, context.signal).catch(() => null);
      known.histories[queue] = history || known.histories[queue];
      context.render();
    };
    await Promise.all((known.queues || []).map(read));
    isReading = false;
  };
  context.on("queues", (queues) => {
    newestOf.forget(); // what is under way is older
    Object.assign(known, {queues, error: null});
    context.render();
  });
  const running = runningJobs(context);
  const made = madeLast(context);
  context.every(1000, context.render);
  context.every(HISTORY_MS, loadHistories);
  load().then(loadHistories);

  return {
    title: "Overview",
    view() {
      if (!known.queues) {
        return [heading("Overview"), known.error ? problem(known.error, load) : loading()];
      }
      const active = (running.jobs || []).filter((job) => job.status === "active");
      return [
        heading(
          "Overview",
          "Four queues, as they are now",
          context.mayAct ? [changeAll(known.queues, false), changeAll(known.queues, true)] : null,
        ),
        known.error ? problem(known.error, load) : null,
        sums(known.queues),
        h(
          "div.cards.four",
          null,
          known.queues.map((queue) => card(queue, known.histories[queue.queue], context.mayAct)),
        ),
        made.jobs.length
          ? h(
              "section",
              {key: "made"},
              h("h2.over", null, "Made last"),
              h(
                "div.strip",
                {tabindex: 0, role: "group", "aria-label": "Made last"},
                made.jobs.map((job) =>
                  h(
                    "a",
                    {key: job.jobId, href: address(`jobs/${job.jobId}`)},
                    thumb(job),
                    h("span", null, job.character?.name || job.queue, h("small.soft", null, when(job.completedAt))),
                  ),
                ),
              ),
            )
          : null,
        h(
          "section",
          {key: "running"},
          h(
            "div.row",
            null,
            h("h2.over.grow", null, "Running now"),
            h("a.link", {href: address("all", {status: "active"})}, "All active jobs"),
          ),
          active.length
            ? jobTable(active, {withQueue: true})
            : empty("check", "Nothing runs", "Jobs appear here the moment that a worker begins them."),
        ),
        h(
          "p.legend",
          null,
          STATUSES.map((status) => badge(status)),
        ),
      ];
    },
  };
}
