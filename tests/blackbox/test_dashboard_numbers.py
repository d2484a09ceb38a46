"""The numbers of the dashboard's overview and of its queue pages are those that the API tells: what is drawn is
measured and compared, in a browser before a real stack whose workers the tests bring. Pictures are left in the folder
that TEST_PICTURES names."""

import datetime
import os
import pathlib

import pytest

from browser import selenium
from failing_actor import FailingActor, HoldingActor
from stack import Client, Stack, wait_until
from test_admin_jobs import search, soon
from test_dashboard import signed_in
from test_dashboard_shown import at, duration, rounded

ADMIN = "/api/v1/admin/"
RATE = 10  # characters a second
CARD = "[data-queue=character]"


@pytest.fixture(scope="module", name="stack")
def fixture_stack():
    """With the usual rates, and without workers but those that tests bring: jobs that ended well and badly."""
    selenium()
    with Stack("--provider", "null", "--actors", 0) as running:
        user = running.user = running.client("ada")
        with FailingActor(running):
            running.done = [user.submit_character(f"Done {number}", options={"tags": ["spring"]})
                            for number in range(3)]
            running.failed = {code: [user.submit_character("Bad", description=f"{code}|{words} {number}")
                                     for number in range(count)]
                              for code, words, count in (("broken", "the brush broke after", 3),
                                                         ("missing", "there was none of", 2))}
            for job in [*running.done, *running.failed["broken"], *running.failed["missing"]]:
                user.wait_for(job)
        running.character = user.job(running.done[0])["result"]["characterId"]
        running.image = user.submit_image(running.character)
        yield running


@pytest.fixture(scope="module", name="admin")
def fixture_admin(stack):
    return Client(stack.url, stack.token("boss", "--role", "admin"))


@pytest.fixture(scope="module", name="browser")
def fixture_browser(stack):
    with signed_in(stack) as running:
        yield running


def queue(admin, name="character"):
    answer = admin.get(f"{ADMIN}queues")
    assert answer.status_code == 200, answer.text
    return next(each for each in answer.json()["data"]["queues"] if each["queue"] == name)


def look(browser, name, path, ready):
    """Leaves pictures of a page, if somebody wants them."""
    folder = os.environ.get("TEST_PICTURES")
    for theme in ("light", "dark") if folder else ():
        browser.script("localStorage.setItem('troupe-theme', arguments[0])", theme)
        for width in 1280, 390:
            browser.resize(width, 1400)
            browser.open(path)
            browser.wait(ready)
            browser.picture(pathlib.Path(folder) / f"numbers-{name}-{theme}-{width}.png")
    browser.resize(1280, 900)


# ---- the overview ----

GAUGES = """return Object.fromEntries([...document.querySelectorAll("[data-queue=character] .gauges > div")].map(
    (one) => [one.querySelector("dt").innerText, one.querySelector("dd").innerText.trim().replaceAll(/\\s+/g, " ")]))"""
SPARKS = """return [...document.querySelectorAll("[data-queue=character] .spark-row > div")].map((one) =>
    [one.querySelector("span").innerText, [...one.querySelectorAll("path.stroke")].map((path) =>
        [path.getAttribute("class").split(" ")[1], path.getAttribute("d")])])"""


def line(values, top):
    """The line of a chart (chart.js): what is not known is a gap, a value between two gaps a short line."""
    step, drawn = 1000 / max(1, len(values) - 1), ""
    for index, value in enumerate(values):
        if value is None:
            continue
        x, y = index * step, rounded(100 - value / top * 100, 1)
        if index > 0 and values[index - 1] is not None:
            drawn += f"L{rounded(x, 1)} {y}"
        else:
            alone = index + 1 == len(values) or values[index + 1] is None
            drawn += f"M{rounded(x - 8, 1)} {y}h16" if alone else f"M{rounded(x, 1)} {y}"
    return drawn


def sparks(points):
    """Throughput and latency as they have to be drawn."""
    counts = {kind: [point[kind] for point in points] for kind in ("completed", "failed")}
    times = {kind: [point["runMs"] and point["runMs"][part] for point in points]
             for kind, part in (("active", "p50"), ("waiting", "p95"))}
    newest = [point for point in points if point["runMs"] and point["runMs"]["p50"] is not None][-1]
    last = newest["runMs"]

    def lines(series):
        top = max(1, *(value or 0 for values in series.values() for value in values))
        return [[kind, line(values, top)] for kind, values in series.items()]

    minute = datetime.datetime.fromisoformat(newest["at"].replace("Z", "+00:00")).astimezone()
    words = f"Run time in the minute of {minute:%H:%M} p50 {duration(last['p50'])} · p95 {duration(last['p95'])}"
    return [["Done and failed, last hour", lines(counts)], [words, lines(times)]]


