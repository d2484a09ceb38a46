"""An actor's conversation with the broker, with the null provider: sessions, credit, results, and what a broker may do
wrong."""

import contextlib
import signal
import time

import msgpack
import pytest
import wire
from fake_broker import FAIL, OPERATION, Actor, Broker, Span, Timeout, new_id

STEPS = {
    "character": [10, 30, 40, 60, 80],
    "image": [20, 40, 60, 80],
    "video": [10, 20, 30, 40, 50, 57, 65, 72, 80, 85, 95],
}


@pytest.fixture
def broker(tmp_path):
    broker = Broker(tmp_path)
    yield broker
    broker.close()


@pytest.fixture
def start(broker):
    actors = []

    def start_actor(role="character", **environment):
        actor = Actor(role, broker.endpoint, **environment)
        actors.append(actor)
        return actor

    yield start_actor
    for actor in actors:
        actor.close()


@pytest.mark.parametrize("role", STEPS)
def test_a_job_reports_every_step_and_its_documents(broker, start, role):
    actor = start(role)
    hello, held = broker.open()
    actor.wait_ready()
    assert held == [] and hello["session"] == 0
    assert (hello["slots"], hello["credit"]) == (5, 5)
    payload = {"character": {"name": "Mira"}, "image": {"poseId": "waving"}}.get(role, {"duration": 5})
    source = new_id() if role == "video" else None
    job = broker.start(kind=role, payload=payload, source=source)
    done = broker.finish(job)
    assert done["name"] == "done" and done["url"].startswith("/assets/characters/")
    assert [fields["progress"] for _, name, fields in broker.heard if name == "progress"] == STEPS[role]
    assert all(session == 1 for session, _, _ in broker.heard)


def test_a_slot_is_given_again_when_its_result_is_acknowledged(broker, start):
    start(QUEUE_CONCURRENCY=1)
    hello, _ = broker.open()
    assert hello["credit"] == 1
    job = broker.start()
    broker.acknowledge_operation(job)
    done = broker.take("done")
    assert done["credit"] == 1
    broker.drop_heard()
    broker.acknowledge(done)
    assert broker.take("heartbeat")["credit"] == 2


def test_a_result_is_sent_again_in_the_next_session_until_it_is_acknowledged(broker, start):
    start()
    broker.open()
    job = broker.start()
    broker.acknowledge_operation(job)
    first = broker.take("done")
    for session in (2, 3):
        broker.stop()
        broker.bind()
        hello, held = broker.open(session=session)
        assert held == [(job["job"], 1)] and hello["credit"] == 4
        again = broker.take("done")
        assert again["session"] == session
        assert again["document"] == first["document"]
    broker.acknowledge(again)
    broker.take("heartbeat", credit=5)  # it has the acknowledgement
    broker.stop()
    broker.bind()
    assert broker.open(session=4)[1] == []


def test_work_goes_on_through_a_restart_of_the_broker_and_is_told_again(broker, start):
    start(TROUPE_PROVIDER="null:600")
    broker.open()
    job = broker.start()
    broker.take("progress", step="character_populated")
    broker.stop()
    broker.bind()
    _, held = broker.open(session=2)
    assert held == [(job["job"], 1)]
    assert broker.take("progress")["session"] == 2
    assert broker.finish(job)["name"] == "done"


def test_an_operation_that_waits_for_its_ack_is_told_again(broker, start):
    start()
    broker.open()
    job = broker.start()
    broker.take("operation", job=job["job"], state=OPERATION["intent"])
    broker.stop()
    broker.bind()
    broker.open(session=2)
    assert broker.finish(job)["name"] == "done"


def test_a_refused_session_is_opened_again_with_backoff(broker, start):
    start()
    times = []
    for _ in range(4):
        broker.take("hello")
        times.append(time.monotonic())
        broker.send(("error", {"code": 1, "detail": "who are you"}), session=0)
    gaps = [later - earlier for earlier, later in zip(times, times[1:])]
    assert gaps[0] > 0.08 and gaps[2] > 0.3
    broker.open()


def test_a_session_error_makes_it_say_hello_with_what_it_holds(broker, start):
    start(TROUPE_PROVIDER="null:3000")
    broker.open()
    job = broker.start()
    broker.take("progress")
    broker.send(("error", {"code": 1}))
    _, held = broker.open(session=2)
    assert held == [(job["job"], 1)]


