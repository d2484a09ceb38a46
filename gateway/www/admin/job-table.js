// Rows of jobs. The rows are known by their ids, so that what lives in them goes on when they move.

import {h} from "./dom.js";
import {between, duration, stepWords, usd, when} from "./format.js";
import {thumb} from "./media.js";
import {badge, jobLink, parted, progress} from "./parts.js";
import {address, go} from "./router.js";

const isEnded = (status) => ["completed", "failed", "cancelled"].includes(status);

const WAITS = {
  scheduled: "until its time",
  dependency: "for what it is made from",
  backoff: "between attempts",
  no_worker: "for a worker",
  capped: "at the cap",
  rate_limited: "at the rate",
  queued: "in line",
  paused: "paused",
  provider_down: "provider is down",
};

// One line about where the job stands.
export function standing(job) {
  if (job.status === "active") {
    return [
      h(
        "span.step",
        null,
        `${job.progress} %`,
        job.step ? ` · ${stepWords(job.step)}` : "",
        job.cancelRequested ? " · stopping" : "",
      ),
      progress(job.progress),
    ];
  }
  if (job.status === "failed" || (job.lastError && !isEnded(job.status))) {
    const error = job.lastError || {code: "", message: job.failedReason};
    return h("span.error", {title: error.message}, error.code ? h("b", null, parted(error.code)) : null, " ", error.message);
  }
  if (!isEnded(job.status)) {
    const place = job.queuePosition ? `number ${job.queuePosition}` : "";
    return h("span.soft", null, [WAITS[job.waitReason], place].filter(Boolean).join(" · "));
  }
  return job.cost?.spentUsd > 0 ? h("span.soft", null, "cost ", usd(job.cost.spentUsd)) : null;
}

// From asked to end, until now while it goes on; what has not begun took nothing yet.
function took(job) {
  if (!job.startedAt && !isEnded(job.status)) {
    return "–";
  }
  const shown = duration(between(job.createdAt, job.completedAt));
  return isEnded(job.status) ? shown : h("span.soft", null, shown);
}

// A job that waits for its first attempt has made none.
function attemptOf(job) {
  const number = job.startedAt ? job.attempt || job.attemptsMade : job.attemptsMade;
  return `${number || "–"}${job.retries ? ` +${job.retries}` : ""}`;
}

// Where it is clicked on, beside what has a click of its own, and not by who marks a text of it.
function open(event, id) {
  const isOwn = event.target.closest("a, button, input, .check");
  const isModified = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  if (!isOwn && !isModified && getSelection().isCollapsed) {
    go(address(`jobs/${id}`));
  }
}

function row(job, {selected, toggle, at, index, withQueue}) {
  return h(
    "tr",
    {
      key: job.jobId,
      class: `${at === index ? "at" : ""} ${selected?.has(job.jobId) ? "chosen" : ""}`,
      "data-job": job.jobId,
      onclick: (event) => open(event, job.jobId),
      "aria-selected": selected ? String(selected.has(job.jobId)) : null,
    },
    toggle
      ? h(
          "td.check",
          null,
          h("input", {
            type: "checkbox",
            checked: selected.has(job.jobId),
            "aria-label": `Select ${job.jobId.slice(0, 8)}`,
            onclick: (event) => toggle(index, event.shiftKey),
          }),
        )
      : null,
    h("td.pic", null, h("a", {href: address(`jobs/${job.jobId}`), tabindex: -1, "aria-hidden": "true"}, thumb(job))),
    h(
      "td.name",
      {title: job.character?.name},
      job.character?.name ? h("a.who", {href: address(`jobs/${job.jobId}`), tabindex: -1}, job.character.name) : null,
      jobLink(job.jobId),
      withQueue ? h("small.soft", null, job.queue) : null,
    ),
    h("td.status", null, badge(job.status), h("div.narrow-only", null, standing(job))),
    h("td.stand", null, standing(job)),
    h("td.owner.wide-only", null, job.owner),
    h(
      "td.number.wide-only.attempt",
      {title: `${job.attemptsMade} failed before`},
      attemptOf(job),
    ),
    h("td.number", null, took(job)),
    h("td.number.wide-only", null, when(job.createdAt)),
  );
}

// options: selected (a set of ids) and toggle(index, range), at (the row of the keyboard), withQueue, all (select all).
export function jobTable(jobs, options = {}) {
  const {selected, toggle, all} = options;
  const head = h(
    "thead",
    null,
    h(
      "tr",
      null,
      toggle
        ? h(
            "th.check",
            {scope: "col"},
            h("input", {
              type: "checkbox",
              "aria-label": "Select all that are shown",
              checked: jobs.length > 0 && jobs.every((job) => selected.has(job.jobId)),
              indeterminate:
                jobs.some((job) => selected.has(job.jobId)) && !jobs.every((job) => selected.has(job.jobId)),
              onclick: all,
            }),
          )
        : null,
      h("th.pic", {scope: "col"}, h("span.hidden", null, "Picture")),
      h("th.name", {scope: "col"}, "Job"),
      h("th.status", {scope: "col"}, "Status"),
      h("th.stand", {scope: "col"}, "Where it stands"),
      h("th.owner.wide-only", {scope: "col"}, "User"),
      h("th.number.wide-only.attempt", {scope: "col"}, "Attempt"),
      h("th.number", {scope: "col", title: "From asked to end"}, "Took"),
      h("th.number.wide-only", {scope: "col"}, "Created"),
    ),
  );
  return h(
    "div.sheet",
    null,
    h(
      "table.jobs",
      null,
      head,
      h(
        "tbody",
        null,
        jobs.map((job, index) => row(job, {...options, index})),
      ),
    ),
  );
}
