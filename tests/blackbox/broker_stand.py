"""A broker process, and peers that play gateways and actors towards it."""

import os
import pathlib
import select
import signal
import subprocess
import threading
import time
import uuid

import pytest
import zmq

import wire

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("TEST_BIN", ROOT / "build/bin"))
WAIT_S = 20
CHARACTER, IMAGE, VIDEO = range(3)
PENDING, WAITING, ACTIVE, COMPLETED, FAILED, CANCELLED = range(6)


def code(name):
    return wire.ENUMS[name]


def until(condition, what="condition", seconds=WAIT_S):
    """Waits until condition() is true and returns what it gave."""
    end = time.monotonic() + seconds
    pause = threading.Event()
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        pause.wait(0.005)
    raise AssertionError("not in time: " + what)


def new_id():
    return uuid.uuid4().bytes


class Broker:
    """The process. Settings of None are left out."""

    def __init__(self, directory, **settings):
        self.directory = pathlib.Path(directory)
        self.settings = dict({
            "TROUPE_GATEWAY_ENDPOINT": f"ipc://{directory}/run/gateways.sock",
            "TROUPE_ACTOR_ENDPOINT": f"ipc://{directory}/run/actors.sock",
            "TROUPE_DATA": str(directory / "data"),
            "TROUPE_RATE": "off",
            "TROUPE_LOG_LEVEL": "debug",
        }, **settings)
        self.process = None

    @property
    def log_path(self):
        return self.directory / "broker.log"

    def log(self):
        return self.log_path.read_text() if self.log_path.exists() else ""

    def spawn(self, *arguments):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TROUPE_")}
        environment.update({name: str(value) for name, value in self.settings.items() if value is not None})
        self.log_file = open(self.log_path, "ab")
        self.process = subprocess.Popen([BIN / "troupe-broker", *arguments], env=environment, stdout=subprocess.PIPE,
                                        stderr=self.log_file, text=True)
        return self

    def start(self):
        self.spawn()
        ready, _, _ = select.select([self.process.stdout], [], [], WAIT_S)
        line = self.process.stdout.readline() if ready else ""
        assert line == "troupe-broker: ready\n", self.log()
        return self

    def run(self, *arguments):
        """For starts that must end by themselves: returns the exit code."""
        self.spawn(*arguments)
        self.output = self.process.communicate(timeout=WAIT_S)[0]
        return self.process.returncode

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        return self.wait()

    def wait(self):
        result = self.process.wait(WAIT_S)
        self.process.stdout.close()
        self.log_file.close()
        return result

    def close(self):
        if self.process is not None and self.process.poll() is None:
            self.kill()


class Peer:
    """A DEALER that keeps what comes, in order."""

    def __init__(self, endpoint):
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.connect(endpoint)
        self.session = 0
        self.inbox = []

    def close(self):
        self.socket.close()

    def send(self, *records, session=None):
        self.socket.send(wire.pack(self.session if session is None else session, *records))

    def send_raw(self, *parts):
        self.socket.send_multipart(parts)

    def receive(self, wait_ms=0):
        """Takes one frame into the inbox; False when none came."""
        if not self.socket.poll(wait_ms):
            return False
        self.inbox.extend(wire.unpack(self.socket.recv())[1])
        return True

    def expect(self, name, seconds=WAIT_S, **fields):
        """Waits for a record of this name and fields, takes it out of the inbox and returns it."""
        end = time.monotonic() + seconds
        while True:
            for place, (kind, record) in enumerate(self.inbox):
                if kind == name and all(record.get(field, 0) == value for field, value in fields.items()):
                    del self.inbox[place]
                    return record
            left = end - time.monotonic()
            if left <= 0:
                raise AssertionError(f"no {name} {fields}; there are {str(self.inbox[-20:])[:2000]}")
            self.receive(int(left * 1000) + 1)

    def quiet(self, name, wait_ms=300):
        """Nothing of this name comes for so long."""
        end = time.monotonic() + wait_ms / 1000
        while time.monotonic() < end:
            self.receive(20)
        return not [record for kind, record in self.inbox if kind == name]


