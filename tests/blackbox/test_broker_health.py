"""`troupe-broker --health`, against a socket that answers as the test wants."""

import os
import subprocess
import time

import pytest
import wire
import zmq
from fake_broker import PROGRAMS

REFUSED = ("error", {"code": wire.ENUMS["ERROR_CODE_VERSION"], "detail": "speak another version"})


@pytest.fixture
def broker(tmp_path):
    with zmq.Context() as context, context.socket(zmq.ROUTER) as socket:
        socket.linger = 0
        socket.bind(f"ipc://{tmp_path}/gateways")
        yield socket


def ask(endpoint):
    return subprocess.Popen([PROGRAMS / "troupe-broker", "--health"], stderr=subprocess.PIPE, text=True,
                            env={**os.environ, "TROUPE_GATEWAY_ENDPOINT": endpoint})


def finish(process):
    return process.communicate(timeout=20)[1], process.returncode


@pytest.mark.parametrize("answer, code", [(("gateway_welcome", {"session": 7}), 0), (REFUSED, 1)])
def test_a_welcome_is_health_and_a_refusal_is_not(broker, answer, code):
    process = ask(broker.last_endpoint.decode())
    assert broker.poll(5000), "it says nothing"
    identity, frame = broker.recv_multipart()
    session, [(name, hello)] = wire.unpack(frame)
    assert (session, name, len(hello["instance"])) == (0, "gateway_hello", 16)
    broker.send_multipart([identity, wire.pack(7, answer)])
    message, returned = finish(process)
    assert returned == code and bool(message) == bool(code)


def test_garbage_is_no_health(broker):
    process = ask(broker.last_endpoint.decode())
    assert broker.poll(5000)
    broker.send_multipart([broker.recv_multipart()[0], b"\x93\x01garbage"])
    assert finish(process)[1] == 1


def test_a_loop_that_does_not_answer_within_two_seconds_is_not_well(broker):
    start = time.monotonic()
    message, code = finish(ask(broker.last_endpoint.decode()))
    assert code == 1 and "timeout" in message
    assert 1.9 < time.monotonic() - start < 8


def test_no_broker_at_all_is_not_well(tmp_path):
    assert finish(ask(f"ipc://{tmp_path}/none"))[1] == 1


def test_without_an_endpoint_it_says_what_is_missing():
    message, code = finish(ask(""))
    assert code == 2 and "TROUPE_GATEWAY_ENDPOINT" in message
