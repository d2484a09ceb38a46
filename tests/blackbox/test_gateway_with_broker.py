"""A gateway and the real broker, without actors: what both must agree on, and kills of either."""

import concurrent.futures
import datetime
import os
import signal
import subprocess
import uuid

import pytest

from gateway_stand import BIN, Gateway, data_of, error_of, token, until

CREATE = "/api/v1/characters/queue"
CHARACTER = "/api/v1/character-jobs"


class Broker:
    def __init__(self, directory, endpoint):
        self.directory = directory
        self.settings = {"TROUPE_GATEWAY_ENDPOINT": endpoint, "TROUPE_ACTOR_ENDPOINT": f"ipc://{directory}/actors.sock",
                         "TROUPE_DATA": str(directory)}
        self.process = None

    def start(self):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TROUPE_")}
        with open(self.directory / "broker.log", "ab") as log:
            self.process = subprocess.Popen([BIN / "troupe-broker"], env={**environment, **self.settings},
                                            stdout=subprocess.PIPE, stderr=log, text=True)
        assert self.process.stdout.readline() == "troupe-broker: ready\n", (self.directory / "broker.log").read_text()

    def end(self, number):
        self.process.send_signal(number)
        self.process.wait(20)
        self.process.stdout.close()


@pytest.fixture(name="pair")
def fixture_pair(tmp_path):
    class Pair:
        gateway = Gateway(tmp_path)
        broker = Broker(tmp_path, gateway.endpoint)

    Pair.broker.start()
    Pair.gateway.start()
    Pair.gateway.ready()
    yield Pair
    Pair.gateway.stop()
    Pair.broker.end(signal.SIGTERM)


def create(gateway, name="A", **options):
    return data_of(gateway.post(CREATE, json={"name": name}, **options), 202)


def test_a_job_is_accepted_read_listed_and_cancelled(pair):
    job = create(pair.gateway)
    status = data_of(pair.gateway.get(job["statusUrl"]))
    assert status["jobId"] == job["jobId"] and status["status"] == "waiting" and status["createdAt"]
    page = pair.gateway.get(CHARACTER).json()
    assert page["data"] == [status] and page["pagination"]["total"] == 1
    assert data_of(pair.gateway.delete(job["statusUrl"]))["status"] == "cancelled"
    assert error_of(pair.gateway.delete(job["statusUrl"]))[0] == "already_ended"
    assert data_of(pair.gateway.get(job["statusUrl"]))["completedAt"]
    assert pair.gateway.get(job["statusUrl"], owner="stranger").status_code == 404
    assert pair.gateway.get(CHARACTER, owner="stranger").json()["data"] == []


def test_jobs_tell_what_they_wait_for_and_lists_tell_the_same(pair):
    first, second = create(pair.gateway), create(pair.gateway)
    other = create(pair.gateway, owner="other")
    for job, owner, place in (first, "ada", 2), (second, "ada", 3), (other, "other", 2):
        status = data_of(pair.gateway.get(job["statusUrl"], owner=owner))
        assert (status["waitReason"], status["queuePosition"], status["etaSeconds"]) == ("no_worker", place, None)
    listed = data_of(pair.gateway.get(CHARACTER))
    assert [job["queuePosition"] for job in listed] == [3, 2]
    assert "waitReason" not in data_of(pair.gateway.delete(first["statusUrl"]))


def test_events_replay_resume_and_end(pair):
    job = create(pair.gateway)
    stream = pair.gateway.stream(job["statusUrl"] + "/events")
    number, kind, data = stream.event()
    assert (kind, data["seq"], data["status"]) == ("queued", 1, "waiting")
    pair.gateway.delete(job["statusUrl"])
    last, kind, data = stream.event()
    assert (kind, data["seq"]) == ("cancelled", 2)
    assert stream.event() is None
    assert [event[0] for event in pair.gateway.stream(job["statusUrl"] + "/events", last=number).rest()] == [last]
    for cursor in last, last + 1000:
        assert pair.gateway.stream(job["statusUrl"] + "/events", last=cursor).status == 204
    every = pair.gateway.stream("/api/v1/events", last=number)
    assert every.event()[0] == last
    create(pair.gateway)
    assert every.event()[1] == "queued"
    every.close()


