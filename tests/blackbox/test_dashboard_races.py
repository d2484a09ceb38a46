"""What the dashboard does when things come late, twice, in another order or not at all."""

import pytest

from dashboard_stand import fixture_stack  # noqa: F401
from stack import Stack, wait_until
from test_dashboard import signed_in

# Answers of the stack's, as a test wants them: delayed by address, or refused so many times.
SLOW_OR_REFUSED = """const own = window.fetch.bind(window);
window.asked = [];
window.fetch = async (address, options = {}) => {
    window.asked.push({address: String(address), key: options.headers?.["Idempotency-Key"]});
    if (String(address).includes(arguments[0]) && window.refusals-- > 0) {
        return new Response('{"success":false,"message":"Use the same key","error":{"code":"outcome_unknown"}}',
            {status: 503, headers: {"Content-Type": "application/json"}});
    }
    const answer = await own(address, options);
    if (String(address).includes(arguments[1])) {
        await new Promise((resolve) => { window.release = resolve; });
    }
    return answer;
};
window.refusals = 1;"""

# Histories that tell their range by their number of starts; that of a day comes when it is released.
HISTORIES = """const own = window.fetch.bind(window);
window.fetch = async (address, options = {}) => {
    const range = /history.*range=(\\w+)/.exec(String(address))?.[1];
    if (!range) {
        return own(address, options);
    }
    if (range === "24h") {
        await new Promise((resolve) => { window.release = resolve; });
        setTimeout(() => { window.heard = true; }, 50);
    }
    const point = {at: new Date().toISOString(), started: parseInt(range), completed: 0, failed: 0, cancelled: 0,
        waitMs: null, runMs: null};
    return new Response(JSON.stringify({success: true, data: {range, stepMs: 60000, points: [point]}}),
        {headers: {"Content-Type": "application/json"}});
};"""
NOWHERE = "no address has this"


@pytest.fixture(scope="module", name="user")
def fixture_user(stack):
    return stack.client("races")


def watched(browser):
    """Counts how often the page is drawn anew."""
    browser.script("""window.drawn = 0; new MutationObserver(() => window.drawn++).observe(
        document.getElementById("app"), {subtree: true, childList: true, characterData: true, attributes: true});""")


def test_rows_are_chosen_by_what_they_are_and_not_by_where_they_stood(stack, user):
    jobs = [user.submit_character(f"Row {number}", options={"tags": ["rows"]}) for number in range(5)][::-1]
    with signed_in(stack, "/admin/queues/character?tag=rows") as browser:
        wait_until(lambda: len(browser.all("[data-job]")) == 5, what="five rows")
        browser.click(f"[data-job='{jobs[1]}'] input")
        browser.wait(".choice", "1 chosen")
        user.submit_character("Newest", options={"tags": ["rows"]})
        wait_until(lambda: len(browser.all("[data-job]")) == 6, what="six rows")
        browser.script("""document.querySelector(`[data-job='${arguments[0]}'] input`).dispatchEvent(
            new MouseEvent("click", {bubbles: true, shiftKey: true}));""", jobs[3])
        browser.wait(".choice", "3 chosen")
        chosen = browser.script("""return [...document.querySelectorAll("[data-job]")].filter((row) =>
            row.querySelector("input").checked).map((row) => row.dataset.job)""")
        assert chosen == jobs[1:4]


def test_a_copy_that_nobody_knows_of_is_asked_for_under_the_same_key(stack, user):
    job = user.submit_character("Once")
    with signed_in(stack, f"/admin/queues/jobs/{job}") as browser:
        browser.wait("h1", "waiting")
        browser.script(SLOW_OR_REFUSED, "/duplicate", NOWHERE)
        browser.click(".heading button", "Duplicate")
        browser.wait("#notes", "It is not known whether it was done: look again when the queue answers.")
        browser.click(".heading button", "Duplicate")
        wait_until(lambda: job not in browser.script("return location.pathname"), what="the other job's page")
        keys = browser.script("return asked.filter(({address}) => address.includes('/duplicate')).map(({key}) => key)")
        assert len(keys) == 2 and keys[0] and keys[0] == keys[1]


