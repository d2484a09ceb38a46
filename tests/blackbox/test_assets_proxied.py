"""Assets of a bucket that the gateway passes on: what a store does wrong, clients that go away, readers that are slow.
What goes well: test_assets_served.py."""

import socket
import ssl
import subprocess
import threading
import time

import asset_stand
import contract
import pytest
import requests

from gateway_stand import Stand, error_of, until
from s3_server import Object, Refusal

URL = "/assets/characters/0000/aaaa.png"
DATA = bytes(range(256)) * 4000
SILENCE_S = 10  # HTTP_CLIENT_SILENCE_MS


@pytest.fixture
def bucket():
    bucket = asset_stand.Bucket()
    bucket.write(URL, DATA)
    yield bucket
    bucket.close()


@pytest.fixture
def stand(tmp_path, bucket):
    made = Stand(tmp_path, **bucket.settings)
    yield made
    made.stop()


def fetch(stand, path=URL, method="GET", **options):
    return stand.gateway.call(method, path, owner=None, **options)


def refusal_of(stand, method="GET", **options):
    response = fetch(stand, method=method, **options)
    return response.status_code, error_of(response)[0]


@pytest.mark.parametrize("refusal, words", [
    (Refusal(403, "AccessDenied"), "the access key may not do this in the bucket"),
    (Refusal(404, "NoSuchBucket"), "there is no such bucket"),
    (Refusal(503, "SlowDown"), "SlowDown"),
    (Refusal(500, "InternalError"), "InternalError"),
    (Refusal(500, "InternalError", "x" * 20000), "answered 500"),
    (Refusal(0, "reset", close=True), "does not answer"),
    (Refusal(301, "PermanentRedirect", location="http://127.0.0.1:1/"), "the bucket is at another endpoint"),
])
def test_a_store_that_fails_is_502_and_told_in_the_log(stand, bucket, refusal, words):
    bucket.server.fail_once("GET", ".png", refusal)
    if refusal.close:  # libcurl asks once more on a new connection, when an old one was reset
        bucket.server.fail_once("GET", ".png", refusal)
    assert refusal_of(stand) == (502, "asset_store_failed")
    until(lambda: words in stand.gateway.log_text(), words)
    bucket.server.faults.clear()
    assert fetch(stand).content == DATA


def test_a_store_that_is_not_there_is_502(tmp_path, bucket):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        stand = Stand(tmp_path, **{**bucket.settings,
                                   "TROUPE_S3_ENDPOINT": f"http://127.0.0.1:{closed.getsockname()[1]}"})
        try:
            assert refusal_of(stand) == (502, "asset_store_failed")
            assert fetch(stand, method="HEAD").status_code == 502
            assert refusal_of(stand, headers={"If-None-Match": "*"}) == (502, "asset_store_failed")
        finally:
            stand.stop()


def test_a_wrong_secret_is_told_and_not_logged(tmp_path, bucket):
    stand = Stand(tmp_path, **{**bucket.settings, "TROUPE_S3_SECRET": "another-secret"})
    try:
        assert refusal_of(stand) == (502, "asset_store_failed")
        log = stand.gateway.log_text()
        assert "does not accept the secret" in log and "another-secret" not in log
        bucket.server.bad.clear()
    finally:
        stand.stop()


def hang(event, data=b""):
    """A fault: sends so much of a body of a length that never comes, and no more."""
    def fault(handler):
        if handler.command == "GET":
            if data:
                handler.send_response(200)
                handler.send_header("Content-Length", str(len(DATA)))
                handler.end_headers()
                handler.wfile.write(data)
            event.wait(60)
            raise Refusal(0, "reset", close=True)
    return fault


def test_a_store_that_does_not_answer_is_504_and_others_go_on(stand, bucket):
    event = threading.Event()
    bucket.server.faults.append(hang(event))
    found = []
    thread = threading.Thread(target=lambda: found.append(
        requests.get(stand.gateway.url + URL, timeout=30, hooks={"response": contract.check})))
    begun = time.monotonic()
    thread.start()
    for _ in range(20):
        assert fetch(stand, method="HEAD").status_code == 200
    thread.join()
    event.set()
    assert (found[0].status_code, error_of(found[0])[0]) == (504, "asset_store_late")
    assert SILENCE_S - 1 < time.monotonic() - begun < SILENCE_S + 5
    bucket.server.faults.clear()
    assert fetch(stand).content == DATA


