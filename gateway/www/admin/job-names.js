// What the jobs of workers are about: the names of their characters. Each is asked for once; those of jobs that nobody
// shows any more are forgotten.

import * as api from "./api.js";

const ASKED_MAX = 20, // by one question
  LEARNT_MAX = 100; // at once: the rest with the next call

export function jobNames(context) {
  const names = new Map();
  const ask = async (ids) => {
    ids.forEach((id) => names.set(id, "")); // nobody else asks meanwhile
    try {
      const {data} = await api.jobs({jobId: ids.join(",")}, context.signal);
      data.jobs.forEach((job) => names.set(job.jobId, job.character?.name || ""));
      context.render();
    } catch {
      ids.forEach((id) => names.delete(id));
    }
  };
  return {
    // The name of a job's character: empty when there is none, or none yet.
    of: (id) => names.get(id) || "",

    // Learns those of these jobs, and keeps no others.
    async learn(ids) {
      const shown = new Set(ids);
      [...names.keys()].filter((id) => !shown.has(id)).forEach((id) => names.delete(id));
      const unknown = ids.filter((id) => !names.has(id)).slice(0, LEARNT_MAX);
      while (unknown.length > 0) {
        await ask(unknown.splice(0, ASKED_MAX));
      }
    },
  };
}
