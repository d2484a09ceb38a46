"""Webhooks by the whole stack and receivers on loopback: what is delivered, to whom, how often, and how it is signed
(Standard Webhooks 1.0.0)."""

import base64
import json
import socket
import subprocess
import time

import pytest

import node
from receiver import Receiver, signature
from stack import Stack, wait_until
from webhook_stand import LOOPBACK, NULL, create, deliveries, delivery_in, stack  # noqa: F401


def test_the_end_of_a_job_is_delivered_and_signed(stack):
    client = stack.client("ada")
    with Receiver() as receiver:
        webhook, secret = create(client, receiver.url, description="mine")
        job = client.submit_character()
        headers, body, path = receiver.wait(1)[0]
        assert path == "/hook" and headers["Content-Type"] == "application/json"
        assert headers["User-Agent"].startswith("troupe/")
        assert headers["webhook-signature"] == signature(secret, headers, body)
        assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
        event = json.loads(body)
        state = client.wait_for(job)
        assert len(body) < 20000 and event["type"] == "job.completed"
        assert event["timestamp"] == state["completedAt"]
        assert event["data"]["jobId"] == job and event["data"]["status"] == "completed"
        assert event["data"]["characterId"] == state["result"]["characterId"]
        assert event["data"]["type"] == "character" and event["data"]["failedReason"] is None
        one = delivery_in(client, webhook, "completed")
        assert one["deliveryId"] == headers["webhook-id"] and one["jobId"] == job
        assert one["lastStatus"] == 204 and one["attemptsMade"] == 1 and one["lastError"] is None
        assert client.call("DELETE", f"/api/v1/webhooks/{webhook}").status_code == 204


def test_a_secret_is_shown_when_it_is_asked_for_only(stack):
    client = stack.client("bea")
    webhook, secret = create(client, "http://127.0.0.1:9/")
    assert 24 <= len(base64.b64decode(secret.removeprefix("whsec_"))) <= 64
    for path in ("/api/v1/webhooks", f"/api/v1/webhooks/{webhook}"):
        answer = client.get(path)
        assert answer.status_code == 200 and "whsec_" not in answer.text
    answer = client.get(f"/api/v1/webhooks/{webhook}/secret")
    assert answer.json()["data"] == {"webhookId": webhook, "secret": secret, "previousSecretUntil": None}
    assert secret.removeprefix("whsec_") not in stack.text_of_log()


def test_a_key_makes_one_webhook(stack):
    client, other = stack.client("keyed"), stack.client("other-keyed")
    body, headers = {"url": "http://127.0.0.1:9/keyed", "events": ["failed"]}, {"Idempotency-Key": "k 1"}
    first = client.post("/api/v1/webhooks", body, headers=headers)
    again = client.post("/api/v1/webhooks", body, headers=headers)
    assert first.status_code == again.status_code == 201 and first.json() == again.json()
    assert "Idempotency-Replayed" not in first.headers and again.headers["Idempotency-Replayed"] == "true"
    assert other.post("/api/v1/webhooks", body, headers=headers).json() != first.json()
    for changed in {**body, "url": "http://127.0.0.1:9/else"}, {"url": body["url"]}, {**body, "description": "x"}:
        answer = client.post("/api/v1/webhooks", changed, headers=headers)
        assert answer.status_code == 422 and answer.json()["error"]["code"] == "idempotency_key_reused"
    answer = client.post("/api/v1/webhooks", body, headers={"Idempotency-Key": "k" * 256})
    assert answer.status_code == 400 and answer.json()["error"]["details"][0]["field"] == "Idempotency-Key"
    assert len(client.get("/api/v1/webhooks").json()["data"]) == 1
    webhook = first.json()["data"]["webhook"]["webhookId"]
    assert client.call("DELETE", f"/api/v1/webhooks/{webhook}").status_code == 204
    anew = client.post("/api/v1/webhooks", body, headers=headers)
    assert anew.status_code == 201 and anew.json()["data"]["signing"] != first.json()["data"]["signing"]
    client.call("DELETE", f"/api/v1/webhooks/{webhook}")


def test_an_answer_with_a_secret_is_not_to_be_kept(stack):
    client = stack.client("bob")
    made = client.post("/api/v1/webhooks", {"url": "http://127.0.0.1:9/"})
    path = f"/api/v1/webhooks/{made.json()['data']['webhook']['webhookId']}"
    for answer in made, client.get(path + "/secret"), client.post(path + "/rotate-secret"):
        assert "whsec_" in answer.text and answer.headers["cache-control"] == "no-store"
    assert client.get(path).headers["cache-control"] == "private, no-cache"