class Gateway(Peer):
    def __init__(self, broker):
        super().__init__(broker.settings["TROUPE_GATEWAY_ENDPOINT"])
        self.instance = new_id()
        self.requests = 0
        self.events = []  # all that were published, in order
        self.batch = None

    def hello(self):
        self.inbox = []
        self.session = 0
        self.send(("gateway_hello", {"instance": self.instance, "host": "test", "pid": os.getpid()}))
        welcome = self.expect("gateway_welcome")
        self.session = welcome["session"]
        self.batch = welcome.get("batch", 0)
        return welcome

    def receive(self, wait_ms=0):
        if not self.socket.poll(wait_ms):
            return False
        session, records = wire.unpack(self.socket.recv())
        left = 0
        for name, record in records:
            if name == "events":
                left = record.get("count", 0)
                if self.batch is not None:
                    assert record["batch"] == self.batch + (1 if left else 0)
                self.batch = record["batch"]
            elif name == "event" and left:
                left -= 1
                if self.events:
                    assert record["event"] == self.events[-1]["event"] + 1
                self.events.append(record)
            else:
                self.inbox.append((name, record))
        return True

    def number(self):
        self.requests += 1
        return self.requests

    def ask(self, name, answer, **fields):
        """Sends a request and waits for its answer."""
        number = self.number()
        self.send((name, dict(fields, request=number)))
        return self.expect(answer, request=number)

    def submit(self, kind=CHARACTER, owner="ada", payload=b'{"name":"Ada"}', **fields):
        fields = dict({"job": new_id(), "character": new_id(), "media": new_id()}, **fields)
        reply = self.ask("submit", "reply", kind=kind, owner=owner, payload=payload, **fields)
        return dict(fields, **reply)

    def cancel(self, job, owner="ada"):
        return self.ask("cancel_job", "reply", job=job, owner=owner)

    def retry(self, job, owner="ada", retries=0, **fields):
        return self.ask("retry_job", "reply", job=job, owner=owner, retries=retries, **fields)

    def get(self, job):
        return self.ask("get_job", "job_state", job=job)

    def list(self, owner="ada", kinds=7, limit=20, **fields):
        """Returns the page and its jobs."""
        page = self.ask("list_jobs", "list_page", owner=owner, kinds=kinds, limit=limit, **fields)
        return page, [self.expect("job_state", request=0) for _ in range(page.get("count", 0))]

    def timeline(self, owner="ada", job=None, after=0, limit=512):
        """Returns the page and its events."""
        page = self.ask("get_events", "event_page", owner=owner, job=job, after=after, limit=limit)
        return page, [self.expect("event") for _ in range(page.get("count", 0))]

    def event(self, job, kind, seconds=WAIT_S):
        """Waits until this event was published."""
        wanted = code("EVENT_KIND_" + kind.upper())
        end = time.monotonic() + seconds
        while True:
            for event in self.events:
                if event["job"] == job and event["kind"] == wanted:
                    return event
            assert time.monotonic() < end, f"no event {kind}"
            self.receive(100)


class Actor(Peer):
    def __init__(self, broker, kind=CHARACTER, slots=5):
        super().__init__(broker.settings["TROUPE_ACTOR_ENDPOINT"])
        self.kind = kind
        self.slots = slots
        self.instance = new_id()
        self.credit = slots

    def hello(self, holds=(), credit=None, providers=()):
        self.session = 0
        self.credit = self.slots if credit is None else credit
        self.send(("hello", {"kind": self.kind, "instance": self.instance, "slots": self.slots,
                             "hold_count": len(holds), "credit": self.credit, "provider_count": len(providers)}),
                  *[("provider", provider) for provider in providers],
                  *[("hold", {"job": job, "lease": lease}) for job, lease in holds])
        welcome = self.expect("welcome")
        self.session = welcome["session"]
        return self

    def bye(self):
        """Ends the session; nothing more is handed out to it when this returns: it is heard of as over."""
        self.send(("bye", {}), ("heartbeat", {"credit": 0}))
        self.expect("error", code=code("ERROR_CODE_SESSION"))
        self.close()

    def job(self, **fields):
        return self.expect("job", **fields)

    def progress(self, job, progress, step="image_generated", **fields):
        self.send(("progress", dict(job=job["job"], lease=job["lease"], credit=self.credit, progress=progress,
                                    step=step, **fields)))

    def done(self, job, document=b'{"name":"Ada"}', url="/assets/a.png", acknowledged=True, **fields):
        self.credit += 1
        self.send(("done", dict(job=job["job"], lease=job["lease"], credit=self.credit, url=url, document=document,
                                **fields)))
        if acknowledged:
            self.expect("ack", job=job["job"], lease=job["lease"])

    def fail(self, job, kind="RETRY", **fields):
        self.credit += 1
        self.send(("fail", {"job": job["job"], "lease": job["lease"], "credit": self.credit,
                            "kind": code("FAIL_KIND_" + kind), "code": "provider_error", "message": "it broke",
                            **fields}))
        self.expect("ack", job=job["job"], lease=job["lease"])


@pytest.fixture
def stand(tmp_path):
    """Makes brokers and peers that are closed at the end: stand.broker(), .gateway(), .actor()."""

    class Stand:
        def __init__(self):
            self.made = []
            self.directory = tmp_path

        def keep(self, thing):
            self.made.append(thing)
            return thing

        def broker(self, start=True, **settings):
            self.current = self.keep(Broker(tmp_path, **settings))
            return self.current.start() if start else self.current

        def gateway(self, hello=True):
            gateway = self.keep(Gateway(self.current))
            if hello:
                gateway.hello()
            return gateway

        def actor(self, kind=CHARACTER, slots=5, hello=True):
            actor = self.keep(Actor(self.current, kind, slots))
            return actor.hello() if hello else actor

    result = Stand()
    yield result
    for thing in reversed(result.made):
        thing.close()
