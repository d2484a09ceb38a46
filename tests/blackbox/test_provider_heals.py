"""Method: two studios stand for two providers of one list, in a whole stack: real broker, real actors. The first fails
for everybody, by refused connections or by 503, and heals. What had been ordered stays with it, what had not goes to
the other, and the ledgers of both tell that everything was paid for once."""

import contextlib
import json
import uuid

import pytest

from matrix_wave import free_port
from proxy import Proxy
from stack import Client, Stack, wait_until
from studio_stand import PICTURE_MODEL, Studio

SECONDS = 90  # that a job may take, on a busy machine
POLL_SECONDS = 6  # what is ordered is not polled before the first provider fails
SLOW_MS = 8000  # longer than a job needs to go to another provider
# Who failed is passed over by its actor at once: five are under way before the first of them fails.
FAILING = [{"match": "submit", "kind": "status", "status": 503},
           {"match": "submit", "kind": "latency_ms", "latency_ms": 3000}]


class Pair:
    """The stack, and what the providers `first` and `second` have charged."""

    def __init__(self, folder):
        self.folder = folder

    @contextlib.contextmanager
    def running(self):
        with contextlib.ExitStack() as closing:
            self.first, self.second = Studio(FAULTS="on"), Studio(FAULTS="on")
            for studio in (self.first, self.second):
                closing.callback(studio.close)
            host, port = self.first.url.removeprefix("http://").split(":")
            self.proxy = Proxy((host, int(port)), free_port())
            closing.callback(self.proxy.close)
            self.stack = closing.enter_context(Stack("--provider", "live", "--rate", "off", data=self.folder,
                                                     environment=self.settings()))
            self.client = self.stack.client()
            self.admin = Client(self.stack.url, self.stack.token("operator", "--role", "admin"))
            made = self.client.wait_for(self.client.submit_character(), seconds=SECONDS)
            self.character = made["result"]["characterId"]
            yield self

    def settings(self):
        order = {"api": "wavespeed", "model": PICTURE_MODEL, "pollSeconds": POLL_SECONDS}
        first = {**order, "name": "first", "url": f"http://127.0.0.1:{self.proxy.port}"}
        second = {**order, "name": "second", "url": self.second.url, "pollSeconds": 1}
        free = {"name": "free", "url": self.second.url, "model": "studio"}
        path = self.folder / "providers.json"
        path.write_text(json.dumps({"chat": [free], "image": [first, second], "video": [free]}))
        return {"TROUPE_PROVIDERS_FILE": str(path), "TROUPE_RESULT_PRIVATE": "on"}

    def order(self, count):
        """(job, trace) of so many new pictures."""
        orders = []
        for _ in range(count):
            trace = uuid.uuid4().hex
            answer = self.client.post(f"/api/v1/characters/{self.character}/generate-image/queue", {},
                                      headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
            assert answer.status_code == 202, answer.text
            orders.append((answer.json()["data"]["jobId"], trace))
        return orders

    def operations(self, job):
        state = self.client.get(f"/api/v1/media-jobs/{job}?include=timeline").json()["data"]
        return [event for event in state["timeline"]["events"] if event["event"] == "provider"]

    def tasks(self, orders):
        """The tasks on record."""
        return [[event["task"] for event in self.operations(job) if event["operation"] == "submitted"]
                for job, _ in orders]

    def charged(self, orders):
        """The tasks that each job was charged for: (by the first, by the second)."""
        ledgers = [studio.ledger()["entries"] for studio in (self.first, self.second)]
        return [tuple([entry["id"] for entry in ledger if entry["trace"] == trace and entry["step"] == "submit"]
                      for ledger in ledgers) for _, trace in orders]

    def places(self, orders):
        """How often each job was charged for, by whom."""
        return [(len(first), len(second)) for first, second in self.charged(orders)]

    def complete(self, orders):
        for job, _ in orders:
            state = self.client.wait_for(job, "media-jobs", SECONDS)
            assert state["status"] == "completed", state
            assert self.client.get(state["result"]["url"]).status_code == 200

    def breaker(self):
        answer = self.admin.get("/api/v1/admin/providers")
        return {one["provider"]: one["breaker"] for one in answer.json()["data"]["providers"]}["first"]

    def wait_for_breaker(self, state):
        wait_until(lambda: self.breaker()["state"] == state, SECONDS, f"a breaker that is {state}")

    def fail(self, how):
        if how == "refused":
            self.proxy.refuse()
        else:
            self.first.faults(*FAILING, {"match": "poll", "kind": "status", "status": 503})

    def asked(self):
        """How many orders the first has refused."""
        return self.first.ask("GET", "/studio/faults").json()[0]["fired"]

    def heal(self):
        self.first.faults()
        self.proxy.heal()


@pytest.fixture(name="pair")
def fixture_pair(tmp_path):
    with Pair(tmp_path).running() as pair:
        yield pair


@pytest.mark.parametrize("how", ("refused", "status 503"))
@pytest.mark.timeout(300)
def test_what_is_ordered_stays_and_the_rest_goes_to_the_other(pair, how):
    stay = pair.order(3)
    wait_until(lambda: all(pair.tasks(stay)), what="three tasks on record")
    pair.fail(how)
    go = pair.order(6)
    pair.wait_for_breaker("open")
    go += pair.order(2)
    pair.complete(go)
    assert pair.places(go) == [(0, 1)] * len(go)
    assert [pair.client.job(job, "media-jobs")["completedAt"] for job, _ in stay] == [None] * len(stay)

    pair.heal()
    pair.complete(stay)
    assert pair.places(stay) == [(1, 0)] * len(stay)
    assert [first for first, _ in pair.charged(stay)] == pair.tasks(stay), "another task than the one on record"

    def is_back():
        one = pair.order(1)
        pair.complete(one)
        assert sorted(pair.places(one)[0]) == [0, 1]
        return pair.places(one) == [(1, 0)]

    wait_until(is_back, SECONDS, "a picture of the first again")
    pair.wait_for_breaker("closed")
    assert all(sum(one) == 1 for one in pair.places(stay + go)), "something was charged for again"


@pytest.mark.timeout(300)
def test_one_call_is_the_probe_and_the_others_go_on_elsewhere(pair):
    pair.first.faults(*FAILING)
    go = pair.order(6)
    pair.wait_for_breaker("open")
    asked, opened = pair.asked(), pair.breaker()
    go += pair.order(2)
    pair.complete(go)
    assert pair.places(go) == [(0, 1)] * len(go)
    is_asked = pair.asked() > asked  # by a probe, when this has taken long
    assert not is_asked or pair.breaker()["until"] != opened["until"], "it is asked while it is down"

    pair.first.faults({"match": "submit", "kind": "latency_ms", "latency_ms": SLOW_MS})
    pair.wait_for_breaker("half_open")
    probes = pair.order(4)
    pair.complete(probes)
    assert sorted(pair.places(probes)) == [(0, 1)] * 3 + [(1, 0)]
    pair.wait_for_breaker("closed")
    assert all(sum(one) == 1 for one in pair.places(go + probes)), "something was charged for again"
