"""The three queue POSTs: what is accepted, what the broker is told, and each refusal."""

import concurrent.futures
import datetime
import hashlib
import json
import uuid

import pytest

import wire
from gateway_stand import data_of, error_of, shared, stand, token, until  # noqa: F401

CHARACTER = "/api/v1/characters/queue"
ID_1 = str(uuid.uuid4())
ID_2 = str(uuid.uuid4())
IMAGE = f"/api/v1/characters/{ID_1}/generate-image/queue"
VIDEO = f"/api/v1/characters/{ID_1}/media/{ID_2}/generate-video/queue"


def slot_of(owner):
    return int.from_bytes(hashlib.sha256(owner.encode()).digest()[:2], "big") >> 4


def slot_of_id(data):
    return int.from_bytes(data[:2], "big") >> 4


def last_submit(stand):
    return stand.broker.questions("submit")[-1]


def test_a_character_is_queued(shared):
    response = shared.gateway.post(CHARACTER, json={"name": "Ada", "extra": [1]}, owner="c1")
    body = response.json()
    job = body["data"]["jobId"]
    assert response.status_code == 202
    assert body == {"success": True, "statusCode": 202, "message": "Character creation job queued successfully",
                    "data": {"jobId": job, "status": "pending", "statusUrl": f"/api/v1/character-jobs/{job}"}}
    asked = last_submit(shared)
    assert asked["job"] == uuid.UUID(job).bytes and uuid.UUID(job).version == 4
    assert asked["kind"] == 0 and asked["owner"] == "c1"
    assert json.loads(asked["payload"]) == {"name": "Ada", "extra": [1]}
    assert len(asked["display_id"]) == 8
    for name in "job", "character", "media":
        assert slot_of_id(asked[name]) == slot_of("c1")
    assert len({asked["job"], asked["character"], asked["media"]}) == 3
    assert "key" not in asked and "resent" not in asked


def test_an_image_is_queued_without_a_body(shared):
    response = shared.gateway.post(IMAGE, owner="c1")
    body = response.json()
    assert response.status_code == 202
    assert body["message"] == "Image generation job queued successfully"
    assert body["data"]["statusUrl"] == "/api/v1/media-jobs/" + body["data"]["jobId"]
    asked = last_submit(shared)
    assert asked["kind"] == 1 and asked["character"] == uuid.UUID(ID_1).bytes
    assert asked["payload"] == b"{}" and "source" not in asked and "display_id" not in asked


def test_a_video_is_queued_from_its_source(shared):
    response = shared.gateway.post(VIDEO, json={"duration": 8, "resolution": "480p", "poseId": None}, owner="c1")
    assert response.status_code == 202
    assert response.json()["message"] == "Video generation job queued successfully"
    asked = last_submit(shared)
    assert asked["kind"] == 2 and asked["character"] == uuid.UUID(ID_1).bytes
    assert asked["source"] == uuid.UUID(ID_2).bytes and asked["media"] != asked["source"]


@pytest.mark.parametrize("path, body, field", [
    (CHARACTER, {}, "name"),
    (CHARACTER, {"name": "x" * 201}, "name"),
    (CHARACTER, {"name": "A", "age": "old"}, "age"),
    (CHARACTER, {"name": "A", "tags": ["t"] * 33}, "tags"),
    (IMAGE, {"poseId": "flying"}, "poseId"),
    (IMAGE, {"poseId": 1}, "poseId"),
    (VIDEO, {}, "duration"),
    (VIDEO, {"duration": 6}, "duration"),
    (VIDEO, {"duration": 5, "resolution": "4k"}, "resolution"),
])
def test_a_wrong_field_is_named(shared, path, body, field):
    response = shared.gateway.post(path, json=body)
    assert response.status_code == 400
    code, details = error_of(response)
    assert code == "validation_failed" and list(details) == [field]


