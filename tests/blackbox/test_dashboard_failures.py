"""The dashboard's Failures page before no failed job, some groups of them, and more groups than it holds: what it
counts is right, its ways lead to the jobs, and a group is tried again. Pictures are left in the folder that
TEST_PICTURES names."""

import contextlib
import json
import os
import pathlib
import threading

import pytest

from browser import selenium
from failing_actor import FailingActor
from stack import Client, Stack, wait_until
from test_admin_jobs import ids, search
from test_dashboard import axe, signed_in, violations_of  # noqa: F401
from test_failures import fail, walk

PAGE = "/admin/queues/failures"
GROUPS_MAX = 500  # that the page holds
SAMPLES = 5  # newest jobs of a group that it names
LOOKS = [(look, width) for look in ("light", "dark") for width in (1280, 390)]


@contextlib.contextmanager
def new_stack():
    selenium()
    with Stack("--provider", "null", "--rate", "off", "--actors", 0) as running, FailingActor(running):
        yield running


def admin_of(stack):
    return Client(stack.url, stack.token("boss", "--role", "admin"))


@pytest.fixture(name="told", scope="module")
def fixture_told():
    """A stack with some failed jobs of ann and bob, which its tests leave as they are."""
    with new_stack() as running:
        admin = admin_of(running)
        fail(running, admin, "ann", [f"provider_timeout|no answer from https://host/{n} in {n} s" for n in range(60)] +
             ["content_policy|The prompt \"a\" was refused by the provider's policy."] * 3)
        fail(running, admin, "bob", [f"provider_error|{'unbroken' * 55} {n}" for n in range(2)])
        yield running


@pytest.fixture(name="stack", scope="module")
def fixture_stack():
    """One in which each test has jobs of users of its own."""
    with new_stack() as running:
        yield running


@pytest.fixture(name="admin", scope="module")
def fixture_admin(stack):
    return admin_of(stack)


def show(browser, path=""):
    browser.open(PAGE + path)
    browser.wait("h1", "Failures")
    browser.wait_gone(".loading")


def look_at(browser, axe, name, path=""):  # noqa: F811
    """The page shuts nobody out and is no wider than the window; its pictures are left."""
    folder, wrong = os.environ.get("TEST_PICTURES"), {}
    for look, width in LOOKS:
        browser.script("localStorage.setItem('troupe-theme', arguments[0])", look)
        browser.resize(width, 900)
        show(browser, path)
        browser.wait(".groups li, .empty")
        wide = browser.script("return document.documentElement.scrollWidth")
        found = violations_of(browser, axe) + ([f"{wide} wide"] if wide > width else [])
        if found:
            wrong[look, width] = found
        if folder:
            browser.picture(pathlib.Path(folder) / f"failures-{name}-{look}-{width}.png")
    browser.resize(1280, 900)
    assert not wrong, json.dumps({str(key): value for key, value in wrong.items()}, indent=1)


def rows(browser):
    """(number of jobs, message) of each row."""
    numbers, messages = browser.texts(".groups a.number b"), browser.texts(".groups .cause")
    return list(zip(numbers, messages))


def group_of(admin, message, **query):
    return next(group for group in walk(admin, **query)[0].values() if group["message"] == message)


def test_before_no_failed_job_it_says_so(axe):  # noqa: F811
    with new_stack() as stack, signed_in(stack, PAGE) as browser:
        browser.wait(".empty", "No job has failed")
        look_at(browser, axe, "none")


def test_groups_are_told_and_lead_to_their_jobs(told, axe):  # noqa: F811
    admin = admin_of(told)
    made = ids(search(admin, owner="ann"))
    with signed_in(told, PAGE) as browser:
        browser.wait(".heading", "65 failed jobs in 3 groups")
        assert rows(browser) == [
            ("60", "no answer from <url> in <n> s"), ("3", "The prompt <text> was refused by the provider's policy."),
            ("2", "unbroken" * 55 + " <n>")]
        look_at(browser, axe, "some")
        browser.open("/admin/queues")  # where jobs that have failed are no part of what there is to do
        browser.wait("[data-queue=character] .counts a.failed", "65")
        bar = "return document.querySelector('[data-queue=character] .statusbar')"
        assert browser.script(bar + ".getAttribute('aria-label')") == "0 active, 0 waiting, 0 pending"
        assert not browser.all("[data-queue=character] .statusbar i:not(.none)")
        show(browser)
        browser.wait(".groups li .times", "last ")
        browser.click(".groups .samples a.id")
        browser.wait(".failure", "provider_timeout")
        assert any(job in browser.driver.current_url for job in made)
        browser.driver.back()
        browser.click(".groups a.number", "3")
        browser.wait(".chip", "Group of failures")
        wait_until(lambda: len(browser.all("[data-job]")) == 3, what="its jobs")
        group = group_of(admin, "The prompt <text> was refused by the provider's policy.")
        assert f"errorGroup={group['errorGroup']}" in browser.driver.current_url
        assert "status=failed" in browser.driver.current_url


