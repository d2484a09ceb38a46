"""Status, lists, cancellation and documents of jobs."""

import concurrent.futures
import threading
import time
import uuid

import pytest

import wire
from gateway_stand import data_of, error_of, shared, stand, token, until  # noqa: F401

CHARACTER = "/api/v1/character-jobs"
MEDIA = "/api/v1/media-jobs"


def path_of(job):
    return f"{CHARACTER if job['kind'] == 0 else MEDIA}/{uuid.UUID(bytes=job['job'])}"


def text_of(data):
    return str(uuid.UUID(bytes=data))


def test_a_character_job_has_the_fields_of_the_contract(shared):
    job = shared.broker.job_add("s", state=3, progress=100, attempts_made=1, started_at=1767225601000,
                                completed_at=1767225602000)
    assert data_of(shared.gateway.get(path_of(job), owner="s")) == {
        "jobId": text_of(job["job"]), "status": "completed", "progress": 100,
        "result": {"characterId": text_of(job["character"]), "error": None}, "failedReason": None, "attemptsMade": 1,
        "createdAt": "2026-01-01T00:00:00.000Z", "startedAt": "2026-01-01T00:00:01.000Z",
        "completedAt": "2026-01-01T00:00:02.000Z", "attempt": 0, "step": None, "workerId": None,
        "cancelRequested": False, "nextAttemptAt": None, "lastError": None, "retries": 0, "priority": 0,
        "runAt": None, "startBy": None, "deadline": None, "tags": [], "metadata": {}}


def test_a_media_job_has_the_fields_of_the_contract(shared):
    job = shared.broker.job_add("s", "video", state=3, progress=100, url="/assets/characters/x/y.mp4")
    data = data_of(shared.gateway.get(path_of(job), owner="s"))
    assert data["type"] == "video"
    assert data["result"] == {"mediaId": text_of(job["media"]), "url": "/assets/characters/x/y.mp4", "error": None}
    assert data["character"] == {"name": "Ada", "displayId": "ABCDEFGH"}
    assert {"failedReason", "attemptsMade", "startedAt"} <= set(data)


def test_jobs_of_others_and_of_the_other_family_are_404(shared):
    character, image = shared.broker.job_add("s"), shared.broker.job_add("s", "image")
    crossed = [path_of(character).replace(CHARACTER, MEDIA), path_of(image).replace(MEDIA, CHARACTER)]
    for path in crossed + [f"{CHARACTER}/{uuid.uuid4()}", CHARACTER + "/nonsense"]:
        assert error_of(shared.gateway.post(path + "/retry", owner="s"))[0] == "job_not_found"
        for method in "GET", "DELETE":
            response = shared.gateway.call(method, path, owner="s")
            assert response.status_code == 404 and error_of(response)[0] == "job_not_found"
    for method in "GET", "DELETE":
        assert shared.gateway.call(method, path_of(character), owner="stranger").status_code == 404
    assert shared.gateway.post(path_of(character) + "/retry", owner="stranger").status_code == 404
    assert not shared.broker.questions("cancel_job") and not shared.broker.questions("retry_job")


@pytest.mark.parametrize("kind", ["character", "video"])
def test_a_retry_is_refused_as_the_broker_says(stand, kind):
    job = stand.broker.job_add("s", kind, state=4, error_code="x", error_message="y")
    refusals = {"NOT_RETRYABLE": (409, "not_retryable"), "KEY_REUSED": (422, "idempotency_key_reused"),
                "DISK_FULL": (507, "insufficient_storage"),
                "TOO_MANY_JOBS": (503, "queue_full"), "NOT_FOUND": (404, "job_not_found")}
    if kind == "video":
        refusals.update(CHARACTER_NOT_FOUND=(404, "character_not_found"), MEDIA_NOT_FOUND=(404, "media_not_found"),
                        SOURCE_UNSUITABLE=(409, "source_unsuitable"))
    for name, (status, code) in refusals.items():
        stand.broker.handlers["retry_job"] = lambda record, name=name: [
            ("reply", {"request": record["request"], "code": wire.ENUMS["REPLY_CODE_" + name], "job": record["job"]})]
        refused = stand.gateway.post(path_of(job) + "/retry", owner="s")
        assert (refused.status_code, error_of(refused)[0]) == (status, code)
    del stand.broker.handlers["retry_job"]
    assert data_of(stand.gateway.post(path_of(job) + "/retry", owner="s"))["retries"] == 1


