"""Clients that take no answers: over HTTP/1, where the socket is full, and over HTTP/2, where they leave no window.

The client of HTTP/2 is written by hand: the usual ones open windows by themselves."""

import os
import socket
import struct
import subprocess
import threading
import time

import pytest

from gateway_stand import BIN, Stand, token, until

PATIENCE_S = 1
SIZE = 32 << 20
ASSET = "/assets/large.mp4"
ALL = "/api/v1/events"
SETTINGS, WINDOW_UPDATE, HEADERS, DATA = 4, 8, 1, 0
INITIAL_WINDOW_SIZE = 4
END = END_STREAM = 1
END_HEADERS = 4


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    stand = Stand(tmp_path_factory.mktemp("stand"), TROUPE_WRITE_TIMEOUT=f"{PATIENCE_S}s")
    with open(stand.gateway.assets / "large.mp4", "wb") as file:
        file.truncate(SIZE)
    yield stand
    stand.stop()


class ClosedWindow:
    """A connection of HTTP/2 whose streams may send nothing but what each is allowed."""

    def __init__(self, gateway):
        self.socket = gateway.connect()
        self.stream = -1
        self.socket.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        self.frame(SETTINGS, 0, 0, struct.pack(">HI", INITIAL_WINDOW_SIZE, 0))
        self.frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 1 << 30))  # of the connection

    def frame(self, kind, flags, stream, payload):
        self.socket.sendall(struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) +
                            payload)

    def get(self, path, window=0, bearer=None):
        """Asks on a stream of its own (HPACK: literals without indexing), and returns that."""
        headers = {":method": "GET", ":scheme": "http", ":authority": "a", ":path": path}
        if bearer:
            headers["authorization"] = "Bearer " + bearer
        block = b""
        for name, value in headers.items():
            block += b"\0" + b"".join(self.text(text) for text in (name, value))
        self.stream += 2
        self.frame(HEADERS, END_STREAM | END_HEADERS, self.stream, block)
        if window:
            self.frame(WINDOW_UPDATE, 0, self.stream, struct.pack(">I", window))
        return self.stream

    @staticmethod
    def text(text):
        data = text.encode()
        if len(data) < 127:
            return bytes([len(data)]) + data
        rest, size = len(data) - 127, b"\x7f"
        while rest >= 128:
            size += bytes([rest % 128 + 128])
            rest //= 128
        return size + bytes([rest]) + data

    def read(self, size):
        data = b""
        while len(data) < size:
            piece = self.socket.recv(size - len(data))
            if not piece:
                return None
            data += piece
        return data

    def next(self):
        """The next frame as (kind, flags, stream); None at the end."""
        head = self.read(9)
        if head is None or self.read(int.from_bytes(head[:3], "big")) is None:
            return None
        return head[3], head[4], int.from_bytes(head[5:], "big")

    def rest(self):
        frames = []
        while frame := self.next():
            frames.append(frame)
        return frames

    def close(self):
        self.socket.close()


@pytest.fixture
def client(place):
    made = ClosedWindow(place.gateway)
    yield made
    made.close()


@pytest.mark.parametrize("path", ["/healthz", "/nothing", ASSET, ALL])
def test_answers_that_have_no_window_end_with_their_connection(place, client, path):
    begun = time.monotonic()
    stream = client.get(path, bearer=token("ada"))
    kinds = {kind for kind, _, number in client.rest() if number == stream}
    assert kinds == {HEADERS}
    assert PATIENCE_S <= time.monotonic() - begun
    assert "slow reader cut off" in place.gateway.log_text()


def test_an_answer_may_wait_while_others_on_its_connection_go_out(place, client):
    waiting = client.get(ASSET)
    end = time.monotonic() + 3 * PATIENCE_S
    while time.monotonic() < end:
        other = client.get("/healthz", window=1000)
        while (frame := client.next()) != (DATA, END, other):
            assert frame is not None
    assert client.get("/healthz", window=1000) > waiting
    client.frame(WINDOW_UPDATE, 0, waiting, struct.pack(">I", 1000))
    while (frame := client.next())[::2] != (DATA, waiting):
        assert frame is not None


@pytest.mark.parametrize("path", ["/openapi.json", ASSET])
def test_who_reads_nothing_over_http_1_is_let_go(place, path):
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        connection.connect(("127.0.0.1", place.gateway.port))
        for _ in range(200):
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        until(lambda: connection_count(place) == 2)
        until(lambda: connection_count(place) == 1)


def connection_count(place):
    """How many clients the gateway has, the one that asks among them."""
    text = place.gateway.get("/metrics", owner=None).text
    return next(int(line.split()[1]) for line in text.split("\n") if line.startswith("troupe_http_connections "))


def test_a_stream_that_is_not_read_over_http_1_is_let_go(place):
    job = place.broker.job_add("stuck")
    stream = place.gateway.stream(ALL, "stuck", receive_size=2048)
    for _ in range(20000):
        place.broker.change(job, "retry_scheduled", state=1, error_message="x" * 500)
    until(lambda: connection_count(place) == 1)
    with pytest.raises((ConnectionError, AssertionError)):
        while stream.event():
            pass
        raise ConnectionError


def test_a_slow_reader_that_goes_on_gets_all_of_it(place):
    """32 MiB are more than patience alone allows, but each piece is taken in time."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        connection.connect(("127.0.0.1", place.gateway.port))
        connection.sendall(f"GET {ASSET} HTTP/1.0\r\n\r\n".encode())
        received, pause, end = 0, threading.Event(), time.monotonic() + 3 * PATIENCE_S
        while piece := connection.recv(1 << 16):
            received += len(piece)
            if time.monotonic() < end:
                pause.wait(0.02)
        assert received > SIZE


@pytest.mark.parametrize("value", ["0s", "999ms", "2h", "fast"])
def test_a_bad_patience_is_refused(place, value):
    settings = dict(place.gateway.settings, TROUPE_WRITE_TIMEOUT=value)
    environment = dict(os.environ, **{name: text for name, text in settings.items() if text})
    result = subprocess.run([BIN / "troupe-gateway"], env=environment, capture_output=True, text=True, timeout=20)
    assert result.returncode == 2 and "TROUPE_WRITE_TIMEOUT" in result.stderr
