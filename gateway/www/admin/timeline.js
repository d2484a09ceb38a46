// A job's life as bars over time: what it waited, each attempt with its steps, and the provider's calls. Pure: it makes
// of the API's timeline what is to be drawn.

import {stepWords, timeOf, usd} from "./format.js";

// [{kind, from, to, title, detail}] in rows: {rows: [{name, bars}], from, to}. now: ms, for what goes on.
export function rowsOf(job, now) {
  const {attempts = [], events = []} = job.timeline || {};
  const from = timeOf(job.createdAt);
  const to = Math.max(timeOf(job.completedAt) || now, from + 1);
  const rows = [{name: "Waiting", bars: waits(job, attempts, events, from, to)}];
  attempts.forEach((attempt) =>
    rows.push({name: `Attempt ${attempt.attempt}`, attempt, bars: steps(attempt, events, to)}),
  );
  const calls = providerCalls(events, to);
  if (calls.length > 0) {
    rows.push({name: "Provider", bars: calls});
  }
  return {rows, from, to};
}

function waits(job, attempts, events, from, to) {
  const bars = [];
  let [since, kind, title] = [from, "waiting", "in the queue"];
  const until = (at) => at > since && bars.push({kind, from: since, to: at, title});
  const marks = [
    ...attempts.flatMap((attempt) => [
      {at: timeOf(attempt.startedAt), begins: true},
      attempt.endedAt ? {at: timeOf(attempt.endedAt), attempt} : null,
    ]),
    ...events.filter(({event}) => event === "waiting").map(({at}) => ({at: timeOf(at), again: true})),
  ]
    .filter(Boolean)
    .sort((one, other) => one.at - other.at);
  let isRunning = false;
  for (const mark of marks) {
    if (mark.begins) {
      until(mark.at);
      isRunning = true;
    } else if (mark.attempt) {
      isRunning = false;
      [since, kind, title] = [mark.at, "pending", `between attempts, after ${mark.attempt.outcome || "one"}`];
    } else if (!isRunning) {
      if (kind === "waiting") {
        continue;
      }
      const last = mark.at - since < 50 || bars.length === 0;
      last || until(mark.at);
      [since, kind, title] = [mark.at, "waiting", "in the queue again"];
    }
  }
  const ended = ["completed", "failed", "cancelled"].includes(job.status);
  if (!isRunning && (!ended || attempts.length === 0)) {
    until(to);
  }
  return bars;
}

function steps(attempt, events, end) {
  const [from, to] = [timeOf(attempt.startedAt), timeOf(attempt.endedAt) || end];
  const within = events.filter(({event, at}) => event === "progress" && timeOf(at) >= from && timeOf(at) <= to);
  const marks = [];
  for (const {at, step} of within) {
    if (step && marks.at(-1)?.step !== step) {
      marks.push({at: timeOf(at), step});
    }
  }
  const points = [{at: from, step: "begins"}, ...marks];
  const kind =
    attempt.outcome === null
      ? "active"
      : attempt.outcome === "completed"
        ? "completed"
        : attempt.outcome === "failed"
          ? "failed"
          : "cancelled";
  return points
    .map(({at, step}, index) => ({kind, shade: index % 2, from: at, to: points[index + 1]?.at ?? to, title: stepWords(step)}))
    .filter((bar) => bar.to > bar.from || points.length === 1);
}

// One bar for each paid call. A task's is from its first to its last word; any other call has only its last one, and
// began when the step did that it belongs to: at what was told before it.
function providerCalls(events, end) {
  const calls = new Map();
  let before = events.length ? timeOf(events[0].at) : 0;
  for (const event of events) {
    const at = timeOf(event.at);
    const {charged, operation, provider, task, priceUsd} = event;
    if (event.event === "provider" && operation !== "intent") {
      const key = task || `${calls.size}`;
      const from = calls.get(key)?.from ?? (task ? at : before);
      calls.set(key, {kind: "provider", from, to: at, title: `${provider} ${operation || ""}`, charged, task, priceUsd});
    }
    before = at;
  }
  return [...calls.values()].map((call) => ({
    ...call,
    to: call.to > call.from ? call.to : Math.min(end, call.from + (end - call.from) * 0.01),
    title: [
      call.title,
      call.task,
      call.charged ? `charged: ${call.charged}` : "",
      call.priceUsd === undefined || call.charged === "no" ? "" : usd(call.priceUsd),
    ]
      .filter(Boolean)
      .join(" · "),
  }));
}
