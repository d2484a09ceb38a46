// What jobs fail of: failed jobs counted by their errors, the most frequent ones first, and all of one tried again.

import * as api from "./api.js";
import {ACTIONS, askAll} from "./bulk.js";
import {failureList} from "./failure-list.js";
import {rememberFailure} from "./failure-words.js";
import * as filters from "./filters.js";
import {h} from "./dom.js";
import {count, now, plural, shortId, when, whole} from "./format.js";
import {icon} from "./icons.js";
import {latest} from "./live.js";
import {operate} from "./operations.js";
import {button, empty, heading, jobLink, jobsOf, loading, NAMES, note, problem} from "./parts.js";
import {refresh} from "./refresh.js";
import {isKnown, retryFit, whyNot} from "./retry-fit.js";
import {address, go, QUEUES} from "./router.js";

const REFRESH_MS = 5000,
  REFRESH_TOOK_MS_MAX = 1000, // what takes longer to count is counted anew when somebody says so
  SHOWN = 50;

// Of the address: what is looked for among failed jobs.
const FILTERS = {q: "Text", ...filters.FILTERS};
const RETRY = ACTIONS.find(({action}) => action === "retry");
const SPANS = Object.entries(filters.SPANS).filter(([span]) => span !== "range");

export function create(context) {
  const mayRetry = context.mayAct && api.offers("operations");
  let {route} = context;
  const shown = {most: SHOWN, at: -1};
  const retried = new Set(); // groups whose jobs are being tried again
  const queryOf = () => filters.queryOf(route.query.queue || "all", {...route.query, status: undefined}, now());
  const list = failureList(context, queryOf);
  const fit = retryFit(context);
  let fitOf = null; // the tally that it was asked for
  const change = (members) => go(address("failures", {...route.query, ...members}));
  const groups = () =>
    [...list.tally.groups.values()].sort(
      (one, other) => other.count - one.count || other.lastFailedAt.localeCompare(one.lastFailedAt),
    );

  // kept: what it was left with, when somebody comes back.
  function start(kept) {
    Object.assign(shown, {most: SHOWN, at: -1}, kept?.shown);
    if (kept?.tally) {
      list.restore(kept.tally);
    } else {
      list.start();
    }
  }

  // The list of its jobs, with what this page is filtered by.
  const jobsAt = ({queue, errorGroup}) =>
    address(queue, {...route.query, queue: undefined, status: "failed", errorGroup});

  // Once for each tally that is shown, and for more of its rows.
  function learnFit() {
    const {tally, looking} = list;
    if (mayRetry && tally && !looking && fitOf !== `${tally.at} ${shown.most}`) {
      fitOf = `${tally.at} ${shown.most}`;
      fit.learn(groups().slice(0, shown.most));
    }
  }

  async function retry(group) {
    const {errorGroup, queue, errorCode, message} = group;
    if (fit.obstacles(group) && isKnown(group)) {
      note("What these are made from is not there: they cannot be retried", "bad");
      return;
    }
    // Of what is shown now: the address may be another one when the answer comes.
    const wanted = {...list.tally.query, queue, errorGroup, status: "failed"};
    const sure = await askAll(RETRY, {
      queue,
      query: {...route.query, errorGroup: `${errorCode}: ${message}`},
      wanted,
      known: {jobs: group.count, isAll: list.tally.isWhole},
    });
    if (!sure || retried.has(errorGroup)) {
      return;
    }
    retried.add(errorGroup);
    rememberFailure(group);
    const begun = await operate({action: "retry", where: filters.whereOf(wanted)}, () => {
      retried.delete(errorGroup);
      list.refresh();
    });
    if (!begun) {
      retried.delete(errorGroup);
    }
    context.render();
  }

  // ---- what is looked for ----

  function select(name, words, options) {
    return h(
      "label",
      null,
      h("span.hidden", null, words),
      h(
        "select",
        {name, value: route.query[name] || "", onchange: (event) => change({[name]: event.target.value})},
        options.map(([value, text]) => h("option", {value}, text)),
      ),
    );
  }

  function tools() {
    const set = Object.entries(FILTERS).filter(([name]) => route.query[name]);
    return h(
      "div.tools",
      null,
      select("queue", "Queue", [["", "All queues"], ...QUEUES.map((queue) => [queue, NAMES[queue]])]),
      select("since", "Time", SPANS),
      set.map(([name, words]) =>
        h(
          "button.chip",
          {
            key: name,
            type: "button",
            onclick: () => change({[name]: ""}),
            "aria-label": `Without ${words} ${route.query[name]}`,
          },
          h("span.soft", null, words),
          name.endsWith("Id") || name === "errorGroup" ? shortId(route.query[name]) : route.query[name],
          icon("cancel"),
        ),
      ),
      h("span.grow"),
      button("retry", "Count again", list.refresh, {disabled: list.looking, "data-count": "1"}),
    );
  }

  // ---- what is found ----

  // What can be done with a group, and why its newest jobs, which may be all, cannot be retried.
  function retryOf(group) {
    const {errorGroup, message} = group;
    const first = fit.obstacles(group);
    const words = retried.has(errorGroup) ? "Retrying…" : "Retry all";
    return h(
      "div.acts",
      null,
      first && isKnown(group)
        ? null
        : button("retry", words, () => retry(group), {
            kind: "small",
            disabled: retried.has(errorGroup),
            label: `${words} ${jobsOf(group.count)}: ${message}`.slice(0, 200),
            "data-retry": "1",
          }),
      first ? h("p.soft.why", {key: "why"}, whyNot(first, group)) : null,
    );
  }

  function row(group, index) {
    const {errorGroup, errorCode, queue, message, sampleJobIds} = group;
    return h(
      "li",
      {key: errorGroup, "data-group": errorGroup, class: index === shown.at ? "at" : ""},
      h(
        "a.number.failed",
        {href: jobsAt(group), title: `Show the ${jobsOf(group.count)}`},
        h("b", null, count(group.count)),
        h("span", null, group.count === 1 ? "job" : "jobs"),
      ),
      h(
        "div.what",
        null,
        h(
          "div.chips",
          null,
          h("a.chip", {href: address("failures", {...route.query, queue})}, icon(queue), NAMES[queue]),
          errorCode ? h("a.chip", {href: address("failures", {...route.query, errorCode})}, errorCode) : null,
        ),
        h("p.cause", {title: message}, message || "No message"),
        h(
          "p.soft.samples",
          null,
          group.count > sampleJobIds.length ? "The newest: " : "",
          sampleJobIds.map((id) => [jobLink(id), " "]),
        ),
      ),
      h(
        "div.times",
        null,
        h("span", null, "last ", when(group.lastFailedAt)),
        h("span.soft", null, "first ", when(group.firstFailedAt)),
      ),
      mayRetry ? retryOf(group) : null,
    );
  }

  function body() {
    if (!list.tally) {
      return list.error ? null : loading();
    }
    const all = groups();
    if (all.length === 0) {
      const isFiltered = Object.values(route.query).some(Boolean);
      return !list.tally.isWhole
        ? null
        : empty(
            isFiltered ? "search" : "check",
            isFiltered ? "No failed job matches" : "No job has failed",
            isFiltered ? h("a.link", {href: address("failures")}, "Show all") : "What jobs fail of is counted here.",
          );
    }
    return h("ol.groups", {"aria-label": "Groups of failures"}, all.slice(0, shown.most).map(row));
  }

  function more() {
    shown.most += SHOWN;
    context.render();
  }

  function end() {
    const {tally, looking} = list;
    if (!tally) {
      return null;
    }
    const words = [
      tally.others > 0 ? `${jobsOf(tally.others)} more in other groups` : null,
      tally.isWhole ? null : `${whole(tally.scanned)} looked at so far`,
    ];
    return h(
      "div.row.below",
      null,
      h("span.soft.grow", {role: "status"}, words.filter(Boolean).join(" · ")),
      looking && !tally.isWhole
        ? button("stop", "Stop looking", list.halt)
        : tally.more
          ? button("chevron", "Look further", list.goOn)
          : null,
      tally.groups.size > shown.most ? button(null, "Show more", more) : null,
    );
  }

  function sub() {
    const {tally} = list;
    return tally && tally.jobs > 0
      ? `${tally.isWhole ? "" : "At least "}${plural(tally.jobs, "failed job")} in ` +
          `${tally.others > 0 ? "more than " : ""}${plural(tally.groups.size, "group")}`
      : null;
  }

  // ---- keys ----

  const chosen = () => (list.tally ? groups().slice(0, shown.most)[shown.at] : undefined);
  const isOnControl = () => document.activeElement?.matches("a, button, select, summary");
  function move(step) {
    const last = list.tally ? Math.min(list.tally.groups.size, shown.most) - 1 : -1;
    shown.at = Math.min(last, Math.max(0, shown.at + step));
    context.render();
    requestAnimationFrame(() => document.querySelector("li.at")?.scrollIntoView({block: "nearest"}));
  }
  const openRow = () => (chosen() ? go(jobsAt(chosen())) : false);

  start(context.kept);
  context.every(1000, context.render);
  const {soon} = refresh(context, list.refresh, {
    ms: REFRESH_MS,
    may: () =>
      !list.looking &&
      (list.error ? !list.error.isFinal : list.tally?.isWhole && list.tally.ms < REFRESH_TOOK_MS_MAX),
  });
  const countFailed = () => latest.queues?.reduce((sum, {counts}) => sum + counts.failed, 0);
  let failed = countFailed();
  context.on("counts", () => {
    const before = failed;
    failed = countFailed();
    before !== failed && soon();
  });
  return {
    title: "Failures",
    keep: () => ({shown: {...shown}, tally: list.tally}),
    change(next, kept) {
      route = next;
      start(kept);
    },
    dispose: list.halt,
    keys: {
      j: () => move(1),
      k: () => move(-1),
      o: openRow,
      Enter: () => (isOnControl() ? false : openRow()),
      r: () => (mayRetry && chosen() ? retry(chosen()) : false),
      n: () => (list.tally?.groups.size > shown.most ? more() : list.goOn()),
    },
    view() {
      learnFit();
      return [
        heading("Failures", sub()),
        tools(),
        list.error ? problem(list.error, list.refresh) : null,
        body(),
        end(),
      ];
    },
  };
}
