"""What the stack tells of itself: the broker, its disk and its store, and the programs that are connected, by the API,
the command line and the dashboard."""

import datetime
import json
import os
import pathlib
import re
import subprocess

import pytest
import requests

from browser import Browser, selenium
from gateway_stand import stand, token  # noqa: F401
from stack import TROUPE, Client, Stack, wait_until
from test_dashboard import axe, violations_of  # noqa: F401

PATH = "/api/v1/admin/system"
ROLES = ["gateway", "character", "image", "video", "webhook"]


@pytest.fixture(scope="module")
def stack():
    with Stack("--rate", "off") as running:
        running.user = running.client()
        running.user.wait_for(running.user.submit_character())
        yield running


def client(stack, role="viewer"):
    return Client(stack.url, stack.token(f"a-{role}", "--role", role))


def told(stack, role="viewer"):
    answer = client(stack, role).get(PATH)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def since(text):
    return datetime.datetime.now(datetime.timezone.utc) - datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def processes(stack, program):
    return set(stack.children(program))


def test_the_broker_tells_of_itself(stack):
    system = wait_until(lambda: (lambda one: one["totals"]["actors"] == 4 and one)(told(stack)), what="all actors")
    broker = system["broker"]
    version = subprocess.run([TROUPE, "--version"], capture_output=True, text=True, check=True).stdout.split()
    assert broker["version"] == version[1]
    assert broker["commit"] == (None if version[3] == "unknown" else version[3])
    assert {broker["pid"]} == processes(stack, "troupe-broker")
    assert abs(since(broker["startedAt"]).total_seconds() * 1000 - broker["uptimeMs"]) < 5000
    assert system["disk"]["freeBytes"] > 0 and system["disk"]["low"] is False
    assert system["disk"]["floorBytes"] == 512 << 20
    commits = system["commits"]
    assert 0 < commits["count"] <= commits["operations"] < commits["bytes"]
    assert 0 < commits["timeUs"]["p50"] <= commits["timeUs"]["p99"]
    assert system["store"]["keys"] > 0 and system["store"]["memtableBytes"] > 0
    assert system["store"]["writesStopped"] is False and system["store"]["backgroundErrors"] == 0


def test_each_program_is_told_with_its_version(stack):
    system = told(stack)
    programs = system["programs"]
    assert sorted(each["role"] for each in programs) == sorted(ROLES)
    assert system["totals"] == {"gateways": 1, "actors": 4, "differing": 0}
    for program in programs:
        name = "troupe-gateway" if program["role"] == "gateway" else f"troupe-actor-{program['role']}"
        assert {program["pid"]} == processes(stack, name)
        assert (program["version"], program["commit"]) == (system["broker"]["version"], system["broker"]["commit"])
        assert not program["differs"] and program["host"] and since(program["connectedAt"]).total_seconds() < 600
    workers = client(stack).get("/api/v1/admin/workers").json()["data"]["workers"]
    ids = {each["programId"] for each in programs if each["role"] != "gateway"}
    assert ids == {worker["workerId"] for worker in workers}
    assert system["gateway"]["programId"] in {each["programId"] for each in programs}


def test_clients_that_follow_are_counted(stack):
    def follow(path, bearer, stay):
        headers = {"Authorization": f"Bearer {bearer}"}
        stream = requests.get(stack.url + path, headers=headers, stream=True, timeout=30)
        assert stream.status_code == 200
        stay.append(stream)

    def measured():
        text = requests.get(stack.url + "/metrics", timeout=30).text
        return int(re.search(r"^troupe_gateway_streams (\d+)", text, re.M)[1])

    before, streams = told(stack)["gateway"], measured()
    stay = []
    follow("/api/v1/events", stack.token(), stay)
    follow("/api/v1/admin/events", stack.token("v", "--role", "viewer"), stay)
    after = told(stack)["gateway"]
    assert (after["streams"], after["dashboards"]) == (before["streams"] + 1, before["dashboards"] + 1)
    assert measured() == streams + 2
    wait_until(lambda: 2 <= told(stack)["gateway"]["connections"] < after["connectionsMax"], what="two connections")
    for stream in stay:
        stream.close()


def test_a_dashboard_whose_client_has_gone_is_counted_no_longer(stack):
    def count():
        return told(stack)["gateway"]["dashboards"]

    headers = {"Authorization": f"Bearer {stack.token('v', '--role', 'viewer')}"}
    wait_until(lambda: count() == 0, 12, "the end of those of other tests")
    streams = [requests.get(stack.url + "/api/v1/admin/events", headers=headers, stream=True, timeout=30)
               for _ in range(3)]
    assert count() == 3
    for stream in streams[:2]:
        stream.close()
    wait_until(lambda: count() == 1, 12, "the one that stays")
    streams[2].close()
    wait_until(lambda: count() == 0, 12, "none")


