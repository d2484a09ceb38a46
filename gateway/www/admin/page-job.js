// One job: where it stands, its life drawn per attempt, what went in, what came out, and what may be done.

import * as api from "./api.js";
import {h} from "./dom.js";
import {ago, between, clock, duration, now, plural, shortId, stepWords, usd, when} from "./format.js";
import {icon} from "./icons.js";
import {sourceOf, work} from "./media.js";
import {
  absent, ask, badge, button, copy, facts, heading, json, loading, newestFirst, problem, progress, tried, userLink,
} from "./parts.js";
import {groupLink, jobKin} from "./job-kin.js";
import {life} from "./job-life.js";
import {jobNames} from "./job-names.js";
import {refresh} from "./refresh.js";
import {requestOf, curlOf} from "./repeat.js";
import {alone, retryFit, whyNot} from "./retry-fit.js";
import {address, go} from "./router.js";
import {atWork, isUncounted, pendingMs} from "./timeline.js";
import {workerLink, workerNames} from "./worker-names.js";

const REFRESH_MS = 400, // after a change of this job,
  OTHERS_MS = 2000, // and after one that it is not known to be of: not every change is told
  SLOW_MS = 5000,
  EVENTS_MAX = 100,
  FIRST_SIZE = 8; // of an id: what lists show of it

const REASONS = {
  scheduled: "It waits until its time.",
  dependency: "It waits for what it is made from.",
  backoff: "It waits between attempts.",
  no_worker: "No worker of its queue takes jobs: none is connected, or all are drained.",
  capped: "The queue or its user has as many jobs at work as it may.",
  rate_limited: "Its queue or its provider has begun as many as its rate lets through.",
  queued: "Others go first, or all workers are busy.",
  paused: "Its queue is paused.",
  provider_down: "Its provider is down.",
};

const DROPPED = "It waits for a worker that drops its provider's task, half a minute at most.";

// What is asked before it is done: title, words, and what the button says.
const RETRY = [
    "Retry this job",
    "It waits again, with three attempts before it; what it asks providers for is paid for.",
    "Retry it",
  ],
  SEND_AGAIN = [
    "Send this again",
    "It is sent again, with ten attempts before it; the receiver may get it twice.",
    "Send it again",
  ];

const nameOf = (job) => job.character?.name || job.input?.name || "";

const isEnded = (job) => ["completed", "failed", "cancelled"].includes(job.status);

const KNOWN = new Set(["id", "event", "at", "jobId", "seq", "type", "status", "progress", "step", "attempt"]);

function events(job) {
  const all = job.timeline?.events || [];
  const rest = (each) =>
    Object.entries(each)
      .filter(([name, value]) => !KNOWN.has(name) && value !== null && value !== "")
      .map(([name, value]) => `${name} ${typeof value === "object" ? value.message || JSON.stringify(value) : value}`)
      .join(" · ");
  const list = (some) =>
    h(
      "ol.events",
      null,
      some.map((each) =>
        h(
          "li",
          {key: each.id},
          h("time", {datetime: each.at}, clock(each.at)),
          h("b", null, each.event.replace("_", " ")),
          h(
            "span.soft",
            null,
            [
              each.event === "progress" ? `${each.progress} %` : "",
              each.event === "progress" ? stepWords(each.step) : "",
              rest(each),
            ]
              .filter(Boolean)
              .join(" · "),
          ),
        ),
      ),
    );
  return h(
    "details.card.fold",
    {key: "events"},
    h("summary", null, h("h2", null, `Events, ${all.length}`)),
    job.timeline?.complete === false ? h("p.soft", null, "Older ones are not kept.") : null,
    newestFirst(all, EVENTS_MAX, "event", list),
  );
}

// ---- what is known of it ----

// When it is at work next: by its time while that is to come, or else as it is guessed.
function startOf({nextAttemptAt, startedAt, etaSeconds}) {
  if (nextAttemptAt && between(nextAttemptAt) < 0) {
    return `${startedAt ? "Next attempt" : "Starts"} ${ago(nextAttemptAt)}.`;
  }
  const isGuessed = etaSeconds !== null && etaSeconds !== undefined;
  return isGuessed ? `Starts in about ${duration(etaSeconds * 1000)}.` : "";
}

