"""The three roles against a fake provider: what they make, what they do when it fails, what they never pay twice."""

import base64
import contextlib
import json
import threading
import time
import uuid

import asset_stand
import fake_provider
import pytest
from fake_broker import FAIL, OPERATION, SECONDS, Actor, Broker, Span, new_id
from fake_provider import MP4, PERSONALITY, PNG, chunked, close, cut, status

INTENT, SUBMITTED, UNKNOWN, REFUSED = (OPERATION[name] for name in ("intent", "submitted", "unknown", "refused"))
IMAGE, VIDEO = 0, 2  # the numbers of their first submissions


@pytest.fixture
def provider():
    provider = fake_provider.Provider()
    yield provider
    provider.close()


@pytest.fixture
def broker(tmp_path):
    broker = Broker(tmp_path)
    yield broker
    broker.close()


@pytest.fixture(params=asset_stand.KINDS)
def store(request, tmp_path):
    store = asset_stand.KINDS[request.param](tmp_path)
    yield store
    store.close()


@pytest.fixture
def start(broker, provider, store):
    actors = []

    def start_actor(role, command=(), **environment):
        settings = {"TROUPE_PROVIDER": "local", "TROUPE_STUDIO_URL": provider.url, **store.settings}
        settings.update(environment)
        actor = Actor(role, broker.endpoint, command, **settings)
        actors.append(actor)
        broker.open()
        return actor

    yield start_actor
    for actor in actors:
        actor.close()


def make_source(store):
    """A picture as an image job leaves it: the media entry of a video's source."""
    url = f"/assets/characters/{uuid.uuid4()}/{uuid.uuid4().hex}.png"
    store.write(url, PNG)
    return json.dumps({"url": url, "contentType": "image/png"}).encode()


def start_video(broker, store, **options):
    values = {"payload": {"duration": 5, "resolution": "480p"}, "source": new_id()}
    values["source_document"] = make_source(store)
    values.update(options)
    return broker.start(kind="video", **values)


def wait_until(condition):
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end
        threading.Event().wait(0.005)


# ---- what they make ----


def test_a_character_gets_a_personality_and_a_portrait(broker, start, provider, store):
    start("character")
    request = {"name": "Mira", "appearance": {"hair": "red"}, "personality": {"own": 1}, "extra": [1]}
    job = broker.start(payload=request)
    done = broker.finish(job)
    document = json.loads(done["document"])
    media = json.loads(done["media"])
    assert document["aiPersonality"] == PERSONALITY
    assert document["personality"] == {"own": 1} and document["extra"] == [1]
    assert document["id"] == str(uuid.UUID(bytes=job["character"]))
    assert document["imageUrl"] == done["url"] == media["url"]
    assert document["mediaId"] == media["id"] == str(uuid.UUID(bytes=job["media"]))
    assert (media["width"], media["height"], media["size"]) == (8, 8, len(PNG))
    assert store.read(done["url"]) == PNG
    prompt = json.loads(provider.last("image")[3])["prompt"]
    assert prompt.startswith("Portrait of Mira. hair: red, mood: happy, seed: ")
    assert media["prompt"] == prompt
    assert store.unfinished() == []


def test_an_image_follows_its_pose(broker, start, provider, store):
    start("image")
    job = broker.start(kind="image", payload={"poseId": "waving"})
    done = broker.finish(job)
    document = json.loads(done["document"])
    assert (document["type"], document["poseId"]) == ("image", "waving")
    assert "pose: waving one hand" in json.loads(provider.last("image")[3])["prompt"]
    assert store.read(done["url"]) == PNG


def test_an_image_may_come_by_address(broker, start, provider, store):
    start("image")
    provider.script["image"] = [provider.image_by_url]
    provider.script["download"] = [cut(PNG)]  # and the first fetch may fail
    done = broker.finish(broker.start(kind="image", payload={}))
    assert done["name"] == "done"
    assert store.read(done["url"]) == PNG
    assert (provider.count("image"), provider.count("download")) == (1, 2)


def test_a_video_goes_through_all_its_steps(broker, start, provider, store):
    start("video")
    provider.script["poll"] = [provider.running, provider.running]
    job = start_video(broker, store)
    done = broker.finish(job)
    document = json.loads(done["document"])
    assert (document["duration"], document["resolution"], document["type"]) == (5, "480p", "video")
    assert (document["width"], document["height"]) == (832, 480)
    assert document["prompt"] == "She waves."
    assert document["source"] == str(uuid.UUID(bytes=job["source"]))
    assert store.read(done["url"]) == MP4
    order = json.loads(provider.last("submit")[3])
    assert (order["size"], order["duration"], order["prompt"]) == ("832*480", 5, "She waves.")
    assert PNG in provider.last("upload")[3]
    progress = [fields["progress"] for _, name, fields in broker.heard if name == "progress"]
    assert progress == sorted(progress) and progress[-1] == 95
    assert store.unfinished() == []


