"""Assets that nobody uses: removed from a directory and from buckets, with all that is used, or may be yet, left where
it is. A real broker and a real gateway; the workers are the test's own, so that each asset is stored when it must be.
"""

import json
import os
import pathlib
import shutil
import signal
import time
import uuid

import asset_stand
import pytest
import requests
import s3_server

import gateway_stand
from broker_stand import CHARACTER, IMAGE, Actor, Broker, Gateway as Peer, code, until
from fake_broker import Span
from gateway_stand import Gateway
from stack import Stack, wait_until

BLOCK = b"picture" * 10


def url_of(character, name=None):
    return f"/assets/characters/{uuid.UUID(bytes=character)}/{name or uuid.uuid4().hex + '.png'}"


class Place:
    """A broker, a gateway that removes what is a second old, and a store."""

    def __init__(self, directory, kind, age="1s"):
        (directory / "store").mkdir()
        self.directory = directory
        self.store = asset_stand.KINDS[kind](directory / "store")
        self.broker = Broker(directory, TROUPE_TEST_GAP_MS="1500").start()
        self.age = age
        self.actors = []
        self.gateway = None

    def open(self):
        self.gateway = Gateway(self.directory, **self.store.settings, TROUPE_ASSETS_SWEEP=self.age)
        self.gateway.settings["TROUPE_GATEWAY_ENDPOINT"] = self.broker.settings["TROUPE_GATEWAY_ENDPOINT"]
        self.gateway.start()
        self.gateway.ready()

    def actor(self, kind):
        self.actors.append(Actor(self.broker, kind).hello())
        return self.actors[-1]

    def write(self, url):
        self.store.write(url, BLOCK)
        if self.store.kind == "s3":  # an object's time is when it was put
            server = self.store.server
            server.objects[self.store.key(url)] = s3_server.Object(BLOCK, {}, '"x"', server.now())
        return url

    def finish(self, actor, job, url):
        """What a worker says of a job whose asset is stored."""
        entry = {"id": str(uuid.UUID(bytes=job["media"])), "characterId": str(uuid.UUID(bytes=job["character"])),
                 "type": "image", "url": url}
        media = json.dumps(entry).encode()
        if actor.kind == CHARACTER:
            document = {"id": entry["characterId"], "name": "Ada", "imageUrl": url}
            actor.done(job, json.dumps(document).encode(), url, media=media)
        else:
            actor.done(job, media, url)

    def make(self, kind, actor, asked, **fields):
        """A job that completes; returns it and its asset."""
        asked.submit(kind, **fields)
        job = actor.job()
        url = self.write(url_of(job["character"]))
        self.finish(actor, job, url)
        return job, url

    def settle(self):
        """What is written now is told from what was before by more than clocks may differ: two seconds, and one that
        buckets leave out."""
        began = time.monotonic()
        until(lambda: time.monotonic() - began > 3.2)

    def looks(self):
        return self.gateway.log_text().count("assets swept")

    def close(self):
        for actor in self.actors:
            actor.close()
        if self.gateway:
            self.gateway.stop()
        self.broker.close()
        self.store.close()


def places(tmp_path, kind, **options):
    place = Place(tmp_path, kind, **options)
    yield place
    place.close()


@pytest.fixture(params=asset_stand.KINDS)
def place(request, tmp_path):
    yield from places(tmp_path, request.param)


@pytest.fixture(params=["file", "s3"])
def one(request, tmp_path):
    yield from places(tmp_path, request.param)


@pytest.fixture
def folder(tmp_path):
    yield from places(tmp_path, "file")


def counts_of(gateway):
    lines = gateway.get("/metrics", owner=None).text.splitlines()
    return {line.split('"')[1]: float(line.split()[-1]) for line in lines
            if line.startswith("troupe_gateway_assets_swept_total{")}