def test_an_admin_sees_everything(shared):
    job = shared.broker.job_add("s")
    admin = token("root", role="admin")
    assert shared.gateway.get(path_of(job), bearer=admin).status_code == 200
    assert shared.gateway.delete(path_of(job), bearer=admin).status_code == 200
    assert shared.broker.questions("cancel_job")[-1]["admin"] is True
    assert shared.gateway.post(path_of(job) + "/retry", bearer=admin).status_code == 200
    assert shared.broker.questions("retry_job")[-1]["admin"] is True


def test_a_known_job_is_answered_from_the_cache_and_follows_events(stand):
    job = stand.broker.job_add("s")
    assert data_of(stand.gateway.get(path_of(job), owner="s"))["status"] == "waiting"
    for progress in 10, 30, 60:
        stand.broker.change(job, "progress", state=2, progress=progress, step="x", attempt=1)
        until(lambda: data_of(stand.gateway.get(path_of(job), owner="s"))["progress"] == progress)
    assert len(stand.broker.questions("get_job")) == 1


def waits_for(data):
    return [data[name] for name in ("waitReason", "queuePosition", "etaSeconds")]


def test_a_job_that_waits_tells_what_for_and_the_broker_is_asked_once_a_second(stand):
    job = stand.broker.job_add("s")
    reason = wire.ENUMS["WAIT_REASON_RATE_LIMITED"]
    stand.broker.positions[job["job"]] = {"wait_reason": reason, "queue_position": 12, "eta_seconds": 3}
    asked = time.monotonic()
    first = stand.gateway.get(path_of(job), owner="s")
    assert waits_for(data_of(first)) == ["rate_limited", 12, 3]
    stand.broker.positions[job["job"]] = {"wait_reason": reason, "queue_position": 11}
    later = [until(lambda: data_of(stand.gateway.get(path_of(job), owner="s"))["queuePosition"] == 11)]
    assert later and 0.5 < time.monotonic() - asked and len(stand.broker.questions("get_position")) == 2
    changed = stand.gateway.get(path_of(job), owner="s")
    assert waits_for(data_of(changed)) == ["rate_limited", 11, None]
    assert changed.headers["etag"] == first.headers["etag"]


def test_a_job_that_does_not_wait_is_not_asked_for_nor_is_a_304(stand):
    waiting = stand.broker.job_add("s")
    etag = '"1"'
    assert stand.gateway.get(path_of(waiting), owner="s", headers={"If-None-Match": etag}).status_code == 304
    for state in 2, 3, 4, 5:
        job = stand.broker.job_add("s", state=state)
        assert "waitReason" not in data_of(stand.gateway.get(path_of(job), owner="s"))
    assert not stand.broker.questions("get_position")


def test_lists_tell_what_jobs_wait_for_by_one_question(stand):
    jobs = [stand.broker.job_add("s", state=state) for state in (0, 1, 2, 3, 1)]
    for place, job in enumerate(jobs):
        stand.broker.positions[job["job"]] = {"wait_reason": wire.ENUMS["WAIT_REASON_QUEUED"],
                                              "queue_position": place + 1}
    response = stand.gateway.get(CHARACTER, owner="s", params={"limit": 4})
    listed = data_of(response)
    assert [waits_for(job) if "waitReason" in job else None for job in listed] == [
        ["queued", 5, None], None, None, ["queued", 2, None]]
    assert response.json()["pagination"] == {"total": 5, "limit": 4, "skip": 0, "hasMore": True,
                                             "nextCursor": response.json()["pagination"]["nextCursor"]}
    assert response.json()["pagination"]["nextCursor"]
    asked = [record["jobs"] for record in stand.broker.questions("get_position")]
    assert asked == [jobs[4]["job"] + jobs[1]["job"]]


def test_an_event_that_overtakes_an_answer_is_not_lost(stand):
    """The broker's reader may answer with a state that is older than an event already published."""
    job = stand.broker.job_add("s")

    def answer_late(record):
        old = dict(job, request=record["request"])
        event = stand.broker.change(job, "active", publish=False, state=2, attempt=1)
        stand.broker.batch += 1
        return [("events", {"batch": stand.broker.batch, "count": 1, "event_last": stand.broker.event_last}),
                ("event", event), ("job_state", old)]

    stand.broker.handlers["get_job"] = answer_late
    assert data_of(stand.gateway.get(path_of(job), owner="s"))["status"] == "active"
    assert data_of(stand.gateway.get(path_of(job), owner="s"))["status"] == "active"
    assert len(stand.broker.questions("get_job")) == 1


