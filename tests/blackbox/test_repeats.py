"""Requests that change what is there are made once for an Idempotency-Key, and a job's own webhook has a log and is
replayed like those of its user: against a whole stack, with kills between a request and its repetition."""

import datetime
import threading
import uuid

import pytest

from receiver import Receiver, signature
from stack import Stack, wait_until

JOBS = "/api/v1/character-jobs"


@pytest.fixture(scope="module")
def stack():
    with Stack("--provider", "null", "--rate", "off", environment={"TROUPE_WEBHOOK_PRIVATE": "on"}) as running:
        yield running


def key():
    return {"Idempotency-Key": str(uuid.uuid4())}


def is_replayed(answer):
    return answer.headers.get("Idempotency-Replayed") == "true"


def code_of(answer):
    return answer.json()["error"]["code"]


def cancelled_job(client):
    tomorrow = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
    job = client.submit_character(options={"runAt": tomorrow.strftime("%Y-%m-%dT%H:%M:%S.000Z")})
    assert client.call("DELETE", f"{JOBS}/{job}").json()["data"]["status"] == "cancelled"
    return job


def webhook_of(client, url):
    answer = client.post("/api/v1/webhooks", {"url": url})
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]["webhook"]["webhookId"]


def log_of(client, path):
    answer = client.get(f"{path}/deliveries")
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def delivery_in(client, path, status):
    return wait_until(lambda: next((one for one in log_of(client, path) if one["status"] == status), None),
                      what=f"a delivery that is {status}")


def test_a_retry_is_made_once_for_a_key_whatever_became_of_the_job(stack):
    client = stack.client("ada")
    job, headers = cancelled_job(client), key()
    first = client.post(f"{JOBS}/{job}/retry", headers=headers)
    assert first.status_code == 200 and not is_replayed(first), first.text
    client.wait_for(job, status="completed")
    again = client.post(f"{JOBS}/{job}/retry", headers=headers)
    assert again.status_code == 200 and is_replayed(again) and again.json()["data"]["status"] == "completed"
    assert code_of(client.post(f"{JOBS}/{job}/retry", headers=key())) == "not_retryable"
    timeline = client.get(f"{JOBS}/{job}?include=timeline").json()["data"]["timeline"]
    assert [event["event"] for event in timeline["events"]].count("completed") == 1


def test_a_key_of_another_request_is_refused(stack):
    client, other = stack.client("bea"), stack.client("other")
    job, second, headers = cancelled_job(client), cancelled_job(client), key()
    assert client.post(f"{JOBS}/{job}/retry", headers=headers).status_code == 200
    for answer in (client.post(f"{JOBS}/{second}/retry", headers=headers),
                   client.call("POST", f"{JOBS}/{job}/retry", headers=headers, json={"other": "body"}),
                   client.post("/api/v1/characters/queue", {"name": "Mira"}, headers=headers)):
        assert (answer.status_code, code_of(answer)) == (422, "idempotency_key_reused"), answer.text
    assert client.job(second)["status"] == "cancelled"
    foreign = cancelled_job(other)
    assert other.post(f"{JOBS}/{foreign}/retry", headers=headers).status_code == 200, "keys belong to their user"


def test_repeats_at_once_and_after_kills_are_one_retry(stack):
    client = stack.client("cleo")
    job, headers, answers = cancelled_job(client), key(), []

    def ask():
        answers.append(client.post(f"{JOBS}/{job}/retry", headers=headers))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [200] * 8
    assert sum(not is_replayed(answer) for answer in answers) == 1
    client.wait_for(job, status="completed")
    for program in "troupe-broker", "troupe-gateway":
        stack.kill(stack.children(program)[0])
        again = wait_until(lambda: reached(client, job, headers), what="an answer")
        assert again.status_code == 200 and is_replayed(again)
    assert client.job(job)["status"] == "completed"


def reached(client, job, headers):
    try:
        answer = client.post(f"{JOBS}/{job}/retry", headers=headers)
    except OSError:
        return None
    return answer if answer.status_code < 500 else None


def test_a_secret_is_replaced_once_for_a_key(stack):
    client = stack.client("dora")
    path, headers = f"/api/v1/webhooks/{webhook_of(client, 'http://127.0.0.1:9/')}", key()
    first, again = (client.post(f"{path}/rotate-secret", headers=headers) for _ in range(2))
    assert first.status_code == again.status_code == 200 and not is_replayed(first) and is_replayed(again)
    assert first.json() == again.json() == client.get(f"{path}/secret").json()
    answer = client.call("POST", f"{path}/rotate-secret", headers=headers, json={"other": "body"})
    assert (answer.status_code, code_of(answer)) == (422, "idempotency_key_reused")
    assert client.post(f"{path}/rotate-secret", headers=key()).json() != first.json()
    late = client.post(f"{path}/rotate-secret", headers=headers)
    assert is_replayed(late) and late.json() == client.get(f"{path}/secret").json(), "as it is now"


