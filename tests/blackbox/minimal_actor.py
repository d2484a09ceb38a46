#!/usr/bin/python3
"""The least that an actor is: takes jobs of one kind, one at a time, and answers each with a document.

    minimal_actor.py ENDPOINT [KIND]        KIND: 0 character, 1 image (default), 2 video
"""
import json
import sys
import uuid

import msgpack
import zmq

HELLO, HOLD, HEARTBEAT, PROGRESS, DONE, FAIL, WELCOME, JOB, ACK, PING, ERROR = 1, 2, 3, 4, 6, 7, 20, 21, 24, 26, 80
ERROR_UNKNOWN = 5


class Actor:
    def __init__(self, endpoint, kind, perform):
        self.kind, self.perform, self.instance = kind, perform, uuid.uuid4().bytes
        self.session, self.received, self.heartbeat_ms = 0, 0, 5000
        self.results = {}  # (job, lease) -> DONE or FAIL without an ACK so far
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.setsockopt(zmq.IMMEDIATE, 1)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.connect(endpoint)

    def send(self, *records):
        try:
            self.socket.send(msgpack.packb([1, self.session, records]), zmq.NOBLOCK)
        except zmq.Again:
            pass  # not connected: after the next WELCOME everything is told again

    def hello(self):
        self.session = self.received = 0
        holds = [[HOLD, {1: job, 2: lease}] for job, lease in self.results]
        self.send([HELLO, {1: self.kind, 2: self.instance, 3: 1, 4: len(holds), 5: 1}], *holds)

    def work(self, job):
        self.received += 1
        lease = {1: job[1], 2: job[2]}
        self.send([PROGRESS, {**lease, 3: self.received, 4: 60, 5: "image_started"}])
        credit = {3: self.received + 1}  # the jobs it got, and one more
        try:
            result = [DONE, {**lease, **credit, 5: self.perform(job)}]
        except Exception as error:  # a counted failure: the broker tries again
            result = [FAIL, {**lease, **credit, 4: 1, 5: "internal", 6: str(error)[:100]}]
        self.results[job[1], job[2]] = result
        self.send(result)

    def take(self, session, kind, fields):
        if kind == WELCOME:
            self.session, self.heartbeat_ms = fields[1], fields[3]
            for _, result in self.results.values():
                result[3] = 1  # credit counts from HELLO
            self.send(*self.results.values(), [HEARTBEAT, {1: 1}])
        elif kind == ERROR and fields[1] != ERROR_UNKNOWN:
            self.session = 0  # HELLO follows, not at once: two peers must not keep each other busy
        elif session != self.session or session == 0:
            pass  # of an earlier session
        elif kind == JOB:
            self.work(fields)
        elif kind == ACK:
            self.results.pop((fields[1], fields[2]), None)
        elif kind == PING:
            self.send([HEARTBEAT, {1: self.received + 1}])

    def run(self):
        self.hello()
        while True:
            if self.socket.poll(self.heartbeat_ms if self.session else 1000):
                _, session, records = msgpack.unpackb(self.socket.recv(), strict_map_key=False)
                for kind, fields in records:
                    self.take(session, kind, fields)
            elif self.session:
                self.send([HEARTBEAT, {1: self.received + 1}])
            else:
                self.hello()


def perform(job):
    """Returns the document, as JSON, of the job's media entry (8), made for its character (7)."""
    media, character = str(uuid.UUID(bytes=job[8])), str(uuid.UUID(bytes=job[7]))
    return json.dumps({"id": media, "characterId": character, "input": json.loads(job[11])}).encode()


if __name__ == "__main__":
    Actor(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1, perform).run()
