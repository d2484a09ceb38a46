"""A name server that never answers: what waits for it can be given up at once, and all else goes on. In a mount
namespace of its own a program has another resolv.conf; where that is not allowed these tests are skipped."""

import os
import signal
import socket
import subprocess
import threading
import time

import pytest
import requests

from fake_broker import FAIL, Actor, Broker
from gateway_stand import Stand, until
from stack import TROUPE

SERVER = "127.53.0.53"


@pytest.fixture
def silent(tmp_path):
    """The words to put before a program, and the socket that its questions come to."""
    path = tmp_path / "resolv.conf"
    path.write_text(f"nameserver {SERVER}\n")
    command = ["unshare", "--mount", "sh", "-c", f'mount --bind {path} /etc/resolv.conf && exec "$@"', "sh"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        try:
            server.bind((SERVER, 53))
            subprocess.run([*command, "true"], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            pytest.skip(f"no name server and no mount namespace may be made here: {error}")
        server.settimeout(10)
        yield command, server


@pytest.mark.alone
def test_a_command_that_is_interrupted_ends_at_once(silent):
    command, server = silent
    environment = dict(os.environ, TROUPE_URL="http://nowhere.test:9", TROUPE_TOKEN="secret")
    with subprocess.Popen([*command, TROUPE, "cancel", "--where", "--all"], env=environment) as process:
        assert b"nowhere" in server.recv(512)
        begin = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
        assert time.monotonic() - begin < 2


@pytest.mark.alone
def test_an_actor_gives_up_a_lookup_at_once(tmp_path, silent):
    command, server = silent
    broker = Broker(tmp_path)
    actor = Actor("image", broker.endpoint, command, TROUPE_PROVIDER="local", TROUPE_ASSETS=tmp_path / "assets",
                  TROUPE_STUDIO_URL="http://nowhere.test:9")
    try:
        broker.open(heartbeat_ms=100)
        job = broker.start(kind="image", payload={})
        broker.acknowledge_operation(job)
        assert b"nowhere" in server.recv(512)
        broker.drop_heard()
        broker.take("heartbeat", 1)
        begin = time.monotonic()
        broker.send(("cancel", {"job": job["job"], "lease": 1}))
        broker.acknowledge_operation(job, 1)
        assert broker.take("fail", 1)["kind"] == FAIL["cancelled"]
        broker.drop_heard()
        broker.take("heartbeat", 1)
        assert time.monotonic() - begin < 2
    finally:
        begin = time.monotonic()
        actor.close()
        broker.close()
    assert time.monotonic() - begin < 2


@pytest.mark.alone
def test_an_actor_goes_on_when_a_lookup_takes_too_long(tmp_path, silent):
    command, server = silent
    broker = Broker(tmp_path)
    actor = Actor("image", broker.endpoint, command, TROUPE_PROVIDER="local", TROUPE_ASSETS=tmp_path / "assets",
                  TROUPE_STUDIO_URL="http://nowhere.test:9")
    try:
        broker.open(heartbeat_ms=100)
        job = broker.start(kind="image", payload={})
        broker.acknowledge_operation(job)
        assert b"nowhere" in server.recv(512)
        end = time.monotonic() + 14  # HTTP_CONNECT_MS, and what the resolver would wait after it
        last, failed = time.monotonic(), None
        while time.monotonic() < end and failed is None:
            broker.take("heartbeat", 1)
            broker.send(("ping", {}))  # a broker that says nothing is taken for gone
            assert time.monotonic() - last < 1
            last = time.monotonic()
            failed = next((fields for _, name, fields in broker.heard if name == "operation"), None)
        broker.acknowledge_operation(job)
        assert (broker.take("fail")["code"], failed is None) == ("provider_unreachable", False)
    finally:
        actor.close()
        broker.close()


@pytest.mark.alone
def test_a_gateway_goes_on_when_a_client_does_not_wait_for_a_lookup(tmp_path, silent):
    command, server = silent
    stand = Stand(tmp_path, command=command, TROUPE_ASSETS="s3:bucket", TROUPE_S3_ENDPOINT="http://nowhere.test:9",
                  TROUPE_S3_KEY_ID="id", TROUPE_S3_SECRET="secret")
    url = stand.gateway.url + "/assets/characters/0000/aaaa.png"
    given_up = threading.Event()

    def ask():
        try:
            requests.get(url, timeout=0.5)
        except requests.Timeout:
            given_up.set()

    try:
        thread = threading.Thread(target=ask)
        thread.start()
        assert b"nowhere" in server.recv(512)
        end = time.monotonic() + 2
        while time.monotonic() < end:
            assert requests.get(stand.gateway.url + "/healthz", timeout=1).status_code == 200
        thread.join()
        assert given_up.is_set()
    finally:
        stand.stop()
