"""What the dashboard's modules make of what they are told, in a browser and without a page: charts, the bars of a job's
life, and the command that asks for a job again."""

import json
import os
import shlex
import subprocess

from browser import Browser
from stack import TROUPE
from test_dashboard import ADMIN, admin, signed_in, stack  # noqa: F401

DRAW = """const done = arguments[0];
import('/admin/chart.js').then(({chart, ceiling}) => {
  const points = [null, 5, null, 7, 6].map((value, at) => ({at: 60000 * at, value}));
  const drawn = chart('Waits', points, [{kind: 'active', name: 'p50', value: (point) => point.value}], {});
  const line = drawn.querySelector('path.stroke').getAttribute('d');
  done({ends: [0, 1, 2.5, 3, 5, 9, 10, 11, 16, 17, 99, 101, 1234].map(ceiling), line});
}, (error) => done(String(error)));"""


def test_a_chart_shows_a_point_that_stands_alone_and_whole_numbers(stack):  # noqa: F811
    with signed_in(stack) as browser:
        drawn = browser.driver.execute_async_script(DRAW)
    assert drawn["ends"] == [2, 2, 4, 4, 6, 10, 10, 16, 16, 20, 100, 160, 1600]
    assert drawn["line"] == "M242.0 37.5h16M750.0 12.5L1000.0 25.0"


# Timers, the stream, who looks, and what is asked for, as the test says; the page has no script of its own.
LIVE = """const done = arguments[0];
const [opened, timers, asked, told] = [[], new Map(), [], {}];
let [last, beat] = [0, null];
window.EventSource = class {
  constructor() { opened.push(this); }
  addEventListener() {}
  close() { this.isClosed = true; }
};
window.setTimeout = (act, ms) => (timers.set(++last, {act, ms}), last);
window.clearTimeout = (id) => timers.delete(id);
window.setInterval = (act) => { beat = act; };
window.fetch = async (address) => { asked.push(address); return Response.json({data: {queues: []}}); };
const due = () => [...timers.values()].map(({ms}) => ms);
const fire = () => { const [[id, {act}]] = timers; timers.delete(id); act(); };
const look = (looks) => {
  Object.defineProperty(document, "hidden", {value: !looks, configurable: true});
  document.dispatchEvent(new Event("visibilitychange"));
};
import('/admin/live.js').then(async (live) => {
  const stream = () => opened.at(-1);
  const lose = () => { stream().onerror(); const [ms] = due(); fire(); return ms; };
  look(true);
  live.start();
  [told.soonest, told.latest] = [0, 1].map((random) => {
    Math.random = () => random;
    stream().onopen();
    return Array.from({length: 7}, lose);
  });
  stream().onopen();
  told.again = lose();
  stream().onopen();
  const count = opened.length;
  const now = () => [live.latest.state, due(), opened.length - count, asked.length];
  look(false);
  told.hidden = now();
  look(true);
  told.back = now();
  look(false);
  fire();
  await beat();
  told.asleep = [...now(), stream().isClosed];
  look(true);
  told.awake = now();
  stream().onopen();
  look(false);
  stream().onerror();
  told.lostUnseen = now();
  look(true);
  stream().onerror();
  look(false);
  await beat();
  told.awayUnseen = now();
  look(true);
  await beat();
  told.seen = now();
  done(told);
}).catch((error) => done(String(error)));"""


def test_the_stream_comes_back_at_moments_of_its_own_and_sleeps_while_nobody_looks(stack):  # noqa: F811
    """state, what is due in so many ms, streams opened and questions asked since."""
    with Browser(stack.url) as browser:
        browser.open("/admin/theme.js")
        told = browser.driver.execute_async_script(LIVE)
    assert told["soonest"] == [500, 1000, 2000, 4000, 8000, 15000, 15000], "half of the pause, which doubles, at least"
    assert told["latest"] == [1500, 3000, 6000, 12000, 24000, 45000, 45000], "and one and a half at most"
    assert told["again"] == 1500, "who was back begins anew"
    assert told["hidden"] == ["live", [60000], 0, 0] and told["back"] == ["live", [], 0, 0]
    assert told["asleep"] == ["off", [], 0, 0, True], "nothing is heard or asked after a minute"
    assert told["awake"] == ["off", [], 1, 0], "until somebody looks"
    assert told["lostUnseen"] == ["off", [], 1, 0]
    assert told["awayUnseen"] == ["lost", [60000], 2, 0], "nobody who does not look asks or tries"
    assert told["seen"][0] == "lost" and told["seen"][3] == 1


