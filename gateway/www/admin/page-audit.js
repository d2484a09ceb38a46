// Who did what, and who was refused.

import * as api from "./api.js";
import {h} from "./dom.js";
import {clock, shortId, when} from "./format.js";
import {newest} from "./newest.js";
import {button, empty, heading, jobLink, loading, problem} from "./parts.js";
import {address} from "./router.js";

const PAGE = 50,
  REFRESH_MS = 5000;
const ID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;
const OF_JOBS = ["cancel", "retry", "replay", "duplicate", "promote", "priority", "delete_job"];
const OF_WORKERS = ["drain", "undrain", "stop"];

const isRefused = (line) => !["ok", "unchanged"].includes(line.outcome);
const wordsOf = (line) => line.outcome.replaceAll("_", " ") + (line.leftOut > 0 ? `, ${line.leftOut} times` : "");

// What was acted upon leads to its page, if it has one and may be there still.
function target({action, target: id, outcome}) {
  const isGone = outcome === "not_found" || (action === "delete_job" && !isRefused({outcome}));
  if (ID.test(id || "") && !isGone && OF_JOBS.includes(action)) {
    return jobLink(id);
  }
  if (ID.test(id || "") && !isGone && OF_WORKERS.includes(action)) {
    return h("a.id", {href: address("workers"), title: id}, shortId(id));
  }
  return h("span.mono", null, id || "–");
}

export function create(context) {
  const known = {lines: null, more: null, error: null, loading: false};
  const newestOf = newest();
  const load = async (cursor) => {
    known.loading = true;
    newestOf.forget(); // what comes behind a cursor and the first page anew go ill together
    const answer = await newestOf(
      api.call("GET", "audit", {query: {limit: PAGE, cursor}, signal: context.signal}),
    );
    if (!answer) {
      return;
    }
    if (answer.value) {
      const {data, pagination} = answer.value;
      known.lines = cursor ? [...known.lines, ...data.audit] : data.audit;
      known.more = pagination?.nextCursor || null;
    }
    Object.assign(known, {error: answer.error, loading: false});
    context.render();
  };
  const row = (line, index) =>
    h(
      "tr",
      {key: `${line.at} ${line.requestId || index}`},
      h("td", null, when(line.at, clock)),
      h("td", null, line.user),
      h("td.soft.wide-only", null, line.role),
      h("td", null, h("b", null, line.action)),
      h("td.target", null, target(line)),
      h("td", null, h("span.state", {class: isRefused(line) ? "bad" : "good"}, h("i.dot"), wordsOf(line))),
      h("td.mono.soft.wide-only", null, line.requestId),
    );
  context.every(REFRESH_MS, () => !known.loading && known.lines && known.lines.length <= PAGE && load());
  load();
  return {
    title: "Audit log",
    keys: {n: () => (known.more && !known.loading ? load(known.more) : false)},
    view: () => [
      heading("Audit log", "Every action, and every one that was refused; newest first"),
      known.error ? problem(known.error, () => load()) : null,
      !known.lines
        ? known.error
          ? null
          : loading()
        : known.lines.length === 0
          ? empty("audit", "Nothing was done yet", "Actions are written down here.")
          : h(
              "div.sheet",
              {tabindex: 0, role: "group", "aria-label": "Audit log"},
              h(
                "table",
                null,
                h(
                  "thead",
                  null,
                  h(
                    "tr",
                    null,
                    ["When", "Who"].map((words) => h("th", {scope: "col"}, words)),
                    h("th.wide-only", {scope: "col"}, "Role"),
                    ["Action", "Upon", "Outcome"].map((words) => h("th", {scope: "col"}, words)),
                    h("th.wide-only", {scope: "col"}, "Request"),
                  ),
                ),
                h("tbody", null, known.lines.map(row)),
              ),
            ),
      known.more ? button("chevron", "Load more", () => load(known.more), {disabled: known.loading}) : null,
    ],
  };
}
