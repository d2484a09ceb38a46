"""What the studio refuses, its limits and its settings, the real process."""

import concurrent.futures
import os
import socket
import subprocess
import time

import pytest
import requests
from studio_stand import (PROGRAM, SECONDS, VIDEO_MODEL, Studio, fixture_shared, fixture_small_picture, wait_until)

# ---- bad input and limits ----


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/images/generations", f"/api/v3/{VIDEO_MODEL}",
                                  "/api/v3/predictions/delete"])
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"a":1,"a":2}', b"{} {}", b'{"a":' * 100,
                                  b"[" * 50000], ids=range(9))
def test_bad_json_is_refused(shared, path, body):
    answer = shared.ask("POST", path, data=body)
    assert answer.status_code == 400
    assert ("error" in answer.json()) == path.startswith("/v1/")


def test_what_is_too_large_is_refused(shared):
    for path, size in (("/v1/chat/completions", 1 << 20), ("/v1/images/generations", 256 << 10),
                       ("/api/v3/predictions/delete", 64 << 10), ("/healthz", 0)):
        method = "GET" if path == "/healthz" else "POST"
        assert shared.ask(method, path, data=b" " * (size + 1)).status_code == 413
    picture = b"\x89PNG\r\n\x1a\n" + b"\0" * (20 << 20)
    assert shared.upload(picture).status_code == 413
    assert shared.upload(picture[:20 << 20]).status_code == 200


@pytest.mark.parametrize("content", [b"", b"text", b"%PDF-1.4", b"\x00" * 100])
def test_an_upload_must_be_a_picture(shared, content):
    assert shared.upload(content).status_code == 400


def test_an_upload_must_be_a_form_with_a_file(shared, small_picture):
    path = "/api/v3/media/upload/binary"
    assert shared.ask("POST", path, data=small_picture).status_code == 400
    assert shared.ask("POST", path, files={"picture": small_picture}).status_code == 400
    assert shared.ask("POST", path, data=b"x", headers={"Content-Type": "multipart/form-data"}).status_code == 400
    answer = shared.upload(small_picture, name="../../etc/<x>\n.png").json()["data"]
    assert "/" not in answer["filename"] and "<" not in answer["filename"]


def test_unknown_paths_and_methods_are_refused_in_the_vendors_shape(shared):
    answer = shared.ask("GET", "/v1/nothing")
    assert answer.status_code == 404 and answer.json()["error"]["type"] == "invalid_request_error"
    answer = shared.ask("PATCH", "/v1/models")
    assert answer.status_code == 405 and answer.headers["allow"] == "GET"
    answer = shared.ask("PUT", "/api/v3/predictions/x")
    assert answer.status_code == 405 and set(answer.headers["allow"].split(", ")) == {"GET", "DELETE"}
    assert shared.ask("GET", "/studio/faults").status_code == 404
    assert shared.ask("GET", "/studio/ledger").status_code == 404


def test_models_are_listed(shared):
    assert all(model["object"] == "model" for model in shared.ask("GET", "/v1/models").json()["data"])
    assert VIDEO_MODEL in [model["model_id"] for model in shared.ask("GET", "/api/v3/models").json()["data"]]


def test_garbage_on_the_socket_harms_nobody(shared):
    host, port = shared.url.removeprefix("http://").split(":")
    for garbage in (b"\0" * 1000, b"GET\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0" * 100,
                    b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 99999999999999\r\n\r\n",
                    b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 10000):
        with socket.create_connection((host, int(port)), timeout=SECONDS) as client:
            client.settimeout(SECONDS)
            try:
                client.sendall(garbage)
                client.shutdown(socket.SHUT_WR)
                while client.recv(65536):
                    pass
            except ConnectionError:
                pass
    assert shared.ask("GET", "/healthz").status_code == 200


def test_links_begin_with_the_clients_own_address(shared, small_picture):
    for host, base in (("studio:8188", "http://studio:8188"), ("a\"b/c", shared.url)):
        answer = shared.ask("POST", "/api/v3/upload", files={"file": small_picture}, headers={"Host": host})
        assert answer.json()["data"]["download_url"].startswith(base + "/files/")


# ---- key and settings ----


