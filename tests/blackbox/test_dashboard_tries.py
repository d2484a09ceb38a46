"""A job that was tried again and again can be read on its page: each start has a number and its time, what did not
count says so, the newest comes first, equal errors are told once, and what is folded is a click away. Pictures are left
in the folder that TEST_PICTURES names."""

import os
import pathlib

from dashboard_stand import fixture_browser, fixture_stack  # noqa: F401
from test_dashboard import axe, violations_of  # noqa: F401

THROTTLED, FAILED = 48, 4  # attempts: the last ones count
EVENTS = 132

# Puts a life into what is told of jobs: minutes of attempts of a second each, of which each has asked a provider once.
TRIED = """const [throttled, failed, many] = arguments;
const all = throttled + failed;
const begun = Date.now() - 60000 * (all + 2);
const time = (minute, second = 0) => new Date(begun + 60000 * minute + 1000 * second).toISOString();
const attempts = [...Array(all)].map((_, index) => ({number: index + 1, attempt: Math.max(1, index + 1 - throttled),
    startedAt: time(index + 1), endedAt: time(index + 1, 1), outcome: index < throttled ? "throttled" : "failed",
    workerId: `0006d79b-c209-4be0-82f9-67c8344c26a${index % 2}`,
    error: index < throttled ? {code: "rate_limited", message: "come again later"}
                             : {code: "provider_error", message: `the brush ${index % 2} is broken`}}));
const events = attempts.flatMap(({startedAt, endedAt, error}) => [{event: "active", at: startedAt},
    {event: "provider", at: endedAt, provider: "painter", operation: "refused", charged: "no", error}])
    .concat([...Array(many)].map((_, index) => ({event: "waiting", at: time(all + 1, index / 1000)})))
    .slice(0, many).map((event, id) => ({...event, id: String(id)}));
const own = window.fetch.bind(window);
window.fetch = async (address, options = {}) => {
    const answer = await own(address, options);
    if (!/admin\\/jobs\\/[0-9a-f-]+$/.test(String(address))) {
        return answer;
    }
    const told = await answer.json();
    Object.assign(told.data, {status: "failed", createdAt: time(0), startedAt: time(1), completedAt: time(all + 1),
        attemptsMade: failed, retries: 1, lastError: attempts.at(-1).error, timeline: {attempts, events}});
    return Response.json(told);
};"""


def tried_again(browser, stack):
    """Leads to the page of a job that was."""
    job = stack.client("ada").submit_character("Ada")
    browser.open("/admin/queues/all")
    browser.wait(f"[data-job='{job}'] a.id")
    browser.script(TRIED, THROTTLED, FAILED, EVENTS)
    browser.click(f"[data-job='{job}'] a.id")
    browser.wait(".attempts")


def test_each_start_has_a_number_and_tells_whether_it_counted(stack, browser):  # noqa: F811
    tried_again(browser, stack)
    all_ = THROTTLED + FAILED
    newest = [text.split("\n") for text in browser.texts("div > .attempts > li")]
    assert [lines[0] for lines in newest] == [f"Attempt {all_ - index}" for index in range(10)]
    assert "counted as 4" in newest[0][2] and "not counted" in newest[FAILED][2]
    assert [lines[1] for lines in newest] == ["failed"] * FAILED + ["throttled"] * (10 - FAILED)
    errors = browser.texts(".attempts .error")
    assert [text for text in errors if text] == [
        "provider_error the brush 1 is broken", "provider_error the brush 0 is broken", "rate_limited come again later"]
    assert f"same error as attempt {all_ - FAILED}" in newest[-1][2]
    browser.click(".older summary", f"{all_ - 10} earlier attempts")
    older = browser.texts(".older .attempts > li")
    assert older[0].startswith(f"Attempt {all_ - 10}\n") and older[-1].startswith("Attempt 1\n")
    assert dict(zip(browser.texts(".facts dt"), browser.texts(".facts dd")))["Attempts"] == \
        f"{FAILED} made, {THROTTLED} not counted, tried again 1 time"


def test_each_call_tells_when_it_was_and_of_which_attempt(stack, browser):  # noqa: F811
    tried_again(browser, stack)
    newest = browser.texts("div > .calls > li")
    clocks = [browser.script("return new Date(arguments[0]).toTimeString().slice(0, 8)", one) for one in browser.script(
        "return [...document.querySelectorAll('.events time')].map((each) => each.dateTime)")]
    assert len(newest) == 10 and all(any(clock in text for clock in clocks) for text in newest)
    assert [text for text in newest[0].split("\n") if text.startswith("attempt")] == [f"attempt {THROTTLED + FAILED}"]
    assert any("earlier calls" in text for text in browser.texts(".older summary"))


