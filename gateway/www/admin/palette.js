// Search anywhere: pages, commands, and jobs by name, id, input or error.

import * as api from "./api.js";
import {h, show} from "./dom.js";
import {icon} from "./icons.js";
import {jobSearch} from "./job-search.js";
import {latest} from "./live.js";
import {badge, dialog, NAMES, tried} from "./parts.js";
import {places} from "./keys.js";
import {ago, shortId, whole} from "./format.js";
import {address, go, QUEUES} from "./router.js";

const WAIT_MS = 150,
  TELL_MS = 1000; // how far it has looked is told, and read aloud, once in so long at most

function commands(state, actions) {
  const ways = places().map(([key, path, words]) => ({
    icon: path || "overview",
    words,
    hint: `g ${key}`,
    run: () => go(address(path)),
  }));
  const pauses =
    state.session.role !== "admin"
      ? []
      : QUEUES.map((queue) => {
          const paused = latest.queues?.find((each) => each.queue === queue)?.paused;
          const words = `${paused ? "Resume" : "Pause"} ${NAMES[queue].toLowerCase()}`;
          return {
            icon: paused ? "play" : "pause",
            words,
            run: () => tried(() => api.pause(queue, !paused), `${words}: done`),
          };
        });
  return [
    ...ways,
    ...pauses,
    {icon: "theme", words: "Change the look", hint: "t", run: actions.theme},
    {icon: "help", words: "Help", hint: "?", run: actions.help},
    {icon: "out", words: "Sign out", run: actions.leave},
  ];
}

const jobEntry = (job) => ({
  key: job.jobId,
  icon: job.queue,
  words: job.character?.name || shortId(job.jobId),
  detail: `${shortId(job.jobId)} · ${job.owner} · ${ago(job.createdAt)}`,
  isId: !job.character?.name,
  status: job.status,
  run: () => go(address(`jobs/${job.jobId}`)),
});

// Of a text that has a whole id.
const ID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

// As much of an id as pages show of it, or more.
const ID_BEGINNING = /^[0-9a-f]{8}[0-9a-f-]*$/;

const groupEntry = (id, owner) => ({
  key: id,
  icon: "flow",
  words: `Batch or pipeline ${shortId(id)}`,
  detail: owner,
  run: () => go(address(`groups/${id}`)),
});

// Those whose ids begin so, as the jobs that were found tell of them.
function groupsOf(jobs, words) {
  const [begins, owners] = [words.toLowerCase(), new Map()];
  if (ID_BEGINNING.test(begins)) {
    jobs
      .filter(({groupId}) => groupId?.startsWith(begins))
      .forEach(({groupId, owner}) => owners.set(groupId, owner));
  }
  return [...owners].map((each) => groupEntry(...each));
}

// The batch or pipeline of a whole id, which any of its jobs tells of: nobody is told that there is none.
async function groupEntries(words) {
  const [id] = words.toLowerCase().match(ID) || [];
  if (!id || !api.offers("groups/{groupId}")) {
    return [];
  }
  const {data} = await api.jobs({groupId: id, limit: 1});
  return data.jobs.map(({owner}) => groupEntry(id, owner));
}

// How far it has looked, and what came of it where that is not seen.
function farWords({jobs, scanned, more, looking, isEnded, error}, groups) {
  if (isEnded) {
    const isNone = jobs.length === 0 && groups.length === 0;
    return more ? `The newest ${jobs.length}: there may be more` : isNone ? "No job matches" : "";
  }
  const far = scanned > 0 ? `${whole(scanned)} looked at so far` : looking ? "Looking for jobs" : "";
  return [error?.message, far].filter(Boolean).join(" · ");
}