def test_an_error_about_an_unknown_message_ends_nothing(broker, start):
    start()
    broker.open()
    broker.send(("error", {"code": 5, "detail": "type 99"}))
    broker.never("hello")


def test_a_second_copy_of_a_job_changes_nothing(broker, start):
    start(TROUPE_PROVIDER="null:300")
    broker.open()
    values, records = broker.job()
    broker.send(*records, *records)
    broker.send(*records)
    assert broker.finish(values)["name"] == "done"
    broker.never("done")
    broker.never("release")


def test_a_job_beyond_its_slots_is_handed_back(broker, start):
    start(QUEUE_CONCURRENCY=1, TROUPE_PROVIDER="null:2000")
    broker.open()
    broker.start()
    second = broker.start()
    assert broker.take("release")["job"] == second["job"]


def test_a_job_of_another_kind_is_handed_back(broker, start):
    start("image")
    broker.open()
    job = broker.start(kind="character")
    assert broker.take("release")["job"] == job["job"]


@pytest.mark.alone
def test_cancel_stops_the_work_at_once(broker, start):
    actor = start(TROUPE_PROVIDER="null:60000")
    broker.open()
    job = broker.start()
    broker.take("progress", step="character_populated")
    span = Span(actor.process.pid)
    broker.send(("cancel", {"job": job["job"], "lease": 1}))
    fail = broker.take("fail")
    assert span.seconds() < 0.1
    assert (fail["job"], fail["lease"], fail["kind"]) == (job["job"], 1, FAIL["cancelled"])
    broker.acknowledge(fail)
    broker.never("done")


def test_a_cancel_that_comes_before_its_job_is_passed_over(broker, start):
    """Another one comes behind the JOB, with which the actor knows what there is to be dropped."""
    start()
    broker.open()
    broker.send(("cancel", {"job": new_id(), "lease": 3}))
    broker.never("fail")


def test_a_success_that_was_told_wins_over_a_cancel(broker, start):
    start()
    broker.open()
    job = broker.start()
    broker.acknowledge_operation(job)
    broker.take("done")
    broker.send(("cancel", {"job": job["job"], "lease": 1}))
    broker.never("fail")


def test_an_ack_of_a_lease_at_work_stops_it(broker, start):
    start(QUEUE_CONCURRENCY=1, TROUPE_PROVIDER="null:60000")
    broker.open()
    job = broker.start()
    broker.take("progress")
    broker.acknowledge(job)
    assert broker.take("heartbeat", credit=2)
    broker.never("fail")
    broker.stop()
    broker.bind()
    assert broker.open(session=2)[1] == []


def test_an_attempt_that_takes_too_long_fails_and_may_be_retried(broker, start):
    start(TROUPE_PROVIDER="null:60000")
    broker.open()
    job = broker.start(timeout_ms=200)
    fail = broker.take("fail", job=job["job"])
    assert (fail["kind"], fail["code"]) == (FAIL["retry"], "timeout")


def test_sigterm_hands_back_what_does_not_end_in_time(broker, start):
    actor = start(TROUPE_PROVIDER="null:60000", TROUPE_GRACE_MS=200)
    broker.open()
    jobs = [broker.start()["job"] for _ in range(3)]
    for job in jobs:
        broker.take("progress", job=job)
    actor.signal()
    assert {broker.take("release")["job"] for _ in jobs} == set(jobs)
    broker.take("bye")
    assert actor.wait() == 0


def jobs_until_one_is_handed_back(broker):
    """Sends jobs until the actor has seen its signal. Returns those that it took before; it may tell late of others."""
    sent = []
    while True:
        sent.append(broker.start())
        with contextlib.suppress(Timeout):
            first = broker.take("release", 0.05)["job"]
            return sent[:[job["job"] for job in sent].index(first)]


def test_sigterm_lets_finish_what_ends_in_time_and_takes_no_more(broker, start):
    actor = start(TROUPE_PROVIDER="null:1000", QUEUE_CONCURRENCY=1000, TROUPE_GRACE_MS=10000)
    broker.open()
    job = broker.start()
    broker.take("progress")
    actor.signal()
    for taken in [job, *jobs_until_one_is_handed_back(broker)]:
        done = broker.finish(taken)
        assert done["name"] == "done" and done["credit"] == 1000
    broker.take("bye")
    assert actor.wait() == 0


def test_drain_ends_an_idle_actor_at_once(broker, start):
    actor = start()
    broker.open()
    broker.send(("drain", {"reason": "old"}))
    broker.take("bye")
    assert actor.wait() == 0


