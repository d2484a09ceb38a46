// Workers as people know them: what they do, where, and as which process. The ids that jobs have of theirs are no names;
// of workers that are not connected any more nothing else is known.

import * as api from "./api.js";
import {h} from "./dom.js";
import {shortId} from "./format.js";
import {NAMES} from "./parts.js";
import {address} from "./router.js";

export const workerName = ({workerId, queue, host, pid}) =>
  [NAMES[queue] || queue, host, pid || shortId(workerId)].filter(Boolean).join(" · ");

// The way to a worker among those that are connected.
export const workerLink = (id, name) =>
  h(name ? "a.link" : "a.id", {href: address("workers", {workerId: id}), title: id}, name || `worker ${shortId(id)}`);

export function workerNames(context) {
  const names = new Map();
  return {
    // Empty while it is not known.
    of: (id) => names.get(id) || "",

    // Learns those of these workers. Each is asked for once.
    async learn(ids) {
      const unknown = ids.filter((id) => id && !names.has(id));
      if (unknown.length === 0 || !api.offers("workers")) {
        return;
      }
      unknown.forEach((id) => names.set(id, ""));
      try {
        (await api.workers(context.signal)).forEach((each) => names.set(each.workerId, workerName(each)));
        context.render();
      } catch {
        unknown.forEach((id) => names.delete(id)); // with the next look
      }
    },
  };
}
