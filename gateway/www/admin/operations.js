// Operations upon many jobs, as they go on: a small card for each, at the edge of the page, until it is put away.

import * as api from "./api.js";
import {h, show} from "./dom.js";
import {plural, whole} from "./format.js";
import {button, note, progress, tried} from "./parts.js";

const POLL_MS = 500,
  LOOK_MS = 10000; // for those that somebody else has begun
const DONE = {retry: "retried", cancel: "cancelled", promote: "started early", remove: "removed", priority: "changed"};
const DOING = {
  retry: "Retrying",
  cancel: "Cancelling",
  promote: "Starting",
  remove: "Removing",
  priority: "Changing priority of",
};

// The filter that it was given, which says which jobs it is upon: those of others are shown, too.
const wanted = (where) =>
  Object.entries(where || {})
    .map(([name, value]) => `${name} ${value}`)
    .join(" · ");

// Why jobs were refused.
const REASONS = {
  job_not_found: "not there any more",
  conflict: "changed meanwhile",
  not_retryable: "cannot be retried",
  not_delayed: "wait for no time",
  already_started: "at work already",
  not_ended: "have not ended",
  source_unsuitable: "made from what is gone or not fit",
  budget_exceeded: "over the budget of the day",
  insufficient_storage: "the disk is nearly full",
  queue_full: "too many live jobs",
  damaged: "damaged in the store",
};
const why = (reasons) =>
  Object.entries(reasons || {})
    .map(([code, count]) => `${whole(count)} ${REASONS[code] || code}`)
    .join(", ");

const shown = new Map();
const waiting = new Map();
const place = h("div.operations", {role: "region", "aria-label": "Operations"});
let timer = 0;
let looks = 0;
let mayStop = false;

function card(operation) {
  const {operationId, action, state, total, matched, done, alreadyEnded, refused, reasons, scanned} = operation;
  const ended = state !== "running";
  const put = () => {
    shown.delete(operationId);
    draw();
  };
  const stop = async () => {
    if (await tried(() => api.stopOperation(operationId), "Stopped")) {
      poll();
    }
  };
  const words = ended
    ? `${whole(done)} of ${plural(matched, "job")} ${DONE[action]}`
    : `${DOING[action]} ${total ? plural(total, "job") : "all that match"}`;
  return h(
    "div.operation",
    {key: operationId, class: state, "data-operation": operationId},
    h(
      "div.row",
      null,
      h("b.grow", null, words),
      ended
        ? button("cancel", null, put, {kind: "plain small", label: "Put away"})
        : mayStop
          ? button("stop", "Stop", stop, {kind: "small"})
          : null,
    ),
    progress(operation.progress, words),
    operation.where && Object.keys(operation.where).length
      ? h("small.soft.where", null, wanted(operation.where))
      : null,
    h(
      "small.soft",
      null,
      [
        `${whole(done)} done`,
        alreadyEnded ? `${whole(alreadyEnded)} had already ended` : null,
        refused ? `${whole(refused)} refused${why(reasons) ? `: ${why(reasons)}` : ""}` : null,
        scanned ? `${whole(scanned)} looked at` : null,
        state === "cancelled" ? "stopped" : null,
      ]
        .filter(Boolean)
        .join(" · "),
    ),
  );
}

function draw() {
  if (!place.isConnected) {
    document.body.append(place);
  }
  place.hidden = shown.size === 0;
  show(place, [...shown.values()].map(card));
}

async function poll() {
  clearTimeout(timer);
  for (const operation of [...shown.values()].filter((each) => each.state === "running")) {
    try {
      const fresh = await api.operation(operation.operationId);
      shown.set(operation.operationId, {...operation, ...fresh});
      if (fresh.state !== "running") {
        waiting.get(operation.operationId)?.(fresh);
        waiting.delete(operation.operationId);
      }
    } catch (error) {
      if (error.status === 404) {
        shown.delete(operation.operationId);
        waiting.get(operation.operationId)?.(operation);
        waiting.delete(operation.operationId);
        note("The operation is not known any more", "bad");
      }
    }
  }
  draw();
  if ([...shown.values()].some((each) => each.state === "running")) {
    timer = setTimeout(poll, POLL_MS);
  }
}

// Starts one and shows it; calls back when it has ended.
export async function operate(body, ended) {
  const answer = await tried(() => api.operate(body));
  if (answer) {
    shown.set(answer.operationId, {
      progress: 0,
      total: null,
      matched: 0,
      done: 0,
      alreadyEnded: 0,
      refused: 0,
      scanned: 0,
      state: "running",
      action: body.action,
      ...answer,
    });
    waiting.set(answer.operationId, ended);
    poll();
  }
  return answer !== null;
}

// Shows those that go on already and those that others begin; who only looks may not stop one.
export async function start({mayLook, mayAct}) {
  mayStop = mayAct;
  clearInterval(looks);
  if (mayLook) {
    looks = setInterval(() => document.hidden || look(), LOOK_MS);
    await look();
  }
}

async function look() {
  const known = await api.get("operations").catch(() => null);
  const fresh = (known?.operations || []).filter((each) => each.state === "running" && !shown.has(each.operationId));
  fresh.forEach((each) => shown.set(each.operationId, each));
  if (fresh.length > 0) {
    poll();
  }
}

export function stop() {
  clearTimeout(timer);
  clearInterval(looks);
  shown.clear();
  draw();
}