def test_keys_go_to_their_provider_and_nowhere_else(broker, start, provider, tmp_path):
    names = ("CHAT", "IMAGE", "VIDEO")
    settings = {f"TROUPE_{name}_URL": provider.url for name in names}
    settings |= {f"TROUPE_{name}_MODEL": "m" for name in names}
    key_file = tmp_path / "key"
    key_file.write_text("sk-image\n")
    key_file.chmod(0o600)
    start("image", TROUPE_PROVIDER="live", TROUPE_CHAT_KEY="sk-chat", TROUPE_IMAGE_KEY_FILE=key_file, **settings)
    provider.script["image"] = [status(401, {"error": {"message": "wrong key sk-image"}})]
    fail = broker.finish(broker.start(kind="image", payload={}))
    assert provider.last("image")[2]["Authorization"] == "Bearer sk-image"
    assert (fail["kind"], fail["code"]) == (FAIL["permanent"], "provider_credentials")
    assert "sk-image" not in fail["message"]


# ---- when a provider fails ----


@pytest.mark.parametrize(
    "code, headers, kind, name, retry_after_ms",
    [
        (429, {"Retry_After": "7"}, "throttled", "provider_throttled", 7000),
        (429, {"retry_after_ms": "350"}, "throttled", "provider_throttled", 350),
        (429, {"Date": "Sun, 06 Nov 1994 08:49:30 GMT", "Retry_After": "Sun, 06 Nov 1994 08:49:37 GMT"}, "throttled",
         "provider_throttled", 7000),  # by the clock of who says it
        (500, {}, "retry", "provider_error", None),
        (500, {"Retry_After": "3"}, "retry", "provider_error", 3000),
        (503, {}, "retry", "provider_error", None),
        (503, {"Retry_After": "3"}, "throttled", "provider_error", 3000),
        (529, {"retry_after_ms": "350"}, "throttled", "provider_error", 350),
        (400, {}, "permanent", "provider_refused", None),
        (302, {"Location": "http://127.0.0.1:1/"}, "permanent", "provider_redirect", None),
    ],
)
def test_a_refused_image_costs_nothing(broker, start, provider, code, headers, kind, name, retry_after_ms):
    start("image")
    provider.script["image"] = [status(code, **headers)]
    job = broker.start(kind="image", payload={})
    broker.acknowledge_operation(job, operation=IMAGE, state=INTENT)
    broker.acknowledge_operation(job, operation=IMAGE, state=REFUSED)
    fail = broker.take("fail")
    assert (fail["kind"], fail["code"], fail.get("retry_after_ms")) == (FAIL[kind], name, retry_after_ms)
    assert provider.count("image") == 1


def test_a_provider_that_cannot_be_reached_costs_nothing(broker, start):
    start("image", TROUPE_STUDIO_URL="http://127.0.0.1:1")
    job = broker.start(kind="image", payload={})
    broker.acknowledge_operation(job, operation=IMAGE, state=INTENT)
    broker.acknowledge_operation(job, operation=IMAGE, state=REFUSED)
    fail = broker.take("fail")
    assert (fail["kind"], fail["code"]) == (FAIL["retry"], "provider_unreachable")


@pytest.mark.parametrize(
    "answer, code",
    [
        (close, "provider_broken"),
        (cut(b'{"data":[]}'), "provider_broken"),
        (status(502), "provider_error"),
        (status(200, {"data": [{"b64_json": base64.b64encode(PNG[:-20]).decode()}]}), "provider_answer"),
        (status(200, {"data": [{"b64_json": base64.b64encode(b"<svg/>").decode()}]}), "provider_answer"),
        (status(200, b"nonsense"), "provider_answer"),
    ],
)
def test_an_image_of_unknown_outcome_is_recorded_as_such(broker, start, provider, store, answer, code):
    start("image")
    provider.script["image"] = [answer]
    job = broker.start(kind="image", payload={})
    broker.acknowledge_operation(job, operation=IMAGE, state=INTENT)
    broker.acknowledge_operation(job, operation=IMAGE, state=UNKNOWN)
    fail = broker.take("fail")
    assert (fail["kind"], fail["code"]) == (FAIL["retry"], code)
    assert provider.count("image") == 1  # libcurl must not send it again by itself
    assert not store.names()