def test_a_range_is_never_shown_under_the_name_of_another(stack):
    with signed_in(stack, "/admin/queues/history?range=1h") as browser:
        browser.wait("h1", "History")
        browser.script(HISTORIES)
        browser.click(".segments a", "24 hours")
        wait_until(lambda: browser.script("return typeof window.release") == "function", what="the slow answer")
        browser.click(".segments a", "30 days")
        browser.wait(".figures", "30\nstarted")
        watched(browser)
        browser.script("window.release()")
        wait_until(lambda: browser.script("return window.heard"), what="the slow answer to be heard")
        browser.script("return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))")
        assert "30\nstarted" in browser.texts(".figures")[0]


def test_a_picture_that_is_gone_stays_told_of():
    with Stack("--provider", "null", "--rate", "off") as running:  # whose pictures are at no address
        who = running.client("gone")
        made = who.wait_for(who.submit_character("Gone"), status="completed")["result"]["characterId"]
        job = who.submit_image(made)
        who.wait_for(job, "media-jobs", status="completed")
        with signed_in(running, f"/admin/queues/jobs/{job}") as browser:
            browser.wait(".work", "not there any more")
            watched(browser)
            browser.keys("t")  # another look: it is drawn anew
            wait_until(lambda: browser.script("return window.drawn") > 0, what="the page to be drawn anew")
            assert "not there any more" in browser.texts(".work")[0]
            browser.driver.get_log("browser")  # the picture is not there


LOST = """const own = window.fetch.bind(window);
window.fetch = async (address, options = {}) => {
    const answer = await own(address, options);
    if (!String(address).endsWith("/admin/workers")) {
        return answer;
    }
    const told = await answer.json();
    const worker = (id, lost) => ({workerId: id, queue: "image", host: "h", pid: 1, version: "1", lost, jobs: [],
        connectedAt: new Date().toISOString(), lastSeenAt: new Date().toISOString(), draining: false, stopping: false,
        slots: 2, slotsBusy: 0});
    told.data.workers = [worker("0006d79b-c209-4be0-82f9-67c8344c26ad", true),
        worker("0006d79b-c209-4be0-82f9-67c8344c26ae", false)];
    return new Response(JSON.stringify(told), {headers: {"Content-Type": "application/json"}});
};"""


def test_a_worker_that_is_lost_is_told_so(stack):
    with signed_in(stack) as browser:
        browser.script(LOST)
        browser.keys("g", "w")
        browser.wait("[data-worker] .state.bad", "Lost")
        browser.wait("[data-worker] dl", "Id")
        cards = browser.texts("[data-worker]")
        assert [("Drain" in card, "Stop" in card) for card in cards if "Lost" in card] == [(False, False)]
        assert all("Drain" in card for card in cards if "Lost" not in card)


MANY = LOST.replace("worker(\"0006d79b-c209-4be0-82f9-67c8344c26ad\", true),", """{...worker("many", false), slots: 500,
    slotsBusy: 300, jobs: [...Array(100)].map((_, number) => ({
        jobId: `12345678-1234-4234-8234-${String(number).padStart(12, "0")}`, step: "rendering", progress: 40,
        attempt: 1, startedAt: new Date().toISOString()}))},""")


def test_a_worker_with_many_jobs_tells_all_its_slots(stack):
    """A hundred of its jobs are told, and thirty-two drawn."""
    with signed_in(stack) as browser:
        browser.script(MANY)
        browser.keys("g", "w")
        browser.wait("[data-worker=many] .more", "and 268 more")
        assert browser.texts("[data-worker=many] .free") == ["200 free"]
        assert "300 of 500 busy" in browser.texts("[data-worker=many]")[0]
        assert "300 of 502 slots busy" in browser.texts("main")[0]


# An audit log of which the look for a user ends by time: a line, and another one behind the cursor.
AUDIT = """const own = window.fetch.bind(window);
window.firsts = 0;
window.fetch = async (address, options = {}) => {
    const url = new URL(address, location);
    if (!url.pathname.endsWith("/admin/audit")) {
        return own(address, options);
    }
    const isFirst = !url.searchParams.has("cursor");
    window.firsts += isFirst;
    const line = {at: "2026-01-01T00:00:00.000Z", user: isFirst ? "newer" : "older", role: "admin", action: "pause",
        target: "image", outcome: "ok", requestId: isFirst ? "r1" : "r2", leftOut: 0};
    return new Response(JSON.stringify({success: true, data: {audit: [line]},
        pagination: {nextCursor: isFirst ? "c" : null}}), {headers: {"Content-Type": "application/json"}});
};"""


