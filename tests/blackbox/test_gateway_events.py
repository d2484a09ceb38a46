"""Event streams: replay, resume, both ends of a job, fan-out, slow readers, and what a gap does to them."""

import contextlib
import resource
import time
import uuid

import pytest

from gateway_stand import data_of, error_of, shared, stand, token, until  # noqa: F401
from test_gateway_jobs import CHARACTER, MEDIA, path_of

ALL = "/api/v1/events"
DASHBOARDS_MAX = 1000


def events_of(job):
    return path_of(job) + "/events"


def run_job(broker, job, publish=True):
    """A whole life of a job, in events."""
    broker.change(job, "queued", publish)
    broker.change(job, "active", publish, state=2, attempt=1, worker=uuid.uuid4().bytes, started_at=1)
    for progress in 20, 40, 60, 80:
        broker.change(job, "progress", publish, progress=progress, step=f"step_{progress}")
    broker.change(job, "completed", publish, state=3, progress=100, url="/assets/x.png", attempts_made=1,
                  completed_at=2)


KINDS = ["queued", "active", "progress", "progress", "progress", "progress", "completed"]


def test_a_finished_job_is_replayed_and_the_stream_ends(shared):
    job = shared.broker.job_add("e1", "image")
    run_job(shared.broker, job, publish=False)
    stream = shared.gateway.stream(events_of(job), "e1")
    assert stream.status == 200
    assert stream.headers["content-type"] == "text/event-stream"
    assert stream.headers["cache-control"] == "no-store"
    events = stream.rest()
    assert [kind for _, kind, _ in events] == KINDS
    assert [number for number, _, _ in events] == sorted(number for number, _, _ in events)
    assert [data["seq"] for _, _, data in events] == list(range(2, 9))
    number, _, data = events[2]
    assert data == {"jobId": path_of(job).split("/")[-1], "seq": 4, "at": data["at"], "type": "image",
                    "status": "active", "progress": 20, "step": "step_20", "attempt": 1}
    assert events[-1][2]["url"] == "/assets/x.png" and events[-1][2]["attemptsMade"] == 1


def test_a_running_job_is_followed_to_its_end(shared):
    job = shared.broker.job_add("e2")
    shared.broker.change(job, "queued", publish=False)
    stream = shared.gateway.stream(events_of(job), "e2")
    assert stream.event()[1] == "queued"
    shared.broker.change(job, "active", state=2, attempt=1)
    assert stream.event()[1] == "active"
    shared.broker.change(job, "retry_scheduled", state=1, error_code="timeout", error_message="slow", attempt=1,
                         next_attempt_at=1767225602000)
    number, kind, data = stream.event()
    assert (kind, data["error"], data["nextAttemptAt"]) == (
        "retry_scheduled", {"code": "timeout", "message": "slow"}, "2026-01-01T00:00:02.000Z")
    shared.broker.change(job, "failed", state=4, completed_at=1)
    assert stream.event()[2]["failedReason"] == "slow"
    assert stream.event() is None


def test_a_stream_resumes_after_the_last_event_id(shared):
    job = shared.broker.job_add("e3")
    run_job(shared.broker, job, publish=False)
    events = shared.gateway.stream(events_of(job), "e3").rest()
    for index, (number, _, _) in enumerate(events[:-1]):
        assert shared.gateway.stream(events_of(job), "e3", last=number).rest() == events[index + 1:]
    for last in events[-1][0], events[-1][0] + 1000:
        assert shared.gateway.stream(events_of(job), "e3", last=last).status == 204


def test_a_stream_belongs_to_the_owner(shared):
    job = shared.broker.job_add("e4")
    for owner, path in [("stranger", events_of(job)), ("e4", f"{CHARACTER}/{uuid.uuid4()}/events"),
                        ("e4", events_of(job).replace(CHARACTER, MEDIA))]:
        response = shared.gateway.get(path, owner=owner)
        assert response.status_code == 404 and error_of(response)[0] == "job_not_found"
    assert shared.gateway.get(events_of(job), owner=None).status_code == 401
    shared.broker.change(job, "cancelled", state=5)
    assert "event: cancelled" in shared.gateway.get(events_of(job), bearer=token("root", role="admin")).text


@pytest.mark.parametrize("last", ["x", "-1", "1.5", "9" * 30])
def test_a_cursor_that_is_none_is_400(shared, last):
    response = shared.gateway.get(ALL, headers={"Last-Event-ID": last})
    assert response.status_code == 400 and list(error_of(response)[1]) == ["Last-Event-ID"]


def test_head_of_a_stream_does_not_hang(shared):
    assert shared.gateway.call("HEAD", ALL).status_code == 200
    assert shared.gateway.call("HEAD", events_of(shared.broker.job_add("e5")), owner="e5").status_code == 200


