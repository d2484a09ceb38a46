// A list of jobs that goes on by itself: the newest first, brought up to date by events until it is held still, longer
// by its cursor. One that was made longer holds itself still when more came than can be put above it. A search whose
// answer is unfinished goes on until it has found a page, for a while. It knows nothing of how it is shown.

import * as api from "./api.js";

const PAGE = 50,
  REFRESH_MS = 1000,
  ROWS_MAX = 500, // of a list that grows at its top
  PAUSE_MS = 50, // between two parts of a search: others ask, too
  GO_ON_MS_MAX = 30000, // then somebody who still waits says so
  EVENT_STATUSES_KNOWN = 2000,
  COSTS_MAX = 20; // that can be asked for at once
const ENDED = ["completed", "failed", "cancelled"];
const KEPT = ["jobs", "more", "scanned", "unfinished", "held", "missed"]; // when the list is left

// What a longer list holds when its first page was read anew: those of it, and below them the older ones that it had.
// Null when these do not follow upon each other, or are too many. What a search that began anew has found until it was
// cut short follows in any case, and when it has found nothing yet it has found nothing that is newer.
function renewed(fresh, had, isCutShort) {
  if (fresh.length === 0) {
    return had;
  }
  const known = new Set(fresh.map((job) => job.jobId));
  const last = fresh.at(-1).createdAt;
  const below = had.filter((job) => !known.has(job.jobId) && job.createdAt <= last);
  const follows = isCutShort || had.length === 0 || had.some((job) => known.has(job.jobId));
  return follows && fresh.length + below.length <= ROWS_MAX ? [...fresh, ...below] : null;
}

// As the stream tells it. What a job has cost is no part of that: of one that has ended since it is to be asked for.
export const told = (job, news) =>
  news.status !== job.status && ENDED.includes(news.status)
    ? {...job, ...news, cost: null, lacksCost: true}
    : {...job, ...news};

