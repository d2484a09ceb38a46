"""The dashboard before no job, ten, and a hundred thousand: what it shows is right, and it stays quick. Each page is no
wider than the window. Pictures of all, in light and dark, wide and narrow, are left in the folder that TEST_PICTURES
names."""

import contextlib
import os
import pathlib
import threading

import pytest

from browser import Browser, selenium
from stack import Client, Stack, wait_until
from test_admin_jobs import soon

PAGES = {"overview": "", "queue": "/character", "all": "/all", "workers": "/workers", "history": "/history",
         "providers": "/providers", "failures": "/failures", "users": "/users", "audit": "/audit",
         "system": "/system", "operations": "/operations"}
LOOKS = [(look, width) for look in ("light", "dark") for width in (1280, 390)]
NARROW = ("light", 390)  # what goes wrong there is seen without pictures, too
BATCH = 1000
MANY = 100_000
SOON_S = 3  # until a key has done what it does, on a machine that also makes the load
USERS = 60  # with live jobs
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


def submit(user, count, name, **options):
    """The ids of characters in one batch, completed or not."""
    answer = user.post("/api/v1/batches", {"jobs": [{"type": "character", "name": f"{name} {number}",
                                                     "options": options} for number in range(count)]})
    assert answer.status_code == 202, answer.text
    return answer.json()["data"]["jobIds"]


def admin(stack):
    return Client(stack.url, stack.token("boss", "--role", "admin"))


def counted(stack, state):
    queues = admin(stack).get("/api/v1/admin/queues").json()["data"]
    return next(one for one in queues["queues"] if one["queue"] == "character")["counts"][state]


def fill(stack, count, name):
    before = counted(stack, "completed")
    user = stack.client(name)
    for start in range(0, count, BATCH):
        submit(user, min(BATCH, count - start), f"{name} {start // BATCH}")
    wait_until(lambda: counted(stack, "completed") == before + count, 120, f"{count} jobs completed")


@contextlib.contextmanager
def held(stack):
    """Nothing starts meanwhile; after it all that waited is done."""
    assert admin(stack).post("/api/v1/admin/queues/character/pause").status_code == 200
    yield
    assert admin(stack).post("/api/v1/admin/queues/character/resume").status_code == 200
    wait_until(lambda: counted(stack, "waiting") + counted(stack, "active") == 0, what="nothing left to do")


def fail(stack, count, name):
    """One of so many jobs whose time to begin has passed."""
    before = counted(stack, "failed")
    jobs = submit(stack.client(name), count, name, startBy=soon(1))
    wait_until(lambda: counted(stack, "failed") == before + count, what=f"{count} jobs failed")
    return jobs[0]


def show(browser, path):
    browser.open("/admin/queues" + path)
    browser.wait("main h1")
    browser.wait_gone(".loading")


def look_at_pages(browser, name, job=None):
    """Each page, and that of a job, is no wider than the window; its picture is left."""
    folder = os.environ.get("TEST_PICTURES")
    pages = {**PAGES, **({"job": f"/jobs/{job}"} if job else {})}
    wide = []
    for look, width in LOOKS if folder else [NARROW]:
        browser.script("localStorage.setItem('troupe-theme', arguments[0])", look)
        browser.resize(width, 900)
        for page, path in pages.items():
            show(browser, path)
            if browser.script("return document.documentElement.scrollWidth") > width:
                wide.append((page, width))
            if folder:
                browser.picture(pathlib.Path(folder) / f"{name}-{page}-{look}-{width}.png")
    browser.script("localStorage.removeItem('troupe-theme')")
    browser.resize(1280, 900)
    assert not wide, wide


# Of a list of failures: whether a number as long as this touches what it stands beside or the edge.
TOUCHES = """const [row, number, what] = [".groups li", ".groups a.number b", ".groups .what"].map((one) =>
    document.querySelector(one)); number.innerText = "100,000";
    const [all, own, beside] = [row, number, what].map((one) => one.getBoundingClientRect());
    return own.right > beside.left - 4 || own.left < all.left + 4"""
FIGURES = "return [...document.querySelectorAll('.figure')].map((one) => Math.round(one.getBoundingClientRect().top))"


def look_at_many(browser):
    """What fits with few has room with many."""
    for width in 1280, 390:
        browser.resize(width, 900)
        show(browser, "/failures")
        browser.wait(".groups .cause")
        assert not browser.script(TOUCHES), width
        show(browser, "/users")
        browser.wait("[data-user]")
        assert browser.script("const {scrollWidth, clientWidth} = document.querySelector('.sheet'); "
                              "return scrollWidth <= clientWidth"), width
        tops = browser.script(FIGURES)
        assert len({tops.count(top) for top in tops}) == 1, "none stands alone in its row"
    browser.resize(1280, 900)


