// The frame around the pages: who is signed in, the page of the address, its life, and what the keyboard does anywhere.
// A page is a module with create(context), which gives {title, view()} and, if it wants, change(route, kept), keys,
// keep() and dispose(). view() makes a tree of what the page knows; context.render() shows it anew. What keep() gave when
// the page was left is its context.kept when somebody comes back to it.

import * as api from "./api.js";
import {h, show} from "./dom.js";
import {help} from "./help.js";
import * as keys from "./keys.js";
import * as live from "./live.js";
import {frame} from "./frame.js";
import {closeDialogs, loading, note, problem} from "./parts.js";
import {palette} from "./palette.js";
import * as router from "./router.js";
import * as operations from "./operations.js";
import {nextTheme} from "./look.js";

const PAGES = {
  overview: () => import("./page-overview.js"),
  queue: () => import("./page-queue.js"),
  job: () => import("./page-job.js"),
  group: () => import("./page-group.js"),
  workers: () => import("./page-workers.js"),
  user: () => import("./page-user.js"),
  users: () => import("./page-users.js"),
  providers: () => import("./page-providers.js"),
  failures: () => import("./page-failures.js"),
  operations: () => import("./page-operations.js"),
  history: () => import("./page-history.js"),
  system: () => import("./page-system.js"),
  audit: () => import("./page-audit.js"),
  unknown: () => import("./page-unknown.js"),
  login: () => import("./page-login.js"),
};

const SEEK_MS_MAX = 5000;
const app = document.getElementById("app");
const state = {session: null, refused: "", route: null, open: false};
const tabs = new BroadcastChannel("troupe.sign-out"); // of this browser: they have the cookie together
let page = null; // {name, shown, life}
let isDrawing = false;
let sought = null; // {top, until} of a page that somebody came back to, while it is not yet long enough

function draw() {
  isDrawing = false;
  const content = page?.shown ? page.shown.view() : loading();
  if (page?.shown) {
    document.title = `${page.shown.title} · Troupe`;
  }
  show(app, state.session ? frame(state, content, actions) : h("main.alone", {id: "content"}, content));
  if (sought && page?.shown) {
    seek();
  }
}

// Scrolls to where the page was left, as soon as there is so much of it; not for long, and not against anybody's will.
function seek() {
  const {top, until} = sought;
  const isThere = document.documentElement.scrollHeight - window.innerHeight >= top;
  if (isThere) {
    window.scrollTo(0, top);
  }
  if (isThere || performance.now() > until) {
    sought = null;
  }
}

// Draws once, soon, however often it is called until then.
function render() {
  if (!isDrawing) {
    isDrawing = true;
    if (document.hidden) {
      setTimeout(draw);
    } else {
      requestAnimationFrame(draw);
    }
  }
}

// What a page has for its life: everything of it ends with the page.
function lifeOf(name, route, kept) {
  const ending = new AbortController();
  const ends = [];
  return {
    name,
    end() {
      ending.abort();
      ends.forEach((end) => end());
      page?.shown?.dispose?.();
    },
    context: {
      route,
      kept,
      render,
      signal: ending.signal,
      session: state.session,
      refused: state.refused,
      signedIn,
      mayAct: state.session?.role === "admin",
      on: (kind, listener) => ends.push(live.on(kind, listener)),
      every(ms, action) {
        const timer = setInterval(() => document.hidden || action(), ms);
        ends.push(() => clearInterval(timer));
      },
    },
  };
}

async function showPage(name, route, kept = null) {
  page?.life.end();
  const life = lifeOf(name, route, kept);
  const mine = (page = {name, shown: null, life});
  try {
    const module = await PAGES[name]();
    if (page === mine) {
      page.shown = module.create(life.context);
    }
  } catch (error) {
    const again = () => showPage(name, route);
    mine.shown = {title: "Error", view: () => problem(error, again)};
  }
  render();
}

// Follows the address: the same page changes, another one takes its place. left: as the router has it.
async function follow(left = null) {
  const before = state.route;
  sought = left && {top: left.top, until: performance.now() + SEEK_MS_MAX};
  state.route = router.current();
  state.open = false;
  if (!state.session) {
    await showPage("login", state.route);
  } else if (page?.shown?.change && before?.page === state.route.page && page.name === state.route.page) {
    page.life.context.route = state.route;
    page.shown.change(state.route, left?.kept ?? null);
    render();
  } else {
    if (before && !left) {
      window.scrollTo(0, 0);
    }
    await showPage(state.route.page, state.route, left?.kept ?? null);
    requestAnimationFrame(() => before && document.querySelector("h1")?.focus({preventScroll: true}));
  }
}

const NOT_KEPT = "The browser did not keep the sign-in: the token is about to expire, or cookies are refused.";

// Finds out who is signed in; afterLogin: somebody must be.
async function signedIn(afterLogin = false) {
  try {
    state.session = await api.session();
    state.refused = "";
  } catch (error) {
    state.session = null;
    state.refused = error.status !== 401 ? error.message : afterLogin ? NOT_KEPT : "";
  }
  const mine = state.session;
  if (mine) {
    await api.learn();
    if (state.session !== mine) {
      return; // it ended meanwhile, and what comes then is shown already
    }
    live.start();
    operations.start({mayLook: api.offers("operations"), mayAct: mine.role === "admin"});
  }
  await follow();
}

function signedOut(why) {
  if (state.session) {
    Object.assign(state, {session: null, refused: why});
    live.stop();
    operations.stop();
    closeDialogs();
    follow();
  }
}

const actions = {
  search: () => palette(state, actions),
  help,
  theme() {
    nextTheme();
    render();
  },
  menu() {
    state.open = !state.open;
    if (!state.open) {
      document.querySelector(".top button[aria-expanded]")?.focus(); // what had the focus goes
    }
    render();
  },
  async leave() {
    try {
      await api.logout();
    } catch (error) {
      if (error.status !== 401) {
        const why = error.status === 0 ? error.message.replace(/^The (.*)\.$/, "the $1") : error.message;
        note(`Not signed out: ${why}`, "bad"); // the session goes on: no script can take the cookie away
        return;
      }
    }
    tabs.postMessage(null);
    signedOut("");
  },
};

keys.start({
  isReady: () => state.session !== null,
  anywhere: {"?": help, t: actions.theme},
  search: actions.search,
  page: () => ({...page?.shown?.keys, ...(state.open ? {Escape: actions.menu} : {})}),
});
tabs.onmessage = () => signedOut("Signed out in another tab.");
window.addEventListener("signed-out", () => signedOut("The session has ended; sign in again."));
for (const kind of ["queues", "state", "stale"]) {
  live.on(kind, render);
}
live.on("state", async (now) => {
  if (now === "live" && !api.hasLearned()) {
    await api.learn();
    render();
  }
});
for (const kind of ["wheel", "touchstart", "keydown"]) {
  window.addEventListener(kind, () => (sought = null), {passive: true});
}
router.start(follow, () => page?.shown?.keep?.() ?? null);
signedIn();
