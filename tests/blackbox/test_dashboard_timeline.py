"""A job's life on its page where it waited long: the work is seen, what is not drawn is told, and its workers are
found. Pictures are left in the folder that TEST_PICTURES names."""

import os
import pathlib

import pytest

from dashboard_stand import fixture_browser, fixture_stack  # noqa: F401
from failing_actor import HoldingActor
from stack import wait_until
from test_dashboard import axe, violations_of  # noqa: F401

HOUR = 3600
LOOKS = [(look, width) for look in ("light", "dark") for width in (1280, 390)]

SCALE = """const [waits, end, moments, done] = arguments;
import('/admin/timeline-scale.js').then(({scaleOf}) => {
  const {share, folds} = scaleOf(waits.map(([from, to]) => ({from: 1000 * from, to: 1000 * to})), 0, 1000 * end);
  const short = (value) => Math.round(10 * value) / 10;
  done([moments.map((at) => short(share(1000 * at))),
    folds.map(({from, to, left, width}) => [from / 1000, to / 1000, short(left), short(width)])]);
}, (error) => done(String(error)));"""

# Puts the life of a job in the place of a page: attempts are [from, to, outcome] in seconds since it was asked for.
LIFE = """const [tries, end, done] = arguments;
const ms = Date.now() - 1000 * (end ?? tries.at(-1)[0] + 20);
const time = (second) => second === null ? null : new Date(ms + 1000 * second).toISOString();
const attempts = tries.map(([from, to, outcome], index) => ({attempt: index + 1, startedAt: time(from),
  endedAt: time(to), outcome, error: null, workerId: `actor-image-${index}`}));
const events = [{event: "waiting", at: time(0)}, ...tries.map(([from]) => ({event: "active", at: time(from)}))];
const job = {jobId: "j", queue: "image", status: end === null ? "active" : "completed", createdAt: time(0),
  startedAt: time(tries[0][0]), completedAt: time(end), timeline: {attempts, events}};
import('/admin/job-life.js').then(({life}) => {
  document.querySelector("main").replaceChildren(life(job));
  const lanes = [...document.querySelectorAll(".lane:not(.ends)")].map((lane) => {
    const [own] = [lane.lastElementChild.getBoundingClientRect()];
    const part = (value) => Math.round(100 * value / own.width);
    return [...lane.querySelectorAll(".piece")].map((piece) => {
      const {left, right} = piece.getBoundingClientRect();
      return [part(left - own.left), part(right - own.left), piece.innerText];
    });
  });
  const all = [...document.querySelectorAll(".lane:not(.ends)")];
  const breaks = all.map((lane) => lane.querySelectorAll(".break").length);
  done([lanes, breaks, document.querySelector(".lane.ends > div > :nth-child(2)").textContent.replace(/\\s+/g, " ")]);
}, (error) => done(String(error)));"""


@pytest.mark.parametrize("waits, end, moments, shares, folds", [
    ([], 10, [0, 5, 10], [0, 50, 100], []),
    ([[0, 10]], 10, [0, 5, 10], [0, 50, 100], []),  # it has done nothing else
    ([[0, 20]], 30, [0, 20, 30], [0, 66.7, 100], []),  # the work is seen
    ([[0, 3 * HOUR]], 3 * HOUR + 20, [0, 3 * HOUR, 3 * HOUR + 10], [0, 50, 75], [[0, 3 * HOUR, 0, 50]]),
    ([[0, HOUR], [HOUR, HOUR + 1]], HOUR + 40, [HOUR, HOUR + 1], [49.4, 50.6], [[0, HOUR, 0, 49.4]]),
    ([[0, 100], [110, 300], [310, 320]], 330, [100, 110, 310, 320], [16.7, 33.3, 66.7, 83.3],
     [[0, 100, 0, 16.7], [110, 300, 33.3, 16.7]]),
    ([[0, 9]], 9.5, [9], [94.7], []),  # nobody waited long
    ([[0, 2.9 * HOUR]], 3.9 * HOUR, [2.9 * HOUR], [74.4], []),  # a quarter is work
    ([[0, 3 * HOUR], [3 * HOUR + 10, 3 * HOUR + 38]], 3 * HOUR + 48, [3 * HOUR + 10, 3 * HOUR + 38], [34.5, 82.8],
     [[0, 3 * HOUR, 0, 17.2]]),  # the backoff is to scale with the work
])
def test_long_waits_are_folded_beside_work_and_nothing_else_is(browser, waits, end, moments, shares, folds):
    assert browser.driver.execute_async_script(SCALE, waits, end, moments) == [shares, folds]


@pytest.mark.parametrize("lengths", [[11 * HOUR], [HOUR, 20, HOUR], [110] * 40 + [90] * 10, [HOUR] * 60])
def test_folded_waits_take_no_more_room_than_the_work(browser, lengths):
    work = 1000
    begins = [sum(lengths[:index]) + index * work / len(lengths) for index in range(len(lengths))]
    waits = [[begin, begin + length] for begin, length in zip(begins, lengths)]
    ends = [moment for begin, end in waits for moment in (end, end + work / len(lengths))]
    places, folds = browser.driver.execute_async_script(SCALE, waits, sum(lengths) + work, ends)
    worked = sum(end - begin for begin, end in zip(places[::2], places[1::2]))
    assert folds and sum(width for *_, width in folds) <= worked + 0.1 * len(waits), "but for what is rounded off"


def test_seconds_of_work_are_read_beside_hours_of_waiting(browser):
    lanes, breaks, words = browser.driver.execute_async_script(LIFE, [[3 * HOUR, 3 * HOUR + 20, "completed"]],
                                                               3 * HOUR + 20)
    (wait,), (work,) = lanes
    assert wait == [0, 50, "3 h in the queue"] and work == [50, 100, "begins"]
    assert breaks == [1, 1], "the axis is broken in each lane"
    assert words == "3 h, 3 h of waiting folded"


