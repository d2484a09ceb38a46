// The providers that jobs call: whether each is asked now, what its account allows, and who waits for it.

import * as api from "./api.js";
import {h} from "./dom.js";
import {between, duration, now, percent, plural, timeOf, usd, when, whole} from "./format.js";
import {icon} from "./icons.js";
import {newest} from "./newest.js";
import {empty, heading, loading, meter, NAMES, problem} from "./parts.js";
import {refresh} from "./refresh.js";
import {address} from "./router.js";

const SLOW_MS = 10000, // calls of the last minute become fewer without a word
  SPENDING_MS = 5000,
  SPENDING_SLOW_MS = 30000,
  DAYS = 30;
const QUEUE_OF = {chat: "character", image: "image", video: "video"};
const WINDOWS = {1000: "a second", 60000: "a minute", 86400000: "a day"};
const LONG_MS = 60000;

const left = (until) => duration(Math.max(1, Math.ceil(-between(until) / 1000)) * 1000).replace(/\.\d/, "");

// Whether what was told of it is over.
const isOver = ({breaker, blockedUntil, limitedUntil}) =>
  [breaker.until, blockedUntil, limitedUntil].some((until) => until && timeOf(until) <= now());

// What needs somebody's eyes comes first.
const ORDER = {bad: 0, busy: 1, paused: 1, good: 2, idle: 3};

// What one should know first about a provider: [kind, word, sentence or nothing].
function stateOf({breaker, blockedUntil, limitedUntil, workers}) {
  if (workers === 0) {
    return ["idle", "Not in use", "No worker that is there has declared it."];
  }
  if (breaker.state === "open") {
    return ["bad", "Down", `Nobody calls it for ${left(breaker.until)}; then one call finds out whether it works.`];
  }
  if (breaker.state === "half_open") {
    return ["busy", "Trying", "The next call is to tell whether it works again."];
  }
  if (blockedUntil) {
    return ["paused", "Pausing", `It asked for a pause: nobody calls it for ${left(blockedUntil)}.`];
  }
  if (limitedUntil) {
    const when = -between(limitedUntil) > LONG_MS ? `for ${left(limitedUntil)}` : "at the moment";
    return ["busy", "At its limit", `Its account allows no more calls ${when}.`];
  }
  return ["good", "Works", null];
}

const gauge = (name, ...content) => h("div", {key: name}, h("dt", null, name), h("dd", null, content));

function limit({durationMs, max, used}) {
  const words = WINDOWS[durationMs] || duration(durationMs);
  return gauge(
    `Calls ${words}`,
    meter(used, max, `Calls ${words}`, used >= max ? "waiting" : "active"),
    h("span", null, `${whole(used)} of ${whole(max)}`),
  );
}

function waiting(provider) {
  const queues = provider.uses.map((use) => QUEUE_OF[use]);
  return provider.waiting === 0
    ? "none"
    : h(
        "a.link.waiting",
        {href: address(queues.length === 1 ? queues[0] : "all", {status: "waiting"})},
        plural(provider.waiting, "job"),
      );
}

// What each provider has cost: Map of name to {today, all}; the newest day comes first.
function costsOf(days) {
  const costs = new Map();
  days.forEach(({providers}, back) => {
    for (const {provider, spentUsd} of providers) {
      const cost = costs.get(provider) || {today: 0, all: 0};
      costs.set(provider, {today: back === 0 ? cost.today + spentUsd : cost.today, all: cost.all + spentUsd});
    }
  });
  return costs;
}

const spending = (cost) =>
  gauge("Spent today", usd(cost?.today || 0), h("span.soft", null, `${usd(cost?.all || 0)} in ${DAYS} days`));

function card(provider, shared, costs) {
  const {account, breaker, limits, perMinute, uses, workers} = provider;
  const [kind, word, sentence] = stateOf(provider);
  const {calls, errors} = perMinute;
  return h(
    "section.card.provider",
    {key: provider.provider, "aria-label": provider.provider, "data-provider": provider.provider},
    h(
      "header",
      null,
      h("h2", null, icon("providers"), h("span.mono", null, provider.provider)),
      h("span.state", {class: kind, title: breaker.state}, h("i.dot"), word),
    ),
    sentence ? h("p.soft", null, sentence) : null,
    h(
      "p.chips",
      null,
      uses.map((use) => h("a.chip", {key: use, href: address(QUEUE_OF[use])}, icon(QUEUE_OF[use]), use)),
    ),
    h(
      "dl.gauges",
      null,
      gauge(
        "Last minute",
        plural(calls, "call"),
        calls > 0
          ? h(
              "span",
              {class: errors ? "failed" : "soft"},
              errors ? `${whole(errors)} failed, ${percent(errors, calls)}` : "none failed",
            )
          : null,
      ),
      gauge("Jobs that wait for it", waiting(provider)),
      costs ? spending(costs.get(provider.provider)) : null,
      limits.length ? limits.map(limit) : gauge("Calls", h("span.soft", null, "no limit")),
      gauge(breaker.state === "closed" ? "Works since" : "Fails since", when(breaker.since)),
      gauge("Account", h("span.mono", null, account), shared > 1 ? h("span.soft", null, `shared by ${shared}`) : null),
      gauge(
        "Workers",
        workers === 0 ? "none" : h("a.link", {href: address("workers")}, plural(workers, "process", "processes")),
      ),
    ),
  );
}

export function create(context) {
  const known = {providers: null, costs: null, spent: null, error: null};
  const newestOf = newest();
  const load = async () => {
    const answer = await newestOf(api.get("providers", null, context.signal));
    if (answer) {
      Object.assign(known, {providers: answer.value?.providers || known.providers, error: answer.error});
      context.render();
    }
  };
  const loadSpending = async () => {
    try {
      const {days} = await api.get("usage", {days: DAYS}, context.signal);
      Object.assign(known, {costs: costsOf(days), spent: days[0].spentUsd});
      context.render();
    } catch {
      // what is known of it stays
    }
  };
  // What providers are called for are steps of jobs.
  const {soon} = refresh(context, load, {kinds: ["jobs", "counts"], slowMs: SLOW_MS});
  refresh(context, loadSpending, {kinds: ["counts"], ms: SPENDING_MS, slowMs: SPENDING_SLOW_MS});
  context.every(1000, () => {
    known.providers?.some(isOver) && soon();
    context.render();
  });
  loadSpending();
  load();
  return {
    title: "Providers",
    view() {
      const {providers, costs, spent, error} = known;
      if (!providers) {
        return [heading("Providers"), error ? problem(error, load) : loading()];
      }
      const sorted = providers.toSorted(
        (one, other) =>
          ORDER[stateOf(one)[0]] - ORDER[stateOf(other)[0]] || one.provider.localeCompare(other.provider),
      );
      const down = sorted.filter(({breaker, workers}) => breaker.state !== "closed" && workers > 0).length;
      const shared = Object.groupBy(sorted, ({account}) => account);
      return [
        heading(
          "Providers",
          [
            plural(sorted.length, "provider"),
            down ? `${whole(down)} down` : "none is down",
            ...(spent === null ? [] : [`${usd(spent)} spent today (UTC)`]),
          ].join(" · "),
        ),
        error ? problem(error, load) : null,
        sorted.length
          ? h(
              "div.cards",
              null,
              sorted.map((provider) => card(provider, shared[provider.account].length, costs)),
            )
          : empty("providers", "No provider is known", "Workers declare those that they call when they connect."),
      ];
    },
  };
}
