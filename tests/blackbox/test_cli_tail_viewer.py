"""Following as a viewer, who may not read the streams of others' events: what the admin API tells becomes of the jobs,
to the end and with its exit code."""

import json
import os
import signal
import subprocess
import threading
import time

import pytest

from stack import TROUPE, Stack, wait_until
from terminal import Terminal
from test_cli_admin import fixture_api, job  # noqa: F401
from receiver import Receiver
from webhook_stand import LOOPBACK, create

NULL = ("--provider", "null", "--rate", "off")
JOBS = "/api/v1/admin/jobs"
ONE = job(1)["jobId"]
GROUP = job(9)["jobId"]
GONE = "are not there any more: how they ended is not known\n"


@pytest.fixture(name="stack", scope="module")
def fixture_stack(tmp_path_factory):
    with Stack(*NULL, data=tmp_path_factory.mktemp("tail"), environment=LOOPBACK) as stack:
        yield stack


def environment(stack, role="viewer"):
    return {**os.environ, "TROUPE_URL": stack.url, "TROUPE_TOKEN": stack.token("eye", "--role", role)}


def run(stack, *words):
    return subprocess.run([TROUPE, *words], capture_output=True, text=True, timeout=60, env=environment(stack))


def told(done):
    return [(line["type"], line["status"], line["progress"]) for line in map(json.loads, done.stdout.splitlines())]


def test_a_viewer_follows_a_batch_to_its_end(stack):
    """It was 404, while `show` told of it."""
    ada = stack.client("ada")
    subprocess.run([TROUPE, "pause", "character", "--data", stack.data], check=True, capture_output=True)
    batch = ada.post("/api/v1/batches", {"jobs": [{"type": "character", "name": name} for name in ("Mira", "Ben")]})
    made = batch.json()["data"]
    view = Terminal("tail", made["batchId"], environment=environment(stack), columns=100)
    drawn = view.until("the queue is paused")
    subprocess.run([TROUPE, "resume", "character", "--data", stack.data], check=True, capture_output=True)
    drawn += view.until("completed")
    assert view.end() == 0
    drawn += view.text
    assert all(name in drawn for name in ("Mira", "Ben", *made["jobIds"])), drawn
    late = run(stack, "tail", made["batchId"], "--json")
    assert (late.returncode, late.stderr) == (0, "")
    assert sorted(told(late)) == [("character", "completed", 100)] * 2 + [("character", "waiting", 0)] * 2
    ada.call("DELETE", f"/api/v1/batches/{made['batchId']}")
    lines = run(stack, "tail", made["batchId"][:13])
    assert lines.returncode == 0 and lines.stdout.startswith(f"batch {made['batchId']}: 2 jobs\n"), lines


def test_a_viewer_follows_a_job_to_its_end(stack):
    ada = stack.client("ada")
    subprocess.run([TROUPE, "pause", "image", "--data", stack.data], check=True, capture_output=True)
    character = ada.wait_for(ada.submit_character("Mira"), status="completed")["result"]["characterId"]
    image = ada.post(f"/api/v1/characters/{character}/generate-image/queue", {"pose": "standing"}).json()
    image = image["data"]["jobId"]
    process = subprocess.Popen([TROUPE, "tail", image, "--json"], stdout=subprocess.PIPE, text=True,
                               env=environment(stack))
    first = json.loads(process.stdout.readline())
    assert (first["jobId"], first["type"], first["status"]) == (image, "image", "waiting")
    assert ada.call("DELETE", f"/api/v1/media-jobs/{image}").status_code == 200
    assert json.loads(process.stdout.readline())["status"] == "cancelled"
    assert process.wait(20) == 6 and process.stdout.read() == ""
    process.stdout.close()
    subprocess.run([TROUPE, "resume", "image", "--data", stack.data], check=True, capture_output=True)
    shown = run(stack, "tail", image)
    assert shown.returncode == 6 and shown.stdout.startswith(f"image job {image}: Mira\n")
    assert run(stack, "tail", GROUP).stderr == "troupe: 404 There is no such job, batch or pipeline\n"


