// One batch or pipeline: how far it is, and its jobs as the flow that they are, live.

import * as api from "./api.js";
import {ACTIONS, askAll, fitting} from "./bulk.js";
import {h} from "./dom.js";
import {flow, nameOf} from "./flow.js";
import {shortId, when, whole} from "./format.js";
import {icon} from "./icons.js";
import {operate} from "./operations.js";
import {
  absent, badge, button, copy, facts, heading, jobsOf, loading, problem, progress, STATUSES, statusBar, userLink,
} from "./parts.js";
import {address} from "./router.js";

const REFRESH_MS = 1000,
  PAGE = 100, // jobs of one question
  DRAWN_MAX = 200; // of a great batch those at its end

const TYPES = {batch: "Batch", pipeline: "Pipeline"};
const isEnded = ({status}) => !["pending", "active"].includes(status);
const isAbsent = (error) => error?.status === 404 || error?.status === 410;

const lost = (id, {status}) => [
  heading("Not found"),
  absent(status === 410 ? "Its jobs are kept no longer" : "There is no such batch or pipeline", [
    h("span.mono", null, id),
    status === 410
      ? " was here: the time of all its jobs is over, or somebody removed them. What they made may still be there."
      : " is neither a batch nor a pipeline that is kept. The id may be mistyped or cut short, or be a job's.",
  ]),
];

// Its jobs in their order; the search has the newest first.
async function members(id, signal) {
  const jobs = [];
  let cursor = null;
  do {
    const {data, pagination} = await api.jobs({groupId: id, limit: PAGE, cursor}, signal);
    jobs.push(...data.jobs);
    cursor = pagination.nextCursor;
  } while (cursor && jobs.length < DRAWN_MAX);
  return jobs.reverse();
}

export function create(context) {
  const {id} = context.route;
  const mayAct = context.mayAct && api.offers("operations");
  const known = {group: null, jobs: [], error: null};
  let [timer, asked, heard] = [0, 0, 0];

  async function load() {
    clearTimeout(timer);
    timer = 0;
    const mine = ++asked;
    const [group, jobs] = await Promise.allSettled([api.group(id, context.signal), members(id, context.signal)]);
    const error = group.reason ?? jobs.reason ?? null; // what there is no group of has no jobs, either
    const answer = error ? {error} : {group: group.value, jobs: jobs.value, error};
    if (mine > heard && answer.error?.name !== "AbortError") {
      heard = mine; // an answer that was overtaken knows less
      Object.assign(known, answer);
      context.render();
    }
  }
  const soon = () => {
    timer ||= setTimeout(load, REFRESH_MS);
  };
  const lives = () => known.group && !isEnded(known.group);

  context.on("jobs", (jobs) => {
    const fresh = new Map(jobs.map((job) => [job.jobId, job]));
    if (known.jobs.some((job) => fresh.has(job.jobId))) {
      known.jobs = known.jobs.map((job) => (fresh.has(job.jobId) ? {...job, ...fresh.get(job.jobId)} : job));
      context.render();
      soon();
    }
  });
  context.on("state", (state) => state === "live" && soon());
  for (const kind of ["beat", "counts"]) {
    context.on(kind, () => (lives() || known.error) && soon());
  }
  context.every(1000, () => known.group && context.render());
  context.every(5000, () => lives() && load());
  load();

  // ---- what may be done ----

  async function act(action, among = "") {
    const which = ACTIONS.find((each) => each.action === action);
    const status = fitting(which, among);
    const jobs = status.split(",").reduce((sum, each) => sum + known.group.counts[each], 0);
    const wanted = {groupId: id, status};
    if (await askAll(which, {queue: "all", query: {groupId: id, status: among}, wanted, known: {jobs, isAll: true}})) {
      await operate({action, where: wanted}, load);
    }
  }

  // A pipeline's jobs are tried again one by one: what is made from what is not there yet would be refused.
  const actions = ({type, counts}) => [
    h("a.button", {href: address("all", {groupId: id})}, icon("all"), "In the list"),
    mayAct && type === "batch" && counts.failed > 0
      ? button("retry", "Retry what failed", () => act("retry", "failed"), {kind: "primary"})
      : null,
    mayAct && lives() ? button("cancel", "Cancel", () => act("cancel"), {kind: "danger"}) : null,
  ];

  // ---- what is known ----

  const sums = ({counts, progress: done}) =>
    h(
      "section.card.sums",
      {key: "sums", "aria-label": "How far it is"},
      h("div.row", null, h("b.huge", null, `${done} %`), h("span.grow", null, progress(done))),
      statusBar(counts),
      h(
        "div.chips",
        null,
        STATUSES.filter((status) => counts[status] > 0).map((status) =>
          h(
            "a.chip",
            {key: status, href: address("all", {groupId: id, status})},
            h(`i.dot.${status}`),
            `${whole(counts[status])} ${status}`,
          ),
        ),
      ),
    );

  const details = ({owner, createdAt, completedAt}) =>
    h(
      "section.card",
      {key: "facts", "aria-label": "Facts"},
      facts(
        ["Id", h("span.mono", null, id), "whole"],
        ["User", userLink(owner)],
        ["Created", when(createdAt)],
        ["Ended", when(completedAt)],
      ),
    );

  const rest = (total) =>
    known.jobs.length > 0 && total > known.jobs.length
      ? h(
          "p.soft",
          null,
          `The last ${whole(known.jobs.length)} of ${jobsOf(total)} are drawn. `,
          h("a.link", {href: address("all", {groupId: id})}, "All of them are in the list"),
        )
      : null;

  // The next job that is drawn, or the one before: they are links, which Enter opens.
  function step(by) {
    const nodes = [...document.querySelectorAll(".flow .node")];
    const at = nodes.indexOf(document.activeElement);
    nodes[Math.max(0, Math.min(nodes.length - 1, at + by))]?.focus();
  }

  return {
    title: `${TYPES[known.group?.type] || "Batch"} ${shortId(id)}`,
    dispose: () => clearTimeout(timer),
    keys: {j: () => step(1), k: () => step(-1)},
    view() {
      const {group, jobs, error} = known;
      if (!group) {
        return isAbsent(error) ? lost(id, error) : [heading("Batch"), error ? problem(error, load) : loading()];
      }
      const type = TYPES[group.type];
      const name = group.type === "pipeline" ? nameOf(jobs) : "";
      return [
        h(
          "nav.crumbs",
          {"aria-label": "Above"},
          h("a.link", {href: address("all")}, "all jobs"),
          " / ",
          h("span.mono", null, shortId(id)),
          button("copy", null, () => copy(id, "The id"), {kind: "plain small", label: "Copy the id"}),
        ),
        heading(
          [name || type, " ", badge(group.status)],
          `${name ? `${type} of ` : "of "}${group.owner} · ${jobsOf(group.total)}`,
          actions(group),
        ),
        error ? problem(error, load) : null,
        h("div.halves", null, sums(group), details(group)),
        flow(jobs),
        rest(group.total),
      ];
    },
  };
}
