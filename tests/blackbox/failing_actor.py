"""An actor of characters in a stack without others (--actors 0) that fails each job as the job's own description says:
`CODE|MESSAGE`, or for another try after so many ms `CODE|MESSAGE|MS`. Without one it completes. A HoldingActor keeps
jobs at work until it is let go. Use with `with`."""

import json
import pathlib
import threading
import uuid

from broker_stand import Actor, code
from fake_provider import PNG

SLOTS = 500
POLL_MS = 50


class FailingActor:
    def __init__(self, stack):
        endpoint = type("Endpoint", (), {"settings": {"TROUPE_ACTOR_ENDPOINT": f"ipc://{stack.data}/run/actors"}})
        self.actor = Actor(endpoint, slots=SLOTS)
        self.data = pathlib.Path(stack.data)
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.work)

    def work(self):
        self.actor.hello()
        while not self.ended.is_set():
            if not self.actor.receive(POLL_MS):
                self.actor.send(("heartbeat", {"credit": self.actor.credit}))
            taken, self.actor.inbox = self.actor.inbox, []
            for record in (record for name, record in taken if name == "job"):
                self.perform(record)
            self.go_on()
        self.actor.bye()

    def perform(self, job):
        self.actor.credit += 1
        told = {"job": job["job"], "lease": job["lease"], "credit": self.actor.credit}
        error, message, again_ms = (json.loads(job["payload"]).get("description", "").split("|") + ["", ""])[:3]
        if again_ms:
            self.actor.send(("fail", {**told, "kind": code("FAIL_KIND_RETRY"), "code": error, "message": message,
                                      "retry_after_ms": int(again_ms)}))
        elif error:
            self.actor.send(("fail", {**told, "kind": code("FAIL_KIND_PERMANENT"), "code": error, "message": message}))
        else:
            self.actor.send(("done", {**told, "url": self.drawn(job), "document": b'{"name":"Ada"}'}))

    def drawn(self, job):
        """A picture in the store, as every job leaves one there."""
        url = f"/assets/characters/{uuid.UUID(bytes=job['character'])}/a.png"
        path = self.data / url.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PNG)
        return url

    def go_on(self):
        """Called all the time, by its thread."""

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()


class HoldingActor(FailingActor):
    """Until let_go is set, jobs stay at work, at the first step."""

    def __init__(self, stack):
        super().__init__(stack)
        self.let_go = threading.Event()
        self.held = []

    def perform(self, job):
        self.held.append(job)
        self.actor.send(("progress", {"job": job["job"], "lease": job["lease"], "credit": self.actor.credit,
                                      "progress": 10, "step": "document_created"}))

    def go_on(self):
        if self.let_go.is_set():
            held, self.held = self.held, []
            for job in held:
                super().perform(job)
