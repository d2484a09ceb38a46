"""What people do on the dashboard to workers and to many jobs, by mouse and by keys, and what they see of it happen:
in a browser before a real stack, whose workers the tests bring."""

import datetime
import queue
import re

import pytest

from dashboard_stand import fixture_stack  # noqa: F401
from failing_actor import HoldingActor
from fake_broker import Actor
from stack import Client, wait_until
from test_admin_jobs import JOBS, soon
from test_admin_operations import batch
from test_dashboard import signed_in

MANY = 20_000  # jobs of an operation that is stopped under way
SOON_S = 3  # until an event is on the page, without any question that is asked every five seconds
FIRST_ROW = "th .hidden, th input[type=checkbox]"


@pytest.fixture(scope="module", name="admin")
def fixture_admin(stack):
    return Client(stack.url, stack.token("boss", "--role", "admin"))


@pytest.fixture(scope="module", name="browser")
def fixture_browser(stack):
    with signed_in(stack) as running:
        yield running


def rows(browser):
    return browser.script("return [...document.querySelectorAll('[data-job]')].map((row) => row.dataset.job)")


# ---- workers ----


def test_a_worker_is_stopped_and_ends_after_what_it_has(stack, browser):
    """A program of its own, which nobody starts again."""
    actor = Actor("character", f"ipc://{stack.data}/run/actors", TROUPE_PROVIDER="null:4000", TROUPE_GRACE_MS=60000)
    try:
        browser.open("/admin/queues/workers")
        browser.wait("[data-worker] .state", "Idle")
        job = stack.client("wim").submit_character("Last")
        browser.wait("[data-worker] .state", "Working")
        browser.click("[data-worker] button", "Stop")
        browser.wait("dialog", "finishes what it has")
        browser.click("dialog button", "Stop it")
        browser.wait("[data-worker] .state", "Stopping")
        assert not browser.texts("[data-worker] button")
        browser.wait(".empty", "No worker is connected")
        assert actor.wait() == 0
        assert stack.client("wim").job(job)["status"] == "completed"
    finally:
        actor.close()


# ---- what happens ----


class TellingActor(HoldingActor):
    """Says of the one job that it holds what it is told to."""

    def __init__(self, stack):
        super().__init__(stack)
        self.words = queue.SimpleQueue()  # (progress, step): its own thread sends them

    def go_on(self):
        while not self.words.empty():
            (job,), (progress, step) = self.held, self.words.get()
            self.actor.send(("progress", {"job": job["job"], "lease": job["lease"], "credit": self.actor.credit,
                                          "progress": progress, "step": step}))
        super().go_on()


def filled(browser):
    return browser.script("""const [bar, part] = [".now .progress", ".now .progress > *"].map((one) =>
        document.querySelector(one).getBoundingClientRect()); return part.width / bar.width""")


def test_progress_moves_on_the_page_of_a_job_by_itself(stack, browser):
    job = stack.client("liv").submit_character("Live")
    browser.open(f"/admin/queues/jobs/{job}")
    browser.wait("h1", "waiting")
    browser.script("window.isTheSame = true")
    with TellingActor(stack) as actor:
        for progress, step in (10, "document created"), (45, "personality generated"), (80, "image generated"):
            if progress > 10:
                actor.words.put((progress, step.replace(" ", "_")))
            browser.wait(".now .huge", f"{progress} %", SOON_S)
            browser.wait(".now .grow", step)
            wait_until(lambda progress=progress: abs(filled(browser) - progress / 100) < 0.01, what="the bar")
        actor.let_go.set()
        browser.wait("h1", "completed", SOON_S)
        browser.wait_gone(".now")
        browser.wait(".work img")
    assert browser.script("return window.isTheSame"), "nothing was loaded anew"


def test_history_draws_what_there_was(stack, admin, browser):
    """Jobs that have completed, failed and been cancelled just now: sums, lines, a bar for each such minute."""
    user = stack.client("hia")
    assert user.call("DELETE", f"/api/v1/character-jobs/{user.submit_character('Gone')}").status_code == 200
    with HoldingActor(stack) as actor:
        actor.let_go.set()
        done = [user.submit_character(f"Done {number}") for number in range(6)]
        for job in done:
            user.wait_for(job)
    last = user.submit_character("Late", options={"startBy": soon()})
    user.wait_for(last, status="failed")
    points = admin.get("/api/v1/admin/history?queue=character").json()["data"]["points"]
    sums = {name: sum(point[name] for point in points) for name in ("started", "completed", "failed", "cancelled")}
    assert sums["completed"] >= 6 and sums["failed"] >= 1 and sums["cancelled"] >= 1
    browser.open("/admin/queues/history?queue=character")
    browser.wait(".figures", "started")
    shown = dict(reversed(line.split("\n")) for line in browser.texts(".figures > *"))
    assert {name: shown[name] for name in sums} == {name: str(number) for name, number in sums.items()}
    drawn = browser.script("""return [...document.querySelectorAll(".chart")].map((chart) => [
        chart.querySelector("h2").innerText, ["completed", "failed", "cancelled"].map((kind) =>
            chart.querySelectorAll(`rect.bar.${kind}`).length),
        [...chart.querySelectorAll("path.stroke")].map((path) => path.getAttribute("d"))])""")
    assert [title for title, _, _ in drawn] == ["Ended, each 1 m", "Time in the queue", "Time at work"]
    assert drawn[0][1] == [sum(point[name] > 0 for point in points) for name in ("completed", "failed", "cancelled")]
    assert all(len(lines) == 3 and all(lines) for _, _, lines in drawn[1:]), "p50, p95, p99"
    for words in "24 hours", "30 days":
        browser.click(".segments a", words)
        browser.wait(".figures", f"{sums['completed']}\ncompleted")


