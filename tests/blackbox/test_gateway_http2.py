"""The same API over HTTP/2 (prior knowledge), with curl."""

import json
import subprocess
import uuid

from gateway_stand import shared, token, until  # noqa: F401
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
