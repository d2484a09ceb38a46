"""Batches: many jobs in one request, all or nothing. Against the real broker without actors, and a whole stack."""

import json
import signal
import uuid

import pytest

from gateway_stand import data_of, error_of
from stack import Stack, wait_until
from test_gateway_with_broker import fixture_pair  # noqa: F401

BATCHES = "/api/v1/batches"
BODY_SIZE_MAX = 512 << 10


def character(name="A", **members):
    return {"type": "character", "name": name, **members}


def image(characterId=None, **members):
    return {"type": "image", "characterId": str(characterId or uuid.uuid4()), **members}


def video(characterId=None, mediaId=None, **members):
    return {"type": "video", "characterId": str(characterId or uuid.uuid4()), "mediaId": str(mediaId or uuid.uuid4()),
            "duration": 5, **members}


def submit(gateway, jobs, **options):
    return data_of(gateway.post(BATCHES, json={"jobs": jobs}, **options), 202)


def test_a_batch_is_accepted_read_listed_and_cancelled_as_one(pair):
    batch = submit(pair.gateway, [character(str(number)) for number in range(25)])
    assert batch["status"] == "pending" and batch["statusUrl"] == f"{BATCHES}/{batch['batchId']}"
    assert len(set(batch["jobIds"])) == 25
    state = data_of(pair.gateway.get(batch["statusUrl"]))
    counts = {"pending": 0, "waiting": 25, "active": 0, "completed": 0, "failed": 0, "cancelled": 0}
    assert state["createdAt"]
    assert {name: state[name] for name in state if name != "createdAt"} == {
        "batchId": batch["batchId"], "status": "pending", "progress": 0, "total": 25, "counts": counts,
        "completedAt": None}
    job = data_of(pair.gateway.get(f"/api/v1/character-jobs/{batch['jobIds'][3]}"))
    assert job["groupId"] == batch["batchId"]
    page = pair.gateway.get(batch["statusUrl"] + "/jobs?limit=10&skip=20").json()
    assert [item["jobId"] for item in page["data"]] == batch["jobIds"][20:]
    assert page["data"][0]["waitReason"] == "no_worker"
    assert page["pagination"] == {"total": 25, "limit": 10, "skip": 20, "hasMore": False, "nextCursor": None}
    assert pair.gateway.get(batch["statusUrl"] + "/jobs").json()["pagination"]["hasMore"]
    assert pair.gateway.get(batch["statusUrl"] + "/jobs?skip=4000").json()["data"] == []
    data_of(pair.gateway.delete(f"/api/v1/character-jobs/{batch['jobIds'][0]}"))
    ended = data_of(pair.gateway.delete(batch["statusUrl"]))
    assert (ended["status"], ended["progress"], ended["counts"]["cancelled"]) == ("cancelled", 100, 25)
    assert ended["completedAt"]
    assert error_of(pair.gateway.delete(batch["statusUrl"]))[0] == "already_ended"


def test_a_batch_has_an_etag(pair):
    batch = submit(pair.gateway, [character()])
    answer = pair.gateway.get(batch["statusUrl"])
    tag = answer.headers["etag"]
    assert pair.gateway.get(batch["statusUrl"], headers={"If-None-Match": tag}).status_code == 304
    pair.gateway.delete(batch["statusUrl"])
    changed = pair.gateway.get(batch["statusUrl"], headers={"If-None-Match": tag})
    assert changed.status_code == 200 and changed.headers["etag"] != tag


def test_a_batch_of_another_user_is_not_found(pair):
    batch = submit(pair.gateway, [character()])
    for url in batch["statusUrl"], f"{BATCHES}/{uuid.uuid4()}", f"{BATCHES}/nonsense":
        owner = "stranger" if url == batch["statusUrl"] else "ada"
        for answer in (pair.gateway.get(url, owner=owner), pair.gateway.get(url + "/jobs", owner=owner),
                       pair.gateway.get(url + "/events", owner=owner), pair.gateway.delete(url, owner=owner)):
            assert answer.status_code == 404 and error_of(answer)[0] == "batch_not_found", url
    assert data_of(pair.gateway.get(batch["statusUrl"]))["counts"]["waiting"] == 1


