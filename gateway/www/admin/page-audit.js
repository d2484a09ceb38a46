// Who did what, and who was refused.

import * as api from "./api.js";
import {h} from "./dom.js";
import {clock, when} from "./format.js";
import {learnFailures} from "./failure-words.js";
import {icon} from "./icons.js";
import {filterOf, wordsOf as wordsOfOperation} from "./operation-words.js";
import {newest} from "./newest.js";
import {button, empty, heading, jobLink, loading, parted, problem} from "./parts.js";
import {refresh} from "./refresh.js";
import {address, go} from "./router.js";
import {workerLink, workerNames} from "./worker-names.js";

const PAGE = 50,
  REFRESH_MS = 5000,
  SLOW_MS = 10000; // of sign-ins, priorities and what was refused nobody tells
const ID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;
const OF_JOBS = ["cancel", "retry", "replay", "duplicate", "promote", "priority", "delete_job"];
const OF_MANY = /_jobs$|operation/;
const OF_WORKERS = ["drain", "undrain", "stop"];

const isRefused = (line) => !["ok", "unchanged"].includes(line.outcome);
const wordsOf = (line) => line.outcome.replaceAll("_", " ") + (line.leftOut > 0 ? `, ${line.leftOut} times` : "");

// An operation upon many jobs: what became of it, and which ones they are, while it is known.
const many = (operation) => [
  h("a.link", {href: address("operations", {operationId: operation.operationId})}, wordsOfOperation(operation)),
  h("div.soft", null, filterOf(operation)),
];

// What was acted upon leads to its page, if it has one and may be there still.
function target({action, target: id, outcome}, operations, workers) {
  if (operations.has(id)) {
    return many(operations.get(id));
  }
  const isGone = outcome === "not_found" || (action === "delete_job" && !isRefused({outcome}));
  if (ID.test(id || "") && !isGone && OF_JOBS.includes(action)) {
    return jobLink(id);
  }
  if (ID.test(id || "") && !isGone && OF_WORKERS.includes(action)) {
    return workerLink(id, workers.of(id));
  }
  return h("span.mono", null, id || "–");
}

