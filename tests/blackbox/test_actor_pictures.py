"""Pictures that come within answers: eight have the turn to be in memory, whatever their senders do, and the others
wait. Against a fake provider that sends what a test tells it, when the test tells it."""

import json
import threading

import asset_stand
import fake_provider
import pytest
from fake_broker import FAIL, OPERATION, Actor, Broker
from fake_provider import drawn, large_png
from test_actor_roles import wait_until

TURNS = 8
ANSWER = json.dumps(drawn(large_png(96 << 10))).encode()
HALF = len(ANSWER) // 2


@pytest.fixture
def stand(tmp_path):
    """(broker, provider, store, start), released in the end."""
    provider, broker, store, actors = fake_provider.Provider(), Broker(tmp_path), asset_stand.Bucket(), []
    path = tmp_path / "providers.json"

    def start(timeout_s=60):
        entry = {"name": "first", "url": provider.url, "model": "m", "timeoutSeconds": timeout_s}
        path.write_text(json.dumps({"image": [entry]}))
        settings = {"TROUPE_PROVIDER": "live", "TROUPE_PROVIDERS_FILE": path, "QUEUE_CONCURRENCY": 2 * TURNS}
        actors.append(Actor("image", broker.endpoint, **settings, **store.settings))
        broker.open()

    yield broker, provider, store, start
    for actor in actors:
        actor.close()
    broker.close()
    provider.close()
    store.close()


class Sender:
    """An answer whose first bytes are sent, the others when it is told to go on."""

    def __init__(self, first, body=ANSWER):
        self.first, self.body = first, body
        self.begun, self.going_on = threading.Event(), threading.Event()

    def __call__(self, handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(self.body)))
        handler.end_headers()
        handler.wfile.write(self.body[:self.first])
        self.begun.set()
        self.going_on.wait(60)
        handler.wfile.write(self.body[self.first:])


def order(stand, answer):
    """The job of a picture that is drawn so."""
    broker, provider, _, _ = stand
    provider.script.setdefault("image", []).append(answer)
    before = provider.count("image")
    job = broker.start(kind="image", payload={})
    broker.acknowledge_operation(job, state=OPERATION["intent"])
    wait_until(lambda: provider.count("image") == before + 1)
    return job


def take_turns(stand, first):
    """As many answers as may have a turn, each of which has sent so many bytes. Returns (jobs, senders)."""
    senders = [Sender(first) for _ in range(TURNS)]
    jobs = [order(stand, sender) for sender in senders]
    wait_until(lambda: all(sender.begun.is_set() for sender in senders))
    return jobs, senders


def go_on(senders):
    for sender in senders:
        sender.going_on.set()


def quick(handler):
    handler.answer(200, ANSWER)


def take_lost(broker, **wanted):
    """The failure of a picture that is lost: it was drawn, and is paid for."""
    lost = broker.take("operation", state=OPERATION["unknown"], **wanted)
    broker.send(("operation_ack", {key: lost[key] for key in ("job", "lease", "operation", "state")}))
    assert lost.get("charged") == 1
    fail = broker.take("fail", job=lost["job"])
    assert fail["kind"] == FAIL["retry"]
    return fail


def test_a_sender_that_gives_up_while_it_waits_is_not_blamed(stand):
    broker, _, _, start = stand
    start()
    jobs, senders = take_turns(stand, HALF)
    late = order(stand, fake_provider.cut(ANSWER))
    broker.never("operation", job=late["job"])
    go_on(senders)
    fail = take_lost(broker, job=late["job"])
    assert fail["code"] == "asset_store" and "waited" in fail["message"]
    assert {broker.finish(job)["name"] for job in jobs} == {"done"}
    broker.never("report", failures=1)


def test_a_sender_that_has_no_more_time_when_it_has_waited_is_not_blamed(stand):
    broker, _, store, start = stand
    released = threading.Event()
    store.server.faults.append(lambda handler: handler.command != "PUT" or released.wait(60))
    start(timeout_s=2)
    try:
        for _ in range(TURNS + 1):
            order(stand, quick)
        assert take_lost(broker)["code"] == "asset_store"
        broker.never("report", failures=1)
    finally:
        released.set()