# ---- many jobs ----


def choose_all(browser, rows_wanted):
    wait_until(lambda: len(browser.all("[data-job]")) == rows_wanted, what=f"{rows_wanted} rows")
    browser.click(FIRST_ROW)


def act(browser, action, words):
    browser.click(f".choice [data-action={action}]")
    browser.click("dialog button", words)


def test_jobs_that_wait_for_their_time_are_started_and_ended_ones_removed_together(stack, admin, browser):
    user = stack.client("pia")
    jobs = batch(user, 7, runAt=soon(3600), tags=["together"])
    browser.open("/admin/queues/character?tag=together")
    choose_all(browser, 7)
    act(browser, "promote", "Start the jobs")
    browser.wait(".operation", "7 of 7 jobs started early")
    wait_until(lambda: browser.texts("[data-job] .badge") == ["waiting"] * 7, what="seven that wait")
    assert {user.job(job)["status"] for job in jobs} == {"waiting"}
    browser.click(".operation button")
    for job in jobs[:5]:
        assert admin.post(f"{JOBS}/{job}/cancel").status_code == 200
    browser.click(".tabs a", "Cancelled")
    choose_all(browser, 5)
    act(browser, "remove", "Remove the jobs")
    browser.wait(".operation", "5 of 5 jobs removed")
    browser.wait(".empty", "No job matches")
    browser.click(".tabs a", "All")
    wait_until(lambda: set(rows(browser)) == set(jobs[5:]), what="the others")
    answers = [user.get(f"/api/v1/character-jobs/{job}").status_code for job in jobs]
    assert answers == [410] * 5 + [200] * 2


def test_an_operation_is_stopped_under_way(stack, admin, browser):
    batch(stack.client("ole"), MANY)
    browser.open("/admin/queues/character?owner=ole")
    browser.wait("[data-job]")
    browser.click(FIRST_ROW)
    browser.click(".choice button", "all that match")
    act(browser, "cancel", "Cancel the jobs")
    browser.click(".operation.running button", "Stop")
    browser.wait(".operation.cancelled", "stopped")
    words, = browser.texts(".operation.cancelled b")
    done = int(re.match(r"([\d,.  ]+) of ", words)[1].replace(",", ""))
    told = admin.get("/api/v1/admin/operations").json()["data"]["operations"][0]
    assert (told["state"], told["done"]) == ("cancelled", done) and done < MANY
    assert not browser.all(".operation.running")
    waiting = admin.get(JOBS, params={"owner": "ole", "status": "waiting", "limit": 1}).json()["data"]["jobs"]
    assert waiting, "the others go on waiting"


# ---- lists ----


def set_value(browser, selector, value):
    browser.wait(selector)
    browser.script("""const field = document.querySelector(arguments[0]); field.value = arguments[1];
        field.dispatchEvent(new Event("change", {bubbles: true}));""", selector, value)


def local(browser, time):
    """A moment as people write it into a field: in the browser's own time."""
    return browser.script("""const time = new Date(arguments[0]), minutes = time.getTimezoneOffset();
        return new Date(time - 60000 * minutes).toISOString().slice(0, 19)""", time)


def test_jobs_of_a_time_are_found(stack, browser):
    user = stack.client("tim")
    early = user.submit_character("Early")
    middle = datetime.datetime.fromisoformat(user.job(early)["createdAt"].replace("Z", "+00:00"))
    middle = middle.replace(microsecond=0) + datetime.timedelta(seconds=1)
    wait_until(lambda: datetime.datetime.now(datetime.timezone.utc) > middle, what="another second")
    late = user.submit_character("Late")
    browser.open("/admin/queues/character?owner=tim")
    wait_until(lambda: rows(browser) == [late, early], what="both")
    for span in "15m", "1h":
        set_value(browser, ".tools select", span)
        wait_until(lambda span=span: f"since={span}" in browser.driver.current_url, what="the address")
        wait_until(lambda: rows(browser) == [late, early], what="both")
    set_value(browser, ".tools select", "range")
    border = local(browser, middle.isoformat())
    set_value(browser, "input[type=datetime-local]", border)  # the first: From
    wait_until(lambda: rows(browser) == [late], what="what came after it")
    browser.driver.refresh()
    wait_until(lambda: rows(browser) == [late], what="the same of its address")
    assert browser.texts(".chips .chip") == ["User\ntim", f"Made\nfrom {border.replace('T', ' ')}"]
    browser.click(".tools button", "Filters")
    set_value(browser, "input[type=datetime-local]", "")
    set_value(browser, "label:last-child > input[type=datetime-local]", border)  # To
    wait_until(lambda: rows(browser) == [early], what="what came before it")
    assert "to=" in browser.driver.current_url and "from=" not in browser.driver.current_url
    browser.click(".chips .chip", f"to {border.replace('T', ' ')}")
    wait_until(lambda: rows(browser) == [late, early], what="both again")
    assert browser.script("return document.querySelector('.tools select').value") == ""


