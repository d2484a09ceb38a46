"""Deletions of characters and media entries: gone at once with everything below, for everybody, for good."""

import json
import subprocess
import uuid

import pytest

from gateway_stand import error_of, stand, until  # noqa: F401
from stack import TROUPE, Client, Stack, wait_until

CHARACTERS = "/api/v1/characters"


@pytest.fixture(scope="module", name="stack")
def fixture_stack():
    with Stack("--provider", "null", "--rate", "off") as made:
        yield made


def make_character(client):
    return client.wait_for(client.submit_character())["result"]["characterId"]


def make_media(client, submit, *words):
    return client.wait_for(submit(*words), "media-jobs")["result"]["mediaId"]


def total(client, path):
    return client.get(path + "?limit=1").json()["pagination"]["total"]


def expect_gone(client, method, path, code):
    answer = client.call(method, path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, code), answer.text


def test_a_media_entry_is_gone_at_once_and_the_others_stay(stack):
    client = stack.client("media")
    character = make_character(client)
    path = f"{CHARACTERS}/{character}/media"
    images = [make_media(client, client.submit_image, character) for _ in range(3)]
    before = total(client, path)
    answer = client.call("DELETE", f"{path}/{images[1]}")
    assert (answer.status_code, answer.json()) == (200, {
        "success": True, "statusCode": 200, "message": "Media deleted", "data": {"id": images[1], "deleted": True}})
    for method in "GET", "DELETE":
        expect_gone(client, method, f"{path}/{images[1]}", "media_not_found")
    assert total(client, path) == before - 1
    assert [item["id"] for item in client.get(path + "?limit=2").json()["data"]] == [images[2], images[0]]
    video = client.post(f"{path}/{images[1]}/generate-video/queue", {"duration": 5})
    assert (video.status_code, video.json()["error"]["code"]) == (404, "media_not_found")
    make_media(client, client.submit_video, character, images[0])


def test_a_character_is_gone_at_once_with_its_media(stack):
    client = stack.client("character")
    kept, character = make_character(client), make_character(client)
    image = make_media(client, client.submit_image, character)
    path = f"{CHARACTERS}/{character}"
    answer = client.call("DELETE", path)
    assert (answer.status_code, answer.json()["data"]) == (200, {"id": character, "deleted": True})
    for method in "GET", "DELETE":
        expect_gone(client, method, path, "character_not_found")
        expect_gone(client, method, f"{path}/media/{image}", "media_not_found")
    expect_gone(client, "GET", path + "/media", "character_not_found")
    assert client.post(path + "/generate-image/queue", {}).status_code == 404
    page = client.get(CHARACTERS).json()
    assert page["pagination"]["total"] == 1 and [item["id"] for item in page["data"]] == [kept]
    jobs = client.get("/api/v1/media-jobs").json()["data"]
    assert [job["result"]["mediaId"] for job in jobs] == [image], "jobs that have ended stay as they were"


def test_what_belongs_to_another_is_deleted_by_admins_only(stack):
    client, stranger = stack.client("mine"), stack.client("stranger")
    character = make_character(client)
    image = make_media(client, client.submit_image, character)
    path = f"{CHARACTERS}/{character}"
    expect_gone(stranger, "DELETE", path, "character_not_found")
    expect_gone(stranger, "DELETE", f"{path}/media/{image}", "media_not_found")
    expect_gone(client, "DELETE", f"{CHARACTERS}/{uuid.uuid4()}/media/{image}", "media_not_found")
    expect_gone(client, "DELETE", f"{CHARACTERS}/{image}", "character_not_found")
    admin = Client(stack.url, stack.token("root", "--role", "admin"))
    assert admin.call("DELETE", f"{path}/media/{image}").status_code == 200
    assert admin.call("DELETE", path).status_code == 200
    assert total(client, CHARACTERS) == 0


def test_jobs_that_are_made_from_it_fail_also_active_ones():
    with Stack("--provider", "null:1500", "--rate", "off") as stack:
        client = stack.client()
        character = make_character(client)
        image = make_media(client, client.submit_image, character)
        path = f"{CHARACTERS}/{character}"
        videos = [client.submit_video(character, image) for _ in range(7)]
        wait_until(lambda: client.job(videos[0], "media-jobs")["status"] == "active")
        assert client.call("DELETE", f"{path}/media/{image}").status_code == 200
        for job in videos:
            ended = client.job(job, "media-jobs")
            assert ended["status"] == "failed" and ended["lastError"]["code"] == "media_deleted"
        images = [client.submit_image(character) for _ in range(7)]
        wait_until(lambda: client.job(images[0], "media-jobs")["status"] == "active")
        assert client.call("DELETE", path).status_code == 200
        for job in images:
            ended = client.job(job, "media-jobs")
            assert ended["status"] == "failed" and ended["lastError"]["code"] == "character_deleted"
            assert ended["result"] == {"mediaId": None, "url": None, "error": ended["failedReason"]}
        other = make_character(client)  # the workers are free for it
        make_media(client, client.submit_image, other)
        assert client.job(images[0], "media-jobs")["status"] == "failed"
        expect_gone(client, "GET", path, "character_not_found")


