"""The dashboard while the broker does not answer: that is told, what is shown is said to be of then, and all goes on by
itself afterwards. So while the gateway does not. They are stopped, as one that hangs is."""

import contextlib
import signal

from dashboard_stand import fixture_stack  # noqa: F401
from test_dashboard import signed_in

AWAY_S = 20  # until it is told
SILENT_S = 60  # until a stream that nobody closed is given up
LEAVE_S = 15  # until who signs out is told
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
            browser.wait(".stale", "The queue cannot be reached at the moment. This page shows", AWAY_S)
            browser.click("nav.side a", "Characters")
            browser.wait("h1", "Characters")
            browser.wait(".stale", "Not up to date since")
        browser.wait(".pulse", "Live", BACK_S)
        browser.wait_gone(".stale")
        browser.wait(".jobs", "una")
        browser.driver.get_log("browser")  # what was asked meanwhile


def test_a_gateway_that_hangs_is_told_and_all_goes_on_by_itself(stack):
    """Nothing closes the stream: only its silence tells. Who signs out is told sooner that it came to nothing."""
    with signed_in(stack) as browser:
        browser.wait(".pulse", "Live")
        with hanging(stack, browser, "troupe-gateway"):
            browser.click(".foot button[aria-label='Sign out']")
            browser.wait("#notes", "Not signed out: the gateway does not answer", LEAVE_S)
            assert browser.all("nav.side") and not browser.all("form.login")
            browser.wait(".pulse", "Reconnecting", SILENT_S)
            browser.wait(".stale", "Not up to date since", AWAY_S)
        browser.wait(".pulse", "Live", BACK_S)
        browser.wait_gone(".stale")
        browser.driver.get_log("browser")  # what was asked meanwhile


def test_pages_that_were_opened_meanwhile_are_there_when_the_broker_is(stack):
    """Each in its own window."""
    user = stack.client("una")
    body = {"jobs": [{"type": "character", "name": "Two"}]}
    batch = user.post("/api/v1/batches", body).json()["data"]["batchId"]
    pages = {f"jobs/{user.submit_character('Two')}": "h1 .badge", f"groups/{batch}": "h1 .badge",
             "failures": "main .empty", "audit": "main .audit"}
    with signed_in(stack) as browser:
        browser.wait(".pulse", "Live")
        windows = {}
        with hanging(stack, browser):
            browser.wait(".pulse", "Reconnecting", AWAY_S)
            for path, shown in pages.items():
                if windows:
                    browser.driver.switch_to.new_window("window")
                browser.driver.get(f"{stack.url}/admin/queues/{path}")  # others ask in vain all the while
                windows[browser.driver.current_window_handle] = shown
            for window in windows:
                browser.driver.switch_to.window(window)
                browser.wait("main .problem", "The queue cannot be reached", AWAY_S)
                browser.wait(".stale", "Not up to date. ")
        for window, shown in windows.items():
            browser.driver.switch_to.window(window)
            browser.wait(shown, seconds=BACK_S)
            browser.wait(".pulse.live", seconds=BACK_S)
            browser.wait_gone(".stale")
            browser.driver.get_log("browser")  # what was asked meanwhile
