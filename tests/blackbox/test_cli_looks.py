"""What the command line tells of the past and of operations upon many jobs: `troupe history` and `troupe operations`,
against a server that answers as docs/http-api.md has it, and against a real stack."""

import json
import os
import re
import signal
import subprocess
import threading

import pytest

from stack import TROUPE, Client, Stack, wait_until
from terminal import Terminal
from test_admin_jobs import soon
from test_cli_admin import JOB, OPERATION, fixture_api  # noqa: F401

NULL = ("--provider", "null", "--rate", "off")
OPERATIONS = "/api/v1/admin/operations"
HISTORY = "/api/v1/admin/history"
QUEUES = ["character", "image", "video", "webhook"]
STEPS = {"1h": (60000, 60), "24h": (900000, 96), "30d": (21600000, 120)}


def plain(text):
    """What a terminal shows, line by line."""
    return re.sub(r"\033\[[0-9?]*[a-zA-Z]", "", text).replace("\r", "").rstrip("\n").split("\n")


def point(number, started=0, failed=0):
    times = {"p50": 850, "p95": 90000} if started else {"p50": None, "p95": None}
    return {"at": f"2026-01-02T03:{number % 60:02}:00.000Z", "started": started, "completed": started - failed,
            "failed": failed, "cancelled": 0, "waitMs": times, "runMs": times}


def history(busy=()):
    """Answers with numbers for the queues that are busy; "" is all of them."""
    def answer(asked):
        step, count = STEPS[asked[2]["range"][0]]
        queue = asked[2].get("queue", [""])[0]
        return {"stepMs": step, "points": [point(number, *((1234567, 3) if queue in busy else (0, 0)))
                                           for number in range(count)]}
    return answer


# ---- history ----


def test_history_is_a_row_a_step_where_nobody_looks(api):
    api.answers = {("GET", HISTORY): history({"image"})}
    told = api.run("history")
    assert (told.returncode, told.stderr) == (0, "")
    head, *rows = told.stdout.splitlines()
    assert head.split() == ["QUEUE", "AT", "STARTED", "COMPLETED", "FAILED", "CANCELLED", "WAIT", "P50", "MS", "WAIT",
                            "P95", "MS", "RUN", "P50", "MS", "RUN", "P95", "MS"]
    assert len(rows) == 4 * 60 and [row.split()[0] for row in rows[::60]] == QUEUES
    assert rows[0].split() == ["character", "2026-01-02T03:00:00.000Z", "0", "0", "0", "0", "-", "-", "-", "-"]
    assert rows[61].split() == ["image", "2026-01-02T03:01:00.000Z", "1234567", "1234564", "3", "0", "850", "90000",
                                "850", "90000"]
    assert [asked[2] for asked in api.asked] == [{"range": ["1h"], "queue": [queue]} for queue in QUEUES]


def test_history_of_one_queue_or_of_all_together(api):
    api.answers = {("GET", HISTORY): history({""})}
    assert len(api.run("history", "video", "--range", "24h").stdout.splitlines()) == 97
    assert api.asked[-1][2] == {"range": ["24h"], "queue": ["video"]}
    told = json.loads(api.run("history", "all", "--range=30d", "--json").stdout)
    assert api.asked[-1][2] == {"range": ["30d"]}
    assert told == {"range": "30d", "queues": [{"queue": "all", **history({""})(("GET", HISTORY, {"range": ["30d"]}))}]}
    assert [each["queue"] for each in json.loads(api.run("history", "--json").stdout)["queues"]] == QUEUES


