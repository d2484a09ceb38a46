"""The end of a stack: who watches does not hold it up, what is on its way is finished."""

import os
import pathlib
import signal
import socket
import subprocess
import time

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
