"""Manners of HTTP beyond the routes: the submit limit, CORS, gzip, problem details."""

import gzip
import json
import subprocess
import uuid

import pytest

from gateway_stand import Gateway, Stand, data_of, error_of, shared, token  # noqa: F401

QUEUE = "/api/v1/characters/queue"
JOBS = "/api/v1/character-jobs"
PAGE = "https://studio.example"


@pytest.fixture(scope="module", name="limited")
def fixture_limited(tmp_path_factory):
    """A gateway with a limit of three jobs an hour, and pages of two origins."""
    made = Stand(tmp_path_factory.mktemp("limited"), TROUPE_SUBMIT_RATE="3/3600",
                 TROUPE_CORS_ORIGINS=f"http://localhost:3000, {PAGE}")
    yield made
    made.stop()


# ---- the submit limit ----


def test_without_a_limit_nothing_tells_of_one(shared):
    answer = shared.gateway.post(QUEUE, json={"name": "A"})
    assert not [name for name in answer.headers if name.lower().startswith("ratelimit")]


def test_each_post_of_a_job_counts_until_429(limited):
    image = f"/api/v1/characters/{uuid.uuid4()}/generate-image/queue"
    seen = []
    for path, wait in (QUEUE, ""), (image, ""), ("/api/v1/characters", "wait=0"):
        answer = limited.gateway.post(path, json={"name": "A"}, owner="rate", headers={"Prefer": wait})
        assert answer.status_code == 202 and answer.headers["ratelimit-policy"] == '"submit";q=3;w=3600'
        seen.append(answer.headers["ratelimit"].split(";"))
    assert [(name, remaining) for name, remaining, _ in seen] == [('"submit"', f"r={left}") for left in (2, 1, 0)]
    assert all(3590 < int(reset.removeprefix("t=")) <= 3600 for _, _, reset in seen)
    asked = len(limited.broker.questions("submit"))
    refused = limited.gateway.post(QUEUE, json={"name": "A"}, owner="rate")
    assert refused.status_code == 429 and error_of(refused)[0] == "rate_limited"
    assert refused.headers["ratelimit"].startswith('"submit";r=0;t=')
    assert refused.headers["retry-after"] == refused.headers["ratelimit"].rsplit("=", 1)[1]
    assert len(limited.broker.questions("submit")) == asked
    assert limited.gateway.get(JOBS, owner="rate").status_code == 200


def test_users_are_counted_apart_and_bad_requests_not_at_all(limited):
    for _ in range(5):
        assert limited.gateway.post(QUEUE, json={}, owner="rate-2").status_code == 400
    for status in 202, 202, 202, 429:
        assert limited.gateway.post(QUEUE, json={"name": "A"}, owner="rate-2").status_code == status


def test_more_jobs_at_once_than_the_limit_are_never_a_matter_of_time(limited):
    jobs = [{"type": "character", "name": "A"}] * 4
    refused = limited.gateway.post("/api/v1/batches", json={"jobs": jobs}, owner="rate-4")
    assert refused.status_code == 400 and error_of(refused)[0] == "validation_failed"
    assert "retry-after" not in refused.headers and "3" in refused.json()["error"]["details"][0]["problem"]
    assert limited.gateway.post("/api/v1/batches", json={"jobs": jobs[1:]}, owner="rate-4").status_code == 202


def test_the_limit_has_a_problem_type_of_its_own(limited):
    for _ in range(4):
        answer = limited.gateway.post(QUEUE, json={"name": "A"}, owner="rate-3",
                                      headers={"Accept": "application/problem+json"})
    assert answer.status_code == 429
    assert answer.json()["type"] == "https://iana.org/assignments/http-problem-types#quota-exceeded"
    assert answer.json()["violated-policies"] == ["submit"]


@pytest.mark.parametrize("settings", [
    {"TROUPE_SUBMIT_RATE": "many"}, {"TROUPE_SUBMIT_RATE": "0/1"}, {"TROUPE_SUBMIT_RATE": "99999/60"},
    {"TROUPE_CORS_ORIGINS": "studio.example"}, {"TROUPE_CORS_ORIGINS": PAGE + "/"},
])
def test_bad_settings_end_the_start(tmp_path, settings):
    gateway = Gateway(tmp_path, **settings)
    with pytest.raises(AssertionError):
        gateway.start()
    assert gateway.process.wait(10) == 2
    assert "name=" + list(settings)[0] in gateway.log_text()


# ---- CORS ----


def cors_of(answer):
    return {name.lower(): value for name, value in answer.headers.items()
            if name.lower().startswith("access-control-")}