function standing(job) {
  if (job.status === "active") {
    return h(
      "section.card.now",
      {key: "now"},
      h(
        "div.row",
        null,
        h("b.huge", null, `${job.progress} %`),
        h(
          "span.grow",
          null,
          stepWords(job.step) || "begins",
          job.cancelRequested ? h("span.failed", null, " · asked to stop") : null,
        ),
        h("span.soft", null, duration(between(job.timeline?.attempts?.at(-1)?.startedAt || job.startedAt))),
      ),
      progress(job.progress),
    );
  }
  if (!isEnded(job)) {
    return h(
      "section.card.now",
      {key: "now"},
      h(
        "p",
        null,
        h("b", null, (job.cancelRequested ? DROPPED : REASONS[job.waitReason]) || "It waits."),
        " ",
        [
          job.queuePosition ? `Number ${job.queuePosition} in line.` : "",
          startOf(job),
        ].join(" "),
      ),
    );
  }
  return null;
}

// first: what has to be there before it can be retried, when that is so.
function failure(job, first) {
  const error = job.lastError || (job.failedReason ? {code: "failed", message: job.failedReason} : null);
  return error
    ? h(
        "section.card.failure",
        {key: "failure", class: job.status === "failed" ? "" : "past", "aria-label": "Error"},
        h("h2", null, job.status === "failed" ? "Failed" : "The last error"),
        h("p", null, h("a.chip", {href: address("all", {errorCode: error.code})}, error.code)),
        h("pre.message", {tabindex: 0}, error.message),
        first ? h("p.soft.why", {key: "why"}, whyNot(first, alone(job))) : null,
      )
    : null;
}

// When it is or was: what has ended counts nothing down.
const bound = (job, text) => when(text, isEnded(job) ? clock : ago);

function details(job, kin, workers) {
  const pending = pendingMs(job, now());
  const link = (query, words) => h("a.link", {href: address("all", query)}, words);
  return h(
    "section.card",
    {key: "facts", "aria-label": "Facts"},
    h("h2", null, "Facts"),
    facts(
      ["Id", h("span.mono", null, job.jobId), "whole"],
      ["Queue", h("a.link", {href: address(job.queue)}, job.queue)],
      ["User", job.owner ? userLink(job.owner) : null],
      job.characterId || job.result?.characterId
        ? [
            "Character",
            link(
              {characterId: job.characterId || job.result.characterId},
              job.character?.name || shortId(job.characterId || job.result.characterId),
            ),
          ]
        : null,
      ...kin,
      ["Worker", job.workerId ? workerLink(job.workerId, workers.of(job.workerId)) : null, "whole"],
      ["Created", when(job.createdAt)],
      ["Started", when(job.startedAt)],
      ["Ended", when(job.completedAt)],
      pending > 0 ? ["Pending", duration(pending)] : null,
      job.startedAt ? ["Waited", duration(between(job.createdAt, job.startedAt) - pending)] : null,
      job.startedAt ? ["At work", duration(atWork(job, now()))] : null,
      job.completedAt ? ["Took", `${duration(between(job.createdAt, job.completedAt))} from asked to end`] : null,
      ["Attempts", attemptsOf(job)],
      job.cost ? ["Cost", costOf(job.cost)] : null,
      ["Priority", job.priority],
      job.runAt ? ["Not before", bound(job, job.runAt)] : null,
      job.startBy ? ["Start by", bound(job, job.startBy)] : null,
      job.deadline ? ["Deadline", bound(job, job.deadline)] : null,
      job.expiresAt ? ["Kept until", when(job.expiresAt)] : null,
      job.tags?.length
        ? [
            "Tags",
            h(
              "span.row",
              null,
              job.tags.map((tag) => h("a.chip", {key: tag, href: address("all", {tag})}, tag)),
            ),
          ]
        : null,
    ),
  );
}

function attemptsOf({attemptsMade, retries, timeline}) {
  const uncounted = (timeline?.attempts || []).filter(isUncounted).length;
  return [
    `${attemptsMade} made`,
    uncounted > 0 ? `${uncounted} not counted` : "",
    retries > 0 ? `tried again ${plural(retries, "time")}` : "",
  ]
    .filter(Boolean)
    .join(", ");
}

function costOf({estimateUsd, spentUsd, uncertainUsd}) {
  const maybe = uncertainUsd > 0 ? `${usd(uncertainUsd)} of it perhaps not charged` : "";
  const expected = estimateUsd > 0 ? `estimated at ${usd(estimateUsd)}` : "";
  const more = [expected, maybe].filter(Boolean).join("; ");
  return more ? `${usd(spentUsd)} (${more})` : usd(spentUsd);
}

