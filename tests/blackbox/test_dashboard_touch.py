"""The dashboard on a phone, by the touches of a finger alone; and what opens over its pages shuts nobody out, in each
look and width. In a browser before a real stack."""

import json

import pytest

from browser import selenium
from stack import Client, Stack, wait_until
from test_admin_jobs import soon
from test_dashboard import ADMIN, axe, signed_in, violations_of  # noqa: F401

FAILED = 4
CHOOSE_ALL = "th input[type=checkbox]"


@pytest.fixture(scope="module", name="stack")
def fixture_stack():
    selenium()
    with Stack("--rate", "off") as running:
        yield running


@pytest.fixture(scope="module", name="admin")
def fixture_admin(stack):
    return Client(stack.url, stack.token("boss", "--role", "admin"))


@pytest.fixture(scope="module", name="browser")
def fixture_browser(stack):
    with signed_in(stack) as running:
        running.resize(390, 844)
        yield running


@pytest.fixture(scope="module", name="failed")
def fixture_failed(stack, browser, admin):
    """Jobs whose time to begin has passed while their queue was paused, which is done here by touches."""
    go_to(browser, "Characters")
    browser.click("[data-pause]", "Pause the queue")
    wait_until(lambda: is_paused(admin), what="the queue paused")
    browser.wait("h1 + p", "Paused: nothing starts")
    user = stack.client("ada")
    jobs = [user.submit_character("Late", options={"startBy": soon()}) for _ in range(FAILED)]
    for job in jobs:
        user.wait_for(job, status="failed")
    browser.click("[data-pause]", "Resume the queue")
    wait_until(lambda: not is_paused(admin), what="the queue resumed")
    browser.wait("[data-pause]", "Pause the queue")
    return jobs


def is_paused(admin):
    return admin.get(ADMIN + "queues").json()["data"]["queues"][0]["paused"]


def go_to(browser, page):
    """By the menu, which closes by itself."""
    browser.click(".top button[aria-label=Menu]")
    browser.click("nav.side li a", page)
    browser.wait("h1", page)
    browser.wait_gone(".frame.open")


def test_the_menu_opens_and_closes(browser):
    seen = "return document.querySelector('nav.side').checkVisibility({visibilityProperty: true})"
    wait_until(lambda: not browser.script(seen), what="no menu")
    browser.click(".top button[aria-label=Menu]")
    wait_until(lambda: browser.script(seen), what="the menu")
    browser.touch(370, 500)  # beside it
    wait_until(lambda: not browser.script(seen), what="no menu")


def test_a_failed_job_is_retried_by_touches(stack, browser, failed):
    go_to(browser, "Characters")
    browser.click(".tabs a", "Failed")
    browser.click(f"[data-job='{failed[0]}'] a.id")
    browser.wait("h1", "failed")
    browser.click(".heading button", "Retry")
    browser.wait("h1", "completed")
    assert stack.client("ada").job(failed[0])["status"] == "completed"


def test_many_are_chosen_and_retried_by_touches(stack, browser, failed):
    go_to(browser, "Characters")
    browser.click(".tabs a", "Failed")
    browser.wait(f"[data-job='{failed[-1]}'] .badge", "failed")
    browser.click(CHOOSE_ALL)
    browser.wait(".choice", f"{FAILED - 1} chosen")
    browser.click(f"[data-job='{failed[1]}'] input[type=checkbox]")
    browser.wait(".choice", f"{FAILED - 2} chosen")
    browser.click(".choice [data-action=retry]")
    browser.click("dialog button", "Keep it as it is")
    browser.wait_gone("dialog")
    browser.click(".choice [data-action=retry]")
    browser.click("dialog button[type=submit]", "Retry")
    browser.wait(".operation", f"{FAILED - 2} of {FAILED - 2} jobs retried")
    user = stack.client("ada")
    for job in failed[2:]:
        user.wait_for(job, status="completed")
    assert user.job(failed[1])["status"] == "failed"
    browser.click(".operation button")
    browser.wait_gone(".operation")