def test_chosen_jobs_that_leave_the_list_are_told_and_let_go_when_none_is_left(stack, browser):
    user = stack.client("lea")
    jobs = [user.submit_character("Leaves") for _ in range(2)][::-1]
    browser.open("/admin/queues/character?owner=lea&status=waiting")
    wait_until(lambda: rows(browser) == jobs, what="both")
    browser.click("th input[type=checkbox]")
    browser.wait(".choice", "2 chosen")
    assert user.call("DELETE", f"/api/v1/character-jobs/{jobs[0]}").status_code == 200
    browser.wait(".choice", "1 not in the list any more")
    browser.click(".choice button", "Cancel")
    browser.wait("dialog", "1 of them left the list since: it is done to those that are pending or waiting or active.")
    browser.click("dialog button", "Keep it as it is")
    assert user.call("DELETE", f"/api/v1/character-jobs/{jobs[1]}").status_code == 200
    browser.wait_gone(".choice")
    assert rows(browser) == []


def test_a_click_on_a_row_opens_its_job_but_for_what_has_a_click_of_its_own(stack, browser):
    job = stack.client("kim").submit_character("Clicked")
    browser.open("/admin/queues/character?owner=kim")
    wait_until(lambda: rows(browser) == [job], what="its row")
    browser.click("td.check input")
    browser.wait(".choice", "1 chosen")
    browser.script("document.querySelector('td.check').click()")
    browser.script("getSelection().selectAllChildren(document.querySelector('td.owner'))")
    browser.script("document.querySelector('td.owner').click()")
    assert browser.texts("h1") == ["Characters"]
    browser.click("td.stand")
    browser.wait("h1", "Clicked")
    assert browser.driver.current_url.endswith(f"/jobs/{job}")


def test_who_leaves_the_search_box_for_what_was_found_clicks_on_it(stack, browser):
    user = stack.client("sue")
    jobs = [user.submit_character(name) for name in ("Found early", "Found late", "Other")][1::-1]
    browser.open("/admin/queues/character?owner=sue")
    browser.type("#search", "found")
    wait_until(lambda: rows(browser) == jobs, what="both that match")
    browser.click(f"[data-job='{jobs[1]}'] input[type=checkbox]")
    browser.wait(".choice", "1 chosen")
    browser.type("#search", " early")
    wait_until(lambda: rows(browser) == jobs[1:], what="the one that matches")
    browser.click(f"[data-job='{jobs[1]}'] a.who")
    browser.wait("h1", "Found early")


def test_keys_walk_through_a_list_and_choose(stack, browser):
    from selenium.webdriver.common.keys import Keys
    user = stack.client("kay")
    jobs = [user.submit_character(f"Key {number}") for number in range(4)][::-1]

    def at():
        return browser.script("return [...document.querySelectorAll('tr.at')].map((row) => row.dataset.job)")

    def chosen():
        return browser.script("""return [...document.querySelectorAll("[data-job]")].filter((row) =>
            row.querySelector("input").checked).map((row) => row.dataset.job)""")

    browser.open("/admin/queues/character?owner=kay")
    wait_until(lambda: rows(browser) == jobs, what="its jobs")
    for keys, place in ("j", 0), ("j", 1), ("jj", 3), ("j", 3), ("kk", 1), ("kkk", 0), ("j", 1):
        browser.keys(*keys)
        wait_until(lambda place=place: at() == [jobs[place]], what=f"the row {place} after {keys}")
    browser.keys("x")
    wait_until(lambda: chosen() == [jobs[1]], what="one that is chosen")
    browser.keys("j", "x")
    wait_until(lambda: chosen() == jobs[1:3], what="two that are chosen")
    browser.wait(".choice", "2 chosen")
    browser.keys("x")
    wait_until(lambda: chosen() == [jobs[1]], what="one that was let go")
    browser.keys("a")
    browser.wait(".choice", "4 chosen")
    browser.keys(Keys.ESCAPE)
    browser.wait_gone(".choice")
    assert chosen() == [] and at() == [jobs[2]]
    browser.keys(Keys.ENTER)
    wait_until(lambda: browser.driver.current_url.endswith(f"/jobs/{jobs[2]}"), what="its page")
    browser.wait("h1", "Key 1")
    browser.driver.back()
    wait_until(lambda: rows(browser) == jobs, what="the list")
    wait_until(lambda: at() == [jobs[2]], what="the row that was left")
    browser.keys("k", "o")
    wait_until(lambda: browser.driver.current_url.endswith(f"/jobs/{jobs[1]}"), what="the page of the row before")