export function palette(state, actions) {
  const all = commands(state, actions);
  let [words, groups, chosen, timer, asked] = ["", [], null, 0, 0];
  let place = null; // of what the keys chose when the list was last scrolled to it; null: it is to be scrolled
  const far = {node: h("p.far.soft", {role: "status"}), toldAt: -Infinity, timer: 0};
  const search = jobSearch(() => draw());
  const list = h("ul.found", {role: "listbox", id: "found", "aria-label": "Found"});
  const input = h("input", {
    type: "search",
    placeholder: "Search jobs, pages and commands",
    "aria-label": "Search",
    role: "combobox",
    "aria-expanded": "true",
    "aria-controls": "found",
    autocomplete: "off",
    spellcheck: "false",
  });
  const further = {key: "further", icon: "chevron", words: "Look further", stays: true, run: search.goOn};
  const entries = () => {
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
    const fitting = all.filter((each) => wanted.every((word) => each.words.toLowerCase().includes(word)));
    const list = () => go(address("all", {q: words}));
    const more = words.length > 1 ? [{key: "all", icon: "search", words: `All jobs with “${words}”`, run: list}] : [];
    const begun = groups.length > 0 ? groups : api.offers("groups/{groupId}") ? groupsOf(search.jobs, words) : [];
    return [...begun, ...search.jobs.map(jobEntry), ...(search.mayGoOn() ? [further] : []), ...fitting, ...more];
  };
  const keyOf = (each) => each.key || each.words;
  const choose = (each) => {
    if (!each.stays) {
      opened.close();
    }
    each.run();
    draw();
  };
  // What was chosen by the keys stays so when more is found above it; else it is the first.
  const placeIn = (shown) => Math.max(0, shown.findIndex((each) => keyOf(each) === chosen));
  function tell() {
    clearTimeout(far.timer);
    const waitMs = search.looking ? far.toldAt + TELL_MS - performance.now() : 0;
    if (waitMs > 0) {
      far.timer = setTimeout(tell, waitMs);
    } else if (far.node.textContent !== farWords(search, groups)) {
      far.node.textContent = farWords(search, groups);
      far.toldAt = performance.now();
    }
  }
  function draw() {
    const shown = entries();
    const at = placeIn(shown);
    input.setAttribute("aria-activedescendant", `found-${at}`);
    show(
      list,
      shown.map((each, index) =>
        h(
          "li",
          {
            key: keyOf(each),
            id: `found-${index}`,
            role: "option",
            "aria-selected": String(index === at),
            onclick: () => choose(each),
          },
          icon(each.icon),
          h("span", {class: each.isId ? "mono" : ""}, each.words),
          each.status ? badge(each.status) : null,
          each.detail ? h("span.soft", null, each.detail) : null,
          each.hint ? h("kbd", null, each.hint) : null,
        ),
      ),
    );
    tell();
    // Not for each part of a search: others may have scrolled it meanwhile.
    if (place !== `${chosen} ${at}`) {
      place = `${chosen} ${at}`;
      list.children[at]?.scrollIntoView({block: "nearest"});
    }
  }
  const look = async (number) => {
    search.start(words);
    const found = await groupEntries(words).catch(() => []);
    if (number === asked) {
      groups = found;
      draw();
    }
  };
  input.addEventListener("input", () => {
    words = input.value.trim();
    [chosen, groups, place] = [null, [], null];
    asked += 1;
    clearTimeout(timer);
    search.start("");
    if (words.length > 1) {
      timer = setTimeout(look, WAIT_MS, asked);
    }
    draw();
  });
  input.addEventListener("keydown", (event) => {
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (event.isComposing) {
      return; // these keys are the input method's
    }
    if (event.key === "Escape") {
      opened.close(); // the browser would only empty the field
    } else if (step) {
      const shown = entries();
      const next = shown[Math.max(0, Math.min(placeIn(shown) + step, shown.length - 1))];
      [chosen, place] = [next ? keyOf(next) : null, null];
      draw();
    } else if (event.key === "Enter" && entries().length > 0) {
      const shown = entries();
      choose(shown[placeIn(shown)]);
    } else {
      return;
    }
    event.preventDefault();
  });
  const opened = dialog("Search", h("div.palette", null, h("label", null, icon("search"), input), list, far.node), {
    kind: "high",
    onclose() {
      clearTimeout(timer);
      search.halt();
      clearTimeout(far.timer);
    },
  });
  draw();
  input.focus();
}
