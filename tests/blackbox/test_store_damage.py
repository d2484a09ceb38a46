"""Blocks of the store that are damaged on disk, to the real broker: they concern their jobs, and nothing waits.

In the background the store may come to rewrite a damaged table before anybody asks for it, and takes nothing more then
(docs/operations.md). That is another story: these are played anew then, from an empty directory."""

import contextlib
import json
import pathlib
import secrets
import uuid

from broker_stand import CHARACTER, COMPLETED, FAILED, IMAGE, Actor, Broker, Gateway, code, until
from test_unused_assets import Place, counts_of, url_of

TIMES = 4
CALLS = 16  # as many as a job may have: those of one job fill a block


class Stage:
    """A broker and its peers."""

    def __init__(self, directory):
        self.broker = Broker(directory).start()
        self.peers = []

    def gateway(self):
        self.peers.append(Gateway(self.broker))
        self.peers[-1].hello()
        return self.peers[-1]

    def actor(self, slots):
        self.peers.append(Actor(self.broker, slots=slots))
        return self.peers[-1].hello()

    def close(self):
        for each in (*self.peers, self.broker):
            each.close()


def play(story, make, directory):
    for left in reversed(range(TIMES)):
        (directory / str(left)).mkdir()
        with contextlib.closing(make(directory / str(left))) as scene:
            try:
                return story(scene)
            except AssertionError:
                if left == 0 or 'msg="cannot commit"' not in scene.broker.log():
                    raise
    return None


def call(actor, job, number):
    """Records a call that was paid for. The name of its task stands in an event as well, which comes before."""
    task = secrets.token_urlsafe(180)
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


def test_a_job_whose_paid_calls_cannot_be_read_fails_and_others_go_on(tmp_path):
    play(paid_calls_cannot_be_read, Stage, tmp_path)


def paid_calls_cannot_be_read(stage):
    broker, gateway, actor = stage.broker, stage.gateway(), stage.actor(slots=5)
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
    gateway, actor = stage.gateway(), stage.actor(slots=5)

    def work():
        """Does what comes, until the jobs that are looked at have ended."""
        actor.receive(50)
        while actor.inbox:
            name, record = actor.inbox.pop(0)
            if name == "job":
                actor.credit += 1
                actor.send(("done", dict(job=record["job"], lease=record["lease"], credit=actor.credit, url="/a.png",
                                         document=b'{"name":"Ada"}')))
        actor.send(("heartbeat", {"credit": actor.credit}))
        return all(gateway.get(job)["state"] in (COMPLETED, FAILED) for job in jobs)

    until(work, "the end of all jobs", 60)
    state = gateway.get(bad)
    assert state["state"] == FAILED and state["error_code"] == "input_unreadable"
    assert state["attempts_made"] == 3
    assert [gateway.get(job)["state"] for job in (first, last)] == [COMPLETED, COMPLETED]
    assert "cannot read a job" in broker.log() and "status=malformed" in broker.log()
    assert gateway.list()[0]["count"] == len(jobs)


def finish(actor, job, url):
    """Completes the job with documents that fill a block each. Returns what stands in that of the media entry only."""
    marker = secrets.token_urlsafe(4500)
    entry = {"id": str(uuid.UUID(bytes=job["media"])), "characterId": str(uuid.UUID(bytes=job["character"])),
             "type": "image", "url": url, "prompt": marker}
    media = json.dumps(entry).encode()
    if actor.kind == CHARACTER:
        document = {"id": entry["characterId"], "name": "Ada", "imageUrl": url, "story": secrets.token_urlsafe(4500)}
        actor.done(job, json.dumps(document).encode(), url, media=media)
    else:
        actor.done(job, media, url)
    return marker.encode()


def test_assets_of_a_character_that_cannot_be_read_are_left_and_others_go(tmp_path):
    play(assets_cannot_be_read, lambda directory: Place(directory, "file"), tmp_path)


def assets_cannot_be_read(place):
    place.settle()
    asked = Gateway(place.broker)
    asked.hello()
    maker, painter = place.actor(CHARACTER), place.actor(IMAGE)
    characters, used = [], []
    for _ in range(2):
        asked.submit(CHARACTER)
        characters.append(maker.job())
        used.append(place.write(url_of(characters[-1]["character"])))
        finish(maker, characters[-1], used[-1])
    asked.submit(IMAGE, character=characters[0]["character"])
    picture = painter.job()
    used.append(place.write(url_of(characters[0]["character"])))
    marker = finish(painter, picture, used[-1])
    left, gone = [place.write(url_of(job["character"])) for job in characters]
    place.broker.stop()
    place.broker.start()  # the log becomes a table
    place.broker.stop()
    damage(place.broker, marker[2000:2040])
    place.broker.start()
    place.settle()
    place.open()
    until(lambda: gone not in place.store.names(), "the end of what nobody uses")
    looks = place.looks()
    until(lambda: place.looks() > looks + 1, "two more looks")
    assert sorted(place.store.names()) == sorted([left, *used])
    assert counts_of(place.gateway)["left"] >= 1
    assert uuid.UUID(bytes=characters[0]["character"]).hex in place.broker.log().replace("-", "")
    asked.close()
