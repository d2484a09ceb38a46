"""What the tests of pages rely on: a browser that tells of whatever a page's policy forbids and of what fails in it,
and that clicks on nothing that people could not click on. Each is brought about here, on a page of a real gateway."""

import pytest

import browser as browsers
from browser import Browser, selenium
from gateway_stand import shared  # noqa: F401
from stack import wait_until

ADD = "document.body.append(Object.assign(document.createElement(arguments[0]), arguments[1]))"
FORBIDDEN = {
    "script-src-elem inline": lambda browser: browser.script(ADD, "script", {"text": "window.isDone = true"}),
    "script-src-attr inline": lambda browser: browser.script(
        "document.body.insertAdjacentHTML('beforeend', '<b onclick=\"window.isDone = true\">x</b>');"
        "document.body.lastChild.click()"),
    "style-src-elem inline": lambda browser: browser.script(ADD, "style", {"textContent": "b {color: red}"}),
    "style-src-attr inline": lambda browser: browser.script(
        "document.body.insertAdjacentHTML('beforeend', '<b style=\"color: red\">x</b>')"),
    "script-src-elem http://127.0.0.1:9/x.js": lambda browser: browser.script(
        ADD, "script", {"src": "http://127.0.0.1:9/x.js"}),
    "img-src http://127.0.0.1:9/x.png": lambda browser: browser.script(ADD, "img", {"src": "http://127.0.0.1:9/x.png"}),
    "connect-src http://127.0.0.1:9/x": lambda browser: browser.script("fetch('http://127.0.0.1:9/x').catch(() => {})"),
}
BUTTON = """document.body.innerHTML = '<main id="own"><button id="one">Go</button></main>';
window.clicks = [];
document.onclick = (event) => clicks.push([event.target.id, event.pointerType, event.isTrusted]);
const [one, style] = [document.getElementById("one"), document.getElementById("own").style];"""
COVER = "document.getElementById('own').append(Object.assign(document.createElement('div'), {id: 'above'}));" \
        "const above = document.getElementById('above').style; above.position = 'fixed'; above.inset = 0;"


@pytest.fixture(scope="module", name="browser")
def fixture_browser(shared):  # noqa: F811
    selenium()
    with Browser(shared.gateway.url) as running:
        running.open("/admin/queues")
        running.wait("form.login")
        yield running


@pytest.fixture(autouse=True)
def nothing_is_left(browser):
    """What a test brings about is not told of the next one."""
    browser.check()
    yield
    browser.script("window.violations = []")
    browser.driver.get_log("browser")


@pytest.mark.parametrize("what", FORBIDDEN)
def test_what_the_policy_forbids_fails_a_test(browser, what):
    FORBIDDEN[what](browser)
    wait_until(lambda: browser.script("return violations.length > 0"), 5, "the violation")
    with pytest.raises(AssertionError) as told:
        browser.check()
    assert what in str(told.value) and "Content Security Policy" in str(told.value), "as an event, and in the log"
    assert browser.script("return window.isDone") is None, "nor is it done"


@pytest.mark.parametrize("text,word", [
    ("setTimeout(() => { throw new Error('it broke') })", "it broke"),
    ("Promise.reject(new Error('nobody waits'))", "nobody waits"),
    ("console.warn('this is odd')", "this is odd"),
    ("fetch('/api/v1/admin/queues')", "401")])
def test_what_fails_in_a_page_fails_a_test(browser, text, word):
    browser.script(text)
    told = []

    def is_told():
        try:
            browser.check()
        except AssertionError as error:
            told.append(str(error))
        return told

    wait_until(is_told, 5, "the complaint")
    assert word in told[0]


@pytest.mark.parametrize("width,pointer", [(1280, "mouse"), (390, "touch")])
def test_a_click_is_that_of_a_mouse_or_of_a_finger(browser, width, pointer):
    browser.resize(width, 844)
    browser.script(BUTTON + "style.display = 'block'; style.paddingTop = style.paddingBottom = '3000px'")
    browser.click("#own button", "Go")
    assert browser.script("return clicks") == [["one", pointer, True]]
    assert 0 < browser.script("return scrollY") < 3000, "it was brought into sight"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("how,why", [
    ("one.disabled = true", "disabled"), ("style.visibility = 'hidden'", "cannot be seen"),
    ("style.display = 'none'", "cannot be seen"), ("style.opacity = 0", "cannot be seen"), (COVER, 'id="above"'),
    ("style.position = 'fixed'; style.top = '-200px'", "out of sight"), ("style.pointerEvents = 'none'", "above it"),
    ("one.animate([{translate: '0'}, {translate: '300px'}], {duration: 1e4})", "it moves")])
def test_nothing_is_clicked_that_people_could_not_click(browser, width, how, why):
    browser.resize(width, 844)
    browser.script(BUTTON + how)
    with pytest.raises(AssertionError, match=why):
        browser.click("#own button", seconds=0.2)
    assert browser.script("return clicks") == []


@pytest.mark.parametrize("required,outcome", [("", pytest.skip.Exception), ("1", pytest.fail.Exception)])
def test_without_a_browser_tests_are_skipped_and_fail_where_all_must_run(monkeypatch, required, outcome):
    monkeypatch.setattr(browsers, "CHROMIUM", None)
    monkeypatch.setenv("TEST_REQUIRE_BROWSER", required)
    with pytest.raises(outcome, match="installed.* chromium"):
        selenium()
