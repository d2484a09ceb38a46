"""HTTP itself: routes, methods, tokens, request ids, health, and requests that are not HTTP."""

import hashlib
import hmac
import json
import subprocess
import time
import uuid

import pytest

from gateway_stand import BIN, SECRET, Gateway, Stand, base64url, data_of, error_of, shared, stand, token  # noqa: F401

JOBS = "/api/v1/character-jobs"


def test_an_unknown_path_is_404(shared):
    for path in "/", "/api", "/api/v1/nothing", "/api/v1/character-jobs/", "/api/v2/character-jobs", "/assets":
        assert error_of(shared.gateway.get(path))[0] == "not_found"


@pytest.mark.parametrize("method, path, allow", [
    ("PUT", JOBS, "GET, HEAD, OPTIONS"),
    ("POST", JOBS, "GET, HEAD, OPTIONS"),
    ("GET", "/api/v1/characters/queue", "POST, OPTIONS"),
    ("PATCH", JOBS + "/x", "GET, HEAD, DELETE, OPTIONS"),
    ("DELETE", "/assets/x.png", "GET, HEAD, OPTIONS"),
])
def test_another_method_is_405_with_allow(shared, method, path, allow):
    response = shared.gateway.call(method, path)
    assert response.status_code == 405
    assert error_of(response)[0] == "method_not_allowed"
    assert response.headers["allow"] == allow
    options = shared.gateway.call("OPTIONS", path, owner=None)
    assert (options.status_code, options.headers["allow"], options.text) == (204, allow, "")


def id_text(job):
    return str(uuid.UUID(bytes=job["job"]))


def test_head_answers_like_get_without_a_body(shared):
    job = shared.broker.job_add("ada")
    for path in "/healthz", JOBS, f"{JOBS}/{id_text(job)}", "/api/v1/nothing":
        got, head = shared.gateway.get(path), shared.gateway.call("HEAD", path)
        assert head.text == "" and head.status_code == got.status_code
        assert head.headers["content-length"] == got.headers["content-length"]


NOW = int(time.time())