def test_a_client_reads_its_own_writes(stand):
    for _ in range(20):
        created = data_of(stand.gateway.post("/api/v1/characters/queue", json={"name": "A"}), 202)
        assert data_of(stand.gateway.get(created["statusUrl"]))["status"] == "waiting"
        assert data_of(stand.gateway.delete(created["statusUrl"]))["status"] == "cancelled"
        assert data_of(stand.gateway.get(created["statusUrl"]))["status"] == "cancelled"


def test_an_etag_saves_the_body_until_the_job_changes(shared):
    job = shared.broker.job_add("s")
    first = shared.gateway.get(path_of(job), owner="s")
    etag = first.headers["etag"]
    for known in etag, f'"x", {etag}', "*", "W/" + etag:
        same = shared.gateway.get(path_of(job), owner="s", headers={"If-None-Match": known})
        assert (same.status_code, same.text, same.headers["etag"]) == (304, "", etag)
    shared.broker.change(job, "active", state=2, attempt=1)
    until(lambda: shared.gateway.get(path_of(job), owner="s",
                                     headers={"If-None-Match": etag}).status_code == 200)


def test_the_etag_of_a_batch_does_not_come_back_when_jobs_are_kept_no_longer(stand):
    jobs = [stand.broker.job_add("s", version=1) for _ in range(2)]
    group = stand.broker.group_of(jobs[0])
    jobs[1]["group"] = group
    path = f"/api/v1/batches/{text_of(group)}"
    tag = stand.gateway.get(path, owner="s").headers["etag"]
    assert stand.gateway.get(path, owner="s", headers={"If-None-Match": tag}).status_code == 304
    with stand.broker.lock:
        jobs[0]["version"] = 2
        del stand.broker.jobs[jobs[1]["job"]]
    changed = stand.gateway.get(path, owner="s", headers={"If-None-Match": tag})
    assert data_of(changed)["total"] == 1 and changed.headers["etag"] != tag


def test_wait_answers_when_the_status_changes(shared):
    job = shared.broker.job_add("s")
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        answer = pool.submit(shared.gateway.get, path_of(job) + "?wait=10", owner="s")
        until(lambda: job["job"] in [asked["job"] for asked in shared.broker.questions("get_job")], "the question")
        shared.broker.change(job, "progress", progress=1)
        with pytest.raises(concurrent.futures.TimeoutError):
            answer.result(0.2)
        shared.broker.change(job, "active", state=2)
        assert data_of(answer.result(5))["status"] == "active", "not after the ten seconds"


def test_wait_with_an_etag_answers_any_change(shared):
    job = shared.broker.job_add("s")
    etag = shared.gateway.get(path_of(job), owner="s").headers["etag"]
    threading.Timer(0.1, lambda: shared.broker.change(job, "progress", progress=1)).start()
    response = shared.gateway.get(path_of(job) + "?wait=10", owner="s", headers={"If-None-Match": etag})
    assert data_of(response)["progress"] == 1


def test_wait_ends_with_the_time(shared):
    job = shared.broker.job_add("s")
    start = time.monotonic()
    assert data_of(shared.gateway.get(path_of(job) + "?wait=1", owner="s"))["status"] == "waiting"
    assert 0.9 < time.monotonic() - start < 5


def test_wait_does_not_wait_for_what_has_ended(shared):
    job = shared.broker.job_add("s", state=3)
    start = time.monotonic()
    assert shared.gateway.get(path_of(job) + "?wait=60", owner="s").status_code == 200
    assert time.monotonic() - start < 5


def test_since_waits_for_a_version_that_another_gateway_has_shown(shared):
    job = shared.broker.job_add("s")
    shared.gateway.get(path_of(job), owner="s")
    threading.Timer(0.1, lambda: shared.broker.change(job, "active", state=2)).start()
    assert data_of(shared.gateway.get(path_of(job) + "?since=2", owner="s"))["status"] == "active"
    assert data_of(shared.gateway.get(path_of(job) + "?since=1", owner="s"))["status"] == "active"


