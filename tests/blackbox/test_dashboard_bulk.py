"""What the dashboard tells before it does something to all jobs that match: which ones, how many, and what happens."""

import os
import pathlib
import threading

import pytest

from browser import selenium
from stack import Stack, wait_until
from test_dashboard import ADMIN, admin, axe, signed_in, violations_of  # noqa: F401

MANY = 1100  # more than are looked at in order to count them
FEW = 60  # more than a list shows at first: there is something to choose beyond what is shown


@pytest.fixture(scope="module")
def stack():
    """Nobody is there to work: jobs wait, as many as there are."""
    selenium()
    with Stack("--actors", "0") as running:
        for user, tag, count in ("ada", "few", FEW), ("eve", "many", MANY):
            for start in range(0, count, 1000):
                jobs = [{"type": "character", "name": f"Poet {number}", "options": {"tags": [tag]}}
                        for number in range(start, min(start + 1000, count))]
                answer = running.client(user).post("/api/v1/batches", {"jobs": jobs})
                assert answer.status_code == 202, answer.text
        yield running


def choose_all(browser):
    browser.wait("[data-job]")
    browser.click("th .hidden, th input[type=checkbox]")
    browser.click(".choice button", "all that match")
    browser.wait(".choice", "All that match")


def told(browser):
    """The parts of the filter, by their names, as the dialog tells them."""
    return dict(zip(browser.texts("dialog .facts dt"), browser.texts("dialog .facts dd")))


def counts_of(stack):
    counts = admin(stack).get(ADMIN + "queues").json()["data"]["queues"][0]["counts"]
    return counts["cancelled"], counts["waiting"]


def keep(browser):
    browser.click("dialog button", "Keep it as it is")
    browser.wait_gone("dialog")


def test_a_queue_and_a_status_are_counted_exactly(stack):
    with signed_in(stack, "/admin/queues/character?status=waiting") as browser:
        choose_all(browser)
        browser.click(".choice [data-action=cancel]")
        browser.wait("dialog .many", f"{MANY + FEW:,} jobs")
        assert told(browser) == {"Queue": "Characters", "Status": "waiting"}
        browser.wait("dialog .which", "Those that wait end at once; those at work are told to stop.")
        keep(browser)
        browser.open("/admin/queues/all")
        choose_all(browser)
        browser.click(".choice [data-action=cancel]")
        browser.wait("dialog .many", f"{MANY + FEW:,} jobs")
        assert told(browser) == {"Queue": "all but webhooks", "Status": "pending, waiting, active"}
        keep(browser)
        browser.click(".choice [data-action=remove]")
        browser.wait("dialog .many", "No job matches now")
        assert told(browser)["Status"] == "completed, failed, cancelled"
        keep(browser)


def test_what_is_filtered_is_counted_as_far_as_it_is_looked_at(stack, axe):  # noqa: F811
    with signed_in(stack, "/admin/queues/character?owner=eve&tag=many&q=poet&since=24h") as browser:
        choose_all(browser)
        browser.click(".choice [data-action=priority]")
        browser.wait("dialog .many", "At least 1,000 jobs")
        wait_until(lambda: browser.texts("dialog .many") == ["At least 1,000 jobs"], what="the end of the counting")
        assert told(browser) == {"Queue": "Characters", "Status": "pending, waiting", "User": "eve", "Tag": "many",
                                 "Text": "“poet”", "Made": "last 24 hours"}
        assert not violations_of(browser, axe)
        picture(browser)
        keep(browser)


def picture(browser):
    folder = os.environ.get("TEST_PICTURES")
    for look, width in [(look, width) for look in ("light", "dark") for width in (1280, 390)] if folder else []:
        browser.resize(width, 900)
        browser.script("document.documentElement.dataset.theme = arguments[0]", look)
        browser.picture(pathlib.Path(folder) / f"bulk-{look}-{width}.png")
    browser.resize(1280, 900)


def test_those_that_were_counted_are_changed_and_no_other(stack):
    with signed_in(stack, "/admin/queues/all?tag=few") as browser:
        choose_all(browser)
        browser.click(".choice [data-action=cancel]")
        browser.wait("dialog .many", f"{FEW} jobs")
        assert browser.texts("dialog form button") == ["Keep it as it is", "Cancel the jobs"]
        browser.click("dialog button[type=submit]")
        browser.wait(".operation", f"{FEW} of {FEW} jobs cancelled")
        wait_until(lambda: counts_of(stack) == (FEW, MANY), what="these numbers")  # they are a second old at most
        browser.wait("[data-job] .badge", "cancelled")
        choose_all(browser)
        browser.click(".choice [data-action=retry]")
        browser.wait("dialog .many", f"{FEW} jobs")
        assert told(browser) == {"Queue": "all but webhooks", "Status": "failed, cancelled", "Tag": "few"}
        browser.click("dialog button[type=submit]", "Retry the jobs")
        browser.wait(".operation", f"{FEW} of {FEW} jobs retried")


def test_of_chosen_ones_it_says_how_many_it_fits(stack):
    user = stack.client("gil")
    jobs = [user.submit_character("Chosen", options={"tags": ["chosen"]}) for _ in range(3)]
    assert user.call("DELETE", f"/api/v1/character-jobs/{jobs[0]}").status_code == 200
    with signed_in(stack, "/admin/queues/character?tag=chosen") as browser:
        browser.wait("[data-job] .badge", "cancelled")
        browser.click("th .hidden, th input[type=checkbox]")
        browser.click(".choice [data-action=cancel]")
        browser.wait("dialog", "Cancel: 3 jobs")
        browser.wait("dialog", "It can be done to 2 of them: those that are pending or waiting or active.")
        keep(browser)


def test_it_tells_why_some_were_refused(stack):
    user = stack.client("ivy")
    for _ in range(2):
        user.submit_character("Refused", options={"tags": ["refused"]})
    with signed_in(stack, "/admin/queues/character?tag=refused") as browser:
        browser.wait("[data-job]")
        browser.click("th .hidden, th input[type=checkbox]")
        browser.click(".choice [data-action=promote]")
        browser.click("dialog button[type=submit]")
        browser.wait(".operation", "2 refused: 2 wait for no time")


def test_a_viewer_sees_what_others_do_to_many_and_stops_nothing(stack):
    owner = stack.client("huge")
    jobs = [{"type": "character", "name": f"Huge {number}"} for number in range(1000)]
    for _ in range(3):
        assert owner.post("/api/v1/batches", {"jobs": jobs}).status_code == 202
    with signed_in(stack, "/admin/queues/all", role="viewer") as browser:
        browser.wait("[data-job]")
        body = {"action": "priority", "priority": 9, "where": {"owner": "huge"}}
        begun = []
        start = threading.Thread(target=keep_going, args=(admin(stack), body, begun))
        start.start()
        try:
            browser.wait(".operation", "Changing priority of", seconds=30)
            browser.wait(".operation .where", "User huge")
            assert not browser.all(".operation .button:not(.plain)")
        finally:
            begun.append(None)
            start.join()


def keep_going(who, body, begun):
    """Begins it anew until somebody has seen it."""
    while not begun:
        path = who.post(ADMIN + "operations", body).json()["data"]["statusUrl"]
        wait_until(lambda path=path: begun or who.get(path).json()["data"]["state"] != "running", what="its end")
