"""What somebody meets who has just come: words that are missing, lists that are empty, texts that are longer than the
terminal is wide, and answers that do not come."""

import json
import os
import re
import signal
import subprocess
import threading

import pytest

from receiver import Receiver
from stack import TROUPE, Stack, wait_until
from terminal import Terminal
from test_cli_admin import JOB, Api, fixture_api, job  # noqa: F401
from test_cli_looks import NULL, plain
from webhook_stand import LOOPBACK, create, delivery_in

JOBS, FAILURES = "/api/v1/admin/jobs", "/api/v1/admin/failures"
LONG = "The provider could not draw this: its answer had no picture, and said that the prompt was too long by far"
ADDRESS = "https://pictures.example.com/a/very/long/way/to/the/picture/of/somebody/who/has/just/come.png"


# ---- words ----


@pytest.mark.parametrize("words, said", [
    (["token"], "--user NAME is missing"), (["submit"], "what to submit is missing"),
    (["submit", "video", "a"], "MEDIA is missing"), (["submit", "image"], "CHARACTER is missing"),
    (["submit", "batch"], "FILE.json is missing"), (["submit", "thing", "x"], "thing is nothing that can be"),
    (["submit", "image", "a", "b"], '"b" is one word too many'), (["priority"], "PRIORITY is missing"),
    (["priority", "5"], "JOB is missing"), (["retry"], "JOB is missing"), (["cancel", "--all"], "--all is only for"),
    (["show"], "the id of what to show is missing"), (["show", "character"], "CHARACTER is missing"),
    (["delete", "media", JOB], "MEDIA is missing"), (["delete", "thing", JOB], "neither character nor media"),
    (["pause"], "QUEUE is missing"), (["drain"], "WORKER is missing"), (["drain", "a", "--undo", "--stop"], "--undo"),
    (["restore"], "BACKUP is missing"), (["ping"], "the address is missing"), (["queues", "x"], '"x" is one word'),
    (["operations", "a", "b"], '"b" is one word too many'),
    (["operations", "a", "--limit", "3"], "--limit is only for the"),
    (["complete"], "what to list is missing"), (["complete", "x"], "nothing is called x"),
    (["usage", "--all", "--owner", "a"], "--all and --owner"), (["duplicate", "--where"], "without --where"),
    (["jobs", "--export", "csv", "--json"], "--export is used without"), (["promote", "a", "--key", "k"], "--key is"),
    (["backup", "--list", "x"], "x is no path with a slash"),
], ids=str)
def test_what_is_wrong_with_the_words_is_said_before_how_they_are_used(api, words, said):
    told = api.run(*words)
    first, second, *_ = told.stderr.splitlines()
    assert told.returncode == 2 and first.startswith("troupe: ") and said in first and second.startswith("usage: ")
    assert (told.stdout, api.asked) == ("", [])


# ---- lists ----

EMPTY = {"jobs": (JOBS, {"jobs": []}, "no jobs match"), "failures": (FAILURES, {"groups": []}, "no failed jobs match"),
         "audit": ("/api/v1/admin/audit", {"audit": []}, "nothing in the audit log matches"),
         "users": ("/api/v1/admin/users", {"users": [], "totals": {}}, "nobody has live jobs"),
         "providers": ("/api/v1/admin/providers", {"providers": []}, "no provider is known"),
         "operations": ("/api/v1/admin/operations", {"operations": []}, "there are no operations")}


@pytest.mark.parametrize("command", EMPTY)
def test_of_an_empty_list_it_is_said_that_it_is_empty(api, command):
    path, data, said = EMPTY[command]
    api.answers = {("GET", path): data}
    told = api.run(command)
    assert told.returncode == 0 and told.stderr.startswith(f"troupe: {said}") and len(told.stdout.splitlines()) == 1
    assert api.run(command, "--json").stderr == ""
    seen = Terminal(command, environment=api.environment, columns=80)
    assert seen.end() == 0 and [line for line in plain(seen.text) if line] == told.stderr.splitlines()


# ---- long texts ----


