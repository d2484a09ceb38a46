"""Whose answers say that a provider works: those to orders alone. Polls, uploads and looks into a list go well at one
that takes no order any more, so that they say only that it fails. Against fake providers; what actors tell of it
against a fake broker, and what comes of that in a whole stack."""

import contextlib
import json
import time

import fake_provider
import pytest
from asset_stand import Directory
from fake_broker import FAIL, Timeout, new_id
from fake_provider import close, status
from stack import Client, Stack, wait_until
from test_actor_predictions import made, recorded, write_file
from test_actor_roles import broker, make_source, provider, start  # noqa: F401

DOWN, THROTTLED = 1, 2
POLL_FAILURES_MAX = 5
RUNNING = 12  # jobs whose tasks are polled


@pytest.fixture
def store(tmp_path):
    return Directory(tmp_path)


@pytest.fixture
def live(start, provider, tmp_path):
    """Starts an actor whose orders are polled each second."""
    provider.poll = lambda handler: made(provider)(handler)

    def start_live(role, **members):
        members |= {"api": "wavespeed"} if role == "image" else {}
        return start(role, **write_file(tmp_path, provider, role, pollSeconds=1, **members))

    return start_live


def told(broker):
    """What was told of calls, once all is: (successes, failures, fault)."""
    reports = []
    with contextlib.suppress(Timeout):
        while True:
            reports.append(broker.take("report", 1.5))
    return [tuple(report.get(name, 0) for name in ("successes", "failures", "fault")) for report in reports]


def counted(broker):
    reports = told(broker)
    return sum(report[0] for report in reports), sum(report[1] for report in reports)


def image(broker, **options):
    return broker.start(kind="image", payload={}, **options)


def test_a_poll_that_is_answered_is_no_success(broker, live, provider):
    live("image")
    provider.script["poll"] = [provider.running] * 3
    assert broker.finish(image(broker), 30)["name"] == "done"
    assert provider.count("poll") == 4
    assert told(broker) == [(1, 0, 0)], "the order"


def test_an_upload_that_is_taken_is_no_success(broker, live, provider, tmp_path):
    live("video")
    job = broker.start(kind="video", payload={"duration": 5}, source=new_id(),
                       source_document=make_source(Directory(tmp_path)))
    provider.script["submit"] = [status(500)]
    provider.poll = fake_provider.Provider.poll.__get__(provider)
    assert broker.finish(job)["name"] == "fail"
    assert provider.count("upload") == 1
    assert sorted(told(broker)) == [(0, 1, DOWN), (1, 0, 0)], "the order, and the words that came before"


@pytest.mark.parametrize("answer", (status(503), close, status(200, b"<html>")))
def test_polls_that_fail_in_a_row_are_two_failures_of_an_attempt(broker, live, provider, answer):
    live("image")
    provider.script["poll"] = [answer] * POLL_FAILURES_MAX
    failed = broker.finish(image(broker, recorded=recorded()), 30)
    assert (failed["name"], failed["kind"]) == ("fail", FAIL["retry"])
    assert counted(broker) == (0, 2)


def test_a_poll_that_is_refused_says_nothing(broker, live, provider):
    live("image")
    provider.script["poll"] = [status(400)]
    assert broker.finish(image(broker, recorded=recorded()))["kind"] == FAIL["permanent"]
    assert told(broker) == []


def test_polls_that_fail_now_and_then_are_no_failure(broker, live, provider):
    live("image")
    provider.script["poll"] = [status(502)] * 3
    assert broker.finish(image(broker, recorded=recorded()), 30)["name"] == "done"
    assert counted(broker) == (0, 0)


@pytest.mark.parametrize("code, fault", [(429, THROTTLED), (503, DOWN)])
def test_a_poll_tells_when_to_come_again(broker, live, provider, code, fault):
    live("image")
    provider.script["poll"] = [status(code, Retry_After="1")]
    assert broker.finish(image(broker, recorded=recorded()), 30)["name"] == "done"
    report = broker.take("report")
    assert (report["fault"], report["retry_after_ms"]) == (fault, 1000)
    assert (report.get("successes", 0), report.get("failures", 0)) == (0, 0)


# ---- what comes of it ----

