// Whether failed pictures and videos can be tried again: their character must be there, and what they are made from. Of
// a group of failures its newest jobs are asked about.

import * as api from "./api.js";
import {jobLink} from "./parts.js";

const ASKED_MAX = 20; // ids in a question

async function jobsOf(ids, signal) {
  const found = [];
  for (let at = 0; at < ids.length; at += ASKED_MAX) {
    const {data} = await api.jobs({jobId: ids.slice(at, at + ASKED_MAX).join(",")}, signal);
    found.push(...data.jobs);
  }
  return new Map(found.map((job) => [job.jobId, job]));
}

const isMade = ({queue}) => queue === "image" || queue === "video";

// Whether the newest jobs of a group are all that it has.
export const isKnown = ({count, sampleJobIds}) => count <= sampleJobIds.length;

// Why the newest jobs of a group cannot, in words. first: the jobs that have to be retried before.
export function whyNot(first, group) {
  const isAll = isKnown(group);
  if (first.length > 0) {
    return [isAll ? "To be retried first: " : "Of the newest, to be retried first: ", first.map((id) => [jobLink(id), " "])];
  }
  return isAll
    ? "Not to be retried: what it takes is not there any more"
    : "The newest cannot be retried: what they take is not there any more";
}

// A job as a group of its own.
export const alone = ({jobId, queue}) => ({count: 1, queue, sampleJobIds: [jobId]});

export function retryFit(context) {
  const standings = new Map(); // of jobs, by their ids: {isGone, source}, which has to be made first
  const statuses = new Map(); // of sources

  function standingOf(job, sources) {
    const source = sources.get(job.parentJobId);
    if (source) {
      statuses.set(source.jobId, source.status);
    }
    const mayCome = source && source.status !== "completed";
    return {isGone: !job.character?.displayId && !mayCome, source: source?.jobId};
  }
  const isThere = (source) => !source || statuses.get(source) === "completed";
  const fits = ({isGone, source}) => !isGone && isThere(source);

  context.on("jobs", (jobs) => {
    const told = jobs.filter(({jobId}) => statuses.has(jobId));
    told.forEach(({jobId, status}) => statuses.set(jobId, status));
    told.length > 0 && context.render();
  });

  return {
    // groups: of failures, those that are shown.
    async learn(groups) {
      const ids = groups.filter(isMade).flatMap(({sampleJobIds}) => sampleJobIds);
      const wanted = ids.filter((id) => !standings.has(id) || !fits(standings.get(id)));
      try {
        const jobs = await jobsOf(wanted, context.signal);
        const parents = [...jobs.values()].map(({parentJobId}) => parentJobId).filter(Boolean);
        const sources = await jobsOf([...new Set(parents)], context.signal);
        jobs.forEach((job, id) => standings.set(id, standingOf(job, sources)));
        context.render();
      } catch {
        // What is not known may be tried: a refusal says why.
      }
    },

    // Null when some of its newest jobs may be retried; else those that would have to be first, none when that is gone.
    // Of its other jobs this tells nothing: a group has those of all users and pipelines.
    obstacles({sampleJobIds}) {
      const known = sampleJobIds.map((id) => standings.get(id));
      return known.every((each) => each && !fits(each))
        ? [...new Set(known.map(({source}) => source).filter((source) => source && !isThere(source)))]
        : null;
    },
  };
}