def test_more_of_the_audit_log_stays_though_it_is_short(stack):
    with signed_in(stack) as browser:
        browser.script(AUDIT)
        browser.click("nav.side a", "Audit")
        browser.wait("tbody td.by", "newer")
        wait_until(lambda: browser.script("return window.firsts") > 1, what="the first page to be asked for again")
        browser.click("button", "Load more")
        browser.wait("tbody td.by", "older")
        browser.script("""window.waited = false; setTimeout(() => { window.waited = true; }, 6000);""")
        wait_until(lambda: browser.script("return window.waited"), what="the time of a refresh")
        assert browser.texts("tbody td.by") == ["newer", "older"]


HELD = AUDIT.replace("const line", "if (isFirst && window.firsts > 1) await new Promise(() => {});\n    const line")


def test_more_of_the_audit_log_is_loaded_while_its_first_page_is_asked_for(stack):
    with signed_in(stack) as browser:
        browser.script(HELD)
        browser.click("nav.side a", "Audit")
        browser.wait("tbody td.by", "newer")
        wait_until(lambda: browser.script("return window.firsts") > 1, what="the first page to be asked for again")
        browser.keys("n")
        browser.wait("tbody td.by", "older")


# Pages of one job. The first one anew is slower than anybody waits, and what comes behind it than between two of these.
PAGES = """const own = window.fetch.bind(window);
window.firsts = 0;
window.fetch = async (address, options = {}) => {
    const url = new URL(address, location);
    if (!url.pathname.endsWith("/admin/jobs")) {
        return own(address, options);
    }
    const isFirst = !url.searchParams.has("cursor");
    window.firsts += isFirst;
    if (isFirst && window.firsts === 2) {
        await new Promise((resolve) => { window.release = resolve; });
    }
    if (!isFirst) {
        await new Promise((resolve) => setTimeout(resolve, 2500));
    }
    url.searchParams.set("limit", 1);
    const told = await (await own(url, options)).json();
    told.pagination.exhausted = true;
    return new Response(JSON.stringify(told), {headers: {"Content-Type": "application/json"}});
};"""


def test_more_jobs_are_loaded_while_the_first_page_is_asked_for(stack):
    user = stack.client("pages")
    jobs = [user.submit_character(name) for name in ("Older", "Newer")]
    with signed_in(stack) as browser:
        browser.script(PAGES)
        browser.script("history.pushState(null, '', '/admin/queues/all?owner=pages');"
                       "dispatchEvent(new PopStateEvent('popstate'));")
        browser.wait("[data-job]", "Newer")
        stack.client("others").submit_character("Other")  # an event
        wait_until(lambda: browser.script("return window.firsts") > 1, what="the first page to be asked for again")
        browser.click("button", "Load more")
        stack.client("others").submit_character("Another")
        browser.wait("[data-job]", "Older")
        browser.script("window.release();")
        wait_until(lambda: browser.script("return window.firsts") > 2, what="the first page once more")
        assert browser.script("return [...document.querySelectorAll('[data-job]')].map((row) => row.dataset.job)") == \
            jobs[::-1]


def test_without_the_descriptions_all_pages_are_offered(stack):
    with signed_in(stack) as browser:
        browser.driver.execute_cdp_cmd("Network.enable", {})
        browser.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*/openapi.json"]})
        browser.open("/admin/queues/failures")
        browser.wait("h1", "Failures")
        browser.wait("nav.side", "Audit")
        browser.driver.get_log("browser")  # what was blocked


def test_a_search_for_what_objects_have_is_a_search_for_text(stack):
    with signed_in(stack, "/admin/queues/all?q=constructor:foo") as browser:
        browser.wait("#search, .empty")
        assert browser.script("return document.getElementById('search').value") == "constructor:foo"
        assert "function" not in browser.script("return location.search")


