// What stands around every page: the brand, the ways to the pages with their queues' counts, and who is signed in.

import {h} from "./dom.js";
import {bytes, clock, count} from "./format.js";
import {icon} from "./icons.js";
import {latest} from "./live.js";
import {theme} from "./look.js";
import {button, NAMES} from "./parts.js";
import {address, isThere, QUEUES} from "./router.js";

const STATES = {live: "Live", lost: "Reconnecting", off: "Not live"};

function tally(queue) {
  const known = latest.queues?.find((each) => each.queue === queue);
  if (!known) {
    return null;
  }
  const {active, waiting} = known.counts;
  return h(
    "span.tally",
    null,
    known.paused ? h("span.waiting", {title: "paused"}, icon("pause")) : null,
    active ? h("span.active", {title: `${active} active`}, count(active)) : null,
    waiting ? h("span.waiting", {title: `${waiting} waiting`}, count(waiting)) : null,
  );
}

function entry(route, path, name, words, extra) {
  const [page, queue] = [path === "" ? "overview" : path, route.queue];
  const isHere = route.page === page || queue === path || (route.page === "user" && path === "users");
  return h(
    "li",
    {key: path},
    h("a", {href: address(path), "aria-current": isHere ? "page" : null}, icon(name), words, extra),
  );
}

function ways(state) {
  const {route} = state;
  const offered = (path, words) => (isThere(path) ? entry(route, path, path, words) : null);
  return [
    h("ul", null, entry(route, "", "overview", "Overview")),
    h("h2", null, "Queues"),
    h(
      "ul",
      null,
      QUEUES.map((queue) => entry(route, queue, queue, NAMES[queue], tally(queue))),
      entry(route, "all", "all", NAMES.all),
    ),
    h("h2", null, "Insight"),
    h("ul", null, offered("failures", "Failures"), offered("history", "History"), offered("users", "Users")),
    h("h2", null, "System"),
    h(
      "ul",
      null,
      offered("workers", "Workers"),
      offered("providers", "Providers"),
      offered("system", "System"),
      offered("operations", "Operations"),
      offered("audit", "Audit log"),
    ),
  ];
}

const brand = () =>
  h("a.brand", {href: address()}, h("img", {src: "/admin/icon.svg", alt: "", width: 24, height: 24}), "Troupe");

function foot(state, actions) {
  const {user, role} = state.session;
  return h(
    "div.foot",
    null,
    h("span.pulse", {class: latest.state}, h("i"), STATES[latest.state]),
    h(
      "div.row",
      null,
      h(
        "span.who.grow",
        {title: `${user}, ${role}`},
        h("b", null, user),
        h("small.soft", null, role === "admin" ? "admin" : "read only"),
      ),
      button("theme", null, actions.theme, {kind: "plain", label: `Look: ${theme()} (t)`}),
      button("help", null, actions.help, {kind: "plain", label: "Help (?)"}),
      button("out", null, actions.leave, {kind: "plain", label: "Sign out"}),
    ),
  );
}

// While the broker refuses new work: on every page, so that nobody looks for a fault elsewhere.
function diskBanner(state) {
  if (!latest.disk) {
    return null;
  }
  const {freeBytes, floorBytes} = latest.disk;
  return h(
    "div.problem.disk-low",
    {key: "disk-low", role: "status"},
    icon("failures"),
    h(
      "span",
      null,
      h("b", null, "The disk is nearly full. "),
      `${freeBytes ? bytes(freeBytes) : "Unknown"} free, ${bytes(floorBytes)} needed. Until then new jobs, retries, ` +
        "webhooks and backups are refused (507); what was accepted goes on. Make room on the broker's disk, or give it " +
        "a larger one; ",
      h("code", null, "TROUPE_SPACE_FLOOR"),
      " sets what is needed. ",
      state.route.page === "system" || !isThere("system") ? null : h("a.link", {href: address("system")}, "System"),
    ),
  );
}

// While nobody tells how things are: a queue that stands must not look like one that is idle.
function staleBanner() {
  if (!latest.stale) {
    return null;
  }
  const {since, why} = latest.stale;
  return h(
    "div.problem.stale",
    {key: "stale", role: "status"},
    icon("failures"),
    h(
      "span",
      null,
      h("b", null, since ? `Not up to date since ${clock(since)}. ` : "Not up to date. "),
      why ? `${why.replace(/[^.]$/, "$&.")} ` : "",
      since ? "This page shows what was known then, and goes on by itself." : "This page goes on by itself.",
    ),
  );
}

export function frame(state, content, actions) {
  return h(
    "div.frame",
    {class: state.open ? "open" : ""},
    h("a.skip", {href: "#content"}, "Skip to the content"),
    h(
      "header.top",
      null,
      button("menu", null, actions.menu, {kind: "plain", label: "Menu", "aria-expanded": String(state.open)}),
      brand(),
      h("span.pulse", {class: latest.state, title: STATES[latest.state]}, h("i")),
      button("search", null, actions.search, {kind: "plain", label: "Search"}),
      button("theme", null, actions.theme, {kind: "plain", label: `Look: ${theme()}`}),
    ),
    h(
      "nav.side",
      {"aria-label": "Pages"},
      brand(),
      h(
        "button.find",
        {type: "button", onclick: actions.search},
        icon("search"),
        "Search",
        h("kbd", null, /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘K" : "Ctrl K"),
      ),
      ways(state),
      foot(state, actions),
    ),
    state.open ? h("button.veil", {type: "button", "aria-label": "Close the menu", onclick: actions.menu}) : null,
    h("main", {id: "content"}, staleBanner(), diskBanner(state), content),
  );
}