def test_only_the_events_that_were_asked_for_come(stack):
    client = stack.client("cleo")
    with Receiver() as receiver, Receiver() as other:
        create(client, receiver.url, events=["active", "completed"])
        create(client, other.url, events=["cancelled"])
        job = client.submit_character()
        receiver.wait(2)
        client.wait_for(job)
        # In no order between two deliveries: seq tells it.
        assert sorted((event["data"]["seq"], event["type"]) for event in receiver.bodies()) == [
            (2, "job.active"), (max(event["data"]["seq"] for event in receiver.bodies()), "job.completed")]
        assert other.requests == []


def test_a_failed_delivery_is_tried_again_under_its_id(stack):
    client = stack.client("dan")
    with Receiver(lambda number, body: (500 if number == 1 else 200, {})) as receiver:
        webhook, secret = create(client, receiver.url)
        client.submit_character()
        waiting = delivery_in(client, webhook, "waiting")
        assert waiting["lastStatus"] == 500 and waiting["lastError"]["code"] == "http_500"
        (first, body, _), (second, again, _) = receiver.wait(2)
        assert first["webhook-id"] == second["webhook-id"] and body == again
        assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) >= 5
        assert second["webhook-signature"] == signature(secret, second, again) != first["webhook-signature"]
        done = delivery_in(client, webhook, "completed")
        assert done["attemptsMade"] == 2 and done["lastStatus"] == 200