GUTTER = """return [...document.querySelectorAll(".groups li")].map((row) => {
    const number = row.querySelector("a.number").getBoundingClientRect();
    return number.left - row.getBoundingClientRect().left;
})"""
LINES = """return [...document.querySelectorAll("td.stand .error b")].map((code) => {
    const texts = [...code.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
    return new Set(texts.map((text) => {
        const range = document.createRange();
        range.selectNodeContents(text);
        return Math.round(range.getBoundingClientRect().top);
    })).size;
})"""
TOPS = "return [...document.querySelectorAll('.cards > [data-queue]')].map((card) => card.offsetTop)"


def test_what_belongs_together_stands_so_at_each_width(told, browser_of):
    browser = browser_of(told)
    for width in 390, 1280, 1920:
        browser.resize(width, 900)
        show(browser)
        browser.wait(".groups .cause")
        assert all(8 <= gutter <= 24 for gutter in browser.script(GUTTER)), width
        browser.open("/admin/queues")
        browser.wait("[data-queue=webhook]")
        tops = browser.script(TOPS)
        assert {tops.count(top) for top in tops} == {1 if width == 390 else 2}, (width, "none stands alone in its row")
    for width in 1280, 1920:
        browser.resize(width, 900)
        browser.open("/admin/queues/all")
        browser.wait("td.stand .error b", "provider_timeout")
        assert set(browser.script(LINES)) == {1}, (width, "a code is broken in two")


def test_the_address_says_which_are_counted(told, browser_of):
    browser = browser_of(told)
    show(browser, "?owner=bob")
    browser.wait(".heading", "2 failed jobs in 1 group")
    browser.click(".tools .chip", "bob")
    browser.wait(".heading", "in 3 groups")
    browser.click(".groups .chips a", "content_policy")
    browser.wait(".heading", "3 failed jobs in 1 group")
    assert "errorCode=content_policy" in browser.driver.current_url
    browser.driver.back()
    browser.wait(".heading", "in 3 groups")
    for name, value in ("queue", "image"), ("queue", ""), ("since", "15m"):
        browser.script("""const select = document.querySelector(`select[name=${arguments[0]}]`);
            select.value = arguments[1]; select.dispatchEvent(new Event("change", {bubbles: true}));""", name, value)
        browser.wait(*((".empty", "No failed job matches") if value == "image" else (".heading", "in 3 groups")))
        assert (f"{name}={value}" in browser.driver.current_url) == (value != "")


@pytest.fixture(name="browser_of")
def fixture_browser_of():
    """One window of a test, signed in as admin."""
    opened = []

    def open_one(stack, role="admin"):
        opened.append(signed_in(stack, role=role))
        return opened[-1].__enter__()
    yield open_one
    for each in opened:
        each.__exit__(None, None, None)


