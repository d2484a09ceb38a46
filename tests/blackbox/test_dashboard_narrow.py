"""What lists tell is whole at the width of a phone, too: codes of errors, names and what stands beside them. Pictures
are left in the folder that TEST_PICTURES names."""

import os
import pathlib

import pytest
from selenium.webdriver.common.keys import Keys

from dashboard_stand import fixture_browser, fixture_stack  # noqa: F401
from failing_actor import FailingActor
from stack import Client
from test_dashboard import axe, violations_of  # noqa: F401
from test_failures import fail

LONG = "Anna Magdalena von Hohenstein"
CODES = ["result_content_type", "provider_unreachable", "content_policy", "provider_throttled"]
LOOKS = [(look, width) for look in ("light", "dark") for width in (390, 320, 1280)]

# How many lines each text takes that matches.
LINES = """return [...document.querySelectorAll(arguments[0])].filter((one) => one.checkVisibility()).map((one) => {
    const range = document.createRange();
    const rects = [...one.childNodes].filter(({nodeType}) => nodeType === Node.TEXT_NODE).flatMap((text) => {
        range.selectNodeContents(text);
        return [...range.getClientRects()];
    });
    return [one.textContent, new Set(rects.map(({bottom}) => Math.round(bottom))).size];
})"""
BOX = """const [row, ...parts] = arguments;
    const one = [...document.querySelectorAll(".found li")].find((each) => each.innerText.includes(row));
    return parts.map((part) => {
        const {left, right, top, bottom} = one.querySelector(part).getBoundingClientRect();
        return {left, right, top, bottom};
    })"""


@pytest.fixture(name="failed", scope="module")
def fixture_failed(stack):
    """Jobs that have failed of each code, and one with a long name that waits between two attempts."""
    with FailingActor(stack):
        admin = Client(stack.url, stack.token("boss", "--role", "admin"))
        fail(stack, admin, "ann", [f"{code}|The picture is not one: text/html instead of it" for code in CODES[:3]])
        user = stack.client("a-very-long-name@example.org")
        job = user.submit_character(LONG, description=f"{CODES[3]}|later|600000")
        user.wait_for(job, status="waiting")
        yield admin


def pictures(browser, name, look, width):
    if os.environ.get("TEST_PICTURES"):
        browser.picture(pathlib.Path(os.environ["TEST_PICTURES"]) / f"narrow-{name}-{look}-{width}.png")


# What of the page of a user ends beyond what its card holds, or beyond the window.
OUT = """const inside = (card) => card.getBoundingClientRect().right - parseFloat(getComputedStyle(card).paddingRight);
    const edge = (card) => card ? inside(card) : innerWidth;
    return [...document.querySelectorAll("main .card :is(th, td, a, span), main h1, .crumbs > *")].filter((one) =>
        one.checkVisibility() && one.getBoundingClientRect().right > edge(one.closest(".card")) + 1).map((one) =>
        one.innerText)"""


def test_codes_of_errors_are_whole_in_lists(browser, failed, axe):  # noqa: F811
    wrong = {}
    for look, width in LOOKS:
        browser.script("localStorage.setItem('troupe-theme', arguments[0])", look)
        browser.resize(width, 900)
        browser.open("/admin/queues/all")
        browser.wait("tr[data-job] .error b", CODES[-1])
        told = browser.script(LINES, "tr[data-job] .error b")
        wide = browser.script("return document.documentElement.scrollWidth")
        assert sorted(code for code, _ in told) == sorted(CODES)
        found = [code for code, lines in told if lines != 1] + violations_of(browser, axe) + \
            ([f"{wide} wide"] if wide > width else [])
        if found:
            wrong[look, width] = found
        pictures(browser, "list", look, width)
    assert not wrong, wrong


# With a length that is as wide as they come: what is cut off or sticks out.
TOOK = """document.querySelectorAll("td.number").forEach((one) => {
        if (one.innerText.match(/^[\\d.]+ m?s$/)) one.innerText = "58 m 48 s";
    });
    const cells = [...document.querySelectorAll(".sheet, .jobs td.number, .jobs td.status")];
    return [cells.filter((one) => one.innerText === "58 m 48 s").length,
        cells.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.className)]"""


