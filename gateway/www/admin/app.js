// The frame around the pages: who is signed in, the page of the address, its life, and what the keyboard does anywhere.
// A page is a module with create(context), which gives {title, view()} and, if it wants, change(route), keys and
// dispose(). view() makes a tree of what the page knows; context.render() shows it anew.

import * as api from "./api.js";
import {h, show} from "./dom.js";
import {help} from "./help.js";
import * as keys from "./keys.js";
import * as live from "./live.js";
import {frame} from "./frame.js";
import {loading, problem} from "./parts.js";
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
  users: () => import("./page-users.js"),
  providers: () => import("./page-providers.js"),
  failures: () => import("./page-failures.js"),
  history: () => import("./page-history.js"),
  system: () => import("./page-system.js"),
  audit: () => import("./page-audit.js"),
  unknown: () => import("./page-unknown.js"),
  login: () => import("./page-login.js"),
};

const app = document.getElementById("app");
const state = {session: null, refused: "", route: null, open: false};
let page = null; // {name, shown, life}
let isDrawing = false;

function draw() {
  isDrawing = false;
  const content = page?.shown ? page.shown.view() : loading();
  if (page?.shown) {
    document.title = `${page.shown.title} · Troupe`;
  }
  show(app, state.session ? frame(state, content, actions) : h("main.alone", {id: "content"}, content));
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
function lifeOf(name, route) {
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

async function showPage(name, route) {
  page?.life.end();
  const life = lifeOf(name, route);
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

// Follows the address: the same page changes, another one takes its place.
async function follow() {
  const before = state.route;
  state.route = router.current();
  state.open = false;
  if (!state.session) {
    await showPage("login", state.route);
  } else if (page?.shown?.change && before?.page === state.route.page && page.name === state.route.page) {
    page.life.context.route = state.route;
    page.shown.change(state.route);
    render();
  } else {
    await showPage(state.route.page, state.route);
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
  if (state.session) {
    await api.learn();
    live.start();
    operations.start({mayLook: api.offers("operations"), mayAct: state.session.role === "admin"});
  }
  await follow();
}

function signedOut(why) {
  if (state.session) {
    Object.assign(state, {session: null, refused: why});
    live.stop();
    operations.stop();
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
    render();
  },
  async leave() {
    await api.logout().catch(() => {});
    signedOut("");
  },
};

keys.start({
  isReady: () => state.session !== null,
  anywhere: {"?": help, t: actions.theme},
  search: actions.search,
  page: () => page?.shown?.keys || {},
});
window.addEventListener("signed-out", () => signedOut("The session has ended; sign in again."));
for (const kind of ["queues", "state"]) {
  live.on(kind, render);
}
live.on("state", async (now) => {
  if (now === "live" && !api.hasLearned()) {
    await api.learn();
    render();
  }
});
router.start(follow);
signedIn();
