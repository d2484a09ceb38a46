"""What a job's timeline tells of providers without a price: who was called, what for, and how long it took."""

import json
import subprocess
import threading

import pytest

from fake_provider import status
from stack import TROUPE, Stack, wait_until
from test_costs import provider, timeline, usage  # noqa: F401
from test_metrics import fetch, ports_of, samples_of


@pytest.fixture
def stack(provider, tmp_path):  # noqa: F811
    path = tmp_path / "providers.json"
    path.write_text(json.dumps({use: [{"name": "own-" + use, "url": provider.url, "model": "m"}]
                                for use in ("chat", "image", "video")}))
    stack = Stack("--provider", "live", "--rate", "off", "--metrics", "0", data=tmp_path, environment={
        "TROUPE_PROVIDERS_FILE": str(path), "TROUPE_RESULT_PRIVATE": "on", "TROUPE_REPEAT_AFTER": "0",
        "TROUPE_LOG_LEVEL": "info"}).start()
    yield stack
    stack.stop()


def ready(stack):
    client = stack.client("ada")
    wait_until(lambda: client.get("/readyz").status_code == 200)
    return client


def calls(client, job, family="character-jobs"):
    return [(event["event"], event["step"], event["call"]["provider"], event["call"]["purpose"])
            for event in timeline(client, job, family) if "call" in event]


def calls_counted(stack, role):
    """Those that were made for what a job asks, as the actor's metrics have them."""
    counted = samples_of(fetch(ports_of(stack)[f"troupe-actor-{role}"]).text)["troupe_provider_calls_total"]
    names = [dict(labels) for labels, value in counted.items() if value > 0]
    return sorted(name["operation"] for name in names if name["operation"] in ("chat", "image", "video", "upload"))


def test_every_call_is_told_with_its_provider_and_its_time_and_none_has_a_price(stack, provider):  # noqa: F811
    slow = threading.Event()
    provider.script["chat"] = [lambda handler: slow.wait(0.3) or provider.chat(handler)]
    client = ready(stack)
    job = client.submit_character()
    character = client.wait_for(job)["result"]["characterId"]
    assert calls(client, job) == [("progress", "personality_generated", "own-chat", "chat"),
                                  ("progress", "image_generated", "own-image", "image")]
    told = [event["call"] for event in timeline(client, job) if "call" in event]
    assert 300 <= told[0]["durationMs"] < 30000 and all("priceUsd" not in call for call in told)
    picture_job = client.submit_image(character)
    picture = client.wait_for(picture_job, "media-jobs")
    assert calls(client, picture_job, "media-jobs") == [("progress", "media_created", "own-image", "image")]
    video = client.submit_video(character, picture["result"]["mediaId"])
    client.wait_for(video, "media-jobs")
    assert calls(client, video, "media-jobs") == [
        ("progress", "prompt_generated", "own-chat", "chat"), ("progress", "image_uploaded", "own-video", "upload"),
        ("progress", "video_downloaded", "own-video", "video")]
    assert [day["operations"] for day in usage(client)["days"]] in ([], [0]), "paid calls are others"
    assert calls_counted(stack, "character") == ["chat", "image"]
    assert calls_counted(stack, "video") == ["chat", "upload", "video"]
    shown = subprocess.run([TROUPE, "show", job, "--timeline", "--data", stack.data], capture_output=True, text=True,
                           timeout=30)
    assert ["providers", "own-chat, own-image"] in [line.split(None, 1) for line in shown.stdout.splitlines()]
    line = next(line for line in shown.stdout.splitlines() if "own-chat chat" in line)
    assert line.split()[1:5] == ["progress", "60%", "personality_generated", "own-chat"], shown.stdout
    assert line.endswith(" ms no price") or line.endswith(" s no price")


def test_a_call_that_failed_is_told_with_what_it_did_to_the_attempt(stack, provider):  # noqa: F811
    provider.script["chat"] = [status(500)]
    provider.script["image"] = [status(400)]
    client = ready(stack)
    job = client.submit_character()
    client.wait_for(job, status="failed")
    assert calls(client, job) == [
        ("retry_scheduled", "character_populated", "own-chat", "chat"),
        ("progress", "personality_generated", "own-chat", "chat"),
        ("failed", "personality_generated", "own-image", "image")]


def test_a_call_that_a_cancel_cut_off_is_told(stack, provider):  # noqa: F811
    provider.script["chat"] = [provider.hang]
    client = ready(stack)
    job = client.submit_character()
    wait_until(lambda: provider.count("chat") == 1)
    client.call("DELETE", f"/api/v1/character-jobs/{job}")
    client.wait_for(job, status="cancelled")
    assert calls(client, job) == [("cancelled", "character_populated", "own-chat", "chat")]