@pytest.mark.parametrize("text", [
    b"{", b"[]", b"null", b'{"name":"A"} x', b'{"name":"A","name":"B"}', b'{"name":"\xff"}', b'{"name":"\\ud800"}',
    b'{"name":"A","x":' + b"[" * 16 + b"]" * 16 + b"}", b"[" * 60000, b"\xef\xbb\xbf{}", b'{"name":1e999}',
], ids=range(11))
def test_text_that_is_not_a_json_object_is_400_with_its_place(shared, text):
    response = shared.gateway.post(CHARACTER, data=text, headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    code, details = error_of(response)
    assert code == "validation_failed" and list(details) == ["body"]


def test_a_body_that_grows_when_it_is_written_again_is_400(shared):
    numbers = ",".join(["1e15"] * 10000)  # each is 1000000000000000.0 for the actor
    for path, rest in (CHARACTER, '"name":"A",'), (IMAGE, ""), (VIDEO, '"duration":5,'):
        text = '{%s"options":{},"appearance":{"a":[%s]}}' % (rest, numbers)
        response = shared.gateway.post(path, data=text, headers={"Content-Type": "application/json"})
        assert response.status_code == 400
        code, details = error_of(response)
        assert code == "validation_failed" and "65536 bytes" in details["body"]


def test_a_missing_body_is_400(shared):
    assert error_of(shared.gateway.post(CHARACTER)) == ("validation_failed", {"body": "is required"})


@pytest.mark.parametrize("headers", [
    {"Content-Type": "text/plain"}, {"Content-Type": "application/x-www-form-urlencoded"},
    {"Content-Type": "application/jsonx"}, {"Content-Type": "application/json; charset=latin-1"}, {},
    {"Content-Type": "application/json", "Content-Encoding": "gzip"},
])
def test_another_media_type_is_415(shared, headers):
    response = shared.gateway.post(CHARACTER, data=b'{"name":"A"}', headers=headers)
    assert response.status_code == 415
    assert error_of(response)[0] == "unsupported_media_type"


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON;charset=UTF-8"])
def test_json_in_utf8_is_taken_however_it_is_spelled(shared, kind):
    response = shared.gateway.post(CHARACTER, data=b'{"name":"A"}', headers={"Content-Type": kind})
    assert response.status_code == 202


@pytest.mark.parametrize("size, status", [(65536, 202), (65537, 413), (300000, 413), (1048576, 413), (1048577, 413),
                                          (30000000, 413)])
def test_a_body_has_at_most_64_kib(shared, size, status):
    text = b'{"name":"A","description":"' + b"x" * (size - 29) + b'"}'
    assert len(text) == size
    response = shared.gateway.post(CHARACTER, data=text, headers={"Content-Type": "application/json"})
    assert response.status_code == status
    if status == 413:
        assert error_of(response)[0] == "body_too_large"


def test_a_chunked_body_is_taken(shared):
    response = shared.gateway.post(CHARACTER, data=iter([b'{"name"', b':"A"}']),
                                   headers={"Content-Type": "application/json"})
    assert response.status_code == 202


def test_ids_in_the_path_that_are_none_are_404(shared):
    bad = IMAGE.replace(ID_1, "nonsense")
    assert error_of(shared.gateway.post(bad))[0] == "character_not_found"
    bad = VIDEO.replace(ID_2, "nonsense")
    assert error_of(shared.gateway.post(bad, json={"duration": 5}))[0] == "media_not_found"


@pytest.mark.parametrize("reply, status, code", [
    ("CHARACTER_NOT_FOUND", 404, "character_not_found"),
    ("MEDIA_NOT_FOUND", 404, "media_not_found"),
    ("SOURCE_UNSUITABLE", 409, "source_unsuitable"),
    ("KEY_REUSED", 422, "idempotency_key_reused"),
    ("DISK_FULL", 507, "insufficient_storage"),
    ("TOO_MANY_JOBS", 503, "queue_full"),
    ("INVALID", 400, "invalid"),
    ("BUSY", 503, "busy"),
])
def test_each_refusal_of_the_broker_is_told(stand, reply, status, code):
    stand.broker.handlers["submit"] = lambda record: [
        ("reply", {"request": record["request"], "code": wire.ENUMS["REPLY_CODE_" + reply]})]
    response = stand.gateway.post(VIDEO, json={"duration": 5})
    assert response.status_code == status
    assert error_of(response)[0] == code
    assert ("retry-after" in response.headers) == (status in (503, 507))


def test_an_idempotency_key_gives_the_same_answer_again(shared):
    headers = {"Idempotency-Key": "k-" + str(uuid.uuid4())}
    first = shared.gateway.post(CHARACTER, json={"name": "A"}, headers=headers, owner="key")
    again = shared.gateway.post(CHARACTER, json={"name": "A"}, headers=headers, owner="key")
    assert first.text == again.text and (first.status_code, again.status_code) == (202, 202)
    assert again.headers["idempotency-replayed"] == "true" and "idempotency-replayed" not in first.headers
    other = shared.gateway.post(CHARACTER, json={"name": "B"}, headers=headers, owner="key")
    assert other.status_code == 422
    assert error_of(other)[0] == "idempotency_key_reused"
    stranger = shared.gateway.post(CHARACTER, json={"name": "A"}, headers=headers, owner="another")
    assert stranger.json()["data"]["jobId"] != first.json()["data"]["jobId"]


def test_the_key_hash_is_of_method_path_and_body(shared):
    body = b'{"name":"A"}'
    shared.gateway.post(CHARACTER, data=body, headers={"Idempotency-Key": "hash", "Content-Type": "application/json"},
                        owner="hash")
    asked = last_submit(shared)
    assert asked["key"] == "hash"
    assert asked["key_hash"] == hashlib.sha256(b"POST\0" + CHARACTER.encode() + b"\0" + body).digest()


@pytest.mark.parametrize("key", ["x" * 256, "tab\there", ""])
def test_a_key_that_is_none_is_400(shared, key):
    response = shared.gateway.post(CHARACTER, json={"name": "A"}, headers={"Idempotency-Key": key})
    assert response.status_code == 400
    assert list(error_of(response)[1]) == ["Idempotency-Key"]


def test_many_clients_share_frames(shared):
    """With many requests at once every one gets its own answer."""
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        jobs = list(pool.map(lambda n: data_of(shared.gateway.post(CHARACTER, json={"name": str(n)}, owner="many"),
                                               202)["jobId"], range(200)))
    assert len(set(jobs)) == 200
    names = {str(uuid.UUID(bytes=record["job"])): json.loads(record["payload"])["name"]
             for record in shared.broker.questions("submit") if record["owner"] == "many"}
    assert [names[job] for job in jobs] == [str(n) for n in range(200)]


def test_a_trace_goes_with_its_job(shared):
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    for header, told in (trace, trace), ("01" + trace[2:] + "-x", trace), (trace.upper(), None), ("", None):
        shared.gateway.post(CHARACTER, json={"name": "A"}, headers={"Traceparent": header}, owner="trace")
        assert last_submit(shared).get("trace") == told


def test_options_reach_the_queue_and_not_the_actor(shared):
    options = {"runAt": "2020-01-01T00:00:00.000Z", "priority": 7, "tags": ["a", "b"], "metadata": {"n": 1}}
    body = {"name": "Ada", "options": options, "age": 36}
    assert shared.gateway.post("/api/v1/characters/queue", json=body, owner="options").status_code == 202
    asked = [record for record in shared.broker.questions("submit") if record["owner"] == "options"][-1]
    assert json.loads(asked["payload"]) == {"name": "Ada", "age": 36}
    assert (asked["run_at"], asked["priority"]) == (1577836800000, 7)
    assert json.loads(asked["labels"]) == {"tags": ["a", "b"], "metadata": {"n": 1}}


def test_wrong_options_are_named(shared):
    wrong = {"runAt": "soon", "priority": 0, "tags": [""], "metadata": 1, "startBy": "2020-01-01T00:00:00Z",
             "dedupe": 1}
    for name, value in wrong.items():
        refused = shared.gateway.post("/api/v1/characters/queue", json={"name": "A", "options": {name: value}})
        code, details = error_of(refused)
        assert (refused.status_code, code, list(details)) == (400, "validation_failed", ["options." + name])
    refused = shared.gateway.post("/api/v1/characters/queue", json={"name": "A", "options": {"colour": 1}})
    assert list(error_of(refused)[1]) == ["options"]


def test_a_dedupe_key_reaches_the_queue(shared):
    body = {"name": "Ada", "options": {"dedupe": {"key": "d 1", "ttlSeconds": 60}}}
    assert shared.gateway.post("/api/v1/characters/queue", json=body, owner="dedupe").status_code == 202
    asked = [record for record in shared.broker.questions("submit") if record["owner"] == "dedupe"][-1]
    assert (asked["dedupe_key"], asked["dedupe_ttl_ms"]) == ("d 1", 60000)


def test_a_time_that_is_over_in_the_queue_is_named_too(stand):
    """The clocks of gateway and broker differ."""
    stand.broker.handlers["submit"] = lambda record: [
        ("reply", {"request": record["request"], "code": wire.ENUMS["REPLY_CODE_INVALID"]})]
    body = {"name": "A", "options": {"deadline": (datetime.datetime.now(datetime.timezone.utc) +
                                                  datetime.timedelta(hours=1)).isoformat()}}
    assert list(error_of(stand.gateway.post("/api/v1/characters/queue", json=body))[1]) == ["options"]
    assert error_of(stand.gateway.post("/api/v1/characters/queue", json={"name": "A"}))[0] == "invalid"
