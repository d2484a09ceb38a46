// The jobs of a queue, or of all: by status, searched, filtered, live; some of them chosen, or all that match, and
// something done to them.

import * as api from "./api.js";
import {ACTIONS, askAll, askChosen, fitting} from "./bulk.js";
import * as filters from "./filters.js";
import {h} from "./dom.js";
import {count, now, shortId, whole} from "./format.js";
import {icon} from "./icons.js";
import {jobList} from "./job-list.js";
import {jobTable} from "./job-table.js";
import {latest} from "./live.js";
import {operate} from "./operations.js";
import {button, empty, jobsOf, loading, NAMES, problem, STATUSES, total} from "./parts.js";
import {queueHead} from "./queue-head.js";
import {address, go, rewrite} from "./router.js";

const PAUSE_MS = 300;
const IDS_MAX = 1000; // of an operation upon jobs by their ids

function sumOf(queues) {
  return Object.fromEntries(
    STATUSES.map((status) => [status, queues.reduce((sum, {counts}) => sum + counts[status], 0)]),
  );
}

// The route with what its search means, which the address then tells, too.
function meant(route) {
  const query = filters.meant(route.query);
  if (query !== route.query) {
    rewrite(address(route.queue, query));
  }
  return {...route, query};
}

export function create(context) {
  const mayChoose = context.mayAct && api.offers("operations");
  let route = meant(context.route);
  const chosen = {ids: new Set(), matching: false, last: null};
  const shown = {filters: false, at: null, search: null, timer: 0}; // at: the job that keys are for
  const list = jobList(context, () => filters.queryOf(route.queue, route.query, now()));

  const known = () => latest.queues?.find((each) => each.queue === route.queue);
  const counts = () => (latest.queues ? (route.queue === "all" ? sumOf(latest.queues) : known()?.counts) : null);
  const change = (members, replace = false) => go(address(route.queue, {...route.query, ...members}), {replace});
  const letGo = () => Object.assign(chosen, {ids: new Set(), matching: false, last: null});

  // kept: what it was left with, when somebody comes back.
  function start(kept) {
    letGo();
    shown.at = kept?.at ?? null;
    shown.isTabSought = true;
    if (kept?.list.jobs.length > 0) {
      Object.assign(chosen, kept.chosen);
      shown.filters = kept.filters;
      list.restore(kept.list);
    } else {
      list.start();
    }
  }

  // Where there is no room for all tabs, that of the address is brought into sight, once their numbers are known.
  function seekTab() {
    const tab = document.querySelector(".tabs [aria-current]");
    const row = tab?.parentElement;
    if (shown.isTabSought && row) {
      row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
      shown.isTabSought = !counts();
    }
  }

  // ---- what is chosen ----

  // Rows move while jobs come and go: what was pointed at is known by its id.
  const placeOf = (id) => list.jobs.findIndex((job) => job.jobId === id);

  function toggle(index, range) {
    const last = range ? placeOf(chosen.last) : -1;
    const from = last >= 0 ? last : index;
    const {jobId} = list.jobs[index];
    const on = !chosen.ids.has(jobId);
    for (let each = Math.min(from, index); each <= Math.max(from, index); each++) {
      chosen.ids[on ? "add" : "delete"](list.jobs[each].jobId);
    }
    Object.assign(chosen, {last: jobId, matching: false});
    shown.at = jobId;
    context.render();
  }

  function toggleAll() {
    const all = list.jobs.every((job) => chosen.ids.has(job.jobId));
    letGo();
    if (!all) {
      list.jobs.forEach((job) => chosen.ids.add(job.jobId));
    }
    context.render();
  }

  async function act(which) {
    const {action} = which;
    const number = h("input", {type: "number", min: 1, max: 255, value: "128", required: true});
    const input =
      action === "priority" ? {label: "Priority, 1 to 255", node: number, value: () => Number(number.value)} : null;
    const {queue, query} = route;
    const ids = [...chosen.ids];
    const status = fitting(which, query.status);
    const wanted = filters.queryOf(queue, {...query, status}, now());
    const answer = chosen.matching
      ? await askAll(which, {queue, query, wanted}, input)
      : await askChosen(which, ids.length, seen(), input);
    if (answer === false) {
      return;
    }
    const parts = chosen.matching
      ? [{where: filters.whereOf(wanted)}]
      : Array.from({length: Math.ceil(ids.length / IDS_MAX)}, (_, part) => ({
          jobIds: ids.slice(part * IDS_MAX, (part + 1) * IDS_MAX),
        }));
    const more = action === "priority" ? {priority: answer} : {};
    const ended = () => (action === "remove" ? list.start() : list.refresh());
    let begun = true;
    for (const part of parts) {
      begun = begun && (await operate({action, ...part, ...more}, ended));
    }
    if (begun) {
      letGo();
      context.render();
    }
  }

  const seen = () => list.jobs.filter((job) => chosen.ids.has(job.jobId));

  function bar() {
    if (!chosen.matching && !list.loading && seen().length === 0) {
      letGo(); // nobody knows any more what it would be done to
    }
    const size = chosen.ids.size;
    if (size === 0) {
      return null;
    }
    const statuses = new Set(
      chosen.matching
        ? (route.query.status || STATUSES.join(",")).split(",")
        : seen().map((job) => job.status),
    );
    const left = size - seen().length;
    const all = list.jobs.every((job) => chosen.ids.has(job.jobId));
    return h(
      "div.choice",
      {key: "choice", role: "toolbar", "aria-label": "What to do with the chosen jobs"},
      h("b", null, chosen.matching ? "All that match" : `${whole(size)} chosen`),
      left > 0 && !chosen.matching ? h("span.soft", null, `${whole(left)} not in the list any more`) : null,
      all && list.more && !chosen.matching
        ? button(
            null,
            "Choose all that match",
            () => {
              chosen.matching = true;
              context.render();
            },
            {kind: "small link"},
          )
        : null,
      h("span.grow"),
      ACTIONS.filter(({fits}) => fits.some((status) => statuses.has(status))).map((each) =>
        button(each.icon, each.words, () => act(each), {
          kind: `small ${each.danger ? "danger" : ""}`,
          "data-action": each.action,
        }),
      ),
      button(
        "cancel",
        null,
        () => {
          letGo();
          context.render();
        },
        {kind: "plain small", label: "Let go of the selection"},
      ),
    );
  }

  // ---- what is looked for ----

  // Whoever leaves the box, to click on what was found, tells its text once more: that begins nothing anew.
  function searched(event) {
    const text = event.target.value;
    shown.search = text;
    clearTimeout(shown.timer);
    shown.timer = setTimeout(
      () => {
        const {q, ...found} = filters.parse(text);
        if (Object.keys(found).length > 0) {
          shown.search = q;
          event.target.value = q;
        }
        if (Object.entries({...found, q}).some(([name, value]) => (route.query[name] || "") !== value)) {
          change({...found, q}, true);
        }
      },
      event.type === "change" ? 0 : PAUSE_MS,
    );
  }

  function chips() {
    const {query} = route;
    const chip = (name, words, value, without, told = value) =>
      h(
        "button.chip",
        {key: name, type: "button", onclick: () => change(without), "aria-label": `Without ${words} ${value}`},
        h("span.soft", null, words),
        told,
        icon("cancel"),
      );
    const isId = (name) => name.endsWith("Id") || name === "errorGroup";
    const span = query.since === "range" && filters.spanWords(query);
    return [
      ...Object.entries(filters.FILTERS)
        .filter(([name]) => query[name])
        .map(([name, words]) =>
          chip(name, words, query[name], {[name]: ""}, isId(name) ? shortId(query[name]) : query[name]),
        ),
      ...(span ? [chip("since", "Made", span, {since: "", from: "", to: ""})] : []),
    ];
  }

  function details() {
    const field = (name, words, type = "text") =>
      h(
        "label.field",
        null,
        h("span", null, words),
        h("input", {
          type,
          value: route.query[name] || "",
          step: type === "text" ? null : 1,
          onchange: (event) => change({[name]: event.target.value.trim()}),
        }),
      );
    return h(
      "div.filters",
      {key: "filters"},
      Object.entries(filters.FILTERS).map(([name, words]) => field(name, words)),
      route.query.since === "range"
        ? [field("from", "From", "datetime-local"), field("to", "To", "datetime-local")]
        : null,
    );
  }

  function search() {
    const isSet = chips().length > 0;
    return h(
      "div.tools",
      null,
      h(
        "label.search",
        null,
        icon("search"),
        h("span.hidden", null, "Search"),
        h("input", {
          type: "search",
          id: "search",
          placeholder: "Search name, id, input, error, or user:ada",
          value: shown.search ?? route.query.q ?? "",
          oninput: searched,
          onchange: searched,
          autocomplete: "off",
          spellcheck: "false",
        }),
      ),
      h(
        "label",
        null,
        h("span.hidden", null, "Time"),
        h(
          "select",
          {
            value: route.query.since || "",
            onchange: (event) => {
              shown.filters ||= event.target.value === "range";
              change({since: event.target.value});
            },
          },
          Object.entries(filters.SPANS).map(([value, words]) => h("option", {value}, words)),
        ),
      ),
      button(
        "filter",
        "Filters",
        () => {
          shown.filters = !shown.filters;
          context.render();
        },
        {kind: isSet ? "on" : "", "aria-expanded": String(shown.filters)},
      ),
      button(
        list.held ? "play" : "pause",
        list.held ? `Held${list.missed ? ` · ${count(list.missed)} changes` : ""}` : "Live",
        hold,
        {
          kind: list.held ? "held" : "",
          label: list.held ? "Let the list go on (p)" : "Hold the list still (p)",
          "data-hold": "1",
        },
      ),
    );
  }

  function hold() {
    list.hold(!list.held);
    context.render();
  }

  function tabs() {
    const all = counts();
    const tab = (status, words, number) =>
      h(
        "a",
        {
          key: status,
          class: status,
          href: address(route.queue, {...route.query, status}),
          "aria-current": (route.query.status || "") === status ? "page" : null,
        },
        words,
        number === undefined ? null : h("span.tally", {class: number === 0 ? "zero" : ""}, count(number)),
      );
    return h(
      "nav.tabs",
      {"aria-label": "Status"},
      tab("", "All", all ? total(all) : undefined),
      STATUSES.map((status) => tab(status, status[0].toUpperCase() + status.slice(1), all?.[status])),
    );
  }

  function body() {
    if (list.error) {
      return problem(list.error, list.refresh);
    }
    if (list.jobs.length === 0) {
      const isFiltered = Object.keys(route.query).some((name) => route.query[name]);
      return list.loading && !list.looking
        ? loading()
        : !list.unfinished
          ? empty(
              isFiltered ? "search" : "check",
              isFiltered ? "No job matches" : "No jobs yet",
              isFiltered
                ? h("a.link", {href: address(route.queue)}, "Show all")
                : "They appear here as soon as somebody asks for one.",
            )
          : null;
    }
    return jobTable(list.jobs, {
      at: placeOf(shown.at),
      withQueue: route.queue === "all",
      ...(mayChoose ? {selected: chosen.ids, toggle, all: toggleAll} : {}),
    });
  }

  // All that match, as the browser's own download.
  const exported = (ending, words) =>
    h(
      "a.button.plain.small",
      {
        key: ending,
        href: api.addressOf(`jobs.${ending}`, filters.queryOf(route.queue, route.query, now())),
        download: `jobs.${ending}`,
        title: `Download all that match, at most 100,000, as ${words}`,
        "data-export": ending,
      },
      icon("download"),
      ending.toUpperCase(),
    );

  function end() {
    const words = [
      list.jobs.length ? `${jobsOf(list.jobs.length)} shown` : null,
      list.unfinished ? `${whole(list.scanned)} looked at so far` : null,
    ]
      .filter(Boolean)
      .join(" · ");
    return h(
      "div.row.below",
      null,
      h("span.soft.grow", {role: "status"}, words),
      list.jobs.length > 0 && api.offers("jobs.csv")
        ? [exported("csv", "a table for spreadsheets"), exported("ndjson", "one JSON object a line")]
        : null,
      list.looking
        ? button("stop", "Stop looking", list.halt)
        : list.more
          ? button("chevron", list.unfinished ? "Look further" : "Load more", list.goOn, {disabled: list.growing})
          : null,
    );
  }

  // ---- keys ----

  function move(step) {
    const next = Math.max(0, Math.min(list.jobs.length - 1, placeOf(shown.at) + step));
    shown.at = list.jobs[next]?.jobId || null;
    context.render();
    requestAnimationFrame(() => document.querySelector("tr.at")?.scrollIntoView({block: "nearest"}));
  }
  const openRow = () => (placeOf(shown.at) >= 0 ? go(address(`jobs/${shown.at}`)) : false);
  const isOnControl = () => document.activeElement?.matches("a, button, summary");

  start(context.kept);
  context.on("queues", context.render);
  context.every(1000, context.render);
  return {
    get title() {
      return NAMES[route.queue];
    },
    keep: () => ({at: shown.at, chosen: {...chosen, ids: new Set(chosen.ids)}, filters: shown.filters, list: list.keep()}),
    change(next, kept) {
      route = meant(next);
      if (document.activeElement?.id !== "search") {
        shown.search = null;
      }
      start(kept);
    },
    dispose() {
      clearTimeout(shown.timer);
      list.dispose();
    },
    keys: {
      j: () => move(1),
      k: () => move(-1),
      o: openRow,
      Enter: () => (isOnControl() ? false : openRow()),
      x: () => (mayChoose && placeOf(shown.at) >= 0 ? toggle(placeOf(shown.at)) : false),
      a: () => (mayChoose ? toggleAll() : false),
      p: hold,
      n: list.goOn,
      "/": () => document.getElementById("search").select(),
      Escape() {
        letGo();
        context.render();
      },
    },
    view() {
      if (shown.isTabSought) {
        requestAnimationFrame(seekTab);
      }
      return [
        queueHead(route.queue, known(), context.mayAct),
        tabs(),
        search(),
        shown.filters ? details() : null,
        h(
          "div.chips",
          null,
          chips(),
          route.query.groupId && api.offers("groups/{groupId}")
            ? h("a.chip", {href: address(`groups/${route.query.groupId}`)}, icon("flow"), "Show it as a flow")
            : null,
        ),
        bar(),
        body(),
        end(),
      ];
    },
  };
}
