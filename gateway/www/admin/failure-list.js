// Failed jobs by what they failed of: the pages of the API added up, as they come. It goes on by itself until all jobs
// have been looked at, for a while; then somebody who still waits says so. It knows nothing of how it is shown.

import * as api from "./api.js";

const PAGE = 100,
  PAUSE_MS = 50, // between two pages: others ask, too
  GO_ON_MS_MAX = 30000,
  GROUPS_MAX = 500, // that are kept; jobs of others are counted as such
  SAMPLES_MAX = 5;

// at: when, which tells it from others.
const begun = (query) => ({
  query,
  at: performance.now(),
  groups: new Map(),
  jobs: 0,
  others: 0,
  scanned: 0,
  more: null,
  isWhole: false,
  ms: 0,
});

// One group of two pages: the first one is that of the newer jobs.
function merged(had, group) {
  const times = [had.firstFailedAt, had.lastFailedAt, group.firstFailedAt, group.lastFailedAt].sort();
  return {
    ...had,
    count: had.count + group.count,
    firstFailedAt: times[0],
    lastFailedAt: times.at(-1),
    sampleJobIds: [...had.sampleJobIds, ...group.sampleJobIds].slice(0, SAMPLES_MAX),
  };
}

function add(tally, {data, pagination}) {
  for (const group of data.groups) {
    const had = tally.groups.get(group.errorGroup);
    tally.jobs += group.count;
    if (had || tally.groups.size < GROUPS_MAX) {
      tally.groups.set(group.errorGroup, had ? merged(had, group) : group);
    } else {
      tally.others += group.count;
    }
  }
  tally.scanned += pagination.scanned;
  tally.more = pagination.nextCursor;
  tally.isWhole = tally.more === null;
}

export function failureList(context, queryOf) {
  const list = {tally: null, looking: false, error: null};
  let looks = 0;

  // A tally that is begun anew takes the place of one that is shown when it is whole.
  async function look(tally) {
    const mine = ++looks;
    const from = performance.now();
    const goesOn = () => mine === looks && performance.now() - from < GO_ON_MS_MAX;
    list.looking = true;
    try {
      do {
        const page = await api.failures({...tally.query, limit: PAGE, cursor: tally.more}, context.signal);
        if (mine !== looks) {
          return;
        }
        add(tally, page);
        list.error = null;
        tally.ms = performance.now() - from;
        list.tally = tally.isWhole || !list.tally?.isWhole ? tally : list.tally;
        context.render();
        await new Promise((resolve) => setTimeout(resolve, tally.isWhole ? 0 : PAUSE_MS));
      } while (!tally.isWhole && goesOn());
    } catch (error) {
      if (error.name === "AbortError" || mine !== looks) {
        return;
      }
      list.error = error;
    }
    if (mine === looks) {
      Object.assign(list, {looking: false, tally: list.error ? list.tally : tally});
      context.render();
    }
  }

  function halt() {
    looks++;
    Object.assign(list, {looking: false, error: null}); // an error would have it begin again by itself
    context.render();
  }

  return Object.assign(list, {
    start() {
      Object.assign(list, {tally: null, error: null});
      look(begun(queryOf()));
    },
    // As it was when it was left; what was whole is counted anew meanwhile.
    restore(tally) {
      halt();
      Object.assign(list, {tally, error: null});
      if (tally.isWhole) {
        list.refresh();
      }
    },
    refresh: () => look(begun(queryOf())),
    goOn: () => (list.tally?.more && !list.looking ? look(list.tally) : false),
    halt,
  });
}
