"""What jobs cost, in a whole stack with providers that have prices: estimates, spends, budgets, and a broker that is
killed in between."""

import json
import os
import pathlib
import re
import signal
import subprocess
import time

import pytest

import fake_provider
from browser import Browser, selenium
from fake_provider import status
from stack import TROUPE, Client, Stack, wait_until
from test_metrics import fetch, ports_of, samples_of, value_of

CHAT, IMAGE, VIDEO = 0.001, 0.02, 0.5
CHARACTER = 0.021


@pytest.fixture
def provider():
    made = fake_provider.Provider()
    yield made
    made.close()


@pytest.fixture
def start(provider, tmp_path):
    stacks = []

    def start_stack(video=None, **settings):
        path = tmp_path / "providers.json"
        entries = {use: [{"name": "priced-" + use, "url": provider.url, "model": "m", "price": price}]
                   for use, price in (("chat", CHAT), ("image", IMAGE), ("video", VIDEO))}
        entries["video"][0] |= video or {}
        path.write_text(json.dumps(entries))
        environment = {"TROUPE_PROVIDERS_FILE": str(path), "TROUPE_RESULT_PRIVATE": "on", "TROUPE_REPEAT_AFTER": "0",
                       "TROUPE_LOG_LEVEL": "info", **settings}
        stack = Stack("--provider", "live", "--rate", "off", "--metrics", "0", environment=environment,
                      data=tmp_path).start()
        stacks.append(stack)
        return stack

    yield start_stack
    for stack in stacks:
        stack.stop()


def usage(client, days=1):
    answer = client.get("/api/v1/usage", params={"days": days})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def sums(client):
    """Spent, reserved, and the day's spent, operations and jobs. A test that passes midnight (UTC) sees two days."""
    data = usage(client, days=2)
    days = data["days"]
    return (data["budget"]["spentUsd"], data["budget"]["reservedUsd"], round(sum(day["spentUsd"] for day in days), 6),
            sum(day["operations"] for day in days), sum(day["jobs"] for day in days))


def metrics(stack):
    """What the broker's tell of money: {(provider, queue): spent}, and of all what is uncertain and what was wasted."""
    samples = samples_of(fetch(ports_of(stack)["troupe-broker"]).text)
    spent = {(dict(labels)["provider"], dict(labels)["queue"]): value
             for labels, value in samples.get("troupe_provider_cost_usd_total", {}).items()}
    return spent, *(value_of(samples, f"troupe_{name}_usd_total") for name in ("cost_uncertain", "wasted"))


def timeline(client, job, family="character-jobs"):
    answer = client.get(f"/api/v1/{family}/{job}?include=timeline")
    return answer.json()["data"]["timeline"]["events"]


@pytest.mark.parametrize("code, chats", [("invalid_value", 1), ("content_policy_violation", 2)])
def test_a_job_that_is_tried_again_pays_for_no_text_twice(start, provider, code, chats):
    """Unless its text is what was refused: another one may pass."""
    client = start().client("ada")
    wait_until(lambda: client.get("/readyz").status_code == 200)
    provider.script["image"] = [status(400, {"error": {"code": code, "message": "no"}})]
    job = client.submit_character()
    assert client.wait_for(job)["status"] == "failed"
    assert client.post(f"/api/v1/character-jobs/{job}/retry").status_code == 200
    made = client.wait_for(job, status="completed")
    assert (provider.count("chat"), made["cost"]["spentUsd"]) == (chats, round(IMAGE + chats * CHAT, 6))