def seconds_between(earlier, later):
    parse = [time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S") for text in (earlier, later)]
    return time.mktime(parse[1]) - time.mktime(parse[0])


def test_a_receiver_can_ask_for_more_time(stack):
    client = stack.client("eve")
    with Receiver(lambda number, body: (503, {"Retry-After": "900"})) as receiver:
        webhook, _ = create(client, receiver.url)
        client.submit_character()
        one = delivery_in(client, webhook, "waiting")
        assert 898 <= seconds_between(one["attemptedAt"], one["nextAttemptAt"]) <= 902


def test_no_redirect_is_followed(stack):
    client = stack.client("finn")
    with Receiver() as target, Receiver(lambda number, body: (302, {"Location": target.url})) as receiver:
        webhook, _ = create(client, receiver.url)
        client.submit_character()
        one = delivery_in(client, webhook, "waiting")
        assert one["lastStatus"] == 302 and "redirect" in one["lastError"]["message"]
        assert target.requests == []


def test_a_receiver_that_is_gone_is_not_told_again(stack):
    client = stack.client("gus")
    with Receiver(lambda number, body: (410 if number == 1 else 204, {})) as receiver:
        webhook, _ = create(client, receiver.url)
        client.submit_character()
        assert delivery_in(client, webhook, "failed")["lastStatus"] == 410
        state = client.get(f"/api/v1/webhooks/{webhook}").json()["data"]
        assert state["status"] == "disabled" and state["disabledAt"] and "410" in state["disabledReason"]
        client.wait_for(client.submit_character())
        assert len(deliveries(client, webhook)) == 1
        answer = client.call("PATCH", f"/api/v1/webhooks/{webhook}", json={"enabled": True})
        assert answer.status_code == 200 and answer.json()["data"]["status"] == "enabled"
        client.submit_character()
        delivery_in(client, webhook, "completed")


def test_a_receiver_that_hangs_delays_nobody_else(stack):
    slow, quick = stack.client("hana"), stack.client("ivo")
    ended = None

    def hang(number, body):
        ended.wait(60)
        return 204, {}

    with Receiver(hang) as hanging, Receiver() as receiver:
        ended = hanging.ended
        create(slow, hanging.url)
        create(quick, receiver.url)
        for _ in range(30):
            slow.submit_character()
        hanging.wait(10)
        start = time.monotonic()
        quick.submit_character()
        receiver.wait(1, seconds=10)
        assert time.monotonic() - start < 10
        assert len(hanging.requests) <= 10, "one user has no more than ten under way"


def test_a_dead_receiver_is_told_of_in_the_log(stack):
    client = stack.client("jo")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        webhook, _ = create(client, f"http://127.0.0.1:{closed.getsockname()[1]}/")
        client.submit_character()
        one = delivery_in(client, webhook, "waiting")
        assert one["lastStatus"] is None and one["lastError"]["code"] == "unreachable"


def test_a_replaced_secret_signs_along(stack):
    client = stack.client("kim")
    with Receiver() as receiver:
        webhook, old = create(client, receiver.url)
        answer = client.post(f"/api/v1/webhooks/{webhook}/rotate-secret")
        assert answer.status_code == 200, answer.text
        new = answer.json()["data"]["secret"]
        assert new != old and answer.json()["data"]["previousSecretUntil"]
        client.submit_character()
        headers, body, _ = receiver.wait(1)[0]
        assert headers["webhook-signature"].split() == [signature(secret, headers, body) for secret in (new, old)]


def test_what_waits_goes_where_the_webhook_is_now(stack):
    client = stack.client("lea")
    with Receiver(lambda number, body: (500, {})) as first, Receiver() as second:
        webhook, _ = create(client, first.url)
        client.submit_character()
        first.wait(1)
        answer = client.call("PATCH", f"/api/v1/webhooks/{webhook}",
                             json={"url": second.url, "description": "moved", "events": ["failed"]})
        assert answer.json()["data"]["url"] == second.url and answer.json()["data"]["events"] == ["failed"]
        second.wait(1)
        assert second.requests[0][0]["webhook-id"] == first.requests[0][0]["webhook-id"]


def test_a_deleted_webhook_is_told_of_nothing(stack):
    client = stack.client("mia")
    with Receiver(lambda number, body: (500, {})) as receiver:
        webhook, _ = create(client, receiver.url)
        client.submit_character()
        receiver.wait(1)
        for status in (204, 404):
            assert client.call("DELETE", f"/api/v1/webhooks/{webhook}").status_code == status
        for path in ("", "/secret", "/deliveries"):
            assert client.get(f"/api/v1/webhooks/{webhook}{path}").status_code == 404
        assert client.post(f"/api/v1/webhooks/{webhook}/rotate-secret").status_code == 404
        client.wait_for(client.submit_character())
        assert len(receiver.requests) == 1


def test_another_users_webhook_is_not_there(stack):
    webhook, _ = create(stack.client("nick"), "http://127.0.0.1:9/")
    other = stack.client("olga")
    for path in ("", "/secret", "/deliveries"):
        assert other.get(f"/api/v1/webhooks/{webhook}{path}").status_code == 404
    assert other.call("PATCH", f"/api/v1/webhooks/{webhook}", json={"enabled": True}).status_code == 404
    assert other.call("DELETE", f"/api/v1/webhooks/{webhook}").status_code == 404
    assert other.get("/api/v1/webhooks").json()["data"] == []


def test_deliveries_are_no_jobs_of_the_user(stack):
    client = stack.client("pia")
    with Receiver() as receiver:
        webhook, _ = create(client, receiver.url)
        job = client.submit_character()
        delivery = delivery_in(client, webhook, "completed")["deliveryId"]
        listed = client.get("/api/v1/character-jobs").json()
        assert [one["jobId"] for one in listed["data"]] == [job] and listed["pagination"]["total"] == 1
        assert client.get("/api/v1/media-jobs").json()["pagination"]["total"] == 0
        for family in ("character-jobs", "media-jobs"):
            assert client.get(f"/api/v1/{family}/{delivery}").status_code == 404
            assert client.get(f"/api/v1/{family}/{delivery}/events").status_code == 404
            assert client.call("DELETE", f"/api/v1/{family}/{delivery}").status_code == 404
        events = client.events("/api/v1/events", last_event_id=0, until=lambda event: event[1] == "completed")
        assert {data["jobId"] for _, _, data in events} == {job}


@pytest.mark.parametrize("body, field", [
    ({}, "url"),
    ({"url": "ftp://receiver.test/"}, "url"),
    ({"url": "https://"}, "url"),
    ({"url": "https://user:word@receiver.test/"}, "url"),
    ({"url": "https://receiver.test/" + "x" * 2048}, "url"),
    ({"url": "https://receiver.test/a b"}, "url"),
    ({"url": "https://receiver.test/", "events": []}, "events"),
    ({"url": "https://receiver.test/", "events": ["progress"]}, "events"),
    ({"url": "https://receiver.test/", "events": ["ended"]}, "events"),
    ({"url": "https://receiver.test/", "description": "x" * 257}, "description"),
    ({"url": "https://receiver.test/", "enabled": True}, "enabled"),
])
def test_what_is_wrong_is_named(stack, body, field):
    answer = stack.client("rita").post("/api/v1/webhooks", body)
    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json()["error"]["details"]] == [field]


def test_a_user_has_ten_webhooks_at_most(stack):
    client = stack.client("sam")
    for number in range(10):
        create(client, f"http://127.0.0.1:9/{number}")
    answer = client.post("/api/v1/webhooks", {"url": "http://127.0.0.1:9/10"})
    assert answer.status_code == 409 and answer.json()["error"]["code"] == "too_many_webhooks"
    assert len(client.get("/api/v1/webhooks").json()["data"]) == 10


# ---- a webhook that a job brings along ----


