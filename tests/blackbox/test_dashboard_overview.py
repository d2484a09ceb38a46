"""What the overview asks for, and how often, when answers are slow, fail or are overtaken and when the stream leaves
jobs out; and what a list of jobs makes of changes while it looks. The stream and the answers about jobs are the test's;
all else is a stack's."""

import pytest

from dashboard_stand import fixture_stack  # noqa: F401
from stack import wait_until
from test_dashboard import signed_in
from test_dashboard_live import LOOKED_AT

# stand: jobs and workers that there are, parts of the API that are held or refused, and what was asked for. Of time,
# what the page sees goes ten times as fast as ours.
STAND = """const [ask, now, every] = [window.fetch.bind(window), performance.now.bind(performance),
    window.setInterval.bind(window)];
performance.now = () => FASTER * now();
window.setInterval = (action, ms) => every(action, ms / FASTER);
const stand = window.stand = {jobs: {}, workers: [], asked: [], refuse: {}, hold: {}, held: [], underWay: {}, most: {},
    delayMs: 0};
const partOf = ({pathname, searchParams}) => {
    const part = /^\\/api\\/v1\\/admin\\/(queues|workers|jobs|history)$/.exec(pathname)?.[1];
    return part !== "jobs" ? part : searchParams.has("jobId") ? "ids" : `search ${searchParams.get("queue")}`;
};
const found = ({searchParams}) => Object.values(stand.jobs).filter((job) => searchParams.has("jobId")
    ? searchParams.get("jobId").split(",").includes(job.jobId)
    : job.queue === searchParams.get("queue") && job.status === searchParams.get("status"));
window.fetch = async (address, options) => {
    const url = new URL(address, location);
    const part = partOf(url);
    if (!part) {
        return ask(address, options);
    }
    stand.asked.push({part, ids: url.searchParams.get("jobId")?.split(",")});
    stand.underWay[part] = (stand.underWay[part] || 0) + 1;
    stand.most[part] = Math.max(stand.most[part] || 0, stand.underWay[part]);
    const told = {jobs: found(url), workers: [...stand.workers]};
    const isRefused = (stand.refuse[part] || 0) > 0;
    if (isRefused) {
        stand.refuse[part]--;
    }
    if (stand.hold[part]) {
        await new Promise((resolve) => stand.held.push(resolve));
    }
    await new Promise((resolve) => setTimeout(resolve, stand.delayMs));
    stand.underWay[part]--;
    if (isRefused) {
        return new Response('{"success":false,"message":"Busy.","error":{"code":"busy"}}', {status: 503});
    }
    return part === "queues" || part === "history" ? ask(address, options)
        : new Response(JSON.stringify({success: true, data: told, pagination: {}}));
};
const NAMES = ["character", "image", "video", "webhook"];
stand.queues = (completed, active = 0) => stand.tell("queues", {queues: NAMES.map((queue) => ({queue, paused: false,
    workers: 1, workersDraining: 0, slots: 1, slotsBusy: 0, limit: null, oldestWaitingAt: null,
    counts: {pending: 0, waiting: 0, active: queue === "image" ? active : 0, failed: 0, cancelled: 0,
        completed: queue === "image" ? completed : 0}, perMinute: {started: 0, completed: 0, failed: 0}}))});
stand.job = (jobId, status = "completed") => {
    const at = new Date(1767225600000 + 1000 * Object.keys(stand.jobs).length).toISOString();
    stand.jobs[jobId] = {jobId, queue: "image", status, progress: 0, step: null, owner: "ada", createdAt: at,
        startedAt: at, attemptsMade: 1, completedAt: status === "completed" ? at : null, character: {name: jobId},
        result: status === "completed" ? {url: "/admin/icon.svg"} : null};
};
// The stream tells of jobs as they are.
stand.news = (...ids) => stand.tell("jobs", {jobs: ids.map((id) => ({...stand.jobs[id], jobId: id}))});
stand.release = () => {
    stand.hold = {};
    stand.held.splice(0).forEach((go) => go());
};
const isLost = location.hash === "#lost";
window.EventSource = class {
    constructor() {
        const heard = {};
        this.addEventListener = (kind, listener) => { heard[kind] = listener; };
        stand.tell = (kind, data) => heard[kind]({data: JSON.stringify(data)});
        setTimeout(() => isLost ? this.onerror() : this.onopen(), 300); // after the page
        this.beats = every(() => heard.alive({}), 15000 / FASTER);
    }
    close() { clearInterval(this.beats); }
};"""
MADE = "return [...document.querySelectorAll('.strip a')].map((one) => one.href.split('/').at(-1))"
RUNS = "return [...document.querySelectorAll('tr[data-job]')].map((one) => one.dataset.job)"


@pytest.fixture(scope="module", name="browser")
def fixture_browser(stack):
    with signed_in(stack, "/admin/queues/users") as running:
        yield running


