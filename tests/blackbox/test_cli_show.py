"""`troupe show` of a job: admins and viewers are told whose it is and what it was asked with, others what is theirs."""

import json
import os
import re
import subprocess

import pytest

from receiver import Receiver
from stack import TROUPE, Stack
from terminal import Terminal
from webhook_stand import LOOPBACK, create

LONG = "A tall tale of a woman with a hat, and of what she did. " * 40


@pytest.fixture(name="stack", scope="module")
def fixture_stack(tmp_path_factory):
    with Stack("--rate", "off", environment=LOOPBACK, data=tmp_path_factory.mktemp("show")) as stack:
        yield stack


@pytest.fixture(name="idle", scope="module")
def fixture_idle(tmp_path_factory):
    with Stack("--provider", "null", "--actors", "0", data=tmp_path_factory.mktemp("idle")) as stack:
        yield stack


@pytest.fixture(name="made", scope="module")
def fixture_made(stack):
    """A character's job with a long text, and those of a picture and a video of it."""
    ada = stack.client("ada")
    job = ada.submit_character("Mira", description=LONG, options={"metadata": {"order": 7}})
    character = ada.wait_for(job, status="completed")["result"]["characterId"]
    picture = ada.submit_image(character, poseId="waving")
    media = ada.wait_for(picture, "media-jobs", status="completed")["result"]["mediaId"]
    video = ada.submit_video(character, media)
    ada.wait_for(video, "media-jobs", status="completed")
    return {"job": job, "character": character, "picture": picture, "media": media, "video": video}


def run(stack, *words, token=None):
    environment = {**os.environ, "TROUPE_DATA": str(stack.data)}
    if token:
        environment |= {"TROUPE_URL": stack.url, "TROUPE_TOKEN": token}
    return subprocess.run([TROUPE, *words], capture_output=True, text=True, timeout=30, env=environment)


def rows(told):
    assert told.returncode == 0, told.stderr
    return {line[:12].rstrip(): line[13:] for line in told.stdout.splitlines()}


def test_who_sees_everything_is_told_whose_a_job_is_and_what_it_was_asked_with(stack, made):
    tokens = [None, stack.token("boss", "--role", "admin"), stack.token("eye", "--role", "viewer")]
    for token in tokens:
        told = rows(run(stack, "show", made["job"], token=token))
        assert told["owner"] == "ada" and json.loads(told["input"]) == {"name": "Mira", "description": LONG}
        assert (told["type"], told["character"]) == ("character", "Mira")
        assert re.fullmatch("[0-9a-f-]{36}", told["worker"]) and told["characterId"] == made["character"]
        told = rows(run(stack, "show", made["picture"], token=token))
        assert told["type"] == "image" and told["characterId"] == made["character"] and "poseId" in told["input"]
        assert told["url"].startswith(f"{stack.url}/assets/")
        told = rows(run(stack, "show", made["video"], token=token))
        assert (told["made from"], told["providers"]) == (made["media"], "studio")
        whole = json.loads(run(stack, "show", made["job"], "--json", token=token).stdout)
        assert (whole["owner"], whole["input"]["description"]) == ("ada", LONG)


def test_the_portrait_of_a_character_has_an_address(stack, made):
    """It is no part of the job's result: who sees everything is told it, others have it of the character."""
    wanted = stack.client("ada").get(f"/api/v1/characters/{made['character']}").json()["data"]
    for token in None, stack.token("eye", "--role", "viewer"), stack.token("ada"):
        assert rows(run(stack, "show", made["job"], token=token))["portrait"] == stack.url + wanted["imageUrl"]
        assert "portrait" not in rows(run(stack, "show", made["picture"], token=token))
    whole = json.loads(run(stack, "show", made["job"], "--json").stdout)
    assert whole["portrait"] == {"mediaId": wanted["mediaId"], "url": wanted["imageUrl"]}
    assert stack.client("ada").job(made["job"])["result"] == {"characterId": made["character"], "error": None}


@pytest.mark.parametrize("words", [("character", "{character}"), ("media", "{character}", "{media}")], ids="-".join)
def test_what_others_made_is_shown_to_who_may_be_an_admin(stack, made, words):
    """`troupe media CHARACTER` listed it on a local stack, `show` was 404."""
    words = ["show", *[word.format(**made) for word in words]]
    tokens = [None, stack.token("boss", "--role", "admin"), stack.token("ada")]
    told = [run(stack, *words, token=token) for token in tokens]
    assert {one.returncode for one in told} == {0} and len({one.stdout for one in told}) == 1 and told[0].stdout
    refused = run(stack, *words, token=stack.token("ben"))
    assert refused.returncode == 4 and "404" in refused.stderr
    nothing = run(stack, *words[:-1], made["job"])
    assert nothing.returncode == 4 and "404" in nothing.stderr


