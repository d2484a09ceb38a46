"""What the command line does for an operator in a hurry: says which token a refusal wants and which command was meant,
takes times as they are said, finds jobs by their ids, and keeps rows apart on a narrow terminal."""

import datetime
import re
import subprocess

import pytest

from stack import TROUPE, Stack
from terminal import Terminal
from test_cli_admin import fixture_api  # noqa: F401

NULL = ("--provider", "null", "--rate", "off")
JOBS = "/api/v1/admin/jobs"
ONE, OTHER = "12345678-1234-4234-8234-000000000001", "12345678-1234-4234-8234-000000000002"


# ---- refusals and misses ----


def test_a_refused_token_is_told_with_the_one_that_is_needed(tmp_path):
    with Stack(*NULL, "--actors", "0", data=tmp_path) as stack:
        def run(role, *words):
            token = subprocess.run([TROUPE, "token", "--user", "ann", *role, "--data", tmp_path], check=True,
                                   capture_output=True, text=True).stdout.strip()
            environment = {**stack.environment, "TROUPE_URL": stack.url, "TROUPE_TOKEN": token}
            return subprocess.run([TROUPE, *words], capture_output=True, text=True, env=environment, timeout=30)

        for role, name in ([], "user"), (["--role", "viewer"], "viewer"):
            refused = run(role, "pause", "image")
            assert refused.returncode == 4
            first, *more = refused.stderr.splitlines()
            assert first == "troupe: 403 The role of this token does not allow that"
            assert more == [f"  TROUPE_TOKEN is a {name}'s; this takes an admin's, which the stack's machine makes:",
                            "  troupe token --user NAME --role admin"]
        looked = run([], "queues", "--once")
        assert looked.returncode == 4
        assert looked.stderr.splitlines()[1:] == [
            "  TROUPE_TOKEN is a user's; this takes a viewer's or an admin's, which the stack's machine makes:",
            "  troupe token --user NAME --role viewer"]
        assert run(["--role", "viewer"], "queues", "--once").returncode == 0


@pytest.mark.parametrize("said, meant", [
    ("status", "queues"), ("stats", "history"), ("list", "jobs"), ("ls", "jobs"), ("log", "audit"), ("logs", "audit"),
    ("start", "up"), ("stop", "Ctrl-C"), ("kill", "cancel"), ("get", "show"),
    ("version", "--version")])
def test_what_other_programs_call_a_command_leads_to_ours(said, meant):
    told = subprocess.run([TROUPE, said], capture_output=True, text=True, timeout=30)
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.startswith(f"troupe: no command {said}; ") and meant in told.stderr


# ---- what is looked for ----


@pytest.mark.parametrize("words", [("jobs",), ("failures",)])
def test_times_may_be_told_as_so_long_ago(api, words):
    empty = {"jobs": [], "groups": []}
    api.answers = {("GET", f"/api/v1/admin/{words[0]}"): lambda _: (200, empty, {"pagination": {"nextCursor": None}})}
    assert api.run(*words, "from=2h", "to=30m").returncode == 0
    query = api.asked[0][2]
    ends = [datetime.datetime.fromisoformat(query[name][0].replace("Z", "+00:00")) for name in ("from", "to")]
    now = datetime.datetime.now(datetime.timezone.utc)
    ago = [(now - end).total_seconds() for end in ends]
    assert 7200 <= ago[0] < 7230 and 1800 <= ago[1] < 1830


def test_an_operation_begins_where_the_time_ago_was(api):
    api.run("cancel", "--where", "from=1d")
    method, path, _, body = api.asked[0]
    assert method == "POST" and path.startswith("/api/v1/admin/")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", body["where"]["from"])


def test_jobs_are_found_by_their_ids(api):
    row = {"queue": "image", "status": "active", "owner": "ann", "progress": 0,
           "createdAt": "2026-01-02T03:04:05.678Z"}
    api.answers = {("GET", JOBS): {"jobs": [{"jobId": job, **row} for job in (ONE, OTHER)]}}
    told = api.run("jobs", f"jobId={ONE},{OTHER}")
    assert (told.returncode, told.stderr) == (0, "")
    assert [line.split()[0] for line in told.stdout.splitlines()[1:]] == [ONE, OTHER]
    assert api.asked[0][2] == {"jobId": [f"{ONE},{OTHER}"]}


@pytest.mark.parametrize("words, told", [
    (["jobId=x"], "takes ids"), (["jobId="], "takes ids"), ([f"jobId={ONE},"], "takes ids"),
    ([f"jobId={ONE}", "queue=image"], "without other words"),
    ([f"jobId={ONE}", "--group", ONE], "without other words")])
def test_ids_stand_alone_and_are_such(api, words, told):
    refused = api.run("jobs", *words)
    assert refused.returncode == 2 and told in refused.stderr and api.asked == []


# ---- a narrow terminal ----


@pytest.mark.parametrize("columns", [36, 40, 47])
def test_queues_that_do_not_run_are_told_on_a_narrow_terminal(api, columns):
    """The column of the states was left out, and a queue that was paused looked like the others."""
    queue = {"counts": {"waiting": 12, "active": 3, "failed": 4}, "workers": 2, "slots": 16, "slotsBusy": 12}
    api.answers = {("GET", "/api/v1/admin/queues"): {"queues": [
        {**queue, "queue": "character"}, {**queue, "queue": "image", "paused": True},
        {**queue, "queue": "video", "waitReason": "provider_down"}]}}
    view = Terminal("queues", "--once", environment=api.environment, columns=columns)
    assert view.end() == 0
    coloured = view.text.replace("\r", "")
    head, *lines = re.sub(r"\033\[[0-9?]*[a-zA-Z]", "", coloured).rstrip("\n").split("\n")
    assert head.split()[:4] == ["QUEUE", "WAITING", "ACTIVE", "FAILED"]
    assert max(map(len, [head, *lines])) <= columns
    assert [line.split()[:2] for line in lines] == [["character", "12"], ["!", "image"], ["!", "video"],
                                                    ["!", "image:"], ["!", "video:"]]
    assert lines[3:] == ["! image: paused", "! video: provider down"]
    assert "\033[33m! image\033[0m" in coloured and "\033[31m! video" in coloured


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_groups_of_failures_are_told_apart_on_a_narrow_terminal(api, columns):
    """Two queues fail alike: only queue and group differ, and with the group one goes on."""
    message = "the provider answered HTTP 503 Service Unavailable"
    groups = [{"errorGroup": group, "queue": queue, "errorCode": "provider_error", "message": message, "count": 12,
               "firstFailedAt": "2026-01-02T03:04:05.678Z", "lastFailedAt": "2026-01-02T03:04:06.678Z",
               "sampleJobIds": []} for queue, group in (("image", ONE), ("video", OTHER))]
    api.answers = {("GET", "/api/v1/admin/failures"):
                   lambda _: (200, {"groups": groups}, {"pagination": {"nextCursor": None}})}
    view = Terminal("failures", environment=api.environment, columns=columns)
    assert view.end() == 0
    lines = re.sub(r"\033\[[0-9?]*[a-zA-Z]", "", view.text).replace("\r", "").rstrip("\n").split("\n")
    assert all(len(line) <= columns for line in lines), lines
    for queue, group in (("image", ONE), ("video", OTHER)):
        row = [line for line in lines if re.match(rf" *12 +{queue}", line)]
        assert len(row) == 1, lines
        assert any(group in line for line in lines), lines
