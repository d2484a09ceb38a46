"""A broker for tests of actors: it holds no jobs, says exactly what a test tells it, and keeps every record it hears.

It also starts the actor. Everything waits for a condition with a bound; nothing sleeps.
"""

import json
import os
import pathlib
import signal
import subprocess
import time
import uuid

import wire
import zmq

PROGRAMS = pathlib.Path(os.environ.get("TROUPE_PROGRAMS", pathlib.Path(__file__).resolve().parents[2] / "build/bin"))
SECONDS = 20  # bound of every wait
KINDS = {"character": 0, "image": 1, "video": 2}
FAIL = {"permanent": 0, "retry": 1, "throttled": 2, "cancelled": 3}
OPERATION = {"intent": 0, "submitted": 1, "finished": 2, "unknown": 3, "refused": 4, "cancelled": 5, "abandoned": 6}


def new_id():
    return uuid.uuid4().bytes


class Timeout(AssertionError):
    """What was waited for did not come."""


class Span:
    """Seconds from its beginning, without those in which others had the processors that a process or this one waited
    for, whichever of their threads waited most."""

    def __init__(self, pid):
        self.pid = pid
        self.begin, self.before = time.monotonic(), self.delays()

    def delays(self):
        """Of each thread; none on a kernel that does not tell."""
        files = [task / "schedstat" for each in (self.pid, "self")
                 for task in pathlib.Path(f"/proc/{each}/task").iterdir()]
        return {file: int(file.read_text().split()[1]) / 1e9 for file in files if file.exists()}

    def seconds(self):
        seconds = time.monotonic() - self.begin
        waits = [delay - self.before.get(file, 0) for file, delay in self.delays().items()]
        return seconds - max(waits, default=0)


class Broker:
    def __init__(self, directory, name="actors"):
        self.endpoint = f"ipc://{directory}/{name}"
        self.context = zmq.Context()
        self.heard = []  # (session, name, fields), not taken yet
        self.session = 0
        self.lease_ms = 30000
        self.identity = None
        self.socket = None
        self.bind()

    def bind(self):
        self.socket = self.context.socket(zmq.ROUTER)
        self.socket.linger = 0
        self.socket.bind(self.endpoint)

    def stop(self):
        """Goes away as a killed broker does: the connection breaks."""
        self.socket.close()
        self.heard.clear()

    def close(self):
        self.socket.close()
        self.context.term()

    def pump(self, seconds):
        """Takes what arrives within some time. Returns whether anything did."""
        if not self.socket.poll(int(seconds * 1000)):
            return False
        self.identity, frame = self.socket.recv_multipart()
        session, records = wire.unpack(frame)
        self.heard += [(session, name, fields) for name, fields in records]
        return True

    def take(self, name, seconds=SECONDS, **wanted):
        """Waits for a record and returns its fields; earlier ones of other names stay."""
        end = time.monotonic() + seconds
        while True:
            for index, (session, heard, fields) in enumerate(self.heard):
                if heard == name and all(fields.get(key) == value for key, value in wanted.items()):
                    del self.heard[index]
                    fields["session"] = session
                    return fields
            left = end - time.monotonic()
            if left <= 0 or not self.pump(left):
                raise Timeout(f"no {name} {wanted}; heard {[(heard, fields) for _, heard, fields in self.heard]}")

    def never(self, name, seconds=0.3, **wanted):
        try:
            fields = self.take(name, seconds, **wanted)
        except Timeout:
            return
        raise AssertionError(f"{name} {fields} came")

    def drop_heard(self):
        while self.pump(0):
            pass
        self.heard.clear()

    def send(self, *records, session=None):
        self.send_raw(wire.pack(self.session if session is None else session, *records))

    def send_raw(self, frame):
        self.socket.send_multipart([self.identity, frame])

    def open(self, session=1, heartbeat_ms=5000):
        """Waits for HELLO and its HOLDs, answers WELCOME. Returns HELLO and the list of (job, lease) held."""
        hello = self.take("hello")
        held = [self.take("hold") for _ in range(hello["hold_count"])]
        self.session = session
        self.send(("welcome", {"session": session, "lease_ms": self.lease_ms, "heartbeat_ms": heartbeat_ms}))
        return hello, [(hold["job"], hold["lease"]) for hold in held]

    def job(self, kind="character", payload=None, recorded=(), **fields):
        """A JOB and its RECORDEDs, ready for send, as (fields, records)."""
        values = {
            "job": new_id(),
            "lease": 1,
            "attempt": 1,
            "kind": KINDS[kind],
            "timeout_ms": 60000,
            "owner": "ada",
            "character": new_id(),
            "media": new_id(),
            "display_id": "ABCDEFGH",
            "payload": json.dumps({"name": "Mira"} if payload is None else payload).encode(),
            "operation_count": len(recorded) or None,
        }
        if kind != "character":
            values["character_document"] = json.dumps({"name": "Mira"}).encode()
        values.update(fields)
        records = [("job", values)]
        records += [("recorded", {"job": values["job"], "lease": 1, **operation}) for operation in recorded]
        return values, records

    def start(self, **options):
        """Sends a JOB and returns its fields."""
        values, records = self.job(**options)
        self.send(*records)
        return values

    def acknowledge_operation(self, job, seconds=SECONDS, **wanted):
        operation = self.take("operation", seconds, job=job["job"], **wanted)
        keys = ("job", "lease", "operation", "state")
        self.send(("operation_ack", {key: operation[key] for key in keys}))
        return operation

    def acknowledge(self, record):
        self.send(("ack", {"job": record["job"], "lease": record["lease"]}))

    def finish(self, job, seconds=SECONDS):
        """Acknowledges whatever a job needs to end, then its result. Returns the result's fields with its name."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for name in ("operation", "done", "fail"):
                try:
                    fields = self.take(name, 0.01, job=job["job"])
                except Timeout:
                    continue
                if name == "operation":
                    keys = ("job", "lease", "operation", "state")
                    self.send(("operation_ack", {key: fields[key] for key in keys}))
                    continue
                self.acknowledge(fields)
                fields["name"] = name
                return fields
        raise Timeout("the job does not end")


class Actor:
    """An actor program under test; command is put before it."""

    def __init__(self, role, endpoint, command=(), **environment):
        self.log = None
        settings = {
            "PATH": os.environ["PATH"],
            "TROUPE_ACTOR_ENDPOINT": endpoint,
            "TROUPE_PROVIDER": "null",
            "TROUPE_GRACE_MS": "0",
            "TROUPE_PAID_GRACE_MS": "0",
            "TROUPE_LOG_LEVEL": "debug",
            **{key: str(value) for key, value in environment.items()},
        }
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                settings[name] = os.environ[name]
        self.process = subprocess.Popen(
            [*command, PROGRAMS / f"troupe-actor-{role}"],
            env=settings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )

    def wait_ready(self):
        assert self.process.stdout.readline().endswith(": ready\n")

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def wait(self, seconds=SECONDS):
        return self.process.wait(seconds)

    def close(self):
        """Ends it as a stop does, so that sanitizers tell what they found."""
        running = self.process.poll() is None
        if running:
            self.process.terminate()
        try:
            status = self.process.wait(SECONDS)
        finally:
            self.process.kill()
            self.process.stdout.close()
        assert not running or status == 0