def test_throughput_and_latency_are_drawn_as_they_were(admin, browser):
    def same():
        browser.open("/admin/queues")
        browser.wait(f"{CARD} .spark-row")
        points = admin.get(f"{ADMIN}history", params={"range": "1h", "queue": "character"}).json()["data"]["points"]
        same.last = browser.script(SPARKS), sparks(points)
        return points if same.last[0] == same.last[1] else None

    try:
        points = wait_until(same, 15, "the same lines")  # another minute may begin between the two questions
    except AssertionError as error:
        raise AssertionError(f"{error}: {same.last}") from None
    assert sum(point["completed"] for point in points) >= 3 and sum(point["failed"] for point in points) >= 5
    look(browser, "overview", "/admin/queues", f"{CARD} .spark-row")


# What the page shows of the limiter each time that the stream has told another number, beside that number.
SAMPLE = """const done = arguments[0]; window.samples = [];
import("/admin/live.js").then(({on, latest}) => {
    on("queues", () => requestAnimationFrame(() => {
        const {limit, counts} = latest.queues.find(({queue}) => queue === "character");
        const card = document.querySelector("[data-queue=character]");
        const meter = card.querySelector("[aria-label=Limiter]");
        window.samples.push({used: limit.used, max: limit.max, waiting: counts.waiting,
            words: meter.nextSibling.innerText, now: Number(meter.getAttribute("aria-valuenow")),
            fill: parseFloat(meter.firstChild.style.width),
            state: card.querySelector(".state").innerText});
    }));
    done();
});"""


def test_the_limiter_fills_as_jobs_start(stack, admin, browser):
    browser.open("/admin/queues")
    browser.wait(f"{CARD} .gauges", f"of {RATE} in 1.0 s")
    browser.driver.execute_async_script(SAMPLE)
    jobs = [stack.user.submit_character(f"Much {number}") for number in range(4 * RATE)]
    used = set()
    with FailingActor(stack):
        wait_until(lambda: used.add(queue(admin)["limit"]["used"]) or stack.user.job(jobs[-1])["status"] == "completed",
                   what="the last of them")
    wait_until(lambda: browser.script("return window.samples.at(-1).used") == 0, what="a limiter that is empty again")
    samples = browser.script("return window.samples")
    assert max(used) == RATE == max(sample["used"] for sample in samples)
    for sample in samples:
        assert sample["now"] == sample["used"] and sample["fill"] == 100 * sample["used"] / sample["max"], sample
        assert sample["words"] == f"{sample['used']} of {sample['max']} in 1.0 s"
        if sample["used"] == RATE and sample["waiting"]:
            assert sample["state"] == "At its rate"
    assert any(sample["state"] == "At its rate" for sample in samples)


def test_a_card_tells_slots_workers_the_last_minute_and_how_long_the_oldest_waits(stack, admin, browser):
    browser.open("/admin/queues")
    browser.wait(f"{CARD} .state", "No workers")
    assert browser.script(GAUGES)["Oldest waiting"] == "none" and queue(admin)["oldestWaitingAt"] is None
    first, second = stack.user.submit_character("First"), stack.user.submit_character("Second")

    def age():
        words = browser.script(GAUGES)["Oldest waiting"]
        return words != "none" and float(words.split(" ")[0]) * (0.001 if "ms" in words else 1)

    for _ in range(2):  # it grows
        wait_until(age, what="an age")
        oldest = queue(admin)["oldestWaitingAt"]
        assert oldest == stack.user.job(first)["createdAt"] < stack.user.job(second)["createdAt"]
        wait_until(lambda: abs(browser.script("return Date.now()") - at(oldest) - 1000 * age()) < 1500, 10, "that age")
        browser.script("return new Promise((resolve) => setTimeout(resolve, 1100))")
    with HoldingActor(stack) as actor:
        wait_until(lambda: queue(admin)["counts"]["active"] == 2, what="both at work")

        def same():
            told, shown = queue(admin), browser.script(GAUGES)
            workers = sum(each["workers"] for each in admin.get(f"{ADMIN}queues").json()["data"]["queues"])
            minute = told["perMinute"]
            wanted = {"Slots": f"{told['slotsBusy']} of {told['slots']} · {told['workers']} worker",
                      "Rate": f"{told['limit']['used']} of {told['limit']['max']} in 1.0 s", "Oldest waiting": "none",
                      "Last minute": f"{minute['started']} started, {minute['completed']} done, "
                                     f"{minute['failed']} failed"}
            same.last = shown, wanted
            figures = browser.texts(".figures .figure")
            return shown == wanted and f"{workers}\nworkers" in figures and (told, workers)

        try:
            told, workers = wait_until(same, what="what the API tells")
        except AssertionError as error:
            raise AssertionError(f"{error}: {same.last}") from None
        assert (told["slotsBusy"], told["workers"], workers) == (2, 1, 1) and told["perMinute"]["started"] >= 2
        assert browser.texts(f"{CARD} .state") == ["Working"]
        actor.let_go.set()
        stack.user.wait_for(second)