def test_a_picture_that_cannot_be_fetched_is_of_unknown_outcome(broker, start, provider):
    start("image")
    provider.script["image"] = [provider.image_by_url]
    provider.script["download"] = [status(404), status(503), status(404)]
    job = broker.start(kind="image", payload={})
    broker.acknowledge_operation(job, state=INTENT)
    assert broker.acknowledge_operation(job, state=UNKNOWN)["charged"] == 1
    fail = broker.take("fail")
    assert (fail["kind"], fail["code"]) == (FAIL["retry"], "result_unavailable")
    assert (provider.count("image"), provider.count("download")) == (1, 3)


def test_a_second_picture_that_cannot_be_fetched_ends_the_job(broker, start, provider):
    start("image")
    provider.script["image"] = [provider.image_by_url]
    provider.script["download"] = [status(403)] * 3
    recorded = [{"operation": IMAGE, "state": UNKNOWN, "provider": "studio"}]
    fail = broker.finish(broker.start(kind="image", payload={}, recorded=recorded, attempt=2))
    assert (fail["kind"], fail["code"]) == (FAIL["permanent"], "result_unavailable")


def test_an_asset_store_that_takes_nothing_is_told(broker, start, store):
    store.refuse_all()
    start("image")
    fail = broker.finish(broker.start(kind="image", payload={}, timeout_ms=7000))
    assert (fail["kind"], fail["code"]) == (FAIL["retry"], "asset_store")


@pytest.mark.parametrize("parts", [(b"<html>sorry</html>",), (b"<", b"html>sorry</html>"), (MP4[:7],), ()])
def test_bytes_that_are_no_video_are_not_kept(broker, start, provider, store, parts):
    start("video")
    provider.script["download"] = [chunked(*parts)] * 3
    fail = broker.finish(start_video(broker, store))
    assert (fail["kind"], fail["code"]) == (FAIL["retry"], "provider_answer")
    assert not store.names(".mp4") and store.unfinished() == []


@pytest.mark.parametrize("ends", [(1, 7), (5,), (8,), (2, 4, 6, 9)])
def test_a_video_may_begin_in_small_parts(broker, start, provider, store, ends):
    start("video")
    ends = (0, *ends, len(MP4))
    provider.script["download"] = [chunked(*(MP4[begin:end] for begin, end in zip(ends, ends[1:])))]
    assert store.read(broker.finish(start_video(broker, store))["url"]) == MP4


def test_a_document_beyond_the_wires_limit_fails_for_good(broker, start):
    start("character")
    job = broker.start(payload={"name": "Mira", "numbers": [0]})
    assert broker.finish(job)["name"] == "done"
    payload = b'{"name":"Mira","numbers":[' + b",".join([b"1e9"] * 15000) + b"]}"
    values, records = broker.job()
    records[0][1]["payload"] = payload
    broker.send(*records)
    fail = broker.finish(values)
    assert (fail["kind"], fail["code"]) == (FAIL["permanent"], "document_too_large")


def test_an_oversized_answer_is_not_read(broker, start, provider):
    start("character")
    provider.script["chat"] = [status(200, b" " * (2 << 20))]
    fail = broker.finish(broker.start())
    assert (fail["kind"], fail["code"]) == (FAIL["permanent"], "provider_answer_too_large")


def endless_trailers(handler):
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"2\r\n{}\r\n0\r\n")
    with contextlib.suppress(OSError):
        while True:
            handler.wfile.write(b"X-One: " + b"a" * 2000 + b"\r\n")


def test_trailers_without_end_are_not_kept(broker, start, provider):
    start("character")
    provider.script["chat"] = [endless_trailers]
    fail = broker.finish(broker.start())
    assert (fail["kind"], fail["code"]) == (FAIL["permanent"], "provider_answer_too_large")
    assert fail["message"] == "the headers of the answer are too large"


def test_an_attempt_does_not_outlive_its_time(broker, start, provider):
    start("character")
    provider.script["chat"] = [provider.hang]
    fail = broker.finish(broker.start(timeout_ms=300))
    assert (fail["kind"], fail["code"]) == (FAIL["retry"], "timeout")


