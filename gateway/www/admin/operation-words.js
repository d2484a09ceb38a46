// Operations upon many jobs in words: what is done, to which jobs, why some were refused; and the list of those jobs.

import {failureWords} from "./failure-words.js";
import {FILTERS} from "./filters.js";
import {plural, timeOf, whole} from "./format.js";
import {NAMES} from "./parts.js";
import {address} from "./router.js";

const MINUTE_MS = 60000;
const DONE = {retry: "retried", cancel: "cancelled", promote: "started early", remove: "removed", priority: "changed"};
const DOING = {
  retry: "Retrying",
  cancel: "Cancelling",
  promote: "Starting",
  remove: "Removing",
  priority: "Changing priority of",
};
export const ACTS = {retry: "Retry", cancel: "Cancel", promote: "Start now", remove: "Remove", priority: "Priority"};

export const goesOn = ({state}) => state === "running";

export const wordsOf = (operation) => {
  const {action, total, matched, done} = operation;
  return goesOn(operation)
    ? `${DOING[action]} ${total ? plural(total, "job") : "all that match"}`
    : `${whole(done)} of ${plural(matched, "job")} ${DONE[action]}`;
};

const span = ({from, to}) => [from && `from ${from}`, to && `to ${to}`].filter(Boolean).join(" ");

// The filter that it was given, as [name, value] of each part. Those that were chosen one by one have none.
export function partsOf(where) {
  if (!where) {
    return [["Jobs", "chosen one by one"]];
  }
  const parts = [
    ["Queue", where.queue && (NAMES[where.queue] || where.queue)],
    ["Status", where.status?.replaceAll(",", ", ")],
    ...Object.entries(FILTERS).map(([name, words]) => [
      words,
      name === "errorGroup" && where[name] ? failureWords(where[name]) : where[name],
    ]),
    ["Text", where.q && `“${where.q}”`],
    ["Made", span(where)],
  ].filter(([, value]) => value);
  return parts.length > 0 ? parts : [["Jobs", "all"]];
}

export const filterOf = ({where}) =>
  partsOf(where)
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
export const reasonsOf = ({reasons}) =>
  Object.entries(reasons || {}).map(([code, count]) => `${whole(count)} ${REASONS[code] || code}`);

// As fields for a local time have it.
const local = (text) =>
  new Date(timeOf(text) - new Date(text).getTimezoneOffset() * MINUTE_MS).toISOString().slice(0, -1);

// The way to the list of the jobs that it was upon, {address, words}, or null. What it did may have changed their status,
// so that those with another one before are listed, too; what was made after it had begun was left alone.
export function jobsOf({where, startedAt}) {
  if (!where) {
    return null;
  }
  const {queue = "all", status, from, to = startedAt, ...rest} = where;
  return {
    address: address(queue, {...rest, since: "range", from: from && local(from), to: local(to)}),
    words: status ? "Jobs with this filter, in any status now" : "Jobs with this filter",
  };
}
