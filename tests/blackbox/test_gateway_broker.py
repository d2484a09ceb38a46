"""What a broker can do wrong: silence, gaps, garbage, restarts, too much or too little."""

import concurrent.futures
import signal
import time
import uuid

import pytest

import wire
from gateway_stand import Stand, data_of, error_of, stand, token, until  # noqa: F401
from test_gateway_jobs import CHARACTER, path_of

CREATE = "/api/v1/characters/queue"


def test_a_missed_batch_empties_the_cache(stand):
    job = stand.broker.job_add("s")
    assert data_of(stand.gateway.get(path_of(job), owner="s"))["status"] == "waiting"
    stand.broker.change(job, "active", publish=False, state=2)
    stand.broker.batch += 1
    until(lambda: data_of(stand.gateway.get(path_of(job), owner="s"))["status"] == "active")
    assert len(stand.broker.questions("get_job")) == 2


def test_a_queue_that_was_paused_and_cannot_be_told_of_is_not_said_to_go_on(stand):
    stand.broker.handlers["get_queues"] = lambda record: [
        ("admin_page", {"request": record["request"], "code": wire.ENUMS["REPLY_CODE_BUSY"]})]
    answer = stand.gateway.post("/api/v1/admin/queues/image/pause", bearer=token("boss", role="admin"))
    assert answer.status_code == 503 and error_of(answer)[0] == "outcome_unknown"
    assert stand.broker.questions("set_queue")[-1]["paused"] is True


@pytest.mark.parametrize("names", [[], ["ada"], ["ada", "bo", "cy"], ["ada", "bo", "cy", "di", "ed"]])
def test_the_users_of_a_broker_that_passes_over_the_owner_are_not_told_as_this_one(stand, names):
    """It is older than the question about one user, and answers with its list."""
    stand.broker.handlers["get_users"] = lambda record: [
        ("admin_page", {"request": record["request"], "count": len(names), "users": len(names)})] + [
            ("user", {"owner": name, "waiting": 1}) for name in names]
    admin = token("boss", role="admin")
    answer = stand.gateway.get("/api/v1/admin/users?owner=ada", bearer=admin)
    assert answer.status_code == 503 and error_of(answer)[0] == "broker_unavailable"
    assert stand.broker.questions("get_users")[-1]["owner"] == "ada"
    told = data_of(stand.gateway.get("/api/v1/admin/users", bearer=admin))["users"]
    assert [user["owner"] for user in told] == names


def test_a_silent_broker_is_not_covered_up_by_the_cache(stand):
    """Known jobs are asked for again after a second of silence, and answered when the broker speaks."""
    job = stand.broker.job_add("s")
    assert stand.gateway.get(path_of(job), owner="s").status_code == 200
    stand.broker.silent = True
    until(lambda: stand.gateway.get("/readyz", owner=None).status_code == 503)
    assert error_of(stand.gateway.get("/readyz", owner=None))[0] == "not_ready"
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        answer = pool.submit(stand.gateway.get, path_of(job), owner="s")
        with pytest.raises(concurrent.futures.TimeoutError):
            answer.result(0.5)
        job.update(state=2, version=2)
        stand.broker.silent = False
        assert data_of(answer.result())["status"] == "active"


DASHBOARD = "/api/v1/admin/events"
SILENCE_S = 5  # of the broker, that ends the dashboard's stream
SHORT_S = 2  # a silence that /readyz tells already


def test_the_dashboards_stream_ends_while_the_broker_is_silent_and_users_streams_stay(stand):
    boss, job = token("boss", role="viewer"), stand.broker.job_add("s")
    of_job = stand.gateway.stream(path_of(job) + "/events", "s")
    dashboard = stand.gateway.stream(DASHBOARD, bearer=boss)
    stand.broker.silent = True
    until(lambda: dashboard.block() is None)
    answer = stand.gateway.get(DASHBOARD, bearer=boss)
    assert answer.status_code == 503 and error_of(answer)[0] == "broker_unavailable"
    assert int(answer.headers["retry-after"]) > 0
    assert stand.gateway.call("HEAD", DASHBOARD, bearer=boss).status_code == 503
    stand.broker.silent = False
    stand.gateway.ready()
    again = until(lambda: opened(stand, boss))
    until(lambda: again.block().get("event") == "queues")
    stand.broker.change(job, "active", state=2, attempt=1)
    assert of_job.event()[1] == "active"


def opened(stand, bearer):
    """The dashboard's stream, if there is one now."""
    stream = stand.gateway.stream(DASHBOARD, bearer=bearer)
    return stream if stream.status == 200 else None