REMEMBER = """const done = arguments[0];
import('/admin/failure-words.js').then(({rememberFailure}) => {
  rememberFailure({errorGroup: 'grouped-1', errorCode: 'broken', message: 'pipe <n>'});
  done();
}, (error) => done(String(error)));"""
LEARN = """const done = arguments[0];
window.fetch = async () => Response.json({data: {jobs: []}}); // none has failed any more
import('/admin/failure-words.js').then(async ({failureWords, learnFailures}) => {
  const operations = ['grouped-1', 'grouped-2'].map((errorGroup) => ({where: {errorGroup}}));
  const drawn = new Promise((resolve) => {
    setTimeout(resolve, 5000);
    learnFailures(operations, resolve);
  });
  await drawn;
  done([failureWords('grouped-1'), failureWords('grouped-2')]);
}).catch((error) => done(String(error)));"""


def test_an_error_that_none_fails_of_any_more_is_told_by_the_tab_that_knows_it(stack):  # noqa: F811
    with Browser(stack.url) as browser:
        browser.open("/admin/theme.js")
        assert browser.driver.execute_async_script(REMEMBER) is None
        browser.driver.switch_to.new_window("tab")
        browser.open("/admin/theme.js")
        assert browser.driver.execute_async_script(LEARN) == ["broken: pipe <n>", "grouped-"]


BRIEF = """const done = arguments[0];
import('/admin/format.js').then(({brief}) => done([0, 20, 1000, 1499, 59600, 60000, 3569000, 3600000, 5400000, 86400000,
  100 * 86400000 - 1].map(brief)), (error) => done(String(error)));"""


def test_a_length_is_told_in_one_unit_where_there_is_no_room(stack):  # noqa: F811
    with signed_in(stack) as browser:
        told = browser.driver.execute_async_script(BRIEF)
    assert told == ["0 ms", "20 ms", "1 s", "~1 s", "~1 m", "1 m", "~1 h", "1 h", "~2 h", "1 d", "~100 d"]


AGO = """const done = arguments[0];
import('/admin/format.js').then(({ago}) => {
  const at = Date.now();
  done([-7110500, -3600500, 300, 30500, 90500, 7110500, 604830000].map((ms) => ago(new Date(at + ms).toISOString())));
}, (error) => done(String(error)));"""


def test_what_is_to_come_is_not_told_as_nearer_than_it_is(stack):  # noqa: F811
    with signed_in(stack) as browser:
        told = browser.driver.execute_async_script(AGO)
    assert told == ["1 h ago", "1 h ago", "in 1 s", "in 30 s", "in 1 m 30 s", "in 1 h 58 m", "in 7 d"]


CALLS = """const done = arguments[0];
import('/admin/timeline.js').then(({rowsOf}) => {
  const time = (second) => new Date(1767225600000 + 1000 * second).toISOString();
  const told = (second, event, rest = {}) => ({at: time(second), event, ...rest});
  const paid = (second, operation, rest = {}) => told(second, "provider", {provider: "p", operation, ...rest});
  const events = [told(0, "waiting"), told(1, "active"), told(2, "progress", {step: "a"}),
    paid(5, "finished", {priceUsd: 0.002}), told(6, "progress", {step: "b"}), paid(16, "unknown"),
    paid(20, "intent", {repeats: true}), paid(30, "finished", {priceUsd: 0.04}),
    paid(40, "submitted", {task: "t"}), paid(90, "finished", {task: "t", charged: "yes"})];
  const job = {createdAt: events[0].at, completedAt: told(100, "").at, status: "completed", timeline: {events}};
  const {rows, from} = rowsOf(job, 0);
  done(rows.at(-1).bars.map((bar) => [(bar.from - from) / 1000, (bar.to - from) / 1000, bar.title]));
}, (error) => done(String(error)));"""