def test_all_of_a_group_is_tried_again_by_keys_alone(stack, admin, browser_of):
    from selenium.webdriver.common.keys import Keys
    fail(stack, admin, "cat", [f"mended|disk {number} is full" for number in range(70)] + ["mended|no disk"])
    before = walk(admin)[0]
    browser = browser_of(stack)
    browser.keys("g")
    browser.keys("f")
    browser.wait(".groups .cause", "disk <n> is full")
    browser.keys("j")
    browser.wait(".groups li.at", "70")
    browser.keys("r")
    browser.wait("dialog", "Retry: 70 jobs")
    browser.wait("dialog .which", "mended: disk <n> is full")
    browser.keys(Keys.ENTER)
    browser.wait(".operation", "70 of 70 jobs retried")
    browser.wait(".operation .where", "Group of failures mended: disk <n> is full")
    wait_until(lambda: walk(admin)[0][("mended", "disk <n> is full")]["count"] == 70, what="all of them failed again")
    jobs = admin.get("/api/v1/admin/jobs", params={"owner": "cat", "limit": 100}).json()["data"]["jobs"]
    assert sorted(job["retries"] for job in jobs) == [0] + [1] * 70
    after = walk(admin)[0]
    assert {what: group["count"] for what, group in after.items()} == \
        {what: group["count"] for what, group in before.items()}
    browser.wait(".groups [data-retry]", "Retry all")
    browser.open("/admin/queues/operations")
    browser.wait("[data-operation-row] dl dd", "mended: disk ")  # of one of the jobs: nobody has counted them here


def test_what_the_page_leaves_out_is_not_tried_again(stack, admin, browser_of):
    fail(stack, admin, "dan", ["shared|both have it"] * 5)
    fail(stack, admin, "eve", ["shared|both have it"] * 4)
    browser = browser_of(stack)
    show(browser, "?owner=eve")
    browser.click("[data-retry]")
    browser.click("dialog button[type=submit]", "Retry")
    browser.wait(".operation", "4 of 4 jobs retried")
    jobs = admin.get("/api/v1/admin/jobs", params={"owner": "dan"}).json()["data"]["jobs"]
    assert {job["retries"] for job in jobs} == {0}


def test_what_was_confirmed_is_tried_again_wherever_the_page_has_gone(stack, admin, browser_of):
    fail(stack, admin, "gil", ["moved|both have this"] * 3)
    fail(stack, admin, "hal", ["moved|both have this"] * 2)
    browser = browser_of(stack)
    show(browser, "?owner=gil")
    browser.script("history.pushState(null, '', '?owner=hal'); dispatchEvent(new PopStateEvent('popstate'))")
    browser.wait(".tools .chip", "hal")
    browser.wait(".heading", "2 failed jobs in 1 group")
    browser.click("[data-retry]")
    browser.wait("dialog", "Retry: 2 jobs")
    browser.driver.back()
    browser.wait(".tools .chip", "gil")
    browser.click("dialog button[type=submit]", "Retry")
    browser.wait(".operation", "2 of 2 jobs retried")
    for owner, retries in ("gil", 0), ("hal", 1):
        jobs = admin.get("/api/v1/admin/jobs", params={"owner": owner}).json()["data"]["jobs"]
        assert {job["retries"] for job in jobs} == {retries}


def test_a_viewer_looks_and_tries_nothing_again(told, browser_of):
    browser = browser_of(told, role="viewer")
    show(browser)
    browser.wait(".groups .cause", "no answer from <url> in <n> s")
    assert not browser.all("[data-retry]")
    browser.keys("j")
    browser.wait(".groups li.at")
    browser.keys("r")
    assert not browser.all("dialog")


class MendedActor(FailingActor):
    """Fails as others do until it is mended."""

    def __init__(self, stack):
        super().__init__(stack)
        self.is_mended = threading.Event()

    def perform(self, job):
        super().perform({**job, "payload": b"{}"} if self.is_mended.is_set() else job)


def group_row(browser, queue):
    """What is offered or told at the end of its row."""
    return browser.script("""const row = [...document.querySelectorAll(".groups li")].find((each) =>
        each.querySelector(".chip").pathname + each.querySelector(".chip").search ===
        `/admin/queues/failures?queue=${arguments[0]}`);
        return row?.lastElementChild.innerText.replace(/\\s+/g, " ").trim()""", queue)