@pytest.mark.parametrize("jobs, field", [
    (None, "jobs"),
    ({}, "jobs"),
    ([], "jobs"),
    ([character()] * 1001, "jobs"),
    ([character(), 7], "jobs[1]"),
    ([character(), {"name": "B"}], "jobs[1].type"),
    ([{"type": "poem"}], "jobs[0].type"),
    ([character(), character(), character(), video(duration=6)], "jobs[3].duration"),
    ([character(""), ], "jobs[0].name"),
    ([{"type": "image"}], "jobs[0].characterId"),
    ([{"type": "image", "characterId": "x"}], "jobs[0].characterId"),
    ([{"type": "video", "characterId": str(uuid.uuid4()), "duration": 5}], "jobs[0].mediaId"),
    ([image(poseId="nowhere")], "jobs[0].poseId"),
    ([character(), character(options={"dedupe": {"key": "d"}})], "jobs[1].options.dedupe"),
    ([character(more=["x" * 65600])], "jobs[0]"),
])
def test_one_bad_job_refuses_all_by_its_name(pair, jobs, field):
    answer = pair.gateway.post(BATCHES, json={} if jobs is None else {"jobs": jobs})
    code, details = error_of(answer)
    assert (answer.status_code, code, list(details)) == (400, "validation_failed", [field])
    assert pair.gateway.get("/api/v1/character-jobs").json()["pagination"]["total"] == 0


def test_every_bad_job_is_named(pair):
    jobs = [character(age=-1), character(), video(duration=1)]
    _, details = error_of(pair.gateway.post(BATCHES, json={"jobs": jobs}))
    assert list(details) == ["jobs[0].age", "jobs[2].duration"]


def test_what_the_queue_does_not_know_refuses_all_by_its_name(pair):
    answer = pair.gateway.post(BATCHES, json={"jobs": [character(), image()]})
    assert answer.status_code == 404
    assert error_of(answer) == ("character_not_found", {"jobs[1].characterId": "Character not found"})
    assert pair.gateway.get("/api/v1/character-jobs").json()["pagination"]["total"] == 0


def test_bodies_are_as_large_as_the_contract_says(pair):
    def body(size):
        text = json.dumps({"jobs": [character(description="") for _ in range(9)]})
        pad, rest = divmod(size - len(text), 9)
        jobs = [character(description="x" * (pad + (rest if index == 0 else 0))) for index in range(9)]
        return json.dumps({"jobs": jobs})

    headers = {"Content-Type": "application/json"}
    assert len(body(BODY_SIZE_MAX)) == BODY_SIZE_MAX
    assert pair.gateway.post(BATCHES, data=body(BODY_SIZE_MAX), headers=headers).status_code == 202
    answer = pair.gateway.post(BATCHES, data=body(BODY_SIZE_MAX + 1), headers=headers)
    assert answer.status_code == 413 and error_of(answer)[0] == "body_too_large"
    assert "524288" in answer.json()["message"]
    numbers = ",".join(["1e15"] * 12900)
    grown = "[" + ",".join('{"type":"character","name":"A","n":[%s]}' % numbers for _ in range(8)) + "]"
    answer = pair.gateway.post(BATCHES, data='{"jobs":%s}' % grown, headers=headers)
    assert answer.status_code == 400 and list(error_of(answer)[1]) == ["jobs[0]"]  # longer once it is written out
    assert pair.gateway.post(BATCHES, data="{}").status_code == 415
    assert list(error_of(pair.gateway.post(BATCHES, headers=headers))[1]) == ["body"]
    assert pair.gateway.get("/api/v1/character-jobs").json()["pagination"]["total"] == 9


def test_a_thousand_jobs_are_one_batch_and_survive_a_kill(pair):
    batch = submit(pair.gateway, [character(str(number)) for number in range(1000)])
    pair.broker.end(signal.SIGKILL)
    pair.broker.start()
    pair.gateway.ready()
    state = wait_until(lambda: pair.gateway.get(batch["statusUrl"]).status_code == 200 and
                       data_of(pair.gateway.get(batch["statusUrl"])))
    assert (state["total"], state["counts"]["waiting"]) == (1000, 1000)
    found, cursor = [], ""
    while cursor is not None:
        page = pair.gateway.get(f"{batch['statusUrl']}/jobs?limit=100{cursor and '&cursor=' + cursor}").json()
        found += [item["jobId"] for item in page["data"]]
        cursor = page["pagination"]["nextCursor"]
    assert found == batch["jobIds"]
    assert list(error_of(pair.gateway.get(batch["statusUrl"] + "/jobs?cursor=bm9uc2Vuc2U"))[1]) == ["cursor"]
    assert list(error_of(pair.gateway.get(batch["statusUrl"] + "/jobs?limit=0"))[1]) == ["limit"]
    assert data_of(pair.gateway.delete(batch["statusUrl"]))["counts"]["cancelled"] == 1000