def test_how_long_jobs_took_is_whole_at_any_width(browser, failed):
    wrong = {}
    for width in 320, 390, 640, 800, 860, 1024, 1180, 1280, 1920:
        browser.resize(width, 900)
        browser.open("/admin/queues/all")
        browser.wait("tr[data-job] .error b", CODES[-1])
        long, cut = browser.script(TOOK)
        cut += [code for code, lines in browser.script(LINES, "tr[data-job] .error b") if lines != 1]
        pictures(browser, "took", "light", width)
        if long < len(CODES) or cut:
            wrong[width] = long, cut
    assert not wrong, wrong


def test_a_row_of_the_palette_reads_from_the_left(browser, failed, axe):  # noqa: F811
    wrong = {}
    for look, width in LOOKS:
        browser.script("localStorage.setItem('troupe-theme', arguments[0])", look)
        browser.resize(width, 900)
        browser.open("/admin/queues")
        browser.wait("h1", "Overview")
        browser.keys(Keys.CONTROL, "k")
        browser.type(".palette input", "An")
        browser.wait(".found li", LONG)
        name, badge, detail = browser.script(BOX, LONG, ".icon + span", ".badge", ".soft")
        told = dict(browser.script(LINES, ".found li:has(.badge) > span"))
        found = violations_of(browser, axe)
        if width < 600 and not (detail["top"] >= name["bottom"] - 1 and abs(detail["left"] - name["left"]) < 1):
            found.append("what is told of it does not stand below its name")
        elif width > 600 and set(told.values()) != {1}:
            found.append(f"a row is not one line: {told}")
        if badge["left"] < name["right"] or badge["right"] > width or badge["top"] > name["bottom"]:
            found.append("its status does not stand beside its name")
        if found:
            wrong[look, width] = found
        pictures(browser, "palette", look, width)
    assert not wrong, wrong


def test_the_name_of_a_queue_is_whole_whatever_holds_it_back(browser, failed):
    for width in 390, 320:
        browser.resize(width, 900)
        browser.open("/admin/queues")
        browser.wait("[data-queue=character] .state", "Waits to retry")
        assert browser.script(LINES, "[data-queue] h2 a") == [
            [name, 1] for name in ("Characters", "Images", "Videos", "Webhooks")], width
        assert browser.script("return document.documentElement.scrollWidth") <= width


def test_the_page_of_a_user_is_no_wider_than_a_phone_whatever_the_name(stack, browser):
    wrong = {}
    for name in "a", "a-very-long-operator-name@department.example.org", "a" * 255:
        user = stack.client(name)
        user.submit_character(LONG)
        for width in 320, 390, 860, 1280:
            browser.resize(width, 900)
            browser.open(f"/admin/queues/users/{name}")
            browser.wait("h1 + p", "live job")
            browser.wait("tr[data-job]")
            wide = browser.script("return document.documentElement.scrollWidth")
            out = browser.script(OUT)
            pictures(browser, f"user-{len(name)}", "light", width)
            if wide > width or out:
                wrong[len(name), width] = wide, out
    assert not wrong, wrong


def test_names_in_the_audit_log_are_not_broken_for_the_sake_of_what_was_acted_upon(stack, browser):
    long = "a-very-long-operator-name@department.example.org"
    for user in "short", "alice.smith@example.org", long:
        stack.client(user).post("/api/v1/admin/queues/image/pause")  # refused, and written down
    admin = Client(stack.url, stack.token("short", "--role", "admin"))
    where = {"q": "a text that takes all the room that there is, and would take more of it, if there were any"}
    assert admin.post("/api/v1/admin/operations", {"action": "cancel", "where": where}).ok
    wrong = {}
    for width in 320, 390, 860, 1024, 1280, 1920:
        browser.resize(width, 900)
        browser.open("/admin/queues/audit")
        browser.wait(".audit .by", long)
        browser.wait(".audit a.link", "cancelled")
        lines = dict(browser.script(LINES, ".audit .by"))
        pictures(browser, "audit", "light", width)
        most = {**lines, "short": 1, "alice.smith@example.org": 2, long: 5} if width < 600 else dict.fromkeys(lines, 1)
        wide = browser.script("return document.documentElement.scrollWidth")
        if any(count > most[name] for name, count in lines.items()) or wide > width:
            wrong[width] = lines, wide
    assert not wrong, wrong