class Live:
    """A stack whose pictures are ordered at one provider, `two`, and polled there each second."""

    def __init__(self, provider, stack):
        self.provider, self.stack = provider, stack
        self.client = stack.client()
        self.admin = Client(stack.url, stack.token("operator", "--role", "admin"))
        self.character = self.client.wait_for(self.client.submit_character())["result"]["characterId"]

    def order(self, count):
        return [self.client.submit_image(self.character) for _ in range(count)]

    def jobs(self, ids):
        return [self.client.job(job, "media-jobs") for job in ids]

    def breaker(self):
        providers = self.admin.get("/api/v1/admin/providers").json()["data"]["providers"]
        return {one["provider"]: one["breaker"]["state"] for one in providers}["two"]

    def wait_for_breaker(self, *states):
        wait_until(lambda: self.breaker() in states, 60, f"a breaker that is {states}")

    def polled(self):
        """Waits until all tasks that run have been polled again."""
        before = self.provider.count("poll")
        wait_until(lambda: self.provider.count("poll") >= before + RUNNING, 30, "polls")

    def complete(self, ids):
        for job in ids:
            ended = self.client.wait_for(job, "media-jobs", 120)
            assert ended["status"] == "completed", ended


@pytest.fixture
def running(provider, tmp_path):
    """Some tasks are on record there, and stay `processing`; orders fail from then on."""
    one = {"name": "one", "url": provider.url, "model": "m"}
    two = {**one, "name": "two", "api": "wavespeed", "pollSeconds": 1}
    path = tmp_path / "providers.json"
    path.write_text(json.dumps({"chat": [one], "image": [two], "video": [one]}))
    environment = {"TROUPE_PROVIDERS_FILE": str(path), "TROUPE_RESULT_PRIVATE": "on", "QUEUE_CONCURRENCY": "40"}
    provider.poll = made(provider)
    with Stack("--provider", "live", "--rate", "off", environment=environment, data=tmp_path) as stack:
        live = Live(provider, stack)
        provider.poll = provider.running
        live.tasks = live.order(RUNNING)
        wait_until(lambda: provider.count("submit") == 1 + RUNNING, what="tasks that run")
        live.polled()
        provider.submit = status(500)
        yield live


def heal(live):
    provider = live.provider
    provider.submit = fake_provider.Provider.submit.__get__(provider)
    provider.poll = made(provider)


@pytest.mark.timeout(300)
def test_tasks_that_run_keep_no_breaker_closed(running):
    jobs = running.order(8)
    running.wait_for_breaker("open")
    running.polled()
    assert running.breaker() == "open", "tasks are polled meanwhile"
    asked = running.provider.count("submit")
    wait_until(lambda: running.provider.count("submit") > asked, 60, "a probe")
    running.wait_for_breaker("open")
    assert {job["status"] for job in running.jobs(jobs)} <= {"waiting", "active"}, "an attempt is all that it costs"
    heal(running)
    running.complete(running.tasks + jobs)
    running.wait_for_breaker("closed")


@pytest.mark.timeout(300)
def test_an_order_is_the_probe_however_long_tasks_are_polled(running):
    jobs = running.order(5)
    running.wait_for_breaker("open")
    for job in jobs:
        running.client.call("DELETE", f"/api/v1/media-jobs/{job}")
    running.wait_for_breaker("half_open")
    asked = running.provider.count("submit")
    end = time.monotonic() + 5
    while time.monotonic() < end:
        assert running.breaker() == "half_open"
        running.polled()
    assert running.provider.count("submit") == asked
    heal(running)
    running.complete(running.tasks)
    assert running.breaker() == "half_open"
    running.complete(running.order(1))
    running.wait_for_breaker("closed")


def says_nothing(handler):
    choice = {"message": {"role": "assistant", "content": ""}, "finish_reason": "length"}
    handler.answer(200, {"choices": [choice]})


def test_prompts_that_get_no_words_are_no_outage(provider, tmp_path):
    good = provider.chat
    provider.chat = lambda handler: (says_nothing if b"Mallory" in handler.body else good)(handler)
    one = {"name": "one", "url": provider.url, "model": "m"}
    path = tmp_path / "providers.json"
    path.write_text(json.dumps({"chat": [{**one, "price": 0.01}], "image": [one], "video": [one]}))
    environment = {"TROUPE_PROVIDERS_FILE": str(path)}
    with Stack("--provider", "live", "--rate", "off", environment=environment, data=tmp_path) as stack:
        mallory, ada = stack.client("mallory"), stack.client("ada")
        jobs = [mallory.submit_character(f"Mallory {number}") for number in range(6)]
        wait_until(lambda: provider.count("chat") >= 6, what="answers that say nothing")
        assert ada.wait_for(ada.submit_character("Nora"), seconds=15)["attemptsMade"] == 1
        for job in jobs:
            ended = mallory.wait_for(job)
            assert (ended["status"], ended["lastError"]["code"]) == ("failed", "chat_unusable")
            assert (ended["attemptsMade"], ended["cost"]["spentUsd"]) == (3, 0.03)
