// What a job of a batch or pipeline belongs to: its group, the job that it is made from, and those that are made from
// it. None of that ever changes, so it is asked for once.

import * as api from "./api.js";
import {h} from "./dom.js";
import {shortId} from "./format.js";
import {jobLink} from "./parts.js";
import {address} from "./router.js";

const NEXT = {character: "image", image: "video"}; // what may be made from what a queue makes

export const groupLink = (id, words) => h("a.id", {href: address(`groups/${id}`), title: id}, words || shortId(id));

export function jobKin(context) {
  let made = null;
  return {
    async learn({jobId, groupId, queue}) {
      if (made || !groupId || !NEXT[queue]) {
        return;
      }
      made = [];
      try {
        const {data} = await api.jobs({groupId, queue: NEXT[queue], limit: 100}, context.signal);
        made = data.jobs.filter(({parentJobId}) => parentJobId === jobId).reverse();
        context.render();
      } catch {
        made = null; // with the next look
      }
    },

    // Rows of facts about it.
    rows: ({groupId, parentJobId}) => [
      groupId ? ["Batch or pipeline", groupLink(groupId)] : null,
      parentJobId ? ["Made from", jobLink(parentJobId)] : null,
      made?.length
        ? ["Made from it", h("span.row", null, made.map((job) => jobLink(job.jobId, `${job.queue} ${shortId(job.jobId)}`)))]
        : null,
    ],
  };
}
