"""`troupe up` as an operator meets it: starts, refuses, restarts, stops."""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess

import pytest

from fake_broker import Actor
from matrix_wave import free_port
from proxy import Proxy
from stack import TROUPE, Stack, children_of, wait_until

NULL = ("--provider", "null", "--rate", "off")


def run_up(*words, seconds=20, environment=None):
    command = [TROUPE, "up", *[str(word) for word in words]]
    return subprocess.run(command, capture_output=True, text=True, timeout=seconds, env=environment)


def test_a_taken_port_is_named(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = run_up("--port", port, "--data", tmp_path, *NULL)
    assert result.returncode == 3
    assert f"port {port} is taken" in result.stderr and "--port" in result.stderr


def test_a_data_directory_in_use_is_named(tmp_path):
    with Stack(*NULL, data=tmp_path):
        result = run_up("--port", 0, "--data", tmp_path, *NULL)
    assert result.returncode == 3
    assert str(tmp_path) in result.stderr and "in use" in result.stderr


def test_a_data_directory_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    result = run_up("--port", 0, "--data", tmp_path / "file" / "data", *NULL)
    assert result.returncode == 1
    assert "cannot write to the data directory" in result.stderr


@pytest.mark.parametrize("words", [("--port", "70000"), ("--provider", "magic"), ("--rate", "7"), ("--actors", "-1"),
                                   ("--nonsense",), ("--port",), ("--assets", "x" * 5000), ("--data", "/" + "x" * 5000),
                                   ("--provider", "null:" + "1" * 5000)])
def test_bad_words_are_refused(tmp_path, words):
    result = run_up("--data", tmp_path, *words)
    assert result.returncode == 2
    assert result.stderr.startswith(("troupe: ", "usage: "))


WRONG = {"TROUPE_RATE_IMAGE": "x", "TROUPE_WRITE_TIMEOUT": "7", "QUEUE_CONCURRENCY": "none",
         "TROUPE_STUDIO_THREADS": "99", "TROUPE_BUDGET_USER_DAY": "0", "TROUPE_METRICS_ACCESS": "x",
         "TROUPE_SUBMIT_RATE": "y", "TROUPE_ASSETS_SWEEP": "z"}


def test_wrong_settings_are_told_in_words_and_all_at_once(tmp_path):
    environment = {**os.environ, **WRONG}
    result = run_up("--port", 0, "--data", tmp_path, environment=environment)
    assert result.returncode == 2 and result.stdout == ""
    lines = result.stderr.splitlines()
    assert all(line.startswith("troupe: TROUPE_") or line.startswith("troupe: QUEUE_") for line in lines), lines
    assert {line.split()[1]: line.split('"')[1] for line in lines} == WRONG and len(lines) == len(WRONG), lines
    assert 'troupe: TROUPE_RATE_IMAGE is "x": it takes off, or a whole number from 1 to 100000' in lines
    assert not (tmp_path / "broker").exists(), "nothing was started"


@pytest.mark.parametrize("name, value", [("TROUPE_LOG_FORMAT", "xml"), ("TROUPE_LOG_LEVEL", "loud")])
def test_a_wrong_setting_of_the_log_is_told_in_words(tmp_path, name, value):
    result = run_up("--port", 0, "--data", tmp_path, environment={**os.environ, name: value})
    assert result.returncode == 2 and result.stderr.startswith(f'troupe: {name} is "{value}": it takes ')


def test_a_program_that_hangs_over_its_settings_holds_nothing_up(tmp_path):
    """It is asked for ten seconds, and the stack starts without its answer."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for program in TROUPE.parent.glob("troupe*"):
        shutil.copy(program, programs)
    (programs / "troupe-gateway").rename(programs / "gateway")
    (programs / "troupe-gateway").write_text(
        f'#!/bin/sh\n[ "$1" != --check-settings ] || exec sleep 600\nexec {programs}/gateway "$@"\n')
    (programs / "troupe-gateway").chmod(0o755)
    (tmp_path / "data").mkdir()
    with Stack(*NULL, "--actors", "0", data=tmp_path / "data", programs=programs) as stack:
        assert stack.client().get("/api/v1/character-jobs").status_code == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_everything_cleanly(tmp_path, number):
    stack = Stack(*NULL, data=tmp_path).start()
    process = stack.process
    pids = stack.children()
    process.send_signal(number)
    assert process.wait(30) == 0
    assert not [pid for pid in pids if pid in dict(children_of(1))], "no child is left to init"
    assert not (tmp_path / "stack.json").exists()
    stack.stop()


def test_children_end_when_the_supervisor_is_killed(tmp_path):
    stack = Stack(*NULL, data=tmp_path).start()
    pids = stack.children()
    assert len(pids) == 6
    stack.process.kill()
    stack.process.wait()

    def alive(pid):
        try:
            with open(f"/proc/{pid}/stat") as file:
                return file.read().rsplit(")", 1)[1].split()[0] != "Z"
        except OSError:
            return False

    wait_until(lambda: not any(alive(pid) for pid in pids), 20, "the children to end")
    stack.stop()


@pytest.mark.parametrize("program", ["troupe-broker", "troupe-gateway", "troupe-actor-character"])
def test_a_child_that_dies_is_started_again(program):
    with Stack(*NULL) as stack:
        client = stack.client()
        client.wait_for(client.submit_character())
        old, = stack.children(program)
        stack.kill(old)
        new, = wait_until(lambda: [pids for pids in [stack.children(program)] if pids and pids != [old]], 20,
                          f"a new {program}")
        assert new != old

        def works():
            try:
                return client.wait_for(client.submit_character(), seconds=5)["status"] == "completed"
            except Exception:
                return False

        wait_until(works, 30, "the stack to work again")


def test_no_actors_leave_the_job_waiting():
    with Stack(*NULL, "--actors", "0") as stack:
        client = stack.client()
        job = client.submit_character()
        assert client.job(job)["status"] in ("pending", "waiting")
        assert len(stack.children()) == 2


def test_an_actor_on_another_host_comes_by_a_tunnel(tmp_path):
    """Whose ends are on each host's loopback; it may be gone for a while."""
    inner = free_port()
    environment = {"TROUPE_ACTOR_ENDPOINT": f"tcp://127.0.0.1:{inner}"}
    with Stack(*NULL, "--actors", "0", data=tmp_path, environment=environment) as stack, \
            contextlib.closing(Proxy(("127.0.0.1", inner))) as tunnel, \
            contextlib.closing(Actor("character", f"tcp://127.0.0.1:{tunnel.port}", TROUPE_PROVIDER="null:1000")):
        client = stack.client()
        job = client.submit_character()
        client.wait_for(job, status="active")
        tunnel.cut()
        tunnel.heal()
        assert client.wait_for(job, status="completed")["attemptsMade"] == 1


def test_a_long_data_directory_still_gets_its_sockets(tmp_path):
    deep = tmp_path / ("d" * 120)
    deep.mkdir()
    with Stack(*NULL, data=deep) as stack:
        client = stack.client()
        assert client.wait_for(client.submit_character())["status"] == "completed"
        command = pathlib.Path(f"/proc/{stack.children('troupe-broker')[0]}/environ").read_bytes().decode()
        run = pathlib.Path(re.search(r"TROUPE_ACTOR_ENDPOINT=ipc://(/tmp/troupe-\w+)/actors", command)[1])
        assert (run / "actors").exists()
    assert not run.exists(), "nothing is left in /tmp"


def test_the_secret_is_kept_and_private(tmp_path):
    with Stack(*NULL, data=tmp_path) as stack:
        secret = (tmp_path / "jwt-secret").read_bytes()
        assert os.stat(tmp_path / "jwt-secret").st_mode & 0o777 == 0o600
        token = stack.token()
    with Stack(*NULL, data=tmp_path) as stack:
        assert (tmp_path / "jwt-secret").read_bytes() == secret
        assert stack.client().get("/api/v1/character-jobs").status_code == 200
        assert token


@pytest.mark.alone
def test_there_is_room_for_as_many_actors_as_may_be_asked_for():
    with Stack(*NULL, "--actors", "64") as stack:
        assert len(stack.children()) == 2 + 4 * 64
