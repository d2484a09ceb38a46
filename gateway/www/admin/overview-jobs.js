// The jobs that the overview shows: those at work, and the pictures and videos that were made last. Both are looked for
// when the page is opened and when the stream was away; else it names those that have changed, and only these are asked
// for. It knows nothing of how they are shown.

import * as api from "./api.js";
import {latest} from "./live.js";
import {refresh} from "./refresh.js";
import {untold} from "./untold.js";

const RUNNING_MAX = 8,
  MADE_MAX = 12,
  ASKED_MAX = 20, // ids in a question
  RUNNING_MS = 500, // what is short would be gone before it is shown
  MADE_MS = 1500,
  CHECK_MS = 5000, // the stream does not tell of all where there is much
  SEARCH_MS = 15000, // it may have to pass all that waits
  TIMES = 2, // of an answer's time there is a pause, when it was asked for by ids
  SEARCH_TIMES = 10;
const MAKERS = ["image", "video"]; // queues whose results are shown

const idsOf = (jobs) => jobs.map(({jobId}) => jobId);

const jobsOf = async (ids, signal) =>
  ids.length ? (await api.jobs({jobId: ids.join(",")}, signal)).data.jobs : [];

// The newest jobs at work, as workers tell: a search would have to pass all those that wait behind them.
async function findRunning(signal) {
  const held = (await api.workers(signal)).flatMap(({jobs}) => jobs);
  const newest = held.sort((one, other) => other.startedAt.localeCompare(one.startedAt)).slice(0, RUNNING_MAX);
  return jobsOf(idsOf(newest), signal);
}

async function findMade(signal) {
  const ask = async (queue) => (await api.jobs({queue, status: "completed", limit: MADE_MAX}, signal)).data.jobs;
  return (await Promise.all(MAKERS.map(ask))).flat();
}

const newestMade = (jobs) =>
  jobs
    .filter((job) => job.status === "completed" && job.result?.url)
    .sort((one, other) => other.completedAt.localeCompare(one.completedAt))
    .slice(0, MADE_MAX);

// Gives {jobs}, null until they are known.
export function runningJobs(context) {
  const running = {jobs: null};
  let ids = []; // of those to be shown
  let told = null; // what the stream has told of jobs since they were asked for
  let [isUnknown, findsAt] = [true, 0];

  const isShort = () => {
    const active = (latest.queues || []).reduce((sum, {counts}) => sum + counts.active, 0);
    return performance.now() >= findsAt && ids.length < Math.min(active, RUNNING_MAX);
  };
  const take = (jobs, isFound) => {
    const isActive = ({status}) => status === "active";
    running.jobs = jobs.filter(isActive).map((job) => ({...job, ...told.get(job.jobId)})).filter(isActive);
    const known = new Set(idsOf(running.jobs));
    const fresh = ids.filter((id) => told.has(id) && !known.has(id));
    const others = isFound ? [...known] : ids.filter((id) => known.has(id));
    ids = [...fresh, ...others].slice(0, RUNNING_MAX);
  };
  const load = async () => {
    const isFinding = isUnknown || isShort();
    isUnknown = false;
    told = new Map();
    try {
      take(await (isFinding ? findRunning(context.signal) : jobsOf(ids, context.signal)), isFinding);
    } catch {
      isUnknown ||= isFinding;
    }
    if (isFinding) {
      findsAt = performance.now() + CHECK_MS;
    }
    told = null;
    context.render();
  };
  context.on("state", (state) => {
    isUnknown ||= state === "live";
  });
  context.on("beat", () => {
    isUnknown = true;
  });
  const {soon, start} = refresh(context, load, {ms: RUNNING_MS, slowMs: CHECK_MS, times: TIMES});
  context.on("jobs", (jobs) => {
    const news = new Map(jobs.map((job) => [job.jobId, job]));
    const isActive = (id) => news.get(id)?.status === "active";
    const kept = ids.filter(isActive);
    const fresh = [...news.keys()].filter((id) => isActive(id) && !kept.includes(id));
    ids = [...fresh.reverse(), ...kept, ...ids.filter((id) => !news.has(id))].slice(0, RUNNING_MAX);
    running.jobs = running.jobs?.map((job) => ({...job, ...news.get(job.jobId)})) || null;
    news.forEach((job, id) => told?.set(id, job));
    if (!ids.every((id) => running.jobs?.some(({jobId}) => jobId === id))) {
      soon();
    }
    context.render();
  });
  start();
  return running;
}

// Gives {jobs}.
export function madeLast(context) {
  const made = {jobs: []};
  const left = untold();
  let ids = []; // that the stream has told of, and that are to be asked for
  let [isUnknown, searchesAt, toldOf] = [true, 0, 0];
  let isDoubted = false; // some of those that are shown may have been deleted

  const maySearch = () => isUnknown && performance.now() >= searchesAt;
  // Those that are asked for and not given are not there any more.
  const read = async (wanted, isSearching) => {
    const found = isSearching ? await findMade(context.signal) : [];
    const has = new Set(idsOf(found));
    const asked = wanted.filter((id) => !has.has(id));
    const given = await jobsOf(asked, context.signal);
    const others = made.jobs.filter(({jobId}) => !has.has(jobId) && !asked.includes(jobId));
    made.jobs = newestMade([...found, ...given, ...others]);
  };
  const load = async () => {
    const begun = performance.now();
    const [isSearching, wasDoubted, told] = [maySearch(), isDoubted, ids];
    const shown = isSearching || isDoubted ? idsOf(made.jobs) : [];
    isUnknown &&= !isSearching;
    isDoubted = false;
    try {
      await read([...new Set([...told, ...shown])].slice(0, ASKED_MAX), isSearching);
      ids = ids.filter((id) => !told.includes(id));
    } catch {
      isUnknown ||= isSearching;
      isDoubted ||= wasDoubted;
      soon(CHECK_MS);
    }
    if (isSearching) {
      const ended = performance.now();
      searchesAt = ended + Math.max(SEARCH_MS, SEARCH_TIMES * (ended - begun));
    }
    context.render();
  };
  context.on("state", (state) => {
    left.forget();
    isUnknown ||= state === "live";
  });
  context.on("beat", () => {
    isUnknown = true;
  });
  // Where as many as are shown have been told of, what was left out before them is not missed.
  context.every(SEARCH_MS, () => {
    isUnknown ||= toldOf < MADE_MAX && left.take() > 0;
    toldOf = 0;
  });
  const may = () => ids.length > 0 || isDoubted || maySearch();
  const {soon, start} = refresh(context, load, {ms: MADE_MS, slowMs: SEARCH_MS, times: TIMES, may});
  context.on("queues", (queues) => {
    const makers = queues.filter(({queue}) => MAKERS.includes(queue));
    if (makers.map(({queue, counts}) => left.count(queue, counts.completed)).includes(true)) {
      isDoubted = true;
      soon(CHECK_MS);
    }
  });
  context.on("jobs", (jobs) => {
    const fresh = idsOf(jobs.filter(({queue, status}) => MAKERS.includes(queue) && status === "completed"));
    left.tell(fresh.length);
    toldOf += fresh.length;
    ids = [...new Set([...fresh.reverse(), ...ids])].slice(0, MADE_MAX);
    if (fresh.length) {
      soon();
    }
  });
  start();
  return made;
}