export function jobList(context, queryOf) {
  const list = {
    jobs: [],
    more: null,
    scanned: 0,
    unfinished: false, // what was asked for last took too long to be looked for to the end
    loading: true,
    growing: false, // what is asked for comes behind the cursor
    looking: false,
    error: null,
    held: false,
    missed: 0,
  };
  let [timer, asked, looks] = [0, 0, 0];
  let [dirty, deep, ended, letGo, heldItself] = [false, false, false, false, false];

  // Takes its first page, as it is now. reachesLess: older jobs that it holds may be there still.
  function renew(fresh, reachesLess, isCutShort) {
    const whole = reachesLess ? renewed(fresh, list.jobs, isCutShort) : fresh;
    const reaches = fresh.length === 0 || fresh.some(({jobId}) => list.jobs.some((job) => job.jobId === jobId));
    dirty = dirty || (reachesLess && isCutShort && !reaches); // there may be others between
    if (whole) {
      list.jobs = whole;
    } else if (letGo) {
      [list.jobs, deep] = [fresh, false];
    } else {
      Object.assign(list, {held: true, missed: fresh.length});
      heldItself = true;
    }
    letGo = false;
  }

  // Its first page, or what comes behind the cursor. Tells how many jobs there were, null if nobody waits for them.
  async function ask(cursor) {
    const mine = ++asked;
    Object.assign(list, {loading: true, growing: Boolean(cursor)});
    try {
      const {data, pagination} = await api.jobs({...queryOf(), limit: PAGE, cursor}, context.signal);
      if (mine !== asked) {
        return null;
      }
      const {nextCursor = null, scanned = 0, exhausted = true} = pagination;
      const unfinished = !exhausted && data.jobs.length < PAGE;
      const isCutShort = unfinished && (ended || scanned < list.scanned); // it looked further when it was asked last
      deep = Boolean(cursor) || (Boolean(nextCursor) && (deep || isCutShort));
      if (cursor) {
        const known = new Set(data.jobs.map((job) => job.jobId));
        list.jobs = [...list.jobs.filter((job) => !known.has(job.jobId)), ...data.jobs];
        list.scanned += scanned;
      } else {
        renew(data.jobs, deep, unfinished);
      }
      if (cursor || !deep) {
        Object.assign(list, {more: nextCursor, unfinished, scanned: cursor ? list.scanned : scanned});
        ended = !nextCursor;
      }
      Object.assign(list, {error: null, loading: false, growing: false});
      context.render();
      return data.jobs.length;
    } catch (error) {
      if (error.name === "AbortError" || mine !== asked) {
        return null;
      }
      Object.assign(list, {error, loading: false, growing: false});
      context.render();
      return null;
    }
  }

  // Asks for the part behind the cursor, and while its answer is unfinished for the next one, until there is a page more.
  async function look(found) {
    const mine = ++looks;
    const until = performance.now() + GO_ON_MS_MAX;
    const goesOn = () => mine === looks && !context.signal.aborted && performance.now() < until;
    list.looking = found !== null && found < PAGE && list.unfinished;
    while (list.looking && goesOn()) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      const more = goesOn() ? await ask(list.more) : null;
      found += more;
      if (mine !== looks) {
        return;
      }
      list.looking = more !== null && found < PAGE && list.unfinished;
    }
    list.looking = false;
    context.render();
    catchUp();
  }

  // What jobs have cost that have ended below what was asked for anew. One that is not told of is gone.
  async function learnCosts() {
    const lacking = list.jobs.filter(({lacksCost}) => lacksCost);
    const some = lacking.slice(0, COSTS_MAX);
    const ids = some.map(({jobId}) => jobId).join(",");
    const answer = ids ? await api.jobs({jobId: ids}, context.signal).catch(() => null) : null; // the next time
    if (!answer) {
      return;
    }
    const costs = new Map(answer.data.jobs.map(({jobId, cost}) => [jobId, cost]));
    const learned = (job) => ({...job, cost: costs.get(job.jobId), lacksCost: false});
    list.jobs = list.jobs.map((job) => (some.includes(job) ? learned(job) : job)); // not one that went on meanwhile
    context.render();
    if (lacking.length > some.length) {
      soon();
    }
  }

  // Brought up to date. It goes on looking, unless somebody knows already that it has stopped.
  async function brought() {
    const wasUnfinished = list.unfinished;
    const found = await ask();
    if (found !== null) {
      learnCosts();
    }
    return wasUnfinished || found === null ? found : look(found);
  }

  function halt() {
    looks++;
    list.looking = false;
    context.render();
    catchUp();
  }

  // Asks for what has changed while it looked.
  function catchUp() {
    if (dirty) {
      soon();
    }
  }

  // Asks again soon, once, however many changes there are until then, and not before the answer to what was asked; not
  // while nobody looks at the page.
  function soon() {
    const waits = () => list.held || list.growing || list.looking;
    const may = () => dirty && !waits() && !document.hidden && !context.signal.aborted;
    dirty = true;
    if (timer) {
      return;
    }
    const mine = (timer = setTimeout(async () => {
      if (may()) {
        dirty = false;
        await brought();
      }
      if (mine !== timer) {
        return; // it began anew meanwhile
      }
      timer = 0;
      if (may()) {
        soon();
      }
    }, REFRESH_MS));
  }

  context.on("jobs", (jobs) => {
    if (list.held) {
      list.missed = Math.min(list.missed + jobs.length, EVENT_STATUSES_KNOWN);
      context.render();
      return;
    }
    const fresh = new Map(jobs.map((job) => [job.jobId, job]));
    list.jobs = list.jobs.map((job) => (fresh.has(job.jobId) ? told(job, fresh.get(job.jobId)) : job));
    context.render();
    soon();
  });
  context.on("state", (state) => state === "live" && soon());
  for (const kind of ["beat", "counts"]) {
    context.on(kind, soon);
  }
  document.addEventListener("visibilitychange", () => !document.hidden && catchUp(), {signal: context.signal});

  return Object.assign(list, {
    start() {
      clearTimeout(timer);
      timer = 0;
      [deep, ended, dirty] = [false, false, false];
      list.held = list.held && !heldItself;
      heldItself = false;
      halt();
      Object.assign(list, {jobs: [], more: null, scanned: 0, unfinished: false, missed: 0});
      ask().then(look);
    },
    refresh: brought,
    // As it was when it was left, and then what has changed since, unless it was held still.
    keep: () => ({
      ...Object.fromEntries(KEPT.map((name) => [name, list[name]])),
      deep,
      heldItself,
    }),
    restore(kept) {
      clearTimeout(timer);
      timer = 0;
      halt();
      asked++; // whatever is under way is of another list
      KEPT.forEach((name) => (list[name] = kept[name]));
      [deep, ended, heldItself] = [kept.deep, !kept.more, kept.heldItself];
      Object.assign(list, {loading: false, growing: false, error: null});
      context.render();
      soon();
    },
    // The first page, when it is being asked for, is dropped, and asked for once more afterwards.
    goOn() {
      if (!list.more || list.growing || list.looking) {
        return false;
      }
      dirty = dirty || list.loading;
      return ask(list.more).then(look);
    },
    halt,
    hold(held) {
      list.held = held;
      heldItself = false;
      if (!held) {
        list.missed = 0;
        letGo = true;
        ask().then(look);
      }
    },
    dispose: () => clearTimeout(timer),
  });
}
