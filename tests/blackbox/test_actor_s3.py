"""Assets into a bucket: parts, and what a store does wrong. Every request's signature is verified (s3_server.py)."""

import datetime
import hashlib
import json
import threading
import uuid

import asset_stand
import fake_provider
import pytest
from fake_broker import FAIL, OPERATION, Actor, Broker
from fake_provider import PNG, cut, large_mp4
from s3_server import Refusal
from test_actor_roles import start_video, wait_until

PART = 5 << 20
LARGE = large_mp4((12 << 20) + 100_000)  # three parts


@pytest.fixture
def stand(tmp_path):
    """(broker, provider, store, start), released in the end."""
    provider, broker, store, actors = fake_provider.Provider(), Broker(tmp_path), asset_stand.Bucket(), []

    def start(role, **more):
        settings = {"TROUPE_PROVIDER": "local", "TROUPE_STUDIO_URL": provider.url, **store.settings, **more}
        actors.append(Actor(role, broker.endpoint, **settings))
        broker.open()
        return actors[-1]

    yield broker, provider, store, start
    for actor in actors:
        actor.close()
    broker.close()
    provider.close()
    store.close()


def send(data):
    return lambda handler: handler.answer(200, data, "video/mp4")


def make_large(stand, **settings):
    """What became of a large video's job."""
    broker, provider, store, start = stand
    start("video", **settings)
    provider.script["download"] = [send(LARGE)]
    return broker.finish(start_video(broker, store, request_id="asked-by-ada"))


def check_large(stand, done):
    store = stand[2]
    document = json.loads(done["document"])
    assert store.read(done["url"]) == LARGE
    assert (document["size"], document["sha256"]) == (len(LARGE), hashlib.sha256(LARGE).hexdigest())
    assert store.unfinished() == []


def test_a_large_video_goes_in_parts(stand):
    done = make_large(stand)
    check_large(stand, done)
    server = stand[2].server
    headers = stand[2].object(done["url"]).headers
    assert headers["content-type"] == "video/mp4" and "immutable" in headers["cache-control"]
    assert (server.count("PUT", "partNumber="), server.count("POST", "uploads="), server.count("POST", "uploadId=")) \
        == (3, 1, 1)


def test_a_video_of_exactly_one_part(stand):
    broker, provider, store, start = stand
    data = large_mp4(PART)
    start("video")
    provider.script["download"] = [send(data)]
    done = broker.finish(start_video(broker, store))
    assert store.read(done["url"]) == data and store.unfinished() == []


@pytest.mark.parametrize("method, what, refusal", [
    ("PUT", "partNumber=2", Refusal(503, "SlowDown", retry_after="0")),
    ("PUT", "partNumber=2", Refusal(500, "InternalError")),
    ("PUT", "partNumber=3", Refusal(0, "reset", close=True)),
    ("PUT", "partNumber=1", Refusal(400, "XAmzContentSHA256Mismatch")),
    ("POST", "uploads=", Refusal(0, "reset", close=True)),
    ("POST", "uploadId=", Refusal(503, "SlowDown")),
    ("POST", "uploadId=", Refusal(200, "InternalError")),  # as S3 says late that joining failed
    ("HEAD", ".mp4", Refusal(503, "SlowDown")),
])
def test_what_may_pass_is_tried_again(stand, capfd, method, what, refusal):
    left = stand[2].server.fail_once(method, what, refusal, count=2)
    done = make_large(stand)
    check_large(stand, done)
    assert left == [0]
    told = [line for line in capfd.readouterr().err.splitlines() if '"object store failed, trying again"' in line]
    ids = f" job={uuid.UUID(bytes=done['job'])} request=asked-by-ada "
    assert told and all(ids in line for line in told), told


def test_a_lost_answer_to_the_join_is_found_out(stand):
    """The store has joined the parts, and knows the upload no more when it is asked again."""
    server = stand[2].server
    left = [1]

    def fault(handler):
        if handler.command == "POST" and "uploadId=" in handler.path and left[0]:
            left[0] = 0
            handler.read()
            handler.wfile = open("/dev/null", "wb")
            handler.perform()
            raise Refusal(0, "reset", close=True)

    server.faults.append(fault)
    check_large(stand, make_large(stand))
    assert left == [0]


@pytest.mark.parametrize("method, what, refusal, words", [
    ("PUT", "partNumber=2", Refusal(503, "SlowDown"), "SlowDown"),
    ("PUT", "partNumber=2", Refusal(403, "AccessDenied"), "may not do this"),
    ("POST", "uploads=", Refusal(403, "RequestTimeTooSkewed"), "this machine's clock differs"),
    ("POST", "uploadId=", Refusal(400, "InvalidPart"), "InvalidPart"),
])
def test_what_does_not_pass_fails_the_attempt_and_leaves_nothing(stand, method, what, refusal, words):
    store = stand[2]
    store.server.fail_once(method, what, refusal, count=100)
    fail = make_large(stand)
    assert (fail["kind"], fail["code"]) == (FAIL["retry"], "asset_store") and words in fail["message"]
    store.server.faults.clear()
    wait_until(lambda: store.unfinished() == [])
    assert store.names(".mp4") == []


def test_a_picture_that_is_paid_for_waits_for_a_bucket_that_is_away(stand):
    broker, provider, store, start = stand
    start("image")
    store.server.fail_once("PUT", ".png", Refusal(503, "SlowDown"), count=5)  # all tries of one write
    store.server.fail_once("PUT", ".txt", Refusal(0, "reset", close=True), count=1)
    job = broker.start(kind="image", payload={})
    done = broker.finish(job)
    assert done["name"] == "done" and store.names(".png") == [done["url"]]
    assert provider.count("image") == 1, "nothing is paid for twice"


