"""The contract that clients of the queue already speak, against a running stack: bodies, statuses, lists, limits and
retries. queue_api.py lists its statements with the tests that cover each."""

import datetime
import json
import re
import uuid

import pytest

from broker_stand import CHARACTER, IMAGE, VIDEO, stand  # noqa: F401
from queue_api import STATEMENTS, STATEMENT_LINES, UNBUILT, problems_of_test
from stack import ROOT, Stack

KINDS = ["character", "image", "video"]
MESSAGES = {"character": "Character creation", "image": "Image generation", "video": "Video generation"}
# A name that makes the provider fail at each attempt.
FAULTS = [{"match": "chat", "kind": "status", "status": 500, "message": "out of ink", "contains": "Doomed"}]


@pytest.fixture(scope="module", name="stack")
def fixture_stack():
    faults = {"TROUPE_STUDIO_FAULTS": "on", "TROUPE_STUDIO_FAULT_RULES": json.dumps(FAULTS)}
    with Stack("--provider", "local", "--rate", "off", environment=faults) as running:
        yield running


@pytest.fixture(scope="module", name="idle")
def fixture_idle():
    """Nobody works: jobs stay as they are."""
    with Stack("--provider", "null", "--actors", 0, "--rate", "off") as running:
        yield running


@pytest.fixture(scope="module", name="slow")
def fixture_slow():
    """A job takes three seconds."""
    with Stack("--provider", "null:3000", "--rate", "off") as running:
        yield running


@pytest.fixture(scope="module", name="client")
def fixture_client(stack):
    return stack.client("ada")


@pytest.fixture(scope="module", name="made")
def fixture_made(client):
    """The 202 and the finished job of each kind."""
    accepted, jobs = {}, {}
    path = "/api/v1/characters/queue"
    for kind, body in ("character", {"name": "Mira"}), ("image", {"poseId": "portrait"}), ("video", {
            "duration": 5, "resolution": "720p", "poseId": "portrait"}):
        accepted[kind] = client.post(path, body)
        jobs[kind] = client.wait_for(accepted[kind].json()["data"]["jobId"], family(kind), seconds=120)
        if kind == "character":
            character = jobs[kind]["result"]["characterId"]
            path = f"/api/v1/characters/{character}/generate-image/queue"
        elif kind == "image":
            path = f"/api/v1/characters/{character}/media/{jobs[kind]['result']['mediaId']}/generate-video/queue"
    return accepted, jobs


@pytest.fixture(scope="module", name="doomed")
def fixture_doomed(client):
    """A job that has failed."""
    return client.wait_for(client.submit_character("Doomed"))


def family(kind):
    return "character-jobs" if kind == "character" else "media-jobs"


