"""?include=timeline: a job with its attempts and its events, at one version."""

import threading
import uuid

import pytest

import wire
from gateway_stand import data_of, error_of, shared, stand, token, until  # noqa: F401
from test_gateway_jobs import path_of

WORKER = uuid.uuid4()


def version_of(answer):
    """The version that an ETag tells: a weak one when the answer came in gzip."""
    return answer.headers["etag"].removeprefix("W/")


def asked(job):
    return path_of(job) + "?include=timeline"


def job_with_history(stand, owner, kind="character"):
    """A job whose first attempt failed and whose second one goes on."""
    job = stand.broker.job_add(owner, kind, version=0, state=1)
    stand.broker.change(job, "queued")
    stand.broker.change(job, "active", state=2, attempt=1, worker=WORKER.bytes)
    stand.broker.change(job, "progress", progress=40, step="character_populated")
    stand.broker.change(job, "retry_scheduled", state=1, attempt=2, attempts_made=1, error_code="provider_error",
                        error_message="it broke")
    stand.broker.change(job, "active", state=2, error_code=None, error_message=None)
    return job


@pytest.mark.parametrize("kind", ["character", "image"])
def test_a_timeline_has_every_attempt_and_every_event(shared, kind):
    job = job_with_history(shared, "t", kind)
    answer = shared.gateway.get(asked(job), owner="t")
    data = data_of(answer)
    timeline = data.pop("timeline")
    assert version_of(answer) == '"5"' and data == data_of(shared.gateway.get(path_of(job), owner="t"))
    first, second = timeline["attempts"]
    assert (first["number"], first["attempt"], first["workerId"]) == (1, 1, str(WORKER))
    assert first["outcome"] == "failed" and first["error"] == {"code": "provider_error", "message": "it broke"}
    assert (second["number"], second["outcome"], second["endedAt"], second["error"]) == (2, None, None, None)
    events = timeline["events"]
    assert [event["event"] for event in events] == ["queued", "active", "progress", "retry_scheduled", "active"]
    assert [event["seq"] for event in events] == [1, 2, 3, 4, 5] and timeline["complete"] is True
    assert (first["startedAt"], first["endedAt"]) == (events[1]["at"], events[3]["at"])
    assert events[3]["error"] == first["error"] and events[2]["step"] == "character_populated"


def test_events_are_told_as_their_stream_tells_them(shared):
    job = job_with_history(shared, "t")
    shared.broker.change(job, "completed", state=3, attempts_made=2, progress=100)
    stream = [{"id": number, "event": kind, **data}
              for number, kind, data in shared.gateway.stream(path_of(job) + "/events", owner="t").rest()]
    timeline = data_of(shared.gateway.get(asked(job), owner="t"))["timeline"]
    assert timeline["events"] == stream
    assert [attempt["outcome"] for attempt in timeline["attempts"]] == ["failed", "completed"]


def test_the_status_and_the_events_are_of_one_version(stand):
    """What happens between the two questions is in both."""
    job = job_with_history(stand, "t")

    def late(record):
        stand.broker.change(job, "completed", publish=False, state=3, progress=100, attempts_made=2)
        return stand.broker.on_get_events(record)

    stand.broker.handlers["get_events"] = late
    answer = stand.gateway.get(asked(job), owner="t")
    data = data_of(answer)
    assert (data["status"], data["progress"], version_of(answer)) == ("completed", 100, '"6"')
    assert data["timeline"]["events"][-1]["event"] == "completed"
    assert data["timeline"]["attempts"][-1]["outcome"] == "completed"


def test_a_known_version_is_304_without_a_question(stand):
    job = job_with_history(stand, "t")
    etag = version_of(stand.gateway.get(asked(job), owner="t"))
    count = len(stand.broker.questions("get_events"))
    same = stand.gateway.get(asked(job), owner="t", headers={"If-None-Match": etag})
    assert (same.status_code, same.headers["etag"], same.text) == (304, etag, "")
    assert len(stand.broker.questions("get_events")) == count
    stand.broker.change(job, "progress", progress=60)
    until(lambda: stand.gateway.get(asked(job), owner="t", headers={"If-None-Match": etag}).status_code == 200)


def test_it_may_be_waited_for(shared):
    job = job_with_history(shared, "t")
    shared.gateway.get(path_of(job), owner="t")
    threading.Timer(0.1, lambda: shared.broker.change(job, "completed", state=3)).start()
    data = data_of(shared.gateway.get(asked(job) + "&wait=10", owner="t"))
    assert data["status"] == "completed" and data["timeline"]["events"][-1]["event"] == "completed"


def test_who_may_not_see_the_job_sees_no_timeline(shared):
    job = job_with_history(shared, "t")
    assert error_of(shared.gateway.get(asked(job), owner="stranger"))[0] == "job_not_found"
    admin = shared.gateway.get(asked(job), bearer=token("root", role="admin"))
    assert len(data_of(admin)["timeline"]["attempts"]) == 2


@pytest.mark.parametrize("query", ["include=everything", "include=", "include=timeline&include=timeline"])
def test_another_include_is_400(shared, query):
    job = shared.broker.job_add("t")
    answer = shared.gateway.get(f"{path_of(job)}?{query}", owner="t")
    assert answer.status_code == 400 and list(error_of(answer)[1]) == ["include"]


def test_a_waiting_job_tells_what_it_waits_for(shared):
    job = shared.broker.job_add("t", version=0)
    shared.broker.change(job, "queued")
    data = data_of(shared.gateway.get(asked(job), owner="t"))
    assert {"waitReason", "queuePosition", "etaSeconds"} <= set(data)
    assert data["timeline"]["attempts"] == [] and len(data["timeline"]["events"]) == 1


def test_events_that_are_gone_are_said_to_be_missing(shared):
    job = job_with_history(shared, "t")
    job["version"] += 300
    shared.broker.change(job, "completed", state=3)
    assert data_of(shared.gateway.get(asked(job), owner="t"))["timeline"]["complete"] is False


@pytest.mark.parametrize("code, status, name", [("BUSY", 503, "busy"), ("NOT_FOUND", 404, "job_not_found")])
def test_a_broker_that_cannot_tell_is_said_so(stand, code, status, name):
    job = job_with_history(stand, "t")
    stand.broker.handlers["get_events"] = lambda record: [
        ("event_page", {"request": record["request"], "code": wire.ENUMS["REPLY_CODE_" + code]})]
    answer = stand.gateway.get(asked(job), owner="t")
    assert answer.status_code == status and error_of(answer)[0] == name
