"""Results that are fetched: what is waited for within the attempt, what uses one up, and what is never paid twice.
Against a fake provider and all kinds of asset store."""

import json
import pathlib
import subprocess
import threading
import time

import pytest
from fake_broker import FAIL, OPERATION, PROGRAMS
from fake_provider import MP4, PNG, cut, large_mp4, status
from test_actor_roles import (SUBMITTED, VIDEO, broker, make_source, provider, start, start_video,  # noqa: F401
                              store, wait_until)

INTENT, UNKNOWN = OPERATION["intent"], OPERATION["unknown"]
JPEG = b"\xff\xd8\xff\xe0\0\x04\0\0\xff\xc0\0\x0b\x08\x02\x58\x04\0\1\1\1\0\xff\xd9"
WEBP = b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\x03\0\x57\x02" + bytes(9)
IS_RELEASE = b"__asan_init" not in (PROGRAMS / "troupe-actor-video").read_bytes()
FILM_SIZE = 200_000_000
PICTURE_SIZE = 20_000_000
PICTURES = 6
GROWTH_MAX = 24_000_000  # bytes of memory, whatever passes


@pytest.mark.parametrize("answer, seconds", [(status(500), 1), (cut(MP4), 1), (status(429, Retry_After="2"), 2),
                                             (status(503, Retry_After="2"), 2), (status(529, Retry_After="2"), 2)],
                         ids=["500", "cut", "429", "503", "529"])
def test_a_video_that_its_sender_does_not_hand_out_is_waited_for(broker, start, provider, store, answer, seconds):
    start("video")
    provider.script["download"] = [answer]
    begun = time.monotonic()
    done = broker.finish(start_video(broker, store))
    assert done["name"] == "done" and store.read(done["url"]) == MP4
    assert [provider.count(name) for name in ("submit", "poll", "download")] == [1, 1, 2]
    assert time.monotonic() - begun >= seconds
    assert len(store.names(".mp4")) == 1 and store.unfinished() == []


@pytest.mark.parametrize("code", [429, 503, 529])
def test_a_sender_that_wants_more_time_than_the_attempt_has_uses_up_none(broker, start, provider, store, code):
    start("video")
    provider.script["download"] = [status(code, Retry_After="400")]
    fail = broker.finish(start_video(broker, store, timeout_ms=300000))
    assert (fail["kind"], fail["code"]) == (FAIL["throttled"], "result_unavailable")
    assert fail["retry_after_ms"] == 400000 and provider.count("download") == 1
    broker.never("operation")
    recorded = [{"operation": VIDEO, "state": SUBMITTED, "provider": "studio", "task": "task-1"}]
    assert broker.finish(start_video(broker, store, recorded=recorded))["name"] == "done"
    assert provider.count("submit") == 1


def test_a_picture_by_address_whose_sender_wants_too_much_time_counts(broker, start, provider):
    """Nothing but this attempt has the address: the next one has another picture drawn."""
    start("image")
    provider.script["image"] = [provider.image_by_url]
    provider.script["download"] = [status(429, Retry_After="400")]
    job = broker.start(kind="image", payload={})
    broker.acknowledge_operation(job, state=INTENT)
    assert broker.acknowledge_operation(job, state=UNKNOWN)["charged"] == 1
    assert broker.take("fail")["kind"] == FAIL["retry"]


@pytest.mark.parametrize("code", [403, 404])
def test_a_video_that_is_not_there_is_asked_for_again(broker, start, provider, store, code):
    """Three times in place; then its address is, which may have run out."""
    start("video")
    provider.script["download"] = [status(code)] * 3
    fail = broker.finish(start_video(broker, store))
    assert (fail["kind"], fail["code"]) == (FAIL["retry"], "result_unavailable")
    recorded = [{"operation": VIDEO, "state": SUBMITTED, "provider": "studio", "task": "task-1"}]
    assert broker.finish(start_video(broker, store, recorded=recorded, attempt=2))["name"] == "done"
    assert (provider.count("submit"), provider.count("poll")) == (1, 2)


# ---- what is fetched is streamed ----


@pytest.mark.parametrize("data, kind, ending", [(PNG, "image/png", ".png"), (JPEG, "image/jpeg", ".jpg"),
                                                (WEBP, "image/webp", ".webp")], ids=["png", "jpeg", "webp"])
