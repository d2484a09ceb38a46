// The address is the state: which page, of what, filtered how. Pages are below /admin/queues.

import {offers} from "./api.js";

const ROOT = "/admin/queues";
export const QUEUES = ["character", "image", "video", "webhook"];
const PAGES = ["workers", "users", "providers", "failures", "operations", "history", "system", "audit"];

// Whether a page of this path is there: some need a part of the API that a gateway may not have.
export const isThere = (path) => !PAGES.includes(path) || offers(path);

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // no text's: it leads nowhere as it stands
  }
}

// {page, queue?, id?, query} of the address that is shown.
export function current() {
  const path = location.pathname.slice(ROOT.length).split("/").filter(Boolean).map(decoded);
  const query = Object.fromEntries(new URLSearchParams(location.search));
  const [first, second] = path;
  if (path.length === 0) {
    return {page: "overview", query};
  }
  if (path.length === 2 && first === "jobs") {
    return {page: "job", id: second, query};
  }
  if (path.length === 2 && first === "groups" && offers("groups/{groupId}")) {
    return {page: "group", id: second, query};
  }
  if (path.length === 2 && first === "users" && isThere(first)) {
    return {page: "user", id: second, query};
  }
  if (path.length === 1 && (QUEUES.includes(first) || first === "all")) {
    return {page: "queue", queue: first, query};
  }
  return {page: path.length === 1 && PAGES.includes(first) && isThere(first) ? first : "unknown", query};
}

// The address of a page; query members that are empty are left out.
export function address(path = "", query = {}) {
  const words = new URLSearchParams(
    Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== ""),
  );
  const text = words.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
  return `${ROOT}${path ? `/${path}` : ""}${text ? `?${text}` : ""}`;
}

// Of a user whose name would be a step of the path the list.
export const userAddress = (name) =>
  [".", ".."].includes(name) ? address("all", {owner: name}) : address(`users/${encodeURIComponent(name)}`);

let changed = () => {};

// What each entry of the browser's history was left with, for who comes back to it: {top, kept}, the oldest first.
const LEFT_MAX = 50;
const left = new Map();
let entry = null;
let look = () => null;

const isNamed = () => typeof history.state?.entry === "string";
const newEntry = () => ({entry: `${Date.now()}-${Math.random()}`});

function leave() {
  left.delete(entry);
  left.set(entry, {top: window.scrollY, kept: look()});
  if (left.size > LEFT_MAX) {
    left.delete(left.keys().next().value);
  }
}

function push(href) {
  leave();
  history.pushState(newEntry(), "", href);
  entry = history.state.entry;
}

function onPop() {
  leave();
  if (!isNamed()) {
    history.replaceState(newEntry(), "");
  }
  entry = history.state.entry;
  changed(left.get(entry) || null);
}

export function go(href, {replace = false} = {}) {
  if (href !== location.pathname + location.search) {
    if (replace) {
      rewrite(href);
    } else {
      push(href);
    }
  }
  changed(null);
}

// Writes the address anew for the same that is shown already.
export const rewrite = (href) => history.replaceState(history.state, "", href);

// Calls back whenever the address changes, by a link, by go() or by the browser's own buttons: with what the entry was
// left with, if somebody comes back to it. keep() tells what the page that is shown needs to be shown so again.
export function start(listener, keep) {
  [changed, look] = [listener, keep];
  if (!isNamed()) {
    history.replaceState(newEntry(), "");
  }
  entry = history.state.entry;
  window.addEventListener("popstate", onPop);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (
      link &&
      plain &&
      !link.target &&
      !link.hasAttribute("download") &&
      link.pathname.startsWith(ROOT) &&
      link.origin === location.origin
    ) {
      event.preventDefault();
      go(link.pathname + link.search);
      window.scrollTo(0, 0);
    }
  });
}