def test_what_goes_on_and_each_wait_between_attempts_has_its_place(browser):
    tries = [[HOUR, HOUR + 10, "failed"], [HOUR + 20, HOUR + 25, "failed"], [5 * HOUR, None, None]]
    lanes, breaks, words = browser.driver.execute_async_script(LIFE, tries, None)
    waits, *attempts = lanes
    assert [len(lane) for lane in lanes] == [3, 1, 1, 1] and breaks == [2] * 4
    assert sum(right - left for (left, right, _), in attempts) >= 50
    assert [text.split(" ")[0] for _, _, text in waits] == ["1", "backoff", "3"]
    ends = [(left, right) for lane in lanes for left, right, _ in lane]
    assert all(0 <= left < right <= 100 for left, right in ends)


def test_what_is_drawn_to_scale_has_no_break(browser):
    lanes, breaks, words = browser.driver.execute_async_script(LIFE, [[10, 20, "completed"]], 20)
    assert lanes == [[[0, 50, "in the queue"]], [[50, 100, "begins"]]] and breaks == [0, 0] and words == "20 s"


def test_a_folded_life_fits_and_shuts_nobody_out(browser, axe):  # noqa: F811
    folder, wrong = os.environ.get("TEST_PICTURES"), {}
    for look, width in LOOKS:
        browser.script("localStorage.setItem('troupe-theme', arguments[0])", look)
        browser.resize(width, 900)
        browser.open("/admin/queues/history")
        browser.wait("h1", "History")
        browser.driver.execute_async_script(LIFE, [[2 * HOUR, 2 * HOUR + 9, "failed"],
                                                   [3 * HOUR, 3 * HOUR + 60, "completed"]], 3 * HOUR + 60)
        wide = browser.script("return document.documentElement.scrollWidth")
        found = violations_of(browser, axe) + ([f"{wide} wide"] if wide > width else [])
        if found:
            wrong[look, width] = found
        if folder:
            browser.picture(pathlib.Path(folder) / f"timeline-{look}-{width}.png")
    assert not wrong, wrong


# Of each text in a folded wait: it, and how far it is from what it must not touch: the axis's break behind it.
FOLDED = """const lane = document.querySelector(".lane > div");
    const ends = [...lane.querySelectorAll(".break")].map((one) => one.getBoundingClientRect().left);
    return [...lane.querySelectorAll(".piece.folded")].map((piece, index) => {
        const [text] = [...piece.children].filter((one) => one.checkVisibility());
        const range = document.createRange();
        if (!text) return ["", 0];
        range.selectNodeContents(text);
        return [text.textContent, ends[index] - range.getBoundingClientRect().right];
    })"""


@pytest.mark.parametrize("width, tries, texts", [
    (390, [[2 * HOUR, 2 * HOUR + 9, "failed"], [3 * HOUR, 3 * HOUR + 60, "completed"]], ["2 h", "~1 h"]),
    (390, [[50 * HOUR, 50 * HOUR + 9, "completed"]], ["2 d 2 h in the queue"]),
    (390, [[HOUR * n, HOUR * n + 9, "failed"] for n in range(1, 13)], [""] * 12),
    (1280, [[HOUR * n, HOUR * n + 9, "failed"] for n in range(1, 6)], ["1 h"] + ["~1 h"] * 4),
])
def test_how_long_a_folded_wait_was_is_told_whole_or_not_in_it(browser, width, tries, texts):
    browser.resize(width, 900)
    at_once = LIFE.replace("done([lanes", f"done((() => {{{FOLDED}}})() ?? [lanes")  # the page may be drawn anew then
    told = browser.driver.execute_async_script(at_once, tries, tries[-1][0] + 60)
    assert [text for text, _ in told] == texts
    assert all(space >= 0 for text, space in told if "queue" not in text), told


def test_what_ended_before_it_came_into_the_queue_was_pending(stack, browser):
    user = stack.client("bea")
    made = user.post("/api/v1/pipelines", {"character": {"name": "Bea"}, "images": [{}]}).json()["data"]
    character, image = made["character"]["jobId"], made["images"][0]["jobId"]
    assert user.call("DELETE", f"/api/v1/character-jobs/{character}").status_code == 200
    user.wait_for(image, "media-jobs", status="failed")
    for job, words in (image, "for what it is made from"), (character, "in the queue"):
        browser.open(f"/admin/queues/jobs/{job}")
        browser.wait(".gantt .piece", words)
        assert browser.texts(".gantt .piece") == [words]
        names = browser.texts(".facts dt")
        assert ("Pending" in names) == (job == image)


def test_its_workers_are_a_click_away(stack, browser):
    user = stack.client("ada")
    job = user.submit_character("Ada")
    with HoldingActor(stack) as actor:
        browser.open(f"/admin/queues/jobs/{job}")
        browser.wait(".attempts a.link", "Characters · ")
        worker = browser.script("return document.querySelector('.attempts a.link').title")
        name, = browser.texts(".attempts a.link")
        browser.click(".attempts a.link", name)
        browser.wait(f".worker.sought[data-worker='{worker}'] .state", "Working")
        browser.driver.back()
        browser.click(".facts a.link", name)
        browser.wait(".worker.sought")
        actor.let_go.set()
        user.wait_for(job)
    wait_until(lambda: not browser.all(f"[data-worker='{worker}']"), what="that it has gone")
    browser.wait(".gone", f"{worker} is not connected any more")