def test_each_paid_call_has_its_own_time_and_price(stack):  # noqa: F811
    with signed_in(stack) as browser:
        calls = browser.driver.execute_async_script(CALLS)
    assert calls == [[2, 5, "p finished · $0.002"], [6, 16, "p unknown"], [20, 30, "p finished · $0.04"],
                     [40, 90, "p finished · charged · task t"]]


LIVES = """const done = arguments[0];
import('/admin/timeline.js').then(({atWork, pendingMs, placesOf, rowsOf}) => {
  const ms = (second) => 1767225600000 + 1000 * second;
  const time = (second) => new Date(ms(second)).toISOString();
  const told = (second, event, rest = {}) => ({at: time(second), event, ...rest});
  const paid = (second, operation, rest = {}) =>
    told(second, "provider", {provider: "p", operation, charged: "unknown", priceUsd: 0.5, step: "drawing", ...rest});
  const tried = (attempt, from, to, outcome, code) =>
    ({attempt, startedAt: time(from), endedAt: to && time(to), outcome, error: code ? {code, message: code} : null});
  const seen = (job, now) => {
    const {rows, calls, from, to} = rowsOf({createdAt: time(0), ...job}, ms(now));
    const of = (bar) => [(bar.from - ms(0)) / 1000, (bar.to - ms(0)) / 1000, bar.title];
    return {names: rows.map(({name}) => name), waits: rows[0].bars.map(of), calls: calls.map(of),
      asks: calls.map(({asks}) => asks), work: atWork(job, ms(now)) / 1000,
      pending: pendingMs({createdAt: time(0), ...job}, ms(now)) / 1000,
      places: rows.map(({bars}) => placesOf(bars, from, to))};
  };
  const active = {status: "active", timeline: {attempts: [tried(1, 1, null, null)], events: [paid(2, "intent")]}};
  const lost = {status: "waiting", timeline: {attempts: [tried(1, 1, 4, "lost", "worker_lost")],
    events: [paid(2, "intent"), told(4, "stalled")]}};
  const task = {status: "active", timeline: {attempts: [tried(1, 1, null, null)],
    events: [paid(2, "intent"), paid(3, "submitted", {task: "0123456789abcdef"})]}};
  const untold = {status: "active", queue: "character", timeline: {attempts: [tried(1, 1, null, null)],
    events: [told(2, "progress", {step: "documents_linked"})]}};
  const answered = {...untold, timeline: {...untold.timeline,
    events: [...untold.timeline.events, paid(3, "finished", {step: "documents_linked", charged: "yes"})]}};
  const step = (second, name, provider, purpose, durationMs, rest) =>
    told(second, "progress", {step: name, call: {provider, purpose, durationMs, ...rest}});
  const free = {status: "completed", completedAt: time(30), queue: "character", timeline: {
    attempts: [tried(1, 1, 4, "failed", "provider_error"), tried(2, 6, 30, "completed")],
    events: [told(4, "retry_scheduled", {call: {provider: "o", purpose: "chat", durationMs: 2000}}),
      paid(9, "finished", {charged: "yes", step: "documents_linked"}),
      step(9, "personality_generated", "p", "chat", 2500, {priceUsd: 0.5}),
      {...paid(11, "submitted", {task: "0123456789abcdef"}), provider: "q", priceUsd: undefined},
      step(25, "image_generated", "q", "image", 14500), step(28, "stored", "q", "upload", 1000)]}};
  const down = {status: "waiting", waitReason: "provider_down", timeline: {
    attempts: [tried(1, 1, 2, "failed", "provider_broken"), tried(2, 5, 6, "throttled", "provider_broken"),
      tried(2, 10, 11, "handed_back", "provider_down"), tried(2, 14, 15, "failed", "timeout")],
    events: [told(4, "waiting"), told(11, "waiting"), told(16, "waiting")]}};
  const short = {status: "completed", completedAt: time(21), timeline: {events: [told(20.999, "waiting")], attempts: [
    tried(1, 0.001, 0.1, "failed", "x"), tried(2, 5, 5.01, "failed", "x"), tried(3, 20.992, 21, "completed")]}};
  const queued = told(0, "queued");
  const later = {status: "completed", completedAt: time(20), runAt: time(12), timeline: {
    attempts: [tried(1, 15, 20, "completed")], events: [queued, told(12, "waiting"), told(15, "active")]}};
  const made = {status: "active", parentJobId: "x", timeline: {
    attempts: [tried(1, 7, null, null)], events: [queued, told(7, "waiting"), told(7, "active")]}};
  const early = {status: "pending", waitReason: "dependency", timeline: {attempts: [], events: [queued]}};
  const atOnce = {status: "active", timeline: {
    attempts: [tried(1, 3, null, null)], events: [queued, told(0.001, "waiting"), told(3, "active")]}};
  const raised = {...atOnce, timeline: {attempts: [tried(1, 9, null, null)], events: [queued,
    told(5, "waiting", {priority: 192}), told(9, "active")]}};
  const resumed = {status: "completed", completedAt: time(30), queue: "video", timeline: {
    attempts: [tried(1, 1, 6, "failed", "provider_broken"), tried(2, 8, 30, "completed")],
    events: [paid(2, "submitted", {task: "0123456789abcdef"}),
      told(6, "retry_scheduled", {call: {provider: "p", purpose: "video", durationMs: 4000}}),
      paid(20, "finished", {charged: "yes", step: "rendering", task: "0123456789abcdef"}),
      step(20, "rendering", "p", "video", 18000, {priceUsd: 0.5})]}};
  const atAll = {status: "failed", completedAt: time(1.001), timeline: {attempts: [tried(1, 1, 1, "failed", "x")],
    events: [queued, told(0, "waiting"), told(1, "active"), told(1, "progress", {step: "a"})]}};
  const {rows: [, instant]} = rowsOf({createdAt: time(0), ...atAll}, ms(9));
  done({instant: {bars: instant.bars.map(({title}) => title), places: [placesOf(instant.bars, ms(0), ms(1.001))]},
    raised: seen(raised, 9), resumed: seen(resumed, 99), scheduled: seen(later, 99),
    made: seen(made, 9), early: seen(early, 9), atOnce: seen(atOnce, 9),
    active: seen(active, 10), later: seen(active, 12), lost: seen(lost, 10), task: seen(task, 10),
    free: seen(free, 99), untold: seen(untold, 11), answered: seen(answered, 11),
    down: seen(down, 30), short: seen(short, 99)});
}, (error) => done(String(error)));"""