def test_a_worker_is_drained_and_taken_back_by_touches(browser, admin):
    go_to(browser, "Workers")
    browser.click("[data-worker] button", "Drain")
    browser.wait("[data-worker] .state", "Draining")
    assert [one["queue"] for one in admin.get(ADMIN + "workers").json()["data"]["workers"] if one["draining"]] == [
        "character"]
    browser.click("[data-worker] button", "Take jobs again")
    wait_until(lambda: "Draining" not in " ".join(browser.texts("[data-worker] .state")), what="nothing drains")


# ---- what opens over a page ----


def opened(browser, width):
    """Opens one thing after another; yields the selector of each."""
    from selenium.webdriver.common.keys import Keys
    browser.open("/admin/queues/character")
    browser.wait("[data-job]")
    if width < 600:
        browser.click(".top button[aria-label=Menu]")
        yield "nav.side"
        browser.touch(370, 500)
        browser.wait_gone(".frame.open")
    browser.click("button.find" if width > 600 else ".top button[aria-label=Search]")
    browser.type(".palette input", "late")
    browser.wait(".found li .badge")
    yield "dialog:has(.palette)"
    browser.keys(Keys.ESCAPE, Keys.ESCAPE)  # the first empties it
    browser.wait_gone("dialog")
    browser.click(".tools button", "Filters")
    browser.wait(".filters input")
    yield ".filters"
    browser.click(CHOOSE_ALL)
    browser.wait(".choice", "chosen")
    yield ".choice"
    for action in "priority", "remove":
        browser.click(f".choice [data-action={action}]")
        browser.wait("dialog")
        yield "dialog:has(form)"
        browser.click("dialog button", "Keep it as it is")
        browser.wait_gone("dialog")


def wrong_of(browser, axe, part, width, look):  # noqa: F811
    """Of what has come to its place, in one look: its colors are those that it has."""
    browser.script("""document.documentElement.dataset.theme = arguments[0];
        return Promise.all(document.getAnimations().filter((each) => each.effect.getComputedTiming().endTime < Infinity)
            .map((each) => each.finished.catch(() => {})))""", look)
    wide = browser.script("return document.documentElement.scrollWidth")
    return violations_of(browser, axe, part) + ([f"{wide} wide"] if wide > width else [])


def test_what_opens_over_a_page_shuts_nobody_out(stack, browser, axe, failed):  # noqa: F811
    user = stack.client("bob")
    job = user.submit_character("Later", options={"runAt": soon(3600)})
    wrong = {}
    for width in 1280, 390:
        browser.resize(width, 844)
        for part in opened(browser, width):
            for look in "light", "dark":
                found = wrong_of(browser, axe, part, width, look)
                if found:
                    wrong[f"{part} {look} {width}"] = found
    assert user.call("DELETE", f"/api/v1/character-jobs/{job}").status_code == 200
    assert not wrong, json.dumps(wrong, indent=1)


# Of each row, what names its cells, and which of them are not wholly there.
ROWS = """return [...document.querySelectorAll("tbody tr")].map((row) => {
    const cells = [...row.cells];
    const isWhole = (cell) => {
        const {left, right, width} = cell.getBoundingClientRect();
        return width > 0 && left >= 0 && right <= innerWidth && cell.scrollWidth <= cell.clientWidth;
    };
    return {names: cells.slice(1).map((cell) => getComputedStyle(cell, "::before").content.replaceAll('"', "")),
        cut: cells.filter((cell) => !isWhole(cell)).map((cell) => cell.innerText)};
})"""


@pytest.mark.parametrize("page", ["users", "system"])
def test_a_table_loses_nothing_on_a_phone(stack, browser, page):
    long = stack.client("somebody-whose-name-is-long@a-company-of-some-name.example.org")
    long.submit_character("Later", options={"runAt": soon(3600)})
    browser.open(f"/admin/queues/{page}")
    browser.wait("tbody tr")
    heads = browser.script("return [...document.querySelectorAll('th')].map((head) => head.textContent)")
    rows = browser.script(ROWS)
    assert rows and all(row == {"names": heads[1:], "cut": []} for row in rows), (heads, rows)