def test_sigterm_without_a_broker_ends_within_the_grace_period(broker, start):
    actor = start(TROUPE_PROVIDER="null:60000", TROUPE_GRACE_MS=300)
    broker.open()
    broker.start()
    broker.take("progress")
    broker.stop()
    actor.signal()
    assert actor.wait() == 0


def test_a_second_signal_ends_at_once(broker, start):
    actor = start(TROUPE_PROVIDER="null:60000", QUEUE_CONCURRENCY=1000, TROUPE_GRACE_MS=10000)
    broker.open()
    broker.start()
    broker.take("progress")
    actor.signal(signal.SIGINT)
    jobs_until_one_is_handed_back(broker)
    actor.signal(signal.SIGTERM)
    assert actor.wait(5) == 1, "not after the ten seconds of its grace"


def test_heartbeats_come_at_the_brokers_pace_and_when_asked(broker, start):
    start()
    broker.open(heartbeat_ms=100)
    begin = time.monotonic()
    for _ in range(5):
        broker.take("heartbeat")
        broker.send(("ping", {}))
        broker.take("heartbeat")
    assert time.monotonic() - begin < 3


def test_a_silent_broker_gets_a_new_connection(broker, start):
    start(TROUPE_PROVIDER="null:60000")
    broker.open(heartbeat_ms=100)
    job = broker.start()
    broker.take("progress")
    first = broker.identity
    _, held = broker.open(session=2, heartbeat_ms=5000)
    assert broker.identity != first
    assert held == [(job["job"], 1)]


def test_garbage_is_refused_and_harms_nothing(broker, start):
    start()
    broker.open()
    no_fields = msgpack.packb([1, 1, [[21, {}]]])
    for frame in (b"", b"\x00", b"\xff" * 300, b"\xdd\xff\xff\xff\xff", no_fields, b"x" * 70000):
        broker.send_raw(frame)
    error = broker.take("error")
    assert error["code"] == 4
    broker.never("error", 0.2)  # the others came within the same second
    assert broker.finish(broker.start())["name"] == "done"


def test_another_version_is_refused_and_harms_nothing(broker, start):
    start()
    broker.open()
    broker.send_raw(msgpack.packb([wire.VERSION + 1, 1, []]))
    assert broker.take("error")["code"] == 0
    assert broker.finish(broker.start())["name"] == "done"


@pytest.mark.parametrize("record, code", [([250, {}], 5), ([1, {1: 0, 2: new_id(), 3: 1, 4: 0, 5: 1}], 2)])
def test_messages_that_actors_do_not_take_are_refused(broker, start, record, code):
    start()
    broker.open()
    broker.send_raw(msgpack.packb([wire.VERSION, 1, [record]]))
    assert broker.take("error")["code"] == code
    assert broker.finish(broker.start())["name"] == "done"


def test_records_of_another_session_change_nothing(broker, start):
    start()
    broker.open(session=7)
    values, records = broker.job()
    broker.send(*records, session=6)
    broker.never("progress")
    broker.send(*records)
    assert broker.finish(values)["name"] == "done"


def test_a_job_whose_operations_are_missing_is_handed_back(broker, start):
    start()
    broker.open()
    values, records = broker.job(operation_count=2)
    broker.send(*records)
    assert broker.take("release")["job"] == values["job"]


@pytest.mark.parametrize("payload", [b"", b"[1]", b"{", b'{"description":"no name"}', b'{"name":"a","name":"b"}'])
def test_bad_input_fails_for_good(broker, start, payload):
    start()
    broker.open()
    job = broker.start(payload=None, **{})
    broker.finish(job)
    values, records = broker.job()
    records[0][1]["payload"] = payload
    broker.send(*records)
    fail = broker.take("fail")
    assert (fail["kind"], fail["code"]) == (FAIL["permanent"], "bad_input")


@pytest.mark.parametrize(
    "environment",
    [
        {"QUEUE_CONCURRENCY": "0"},
        {"QUEUE_CONCURRENCY": "many"},
        {"TROUPE_PROVIDER": "nul"},
        {"TROUPE_PROVIDER": "null:x"},
        {"TROUPE_PROVIDER": "local"},
        {"TROUPE_PROVIDER": "live"},
        {"TROUPE_GRACE_MS": "-1"},
        {"TROUPE_ACTOR_ENDPOINT": "nonsense"},
    ],
)
def test_a_bad_setting_ends_the_start(start, environment):
    assert start(**environment).wait() == 2