export function create(context) {
  // cursor: of what was asked for last
  const known = {lines: null, more: null, cursor: null, error: null, loading: false, isGrowing: false, isDeep: false};
  let {route} = context;
  const newestOf = newest();
  const workers = workerNames(context);
  const operations = new Map(); // that are known, by their ids
  const learnOperations = async (lines) => {
    if (!api.offers("operations") || !lines.some(({action}) => OF_MANY.test(action))) {
      return;
    }
    const answer = await api.get("operations", null, context.signal).catch(() => null);
    answer?.operations.forEach((each) => operations.set(each.operationId, each));
    learnFailures(answer?.operations || [], context.render);
    context.render();
  };
  const change = (members) => go(address("audit", {...route.query, ...members}));
  const load = async (cursor) => {
    const {user, action} = route.query;
    Object.assign(known, {cursor, loading: true, isGrowing: Boolean(cursor)});
    newestOf.forget(); // what comes behind a cursor and the first page anew go ill together
    const query = {user, action, limit: PAGE, cursor};
    const answer = await newestOf(api.call("GET", "audit", {query, signal: context.signal}));
    if (!answer) {
      return;
    }
    if (answer.value) {
      const {data, pagination} = answer.value;
      known.lines = cursor ? [...known.lines, ...data.audit] : data.audit;
      known.more = pagination?.nextCursor || null;
      known.isDeep = Boolean(cursor);
      learnOperations(data.audit);
      workers.learn(data.audit.filter(({action}) => OF_WORKERS.includes(action)).map((line) => line.target));
    }
    Object.assign(known, {error: answer.error, loading: false, isGrowing: false});
    context.render();
  };

  const again = () => load(known.cursor);

  // ---- what is looked for ----

  function tools() {
    const {user, action} = route.query;
    return h(
      "div.tools",
      {key: "tools"},
      h(
        "label.search",
        null,
        icon("users"),
        h("span.hidden", null, "User"),
        h("input", {
          type: "search",
          placeholder: "User",
          value: user || "",
          autocomplete: "off",
          spellcheck: "false",
          onchange: (event) => change({user: event.target.value.trim()}),
        }),
      ),
      h(
        "label",
        null,
        h("span.hidden", null, "Action"),
        h(
          "select",
          {value: action || "", onchange: (event) => change({action: event.target.value})},
          h("option", {value: ""}, "All actions"),
          api.wordsOf("action").map((word) => h("option", {value: word}, word)),
        ),
      ),
    );
  }

  const chips = () =>
    Object.entries({user: "User", action: "Action"})
      .filter(([name]) => route.query[name])
      .map(([name, words]) =>
        h(
          "button.chip",
          {
            key: name,
            type: "button",
            onclick: () => change({[name]: ""}),
            "aria-label": `Without ${words} ${route.query[name]}`,
          },
          h("span.soft", null, words),
          route.query[name],
          icon("cancel"),
        ),
      );

  // ---- what is found ----

  const outcome = (line) => h("span.state", {class: isRefused(line) ? "bad" : "good"}, h("i.dot"), wordsOf(line));

  const row = (line, index) =>
    h(
      "tr",
      {key: `${line.at} ${line.requestId || index}`},
      h("td", null, when(line.at, clock)),
      h("td.by", {title: line.user}, line.user),
      h("td.soft.wide-only", null, line.role),
      h(
        "td",
        null,
        h("b", null, parted(line.action)),
        h("div.narrow-only", null, outcome(line)),
        h("div.narrow-only", null, target(line, operations, workers)),
      ),
      h("td.target.wide-only", null, target(line, operations, workers)),
      h("td.wide-only", null, outcome(line)),
      h("td.mono.soft.wide-only", null, line.requestId),
    );

  function table() {
    const head = (words, kind = "") => h(`th${kind}`, {scope: "col"}, words);
    return h(
      "div.sheet",
      {tabindex: 0, role: "group", "aria-label": "Audit log"},
      h(
        "table.audit",
        null,
        h(
          "thead",
          null,
          h(
            "tr",
            null,
            head("When"),
            head("Who"),
            head("Role", ".wide-only"),
            head("Action"),
            head("Upon", ".wide-only"),
            head("Outcome", ".wide-only"),
            head("Request", ".wide-only"),
          ),
        ),
        h("tbody", null, known.lines.map(row)),
      ),
    );
  }

  function body() {
    if (!known.lines) {
      return known.error ? null : loading();
    }
    if (known.lines.length > 0) {
      return table();
    }
    return chips().length > 0
      ? known.more
        ? null
        : empty("search", "No line matches", h("a.link", {href: address("audit")}, "Show all"))
      : empty("audit", "Nothing was done yet", "Actions are written down here.");
  }

  // Not once more was loaded, be it few lines or none, as where a filter finds little: the first page would undo it. What
  // could not be had is asked for again, unless it was refused for good.
  refresh(context, () => (known.error ? again() : load()), {
    kinds: ["counts", "pauses", "workers"],
    ms: REFRESH_MS,
    slowMs: SLOW_MS,
    may: () => !known.loading && (known.error ? !known.error.isFinal : known.lines && !known.isDeep),
  });

  // kept: what it was left with, when somebody comes back.
  function start(kept) {
    const begin = {error: null, loading: false, isGrowing: false}; // what was under way is dropped
    Object.assign(known, kept || {lines: null, more: null, isDeep: false}, begin);
    if (known.isDeep) {
      learnOperations(known.lines);
    } else {
      load();
    }
  }

  start(context.kept);
  return {
    title: "Audit log",
    keep: () => (known.lines ? {lines: known.lines, more: known.more, isDeep: known.isDeep} : null),
    change(next, kept) {
      route = next;
      newestOf.forget();
      start(kept);
    },
    keys: {n: () => (known.more && !known.isGrowing ? load(known.more) : false)},
    view: () => [
      heading("Audit log", "Every action, and every one that was refused; newest first"),
      tools(),
      h("div.chips", null, chips()),
      known.error ? problem(known.error, again) : null,
      body(),
      known.more ? button("chevron", "Load more", () => load(known.more), {disabled: known.isGrowing}) : null,
    ],
  };
}