def test_the_newest_backup_is_told(stack):
    assert told(stack)["backup"] == {"name": None, "completedAt": None, "running": False}
    for name in "first", "second":
        assert client(stack, "admin").post("/api/v1/admin/backups", {"name": name}).status_code == 202
        backup = wait_until(lambda name=name: (lambda one: one["name"] == name and one)(told(stack)["backup"]),
                            what="the backup")
        assert backup["running"] is False and since(backup["completedAt"]).total_seconds() < 60


def test_others_are_refused(stack):
    assert stack.user.get(PATH).status_code == 403
    assert stack.user.get(PATH, headers={"Authorization": "Bearer nonsense"}).status_code == 401


def run(stack, *words):
    return subprocess.run([TROUPE, "system", *words, "--data", stack.data], capture_output=True, text=True, timeout=30,
                          check=False)


def test_the_command_line_tells_the_same(stack):
    done = run(stack)
    assert done.returncode == 0 and done.stderr == ""
    lines = done.stdout.splitlines()
    rows = {line.split()[0]: line for line in lines if line}
    assert {"version", "host", "up", "disk", "backup", "commits", "store", "clients", *ROLES} <= set(rows)
    assert "free; new jobs are refused below 512.0 MiB" in rows["disk"] and "second" in rows["backup"]
    asked = json.loads(run(stack, "--json").stdout)
    assert asked["broker"] | {"uptimeMs": 0} == told(stack)["broker"] | {"uptimeMs": 0}
    assert run(stack, "more").returncode == 2


# ---- what is not well ----


def test_other_versions_and_a_full_disk_are_told(stand):  # noqa: F811
    answer = stand.gateway.get(PATH, bearer=token("eve", role="viewer"))
    assert answer.status_code == 200, answer.text
    system = answer.json()["data"]
    assert system["totals"] == {"gateways": 1, "actors": 0, "differing": 1}
    program, = system["programs"]
    assert (program["role"], program["version"], program["differs"]) == ("gateway", "0.0.2", True)
    assert (system["broker"]["version"], system["broker"]["commit"]) == ("0.0.1", "abc")
    assert system["disk"] == {"freeBytes": None, "floorBytes": 512 << 20, "low": True}


# ---- the page ----


@pytest.fixture(scope="module")
def browser(stack):
    selenium()
    with Browser(stack.url) as running:
        running.open("/admin/queues/system")
        running.type("input[name=token]", stack.token("eve", "--role", "viewer"))
        running.click("form.login button")
        running.wait("main h1", "System")
        yield running


def test_the_page_shows_it_to_a_viewer(stack, browser):
    system = told(stack)
    browser.wait("[data-part=broker] .facts", system["broker"]["version"])
    browser.wait("[data-part=disk] .facts", "accepted")
    browser.wait("[data-part=disk] .facts", "second")
    browser.wait("[data-part=store] .facts", "go on")
    assert len(browser.all("[data-program]")) == len(system["programs"])
    assert not browser.all("main .problem")
    browser.wait(".programs", "(this one)")
    browser.wait("nav.side [aria-current]", "System")
    assert not browser.all("main button")


def change(browser, other):
    """Makes answers of the API other ones: parts of what they say come from a test."""
    browser.script("""const [other] = arguments; window.real ||= window.fetch;
        const put = (into, from) => Object.entries(from).forEach(([name, value]) =>
            value && typeof value === 'object' ? put(into[name], value) : (into[name] = value));
        window.fetch = async (path, ...more) => { const answer = await window.real(path, ...more);
            if (!String(path).endsWith('/system')) return answer;
            const value = await answer.json(); put(value.data, other);
            return new Response(JSON.stringify(value), {status: 200, headers: answer.headers}); }""", other)


def test_what_is_not_well_stands_above(browser):
    change(browser, {"disk": {"low": True}, "totals": {"differing": 1}, "store": {"writesStopped": True},
                     "programs": {"0": {"differs": True, "version": "0.0.9"}}})
    browser.wait("main .problem", "new jobs are refused until 512 MiB are free")
    browser.wait("main .problem", "1 program runs another version than the broker")
    browser.wait("main .problem", "has stopped writing")
    browser.wait("[data-program] .state.bad", "differs")
    change(browser, {})


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_shuts_nobody_out(browser, axe, width, look):  # noqa: F811
    browser.resize(width, 900)
    browser.script("localStorage.setItem('troupe-theme', arguments[0])", look)
    browser.open("/admin/queues/system")
    browser.wait("[data-part=broker]")
    assert not violations_of(browser, axe)
    assert browser.script("return document.documentElement.scrollWidth") <= width
    if os.environ.get("TEST_PICTURES"):
        browser.resize(width, 1500)
        browser.picture(pathlib.Path(os.environ["TEST_PICTURES"]) / f"system-{look}-{width}.png")
