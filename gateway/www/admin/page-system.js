// The broker and how it fares, the gateway that this page came from, and every program that is connected.

import * as api from "./api.js";
import {h} from "./dom.js";
import {between, bytes, count, duration, plural, shortId, when, whole} from "./format.js";
import {icon} from "./icons.js";
import {latest} from "./live.js";
import {newest} from "./newest.js";
import {facts, figure, heading, loading, NAMES, problem} from "./parts.js";
import {refresh} from "./refresh.js";
import {address} from "./router.js";

const REFRESH_MS = 2000,
  SLOW_MS = 10000; // nobody tells of gateways, of the disk and of those who look

const full = ({version, commit}) => (version ? `${version}${commit ? ` (${commit})` : ""}` : "not told");
const ms = (us) => (us < 10000 ? `${(us / 1000).toFixed(1)} ms` : duration(us / 1000));
const ago = (program) => duration(Math.floor(between(program.startedAt) / 1000) * 1000);

// What somebody should do something about. That the disk is low stands above every page, where the broker
// tells so with its queues.
function alerts({disk, store, totals}) {
  return [
    disk.low && !latest.disk
      ? `The disk is nearly full: new jobs are refused until ${bytes(disk.floorBytes)} are free. What runs goes on.`
      : null,
    store.writesStopped ? "The store has stopped writing: its compactions do not keep up." : null,
    store.backgroundErrors ? `The store has had ${plural(store.backgroundErrors, "error")}: see the broker's log.` : null,
    totals.differing
      ? `${plural(totals.differing, "program runs", "programs run")} another version than the broker.`
      : null,
  ]
    .filter(Boolean)
    .map((words) => h("div.problem", {key: words, role: "status"}, icon("failures"), h("span", null, words)));
}

const card = (name, words, ...content) =>
  h("section.card", {key: name, "aria-label": words, "data-part": name}, h("header", null, h("h2", null, words)), content);

function cards({broker, disk, backup, commits, store, gateway}) {
  return h(
    "div.cards",
    null,
    card(
      "broker",
      "Broker",
      facts(
        ["Version", full(broker), "whole"],
        ["Up", ago(broker)],
        ["Started", when(broker.startedAt)],
        ["Host", broker.host],
        ["Process", broker.pid],
        ["Refused records", whole(broker.refused)],
      ),
    ),
    card(
      "disk",
      "Disk and backup",
      facts(
        ["Free", disk.freeBytes === null ? "not known" : bytes(disk.freeBytes)],
        ["Refuses below", bytes(disk.floorBytes)],
        ["New jobs", disk.low ? h("b.failed", null, "refused") : "accepted"],
        ["Last backup", backup.name ? [when(backup.completedAt), " ", h("span.mono", null, backup.name)] : "none", "whole"],
        backup.running ? ["Backup", "one is being made"] : null,
      ),
    ),
    card(
      "commits",
      "Commits",
      facts(
        ["Since the start", count(commits.count)],
        ["Operations in one", commits.count ? (commits.operations / commits.count).toFixed(1) : "–"],
        ["Written", bytes(commits.bytes)],
        ["Half take at most", commits.count ? ms(commits.timeUs.p50) : "–"],
        ["99 % take at most", commits.count ? ms(commits.timeUs.p99) : "–"],
      ),
    ),
    card(
      "store",
      "Store",
      facts(
        ["Tables", bytes(store.tableBytes)],
        ["Live in them, about", bytes(store.liveBytes)],
        ["Keys, about", count(store.keys)],
        ["Not in a table yet", bytes(store.memtableBytes)],
        ["Cached", bytes(store.cacheBytes)],
        ["To be compacted", bytes(store.pendingCompactionBytes)],
        ["Compactions now", whole(store.runningCompactions)],
        ["Writes", store.writesStopped ? h("b.failed", null, "stopped") : "go on"],
        ["Errors", whole(store.backgroundErrors)],
      ),
    ),
    card(
      "gateway",
      "This gateway",
      facts(
        ["Version", full(gateway), "whole"],
        ["Up", ago(gateway)],
        ["Connections", `${whole(gateway.connections)} of ${whole(gateway.connectionsMax)}`],
        ["Event streams", whole(gateway.streams)],
        ["Dashboards", whole(gateway.dashboards)],
      ),
    ),
  );
}

function row(program, own) {
  const {programId, role, host, pid, differs, connectedAt} = program;
  const isActor = role !== "gateway";
  return h(
    "tr",
    {key: programId, "data-program": programId},
    h("td", null, isActor ? h("a.link", {href: address("workers")}, NAMES[role]) : "Gateway"),
    h(
      "td",
      {"data-label": "Version"},
      full(program),
      differs ? h("span.state.bad", {title: "Another version than the broker's"}, h("i.dot"), "differs") : null,
    ),
    h("td", {"data-label": "Host"}, host || "–"),
    h("td.number", {"data-label": "Process"}, pid ?? "–"),
    h("td", {"data-label": "Connected"}, when(connectedAt)),
    h("td.mono.soft", {"data-label": "Id", title: programId}, shortId(programId), programId === own ? " (this one)" : ""),
  );
}

const programsTable = ({programs, gateway}) =>
  h(
    "div.sheet",
    {tabindex: 0, role: "group", "aria-label": "Programs"},
    h(
      "table.programs.stacked",
      null,
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          ["Program", "Version", "Host"].map((words) => h("th", {scope: "col"}, words)),
          h("th.number", {scope: "col"}, "Process"),
          h("th", {scope: "col"}, "Connected"),
          h("th", {scope: "col"}, "Id"),
        ),
      ),
      h("tbody", null, programs.map((each) => row(each, gateway.programId))),
    ),
  );

export function create(context) {
  const known = {system: null, error: null};
  const newestOf = newest();
  const load = async () => {
    const answer = await newestOf(api.get("system", null, context.signal));
    if (answer) {
      Object.assign(known, {system: answer.value || known.system, error: answer.error});
      context.render();
    }
  };
  context.every(1000, context.render);
  refresh(context, load, {kinds: ["workers", "counts"], ms: REFRESH_MS, slowMs: SLOW_MS});
  load();
  return {
    title: "System",
    view() {
      const {system, error} = known;
      if (!system) {
        return [heading("System"), error ? problem(error, load) : loading()];
      }
      const {broker, totals, programs, gateway, store} = system;
      const left = totals.gateways + totals.actors - programs.length;
      return [
        heading("System", `Troupe ${full(broker)} · up ${ago(broker)}`),
        error ? problem(error, load) : null,
        alerts(system),
        h(
          "div.figures",
          null,
          figure("gateways", totals.gateways),
          figure("actors", totals.actors),
          figure("of another version", totals.differing, totals.differing ? "failed" : ""),
          figure("event streams here", gateway.streams),
          figure("in the store", bytes(store.tableBytes)),
        ),
        cards(system),
        h("h2", null, "Gateways and actors"),
        programsTable(system),
        left > 0 ? h("p.soft", null, `${plural(left, "more program")} not shown`) : null,
      ];
    },
  };
}
