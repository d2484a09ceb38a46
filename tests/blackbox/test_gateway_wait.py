"""POSTs that wait for their job: Prefer: wait=N on the queue POSTs, and the synchronous POST of a character."""

import threading
import time
import uuid

import pytest

import wire
from gateway_stand import WAIT_S, data_of, error_of, shared, stand, until  # noqa: F401

QUEUE = "/api/v1/characters/queue"
CREATE = "/api/v1/characters"
ID_1 = str(uuid.uuid4())
ID_2 = str(uuid.uuid4())
IMAGE = f"/api/v1/characters/{ID_1}/generate-image/queue"
VIDEO = f"/api/v1/characters/{ID_1}/media/{ID_2}/generate-video/queue"


def post(stand, path, owner, wait=None, body=None, **headers):
    """Posts in a thread of its own and returns (job, function that gives the response) once the broker has the job."""
    known = set(stand.broker.jobs)
    answers = []
    if wait is not None:
        headers["Prefer"] = wait
    thread = threading.Thread(target=lambda: answers.append(
        stand.gateway.post(path, owner=owner, json=body or {"name": "A", "duration": 5}, headers=headers)))
    thread.start()

    def mine():
        with stand.broker.lock:
            return [job for id, job in stand.broker.jobs.items() if id not in known and job["owner"] == owner]

    def response():
        thread.join(WAIT_S)
        return answers[0]

    return until(mine, "the job")[0], response


def text_of(data):
    return str(uuid.UUID(bytes=data))


@pytest.mark.parametrize("path, family", [(QUEUE, "character-jobs"), (IMAGE, "media-jobs"), (VIDEO, "media-jobs")])
@pytest.mark.parametrize("status, state", [("completed", 3), ("failed", 4), ("cancelled", 5)])
def test_a_post_that_waits_gets_the_ended_job(shared, path, family, status, state):
    job, response = post(shared, path, "w-" + status, "respond-async, wait=10")
    until(lambda: shared.broker.questions("get_job") and shared.broker.questions("get_job")[-1]["job"] == job["job"])
    shared.broker.change(job, "progress", state=2, progress=50)
    shared.broker.change(job, status, state=state, error_message="no", error_code="x")
    answer = response()
    url = f"/api/v1/{family}/{text_of(job['job'])}"
    assert data_of(answer)["status"] == status
    assert answer.headers["preference-applied"] == "wait=10"
    assert answer.headers["content-location"] == url
    got = shared.gateway.get(url, owner="w-" + status)
    assert got.headers["etag"] == answer.headers["etag"] and data_of(got) == data_of(answer)


def test_a_job_that_takes_longer_is_202_after_the_time(shared):
    start = time.monotonic()
    _, response = post(shared, QUEUE, "w", "wait=1")
    answer = response()
    assert 0.9 < time.monotonic() - start < WAIT_S
    assert answer.headers["preference-applied"] == "wait=1"
    assert answer.json()["message"] == "Character creation job queued successfully"
    assert data_of(answer, 202)["status"] == "pending" and "content-location" not in answer.headers


@pytest.mark.parametrize("prefer", ["wait", "wait=x", "respond-async", "wait=-1", ";;,,"])
def test_a_preference_that_is_none_is_ignored(shared, prefer):
    answer = shared.gateway.post(QUEUE, json={"name": "A"}, headers={"Prefer": prefer})
    assert answer.status_code == 202 and "preference-applied" not in answer.headers


def test_no_time_is_applied_too(shared):
    answer = shared.gateway.post(QUEUE, json={"name": "A"}, headers={"Prefer": "wait=0"})
    assert answer.status_code == 202 and answer.headers["preference-applied"] == "wait=0"


def test_a_replayed_post_waits_and_finds_what_has_ended(shared):
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    job, response = post(shared, QUEUE, "again", "wait=10", **headers)
    shared.broker.change(job, "completed", state=3)
    first = response()
    again = shared.gateway.post(QUEUE, owner="again", json={"name": "A", "duration": 5},
                                headers={**headers, "Prefer": "wait=10"})
    assert data_of(again) == data_of(first) and data_of(again)["status"] == "completed"
    assert again.headers["idempotency-replayed"] == "true"
    plain = shared.gateway.post(QUEUE, owner="again", json={"name": "A", "duration": 5}, headers=headers)
    assert plain.status_code == 202 and "preference-applied" not in plain.headers