def test_a_deletion_outlives_a_killed_broker(stack):
    client = stack.client("killed")
    character = make_character(client)
    for _ in range(3):
        make_media(client, client.submit_image, character)
    assert client.call("DELETE", f"{CHARACTERS}/{character}").status_code == 200
    [broker] = stack.children("troupe-broker")
    stack.kill(broker)
    wait_until(lambda: client.get(f"{CHARACTERS}/{character}").status_code == 404, what="an answer of the new broker")
    assert total(client, CHARACTERS) == 0
    make_character(client)
    assert total(client, CHARACTERS) == 1


# ---- the command line ----


def cli(stack, *words):
    return subprocess.run([TROUPE, *words, "--data", stack.data, "--user", "cli"], capture_output=True, text=True,
                          timeout=60)


def test_the_command_line_shows_and_deletes_what_jobs_made(stack):
    client = stack.client("cli")
    character = make_character(client)
    image = make_media(client, client.submit_image, character)
    for words, path in ((["character", character], f"{CHARACTERS}/{character}"),
                        (["media", character, image], f"{CHARACTERS}/{character}/media/{image}")):
        told = client.get(path).json()["data"]
        assert json.loads(cli(stack, "show", *words, "--json").stdout) == told
        rows = dict(line.split(maxsplit=1) for line in cli(stack, "show", *words).stdout.splitlines())
        assert rows["id"] == told["id"] and rows["created"] == told["createdAt"]
    deleted = cli(stack, "delete", "media", character, image)
    assert deleted.returncode == 0 and image in deleted.stdout and "deleted" in deleted.stdout
    again = cli(stack, "delete", "media", character, image)
    assert again.returncode == 4 and "404" in again.stderr and again.stdout == ""
    deleted = cli(stack, "delete", "character", character, "--json")
    assert json.loads(deleted.stdout) == {"id": character, "deleted": True}
    assert total(client, CHARACTERS) == 0
    for command in "show", "delete":
        assert cli(stack, command, "character", character).returncode == 4


@pytest.mark.parametrize("words", [[], ["character"], ["media", "CHARACTER"], ["job", "CHARACTER"],
                                   ["character", "CHARACTER", "MEDIA"], ["media", "CHARACTER", "nonsense"],
                                   ["character", "../media"], ["media", "CHARACTER", "MEDIA", "MEDIA"]])
@pytest.mark.parametrize("command", ["show", "delete"])
def test_the_command_line_asks_nobody_about_bad_words(stack, command, words):
    ids = {name: str(uuid.uuid4()) for name in ("CHARACTER", "MEDIA")}
    refused = cli(stack, command, *[ids.get(word, word) for word in words])
    assert refused.returncode == 2 and refused.stdout == ""
    assert "usage: troupe" in refused.stderr or "is not an id" in refused.stderr


def test_a_timeline_is_of_jobs_only(stack):
    refused = cli(stack, "show", "character", str(uuid.uuid4()), "--timeline")
    assert refused.returncode == 2 and "usage: troupe show" in refused.stderr


# ---- assets ----


def test_assets_are_gone_with_what_they_belong_to():
    with Stack("--provider", "local", "--rate", "off") as stack:
        client = stack.client()
        character = make_character(client)
        path = f"{CHARACTERS}/{character}"
        image = make_media(client, client.submit_image, character)
        entry = client.get(f"{path}/media/{image}").json()["data"]
        portrait = client.get(path).json()["data"]["imageUrl"]
        assert client.get(entry["url"]).status_code == client.get(portrait).status_code == 200
        assert client.call("DELETE", f"{path}/media/{image}").status_code == 200
        assert client.get(entry["url"]).status_code == 404 and client.get(portrait).status_code == 200
        assert client.call("DELETE", path).status_code == 200
        assert client.get(portrait).status_code == 404
        directory = stack.data / "assets" / "characters"
        assert list(directory.iterdir()) == []
        # Written by a worker that was not reached: a gateway that starts finds it.
        (directory / character).mkdir()
        (directory / character / "late.png").write_bytes(b"late")
        for gateway in stack.children("troupe-gateway"):
            stack.kill(gateway)
        wait_until(lambda: list(directory.iterdir()) == [], what="the removal of what was written late")


def test_a_broker_that_cannot_be_reached_is_told(stand):
    stand.broker.stop()
    answer = stand.gateway.call("DELETE", f"{CHARACTERS}/{uuid.uuid4()}")
    assert answer.status_code == 503 and error_of(answer)[0] in ("broker_unavailable", "outcome_unknown")
