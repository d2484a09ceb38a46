// Groups of failures as people know them: by the error that their jobs have in common. The API names a group by an id,
// and tells its error only as long as one of its jobs has failed: afterwards the tabs of the browser ask each other.

import * as api from "./api.js";
import {shortId} from "./format.js";

const GROUPS_MAX = 1000;
const known = new Map(); // for as long as the pages are open
const sought = new Map(); // groups that the API or other tabs were asked about, and all that shows each
const tabs = new BroadcastChannel("troupe.failure-groups"); // {group, words} tells, {group} asks

const write = (code, message) => [code, message].filter(Boolean).join(": ");

// While it is not known, the beginning of the id.
export const failureWords = (group) => known.get(group) || shortId(group);

function keep(group, words) {
  if (known.has(group) || known.size < GROUPS_MAX) {
    known.set(group, words);
  }
}

// What a count of failures tells of a group.
export function rememberFailure({errorGroup, errorCode, message}) {
  keep(errorGroup, write(errorCode, message));
}

function tell(group, words) {
  const renders = sought.get(group) || [];
  sought.delete(group);
  keep(group, words);
  renders.forEach((render) => render());
}

tabs.onmessage = ({data: {group, words}}) => {
  if (words && sought.has(group)) {
    tell(group, words);
  } else if (!words && known.get(group)) {
    tabs.postMessage({group, words: known.get(group)});
  }
};

// Of groups that nobody has told of, one of the jobs is asked for, once; there is none when all have been tried again.
export async function learnFailures(operations, render) {
  const all = new Set(operations.map(({where}) => where?.errorGroup).filter(Boolean));
  all.forEach((group) => sought.get(group)?.add(render));
  const groups = new Set([...all].filter((group) => !known.has(group)));
  for (const errorGroup of [...groups].slice(0, GROUPS_MAX - known.size)) {
    known.set(errorGroup, "");
    sought.set(errorGroup, new Set([render]));
    const answer = await api.jobs({errorGroup, status: "failed", limit: 1}).catch(() => null);
    const error = answer?.data.jobs[0]?.lastError;
    if (error) {
      tell(errorGroup, write(error.code, error.message));
    } else if (!answer) {
      known.delete(errorGroup);
      sought.delete(errorGroup);
    } else {
      tabs.postMessage({group: errorGroup});
    }
  }
}