@pytest.mark.parametrize("asked", STEPS)
@pytest.mark.parametrize("columns", [60, 80, 140])
def test_history_is_a_picture_on_a_terminal(api, columns, asked):
    api.answers = {("GET", HISTORY): history({"character", "video"})}
    view = Terminal("history", "--range", asked, environment=api.environment, columns=columns)
    assert view.end() == 0
    lines = plain(view.text)
    assert max(map(len, lines)) <= columns, lines
    count = STEPS[asked][1]
    started = [line for line in lines if line.startswith("started")]
    assert len(started) == 2 and all(f"{1234567 * count}, most " in line for line in started), "sums are whole"
    assert len(re.findall("█", started[0])) >= 20
    assert sum(line.startswith("failed") and f"{3 * count}, most" in line for line in lines) == 2
    assert sum("most 850 ms" in line for line in lines) == 4 and sum("most 1.5 min" in line for line in lines) == 4
    first, last = (f"2 Jan {history()(('GET', '', {'range': [asked]}))['points'][index]['at'][11:16]}"
                   for index in (0, -1))
    assert sum(line.split() == [*first.split(), *last.split(), "UTC"] for line in lines) == 2
    assert len([line for line in lines if ": nothing in the last" in line]) == 2
    colourless = Terminal("history", environment={**api.environment, "NO_COLOR": "1"})
    assert colourless.end() == 0 and "\033" not in colourless.text and "█" in colourless.text


def test_where_nothing_happened_it_is_said(api):
    api.answers = {("GET", HISTORY): history()}
    view = Terminal("history", environment=api.environment)
    assert view.end() == 0 and plain(view.text) == ["nothing happened in the last hour"]
    told = api.run("history", "image", "--range", "30d")
    assert told.returncode == 0 and told.stderr == "troupe: nothing happened in the last 30 days\n"
    assert len(told.stdout.splitlines()) == 121
    api.answers = {("GET", HISTORY): {"stepMs": 60000, "points": []}}
    told = api.run("history", "image")
    assert (len(told.stdout.splitlines()), told.stderr) == (1, "troupe: nothing happened in the last hour\n")
    view = Terminal("history", "image", environment=api.environment)
    assert view.end() == 0 and plain(view.text) == ["nothing happened in the last hour"]


# ---- operations ----


def operation(number, state="completed", **members):
    return {"operationId": f"{number:08x}-1234-4234-8234-000000000001", "action": "retry", "priority": None,
            "where": {"queue": "image", "status": "failed"}, "state": state,
            "progress": 100 if state == "completed" else 40, "total": None, "matched": 812, "done": 800,
            "alreadyEnded": 7, "refused": 5, "scanned": 9000, "startedAt": "2026-01-02T03:04:05.678Z",
            "completedAt": None if state == "running" else "2026-01-02T03:04:09.678Z", "by": "ada", **members}


def test_operations_are_listed(api):
    known = [operation(1, "running"), operation(2, "cancelled", action="priority", priority=7, by="b o", where={}),
             operation(3, total=7, where=None)]
    api.answers = {("GET", OPERATIONS): {"operations": known}}
    told = api.run("operations")
    assert (told.returncode, told.stderr) == (0, "")
    head, *rows = told.stdout.splitlines()
    assert head.split() == ["ID", "ACTION", "STATE", "PROGRESS", "MATCHED", "DONE", "HAD", "ENDED", "REFUSED",
                            "STARTED", "BY", "JOBS"]
    assert rows[0].split() == [known[0]["operationId"], "retry", "running", "40%", "812", "800", "7", "5",
                               "2026-01-02T03:04:05.678Z", "ada", "queue=image", "status=failed"]
    assert rows[1].split()[1:4] == ["priority", "7", "cancelled"] and re.search("  b o  all$", rows[1])
    assert rows[2].endswith("  ada  7 named")
    assert json.loads(api.run("operations", "--json").stdout) == {"operations": known}
    few = api.run("operations", "--limit", "2")
    assert len(few.stdout.splitlines()) == 3 and few.stderr == "troupe: 1 more are known: --limit 3\n"
    assert json.loads(api.run("operations", "--limit", "1", "--json").stdout) == {"operations": known[:1]}
    for columns in 60, 80, 140:
        view = Terminal("operations", environment=api.environment, columns=columns)
        assert view.end() == 0 and "\033[36mrunning" in view.text
        lines = plain(view.text)
        assert max(map(len, lines)) <= columns and {"800", "40%"} <= set(lines[1].split()), lines
        assert lines[1].startswith("00000001")