@pytest.fixture(name="overview")
def fixture_overview(browser):
    """overview(BEFORE, FASTER, HASH) opens it when the script before has prepared the stand."""
    scripts = []

    def show(before="", faster=1, fragment=""):
        source = f"{{const FASTER = {faster}; {STAND} {before}}}"
        scripts.append(browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": source}))
        browser.open("/admin/queues/unknown/page")
        browser.open(f"/admin/queues{fragment}")
        browser.wait("h1", "Overview")
        if not fragment:
            browser.wait(".live", "Live")
            browser.script("stand.queues(0)")
        return browser

    yield show
    for script in scripts:
        browser.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)
    browser.open("/admin/queues/users")
    browser.driver.get_log("browser")  # what was refused


def pause(browser, ms):
    browser.script("return new Promise((resolve) => setTimeout(resolve, arguments[0]))", ms)


def asked(browser, part):
    return [one["ids"] for one in browser.script("return stand.asked") if one["part"] == part]


def shows(browser, script, *jobs):
    wait_until(lambda: browser.script(script) == list(jobs), 10, f"{jobs}")


def test_when_it_is_opened_it_asks_once(overview):
    browser = overview("stand.job('a');")
    shows(browser, MADE, "a")
    pause(browser, 2500)
    times = {part: len(asked(browser, part)) for part in ("search image", "search video", "workers")}
    assert times == {"search image": 1, "search video": 1, "workers": 1}


def test_without_the_stream_it_asks_for_one_thing_at_a_time_and_seldom_searches(overview):
    browser = overview("stand.delayMs = 2500; stand.job('r', 'active'); stand.workers = [{jobs: [stand.jobs.r]}];",
                       fragment="#lost")
    wait_until(lambda: len(asked(browser, "workers")) >= 2, 30, "what runs to be asked for again")
    pause(browser, 1000)
    assert len(asked(browser, "search image")) == len(asked(browser, "search video")) == 1
    most = browser.script("return stand.most")
    assert (most["workers"], most["ids"], most["search image"]) == (1, 1, 1)
    assert most["queues"] <= 2, "the page's own and that of the lost stream"
    assert browser.script(RUNS) == ["r"]


def test_what_could_not_be_asked_for_is_asked_for_again(overview):
    browser = overview(faster=10)
    browser.script("stand.refuse.ids = 1; stand.job('a'); stand.news('a')")
    shows(browser, MADE, "a")
    assert asked(browser, "ids") == [["a"], ["a"]]


def test_what_is_made_while_it_asks_is_asked_for_next(overview):
    browser = overview(faster=10)
    browser.script("stand.hold.ids = true; stand.job('a'); stand.news('a')")
    wait_until(lambda: asked(browser, "ids") == [["a"]], what="the first question")
    browser.script("stand.job('b'); stand.news('b')")
    pause(browser, 700)
    assert asked(browser, "ids") == [["a"]]
    browser.script("stand.release()")
    shows(browser, MADE, "b", "a")


def test_an_old_answer_takes_nothing_away(overview):
    browser = overview("stand.hold = {'search image': true};")
    browser.script("stand.job('a'); stand.news('a')")
    pause(browser, 2500)
    browser.script("stand.release()")
    shows(browser, MADE, "a")
    pause(browser, 500)
    shows(browser, MADE, "a")


def test_the_newest_of_a_burst_are_asked_for(overview):
    browser = overview(faster=10)
    browser.script("""const ids = Array.from({length: 30}, (_, at) => `j${at}`);
        ids.forEach((id) => stand.job(id)); stand.queues(30); stand.news(...ids)""")
    shows(browser, MADE, *(f"j{at}" for at in range(29, 17, -1)))


def test_what_the_stream_leaves_out_is_searched_for(overview):
    browser = overview(faster=10)
    browser.script("stand.job('a'); stand.news('a'); stand.queues(1)")
    shows(browser, MADE, "a")
    pause(browser, 4000)
    assert len(asked(browser, "search image")) == 1, "nothing was left out"
    browser.script("stand.job('b'); stand.queues(2)")
    shows(browser, MADE, "b", "a")
    pause(browser, 4000)
    assert len(asked(browser, "search image")) == 2, "nothing more was left out"


def test_what_is_deleted_is_shown_no_longer(overview):
    browser = overview("stand.job('a'); stand.job('b'); stand.job('c');", faster=10)
    browser.script("stand.queues(3)")
    shows(browser, MADE, "c", "b", "a")
    browser.script("delete stand.jobs.b; stand.queues(2)")
    shows(browser, MADE, "c", "a")
    assert len(asked(browser, "search image")) == 1


def test_what_begins_while_it_asks_who_works_is_shown(overview):
    browser = overview("stand.hold.workers = true;")
    wait_until(lambda: asked(browser, "workers"), what="the question")
    browser.script("stand.job('r', 'active'); stand.news('r')")
    browser.script("stand.release()")
    shows(browser, RUNS, "r")
    assert asked(browser, "ids") == [["r"]]