# A list of one job: what is told of it when it was asked for, when the stream has told its end, and when it was asked
# for again.
COSTS = """const done = arguments[0];
Promise.all(['job-list', 'job-table'].map((name) => import(`/admin/${name}.js`))).then(async ([list, table]) => {
    const job = {jobId: "j", status: "active", progress: 50, cost: {spentUsd: 0.002}};
    window.fetch = async () => new Response(JSON.stringify({success: true, data: {jobs: [job]}, pagination: {}}));
    const [heard, seen] = [{}, []];
    const one = list.jobList({on: (kind, listener) => (heard[kind] = listener), render: () => {},
        signal: new AbortController().signal}, () => ({}));
    const see = () => seen.push([one.jobs[0].status, [table.standing(one.jobs[0])].flat().map((part) =>
        part?.textContent).join("")]);
    await one.refresh();
    see();
    Object.assign(job, {status: "completed", cost: {spentUsd: 0.032}});
    heard.jobs([{jobId: "j", status: "completed"}]);
    see();
    await one.refresh();
    see();
    heard.jobs([{jobId: "j", status: "completed"}]);
    see();
    one.dispose();
    done(seen);
}).catch((error) => done(String(error)));"""


def test_no_cost_is_told_of_a_job_that_has_just_ended_until_it_is_known(stack):
    with signed_in(stack) as browser:
        seen = browser.driver.execute_async_script(COSTS)
    cost = ["completed", "cost $0.032"]
    assert seen == [["active", "50 %"], ["completed", ""], cost, cost]


# A list that was made longer, whose 25 lower jobs end, one of which is let go at once: what they are told to have cost,
# the questions that it takes, of how many jobs each, and whether there are more afterwards.
LOWER = """const done = arguments[0];
import('/admin/job-list.js').then(async ({jobList}) => {
    const job = (at) => ({jobId: String(at), status: "active", createdAt: new Date(1e12 + at).toISOString()});
    const [heard, asked, own] = [{}, [], window.fetch.bind(window)];
    const answer = (jobs, nextCursor = null) =>
        Response.json({success: true, data: {jobs}, pagination: {nextCursor, exhausted: true}});
    window.fetch = async (address, ...words) => {
        const query = new URL(address, location).searchParams;
        if (query.get("q") !== "lower" && !/^[0-9,]+$/.test(query.get("jobId"))) {
            return own(address, ...words); // the page's own
        }
        if (!query.has("jobId")) {
            return query.has("cursor") ? answer(Array.from({length: 25}, (_, at) => job(25 - at)))
                : answer(Array.from({length: 50}, (_, at) => job(75 - at)), "further");
        }
        const ids = query.get("jobId").split(",");
        asked.push(ids.length);
        return answer(ids.filter((id) => id !== "3").map((id) => ({jobId: id, cost: {spentUsd: Number(id)}})));
    };
    const list = jobList({on: (kind, listener) => (heard[kind] = listener), render: () => {},
        signal: new AbortController().signal}, () => ({q: "lower"}));
    const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    list.start();
    await pause(50);
    await list.goOn();
    heard.jobs(Array.from({length: 25}, (_, at) => ({jobId: String(at + 1), status: "completed"})));
    const until = performance.now() + 10000;
    while (asked.length < 2 && performance.now() < until) {
        await pause(20);
    }
    await list.refresh();
    await pause(50);
    list.dispose();
    done([list.jobs.slice(50).map(({cost}) => cost?.spentUsd ?? null), asked]);
}).catch((error) => done(String(error)));"""


def test_what_jobs_have_cost_that_end_below_the_first_page_is_asked_for(stack):
    with signed_in(stack) as browser:
        browser.driver.set_script_timeout(20)
        seen = browser.driver.execute_async_script(LOWER)
    assert seen == [[number if number != 3 else None for number in range(25, 0, -1)], [20, 5]]


# A page whose answers are these, one for each look of its own: how many it asks for, of three looks.
SAYS = """const [page, answers, done] = arguments;
Promise.all([import(`/admin/page-${page}.js`), import('/admin/live.js')]).then(async ([{create}]) => {
    let asked = 0;
    const own = window.fetch.bind(window);
    window.fetch = async (address, ...words) => String(address).includes(`/admin/${page}`)
        ? Response.json({success: false, message: "No."}, {status: answers[asked++] || 503}) : own(address, ...words);
    const acts = [];
    const pause = () => new Promise((resolve) => setTimeout(resolve, 50));
    create({route: {query: {}}, on() {}, render() {}, every: (_ms, act) => acts.push(act), mayAct: false,
        signal: new AbortController().signal});
    for (let look = 0; look < 3; look++) {
        await pause();
        acts.forEach((act) => act());
    }
    await pause();
    done(asked);
}).catch((error) => done(String(error)));"""


