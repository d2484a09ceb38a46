// One user: what they have in each queue, their share of what runs, what they spend and may spend, and their newest jobs.

import * as api from "./api.js";
import {ACTIONS, askAll, fitting} from "./bulk.js";
import {h} from "./dom.js";
import {percent, plural, usd, when, whole} from "./format.js";
import {icon} from "./icons.js";
import {told} from "./job-list.js";
import {jobTable} from "./job-table.js";
import {newest} from "./newest.js";
import {operate} from "./operations.js";
import {button, copy, empty, facts, figure, heading, loading, meter, NAMES, problem} from "./parts.js";
import {refresh} from "./refresh.js";
import {address} from "./router.js";

const JOBS = 10, // the newest
  DAYS = 7;
const LIVE = ["active", "waiting", "pending"];
const CANCEL = ACTIONS.find(({action}) => action === "cancel");

const liveOf = (user) => LIVE.reduce((sum, status) => sum + user[status], 0);

export function create(context) {
  const {id: owner} = context.route;
  const mayCancel = context.mayAct && api.offers("operations");
  const known = {user: null, usage: null, jobs: [], error: null, ...context.kept};
  const newestOf = newest();

  const read = async () => {
    const {signal} = context;
    const [{users}, usage, {data}] = await Promise.all([
      api.get("users", {owner}, signal),
      api.offers("usage") ? api.get("usage", {owner, days: DAYS}, signal) : null,
      api.jobs({owner, limit: JOBS}, signal),
    ]);
    return {user: users[0], usage, jobs: data.jobs};
  };
  const load = async () => {
    const answer = await newestOf(read());
    if (answer && answer.error?.name !== "AbortError") {
      Object.assign(known, answer.value, {error: answer.error});
      context.render();
    }
  };
  context.on("jobs", (jobs) => {
    const fresh = new Map(jobs.map((job) => [job.jobId, job]));
    known.jobs = known.jobs.map((job) => (fresh.has(job.jobId) ? told(job, fresh.get(job.jobId)) : job));
    context.render();
  });
  refresh(context, load, {kinds: ["counts"]});
  context.every(1000, () => known.user && context.render());
  load();

  async function cancelAll() {
    const wanted = {owner, status: fitting(CANCEL, "")};
    const counted = {jobs: liveOf(known.user), isAll: true};
    if (await askAll(CANCEL, {queue: "all", query: {owner}, wanted, known: counted})) {
      await operate({action: "cancel", where: wanted}, load);
    }
  }

  // ---- what is known ----

  const listOf = (queue, status, number, words = whole(number)) =>
    number > 0 ? h("a.link", {class: status, href: address(queue, {owner, status})}, words) : h("span.soft", null, words);

  const queueRow = (each) =>
    h(
      "tr",
      {key: each.queue, "data-queue": each.queue},
      h("td", null, h("a.link", {href: address(each.queue, {owner})}, NAMES[each.queue])),
      LIVE.map((status) => h("td.number", {key: status}, listOf(each.queue, status, each[status]))),
    );

  const queues = ({queues: all, share}) =>
    h(
      "section.card",
      {key: "queues", "aria-label": "Load by queue"},
      h("header", null, h("h2", null, "Load by queue")),
      h(
        "table.tight",
        null,
        h(
          "thead",
          null,
          h(
            "tr",
            null,
            h("th", {scope: "col"}, "Queue"),
            ["Active", "Waiting", "Pending"].map((words) => h("th.number", {key: words, scope: "col"}, words)),
          ),
        ),
        h("tbody", null, all.map(queueRow)),
      ),
      h(
        "div.row",
        null,
        h("span.soft", null, "Share of what runs"),
        h("span.grow", null, meter(share, 1, "Share of what runs", "active wide")),
        h("span.number", null, percent(share, 1)),
      ),
    );

  const spending = ({budget, days}) =>
    h(
      "section.card",
      {key: "spending", "aria-label": "Spending"},
      h("header", null, h("h2", null, "Spending")),
      budget.limitUsd ? meter(budget.limitUsd - budget.leftUsd, budget.limitUsd, "Of today's budget", "waiting wide") : null,
      facts(
        ["Today", usd(budget.spentUsd)],
        ["Reserved by live jobs", usd(budget.reservedUsd)],
        ["Budget of a day", budget.limitUsd ? usd(budget.limitUsd) : "no limit"],
        budget.limitUsd ? ["Left today", usd(budget.leftUsd)] : null,
        budget.warnUsd ? ["Warned from", usd(budget.warnUsd)] : null,
        budget.limitUsd ? ["Begins anew", when(budget.resetsAt)] : null,
        [`The last ${DAYS} days`, usd(days.reduce((sum, {spentUsd}) => sum + spentUsd, 0))],
      ),
    );

  const made = () =>
    h(
      "section",
      {key: "jobs"},
      h(
        "div.row",
        null,
        h("h2.over.grow", null, "Newest jobs"),
        known.jobs.length === JOBS ? h("a.link", {href: address("all", {owner})}, "All of them") : null,
      ),
      known.jobs.length > 0
        ? jobTable(known.jobs, {withQueue: true})
        : empty("users", "No jobs are kept", "Nobody of this name has asked for any, or their time is over."),
    );

  const actions = (user) => [
    h("a.button", {href: address("all", {owner})}, icon("all"), "In the list"),
    api.offers("failures") ? h("a.button", {href: address("failures", {owner})}, icon("failures"), "Failures") : null,
    mayCancel && liveOf(user) > 0 ? button("cancel", "Cancel all", cancelAll, {kind: "danger"}) : null,
  ];

  return {
    title: owner,
    keep: () => ({...known}),
    view() {
      const {user, usage, error} = known;
      return [
        h(
          "nav.crumbs",
          {"aria-label": "Above"},
          h("a.link", {href: address("users")}, "users"),
          " / ",
          h("span", null, owner),
          button("copy", null, () => copy(owner, "The name"), {kind: "plain small", label: "Copy the name"}),
        ),
        heading(
          owner,
          user ? `${liveOf(user) > 0 ? plural(liveOf(user), "live job") : "No live jobs"}, deliveries of webhooks aside` : null,
          user ? actions(user) : null,
        ),
        error ? problem(error, load) : null,
        !user
          ? error
            ? null
            : loading()
          : [
              h(
                "div.figures",
                {key: "figures"},
                LIVE.map((status) => figure(status, user[status], status)),
                figure("spent today", usd(user.spentTodayUsd)),
              ),
              h("div.halves", {key: "halves"}, queues(user), usage ? spending(usage) : null),
              made(),
            ],
      ];
    },
  };
}