def test_a_timeline_is_what_the_stream_told(pair):
    job = create(pair.gateway)
    asked = job["statusUrl"] + "?include=timeline"
    first = data_of(pair.gateway.get(asked))
    assert first["waitReason"] == "no_worker" and [event["seq"] for event in first["timeline"]["events"]] == [1]
    pair.gateway.delete(job["statusUrl"])
    data = data_of(pair.gateway.get(asked))
    assert data["status"] == "cancelled" and data["timeline"]["attempts"] == [] and data["timeline"]["complete"]
    assert data["timeline"]["events"] == [
        {"id": number, "event": kind, **members}
        for number, kind, members in pair.gateway.stream(job["statusUrl"] + "/events").rest()]
    plain = pair.gateway.get(job["statusUrl"])
    assert data_of(plain) == {name: value for name, value in data.items() if name != "timeline"}


def test_an_ended_job_is_retried(pair):
    """Its status, lists, totals and stream follow; an earlier end in its history ends no stream."""
    gateway = pair.gateway
    job = create(gateway)
    path = job["statusUrl"]
    refused = gateway.post(path + "/retry")
    assert (refused.status_code, error_of(refused)[0]) == (409, "not_retryable")
    ended = data_of(gateway.delete(path))
    cursor = gateway.stream(path + "/events").rest()[-1][0]
    assert gateway.stream(path + "/events", last=cursor).status == 204
    assert gateway.post(path + "/retry", owner="stranger").status_code == 404
    retried = data_of(gateway.post(path + "/retry"))
    assert (retried["status"], retried["retries"], retried["completedAt"]) == ("waiting", 1, None)
    assert retried["createdAt"] == ended["createdAt"] and retried["attemptsMade"] == 0
    volatile = {"waitReason", "queuePosition", "etaSeconds"}
    assert {name for name, value in data_of(gateway.get(path)).items() if retried[name] != value} <= volatile
    assert gateway.post(path + "/retry").status_code == 409
    totals = {status: gateway.get(f"{CHARACTER}?status={status}").json()["pagination"]["total"]
              for status in ("waiting", "cancelled")}
    assert totals == {"waiting": 1, "cancelled": 0}
    resumed = gateway.stream(path + "/events", last=cursor)
    number, kind, data = resumed.event()
    assert (kind, data["status"], data["retries"], data["seq"]) == ("waiting", "waiting", 1, 3)
    whole = gateway.stream(path + "/events")
    assert [whole.event()[1] for _ in range(3)] == ["queued", "cancelled", "waiting"]
    assert whole.is_quiet()
    pair.broker.end(signal.SIGKILL)
    pair.broker.start()
    assert until(lambda: gateway.get(path).json().get("data"))["retries"] == 1
    gateway.delete(path)
    for stream in resumed, whole:
        assert [event[1] for event in stream.rest()] == ["cancelled"]
    assert [event[1] for event in gateway.stream(path + "/events", last=number).rest()] == ["cancelled"]
    assert data_of(gateway.post(path + "/retry"))["retries"] == 2


def test_only_one_of_many_retries_is_done(pair):
    for _ in range(5):
        path = create(pair.gateway)["statusUrl"]
        pair.gateway.delete(path)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            codes = list(pool.map(lambda _: pair.gateway.post(path + "/retry").status_code, range(8)))
        assert sorted(codes) == [200] + [409] * 7
        assert data_of(pair.gateway.get(path))["retries"] == 1


def in_seconds(seconds):
    """A time from now, as options have it."""
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_a_job_is_pending_until_its_time(pair):
    gateway = pair.gateway
    later = in_seconds(1.5)
    path = data_of(gateway.post(CREATE, json={"name": "A", "options": {"runAt": later}}), 202)["statusUrl"]
    stream = gateway.stream(path + "/events")
    assert stream.event()[2]["status"] == "pending"
    job = data_of(gateway.get(path))
    assert (job["status"], job["runAt"], job["waitReason"]) == ("pending", later, "scheduled")
    _, kind, data = stream.event()
    assert (kind, data["status"]) == ("waiting", "waiting") and data["at"] >= later
    assert data_of(gateway.get(path))["runAt"] == later
    assert data_of(gateway.delete(path))["status"] == "cancelled"
    path = data_of(gateway.post(CREATE, json={"name": "B", "options": {"runAt": in_seconds(60)}}), 202)["statusUrl"]
    assert data_of(gateway.delete(path))["status"] == "cancelled"


@pytest.mark.parametrize("option, code", [("startBy", "start_deadline"), ("deadline", "deadline")])
def test_a_job_fails_when_its_time_is_over(pair, option, code):
    gateway = pair.gateway
    over = in_seconds(1)
    path = data_of(gateway.post(CREATE, json={"name": "A", "options": {option: over}}), 202)["statusUrl"]
    assert data_of(gateway.get(path))[option] == over
    job = data_of(gateway.get(path + "?wait=20"))
    assert (job["status"], job["lastError"]["code"], job[option]) == ("failed", code, over)
    assert job["failedReason"] == job["result"]["error"] and job["completedAt"] >= over
    job = data_of(gateway.post(path + "/retry"))
    assert job["status"] == "waiting" and job["startBy"] is None and job["deadline"] > over
    assert data_of(gateway.get(path))["deadline"] == job["deadline"]


