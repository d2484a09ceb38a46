// What keys do: search anywhere, "g" and a letter to go somewhere, and what the page that is shown adds.

import {address, go, isThere} from "./router.js";

const GO_MS_MAX = 1200;

const PLACES = {
  o: ["", "Overview"],
  a: ["all", "All jobs"],
  c: ["character", "Characters"],
  i: ["image", "Images"],
  v: ["video", "Videos"],
  b: ["webhook", "Webhooks"],
  w: ["workers", "Workers"],
  u: ["users", "Users"],
  f: ["failures", "Failures"],
  m: ["operations", "Operations"],
  p: ["providers", "Providers"],
  h: ["history", "History"],
  s: ["system", "System"],
  l: ["audit", "Audit log"],
};

// [letter, path, words] of each page that "g" and its letter lead to.
export const places = () =>
  Object.entries(PLACES)
    .filter(([, [path]]) => isThere(path))
    .map(([key, [path, words]]) => [key, path, words]);

const isTyping = (target) => target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]");

export function start({isReady, anywhere, search, page}) {
  let goSince = -Infinity;
  document.addEventListener("keydown", (event) => {
    const isSearch = event.key.toLowerCase() === "k" && (event.metaKey || event.ctrlKey);
    if (!isReady() || document.querySelector("dialog[open]")) {
      return;
    }
    if (isSearch) {
      event.preventDefault();
      search();
      return;
    }
    if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) {
      return;
    }
    const place = places().find(([key]) => key === event.key);
    if (event.timeStamp - goSince < GO_MS_MAX && place) {
      goSince = -Infinity;
      event.preventDefault();
      go(address(place[1]));
      return;
    }
    goSince = event.key === "g" ? event.timeStamp : -Infinity;
    const action = page()[event.key] || anywhere[event.key];
    if (action && action(event) !== false) {
      event.preventDefault();
    }
  });
}
