"""Pictures that come within answers: eight have the turn to be in memory, whatever their senders do, and the others
wait. Against a fake provider that sends what a test tells it, when the test tells it."""

import json
import threading

import asset_stand
import fake_provider
import pytest
from fake_broker import FAIL, OPERATION, Actor, Broker
from fake_provider import PNG, drawn, large_png, status
from s3_server import Refusal
from test_actor_roles import wait_until

YES, UNKNOWN = 1, None  # charged
TURNS = 8
TIMEOUT_S = 16  # of a request: an answer that stands still for an eighth of it may lose its turn
ANSWER = json.dumps(drawn(large_png(48 << 10))).encode()
HALF = len(ANSWER) // 2
BEGINNING = 1 << 10  # bytes: it is not known what comes


@pytest.fixture
def stand(tmp_path):
    """(broker, provider, store, start), released in the end."""
    provider, broker, store, actors = fake_provider.Provider(), Broker(tmp_path), asset_stand.Bucket(), []
    path = tmp_path / "providers.json"

    def start(timeout_s=TIMEOUT_S, **environment):
        entry = {"name": "first", "url": provider.url, "model": "m", "timeoutSeconds": timeout_s}
        path.write_text(json.dumps({"image": [entry]}))
        settings = {"TROUPE_PROVIDER": "live", "TROUPE_PROVIDERS_FILE": path, "QUEUE_CONCURRENCY": 2 * TURNS}
        actors.append(Actor("image", broker.endpoint, **settings, **store.settings, **environment))
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


def small(handler):
    handler.answer(200, drawn(PNG))


def take_lost(broker, charged, **wanted):
    """The failure of a picture that is lost."""
    lost = broker.take("operation", state=OPERATION["unknown"], **wanted)
    broker.send(("operation_ack", {key: lost[key] for key in ("job", "lease", "operation", "state")}))
    assert lost.get("charged") == charged
    fail = broker.take("fail", job=lost["job"])
    assert fail["kind"] == FAIL["retry"]
    return fail


def test_a_large_picture_waits_for_a_store_that_takes_nothing(stand):
    """The pace of its answer is not looked at any more: an actor has one delay for each job."""
    broker, _, store, start = stand
    start()
    left = store.server.fail_once("PUT", "", Refusal(403, "AccessDenied"), count=1000)
    job = order(stand, quick)
    wait_until(lambda: left[0] < 1000)
    store.take_all()
    done = broker.finish(job)
    assert done["name"] == "done" and store.names(".png") == [done["url"]]


def test_a_large_answer_whose_address_fails_is_fetched_again(stand):
    broker, provider, _, start = stand
    start(TROUPE_RESULT_PRIVATE="on")
    body = json.dumps({"padding": " " * (64 << 10), "data": [{"url": provider.url + "/files/picture.png"}]}).encode()
    provider.script["download"] = [status(503)]
    done = broker.finish(order(stand, lambda handler: handler.answer(200, body)))
    assert done["name"] == "done" and provider.count("download") == 2


def test_answers_that_have_only_begun_keep_no_picture_waiting(stand):
    broker, _, store, start = stand
    start()
    jobs, senders = take_turns(stand, BEGINNING)
    done = broker.finish(order(stand, quick))
    assert done["name"] == "done" and store.names(".png") == [done["url"]]
    go_on(senders)
    assert {broker.finish(job)["name"] for job in jobs} == {"done"}


def test_an_answer_that_stands_still_loses_its_turn_to_one_that_waits(stand):
    broker, _, _, start = stand
    start()
    jobs, senders = take_turns(stand, HALF)
    done = broker.finish(order(stand, quick))
    assert done["name"] == "done"
    fail = take_lost(broker, charged=UNKNOWN)
    assert fail["code"] == "provider_timeout" and "stood still" in fail["message"]
    assert broker.take("report", failures=1)
    go_on(senders)
    left = [job for job in jobs if job["job"] != fail["job"]]
    assert {broker.finish(job)["name"] for job in left} == {"done"}, "nobody else had waited"


def test_an_answer_that_stands_still_keeps_its_turn_while_nobody_waits(stand):
    broker, _, _, start = stand
    start(timeout_s=TURNS)  # it may stand still for a second
    jobs, senders = take_turns(stand, HALF)
    broker.never("operation", seconds=2)
    go_on(senders)
    assert {broker.finish(job)["name"] for job in jobs} == {"done"}


def test_a_sender_that_gives_up_while_it_waits_is_not_blamed(stand):
    broker, _, _, start = stand
    start(timeout_s=60)
    jobs, senders = take_turns(stand, HALF)
    late = order(stand, fake_provider.cut(ANSWER))
    broker.never("operation", job=late["job"])
    go_on(senders)
    fail = take_lost(broker, charged=YES, job=late["job"])
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
        assert take_lost(broker, charged=YES)["code"] == "asset_store"
        broker.never("report", failures=1)
    finally:
        released.set()


def test_a_picture_that_is_small_waits_with_its_bytes_until_the_store_has_its_turn(stand):
    broker, _, store, start = stand
    released, begun = threading.Event(), []

    def hold(handler):
        if handler.command == "PUT":
            begun.append(handler.path)
            released.wait(60)

    store.server.faults.append(hold)
    start(timeout_s=1)
    try:
        jobs = [order(stand, small) for _ in range(TURNS + 1)]
        wait_until(lambda: len(begun) == TURNS)
        broker.never("operation", seconds=2)  # longer than a request may take
        assert len(begun) == TURNS
    finally:
        released.set()
    assert {broker.finish(job)["name"] for job in jobs} == {"done"}


def test_an_address_takes_no_turn(stand):
    broker, provider, _, start = stand
    start()
    jobs, senders = take_turns(stand, HALF)
    fail = broker.finish(order(stand, provider.image_by_url))
    assert fail["code"] == "result_forbidden", "it was asked for at once"
    go_on(senders)
    assert {broker.finish(job)["name"] for job in jobs} == {"done"}
