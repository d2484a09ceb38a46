"""Providers that say with another status than 200 that all is well: 201 of what was made, 202 of what was accepted.
What such an answer holds is read, and nothing is paid for twice."""

import json

import pytest
from fake_broker import FAIL
from fake_provider import MP4, PERSONALITY, PNG, status
from test_actor_predictions import image, live, made, store  # noqa: F401
from test_actor_roles import broker, provider, start, start_video  # noqa: F401


@pytest.fixture(params=[201, 202, 203], name="says")
def fixture_says(request, provider):
    """Every answer but the results themselves has this status."""

    def saying(answer):
        def other(handler):
            plain = handler.answer
            handler.answer = lambda _status, *rest, **headers: plain(request.param, *rest, **headers)
            answer(handler)
            del handler.answer

        return other

    for name in ("chat", "image", "upload", "submit", "poll"):
        setattr(provider, name, saying(getattr(provider, name)))
    return saying


def test_a_character_is_made(broker, start, provider, store, says):
    start("character")
    done = broker.finish(broker.start())
    assert json.loads(done["document"])["aiPersonality"] == PERSONALITY
    assert store.read(done["url"]) == PNG
    assert (provider.count("chat"), provider.count("image")) == (1, 1)


def test_a_video_is_made(broker, start, provider, store, says):
    start("video")
    assert store.read(broker.finish(start_video(broker, store))["url"]) == MP4
    assert [provider.count(name) for name in ("upload", "submit", "poll")] == [1, 1, 1]


def test_a_picture_that_is_ordered_is_made(broker, live, provider, store, says):
    live("image")
    provider.poll = says(made(provider))
    assert store.read(broker.finish(image(broker))["url"]) == PNG
    assert [provider.count(name) for name in ("submit", "poll")] == [1, 1]


@pytest.mark.parametrize("code", [201, 202, 204, 206])
def test_a_result_is_there_with_200_alone(broker, start, provider, store, code):
    """Half of one would be served for ever."""
    start("image")
    provider.script["image"] = [provider.image_by_url]
    provider.script["download"] = [status(code, b"" if code == 204 else PNG)] * 3
    fail = broker.finish(broker.start(kind="image", payload={}))
    assert (fail["kind"], fail["code"]) == (FAIL["retry"], "result_unavailable")
    assert provider.count("image") == 1 and not store.names()