def test_pictures_and_videos_are_found_by_the_name_of_their_character(stack, made):
    found = json.loads(run(stack, "jobs", "q=mIRA", "--json").stdout)["jobs"]
    assert {job["character"]["name"] for job in found} == {"Mira"}
    assert [job["jobId"] for job in found] == [made["video"], made["picture"], made["job"]]
    named = run(stack, "jobs", "q=mira", "queue=video")
    assert named.returncode == 0 and made["video"] in named.stdout and made["picture"] not in named.stdout
    assert json.loads(run(stack, "jobs", "q=mira", "owner=ben", "--json").stdout)["jobs"] == []


def test_others_are_told_what_the_api_tells_them(stack, made):
    token = stack.token("ada")
    told = rows(run(stack, "show", made["job"], token=token))
    assert told["status"] == "completed" and told["metadata"] == '{"order":7}' and not {"owner", "input"} & set(told)
    assert "timeline" not in json.loads(run(stack, "show", made["job"], "--json", token=token).stdout)
    assert "attempt 1" in run(stack, "show", made["job"], "--timeline", token=token).stdout
    refused = run(stack, "show", made["job"], token=stack.token("ben"))
    assert refused.returncode == 4 and "404 There is no such job" in refused.stderr
    for words in ["audit", "--action", "refused", "--json"], ["audit", "--json"]:
        audit = run(stack, *words)
        assert audit.returncode == 0 and "audit" in json.loads(audit.stdout)
        assert '"ada"' not in audit.stdout and '"ben"' not in audit.stdout, "they asked for what is theirs"


def test_a_long_text_is_cut_on_a_terminal_and_nowhere_else(stack, made):
    for columns in 60, 100:
        view = Terminal("show", made["job"], "--data", stack.data, columns=columns, lines=60)
        assert view.end() == 0
        lines = view.text.replace("\r", "").splitlines()
        begin = next(index for index, line in enumerate(lines) if line.startswith("input "))
        text = lines[begin:begin + 4]
        assert all(columns * 0.6 < len(line) <= columns for line in text) and text[3].endswith("…"), text
        assert all(line.startswith(" " * 13) and line[13] != " " for line in text[1:]), text
        assert lines[begin + 4].startswith("priority ")
        assert max(len(line) for line in lines if not line.startswith(("url", "portrait"))) <= columns


def test_what_is_no_job_is_shown_as_before(stack, made):
    ada = stack.client("ada")
    assert rows(run(stack, "show", "character", made["character"], "--user", "ada"))["name"] == "Mira"
    unknown = run(stack, "show", "12345678-1234-4234-8234-000000000001")
    assert unknown.returncode == 4 and "404 There is no such job, batch or pipeline" in unknown.stderr
    gone = ada.submit_character("Pia")
    ada.wait_for(gone, status="completed")
    assert run(stack, "remove", gone).returncode == 0
    expired = run(stack, "show", gone)
    assert expired.returncode == 4 and "410" in expired.stderr
    followed = run(stack, "tail", gone)
    assert followed.returncode == 4 and "kept no longer" in followed.stderr


def table(told):
    """The rows below the facts, by the names of their columns; errors, the last ones, have blanks."""
    assert told.returncode == 0, told.stderr
    head, *lines = told.stdout.split("\n\n")[1].splitlines()
    return [dict(zip(head.split(), line.split(maxsplit=len(head.split()) - 1))) for line in lines]