@pytest.mark.parametrize("how", ["reset", "silence"])
def test_a_store_that_breaks_off_breaks_off_the_answer(stand, bucket, how):
    event = threading.Event()
    if how == "reset":
        event.set()
    bucket.server.faults.append(hang(event, DATA[:100000]))
    answer = stand.gateway.raw(f"GET {URL} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    head, body = answer.split(b"\r\n\r\n", 1)
    assert f"content-length: {len(DATA)}".encode() in head.lower() and len(body) < len(DATA)
    event.set()
    bucket.server.faults.clear()
    assert fetch(stand).content == DATA


def test_a_client_that_goes_away_ends_the_transfer(stand, bucket):
    bucket.write("/assets/large.mp4", bytes(64 << 20))
    ended = threading.Event()

    def fault(handler):
        def send(data, write=handler.wfile.write):
            try:
                write(data)
            except OSError:
                ended.set()
                raise
        handler.wfile.write = send

    bucket.server.faults.append(fault)
    with stand.gateway.connect() as connection:
        connection.sendall(b"GET /assets/large.mp4 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 200")
    assert ended.wait(20)


@pytest.mark.parametrize("told", ["bytes 0-9/1024000", "bytes 10-18/1024000", "bytes 10-19/15", "lines 10-19/1024000",
                                  "bytes 10-19/*", ""])
def test_another_part_than_asked_for_is_not_passed_on(stand, bucket, told):
    def fault(handler):
        plain = type(handler).answer
        handler.answer = lambda status, body=b"", **headers: plain(handler, status, body,
                                                                   **{**headers, "content_range": told})
    bucket.server.faults.append(fault)
    assert refusal_of(stand, headers={"Range": "bytes=10-19"}) == (502, "asset_store_failed")


def test_a_store_without_ranges_sends_everything(stand, bucket):
    def fault(handler):
        del handler.headers["range"]
    bucket.server.faults.append(fault)
    answer = fetch(stand, headers={"Range": "bytes=10-19"})
    assert (answer.status_code, answer.content) == (200, DATA)


def test_the_stores_own_headers_do_not_count(stand, bucket):
    bucket.server.objects[bucket.key(URL)] = Object(
        DATA, {"content-type": "text/html", "cache-control": "no-store"}, '"theirs"')
    answer = fetch(stand)
    assert answer.headers["content-type"] == "image/png" and "immutable" in answer.headers["cache-control"]
    assert answer.headers["etag"] != '"theirs"' and "sandbox" in answer.headers["content-security-policy"]


def test_a_setting_demands_tokens(tmp_path, bucket):
    stand = Stand(tmp_path, **bucket.settings, TROUPE_ASSETS_AUTH="on")
    try:
        assert fetch(stand).status_code == 401
        assert not [line for line in bucket.server.seen if "uploads=" not in line[1]]  # but the sweep's question
        answer = stand.gateway.get(URL)
        assert answer.content == DATA and answer.headers["cache-control"].startswith("private")
    finally:
        stand.stop()


def test_an_unknown_certificate_is_not_taken(tmp_path, bucket):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost",
                    "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    bucket.server.socket = context.wrap_socket(bucket.server.socket, server_side=True, do_handshake_on_connect=False)
    endpoint = bucket.server.url.replace("http:", "https:").replace("127.0.0.1", "localhost")
    stand = Stand(tmp_path, **{**bucket.settings, "TROUPE_S3_ENDPOINT": endpoint})
    try:
        assert refusal_of(stand) == (502, "asset_store_failed")
        assert "certificate" in stand.gateway.log_text() and bucket.server.seen == []
    finally:
        stand.stop()


def test_http_2_gets_it_too(stand, bucket):
    bucket.write("/assets/large.mp4", DATA * 8)
    words = ["curl", "-s", "--noproxy", "*", "--http2-prior-knowledge", stand.gateway.url + "/assets/large.mp4"]
    assert subprocess.run(words, capture_output=True, check=True, timeout=60).stdout == DATA * 8
    words = ["h2load", "-n", "40", "-c", "2", "-m", "10", stand.gateway.url + "/assets/large.mp4"]
    output = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60).stdout
    assert "40 succeeded, 0 failed, 0 errored" in output and "status codes: 40 2xx" in output


def memory(stand):
    """What the gateway has in memory, in MB."""
    with open(f"/proc/{stand.gateway.process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1000


def begin(stand, path="/assets/large.mp4"):
    """A reader that takes nothing but the answer's first bytes."""
    connection = stand.gateway.connect()
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return connection


@pytest.mark.alone
def test_slow_readers_cost_little_and_stall_nobody(stand, bucket):
    bucket.write("/assets/large.mp4", bytes(100 << 20))
    assert fetch(stand).content == DATA
    before = memory(stand)
    connections = [begin(stand) for _ in range(100)]
    try:
        for connection in connections:
            assert connection.recv(12) == b"HTTP/1.1 200"
        took = []
        for _ in range(50):
            begun = time.monotonic()
            assert stand.gateway.get("/healthz", owner=None).status_code == 200
            assert fetch(stand, headers={"Range": "bytes=100-199"}).content == DATA[100:200]
            took.append(time.monotonic() - begun)
        assert memory(stand) - before < 16, (before, memory(stand))
        assert sorted(took)[25] < 0.1, took
    finally:
        for connection in connections:
            connection.close()
    with requests.get(stand.gateway.url + "/assets/large.mp4", stream=True, timeout=60) as answer:
        assert sum(len(piece) for piece in answer.iter_content(1 << 20)) == 100 << 20
    assert memory(stand) - before < 16


@pytest.mark.alone
def test_too_many_at_once_are_503(stand, bucket):
    bucket.write("/assets/large.mp4", bytes(32 << 20))
    connections = [begin(stand) for _ in range(512)]
    try:
        for connection in connections:
            assert connection.recv(12) == b"HTTP/1.1 200"
        assert refusal_of(stand) == (503, "busy")
    finally:
        for connection in connections:
            connection.close()
    until(lambda: fetch(stand).status_code == 200, "transfers to end")
