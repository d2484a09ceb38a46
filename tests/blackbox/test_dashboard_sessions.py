"""A session of the dashboard ends for sure or goes on: who cannot be signed out is told so, nothing of it stays on the
screen, and what was begun for it does not go on without it."""

from browser import Browser
from dashboard_stand import fixture_browser, fixture_stack  # noqa: F401
from stack import wait_until

SIGN_OUT = ".foot button[aria-label='Sign out']"

# The descriptions of the API come when they are released. Counts the streams that are opened.
SLOW_TO_LEARN = """const own = window.fetch.bind(window);
window.streams = 0;
window.EventSource = class extends EventSource {
    constructor(...all) { super(...all); window.streams++; }
};
window.fetch = async (address, options = {}) => {
    if (String(address).endsWith("/openapi.json")) {
        await new Promise((resolve) => { window.release = resolve; });
        setTimeout(() => { window.learned = true; }, 500);
    }
    return own(address, options);
};"""


def test_who_cannot_be_signed_out_is_told_so_and_stays(browser):
    browser.cdp("Network.enable")
    browser.cdp("Network.setBlockedURLs", urls=["*/admin/logout"])
    browser.script("""window.told = 0;
        new BroadcastChannel("troupe.sign-out").onmessage = () => { window.told++; };""")
    browser.click(SIGN_OUT)
    browser.wait("#notes", "Not signed out: the gateway cannot be reached")
    assert browser.all("nav.side") and not browser.all("form.login")
    browser.driver.get_log("browser")  # it tells of what did not come through
    browser.cdp("Network.setBlockedURLs", urls=[])
    browser.click(SIGN_OUT)
    browser.wait("form.login")
    wait_until(lambda: browser.script("return window.told") == 1, what="the other tabs to be told, once")


def test_a_session_that_ends_leaves_no_dialog_above_the_sign_in(browser):
    from selenium.webdriver.common.keys import Keys
    browser.keys(Keys.CONTROL, "k")
    browser.wait("dialog.dialog")
    browser.cdp("Network.clearBrowserCookies")
    browser.type(".palette input", "some")
    browser.wait("form.login", "The session has ended")
    browser.wait_gone("dialog")
    browser.driver.get("about:blank")  # whatever was asked for is not heard any more
    browser.driver.get_log("browser")  # it tells of what was refused


def test_who_is_signed_out_while_signing_in_has_no_stream(stack):  # noqa: F811
    with Browser(stack.url) as browser:
        browser.open("/admin/queues")
        browser.type("input[name=token]", stack.token("late", "--role", "admin"))
        browser.script(SLOW_TO_LEARN)
        browser.click("form.login button")
        wait_until(lambda: browser.script("return typeof window.release") == "function", what="the descriptions asked")
        browser.script("new BroadcastChannel('troupe.sign-out').postMessage(null)")
        browser.wait("form.login", "Signed out in another tab")
        browser.script("window.release()")
        wait_until(lambda: browser.script("return window.learned"), what="the descriptions heard")
        assert browser.script("return window.streams") == 0
        assert "Signed out in another tab" in browser.texts("form.login")[0]
