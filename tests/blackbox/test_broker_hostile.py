"""What peers, disks and operators do wrong, to the real broker: each has a clear answer, and nothing else suffers."""

import hashlib
import os
import select
import signal
import socket
import stat
import uuid

import pytest
import zmq

import wire
from broker_stand import (ACTIVE, CANCELLED, CHARACTER, COMPLETED, WAITING, Actor, Broker, Peer, code, new_id, stand,
                          until)

GARBAGE = [
    b"",
    b"x",
    b"\x93\x01\x00",
    b"\x00" * 1000,
    b"\xdd\x00\xff\xff\xff",
    b"\x93\x01\x00\xdd\xff\xff\xff\xff",
    b"\x93\x01\x00\x91\x92\x01\x81\x01" + b"\x91" * 1000,
    b"\x93\x01\x00\x91\x92\xc0\x80",
    b"\xc1" + os.urandom(5000),  # a byte that MessagePack never uses: chance must not make a version of it
]


def peers_of(stand):
    return [Peer(stand.current.settings[f"TROUPE_{side}_ENDPOINT"]) for side in ("GATEWAY", "ACTOR")]


def works(stand):
    """A job goes through, whatever happened before; workers of before are gone."""
    for peer in stand.made:
        if isinstance(peer, Actor) and not peer.socket.closed:
            peer.bye()
    gateway = stand.gateway()
    accepted = gateway.submit(owner="works")
    actor = stand.actor()
    actor.done(actor.job(job=accepted["job"]))
    assert gateway.get(accepted["job"])["state"] == COMPLETED


def test_garbage_is_refused_at_both_endpoints(stand):
    stand.broker()
    for peer in peers_of(stand):
        stand.keep(peer)
        for garbage in GARBAGE:
            peer.send_raw(garbage)
            assert peer.expect("error")["code"] == code("ERROR_CODE_MALFORMED")
    for parts in ([b"a", b"b"], [wire.pack(0), b""], [b""] * 5):
        for peer in peers_of(stand):
            stand.keep(peer).send_raw(*parts)
            assert peer.expect("error")["code"] == code("ERROR_CODE_MALFORMED")
    works(stand)


def test_another_version_is_told(stand):
    stand.broker()
    for peer in peers_of(stand):
        stand.keep(peer)
        peer.send_raw(b"\x93\x02\x00\x90")
        assert peer.expect("error")["code"] == code("ERROR_CODE_VERSION")


def test_a_record_that_breaks_the_table_costs_its_session_only(stand):
    stand.broker()
    gateway, actor, other = stand.gateway(), stand.actor(), stand.gateway()
    gateway.send_raw(b"\x93\x01" + wire.pack(gateway.session)[2:-1] + b"\x91\x92\x29\x80")  # SUBMIT of nothing
    assert gateway.expect("error")["code"] == code("ERROR_CODE_MALFORMED")
    actor.send_raw(b"\x93\x01" + wire.pack(actor.session)[2:-1] + b"\x91\x92\x06\x80")
    assert actor.expect("error")["code"] == code("ERROR_CODE_MALFORMED")
    accepted = other.submit()
    assert actor.quiet("job")
    gateway.hello()
    actor.hello()
    assert actor.job(job=accepted["job"])
    assert gateway.get(accepted["job"])["state"] == ACTIVE


def test_an_unknown_message_is_passed_over(stand):
    stand.broker()
    gateway = stand.gateway()
    gateway.send_raw(wire.pack(gateway.session)[:-1] + b"\x91\x92\xcd\x03\xe8\x80")
    assert gateway.expect("error")["code"] == code("ERROR_CODE_UNKNOWN")
    assert gateway.submit()["code"] == code("REPLY_CODE_OK")


