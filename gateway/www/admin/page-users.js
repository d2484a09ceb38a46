// Who asks for work now, and how it is shared; who has spent today.

import * as api from "./api.js";
import {h} from "./dom.js";
import {percent, plural, usd, whole} from "./format.js";
import {newest} from "./newest.js";
import {button, empty, figure, heading, loading, meter, problem} from "./parts.js";
import {refresh} from "./refresh.js";
import {address, userAddress} from "./router.js";

const PAGE = 100;

const liveOf = (user) => user.active + user.waiting + user.pending;

export function create(context) {
  const offersFailures = api.offers("failures");
  const known = {users: null, totals: null, hasMore: false, error: null, ...context.kept?.known};
  let pages = context.kept?.pages || 1;
  const newestOf = newest();
  const read = async () => {
    const users = new Map(); // somebody may move from one page to the next meanwhile
    let [cursor, totals] = [null, null];
    for (let page = 0; page < pages && (page === 0 || cursor); page++) {
      const {data, pagination} = await api.call("GET", "users", {
        query: {limit: PAGE, cursor},
        signal: context.signal,
      });
      data.users.forEach((user) => users.set(user.owner, user));
      cursor = pagination.nextCursor;
      totals ||= data.totals;
    }
    return {users: [...users.values()], totals, hasMore: cursor !== null};
  };
  const load = async () => {
    const answer = await newestOf(read());
    if (answer) {
      Object.assign(known, answer.value, {error: answer.error});
      context.render();
    }
  };
  const more = () => {
    pages++;
    load();
  };
  refresh(context, load, {kinds: ["counts"]});
  load();
  const row = (user, most) =>
    h(
      "tr",
      {key: user.owner, "data-user": user.owner},
      h("td.owner", {title: user.owner}, h("a.link", {href: userAddress(user.owner)}, user.owner)),
      h(
        "td.number",
        {"data-label": "Active"},
        h("a.active", {href: address("all", {owner: user.owner, status: "active"})}, whole(user.active)),
      ),
      h(
        "td.number",
        {"data-label": "Waiting"},
        h("a.waiting", {href: address("all", {owner: user.owner, status: "waiting"})}, whole(user.waiting)),
      ),
      h("td.number.soft", {"data-label": "Pending"}, whole(user.pending)),
      h(
        "td",
        {"data-label": "Share of what runs"},
        h(
          "span.row",
          null,
          h("span.grow", null, meter(user.share, 1, "Share of what runs", "active")),
          h("span.number", null, percent(user.share, 1)),
        ),
      ),
      h("td.number", {"data-label": "Spent today"}, user.spentTodayUsd > 0 ? usd(user.spentTodayUsd) : h("span.soft", null, "–")),
      h("td", {"data-label": "Load"}, meter(liveOf(user), most, "Live jobs, beside the others", "waiting")),
      offersFailures
        ? h(
            "td.number",
            {"data-label": "Failures"},
            h("a.link", {href: address("failures", {owner: user.owner}), "aria-label": `Failures of ${user.owner}`}, "Show"),
          )
        : null,
    );
  return {
    title: "Users",
    keep: () => ({pages, known: {...known}}),
    view() {
      const {users, totals, hasMore, error} = known;
      const most = Math.max(1, ...(users || []).map(liveOf));
      return [
        heading(
          "Users",
          users
            ? `${plural(totals.users, "user")} with live jobs, or who spent today. They take turns, however many jobs each one has.`
            : null,
        ),
        error ? problem(error, load) : null,
        users?.length
          ? h(
              "div.figures",
              null,
              figure("users", totals.users),
              figure("active", totals.active, "active"),
              figure("waiting", totals.waiting, "waiting"),
              figure("pending", totals.pending, "pending", "Scheduled, or made from others"),
            )
          : null,
        !users
          ? error
            ? null
            : loading()
          : users.length === 0
            ? empty("users", "Nobody waits", "Users with live jobs, and who has spent today, are listed here.")
            : h(
                "div.sheet",
                {tabindex: 0, role: "group", "aria-label": "Users"},
                h(
                  "table.users.stacked",
                  null,
                  h(
                    "thead",
                    null,
                    h(
                      "tr",
                      null,
                      h("th", {scope: "col"}, "User"),
                      h("th.number", {scope: "col"}, "Active"),
                      h("th.number", {scope: "col"}, "Waiting"),
                      h("th.number", {scope: "col"}, "Pending"),
                      h("th", {scope: "col"}, "Share of what runs"),
                      h("th.number", {scope: "col", title: "Since midnight UTC"}, "Spent today"),
                      h("th", {scope: "col"}, "Load"),
                      offersFailures ? h("th.number", {scope: "col"}, "Failures") : null,
                    ),
                  ),
                  h(
                    "tbody",
                    null,
                    users.map((user) => row(user, most)),
                  ),
                ),
              ),
        hasMore ? h("p.row", null, button(null, "Show more", more)) : null,
      ];
    },
  };
}
