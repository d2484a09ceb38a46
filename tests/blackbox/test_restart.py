"""Each program is restarted under load, and no request, job or delivery fails: gateway, broker, the actors of each
kind, and all of them by `troupe restart`."""

import json
import os
import re
import signal
import subprocess
import threading
import time

import pytest

from receiver import Receiver
from stack import TROUPE, Stack, wait_until
from terminal import Terminal
from webhook_stand import LOOPBACK

SLOW = ("--provider", "null:50", "--rate", "off")
PROGRAMS = ["troupe-broker", "troupe-gateway", *(f"troupe-actor-{role}" for role in (
    "character", "image", "video", "webhook"))]


class Load:
    """Users that submit jobs of all kinds with a webhook, ask and list until told to stop, each on connections that
    are kept; counts what fails."""

    def __init__(self, stack, users=4):
        self.receiver = Receiver()
        self.stop = threading.Event()
        self.failed = []
        self.jobs = []
        self.answers = 0
        self.slowest_s = 0
        self.threads = [threading.Thread(target=self.run, args=(stack.client(f"user-{index}"),))
                        for index in range(users)]

    def ask(self, call):
        began = time.monotonic()
        try:
            answer = call()
            if answer.status_code not in (200, 202):
                self.failed.append(answer.text)
        except Exception as error:  # pylint: disable=broad-except
            self.failed.append(repr(error))
            return None
        self.answers += 1
        self.slowest_s = max(self.slowest_s, time.monotonic() - began)
        return answer

    def submit(self, client, path, family, body):
        body = {**body, "options": {"webhook": {"url": self.receiver.url}}}
        answer = self.ask(lambda: client.post(path, body))
        if answer is not None and answer.status_code == 202:
            job = answer.json()["data"]["jobId"]
            self.jobs.append((client, family, job))
            self.ask(lambda: client.get(f"/api/v1/{family}/{job}"))

    def run(self, client):
        made = client.wait_for(client.submit_character("Mira"), status="completed")["result"]["characterId"]
        character = f"/api/v1/characters/{made}"
        media = client.get(character).json()["data"]["mediaId"]
        while not self.stop.is_set():
            self.submit(client, "/api/v1/characters/queue", "character-jobs", {"name": "Load"})
            self.submit(client, f"{character}/generate-image/queue", "media-jobs", {})
            self.submit(client, f"{character}/media/{media}/generate-video/queue", "media-jobs", {"duration": 5})
            self.ask(lambda: client.get("/api/v1/character-jobs?limit=5"))

    def __enter__(self):
        self.receiver.__enter__()
        for thread in self.threads:
            thread.start()
        wait_until(lambda: self.answers > 20, 20, "the load")
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()
        self.receiver.__exit__()

    def settle(self):
        """More answers, then nothing has failed, every job completes, and that is delivered."""
        seen = self.answers
        wait_until(lambda: self.failed or self.answers > seen + 50, 30, "answers after the restart")
        self.stop.set()
        for thread in self.threads:
            thread.join()
        assert self.failed == []
        for client, family, job in self.jobs:
            ended = client.wait_for(job, family)
            assert (ended["status"], ended["attemptsMade"]) == ("completed", 1)
        wanted = {("job.completed", job) for _, _, job in self.jobs}
        wait_until(lambda: wanted <= set(self.receiver.delivered()), 30, "the deliveries")


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_that_is_told_to_end_is_replaced_without_a_failure(program):
    with Stack(*SLOW, environment=LOOPBACK) as stack, Load(stack) as load:
        old = stack.children(program)
        for pid in old:
            stack.kill(pid, signal.SIGTERM)
        wait_until(lambda: stack.children(program) and not set(stack.children(program)) & set(old), 30, "the new one")
        load.settle()
        assert load.slowest_s < 10