def test_a_life_tells_what_goes_on_what_it_waited_for_and_hides_nothing(stack):  # noqa: F811
    with signed_in(stack) as browser:
        lives = browser.driver.execute_async_script(LIVES)
    assert lives["active"]["calls"] == [[2, 10, "p under way · $0.50 expected"]]
    assert lives["later"]["calls"][0][:2] == [2, 12] and lives["later"]["asks"] == [""]
    assert lives["later"]["names"] == ["Waiting", "Attempt 1", "Provider"] and lives["later"]["work"] == 11
    assert lives["lost"]["calls"] == [[2, 4, "p no outcome known · $0.50, perhaps charged"]]
    assert lives["task"]["calls"] == [[2, 10, "p under way · $0.50 expected · task 01234567"]]
    assert lives["untold"]["calls"] == [[2, 11, "chat provider under way"]]
    assert lives["untold"]["asks"] == lives["answered"]["asks"] == ["chat"], "not the step that was over"
    assert lives["answered"]["calls"] == [[2, 3, "p finished · $0.50 charged"]]
    assert lives["free"]["calls"] == [
        [2, 4, "o failed"], [6.5, 9, "p finished · $0.50 charged"],
        [10.5, 25, "q finished · no price · task 01234567"], [27, 28, "q finished · no price"]]
    assert lives["free"]["asks"] == ["chat", "chat", "image", "upload"]
    assert lives["down"]["waits"] == [
        [0, 1, "in the queue"], [2, 4, "backoff after a failure"], [4, 5, "in the queue again"],
        [6, 10, "provider unavailable"], [11, 14, "provider is down"], [15, 16, "backoff after a failure"],
        [16, 30, "provider is down"]]
    assert lives["scheduled"]["waits"] == [[0, 12, "until its time"], [12, 15, "in the queue"]]
    assert lives["made"]["waits"] == [[0, 7, "for what it is made from"]]
    assert lives["early"]["waits"] == [[0, 9, "for what it is made from"]]
    assert lives["atOnce"]["waits"] == [[0, 3, "in the queue"]]
    assert (lives["raised"]["pending"], lives["raised"]["waits"][0][2]) == (0, "in the queue")
    assert lives["resumed"]["calls"] == [[2, 20, "p finished · $0.50 charged · task 01234567"]], "one call, paid once"
    assert [lives[name]["pending"] for name in ("scheduled", "made", "early", "atOnce", "down")] == [12, 7, 9, 0, 0]
    assert lives["short"]["work"] == 0.117
    assert lives["instant"]["bars"] == ["a"], "an attempt of less than a millisecond is seen"
    for row in (row for life in lives.values() for row in life["places"]):
        ends = [0] + [place["left"] + place["width"] for place in row]
        assert all(place["width"] >= 0.999 and place["left"] >= before - 0.001 for place, before in zip(row, ends)), row
        assert ends[-1] <= 100.001