def time_of(text):
    """Milliseconds."""
    return round(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


def events_of(client, job, kind="character"):
    return client.events(f"/api/v1/{family(kind)}/{job}/events")


# ---- bodies ----


@pytest.mark.parametrize("kind", KINDS)
def test_a_job_is_accepted_in_the_contracts_words(made, kind):
    answer = made[0][kind]
    job = answer.json()["data"]["jobId"]
    assert answer.status_code == 202 and uuid.UUID(job).version == 4
    assert answer.json() == {
        "success": True, "statusCode": 202, "message": f"{MESSAGES[kind]} job queued successfully",
        "data": {"jobId": job, "status": "pending", "statusUrl": f"/api/v1/{family(kind)}/{job}"}}


@pytest.mark.parametrize("kind", KINDS)
def test_a_finished_job_has_every_field(client, made, kind):
    job = made[1][kind]
    answer = client.get(f"/api/v1/{family(kind)}/{job['jobId']}")
    assert answer.status_code == 200
    assert (answer.json()["success"], answer.json()["statusCode"], answer.json()["data"]) == (True, 200, job)
    assert (job["status"], job["progress"], job["failedReason"], job["attemptsMade"]) == ("completed", 100, None, 1)
    assert time_of(job["createdAt"]) <= time_of(job["startedAt"]) <= time_of(job["completedAt"])
    if kind == "character":
        assert set(job["result"]) == {"characterId", "error"}
        assert uuid.UUID(job["result"]["characterId"]) and "type" not in job and "character" not in job
    else:
        assert job["type"] == kind and set(job["result"]) == {"mediaId", "url", "error"}
        assert job["result"]["url"].startswith("/assets/characters/") and uuid.UUID(job["result"]["mediaId"])
        assert set(job["character"]) == {"name", "displayId"}
        assert job["character"]["name"] == "Mira" and re.fullmatch(r"[A-Z2-7]{8}", job["character"]["displayId"])
    assert job["result"]["error"] is None


def test_a_failed_job_says_why(doomed):
    assert (doomed["status"], doomed["attemptsMade"]) == ("failed", 3)
    assert "out of ink" in doomed["failedReason"]
    assert doomed["result"] == {"characterId": None, "error": doomed["failedReason"]}


def test_the_video_takes_5_or_8_seconds_and_a_resolution_if_at_all(client, made):
    character = made[1]["character"]["result"]["characterId"]
    path = f"/api/v1/characters/{character}/media/{made[1]['image']['result']['mediaId']}/generate-video/queue"
    for body, status in (({"duration": 5}, 202), ({"duration": 8}, 202), ({"duration": 6}, 400), ({}, 400),
                         ({"duration": 5, "resolution": "480p"}, 202), ({"duration": 5, "resolution": "1p"}, 400)):
        answer = client.post(path, body)
        assert answer.status_code == status, body
        if status == 202:
            assert client.call("DELETE", answer.json()["data"]["statusUrl"]).status_code == 200


# ---- lists ----


def test_lists_have_their_defaults_and_their_pages(idle):
    client = idle.client("lists")
    jobs = [client.submit_character(str(number)) for number in range(25)][::-1]
    first = client.get("/api/v1/character-jobs").json()
    assert (first["success"], first["statusCode"]) == (True, 200)
    assert [job["jobId"] for job in first["data"]] == jobs[:20]
    pagination = {name: first["pagination"][name] for name in ("total", "limit", "skip", "hasMore")}
    assert pagination == {"total": 25, "limit": 20, "skip": 0, "hasMore": True}
    second = client.get("/api/v1/character-jobs?skip=20&limit=10").json()
    assert [job["jobId"] for job in second["data"]] == jobs[20:] and second["pagination"]["hasMore"] is False
    assert first["data"][0] == client.job(jobs[0])


def test_lists_of_media_jobs_have_the_same(client, made):
    jobs = [made[1][kind]["jobId"] for kind in ("video", "image")]
    first = client.get("/api/v1/media-jobs?status=completed").json()
    assert [job["jobId"] for job in first["data"]][-2:] == jobs
    assert (first["pagination"]["limit"], first["pagination"]["skip"]) == (20, 0)
    total = first["pagination"]["total"]
    last = client.get(f"/api/v1/media-jobs?status=completed&limit=1&skip={total - 1}").json()
    assert [job["jobId"] for job in last["data"]] == jobs[1:]
    assert {name: last["pagination"][name] for name in ("total", "limit", "skip", "hasMore")} == {
        "total": total, "limit": 1, "skip": total - 1, "hasMore": False}


@pytest.mark.parametrize("kind", KINDS)
def test_lists_are_filtered_by_status_and_type(client, made, kind):
    path, job = f"/api/v1/{family(kind)}", made[1][kind]["jobId"]
    type_filter = "" if kind == "character" else f"&type={kind}"

    def listed(query):
        answer = client.get(f"{path}?limit=100&{query}{type_filter}").json()
        assert answer["pagination"]["total"] == len(answer["data"])
        assert kind == "character" or {item["type"] for item in answer["data"]} <= {kind}
        return {item["jobId"]: item["status"] for item in answer["data"]}

    assert job in listed("") and set(listed("status=completed").values()) == {"completed"}
    assert job in listed("status=completed") and job not in listed("status=failed")
    if kind != "character":
        other = "video" if kind == "image" else "image"
        assert job not in [item["jobId"] for item in client.get(f"{path}?limit=100&type={other}").json()["data"]]


# ---- statuses ----


def test_a_waiting_job_is_cancelled_at_once(idle):
    client = idle.client("cancel")
    job = client.submit_character()
    assert client.job(job)["status"] == "waiting"
    answer = client.call("DELETE", f"/api/v1/character-jobs/{job}")
    assert (answer.status_code, answer.json()["data"]["status"]) == (200, "cancelled")
    state = client.job(job)
    assert (state["status"], state["result"], state["startedAt"]) == ("cancelled", None, None) and state["completedAt"]


@pytest.mark.parametrize("kind", ["character", "image"])
def test_an_active_job_is_worked_on_and_stops_when_asked(slow, kind):
    client = slow.client(f"active-{kind}")
    job = client.submit_character()
    if kind == "image":
        job = client.submit_image(client.wait_for(job)["result"]["characterId"])
    state = client.wait_for(job, family(kind), status="active")
    assert state["startedAt"] and state["completedAt"] is None and state["result"] is None
    assert state["attemptsMade"] == 0 and 0 <= state["progress"] < 100
    assert client.get(f"/api/v1/{family(kind)}?status=active").json()["data"][0]["jobId"] == job
    path = f"/api/v1/{family(kind)}/{job}"
    asked = client.call("DELETE", path)
    assert asked.status_code == 200 and asked.json()["data"]["cancelRequested"]
    assert client.wait_for(job, family(kind))["status"] == "cancelled"
    assert client.call("DELETE", path).status_code == 409


# ---- rates, concurrency, retries ----


@pytest.mark.parametrize("kind, rate", [("character", 10), ("image", 5), ("video", 3)])
def test_no_second_sees_more_starts_than_the_rate(kind, rate):
    """The stack's own limits, three windows' worth of jobs: any N+1 starts in a row take more than a second."""
    with Stack("--provider", "null") as stack:
        client = stack.client()
        character = client.wait_for(client.submit_character(), status="completed")["result"]["characterId"]
        image = client.wait_for(client.submit_image(character), "media-jobs", status="completed")["result"]["mediaId"]
        submit = {"character": client.submit_character, "image": lambda: client.submit_image(character),
                  "video": lambda: client.submit_video(character, image)}[kind]
        jobs = [submit() for _ in range(3 * rate + 1)]
        starts = sorted(time_of(client.wait_for(job, family(kind))["startedAt"]) for job in jobs)
        gaps = [later - earlier for earlier, later in zip(starts, starts[rate:])]
        assert min(gaps) >= 1000, gaps
        assert starts[-1] - starts[0] < 20000, "and it is used"


@pytest.mark.parametrize("environment, expected", [({}, 5), ({"QUEUE_CONCURRENCY": "2"}, 2)])
def test_a_worker_has_so_many_jobs_at_once(environment, expected):
    with Stack("--provider", "null:1000", "--rate", "off", environment=environment) as stack:
        client = stack.client()
        jobs = [client.submit_character(str(number)) for number in range(2 * expected)]
        events = sorted((int(number), name) for job in jobs for number, name, _ in events_of(client, job)
                        if client.wait_for(job) and name in ("active", "completed"))
        active, most = 0, 0
        for _, name in events:
            active += 1 if name == "active" else -1
            most = max(most, active)
        assert (most, active) == (expected, 0)


def test_a_failing_job_has_three_attempts_after_2_and_4_seconds(client, doomed):
    events = [(name, data) for _, name, data in events_of(client, doomed["jobId"])]
    assert [data["attempt"] for name, data in events if name == "active"] == [1, 2, 3]
    pauses = [time_of(data["nextAttemptAt"]) - time_of(data["at"]) for name, data in events
              if name == "retry_scheduled"]
    assert pauses == [2000, 4000]
    starts = [time_of(data["at"]) for name, data in events if name == "active"]
    scheduled = [time_of(data["nextAttemptAt"]) for name, data in events if name == "retry_scheduled"]
    assert all(start >= due for start, due in zip(starts[1:], scheduled))
    assert events[-1][0] == "failed" and doomed["status"] == "failed"


@pytest.mark.parametrize("kind, seconds", [(CHARACTER, 300), (IMAGE, 300), (VIDEO, 600)])
def test_an_attempt_may_take_so_long(stand, kind, seconds):
    """The actor is told, and the broker holds to it."""
    stand.broker()
    gateway, characters = stand.gateway(), stand.actor(CHARACTER)
    accepted = gateway.submit()
    job = characters.job(job=accepted["job"])
    if kind != CHARACTER:
        characters.done(job, media=b'{"portrait":true}')
        fields = {"character": accepted["character"]}
        if kind == VIDEO:
            fields["source"] = accepted["media"]
        job = stand.actor(kind).job(job=gateway.submit(kind, **fields)["job"])
    assert seconds * 1000 - 5000 < job["timeout_ms"] <= seconds * 1000


# ---- the table ----


def test_every_line_of_the_contract_has_a_statement():
    expected = 1
    for first, last, statement, _ in STATEMENTS:
        assert first == expected and last >= first, statement
        expected = last + 1
    assert expected == STATEMENT_LINES + 1


def test_every_statement_has_a_test_that_runs():
    for first, _, statement, tests in STATEMENTS:
        assert statement and bool(tests) != (first in UNBUILT), statement
        for test in tests:
            assert not problems_of_test(ROOT, test), statement