def test_a_job_is_estimated_paid_for_and_told(start, provider):
    stack = start()
    client = stack.client("ada")
    wait_until(lambda: client.get("/readyz").status_code == 200)
    job = client.submit_character()
    made = client.wait_for(job)
    assert made["cost"] == {"estimateUsd": CHARACTER, "spentUsd": CHARACTER, "uncertainUsd": 0}
    told = [(event["provider"], event["operation"], event["charged"], event["priceUsd"], event["spentUsd"])
            for event in timeline(client, job) if event["event"] == "provider"]
    assert told == [("priced-chat", "finished", "yes", CHAT, CHAT),
                    ("priced-image", "finished", "yes", IMAGE, CHARACTER)]
    assert timeline(client, job)[-1]["spentUsd"] == CHARACTER
    character = made["result"]["characterId"]
    picture = client.wait_for(client.submit_image(character), "media-jobs")
    video = client.wait_for(client.submit_video(character, picture["result"]["mediaId"]), "media-jobs")
    assert video["cost"]["spentUsd"] == CHAT + VIDEO
    assert sums(client) == (0.542, 0, 0.542, 5, 3)
    providers = {one["provider"]: one["spentUsd"] for day in usage(client, 2)["days"] for one in day["providers"]}
    assert providers == {"priced-chat": 0.002, "priced-image": 0.04, "priced-video": 0.5}
    admin = Client(stack.url, stack.token("root", "--role", "admin"))
    answer = admin.get("/api/v1/admin/usage", params={"owner": "ada", "days": 2})
    assert answer.json()["data"]["days"] == usage(client, 2)["days"]
    told = {("priced-chat", "character"): CHAT, ("priced-image", "character"): IMAGE, ("priced-image", "image"): IMAGE,
            ("priced-chat", "video"): CHAT, ("priced-video", "video"): VIDEO}
    wait_until(lambda: metrics(stack) == (told, 0, 0), what="the same in the metrics")
    other = stack.client("eve")
    other.wait_for(other.submit_character())
    everybody = admin.get("/api/v1/admin/usage", params={"days": 2}).json()["data"]
    assert everybody["owner"] is None and everybody["budget"]["limitUsd"] is None
    assert everybody["budget"]["spentUsd"] == everybody["days"][0]["spentUsd"]
    assert round(sum(day["spentUsd"] for day in everybody["days"]), 6) == round(0.542 + CHARACTER, 6)
    assert sum(day["jobs"] for day in everybody["days"]) == 4
    assert admin.get(f"/api/v1/admin/jobs/{job}").json()["data"]["cost"]["spentUsd"] == CHARACTER
    assert sums(stack.client("ben")) == (0, 0, 0, 0, 0)


def test_what_is_refused_costs_nothing_and_what_is_cut_off_perhaps(start, provider):
    stack = start()
    client = stack.client()
    made = client.wait_for(client.submit_character())
    provider.script["image"] = [status(400)]
    refused = client.wait_for(client.submit_image(made["result"]["characterId"]), "media-jobs")
    assert (refused["status"], refused["cost"]["spentUsd"]) == ("failed", 0)
    provider.script["image"] = [fake_provider.close]
    twice = client.wait_for(client.submit_image(made["result"]["characterId"]), "media-jobs")
    assert twice["status"] == "completed"
    assert twice["cost"] == {"estimateUsd": IMAGE, "spentUsd": 2 * IMAGE, "uncertainUsd": IMAGE}
    assert usage(client)["budget"]["reservedUsd"] == 0
    told = {("priced-chat", "character"): CHAT, ("priced-image", "character"): IMAGE,
            ("priced-image", "image"): 2 * IMAGE}
    wait_until(lambda: metrics(stack) == (told, IMAGE, 0), what="the same in the metrics")


@pytest.mark.parametrize("entry, charged, spent, uncertain", [
    ({}, "unknown", VIDEO, VIDEO), ({"chargesCancelled": True}, "yes", VIDEO, 0),
    ({"chargesCancelled": False}, "no", 0, 0),
])
def test_a_task_that_is_dropped_costs_what_its_provider_asks_for_it(start, provider, entry, charged, spent, uncertain):
    stack = start(video=entry)
    client = stack.client("ada")
    made = client.wait_for(client.submit_character(), status="completed")["result"]
    media = client.get(f"/api/v1/characters/{made['characterId']}").json()["data"]["mediaId"]
    provider.script["poll"] = [provider.running] * 100
    job = client.submit_video(made["characterId"], media)
    wait_until(lambda: provider.count("poll") > 0, what="a poll of the task")
    assert client.call("DELETE", f"/api/v1/media-jobs/{job}").status_code == 200
    ended = client.wait_for(job, "media-jobs", status="cancelled")
    told = [(event["operation"], event["charged"]) for event in timeline(client, job, "media-jobs")
            if event["event"] == "provider"]
    assert told[-1] == ("cancelled", charged) and provider.count("cancel") == 1
    assert ended["cost"] == {"estimateUsd": CHAT + VIDEO, "spentUsd": CHAT + spent, "uncertainUsd": uncertain}
    assert usage(client)["budget"]["reservedUsd"] == 0
    wait_until(lambda: metrics(stack)[1] == uncertain, what="the same in the metrics")


