"""The three roles against the real studio: a character, its picture and its video, and the faults that it can play."""

import json
import os
import shutil
import subprocess
import uuid

import pytest
from fake_broker import FAIL, OPERATION, PROGRAMS, Actor, Broker

LIMIT = 60  # seconds: a film is encoded, perhaps on a busy machine


class Studio:
    def __init__(self, rules=()):
        settings = {
            "PATH": os.environ["PATH"],
            "TROUPE_STUDIO_LISTEN": "127.0.0.1:0",
            "TROUPE_STUDIO_FAULTS": "on",
            "TROUPE_STUDIO_FAULT_RULES": json.dumps(list(rules)),
            "TROUPE_LOG_LEVEL": "warn",
        }
        self.process = subprocess.Popen(
            [PROGRAMS / "troupe-studio"], env=settings, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
        )
        self.url = self.process.stdout.readline().rsplit(" ", 1)[1].strip()

    def close(self):
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()


@pytest.fixture
def stage(tmp_path):
    """stage(role, rules) starts a studio and an actor, and returns the broker between us and it."""
    started = []

    def start(role, rules=()):
        studio = Studio(rules)
        broker = Broker(tmp_path, role)
        assets = tmp_path / "assets"
        settings = {"TROUPE_PROVIDER": "local", "TROUPE_STUDIO_URL": studio.url, "TROUPE_ASSETS": assets}
        actor = Actor(role, broker.endpoint, **settings)
        started.extend([actor, broker, studio])
        broker.open(heartbeat_ms=60000)  # a film takes seconds, and this broker sends no PING
        return broker

    yield start
    for part in started:
        part.close()


def finish(broker, job):
    return broker.finish(job, LIMIT)


def test_from_a_character_to_its_picture_and_its_video(stage, tmp_path):
    character = stage("character")
    request = {"name": "Mira Vale", "appearance": {"hair": "long silver", "eyes": "green"}, "traits": ["calm"]}
    job = character.start(payload=request)
    made = finish(character, job)
    document = json.loads(made["document"])
    assert document["aiPersonality"]["summary"]
    portrait = json.loads(made["media"])
    assert (portrait["width"], portrait["height"], portrait["contentType"]) == (1024, 1024, "image/png")
    assert (tmp_path / portrait["url"].lstrip("/")).stat().st_size == portrait["size"]

    image = stage("image")
    options = {"character": job["character"], "character_document": made["document"]}
    job = image.start(kind="image", payload={"poseId": "waving"}, **options)
    made = finish(image, job)
    picture = json.loads(made["document"])
    assert picture["sha256"] != portrait["sha256"]

    video = stage("video")
    options |= {"source": job["media"], "source_document": made["document"]}
    job = video.start(kind="video", payload={"duration": 5, "resolution": "480p"}, **options)
    made = finish(video, job)
    entry = json.loads(made["document"])
    path = tmp_path / entry["url"].lstrip("/")
    assert entry["source"] == picture["id"]
    assert entry["prompt"] and "{" not in entry["prompt"]
    if shutil.which("ffprobe") is None:
        pytest.skip("no ffprobe: the film is not looked at")
    probe = ["ffprobe", "-v", "error", "-of", "json", "-show_streams", "-show_format", path]
    about = json.loads(subprocess.run(probe, check=True, capture_output=True, text=True).stdout)
    stream = about["streams"][0]
    assert (stream["codec_name"], stream["width"], stream["height"]) == ("h264", 832, 480)
    assert abs(float(about["format"]["duration"]) - 5) < 0.1


def fault(match, kind, **members):
    return {"match": match, "kind": kind, "count": 1, **members}


@pytest.mark.parametrize(
    "rule, kind, code, state",
    [
        (fault("image", "retry_after", retry_after=7), "throttled", "provider_throttled", "refused"),
        (fault("image", "status", status=500), "retry", "provider_error", "refused"),
        (fault("image", "refusal"), "permanent", "content_policy", "refused"),
        (fault("image", "reset_after"), "retry", "provider_broken", "unknown"),
        (fault("image", "truncate"), "retry", "provider_broken", "unknown"),
        (fault("image", "garbage"), "retry", "provider_answer", "unknown"),
    ],
)
def test_faults_of_the_image_model_are_understood(stage, rule, kind, code, state):
    broker = stage("image", [rule])
    job = broker.start(kind="image", payload={})
    broker.acknowledge_operation(job, state=OPERATION["intent"])
    broker.acknowledge_operation(job, LIMIT, state=OPERATION[state])
    fail = broker.take("fail")
    assert (fail["kind"], fail["code"]) == (FAIL[kind], code)
    if kind == "throttled":
        assert fail["retry_after_ms"] == 7000


def test_a_hanging_model_is_left_at_the_attempts_end(stage):
    broker = stage("image", [fault("image", "hang_before")])
    job = broker.start(kind="image", payload={}, timeout_ms=500)
    broker.acknowledge_operation(job, state=OPERATION["intent"])
    fail = broker.take("fail")
    assert (fail["kind"], fail["code"]) == (FAIL["retry"], "timeout")


def make_picture(tmp_path):
    """A real picture to make films of, and its entry."""
    studio = Studio()
    broker = Broker(tmp_path, "maker")
    settings = {"TROUPE_STUDIO_URL": studio.url, "TROUPE_ASSETS": tmp_path / "assets", "TROUPE_PROVIDER": "local"}
    actor = Actor("image", broker.endpoint, **settings)
    broker.open(heartbeat_ms=60000)
    made = finish(broker, broker.start(kind="image", payload={}))
    for part in (actor, broker, studio):
        part.close()
    return made["document"]


@pytest.mark.parametrize(
    "rule, kind, code",
    [
        (fault("poll", "task_failed", code="1403", message="out of luck"), "retry", "provider_task"),
        (fault("poll", "task_lost"), "retry", "provider_task_lost"),
        (fault("download", "status", status=404, count=3), "retry", "result_unavailable"),
        (fault("submit", "retry_after", retry_after=2), "throttled", "provider_throttled"),
        (fault("upload", "status", status=503), "retry", "provider_error"),
    ],
)
def test_faults_of_the_video_model_are_understood(stage, tmp_path, rule, kind, code):
    source = make_picture(tmp_path)
    broker = stage("video", [rule])
    payload = {"duration": 5, "resolution": "480p"}
    job = broker.start(kind="video", payload=payload, source=uuid.uuid4().bytes, source_document=source)
    fail = finish(broker, job)
    assert (fail["kind"], fail["code"]) == (FAIL[kind], code)


def test_a_film_that_never_ends_leaves_its_task_to_the_next_attempt(stage, tmp_path):
    source = make_picture(tmp_path)
    broker = stage("video", [fault("submit", "never_finishes")])
    payload = {"duration": 5, "resolution": "480p"}
    options = {"source": uuid.uuid4().bytes, "source_document": source}
    job = broker.start(kind="video", payload=payload, timeout_ms=3000, **options)
    broker.acknowledge_operation(job, LIMIT, state=OPERATION["intent"])
    submitted = broker.acknowledge_operation(job, LIMIT, state=OPERATION["submitted"])
    assert broker.take("fail", LIMIT)["code"] == "timeout"
    recorded = [{key: submitted[key] for key in ("operation", "state", "provider", "task")}]
    again = broker.start(kind="video", payload=payload, timeout_ms=1000, attempt=2, recorded=recorded, **options)
    assert broker.take("progress", LIMIT, job=again["job"], step="polling")
    assert broker.take("fail", LIMIT, job=again["job"])["code"] == "timeout"