def test_no_event_is_left_out_without_a_word(stack, browser):  # noqa: F811
    tried_again(browser, stack)
    browser.click(".card.fold > summary", f"Events, {EVENTS}")
    browser.click(".card.fold .older summary", f"{EVENTS - 100} earlier events")
    assert sum(text != "" for text in browser.texts(".events li")) == EVENTS


def test_its_lanes_are_as_many_as_one_can_look_over(stack, browser):  # noqa: F811
    tried_again(browser, stack)
    assert browser.texts(".lane:not(.ends) > span") == [
        "Waiting", f"{THROTTLED + FAILED - 10} earlier",
        *(f"Attempt {THROTTLED + FAILED - 9 + index}" for index in range(10)), "Provider"]
    assert browser.script("return [...document.querySelectorAll('.lane')].map((lane) => "
                          "lane.querySelectorAll('.piece').length)")[1] == THROTTLED + FAILED - 10


# Draws a life twice, as a page does that is drawn anew: two calls of one provider in the same millisecond.
TWINS = """const [complete, done] = arguments;
const at = new Date(1767225600000).toISOString();
const paid = (priceUsd) => ({event: "provider", at, provider: "painter", operation: "finished", charged: "yes",
    priceUsd});
const attempts = [{number: 1, attempt: 1, startedAt: at, endedAt: at, outcome: "completed", error: null}];
const job = {jobId: "j", queue: "image", status: "completed", createdAt: at, startedAt: at, completedAt: at,
    timeline: {attempts, events: [{event: "active", at}, paid(0.25), paid(0.5)], complete}};
Promise.all(["job-life", "dom"].map((name) => import(`/admin/${name}.js`))).then(([{life}, {h, show}]) => {
  const place = h("div");
  [1, 2].forEach(() => show(place, life(job)));
  const texts = (what) => [...place.querySelectorAll(what)].map((each) => each.textContent);
  done({calls: texts(".calls > li"), above: texts("p.soft:has(+ div > ol)")});
}, (error) => done(String(error)));"""


def test_two_calls_in_the_same_millisecond_are_both_told(browser):  # noqa: F811
    told = browser.driver.execute_async_script(TWINS, True)
    assert ["$0.5" in told["calls"][0], "$0.25" in told["calls"][1]] == [True, True] and len(told["calls"]) == 2
    assert told["above"] == []


def test_lists_whose_beginning_is_not_kept_say_so(browser):  # noqa: F811
    assert browser.driver.execute_async_script(TWINS, False)["above"] == [
        "Older ones are not kept", "Older ones are not kept; numbered from the oldest that is"]


def test_the_key_that_sends_a_delivery_again_tells_what_that_does(stack, browser):  # noqa: F811
    browser.script(TRIED.replace("{status: \"failed\",", "{status: \"failed\", queue: \"webhook\","), 0, 2, 10)
    job = stack.client("ada").submit_character("Ada")
    browser.keys("g", "a")
    browser.click(f"[data-job='{job}'] a.id")
    browser.wait(".heading button", "Send again")
    browser.keys("r")
    browser.wait("dialog", "ten attempts before it; the receiver may get it twice")
    assert "three" not in browser.texts("dialog")[0] and "paid" not in browser.texts("dialog")[0]
    browser.click("dialog button", "Keep it as it is")


def test_it_fits_and_shuts_nobody_out(stack, browser, axe):  # noqa: F811
    folder, wrong = os.environ.get("TEST_PICTURES"), {}
    for look in "light", "dark":
        browser.script("localStorage.setItem('troupe-theme', arguments[0])", look)
        for width in 1280, 390:
            browser.resize(width, 900)
            tried_again(browser, stack)
            wide, high = browser.script("return [document.documentElement.scrollWidth, document.body.scrollHeight]")
            found = violations_of(browser, axe) + ([f"{wide} wide"] if wide > width else [])
            found += [f"{high} high"] if high > 4500 else []
            if found:
                wrong[look, width] = found
            if folder:
                browser.resize(width, high)
                browser.picture(pathlib.Path(folder) / f"tries-{look}-{width}.png")
    assert not wrong, wrong