@pytest.mark.parametrize("page", ["failures", "audit"])
def test_what_is_refused_for_good_is_not_asked_for_again(stack, page):
    with signed_in(stack) as browser:
        asked = [browser.driver.execute_async_script(SAYS, page, answers) for answers in ([400], [503, 429, 400])]
    assert asked == [1, 3]


# A count that is stopped during the try that follows an error.
HALTED = """const done = arguments[0];
import('/admin/failure-list.js').then(async ({failureList}) => {
    const own = window.fetch.bind(window);
    const answers = [() => Response.json({success: false}, {status: 503}), () => new Promise(() => {})];
    window.fetch = async (address, ...words) =>
        String(address).includes("/admin/failures") ? answers.shift()() : own(address, ...words);
    const list = failureList({render() {}, signal: new AbortController().signal}, () => ({}));
    await list.refresh();
    const before = list.error !== null;
    list.refresh();
    list.halt();
    done([before, list.looking, list.error]);
}).catch((error) => done(String(error)));"""


def test_a_count_that_is_stopped_does_not_begin_again(stack):
    with signed_in(stack) as browser:
        assert browser.driver.execute_async_script(HALTED) == [True, False, None]


# What the page of a user tells of a job of theirs, and when the stream has told its end.
COSTS_OF_USER = """const done = arguments[0];
Promise.all(['page-user', 'job-table'].map((name) => import(`/admin/${name}.js`))).then(async ([user, table]) => {
    const job = {jobId: "j", status: "active", progress: 50, cost: {spentUsd: 0.002}};
    window.fetch = async (address) => new Response(JSON.stringify({success: true, pagination: {}, data: {
        users: [{owner: "ada", active: 1, waiting: 0, pending: 0, queues: []}], jobs: [job], days: [], budget: {}}}));
    const [heard, seen] = [{}, []];
    let shown = () => {};
    const page = user.create({route: {id: "ada"}, mayAct: false, signal: new AbortController().signal,
        on: (kind, listener) => ((heard[kind] = heard[kind] || []).push(listener)), every: () => {},
        render: () => shown()});
    const see = () => page.keep().jobs.forEach((one) => seen.push([one.status,
        [table.standing(one)].flat().map((part) => part?.textContent).join("")]));
    await new Promise((resolve) => (shown = resolve));
    see();
    heard.jobs.forEach((listener) => listener([{jobId: "j", status: "completed"}]));
    see();
    done(seen);
}).catch((error) => done(String(error)));"""


def test_nor_does_the_page_of_a_user_tell_the_cost_of_before(stack):
    with signed_in(stack) as browser:
        seen = browser.driver.execute_async_script(COSTS_OF_USER)
    assert seen == [["active", "50 %"], ["completed", ""]]


USER_LINKS = """const done = arguments[0];
import('/admin/router.js').then(({userAddress}) => done([".", "..", "...", "o/ther & \u00f6"].map((name) =>
    new URL(userAddress(name), location).href.slice(location.origin.length))), (error) => done(String(error)));"""


def test_links_of_users_lead_to_them_also_of_those_whose_names_are_steps_of_a_path(stack):
    with signed_in(stack) as browser:
        found = browser.driver.execute_async_script(USER_LINKS)
    assert found == ["/admin/queues/all?owner=.", "/admin/queues/all?owner=..", "/admin/queues/users/...",
                     "/admin/queues/users/o%2Fther%20%26%20%C3%B6"]


# Two pages that show a group, one after the other, of which another tab tells only then.
TOLD_LATE = """const done = arguments[0];
import('/admin/failure-words.js').then(async ({learnFailures, failureWords}) => {
    window.fetch = async () => Response.json({success: true, data: {jobs: []}, pagination: {}});
    const [operations, drawn] = [[{where: {errorGroup: "g"}}], []];
    const other = new BroadcastChannel("troupe.failure-groups");
    await learnFailures(operations, () => drawn.push("first"));
    await learnFailures(operations, () => drawn.push("second"));
    other.postMessage({group: "g", words: "code: text"});
    setTimeout(() => done([drawn, failureWords("g")]), 300);
}).catch((error) => done(String(error)));"""


def test_each_page_is_drawn_when_another_tab_tells_of_a_group(stack):
    with signed_in(stack) as browser:
        told = browser.driver.execute_async_script(TOLD_LATE)
    assert told == [["first", "second"], "code: text"]