def test_a_key_is_asked_for_when_one_is_set():
    studio = Studio(KEY="sk-secret", FAULTS="on")
    try:
        assert studio.chat().status_code == 200
        url = studio.image(response_format="url").json()["data"][0]["url"]
        assert requests.get(url, timeout=SECONDS).status_code == 200  # a file's address is enough, as with the vendors
        assert requests.get(studio.url + "/healthz", timeout=SECONDS).status_code == 200
        for header in ({}, {"Authorization": "Bearer sk-secreT"}, {"Authorization": "Bearer sk-secret2"},
                       {"Authorization": "Basic sk-secret"}, {"X-API-Key": "sk-secret"}):
            answer = requests.get(studio.url + "/v1/models", headers=header, timeout=SECONDS)
            assert answer.status_code == 401 and answer.json()["error"]["code"] == "invalid_api_key"
            answer = requests.get(studio.url + "/api/v3/predictions/x", headers=header, timeout=SECONDS)
            assert answer.status_code == 401 and answer.json()["code"] == 401
            assert requests.get(studio.url + "/studio/ledger", headers=header, timeout=SECONDS).status_code == 401
    finally:
        assert studio.close() == 0


@pytest.mark.parametrize("name, value", [("THREADS", "0"), ("THREADS", "x"), ("LATENCY_MS", "-1"), ("FAULTS", "maybe"),
                                         ("LISTEN", "localhost"), ("LISTEN", "127.0.0.1:99999"),
                                         ("FAULT_RULES", "[{}]")])
def test_a_bad_setting_stops_the_start_with_a_reason(name, value):
    environment = {**os.environ, f"TROUPE_STUDIO_{name}": value}
    result = subprocess.run([PROGRAM], env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert result.returncode == 2 and result.stderr and "ERROR: " not in result.stderr


def test_a_taken_port_is_told(shared):
    result = subprocess.run([PROGRAM, "--listen", shared.url.removeprefix("http://")], capture_output=True, text=True,
                            timeout=SECONDS, check=False)
    assert result.returncode == 1 and "cannot listen" in result.stderr and "ERROR: " not in result.stderr


def test_help_lists_the_settings():
    result = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, timeout=SECONDS, check=True)
    for name in ("LISTEN", "KEY", "FAULTS", "LATENCY_MS", "MEMORY_MIB", "THREADS"):
        assert f"TROUPE_STUDIO_{name}" in result.stdout


def test_latency_is_kept_step_by_step(small_picture):
    studio = Studio(LATENCY_MS=50, LATENCY_CHAT_MS=300, FILM_LATENCY_MS=1500)
    try:
        start = time.monotonic()
        studio.chat()
        chat = time.monotonic()
        image = studio.upload(small_picture).json()["data"]["download_url"]
        upload = time.monotonic()
        studio.wait_for(studio.submit(image).json()["data"], "completed")
        assert chat - start >= 0.3 and 0.05 <= upload - chat
        assert time.monotonic() - upload >= 1.5
    finally:
        assert studio.close() == 0


def test_old_files_make_room(small_picture):
    studio = Studio(MEMORY_MIB=64)
    try:
        padded = small_picture + b"\0" * (15 << 20)
        urls = [studio.upload(padded).json()["data"]["download_url"] for _ in range(6)]
        found = [requests.head(url, timeout=SECONDS).status_code for url in urls]
        assert found == [404, 404, 200, 200, 200, 200]
        assert studio.ask("GET", "/healthz").json()["fileBytes"] <= 64 << 20
    finally:
        assert studio.close() == 0


def test_connections_are_bounded():
    studio = Studio(CONNECTIONS=4)
    host, port = studio.url.removeprefix("http://").split(":")
    clients = [socket.create_connection((host, int(port)), timeout=SECONDS) for _ in range(4)]
    try:
        with pytest.raises(requests.exceptions.ConnectionError):
            # The four are accepted in order, so a fifth finds no room.
            studio.ask("GET", "/healthz")
    finally:
        for client in clients:
            client.close()
        assert studio.close() == 0


def test_it_stops_at_once_with_films_and_waiting_clients(small_picture):
    studio = Studio(FAULTS="on")
    studio.faults({"match": "chat", "kind": "hang_before"})
    image = studio.upload(small_picture).json()["data"]["download_url"]
    for _ in range(6):
        studio.submit(image, duration=8, size="1280*720")
    idle = requests.Session()
    idle.get(studio.url + "/healthz", timeout=SECONDS)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        hanging = pool.submit(studio.chat)
        wait_until(lambda: studio.ask("GET", "/studio/faults").json()[0]["fired"] == 1)
        start = time.monotonic()
        assert studio.close() == 0
        assert time.monotonic() - start < 5.0
        with pytest.raises(requests.exceptions.ConnectionError):
            hanging.result(timeout=SECONDS)
