"""A cancel cuts off whatever transfer is under way for the job, within 100 ms, as its other end sees it. Against a fake
broker, a fake provider and a bucket."""

import json
import queue

import asset_stand
import fake_provider
import pytest
from fake_broker import FAIL, OPERATION, SECONDS, Actor, Broker, Span
from fake_provider import MP4, drawn, large_mp4, large_png
from test_actor_roles import start_video

CUT_S = 0.1
FILMS = ["chat", "upload", "submit", "poll", "download", "part"]
PICTURES = ["image", "image's answer", "picture by address", "put"]
BEGINNINGS = {"download": MP4[:1000], "image's answer": json.dumps(drawn(large_png(30000))).encode()[:20000],
              "picture by address": large_png(30000)[:20000]}


class Line:
    """A transfer that its server does not bring to an end: that it began, and that the actor let go of it."""

    def __init__(self):
        self.told = queue.Queue()

    def begin(self, handler, answer=b""):
        if answer:
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(MP4)))  # more than comes
            handler.end_headers()
            handler.wfile.write(answer)
        self.told.put("begun")
        try:
            while handler.rfile.read1(1 << 16):
                pass  # of a part, its bytes
        except ConnectionResetError:
            pass  # it had not read all that was sent
        self.told.put("over")
        handler.close_connection = True

    def next(self):
        return self.told.get(timeout=SECONDS)


@pytest.fixture
def stand(tmp_path, what):
    """(broker, provider, store, pid), with an actor of videos, or of pictures."""
    provider, broker, store = fake_provider.Provider(), Broker(tmp_path), asset_stand.Bucket()
    role = "image" if what in PICTURES else "video"
    actor = Actor(role, broker.endpoint, TROUPE_PROVIDER="local", TROUPE_STUDIO_URL=provider.url, **store.settings)
    broker.open()
    yield broker, provider, store, actor.process.pid
    actor.close()
    broker.close()
    provider.close()
    store.close()


def hold(line, what, provider, store):
    """The transfer that is held, of those that make a video or a picture."""
    name = {"image's answer": "image", "picture by address": "download"}.get(what, what)
    if what == "part":
        provider.script["download"] = [fake_provider.chunked(large_mp4(6 << 20))]
        store.server.faults.append(lambda handler: "partNumber=1" in handler.path and line.begin(handler))
    elif what == "put":
        store.server.faults.append(lambda handler: handler.command == "PUT" and line.begin(handler))
    else:
        provider.script[name] = [lambda handler: line.begin(handler, BEGINNINGS.get(what, b""))]
    if what == "picture by address":
        provider.script["image"] = [provider.image_by_url]


def start(broker, store, what):
    """A job that comes as far as that."""
    job = broker.start(kind="image", payload={}) if what in PICTURES else start_video(broker, store)
    if what not in ("chat", "upload"):
        broker.acknowledge_operation(job, state=OPERATION["intent"])
    if what in ("poll", "download", "part"):
        broker.acknowledge_operation(job, state=OPERATION["submitted"])
    return job


@pytest.mark.alone
@pytest.mark.parametrize("what", FILMS + PICTURES)
def test_a_cancel_cuts_off_the_transfer_under_way(stand, what):
    broker, provider, store, pid = stand
    line = Line()
    hold(line, what, provider, store)
    job = start(broker, store, what)
    assert line.next() == "begun"
    span = Span(pid)
    broker.send(("cancel", {"job": job["job"], "lease": 1}))
    assert line.next() == "over" and span.seconds() < CUT_S
    end = broker.finish(job)
    assert (end["name"], end["kind"]) == ("fail", FAIL["cancelled"])