def test_what_nobody_uses_goes_and_what_is_used_or_may_be_stays(place):
    place.settle()
    asked = Peer(place.broker)
    asked.hello()
    maker, painter = place.actor(CHARACTER), place.actor(IMAGE)
    made, portrait = place.make(CHARACTER, maker, asked)
    _, picture = place.make(IMAGE, painter, asked, character=made["character"])
    deleted, entry = place.make(IMAGE, painter, asked, character=made["character"])
    asked.submit(CHARACTER)
    failed = maker.job()
    orphans = [place.write(url_of(failed["character"])), place.write(url_of(made["character"]))]
    maker.fail(failed, "PERMANENT")
    reply = asked.ask("delete_document", "reply", id=deleted["media"], character=made["character"], owner="ada")
    assert reply["url"] == entry
    place.settle()
    asked.submit(IMAGE, character=made["character"])
    live = painter.job()
    under_way = place.write(url_of(made["character"]))
    others = [url_of(made["character"], name) for name in ("notes.txt", "a.png", uuid.uuid4().hex.upper() + ".png")]
    others += [url_of(uuid.uuid4().bytes), "/assets/characters/readme.md"]
    for url in others:
        place.write(url)
    orphans.append(entry)
    place.open()
    kept = sorted([portrait, picture, under_way, *others])
    until(lambda: sorted(place.store.names()) == kept)
    counts = until(lambda: (counts := counts_of(place.gateway))["left"] > 0 and counts["removed"] >= 2 and counts)
    assert counts["removed"] <= 3  # the deletion's own removal may have come first
    assert counts["kept"] >= 3 and counts["left"] >= 1 and counts["foreign"] >= 4
    assert "assets swept" in place.gateway.log_text()
    place.finish(painter, live, under_way)
    seen = counts_of(place.gateway)["kept"]
    until(lambda: counts_of(place.gateway)["kept"] > seen + 6, "two more looks")
    assert sorted(place.store.names()) == kept
    for url in portrait, picture, under_way:
        answer = place.gateway.get(url, owner=None)
        assert answer.status_code == 200 and answer.content == BLOCK
    asked.close()


def test_the_file_of_a_draft_is_kept_while_its_job_lives(one):
    """Who tries it again later finds the draft, and looks whether the file is there (role_tools.c)."""
    one.settle()
    asked = Peer(one.broker)
    asked.hello()
    maker, painter = one.actor(CHARACTER), one.actor(IMAGE)
    made, portrait = one.make(CHARACTER, maker, asked)
    submitted = asked.submit(IMAGE, character=made["character"])
    first = painter.job()
    drafted = one.write(url_of(made["character"]))
    one.open()
    painter.progress(first, 80, draft=json.dumps({"picture": {"url": drafted}}).encode())
    painter.fail(first)
    second = painter.job()
    assert json.loads(second["draft"])["picture"]["url"] == drafted and second["lease"] == 2
    kept = counts_of(one.gateway)["kept"]
    until(lambda: counts_of(one.gateway)["kept"] > kept + 4)
    assert sorted(one.store.names()) == sorted([portrait, drafted])
    painter.fail(second, "PERMANENT")
    until(lambda: one.store.names() == [portrait])
    assert asked.retry(submitted["job"])["code"] == code("REPLY_CODE_OK")
    third = painter.job()
    assert json.loads(third["draft"])["picture"]["url"] == drafted
    again = one.write(url_of(made["character"]))
    one.finish(painter, third, again)
    kept = counts_of(one.gateway)["kept"]
    until(lambda: counts_of(one.gateway)["kept"] > kept + 4)
    assert sorted(one.store.names()) == sorted([portrait, again])
    asked.close()


def test_a_store_that_was_put_back_keeps_what_was_made_after_it(one):
    one.settle()
    asked = Peer(one.broker)
    asked.hello()
    maker, painter = one.actor(CHARACTER), one.actor(IMAGE)
    made, portrait = one.make(CHARACTER, maker, asked)
    data, backup = one.directory / "data", one.directory / "backup"
    one.broker.stop()
    shutil.copytree(data, backup)
    one.broker.start()
    for peer in asked, maker, painter:
        peer.hello()
    _, lost = one.make(IMAGE, painter, asked, character=made["character"])
    other, other_portrait = one.make(CHARACTER, maker, asked)
    one.settle()
    one.broker.stop()
    shutil.rmtree(data)
    backup.rename(data)
    one.broker.start()
    for peer in asked, painter:
        peer.hello()
    assert asked.list()[0]["total"] == 1, "the backup's"
    one.settle()
    orphan = one.write(url_of(made["character"]))
    one.open()
    until(lambda: orphan not in one.store.names())
    until(lambda: counts_of(one.gateway)["left"] >= 4, "two looks")
    assert sorted(one.store.names()) == sorted([portrait, lost, other_portrait])
    asked.close()


def test_a_broker_that_knows_nothing_removes_nothing(one):
    one.settle()
    urls = sorted(one.write(url_of(uuid.uuid4().bytes)) for _ in range(20))
    one.open()
    until(lambda: counts_of(one.gateway)["left"] >= 40)
    assert sorted(one.store.names()) == urls