def texts(lines):
    """What stands below rows, each in one line again."""
    return re.sub(r"\n +", " ", "\n".join(lines))


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_jobs_have_their_names_and_whole_errors(api, columns):
    long = {"code": "provider_error", "message": LONG}
    api.answers = {("GET", JOBS): {"jobs": [job(1, failedReason=long), job(2, failedReason=None, status="active")]}}
    seen = Terminal("jobs", environment=api.environment, columns=columns)
    assert seen.end() == 0
    lines = plain(seen.text)
    assert max(map(len, lines)) <= columns and LONG in texts(lines), lines
    assert columns < 80 or sum("image" in line and "Mira" in line for line in lines) == 2
    wide = Terminal("jobs", "--wide", environment=api.environment, columns=columns)
    assert wide.end() == 0
    assert plain(wide.text) == api.run("jobs").stdout.splitlines() and LONG in plain(wide.text)[1]


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_failures_have_their_whole_messages(api, columns):
    api.answers = {("GET", FAILURES): {"groups": [
        {"errorGroup": "0123456789abcdef", "queue": "image", "errorCode": "provider_error", "message": LONG, "count": 7,
         "firstFailedAt": "2026-01-02T03:04:05.678Z", "lastFailedAt": "2026-01-02T03:04:05.678Z"}]}}
    seen = Terminal("failures", environment=api.environment, columns=columns)
    assert seen.end() == 0
    lines = plain(seen.text)
    assert max(map(len, lines)) <= columns and LONG in texts(lines), lines
    assert any("0123456789abcdef" in line and "provider" in line for line in lines)
    wide = Terminal("failures", "--wide", environment=api.environment, columns=columns)
    assert wide.end() == 0 and plain(wide.text) == api.run("failures").stdout.splitlines()


def character(**members):
    return {"id": JOB, "name": "Mira", "createdAt": "2026-01-02T03:04:05.678Z", "mediaId": JOB, **members}


@pytest.mark.parametrize("columns", [60, 80])
def test_an_address_stays_in_one_piece(api, columns):
    path = f"/assets/characters/{JOB}/0123456789abcdef0123456789abcdef.png"
    api.answers = {("GET", f"/api/v1/characters/{JOB}"): character(imageUrl=path, description=f"see {ADDRESS} there"),
                   ("GET", f"/api/v1/characters/{JOB}/media/{JOB}"): {"mediaId": JOB, "url": ADDRESS, "size": 7}}
    seen = Terminal("show", "character", JOB, environment=api.environment, columns=columns)
    assert seen.end() == 0 and f"{api.environment['TROUPE_URL']}{path}\r\n" in seen.text and ADDRESS in seen.text
    assert all(len(line) <= columns for line in plain(seen.text) if "://" not in line)
    seen = Terminal("show", "media", JOB, JOB, environment=api.environment, columns=columns)
    assert seen.end() == 0 and ADDRESS in seen.text


@pytest.mark.parametrize("columns", [60, 80])
def test_a_timeline_fits_and_a_character_has_its_portrait(api, columns):
    at = "2026-01-02T03:04:05.678Z"
    api.answers = {
        ("GET", f"/api/v1/character-jobs/{JOB}"): {
            "jobId": JOB, "status": "completed", "progress": 100, "result": {"characterId": JOB}, "timeline": {
                "attempts": [{"number": 1, "startedAt": at, "endedAt": at, "outcome": "failed", "workerId": JOB,
                              "error": {"code": "provider_error", "message": LONG}}],
                "events": [{"at": at, "event": "attempt_failed", "progress": 40, "step": "rendering",
                            "provider": "pictures.example.com", "operation": "image", "charged": "yes",
                            "error": {"code": "provider_error", "message": LONG}}], "complete": True}},
        ("GET", f"/api/v1/characters/{JOB}"): character(imageUrl="/assets/a.png")}
    seen = Terminal("show", JOB, "--timeline", environment=api.environment, columns=columns)
    assert seen.end() == 0
    lines = plain(seen.text)
    assert max(map(len, lines)) <= columns and texts(lines).count(LONG) == 2, lines
    assert f"mediaId      {JOB}" in lines and f"portrait     {api.environment['TROUPE_URL']}/assets/a.png" in lines
    piped = api.run("show", JOB, "--timeline").stdout.splitlines()
    assert sum(line.endswith(LONG) for line in piped) == 2