@pytest.mark.alone
def test_cancel_aborts_the_transfer_under_way(broker, start, provider):
    actor = start("character")
    provider.script["chat"] = [provider.hang]
    job = broker.start()
    wait_until(lambda: provider.count("chat") == 1)
    span = Span(actor.process.pid)
    broker.send(("cancel", {"job": job["job"], "lease": 1}))
    assert broker.take("fail")["kind"] == FAIL["cancelled"]
    assert span.seconds() < 0.1
    provider.script["chat"] = []
    assert broker.finish(broker.start())["name"] == "done"


def test_a_source_without_a_file_fails_for_good(broker, start, store):
    start("video")
    missing = json.dumps({"url": f"/assets/characters/{uuid.uuid4()}/{uuid.uuid4().hex}.png"}).encode()
    fail = broker.finish(start_video(broker, store, source_document=missing))
    assert (fail["kind"], fail["code"]) == (FAIL["permanent"], "source_missing")


def test_a_failed_task_may_be_ordered_again(broker, start, provider, store):
    start("video")
    provider.script["poll"] = [status(200, {"data": {"status": "failed", "error": "out of luck", "code": 1403}})]
    job = start_video(broker, store)
    broker.acknowledge_operation(job, operation=VIDEO, state=INTENT)
    assert broker.acknowledge_operation(job, operation=VIDEO, state=SUBMITTED)["task"] == "task-1"
    broker.acknowledge_operation(job, operation=VIDEO, state=REFUSED)
    fail = broker.take("fail")
    assert (fail["kind"], fail["code"], fail["message"]) == (FAIL["retry"], "provider_task", "out of luck")


def test_polls_may_fail_while_the_task_runs(broker, start, provider, store):
    start("video")
    provider.script["poll"] = [status(500), close, status(429)]
    assert broker.finish(start_video(broker, store))["name"] == "done"
    assert provider.count("submit") == 1


def test_polls_that_are_told_to_wait_do_and_count_for_nothing(broker, start, provider, store):
    start("video")
    begun = []
    waits = [status(429, retry_after_ms="20")] * 6 + [status(503, retry_after_ms="2000")]
    provider.script["poll"] = [lambda handler, wait=wait: (begun.append(time.monotonic()), wait(handler))
                               for wait in [*waits, provider.poll]]
    assert broker.finish(start_video(broker, store), 30)["name"] == "done"
    assert begun[-1] - begun[-2] > 1.99  # two clocks
    assert (provider.count("submit"), provider.count("poll")) == (1, 8)


def test_a_poll_that_is_to_come_again_much_later_makes_the_job_wait(broker, start, provider, store):
    start("video")
    provider.script["poll"] = [status(429, Retry_After="100")]
    fail = broker.finish(start_video(broker, store))
    assert (fail["kind"], fail["code"], fail["retry_after_ms"]) == (FAIL["throttled"], "provider_throttled", 100000)
    broker.never("operation")


def test_a_cut_video_is_not_kept(broker, start, provider, store):
    start("video")
    provider.script["download"] = [cut(MP4)] * 2
    fail = broker.finish(start_video(broker, store, timeout_ms=7000))
    assert fail["kind"] == FAIL["retry"] and provider.count("download") == 2
    assert not store.names(".mp4") and store.unfinished() == []


# ---- never pay twice ----


def test_the_request_waits_until_its_intent_is_durable(broker, start, provider, store):
    start("video")
    job = start_video(broker, store)
    operation = broker.take("operation", state=INTENT)
    broker.never("progress", step="task_submitted")
    assert provider.count("submit") == 0
    broker.send(("operation_ack", {key: operation[key] for key in ("job", "lease", "operation", "state")}))
    submitted = broker.take("operation", state=SUBMITTED)
    assert provider.count("poll") == 0
    broker.send(("operation_ack", {key: submitted[key] for key in ("job", "lease", "operation", "state")}))
    assert broker.finish(job)["name"] == "done"


def test_a_recorded_task_is_polled_on_and_not_ordered_again(broker, start, provider, store):
    start("video")
    recorded = [{"operation": VIDEO, "state": SUBMITTED, "provider": "studio", "task": "task-77"}]
    job = start_video(broker, store, recorded=recorded, attempt=2)
    assert broker.finish(job)["name"] == "done"
    assert [provider.count(name) for name in ("chat", "upload", "submit")] == [0, 0, 0]
    assert provider.last("poll")[1] == "/api/v3/predictions/task-77/result"


def test_a_lost_intent_is_repeated_once(broker, start, provider):
    start("image")
    recorded = [{"operation": IMAGE, "state": INTENT, "provider": "studio"}]
    job = broker.start(kind="image", payload={}, recorded=recorded, attempt=2)
    broker.acknowledge_operation(job, operation=IMAGE, state=UNKNOWN)
    broker.acknowledge_operation(job, operation=IMAGE + 1, state=INTENT)
    assert broker.finish(job)["name"] == "done"
    assert provider.count("image") == 1