@pytest.mark.parametrize("query, field", [
    ("wait=-1", "wait"), ("wait=61", "wait"), ("wait=x", "wait"), ("since=-1", "since"), ("wait=1&wait=2", "wait"),
    ("&".join(f"a{n}=1" for n in range(17)), "query"),
])
def test_bad_parameters_of_a_status_are_named(shared, query, field):
    job = shared.broker.job_add("s")
    response = shared.gateway.get(f"{path_of(job)}?{query}", owner="s")
    assert response.status_code == 400 and list(error_of(response)[1]) == [field]


# ---- lists ----


def test_lists_are_newest_first_in_pages(shared):
    jobs = [shared.broker.job_add("list") for _ in range(45)]
    expected = [text_of(job["job"]) for job in reversed(jobs)]
    first = shared.gateway.get(CHARACTER, owner="list").json()
    assert [item["jobId"] for item in first["data"]] == expected[:20]
    pagination = first["pagination"]
    assert {key: pagination[key] for key in ("total", "limit", "skip", "hasMore")} == {
        "total": 45, "limit": 20, "skip": 0, "hasMore": True}
    last = shared.gateway.get(CHARACTER + "?skip=40&limit=10", owner="list").json()
    assert [item["jobId"] for item in last["data"]] == expected[40:]
    assert last["pagination"] == {"total": 45, "limit": 10, "skip": 40, "hasMore": False, "nextCursor": None}
    found, cursor = [], ""
    while cursor is not None:
        page = shared.gateway.get(CHARACTER + "?limit=7" + (cursor and "&cursor=" + cursor), owner="list").json()
        found += [item["jobId"] for item in page["data"]]
        cursor = page["pagination"]["nextCursor"]
    assert found == expected


def test_list_items_equal_the_status(shared):
    job = shared.broker.job_add("equal", "image", state=4, error_code="x", error_message="y", attempts_made=3)
    listed = shared.gateway.get(MEDIA, owner="equal").json()["data"]
    assert listed == [data_of(shared.gateway.get(path_of(job), owner="equal"))]


def test_filters_choose_status_and_type(shared):
    for kind in "character", "image", "video":
        for state in range(6):
            shared.broker.job_add("filter", kind, state=state)
    names = ["pending", "waiting", "active", "completed", "failed", "cancelled"]
    for name in names:
        listed = shared.gateway.get(f"{CHARACTER}?status={name}", owner="filter").json()["data"]
        assert [item["status"] for item in listed] == [name]
        listed = shared.gateway.get(f"{MEDIA}?status={name}", owner="filter").json()["data"]
        assert [(item["type"], item["status"]) for item in listed] == [("video", name), ("image", name)]
    listed = shared.gateway.get(f"{MEDIA}?type=image&status=failed", owner="filter").json()["data"]
    assert [(item["type"], item["status"]) for item in listed] == [("image", "failed")]
    assert len(shared.gateway.get(f"{MEDIA}?type=video", owner="filter").json()["data"]) == 6
    assert shared.gateway.get(CHARACTER, owner="nobody").json()["data"] == []


@pytest.mark.parametrize("query, field", [
    ("limit=0", "limit"), ("limit=101", "limit"), ("limit=x", "limit"), ("limit=", "limit"), ("skip=-1", "skip"),
    ("status=done", "status"), ("type=sound", "type"), ("cursor=%21", "cursor"), ("cursor=bm9uc2Vuc2U", "cursor"),
    ("cursor=YXQ6MQ&skip=1", "skip"), ("limit=1&limit=2", "limit"), ("cursor=" + "A" * 89, "cursor"),
])
def test_bad_parameters_of_a_list_are_named(shared, query, field):
    response = shared.gateway.get(f"{MEDIA}?{query}")
    assert response.status_code == 400
    assert list(error_of(response)[1]) == [field]


# ---- cancellation ----


def test_a_queued_job_is_cancelled_at_once(shared):
    job = shared.broker.job_add("c")
    response = shared.gateway.delete(path_of(job), owner="c")
    assert data_of(response)["status"] == "cancelled" and data_of(response)["result"] is None
    assert response.json()["message"] == "Job cancelled"


