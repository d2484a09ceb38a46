"""What the dashboard's modules make of what they are told, in a browser and without a page: charts, the bars of a job's
life, and the command that asks for a job again."""

import json
import os
import shlex
import subprocess

from stack import TROUPE
from test_dashboard import ADMIN, admin, signed_in, stack  # noqa: F401

DRAW = """const done = arguments[0];
import('/admin/chart.js').then(({chart, ceiling}) => {
  const points = [null, 5, null, 7, 6].map((value, at) => ({at: 60000 * at, value}));
  const drawn = chart('Waits', points, [{kind: 'active', name: 'p50', value: (point) => point.value}], {});
  const line = drawn.querySelector('path.stroke').getAttribute('d');
  done({ends: [0, 1, 2.5, 3, 5, 9, 10, 11, 16, 17, 99, 101, 1234].map(ceiling), line});
}, (error) => done(String(error)));"""


def test_a_chart_shows_a_point_that_stands_alone_and_whole_numbers(stack):  # noqa: F811
    with signed_in(stack) as browser:
        drawn = browser.driver.execute_async_script(DRAW)
    assert drawn["ends"] == [2, 2, 4, 4, 6, 10, 10, 16, 16, 20, 100, 160, 1600]
    assert drawn["line"] == "M242.0 37.5h16M750.0 12.5L1000.0 25.0"


CALLS = """const done = arguments[0];
import('/admin/timeline.js').then(({rowsOf}) => {
  const time = (second) => new Date(1767225600000 + 1000 * second).toISOString();
  const told = (second, event, rest = {}) => ({at: time(second), event, ...rest});
  const paid = (second, operation, rest = {}) => told(second, "provider", {provider: "p", operation, ...rest});
  const events = [told(0, "waiting"), told(1, "active"), told(2, "progress", {step: "a"}),
    paid(5, "finished", {priceUsd: 0.002}), told(6, "progress", {step: "b"}), paid(16, "unknown"),
    paid(20, "intent", {repeats: true}), paid(30, "finished", {priceUsd: 0.04}),
    paid(40, "submitted", {task: "t"}), paid(90, "finished", {task: "t", charged: "yes"})];
  const job = {createdAt: events[0].at, completedAt: told(100, "").at, status: "completed", timeline: {events}};
  const {rows, from} = rowsOf(job, 0);
  done(rows.at(-1).bars.map((bar) => [(bar.from - from) / 1000, (bar.to - from) / 1000, bar.title]));
}, (error) => done(String(error)));"""


def test_each_paid_call_has_its_own_time_and_price(stack):  # noqa: F811
    with signed_in(stack) as browser:
        calls = browser.driver.execute_async_script(CALLS)
    assert calls == [[2, 5, "p finished · $0.002"], [6, 16, "p unknown"], [20, 30, "p finished · $0.04"],
                     [40, 90, "p finished · t · charged: yes"]]


CURL = """const [id, done] = arguments;
Promise.all([import('/admin/repeat.js'), fetch(`/api/v1/admin/jobs/${id}`)]).then(async ([{curlOf}, answer]) =>
  done(curlOf((await answer.json()).data, location.origin)), (error) => done(String(error)));"""


def show_curl(stack, job, token=None):  # noqa: F811
    words, settings = (["--data", stack.data], {}) if token is None else \
        ([], {"TROUPE_URL": stack.url, "TROUPE_TOKEN": token})
    return subprocess.run([TROUPE, "show", job, "--curl", *words], capture_output=True, text=True, timeout=30,
                          env={**os.environ, **settings})


def test_what_is_copied_as_curl_asks_for_the_same_again(stack):  # noqa: F811
    """From the page, and by the command line."""
    options = {"priority": 7, "tags": ["it's"], "metadata": {"order": 5}}
    job = stack.user.submit_character("O'Hara", options=options)
    with signed_in(stack) as browser:
        copied = browser.driver.execute_async_script(CURL, job)
    for words in copied, show_curl(stack, job).stdout:
        made = subprocess.run(["bash", "-c", words], env={**os.environ, "TOKEN": stack.token("ada")}, check=True,
                              capture_output=True, text=True, timeout=30)
        again = stack.user.job(json.loads(made.stdout)["data"]["jobId"])
        assert again["jobId"] != job and {name: again[name] for name in options} == options
        told = admin(stack).get(f"{ADMIN}jobs/{again['jobId']}").json()["data"]
        assert told["input"]["name"] == "O'Hara"


def test_the_command_line_copies_what_the_page_does(stack):  # noqa: F811
    picture = stack.user.submit_image(stack.made_from[0], options={"tags": ["no 'hat'"], "metadata": {"ö": "\n"}})
    with signed_in(stack) as browser:
        for each in picture, stack.video:
            copied = browser.driver.execute_async_script(CURL, each)
            printed = show_curl(stack, each)
            assert printed.returncode == 0 and shlex.split(printed.stdout) == shlex.split(copied), printed


def test_no_command_is_made_up(stack):  # noqa: F811
    job = stack.user.submit_character("Mia")
    refused = show_curl(stack, job, stack.token("ada"))
    assert refused.returncode == 1 and "told to admins and viewers" in refused.stderr and refused.stdout == ""
    batch = stack.user.post("/api/v1/batches", {"jobs": [{"type": "character", "name": "Mia"}]})
    assert show_curl(stack, batch.json()["data"]["batchId"]).returncode == 2


LARGE = """const [id, done] = arguments;
Promise.all([import('/admin/api.js'), import('/admin/repeat.js')]).then(async ([api, {curlOf}]) => {
  const job = await api.job(id);
  done([JSON.stringify(job.metadata), curlOf(job, location.origin)]);
}).catch((error) => done(String(error)));"""


def test_a_number_that_a_script_cannot_hold_is_shown_as_it_was_written(stack):  # noqa: F811
    options = {"metadata": {"order": 9007199254740993, "usual": 9007199254740991, "part": 0.5}}
    job = stack.user.submit_character("Large", options=options)
    with signed_in(stack) as browser:
        metadata, words = browser.driver.execute_async_script(LARGE, job)
        browser.open(f"/admin/queues/jobs/{job}")
        browser.wait("pre.json")
        shown = browser.script("return [...document.querySelectorAll('pre.json')].map((text) => text.innerText).join()")
    assert json.loads(metadata) == options["metadata"]
    assert "9007199254740993" in words and "9007199254740993" in shown