def test_each_endpoint_takes_only_its_own_messages(stand):
    stand.broker()
    gateway, actor = stand.gateway(), stand.actor()
    at_actors = Peer(stand.current.settings["TROUPE_ACTOR_ENDPOINT"])
    at_gateways = Peer(stand.current.settings["TROUPE_GATEWAY_ENDPOINT"])
    for peer in (at_actors, at_gateways):
        stand.keep(peer)
    at_actors.send(("gateway_hello", {"instance": new_id()}))
    assert at_actors.expect("error")["code"] == code("ERROR_CODE_FORBIDDEN")
    at_gateways.send(("hello", {"kind": 0, "instance": new_id(), "slots": 1, "hold_count": 0, "credit": 1}))
    assert at_gateways.expect("error")["code"] == code("ERROR_CODE_SESSION")
    # Within a session too: a worker cannot submit, a gateway cannot finish jobs.
    actor.send(("submit", dict(request=1, job=new_id(), kind=CHARACTER, owner="ada", character=new_id(), media=new_id(),
                               payload=b"{}")))
    assert actor.expect("error")["code"] == code("ERROR_CODE_FORBIDDEN")
    gateway.send(("done", dict(job=new_id(), lease=1, credit=1, document=b"{}")))
    assert gateway.expect("error")["code"] == code("ERROR_CODE_FORBIDDEN")
    works(stand)


def test_without_a_session_nothing_is_taken(stand):
    stand.broker()
    gateway = stand.gateway(hello=False)
    gateway.send(("get_job", {"request": 1, "job": new_id()}))
    assert gateway.expect("error")["code"] == code("ERROR_CODE_SESSION")
    gateway.hello()
    gateway.send(("get_job", {"request": 1, "job": new_id()}), session=gateway.session + 1)
    assert gateway.expect("error")["code"] == code("ERROR_CODE_SESSION")
    # That record was of another session: this one goes on.
    assert gateway.submit()["code"] == code("REPLY_CODE_OK")
    actor = stand.actor(hello=False)
    actor.send(("heartbeat", {"credit": 1}), session=77)
    assert actor.expect("error")["code"] == code("ERROR_CODE_SESSION")


def test_errors_are_not_answered(stand):
    stand.broker()
    for peer in peers_of(stand):
        stand.keep(peer)
        peer.send(("error", {"code": code("ERROR_CODE_MALFORMED")}))
        assert peer.quiet("error")


def test_a_gateway_on_a_new_connection_ends_its_old_session(stand):
    """What was sent on the old one may still come after it was sent again on the new one."""
    stand.broker()
    old = stand.gateway()
    new = stand.gateway(hello=False)
    new.instance = old.instance
    new.hello()
    old.send(("submit", dict(request=1, job=new_id(), kind=CHARACTER, owner="ada", character=new_id(), media=new_id(),
                             payload=b"{}")))
    assert old.expect("error")["code"] == code("ERROR_CODE_SESSION")
    assert new.list()[0].get("total", 0) == 0


def submissions(count, payload, keyed):
    for number in range(1, count + 1):
        key = dict(key=f"k{number}", key_hash=hashlib.sha256(b"x").digest()) if keyed else {}
        yield ("submit", dict(request=number, job=new_id(), kind=CHARACTER, owner="ada", character=new_id(),
                              media=new_id(), payload=payload, **key))


def test_a_frame_of_more_than_a_commit_is_taken_in_several_turns(stand):
    stand.broker()
    gateway = stand.gateway()
    gateway.send(*submissions(8192, b"{}", keyed=False))
    for number in range(1, 8193):
        assert gateway.expect("reply", request=number)["code"] == code("REPLY_CODE_OK")
    works(stand)


def test_a_burst_of_large_requests_that_are_looked_up(stand):
    stand.broker()
    gateway = stand.gateway()
    for submission in submissions(600, b"x" * 60000, keyed=True):
        gateway.send(submission)
    for number in range(1, 601):
        assert gateway.expect("reply", request=number)["code"] == code("REPLY_CODE_OK")
    works(stand)


def test_too_many_requests_at_once_are_told_to_come_again(stand):
    stand.broker()
    gateway = stand.gateway()
    job = [gateway.submit()["job"] for _ in range(5)][0]
    count = 24000
    frames = [wire.pack(gateway.session, *[
        ("search_jobs", {"request": 10 + start + number, "text": "nowhere", "limit": 20})
        for number in range(8000)]) for start in range(0, count, 8000)]
    for frame in frames:  # each is a look at all jobs, so that they come faster than they are answered
        gateway.send_raw(frame)
    codes = []
    while len(codes) < count:
        assert gateway.receive(30_000), f"{len(codes)} of {count} answers"
        codes += [record.get("code", 0) for name, record in gateway.inbox if name == "search_page"]
        gateway.inbox = []
    assert len(codes) == count and set(codes) == {code("REPLY_CODE_OK"), code("REPLY_CODE_BUSY")}
    assert gateway.get(job)["state"] == WAITING