def test_without_origins_nothing_is_said(shared):
    for method, path in ("GET", JOBS), ("OPTIONS", QUEUE):
        answer = shared.gateway.call(method, path, headers={"Origin": PAGE, "Access-Control-Request-Method": "POST"})
        assert not cors_of(answer) and "vary" not in answer.headers


def test_a_preflight_tells_what_a_request_may_be_like(limited):
    answer = limited.gateway.call("OPTIONS", QUEUE, owner=None, headers={
        "Origin": PAGE, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"})
    allowed = cors_of(answer)
    assert answer.status_code == 204 and answer.headers["vary"] == "origin"
    assert allowed["access-control-allow-origin"] == PAGE
    assert allowed["access-control-allow-methods"] == "POST, OPTIONS"
    assert {"authorization", "content-type", "idempotency-key", "last-event-id", "prefer", "if-none-match"} <= set(
        allowed["access-control-allow-headers"].split(", "))
    assert int(allowed["access-control-max-age"]) > 0
    assert "access-control-allow-credentials" not in allowed


@pytest.mark.parametrize("method, path, status", [
    ("GET", JOBS, 200), ("GET", "/nothing", 404), ("GET", "/assets/nothing.png", 404), ("POST", QUEUE, 400),
    ("PUT", QUEUE, 405), ("GET", "/healthz", 200), ("GET", "/api/v1/events", 200),
])
def test_every_answer_may_be_read_by_a_page_that_is_named(limited, method, path, status):
    with limited.gateway.call(method, path, headers={"Origin": PAGE}, stream=True) as answer:
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == PAGE
        exposed = answer.headers["access-control-expose-headers"].split(", ")
        assert {"etag", "location", "ratelimit", "ratelimit-policy", "x-request-id", "retry-after",
                "preference-applied", "idempotency-replayed"} <= set(exposed)
        assert "origin" in answer.headers["vary"]


def test_a_refused_token_may_be_read_too(limited):
    answer = limited.gateway.get(JOBS, owner=None, headers={"Origin": PAGE})
    assert answer.status_code == 401 and answer.headers["access-control-allow-origin"] == PAGE


@pytest.mark.parametrize("head, status", [
    (b"Content-Length: 99999999999\r\n\r\n", 413), (b"Content-Length: 2\r\nExpect: miracles\r\n\r\n{}", 417),
])
def test_what_the_library_refuses_may_be_read_by_a_page_that_is_named(limited, head, status):
    for page, is_named in (PAGE, True), ("https://evil.example", False):
        answer = limited.gateway.raw(f"POST {QUEUE} HTTP/1.1\r\nHost: x\r\nOrigin: {page}\r\n".encode() + head).decode()
        assert answer.startswith(f"HTTP/1.1 {status} ") and "\r\nvary: origin\r\n" in answer
        assert (f"\r\naccess-control-allow-origin: {page}\r\n" in answer) == is_named


@pytest.mark.parametrize("origin", ["https://evil.example", PAGE + ":8443", "null", PAGE + "/"])
def test_another_page_is_told_nothing_but_still_served(limited, origin):
    answer = limited.gateway.get(JOBS, headers={"Origin": origin})
    assert answer.status_code == 200 and not cors_of(answer) and "origin" in answer.headers["vary"]
    answer = limited.gateway.call("OPTIONS", QUEUE, headers={"Origin": origin,
                                                             "Access-Control-Request-Method": "POST"})
    assert answer.status_code == 204 and not cors_of(answer)


def test_any_origin_is_a_star(tmp_path):
    stand = Stand(tmp_path, TROUPE_CORS_ORIGINS="*")
    try:
        answer = stand.gateway.get(JOBS, headers={"Origin": PAGE})
        assert answer.headers["access-control-allow-origin"] == "*" and "vary" not in answer.headers
        assert not cors_of(stand.gateway.get(JOBS))
    finally:
        stand.stop()


# ---- gzip ----


def raw_get(stand, path, encoding, owner="zip", method="GET"):
    answer = stand.gateway.call(method, path, owner=owner, headers={"Accept-Encoding": encoding}, stream=True)
    return answer, answer.raw.read(decode_content=False)


@pytest.fixture(scope="module", name="listed")
def fixture_listed(shared):
    for _ in range(30):
        shared.broker.job_add("zip")
    return JOBS + "?limit=30"


@pytest.mark.parametrize("encoding", ["gzip", "br, GZIP;q=0.5", "*"])
def test_a_long_list_is_compressed_for_who_takes_it(shared, listed, encoding):
    plain, text = raw_get(shared, listed, "identity")
    answer, data = raw_get(shared, listed, encoding)
    assert answer.headers["content-encoding"] == "gzip" and "content-encoding" not in plain.headers
    assert answer.headers["vary"] == plain.headers["vary"] == "accept-encoding"
    assert len(data) == int(answer.headers["content-length"]) < len(text) / 5
    assert gzip.decompress(data) == text and len(json.loads(text)["data"]) == 30
    head, nothing = raw_get(shared, listed, encoding, method="HEAD")
    assert nothing == b"" and head.headers["content-length"] == answer.headers["content-length"]


@pytest.mark.parametrize("encoding", ["", "identity", "br", "gzip;q=0", "identity, gzip;q=0.5"])
def test_who_does_not_take_it_gets_it_plain(shared, listed, encoding):
    answer, data = raw_get(shared, listed, encoding)
    assert "content-encoding" not in answer.headers and len(json.loads(data)["data"]) == 30


def test_what_is_small_an_asset_or_a_stream_stays_as_it_is(shared):
    answer, _ = raw_get(shared, JOBS, "gzip", owner="zip-none")
    assert "content-encoding" not in answer.headers and "vary" not in answer.headers
    (shared.gateway.assets / "zip.png").write_bytes(b"x" * 50000)
    answer, data = raw_get(shared, "/assets/zip.png", "gzip")
    assert "content-encoding" not in answer.headers and len(data) == 50000
    with shared.gateway.get("/api/v1/events", headers={"Accept-Encoding": "gzip"}, stream=True) as stream:
        assert "content-encoding" not in stream.headers


def test_a_compressed_job_has_a_weak_tag(shared):
    job = shared.broker.job_add("zip", "image", state=3, error_code="x", error_message="long " * 90,
                                character_name="n" * 800, url="/assets/" + "u" * 500)
    path = f"/api/v1/media-jobs/{uuid.UUID(bytes=job['job'])}"
    plain, _ = raw_get(shared, path, "identity")
    answer, _ = raw_get(shared, path, "gzip")
    assert answer.headers["content-encoding"] == "gzip" and answer.headers["etag"] == "W/" + plain.headers["etag"]
    same = shared.gateway.get(path, owner="zip", headers={"If-None-Match": answer.headers["etag"]})
    assert same.status_code == 304


def test_gzip_over_http2(shared, listed):
    result = subprocess.run(
        ["curl", "-sS", "--max-time", "20", "--http2-prior-knowledge", "--compressed", "-w", "%{size_download}",
         "-H", "Authorization: Bearer " + token("zip"), shared.gateway.url + listed], capture_output=True, check=True)
    text, size = result.stdout.rsplit(b"}", 1)
    assert len(json.loads(text + b"}")["data"]) == 30 and int(size) < len(text) / 5


# ---- problem details ----


def test_problem_details_for_who_prefers_them(shared):
    answer = shared.gateway.post(QUEUE, json={"age": -1}, headers={"X-Request-Id": "p-1",
                                                                   "Accept": "application/problem+json"})
    assert answer.status_code == 400 and answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["vary"] == "accept"
    assert answer.json() == {
        "type": "/docs#validation_failed", "title": "The request is not valid", "status": 400,
        "detail": "name is required; age must be 0 to 10000", "instance": QUEUE, "code": "validation_failed",
        "requestId": "p-1", "errors": [{"field": "name", "problem": "is required"},
                                       {"field": "age", "problem": "must be 0 to 10000"}]}


@pytest.mark.parametrize("method, path, owner, status, code", [
    ("GET", "/nothing", "ada", 404, "not_found"),
    ("PUT", QUEUE, "ada", 405, "method_not_allowed"),
    ("GET", JOBS, None, 401, "unauthorized"),
    ("GET", JOBS + "/nonsense", "ada", 404, "job_not_found"),
])
def test_every_refusal_may_be_one(shared, method, path, owner, status, code):
    answer = shared.gateway.call(method, path, owner=owner, headers={"Accept": "application/problem+json, */*;q=0.1"})
    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert problem["title"] and problem["detail"] and problem["instance"] == path


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/*", "",
                                    "application/json, application/problem+json;q=0.9"])
def test_others_get_the_envelope(shared, accept):
    answer = shared.gateway.get("/nothing", headers={"Accept": accept})
    assert error_of(answer)[0] == "not_found"


def test_a_success_stays_as_it_is(shared):
    assert data_of(shared.gateway.get(JOBS, owner="none", headers={"Accept": "application/problem+json"})) == []