def test_one_operation_is_told_with_all_its_counts(api):
    one = operation(0xabc, total=812, priority=7, action="priority")
    path = f"{OPERATIONS}/{one['operationId']}"
    api.answers = {("GET", OPERATIONS): {"operations": [one, operation(0xabd), operation(0xb)]}, ("GET", path): one}
    told = api.run("operations", one["operationId"])
    assert told.returncode == 0 and dict(re.split("  +", line) for line in told.stdout.splitlines()) == {
        "operation": one["operationId"], "action": "priority", "priority": "7", "jobs": "812 named",
        "state": "completed", "progress": "100", "matched": "812", "done": "800", "had ended": "7", "refused": "5",
        "looked at": "9000", "started": one["startedAt"], "ended": one["completedAt"], "by": "ada"}
    assert len(api.asked) == 1
    api.answers["GET", path] = searched = operation(0xabc, where={"q": "it broke", "owner": "ada"})
    assert "\njobs         owner=ada q='it broke'\n" in api.run("operations", one["operationId"]).stdout
    api.answers["GET", path] = {**searched, "where": {"q": "it's $(here)"}}
    assert "\njobs         q='it'\\''s $(here)'\n" in api.run("operations", one["operationId"]).stdout
    api.answers["GET", path] = {**searched, "where": None}
    assert "\njobs " not in api.run("operations", one["operationId"]).stdout
    api.answers["GET", path] = one
    assert json.loads(api.run("operations", "00000abc", "--json").stdout) == one
    for word, why in ("00000ab", "several ids begin with 00000ab, among them\n"), ("f", "no operation"):
        refused = api.run("operations", word)
        assert refused.returncode == 2 and why in refused.stderr
    unknown = api.run("operations", JOB)
    assert (unknown.returncode, unknown.stdout) == (4, "") and "404" in unknown.stderr


@pytest.mark.parametrize("end, code", [("completed", 0), ("cancelled", 6)])
def test_a_look_goes_on_to_its_end(api, end, code):
    states = iter([operation(1, "running"), operation(1, "running"), operation(1, end)])
    one = operation(1)["operationId"]
    api.answers = {("GET", f"{OPERATIONS}/{one}"): lambda _: next(states)}
    told = api.run("operations", one, "--follow")
    assert told.returncode == code and f"state        {end}\n" in told.stdout and told.stderr == ""


def test_ctrl_c_ends_a_look_and_not_the_operation(api):
    one = operation(1, "running")
    api.answers = {("GET", f"{OPERATIONS}/{one['operationId']}"): one}
    view = Terminal("operations", one["operationId"], "--follow", environment=api.environment)
    view.until("40 %  matched 812, done 800, had already ended 7")
    view.process.send_signal(signal.SIGINT)
    assert view.end() == 130
    assert f"it goes on: `troupe operations {one['operationId']} --stop` would stop it" in view.text
    assert "state        running" in view.text and {asked[0] for asked in api.asked} == {"GET"}


@pytest.mark.parametrize("columns", [30, 60, 80])
def test_how_far_it_is_stands_in_one_line(api, columns):
    """What is wider would stand there again and again; and what is said of the gateway has a line of its own."""
    one = operation(1, "running", matched=1234567, done=1234550)
    path = f"{OPERATIONS}/{one['operationId']}"
    api.answers = {("GET", path): one}
    view = Terminal("operations", one["operationId"], "--follow", environment=api.environment, columns=columns)
    drawn = view.until(" 40 %  ") + view.until(" 40 %  ")
    api.answers = {("GET", path): (503, {})}
    assert view.end() == 1
    lines = re.split("[\r\n]+", re.sub(r"\033\[[0-9?]*[a-zA-Z]", "", drawn + view.text))
    assert max(len(line) for line in lines if "%" in line) < columns, lines
    assert any(line.startswith("troupe: 503") for line in lines), lines
    assert columns < 80 or any("done 1234550" in line for line in lines)


