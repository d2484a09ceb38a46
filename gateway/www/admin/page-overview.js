// All queues at a glance, what runs now, and what was made last.

import * as api from "./api.js";
import {sparkline} from "./chart.js";
import {h} from "./dom.js";
import {between, count, duration, when, whole} from "./format.js";
import {icon} from "./icons.js";
import {jobTable} from "./job-table.js";
import {latest} from "./live.js";
import {picture} from "./media.js";
import {newest} from "./newest.js";
import {
  badge,
  button,
  empty,
  figure,
  heading,
  loading,
  meter,
  NAMES,
  problem,
  statusBar,
  STATUSES,
  tried,
} from "./parts.js";
import {address} from "./router.js";

const RUNNING_MAX = 8,
  MADE_MAX = 12,
  RUNNING_MS = 500, // what is short would be gone before it is shown
  MADE_MS = 1500,
  CHECK_MS = 5000, // the stream does not tell of all where there is much
  HISTORY_MS = 30000;
const LIVE = ["active", "waiting", "pending"]; // what there is to do: ended jobs would hide it
const MAKERS = ["image", "video"]; // queues whose results are shown

// What one should know first about a queue.
function stateOf(queue) {
  const {counts} = queue;
  const limit = queue.limit || {max: 0};
  if (queue.paused) {
    return ["paused", "Paused"];
  }
  if (queue.workers === 0) {
    return counts.waiting > 0 ? ["bad", "No workers"] : ["idle", "No workers"];
  }
  if (limit.max > 0 && limit.used >= limit.max && counts.waiting > 0) {
    return ["busy", "At its rate"];
  }
  if (counts.waiting > 0 && queue.slotsBusy >= queue.slots) {
    return ["busy", "All slots busy"];
  }
  return counts.active > 0 ? ["good", "Working"] : ["idle", "Idle"];
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
        "Run time ",
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
  const {slots, slotsBusy, workers, oldestWaitingAt, perMinute} = queue;
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
          h("span.soft", null, ` · ${workers} ${workers === 1 ? "worker" : "workers"}`),
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
      h("dd", null, oldestWaitingAt ? duration(between(oldestWaitingAt)) : "none"),
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
      h("span.state", {class: kind}, h("i.dot"), words),
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

const jobsOf = async (ids, signal) =>
  ids.length ? (await api.jobs({jobId: ids.join(",")}, signal)).data.jobs : [];

// The newest jobs at work, as workers tell: a search would have to pass all those that wait behind them.
async function findRunning(signal) {
  const held = (await api.workers(signal)).flatMap(({jobs}) => jobs);
  const newest = held.sort((one, other) => other.startedAt.localeCompare(one.startedAt)).slice(0, RUNNING_MAX);
  return jobsOf(
    newest.map(({jobId}) => jobId),
    signal,
  );
}

async function findMade(signal) {
  const ask = async (queue) => (await api.jobs({queue, status: "completed", limit: MADE_MAX}, signal)).data.jobs;
  return (await Promise.all(MAKERS.map(ask))).flat();
}

const newestMade = (jobs) =>
  jobs
    .filter((job) => job.status === "completed" && job.result?.url)
    .sort((one, other) => other.completedAt.localeCompare(one.completedAt))
    .slice(0, MADE_MAX);

export function create(context) {
  const known = {queues: latest.queues, histories: {}, running: null, made: [], error: null};
  const ids = {running: [], made: []}; // of the jobs to be shown; that are to be looked at
  const timers = {running: 0, made: 0};
  let isMissed = false;

  const newestOf = newest();
  const load = async () => {
    const answer = await newestOf(api.queues(context.signal));
    if (answer) {
      Object.assign(known, {queues: answer.value || known.queues, error: answer.error});
      context.render();
    }
  };
  const loadHistories = () =>
    (known.queues || []).forEach(async ({queue}) => {
      known.histories[queue] = await api.history("1h", queue, context.signal).catch(() => null);
      context.render();
    });
  // Both are found once; then the stream names those that changed, and only these are asked for.
  const show = (part, jobs) => {
    timers[part] = 0;
    if (jobs) {
      known[part] = jobs;
    }
    context.render();
  };
  const loadRunning = async () => {
    const jobs = await findRunning(context.signal).catch(() => null);
    ids.running = jobs?.map(({jobId}) => jobId) || ids.running;
    show("running", jobs);
  };
  const loadMade = async () => show("made", newestMade((await findMade(context.signal).catch(() => null)) || known.made));
  const updateRunning = async () => {
    const wanted = [...ids.running];
    const jobs = await jobsOf(wanted, context.signal).catch(() => null);
    const active = jobs?.filter(({status}) => status === "active");
    if (active) {
      ids.running = ids.running.filter((id) => !wanted.includes(id) || active.some(({jobId}) => jobId === id));
    }
    show("running", active);
  };
  const updateMade = async () => {
    const wanted = ids.made.splice(0);
    const jobs = await jobsOf(wanted, context.signal).catch(() => []);
    const others = known.made.filter(({jobId}) => !wanted.includes(jobId));
    show("made", newestMade([...jobs, ...others]));
  };
  // Nothing is asked for while nobody looks at the page: all of it is found again when somebody does.
  const later = (part, update, ms) => {
    isMissed ||= document.hidden;
    if (!document.hidden) {
      timers[part] ||= setTimeout(update, ms);
    }
  };
  const noteRunning = (told) => {
    const seen = told.map(({jobId}) => jobId);
    const active = told.filter(({status}) => status === "active").map(({jobId}) => jobId);
    const others = ids.running.filter((id) => !seen.includes(id));
    const kept = ids.running.filter((id) => active.includes(id));
    const fresh = active.filter((id) => !kept.includes(id));
    ids.running = [...fresh.reverse(), ...kept, ...others].slice(0, RUNNING_MAX);
    const shown = new Map(told.map((job) => [job.jobId, job]));
    known.running = known.running?.map((job) => ({...job, ...shown.get(job.jobId)}));
    const isKnown = (id) => known.running?.some(({jobId}) => jobId === id);
    if (!ids.running.every(isKnown)) {
      later("running", updateRunning, RUNNING_MS);
    }
  };
  const noteMade = (told) => {
    const fresh = told.filter(({queue, status}) => MAKERS.includes(queue) && status === "completed");
    ids.made = [...new Set([...fresh.map(({jobId}) => jobId), ...ids.made])].slice(0, MADE_MAX);
    if (ids.made.length) {
      later("made", updateMade, MADE_MS);
    }
  };
  const check = () => {
    if (latest.state === "live") {
      const active = (known.queues || []).reduce((sum, {counts}) => sum + counts.active, 0);
      return ids.running.length < Math.min(active, RUNNING_MAX) ? loadRunning() : updateRunning();
    }
  };
  context.on("queues", (queues) => {
    known.queues = queues;
    context.render();
  });
  context.on("jobs", (jobs) => {
    noteRunning(jobs);
    noteMade(jobs);
    context.render();
  });
  const find = () => {
    load();
    loadRunning();
    loadMade();
  };
  context.on("state", (state) => state === "live" && find());
  context.on("beat", find);
  context.every(CHECK_MS, check);
  const seen = () => {
    if (!document.hidden && isMissed) {
      isMissed = false;
      find();
    }
  };
  document.addEventListener("visibilitychange", seen, {signal: context.signal});
  context.every(1000, context.render);
  context.every(HISTORY_MS, loadHistories);
  load().then(loadHistories);
  loadRunning();
  loadMade();

  return {
    title: "Overview",
    dispose: () => Object.values(timers).forEach(clearTimeout),
    view() {
      if (!known.queues) {
        return [heading("Overview"), known.error ? problem(known.error, load) : loading()];
      }
      const running = (known.running || []).filter((job) => job.status === "active");
      return [
        heading("Overview", "Four queues, as they are now"),
        known.error ? problem(known.error, load) : null,
        sums(known.queues),
        h(
          "div.cards",
          null,
          known.queues.map((queue) => card(queue, known.histories[queue.queue], context.mayAct)),
        ),
        known.made.length
          ? h(
              "section",
              {key: "made"},
              h("h2.over", null, "Made last"),
              h(
                "div.strip",
                {tabindex: 0, role: "group", "aria-label": "Made last"},
                known.made.map((job) =>
                  h(
                    "a",
                    {key: job.jobId, href: address(`jobs/${job.jobId}`)},
                    picture(job),
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
          running.length
            ? jobTable(running, {withQueue: true})
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
