"""What the dashboard's pages ask for by themselves: soon after the stream has told of a change, seldom without one, and
nothing while nobody looks."""

import pytest

from dashboard_stand import fixture_stack  # noqa: F401
from stack import Client, wait_until
from test_admin_jobs import soon
from test_dashboard import signed_in
from test_dashboard_acts import TellingActor

ADMIN = "/api/v1/admin/"
SOON_S = 7  # until what has changed is on the page, five between two looks included: less than until it asks by itself
STILL_MS = 2500  # pages used to ask every two seconds
PAGES = {"users": "users", "providers": "providers", "system": "system", "failures": "failures", "audit": "audit",
         "history": "history"}
# Whether the page is looked at, as the browser tells a page.
LOOKED_AT = """Object.defineProperty(document, "hidden", {configurable: true, value: !arguments[0]});
document.dispatchEvent(new Event("visibilitychange"));"""
# Counts the questions for a part of the API from now on.
COUNT = """performance.clearResourceTimings();
window.asked = () => performance.getEntriesByType("resource").filter(({name}) =>
    new URL(name).pathname.endsWith(`/admin/${arguments[0]}`)).length;"""
ASKED = "return window.asked()"
# What the stream has told of characters that wait.
HEARD = """const done = arguments[0]; import("/admin/live.js").then(({latest}) => done(
    latest.queues?.find(({queue}) => queue === "character").counts.waiting));"""
# A stream that tells nothing of jobs, as for a reader that does not keep up.
NO_JOBS = """const own = EventSource.prototype.addEventListener;
EventSource.prototype.addEventListener = function (kind, ...rest) {
    return kind === "jobs" ? undefined : own.call(this, kind, ...rest);
};"""


@pytest.fixture(scope="module", name="admin")
def fixture_admin(stack):
    return Client(stack.url, stack.token("boss", "--role", "admin"))


@pytest.fixture(scope="module", name="browser")
def fixture_browser(stack):
    with signed_in(stack) as running:
        yield running


def show(browser, page):
    browser.open(f"/admin/queues/{page}")
    browser.wait("main h1")
    browser.wait_gone(".loading")
    browser.wait(".pulse", "Live")
    wait_until(lambda: browser.driver.execute_async_script(HEARD) is not None, what="the queues")
    still(browser, page, 700)  # what opening it has it ask for


def still(browser, page, ms):
    """How often the page asks within so long."""
    browser.script(COUNT, PAGES.get(page, page))
    browser.script("return new Promise((resolve) => setTimeout(resolve, arguments[0]))", ms)
    return browser.script(ASKED)


def failed_one(stack):
    """A job that fails of its time to begin."""
    job = stack.client("late").submit_character("Late", options={"startBy": soon()})
    stack.client("late").wait_for(job, status="failed")


def pause(admin, verb="pause"):
    assert admin.post(f"{ADMIN}queues/video/{verb}").status_code == 200


def test_the_page_of_a_job_follows_it_though_its_own_changes_are_not_told(stack):
    """A reader that does not keep up is told only that something has changed, by the numbers of the queues."""
    user = stack.client("jo")
    job = user.submit_character("Jo")
    with signed_in(stack) as browser, TellingActor(stack) as actor:
        browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": NO_JOBS})
        browser.open(f"/admin/queues/jobs/{job}")
        browser.wait(".now .huge", "10 %")
        browser.wait(".pulse", "Live")
        for progress in 20, 30, 40, 50:
            actor.words.put((progress, "documents_linked"))
            wait_until(lambda progress=progress: user.job(job)["progress"] == progress, what="progress")
            user.submit_character("Later", options={"runAt": soon(3600)})
            browser.wait(".now .huge", f"{progress} %", 4)
        actor.let_go.set()
        user.wait_for(job)
        browser.wait("h1", "completed", 4)
        browser.wait(".work img")


@pytest.mark.parametrize("page", ["users", "providers", "system"])
def test_nothing_is_asked_for_while_nothing_happens(browser, page):
    show(browser, page)
    assert still(browser, page, STILL_MS) == 0


def test_users_are_brought_up_to_date_by_what_happens(stack, browser):
    user = stack.client("una")
    user.submit_character("One")
    show(browser, "users")
    browser.wait("[data-user=una] .waiting", "1")
    user.submit_character("Two")
    browser.wait("[data-user=una] .waiting", "2", SOON_S)


def test_failures_are_counted_again_when_another_job_has_failed(stack, admin, browser):
    failed_one(stack)
    show(browser, "failures")
    groups = admin.get(f"{ADMIN}failures").json()["data"]["groups"]
    before = sum(group["count"] for group in groups)
    browser.wait("h1 + p", f"{before} failed job")
    failed_one(stack)
    browser.wait("h1 + p", f"{before + 1} failed jobs", SOON_S)
    stack.client("late").submit_character("Waits")
    assert still(browser, "failures", SOON_S * 1000) == 0, "no other job has failed"


def test_the_audit_log_shows_what_was_done_just_now(admin, browser):
    pause(admin, "resume")
    show(browser, "audit")
    pause(admin)
    browser.wait("tbody tr:first-child b", "pause", SOON_S)
    browser.wait("tbody tr:first-child .target", "video", SOON_S)
    pause(admin, "resume")
    browser.wait("tbody tr:first-child b", "resume", 5 + SOON_S)


def test_history_draws_what_has_just_ended(stack, admin, browser):
    show(browser, "history")

    def failed():
        return sum(point["failed"] for point in admin.get(f"{ADMIN}history").json()["data"]["points"])

    before = failed()
    browser.wait(".figures", f"{before}\nfailed")
    failed_one(stack)
    browser.wait(".figures", f"{before + 1}\nfailed", SOON_S)
    assert failed() == before + 1


def test_programs_and_providers_come_into_sight_with_their_workers(stack, browser):
    show(browser, "system")
    before = len(browser.all("[data-program]"))
    with TellingActor(stack):
        wait_until(lambda: len(browser.all("[data-program]")) == before + 1, SOON_S + 2, "the worker")


@pytest.mark.parametrize("page", ["users", "failures", "audit", "character"])
def test_nothing_is_asked_for_while_nobody_looks_and_all_when_somebody_does(stack, admin, browser, page):
    show(browser, page)
    browser.script(LOOKED_AT, False)
    try:
        waiting = browser.driver.execute_async_script(HEARD)
        browser.script(COUNT, {**PAGES, "character": "jobs"}[page])
        failed_one(stack)
        stack.client("una").submit_character("More")
        pause(admin)
        pause(admin, "resume")
        wait_until(lambda: browser.driver.execute_async_script(HEARD) != waiting, what="news of it")
        browser.script("return new Promise((resolve) => setTimeout(resolve, 700))")
        assert browser.script(ASKED) == 0
    finally:
        browser.script(LOOKED_AT, True)
    wait_until(lambda: browser.script(ASKED) > 0, SOON_S, "a question")


def test_without_the_stream_pages_ask(stack):
    with signed_in(stack) as browser:
        browser.driver.execute_cdp_cmd("Network.enable", {})
        browser.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*/admin/events"]})
        for page in "users", "audit":
            browser.open(f"/admin/queues/{page}")
            browser.wait(".pulse", "Reconnecting")
            browser.wait_gone(".loading")
            browser.script(COUNT, page)
            wait_until(lambda: browser.script(ASKED) >= 2, 6, "two questions")
        browser.driver.get_log("browser")  # what was blocked