def test_all_of_mine_starts_now_and_has_nobody_elses(shared):
    mine, others = shared.broker.job_add("e6"), shared.broker.job_add("someone")
    shared.broker.change(mine, "queued")
    until(lambda: shared.gateway.get(path_of(mine), owner="e6").headers["etag"] == '"2"')
    stream = shared.gateway.stream(ALL, "e6")
    assert stream.block() == {"retry": "2000"}
    shared.broker.change(others, "active", state=2)
    second = shared.broker.job_add("e6", "video")
    shared.broker.change(second, "queued")
    run_job(shared.broker, mine)
    events = [stream.event() for _ in range(8)]
    assert [(data["type"], kind) for _, kind, data in events] == [("video", "queued")] + [
        ("character", kind) for kind in KINDS]
    assert stream.is_quiet()
    stream.close()


def test_all_of_mine_resumes_across_pages(shared):
    jobs = [shared.broker.job_add("e7") for _ in range(40)]
    start = shared.broker.event_last
    for job in jobs:
        run_job(shared.broker, job)
    stream = shared.gateway.stream(ALL, "e7", last=start)
    events = [stream.event() for _ in range(280)]
    assert [number for number, _, _ in events] == list(range(start + 1, start + 281))
    shared.broker.change(jobs[0], "waiting", state=1)
    assert stream.event()[0] == start + 281
    stream.close()


def test_a_cursor_that_is_too_old_gets_one_reset(stand):
    job = stand.broker.job_add("old")
    run_job(stand.broker, job)
    stand.broker.event_oldest = 4
    stream = stand.gateway.stream(ALL, "old", last=1)
    assert stream.event() == (7, "reset", {"through": 7})
    stand.broker.change(job, "waiting", state=1)
    assert stream.event()[0] == 8
    stream.close()


def test_a_cursor_of_another_store_gets_one_reset_and_everything_again(stand):
    """The broker's store was lost or is an older copy: its numbers are below the client's cursor."""
    job = stand.broker.job_add("lost")
    stand.broker.change(job, "queued")
    stand.broker.change(job, "active", state=2)
    one, every = (stand.gateway.stream(path, "lost", last=1000) for path in (events_of(job), ALL))
    assert one.event() == (0, "reset", {"through": 0})
    assert [one.event()[1] for _ in range(2)] == ["queued", "active"]
    assert every.event() == (2, "reset", {"through": 2})
    stand.broker.change(job, "completed", state=3)
    assert one.event()[1] == every.event()[1] == "completed"
    assert one.event() is None


def test_live_events_that_come_while_history_is_read_are_not_lost_or_doubled(stand):
    job = stand.broker.job_add("race")
    stand.broker.change(job, "queued")

    def answer_late(record):
        page = stand.broker.on_get_events(record)
        stand.broker.change(job, "active", state=2)
        stand.broker.change(job, "progress", progress=10)
        return page

    stand.broker.handlers["get_events"] = answer_late
    stream = stand.gateway.stream(events_of(job), "race")
    assert [stream.event()[1] for _ in range(3)] == ["queued", "active", "progress"]
    stand.broker.change(job, "completed", state=3)
    assert stream.event()[1] == "completed"
    assert stream.event() is None


def test_a_job_that_ends_while_its_history_is_read_ends_the_stream(stand):
    job = stand.broker.job_add("race")
    stand.broker.change(job, "queued")

    def answer_late(record):
        page = stand.broker.on_get_events(record)
        event = stand.broker.change(job, "completed", publish=False, state=3)
        stand.broker.batch += 1
        return [("events", {"batch": stand.broker.batch, "count": 1, "event_last": event["event"]}),
                ("event", event)] + page

    stand.broker.handlers["get_events"] = answer_late
    assert [kind for _, kind, _ in stand.gateway.stream(events_of(job), "race").rest()] == ["queued", "completed"]


def test_a_retried_job_replays_its_first_end_and_goes_on(stand):
    job = stand.broker.job_add("again")
    stand.broker.change(job, "failed", state=4)
    stand.broker.change(job, "waiting", state=1)
    stream = stand.gateway.stream(events_of(job), "again")
    assert [stream.event()[1] for _ in range(2)] == ["failed", "waiting"]
    stand.broker.change(job, "completed", state=3)
    assert stream.event()[1] == "completed"
    assert stream.event() is None


def test_many_streams_get_the_same_events(shared):
    job = shared.broker.job_add("e8")
    streams = [shared.gateway.stream(events_of(job) if index % 2 else ALL, "e8") for index in range(100)]
    for stream in streams:
        assert stream.block() == {"retry": "2000"}
    run_job(shared.broker, job)
    for index, stream in enumerate(streams):
        assert [stream.event()[1] for _ in range(7)] == KINDS
        if index % 2:
            assert stream.event() is None
        stream.close()


