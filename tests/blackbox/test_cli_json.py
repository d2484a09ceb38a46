"""What each command tells with --json: one document, or one object a line where it goes on for long."""

import base64
import datetime
import json
import os
import select
import signal
import socket
import subprocess
import time

import pytest

from stack import TROUPE, Stack, children_of, wait_until

NULL = ("--provider", "null", "--rate", "off")


def told(*words, code=0, **options):
    """What a command prints with --json, read; a line and nothing beside it."""
    result = subprocess.run([TROUPE, *words, "--json"], capture_output=True, text=True, timeout=60, **options)
    assert result.returncode == code, result
    assert result.stdout.count("\n") == 1 and (code != 0 or result.stderr == ""), result
    return json.loads(result.stdout)


class Lines:
    """A command that tells an object a line until it is ended."""

    def __init__(self, *words, **options):
        self.process = subprocess.Popen([TROUPE, *words, "--json"], stdout=subprocess.PIPE, **options)
        self.seen = []
        self.rest = b""

    def read(self):
        self.rest += os.read(self.process.stdout.fileno(), 1 << 20)

    def next(self, seconds=30):
        while b"\n" not in self.rest:
            assert select.select([self.process.stdout], [], [], seconds)[0], self.seen
            self.read()
        line, self.rest = self.rest.split(b"\n", 1)
        self.seen.append(json.loads(line))
        return self.seen[-1]

    def until(self, event):
        while self.next()["event"] != event:
            pass
        return self.seen[-1]

    def end(self, number=signal.SIGINT):
        self.process.send_signal(number)
        rest = self.rest + self.process.communicate(timeout=40)[0]
        self.seen += [json.loads(line) for line in rest.splitlines()]
        return self.process.returncode


@pytest.fixture(scope="module", name="stack")
def fixture_stack():
    with Stack(*NULL) as stack:
        yield stack


def test_init_tells_the_directory(tmp_path):
    assert told("init", "--data", tmp_path / "new") == {"data": f"{tmp_path}/new"}
    assert (tmp_path / "new/jwt-secret").exists()


def test_token_tells_what_it_is_good_for(stack):
    answer = told("token", "--user", "ada", "--role", "viewer", "--expires", "7d", "--data", stack.data)
    claims = json.loads(base64.urlsafe_b64decode(answer["token"].split(".")[1] + "=="))
    ends = datetime.datetime.fromisoformat(answer["expiresAt"]).timestamp()
    assert (answer["user"], answer["role"]) == ("ada", "viewer") and claims["sub"] == "ada"
    assert ends == claims["exp"] and 0 <= time.time() + 7 * 86400 - ends < 60
    assert stack.client().session.get(f"{stack.url}/api/v1/character-jobs", timeout=30, headers={
        "Authorization": f"Bearer {answer['token']}"}).status_code == 200


def test_ping_tells_what_was_answered(stack):
    well = told("ping", f"{stack.url}/readyz")
    assert well["well"] is True and well["statusCode"] == 200 and well["url"] == f"{stack.url}/readyz"
    assert 0 <= well["elapsedMs"] < 30000 and "error" not in well
    missing = told("ping", f"{stack.url}/nowhere", code=1)
    assert missing["well"] is False and missing["statusCode"] == 404
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = told("ping", f"http://127.0.0.1:{free.getsockname()[1]}/", code=1)
    assert nobody["well"] is False and "statusCode" not in nobody and "onnect" in nobody["error"]


def test_top_tells_queues_and_workers_again_and_again(stack):
    once = told("top", "--once", "--data", stack.data)
    assert [queue["queue"] for queue in once["queues"]] == ["character", "image", "video", "webhook"]
    wait_until(lambda: len(told("top", "--once", "--data", stack.data)["workers"]) == 4, 20, "the workers")
    lines = Lines("top", "--data", stack.data)
    first, second = lines.next(), lines.next()
    assert first["at"] < second["at"] and first["queues"] and len(second["workers"]) == 4
    assert lines.end() == 0, "Ctrl-C ends it as it ends the view"


