"""Jobs are kept for a time after their end, and then not: nothing is left of them but what they made."""

import datetime
import signal

import pytest

from broker_stand import ACTIVE, CANCELLED, COMPLETED, code, stand, until  # noqa: F401
from gateway_stand import Gateway, data_of, error_of
from test_gateway_with_broker import CHARACTER, CREATE, Broker, create

EXPIRED = code("REPLY_CODE_EXPIRED")


def is_expired(gateway, job):
    return gateway.get(job).get("code") == EXPIRED


def test_jobs_go_by_the_time_of_their_state_and_totals_follow(stand):
    stand.broker(TROUPE_RETENTION_CANCELLED="1ms", TROUPE_RETENTION_FAILED="1h")
    gateway, actor = stand.gateway(), stand.actor()
    done, failed = gateway.submit()["job"], gateway.submit()["job"]
    actor.done(actor.job(job=done))
    actor.fail(actor.job(job=failed), "PERMANENT")
    actor.bye()
    cancelled = [gateway.submit()["job"] for _ in range(100)]
    for job in cancelled:
        gateway.cancel(job)
    assert gateway.list()[0]["total"] in range(2, 103)
    until(lambda: all(is_expired(gateway, job) for job in cancelled), "all that were cancelled to go")
    page, jobs = gateway.list()
    assert page["total"] == 2 and {job["job"] for job in jobs} == {done, failed}
    assert gateway.list(states=1 << CANCELLED)[0].get("total", 0) == 0
    state = gateway.get(done)
    assert state["state"] == COMPLETED and state["expires_at"] == state["completed_at"] + 30 * 86400000
    assert gateway.get(failed)["expires_at"] == gateway.get(failed)["completed_at"] + 3600000
    assert gateway.cancel(cancelled[0])["code"] == EXPIRED
    assert gateway.cancel(cancelled[0], owner="bob")["code"] == code("REPLY_CODE_NOT_FOUND")
    assert gateway.timeline(job=cancelled[0])[0]["code"] == EXPIRED
    page, events = gateway.timeline()
    assert {event["job"] for event in events} <= {done, failed, *cancelled} and not page.get("more")


def test_what_is_gone_stays_gone_through_kills_and_a_changed_setting_counts(stand):
    broker = stand.broker(TROUPE_RETENTION_CANCELLED="1h")
    gateway = stand.gateway()
    jobs = [gateway.submit()["job"] for _ in range(200)]
    for job in jobs:
        gateway.cancel(job)
    broker.kill()
    broker = stand.broker(TROUPE_RETENTION_CANCELLED="1ms")
    gateway = stand.gateway()
    until(lambda: any(is_expired(gateway, job) for job in jobs), "the first to go")
    broker.kill()
    stand.broker(TROUPE_RETENTION_CANCELLED="1ms")
    gateway = stand.gateway()
    until(lambda: all(is_expired(gateway, job) for job in jobs), "all of them to go")
    assert gateway.list()[0].get("total", 0) == 0


@pytest.mark.parametrize("setting", [{"TROUPE_RETENTION_COMPLETED": "30"}, {"TROUPE_RETENTION_FAILED": "0d"},
                                     {"TROUPE_RETENTION_CANCELLED": "4000d"}, {"TROUPE_RETENTION_TOMBSTONE": "1s"}])
def test_a_setting_that_is_no_time_is_refused(stand, setting):
    broker = stand.broker(start=False, **setting)
    assert broker.run() == 2
    assert next(iter(setting)) in broker.log()


@pytest.fixture(name="pair")
def fixture_pair(tmp_path):
    class Pair:
        gateway = Gateway(tmp_path)
        broker = Broker(tmp_path, gateway.endpoint)

    Pair.broker.settings["TROUPE_RETENTION_CANCELLED"] = "2s"
    Pair.broker.start()
    Pair.gateway.start()
    Pair.gateway.ready()
    yield Pair
    Pair.gateway.stop()
    Pair.broker.end(signal.SIGTERM)


def time_of(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def test_an_ended_job_tells_its_end_and_is_gone_then(pair):
    key = {"Idempotency-Key": "once"}
    job = create(pair.gateway, headers=key)
    url = job["statusUrl"]
    assert "expiresAt" not in data_of(pair.gateway.get(url))
    cancelled = data_of(pair.gateway.delete(url))
    kept = time_of(cancelled["expiresAt"]) - time_of(cancelled["completedAt"])
    assert kept == datetime.timedelta(seconds=2)
    until(lambda: pair.gateway.get(url).status_code == 410, "the job to go")
    for response in pair.gateway.get(url), pair.gateway.delete(url), pair.gateway.get(url + "/events"):
        assert response.status_code == 410 and error_of(response)[0] == "job_expired"
    assert pair.gateway.get(url, owner="stranger").status_code == 404
    assert pair.gateway.get(url.replace("character-jobs", "media-jobs")).status_code == 404
    until(lambda: pair.gateway.get(CHARACTER).json()["pagination"]["total"] == 0, "the list to be empty")
    assert pair.gateway.get(url).status_code == 410
    replayed = pair.gateway.post(CREATE, json={"name": "A"}, headers=key)
    assert replayed.status_code == 202 and data_of(replayed, 202)["jobId"] == job["jobId"]


@pytest.mark.parametrize("path, body", [
    ("/api/v1/batches", {"jobs": [{"type": "character", "name": "A"}, {"type": "character", "name": "B"}]}),
    ("/api/v1/pipelines", {"character": {"name": "A"}, "images": [{}]})])
def test_a_group_is_gone_with_the_last_of_its_jobs(pair, path, body):
    group = data_of(pair.gateway.post(path, json=body), 202)
    url = group["statusUrl"]
    data_of(pair.gateway.delete(url))
    until(lambda: pair.gateway.get(url).status_code == 410, "the group to go")
    lists = [pair.gateway.get(url + "/jobs")] if "batches" in path else []
    for response in pair.gateway.get(url), pair.gateway.delete(url), pair.gateway.get(url + "/events"), *lists:
        assert response.status_code == 410 and error_of(response)[0] == "job_expired"
    assert pair.gateway.get(url, owner="stranger").status_code == 404


def test_a_group_goes_without_those_of_its_jobs_that_are_gone(pair):
    pipeline = data_of(pair.gateway.post("/api/v1/pipelines", json={"character": {"name": "A"}, "images": [{}]}), 202)
    url = f"/api/v1/character-jobs/{pipeline['character']['jobId']}"
    data_of(pair.gateway.delete(url))
    until(lambda: data_of(pair.gateway.get(pipeline["statusUrl"]))["total"] == 1, "the character's job to go")
    state = data_of(pair.gateway.get(pipeline["statusUrl"]))
    assert state["character"] is None and state["counts"]["failed"] == 1 and state["status"] == "failed"
    assert [job["jobId"] for job in state["images"]] == [pipeline["images"][0]["jobId"]]