SEARCHES = """const [answers, done] = arguments;
import('/admin/job-list.js').then(async ({jobList}) => {
  const told = (number) => ({jobId: String(number), createdAt: new Date(1767225600000 + number).toISOString()});
  const ask = window.fetch;
  window.fetch = async (address, ...words) => {
    if (!String(address).includes('q=some')) {
      return ask(address, ...words); // the page's own
    }
    const [jobs, nextCursor] = answers.shift();
    const pagination = {nextCursor, scanned: 1000, exhausted: !nextCursor};
    return Response.json({success: true, data: {jobs: jobs.map(told)}, pagination});
  };
  const list = jobList({signal: new AbortController().signal, on() {}, render() {}}, () => ({q: 'some'}));
  const seen = () => [list.jobs.map(({jobId}) => Number(jobId)), list.more, list.unfinished, list.scanned];
  const shown = [];
  list.start();
  while (answers.length > 0 || list.loading || list.looking) {
    if (!list.loading && !list.looking) {
      shown.push(seen());
      await list.refresh();
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  done([...shown, seen()]);
}, (error) => done(String(error)));"""


def searched(browser, *answers):
    return browser.driver.execute_async_script(SEARCHES, [list(answer) for answer in answers])


def test_a_search_that_is_brought_up_to_date_keeps_what_it_found_where_the_answer_did_not_look(stack):  # noqa: F811
    with signed_in(stack) as browser:
        whole = [[9, 7, 5], None, False, 1000]
        shown = searched(browser, ([9, 7, 5], None), ([], "a"), ([9], "b"), ([11, 9], "c"), ([9], None))
        assert shown == [whole, whole, whole, [[11, 9, 7, 5], None, False, 1000], [[9], None, False, 1000]]
        shown = searched(browser, ([9], "a"), ([7], "b"), ([5], None), ([9], "c"), ([], None))
        assert shown == [[[9, 7, 5], None, False, 3000]] * 2 + [[[], None, False, 1000]]
        shown = searched(browser, ([9, 7, 5], None), ([11], "a"), ([11, 9, 7, 5], None))
        assert shown == [whole] + [[[11, 9, 7, 5], None, False, 1000]] * 2
        page = [*range(149, 99, -1)]
        shown = searched(browser, (page, "a"), ([160], "b"), ([155], "c"), (page, "d"))
        assert shown == [[page, "a", False, 1000], [[160, 155, *page], "d", False, 3000]]