def test_a_slow_reader_gets_progress_coalesced_and_every_state_change(stand):
    """It reads nothing while far more than any buffer holds is published, and then everything that is left."""
    jobs = [stand.broker.job_add("slow") for _ in range(50)]
    stream = stand.gateway.stream(ALL, "slow", receive_size=2048)
    assert stream.block() == {"retry": "2000"}
    filler = "x" * 500
    for turn in range(200):
        for job in jobs:
            stand.broker.change(job, "progress", state=2, progress=turn % 100, url=filler, error_message=filler)
            if turn % 10 == 0:
                stand.broker.change(job, "retry_scheduled", state=1, error_message=filler)
    last = stand.broker.event_last
    until(lambda: stand.gateway.get(path_of(jobs[-1]), owner="slow").headers["etag"] ==
          f'"{jobs[-1]["version"]}"')
    numbers, changes = [], 0
    while not numbers or numbers[-1] < last:
        number, kind, _ = stream.event()
        numbers.append(number)
        changes += kind == "retry_scheduled"
    assert numbers == sorted(set(numbers))
    assert changes == 50 * 20
    stream.close()


def test_a_missed_batch_is_read_from_the_broker(stand):
    job = stand.broker.job_add("gap")
    streams = [stand.gateway.stream(path, "gap") for path in (events_of(job), ALL)]
    for stream in streams:
        assert stream.block() == {"retry": "2000"}
    stand.broker.change(job, "queued")
    for stream in streams:
        assert stream.event()[1] == "queued"
    stand.broker.change(job, "active", publish=False, state=2)
    stand.broker.batch += 1  # this batch never arrives
    stand.broker.change(job, "progress", progress=10)
    for stream in streams:
        assert [stream.event()[1] for _ in range(2)] == ["active", "progress"]
    stand.broker.change(job, "completed", publish=False, state=3)
    stand.broker.batch += 1  # nor this one, and no other follows: the tick tells
    for stream in streams:
        assert stream.event()[1] == "completed"
    assert streams[0].event() is None


def test_streams_live_through_a_restart_of_the_broker(stand):
    job = stand.broker.job_add("restart")
    streams = [stand.gateway.stream(path, "restart") for path in (events_of(job), ALL)]
    stand.broker.change(job, "queued")
    for stream in streams:
        assert stream.event()[1] == "queued"
    stand.broker.stop()
    stand.broker.change(job, "active", publish=False, state=2)
    stand.broker.batch = 0
    stand.broker.start()
    for stream in streams:
        assert stream.event()[1] == "active"
    stand.broker.change(job, "completed", state=3)
    for stream in streams:
        assert stream.event()[1] == "completed"


def test_a_stream_opened_before_the_first_session_starts_with_it(stand):
    """Without a cursor "now" is when the gateway first hears of the broker."""
    stand.broker.stop()
    stand.gateway.stop()
    job = stand.broker.job_add("early")
    stand.broker.change(job, "queued", publish=False)
    stand.gateway.start()
    stream = stand.gateway.stream(ALL, "early")
    assert stream.block() == {"retry": "2000"}
    stand.broker.start()
    stand.gateway.ready()
    stand.broker.change(job, "active", state=2)
    assert stream.event()[1] == "active"
    stream.close()


def test_a_stop_ends_streams_with_a_comment(stand):
    job = stand.broker.job_add("stop")
    stream = stand.gateway.stream(events_of(job), "stop")
    assert stream.block() == {"retry": "2000"}
    stand.gateway.stop()
    assert stream.block() == {"": "the server stops"}
    assert stream.block() is None


def test_a_quiet_stream_gets_comments(stand):
    """A comment within every 15 s: the only test that waits for real time."""
    stream = stand.gateway.stream(ALL, "quiet")
    assert stream.block() == {"retry": "2000"}
    assert stream.block() == {"": ""}
    stream.close()


LEEWAY_S = 60  # of tokens, for clocks that differ


def test_a_stream_ends_with_its_token(stand):
    """Within the 15 s of a comment; the next request is refused."""
    bearer = token("leaving", exp=int(time.time()) - LEEWAY_S + 3)
    stream = stand.gateway.stream(ALL, bearer=bearer)
    assert stream.block() == {"retry": "2000"}
    assert stream.block() == {"": "the token has expired"}
    assert stream.block() is None
    assert error_of(stand.gateway.get(ALL, bearer=bearer))[0] == "token_expired"


def test_the_dashboards_stream_ends_with_its_token(stand):
    stream = stand.gateway.stream("/api/v1/admin/events",
                                  bearer=token("boss", role="viewer", exp=int(time.time()) - LEEWAY_S + 3))
    while stream.block() is not None:
        pass


def test_more_dashboards_than_there_may_be_are_told_to_come_later(stand):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4096)), hard))  # a file for each
    bearer = token("boss", role="admin")
    head = f"GET /api/v1/admin/events HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {bearer}\r\n\r\n".encode()
    with contextlib.ExitStack() as opened:
        for _ in range(DASHBOARDS_MAX):
            connection = opened.enter_context(stand.gateway.connect())
            connection.sendall(head)
            assert connection.recv(12) == b"HTTP/1.1 200"
        answer = stand.gateway.get("/api/v1/admin/events", bearer=bearer)
        assert answer.status_code == 503 and error_of(answer)[0] == "busy"
    until(lambda: stand.gateway.get("/api/v1/admin/queues", bearer=bearer).status_code == 200)
