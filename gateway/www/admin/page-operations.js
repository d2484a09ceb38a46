// What was done to many jobs at once, and what still goes on: which jobs, by whom, how far, and what was refused and why.

import * as api from "./api.js";
import {h} from "./dom.js";
import {between, clock, duration, plural, shortId, when, whole} from "./format.js";
import {learnFailures} from "./failure-words.js";
import {icon} from "./icons.js";
import {newest} from "./newest.js";
import {ACTS, goesOn, jobsOf, partsOf, reasonsOf, wordsOf} from "./operation-words.js";
import {button, empty, facts, heading, loading, problem, progress, tried} from "./parts.js";
import {refresh} from "./refresh.js";
import {address} from "./router.js";

const REFRESH_MS = 1000,
  SLOW_MS = 5000;
const STATES = {running: ["good", "Goes on"], completed: ["idle", "Ended"], cancelled: ["bad", "Stopped"]};

const state = (operation) => {
  const [kind, words] = STATES[operation.state] || ["idle", operation.state];
  return h("span.state", {class: kind}, h("i.dot"), words);
};

const counts = (operation) => {
  const {done, matched, alreadyEnded, refused, scanned} = operation;
  const reasons = reasonsOf(operation);
  return facts(
    ["Matched", whole(matched)],
    ["Done", whole(done)],
    alreadyEnded ? ["Had already ended", whole(alreadyEnded)] : null,
    ["Refused", h("span", {class: refused ? "failed" : ""}, whole(refused))],
    scanned ? ["Looked at", whole(scanned)] : null,
    reasons.length ? ["Why refused", reasons.join(", "), "whole"] : null,
  );
};

const life = ({startedAt, completedAt, by}) =>
  facts(
    ["Begun by", h("a.link", {href: address("audit", {user: by})}, by)],
    ["Begun", when(startedAt, clock)],
    ["Ended", completedAt ? when(completedAt, clock) : "goes on"],
    ["Took", `${duration(between(startedAt, completedAt))}${completedAt ? "" : " so far"}`],
  );

function card(operation, stop) {
  const {operationId, action, priority, by} = operation;
  const jobs = jobsOf(operation);
  const words = wordsOf(operation);
  return h(
    "section.card",
    {key: operationId, "data-operation-row": operationId, "aria-label": `${ACTS[action]}: ${words}`},
    h(
      "div.row",
      null,
      h("h2.grow", null, words, priority ? `, to priority ${priority}` : ""),
      state(operation),
      stop && goesOn(operation) ? button("stop", "Stop", () => stop(operation), {kind: "small danger"}) : null,
    ),
    progress(operation.progress, `${ACTS[action]}, ${operation.progress} %`),
    facts(...partsOf(operation.where)),
    counts(operation),
    life(operation),
    h(
      "div.row",
      null,
      jobs ? h("a.link", {href: jobs.address}, jobs.words) : null,
      api.offers("audit") ? h("a.link", {href: address("audit", {user: by, action: `${action}_jobs`})}, "In the audit log") : null,
      h("a.id", {href: address("operations", {operationId}), title: operationId}, shortId(operationId)),
    ),
  );
}

export function create(context) {
  const known = {operations: null, error: null};
  let {route} = context;
  const newestOf = newest();
  const load = async () => {
    const answer = await newestOf(api.get("operations", null, context.signal));
    if (answer) {
      known.operations = answer.value?.operations || known.operations;
      known.error = answer.error;
      context.render();
      learnFailures(known.operations || [], context.render);
    }
  };
  const stop = async ({operationId}) => {
    if (await tried(() => api.stopOperation(operationId), "Stopped")) {
      await load();
    }
  };
  const mayStop = context.mayAct && api.offers("operations/{operationId}", "delete");
  refresh(context, load, {kinds: ["counts"], ms: REFRESH_MS, slowMs: SLOW_MS});
  context.every(REFRESH_MS, () => known.operations?.some(goesOn) && load());
  load();

  function body() {
    const {operationId} = route.query;
    const shown = known.operations.filter((each) => !operationId || each.operationId === operationId);
    if (shown.length > 0) {
      return shown.map((each) => card(each, mayStop ? stop : null));
    }
    return operationId
      ? empty("search", "This operation is known no longer", h("a.link", {href: address("operations")}, "Show all"))
      : empty("operations", "Nothing was done to many jobs yet", "Choose jobs of a list, or all that match, to begin.");
  }

  return {
    title: "Operations",
    change(next) {
      route = next;
    },
    view() {
      const {operations, error} = known;
      const running = operations?.filter(goesOn).length;
      return [
        heading(
          "Operations",
          operations ? `${running ? `${plural(running, "operation")} going on` : "None goes on"}; newest first` : null,
        ),
        route.query.operationId
          ? h(
              "div.chips",
              null,
              h(
                "a.chip",
                {href: address("operations"), "aria-label": "Show all operations"},
                h("span.soft", null, "Operation"),
                shortId(route.query.operationId),
                icon("cancel"),
              ),
            )
          : null,
        error ? problem(error, load) : null,
        operations ? h("div.operation-list", null, body()) : error ? null : loading(),
      ];
    },
  };
}
