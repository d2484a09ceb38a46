// Operations upon many jobs, as they go on: a small card for each, at the edge of the page, until it is put away.

import * as api from "./api.js";
import {h, show} from "./dom.js";
import {learnFailures} from "./failure-words.js";
import {whole} from "./format.js";
import {filterOf, goesOn, reasonsOf, wordsOf} from "./operation-words.js";
import {button, note, progress, tried} from "./parts.js";
import {address} from "./router.js";

const POLL_MS = 500,
  LOOK_MS = 10000; // for those that somebody else has begun

const shown = new Map();
const waiting = new Map();
const place = h("div.operations", {role: "region", "aria-label": "Operations"});
let timer = 0;
let looks = 0;
let mayStop = false;

function card(operation) {
  const {operationId, state, done, alreadyEnded, refused, scanned} = operation;
  const ended = !goesOn(operation);
  const reasons = reasonsOf(operation).join(", ");
  const put = () => {
    shown.delete(operationId);
    draw();
  };
  const stop = async () => {
    if (await tried(() => api.stopOperation(operationId), "Stopped")) {
      poll();
    }
  };
  const words = wordsOf(operation);
  return h(
    "div.operation",
    {key: operationId, class: state, "data-operation": operationId},
    h(
      "div.row",
      null,
      h("a.grow.link", {href: address("operations", {operationId})}, h("b", null, words)),
      ended
        ? button("cancel", null, put, {kind: "plain small", label: "Put away"})
        : mayStop
          ? button("stop", "Stop", stop, {kind: "small"})
          : null,
    ),
    progress(operation.progress, words),
    operation.where ? h("small.soft.where", null, filterOf(operation)) : null,
    h(
      "small.soft",
      null,
      [
        `${whole(done)} done`,
        alreadyEnded ? `${whole(alreadyEnded)} had already ended` : null,
        refused ? `${whole(refused)} refused${reasons ? `: ${reasons}` : ""}` : null,
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
  for (const operation of [...shown.values()].filter((each) => goesOn(each))) {
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
  if ([...shown.values()].some((each) => goesOn(each))) {
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
  const fresh = (known?.operations || []).filter((each) => goesOn(each) && !shown.has(each.operationId));
  fresh.forEach((each) => shown.set(each.operationId, each));
  learnFailures(fresh, draw);
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
