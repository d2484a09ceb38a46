// The newest jobs that match some words, looked for part by part: until there are enough of them or all jobs have been
// looked at, for a while; then somebody who still waits says so. It knows nothing of how they are shown.

import * as api from "./api.js";
import * as filters from "./filters.js";
import {now} from "./format.js";

const JOBS_MAX = 8,
  PAUSE_MS = 50, // between two parts: others ask, too
  GO_ON_MS_MAX = 30000;

const BEGUN = {words: "", jobs: [], scanned: 0, more: null, looking: false, isEnded: false, error: null};

// changed(): something was found, or how far it has looked is another.
export function jobSearch(changed) {
  const search = {...BEGUN};
  let control = new AbortController();

  async function part(signal) {
    const query = filters.queryOf("all", filters.parse(search.words), now());
    const limit = JOBS_MAX - search.jobs.length;
    const {data, pagination} = await api.jobs({...query, limit, cursor: search.more}, signal);
    if (signal.aborted) {
      return;
    }
    search.jobs = [...search.jobs, ...data.jobs];
    search.scanned += pagination.scanned ?? 0; // a whole id is looked up
    search.more = pagination.nextCursor ?? null;
    search.isEnded = !search.more || search.jobs.length >= JOBS_MAX;
    changed();
  }

  async function look() {
    const {signal} = control;
    const until = performance.now() + GO_ON_MS_MAX;
    Object.assign(search, {looking: true, error: null});
    try {
      await part(signal);
      while (!signal.aborted && !search.isEnded && performance.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
        await part(signal);
      }
    } catch (error) {
      search.error = signal.aborted ? null : error;
    }
    if (!signal.aborted) {
      search.looking = false;
      changed();
    }
  }

  function halt() {
    control.abort();
    control = new AbortController(); // of what is asked for next
    search.looking = false;
  }

  return Object.assign(search, {
    start(words) {
      halt();
      Object.assign(search, BEGUN, {words});
      if (words) {
        look();
      }
    },
    // Whether there is anything left to look at.
    mayGoOn: () => !search.looking && !search.isEnded && (search.more !== null || search.error !== null),
    goOn: () => look(),
    halt,
  });
}
