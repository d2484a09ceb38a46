"""Results that are fetched: what is waited for within the attempt, what uses one up, and what is never paid twice.
Against a fake provider and all kinds of asset store."""

import time

import pytest
from fake_broker import FAIL, OPERATION
from fake_provider import MP4, cut, status
from test_actor_roles import SUBMITTED, VIDEO, broker, provider, start, start_video, store  # noqa: F401

INTENT, UNKNOWN = OPERATION["intent"], OPERATION["unknown"]


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
