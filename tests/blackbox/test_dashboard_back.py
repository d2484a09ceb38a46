"""Whoever comes back from a job to the list that it was opened from finds the same rows at the same place. Lists of
users and of the audit log come back as long as they were."""

import pytest

from browser import selenium
from stack import Client, Stack, wait_until
from test_admin_jobs import JOBS, search, soon
from test_admin_operations import batch
from test_dashboard import signed_in

MANY = 180  # jobs: four pages of the list
USERS = 120  # with a job each: two pages
NEAR = 2  # pixels


@pytest.fixture(scope="module", name="stack")
def fixture_stack():
    """Nobody is there to work: jobs wait."""
    selenium()
    with Stack("--provider", "null", "--rate", "off", "--actors", 0) as running:
        running.made = batch(running.client("ada"), MANY)
        yield running


def rows(browser):
    return browser.script("return [...document.querySelectorAll('[data-job]')].map((row) => row.dataset.job)")


def lines(browser):
    return browser.script("return document.querySelectorAll('tbody tr').length")


def top(browser):
    return browser.script("return window.scrollY")


def comes_back(browser, place, count):
    """The rows and the place are those that were left."""
    (size, scrolled) = place
    wait_until(lambda: count() == size and abs(top(browser) - scrolled) <= NEAR, 8, f"{size} rows at {scrolled}")


def grown(browser, pages):
    browser.wait("[data-job]")
    for _ in range(1, pages):
        before = len(rows(browser))
        browser.click(".below button", "Load more")
        wait_until(lambda before=before: len(rows(browser)) > before, what="more rows")


@pytest.mark.parametrize("width", [1280, 390])
def test_a_list_comes_back_as_it_was_left(stack, width):
    with signed_in(stack, "/admin/queues/character?status=waiting") as browser:
        browser.resize(width, 900)
        grown(browser, 3)
        had = rows(browser)
        assert len(had) == 150
        browser.script("document.querySelectorAll('[data-job]')[120].scrollIntoView({block: 'center'})")
        place = wait_until(lambda: top(browser) or None, what="a place")
        for _ in range(2):
            browser.script("document.querySelector(`[data-job='${arguments[0]}'] a[href*=jobs]`).click()", had[120])
            browser.wait("[aria-label=Timeline]")
            assert top(browser) == 0
            browser.driver.back()
            browser.wait("h1", "Characters")
            comes_back(browser, (150, place), lambda: len(rows(browser)))
            assert rows(browser) == had
        assert "Load more" in browser.texts(".below button")
        browser.click(".tabs a", "All")
        wait_until(lambda: len(rows(browser)) == 50, what="a list that begins anew")


def test_a_row_that_keys_were_at_is_still_theirs(stack):
    from selenium.webdriver.common.keys import Keys
    with signed_in(stack, "/admin/queues/character?status=waiting") as browser:
        browser.wait("[data-job]")
        browser.keys("j", "j", "j")
        browser.wait("tr.at")
        job = rows(browser)[2]
        browser.keys(Keys.ENTER)
        browser.wait("[aria-label=Timeline]")
        browser.driver.back()
        browser.wait(f"tr.at[data-job='{job}']")


def test_what_changed_meanwhile_is_told_of_a_list_that_comes_back(stack):
    admin = Client(stack.url, stack.token("boss", "--role", "admin"))
    with signed_in(stack, "/admin/queues/character") as browser:
        grown(browser, 2)
        job = rows(browser)[3]
        browser.click(f"[data-job='{job}'] a[href*=jobs]")
        browser.wait("[aria-label=Timeline]")
        assert admin.post(f"{JOBS}/{job}/cancel").status_code == 200
        browser.driver.back()
        browser.wait(f"[data-job='{job}'] .badge", "cancelled")
        assert len(rows(browser)) == 100


def test_users_and_the_audit_log_come_back_as_long_as_they_were(stack):
    for number in range(USERS):
        batch(stack.client(f"user-{number:03}"), 1)
    admin = Client(stack.url, stack.token("boss", "--role", "admin"))
    for job in stack.made[:70]:
        assert admin.post(f"{JOBS}/{job}/priority", {"priority": 7}).status_code == 200
    with signed_in(stack) as browser:
        for path, title, more, way in ("users", "Users", "Show more", "[data-user] a[href*=owner]"), \
                                      ("audit", "Audit log", "Load more", "td a[href*=jobs]"):
            browser.open(f"/admin/queues/{path}")
            browser.wait("main button", more)
            before = lines(browser)
            browser.click("main button", more)
            count = wait_until(lambda before=before: lines(browser) if lines(browser) > before else None, what=more)
            browser.script("window.scrollTo(0, 1500)")
            place = wait_until(lambda: top(browser) or None, what="a place")
            browser.script("[...document.querySelectorAll(arguments[0])].at(-1).click()", way)
            browser.wait_gone(".users, .audit")
            browser.driver.back()
            browser.wait("h1", title)
            comes_back(browser, (count, place), lambda: lines(browser))


def test_the_failures_come_back_as_they_were_left(stack):
    admin = Client(stack.url, stack.token("boss", "--role", "admin"))
    user = stack.client("fay")
    for number in range(3):
        batch(user, 5, startBy=soon(), tags=[f"late-{number}"])
    wait_until(lambda: len(search(admin, owner="fay", status="failed")) == 15, what="failed jobs")
    with signed_in(stack, "/admin/queues/failures?owner=fay") as browser:
        browser.resize(1280, 300)
        browser.wait("[data-group]", "15")
        browser.keys("j")
        browser.wait("li.at")
        browser.script("window.scrollTo(0, 60)")
        place = wait_until(lambda: top(browser) or None, what="a place")
        browser.script("document.querySelector('[data-group] .samples a').click()")
        browser.wait("[aria-label=Timeline]")
        browser.driver.back()
        browser.wait("li.at")
        comes_back(browser, (1, place), lambda: len(browser.all("[data-group]")))
