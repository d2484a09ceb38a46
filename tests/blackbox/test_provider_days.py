"""The limit of a day of a provider's account, in a whole stack whose broker is killed in between: the studio's ledger
has never more calls than it allows, and the jobs that are left wait without having used an attempt."""

import datetime
import json
import re
import subprocess

import pytest
import requests

from browser import Browser, selenium
from stack import TROUPE, Client, Stack, wait_until
from studio_stand import VIDEO_MODEL, Studio

LIMIT = 4
DAY_MS = 86400000


@pytest.fixture(name="studio", scope="module")
def fixture_studio():
    studio = Studio(FAULTS="on", LATENCY_MS=20)
    yield studio
    studio.close()


@pytest.fixture(name="stack", scope="module")
def fixture_stack(tmp_path_factory, studio):
    folder = tmp_path_factory.mktemp("days")
    painter = {"name": "painter", "url": studio.url, "model": "studio-image", "account": "art",
               "limits": {"perDay": LIMIT}}
    providers = {"chat": [{"name": "talker", "url": studio.url, "model": "studio-chat"}], "image": [painter],
                 "video": [{"name": "filmer", "url": studio.url, "model": VIDEO_MODEL}]}
    (folder / "providers.json").write_text(json.dumps(providers))
    environment = {"TROUPE_PROVIDERS_FILE": str(folder / "providers.json"), "TROUPE_RESULT_PRIVATE": "on",
                   "TROUPE_LOG_LEVEL": "info"}
    with Stack("--provider", "live", "--rate", "off", "--metrics", "0", environment=environment,
               data=folder) as running:
        yield running


def painter_of(stack):
    answer = Client(stack.url, stack.token("ops", "--role", "viewer")).get("/api/v1/admin/providers")
    found = {one["provider"]: one for one in answer.json()["data"]["providers"]} if answer.ok else {}
    return found["painter"] if found.get("painter", {}).get("workers") else None


def kill_broker(stack):
    """Returns when the actors have come back to the next one."""
    broker, = stack.children("troupe-broker")
    stack.kill(broker)
    wait_until(lambda: stack.children("troupe-broker") not in ([], [broker]) and painter_of(stack), 60,
               "another broker")


@pytest.fixture(name="waiting", scope="module")
def fixture_waiting(stack, studio):
    """The jobs that are left when the day is used up, over two brokers."""
    client = stack.client()
    made = client.wait_for(client.submit_character())["result"]["characterId"]
    assert client.wait_for(client.submit_image(made), "media-jobs")["status"] == "completed"
    kill_broker(stack)
    jobs = [client.submit_image(made) for _ in range(LIMIT)]
    wait_until(lambda: studio.ledger()["totals"]["image"]["count"] == LIMIT, 60, "the last calls of the day")

    def left():
        found = [job for job in jobs if client.job(job, "media-jobs")["status"] != "completed"]
        return found if len(found) == 2 else None

    jobs = wait_until(left, 60, "the last pictures")
    return jobs + [client.submit_image(made) for _ in range(2)]


def test_the_jobs_that_are_left_wait_for_the_day(stack, studio, waiting):
    client = stack.client()
    for job in waiting[-2:]:
        wait_until(lambda job=job: client.job(job, "media-jobs").get("waitReason") == "rate_limited", 60, "the reason")
    kill_broker(stack)
    for job in waiting:
        found = client.job(job, "media-jobs")
        assert found["attemptsMade"] == 0 and found["status"] not in ("completed", "failed")
    for job in waiting[-2:]:
        wait_until(lambda job=job: client.job(job, "media-jobs").get("waitReason") == "rate_limited", 60, "the reason")
    assert studio.ledger()["totals"]["image"]["count"] == LIMIT


def test_it_is_told_how_much_is_used_and_until_when(stack, waiting):
    assert waiting
    painter = painter_of(stack)
    assert painter["limits"] == [{"durationMs": DAY_MS, "max": LIMIT, "used": LIMIT}]
    assert painter["blockedUntil"] is None
    until = datetime.datetime.fromisoformat(painter["limitedUntil"].replace("Z", "+00:00"))
    left = until - datetime.datetime.now(datetime.timezone.utc)
    assert datetime.timedelta(hours=23) < left <= datetime.timedelta(hours=24, minutes=24)
    done = subprocess.run([TROUPE, "providers", "--data", stack.data], capture_output=True, text=True, timeout=30,
                          check=True)
    row, = [line for line in done.stdout.splitlines() if line.startswith("painter")]
    assert "at limit" in row and f"{LIMIT}/{LIMIT} in 1d" in row and row.split()[-1] == painter["limitedUntil"]


def test_metrics_tell_of_the_day(stack, waiting):
    assert waiting
    log = (stack.data / "stack.log").read_text()
    port = re.findall(r'program=troupe-broker msg="metrics" host=127\.0\.0\.1 port=(\d+)', log)[-1]

    def look():
        text = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=30).text
        found = re.findall(r'^troupe_provider_(limit\w*\{provider="\w+",window="\w+"\}) (\S+)$', text, re.MULTILINE)
        return dict(found)

    found = wait_until(look, what="the day in the metrics")
    labels = '{provider="painter",window="day"}'
    assert found == {f"limit{labels}": str(LIMIT), f"limit_used{labels}": str(LIMIT)}


def test_the_dashboard_shows_it(stack, waiting):
    assert waiting
    selenium()
    with Browser(stack.url) as browser:
        browser.open("/admin/queues/providers")
        browser.type("input[name=token]", stack.token("viewer", "--role", "viewer"))
        browser.click("form.login button")
        browser.wait("[data-provider=painter] .state", "At its limit")
        browser.wait("[data-provider=painter] .gauges", f"{LIMIT} of {LIMIT}")
        browser.wait("[data-provider=painter] .gauges", "Calls a day")
        browser.open("/admin/queues")
        browser.wait("[data-queue=image] .state", "Provider at its rate")
