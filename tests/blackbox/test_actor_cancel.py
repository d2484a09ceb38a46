"""A cancel cuts off whatever transfer is under way for the job, within 100 ms, as its other end sees it. Against a fake
broker, a fake provider and a bucket."""

import queue
import time

import asset_stand
import fake_provider
import pytest
from fake_broker import FAIL, OPERATION, SECONDS, Actor, Broker
from fake_provider import MP4, large_mp4
from test_actor_roles import start_video

CUT_S = 0.1
BEGINNING = MP4[:1000]


class Line:
    """A transfer that its server does not bring to an end: when it began, and when the actor let go of it."""

    def __init__(self):
        self.told = queue.Queue()

    def begin(self, handler, answer=b""):
        if answer:
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(MP4)))
            handler.end_headers()
            handler.wfile.write(answer)
        self.told.put("begun")
        try:
            while handler.rfile.read1(1 << 16):
                pass  # of a part, its bytes
        except ConnectionResetError:
            pass  # it had not read all that was sent
        self.told.put(time.monotonic())
        handler.close_connection = True

    def next(self):
        return self.told.get(timeout=SECONDS)


@pytest.fixture
def stand(tmp_path):
    """(broker, provider, store), with an actor of videos."""
    provider, broker, store = fake_provider.Provider(), Broker(tmp_path), asset_stand.Bucket()
    actor = Actor("video", broker.endpoint, TROUPE_PROVIDER="local", TROUPE_STUDIO_URL=provider.url, **store.settings)
    broker.open()
    yield broker, provider, store
    actor.close()
    broker.close()
    provider.close()
    store.close()


def hold(line, what, provider, store):
    """The transfer that is held, of those that make a video."""
    if what == "part":
        provider.script["download"] = [fake_provider.chunked(large_mp4(6 << 20))]
        store.server.faults.append(lambda handler: "partNumber=1" in handler.path and line.begin(handler))
    else:
        answer = BEGINNING if what == "download" else b""
        provider.script[what] = [lambda handler: line.begin(handler, answer)]


@pytest.mark.alone
@pytest.mark.parametrize("what", ["chat", "upload", "submit", "poll", "download", "part"])
def test_a_cancel_cuts_off_the_transfer_under_way(stand, what):
    broker, provider, store = stand
    line = Line()
    hold(line, what, provider, store)
    job = start_video(broker, store)
    if what not in ("chat", "upload"):
        broker.acknowledge_operation(job, state=OPERATION["intent"])
    if what in ("poll", "download", "part"):
        broker.acknowledge_operation(job, state=OPERATION["submitted"])
    assert line.next() == "begun"
    begin = time.monotonic()
    broker.send(("cancel", {"job": job["job"], "lease": 1}))
    assert line.next() - begin < CUT_S
    end = broker.finish(job)
    assert (end["name"], end["kind"]) == ("fail", FAIL["cancelled"])