def test_labels_are_told_alone_and_in_lists(pair):
    gateway = pair.gateway
    options = {"priority": 3, "tags": ["night", "\u00e4"], "metadata": {"order": 17, "deep": [{"a": None}]}}
    path = data_of(gateway.post(CREATE, json={"name": "A", "options": options}), 202)["statusUrl"]
    create(gateway)
    job = data_of(gateway.get(path))
    assert {name: job[name] for name in options} == options
    listed = gateway.get(CHARACTER).json()["data"]
    assert [item["tags"] for item in listed] == [[], options["tags"]]
    assert [item["metadata"] for item in listed] == [{}, options["metadata"]]
    gateway.delete(path)
    job = data_of(gateway.get(path))
    assert {name: job[name] for name in options} == options
    pair.broker.end(signal.SIGKILL)
    pair.broker.start()
    assert until(lambda: gateway.get(path).json().get("data"))["metadata"] == options["metadata"]


def test_priority_goes_before_age(pair):
    """Told by the queue's own places: nobody performs anything here."""
    first, second = [data_of(pair.gateway.post(CREATE, json={"name": "A", "options": {"priority": priority}}),
                             202)["statusUrl"] for priority in (200, 100)]
    assert [data_of(pair.gateway.get(path))["queuePosition"] for path in (first, second)] == [2, 1]


def deduped(gateway, path=CREATE, key="d 1", ttl=None, code=202, **options):
    dedupe = {"key": key} if ttl is None else {"key": key, "ttlSeconds": ttl}
    return data_of(gateway.post(path, json={"name": "A", "options": {"dedupe": dedupe}}, **options), code)


def test_a_live_job_is_the_answer_to_another_with_its_dedupe_key(pair):
    gateway = pair.gateway
    first = deduped(gateway)
    assert first["status"] == "pending" and "deduplicated" not in first
    expected = {**first, "status": "waiting", "deduplicated": True}
    assert deduped(gateway) == expected
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: deduped(gateway), range(16))) == [expected] * 16
    pair.broker.end(signal.SIGKILL)
    pair.broker.start()
    gateway.ready()
    assert deduped(gateway) == expected
    assert [job["jobId"] for job in data_of(gateway.get(CHARACTER))] == [first["jobId"]]
    gateway.delete(first["statusUrl"])
    events = gateway.stream(first["statusUrl"] + "/events").rest()
    assert [kind for _, kind, _ in events] == ["queued", "cancelled"], "nothing was told of the others"
    others = [deduped(gateway), deduped(gateway, key="D 1"), deduped(gateway, owner="other")]
    assert len({job["jobId"] for job in others} | {first["jobId"]}) == 4
    assert not any("deduplicated" in job for job in others)


def test_only_one_of_many_at_once_is_made_for_a_dedupe_key(pair):
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        jobs = list(pool.map(lambda _: deduped(pair.gateway), range(32)))
    assert len({job["jobId"] for job in jobs}) == 1
    assert sum("deduplicated" not in job for job in jobs) == 1


def test_a_job_keeps_its_dedupe_key_for_its_time(pair):
    gateway = pair.gateway
    first = deduped(gateway, ttl=3600)
    gateway.delete(first["statusUrl"])
    assert deduped(gateway) == {**first, "status": "cancelled", "deduplicated": True}
    short = deduped(gateway, key="short", ttl=1)
    gateway.delete(short["statusUrl"])
    again = until(lambda: [job for job in [deduped(gateway, key="short")] if "deduplicated" not in job])[0]
    gateway.delete(again["statusUrl"])
    assert "deduplicated" not in deduped(gateway, key="short"), "the last one had no time of its own"


def test_an_idempotency_key_is_decided_before_a_dedupe_key(pair):
    gateway = pair.gateway
    first = deduped(gateway, headers={"Idempotency-Key": "one"})
    assert deduped(gateway, headers={"Idempotency-Key": "one"}) == first
    headers = {"Idempotency-Key": "two"}
    assert deduped(gateway, headers=headers)["jobId"] == first["jobId"]
    gateway.delete(first["statusUrl"])
    assert deduped(gateway, headers={"Idempotency-Key": "one"}) == first
    second = deduped(gateway, headers=headers)
    assert second["jobId"] != first["jobId"] and deduped(gateway, headers=headers) == second