@pytest.mark.parametrize("name, answer, told", [
    ("poll", "hang", "cancelled"), ("poll", status(500), "cancelled"),
    ("poll", status(200, {"data": {"status": "paused"}}), "cancelled"),
    ("cancel", status(200, b"<html>Please log in</html>"), "submitted"),
])
def test_what_is_not_known_to_run_when_it_is_dropped_may_cost(start, provider, name, answer, told):
    """It may have been made: the provider does not charge for what it dropped, but for that."""
    stack = start(video={"chargesCancelled": False, "pollSeconds": 10})
    client = stack.client()
    made = client.wait_for(client.submit_character(), status="completed")["result"]
    media = client.get(f"/api/v1/characters/{made['characterId']}").json()["data"]["mediaId"]
    provider.script["poll"] = [provider.running] * 100
    provider.script[name] = [provider.hang if answer == "hang" else answer] * 100
    job = client.submit_video(made["characterId"], media)
    wait_until(lambda: [event for event in timeline(client, job, "media-jobs") if event.get("operation")][1:],
               what="the task's record")
    assert client.call("DELETE", f"/api/v1/media-jobs/{job}").status_code == 200
    ended = client.wait_for(job, "media-jobs", status="cancelled")
    events = [event for event in timeline(client, job, "media-jobs") if event["event"] == "provider"]
    assert (events[-1]["operation"], events[-1]["charged"]) == (told, "unknown") and provider.count("cancel") >= 1
    assert ended["cost"] == {"estimateUsd": CHAT + VIDEO, "spentUsd": CHAT + VIDEO, "uncertainUsd": VIDEO}


def test_a_chat_that_is_cut_off_is_asked_again_and_counted(start, provider):
    stack = start()
    client = stack.client()
    provider.script["chat"] = [fake_provider.close, fake_provider.close]
    made = client.wait_for(client.submit_character())
    assert made["status"] == "completed"
    assert made["cost"] == {"estimateUsd": CHARACTER, "spentUsd": 0.023, "uncertainUsd": 0.002}
    shown = subprocess.run([TROUPE, "show", made["jobId"], "--data", stack.data], capture_output=True, text=True,
                           check=True)
    assert "\ncost         0.023 USD, estimated at 0.021, 0.002 of it uncertain\n" in shown.stdout


def test_what_a_chat_model_refuses_is_paid_for(start, provider):
    """Its refusal is an answer of so many words."""
    client = start().client()
    provider.script["chat"] = [status(200, {"choices": [{"message": {"content": None, "refusal": "I will not"}}]})]
    job = client.submit_character()
    refused = client.wait_for(job)
    assert (refused["status"], refused["failedReason"]) == ("failed", "I will not")
    assert refused["cost"] == {"estimateUsd": CHARACTER, "spentUsd": CHAT, "uncertainUsd": 0}
    assert client.post(f"/api/v1/character-jobs/{job}/retry").status_code == 200
    assert client.wait_for(job, status="completed")["cost"]["spentUsd"] == round(CHARACTER + CHAT, 6)


def test_a_broker_that_is_killed_knows_to_the_cent(start, provider):
    stack = start(TROUPE_BUDGET_USER_DAY="1")
    client = stack.client()
    made = client.wait_for(client.submit_character())
    provider.script["image"] = [provider.hang]
    held = client.submit_image(made["result"]["characterId"])
    wait_until(lambda: provider.count("image") == 2, what="the call that hangs")
    assert sums(client) == (CHARACTER, IMAGE, CHARACTER, 2, 1)
    broker, = stack.children("troupe-broker")
    stack.kill(broker, signal.SIGKILL)
    wait_until(lambda: stack.children("troupe-broker") not in ([], [broker]))
    wait_until(lambda: client.get("/readyz").status_code == 200)
    assert sums(client) == (CHARACTER, IMAGE, CHARACTER, 2, 1)
    client.call("DELETE", f"/api/v1/media-jobs/{held}")
    ended = client.wait_for(held, "media-jobs")
    assert ended["cost"]["spentUsd"] == ended["cost"]["uncertainUsd"] == IMAGE  # nobody knows what became of it
    assert sums(client) == (0.041, 0, 0.041, 3, 2)