def test_one_gateway_of_all_looks(folder):
    first, second = Peer(folder.broker), Peer(folder.broker)
    first.hello()
    second.hello()
    answers = [peer.ask("get_assets", "asset_names", every_ms=3600000).get("code", 0)
               for peer in (first, second, first)]
    assert answers == [code("REPLY_CODE_OK")] + 2 * [code("REPLY_CODE_CONFLICT")]
    assert second.ask("get_assets", "asset_names", every_ms=0).get("code", 0) == code("REPLY_CODE_OK")
    first.close()
    second.close()


# ---- a gateway alone ----


class Alone:
    """A gateway whose broker says what the test wants, and a character with many old assets."""

    def __init__(self, directory, **settings):
        self.stand = gateway_stand.Stand(directory, **settings)
        self.broker, self.gateway = self.stand.broker, self.stand.gateway
        self.gateway.stop()
        self.character = uuid.uuid4().bytes
        self.path = self.gateway.assets / "characters" / str(uuid.UUID(bytes=self.character))
        self.path.mkdir(parents=True)
        self.broker.assets[self.character] = {"known": True}

    def fill(self, count):
        long_ago = time.time() - 86400 * 30
        names = [f"{uuid.uuid4().hex}.png" for _ in range(count)]
        for name in names:
            (self.path / name).touch()
            os.utime(self.path / name, (long_ago, long_ago))
        return names

    def left(self):
        return set(os.listdir(self.path))


@pytest.fixture
def alone(tmp_path):
    made = []

    def make(**settings):
        made.append(Alone(tmp_path, **settings))
        return made[-1]

    yield make
    for each in made:
        each.stand.stop()


def test_it_can_be_turned_off(alone):
    place = alone(TROUPE_ASSETS_SWEEP="off")
    names = place.fill(3)
    half = place.path / ".half.png.part"
    half.touch()
    os.utime(half, (0, 0))
    place.gateway.start()
    until(lambda: not half.exists(), "the other sweep")
    assert place.left() == set(names) and not place.broker.questions("get_assets")
    place.gateway.stop()
    place.gateway.settings["TROUPE_ASSETS_SWEEP"] = "1s"
    place.gateway.start()
    until(lambda: place.left() == set())


@pytest.mark.parametrize("value", ["on", "0", "7", "0s", "61d", "-1d"])
def test_another_setting_is_refused(alone, value):
    place = alone(TROUPE_ASSETS_SWEEP="off")
    place.gateway.settings["TROUPE_ASSETS_SWEEP"] = value
    with pytest.raises(AssertionError, match="TROUPE_ASSETS_SWEEP"):
        place.gateway.start()
    place.gateway.process.wait(20)
    place.gateway.process = None


def test_a_look_removes_no_more_than_a_part_of_what_it_sees(alone):
    place = alone(TROUPE_ASSETS_SWEEP="1h")
    names = place.fill(3000)
    place.broker.assets[place.character]["names"] = "".join(name + "\n" for name in names[:1000]).encode()
    place.gateway.settings["TROUPE_ASSETS_SWEEP"] = "2s"
    place.gateway.start()
    until(lambda: "there are more unused assets than are removed at once" in place.gateway.log_text())
    assert 3000 - 1300 <= len(place.left()) <= 3000 - 1000
    until(lambda: place.left() == set(names[:1000]), "the looks after it", 60)


def test_what_the_broker_does_not_tell_is_not_removed(alone):
    place = alone(TROUPE_ASSETS_SWEEP="1s")
    names = place.fill(50)
    page = place.broker.assets[place.character]
    page["names"] = "".join(name + "\n" for name in names[:20]).encode()
    page["code"] = code("REPLY_CODE_BUSY")
    place.gateway.start()
    until(lambda: len([each for each in place.broker.questions("get_assets") if each.get("character")]) >= 2,
          "another try", 30)
    assert place.left() == set(names)
    del page["code"]
    until(lambda: place.left() == set(names[:20]), "the rest", 30)


def test_a_bucket_that_refuses_is_asked_again(tmp_path):
    (tmp_path / "store").mkdir()
    store = asset_stand.Bucket()
    place = Alone(tmp_path, **store.settings, TROUPE_ASSETS_SWEEP="1s")
    url = url_of(place.character)
    store.write(url, b"x")
    key = store.key(url)
    store.server.objects[key] = store.server.objects[key]._replace(
        at=store.server.now() - s3_server.datetime.timedelta(days=3))
    store.server.fail_once("DELETE", key, s3_server.Refusal(403, "AccessDenied"))
    place.gateway.start()
    until(lambda: store.server.count("DELETE", key) >= 1 and store.names() == [], "the second try", 40)
    place.stand.stop()
    store.close()