def test_a_gateway_that_does_not_read_loses_its_session_and_nothing_else(stand):
    stand.broker()
    deaf, gateway, actor = stand.gateway(hello=False), stand.gateway(), stand.actor(slots=100)
    deaf.socket.close()
    deaf.socket = zmq.Context.instance().socket(zmq.DEALER)
    deaf.socket.setsockopt(zmq.LINGER, 0)
    deaf.socket.setsockopt(zmq.RCVHWM, 1)
    deaf.socket.connect(stand.current.settings["TROUPE_GATEWAY_ENDPOINT"])
    deaf.hello()
    accepted = gateway.submit()
    actor.done(actor.job(job=accepted["job"]), document=b"x" * 131072)

    def flood():
        for _ in range(10):
            deaf.send(("get_document", {"request": 1, "id": accepted["character"]}))
        return 'why="full"' in stand.current.log()

    until(flood, "the session of a gateway that does not read to end", 60)
    assert gateway.get(accepted["job"])["state"] == COMPLETED
    works(stand)


def test_reads_that_fail_are_told_and_do_not_end_it(stand):
    stand.broker()
    job = stand.gateway().submit()["job"]
    stand.current.stop()
    stand.broker(TROUPE_TEST_FAULT_READ="J2")  # a start reads each live job once
    gateway = stand.gateway()
    assert gateway.get(job)["code"] == code("REPLY_CODE_BUSY")
    assert gateway.get(job)["state"] == WAITING
    assert f'"cannot read the store" type=get_job job={uuid.UUID(bytes=job)} ' in stand.current.log()


def test_a_dispatch_that_cannot_be_read_is_tried_again(stand):
    stand.broker()
    failed = stand.gateway().submit(request_id="asked-by-ada")["job"]
    stand.current.stop()
    broker = stand.broker(TROUPE_TEST_FAULT_READ="P1")  # its input
    gateway, actor = stand.gateway(), stand.actor(slots=1)
    gateway.event(failed, "retry_scheduled")
    assert f'"cannot read a job" job={uuid.UUID(bytes=failed)} lease=1 request=asked-by-ada ' in broker.log()
    other = gateway.submit()["job"]
    actor.done(actor.job(job=other))  # its one place is free: it goes on in its session
    job = actor.job(job=failed)
    assert job["attempt"] == 1, "a disk that fails is not the job's fault"
    actor.done(job)


def test_a_job_to_stop_that_cannot_be_read_ends_no_session(stand):
    broker = stand.broker(TROUPE_TEST_FAULT_READ="P1")  # its first dispatch has its input at hand
    gateway, actor = stand.gateway(), stand.actor(slots=2)
    job = actor.job(job=gateway.submit()["job"])
    for state in ("INTENT", "SUBMITTED"):
        actor.send(("operation", dict(job=job["job"], lease=job["lease"], credit=actor.credit, operation=1,
                                      provider="studio", task="task-1", state=code("OPERATION_STATE_" + state))))
        actor.expect("operation_ack", job=job["job"])
    actor.fail(job, "THROTTLED", retry_after_ms=60000)
    gateway.cancel(job["job"])
    dropped = actor.job(job=job["job"])
    assert dropped["lease"] == 3 and "cannot read a job" in broker.log()
    actor.expect("cancel", lease=3)
    actor.fail(dropped, "CANCELLED")
    assert gateway.get(job["job"])["state"] == CANCELLED
    assert not any(name == "error" for name, _ in actor.inbox)


@pytest.mark.parametrize("commit", range(2, 8))
def test_a_commit_that_fails_ends_it_before_anything_is_said(stand, commit):
    """Whether the commit was written is not known: odd ones are, even ones are not. What was promised is kept."""
    broker = stand.broker(TROUPE_TEST_FAULT_COMMIT=commit)
    gateway = stand.gateway()
    promised = []
    for _ in range(commit):
        gateway.send(next(submissions(1, b"{}", keyed=False)))
        until(lambda: gateway.receive(10) or broker.process.poll() is not None, "an answer, or the end")
        if broker.process.poll() is not None:
            break
        promised.append(gateway.expect("reply", seconds=5)["job"])
    assert broker.wait() == 1
    assert "cannot commit" in broker.log()
    assert len(promised) == commit - 2
    stand.broker()
    gateway = stand.gateway()
    for job in promised:
        assert gateway.get(job)["state"] == WAITING
    assert gateway.list()[0].get("total", 0) - len(promised) in (0, 1)