const given = (job) =>
  h(
    "section.card",
    {key: "input", "aria-label": "Input"},
    h(
      "div.row",
      null,
      h("h2.grow", null, "Input"),
      button("copy", "Copy", () => copy(JSON.stringify(job.input, null, 2), "The input"), {kind: "small plain"}),
    ),
    json(job.input ?? null),
    job.metadata && Object.keys(job.metadata).length ? [h("h3", null, "Metadata"), json(job.metadata)] : null,
  );

function made(job) {
  return job.result && (job.result.url || job.result.characterId || job.result.mediaId)
    ? h(
        "section.card",
        {key: "result", "aria-label": "Result"},
        h("h2", null, "Result"),
        sourceOf(job) ? work(job) : null,
        json(job.result),
      )
    : null;
}

// ---- when there is none ----

const isAbsent = (error) => error?.status === 404 || error?.status === 410;

const KEPT =
  "Completed and failed jobs are kept for 30 days and cancelled ones for a day, " +
  "unless the broker's TROUPE_RETENTION_… say otherwise.";

const lost = (id, {status}) => [
  heading("Not found"),
  absent(
    status === 410 ? "This job is kept no longer" : "There is no such job",
    [
      h("span.mono", null, id),
      status === 410
        ? " was here: its time is over, or somebody removed it. What it made may still be there. "
        : " is no job that is kept. The id may be mistyped or cut short, or the job has ended long ago. ",
      KEPT,
    ],
    h("a.button", {href: address("all", {q: id.slice(0, FIRST_SIZE)})}, icon("search"), "Search for its beginning"),
  ),
];

// Pages without TLS have no randomUUID().
const keyOfIntent = () => Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("-");

// ---- the page ----

