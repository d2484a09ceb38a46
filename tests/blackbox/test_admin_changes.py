"""What operators do with one job: it starts before its time, has another place among its owner's, is kept no longer."""

import uuid

import pytest

from failing_actor import FailingActor
from receiver import Receiver
from stack import Client, Stack, wait_until
from test_admin_jobs import JOBS, search, soon
from webhook_stand import LOOPBACK, create

ACTIONS = [("POST", "/duplicate", None), ("POST", "/promote", None), ("POST", "/priority", {"priority": 1}),
           ("DELETE", "", None)]


@pytest.fixture(name="stack", scope="module")
def fixture_stack():
    with Stack("--provider", "null", "--rate", "off", "--actors", 0) as running:
        yield running


@pytest.fixture(name="admin", scope="module")
def fixture_admin(stack):
    return Client(stack.url, stack.token("boss", "--role", "admin"))


def refused(answer, status, code):
    return (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def ended_job(user, **options):
    job = user.submit_character("Ended", options=options)
    user.call("DELETE", f"/api/v1/character-jobs/{job}")
    return job


def test_a_scheduled_job_starts_at_once(stack, admin):
    user = stack.client("paula")
    job = user.submit_character("Later", options={"runAt": soon(3600)})
    assert user.job(job)["status"] == "pending"
    told = admin.post(f"{JOBS}/{job}/promote").json()["data"]
    assert (told["status"], told["nextAttemptAt"]) == ("waiting", None)
    assert refused(admin.post(f"{JOBS}/{job}/promote"), 409, "not_delayed")
    timeline = user.get(f"/api/v1/character-jobs/{job}?include=timeline").json()["data"]["timeline"]["events"]
    assert [event["event"] for event in timeline] == ["queued", "waiting"]
    assert refused(admin.post(f"{JOBS}/{ended_job(user)}/promote"), 409, "already_ended")


def test_a_job_that_needs_another_first_is_not_let_go(stack, admin):
    body = {"character": {"name": "Ada"}, "images": [{}]}
    pipeline = stack.client("piet").post("/api/v1/pipelines", body).json()["data"]
    image, = search(admin, owner="piet", queue="image")
    assert image["status"] == "pending", pipeline
    assert refused(admin.post(f"{JOBS}/{image['jobId']}/promote"), 409, "not_delayed")


def test_a_job_changes_its_place_among_its_owners(stack, admin):
    user = stack.client("rita")
    first, second, third = (user.submit_character(f"place {number}") for number in range(3))
    wait_until(lambda: [user.job(job)["queuePosition"] for job in (first, second, third)] == sorted(
        user.job(job)["queuePosition"] for job in (first, second, third)))
    assert admin.post(f"{JOBS}/{third}/priority", {"priority": 5}).json()["data"]["priority"] == 5
    assert user.job(third)["priority"] == 5
    wait_until(lambda: user.job(third)["queuePosition"] < user.job(first)["queuePosition"])
    _, name, data = user.events(f"/api/v1/character-jobs/{third}/events", until=lambda event: event[1] == "waiting")[-1]
    assert (name, data["priority"]) == ("waiting", 5)
    later = user.submit_character("Later", options={"runAt": soon(3600)})
    assert admin.post(f"{JOBS}/{later}/priority", {"priority": 7}).json()["data"]["status"] == "pending"
    for body in {}, {"priority": 0}, {"priority": 256}, {"priority": "high"}:
        assert refused(admin.post(f"{JOBS}/{first}/priority", body), 400, "validation_failed")
    assert refused(admin.post(f"{JOBS}/{ended_job(user)}/priority", {"priority": 1}), 409, "already_ended")


def test_a_job_between_two_attempts_keeps_its_last_error():
    error = {"code": "provider_failed", "message": "no luck"}
    with Stack("--provider", "null", "--rate", "off", "--actors", 0) as stack:
        admin = Client(stack.url, stack.token("boss", "--role", "admin"))
        user = stack.client("fred")
        with FailingActor(stack):
            job = user.submit_character(description="provider_failed|no luck|600000")
            wait_until(lambda: user.job(job)["nextAttemptAt"], what="the backoff")

        def changed(path, body=None):
            told = admin.post(f"{JOBS}/{job}{path}", body).json()["data"]
            for state in told, user.job(job), admin.get(f"{JOBS}/{job}").json()["data"]:
                assert (state["status"], state["lastError"]) == ("waiting", error)
            for query in {"errorCode": "provider_failed"}, {"q": "No Luck"}:
                assert [found["jobId"] for found in search(admin, **query)] == [job]

        changed("/priority", {"priority": 5})
        broker, = stack.children("troupe-broker")
        stack.kill(broker)
        wait_until(lambda: broker not in stack.children("troupe-broker"), what="the end of the broker")
        wait_until(lambda: admin.get("/readyz").status_code == 200, what="another broker")
        changed("/priority", {"priority": 6})
        assert user.job(job)["nextAttemptAt"]
        changed("/promote")
        with FailingActor(stack):
            wait_until(lambda: user.job(job)["attemptsMade"] == 2, what="the second attempt")
        assert user.job(job)["lastError"] == error


def test_a_job_is_made_again_for_its_owner():
    with Stack("--provider", "null", "--rate", "off") as stack:
        admin = Client(stack.url, stack.token("boss", "--role", "admin"))
        user = stack.client("dora")
        options = {"priority": 9, "tags": ["again"], "metadata": {"n": 1}}
        first = user.submit_character("Dora", options=options)
        made = user.wait_for(first)
        answer = admin.post(f"{JOBS}/{first}/duplicate", headers={"Idempotency-Key": "once"})
        assert answer.status_code == 202, answer.text
        again = answer.json()["data"]["jobId"]
        assert again != first
        second = user.wait_for(again)
        assert (second["priority"], second["tags"], second["metadata"]) == (9, ["again"], {"n": 1})
        assert second["result"]["characterId"] != made["result"]["characterId"]
        assert again[:3] == second["result"]["characterId"][:3] == first[:3], "the slot of the owner, not of the admin"
        inputs = [admin.get(f"{JOBS}/{job}").json()["data"]["input"] for job in (first, again)]
        assert inputs[0] == inputs[1] and inputs[0]["name"] == "Dora"
        repeated = admin.post(f"{JOBS}/{first}/duplicate", headers={"Idempotency-Key": "once"})
        assert repeated.json()["data"]["jobId"] == again and repeated.headers["Idempotency-Replayed"] == "true"
        assert refused(admin.post(f"{JOBS}/{again}/duplicate", headers={"Idempotency-Key": "once"}), 422,
                       "idempotency_key_reused")
        awaited = admin.post(f"{JOBS}/{first}/duplicate", headers={"Prefer": "wait=30"})
        assert (awaited.status_code, awaited.json()["data"]["status"]) == (200, "completed")
        line = admin.get("/api/v1/admin/audit", params={"action": "duplicate"}).json()["data"]["audit"][-1]
        assert (line["user"], line["target"], line["outcome"]) == ("boss", first, "ok")

        character = made["result"]["characterId"]
        picture = user.wait_for(user.submit_image(character), "media-jobs")
        film = user.submit_video(character, picture["result"]["mediaId"])
        user.wait_for(film, "media-jobs")
        assert admin.get(f"{JOBS}/{film}").json()["data"]["sourceMediaId"] == picture["result"]["mediaId"]
        third = admin.post(f"{JOBS}/{film}/duplicate").json()["data"]
        assert user.wait_for(third["jobId"], "media-jobs")["status"] == "completed"
        assert admin.get(f"{JOBS}/{third['jobId']}").json()["data"]["sourceMediaId"] == picture["result"]["mediaId"]

        assert user.call("DELETE", f"/api/v1/characters/{character}").status_code in (200, 202, 204)
        assert refused(admin.post(f"{JOBS}/{picture['jobId']}/duplicate"), 404, "character_not_found")
        assert refused(admin.post(f"{JOBS}/{uuid.uuid4()}/duplicate"), 404, "job_not_found")
        assert admin.get("/api/v1/admin/audit", params={"limit": 1}).json()["data"]["audit"][0]["action"] == "duplicate"


def test_a_delivery_is_not_made_again(stack, admin):
    user = stack.client("wim")
    ended_job(user, webhook={"url": "https://hooks.example.com/x"})
    delivery, = wait_until(lambda: search(admin, owner="wim", queue="webhook"), what="a delivery")
    path = f"{JOBS}/{delivery['jobId']}"
    assert refused(admin.post(path + "/duplicate"), 409, "job_is_delivery")
    # What else is done to a job is done to it, and each answer is as described.
    assert admin.get(path).json()["data"]["timeline"]["events"][0]["type"] == "webhook"
    for action, body in ("/priority", {"priority": 7}), ("/cancel", None):
        answer = admin.post(path + action, body)
        assert answer.status_code == 200, answer.text
        assert answer.json()["data"]["type"] == "webhook"


def test_an_administrator_has_a_delivery_sent_again():
    with Stack("--provider", "null", "--rate", "off", environment=LOOPBACK) as stack, Receiver() as receiver:
        admin = Client(stack.url, stack.token("boss", "--role", "admin"))
        user = stack.client("wes")
        create(user, receiver.url, events=["completed"])
        user.wait_for(user.submit_character("Ida"))
        delivery, = wait_until(lambda: search(admin, queue="webhook", status="completed"), what="a delivery")
        path = f"{JOBS}/{delivery['jobId']}/retry"
        for other in user, Client(stack.url, stack.token("vera", "--role", "viewer")):
            assert other.post(path).status_code == 403
        again = {"Idempotency-Key": "again"}
        answer = admin.post(path, headers=again)
        assert (answer.status_code, answer.json()["data"]["type"]) == (200, "webhook"), answer.text
        assert admin.post(path, headers=again).headers["Idempotency-Replayed"] == "true", "it is sent once for a key"
        sent = receiver.wait(2)
        one = f"{JOBS}/{delivery['jobId']}"
        wait_until(lambda: admin.get(one).json()["data"]["status"] == "completed", what="its end")
        assert admin.get(one).json()["data"]["result"] is None, "it has made nothing"
        assert sent[0][0]["webhook-id"] == sent[1][0]["webhook-id"] == delivery["jobId"]
        lines = admin.get("/api/v1/admin/audit").json()["data"]["audit"]
        assert ("boss", "retry", delivery["jobId"], "ok") in [
            (line["user"], line["action"], line["target"], line["outcome"]) for line in lines]


def test_an_ended_job_is_removed_and_what_it_made_stays():
    with Stack("--provider", "null", "--rate", "off") as stack:
        admin = Client(stack.url, stack.token("boss", "--role", "admin"))
        user = stack.client("dora")
        job = user.submit_character("Dora")
        character = user.wait_for(job)["result"]["characterId"]
        assert admin.call("DELETE", f"{JOBS}/{job}").json()["data"] == {"jobId": job, "removed": True}
        for client, path in (user, f"/api/v1/character-jobs/{job}"), (admin, f"{JOBS}/{job}"):
            assert refused(client.get(path), 410, "job_expired")
        for method, path, body in ACTIONS:
            assert refused(admin.call(method, f"{JOBS}/{job}{path}", json=body), 410, "job_expired")
        assert user.get("/api/v1/character-jobs").json()["pagination"]["total"] == 0
        assert user.get(f"/api/v1/characters/{character}").json()["data"]["name"] == "Dora"
        queue, = (one for one in admin.get("/api/v1/admin/queues").json()["data"]["queues"]
                  if one["queue"] == "character")
        assert queue["counts"]["completed"] == 0


def test_a_job_that_lives_is_not_removed_and_one_at_work_keeps_its_place(stack, admin):
    user = stack.client("lea")
    job = user.submit_character()
    assert refused(admin.call("DELETE", f"{JOBS}/{job}"), 409, "not_ended")
    with Stack("--provider", "null:60000", "--rate", "off") as busy:
        boss = Client(busy.url, busy.token("boss", "--role", "admin"))
        worker = busy.client("lea")
        active = worker.submit_character()
        worker.wait_for(active, status="active")
        assert refused(boss.post(f"{JOBS}/{active}/priority", {"priority": 1}), 409, "already_started")
        assert refused(boss.post(f"{JOBS}/{active}/promote"), 409, "not_delayed")


@pytest.mark.parametrize("method,path,body", ACTIONS)
def test_only_an_admin_may(stack, admin, method, path, body):
    job = stack.client("nick").submit_character("Mine", options={"runAt": soon(3600)})
    for role in [], ["--role", "viewer"]:
        client = Client(stack.url, stack.token("nick", *role))
        assert refused(client.call(method, f"{JOBS}/{job}{path}", json=body), 403, "forbidden")
    nobody = {"Authorization": "Bearer nonsense"}
    assert admin.call(method, f"{JOBS}/{job}{path}", json=body, headers=nobody).status_code == 401
    for unknown in uuid.uuid4(), "nonsense":
        assert refused(admin.call(method, f"{JOBS}/{unknown}{path}", json=body), 404, "job_not_found")