def test_an_active_job_is_asked_to_stop_as_often_as_you_like(shared):
    job = shared.broker.job_add("c", "image", state=2, attempt=1)
    for _ in range(2):
        response = shared.gateway.delete(path_of(job), owner="c")
        data = data_of(response)
        assert (data["status"], data["cancelRequested"]) == ("active", True)
        assert response.json()["message"] == "Cancellation requested"


@pytest.mark.parametrize("state", [3, 4, 5])
def test_a_job_that_has_ended_is_409(shared, state):
    job = shared.broker.job_add("c", state=state)
    response = shared.gateway.delete(path_of(job), owner="c")
    assert response.status_code == 409 and error_of(response)[0] == "already_ended"


# ---- documents ----


def test_documents_are_served_to_their_owner(shared):
    character = shared.broker.character_add("d")
    media = shared.broker.media_add("d", character)
    assert data_of(shared.gateway.get(f"/api/v1/characters/{character}", owner="d"))["name"] == "Ada"
    path = f"/api/v1/characters/{character}/media/{media}"
    assert data_of(shared.gateway.get(path, owner="d"))["id"] == media
    assert data_of(shared.gateway.get(path, bearer=token("root", role="admin")))["id"] == media
    for wrong in (f"/api/v1/characters/{media}", f"/api/v1/characters/{uuid.uuid4()}", "/api/v1/characters/x"):
        assert error_of(shared.gateway.get(wrong, owner="d"))[0] == "character_not_found"
    for wrong in (f"/api/v1/characters/{uuid.uuid4()}/media/{media}",
                  f"/api/v1/characters/{character}/media/{character}", f"/api/v1/characters/{character}/media/x"):
        assert error_of(shared.gateway.get(wrong, owner="d"))[0] == "media_not_found"
    assert shared.gateway.get(f"/api/v1/characters/{character}", owner="stranger").status_code == 404
    assert shared.gateway.get(path, owner="stranger").status_code == 404


def test_a_busy_broker_is_503_with_retry_after(stand):
    busy = wire.ENUMS["REPLY_CODE_BUSY"]
    stand.broker.handlers["get_job"] = lambda record: [
        ("job_state", {"request": record["request"], "code": busy, "job": record["job"]})]
    stand.broker.handlers["list_jobs"] = lambda record: [("list_page", {"request": record["request"], "code": busy})]
    stand.broker.handlers["get_document"] = lambda record: [("document", {"request": record["request"], "code": busy})]
    for path in f"{CHARACTER}/{uuid.uuid4()}", CHARACTER, f"/api/v1/characters/{uuid.uuid4()}":
        response = stand.gateway.get(path)
        assert response.status_code == 503 and response.headers["retry-after"]
        assert error_of(response)[0] == "busy"


def test_a_document_that_is_no_json_is_a_fault_of_the_server(stand):
    documents = {name: [("document", {"request": 0, "owner": "ada", "document": name})]
                 for name in (b'"text"', b"{", b"{}x", b"\xff")}
    for name, answer in documents.items():
        stand.broker.handlers["get_document"] = lambda record, answer=answer: [
            ("document", {**answer[0][1], "request": record["request"]})]
        for path in f"/api/v1/characters/{uuid.uuid4()}", f"/api/v1/characters/{uuid.uuid4()}/media/{uuid.uuid4()}":
            response = stand.gateway.get(path)
            assert (response.status_code, error_of(response)[0]) == (500, "internal"), name
    assert stand.gateway.log_text().count("document is no JSON object") == 8


def test_a_document_that_is_no_json_is_left_out_of_a_list(shared):
    whole = shared.broker.character_add("lists")
    for number, document in enumerate([b'"text"', b"{"]):
        shared.broker.documents[b"listed-%d" % number] = ("lists", document)
    page = shared.gateway.get("/api/v1/characters", owner="lists").json()
    assert [item["id"] for item in page["data"]] == [whole]


def test_what_a_model_wrote_keeps_no_rule_of_requests(shared):
    thought = "a\0b"
    for _ in range(40):
        thought = {"thought": thought}
    character = shared.broker.character_add("deep", aiPersonality=thought)
    page = shared.gateway.get("/api/v1/characters", owner="deep").json()
    assert [item["aiPersonality"] for item in page["data"]] == [thought]
    assert shared.gateway.get(f"/api/v1/characters/{character}", owner="deep").json()["data"] == page["data"][0]
