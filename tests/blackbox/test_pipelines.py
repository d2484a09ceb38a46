"""Pipelines: a character, pictures of it and videos of these, in one request. Against the real broker without actors,
and through a whole stack."""

import datetime
import signal
import uuid

import pytest

from gateway_stand import data_of, error_of
from stack import Stack, wait_until
from test_gateway_with_broker import fixture_pair  # noqa: F401

PIPELINES = "/api/v1/pipelines"
LATER = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)).isoformat()
USUAL = {"character": {"name": "Mira"}, "images": [{"poseId": "standing"}, {}],
         "videos": [{"duration": 5}, {"duration": 8, "image": 1}]}


def submit(gateway, body=None, **options):
    return data_of(gateway.post(PIPELINES, json=body or USUAL, **options), 202)


def test_ids_are_known_before_there_is_anything(pair):
    pipeline = submit(pair.gateway)
    assert pipeline["statusUrl"] == f"{PIPELINES}/{pipeline['pipelineId']}" and pipeline["status"] == "pending"
    images = [image["mediaId"] for image in pipeline["images"]]
    assert [video["sourceMediaId"] for video in pipeline["videos"]] == images
    state = data_of(pair.gateway.get(pipeline["statusUrl"]))
    assert (state["status"], state["progress"], state["total"]) == ("pending", 0, 5)
    assert state["counts"] == {"pending": 4, "waiting": 1, "active": 0, "completed": 0, "failed": 0, "cancelled": 0}
    assert state["character"]["jobId"] == pipeline["character"]["jobId"]
    assert state["character"]["status"] == "waiting"
    for name in "images", "videos":
        assert [job["jobId"] for job in state[name]] == [job["jobId"] for job in pipeline[name]]
        assert {(job["status"], job["waitReason"]) for job in state[name]} == {("pending", "dependency")}
    assert state["result"] == {"characterId": None, "images": [], "videos": []}
    job = data_of(pair.gateway.get(f"/api/v1/media-jobs/{pipeline['images'][0]['jobId']}"))
    assert (job["status"], job["waitReason"], job["groupId"]) == ("pending", "dependency", pipeline["pipelineId"])


def test_a_pipeline_survives_a_kill_and_is_cancelled_as_one(pair):
    pipeline = submit(pair.gateway)
    before = data_of(pair.gateway.get(pipeline["statusUrl"]))
    pair.broker.end(signal.SIGKILL)
    pair.broker.start()
    pair.gateway.ready()
    after = wait_until(lambda: pair.gateway.get(pipeline["statusUrl"]).status_code == 200 and
                       data_of(pair.gateway.get(pipeline["statusUrl"])))
    assert after == before
    ended = data_of(pair.gateway.delete(pipeline["statusUrl"]))
    assert (ended["status"], ended["counts"]["cancelled"]) == ("cancelled", 5)
    assert error_of(pair.gateway.delete(pipeline["statusUrl"]))[0] == "already_ended"


def test_what_depends_on_a_cancelled_job_fails_with_the_reason(pair):
    pipeline = submit(pair.gateway)
    stream = pair.gateway.stream(pipeline["statusUrl"] + "/events")
    data_of(pair.gateway.delete(f"/api/v1/media-jobs/{pipeline['images'][0]['jobId']}"))
    state = data_of(pair.gateway.get(pipeline["statusUrl"]))
    assert [job["status"] for job in state["images"]] == ["cancelled", "pending"]
    assert [job["status"] for job in state["videos"]] == ["failed", "pending"]
    assert state["videos"][0]["lastError"]["code"] == "dependency_failed"
    assert state["videos"][0]["failedReason"] == "the picture that it is made from was not made"
    data_of(pair.gateway.delete(f"/api/v1/character-jobs/{pipeline['character']['jobId']}"))
    events = stream.rest()
    assert {data["jobId"] for _, kind, data in events if kind in ("failed", "cancelled")} == \
        {job["jobId"] for job in [pipeline["character"], *pipeline["images"], *pipeline["videos"]]}
    state = data_of(pair.gateway.get(pipeline["statusUrl"]))
    assert (state["status"], state["counts"]["failed"], state["counts"]["cancelled"]) == ("failed", 3, 2)
    again = pair.gateway.post(f"/api/v1/media-jobs/{pipeline['images'][1]['jobId']}/retry")
    assert again.status_code == 404 and error_of(again)[0] == "character_not_found"


@pytest.mark.parametrize("body, field", [
    ({"images": [{}]}, "character"),
    ({"character": {"name": "A"}}, "images"),
    ({"character": {"name": "A"}, "characterId": str(uuid.uuid4()), "images": [{}]}, "characterId"),
    ({"characterId": "x", "images": [{}]}, "characterId"),
    ({"character": {"name": ""}, "images": [{}]}, "character.name"),
    ({"character": 1, "images": [{}]}, "character"),
    ({"character": {"name": "A"}, "images": []}, "images"),
    ({"character": {"name": "A"}, "images": {}}, "images"),
    ({"character": {"name": "A"}, "images": [{}] * 11}, "images"),
    ({"character": {"name": "A"}, "images": [{}, {"poseId": "nowhere"}]}, "images[1].poseId"),
    ({"character": {"name": "A"}, "images": [{}], "video": {}}, "video.duration"),
    ({"character": {"name": "A"}, "images": [{}], "video": 5}, "video"),
    ({"character": {"name": "A"}, "images": [{}], "videos": [{"duration": 5}] * 11}, "videos"),
    ({"character": {"name": "A"}, "images": [{}], "videos": [{"duration": 5}], "video": {"duration": 5}}, "videos"),
    ({"character": {"name": "A"}, "images": [{}], "videos": [{"duration": 5, "image": 1}]}, "videos[0].image"),
    ({"character": {"name": "A"}, "images": [{"options": {"dedupe": {"key": "d"}}}]}, "images[0].options.dedupe"),
    ({"character": {"name": "A", "more": ["x" * 65600]}, "images": [{}]}, "character"),
    ({"character": {"name": "A"}, "images": [{"options": {"runAt": LATER}}]}, "images[0].options.runAt"),
    ({"character": {"name": "A"}, "images": [{}], "video": {"duration": 5, "options": {"runAt": LATER}}},
     "video.options.runAt"),
])
def test_what_is_wrong_is_named_and_nothing_begins(pair, body, field):
    code, details = error_of(pair.gateway.post(PIPELINES, json=body))
    assert (code, list(details)) == ("validation_failed", [field])
    assert pair.gateway.get("/api/v1/character-jobs").json()["pagination"]["total"] == 0