def test_a_killed_broker_goes_on_where_it_was(stand):
    broker = stand.broker()
    gateway, actor = stand.gateway(), stand.actor(slots=2)
    jobs = [gateway.submit()["job"] for _ in range(3)]
    held = [actor.job(), actor.job()]
    actor.progress(held[0], 40)
    gateway.event(held[0]["job"], "progress")
    last = gateway.events[-1]["event"]
    broker.kill()
    stand.broker()
    gateway, again = stand.gateway(), stand.actor(slots=2, hello=False)
    again.instance = actor.instance
    again.hello(holds=[(job["job"], job["lease"]) for job in held], credit=0)
    state = gateway.get(held[0]["job"])
    assert (state["state"], state["progress"], state["attempt"]) == (ACTIVE, 40, 1)
    for job in held:
        again.done(job)
    third = again.job()
    assert third["job"] == jobs[2]
    again.done(third)
    assert gateway.list(states=1 << COMPLETED)[0]["total"] == 3
    _, events = gateway.timeline(after=last)
    assert [event["event"] for event in events] == list(range(last + 1, last + 1 + len(events)))
    assert {event["job"] for event in events if event["kind"] == code("EVENT_KIND_COMPLETED")} == set(jobs)


def test_a_worker_that_has_told_half_of_what_it_holds_is_told_with_all_of_it(stand):
    stand.broker()
    gateway, actor = stand.gateway(), stand.actor(slots=2)
    for _ in range(2):
        gateway.submit()
    held = [actor.job() for _ in range(2)]
    actor.send(("hello", {"kind": actor.kind, "instance": actor.instance, "slots": 2, "hold_count": 2,
                          "credit": 2}),
               ("hold", {"job": held[0]["job"], "lease": held[0]["lease"]}), session=0)
    actor.expect("welcome")
    assert gateway.ask("get_workers", "admin_page")["count"] == 3
    assert gateway.expect("worker")["count"] == 2
    assert [gateway.expect("worker_job")["job"] for _ in held] == [job["job"] for job in held]


def test_sessions_are_never_given_twice(stand):
    sessions = []
    for _ in range(3):
        broker = stand.broker()
        sessions.append((stand.gateway().session, stand.gateway().session, stand.actor().session))
        broker.stop()
    gateways = [session for first, second, _ in sessions for session in (first, second)]
    actors = [session for _, _, session in sessions]
    assert gateways == sorted(set(gateways)) and actors == sorted(set(actors))


def test_an_actor_whose_connection_dies_gives_its_jobs_back(stand):
    stand.broker()
    gateway, actor = stand.gateway(), stand.actor()
    accepted = gateway.submit()
    actor.job(job=accepted["job"])
    actor.socket.close()
    until(lambda: "peer lost" in stand.current.log(), "the dead connection to be noticed", 10)
    other = stand.actor()
    assert other.quiet("job")  # the lease lives on: its worker may come back
    assert gateway.get(accepted["job"])["state"] == ACTIVE


def test_a_second_broker_on_the_same_data_is_refused(stand):
    stand.broker()
    second = stand.keep(Broker(stand.directory, TROUPE_GATEWAY_ENDPOINT=f"ipc://{stand.directory}/other/g.sock",
                               TROUPE_ACTOR_ENDPOINT=f"ipc://{stand.directory}/other/a.sock"))
    assert second.run() == 3
    assert "data directory in use by another broker" in second.log()
    works(stand)


def test_a_second_broker_on_the_same_endpoints_is_refused(stand):
    stand.broker()
    second = stand.keep(Broker(stand.directory, TROUPE_DATA=f"{stand.directory}/other"))
    assert second.run() == 3
    assert "address in use by another process" in second.log()
    works(stand)


def test_a_taken_port_is_told(stand):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        endpoint = "tcp://127.0.0.1:%d" % taken.getsockname()[1]
        broker = stand.broker(start=False, TROUPE_GATEWAY_ENDPOINT=endpoint)
        assert broker.run() == 3
        assert "address in use" in broker.log()