def test_a_short_silence_of_the_broker_leaves_the_dashboards_stream(stand):
    dashboard = stand.gateway.stream(DASHBOARD, bearer=token("boss", role="viewer"))
    until(lambda: dashboard.block().get("event") == "queues")
    began = time.monotonic()
    stand.broker.silent = True
    until(lambda: time.monotonic() - began > SHORT_S)
    stand.broker.silent = False
    stand.gateway.ready()
    if time.monotonic() - began > SILENCE_S:
        pytest.skip("this machine made a long silence of it")
    stand.broker.paused.add(0)
    until(lambda: "\"paused\":true" in dashboard.block().get("data", ""))


def test_a_gateway_that_stood_still_does_not_take_it_for_the_brokers_silence(stand):
    dashboard = stand.gateway.stream(DASHBOARD, bearer=token("boss", role="viewer"))
    until(lambda: dashboard.block().get("event") == "queues")
    began = time.monotonic()
    stand.broker.silent = True  # what it says meanwhile may be lost
    stand.gateway.process.send_signal(signal.SIGSTOP)
    until(lambda: time.monotonic() - began > SILENCE_S + 2)
    stand.gateway.process.send_signal(signal.SIGCONT)
    stand.broker.silent = False
    stand.gateway.ready()
    stand.broker.paused.add(0)
    until(lambda: "\"paused\":true" in dashboard.block().get("data", ""))


def test_what_is_not_answered_in_time_is_503_and_says_what_is_known(tmp_path):
    """Ten seconds for all of them: a submit or cancel that was sent may have happened, a read has not, and nothing has
    that was never sent. An answer without its records is none. Afterwards everything works."""
    for name in "with", "without":
        (tmp_path / name).mkdir()
    stand, alone = Stand(tmp_path / "with"), Stand(tmp_path / "without", broker=False)
    try:
        job = stand.broker.job_add("ada")
        assert stand.gateway.get(path_of(job)).status_code == 200
        for name in "submit", "cancel_job", "get_document", "get_events":
            stand.broker.handlers[name] = lambda record: None
        stand.broker.handlers["list_jobs"] = lambda record: [
            ("list_page", {"request": record["request"], "total": 5, "count": 5})]
        cases = [
            (stand.gateway.post, CREATE, {"json": {"name": "A"}}, "outcome_unknown"),
            (stand.gateway.delete, path_of(job), {}, "outcome_unknown"),
            (stand.gateway.get, f"/api/v1/characters/{uuid.uuid4()}", {}, "broker_unavailable"),
            (stand.gateway.get, path_of(job) + "/events", {}, "broker_unavailable"),
            (stand.gateway.get, CHARACTER, {}, "broker_unavailable"),
            (alone.gateway.post, CREATE, {"json": {"name": "A"}}, "broker_unavailable"),
            (alone.gateway.get, path_of(job), {}, "broker_unavailable"),
        ]
        with concurrent.futures.ThreadPoolExecutor(len(cases)) as pool:
            answers = [pool.submit(method, path, **options) for method, path, options, _ in cases]
        for answer, (_, path, _, code) in zip(answers, cases):
            response = answer.result()
            assert response.status_code == 503 and response.headers["retry-after"], path
            assert error_of(response)[0] == code, path
        stand.broker.handlers.clear()
        assert stand.gateway.post(CREATE, json={"name": "A"}).status_code == 202
        assert stand.gateway.get(CHARACTER).status_code == 200
    finally:
        stand.stop()
        alone.gateway.stop()


def test_unanswered_submits_are_sent_again_under_the_same_job_after_a_restart(stand):
    stand.broker.handlers["submit"] = lambda record: None
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(stand.gateway.post, CREATE, json={"name": str(n)}) for n in range(8)]
        until(lambda: len(stand.broker.questions("submit")) == 8)
        stand.broker.stop()
        del stand.broker.handlers["submit"]
        stand.broker.start()
        jobs = {data_of(answer.result(), 202)["jobId"] for answer in answers}
    asked = stand.broker.questions("submit")
    first, again = asked[:8], asked[8:]
    assert not any(record.get("resent") for record in first) and all(record["resent"] for record in again)
    assert {record["job"] for record in first} == {record["job"] for record in again}
    assert jobs == {str(uuid.UUID(bytes=record["job"])) for record in first}


def test_a_refused_session_is_opened_again_and_requests_repeated(stand):
    """The broker forgets the session without a reconnect: the first request finds out."""
    stand.broker._peers = {identity: 1 for identity in stand.broker._peers}
    assert stand.gateway.post(CREATE, json={"name": "A"}).status_code == 202
    assert stand.broker.sessions == 2


def repeat(stand, name, method, path):
    """The answer to a request that the broker carries out without saying so, and gets again after a restart."""
    asked = []

    def lose_the_first(record):
        reply = getattr(stand.broker, "on_" + name)(record)
        asked.append(reply)
        return reply if len(asked) > 1 else None

    stand.broker.handlers[name] = lose_the_first
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        answer = pool.submit(method, path)
        until(lambda: asked)
        stand.broker.stop()
        stand.broker.start()
        return answer.result(), asked[1][0][1]["code"]