def test_a_budget_warns_then_refuses_and_what_lives_goes_on(start, provider):
    stack = start(TROUPE_BUDGET_USER_DAY="0.1", TROUPE_BUDGET_USER_DAY_SOFT="0.05")
    client = stack.client()
    made = client.wait_for(client.submit_character())
    character = made["result"]["characterId"]
    provider.script["image"] = [provider.hang]
    path = f"/api/v1/characters/{character}/generate-image/queue"
    assert "x-troupe-budget-warning" not in client.post(path, {}).headers
    warned = client.post(path, {})
    assert warned.status_code == 202
    assert re.fullmatch(r"spent=0\.021, reserved=0\.0[24], warn=0\.05, limit=0\.1, reset=\d+|"
                        r"spent=0\.041, reserved=0\.02, warn=0\.05, limit=0\.1, reset=\d+",
                        warned.headers["x-troupe-budget-warning"])
    wait_until(lambda: usage(client)["budget"]["reservedUsd"] == IMAGE, what="one that hangs, one that is paid for")
    batch = {"jobs": [{"type": "image", "characterId": character} for _ in range(2)]}
    refused = client.post("/api/v1/batches", batch)
    assert refused.status_code == 402 and refused.json()["error"]["code"] == "budget_exceeded"
    data = refused.json()["data"]
    assert (data["limitUsd"], data["spentUsd"], data["reservedUsd"], data["estimateUsd"]) == (0.1, 0.041, 0.02, 0.04)
    assert 0 < int(refused.headers["retry-after"]) <= 86400
    last = client.post(path, {})
    assert last.status_code == 202 and "x-troupe-budget-warning" in last.headers
    client.wait_for(last.json()["data"]["jobId"], "media-jobs")
    assert client.post(path, {}).status_code == 402
    pipeline = {"character": {"name": "Ada"}, "images": [{}]}
    assert client.post("/api/v1/pipelines", pipeline).status_code == 402
    assert stack.client("another").post("/api/v1/characters/queue", {"name": "Ben"}).status_code == 202


def test_settings_that_make_no_sense_are_refused(tmp_path):
    broker = TROUPE.parent / "troupe-broker"
    base = {"TROUPE_DATA": str(tmp_path), "TROUPE_GATEWAY_ENDPOINT": f"ipc://{tmp_path}/g",
            "TROUPE_ACTOR_ENDPOINT": f"ipc://{tmp_path}/a"}
    for name, value in (("TROUPE_BUDGET_USER_DAY", "-1"), ("TROUPE_BUDGET_USER_DAY", "0"),
                        ("TROUPE_BUDGET_USER_DAY", "five"), ("TROUPE_BUDGET_USER_DAY", "1e3"),
                        ("TROUPE_BUDGET_USER_DAY_SOFT", "0.0000001")):
        done = subprocess.run([broker], env={**base, name: value}, capture_output=True, text=True, timeout=30)
        assert done.returncode == 2 and f"name={name}" in done.stderr, done.stderr
    done = subprocess.run([broker], env={**base, "TROUPE_BUDGET_USER_DAY": "1", "TROUPE_BUDGET_USER_DAY_SOFT": "2"},
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 2 and "no more than" in done.stderr


def take_pictures(browser, page):
    """Left in the folder that TEST_PICTURES names."""
    for look, width in ("light", 1280), ("dark", 390):
        if os.environ.get("TEST_PICTURES"):
            browser.script("localStorage.setItem('troupe-theme', arguments[0])", look)
            browser.resize(width, 900)
            browser.open("/admin/queues/" + page)
            browser.wait("main", "pent")
            browser.picture(pathlib.Path(os.environ["TEST_PICTURES"]) / f"spent-{page}-{look}-{width}.png")
    browser.resize(1280, 900)


def test_the_dashboard_tells_what_was_spent(start, provider):
    selenium()
    if time.strftime("%H%M", time.gmtime()) >= "2357":
        pytest.skip("what is spent today is over before it is looked at")
    stack = start()
    for owner, times in ("ada", 2), ("ben", 1):
        user = stack.client(owner)
        for _ in range(times):
            user.wait_for(user.submit_character())
    admin = Client(stack.url, stack.token("root", "--role", "admin"))
    assert admin.post("/api/v1/admin/queues/character/pause").status_code == 200
    for owner in "ada", "ben", "eve":
        stack.client(owner).submit_character()
    with Browser(stack.url) as browser:
        browser.open("/admin/queues/users")
        browser.type("input[name=token]", stack.token("viewer", "--role", "viewer"))
        browser.click("form.login button")
        for owner, spent in ("ada", "$0.042"), ("ben", "$0.021"), ("eve", "–"):
            browser.wait(f"[data-user={owner}]", spent)
        take_pictures(browser, "users")
        browser.open("/admin/queues/providers")
        browser.wait("h1 + p", "$0.063 spent today")
        browser.wait("[data-provider=priced-image] .gauges", "$0.06")
        browser.wait("[data-provider=priced-video] .gauges", "$0.00")
        take_pictures(browser, "providers")