def test_an_operation_is_stopped_by_who_asks_for_it(api):
    one = operation(1, "cancelled")
    path = f"{OPERATIONS}/{one['operationId']}"
    api.answers = {("GET", OPERATIONS): {"operations": [one]}, ("DELETE", path): one}
    told = api.run("operations", "00000001", "--stop")
    assert told.returncode == 0 and "state        cancelled\n" in told.stdout and api.asked[-1][:2] == ("DELETE", path)
    api.answers["DELETE", path] = (409, {})
    assert api.run("operations", one["operationId"], "--stop").returncode == 4


def test_who_is_interrupted_is_told_where_the_operation_is(api):
    """Whoever began it stops it by the first Ctrl-C; when nobody answers then, the second one leaves it."""
    path = f"{OPERATIONS}/{OPERATION}"
    running = {"operationId": OPERATION, "state": "running", "progress": 41}
    stopping, released = threading.Event(), threading.Event()
    api.answers = {("POST", OPERATIONS): (202, {"operationId": OPERATION}), ("GET", path): running,
                   ("DELETE", path): lambda _: stopping.set() or running}
    view = Terminal("retry", "--where", "--all", environment=api.environment)
    view.until("41 %")
    view.process.send_signal(signal.SIGINT)
    view.until(f"it is asked to stop: `troupe operations {OPERATION}` tells what became of it")
    assert stopping.is_set()
    view.process.send_signal(signal.SIGINT)
    assert view.end() == 130
    assert f"it may go on: `troupe operations {OPERATION}` tells how far it is" in view.text
    api.answers["POST", OPERATIONS] = lambda _: released.wait(20) and running
    view = Terminal("retry", "--where", "--all", environment=api.environment)
    wait_until(lambda: api.asked[-1][0] == "POST", 20, "the wish")
    view.process.send_signal(signal.SIGINT)
    assert view.end() == 130 and "`troupe operations` lists those that have" in view.text
    released.set()


def test_who_loses_the_gateway_is_told_where_the_operation_is(api):
    api.answers = {("POST", OPERATIONS): (202, {"operationId": OPERATION}),
                   ("GET", f"{OPERATIONS}/{OPERATION}"): (503, {})}
    told = api.run("cancel", "--where", "--all")
    assert told.returncode == 1 and f"it may go on: `troupe operations {OPERATION}`" in told.stderr


# ---- jobs that are named ----


@pytest.mark.parametrize("command", [["cancel"], ["retry"], ["promote"], ["remove"], ["priority", "7"]])
def test_several_jobs_are_one_operation(api, command):
    """As those that are chosen on the dashboard."""
    api.answers = {("POST", OPERATIONS): (202, {"operationId": OPERATION}),
                   ("GET", f"{OPERATIONS}/{OPERATION}"): operation(3, total=2)}
    told = api.run(*command, JOB, OPERATION)
    assert told.returncode == 4 and "jobs         2 named\n" in told.stdout, "some of them were refused"
    api.answers["GET", f"{OPERATIONS}/{OPERATION}"] = operation(3, total=2, refused=0)
    assert api.run(*command, JOB, OPERATION).returncode == 0
    priority = {"priority": 7} if len(command) > 1 else {}
    assert api.asked[0][3] == {"action": command[0], **priority, "jobIds": [JOB, OPERATION]}


def test_as_many_jobs_can_be_named_as_the_api_takes(api):
    ids = [f"12345678-1234-4234-8234-{number:012}" for number in range(1001)]
    refused = api.run("cancel", *ids)
    assert refused.returncode == 2 and "at most 1000 jobs" in refused.stderr and not api.asked
    api.answers = {("POST", OPERATIONS): (202, {"operationId": OPERATION}),
                   ("GET", f"{OPERATIONS}/{OPERATION}"): operation(3)}
    assert api.run("cancel", *ids[:1000]).returncode == 4 and api.asked[0][3]["jobIds"] == ids[:1000]


