// What an operation upon many jobs is about to do, told before it is begun: what happens to each job, which ones are
// meant, and how many they are. They are counted exactly where the queues' own numbers say it, or where looking for
// them ends soon; otherwise it is said that there are at least so many.

import * as api from "./api.js";
import * as filters from "./filters.js";
import {h} from "./dom.js";
import {whole} from "./format.js";
import {ask, facts, jobsOf, NAMES, STATUSES} from "./parts.js";
import {QUEUES} from "./router.js";

const LOOK = 100, // jobs of one question
  LOOKED_FOR_MAX = 1000,
  LOOK_MS_MAX = 3000;

const ENDED = ["completed", "failed", "cancelled"];

// In the order that they are offered, the statuses of the jobs that each can be done to, and what a button says that
// does it: next to one that leaves all as it is, "Cancel" alone would be taken for that.
export const ACTIONS = [
  {action: "retry", icon: "retry", words: "Retry", does: "Retry the jobs", fits: ["failed", "cancelled"]},
  {action: "promote", icon: "promote", words: "Start now", does: "Start the jobs", fits: ["pending", "waiting"]},
  {action: "priority", icon: "priority", words: "Priority…", does: "Change the priority", fits: ["pending", "waiting"]},
  {
    action: "cancel",
    icon: "cancel",
    words: "Cancel",
    does: "Cancel the jobs",
    fits: ["pending", "waiting", "active"],
    danger: true,
  },
  {action: "remove", icon: "remove", words: "Remove", does: "Remove the jobs", fits: ENDED, danger: true},
];

const EFFECTS = {
  retry: "Each waits again, with three attempts before it.",
  promote: "Those that wait for a time or between attempts are due at once.",
  cancel: "Those that wait end at once; those at work are told to stop.",
  remove: "They are gone for good. What they made stays.",
  priority: "A lower number goes first among the jobs of the same user.",
};

// Of these statuses, all of them without any, those that it can be done to: what else matches is left as it is.
export const fitting = ({fits}, status) =>
  (status ? status.split(",") : STATUSES).filter((each) => fits.includes(each)).join(",");

// ---- which ones ----

// A page's filter in words, and the statuses that are left of it: [name, value] of each part.
function wordsOf(queue, query, status) {
  return [
    ["Queue", queue === "all" ? "all but webhooks" : NAMES[queue]],
    ["Status", status.replaceAll(",", ", ")],
    ...Object.entries(filters.FILTERS).map(([name, words]) => [words, query[name]]),
    ["Text", query.q && `“${query.q}”`],
    ["Made", filters.spanWords(query)],
  ].filter(([, value]) => value);
}

// ---- how many ----

async function countOfQueues({queue, status}, signal) {
  const wanted = queue ? [queue] : QUEUES.filter((each) => each !== "webhook");
  const known = (await api.queues(signal)).filter((each) => wanted.includes(each.queue));
  return known.flatMap(({counts}) => status.split(",").map((each) => counts[each])).reduce((one, other) => one + other, 0);
}

// Tells the number of jobs as it becomes known: tell(jobs, whether these are all, whether it goes on).
async function countJobs(query, signal, tell) {
  const {queue, status, ...more} = query;
  if (!Object.values(more).some(Boolean)) {
    tell(await countOfQueues(query, signal), true, false);
    return;
  }
  const until = performance.now() + LOOK_MS_MAX;
  for (let [jobs, cursor, goesOn] = [0, null, true]; goesOn; ) {
    const {data, pagination} = await api.jobs({...query, limit: LOOK, cursor}, signal);
    jobs += data.jobs.length;
    cursor = pagination.nextCursor;
    goesOn = Boolean(cursor) && jobs < LOOKED_FOR_MAX && performance.now() < until;
    tell(jobs, !cursor, goesOn);
  }
}

function numberWords(jobs, isAll, goesOn) {
  if (isAll) {
    return jobs ? jobsOf(jobs) : "No job matches now";
  }
  const words = jobs ? `At least ${jobsOf(jobs)}` : "None found so far";
  return goesOn ? `${words}, counting…` : words;
}

// ---- asking ----

const nameOf = ({words}) => words.replace("…", "");
const doing = ({does}, jobs) => (jobs === 1 ? does.replace("jobs", "job") : does);

// Asks whether it may be done to all that match; resolves as ask() does. queue and query are the page's, wanted is the
// API's query of the same. known: how many there are, {jobs, isAll}, when somebody has counted them; else the number is
// filled in while the dialog is open.
export async function askAll(which, {queue, query, wanted, known}, input = null) {
  const ending = new AbortController();
  const number = h("p.many", {role: "status"}, "Counting…");
  const tell = (...counted) => (number.textContent = numberWords(...counted));
  if (!known) {
    countJobs(wanted, ending.signal, tell).catch((error) => {
      number.textContent = error.name === "AbortError" ? "" : `Not counted: ${error.message}`;
    });
  }
  const words = h(
    "div.which",
    null,
    known ? null : number,
    facts(...wordsOf(queue, query, wanted.status)),
    h("p", null, EFFECTS[which.action]),
  );
  const title = `${nameOf(which)}: ${known ? numberWords(known.jobs, known.isAll) : "all that match"}`;
  const answer = await ask(title, words, doing(which, known?.isAll && known.jobs), {danger: which.danger, input});
  ending.abort();
  return answer;
}

// The same of so many jobs that were chosen one by one. jobs: what is known of them.
export function askChosen(which, size, jobs, input) {
  const fit = jobs.filter(({status}) => which.fits.includes(status)).length;
  const unseen = size - jobs.length;
  const states = which.fits.join(" or ");
  const words = [
    EFFECTS[which.action],
    fit === size || unseen > 0 ? null : `It can be done to ${whole(fit)} of them: those that are ${states}.`,
    unseen > 0 ? `${whole(unseen)} of them left the list since: it is done to those that are ${states}.` : null,
  ];
  const title = `${nameOf(which)}: ${jobsOf(size)}`;
  return ask(title, words.filter(Boolean).join(" "), doing(which, size), {danger: which.danger, input});
}
