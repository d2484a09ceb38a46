// The jobs of a batch or pipeline, drawn as the flow that they are: to the right of each job (below it, where there is
// no room) those that are made from what it makes.

import {h} from "./dom.js";
import {shortId} from "./format.js";
import {standing} from "./job-table.js";
import {thumb} from "./media.js";
import {badge} from "./parts.js";
import {address} from "./router.js";

const WORDS = {character: "Character", image: "Picture", video: "Video"};
const isEnded = ({status}) => ["completed", "failed", "cancelled"].includes(status);

// [{job, parent, made}] of those that are made from none of the others, which may be kept no longer.
export function treeOf(jobs) {
  const nodes = new Map(jobs.map((job) => [job.jobId, {job, parent: null, made: []}]));
  const roots = [];
  for (const node of nodes.values()) {
    const parent = nodes.get(node.job.parentJobId);
    node.parent = parent?.job ?? null;
    (parent ? parent.made : roots).push(node);
  }
  return roots;
}

// What they all are of: a pipeline is about one character.
export const nameOf = (jobs) => jobs.find((job) => job.character?.name)?.character.name || "";

const stands = (job, parent) =>
  job.status === "pending" && parent && !isEnded(parent)
    ? h("span.soft", null, `waits for the ${WORDS[parent.queue].toLowerCase()}`)
    : standing(job);

function card({job, parent}, isFlat) {
  const name = isFlat && job.character?.name;
  const line = h("span.stands", null, stands(job, parent));
  return h(
    "a.node",
    {href: address(`jobs/${job.jobId}`), class: `is-${job.status}`, "data-job": job.jobId},
    thumb(job),
    h(
      "span.what",
      null,
      h("b", null, name || WORDS[job.queue]),
      h("small.soft", null, name ? `${WORDS[job.queue]} ` : "", h("span.mono", null, shortId(job.jobId))),
    ),
    badge(job.status),
    line.textContent ? line : null,
  );
}

const branch = (nodes, isFlat) =>
  nodes.length === 0
    ? null
    : h(
        "ol",
        null,
        nodes.map((node) => h("li", {key: node.job.jobId}, card(node, isFlat), branch(node.made, isFlat))),
      );

export function flow(jobs) {
  const roots = treeOf(jobs);
  const isFlat = roots.every(({made}) => made.length === 0);
  return h("section.flow", {"aria-label": "Jobs", class: isFlat ? "flat" : ""}, branch(roots, isFlat));
}
