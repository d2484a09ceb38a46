// A job's life as bars over time: what it waited, each attempt with its steps, and the provider's calls. Pure: it makes
// of the API's timeline what is to be drawn.

import {shortId, stepWords, timeOf, usd} from "./format.js";
import {scaleOf} from "./timeline-scale.js";

const SAME_MS = 50, // within these, the end of an attempt and its job's waiting again are one thing
  WIDTH_MIN = 1, // % of its lane that a bar takes at least, or nobody sees it
  LANES_MAX = 10; // of attempts, the newest ones; those before share one

const FAULTS = [
  "provider_unreachable", "provider_broken", "provider_timeout", "provider_error", "provider_answer",
];

// What is asked for after a step, by queue. Calls are told when their outcome is known: until then this is how one that
// goes on is seen.
const ASKED_AFTER = {
  character: {documents_linked: "chat", character_populated: "chat", personality_generated: "image"},
  image: {image_started: "image"},
  video: {source_loaded: "chat"},
};

// What a call asks for. Its event has the step that was over by then.
const asks = (job, {step}) => ASKED_AFTER[job.queue]?.[step] || {image: "image", video: "video"}[job.queue] || "";

// Bars: [{kind, from, to, title, words}] in rows: {rows: [{name, bars}], calls, scale, from, to}. now: ms, for what goes on.
// words: what a bar says in it, the first of it most needed, where it is not all of its title.
export function rowsOf(job, now) {
  const {attempts = [], events = []} = job.timeline || {};
  const from = timeOf(job.createdAt);
  const to = Math.max(timeOf(job.completedAt) || now, from + 1);
  const rows = [{name: "Waiting", bars: waits(job, attempts, events, from, to)}];
  const firstAlone = Math.max(0, attempts.length - LANES_MAX);
  if (firstAlone > 0) {
    const earlier = attempts.slice(0, firstAlone);
    rows.push({name: `${firstAlone} earlier`, bars: earlier.map((each, index) => inShort(each, index, to))});
  }
  attempts.slice(firstAlone).forEach((each, index) =>
    rows.push({name: `Attempt ${firstAlone + index + 1}`, bars: steps(each, events, to)}),
  );
  const calls = providerCalls(job, attempts, events, to);
  if (calls.length > 0) {
    rows.push({name: "Provider", bars: calls});
  }
  return {rows, calls, scale: scaleOf(rows[0].bars, from, to), from, to};
}

// [{left, width}] in % of the lane, of bars in their order: each wide enough to be seen, inside of the lane, and after
// the one before. Without a scale all is drawn to scale.
export function placesOf(bars, from, to, {share} = scaleOf([], from, to)) {
  const least = Math.min(WIDTH_MIN, 100 / Math.max(1, bars.length));
  const places = [];
  let end = 0;
  for (const bar of bars) {
    const left = Math.max(end, share(bar.from));
    end = Math.max(left + least, share(bar.to));
    places.push({left, right: end});
  }
  let most = 100;
  for (const place of places.toReversed()) {
    place.right = Math.min(place.right, most);
    place.left = Math.max(0, Math.min(place.left, place.right - least));
    most = place.left;
  }
  return places.map(({left, right}) => ({left, width: right - left}));
}

// How long a worker had it: without what it waited between its attempts.
export const atWork = (job, now) =>
  (job.timeline?.attempts || []).reduce(
    (sum, {startedAt, endedAt}) => sum + Math.max(0, (timeOf(endedAt) ?? now) - timeOf(startedAt)),
    0,
  );

// Why a job waits after an attempt: {kind, title}.
function between({outcome, error}, hasEnded) {
  const code = error?.code;
  if (code === "provider_down") {
    return {kind: "outage", title: "provider is down"};
  }
  // A failure that did not count as one: it was down for everybody, or said when it would work, or another is asked.
  if (outcome === "throttled" && FAULTS.includes(code)) {
    return {kind: "outage", title: "provider unavailable"};
  }
  if (hasEnded) {
    return {kind: "pending", title: `${outcome}, until it was tried again`};
  }
  const titles = {
    failed: "backoff after a failure",
    throttled: "no room at the provider",
    lost: "in the queue again, its worker was lost",
    handed_back: "in the queue again, its worker stopped",
  };
  const kind = ["failed", "throttled"].includes(outcome) ? "pending" : "waiting";
  return {kind, title: titles[outcome] || "between attempts"};
}

// Whether it came into the queue by itself: it is put there anew when its priority is changed, or it is tried again.
const isQueued = ({event, priority, retries}) => event === "waiting" && priority === undefined && !retries;