def test_a_picture_is_of_the_kind_that_its_bytes_are(broker, start, provider, store, data, kind, ending):
    start("image")
    provider.script["image"] = [provider.image_by_url]
    provider.script["download"] = [lambda handler: handler.answer(200, data, "text/html")]
    done = broker.finish(broker.start(kind="image", payload={}))
    document = json.loads(done["document"])
    assert store.read(done["url"]) == data and done["url"].endswith(ending)
    width = 8 if data == PNG else 1024
    assert (document["contentType"], document["size"], document["width"]) == (kind, len(data), width)
    if store.kind == "s3":
        assert store.object(done["url"]).headers["content-type"] == kind
    assert store.names() == [done["url"]] and store.unfinished() == []


def large_png(size):
    """One of so many bytes: what is over the small one is a chunk that readers pass over."""
    return PNG[:-12] + (size - len(PNG) - 12).to_bytes(4, "big") + b"fiLL" + bytes(size - len(PNG) - 8) + PNG[-12:]


@pytest.mark.parametrize("store", ["s3"], indirect=True)
def test_a_large_picture_goes_into_a_bucket_in_parts(broker, start, provider, store):
    start("image")
    data = large_png(12 << 20)
    provider.script["image"] = [provider.image_by_url]
    provider.script["download"] = [lambda handler: handler.answer(200, data, "image/png")]
    assert store.read(broker.finish(broker.start(kind="image", payload={}))["url"]) == data
    assert store.server.count("PUT", "partNumber=") == 3


TINY_DISK = ("unshare", "-rm", "sh", "-c", """
    cp -r "$TROUPE_ASSETS" "$TROUPE_ASSETS.copy" && mount -t tmpfs -o size=256k tiny "$TROUPE_ASSETS" &&
    cp -r "$TROUPE_ASSETS.copy/." "$TROUPE_ASSETS" && exec "$@" """, "sh")


@pytest.mark.parametrize("store", ["file"], indirect=True)
def test_a_video_that_the_disk_has_no_room_for_says_so(broker, start, provider, store):
    source = make_source(store)
    if subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "tiny", store.path]).returncode:
        pytest.skip("no small disk can be had here: unshare may not mount")
    start("video", command=TINY_DISK)
    provider.download = lambda handler: handler.answer(200, large_mp4(1_000_000), "video/mp4")
    fail = broker.finish(start_video(broker, store, source_document=source))
    assert (fail["kind"], fail["code"]) == (FAIL["retry"], "asset_store")
    assert "there is no room left" in fail["message"]


def peak_of(pid, name="VmHWM:"):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


def slowly(data, begun, released):
    """Half of it, then the rest when all are under way."""
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data[: len(data) // 2])
        begun.append(1)
        released.wait(60)
        handler.wfile.write(data[len(data) // 2:])
    return answer


@pytest.mark.parametrize("store", ["file"], indirect=True)
@pytest.mark.parametrize("what", ["film", "pictures"])
def test_what_is_fetched_is_never_whole_in_memory(broker, start, provider, store, capsys, what):
    is_film = what == "film"
    data = large_mp4(FILM_SIZE) if is_film else large_png(PICTURE_SIZE)
    count = 1 if is_film else PICTURES
    begun, released = [], threading.Event()
    actor = start("video" if is_film else "image", QUEUE_CONCURRENCY=PICTURES)
    provider.image = provider.image_by_url
    provider.script["download"] = [slowly(data, begun, released)] * count
    before = peak_of(actor.process.pid, "VmRSS:")
    jobs = [start_video(broker, store) if is_film else broker.start(kind="image", payload={}) for _ in range(count)]
    for job in jobs:
        for _ in range(2 if is_film else 1):
            broker.acknowledge_operation(job)
    wait_until(lambda: len(begun) == count)
    released.set()
    for job in jobs:
        assert store.read(broker.finish(job, 60)["url"]) == data
    growth = peak_of(actor.process.pid) - before
    with capsys.disabled():
        print(f"\n{count} of {len(data) / 1e6:.0f} MB: {growth / 1e6:.1f} MB of memory")
    if IS_RELEASE:
        assert growth < GROWTH_MAX
