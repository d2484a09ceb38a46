"""A video that is cancelled while the real studio films it, and tried again: over HTTP, with all processes."""

from stack import Stack, wait_until

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