def test_a_timeline_tells_the_price_and_the_task_of_each_call(api):
    def call(operation, charged, **rest):
        return {"at": "2026-01-02T03:04:05.678Z", "event": "provider", "progress": 40, "step": "rendering",
                "provider": "studio", "operation": operation, "charged": charged, **rest}

    api.answers = {("GET", f"/api/v1/character-jobs/{JOB}"): {
        "jobId": JOB, "status": "completed", "progress": 100, "result": {"characterId": JOB}, "timeline": {
            "attempts": [], "complete": True, "events": [
                call("intent", "unknown", task=None, priceUsd=0.5),
                call("finished", "yes", task="0123456789abcdef", priceUsd=0.5),
                call("refused", "no", task=None, priceUsd=0.5)]}},
        ("GET", f"/api/v1/characters/{JOB}"): character(imageUrl="/assets/a.png")}
    lines = api.run("show", JOB, "--timeline").stdout.splitlines()
    told = [line.split("  studio ")[1] for line in lines if "  studio " in line]
    assert told == ["intent 0.5 USD",
                    "finished charged: yes 0.5 USD task 0123456789abcdef", "refused charged: no"]


# ---- waiting, starting ----


def test_who_waits_for_an_answer_is_told_what_for(api):
    released = threading.Event()
    api.answers = {("GET", JOBS): lambda _: released.wait(20) and {"jobs": [job(1)]}}
    seen = Terminal("jobs", environment=api.environment, columns=120)
    told = seen.until("troupe: waiting for an answer from http://127.0.0.1")
    released.set()
    assert seen.end() == 0 and JOB in seen.text and JOB not in told


def test_up_tells_where_to_look_and_a_restart_how_far_it_is(tmp_path):
    view = Terminal("up", "--port", "0", "--data", tmp_path, "--provider", "null", columns=80)
    ready = view.until("Ctrl-C ends it.")
    address = re.search(r"ready (http://\S+)", ready)[1]
    assert f"{address}/admin" in ready and f"{address}/docs" in ready
    again = Terminal("restart", "--data", tmp_path, columns=80)
    programs = ["broker", "gateway", *(f"actor-{role}" for role in ("character", "image", "video", "webhook"))]
    assert again.end() == 0
    assert plain(again.text) == [*(f"troupe: restarting troupe-{program}, {place} of 6"
                                   for place, program in enumerate(programs, 1)), "restarted"]
    piped = subprocess.run([TROUPE, "restart", "--data", tmp_path], capture_output=True, text=True, timeout=60)
    assert (piped.stdout, piped.stderr) == ("restarted\n", "")
    view.process.send_signal(signal.SIGINT)
    assert view.end() == 0
    assert "level=info" not in ready + view.text


def test_the_system_is_told_in_words_with_units(tmp_path):
    with Stack("--provider", "null", "--rate", "off", data=tmp_path) as stack:
        ada = stack.client("ada")
        ada.wait_for(ada.submit_character(), status="completed")
        seen = Terminal("system", "--data", tmp_path, columns=80)
        assert seen.end() == 0
        told = " ".join(seen.text.split())
        assert re.search(r"commits \d+ since the start, with \d+\.\d writes each on average", told), told
        assert re.search(r"commit time half of them at most \d+\.\d ms, 99 of 100 at most \d+\.\d ms", told), told
        assert re.search(r"clients \d+ of at most \d+ connections, ", told), told


# ---- webhooks ----


