"""The three roles against the studio: what the actors send is what the studio understands, and the other way round."""

import json
import struct
import subprocess

import pytest
from fake_broker import OPERATION, Actor, Broker, new_id
from studio_stand import Studio

VIDEO = 2  # the number of a film's submission


@pytest.fixture
def studio():
    studio = Studio(FAULTS="on")
    yield studio
    assert studio.close() == 0


@pytest.fixture
def broker(tmp_path):
    broker = Broker(tmp_path)
    yield broker
    broker.close()


@pytest.fixture
def start(broker, studio, tmp_path):
    actors = []

    def start_actor(role):
        settings = {"TROUPE_PROVIDER": "local", "TROUPE_STUDIO_URL": studio.url, "TROUPE_ASSETS": tmp_path / "assets"}
        actors.append(Actor(role, broker.endpoint, **settings))
        broker.open()

    yield start_actor
    for actor in actors:
        actor.close()


def content(tmp_path, url):
    return (tmp_path / url.lstrip("/")).read_bytes()


def run_character(broker):
    request = {"name": "Mira", "traits": ["brave"], "appearance": {"hair": "long silver", "eyes": "green"}}
    return broker.finish(broker.start(payload=request))


def test_a_character_is_described_and_drawn_and_paid_once(broker, start, studio, tmp_path):
    start("character")
    done = run_character(broker)
    document = json.loads(done["document"])
    personality = document["aiPersonality"]
    assert "Mira" in personality["summary"] and personality["traits"][0] == "brave"
    picture = content(tmp_path, done["url"])
    assert struct.unpack(">II", picture[16:24]) == (1024, 1024)
    assert {step: total["count"] for step, total in studio.ledger()["totals"].items()} == {"chat": 1, "image": 1}


def test_a_film_is_made_of_the_characters_picture(broker, start, studio, tmp_path):
    start("character")
    done = run_character(broker)
    source = json.dumps({"url": done["url"], "contentType": "image/png"}).encode()
    start("video")
    film = broker.finish(broker.start(kind="video", payload={"duration": 5, "resolution": "480p"}, source=new_id(),
                                      source_document=source), seconds=240)
    path = tmp_path / film["url"].lstrip("/")
    report = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "stream=codec_name,width,height,nb_frames",
                             "-of", "csv=p=0", path], capture_output=True, text=True, check=True).stdout
    assert report.strip() == "h264,832,480,120"
    assert studio.charged("submit") == 1


def test_what_fails_on_its_way_costs_nothing_twice(broker, start, studio, tmp_path):
    start("character")
    studio.faults({"match": "chat", "kind": "retry_after", "retry_after": 1, "count": 1})
    assert run_character(broker)["name"] == "fail"
    assert studio.ledger()["totals"] == {}
    done = run_character(broker)
    source = json.dumps({"url": done["url"], "contentType": "image/png"}).encode()
    studio.faults({"match": "download", "kind": "truncate", "count": 1},
                  {"match": "download", "kind": "status", "status": 404, "count": 2},
                  {"match": "poll", "kind": "reset", "count": 1})
    start("video")
    film = {"kind": "video", "payload": {"duration": 5, "resolution": "480p"}, "source": new_id(),
            "source_document": source}
    assert broker.finish(broker.start(**film), 30)["name"] == "fail"
    # The next attempt is told what was ordered, and fetches it.
    task = studio.ledger()["entries"][-1]["id"]
    recorded = [{"operation": VIDEO, "state": OPERATION["submitted"], "provider": "studio", "task": task}]
    job = broker.start(**film, recorded=recorded, attempt=2)
    assert content(tmp_path, broker.finish(job, 30)["url"])[4:8] == b"ftyp"
    assert [entry["fired"] for entry in studio.ask("GET", "/studio/faults").json()] == [1, 2, 1]
    assert studio.charged("submit") == 1


def test_an_order_of_unknown_outcome_is_found_in_the_providers_list(broker, studio, tmp_path):
    entry = {"name": "studio", "url": studio.url, "model": "studio"}
    video = {**entry, "model": "wavespeed-ai/wan-2.2/image-to-video", "lookUp": True, "pollSeconds": 1}
    path = tmp_path / "providers.json"
    path.write_text(json.dumps({"chat": [entry], "image": [entry], "video": [video]}))
    settings = {"TROUPE_PROVIDER": "live", "TROUPE_PROVIDERS_FILE": path, "TROUPE_RESULT_PRIVATE": "on",
                "TROUPE_ASSETS": tmp_path / "assets", "TROUPE_REPEAT_AFTER": "0"}
    actor = Actor("character", broker.endpoint, **settings)
    broker.open()
    source = json.dumps({"url": run_character(broker)["url"], "contentType": "image/png"}).encode()
    actor.close()
    actor = Actor("video", broker.endpoint, **settings)
    broker.open()
    try:
        studio.faults({"match": "submit", "kind": "reset_after", "count": 1})
        film = {"kind": "video", "payload": {"duration": 5, "resolution": "480p"}, "source": new_id(),
                "source_document": source}
        first = broker.start(**film)
        broker.acknowledge_operation(first, state=OPERATION["intent"])
        broker.acknowledge_operation(first, state=OPERATION["unknown"])
        assert broker.take("fail")["code"] == "provider_broken"
        recorded = [{"operation": VIDEO, "state": OPERATION["unknown"], "provider": "studio", "lease": 1}]
        again = broker.start(**film, media=first["media"], recorded=recorded, attempt=2)
        found = broker.acknowledge_operation(again, state=OPERATION["submitted"])
        assert found["operation"] == VIDEO and found["task"] in [entry["id"] for entry in studio.ledger()["entries"]]
        assert content(tmp_path, broker.finish(again)["url"])[4:8] == b"ftyp"
        assert studio.charged("submit") == 1
        # What the list does not have is ordered again, once.
        studio.faults({"match": "submit", "kind": "task_lost", "count": 1})
        other = broker.start(**film, recorded=recorded, attempt=2)
        assert broker.take("operation", job=other["job"], state=OPERATION["intent"])["repeats"]
    finally:
        actor.close()