// When it could first be started; null while it may not, and where it ended before.
function readyAt(job) {
  const {attempts = [], events = []} = job.timeline || {};
  const from = timeOf(job.createdAt);
  const cameNever = (job.parentJobId || job.runAt) && !events.some(({event}) => event === "waiting");
  if (attempts.length === 0 && (job.status === "pending" || cameNever)) {
    return null;
  }
  const at = timeOf(events.find(isQueued)?.at) ?? from;
  return at - from < SAME_MS || (attempts.length > 0 && at > timeOf(attempts[0].startedAt)) ? from : at;
}

// How long it was pending before it stood in the queue. now: ms, for one that is.
export const pendingMs = (job, now) => (readyAt(job) ?? timeOf(job.completedAt) ?? now) - timeOf(job.createdAt);

// What it waits for that is not in the queue yet.
function beforehand(job) {
  const isMade = job.waitReason ? job.waitReason === "dependency" : !job.runAt && job.parentJobId;
  return {kind: "pending", title: isMade ? "for what it is made from" : "until its time"};
}

function waits(job, attempts, events, from, to) {
  const bars = [];
  let why = readyAt(job) === from ? {kind: "waiting", title: "in the queue"} : beforehand(job);
  let since = from;
  const until = (at) => at > since && bars.push({...why, from: since, to: at});
  const ends = new Set(events.filter(({event}) => ["failed", "cancelled"].includes(event)).map(({at}) => at));
  const marks = [
    ...attempts.flatMap((attempt) => [
      {at: timeOf(attempt.startedAt), begins: true},
      attempt.endedAt ? {at: timeOf(attempt.endedAt), attempt} : null,
    ]),
    ...events.filter(({event}) => event === "waiting").map(({at}) => ({at: timeOf(at), again: true})),
  ]
    .filter(Boolean)
    .sort((one, other) => one.at - other.at);
  let [hasRun, isRunning] = [false, false];
  for (const mark of marks) {
    if (mark.begins) {
      until(mark.at);
      hasRun = isRunning = true;
    } else if (mark.attempt) {
      isRunning = false;
      since = mark.at;
      why = between(mark.attempt, ends.has(mark.attempt.endedAt));
    } else if (!isRunning && why.kind !== "waiting" && mark.at - since >= SAME_MS) {
      until(mark.at);
      since = mark.at;
      why = {kind: "waiting", title: hasRun ? "in the queue again" : "in the queue"};
    }
  }
  const ended = ["completed", "failed", "cancelled"].includes(job.status);
  if (!isRunning && !ended && job.waitReason === "provider_down") {
    why = {kind: "outage", title: "provider is down"};
  }
  if (!isRunning && (!ended || attempts.length === 0)) {
    until(to);
  }
  return bars;
}

// An attempt is known by its place among all of its job: several may count as one, when it was not the job that failed.
const inShort = ({outcome, startedAt, endedAt}, index, end) => ({
  kind: kindOf(outcome),
  from: timeOf(startedAt),
  to: timeOf(endedAt) || end,
  title: `attempt ${index + 1}, ${outcomeWords(outcome)}`,
  words: String(index + 1),
});

export const outcomeWords = (outcome) => (outcome || "goes on").replace("_", " ");

const kindOf = (outcome) =>
  outcome === null ? "active" : ["completed", "failed"].includes(outcome) ? outcome : "cancelled";

// Whether it has used up one of the attempts that a job has.
export const isUncounted = ({outcome}) => ["throttled", "lost", "handed_back"].includes(outcome);

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
  const kind = kindOf(attempt.outcome);
  const bars = points.map(({at, step}, index) => ({
    kind,
    shade: index % 2,
    from: at,
    to: points[index + 1]?.at ?? to,
    title: stepWords(step),
  }));
  const lasting = bars.filter((bar) => bar.to > bar.from);
  return lasting.length > 0 ? lasting : bars.slice(-1); // all of it within a millisecond
}

// One for each call. A paid one begins when it is announced; one that was not announced began when the step did that it
// belongs to, at what was told before it, and a task that was not, at its first word. What has no last word goes on as
// long as its attempt does, a task as long as its job.
function providerCalls(job, attempts, events, end) {
  const calls = [];
  let before = events.length ? timeOf(events[0].at) : 0;
  let [step, announced] = [null, null];
  for (const event of events) {
    const at = timeOf(event.at);
    const {charged, operation, provider, task, priceUsd} = event;
    step = event.step || step;
    if (event.event === "provider") {
      const isIntent = operation === "intent";
      let call = task && calls.find((each) => each.task === task);
      // Wasted is what another attempt's call made.
      if (!call && !isIntent && operation !== "wasted") {
        [call, announced] = [announced, null];
      }
      if (!call) {
        call = {from: task || isIntent ? at : before, isGuess: !task && !isIntent, step};
        calls.push(call);
      }
      Object.assign(call, {provider, operation, charged, task, priceUsd: priceUsd ?? call.priceUsd, to: at});
      announced = isIntent ? call : announced;
    }
    announced = event.call && takeReport(calls, event) === announced ? null : announced;
    before = at;
  }
  const hidden = untold(job, attempts, events);
  hidden && !calls.some(isOpen) && calls.push(hidden);
  return calls.map((call) => told(call, job, attempts, end)).sort((one, other) => one.from - other.from);
}