def test_a_replay_is_made_once_for_a_key(stack):
    client = stack.client("elsa")
    with Receiver() as receiver:
        webhook = f"/api/v1/webhooks/{webhook_of(client, receiver.url)}"
        client.submit_character()
        one, headers = delivery_in(client, webhook, "completed")["deliveryId"], key()
        first = client.post(f"{webhook}/deliveries/{one}/replay", headers=headers)
        assert first.status_code == 202 and not is_replayed(first)
        receiver.wait(2)
        delivery_in(client, webhook, "completed")
        again = client.post(f"{webhook}/deliveries/{one}/replay", headers=headers)
        assert again.status_code == 202 and is_replayed(again)
        assert client.post(f"{webhook}/deliveries/{one}/replay", headers=key()).status_code == 202
        receiver.wait(3)
        delivery_in(client, webhook, "completed")
        assert len(receiver.requests) == 3


def own_job(client, receiver, **webhook):
    return client.submit_character(options={"webhook": {"url": receiver.url, **webhook}})


def test_a_job_s_own_webhook_has_a_log_and_is_replayed(stack):
    client = stack.client("fay")
    with Receiver() as receiver:
        job = own_job(client, receiver)
        path = f"{JOBS}/{job}"
        one = delivery_in(client, path, "completed")
        assert one["jobId"] == job and one["lastStatus"] == 204 and one["type"] == "job.completed"
        assert client.post(f"{path}/deliveries/{one['deliveryId']}/replay").status_code == 202
        (headers, body, _), (again, same, _) = receiver.wait(2)
        assert again["webhook-id"] == headers["webhook-id"] == one["deliveryId"] and same == body
        assert len(log_of(client, path)) == 1
        other = client.submit_character()
        assert log_of(client, f"{JOBS}/{other}") == [], "one without a webhook of its own"
        for wrong in (f"{JOBS}/{other}/deliveries/{one['deliveryId']}", f"{path}/deliveries/{job}",
                      f"{path}/deliveries/x", f"{path}/deliveries/{uuid.uuid4()}"):
            answer = client.post(f"{wrong}/replay")
            assert (answer.status_code, code_of(answer)) == (404, "delivery_not_found"), wrong


def test_the_log_of_a_job_is_its_owner_s_and_an_admin_s(stack):
    client, other = stack.client("gwen"), stack.client("eve")
    admin = type(client)(stack.url, stack.token("root", "--role", "admin"))
    with Receiver() as receiver:
        path = f"{JOBS}/{own_job(client, receiver)}"
        one = delivery_in(client, path, "completed")["deliveryId"]
        for answer in other.get(f"{path}/deliveries"), other.post(f"{path}/deliveries/{one}/replay"):
            assert (answer.status_code, code_of(answer)) == (404, "job_not_found")
        for wrong in client.get(path.replace("character", "media") + "/deliveries"), client.get(f"{JOBS}/x/deliveries"):
            assert (wrong.status_code, code_of(wrong)) == (404, "job_not_found")
        assert [entry["deliveryId"] for entry in log_of(admin, path)] == [one]
        assert admin.post(f"{path}/deliveries/{one}/replay").status_code == 202
        receiver.wait(2)


def test_a_media_job_s_own_webhook_is_like_a_character_job_s(stack):
    client = stack.client("hana")
    character = client.wait_for(client.submit_character(), status="completed")["result"]["characterId"]
    with Receiver() as receiver:
        options = {"webhook": {"url": receiver.url, "events": ["active", "completed"]}}
        path = f"/api/v1/media-jobs/{client.submit_image(character, options=options)}"
        wait_until(lambda: [one["status"] for one in log_of(client, path)] == ["completed"] * 2, what="two deliveries")
        newest, oldest = log_of(client, path)
        assert (newest["type"], oldest["type"]) == ("job.completed", "job.active")
        page = client.get(f"{path}/deliveries?limit=1").json()
        assert page["data"] == [newest] and page["pagination"]["hasMore"]
        rest = client.get(f"{path}/deliveries?limit=1&cursor={page['pagination']['nextCursor']}").json()
        assert rest["data"] == [oldest] and not rest["pagination"]["hasMore"]
        assert client.post(f"{path}/deliveries/{oldest['deliveryId']}/replay").status_code == 202
        receiver.wait(3)


def test_the_log_of_a_job_signs_with_the_secret_that_the_job_brought(stack):
    client = stack.client("ines")
    secret = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo="
    with Receiver() as receiver:
        path = f"{JOBS}/{own_job(client, receiver, secret=secret)}"
        one = delivery_in(client, path, "completed")["deliveryId"]
        client.post(f"{path}/deliveries/{one}/replay")
        for headers, body, _ in receiver.wait(2):
            assert headers["webhook-signature"] == signature(secret, headers, body)
