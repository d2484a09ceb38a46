"""A video that is cancelled while the real studio films it, and tried again: over HTTP, with all processes."""

import datetime
import json
import signal

import pytest
from stack import Client, Stack, wait_until

JOBS = "/api/v1/media-jobs"


def providers_of(client, job):
    """What became of its calls, in order."""
    events = client.get(f"{JOBS}/{job}?include=timeline").json()["data"]["timeline"]["events"]
    return [(event["operation"], event["charged"]) for event in events if event["event"] == "provider"]


def test_a_cancelled_video_is_filmed_anew_when_it_is_tried_again():
    with Stack("--provider", "local", "--rate", "off") as stack:
        client = stack.client("mira")
        made = client.wait_for(client.submit_character("Mira"), status="completed")["result"]
        media = client.get(f"/api/v1/characters/{made['characterId']}").json()["data"]["mediaId"]
        job = client.submit_video(made["characterId"], media, duration=8, resolution="720p")
        wait_until(lambda: client.job(job, "media-jobs")["progress"] >= 40, what="the order")
        assert client.call("DELETE", f"{JOBS}/{job}").status_code == 200
        client.wait_for(job, "media-jobs", status="cancelled")
        first = providers_of(client, job)
        assert first[0][0] == "submitted" and first[1][0] in ("cancelled", "finished"), first
        assert client.post(f"{JOBS}/{job}/retry").status_code == 200
        again = client.wait_for(job, "media-jobs", seconds=120, status="completed")
        assert again["attemptsMade"] == 1, "no attempt was spent on the task that was cancelled"
        if first[1][0] == "cancelled":
            assert [operation for operation, _ in providers_of(client, job)[2:]] == ["submitted"]
        assert client.get(again["result"]["url"]).content[4:8] == b"ftyp"


def video_workers(admin):
    """Processes of videos that are there, by their ids."""
    workers = admin.get("/api/v1/admin/workers").json()["data"]["workers"]
    return {one["workerId"]: one["pid"] for one in workers if one["queue"] == "video" and not one["lost"]}


def test_a_video_that_is_cancelled_between_two_attempts_leaves_no_task_behind():
    """Its worker was killed, and nothing may start: another one takes it all the same, to have the task dropped."""
    faults = {"TROUPE_STUDIO_FAULTS": "on",
              "TROUPE_STUDIO_FAULT_RULES": json.dumps([{"match": "submit", "kind": "never_finishes"}])}
    with Stack("--provider", "local", "--rate", "off", environment=faults) as stack:
        client = stack.client("mira")
        admin = Client(stack.url, stack.token("boss", "--role", "admin"))
        made = client.wait_for(client.submit_character("Mira"), status="completed")["result"]
        media = client.get(f"/api/v1/characters/{made['characterId']}").json()["data"]["mediaId"]
        job = client.submit_video(made["characterId"], media, duration=8, resolution="720p")
        wait_until(lambda: client.job(job, "media-jobs")["progress"] >= 40, what="the order")
        assert admin.post("/api/v1/admin/queues/video/pause").status_code == 200
        (before, pid), = video_workers(admin).items()
        stack.kill(pid, signal.SIGKILL)
        wait_until(lambda: client.job(job, "media-jobs")["status"] == "waiting", 60, "the end of the attempt")
        wait_until(lambda: set(video_workers(admin)) - {before}, 60, "another worker")
        told = client.call("DELETE", f"{JOBS}/{job}").json()["data"]
        assert (told["status"], told["cancelRequested"]) == ("active", True)
        client.wait_for(job, "media-jobs", status="cancelled")
        assert [operation for operation, _ in providers_of(client, job)] == ["submitted", "cancelled"]


def in_seconds(seconds):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


@pytest.mark.parametrize("is_waiting", [False, True])
def test_a_video_that_ends_by_its_deadline_leaves_no_task_behind(is_waiting):
    """At work its own worker has the task dropped, and between two attempts another one."""
    faults = {"TROUPE_STUDIO_FAULTS": "on",
              "TROUPE_STUDIO_FAULT_RULES": json.dumps([{"match": "submit", "kind": "never_finishes"}])}
    with Stack("--provider", "local", "--rate", "off", environment=faults) as stack:
        client = stack.client("mira")
        admin = Client(stack.url, stack.token("boss", "--role", "admin"))
        made = client.wait_for(client.submit_character("Mira"), status="completed")["result"]
        media = client.get(f"/api/v1/characters/{made['characterId']}").json()["data"]["mediaId"]
        over = in_seconds(50 if is_waiting else 8)
        job = client.submit_video(made["characterId"], media, duration=8, resolution="720p",
                                  options={"deadline": over})
        wait_until(lambda: client.job(job, "media-jobs")["progress"] >= 40, what="the order")
        if is_waiting:
            assert admin.post("/api/v1/admin/queues/video/pause").status_code == 200
            (_, pid), = video_workers(admin).items()
            stack.kill(pid, signal.SIGKILL)
            wait_until(lambda: client.job(job, "media-jobs")["status"] == "waiting", 40, "the end of the attempt")
        ended = client.wait_for(job, "media-jobs", seconds=70, status="failed")
        assert ended["lastError"]["code"] == "deadline" and ended["completedAt"] >= over
        assert ended["cancelRequested"] is False
        assert [operation for operation, _ in providers_of(client, job)] == ["submitted", "cancelled"]
