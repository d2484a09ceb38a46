"""The same API over HTTP/2 (prior knowledge), with curl."""

import json
import select
import subprocess
import time
import uuid

import pytest

from gateway_stand import Gateway, shared, token, until  # noqa: F401
from http2_client import DATA, Http2
from test_gateway_jobs import path_of


def curl_words(gateway, path, *words):
    return ["curl", "-sS", "-N", "--max-time", "20", "--http2-prior-knowledge",
            "-H", "Authorization: Bearer " + token(), *words, gateway.url + path]


def curl(gateway, path, *words):
    """Returns (status, body)."""
    result = subprocess.run(curl_words(gateway, path, "-w", "\n%{http_version} %{http_code}", *words),
                            capture_output=True, text=True, check=True)
    body, last = result.stdout.rsplit("\n", 1)
    version, status = last.split()
    assert version == "2"
    return int(status), body


def test_a_job_is_queued_read_listed_and_cancelled(shared):
    status, body = curl(shared.gateway, "/api/v1/characters/queue", "--json", '{"name":"A"}')
    assert status == 202
    path = json.loads(body)["data"]["statusUrl"]
    status, body = curl(shared.gateway, path)
    assert status == 200 and json.loads(body)["data"]["status"] == "waiting"
    assert curl(shared.gateway, "/api/v1/character-jobs?limit=1")[0] == 200
    status, body = curl(shared.gateway, path, "-X", "DELETE")
    assert status == 200 and json.loads(body)["data"]["status"] == "cancelled"
    assert curl(shared.gateway, "/nothing")[0] == 404
    assert curl(shared.gateway, path, "--head")[0] == 200


def test_a_body_that_is_too_large_is_413(shared, tmp_path):
    (tmp_path / "body").write_text('{"name":"A","x":"' + "x" * 100000 + '"}')
    status, body = curl(shared.gateway, "/api/v1/characters/queue", "-H", "Content-Type: application/json",
                        "--data-binary", f"@{tmp_path}/body")
    assert status == 413 and json.loads(body)["error"]["code"] == "body_too_large"


def test_events_and_their_end(shared):
    job = shared.broker.job_add("ada")
    with subprocess.Popen(curl_words(shared.gateway, path_of(job) + "/events"), stdout=subprocess.PIPE,
                          text=True) as stream:
        assert stream.stdout.readline() == "retry: 2000\n"
        shared.broker.change(job, "active", state=2)
        shared.broker.change(job, "completed", state=3)
        text = stream.stdout.read()
    assert stream.returncode == 0
    assert [line for line in text.split("\n") if line.startswith("event: ")] == ["event: active", "event: completed"]


def test_clients_that_leave_streams_are_let_go(shared):
    job = shared.broker.job_add("ada")
    streams = [subprocess.Popen(curl_words(shared.gateway, path_of(job) + "/events"), stdout=subprocess.PIPE)
               for _ in range(5)]
    for stream in streams:
        stream.stdout.readline()
        stream.kill()
        stream.wait()
        stream.stdout.close()
    for _ in range(20):
        shared.broker.change(job, "progress", progress=1)
    until(lambda: shared.gateway.get(path_of(job)).headers["etag"] == '"21"')


def test_assets_with_ranges(shared):
    name = f"{uuid.uuid4().hex}.png"
    (shared.gateway.assets / name).write_bytes(bytes(200000))
    result = subprocess.run(curl_words(shared.gateway, "/assets/" + name, "-H", "Range: bytes=100000-"),
                            capture_output=True, check=True)
    assert result.stdout == bytes(100000)


def http2(shared, request):
    client = Http2(shared.gateway.port)
    request.addfinalizer(client.close)
    return client


def test_a_request_that_does_not_arrive_is_cut_off_though_its_client_speaks(shared, request):
    client = http2(shared, request)
    client.begin(1, "POST", "/api/v1/characters/queue")
    client.send(DATA, 0, 1, b'{"name":')
    began = last = time.monotonic()
    while client.is_open():
        now = time.monotonic()
        assert now - began < 15
        if now - last > 1:
            client.ping()
            last = now
        select.select([client.socket], [], [], 0.2)
    assert time.monotonic() - began > 9
    assert curl(shared.gateway, "/healthz")[0] == 200


def test_requests_that_arrive_take_no_more_memory_than_is_meant(shared, request):
    """More that are slow than there may be: some go long before their time is over."""
    clients = [http2(shared, request) for _ in range(3)]
    piece = b" " * 16384
    for client in clients:
        try:
            for stream in range(1, 199, 2):
                client.begin(stream, "POST", "/api/v1/characters/queue")
                for _ in range(30):
                    client.send(DATA, 0, stream, piece)
        except OSError:
            pass  # cut off
    began = time.monotonic()
    until(lambda: not all(client.is_open() for client in clients))
    assert time.monotonic() - began < 8
    assert curl(shared.gateway, "/healthz")[0] == 200


@pytest.mark.parametrize("listen", ["127.0.0.1:0", "[::]:0"])
def test_who_fills_all_places_takes_none_of_anybody_else(tmp_path, request, listen):
    """Two that are slow, the one before and the other after a client that has more streams than there are places. Where
    a gateway listens to IPv6, too, all IPv4 addresses have the same beginning."""
    gateway = Gateway(tmp_path, TROUPE_HTTP_LISTEN=listen).start()
    request.addfinalizer(gateway.stop)

    def begin(source, streams):
        client = Http2(gateway.port, source)
        request.addfinalizer(client.close)
        for stream in range(1, 2 * streams, 2):
            client.begin(stream, "POST", "/api/v1/characters/queue")
        return client

    first = begin("127.0.0.1", 1)
    greedy = [begin("127.0.0.2", 90) for _ in range(2)]
    last = begin("127.0.0.3", 1)
    until(lambda: not all(client.is_open() for client in greedy))
    quiet_at = time.monotonic() + 2
    until(lambda: time.monotonic() > quiet_at)
    assert first.is_open() and last.is_open()
