// The parts that pages are made of.

import {h} from "./dom.js";
import {count, plural, shortId} from "./format.js";
import {icon} from "./icons.js";
import {latest} from "./live.js";
import {address, isThere, userAddress} from "./router.js";

export const STATUSES = ["pending", "waiting", "active", "completed", "failed", "cancelled"];

export const NAMES = {character: "Characters", image: "Images", video: "Videos", webhook: "Webhooks", all: "All jobs"};

export const badge = (status, title) => h(`span.badge.${status}`, {title}, h("i.dot"), status);

// A button with a drawing. words: its text; without one it needs a label.
export function button(name, words, onclick, {kind = "", label, disabled = false, title, ...more} = {}) {
  return h(
    "button.button",
    {type: "button", class: kind, onclick, disabled, title: title || label, "aria-label": label, ...more},
    name ? icon(name) : null,
    words ? h("span", null, words) : null,
  );
}

export const meter = (part, all, label, kind = "") =>
  h(
    "span.meter",
    {
      class: kind,
      role: "meter",
      "aria-label": label,
      "aria-valuemin": 0,
      "aria-valuemax": all || 1,
      "aria-valuenow": Math.min(part, all || 1),
    },
    h("i", {style: {width: `${all > 0 ? Math.min(100, (part / all) * 100) : 0}%`}}),
  );

export const progress = (value, label = "Progress") =>
  h(
    "span.progress",
    {role: "progressbar", "aria-label": label, "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": value},
    h("i", {style: {width: `${value}%`}}),
  );

// How a queue's jobs are divided, as one bar.
export function statusBar(counts, shown = STATUSES) {
  const all = shown.reduce((sum, status) => sum + (counts[status] || 0), 0);
  const words = shown.map((status) => `${counts[status] || 0} ${status}`).join(", ");
  return h(
    "div.statusbar",
    {role: "img", "aria-label": words},
    all === 0
      ? h("i.none")
      : shown
          .filter((status) => counts[status] > 0)
          .map((status) =>
            h(`i.${status}`, {
              key: status,
              title: `${counts[status]} ${status}`,
              style: {"flex-grow": String(Math.max(counts[status] / all, 0.012))},
            }),
          ),
  );
}

// A word that may be broken behind its underscores, where there is no room for all of it.
export const parted = (word) => word.split(/(?<=_)/).map((part, index) => [index > 0 ? h("wbr") : null, part]);

export const jobLink = (id, words) => h("a.id", {href: address(`jobs/${id}`), title: id}, words || shortId(id));

export const userLink = (name) =>
  h("a.link", {href: isThere("users") ? userAddress(name) : address("all", {owner: name})}, name);

export const empty = (name, title, ...words) =>
  h("div.empty", null, icon(name, "big"), h("p.title", null, title), h("p.soft", null, words));

// What was asked for is not there: why it may be, and the ways on. more: other ways before them.
export const absent = (title, words, ...more) =>
  h(
    "div.empty",
    null,
    icon("search", "big"),
    h("p.title", null, title),
    h("p.soft", null, words),
    h(
      "div.ways",
      null,
      more,
      h("a.button", {href: address("all")}, icon("all"), "All jobs"),
      h("a.button", {href: address()}, icon("overview"), "Overview"),
    ),
  );

export const problem = (error, again) =>
  h(
    "div.problem",
    {role: "alert"},
    icon("failures"),
    h("span", null, error.message),
    again ? button("retry", "Try again", again, {kind: "small"}) : null,
  );

export const loading = () =>
  h("div.loading", {"aria-busy": "true"}, h("i"), h("i"), h("i"), h("span.hidden", null, "Loading"));

// rows: [name, value, "whole" for a line of its own?].
export const facts = (...rows) =>
  h(
    "dl.facts",
    null,
    rows
      .filter(Boolean)
      .map(([name, value, kind = ""]) =>
        h(
          "div",
          {key: name, class: kind},
          h("dt", null, name),
          h("dd", null, value === "" || value === null || value === undefined ? "–" : value),
        ),
      ),
  );

export const heading = (title, sub, ...right) =>
  h(
    "header.heading",
    null,
    h("div", null, h("h1", {tabindex: "-1"}, title), sub ? h("p.soft", null, sub) : null),
    h("div.actions", null, right),
  );