def test_a_clock_that_is_wrong_is_told(stand):
    broker, _, store, start = stand
    store.server.skew = datetime.timedelta(hours=1)
    start("image")
    fail = broker.finish(broker.start(kind="image", payload={}, timeout_ms=7000))
    assert fail["code"] == "asset_store" and "this machine's clock differs" in fail["message"]


def test_a_wrong_secret_is_told_and_not_logged(stand, capfd):
    broker, _, store, start = stand
    actor = start("image", TROUPE_S3_SECRET="another-secret")
    fail = broker.finish(broker.start(kind="image", payload={}, timeout_ms=7000))
    assert fail["code"] == "asset_store" and "SignatureDoesNotMatch" in fail["message"]
    actor.close()
    captured = capfd.readouterr()
    assert "another-secret" not in captured.err and "another-secret" not in fail["message"]
    store.server.bad.clear()


@pytest.mark.parametrize("what, header, value, words", [
    ("partNumber=2", "x_amz_checksum_sha256", "AAAA", "other bytes"),
    ("partNumber=2", "etag", '"00000000000000000000000000000000"', "InvalidPart"),
    (".png", "x_amz_checksum_sha256", "AAAA", "other bytes"),
])
def test_a_store_that_wrote_something_else_is_not_believed(stand, what, header, value, words):
    broker, _, store, start = stand

    def fault(handler):
        if handler.command == "PUT" and what in handler.path:
            plain = type(handler).answer
            handler.answer = lambda status, body=b"", **headers: plain(handler, status, body,
                                                                       **{**headers, header: value})

    store.server.faults.append(fault)
    if what == ".png":
        start("image")
        fail = broker.finish(broker.start(kind="image", payload={}, timeout_ms=9000))
    else:
        fail = make_large(stand)
    assert fail["code"] == "asset_store" and words in fail["message"]
    wait_until(lambda: store.unfinished() == [] and (what == ".png" or store.names(".mp4") == []))


def test_a_cancelled_job_drops_its_parts(stand):
    broker, provider, store, start = stand
    start("video")

    def slowly(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(LARGE)))
        handler.end_headers()
        handler.wfile.write(LARGE[:6 << 20])
        provider.stopping.wait()

    provider.script["download"] = [slowly]
    job = start_video(broker, store)
    for state in "intent", "submitted":
        broker.acknowledge_operation(job, state=OPERATION[state])
    wait_until(lambda: store.server.count("PUT", "partNumber=1"))
    broker.send(("cancel", {"job": job["job"], "lease": job["lease"]}))
    wait_until(lambda: store.unfinished() == [])


WRITES = 12  # at once, each with a part in memory


def many_pictures(stand, answers, **settings):
    """Starts the drawing of as many pictures, and returns their jobs when the address of each was asked for."""
    broker, provider, _, start = stand
    start("image", QUEUE_CONCURRENCY=len(answers) + 1, **settings)
    provider.image = provider.image_by_url
    provider.script["download"] = list(answers)
    jobs = [broker.start(kind="image", payload={}) for _ in answers]
    for job in jobs:
        broker.acknowledge_operation(job, state=OPERATION["intent"])
    wait_until(lambda: provider.count("download") == len(answers))
    return jobs


def test_senders_that_say_nothing_keep_no_other_picture_waiting(stand):
    broker, provider, store, _ = stand
    many_pictures(stand, [provider.hang] * (WRITES + 3))
    done = broker.finish(broker.start(kind="image", payload={}))
    assert done["name"] == "done" and store.names(".png") == [done["url"]]


def nonsense(handler):
    """Begins as a picture does: its two parts come together, and the second one behind the first that is not taken."""
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"2\r\n" + PNG[:2] + b"\r\n10\r\n" + b"no picture at all"[:16] + b"\r\n0\r\n\r\n")


@pytest.mark.parametrize("answer, is_asked_again", [(None, False), (cut(PNG), True), (nonsense, True)],
                         ids=["kept", "closed", "nonsense"])
def test_a_picture_whose_turn_is_not_yet_waits_and_is_had_once_it_is(stand, answer, is_asked_again):
    """Its sender may close what is not read: that is no failure of it, and it is asked again."""
    broker, provider, store, _ = stand
    released, sent = threading.Event(), threading.Event()

    def slowly(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(PNG)))
        handler.end_headers()
        handler.wfile.write(PNG[:20])
        released.wait(60)
        handler.wfile.write(PNG[20:])

    def late_answer(handler):
        (answer or provider.download)(handler)
        sent.set()

    jobs = many_pictures(stand, [slowly] * WRITES)
    provider.script["download"] = [late_answer]
    late = broker.start(kind="image", payload={})
    broker.acknowledge_operation(late, state=OPERATION["intent"])
    wait_until(sent.is_set)
    broker.never("done")
    assert store.names(".png") == []
    released.set()
    urls = [broker.finish(job)["url"] for job in (*jobs, late)]
    assert sorted(store.names(".png")) == sorted(urls)
    assert provider.count("image") == WRITES + 1, "nothing is paid for twice"
    assert provider.count("download") == WRITES + (2 if is_asked_again else 1)


def test_keys_come_from_files_that_nobody_else_can_read(stand, tmp_path):
    broker, _, store, start = stand
    secret = tmp_path / "s3-secret"
    secret.write_text(store.settings["TROUPE_S3_SECRET"] + "\n")
    secret.chmod(0o600)
    start("image", TROUPE_S3_SECRET="", TROUPE_S3_SECRET_FILE=secret)
    done = broker.finish(broker.start(kind="image", payload={}))
    assert done["name"] == "done" and store.names(".png") == [done["url"]]