def test_what_is_no_id_is_refused_before_anything_is_asked(api):
    refused = api.run("retry", JOB, "\033[2Jx")
    assert refused.returncode == 2 and not api.asked and refused.stderr == "troupe:  [2Jx is not an id\n"
    assert api.run("show", "\033[2Jx").stderr == "troupe:  [2Jx is not an id\n"


# ---- both ----


@pytest.mark.parametrize("words", [
    ("history", "--range", "2h"), ("history", "pictures"), ("history", "image", "video"), ("history", "--range"),
    ("operations", "--stop"), ("operations", "--follow"), ("operations", JOB, "--stop", "--follow"),
    ("operations", JOB, "--limit", "3"), ("operations", "--limit", "101"), ("operations", "--limit", "0"),
    ("operations", "x"), ("operations", JOB, JOB), ("duplicate", JOB, JOB), ("cancel", JOB, "--all", JOB)])
def test_bad_words_are_refused_before_anything_is_asked(api, words):
    told = api.run(*words)
    assert told.returncode == 2 and told.stderr and not api.asked
    if words[-1] in ("2h", "pictures"):
        assert {"2h": "1h, 24h or 30d", "pictures": "character, image, video, webhook or all"}[words[-1]] in told.stderr


def test_a_real_stack_tells_what_was_and_what_is_done(tmp_path):
    def run(*words, token=None):
        environment = {**os.environ, "TROUPE_DATA": str(tmp_path)}
        if token:
            environment |= {"TROUPE_URL": stack.url, "TROUPE_TOKEN": token}
        return subprocess.run([TROUPE, *words], capture_output=True, text=True, timeout=30, env=environment)

    with Stack(*NULL, data=tmp_path) as stack:
        ada, admin = stack.client("ada"), Client(stack.url, stack.token("boss", "--role", "admin"))
        made = [ada.submit_character(f"N{number}") for number in range(3)]
        assert {ada.wait_for(job)["status"] for job in made} == {"completed"}
        rows = [row.split() for row in run("history", "character").stdout.splitlines()[1:]]
        assert sum(int(row[2]) for row in rows) == sum(int(row[3]) for row in rows) == 3
        view = Terminal("history", "--data", tmp_path)
        assert view.end() == 0
        assert any(line.startswith("completed ") and "3, most" in line for line in plain(view.text)), view.text
        assert "video: nothing in the last hour" in view.text
        told = admin.post(OPERATIONS, {"action": "remove", "where": {"owner": "ada"}}).json()["data"]["operationId"]
        assert run("operations", told, "--follow").returncode == 0
        row = run("operations").stdout.splitlines()[1].split()
        assert (row[0], row[1], row[5], *row[-2:]) == (told, "remove", "3", "boss", "owner=ada")
        assert run("operations", told, "--stop").returncode == 4, "it has ended"
        viewer, user = stack.token("eye", "--role", "viewer"), stack.token("ada")
        for words in ("history",), ("operations",), ("operations", told), ("operations", told, "--follow"):
            assert run(*words, token=viewer).returncode == 0, words
            refused = run(*words, token=user)
            assert (refused.returncode, refused.stdout) == (4, "") and "403" in refused.stderr, words
        late = [ada.submit_character("late", options={"runAt": soon(3600)}) for _ in range(3)]
        assert "done         2\n" in run("cancel", *late[:2]).stdout
        assert [ada.job(job)["status"] for job in late] == ["cancelled", "cancelled", "pending"]
        assert run("cancel", *late, token=user).returncode == 4 and run("retry", *late, token=viewer).returncode == 4
        for token in viewer, user:
            assert run("operations", told, "--stop", token=token).returncode == 4
        assert run("operations", JOB).returncode == 4
    for words in ("history",), ("operations",), ("operations", told):
        gone = run(*words)
        assert gone.returncode == 1 and "no stack is running" in gone.stderr
