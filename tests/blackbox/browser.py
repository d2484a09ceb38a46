"""A headless Chromium for tests of pages. Whatever the browser complains of, scripts that fail and what the page's
policy forbids first of all, fails the test that uses it."""

import importlib.util
import os
import pathlib
import re
import shutil

import pytest

import contract
from stack import wait_until

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
SECONDS = 20

SIGNED_OUT = "/api/v1/admin/session - Failed to load resource: the server responded with a status of 401"
REFUSAL = re.compile(r"https?://[^/]+(/[^ ?]*)\S* - Failed to load resource: the server responded with a status of 404")
NOWHERE = re.compile(r"/assets/characters/[^/]+/null-[^/]+")  # all that the null provider makes
OPTIONS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server",
           "--hide-scrollbars"]

# Violations are told as events; one that came before this listener is in the log.
WATCH = "window.violations = []; addEventListener('securitypolicyviolation', (event) => " \
        "violations.push(event.violatedDirective + ' ' + event.blockedURI));"


# Where a finger or a mouse would go: the middle of the first that matches and has this text, once it holds still for
# two frames and nothing lies above it. Answers {at} or {why} not yet. window.hit becomes what a click then comes to.
AIM = """const [selector, text, done] = arguments;
const all = [...document.querySelectorAll(selector)].filter((each) => each.innerText.includes(text));
const one = all.find((each) => each.checkVisibility({opacityProperty: true, visibilityProperty: true}));
if (!one) return done({why: all.length ? "it cannot be seen" : "it is not there"});
if (one.matches(":disabled")) return done({why: "it is disabled"});
const middle = () => {
    const {x, y, width, height} = one.getClientRects()[0];
    return [x + width / 2, y + height / 2];
};
const isOwn = (node) => one.contains(node) || node?.closest("label")?.control === one;
if (!isOwn(document.elementFromPoint(...middle()))) {
    one.scrollIntoView({block: "center", inline: "center", behavior: "instant"});
}
const frame = () => new Promise(requestAnimationFrame);
const before = middle();
frame().then(frame).then(() => {
    const at = one.isConnected ? middle() : [];
    const above = document.elementFromPoint(...(at.length ? at : before));
    if (at.join() !== before.join()) return done({why: "it moves"});
    if (!above) return done({why: "it is out of sight"});
    if (!isOwn(above)) return done({why: `above it is ${above.outerHTML.slice(0, 160)}`});
    window.hit = null;
    addEventListener("click", (event) => {
        window.hit = isOwn(event.target) ? "it" : event.target.outerHTML.slice(0, 160);
    }, {capture: true, once: true});
    done({at});
}).catch((error) => done({why: String(error)}));"""


def is_expected(message):
    """Of a complaint: nobody is signed in yet, or this gateway has not what a page asks for if it is there, or the null
    provider has made nothing that could be."""
    refusal = REFUSAL.match(message)
    return SIGNED_OUT in message or refusal is not None and (
        contract.template_of(refusal[1]) is None or NOWHERE.fullmatch(refusal[1]) is not None)


def selenium():
    """The module. Without a browser a skipped test, or a failed one where all tests must run."""
    has = {"chromium": CHROMIUM, "chromium-driver": DRIVER, "python3-selenium": importlib.util.find_spec("selenium")}
    missing = ", ".join(name for name, found in has.items() if not found)
    if missing and os.environ.get("TEST_REQUIRE_BROWSER") == "1":
        pytest.fail(f"pages must be tested here, but these are not installed: {missing}")
    if missing:
        pytest.skip(f"no browser: not installed are {missing} (script/setup does it)")
    return importlib.import_module("selenium.webdriver")


class Browser:
    """One window. Use with `with`; leave() says that all was well until there."""

    def __init__(self, url):
        webdriver = selenium()
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for word in OPTIONS:
            options.add_argument(word)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        service = __import__("selenium.webdriver.chrome.service", fromlist=["Service"]).Service(DRIVER)
        self.driver = webdriver.Chrome(service=service, options=options)
        self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
        self.url = url
        self.resize(1280, 900)

    def resize(self, width, height):
        """A narrow window is a phone's: what is clicked on there is touched."""
        self.is_phone = width < 600
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                 mobile=self.is_phone)
        self.cdp("Emulation.setTouchEmulationEnabled", enabled=self.is_phone, maxTouchPoints=1)

    def cdp(self, command, **values):
        return self.driver.execute_cdp_cmd(command, values)

    def open(self, path):
        self.check()
        self.driver.get(self.url + path)

    def script(self, text, *values):
        return self.driver.execute_script(text, *values)

    def all(self, selector):
        return self.driver.find_elements("css selector", selector)

    def texts(self, selector):
        """Of all that match, read at once: a page that draws anew meanwhile does no harm."""
        return self.script("return [...document.querySelectorAll(arguments[0])].map((one) => one.innerText)", selector)

    def wait(self, selector, text="", seconds=SECONDS):
        """Waits until something matches and has this text."""
        try:
            wait_until(lambda: any(text in each for each in self.texts(selector)), seconds, f"{selector} with {text!r}")
        except AssertionError as error:
            raise AssertionError(f"{error}; {self.state()}") from None

    def wait_gone(self, selector, seconds=SECONDS):
        wait_until(lambda: not self.all(selector), seconds, f"no {selector}")

    def click(self, selector, text="", seconds=SECONDS):
        """Clicks the first that matches and has this text, as people do: once it is in sight and nothing covers it."""
        aim = {}

        def aimed():
            aim.update(self.driver.execute_async_script(AIM, selector, text))
            return "at" in aim

        try:
            wait_until(aimed, seconds, f"a click on {selector} with {text!r}")
        except AssertionError as error:
            raise AssertionError(f"{error}: {aim['why']}; {self.state()}") from None
        (self.touch if self.is_phone else self.press)(*aim["at"])
        hit = wait_until(lambda: self.script("return window.hit === undefined ? 'it' : window.hit"), 5, "the click")
        assert hit == "it", f"the click on {selector} came to {hit}"  # a page that was left knows of none

    def press(self, x, y):
        for kind, buttons in ("mouseMoved", 0), ("mousePressed", 1), ("mouseReleased", 0):
            self.cdp("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left" if kind != "mouseMoved" else "none",
                     buttons=buttons, clickCount=1)

    def touch(self, x, y):
        self.cdp("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
        self.cdp("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    def type(self, selector, text):
        self.wait(selector)
        self.all(selector)[0].send_keys(text)

    def keys(self, *words):
        """To whatever has the focus."""
        self.driver.switch_to.active_element.send_keys(*words)

    def check(self):
        """Nothing was complained of so far."""
        log = [line["message"] for line in self.driver.get_log("browser") if line["level"] in ("SEVERE", "WARNING")]
        wrong = [message for message in log if not is_expected(message)]
        violations = self.script("return window.violations || []")
        assert not wrong and not violations, (wrong, violations)

    def state(self):
        """What there is instead of what should be there."""
        page = self.script("return [document.readyState, location.href, document.body?.innerText.slice(0, 500)]")
        return f"{page}, {self.driver.get_log('browser')}"

    def picture(self, path):
        pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
        self.driver.save_screenshot(str(path))

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        try:
            if kind is None:
                self.check()
        finally:
            self.driver.quit()
