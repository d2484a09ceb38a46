"""How the commands end: when nobody reads them, when nothing can be written, when a child hangs."""

import json
import os
import signal
import subprocess

import pytest

from stack import TROUPE, Stack, wait_until
from test_cli_admin import fixture_api  # noqa: F401

NULL = ("--provider", "null", "--rate", "off")


def troupe(*words):
    return subprocess.run([TROUPE, *words], capture_output=True, text=True, timeout=60)


def test_tail_ends_when_nobody_reads_it(tmp_path):
    with Stack(*NULL, "--actors", "0", data=tmp_path) as stack:
        job = stack.client("me").submit_character()
        for words in (["tail", job], ["tail"], ["tail", job, "--json"]):
            process = subprocess.Popen([TROUPE, *words, "--data", tmp_path], stdout=subprocess.PIPE)
            if len(words) > 1:
                assert process.stdout.readline()
            process.stdout.close()
            assert process.wait(20) == 1, words


def test_tail_of_what_was_retried_goes_past_its_first_end(tmp_path):
    with Stack(*NULL, "--actors", "0", data=tmp_path) as stack:
        jobs = [{"type": "character", "name": "x"}]
        made = stack.client("me").post("/api/v1/batches", {"jobs": jobs}).json()["data"]
        batch, job = made["batchId"], made["jobIds"][0]
        assert troupe("cancel", job, "--data", tmp_path).returncode == 0
        assert [troupe("tail", one, "--data", tmp_path).returncode for one in (job, batch)] == [6, 6]
        assert troupe("retry", job, "--data", tmp_path).returncode == 0
    with Stack("--provider", "null:300", "--rate", "off", data=tmp_path):
        tails = [troupe("tail", one, "--json", "--data", tmp_path) for one in (job, batch)]
    for tail in tails:
        told = [json.loads(line)["status"] for line in tail.stdout.splitlines()]
        ends = [status for status in told if status in ("cancelled", "completed")]
        assert (ends, tail.returncode) == (["cancelled", "completed"], 0), tail.stderr


def test_show_tells_what_was_asked_for_and_made(tmp_path):
    with Stack(*NULL, data=tmp_path) as stack:
        client = stack.client("me")
        job = client.submit_character(options={"priority": 3, "tags": ["a", "b"], "metadata": {"order": 7}},
                                      appearance={"hair": "red"})
        character = client.wait_for(job, status="completed")["result"]["characterId"]
        rows = dict(line.split(None, 1) for line in troupe("show", job, "--data", tmp_path).stdout.splitlines())
        assert (rows["priority"], rows["tags"], rows["metadata"]) == ("3", '["a","b"]', '{"order":7}')
        assert "deadline" in rows and rows["characterId"] == character
        rows = dict(line.split(None, 1)
                    for line in troupe("show", "character", character, "--data", tmp_path).stdout.splitlines())
        assert rows["appearance"] == '{"hair":"red"}' and "personality" in rows
        plain = troupe("show", client.submit_character(), "--data", tmp_path).stdout
        assert "tags" not in plain and "metadata" not in plain


def test_help_explains_each_option_of_up():
    told = troupe("up", "--help").stdout
    usage, explained = told.split("\n  --port", 1)
    options = {word.split("[")[-1].strip("[]") for word in usage.split() if word.startswith("[--")}
    assert options and all(f"\n  {option}" in "\n  --port" + explained for option in options)


@pytest.mark.parametrize("words", [("--help",), ("--version",), ("pause", "image"), ("pause", "image", "--json"),
                                   ("queues",), ("users", "--json"), ("top", "--json", "--once"),
                                   ("jobs", "--export", "csv")], ids=" ".join)
def test_an_answer_that_cannot_be_written_is_a_failure_and_told(api, words):
    """It was 1 without a word, and an export told of no answer from the server."""
    long = {"queue": "image", "paused": True, "queues": [], "users": [], "text": "x" * 200000}
    api.answers = {("POST", "/api/v1/admin/queues/image/pause"): long, ("GET", "/api/v1/admin/queues"): long,
                   ("GET", "/api/v1/admin/users"): long, ("GET", "/api/v1/admin/jobs.csv"): long,
                   ("GET", "/api/v1/admin/workers"): long}
    api.server.handle_error = lambda *_: None  # an export that is given up
    with open("/dev/full", "w") as full:
        told = subprocess.run([TROUPE, *words], stdout=full, stderr=subprocess.PIPE, text=True, env=api.environment)
    said = "troupe: cannot write all of it to standard output"
    assert told.returncode == 1 and told.stderr.startswith(said) and told.stderr.count("\n") == 1, told.stderr
    closed = subprocess.run(["sh", "-c", '"$@" >&-', "sh", TROUPE, *words], stderr=subprocess.PIPE, text=True,
                            env=api.environment)
    assert closed.returncode == 1 and closed.stderr.startswith(said), "it went to what was opened next"


def test_nobody_who_reads_it_needs_no_word(api):
    api.answers = {("GET", "/api/v1/admin/users"): {"users": [], "text": "x" * 200000}}
    process = subprocess.Popen([TROUPE, "users", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               env=api.environment)
    process.stdout.close()
    assert process.wait(20) == 1 and process.stderr.read() == ""
    process.stderr.close()


def test_a_second_signal_ends_children_that_hang(tmp_path):
    stack = Stack(*NULL, data=tmp_path).start()
    hanging, = stack.children("troupe-actor-image")
    os.kill(hanging, signal.SIGSTOP)

    def ended():
        stack.process.send_signal(signal.SIGTERM)
        return stack.process.poll() is not None

    wait_until(ended, 15, "the supervisor to end")
    assert stack.process.returncode == 0
    stack.stop()


def test_a_signal_during_the_start_ends_it(tmp_path):
    process = subprocess.Popen([TROUPE, "up", "--port", "0", "--data", tmp_path, *NULL], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) in (0, -signal.SIGTERM)
