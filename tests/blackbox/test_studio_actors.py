"""The three roles against the studio: what the actors send is what the studio understands, and the other way round."""

import json
import struct
import subprocess

import pytest
from fake_broker import OPERATION, Actor, Broker, new_id
from test_studio import Studio

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
                                      source_document=source))
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
    studio.faults({"match": "download", "kind": "truncate", "count": 1}, {"match": "poll", "kind": "reset", "count": 1})
    start("video")
    film = {"kind": "video", "payload": {"duration": 5, "resolution": "480p"}, "source": new_id(),
            "source_document": source}
    assert broker.finish(broker.start(**film))["name"] == "fail"
    # The next attempt is told what was ordered, and fetches it.
    task = studio.ledger()["entries"][-1]["id"]
    recorded = [{"operation": VIDEO, "state": OPERATION["submitted"], "provider": "studio", "task": task}]
    job = broker.start(**film, recorded=recorded, attempt=2)
    assert content(tmp_path, broker.finish(job)["url"])[4:8] == b"ftyp"
    assert [entry["fired"] for entry in studio.ask("GET", "/studio/faults").json()] == [1, 1]
    assert studio.charged("submit") == 1
