"""Blocks of the store that are damaged on disk, to the real broker: they concern their jobs, and nothing waits."""

import os
import pathlib

from broker_stand import COMPLETED, FAILED, code, stand, until

CALLS = 16  # as many as a job may have: those of one job fill a block
TASK_BYTES = 250


def call(actor, job, number):
    """Records a call that was paid for. The name of its task stands in an event as well, which comes before."""
    task = os.urandom(TASK_BYTES // 2).hex()
    actor.send(("operation", dict(job=job["job"], lease=job["lease"], credit=actor.credit, operation=number,
                                  state=code("OPERATION_STATE_FINISHED"), provider="studio", task=task,
                                  charged=code("CHARGE_YES"))))
    actor.expect("operation_ack", job=job["job"])
    return task.encode()


def damage(broker, marker):
    """Changes a bit of a table where these bytes stand last: the checksum of their block is wrong then."""
    for table in (pathlib.Path(broker.settings["TROUPE_DATA"]) / "broker").glob("*.sst"):
        content = bytearray(table.read_bytes())
        place = content.rfind(marker)
        if place >= 0:
            content[place] ^= 1
            table.write_bytes(content)
            return
    raise AssertionError("the table of it is not found")


def test_a_job_whose_paid_calls_cannot_be_read_fails_and_others_go_on(stand):
    broker = stand.broker()
    gateway, actor = stand.gateway(), stand.actor(slots=5)
    jobs = sorted(gateway.submit()["job"] for _ in range(5))
    tasks = {}
    for job in jobs:
        given = actor.job(job=job)
        tasks[job] = [call(actor, given, number) for number in range(CALLS)]
        actor.send(("release", {"job": job, "lease": given["lease"]}))
        actor.expect("ack", job=job)  # it is not handed out again: the credit is used up
    actor.bye()
    broker.stop()
    broker.start()  # the log becomes a table
    broker.stop()
    first, bad, last = jobs[0], jobs[2], jobs[4]
    damage(broker, tasks[bad][CALLS // 2][:40])
    broker.start()
    gateway, actor = stand.gateway(), stand.actor(slots=5)

    def work():
        """Does what comes, until the jobs that are looked at have ended; sessions end with what cannot be read."""
        actor.receive(50)
        while actor.inbox:
            name, record = actor.inbox.pop(0)
            if name == "job":
                actor.credit += 1
                actor.send(("done", dict(job=record["job"], lease=record["lease"], credit=actor.credit, url="/a.png",
                                         document=b'{"name":"Ada"}')))
            elif name == "error":
                actor.hello()
        actor.send(("heartbeat", {"credit": actor.credit}))
        return all(gateway.get(job)["state"] in (COMPLETED, FAILED) for job in jobs)

    until(work, "the end of all jobs")
    state = gateway.get(bad)
    assert state["state"] == FAILED and state["error_code"] == "input_unreadable"
    assert state["attempts_made"] == 3
    assert [gateway.get(job)["state"] for job in (first, last)] == [COMPLETED, COMPLETED]
    assert "cannot read a job" in broker.log() and "status=malformed" in broker.log()
    assert gateway.list()[0]["count"] == len(jobs)