def test_a_batch_is_shown_with_its_jobs(idle):
    """In their order; names of characters are told by the admin API alone."""
    ada, names = idle.client("ada"), [f"Noa{number}" for number in range(103)]
    answer = ada.post("/api/v1/batches", {"jobs": [{"type": "character", "name": name} for name in names]})
    batch, jobs = answer.json()["data"]["batchId"], answer.json()["data"]["jobIds"]
    ada.call("DELETE", f"/api/v1/character-jobs/{jobs[5]}")
    for token in None, idle.token("ada"):
        told = run(idle, "show", batch, token=token)
        assert (rows(told)["batch"], rows(told)["jobs"]) == (batch, "103") and "owner" not in rows(told)
        assert rows(told)["of them"] == "102 waiting, 1 cancelled"
        shown = table(told)
        assert [row["JOB"] for row in shown] == jobs and {row["TYPE"] for row in shown} == {"character"}
        assert [row["STATUS"] for row in shown] == ["waiting"] * 5 + ["cancelled"] + ["waiting"] * 97
        assert [row.get("NAME") for row in shown] == (names if token is None else [None] * 103)
        whole = json.loads(run(idle, "show", batch, "--json", token=token).stdout)
        assert [job["jobId"] for job in whole["jobs"]] == jobs and whole["counts"]["waiting"] == 102
    told = run(idle, "show", batch, token=idle.token("eye", "--role", "viewer"))
    assert [rows(told)[name] for name in ("group", "type", "owner")] == [batch, "batch", "ada"]
    assert [row["NAME"] for row in table(told)] == names
    refused = run(idle, "show", batch, token=idle.token("ben"))
    assert refused.returncode == 4 and "404" in refused.stderr


def test_a_pipeline_is_shown_with_the_name_of_what_is_to_be(idle):
    ada = idle.client("ada")
    made = ada.post("/api/v1/pipelines", {"character": {"name": "Mira-Löwe"}, "images": [{}, {}],
                                          "videos": [{"duration": 5}]}).json()["data"]
    told = run(idle, "show", made["pipelineId"])
    assert rows(told)["of them"] == "3 pending, 1 waiting"
    assert [(row["TYPE"], row["STATUS"], row["NAME"]) for row in table(told)] == [
        ("character", "waiting", "Mira-Löwe"), ("image", "pending", "Mira-Löwe"), ("image", "pending", "Mira-Löwe"),
        ("video", "pending", "Mira-Löwe")]
    mine = table(run(idle, "show", made["pipelineId"], token=idle.token("ada")))
    assert [row["TYPE"] for row in mine] == ["character", "image", "image", "video"]
    assert [row["JOB"] for row in mine][1:3] == [image["jobId"] for image in made["images"]]
    ada.call("DELETE", f"/api/v1/media-jobs/{made['images'][0]['jobId']}")
    told = run(idle, "show", made["pipelineId"])
    assert "the picture that it is made from was not made" in told.stdout
    assert rows(told)["of them"] == "1 pending, 1 waiting, 1 failed, 1 cancelled"
    whole = json.loads(run(idle, "show", made["pipelineId"], "--json").stdout)
    assert whole["character"]["jobId"] == made["character"]["jobId"] and len(whole["images"]) == 2
    view = Terminal("show", made["pipelineId"], "--data", idle.data, columns=70, lines=60)
    assert view.end() == 0 and all(len(line) <= 70 for line in
                                   re.sub("\033\\[[0-9;]*m", "", view.text).replace("\r", "").splitlines())


def test_a_token_that_is_no_token_asks_as_a_user(stack, made):
    for token in "secret", "a.b.c", "..", "e30.e30.x", "a." + "x" * 4000 + ".c", "a.bnVsbA.c":
        refused = run(stack, "show", made["job"], token=token)
        assert refused.returncode == 4 and "401" in refused.stderr, token


def test_a_delivery_is_shown_and_cancelled_by_an_admin(stack):
    """As on the dashboard's page of it: no user has it among the jobs that are theirs."""
    cas = stack.client("cas")
    with Receiver(answer=lambda *_: (503, {})) as receiver:
        create(cas, receiver.url)
        cas.submit_character("Eve")
        receiver.wait(1)
        found = json.loads(run(stack, "jobs", "queue=webhook", "owner=cas", "--json").stdout)["jobs"]
        delivery = found[0]["jobId"]
        told = rows(run(stack, "show", delivery))
        assert (told["type"], told["owner"]) == ("webhook", "cas")
        for words in ("show", delivery), ("cancel", delivery), ("retry", delivery):
            refused = run(stack, *words, token=stack.token("cas"))
            assert refused.returncode == 4 and "404 There is no such job" in refused.stderr, words
        assert run(stack, "cancel", delivery).returncode == 0
        assert rows(run(stack, "show", delivery))["status"] == "cancelled"
        count = len(receiver.requests)
        assert rows(run(stack, "retry", delivery))["job"] == delivery
        receiver.wait(count + 1)