def test_sockets_and_data_are_for_their_owner_alone(stand):
    stand.broker()
    for name, mode in (("run", 0o700), ("run/gateways.sock", 0o600), ("run/actors.sock", 0o600), ("data", 0o700),
                       ("data/broker", 0o700)):
        assert stat.S_IMODE((stand.directory / name).stat().st_mode) == mode, name


def test_a_directory_that_cannot_be_written_is_told(stand):
    broker = stand.broker(start=False, TROUPE_DATA="/proc/troupe")
    assert broker.run() == 1
    assert "cannot open the store" in broker.log() and "/proc/troupe" in broker.log()


@pytest.mark.parametrize("settings, words", [
    ({"TROUPE_DATA": None}, "TROUPE_DATA"),
    ({"TROUPE_GATEWAY_ENDPOINT": None}, "TROUPE_GATEWAY_ENDPOINT"),
    ({"TROUPE_ACTOR_ENDPOINT": "tcp://0.0.0.0:5555"}, "this host only"),
    ({"TROUPE_ACTOR_ENDPOINT": "tcp://*:5555"}, "this host only"),
    ({"TROUPE_ACTOR_ENDPOINT": "ipc://" + "x" * 200}, "longer than"),
    ({"TROUPE_RATE": "fast"}, "TROUPE_RATE"),
    ({"TROUPE_RATE_IMAGE": "-1"}, "TROUPE_RATE_IMAGE"),
    ({"TROUPE_SPACE_FLOOR": "much"}, "TROUPE_SPACE_FLOOR"),
    ({"TROUPE_JOBS_MAX": "0"}, "TROUPE_JOBS_MAX"),
])
def test_bad_settings_are_told(stand, settings, words):
    broker = stand.broker(start=False, **settings)
    assert broker.run() == 2
    assert words in broker.log()


def test_bad_usage_help_and_version(stand):
    broker = stand.broker(start=False)
    assert broker.run("--nonsense") == 2
    assert broker.run("--help") == 0 and "TROUPE_SPACE_FLOOR" in broker.output
    assert broker.run("--version") == 0 and broker.output.startswith("troupe-broker ")


def test_a_full_disk_refuses_new_jobs_while_others_finish(stand):
    stand.broker(TROUPE_SPACE_FLOOR=0).stop()
    stand.broker()
    gateway = stand.gateway()
    accepted = gateway.submit()
    stand.current.stop()
    stand.broker(TROUPE_SPACE_FLOOR=1 << 62)
    gateway, actor = stand.gateway(), stand.actor()
    assert gateway.submit()["code"] == code("REPLY_CODE_DISK_FULL")
    actor.done(actor.job(job=accepted["job"]))
    assert gateway.get(accepted["job"])["state"] == COMPLETED


def test_jobs_above_the_limit_are_refused(stand):
    stand.broker(TROUPE_JOBS_MAX=2)
    gateway = stand.gateway()
    first = gateway.submit()
    gateway.submit()
    assert gateway.submit()["code"] == code("REPLY_CODE_TOO_MANY_JOBS")
    gateway.cancel(first["job"])
    assert gateway.submit()["code"] == code("REPLY_CODE_OK")


def test_a_stopped_broker_does_not_declare_its_workers_lost(stand):
    broker = stand.broker()
    gateway, actor = stand.gateway(), stand.actor()
    accepted = gateway.submit()
    job = actor.job(job=accepted["job"])
    broker.process.send_signal(signal.SIGSTOP)
    until(lambda: not select.select([], [], [], 2)[0], "two seconds")
    broker.process.send_signal(signal.SIGCONT)
    actor.done(job)
    assert gateway.get(accepted["job"])["attempt"] == 1


def test_it_ends_cleanly(stand):
    broker = stand.broker()
    gateway = stand.gateway()
    jobs = [gateway.submit()["job"] for _ in range(5)]
    broker.process.send_signal(signal.SIGUSR1)
    until(lambda: "so far" in broker.log(), "the report")
    assert broker.stop() == 0
    assert "msg=stopped" in broker.log() or 'msg="stopped"' in broker.log()
    stand.broker()
    assert [job["job"] for job in stand.gateway().list()[1]] == jobs[::-1]