def test_a_job_that_is_tried_again_has_its_dedupe_key_again(pair):
    gateway = pair.gateway
    first = deduped(gateway)
    gateway.delete(first["statusUrl"])
    data_of(gateway.post(first["statusUrl"] + "/retry"))
    assert deduped(gateway)["jobId"] == first["jobId"]
    gateway.delete(first["statusUrl"])
    second = deduped(gateway)
    data_of(gateway.post(first["statusUrl"] + "/retry"))
    gateway.delete(second["statusUrl"])
    assert "deduplicated" not in deduped(gateway), "another job took the key"


def test_lists_go_by_cursor_and_refuse_what_is_none(pair):
    jobs = [create(pair.gateway, str(number))["jobId"] for number in range(25)]
    found, cursor = [], ""
    while cursor is not None:
        page = pair.gateway.get(f"{CHARACTER}?limit=10&status=waiting{cursor and '&cursor=' + cursor}").json()
        assert page["pagination"]["total"] == 25
        found += [item["jobId"] for item in page["data"]]
        cursor = page["pagination"]["nextCursor"]
    assert found == jobs[::-1]
    assert [item["jobId"] for item in pair.gateway.get(CHARACTER + "?skip=20").json()["data"]] == jobs[4::-1]
    assert list(error_of(pair.gateway.get(CHARACTER + "?cursor=bm9uc2Vuc2U"))[1]) == ["cursor"]
    assert pair.gateway.get(CHARACTER + "?skip=100000").json()["data"] == []


def test_unknown_sources_and_keys(pair):
    gateway = pair.gateway
    character, media = uuid.uuid4(), uuid.uuid4()
    assert error_of(gateway.post(f"/api/v1/characters/{character}/generate-image/queue"))[0] == "character_not_found"
    video = gateway.post(f"/api/v1/characters/{character}/media/{media}/generate-video/queue", json={"duration": 5})
    assert video.status_code == 404
    assert error_of(gateway.get(f"/api/v1/characters/{character}"))[0] == "character_not_found"
    key = {"headers": {"Idempotency-Key": "one"}}
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        same = set(pool.map(lambda _: create(gateway, **key)["jobId"], range(8)))
    assert len(same) == 1
    assert gateway.post(CREATE, json={"name": "B"}, **key).status_code == 422
    assert create(gateway, owner="another", **key)["jobId"] not in same


def test_nothing_acknowledged_is_lost_and_no_event_doubled_by_kills(pair):
    """Clients post, and one follows everything, while the broker is killed; each 202 is there afterwards."""
    stream = pair.gateway.stream("/api/v1/events", last=0)
    accepted = []

    def post(number):
        response = pair.gateway.post(CREATE, json={"name": str(number)}, headers={"Idempotency-Key": str(number)})
        accepted.append(data_of(response, 202)["jobId"])

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        posts = [pool.submit(post, number) for number in range(400)]
        for reached in 50, 150, 250:
            until(lambda count=reached: len(accepted) >= count)
            pair.broker.end(signal.SIGKILL)
            pair.broker.start()
        for done in posts:
            done.result()
    assert len(set(accepted)) == 400
    assert pair.gateway.get(CHARACTER + "?limit=1").json()["pagination"]["total"] == 400
    events = [stream.event() for _ in range(400)]
    assert {data["jobId"] for _, _, data in events} == set(accepted)
    assert [number for number, _, _ in events] == sorted({number for number, _, _ in events})
    stream.close()


def test_another_gateway_sees_the_same(pair, tmp_path):
    (tmp_path / "second").mkdir()
    second = Gateway(tmp_path / "second", TROUPE_GATEWAY_ENDPOINT=pair.gateway.endpoint)
    second.start()
    try:
        second.ready()
        job = create(pair.gateway)
        assert data_of(second.get(job["statusUrl"]))["status"] == "waiting"
        stream = second.stream(job["statusUrl"] + "/events")
        number, _, _ = stream.event()
        etag = pair.gateway.delete(job["statusUrl"]).headers["etag"]
        assert stream.event()[1] == "cancelled"
        assert data_of(second.get(f"{job['statusUrl']}?since={etag.strip(chr(34))}"))["status"] == "cancelled"
        assert [event[1] for event in pair.gateway.stream(job["statusUrl"] + "/events", last=number).rest()] == [
            "cancelled"]
        assert second.get(job["statusUrl"], bearer=token("root", role="admin")).status_code == 200
    finally:
        second.stop()
