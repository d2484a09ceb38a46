// Search anywhere: pages, commands, and jobs by name, id, input or error.

import * as api from "./api.js";
import {h, show} from "./dom.js";
import {icon} from "./icons.js";
import {latest} from "./live.js";
import {badge, dialog, NAMES, tried} from "./parts.js";
import {places} from "./keys.js";
import {ago, shortId} from "./format.js";
import {address, go, QUEUES} from "./router.js";

const WAIT_MS = 150,
  JOBS_MAX = 8;

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
  icon: job.queue,
  words: job.character?.name || shortId(job.jobId),
  detail: `${shortId(job.jobId)} · ${job.owner} · ${ago(job.createdAt)}`,
  isId: !job.character?.name,
  status: job.status,
  run: () => go(address(`jobs/${job.jobId}`)),
});

// Of a text that has a whole id.
const ID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

// The batch or pipeline of an id, which any of its jobs tells of: nobody is told that there is none.
async function groupEntries(words) {
  const [id] = words.match(ID) || [];
  if (!id || !api.offers("groups/{groupId}")) {
    return [];
  }
  const {data} = await api.jobs({groupId: id, limit: 1});
  return data.jobs.map(({owner}) => ({
    icon: "flow",
    words: `Batch or pipeline ${shortId(id)}`,
    detail: owner,
    run: () => go(address(`groups/${id}`)),
  }));
}

export function palette(state, actions) {
  const all = commands(state, actions);
  let [words, found, at, timer, asked] = ["", [], 0, 0, 0];
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
  const entries = () => {
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
    const fitting = all.filter((each) => wanted.every((word) => each.words.toLowerCase().includes(word)));
    const more =
      words.length > 1
        ? [{icon: "search", words: `All jobs with “${words}”`, run: () => go(address("all", {q: words}))}]
        : [];
    return [...found, ...fitting, ...more];
  };
  const choose = (each) => {
    opened.close();
    each.run();
  };
  const draw = () => {
    const shown = entries();
    at = Math.max(0, Math.min(at, shown.length - 1));
    input.setAttribute("aria-activedescendant", `found-${at}`);
    show(
      list,
      shown.map((each, index) =>
        h(
          "li",
          {id: `found-${index}`, role: "option", "aria-selected": String(index === at), onclick: () => choose(each)},
          icon(each.icon),
          h("span", {class: each.isId ? "mono" : ""}, each.words),
          each.status ? badge(each.status) : null,
          each.detail ? h("span.soft", null, each.detail) : null,
          each.hint ? h("kbd", null, each.hint) : null,
        ),
      ),
    );
    list.children[at]?.scrollIntoView({block: "nearest"});
  };
  const look = async (number) => {
    const [jobs, groups] = await Promise.all([
      api.jobs({q: words, limit: JOBS_MAX}).then(({data}) => data.jobs.map(jobEntry), () => []),
      groupEntries(words).catch(() => []),
    ]);
    if (number === asked) {
      found = [...groups, ...jobs];
      draw();
    }
  };
  input.addEventListener("input", () => {
    words = input.value.trim();
    at = 0;
    asked += 1;
    clearTimeout(timer);
    if (words.length > 1) {
      timer = setTimeout(look, WAIT_MS, asked);
    } else {
      found = [];
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
      at += step;
      draw();
    } else if (event.key === "Enter" && entries()[at]) {
      choose(entries()[at]);
    } else {
      return;
    }
    event.preventDefault();
  });
  const opened = dialog("Search", h("div.palette", null, h("label", null, icon("search"), input), list), {
    kind: "high",
    onclose: () => clearTimeout(timer),
  });
  draw();
  input.focus();
}
