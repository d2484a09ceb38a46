"""What is told of providers, of two in a whole stack of which one is down: by the API, the command line, the metrics
and the dashboard."""

import json
import re
import subprocess

import pytest
import requests

import fake_provider
from browser import Browser, selenium
from fake_provider import status
from stack import TROUPE, Client, Stack, wait_until

PATH = "/api/v1/admin/providers"


@pytest.fixture(name="stack", scope="module")
def fixture_stack(tmp_path_factory):
    """A painter that fails for everybody, with jobs that wait for it, and a talker that has answered."""
    folder = tmp_path_factory.mktemp("providers")
    providers = [fake_provider.Provider() for _ in range(2)]
    painter = {"name": "painter", "url": providers[0].url, "model": "m", "account": "art",
               "limits": {"perSecond": 100}}
    talker = {"name": "talker", "url": providers[1].url, "model": "m"}
    (folder / "providers.json").write_text(json.dumps({"chat": [talker], "image": [painter], "video": [painter]}))
    environment = {"TROUPE_PROVIDERS_FILE": str(folder / "providers.json"), "TROUPE_RESULT_PRIVATE": "on",
                   "TROUPE_LOG_LEVEL": "info"}
    try:
        with Stack("--provider", "live", "--rate", "off", "--metrics", "0", environment=environment,
                   data=folder) as running:
            user = running.client()
            made = user.wait_for(user.submit_character())["result"]["characterId"]
            # It stays down: each probe fails, for twice as long as before, and costs a job one of its attempts.
            providers[0].script["image"] = [status(503)] * 50
            running.jobs = [user.submit_image(made) for _ in range(8)]
            yield running
    finally:
        for provider in providers:
            provider.close()


def admin(stack, role="admin"):
    return Client(stack.url, stack.token(f"a-{role}", "--role", role))


def told(stack, role="admin"):
    answer = admin(stack, role).get(PATH)
    assert answer.status_code == 200, answer.text
    return {one["provider"]: one for one in answer.json()["data"]["providers"]}


def is_most(stack, count):
    """Of the jobs that wait, of which probes may have used up a few."""
    return len(stack.jobs) - 3 <= int(count) <= len(stack.jobs)


def down(stack):
    def look():
        painter = told(stack, "viewer")["painter"]
        return painter["breaker"]["state"] == "open" and is_most(stack, painter["waiting"]) and painter
    return wait_until(look, 60, "a provider that is down")


def test_it_is_told_which_is_down_and_who_waits(stack):
    painter = down(stack)
    assert painter["account"] == "art" and painter["uses"] == ["image", "video"]
    assert painter["breaker"]["since"] < painter["breaker"]["until"]
    assert painter["perMinute"]["errors"] >= 5 and painter["perMinute"]["calls"] >= painter["perMinute"]["errors"]
    second, = painter["limits"]
    assert (second["durationMs"], second["max"]) == (1000, 100)
    assert painter["workers"] == 3
    talker = told(stack)["talker"]
    assert talker["account"] == "talker" and talker["uses"] == ["chat"] and talker["waiting"] == 0
    assert talker["breaker"]["state"] == "closed" and talker["breaker"]["until"] is None and talker["limits"] == []
    assert talker["perMinute"]["errors"] == 0


def test_others_are_refused(stack):
    assert stack.client().get(PATH).status_code == 403
    assert stack.client().get(PATH, headers={"Authorization": "Bearer nonsense"}).status_code == 401


def test_the_command_line_has_a_table(stack):
    painter = down(stack)
    done = subprocess.run([TROUPE, "providers", "--data", stack.data], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    rows = {line.split()[0]: line.split() for line in done.stdout.splitlines()}
    assert rows["painter"][1:3] == ["down", "image,video"]
    assert is_most(stack, rows["painter"][5]) and rows["painter"][6:8] == ["3", "art"]
    assert rows["painter"][-1] == painter["breaker"]["until"] and rows["talker"][1:3] == ["works", "chat"]


def test_metrics_tell_of_the_breakers(stack):
    down(stack)
    log = (stack.data / "stack.log").read_text()
    port = re.search(r'program=troupe-broker msg="metrics" host=127\.0\.0\.1 port=(\d+)', log)[1]

    def look():
        text = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=30).text
        found = dict(re.findall(r'^troupe_provider_(\w+\{provider="\w+"\}) (\S+)$', text, re.MULTILINE))
        return found if found.get('breaker_state{provider="painter"}') == "1" else None

    found = wait_until(look, what="an open breaker in the metrics")
    assert found['breaker_state{provider="talker"}'] == "0"
    assert is_most(stack, found['waiting_jobs{provider="painter"}'])
    assert found['actors{provider="painter"}'] == "3"


def test_the_dashboard_shows_it(stack):
    selenium()
    down(stack)
    with Browser(stack.url) as browser:
        browser.open("/admin/queues/providers")
        browser.type("input[name=token]", stack.token("viewer", "--role", "viewer"))
        browser.click("form.login button")
        browser.wait("[data-provider=painter] .state", "Down")
        browser.wait("[data-provider=talker] .state", "Works")
        browser.wait("[data-provider=painter] .gauges", " jobs")
        browser.wait("h1 + p", "2 providers · 1 down")