export function create(context) {
  const {id} = context.route;
  // leaves: the job is being removed, nobody asks for it; doubles: another one like it is being made
  // key: of the other one, while nobody knows whether it was made
  const known = {job: null, error: null, leaves: false, doubles: false, key: null};
  const kin = jobKin(context);
  const names = jobNames(context);
  const workers = workerNames(context);
  const fit = retryFit(context);
  let [asked, heard] = [0, 0];
  const load = async () => {
    if (known.leaves) {
      return;
    }
    const mine = ++asked;
    const answer = await api.job(id, context.signal).then(
      (job) => ({job, error: null}),
      (error) => ({error}),
    );
    if (mine > heard) {
      heard = mine; // an answer that was overtaken knows less
      Object.assign(known, answer);
      if (known.job) {
        kin.learn(known.job);
        workers.learn([known.job.workerId, ...(known.job.timeline?.attempts || []).map(({workerId}) => workerId)]);
        known.job.groupId && !nameOf(known.job) && names.learn([id]); // its character may not be there yet
        known.job.status === "failed" && fit.learn([alone(known.job)]);
      }
      context.render();
    }
  };
  const lives = () => known.job && !isEnded(known.job);
  const {soon} = refresh(context, load, {kinds: ["counts"], ms: OTHERS_MS, slowMs: SLOW_MS, may: lives});
  const act = async (action, words, body) => {
    if (await tried(() => api.jobAction(id, action, body), words)) {
      await load();
    }
  };
  // By its key, which is soon hit by mistake: what it does again may be paid for.
  const retryIt = async () => {
    if (await ask(...(known.job.queue === "webhook" ? SEND_AGAIN : RETRY))) {
      act("retry", "It waits again");
    }
  };
  const removeIt = async () => {
    if (!(await ask("Remove this job", "It is gone for good. What it made stays.", "Remove it", {danger: true}))) {
      return;
    }
    known.leaves = true;
    if (await tried(() => api.jobAction(id, "remove"), "Removed")) {
      go(address(known.job.queue));
    } else {
      known.leaves = false;
      load();
    }
  };
  const duplicateIt = async () => {
    if (known.doubles) {
      return; // a click too many would be paid for
    }
    known.doubles = true;
    known.key ||= keyOfIntent(); // pressed again when nobody knows what became of it, it is the same
    const make = () =>
      api.duplicate(id, known.key).catch((error) => {
        known.key = error.status >= 400 && error.status < 500 ? null : known.key;
        throw error;
      });
    const made = await tried(make, "Made another one like it: this is it");
    known.doubles = false;
    if (made) {
      go(address(`jobs/${made.jobId}`));
    }
  };
  const cancelIt = async () => {
    if (
      await ask(
        "Cancel this job",
        known.job.status === "active"
          ? "Its worker is told to stop; what a provider has done may be charged."
          : "It ends at once.",
        "Cancel it",
        {danger: true},
      )
    ) {
      act("cancel", "Asked to stop");
    }
  };
  const changePriority = async () => {
    const input = h("input", {
      type: "number",
      min: 1,
      max: 255,
      value: String(known.job.priority ?? 128),
      required: true,
    });
    const priority = await ask("Priority", "A lower number goes first among the jobs of the same user.", "Change it", {
      input: {label: "1 to 255", node: input, value: () => Number(input.value)},
    });
    if (priority !== false) {
      act("priority", "Priority changed", {priority});
    }
  };
  const can = (action) => (action === "remove" ? api.offers("jobs/{jobId}", "delete") : api.offers(`jobs/{jobId}/${action}`));
  const obstacles = (job) => (job.status === "failed" ? fit.obstacles(alone(job)) : null);
  // A receiver may have lost what it took.
  const isAgain = (job) =>
    (["failed", "cancelled"].includes(job.status) && !obstacles(job)) ||
    (job.queue === "webhook" && job.status === "completed");
  // Only what waits for a moment can be due before it.
  const isDelayed = (job) => ["scheduled", "backoff"].includes(job.waitReason);
  const actions = (job) => [
    context.mayAct && isAgain(job)
      ? button("retry", job.queue === "webhook" ? "Send again" : "Retry", () => act("retry", "It waits again"), {
          kind: "primary",
        })
      : null,
    context.mayAct && ["pending", "waiting"].includes(job.status)
      ? [
          can("promote") && isDelayed(job) ? button("promote", "Start now", () => act("promote", "It is due")) : null,
          can("priority") ? button("priority", "Priority…", changePriority) : null,
        ]
      : null,
    context.mayAct && !isEnded(job) ? button("cancel", "Cancel", cancelIt, {kind: "danger"}) : null,
    context.mayAct && job.queue !== "webhook" && can("duplicate") ? button("duplicate", "Duplicate", duplicateIt) : null,
    requestOf(job) ? button("copy", "Copy as curl", () => copy(curlOf(job, location.origin), "The command")) : null,
    context.mayAct && isEnded(job) && can("remove") ? button("remove", "Remove", removeIt, {kind: "danger"}) : null,
  ];

  context.on("jobs", (jobs) => {
    const fresh = jobs.find((job) => job.jobId === id);
    if (fresh && isEnded(fresh)) {
      // What is known of its attempts and its result changes with its status, all at once.
      load().then(() => lives() && soon(REFRESH_MS));
    } else if (fresh && known.job) {
      known.job = {...known.job, ...fresh};
      context.render();
      soon(REFRESH_MS);
    }
  });
  context.on("state", (state) => state === "live" && !lives() && load()); // it may have been tried again
  context.on("beat", () => known.error && !lives() && load());
  context.every(1000, () => lives() && context.render());
  load();
  return {
    title: `Job ${shortId(id)}`,
    keys: {
      r: () =>
        known.job && known.job.status !== "completed" && isAgain(known.job) && context.mayAct
          ? retryIt()
          : false,
    },
    view() {
      const {job, error} = known;
      if (!job) {
        return isAbsent(error)
          ? lost(id, error)
          : [heading("Job"), error ? problem(error, load) : loading()];
      }
      return [
        h(
          "nav.crumbs",
          {"aria-label": "Above"},
          h("a.link", {href: address(job.queue)}, job.queue),
          " / ",
          job.groupId ? [groupLink(job.groupId), " / "] : null,
          h("span.mono", null, shortId(id)),
          button("copy", null, () => copy(id, "The id"), {kind: "plain small", label: "Copy the id"}),
        ),
        heading(
          [nameOf(job) || names.of(id) || `${job.queue} ${shortId(id)}`, " ", badge(job.status)],
          `${job.queue} of ${job.owner}`,
          actions(job),
        ),
        error ? problem(error, load) : null,
        h(
          "div.halves",
          null,
          h(
            "div.half",
            null,
            standing(job),
            failure(job, context.mayAct ? obstacles(job) : null),
            life(job, workers),
            events(job),
          ),
          h("div.half", null, made(job), given(job), details(job, kin.rows(job), workers)),
        ),
      ];
    },
  };
}
