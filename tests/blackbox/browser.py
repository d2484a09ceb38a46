"""A headless Chromium for tests of pages. Whatever the browser complains of, scripts that fail and what the page's
policy forbids first of all, fails the test that uses it."""

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
OPTIONS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server",
           "--hide-scrollbars"]

# Violations are told as events; one that came before this listener is in the log.
WATCH = "window.violations = []; addEventListener('securitypolicyviolation', (event) => " \
        "violations.push(event.violatedDirective + ' ' + event.blockedURI));"


def is_expected(message):
    """Of a complaint: nobody is signed in yet, or this gateway has not what a page asks for if it is there."""
    refusal = REFUSAL.match(message)
    return SIGNED_OUT in message or (refusal is not None and contract.template_of(refusal[1]) is None)


def selenium():
    """The module, or a skipped test."""
    if not CHROMIUM or not DRIVER:
        pytest.skip("chromium or chromium-driver is not installed (script/setup does)")
    return pytest.importorskip("selenium.webdriver", reason="python3-selenium is not installed (script/setup does)")


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
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})

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

    def click(self, selector, text=""):
        """Clicks the first that matches and has this text, once it is there."""
        self.wait(selector, text)
        self.script("""const fits = [...document.querySelectorAll(arguments[0])].find((each) =>
            each.innerText.includes(arguments[1])); fits.focus(); fits.click();""", selector, text)

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
