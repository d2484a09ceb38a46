"""Following what waits: why it does, in words, and a time that goes on."""

import re
import signal
import subprocess
import threading
import time

from stack import TROUPE, Stack, wait_until
from terminal import Terminal

NULL = ("--provider", "null", "--rate", "off")


def times(text):
    return [float(found) for found in re.findall(r" (\d+\.\d) s", text)]


def test_a_job_that_waits_tells_why_and_for_how_long(tmp_path):
    with Stack(*NULL, "--actors", "0", data=tmp_path) as stack:
        client = stack.client("me")
        job = client.submit_character()
        view = Terminal("tail", job, "--data", tmp_path)
        view.until("no worker takes jobs")
        wait_until(lambda: view.read() or len(set(times(view.text))) > 2, 10, "the time to go on without an event")
        subprocess.run([TROUPE, "pause", "character", "--data", tmp_path], check=True, capture_output=True)
        view.until("the queue is paused")
        assert client.call("DELETE", f"/api/v1/character-jobs/{job}").status_code in (200, 202)
        view.until("cancelled")
        assert view.end() == 6


def test_who_comes_late_sees_how_long_it_has_waited(tmp_path):
    with Stack(*NULL, "--actors", "0", data=tmp_path) as stack:
        job = stack.client("me").submit_character()
        began = time.monotonic()
        wait_until(lambda: time.monotonic() - began > 3, 5, "the job to have waited for a while")
        view = Terminal("tail", job, "--data", tmp_path)
        view.until("no worker takes jobs")
        wait_until(lambda: view.read() or times(view.text), 10, "a drawing")
        assert times(view.text)[-1] >= 3
        view.process.send_signal(signal.SIGINT)
        assert view.end() == 130


def test_where_it_is_no_terminal_each_reason_is_told_once(tmp_path):
    with Stack(*NULL, "--actors", "0", data=tmp_path) as stack:
        job = stack.client("me").submit_character()
        process = subprocess.Popen([TROUPE, "tail", job, "--data", tmp_path], stdout=subprocess.PIPE, text=True)
        lines = []
        reader = threading.Thread(target=lambda: lines.extend(iter(process.stdout.readline, "")))
        reader.start()
        wait_until(lambda: any("no worker takes jobs" in line for line in lines), 20, "the reason")
        subprocess.run([TROUPE, "pause", "character", "--data", tmp_path], check=True, capture_output=True)
        wait_until(lambda: any("the queue is paused" in line for line in lines), 20, "the other reason")
        subprocess.run([TROUPE, "resume", "character", "--data", tmp_path], check=True, capture_output=True)
        wait_until(lambda: "no worker takes jobs" in lines[-1], 20, "the first reason again")
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
        reader.join()
    assert [sum(words in line for line in lines) for words in (
        "waiting", "no worker takes jobs", "the queue is paused")] == [1, 2, 1], lines


def reasons_of(view):
    """How many bars of the last drawing wait for a worker, and how many for another job."""
    last = view.text.rsplit("\033[", 1)[0].rsplit("A\r", 1)[-1]
    return last.count("no worker takes jobs"), last.count("waits for another job")


def test_each_bar_of_a_pipeline_and_a_batch_tells_why(tmp_path):
    with Stack(*NULL, "--actors", "0", data=tmp_path) as stack:
        client = stack.client("me")
        shoot = {"character": {"name": "Mira"}, "images": [{}], "video": {"duration": 5}}
        pipeline = client.post("/api/v1/pipelines", shoot).json()["data"]["pipelineId"]
        batch = client.post("/api/v1/batches", {"jobs": [{"type": "character", "name": "A"}] * 2}).json()["data"]
        for group, reasons in (pipeline, (1, 2)), (batch["batchId"], (2, 0)):
            view = Terminal("tail", group, "--data", tmp_path)
            wait_until(lambda view=view, reasons=reasons: view.read() or reasons_of(view) == reasons, 20, "the reasons")
            view.text = ""
            wait_until(lambda view=view: view.read() or len(set(times(view.text))) > 1, 10, "the time to go on")
            view.process.send_signal(signal.SIGINT)
            assert view.end() == 130


def test_a_job_that_ends_tells_the_time_of_its_events(tmp_path):
    """What was drawn between them is gone: the last line is the same for who looks later."""
    with Stack("--provider", "null:2500", "--rate", "off", data=tmp_path) as stack:
        job = stack.client("me").submit_character()
        view = Terminal("tail", job, "--data", tmp_path)
        assert view.end() == 0
        watched = [line for line in view.text.split("\r") if "completed" in line][-1]
        later = Terminal("tail", job, "--data", tmp_path)
        assert later.end() == 0
        assert times(watched)[-1] == times([line for line in later.text.split("\r") if "completed" in line][-1])[-1]
        assert 2.5 <= times(watched)[-1] < 6