def test_what_ends_while_it_asks_is_not_shown(overview):
    browser = overview("stand.job('r', 'active'); stand.workers = [{jobs: [stand.jobs.r]}]; stand.hold.ids = true;")
    wait_until(lambda: asked(browser, "ids"), what="the question")
    browser.script("stand.jobs.r = {...stand.jobs.r, status: 'failed'}; stand.news('r'); stand.release()")
    pause(browser, 1500)
    assert browser.script(RUNS) == [] and browser.script("return stand.jobs.r.status") == "failed"


def test_nothing_is_asked_for_while_nobody_looks(overview):
    browser = overview(faster=10)
    pause(browser, 500)
    browser.script(LOOKED_AT, False)
    try:
        before = len(browser.script("return stand.asked"))
        browser.script("stand.job('a'); stand.news('a'); stand.job('r', 'active'); stand.news('r');"
                       "stand.workers = [{jobs: [stand.jobs.r]}]")
        pause(browser, 2000)
        assert len(browser.script("return stand.asked")) == before
    finally:
        browser.script(LOOKED_AT, True)
    shows(browser, MADE, "a")
    shows(browser, RUNS, "r")


# A list of jobs without a page. Its first answers are unfinished, as many as window.parts says; tell() is the stream.
LIST = """const done = arguments[0];
window.asked = [];
window.parts = 10;
const own = window.fetch;
window.fetch = async (address) => {
    const cursor = new URL(address, location).searchParams.get("cursor");
    window.asked.push(cursor);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const isLast = Number(cursor || 0) >= window.parts;
    return new Response(JSON.stringify({success: true, data: {jobs: []}, pagination: {exhausted: isLast, scanned: 1,
        nextCursor: isLast ? null : String(Number(cursor || 0) + 1)}}));
};
import('/admin/job-list.js').then(({jobList}) => {
    const listeners = {};
    const ending = new AbortController();
    window.list = jobList({signal: ending.signal, render: () => {},
        on: (kind, listener) => { listeners[kind] = listener; }}, () => ({q: "x"}));
    window.tell = () => listeners.jobs([{jobId: "j", status: "active"}]);
    window.finish = () => { window.fetch = own; ending.abort(); list.dispose(); };
    list.start();
    done();
});"""


@pytest.fixture(name="looking")
def fixture_looking(browser):
    browser.open("/admin/queues/unknown/page")
    browser.wait("h1")
    browser.driver.execute_async_script(LIST)
    wait_until(lambda: browser.script("return list.looking"), what="it to look further")
    yield browser
    browser.script("finish()")


def again(browser):
    """How often it has asked for its first page."""
    return browser.script("return asked.filter((cursor) => cursor === null).length")


def test_what_changes_while_a_list_looks_is_asked_for_when_it_has_looked(looking):
    looking.script("tell()")
    wait_until(lambda: not looking.script("return list.looking"), what="the end of the look")
    wait_until(lambda: again(looking) == 2, 4, "its first page")
    pause(looking, 1500)
    assert again(looking) == 2 and looking.script("return list.held") is False


def test_what_changes_while_a_list_looks_is_asked_for_when_it_is_halted(looking):
    looking.script("window.parts = 1000; tell()")
    pause(looking, 1200)  # the time after which it would have asked
    assert looking.script("return list.looking") and again(looking) == 1
    looking.script("list.halt()")
    wait_until(lambda: again(looking) == 2, 4, "its first page")
    assert looking.script("return list.held") is False


def test_a_list_that_begins_anew_asks_once(looking):
    looking.script("tell(); list.start()")
    wait_until(lambda: again(looking) == 2, 4, "its first page")
    wait_until(lambda: not looking.script("return list.looking || list.loading"), what="the end of the look")
    pause(looking, 1300)
    assert again(looking) == 2


def test_a_card_tells_what_holds_its_queue_back(overview):
    browser = overview()
    now = "2026-01-01T00:00:00.000Z"
    for reason, used, drained, oldest, words in (
            ("capped", 0, 0, now, "At its cap"), ("rate_limited", 1, 0, now, "At its rate"),
            ("no_worker", 0, 2, now, "Workers drained"), (None, 0, 1, now, "Idle"),
            ("rate_limited", 0, 0, now, "Provider at its rate"), (None, 0, 1, None, "Waits to retry"),
            (None, 0, 0, now, "Idle"), (None, 0, 0, None, "Waits to retry")):
        browser.script("""const [waitReason, used, workersDraining, oldestWaitingAt] = arguments;
            stand.tell("queues", {queues: ["character", "image", "video", "webhook"].map((queue) => ({queue, waitReason,
                paused: false, workers: 2, slots: 1, slotsBusy: 0, limit: {max: 1, durationMs: 1000, used},
                workersDraining, oldestWaitingAt, perMinute: {started: 0, completed: 0, failed: 0},
                counts: {pending: 0, waiting: 1, active: 0, failed: 0, cancelled: 0, completed: 0}}))})""",
                       reason, used, drained, oldest)
        browser.wait("[data-queue=image] .state", words)
    assert "none in line, 1 to be tried again later" in browser.script("""return [...document.querySelectorAll(
        "[data-queue=image] .gauges dd")].map((one) => one.textContent)"""), "it waits, but not in line"