def test_a_job_can_bring_a_webhook_of_its_own(stack):
    client = stack.client("xena")
    secret = "whsec_" + base64.b64encode(b"k" * 32).decode()
    with Receiver() as receiver, Receiver() as other:
        create(client, other.url, events=["failed"])
        options = {"webhook": {"url": receiver.url, "secret": secret, "events": ["completed"]}}
        job = client.submit_character(options=options)
        client.submit_character()
        headers, body, _ = receiver.wait(1)[0]
        assert headers["webhook-signature"] == signature(secret, headers, body)
        assert json.loads(body)["data"]["jobId"] == job
        state = client.wait_for(job)
        assert "whsec_" not in json.dumps(state)
        character = client.get(f"/api/v1/characters/{state['result']['characterId']}").text
        assert "whsec_" not in character and "options" not in character
        image = client.submit_image(state["result"]["characterId"], options={"webhook": {"url": receiver.url}})
        headers, body, _ = receiver.wait(2)[1]
        assert "webhook-signature" not in headers, "nothing to sign with"
        assert json.loads(body)["data"]["jobId"] == image and json.loads(body)["data"]["mediaId"]
        assert other.requests == [] and len(receiver.requests) == 2


def test_jobs_of_a_batch_can_bring_webhooks(stack):
    client = stack.client("yuri")
    with Receiver() as receiver:
        jobs = [{"type": "character", "name": "Ada", "options": {"webhook": {"url": receiver.url}}} for _ in range(3)]
        answer = client.post("/api/v1/batches", {"jobs": jobs})
        assert answer.status_code == 202, answer.text
        receiver.wait(3)
        assert {job for _, job in receiver.delivered()} == set(answer.json()["data"]["jobIds"])


@pytest.mark.parametrize("options, field", [
    ("now", "options"), ({"webhook": []}, "options.webhook"), ({"webhook": {}}, "options.webhook.url"),
    ({"webhook": {"url": "nowhere"}}, "options.webhook.url"),
    ({"webhook": {"url": "https://a.test/", "secret": "short"}}, "options.webhook.secret"),
    ({"webhook": {"url": "https://a.test/", "events": ["queued"]}}, "options.webhook.events"),
])
def test_what_is_wrong_with_a_jobs_webhook_is_named(stack, options, field):
    client = stack.client("zoe")
    answer = client.post("/api/v1/characters/queue", {"name": "Ada", "options": options})
    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json()["error"]["details"]] == [field]
    answer = client.post("/api/v1/batches", {"jobs": [{"type": "character", "name": "Ada", "options": options}]})
    assert [detail["field"] for detail in answer.json()["error"]["details"]] == ["jobs[0]." + field]


# ---- through crashes ----


def test_every_end_is_delivered_though_processes_are_killed():
    with Stack(*NULL, environment=LOOPBACK) as stack, Receiver() as receiver:
        client = stack.client()
        create(client, receiver.url)
        jobs = []
        for program in ("troupe-broker", "troupe-actor-webhook", "troupe-broker", "troupe-actor-webhook"):
            jobs += [client.submit_character() for _ in range(25)]
            wait_until(lambda: len(receiver.requests) > 0, what="the first deliveries")
            (victim,) = stack.children(program)
            stack.kill(victim)
            wait_until(lambda: client.get("/readyz").status_code == 200 and len(stack.children(program)) == 1)
        wanted = {("job.completed", job) for job in jobs}
        wait_until(lambda: wanted <= set(receiver.delivered()), 60, "every delivery")
        found = receiver.delivered()
        assert set(found) == wanted
        assert all(len(ids) == 1 for ids in found.values()), "a delivery keeps its id"


# ---- the reference library ----

VERIFY = """
const { Webhook } = require("standardwebhooks");
const lines = require("fs").readFileSync(0, "utf8").trim().split("\\n").map(JSON.parse);
for (const { secret, headers, body } of lines) {
    const event = new Webhook(secret).verify(body, headers);
    console.log(event.type);
}
"""


@pytest.fixture(scope="module")
def library():
    """The folder with the npm package standardwebhooks."""
    problem = node.install()
    if problem:
        pytest.skip(problem)
    return node.DIRECTORY


def test_the_reference_library_verifies_our_deliveries(stack, library):
    client = stack.client("wim")
    with Receiver() as receiver:
        webhook, old = create(client, receiver.url, events=["active", "completed", "cancelled"])
        client.submit_character()
        receiver.wait(2)
        new = client.post(f"/api/v1/webhooks/{webhook}/rotate-secret").json()["data"]["secret"]
        client.submit_character()
        requests = receiver.wait(4)
    lines = [{"secret": secret, "headers": headers, "body": body.decode()}
             for (headers, body, _), secrets in zip(requests, [[old]] * 2 + [[old, new]] * 2) for secret in secrets]
    done = subprocess.run(["node", "-e", VERIFY], input="\n".join(map(json.dumps, lines)), capture_output=True,
                          text=True, timeout=60, check=False, cwd=library)
    assert done.returncode == 0, done.stderr
    assert sorted(set(done.stdout.split())) == ["job.active", "job.completed"]
    forged = {**lines[0], "body": lines[0]["body"].replace("job.", "jab.")}
    done = subprocess.run(["node", "-e", VERIFY], input=json.dumps(forged), capture_output=True, text=True,
                          timeout=60, check=False, cwd=library)
    assert done.returncode != 0