def test_before_no_job_it_says_so(stack, browser):
    for path, words in ("/character", "No job"), ("/all", "No job"):
        show(browser, path)
        browser.wait(".empty", words)
    show(browser, "")
    assert len(browser.all("[data-queue]")) == 4
    look_at_pages(browser, "none")


def test_ten_jobs_are_all_there(stack, browser):
    fill(stack, 10, "ten")
    show(browser, "/character")
    wait_until(lambda: len(browser.all("[data-job]")) == 10, what="ten rows")
    browser.wait(".tabs a", "10")
    with held(stack):
        job = fail(stack, 3, "three")
        submit(stack.client("ten"), 2, "Waits")
        look_at_pages(browser, "ten", job)


def is_found(browser):
    """Where others keep the machine busy, a search asks after half a minute whether it is to go on."""
    if any("Look further" in text for text in browser.texts("main button")):
        browser.keys("n")
    return len(browser.all("[data-job]")) > 0


def test_a_hundred_thousand_jobs_do_not_make_it_slow(stack, browser):
    fill(stack, MANY, "many")
    show(browser, "/character")
    browser.wait("[data-job] .badge", "completed", seconds=10)
    first = len(browser.all("[data-job]"))
    for _ in range(3):
        before = len(browser.all("[data-job]"))
        browser.keys("n")
        wait_until(lambda before=before: len(browser.all("[data-job]")) > before, 10, "more rows")
    assert (first, len(browser.all("[data-job]"))) == (PAGE, 4 * PAGE)
    with held(stack):
        job = fail(stack, BATCH, "a user with a name that is long")
        for number in range(USERS):
            submit(stack.client(f"user-{number}"), 3, "Waits")
        look_at_pages(browser, "many", job)
        look_at_many(browser)
        show(browser, "/users")
        wait_until(lambda: len(browser.all("[data-user]")) >= USERS, 10, "all that have live jobs")
        show(browser, "/failures")
        browser.wait(".heading", "1,003 failed jobs in 1 group", seconds=10)
        show(browser, f"/jobs/{job}")
        browser.wait(".failure", "start_deadline", seconds=10)
    show(browser, "/all?q=many%200%20777")  # among the oldest
    wait_until(lambda: is_found(browser), 90, "the job that is looked for")


# Answers come as slowly as from a machine that has much else to do.
SLOW_ANSWERS = """const ask = window.fetch;
    window.fetch = async (...words) => {
        await new Promise((resolve) => setTimeout(resolve, 300));
        return ask(...words);
    };"""
HALF_A_MINUTE_LATER = """const now = performance.now.bind(performance);
    performance.now = () => now() + 30000;"""


def looked_at(browser):
    return next((int(text.split(" looked at so far")[0].split()[-1].replace(",", ""))
                 for text in browser.texts("main") if "looked at so far" in text), 0)


def test_a_search_says_how_far_it_has_looked_stops_and_goes_on(stack, browser):
    """After the hundred thousand: more than one answer looks at."""
    show(browser, "/all")
    browser.script(SLOW_ANSWERS)
    browser.type("input[type=search]", "nowhere")
    browser.wait("main button", "Stop looking")
    wait_until(lambda: looked_at(browser) > 0, what="how far it has looked")
    browser.click("main button", "Stop looking")
    browser.wait("main button", "Look further")
    first = looked_at(browser)
    assert 0 < first < MANY
    browser.click("main button", "Look further")
    wait_until(lambda: looked_at(browser) > first, what="more that it has looked at")
    browser.script(HALF_A_MINUTE_LATER)
    browser.wait("main button", "Look further")  # by itself


def is_found_by_palette(browser):
    from selenium.webdriver.common.keys import Keys
    shown = browser.texts(".found li")
    if any("Look further" in text for text in shown):
        browser.keys(Keys.ENTER)
    return any("many 0 777" in text and "completed" in text for text in shown)


def test_the_palette_goes_on_until_it_has_found_an_old_job(stack, browser):
    """After the hundred thousand."""
    from selenium.webdriver.common.keys import Keys
    show(browser, "")
    browser.keys(Keys.CONTROL, "k")
    browser.type(".palette input", "many 0 777")
    wait_until(lambda: is_found_by_palette(browser), 90, "the job that is looked for")
    asked = browser.script("return performance.getEntriesByType('resource').map(({name}) => name)")
    assert any("q=many" in name and "cursor=" in name for name in asked), "it was not found by the first look"
    browser.keys(Keys.ESCAPE)
    browser.wait_gone("dialog")


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