def test_a_delivery_is_followed_too(stack):
    """Of these nobody has a stream: it said what to use instead."""
    cas = stack.client("cas")
    with Receiver(answer=lambda *_: (503, {})) as receiver:
        create(cas, receiver.url)
        cas.submit_character("Eve")
        receiver.wait(1)
        found = json.loads(run(stack, "jobs", "queue=webhook", "owner=cas", "--json").stdout)["jobs"]
        delivery = found[0]["jobId"]
        view = Terminal("tail", delivery, "--data", stack.data)
        assert f"webhook job {delivery}" in view.until("waits to be tried again")
        subprocess.run([TROUPE, "cancel", delivery, "--data", stack.data], check=True, capture_output=True)
        view.until("cancelled")
        assert view.end() == 6


# ---- by the contract ----


def page(*jobs, **pagination):
    return 200, {"jobs": list(jobs)}, {"pagination": {"nextCursor": None, **pagination}}


def test_only_changes_are_told_and_silences_outlived(api):
    api.be("viewer")
    known = [job(1, status="active", step="rendering", failedReason=None, startedAt="2026-01-02T03:05:00.000Z")]
    api.answers = {("GET", f"{JOBS}/{ONE}"): lambda _: known[0], ("GET", JOBS): lambda _: page(*known)}
    process = subprocess.Popen([TROUPE, "tail", ONE, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, env=api.environment)
    lines = [json.loads(process.stdout.readline()) for _ in range(2)]
    assert lines == [{"jobId": ONE, "at": "2026-01-02T03:04:05.678Z", "type": "image", "status": "waiting",
                      "progress": 0, "step": None, "attempt": 1},
                     {"jobId": ONE, "at": "2026-01-02T03:05:00.000Z", "type": "image", "status": "active",
                      "progress": 40, "step": "rendering", "attempt": 1}]
    asked = len(api.asked)
    wait_until(lambda: len(api.asked) > asked + 1, 20, "another look")
    api.answers["GET", JOBS] = 503, None
    assert process.stderr.readline() == "troupe: the server answers 503; trying again\n"
    known[0] = job(1, completedAt="2026-01-02T03:06:00.000Z", attempt=2, failedReason="it broke")
    api.answers["GET", JOBS] = lambda _: page(*known)
    assert json.loads(process.stdout.readline()) == {
        "jobId": ONE, "at": "2026-01-02T03:06:00.000Z", "type": "image", "status": "failed", "progress": 40,
        "step": "rendering", "attempt": 2, "failedReason": "it broke"}
    assert process.wait(20) == 5 and process.stdout.read() == "" and process.stderr.read() == ""
    assert all(asked[2] == {"jobId": [ONE]} for asked in api.asked if asked[1] == JOBS)
    process.stdout.close()
    process.stderr.close()


def test_a_batch_is_read_to_its_last_page_and_ends_by_what_is_left_of_it(api):
    api.be("viewer")
    group = {"groupId": GROUP, "type": "batch", "total": 3, "status": "failed"}
    pages = {None: page(job(1), nextCursor="c"), "c": page(job(2, status="completed"))}
    api.answers = {("GET", f"/api/v1/admin/groups/{GROUP}"): group,
                   ("GET", JOBS): lambda asked: pages[asked[2].get("cursor", [None])[0]]}
    done = subprocess.run([TROUPE, "tail", GROUP, "--json"], capture_output=True, text=True, env=api.environment,
                          timeout=30)
    assert (done.returncode, done.stderr) == (5, f"troupe: 1 of 3 jobs {GONE}")
    assert [(line["jobId"], line["status"]) for line in map(json.loads, done.stdout.splitlines())] == [
        (ONE, "waiting"), (ONE, "failed"), (job(2)["jobId"], "waiting"), (job(2)["jobId"], "completed")]
    pages[None] = page()
    gone = subprocess.run([TROUPE, "tail", GROUP], capture_output=True, text=True, env=api.environment, timeout=30)
    assert gone.returncode == 4 and "404" in gone.stderr


@pytest.mark.parametrize("last, code", [("completed", 1), ("cancelled", 1), ("failed", 5), (None, 1)])
def test_how_removed_jobs_ended_is_not_made_up(api, last, code):
    """It was 0 where the batch's owner, who was told that the job had been cancelled or had failed, got 6 or 5."""
    api.be("viewer")
    group = {"groupId": GROUP, "type": "batch", "total": 2, "status": "active"}
    api.answers = {("GET", f"/api/v1/admin/groups/{GROUP}"): group,
                   ("GET", JOBS): page(*(job(number, status="active") for number in (1, 2)))}
    with subprocess.Popen([TROUPE, "tail", GROUP, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env=api.environment) as process:
        assert [json.loads(process.stdout.readline())["status"] for _ in range(4)] == ["waiting", "active"] * 2
        api.answers["GET", JOBS] = page(*([job(2, status=last)] if last else []))
        out, said = process.communicate(timeout=20)
    assert [json.loads(line)["status"] for line in out.splitlines()] == ([last] if last else [])
    assert (process.returncode, said) == (code, f"troupe: {1 if last else 2} of 2 jobs {GONE}")


def test_how_a_removed_job_ended_is_not_made_up(api):
    api.be("viewer")
    api.answers = {("GET", f"{JOBS}/{ONE}"): job(1, status="active"), ("GET", JOBS): page(job(1, status="active"))}
    view = Terminal("tail", ONE, environment=api.environment)
    view.until("rendering")
    api.answers["GET", JOBS] = page()
    view.until("troupe: the job is not there any more: how it ended is not known")
    assert view.end() == 1


def test_a_viewer_is_told_that_a_cancelled_job_was_removed(stack):
    ada = stack.client("ada")
    subprocess.run([TROUPE, "pause", "character", "--data", stack.data], check=True, capture_output=True)
    made = ada.post("/api/v1/batches", {"jobs": [{"type": "character", "name": name} for name in ("Mira", "Ben")]})
    made = made.json()["data"]
    process = subprocess.Popen([TROUPE, "tail", made["batchId"], "--json"], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, env=environment(stack))
    assert [json.loads(process.stdout.readline())["status"] for _ in range(2)] == ["waiting"] * 2
    process.send_signal(signal.SIGSTOP)  # between two looks
    first = made["jobIds"][0]
    for word in "cancel", "remove":
        subprocess.run([TROUPE, word, first, "--data", stack.data], check=True, capture_output=True)
    subprocess.run([TROUPE, "resume", "character", "--data", stack.data], check=True, capture_output=True)
    process.send_signal(signal.SIGCONT)
    out, said = process.communicate(timeout=30)
    assert json.loads(out.splitlines()[-1])["status"] == "completed" and first not in out
    assert (process.returncode, said) == (1, f"troupe: 1 of 2 jobs {GONE}")


def test_slow_looks_take_a_tenth_of_the_time(api):
    """It looked again after 5 s, however long a look had taken."""
    api.be("viewer")
    looks = []

    def slow(_):
        looks.append(time.monotonic())
        threading.Event().wait(0.8)
        return page(job(1, status="active" if len(looks) < 2 else "completed"))

    api.answers = {("GET", f"{JOBS}/{ONE}"): job(1, status="active"), ("GET", JOBS): slow}
    assert subprocess.run([TROUPE, "tail", ONE, "--json"], env=api.environment, timeout=60).returncode == 0
    assert looks[1] - looks[0] >= 8, looks


def test_ctrl_c_ends_it_while_nobody_answers(api):
    api.be("viewer")
    api.answers = {("GET", f"{JOBS}/{ONE}"): job(1, status="active"), ("GET", JOBS): page(job(1, status="active"))}
    view = Terminal("tail", ONE, environment=api.environment)
    view.until("rendering")
    view.process.send_signal(signal.SIGINT)
    assert view.end() == 130