CURL = """const [id, done] = arguments;
Promise.all([import('/admin/repeat.js'), fetch(`/api/v1/admin/jobs/${id}`)]).then(async ([{curlOf}, answer]) =>
  done(curlOf((await answer.json()).data, location.origin)), (error) => done(String(error)));"""


def show_curl(stack, job, token=None):  # noqa: F811
    words, settings = (["--data", stack.data], {}) if token is None else \
        ([], {"TROUPE_URL": stack.url, "TROUPE_TOKEN": token})
    return subprocess.run([TROUPE, "show", job, "--curl", *words], capture_output=True, text=True, timeout=30,
                          env={**os.environ, **settings})


def test_what_is_copied_as_curl_asks_for_the_same_again(stack):  # noqa: F811
    """From the page, and by the command line."""
    options = {"priority": 7, "tags": ["it's"], "metadata": {"order": 5}}
    job = stack.user.submit_character("O'Hara", options=options)
    with signed_in(stack) as browser:
        copied = browser.driver.execute_async_script(CURL, job)
    for words in copied, show_curl(stack, job).stdout:
        made = subprocess.run(["bash", "-c", words], env={**os.environ, "TOKEN": stack.token("ada")}, check=True,
                              capture_output=True, text=True, timeout=30)
        again = stack.user.job(json.loads(made.stdout)["data"]["jobId"])
        assert again["jobId"] != job and {name: again[name] for name in options} == options
        told = admin(stack).get(f"{ADMIN}jobs/{again['jobId']}").json()["data"]
        assert told["input"]["name"] == "O'Hara"


def test_the_command_line_copies_what_the_page_does(stack):  # noqa: F811
    picture = stack.user.submit_image(stack.made_from[0], options={"tags": ["no 'hat'"], "metadata": {"ö": "\n"}})
    with signed_in(stack) as browser:
        for each in picture, stack.video:
            copied = browser.driver.execute_async_script(CURL, each)
            printed = show_curl(stack, each)
            assert printed.returncode == 0 and shlex.split(printed.stdout) == shlex.split(copied), printed


def test_no_command_is_made_up(stack):  # noqa: F811
    job = stack.user.submit_character("Mia")
    refused = show_curl(stack, job, stack.token("ada"))
    assert refused.returncode == 1 and "told to admins and viewers" in refused.stderr and refused.stdout == ""
    batch = stack.user.post("/api/v1/batches", {"jobs": [{"type": "character", "name": "Mia"}]})
    assert show_curl(stack, batch.json()["data"]["batchId"]).returncode == 2


LARGE = """const [id, done] = arguments;
Promise.all([import('/admin/api.js'), import('/admin/repeat.js')]).then(async ([api, {curlOf}]) => {
  const job = await api.job(id);
  done([JSON.stringify(job.metadata), curlOf(job, location.origin)]);
}).catch((error) => done(String(error)));"""


def test_a_number_that_a_script_cannot_hold_is_shown_as_it_was_written(stack):  # noqa: F811
    options = {"metadata": {"order": 9007199254740993, "usual": 9007199254740991, "part": 0.5}}
    job = stack.user.submit_character("Large", options=options)
    with signed_in(stack) as browser:
        metadata, words = browser.driver.execute_async_script(LARGE, job)
        browser.open(f"/admin/queues/jobs/{job}")
        browser.wait("pre.json")
        shown = browser.script("return [...document.querySelectorAll('pre.json')].map((text) => text.innerText).join()")
    assert json.loads(metadata) == options["metadata"]
    assert "9007199254740993" in words and "9007199254740993" in shown