def test_two_unknown_outcomes_end_the_job(broker, start, provider):
    start("image")
    recorded = [
        {"operation": IMAGE, "state": UNKNOWN, "provider": "studio"},
        {"operation": IMAGE + 1, "state": INTENT, "provider": "studio"},
    ]
    job = broker.start(kind="image", payload={}, recorded=recorded, attempt=3)
    broker.acknowledge_operation(job, operation=IMAGE + 1, state=UNKNOWN)
    fail = broker.take("fail")
    assert (fail["kind"], fail["code"]) == (FAIL["permanent"], "outcome_unknown")
    assert provider.count("image") == 0


def test_a_second_unknown_outcome_ends_the_job_at_once(broker, start, provider):
    start("image")
    provider.script["image"] = [close]
    recorded = [{"operation": IMAGE, "state": UNKNOWN, "provider": "studio"}]
    job = broker.start(kind="image", payload={}, recorded=recorded, attempt=2)
    fail = broker.finish(job)
    assert (fail["kind"], fail["code"]) == (FAIL["permanent"], "outcome_unknown")


def test_a_task_that_the_provider_forgot_is_ordered_once_more(broker, start, provider, store):
    start("video")
    provider.script["poll"] = [status(404)]
    recorded = [{"operation": VIDEO, "state": SUBMITTED, "provider": "studio", "task": "task-77"}]
    job = start_video(broker, store, recorded=recorded, attempt=2)
    broker.acknowledge_operation(job, operation=VIDEO, state=UNKNOWN)
    fail = broker.take("fail")
    assert (fail["kind"], fail["code"]) == (FAIL["retry"], "provider_task_lost")


def test_a_poll_that_is_not_allowed_leaves_the_task_on_record(broker, start, provider, store):
    start("video")
    provider.script["poll"] = [status(401)]
    fail = broker.finish(start_video(broker, store))
    assert (fail["kind"], fail["code"]) == (FAIL["permanent"], "provider_credentials")


def test_a_chat_on_a_connection_that_ends_is_not_sent_again_in_its_attempt(broker, start, provider):
    """libcurl would, on one that was kept from a call before."""
    start("character")
    assert broker.finish(broker.start())["name"] == "done"
    provider.script["chat"] = [close]
    fail = broker.finish(broker.start())
    assert (fail["kind"], provider.count("chat")) == (FAIL["retry"], 2)


@pytest.mark.parametrize("lost", ["chat", "image"])
def test_a_draft_saves_what_is_finished(broker, start, provider, store, lost):
    """The draft of a first attempt goes to a second one, which calls nobody again for what is in it."""
    start("character")
    if lost == "image":
        provider.script["image"] = [status(500)]
    job = broker.start()
    broker.finish(job)
    drafts = [fields["draft"] for _, name, fields in broker.heard if name == "progress" and "draft" in fields]
    chats, images = provider.count("chat"), provider.count("image")
    again = broker.start(draft=drafts[-1], attempt=2, character=job["character"], media=job["media"])
    done = broker.finish(again)
    assert done["name"] == "done"
    assert json.loads(done["document"])["aiPersonality"] == PERSONALITY
    assert provider.count("chat") == chats
    assert provider.count("image") == images + (1 if lost == "image" else 0)


def test_many_jobs_at_once_on_one_thread(broker, start, provider):
    start("image", QUEUE_CONCURRENCY=64)
    jobs = [broker.start(kind="image", payload={}) for _ in range(64)]
    for job in jobs:
        assert broker.finish(job)["name"] == "done"


# ---- the trace of a request ----

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_providers_are_told_the_trace_of_the_job(broker, start, provider, store):
    start("video")
    broker.finish(start_video(broker, store, trace=TRACE))
    for name in "chat", "upload", "submit", "poll":
        assert provider.last(name)[2]["traceparent"] == TRACE, name
    assert "traceparent" not in provider.last("download")[2]  # the address is the provider's own choice


@pytest.mark.parametrize("trace", [None, TRACE.replace("00-", "ff-"), TRACE.upper(), "x\r\nX-Evil: 1"])
def test_what_is_no_trace_is_not_sent(broker, start, provider, trace):
    start("character")
    broker.finish(broker.start(trace=trace))
    for name in "chat", "image":
        headers = {header.lower() for header in provider.last(name)[2]}
        assert not headers & {"traceparent", "x-evil"}