export const json = (value) => h("pre.json", {tabindex: 0}, JSON.stringify(value, null, 2));

// Of a queue while the disk is low. What is to be delivered comes of what was accepted: webhooks go on.
export const noNewJobs = (queue) =>
  latest.disk && queue !== "webhook" ? h("span.state.bad", {key: "no-new"}, h("i.dot"), "No new jobs") : null;

export const total = (counts) => STATUSES.reduce((sum, status) => sum + (counts[status] || 0), 0);

export const jobsOf = (number) => plural(number, "job");

// A list that may be long, in the order of time: the newest first, and the older ones folded below. list makes one of some.
export function newestFirst(all, max, word, list) {
  const older = all.slice(0, Math.max(0, all.length - max));
  return [
    h("div", {key: "newest"}, list(all.slice(older.length).toReversed())),
    older.length > 0
      ? h(
          "details.fold.older",
          {key: "older"},
          h("summary", null, plural(older.length, `earlier ${word}`)),
          list(older.toReversed()),
        )
      : null,
  ];
}

// A number that matters, with its name.
export const figure = (name, value, kind = "", title = "") =>
  h(
    "div.figure",
    {class: kind, title},
    h("b", null, typeof value === "number" ? count(value) : value),
    h("span", null, name),
  );

// ---- words that come and go ----

// Tells of something for a few seconds. kind: "", good or bad.
export function note(words, kind = "") {
  const place = document.getElementById("notes");
  const line = h("div.note", {class: kind}, icon(kind === "bad" ? "failures" : "check"), h("span", null, words));
  place.append(line);
  while (place.children.length > 4) {
    place.firstChild.remove();
  }
  setTimeout(() => line.remove(), kind === "bad" ? 8000 : 4000);
}

// Does something and tells how it went; returns its answer, or null when it was refused.
export async function tried(action, good) {
  try {
    const answer = await action();
    if (good) {
      note(good, "good");
    }
    return answer === undefined || answer === null ? true : answer;
  } catch (error) {
    note(error.message, "bad");
    return null;
  }
}

// Browsers give the clipboard to pages that came over TLS or from this machine; to others by the old way.
function copyByHand(text) {
  const field = h("textarea", {readonly: true, class: "hidden"}, text);
  const before = document.activeElement;
  document.getElementById("layer").append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  before?.focus();
  return isCopied;
}

export async function copy(text, what) {
  const isCopied = await (navigator.clipboard?.writeText(text).then(() => true) ?? Promise.reject()).catch(() =>
    copyByHand(text),
  );
  note(isCopied ? `${what} copied` : "The browser does not let this page copy.", isCopied ? "good" : "bad");
}

// A dialog above the page, by the browser's own element: it keeps the focus and closes by Escape. Returns
// {element, close}.
export function dialog(label, content, {kind = "", onclose} = {}) {
  const element = h("dialog.dialog", {"aria-label": label, class: kind}, content);
  element.addEventListener("click", (event) => event.target === element && element.close());
  element.addEventListener("close", () => {
    element.remove();
    onclose?.();
  });
  document.getElementById("layer").append(element);
  element.showModal();
  return {element, close: () => element.close()};
}

// What they tell is not for whoever comes next; what they ask is answered with no.
export const closeDialogs = () => document.querySelectorAll("dialog[open]").forEach((each) => each.close());

// Asks before something is done; resolves to true or false, or to what input() says. words: a text, or an element that
// may still change. input: {label, node, value}.
export function ask(title, words, action, {danger = false, input = null} = {}) {
  return new Promise((resolve) => {
    let answer = false;
    const done = (event) => {
      event.preventDefault();
      answer = input ? input.value() : true;
      opened.close();
    };
    const form = h(
      "form.ask",
      {onsubmit: done},
      h("h2", null, title),
      words instanceof Node ? words : h("p", null, words),
      input ? h("label.field", null, h("span", null, input.label), input.node) : null,
      h(
        "div.row.end",
        null,
        button(null, "Keep it as it is", () => opened.close()),
        h("button.button", {type: "submit", class: danger ? "danger" : "primary"}, action),
      ),
    );
    const opened = dialog(title, form, {onclose: () => resolve(answer)});
    form.querySelector(input ? "input" : "button[type=submit]").focus();
  });
}
