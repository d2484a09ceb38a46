"""The end of a stack: who watches does not hold it up, what is on its way is finished."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time

import fake_provider
from stack import TROUPE, Stack, wait_until

NULL = ("--provider", "null", "--rate", "off")


def open_stream(stack, path, user="tester"):
    answer = stack.client(user).get(path, stream=True)
    assert answer.status_code == 200
    next(answer.iter_lines())
    return answer


def test_a_stop_does_not_wait_for_those_who_watch(tmp_path):
    with Stack(*NULL, "--actors", "0", data=tmp_path) as stack:
        job = stack.client().submit_character()
        streams = [open_stream(stack, "/api/v1/events"), open_stream(stack, f"/api/v1/character-jobs/{job}/events")]
        tail = subprocess.Popen([TROUPE, "tail", job, "--data", tmp_path, "--user", "tester"], text=True,
                                stdout=subprocess.PIPE, env=stack.environment)
        assert "Mira" in tail.stdout.readline() and "waiting" in tail.stdout.readline()
        began = time.monotonic()
        assert stack.stop() == 0
        assert time.monotonic() - began < 8, "not until a timeout of ten seconds"
        tail.terminate()
        tail.communicate(timeout=20)
        for stream in streams:
            stream.close()


def test_a_request_that_is_on_its_way_is_answered_before_the_stop(tmp_path):
    body = b'{"name": "Late"}'
    with Stack(*NULL, "--actors", "0", data=tmp_path) as stack:
        host, port = stack.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            connection.sendall(b"POST /api/v1/characters/queue HTTP/1.1\r\nHost: x\r\n"
                               b"Content-Type: application/json\r\nAuthorization: Bearer " + stack.token().encode() +
                               b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body[:4])
            gateway, = stack.children("troupe-gateway")
            wait_until(lambda: not unread_bytes(int(port)), 20, "the gateway to have read the half")
            os.kill(gateway, signal.SIGTERM)
            wait_until(lambda: not listens(gateway), 20, "the gateway to be stopping")
            connection.sendall(body[4:])
            assert connection.recv(4096).startswith(b"HTTP/1.1 202 ")


def test_a_restart_pays_once_for_a_slow_picture_and_a_stop_hands_it_back(tmp_path):
    """The one waits for the answer; the other has 20 seconds in all, and tells before the end that it waits no more."""
    provider = fake_provider.Provider()
    drawn = threading.Event()
    one = [{"name": "one", "url": provider.url, "model": "m"}]
    path = tmp_path / "providers.json"
    path.write_text(json.dumps({"chat": one, "image": [{**one[0], "price": 0.04}], "video": one}))
    environment = {"TROUPE_PROVIDERS_FILE": str(path), "TROUPE_GRACE_MS": "200", "TROUPE_LOG_LEVEL": "info"}
    with contextlib.closing(provider), Stack("--provider", "live", "--rate", "off", data=tmp_path,
                                             environment=environment) as stack:
        client = stack.client()
        character = client.wait_for(client.submit_character())["result"]["characterId"]
        before = provider.count("image")
        provider.script["image"] = [lambda handler: (drawn.wait(60), provider.image(handler)), provider.hang]
        job = client.submit_image(character)
        wait_until(lambda: provider.count("image") == before + 1)
        actor, = stack.children("troupe-actor-image")
        os.kill(actor, signal.SIGTERM)
        wait_until(lambda: "waiting for paid calls" in stack.text_of_log())
        drawn.set()
        ended = client.wait_for(job, "media-jobs")
        assert (ended["status"], ended["cost"]["spentUsd"]) == ("completed", 0.04)
        client.submit_image(character)
        wait_until(lambda: provider.count("image") == before + 2)
        assert stack.stop() == 0
        assert "jobs handed back" in stack.text_of_log() and "killed" not in stack.text_of_log()


def listens(pid):
    """Whether a process still has the socket that it got from `troupe up`."""
    return os.path.exists(f"/proc/{pid}/fd/3")


def unread_bytes(port):
    """Whether a connection to the port has bytes that its process has not read."""
    for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[1].endswith(f":{port:04X}") and fields[3] == "01" and not fields[4].endswith(":00000000"):
            return True
    return False