def test_a_gap_does_not_end_the_waiting(stand):
    job, response = post(stand, QUEUE, "gap", "wait=15")
    until(lambda: stand.broker.questions("get_job"))
    stand.broker.batch += 5
    stand.broker.send([("events", {"batch": stand.broker.batch, "event_last": stand.broker.event_last})])
    until(lambda: len(stand.broker.questions("get_job")) >= 2)
    stand.broker.change(job, "completed", state=3)
    assert data_of(response())["status"] == "completed"


def test_a_stop_of_the_gateway_answers_who_waits(stand):
    _, response = post(stand, QUEUE, "stop", "wait=60")
    until(lambda: stand.broker.questions("get_job"))
    stand.gateway.process.terminate()
    answer = response()
    assert answer.status_code == 202 and "preference-applied" not in answer.headers


# ---- the synchronous POST ----


def test_a_character_is_created_while_the_client_waits(shared):
    job, response = post(shared, CREATE, "create")
    character = text_of(job["character"])
    shared.broker.character_add("create", job["character"])
    shared.broker.change(job, "completed", state=3)
    answer = response()
    assert data_of(answer, 201)["id"] == character
    assert answer.headers["location"] == f"/api/v1/characters/{character}"
    assert "preference-applied" not in answer.headers
    assert data_of(shared.gateway.get(answer.headers["location"], owner="create")) == data_of(answer, 201)


def test_a_character_that_takes_longer_is_202_with_its_job(shared):
    for wait in "wait=0", "wait=1":
        job, response = post(shared, CREATE, "longer", wait)
        answer = response()
        url = "/api/v1/character-jobs/" + text_of(job["job"])
        assert data_of(answer, 202) == {"jobId": text_of(job["job"]), "status": "pending", "statusUrl": url}
        assert answer.headers["location"] == url and answer.headers["retry-after"] == "1"
        assert answer.headers["preference-applied"] == wait


@pytest.mark.parametrize("code, status, name", [("provider_error", 502, "generation_failed"),
                                                ("content_policy", 422, "content_refused")])
def test_a_character_that_failed_tells_the_job_and_the_reason(shared, code, status, name):
    job, response = post(shared, CREATE, "failed-" + code)
    shared.broker.change(job, "failed", state=4, error_code=code, error_message='it "broke"')
    answer = response()
    assert answer.status_code == status and error_of(answer)[0] == name
    body = answer.json()
    assert body["message"] == 'The character could not be made: it "broke"'
    assert body["data"]["jobId"] == text_of(job["job"]) and body["data"]["failedReason"] == 'it "broke"'
    assert "location" not in answer.headers


def test_a_character_whose_job_is_cancelled_is_409(shared):
    job, response = post(shared, CREATE, "cancelled")
    assert shared.gateway.delete("/api/v1/character-jobs/" + text_of(job["job"]), owner="cancelled").ok
    answer = response()
    assert answer.status_code == 409 and error_of(answer)[0] == "job_cancelled"
    assert answer.json()["data"]["status"] == "cancelled"


def test_a_key_gives_the_same_character_again(shared):
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    job, response = post(shared, CREATE, "same", **headers)
    shared.broker.character_add("same", job["character"])
    shared.broker.change(job, "completed", state=3)
    first = response()
    again = shared.gateway.post(CREATE, owner="same", json={"name": "A", "duration": 5}, headers=headers)
    assert (again.status_code, again.text, again.headers["location"]) == (201, first.text, first.headers["location"])
    assert again.headers["idempotency-replayed"] == "true"
    del shared.broker.documents[job["character"]]
    gone = shared.gateway.post(CREATE, owner="same", json={"name": "A", "duration": 5}, headers=headers)
    assert gone.status_code == 404 and error_of(gone)[0] == "character_not_found"


def test_a_character_that_is_no_json_is_a_fault_of_the_server(stand):
    stand.broker.handlers["get_document"] = lambda record: [
        ("document", {"request": record["request"], "owner": "odd", "document": b"{"})]
    job, response = post(stand, CREATE, "odd")
    stand.broker.change(job, "completed", state=3)
    answer = response()
    assert (answer.status_code, error_of(answer)[0]) == (500, "internal")


def test_a_character_that_cannot_be_read_now_is_202(stand):
    stand.broker.handlers["get_document"] = lambda record: [
        ("document", {"request": record["request"], "code": wire.ENUMS["REPLY_CODE_BUSY"]})]
    job, response = post(stand, CREATE, "busy")
    stand.broker.change(job, "completed", state=3)
    answer = response()
    assert data_of(answer, 202)["jobId"] == text_of(job["job"])


def test_a_body_is_checked_as_for_the_queue(shared):
    answer = shared.gateway.post(CREATE, json={})
    assert answer.status_code == 400 and list(error_of(answer)[1]) == ["name"]