def test_what_failed_with_what_it_is_made_from_is_tried_again_only_once_that_is_there():
    selenium()
    asked = {"character": {"name": "Eve", "description": "policy|refused"}, "images": [{}, {}],
             "videos": [{"duration": 5}]}
    with Stack("--provider", "null", "--rate", "off", "--actors", 0) as stack, MendedActor(stack) as actor:
        user = stack.client("eve")
        made = user.post("/api/v1/pipelines", asked).json()["data"]
        character, image, video = made["character"], made["images"][0], made["videos"][0]
        wait_until(lambda: len(search(admin_of(stack), owner="eve", status="failed")) == 4, what="all have failed")
        with signed_in(stack, PAGE) as browser:
            browser.wait(".heading", "4 failed jobs in 3 groups")
            short = character["jobId"][:8]
            wait_until(lambda: group_row(browser, "image") == f"To be retried first: {short}", what="what is first")
            wait_until(lambda: group_row(browser, "video") == f"To be retried first: {image['jobId'][:8]}")
            assert group_row(browser, "character") == "Retry all"
            browser.keys("j", "r")
            browser.wait("#notes", "cannot be retried")
            assert not browser.all("dialog")
            browser.click(".groups .why a", short)
            browser.wait("h1", "Eve")
            browser.open(f"/admin/queues/jobs/{image['jobId']}")
            browser.wait(".failure .why", f"To be retried first: {short}")
            assert "Retry" not in browser.texts(".heading button")
            browser.open(PAGE)
            wait_until(lambda: group_row(browser, "image") == f"To be retried first: {short}", what="what is first")
            actor.is_mended.set()
            assert user.post(f"/api/v1/character-jobs/{character['jobId']}/retry").status_code == 200
            user.wait_for(character["jobId"])
            wait_until(lambda: group_row(browser, "image") == "Retry all", what="that it can be done")
            assert group_row(browser, "video") == f"To be retried first: {image['jobId'][:8]}"
            browser.open(f"/admin/queues/jobs/{image['jobId']}")
            browser.wait(".heading button", "Retry")
            browser.open(f"/admin/queues/jobs/{video['jobId']}")
            browser.wait(".failure .why", f"To be retried first: {image['jobId'][:8]}")


def test_a_group_whose_newest_cannot_be_is_tried_again_for_the_sake_of_the_others():
    from selenium.webdriver.common.keys import Keys
    selenium()
    with Stack("--provider", "null", "--rate", "off", "--actors", 0) as stack, MendedActor(stack) as actor:
        user, made = stack.client("eve"), []
        for images in 1, SAMPLES + 1:
            asked = {"character": {"name": "Eve", "description": "policy|refused"}, "images": [{}] * images}
            made.append(user.post("/api/v1/pipelines", asked).json()["data"]["character"]["jobId"])
            user.wait_for(made[-1], status="failed")
        admin = admin_of(stack)
        wait_until(lambda: len(search(admin, queue="image", status="failed")) == SAMPLES + 2, what="the images")
        actor.is_mended.set()
        assert user.post(f"/api/v1/character-jobs/{made[0]}/retry").status_code == 200
        user.wait_for(made[0])
        words = f"Of the newest, to be retried first: {made[1][:8]}"
        with signed_in(stack, PAGE) as browser:
            wait_until(lambda: group_row(browser, "image") == f"Retry all {words}", what="the button and the words")
            for width in 390, 1280:
                browser.resize(width, 900)
                assert browser.script("return document.documentElement.scrollWidth") <= width
                if "TEST_PICTURES" in os.environ:
                    browser.picture(pathlib.Path(os.environ["TEST_PICTURES"]) / f"failures-newest-{width}.png")
            browser.keys("j", "r")
            browser.wait("dialog", f"Retry: {SAMPLES + 2} jobs")
            browser.keys(Keys.ENTER)
            browser.wait(".operation", f"1 of {SAMPLES + 2} jobs retried")


def test_more_groups_than_it_holds_are_counted_together(stack, admin, axe):  # noqa: F811
    letters = [f"{chr(97 + number // 26)}{chr(97 + number % 26)}" for number in range(600)]
    fail(stack, admin, "fox", [f"rare|error {one}" for one in letters] + ["rare|error aa"])
    with signed_in(stack, PAGE) as browser:
        show(browser, "?owner=fox")
        browser.wait(".heading", "601 failed jobs in more than 500 groups")
        browser.wait(".below", "more in other groups")
        others = int(browser.texts(".below [role=status]")[0].split()[0])
        assert others in (100, 101)
        for shown in range(50, GROUPS_MAX + 1, 50):
            wait_until(lambda shown=shown: len(browser.all(".groups li")) == shown, what=f"{shown} rows")
            browser.keys("n")
        look_at(browser, axe, "many", "?owner=fox")
