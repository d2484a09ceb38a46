"""Assets of what was deleted: removed from a directory and from a bucket, and confirmed to the broker only then."""

import uuid

import asset_stand
import pytest

from gateway_stand import Stand, until
from s3_server import Refusal

LONG_AGO, JUST_NOW = 1000, 8000000000000


class Place:
    """A gateway that finds removals at its start."""

    def __init__(self, directory, kind):
        self.store = asset_stand.KINDS[kind](directory / "store")
        self.stand = Stand(directory, **self.store.settings)
        self.broker = self.stand.broker
        self.stand.gateway.stop()

    def leave(self, names, at=LONG_AGO, entry=None):
        """Assets of a character that an earlier gateway has left behind; returns their URLs."""
        character = uuid.uuid4()
        urls = [f"/assets/characters/{character}/{name}" for name in names]
        for url in urls:
            self.store.write(url, b"left")
        self.broker.removals.append({"id": uuid.uuid4().bytes, "character": character.bytes, "at": at,
                                     "url": entry and f"/assets/characters/{character}/{entry}"})
        return urls

    def start(self):
        self.broker.removals.sort(key=lambda removal: removal["id"])
        self.stand.gateway.start()
        self.stand.gateway.ready()

    def close(self):
        self.stand.stop()
        self.store.close()


def make(tmp_path, kind):
    (tmp_path / "store").mkdir()
    place = Place(tmp_path, kind)
    yield place
    place.close()


@pytest.fixture(params=asset_stand.KINDS)
def place(request, tmp_path):
    yield from make(tmp_path, request.param)


@pytest.fixture
def bucket(tmp_path):
    """The same with the bucket that misbehaves on request."""
    yield from make(tmp_path, "s3")


def test_assets_that_were_left_behind_are_removed_and_confirmed(place):
    place.leave([f"{number}.png" for number in range(260)])
    place.leave(["one.png"])
    other = f"/assets/characters/{uuid.uuid4()}/other.png"
    place.store.write(other, b"other")
    place.start()
    until(lambda: place.broker.removals == [])
    assert place.store.names() == [other]


def test_an_entry_that_was_left_behind_goes_alone(place):
    stays = place.leave(["a.png", "b.mp4"], entry="a.png")[1]
    place.start()
    until(lambda: place.broker.removals == [])
    assert place.store.names() == [stays]


def test_what_is_not_there_is_gone(place):
    place.leave([])
    place.leave([], entry="a.png")
    place.start()
    until(lambda: place.broker.removals == [])


def test_what_was_just_deleted_goes_and_is_not_confirmed_yet(place):
    place.leave(["a.png", "b.mp4"], JUST_NOW)
    place.start()
    until(lambda: place.store.names() == [])
    assert len(place.broker.removals) == 1 and not place.broker.questions("removed")


def test_an_address_that_is_no_asset_of_the_character_leaves_all(bucket):
    stays = [f"/assets/characters/{uuid.uuid4()}/a.png", "/assets/characters/a.png", "/assets/a.png"]
    for url in stays:
        bucket.store.write(url, b"x")
    for entry in stays + ["/assets/characters/", "https://elsewhere.test/a.png", "/assets/../a.png", "/"]:
        bucket.leave([])
        bucket.broker.removals[-1]["url"] = entry
    bucket.start()
    until(lambda: bucket.broker.removals == [])
    assert sorted(bucket.store.names()) == sorted(stays) and bucket.store.server.count("DELETE") == 0


@pytest.mark.parametrize("method, refusal, words", [
    ("DELETE", Refusal(503, "SlowDown"), "SlowDown"),
    ("DELETE", Refusal(403, "AccessDenied"), "may not do this"),
    ("DELETE", Refusal(0, "reset", close=True), "does not answer"),
    ("GET", Refusal(500, "InternalError"), "InternalError"),
    ("GET", Refusal(200, "InternalError"), "InternalError"),
])
def test_a_bucket_that_fails_is_asked_again_and_nothing_is_confirmed_before(bucket, method, refusal, words):
    for _ in range(3):
        bucket.leave(["a.png", "b.png"])
    failing = bucket.store.server.fail_once(method, "", refusal, count=1 << 30)
    bucket.start()
    until(lambda: words in bucket.stand.gateway.log_text(), words)
    assert len(bucket.broker.removals) == 3 and not bucket.broker.questions("removed")
    asked = (1 << 30) - failing[0]
    assert asked <= 8, "four lanes at most, one try each, libcurl's own repetition on a new connection"
    failing[0] = 0
    until(lambda: bucket.broker.removals == [])
    assert bucket.store.names() == []


def test_an_answer_that_is_no_list_confirms_nothing(bucket):
    bucket.leave(["a.png"])
    left = [1]

    def fault(handler):
        if handler.command == "GET" and left[0]:
            left[0] = 0
            handler.answer(200, b"<html>a portal's page</html>")
            raise Refusal(0, "answered", close=True)

    bucket.store.server.faults.append(fault)
    bucket.start()
    until(lambda: "no list of" in bucket.stand.gateway.log_text())
    assert len(bucket.broker.removals) == 1
    until(lambda: bucket.broker.removals == [])


def test_a_bucket_that_lists_what_was_not_asked_for_loses_nothing_else(bucket):
    other = f"/assets/characters/{uuid.uuid4()}/other.png"
    bucket.store.write(other, b"other")
    bucket.leave(["a.png"])

    def fault(handler):
        def list_everything():
            if fault in bucket.store.server.faults:
                del handler.parameters["prefix"]
            type(handler).list_objects(handler)
        handler.list_objects = list_everything

    bucket.store.server.faults.append(fault)
    bucket.start()
    until(lambda: "no list of what was asked for" in bucket.stand.gateway.log_text())
    assert other in bucket.store.names() and len(bucket.broker.removals) == 1
    bucket.store.server.faults.clear()
    until(lambda: bucket.broker.removals == [])
    assert bucket.store.names() == [other]


def test_an_object_that_the_bucket_does_not_know_is_gone(bucket):
    bucket.leave(["a.png"])
    bucket.leave([], entry="a.png")
    bucket.store.server.fail_once("DELETE", "", Refusal(404, "NoSuchKey"), count=2)
    bucket.start()
    until(lambda: bucket.broker.removals == [])