def test_a_repeated_cancel_that_finds_the_job_cancelled_is_a_success(stand):
    job = stand.broker.job_add("ada")
    answer, code = repeat(stand, "cancel_job", stand.gateway.delete, path_of(job))
    assert data_of(answer)["status"] == "cancelled" and code == wire.ENUMS["REPLY_CODE_ALREADY_ENDED"]


def test_a_repeated_deletion_that_finds_nothing_is_a_success(stand):
    character = stand.broker.character_add("ada")
    path = f"/api/v1/characters/{character}"
    answer, code = repeat(stand, "delete_document", stand.gateway.delete, path)
    assert data_of(answer) == {"id": character, "deleted": True} and code == wire.ENUMS["REPLY_CODE_NOT_FOUND"]
    assert stand.gateway.delete(path).status_code == 404


def test_a_repeated_deletion_of_what_is_anothers_removes_nothing(stand):
    character = stand.broker.character_add("bob")
    picture = stand.gateway.assets / "characters" / character / "0123456789abcdef.png"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"bob's")
    _, code = repeat(stand, "delete_document", stand.gateway.delete, f"/api/v1/characters/{character}")
    assert code == wire.ENUMS["REPLY_CODE_NOT_FOUND"]
    assert picture.read_bytes() == b"bob's"


def test_a_repeated_cancel_that_finds_the_batch_ended_is_a_success(stand):
    made = stand.gateway.post("/api/v1/batches", json={"jobs": [{"type": "character", "name": "A"}]})
    path = f"/api/v1/batches/{data_of(made, 202)['batchId']}"
    answer, code = repeat(stand, "cancel_group", stand.gateway.delete, path)
    assert data_of(answer)["status"] == "cancelled" and code == wire.ENUMS["REPLY_CODE_ALREADY_ENDED"]
    assert stand.gateway.delete(path).status_code == 409


def test_a_repeated_retry_is_carried_out_once(stand):
    job = stand.broker.job_add("s", state=4, error_code="x", error_message="y", completed_at=1767225602000)
    lost = []

    def lose_the_first(record):
        reply = stand.broker.on_retry_job(record)
        lost.append(record)
        return reply if len(lost) > 1 else None

    stand.broker.handlers["retry_job"] = lose_the_first
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        answer = pool.submit(stand.gateway.post, path_of(job) + "/retry", owner="s")
        until(lambda: lost)
        stand.broker.stop()
        stand.broker.start()
        data = data_of(answer.result())
    assert (data["status"], data["retries"]) == ("waiting", 1)
    assert [bool(record.get("resent")) for record in lost] == [False, True]


GARBAGE = [
    b"", b"\x00", b"\xff" * 1000, b"\xc1" * 10, b"\x93\x01\x00\xdd\xff\xff\xff\xff",
    b"\x93\x01\x00\xdf\xff\xff\xff\xff",
    b"\x93\x02\x00\x90", b"\x93\x01\x00\x91\x92\xcd\xff\xff\x80", b"\x93\x01\x00\x91\x92\x3d\x80", b"{}" * 100000,
    b"\x91" * 5000, b"\xa5hello",
]


@pytest.mark.parametrize("data", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_changes_nothing(stand, data):
    stand.broker.send(data)
    for _ in range(3):
        assert stand.gateway.post(CREATE, json={"name": "A"}).status_code == 202


@pytest.mark.parametrize("records", [
    [("reply", {"request": 12345, "code": 0})],
    [("job_state", {"request": 0, "job": b"x" * 16})],
    [("event_page", {"request": 1, "count": 500})],
    [("list_page", {"request": 1, "count": 100})],
    [("events", {"batch": 7, "count": 3})],
    [("events", {"batch": 1, "count": 1}), ("reply", {"request": 1, "code": 0})],
    [("event", {"event": 1, "job": b"x" * 16, "version": 1, "kind": 0, "at": 1})],
    [("error", {"code": wire.ENUMS["ERROR_CODE_UNKNOWN"]})],
    [("error", {"code": wire.ENUMS["ERROR_CODE_MALFORMED"], "detail": "\u2028\n"})],
    [("job", {"job": b"x" * 16, "lease": 1, "attempt": 1, "kind": 0, "timeout_ms": 1, "owner": "o",
              "character": b"x" * 16, "media": b"x" * 16, "payload": b"{}"})],
], ids=range(10))
def test_records_that_are_out_of_place_change_nothing(stand, records):
    stand.broker.send(records)
    stand.broker.send(records, session=77)
    for _ in range(3):
        assert stand.gateway.post(CREATE, json={"name": "A"}).status_code == 202


def test_a_broker_of_another_version_is_told_by_readyz(stand):
    stand.broker.ticking = False
    stand.broker.hello = lambda record: [("error", {"code": wire.ENUMS["ERROR_CODE_VERSION"], "detail": "2"})]
    until(lambda: "another version" in stand.gateway.get("/readyz", owner=None).text)
