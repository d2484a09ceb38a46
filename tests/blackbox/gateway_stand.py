"""A gateway process with a fake broker behind it, and what tests need to talk to it."""

import base64
import hashlib
import hmac
import json
import os
import pathlib
import select
import signal
import socket
import subprocess
import threading
import time

import pytest
import requests

import contract
import gateway_fake_broker as fake_broker
import sanitized

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("TEST_BIN", ROOT / "build/bin"))
SECRET = b"0123456789abcdef0123456789abcdef"
WAIT_S = 20


def until(condition, what="condition", seconds=WAIT_S):
    """Waits until condition() is true and returns what it gave."""
    end = time.monotonic() + seconds
    pause = threading.Event()
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        pause.wait(0.005)
    raise AssertionError("not in time: " + what)


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(owner="ada", secret=SECRET, header=None, **claims):
    claims = dict({"sub": owner, "iat": int(time.time()), "exp": int(time.time()) + 3600}, **claims)
    parts = [base64url(json.dumps(part).encode()) for part in (header or {"alg": "HS256", "typ": "JWT"}, claims)]
    signature = hmac.new(secret, ".".join(parts).encode(), hashlib.sha256).digest()
    return ".".join(parts + [base64url(signature)])


class Gateway:
    def __init__(self, directory, command=(), **settings):
        self.command = command
        self.directory = directory
        self.assets = directory / "assets"
        self.assets.mkdir(exist_ok=True)
        secret = directory / "secret"
        secret.write_bytes(SECRET)
        secret.chmod(0o600)
        self.endpoint = f"ipc://{directory}/broker.sock"
        self.settings = dict({
            "TROUPE_GATEWAY_ENDPOINT": self.endpoint,
            "TROUPE_JWT_SECRET_FILE": str(secret),
            "TROUPE_ASSETS": str(self.assets),
            "TROUPE_HTTP_LISTEN": "127.0.0.1:0",
        }, **settings)
        self.process = None
        self.url = None
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.hooks["response"].append(contract.check)

    def start(self):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TROUPE_")}
        environment.update({name: value for name, value in self.settings.items() if value is not None})
        environment.update(sanitized.leak_settings(self.directory))
        self.log = open(self.directory / "gateway.log", "ab")
        self.process = subprocess.Popen([*self.command, BIN / "troupe-gateway"], env=environment,
                                        stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("troupe-gateway: ready http://"), (line, self.log_text())
        self.url = line.split()[-1]
        self.port = int(self.url.rsplit(":", 1)[1])
        return self

    def stop(self):
        if self.process:
            self.session.close()
            self.process.send_signal(signal.SIGTERM)
            code = self.process.wait(WAIT_S)
            self.process = None
            self.log.close()
            assert code == 0, self.log_text()

    def log_text(self):
        return (self.directory / "gateway.log").read_text()

    def call(self, method, path, owner="ada", bearer=None, **options):
        headers = dict(options.pop("headers", {}))
        if owner or bearer:
            headers.setdefault("Authorization", "Bearer " + (bearer or token(owner)))
        return self.session.request(method, self.url + path, headers=headers, timeout=WAIT_S, **options)

    def get(self, path, **options):
        return self.call("GET", path, **options)

    def post(self, path, **options):
        return self.call("POST", path, **options)

    def delete(self, path, **options):
        return self.call("DELETE", path, **options)

    def ready(self):
        until(lambda: self.get("/readyz", owner=None).status_code == 200, "ready")

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=WAIT_S)

    def raw(self, data):
        """Sends bytes on a connection of their own and returns everything that comes back until it closes."""
        with self.connect() as connection:
            received = b""
            try:
                connection.sendall(data)
            except (ConnectionResetError, BrokenPipeError):
                pass  # refused before all of it was read
            while True:
                try:
                    piece = connection.recv(65536)
                except ConnectionResetError:
                    return received
                if not piece:
                    return received
                received += piece

    def stream(self, path, owner="ada", last=None, receive_size=None, bearer=None):
        return Stream(self, path, bearer or token(owner), last, receive_size)


class Stream:
    """A reader of Server-Sent Events on a plain socket, which can also refuse to read."""

    def __init__(self, gateway, path, bearer, last, receive_size):
        self.socket = socket.socket()
        if receive_size:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_size)
        self.socket.settimeout(WAIT_S)
        self.socket.connect(("127.0.0.1", gateway.port))
        cursor = "" if last is None else f"Last-Event-ID: {last}\r\n"
        self.socket.sendall(f"GET {path} HTTP/1.0\r\nAuthorization: Bearer {bearer}\r\n{cursor}\r\n".encode())
        self.data = b""
        self.closed = False
        head = self._until(b"\r\n\r\n").decode()
        self.status = int(head.split()[1])
        self.headers = {name.lower(): value.strip() for name, value in
                        (line.split(":", 1) for line in head.split("\r\n")[1:] if ":" in line)}
        contract.check_parts("GET", path, self.status, self.headers)

    def _more(self):
        piece = self.socket.recv(65536)
        self.closed = not piece
        self.data += piece

    def _until(self, end):
        while end not in self.data:
            self._more()
            assert not self.closed, self.data
        part, self.data = self.data.split(end, 1)
        return part

    def block(self):
        """The next block as {field: value}; comments under "" ; None at the end."""
        while b"\n\n" not in self.data:
            if self.closed:
                return None
            self._more()
        part, self.data = self.data.split(b"\n\n", 1)
        fields = {}
        for line in part.decode().split("\n"):
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        return fields

    def event(self):
        """The next event as (id, event, data); None at the end."""
        end = time.monotonic() + WAIT_S
        while True:
            assert time.monotonic() < end, "no event in time"
            fields = self.block()
            if fields is None:
                return None
            if "event" in fields:
                data = json.loads(fields["data"])
                contract.check_event(fields["event"], data)
                return int(fields["id"]), fields["event"], data

    def rest(self):
        events = []
        while True:
            event = self.event()
            if event is None:
                return events
            events.append(event)

    def is_quiet(self, seconds=0.2):
        return not self.data and not select.select([self.socket], [], [], seconds)[0]

    def close(self):
        self.socket.close()


class Stand:
    """A gateway and its broker."""

    def __init__(self, directory, broker=True, **settings):
        self.gateway = Gateway(directory, **settings)
        self.broker = fake_broker.FakeBroker(self.gateway.endpoint)
        if broker:
            self.broker.start()
        self.gateway.start()
        if broker:
            self.gateway.ready()

    def stop(self):
        try:
            self.gateway.stop()
        finally:
            self.broker.stop()


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One gateway and broker for all tests of a file; each test uses owners of its own."""
    made = Stand(tmp_path_factory.mktemp("stand"))
    yield made
    made.stop()


@pytest.fixture
def stand(tmp_path):
    """A gateway and broker for one test, which may break them."""
    made = Stand(tmp_path)
    yield made
    made.stop()


def error_of(response):
    """Checks the envelope of a refusal and returns (code, {field: problem})."""
    body = response.json()
    assert body["success"] is False
    assert body["statusCode"] == response.status_code
    assert body["message"]
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    return body["error"]["code"], {detail["field"]: detail["problem"] for detail in body["error"]["details"]}


def data_of(response, status=200):
    body = response.json()
    assert (response.status_code, body["success"], body["statusCode"]) == (status, True, status), body
    return body["data"]