def test_one_idempotency_key_is_for_all_of_it(pair):
    key = {"headers": {"Idempotency-Key": "one"}}
    first = submit(pair.gateway, [character("A"), character("B")], **key)
    answer = pair.gateway.post(BATCHES, json={"jobs": [character("A"), character("B")]}, **key)
    assert data_of(answer, 202) == first and answer.headers["idempotency-replayed"] == "true"
    assert pair.gateway.get("/api/v1/character-jobs").json()["pagination"]["total"] == 2
    other = pair.gateway.post(BATCHES, json={"jobs": [character("A")]}, **key)
    assert other.status_code == 422 and error_of(other)[0] == "idempotency_key_reused"
    assert pair.gateway.post("/api/v1/characters/queue", json={"name": "A"}, **key).status_code == 422


def test_events_of_all_jobs_are_one_stream_that_resumes_and_ends(pair):
    batch = submit(pair.gateway, [character("A"), character("B")])
    data_of(pair.gateway.post("/api/v1/characters/queue", json={"name": "stranger to it"}), 202)
    stream = pair.gateway.stream(batch["statusUrl"] + "/events")
    queued = [stream.event(), stream.event()]
    assert [event[2]["jobId"] for event in queued] == batch["jobIds"]
    assert all(event[2]["groupId"] == batch["batchId"] for event in queued)
    data_of(pair.gateway.delete(f"/api/v1/character-jobs/{batch['jobIds'][0]}"))
    first = stream.event()
    assert (first[1], first[2]["jobId"]) == ("cancelled", batch["jobIds"][0])
    data_of(pair.gateway.delete(batch["statusUrl"]))
    rest = stream.rest()
    assert [event[2]["jobId"] for event in rest] == batch["jobIds"][1:]
    again = pair.gateway.stream(batch["statusUrl"] + "/events", last=queued[1][0]).rest()
    assert again == [first] + rest
    assert pair.gateway.stream(batch["statusUrl"] + "/events", last=rest[-1][0]).status == 204


def test_a_batch_is_worked_on_and_completes(tmp_path):
    with Stack("--provider", "null", "--rate", "off") as stack:
        client = stack.client()
        jobs = [character(str(number)) for number in range(30)]
        batch = client.post(BATCHES, {"jobs": jobs}).json()["data"]
        events = client.events(batch["statusUrl"] + "/events")
        assert sum(kind == "completed" for _, kind, _ in events) == 30
        state = client.get(batch["statusUrl"]).json()["data"]
        assert (state["status"], state["progress"], state["counts"]["completed"]) == ("completed", 100, 30)
        made = client.get(batch["statusUrl"] + "/jobs?limit=2").json()["data"]
        characters = [job["result"]["characterId"] for job in made]
        mixed = [image(characters[0], poseId="standing"), image(characters[1])]
        batch = client.post(BATCHES, {"jobs": mixed}).json()["data"]
        client.events(batch["statusUrl"] + "/events")
        jobs = client.get(batch["statusUrl"] + "/jobs").json()["data"]
        assert [job["status"] for job in jobs] == ["completed", "completed"]
        films = [video(characters[0], jobs[0]["result"]["mediaId"]), video(characters[1], jobs[0]["result"]["mediaId"])]
        answer = client.post(BATCHES, {"jobs": films})
        assert answer.status_code == 409
        assert answer.json()["error"]["details"][0]["field"] == "jobs[1].mediaId"
        batch = client.post(BATCHES, {"jobs": films[:1] + [character()]}).json()["data"]
        client.events(batch["statusUrl"] + "/events")
        assert client.get(batch["statusUrl"]).json()["data"]["status"] == "completed"
