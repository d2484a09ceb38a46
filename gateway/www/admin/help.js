// What the keyboard does, and how to search.

import {h} from "./dom.js";
import {places} from "./keys.js";
import {button, dialog} from "./parts.js";

const ANYWHERE = [
  ["⌘ K · Ctrl K", "Search jobs, pages and commands"],
  ["t", "Light, dark, or as the system"],
  ["?", "This help"],
  ["Esc", "Close, or let go of the selection"],
];
const LISTS = [
  ["j · k", "Next and previous row"],
  ["Enter · o", "Open it"],
  ["x", "Select it"],
  ["a", "Select all that are shown"],
  ["/", "Search in the list"],
  ["p", "Hold the list still, or let it go on"],
  ["n", "Load more"],
];
const OTHERS = [
  ["r", "On a failed or cancelled job: Retry it, after a question"],
  ["r", "At a group of failures: Retry all of it, after a question"],
];
const SEARCH = [
  ["user:ada", "of this user"],
  ["character:ID", "of this character"],
  ["tag:launch", "with this tag"],
  ["error:timeout", "with this error code"],
  ["group:ID", "of this group of failures"],
  ["batch:ID", "of this batch or pipeline"],
  ["anything else", "text in the name, the id, the input or the error"],
];

const table = (title, rows) =>
  h(
    "section",
    null,
    h("h3", null, title),
    h(
      "dl.keys",
      null,
      rows.map(([name, words]) =>
        h(
          "div",
          null,
          h(
            "dt",
            null,
            name.split(" · ").map((key) => h("kbd", null, key)),
          ),
          h("dd", null, words),
        ),
      ),
    ),
  );

export function help() {
  const opened = dialog(
    "Help",
    h(
      "div.help",
      null,
      h(
        "div.row",
        null,
        h("h2.grow", null, "Keyboard and search"),
        button("cancel", null, () => opened.close(), {kind: "plain", label: "Close"}),
      ),
      h(
        "div.columns",
        null,
        table("Anywhere", ANYWHERE),
        table("In a list of jobs", LISTS),
        table("Elsewhere", OTHERS),
        table("Search words", SEARCH),
        table(
          "Go to",
          places().map(([key, , words]) => [`g · ${key}`, words]),
        ),
      ),
      h(
        "p.soft",
        null,
        "Everything here is in the ",
        h("a", {href: "/docs", target: "_blank"}, "API"),
        " under /api/v1/admin, too.",
      ),
    ),
    {kind: "wide"},
  );
}