def test_top_ends_when_nobody_reads_it(stack):
    lines = Lines("top", "--data", stack.data)
    lines.next()
    lines.process.stdout.close()
    assert lines.process.wait(20) == 1


def test_top_ends_with_an_error_when_there_is_none(tmp_path):
    result = subprocess.run([TROUPE, "top", "--json", "--data", tmp_path], capture_output=True, text=True, timeout=30)
    assert result.returncode == 1 and result.stdout == "" and "no stack is running" in result.stderr


def test_up_tells_what_happens_to_its_programs(tmp_path):
    lines = Lines("up", "--port", "0", "--data", tmp_path, *NULL, stderr=subprocess.DEVNULL)
    try:
        ready = lines.until("ready")
        assert ready["data"] == str(tmp_path) and ready["pid"] == lines.process.pid
        assert told("ping", f"{ready['url']}/healthz")["well"]
        began = {event["pid"]: event["program"] for event in lines.seen if event["event"] == "started"}
        assert began == dict(children_of(lines.process.pid)) and "troupe-actor-webhook" in began.values()
        gateway, = [pid for pid, program in began.items() if program == "troupe-gateway"]
        os.kill(gateway, signal.SIGKILL)
        ended = lines.until("ended")
        assert (ended["program"], ended["pid"], ended["exitCode"]) == ("troupe-gateway", gateway, 137)
        assert lines.until("started")["program"] == "troupe-gateway"
        wait_until(lambda: subprocess.run([TROUPE, "ping", f"{ready['url']}/readyz"],
                                          capture_output=True).returncode == 0, 20, "the new gateway")
        restarted = told("restart", "--data", tmp_path)
        assert restarted == {"restarted": True, "url": ready["url"], "pid": lines.process.pid}
        lines.until("restarting")
        lines.until("restarted")
    finally:
        code = lines.end()
    assert code == 0 and [event["event"] for event in lines.seen if event["event"].startswith("stop")] == [
        "stopping", "stopped"]
    assert lines.seen[-1]["event"] == "stopped" and lines.seen[-1]["exitCode"] == 0
    starts = [event["pid"] for event in lines.seen if event["event"] == "started"]
    assert sorted(starts) == sorted(event["pid"] for event in lines.seen if event["event"] == "ended")
    assert all(event["at"].endswith("Z") for event in lines.seen)


def test_up_is_held_up_by_nobody_who_does_not_read(tmp_path):
    """The pipe is full: the stack comes up, restarts and ends all the same."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with pytest.raises(BlockingIOError):
        while True:
            os.write(writer, b" " * 4096)
    os.set_blocking(writer, True)
    stack = subprocess.Popen([TROUPE, "up", "--json", "--port", "0", "--data", tmp_path, *NULL], stdout=writer,
                             stderr=subprocess.DEVNULL)
    try:
        wait_until((tmp_path / "stack.json").exists, 40, "the stack")
        assert told("restart", "--data", tmp_path)["restarted"]
    finally:
        stack.terminate()
        assert stack.wait(40) == 0
        os.close(reader)
        os.close(writer)


def test_restore_tells_what_it_kept(tmp_path):
    with Stack(*NULL, data=tmp_path) as stack:
        stack.client().submit_character()
        subprocess.run([TROUPE, "backup", "nightly", "--data", tmp_path], check=True, capture_output=True)
    answer = told("restore", "nightly", "--data", tmp_path)
    assert answer["restored"] == f"{tmp_path}/backups/nightly/broker"
    assert answer["kept"].startswith(f"{tmp_path}/broker.replaced-") and os.path.isdir(answer["kept"])
    other = told("restore", f"{tmp_path}/backups/nightly", "--data", tmp_path / "other")
    assert other["kept"] is None
