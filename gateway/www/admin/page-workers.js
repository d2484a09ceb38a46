// Who works: each process, what its slots do and since when, and how to send it away.

import * as api from "./api.js";
import {h} from "./dom.js";
import {between, duration, plural, stepWords, when, whole} from "./format.js";
import {icon} from "./icons.js";
import {jobNames} from "./job-names.js";
import {ask, button, empty, facts, heading, jobLink, loading, meter, NAMES, problem, progress, tried} from "./parts.js";
import {refresh} from "./refresh.js";
import {QUEUES} from "./router.js";
import {workerName} from "./worker-names.js";

const REFRESH_MS = 400,
  SLOW_MS = 5000, // nobody tells when they were heard, which they are every few seconds
  SLOTS_DRAWN_MAX = 32;

function slots(worker, names) {
  const jobs = worker.jobs.slice(0, SLOTS_DRAWN_MAX);
  const more = worker.slotsBusy - jobs.length; // not all are told of one that has many
  const free = Math.max(0, worker.slots - worker.slotsBusy);
  return h(
    "ul.slots",
    {"aria-label": "Slots"},
    jobs.map((job) =>
      h(
        "li.busy",
        {key: job.jobId},
        jobLink(job.jobId),
        h(
          "span.step",
          null,
          names.of(job.jobId) ? [h("b", null, names.of(job.jobId)), " "] : null,
          stepWords(job.step) || "begins",
        ),
        progress(job.progress),
        h(
          "span.soft.number",
          null,
          job.attempt > 1 ? `attempt ${job.attempt} · ` : "",
          duration(between(job.startedAt)),
        ),
      ),
    ),
    more > 0 ? h("li.more", {key: "more"}, `and ${whole(more)} more`) : null,
    free > 0 ? h("li.free", {key: "free"}, `${whole(free)} ${worker.draining ? "closed" : "free"}`) : null,
  );
}

// What is said of it, and how. One that is lost is nowhere to be reached, and may come back for what it has.
function stateOf({lost, stopping, draining, slotsBusy}) {
  if (lost) {
    return ["bad", "Lost"];
  }
  if (draining) {
    return ["paused", stopping ? "Stopping" : "Draining"];
  }
  return slotsBusy > 0 ? ["good", "Working"] : ["idle", "Idle"];
}

function card(worker, names, {mayAct, load, isSought}) {
  const {workerId, queue, host, pid, draining, stopping} = worker;
  const [state, words] = stateOf(worker);
  const change = async (action, words) => {
    await tried(() => api.worker(workerId, action), words);
    load();
  };
  const stop = async () => {
    if (
      await ask(
        "Stop this worker",
        `${workerName(worker)} finishes what it has, takes nothing new, and exits. What started it may start another.`,
        "Stop it",
        {danger: true},
      )
    ) {
      change("stop", "It stops when it has finished");
    }
  };
  return h(
    "section.card.worker",
    {key: workerId, "aria-label": workerName(worker), "data-worker": workerId, class: `${draining ? "is-paused" : ""} ${isSought ? "sought" : ""}`},
    h(
      "header",
      null,
      h("h2", null, icon(queue), h("span", null, NAMES[queue], " ", h("span.place", null, workerName({workerId, host, pid})))),
      h(
        "span.state",
        {class: state},
        h("i.dot"),
        words,
      ),
    ),
    h(
      "div.row",
      null,
      meter(worker.slotsBusy, worker.slots, "Busy slots", "active"),
      h("span", null, `${whole(worker.slotsBusy)} of ${whole(worker.slots)} busy`),
    ),
    slots(worker, names),
    facts(
      ["Id", h("span.mono", null, workerId), "whole"],
      ["Version", worker.version],
      ["Connected", when(worker.connectedAt)],
      ["Last heard", when(worker.lastSeenAt)],
    ),
    mayAct && !stopping && !worker.lost
      ? h(
          "div.row.end",
          null,
          draining
            ? button("play", "Take jobs again", () => change("undrain", "It takes jobs again"), {kind: "small"})
            : button("drain", "Drain", () => change("drain", "It takes nothing new"), {
                kind: "small",
                title: "Takes no new jobs, finishes what it has",
              }),
          button("stop", "Stop", stop, {kind: "small danger"}),
        )
      : null,
  );
}

export function create(context) {
  const known = {workers: null, error: null, isShown: false};
  const sought = () => context.route.query.workerId; // where a link to one of them has led here
  const names = jobNames(context);
  const load = async () => {
    try {
      Object.assign(known, {workers: await api.workers(context.signal), error: null});
      names.learn(known.workers.flatMap(({jobs}) => jobs.slice(0, SLOTS_DRAWN_MAX).map(({jobId}) => jobId)));
    } catch (error) {
      known.error = error;
    }
    context.render();
    if (sought() && known.workers && !known.isShown) {
      known.isShown = true;
      requestAnimationFrame(() => document.querySelector(".worker.sought")?.scrollIntoView({block: "center"}));
    }
  };
  refresh(context, load, {kinds: ["workers"], ms: REFRESH_MS, slowMs: SLOW_MS});
  context.on("jobs", (jobs) => {
    const fresh = new Map(jobs.map((job) => [job.jobId, job]));
    known.workers?.forEach(({jobs: held}) =>
      held.forEach((job) => {
        const {step = job.step, progress = job.progress} = fresh.get(job.jobId) || {};
        Object.assign(job, {step, progress});
      }),
    );
    context.render();
  });
  context.every(1000, context.render);
  load();
  return {
    title: "Workers",
    view() {
      if (!known.workers) {
        return [heading("Workers"), known.error ? problem(known.error, load) : loading()];
      }
      const sorted = known.workers.toSorted(
        (one, other) =>
          QUEUES.indexOf(one.queue) - QUEUES.indexOf(other.queue) ||
          workerName(one).localeCompare(workerName(other), "en", {numeric: true}),
      );
      const [slotsAll, busy] = [
        sorted.reduce((sum, {slots: each}) => sum + each, 0),
        sorted.reduce((sum, {slotsBusy}) => sum + slotsBusy, 0),
      ];
      return [
        heading(
          "Workers",
          `${plural(sorted.length, "process", "processes")} · ${whole(busy)} of ${plural(slotsAll, "slot")} busy`,
        ),
        known.error ? problem(known.error, load) : null,
        sought() && !sorted.some(({workerId}) => workerId === sought())
          ? h("p.soft.gone", {key: "gone"}, h("span.mono", null, sought()), " is not connected any more.")
          : null,
        sorted.length
          ? h(
              "div.cards",
              null,
              sorted.map((worker) =>
                card(worker, names, {mayAct: context.mayAct, load, isSought: worker.workerId === sought()}),
              ),
            )
          : empty(
              "workers",
              "No worker is connected",
              "Jobs wait until one comes: start troupe-actor-character, -image or -video.",
            ),
      ];
    },
  };
}