COUNTS = f"""return Object.fromEntries([...document.querySelectorAll("{CARD} .counts a")].map((one) =>
    [one.querySelector("span").innerText, [one.querySelector("b").innerText, one.search]]))"""


def test_a_card_counts_the_jobs_of_each_status(stack, admin, browser):
    user = stack.user
    for _ in range(4):
        assert user.call("DELETE", f"/api/v1/character-jobs/{user.submit_character('Gone')}").status_code == 200
    later = [user.submit_character("Later", options={"runAt": soon(3600)}) for _ in range(2)]
    job = user.submit_character("At work")
    with HoldingActor(stack) as actor:
        wait_until(lambda: queue(admin)["counts"]["active"] == 1, what="one at work")
        assert admin.post(f"{ADMIN}queues/character/pause").status_code == 200
        waiting = [user.submit_character("Waits") for _ in range(6)]
        wait_until(lambda: queue(admin)["counts"]["waiting"] == 6, what="those that wait")
        counts = queue(admin)["counts"]
        assert len(counts) == 6 and all(counts.values()) and (counts["pending"], counts["cancelled"]) == (2, 4)
        browser.open("/admin/queues")
        wanted = {status: [f"{number:,}", f"?status={status}"] for status, number in counts.items()}
        wait_until(lambda: browser.script(COUNTS) == wanted, what=f"{wanted}")
        actor.let_go.set()
        user.wait_for(job)
    for each in later + waiting:
        assert user.call("DELETE", f"/api/v1/character-jobs/{each}").status_code == 200
    assert admin.post(f"{ADMIN}queues/character/resume").status_code == 200


# ---- what is paused ----


def test_a_queue_is_paused_on_its_page_and_marked_everywhere(admin, browser):
    browser.open("/admin/queues/character")
    browser.click("[data-pause]", "Pause the queue")
    browser.wait("[data-pause]", "Resume the queue")
    assert queue(admin)["paused"] is True
    browser.wait("h1 + p", "Paused: nothing starts")
    browser.wait("nav.side a[href$='/character'] .tally [title=paused]")
    assert len(browser.all("nav.side [title=paused]")) == 1
    look(browser, "paused", "/admin/queues/character", "[data-pause]")
    browser.open("/admin/queues")
    browser.wait(f"{CARD}.is-paused .state.paused", "Paused")
    assert [card.get_attribute("data-queue") for card in browser.all(".queue.is-paused")] == ["character"]
    assert browser.texts(f"{CARD} header button") == ["Resume"]
    browser.open("/admin/queues/character")
    browser.click("[data-pause]", "Resume the queue")
    browser.wait("[data-pause]", "Pause the queue")
    assert queue(admin)["paused"] is False
    browser.wait_gone("nav.side [title=paused]")
    assert "Paused" not in browser.texts("h1 + p")[0]


# ---- what is looked for ----


def rows(browser):
    return browser.script("return [...document.querySelectorAll('[data-job]')].map((row) => row.dataset.job)")


def test_words_of_the_search_find_what_the_api_finds(stack, admin, browser):
    groups = {each["errorCode"]: each for each in admin.get(f"{ADMIN}failures").json()["data"]["groups"]}
    group = groups["broken"]["errorGroup"]
    stack.user.submit_character("Other", options={"runAt": soon(3600), "tags": ["autumn"]})
    cases = [(f"character:{stack.character}", "characterId", stack.character, [stack.image, stack.done[0]]),
             ("tag:spring", "tag", "spring", stack.done[::-1]),
             ("error:missing", "errorCode", "missing", stack.failed["missing"][::-1]),
             (f"group:{group}", "errorGroup", group, stack.failed["broken"][::-1]),
             (f"error:broken {stack.failed['broken'][1]}", "errorCode", "broken", [stack.failed["broken"][1]])]
    assert groups["broken"]["count"] == 3
    for words, name, value, wanted in cases:
        browser.open("/admin/queues/all")
        browser.wait("[data-job]")
        browser.type("#search", words)
        wait_until(lambda wanted=wanted: rows(browser) == wanted, what=f"{words}: {wanted}")
        text = words.partition(" ")[2]
        assert [job["jobId"] for job in search(admin, **{name: value, "q": text or None})] == wanted
        assert f"{name}={value}" in browser.driver.current_url.replace("%3A", ":")
        assert browser.script("return document.getElementById('search').value") == text
        browser.wait(".chips .chip", value[:8])
        browser.click(".chips .chip", value[:8])
        wait_until(lambda: name not in browser.driver.current_url, what="all again")
