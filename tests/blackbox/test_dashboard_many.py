"""The dashboard before no job, ten, and a hundred thousand: what it shows is right, and it stays quick. Pictures of the
pages, in light and dark, wide and narrow, are left in the folder that TEST_PICTURES names."""

import os
import pathlib
import threading

import pytest

from browser import Browser, selenium
from stack import Client, Stack, wait_until

PAGES = {"overview": "", "queue": "/character", "all": "/all", "workers": "/workers", "history": "/history",
         "providers": "/providers"}
BATCH = 1000
MANY = 100_000
SOON_S = 3  # until a key has done what it does, on a machine that also makes the load
PAGE = 50  # rows of a list


@pytest.fixture(scope="module")
def stack():
    selenium()
    with Stack("--provider", "null", "--rate", "off", environment={"QUEUE_CONCURRENCY": "1000"}) as running:
        yield running


@pytest.fixture(scope="module")
def browser(stack):
    with Browser(stack.url) as running:
        running.open("/admin/queues")
        running.type("input[name=token]", stack.token("boss", "--role", "admin"))
        running.click("form.login button")
        running.wait("nav.side", "Overview")
        yield running


def submit(user, count, name):
    """Characters in one batch, completed or not."""
    answer = user.post("/api/v1/batches", {"jobs": [{"type": "character", "name": f"{name} {number}"}
                                                    for number in range(count)]})
    assert answer.status_code == 202, answer.text


def completed(stack):
    queues = Client(stack.url, stack.token("boss", "--role", "admin")).get("/api/v1/admin/queues").json()["data"]
    return next(one for one in queues["queues"] if one["queue"] == "character")["counts"]["completed"]


def fill(stack, count, name):
    before = completed(stack)
    user = stack.client(name)
    for start in range(0, count, BATCH):
        submit(user, min(BATCH, count - start), f"{name} {start // BATCH}")
    wait_until(lambda: completed(stack) == before + count, 120, f"{count} jobs completed")


def show(browser, path):
    browser.open("/admin/queues" + path)
    browser.wait("main h1")
    browser.wait_gone(".loading")


def take_pictures(browser, name):
    folder = os.environ.get("TEST_PICTURES")
    if not folder:
        return
    for look in "light", "dark":
        browser.script("localStorage.setItem('troupe-theme', arguments[0])", look)
        for width in 1280, 390:
            browser.resize(width, 900)
            for page, path in PAGES.items():
                show(browser, path)
                browser.picture(pathlib.Path(folder) / f"{name}-{page}-{look}-{width}.png")
    browser.resize(1280, 900)


def test_before_no_job_it_says_so(stack, browser):
    for path, words in ("/character", "No job"), ("/all", "No job"):
        show(browser, path)
        browser.wait(".empty", words)
    show(browser, "")
    assert len(browser.all("[data-queue]")) == 4
    take_pictures(browser, "none")


def test_ten_jobs_are_all_there(stack, browser):
    fill(stack, 10, "ten")
    show(browser, "/character")
    wait_until(lambda: len(browser.all("[data-job]")) == 10, what="ten rows")
    browser.wait(".tabs a", "10")
    take_pictures(browser, "ten")


def test_a_hundred_thousand_jobs_do_not_make_it_slow(stack, browser):
    fill(stack, MANY, "many")
    show(browser, "/character")
    browser.wait("[data-job] .badge", "completed", seconds=5)
    first = len(browser.all("[data-job]"))
    for _ in range(3):
        before = len(browser.all("[data-job]"))
        browser.keys("n")
        wait_until(lambda before=before: len(browser.all("[data-job]")) > before, 5, "more rows")
    assert (first, len(browser.all("[data-job]"))) == (PAGE, 4 * PAGE)
    take_pictures(browser, "many")
    show(browser, "/all?q=many%200%20777")  # among the oldest
    browser.wait("[data-job]", seconds=30)


@pytest.mark.alone
def test_it_stays_quick_while_thousands_go_through(stack, browser):
    from selenium.webdriver.common.keys import Keys
    fill(stack, BATCH, "quiet")
    show(browser, "/character")
    browser.wait("[data-job]")
    browser.script("""window.changes = 0; new MutationObserver(() => window.changes += 1).observe(
        document.querySelector("main"), {subtree: true, childList: true});""")
    load = threading.Thread(target=fill, args=(stack, 20_000, "busy"))
    load.start()
    answered = 0
    while load.is_alive():
        browser.keys("?")
        browser.wait("dialog", "Keyboard", SOON_S)
        browser.keys(Keys.ESCAPE)
        browser.wait_gone("dialog", SOON_S)
        answered += 1
    load.join()
    assert answered > 1 and browser.script("return window.changes") > 0
    browser.wait("[data-job]", "busy")
    assert len(browser.all("[data-job]")) == PAGE


def test_a_list_that_was_followed_holds_still_when_much_comes_above_it(stack, browser):
    fill(stack, 3 * PAGE, "old")
    show(browser, "/character")
    browser.keys("n")
    wait_until(lambda: len(browser.all("[data-job]")) == 2 * PAGE, what="more rows")
    rows = browser.script("return [...document.querySelectorAll('[data-job]')].map((row) => row.dataset.job)")
    fill(stack, 3 * PAGE, "new")
    browser.wait("main button", "Held")
    assert browser.script("return [...document.querySelectorAll('[data-job]')].map((row) => row.dataset.job)") == rows
    browser.keys("p")
    browser.wait("main button", "Live")
    wait_until(lambda: len(browser.all("[data-job]")) == PAGE, what="the newest page")
    browser.wait("[data-job]", "new")
    browser.keys("n")
    wait_until(lambda: len(browser.all("[data-job]")) == 2 * PAGE, what="more rows")
    fill(stack, 3 * PAGE, "newer")
    browser.wait("main button", "Held")
    browser.click(".tabs a", "Completed")  # another list goes on by itself
    browser.wait("main button", "Live")
    browser.wait("[data-job]", "newer")
