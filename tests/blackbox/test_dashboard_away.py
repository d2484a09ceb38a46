"""The dashboard while the broker does not answer: that is told, what is shown is said to be of then, and all goes on by
itself afterwards. So while the gateway does not. They are stopped, as one that hangs is."""

import contextlib
import signal

import pytest

from dashboard_stand import fixture_stack  # noqa: F401
from test_dashboard import signed_in

AWAY_S = 20  # until it is told
SILENT_S = 60  # until a stream that nobody closed is given up
BACK_S = 15  # until it is live again: less than the longest pause between two tries


@contextlib.contextmanager
def hanging(stack, browser, program="troupe-broker"):
    """It hangs for so long; what the browser says of that is left out."""
    (process,) = stack.children(program)
    stack.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        stack.kill(process, signal.SIGCONT)
    browser.driver.get_log("browser")


def test_a_broker_that_hangs_is_told_on_every_page_which_goes_on_by_itself(stack):
    user = stack.client("una")
    user.submit_character("One")
    with signed_in(stack) as browser:
        browser.wait(".pulse", "Live")
        browser.wait("[data-queue=character]", "1")
        with hanging(stack, browser):
            browser.wait(".pulse", "Reconnecting", AWAY_S)
            browser.wait(".stale", "Not up to date since", AWAY_S)
            browser.wait(".stale", "The queue cannot be reached", AWAY_S)
            browser.click("nav.side a", "Characters")
            browser.wait("h1", "Characters")
            browser.wait(".stale", "Not up to date since")
        browser.wait(".pulse", "Live", BACK_S)
        browser.wait_gone(".stale")
        browser.wait(".jobs", "una")
        browser.driver.get_log("browser")  # what was asked meanwhile


def test_a_gateway_that_hangs_is_told_and_all_goes_on_by_itself(stack):
    """Nothing closes the stream: only its silence tells."""
    with signed_in(stack) as browser:
        browser.wait(".pulse", "Live")
        with hanging(stack, browser, "troupe-gateway"):
            browser.wait(".pulse", "Reconnecting", SILENT_S)
            browser.wait(".stale", "Not up to date since", AWAY_S)
        browser.wait(".pulse", "Live", BACK_S)
        browser.wait_gone(".stale")
        browser.driver.get_log("browser")  # what was asked meanwhile


@pytest.mark.parametrize("page", ["job", "batch"])
def test_a_page_that_was_opened_meanwhile_is_there_when_the_broker_is(stack, page):
    user = stack.client("una")
    if page == "job":
        path = f"jobs/{user.submit_character('Two')}"
    else:
        body = {"jobs": [{"type": "character", "name": "Two"}]}
        path = f"groups/{user.post('/api/v1/batches', body).json()['data']['batchId']}"
    with signed_in(stack) as browser:
        browser.wait(".pulse", "Live")
        with hanging(stack, browser):
            browser.wait(".pulse", "Reconnecting", AWAY_S)
            browser.open(f"/admin/queues/{path}")
            browser.wait("main .problem", "The queue cannot be reached", AWAY_S)
            browser.wait(".stale", "Not up to date. ")
        browser.wait("h1 .badge", seconds=BACK_S)
        browser.wait(".pulse", "Live", BACK_S)
        browser.wait_gone(".stale")
        browser.driver.get_log("browser")  # what was asked meanwhile