def test_a_pipeline_is_no_batch_and_another_users_is_none(pair):
    pipeline = submit(pair.gateway)
    other = f"/api/v1/batches/{pipeline['pipelineId']}"
    for url, owner in (other, "ada"), (pipeline["statusUrl"], "stranger"):
        for answer in (pair.gateway.get(url, owner=owner), pair.gateway.get(url + "/events", owner=owner),
                       pair.gateway.delete(url, owner=owner)):
            assert answer.status_code == 404, url
    assert error_of(pair.gateway.get(other + "/jobs"))[0] == "batch_not_found"
    assert error_of(pair.gateway.get(f"{PIPELINES}/{uuid.uuid4()}"))[0] == "pipeline_not_found"
    assert data_of(pair.gateway.get(pipeline["statusUrl"]))["counts"]["pending"] == 4


def test_its_idempotency_key_gives_the_same_ids(pair):
    key = {"headers": {"Idempotency-Key": "one"}}
    first = submit(pair.gateway, **key)
    answer = pair.gateway.post(PIPELINES, json=USUAL, **key)
    assert data_of(answer, 202) == first and answer.headers["idempotency-replayed"] == "true"
    assert pair.gateway.post(PIPELINES, json={**USUAL, "more": 1}, **key).status_code == 422


def test_an_unknown_character_refuses_all(pair):
    answer = pair.gateway.post(PIPELINES, json={"characterId": str(uuid.uuid4()), "images": [{}]})
    assert answer.status_code == 404
    assert error_of(answer) == ("character_not_found", {"characterId": "Character not found"})


def test_a_pipeline_is_worked_on_in_its_order_and_completes():
    with Stack("--provider", "null", "--rate", "off") as stack:
        client = stack.client()
        pipeline = client.post(PIPELINES, USUAL).json()["data"]
        events = client.events(pipeline["statusUrl"] + "/events")
        state = client.get(pipeline["statusUrl"]).json()["data"]
        assert (state["status"], state["progress"], state["counts"]["completed"]) == ("completed", 100, 5)
        assert state["result"]["characterId"] == pipeline["character"]["characterId"]
        for name in "images", "videos":
            assert [made["mediaId"] for made in state["result"][name]] == [job["mediaId"] for job in pipeline[name]]
        ends = {data["jobId"]: number for number, kind, data in events if kind == "completed"}
        starts = {data["jobId"]: number for number, kind, data in events if kind == "active"}
        for image in pipeline["images"]:
            assert int(ends[pipeline["character"]["jobId"]]) < int(starts[image["jobId"]])
        for image, video in zip(pipeline["images"], pipeline["videos"]):
            assert int(ends[image["jobId"]]) < int(starts[video["jobId"]])
        more = {"characterId": pipeline["character"]["characterId"], "images": [{}], "video": {"duration": 5}}
        second = client.post(PIPELINES, more).json()["data"]
        assert second["character"] == {"jobId": None, "characterId": more["characterId"]}
        client.events(second["statusUrl"] + "/events")
        state = client.get(second["statusUrl"]).json()["data"]
        assert state["status"] == "completed" and state["character"] is None
        assert state["result"]["characterId"] == more["characterId"] and len(state["result"]["videos"]) == 1


def test_what_failed_with_another_job_is_made_by_retrying_one_after_the_other(tmp_path):
    body = {"character": {"name": "Mira"}, "images": [{}], "video": {"duration": 5}}
    with Stack("--provider", "null", "--actors", "0", "--rate", "off", data=tmp_path) as idle:
        client = idle.client("mira")
        pipeline = client.post(PIPELINES, body).json()["data"]
        jobs = [(f"/api/v1/{family}-jobs/{job['jobId']}", job["jobId"], f"{family}-jobs") for family, job in (
            ("character", pipeline["character"]), ("media", pipeline["images"][0]), ("media", pipeline["videos"][0]))]
        assert client.call("DELETE", jobs[0][0]).status_code == 200
        state = client.get(pipeline["statusUrl"]).json()["data"]
        assert (state["status"], state["counts"]["failed"]) == ("failed", 2)
        assert client.post(jobs[0][0] + "/retry").status_code == 200
        assert client.get(pipeline["statusUrl"]).json()["data"]["status"] == "active"
        assert client.post(jobs[1][0] + "/retry").status_code == 404
    with Stack("--provider", "null", "--rate", "off", data=tmp_path) as working:
        client = working.client("mira")
        client.wait_for(*jobs[0][1:], status="completed")
        for url, job, family in jobs[1:]:
            assert client.post(url + "/retry").status_code == 200
            client.wait_for(job, family, status="completed")
        state = client.get(pipeline["statusUrl"]).json()["data"]
        assert (state["status"], state["progress"]) == ("completed", 100)
        assert state["result"]["videos"][0]["mediaId"] == pipeline["videos"][0]["mediaId"]