// A step, or what ended the attempt, tells how long its call took: of one that is paid for, more than its own events do.
// Returns it.
function takeReport(calls, {at, call, event, step}) {
  const [to, {provider, purpose, durationMs, priceUsd}] = [timeOf(at), call];
  const from = to - durationMs;
  const isMade = event === "progress";
  const isIt = (each) => each.provider === provider && !each.isTold && (isOpen(each) || each.to >= from - SAME_MS);
  const known = calls.findLast(isIt);
  if (!known) {
    const operation = isMade ? "finished" : event === "cancelled" ? "cut off" : "failed";
    calls.push({provider, purpose, operation, charged: isMade ? "unknown" : "no", priceUsd, step, from, to});
    return null;
  }
  const since = known.isGuess ? from : Math.min(known.from, from);
  const isTold = isMade || !isOpen(known); // a task that its attempt has left is told again, when it is over
  Object.assign(known, {purpose, isTold, from: since, priceUsd: known.priceUsd ?? priceUsd});
  if (isMade && isOpen(known)) {
    Object.assign(known, {operation: "finished", to});
  }
  return known;
}

const isOpen = ({operation}) => operation === "intent" || operation === "submitted";

// The call that the attempt under way waits for without having told of it; which provider is asked nobody knows yet.
function untold(job, attempts, events) {
  const attempt = attempts.at(-1);
  if (job.status !== "active" || !attempt || attempt.endedAt) {
    return null;
  }
  const own = events.filter(({at}) => timeOf(at) >= timeOf(attempt.startedAt));
  const last = own.findLast(({event}) => event === "progress" || event === "provider");
  const use = ASKED_AFTER[job.queue]?.[last?.step];
  const mayAsk = last?.event === "progress" || ["refused", "unknown"].includes(last?.operation);
  return use && mayAsk
    ? {provider: `${use} provider`, operation: "intent", charged: "unknown", step: last.step, from: timeOf(last.at)}
    : null;
}

function told(call, job, attempts, end) {
  const {operation, provider, task} = call;
  const isIntent = operation === "intent";
  const attemptEnd = endOf(attempts, call.from, end);
  const until = isIntent ? attemptEnd : timeOf(job.completedAt);
  const goesOn = isOpen(call) && until === null;
  const outcome = goesOn ? "under way" : isIntent ? "no outcome known" : operation || "";
  const price = priceOf(call, goesOn);
  // What became of a call that was cut off is told by the next attempt.
  const last = isOpen(call) ? (until ?? end) : operation === "unknown" ? Math.min(call.to, attemptEnd ?? end) : call.to;
  const words = [`${provider} ${outcome}`.trim(), price].filter(Boolean).join(" · ");
  const title = task ? `${words} · task ${shortId(task)}` : words;
  const attempt = attempts.findLastIndex(({startedAt}) => timeOf(startedAt) <= call.from) + 1;
  return {...call, attempt, asks: call.purpose || asks(job, call), kind: "provider", goesOn, outcome, price, to: Math.max(last, call.from), words, title};
}

// When the attempt ended that was under way then; null while it is.
function endOf(attempts, at, end) {
  const one = attempts.findLast(({startedAt}) => timeOf(startedAt) <= at);
  return one ? timeOf(one.endedAt) : end;
}

function priceOf({charged, operation, priceUsd}, goesOn) {
  if (charged === "no") {
    return ["failed", "cut off"].includes(operation) ? "" : "not charged";
  }
  if (priceUsd === undefined) {
    const words = {unknown: "perhaps charged", finished: "no price"};
    return charged === "yes" ? "charged" : (charged === "unknown" && words[operation]) || "";
  }
  if (charged === "yes" || goesOn) {
    return `${usd(priceUsd)} ${goesOn && charged !== "yes" ? "expected" : "charged"}`;
  }
  return `${usd(priceUsd)}${operation === "unknown" || operation === "intent" ? ", perhaps charged" : ""}`;
}