@pytest.fixture(name="webhooks", scope="module")
def fixture_webhooks(tmp_path_factory):
    """A stack with a webhook of ada's whose receiver refuses, and a job that has one of its own."""
    environment = {**LOOPBACK, "TROUPE_URL": "", "TROUPE_TOKEN": ""}
    data = tmp_path_factory.mktemp("webhooks")
    with Stack(*NULL, environment=LOOPBACK, data=data) as stack, Receiver(answer=lambda *_: (410, {})) as receiver:
        ada = stack.client("ada")
        stack.webhook, _ = create(ada, receiver.url)
        stack.receiver = receiver
        stack.made = ada.submit_character("Mira", options={"webhook": {"url": f"{receiver.url}/own"}})
        delivery_in(ada, stack.webhook, "failed")
        own = f"/api/v1/character-jobs/{stack.made}/deliveries"
        wait_until(lambda: [one for one in ada.get(own).json()["data"] if one["status"] == "failed"], what="its own")
        stack.environment_of_ada = {**os.environ, **environment, "TROUPE_DATA": str(data), "TROUPE_USER": "ada"}
        yield stack


def hooks(stack, *words):
    return subprocess.run([TROUPE, "webhooks", *words], env=stack.environment_of_ada, capture_output=True, text=True,
                          timeout=30)


def test_webhooks_and_their_deliveries_are_listed(webhooks):
    head, line = hooks(webhooks).stdout.splitlines()
    assert head.split() == ["WEBHOOK", "STATE", "EVENTS", "DESCRIPTION", "REASON", "ADDRESS"]
    assert line.startswith(webhooks.webhook) and line.endswith(webhooks.receiver.url)
    facts, table = hooks(webhooks, webhooks.webhook).stdout.split("\n\n")
    assert f"address      {webhooks.receiver.url}\n" in facts + "\n"
    head, line, *_ = table.splitlines()
    assert head.split() == "DELIVERY EVENT JOB STATE TRIES ANSWER CREATED OUTCOME".split()
    assert line.split()[1:6] == ["completed", webhooks.made, "failed", "1", "410"]
    assert json.loads(hooks(webhooks, webhooks.webhook, "--json").stdout)[0]["jobId"] == webhooks.made
    own = hooks(webhooks, webhooks.made)
    assert own.returncode == 0 and webhooks.made in own.stdout and webhooks.webhook not in own.stdout


@pytest.mark.parametrize("columns", [60, 80])
def test_deliveries_fit_a_terminal(webhooks, columns):
    seen = Terminal("webhooks", webhooks.webhook, environment=webhooks.environment_of_ada, columns=columns)
    assert seen.end() == 0
    lines = plain(seen.text)
    assert max(map(len, lines)) <= columns, lines
    assert any(" completed " in line and "failed" in line for line in lines), lines
    seen = Terminal("webhooks", environment=webhooks.environment_of_ada, columns=columns)
    assert seen.end() == 0 and webhooks.receiver.url in seen.text


def test_a_delivery_that_waits_tells_when_it_is_tried_next(api):
    path = f"/api/v1/webhooks/{JOB}"
    waits = {"deliveryId": JOB, "type": "job.completed", "jobId": JOB, "status": "waiting", "attemptsMade": 2,
             "lastStatus": 503, "lastError": {"code": "refused", "message": "the receiver answered 503"},
             "createdAt": "2026-01-02T03:04:05.678Z", "nextAttemptAt": "2026-01-02T03:09:05.678Z"}
    api.answers = {("GET", path): {"webhookId": JOB, "url": ADDRESS}, ("GET", f"{path}/deliveries"): [waits]}
    for columns in 60, 80, 120:
        seen = Terminal("webhooks", JOB, environment=api.environment, columns=columns)
        assert seen.end() == 0
        told = texts(plain(seen.text))
        assert "the receiver answered 503; next try at 2026-01-02T03:09:05.678Z" in told and ADDRESS in told, told


def test_a_delivery_is_sent_again(webhooks):
    delivery = json.loads(hooks(webhooks, webhooks.made, "--json").stdout)[0]["deliveryId"]
    count = len(webhooks.receiver.requests)
    told = hooks(webhooks, webhooks.made, "--again", delivery)
    assert told.returncode == 0 and f"delivery     {delivery}" in told.stdout, told
    webhooks.receiver.wait(count + 1)
    unknown = hooks(webhooks, delivery)
    assert unknown.returncode == 4 and "no such webhook or job" in unknown.stderr
    for words in ["--again", delivery], [webhooks.made, "x"], [webhooks.made, "--again", delivery, "--limit", "3"]:
        assert hooks(webhooks, *words).returncode == 2
