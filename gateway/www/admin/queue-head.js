// What stands above the jobs of a queue: whether anything starts, how much of its workers is used, and how fast it goes.

import * as api from "./api.js";
import {duration, plural, whole} from "./format.js";
import {button, heading, NAMES, noNewJobs, tried} from "./parts.js";

// How much of its workers is used, and whether they take anything.
function slotWords({slots, slotsBusy, workers, workersDraining}) {
  const used = `${whole(slotsBusy)} of ${plural(slots, "slot")} busy`;
  if (workers === 0) {
    return ["no worker"];
  }
  if (workersDraining === workers) {
    return [slotsBusy > 0 ? used : null, `${plural(workers, "worker")} drained: nothing starts`];
  }
  return [used, workersDraining > 0 ? `${whole(workersDraining)} of ${plural(workers, "worker")} drained` : null];
}

// queue: as far as it is known; all of them, named "all", are none. mayAct: whether it may be paused here.
export function queueHead(name, queue, mayAct) {
  if (name === "all" || !queue) {
    return heading(NAMES[name], name === "all" ? "Of every queue, newest first" : null);
  }
  const {limit, paused, perMinute} = queue;
  const words = [
    paused ? "Paused: nothing starts" : null,
    ...slotWords(queue),
    limit?.max > 0 ? `${limit.max} starts in ${duration(limit.durationMs)}` : "no rate limit",
    `${whole(perMinute.completed)} done in the last minute`,
  ];
  const refusal = noNewJobs(name);
  const swap = () => tried(() => api.pause(name, !paused), `${NAMES[name]} ${paused ? "resumed" : "paused"}`);
  return heading(
    NAMES[name],
    [refusal, refusal ? " · " : null, words.filter(Boolean).join(" · ")],
    mayAct
      ? button(paused ? "play" : "pause", paused ? "Resume the queue" : "Pause the queue", swap, {
          kind: paused ? "primary" : "",
          "data-pause": "1",
        })
      : null,
  );
}
