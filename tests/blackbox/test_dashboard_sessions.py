"""A session of the dashboard ends for sure or goes on: who cannot be signed out is told so, nothing of it stays on the
screen, and what was begun for it does not go on without it."""

from browser import Browser
from dashboard_stand import fixture_browser, fixture_stack  # noqa: F401
from stack import wait_until
from test_dashboard import signed_in

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


def test_a_wrong_token_is_refused_and_a_right_one_kept(stack):  # noqa: F811
    with Browser(stack.url) as browser:
        browser.open("/admin/queues/image?status=failed")
        browser.type("input[name=token]", "nonsense")
        browser.click("form.login button")
        browser.wait(".problem")
        browser.driver.get_log("browser")  # it says that the token was refused
        browser.script("document.querySelector('input[name=token]').value = ''")
        browser.type("input[name=token]", stack.token("boss", "--role", "admin"))
        browser.click("form.login button")
        browser.wait("h1", "Images")
        browser.wait(".tabs [aria-current]", "Failed")
        assert browser.script("return document.cookie") == "", "no script can read the token"
        browser.open("/admin/queues")
        browser.wait("h1", "Overview")
        browser.click(".foot button[aria-label='Sign out']")
        browser.wait("form.login")
        browser.open("/admin/queues")
        browser.wait("form.login")


def test_signing_out_ends_every_tab(stack):  # noqa: F811
    with signed_in(stack, "/admin/queues/character") as browser:
        browser.wait(".pulse", "Live")
        browser.click("button.find")
        browser.wait("dialog.dialog")
        first = browser.driver.current_window_handle
        browser.driver.switch_to.new_window("tab")
        browser.resize(1280, 900)
        browser.open("/admin/queues/workers")
        browser.click(".foot button[aria-label='Sign out']")
        browser.wait("form.login")
        assert not browser.all("form.login .problem")
        browser.driver.switch_to.window(first)
        browser.wait("form.login", "Signed out in another tab", 5)
        assert not browser.all("[data-job], nav.side, dialog[open]")
        assert browser.driver.current_url.endswith("/admin/queues/character"), "to come back to"