def test_all_are_restarted_one_after_another_without_a_failure():
    with Stack(*SLOW, environment=LOOPBACK) as stack, Load(stack) as load:
        old = set(stack.children())
        result = subprocess.run([TROUPE, "restart", "--data", stack.data], capture_output=True, text=True, timeout=120)
        assert (result.returncode, result.stdout) == (0, "restarted\n"), result.stderr
        new = stack.children()
        assert len(new) == len(old) and not old & set(new)
        load.settle()
        assert load.slowest_s < 10


def test_a_restart_during_another_is_one_of_its_own():
    """It waits for a round that began after it was asked for: the one under way may be past a program already."""
    with Stack(*SLOW) as stack:
        def state():
            return json.loads((stack.data / "stack.json").read_text())

        first = subprocess.Popen([TROUPE, "restart", "--data", stack.data], stdout=subprocess.DEVNULL)
        wait_until(lambda: state()["restartsBegun"] == 1, 20, "the first round")
        second = subprocess.run([TROUPE, "restart", "--data", stack.data], timeout=120, check=False)
        assert (second.returncode, state()["restarts"], first.wait(60)) == (0, 2, 0)


def test_a_restart_that_waits_for_another_says_so(tmp_path):
    """The other one waits for an image actor that does not end."""
    with Stack(*SLOW, data=tmp_path) as stack:
        held, = stack.children("troupe-actor-image")
        os.kill(held, signal.SIGSTOP)
        first = Terminal("restart", "--data", tmp_path)
        assert "troupe-broker, 1 of 6" in first.until("restarting troupe-actor-image, 4 of 6")
        second = Terminal("restart", "--data", tmp_path)
        began = second.until("restarting troupe-actor-image, 4 of 6")
        assert "troupe: another restart goes on; this one comes after it" in began and "gateway" not in began
        os.kill(held, signal.SIGCONT)
        assert (first.end(), second.end()) == (0, 0)
    assert "broker" not in first.text and first.text.endswith("webhook, 6 of 6\r\nrestarted\r\n")
    assert re.findall(r"(\S+), \d of 6", second.text) == [
        "troupe-actor-video", "troupe-actor-webhook", *PROGRAMS]


def test_the_studio_is_left_as_it_is(tmp_path):
    with Stack(data=tmp_path) as stack:
        studio, broker = stack.children("troupe-studio"), stack.children("troupe-broker")
        told = Terminal("restart", "--data", tmp_path)
        assert told.end() == 0 and "studio" not in told.text and "webhook, 6 of 6" in told.text
        assert stack.children("troupe-studio") == studio and stack.children("troupe-broker") != broker


def test_streams_go_on_at_the_next_gateway():
    """As any client of the streams does it: troupe tail comes back with its last event's id."""
    with Stack(*SLOW, "--actors", "0") as stack:
        job = stack.client("me").submit_character()
        tail = subprocess.Popen([TROUPE, "tail", job, "--data", stack.data], stdout=subprocess.PIPE, text=True,
                                stderr=subprocess.PIPE)
        assert "Mira" in tail.stdout.readline() and "waiting" in tail.stdout.readline()
        old = stack.children("troupe-gateway")
        os.kill(old[0], signal.SIGTERM)
        wait_until(lambda: stack.children("troupe-gateway") not in ([], old), 20, "a new gateway")
        assert stack.client("me").call("DELETE", f"/api/v1/character-jobs/{job}").status_code == 200
        output, _ = tail.communicate(timeout=30)
        assert tail.returncode == 6 and "cancelled" in output


def test_a_stack_that_is_not_there_cannot_be_restarted(tmp_path):
    result = subprocess.run([TROUPE, "restart", "--data", tmp_path], capture_output=True, text=True)
    assert result.returncode == 1 and "no stack is running" in result.stderr
    assert subprocess.run([TROUPE, "restart", "x"], capture_output=True).returncode == 2


def test_a_stop_in_the_middle_of_a_restart_ends_all():
    with Stack(*SLOW) as stack:
        stack.process.send_signal(signal.SIGUSR1)
        wait_until(lambda: len(stack.children()) != 6, 20, "one to be restarted")
        assert stack.stop() == 0