def test_a_directory_of_very_many_files_stalls_nobody(alone):
    place = alone(TROUPE_ASSETS_SWEEP="1s")
    names = place.fill(20000)
    unused = set(names[:500])
    place.broker.assets[place.character]["names"] = "".join(name + "\n" for name in names[500:1500]).encode()
    place.broker.handlers["get_assets"] = pages(place, names[500:])
    place.gateway.start()
    slowest = 0
    while unused & place.left():
        span = Span(place.gateway.process.pid)
        assert place.gateway.get("/healthz", owner=None).status_code == 200
        slowest = max(slowest, span.seconds())
    assert place.left() == set(names[500:])
    assert slowest < 0.5, slowest


def pages(place, names):
    """Answers with a thousand names at a time."""
    def answer(record):
        page = {"request": record["request"], "known": True}
        if record.get("character") and record.get("limit"):
            start = int(record.get("cursor") or b"0")
            end = start + record["limit"]
            page["names"] = "".join(name + "\n" for name in names[start:end]).encode()
            page["next"] = str(end).encode() if end < len(names) else None
        return [("asset_names", page)]
    return answer


# ---- a whole stack, whose workers are killed ----


SLOWLY = {"match": "image", "kind": "latency_ms", "latency_ms": 8000, "skip": 1, "count": 1}


def environment_of(process):
    words = pathlib.Path(f"/proc/{process}/environ").read_bytes().decode().split("\0")
    return dict(word.split("=", 1) for word in words if "=" in word)


def entries_of(client, character):
    return {entry["url"] for entry in client.get(f"/api/v1/characters/{character}/media").json()["data"]}


def painter_of(stack):
    return wait_until(lambda: stack.children("troupe-actor-image"), what="a worker")[0]


def orphan_in_bucket(stack, store, client, character):
    """The worker dies when its picture is stored, before it is told so."""
    killed = []

    def fault(handler):
        perform = handler.perform

        def store_and_kill():
            if handler.command == "PUT" and not killed:
                killed.append(handler.key)
                stack.kill(painter_of(stack))
            perform()
        handler.perform = store_and_kill

    store.server.faults.append(fault)
    job = client.submit_image(character)
    assert client.wait_for(job, "media-jobs", seconds=90)["status"] == "completed"
    return "/assets/" + killed[0].removeprefix(store.prefix)


def orphan_in_directory(stack, store, client, character):
    """The broker stops while the picture is drawn, slowly; when it is stored both that and the worker die."""
    folder = store.path / "characters" / character
    known = set(os.listdir(folder))
    studio = environment_of(painter_of(stack))["TROUPE_STUDIO_URL"]
    job = client.submit_image(character)
    wait_until(lambda: requests.get(studio + "/studio/faults", timeout=30).json()[0]["fired"], what="the order")
    broker = stack.children("troupe-broker")[0]
    stack.kill(broker, signal.SIGSTOP)
    assert set(os.listdir(folder)) == known, "it was stored before the broker stopped"
    whole = wait_until(lambda: [name for name in set(os.listdir(folder)) - known if name[0] != "."], what="a picture")
    stack.kill(painter_of(stack))
    stack.kill(broker)
    assert client.wait_for(job, "media-jobs", seconds=90)["status"] == "completed"
    return f"/assets/characters/{character}/{whole[0]}"


@pytest.mark.parametrize("kind", ["file", "s3"])
def test_what_a_killed_worker_has_left_goes(tmp_path, kind):
    store = asset_stand.KINDS[kind](tmp_path)
    settings = {**store.settings, "TROUPE_ASSETS_SWEEP": "5s", "TROUPE_LOG_LEVEL": "info",
                "TROUPE_STUDIO_FAULTS": "on", "TROUPE_STUDIO_FAULT_RULES": json.dumps([SLOWLY])}
    make = orphan_in_bucket if kind == "s3" else orphan_in_directory
    with Stack("--assets", str(settings.pop("TROUPE_ASSETS")), environment=settings) as stack:
        began = time.monotonic()
        client = stack.client()
        character = client.wait_for(client.submit_character())["result"]["characterId"]
        wait_until(lambda: time.monotonic() - began > 3, what="a time that the store knows of")
        orphan = make(stack, store, client, character)
        used = entries_of(client, character)
        assert orphan not in used and len(used) >= 2
        wait_until(lambda: set(store.names()) == used, what="the sweep")
        assert client.get(orphan).status_code == 404
        for url in used:
            assert client.get(url).status_code == 200
        video = client.wait_for(client.submit_video(character, picture_of(client, character)), "media-jobs")
        assert video["status"] == "completed", video
    store.close()


def picture_of(client, character):
    return client.get(f"/api/v1/characters/{character}/media").json()["data"][-1]["id"]