@pytest.mark.parametrize("authorization", [
    None, "", "Bearer", "Bearer ", "Basic YTpi", "Bearer x.y.z", "Bearer " + "a" * 8000,
    "Bearer " + token(secret=b"another secret of thirty-two byte"),
    "Bearer " + token(exp=NOW - 3600),
    "Bearer " + token(nbf=NOW + 3600),
    "Bearer " + token(owner=""),
    "Bearer " + token(owner="x" * 256),
    "Bearer " + token(owner=7),
    "Bearer " + token(header={"alg": "none"}),
    "Bearer " + token(header={"alg": "RS256", "typ": "JWT"}),
    "Bearer " + token(header={"alg": "HS256", "crit": ["exp"]}),
    "Bearer " + base64url(b'{"alg":"none"}') + "." + base64url(json.dumps({"sub": "ada"}).encode()) + ".",
    "Bearer " + token()[:-2],
    "Bearer " + token() + "x",
    token(),
], ids=range(20))
def test_a_missing_or_forged_token_is_401(shared, authorization):
    headers = {} if authorization is None else {"Authorization": authorization}
    response = shared.gateway.get(JOBS, owner=None, headers=headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert error_of(response)[0] in ("unauthorized", "token_expired")


def test_an_expired_token_says_so_also_when_it_was_remembered(stand):
    bearer = token(exp=int(time.time()) + 1)
    assert stand.gateway.get(JOBS, bearer=bearer).status_code == 200
    old = token(exp=NOW - 1000)
    response = stand.gateway.get(JOBS, bearer=old)
    assert error_of(response)[0] == "token_expired"


def test_a_token_in_the_url_does_not_count(shared):
    for name in "token", "access_token", "authorization":
        assert shared.gateway.get(f"{JOBS}?{name}={token()}", owner=None).status_code == 401


def test_the_scheme_may_be_in_any_case(shared):
    assert shared.gateway.get(JOBS, owner=None, headers={"Authorization": "bEARER " + token()}).status_code == 200


def test_every_answer_has_a_request_id(shared):
    first, second = (shared.gateway.get(JOBS).headers["x-request-id"] for _ in range(2))
    assert first != second
    own = shared.gateway.get(JOBS, headers={"X-Request-Id": "mine-1"})
    assert own.headers["x-request-id"] == "mine-1"
    refused = shared.gateway.get("/nothing", headers={"X-Request-Id": "mine-2"})
    assert refused.headers["x-request-id"] == "mine-2"
    for bad in "x" * 129, "a b":
        assert shared.gateway.get(JOBS, headers={"X-Request-Id": bad}).headers["x-request-id"] != bad


def test_health_needs_no_token(shared):
    assert data_of(shared.gateway.get("/healthz", owner=None)) == {"status": "alive"}
    assert data_of(shared.gateway.get("/readyz", owner=None)) == {"status": "ready"}


def test_without_a_broker_it_lives_and_is_not_ready(tmp_path):
    stand = Stand(tmp_path, broker=False)
    try:
        assert stand.gateway.get("/healthz", owner=None).status_code == 200
        response = stand.gateway.get("/readyz", owner=None)
        assert response.status_code == 503
        assert error_of(response)[0] == "not_ready"
        assert response.json()["message"] == "no session with the broker"
    finally:
        stand.gateway.stop()


@pytest.mark.parametrize("data", [
    b"garbage\r\n\r\n", b"\x00\xff" * 100 + b"\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
    b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 200 + b"\r\n",
    b"GET /" + b"a" * 500000 + b" HTTP/1.1\r\n\r\n",
], ids=range(7))
def test_what_is_not_http_is_400_and_closed(shared, data):
    answer = shared.gateway.raw(data)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("head, status", [
    (b"Transfer-Encoding: gzip\r\n\r\n", 400),
    (b"Content-Length: many\r\n\r\n", 400),
    (b"Content-Length: -1\r\n\r\n", 400),
    (b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
    (b"Content-Length: 99999999999\r\n\r\n", 413),
    (b"Content-Length: 2\r\nExpect: miracles\r\n\r\n{}", 417),
])
def test_the_librarys_own_refusals_have_the_envelope(shared, head, status):
    answer = shared.gateway.raw(b"POST /api/v1/characters/queue HTTP/1.1\r\nHost: x\r\n" + head)
    assert answer.startswith(b"HTTP/1.1 %d " % status), answer
    body = json.loads(answer.split(b"\r\n\r\n", 1)[1])
    assert body["success"] is False and body["statusCode"] == status and body["error"]["code"]


BROKEN = ["%ff", "%c3%28", "%ed%a0%80", "%f4%90%80%80", "x%e2%82"]


@pytest.mark.parametrize("question", [
    "jobs?q=", "jobs?owner=", "jobs?tag=", "jobs?errorCode=", "failures?errorCode=", "failures?owner=", "usage?owner=",
    "audit?user=", "audit?action=", "jobs?status=failed&unknown=",
])
def test_text_of_a_query_that_is_not_utf8_is_refused(shared, question):
    for text in BROKEN:
        answer = shared.gateway.get(f"/api/v1/admin/{question}{text}", bearer=token(role="viewer"))
        assert (answer.status_code, error_of(answer)[0]) == (400, "validation_failed")


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-23:59", "9999-12-31T23:59:60Z"])
def test_a_moment_after_the_last_year_is_refused(shared, moment):
    admin = token(role="admin")
    asked = shared.gateway.get("/api/v1/admin/jobs", params={"to": moment}, bearer=admin)
    told = shared.gateway.post("/api/v1/admin/operations", json={"action": "remove", "where": {"from": moment}},
                               bearer=admin)
    later = shared.gateway.post("/api/v1/characters/queue", json={"name": "A", "options": {"runAt": moment}})
    assert [answer.status_code for answer in (asked, told, later)] == [400, 400, 400]


@pytest.mark.parametrize("path", [
    "/api/v1/admin/queues/%s/pause", "/api/v1/admin/jobs/%s/cancel", "/api/v1/admin/workers/%s/drain",
])
def test_a_refused_try_may_have_any_bytes_in_its_path(shared, path):
    for text in BROKEN:
        answer = shared.gateway.post(path % text, bearer=token(role="viewer"))
        assert answer.status_code in (403, 404)
    shared.gateway.ready()


@pytest.mark.parametrize("header", ["Idempotency-Key", "traceparent", "X-Request-Id", "Cookie", "Prefer", "Accept",
                                    "If-None-Match", "Origin", "X-Forwarded-Proto", "Last-Event-ID"])
def test_a_header_may_have_any_bytes(shared, header):
    for text in b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"troupe=\xff", b"00-\xff":
        answer = shared.gateway.raw(
            b"POST /api/v1/characters/queue HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            b"Content-Type: application/json\r\nContent-Length: 12\r\nAuthorization: Bearer "
            + token().encode() + b"\r\n" + header.encode() + b": " + text + b'\r\n\r\n{"name":"A"}')
        assert answer.split()[1] == (b"400" if header == "Idempotency-Key" else b"202")


@pytest.mark.parametrize("text", [b'"\xff"', b'"\xed\xa0\x80"', rb'"\u0000"', rb'"\ud800"', b'"\x00"'])
def test_text_of_a_body_that_is_not_text_is_refused(shared, text):
    for path, body in [("/api/v1/characters/queue", b'{"name":%s}'), ("/api/v1/webhooks", b'{"url":%s}'),
                       ("/api/v1/characters/queue", b'{"name":"A","options":{"dedupe":{"key":%s}}}'),
                       ("/api/v1/batches", b'{"jobs":[{"type":"character","name":%s}]}'),
                       ("/api/v1/admin/operations", b'{"action":"remove","where":{"owner":%s}}')]:
        answer = shared.gateway.post(path, data=body % text, bearer=token(role="admin"),
                                     headers={"Content-Type": "application/json"})
        assert (answer.status_code, error_of(answer)[0]) == (400, "validation_failed")


def test_an_owner_that_is_not_utf8_is_nobody(shared):
    head, claims = b'{"alg":"HS256","typ":"JWT"}', b'{"sub":"\xff","exp":%d}' % (NOW + 3600)
    text = base64url(head) + "." + base64url(claims)
    bearer = text + "." + base64url(hmac.new(SECRET, text.encode(), hashlib.sha256).digest())
    assert shared.gateway.get(JOBS, bearer=bearer).status_code == 401


def test_expect_continue_is_known(shared):
    request = (b"POST /api/v1/characters/queue HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token().encode() +
               b"\r\nContent-Type: application/json\r\nContent-Length: 12\r\nExpect: 100-continue\r\n"
               b"Connection: close\r\n\r\n" + b'{"name":"A"}')
    answer = shared.gateway.raw(request)
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 ")


def test_pipelined_requests_are_answered_in_order(shared):
    one = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Request-Id: %d\r\n%s\r\n"
    answer = shared.gateway.raw(one % (1, b"") + one % (2, b"") + one % (3, b"Connection: close\r\n"))
    ids = [line.split(b": ")[1] for line in answer.split(b"\r\n") if line.startswith(b"x-request-id")]
    assert ids == [b"1", b"2", b"3"]


def test_a_client_that_leaves_is_forgotten(stand):
    stand.broker.silent = True
    connections = []
    for _ in range(50):
        connection = stand.gateway.connect()
        connection.sendall(b"GET " + JOBS.encode() + b" HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
                           token().encode() + b"\r\n\r\n")
        connections.append(connection)
    for connection in connections:
        connection.close()
    stand.broker.silent = False
    assert stand.gateway.get(JOBS).status_code == 200


def test_help_and_version_and_bad_usage(tmp_path):
    def run(*words):
        return subprocess.run([BIN / "troupe-gateway", *words], capture_output=True, text=True, env={}, check=False)

    assert run("--help").returncode == 0 and "TROUPE_GATEWAY_ENDPOINT" in run("--help").stdout
    assert run("--version").stdout.startswith("troupe-gateway ")
    assert run("--nonsense").returncode == 2
    assert run().returncode == 2 and "TROUPE_JWT_SECRET_FILE" in run().stderr


@pytest.mark.parametrize("settings, code", [
    ({"TROUPE_ASSETS_AUTH": "maybe"}, 2),
    ({"TROUPE_HTTP_LISTEN": "nonsense"}, 2),
    ({"TROUPE_GATEWAY_ENDPOINT": "nonsense"}, 2),
    ({"TROUPE_JWT_SECRET_FILE": "/nonexistent"}, 2),
])
def test_bad_settings_end_the_start(tmp_path, settings, code):
    gateway = Gateway(tmp_path, **settings)
    with pytest.raises(AssertionError):
        gateway.start()
    assert gateway.process.wait(10) == code
    assert "level=error" in gateway.log_text()


def test_a_secret_that_others_can_read_is_refused(tmp_path):
    gateway = Gateway(tmp_path)
    (tmp_path / "secret").chmod(0o644)
    with pytest.raises(AssertionError):
        gateway.start()
    assert gateway.process.wait(10) == 2
    assert "0600" in gateway.log_text()


def test_an_address_in_use_is_exit_3(shared, tmp_path):
    gateway = Gateway(tmp_path, TROUPE_HTTP_LISTEN=f"127.0.0.1:{shared.gateway.port}")
    with pytest.raises(AssertionError):
        gateway.start()
    assert gateway.process.wait(10) == 3
    assert "in use" in gateway.log_text()
