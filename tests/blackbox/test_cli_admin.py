"""The commands for those who run the stack: what they ask of the admin API, what they print, and their views on a
terminal. Queues against a real stack, the rest against a server that answers as docs/http-api.md has it."""

import base64
import datetime
import functools
import http.server
import json
import os
import re
import signal
import subprocess
import threading
import urllib.parse

import pytest

from stack import TROUPE, Stack, wait_until
from terminal import Terminal

NULL = ("--provider", "null", "--rate", "off")
JOB, WORKER, OPERATION = (f"12345678-1234-4234-8234-{number:012}" for number in (1, 2, 3))
WORKERS = {"workers": [{"workerId": WORKER, "queue": "image", "host": "render-1", "pid": 7, "version": "0.1.0",
                        "connectedAt": "2026-01-02T03:04:05.678Z", "lastSeenAt": "2026-01-02T03:04:05.678Z",
                        "draining": True, "slots": 5, "slotsBusy": 1,
                        "jobs": [{"jobId": JOB, "step": "rendering", "progress": 40, "attempt": 1,
                                  "startedAt": "2026-01-02T03:04:05.678Z"}]}]}


def job(number, **members):
    return {"jobId": f"12345678-1234-4234-8234-{number:012}", "queue": "image", "owner": "ada", "status": "failed",
            "progress": 40, "step": "rendering", "createdAt": "2026-01-02T03:04:05.678Z",
            "character": {"name": "Mira", "displayId": None},
            "failedReason": {"code": "provider_error", "message": "it\nbroke"}, **members}


class Api:
    """Answers each (method, path) with what `answers` has for it: data, (status, data) or a function of the request."""

    def __init__(self):
        self.asked = []
        self.keys = []  # and under which Idempotency-Key
        self.answers = {}
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                url = urllib.parse.urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                asked = (self.command, url.path, urllib.parse.parse_qs(url.query, keep_blank_values=True),
                         json.loads(body) if body else None)
                api.asked.append(asked)
                api.keys.append(self.headers["Idempotency-Key"])
                assert self.headers["Authorization"] == f"Bearer {api.environment['TROUPE_TOKEN']}"
                found = api.answers.get(asked[:2], (404, {}))
                found = found(asked) if callable(found) else found
                status, data, *more = found if isinstance(found, tuple) else (200, found)
                text = json.dumps({"success": status < 400, "statusCode": status, "data": data, "message": "as asked",
                                   **(more[0] if more else {})}).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_DELETE = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()
        self.environment = {**os.environ, "TROUPE_TOKEN": "secret",
                            "TROUPE_URL": f"http://127.0.0.1:{self.server.server_port}"}

    def be(self, role):
        """Whose commands come with a token that says it is of this role."""
        said = base64.urlsafe_b64encode(json.dumps({"sub": "boss", "role": role}).encode()).decode().rstrip("=")
        self.environment["TROUPE_TOKEN"] = f"e30.{said}.e30"

    def run(self, *words):
        return subprocess.run([TROUPE, *words], capture_output=True, text=True, env=self.environment, timeout=30)

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture(name="api")
def fixture_api():
    api = Api()
    yield api
    api.stop()


# ---- queues, against a real stack ----


def test_queues_are_shown_paused_and_resumed(tmp_path):
    with Stack(*NULL, data=tmp_path) as stack:
        def run(*words):
            return subprocess.run([TROUPE, *words, "--data", tmp_path], capture_output=True, text=True, timeout=30)

        client = stack.client()
        client.wait_for(client.submit_character())
        paused = run("pause", "character")
        assert (paused.returncode, paused.stdout.split()) == (0, ["queue", "character", "paused", "true"])
        waiting = client.submit_character()

        def rows():
            head, *lines = run("queues").stdout.splitlines()
            assert head.split()[:3] == ["QUEUE", "STATE", "PENDING"] and "\033" not in head
            return {line.split()[0]: line.split()[1:] for line in lines}

        row = wait_until(lambda: rows()["character"][2] == "1" and rows()["character"], 20, "a waiting job")
        assert row[:6] == ["paused", "0", "1", "0", "1", "0"]
        assert set(rows()) == {"character", "image", "video", "webhook"}
        found = json.loads(run("queues", "--json").stdout)["queues"]
        assert found[0]["queue"] == "character" and found[0]["paused"] and found[0]["counts"]["waiting"] == 1
        resumed = run("resume", "character", "--json")
        assert resumed.returncode == 0 and json.loads(resumed.stdout)["paused"] is False
        assert client.wait_for(waiting)["status"] == "completed"
        for action, words in ("pause", ["video", "image"]), ("resume", ["--all"]), ("resume", ["webhook"]):
            told = [json.loads(line) for line in run(action, *words, "--json").stdout.splitlines()]
            queues = ["character", "image", "video", "webhook"] if words == ["--all"] else words
            assert [(item["queue"], item["paused"]) for item in told] == [(name, action == "pause") for name in queues]
        unknown = run("pause", "image", "pictures/../x")
        assert unknown.returncode == 2 and "character, image, video or webhook" in unknown.stderr
    assert run("queues").returncode == 1


def test_queues_are_live_on_a_terminal(tmp_path):
    with Stack(*NULL, data=tmp_path) as stack:
        view = Terminal("queues", "--data", tmp_path, environment=stack.environment)
        assert "\033[?1049h" in view.until("character")
        client = stack.client()
        subprocess.run([TROUPE, "pause", "image", "--data", tmp_path], check=True, capture_output=True)
        assert "\033[33mpaused\033[0m" in view.until("paused\033[0m") + "paused\033[0m"
        client.wait_for(client.submit_character())
        view.press("q")
        assert view.end() == 0
        assert view.text.rstrip().endswith("\033[?1049l"), "the screen is as it was"
        plain = Terminal("queues", "--data", tmp_path, environment={**stack.environment, "NO_COLOR": "1"}, columns=30)
        drawn = plain.until("webhook")
        assert "\033[3" not in drawn
        plain.process.send_signal(signal.SIGINT)
        assert plain.end() == 0
        once = Terminal("queues", "--once", "--data", tmp_path, environment=stack.environment)
        assert once.end() == 0 and "\033[?1049h" not in once.text and "\033[32mrunning" in once.text


# ---- the rest, by its contract ----


@pytest.mark.parametrize("state, orders, jobs", [
    ("lost", {"lost": True, "draining": True}, 1), ("stopping", {"draining": True, "stopping": True}, 1),
    ("draining", {"draining": True}, 0), ("working", {}, 1), ("idle", {}, 0)])
def test_the_state_of_a_worker_is_told_as_it_is(api, state, orders, jobs):
    worker = {**WORKERS["workers"][0], "draining": False, **orders, "slotsBusy": jobs,
              "jobs": WORKERS["workers"][0]["jobs"][:jobs]}
    api.answers = {("GET", "/api/v1/admin/workers"): {"workers": [worker]}}
    assert api.run("workers").stdout.splitlines()[1].split()[2] == state


def test_workers_are_listed_and_drained(api):
    api.answers = {("GET", "/api/v1/admin/workers"): WORKERS,
                   ("POST", f"/api/v1/admin/workers/{WORKER}/drain"): {"workerId": WORKER, "draining": True},
                   ("POST", f"/api/v1/admin/workers/{WORKER}/undrain"): {"workerId": WORKER, "draining": False},
                   ("POST", f"/api/v1/admin/workers/{WORKER}/stop"): {"workerId": WORKER, "draining": True,
                                                                      "stopping": True}}
    begin = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
    days = (datetime.datetime.now(datetime.timezone.utc) - begin).days
    lines = api.run("workers").stdout.splitlines()
    assert lines[1].split()[:6] == [WORKER, "image", "draining", "render-1", "7", "0.1.0"]
    assert re.search(rf"{JOB} rendering 40% (\d+)d$", lines[1])[1] in (str(days), str(days + 1)), "how long ago"
    assert json.loads(api.run("workers", "--json").stdout) == WORKERS
    assert api.run("drain", WORKER).stdout.split() == ["worker", WORKER, "draining", "true"]
    assert json.loads(api.run("drain", WORKER, "--undo", "--json").stdout)["draining"] is False
    stopped = api.run("drain", WORKER, "--stop")
    assert stopped.returncode == 0 and stopped.stdout.split()[-2:] == ["stopping", "true"]
    other = api.run("drain", JOB)
    assert other.returncode == 4 and "404" in other.stderr


def test_a_worker_is_known_by_the_beginning_of_its_id(api):
    twin = {**WORKERS["workers"][0], "workerId": "1234ffff-1234-4234-8234-000000000009"}
    api.answers = {("GET", "/api/v1/admin/workers"): {"workers": [*WORKERS["workers"], twin]},
                   ("POST", f"/api/v1/admin/workers/{WORKER}/drain"): {"workerId": WORKER, "draining": True}}
    assert api.run("drain", "12345678").stdout.split() == ["worker", WORKER, "draining", "true"]
    several = f"several ids begin with 1234, among them\n  {WORKER}  image\n  {twin['workerId']}  image\n"
    for word, told in ("1234", several), ("9", "no worker"):
        refused = api.run("drain", word)
        assert refused.returncode == 2 and told in refused.stderr


def test_top_shows_both(api):
    queue = {"queue": "image", "paused": False, "counts": {"waiting": 3}, "workers": 1, "slots": 5, "slotsBusy": 1,
             "limit": {"max": 5, "durationMs": 1000, "used": 2}, "oldestWaitingAt": None, "perMinute": {}}
    api.answers = {("GET", "/api/v1/admin/queues"): {"queues": [queue]}, ("GET", "/api/v1/admin/workers"): WORKERS}
    assert api.run("top").stdout.splitlines()[2] == "", "queues, a line between, workers"
    view = Terminal("top", environment=api.environment)
    view.until("render-1")
    queue["counts"]["waiting"] = 12345
    view.until("12345")
    view.press("q")
    assert view.end() == 0
    view = Terminal("top", environment=api.environment)
    view.until("render-1")
    api.answers = {}
    assert view.end() == 4 and "troupe: 404" not in view.text.split("\033[?1049l")[0]
    assert view.text.split("\033[?1049l")[1].startswith("troupe: 404 as asked\r\n"), "it stays to be read"


@pytest.mark.parametrize("columns", [60, 80, 100, 140])
def test_a_view_has_what_matters_and_whole_numbers_at_any_width(api, columns):
    counts = {"pending": 31, "waiting": 1234567, "active": 12345, "completed": 98765432, "failed": 4321,
              "cancelled": 77}
    queue = {"queue": "character", "paused": True, "counts": counts, "workers": 3, "slots": 15, "slotsBusy": 14,
             "limit": {"max": 10, "durationMs": 1000, "used": 9}, "oldestWaitingAt": None,
             "perMinute": {"completed": 654}}
    api.answers = {("GET", "/api/v1/admin/queues"): {"queues": [queue]}, ("GET", "/api/v1/admin/workers"): WORKERS}
    wanted = {60: {"1234567", "12345", "4321", "14/15"},
              80: {"1234567", "12345", "4321", "14/15", "31", "98765432", "paused"},
              100: {"1234567", "12345", "4321", "14/15", "31", "98765432", "paused", "654", "3"},
              140: {"1234567", "12345", "4321", "14/15", "31", "98765432", "paused", "654", "3", "77", "9/10"}}
    for command in "top", "queues":
        view = Terminal(command, environment=api.environment, columns=columns)
        drawn = view.until("12345678 r" if command == "top" else "14/15")
        view.press("q")
        assert view.end() == 0
        lines = re.sub(r"\033\[[0-9?]*[a-zA-Z]", "", drawn + view.text).replace("\r", "").split("\n")
        assert max(map(len, lines)) <= columns, lines
        row, = {tuple(line.split()) for line in lines if line.startswith("character ")}
        known = {"character", "paused", "31", *map(str, counts.values()), "14/15", "9/10", "3", "654", "-"}
        assert wanted[columns] <= set(row) <= known, "what is there is whole"
        assert lines[0].startswith("q ends")
    workers = [line.split() for line in lines_of_workers(api, columns)]
    assert workers[1][0] == (WORKER if columns >= 100 else WORKER[:8]) and workers[1][-1] != "JOBS"


def test_jobs_of_workers_are_whole_in_a_pipe(api):
    """As `show`, `tail` and `cancel` take them; a terminal has room for their beginnings."""
    api.answers = {("GET", "/api/v1/admin/queues"): {"queues": []}, ("GET", "/api/v1/admin/workers"): WORKERS}
    for words in ["workers"], ["top", "--once"]:
        told = api.run(*words)
        assert told.returncode == 0 and f"  {JOB} rendering 40% " in told.stdout, told
    assert not any(JOB in line for line in lines_of_workers(api, 140))


def test_a_worker_with_many_jobs_tells_how_many_and_which_are_not_named(api):
    """The API tells a hundred of them; a cell of a table holds fewer still."""
    many, = WORKERS["workers"]
    names = [f"12345678-1234-4234-8234-{number:012}" for number in range(100)]
    worker = {**many, "slots": 500, "slotsBusy": 300, "draining": False,
              "jobs": [{**many["jobs"][0], "jobId": name} for name in names]}
    api.answers = {("GET", "/api/v1/admin/workers"): {"workers": [worker]}}
    told = api.run("workers").stdout
    named = [name for name in names if name in told]
    assert named == names[:len(named)] and len(named) > 20
    assert "300/500" in told and "working" in told and told.rstrip().endswith(f", and {300 - len(named)} more")


@pytest.mark.parametrize("reason, workers, drained, used, state", [
    ("no_worker", 0, 0, 0, "no worker"), ("no_worker", 2, 2, 0, "drained"), (None, 2, 2, 0, "drained"),
    (None, 2, 1, 0, "running"), ("rate_limited", 1, 0, 5, "at its rate"),
    ("rate_limited", 1, 0, 4, "provider at its rate"), ("capped", 1, 0, 0, "at its cap")])
def test_a_queue_tells_why_it_stands(api, reason, workers, drained, used, state):
    queue = {"queue": "image", "paused": False, "counts": {"waiting": 3}, "workers": workers,
             "workersDraining": drained, "slots": 5, "slotsBusy": 1, "waitReason": reason, "perMinute": {},
             "limit": {"max": 5, "durationMs": 1000, "used": used}, "oldestWaitingAt": None}
    api.answers = {("GET", "/api/v1/admin/queues"): {"queues": [queue]}}
    row = api.run("queues").stdout.splitlines()[1]
    assert re.split(r"  +", row)[1] == state, row


def lines_of_workers(api, columns):
    view = Terminal("workers", environment=api.environment, columns=columns)
    assert view.end() == 0
    return re.sub(r"\033\[[0-9?]*[a-zA-Z]", "", view.text).splitlines()


def test_a_view_tells_of_lines_that_have_no_room(api):
    workers = [{**WORKERS["workers"][0], "workerId": f"{number:08}-1234-4234-8234-000000000009"}
               for number in range(40)]
    api.answers = {("GET", "/api/v1/admin/queues"): {"queues": []},
                   ("GET", "/api/v1/admin/workers"): {"workers": workers}}
    view = Terminal("top", environment=api.environment, lines=20)
    drawn = view.until("lines more")
    view.press("q")
    assert view.end() == 0
    shown = len(re.findall(r"0000\d\d-1234", drawn))
    assert shown == 13 and f"{40 - shown} lines more" in drawn + "lines more"


def test_jobs_are_searched_with_the_filters_of_the_api(api):
    api.answers = {("GET", "/api/v1/admin/jobs"): lambda asked: (200, {"jobs": [job(1)]}, {
        "pagination": {"nextCursor": None, "hasMore": False}})}
    filters = {"queue": "image", "status": "failed,cancelled", "owner": "ada & co", "characterId": JOB, "q": "50% off",
               "tag": "ä", "from": "2026-01-02T03:04:05+01:00", "to": "2026-01-03T00:00:00Z", "errorCode": "x",
               "groupId": JOB}
    result = api.run("jobs", *[f"{name}={value}" for name, value in filters.items()], "--limit", "7")
    assert result.returncode == 0, result.stderr
    assert api.asked[-1][2] == {"limit": ["7"], **{name: [value] for name, value in filters.items()}}
    head, line = result.stdout.splitlines()
    assert head.split() == ["JOB", "QUEUE", "STATUS", "NAME", "OWNER", "PROGRESS", "STEP", "CREATED", "ERROR"]
    assert line.split()[:6] == [JOB, "image", "failed", "Mira", "ada", "40%"] and line.endswith("it broke")
    assert json.loads(api.run("jobs", "--json").stdout) == {"jobs": [job(1)], "nextCursor": None}
    assert api.run("jobs", "--group", JOB).returncode == 0 and api.asked[-1][2]["groupId"] == [JOB]
    coloured = Terminal("jobs", environment=api.environment)
    assert coloured.end() == 0 and "\033[31mfailed\033[0m" in coloured.text


def test_a_search_goes_on_until_there_are_enough(api):
    """A page may be short, or empty: the server stops after 200 ms."""
    pages = {None: [job(1)], "a": [], "b": [job(2), job(3)], "c": [job(4)]}

    def page(asked):
        cursor = asked[2].get("cursor", [None])[0]
        after = {None: "a", "a": "b", "b": "c", "c": None}[cursor]
        return 200, {"jobs": pages[cursor]}, {"pagination": {"nextCursor": after, "hasMore": after is not None}}

    api.answers = {("GET", "/api/v1/admin/jobs"): page}
    result = api.run("jobs", "--limit", "3")
    assert [line.split()[0][-1] for line in result.stdout.splitlines()[1:]] == ["1", "2", "3"]
    assert "--cursor c" in result.stderr
    assert [asked[2]["limit"] for asked in api.asked] == [["3"], ["2"], ["2"]]
    rest = api.run("jobs", "--cursor", "c")
    assert len(rest.stdout.splitlines()) == 2 and rest.stderr == ""


@pytest.mark.parametrize("command", [["cancel"], ["retry"], ["promote"], ["remove"], ["priority", "7"]])
def test_an_operation_is_followed_to_its_end(api, command):
    states = iter([("running", 10), ("running", 200), ("completed", 500)])

    def look(_):
        state, done = next(states)
        return {"operationId": OPERATION, "action": command[0], "state": state, "progress": done // 5, "matched": 517,
                "done": done, "alreadyEnded": 7, "refused": 10,
                "reasons": {"not_delayed": 3, "damaged": 7}, "scanned": 900}

    api.answers = {("POST", "/api/v1/admin/operations"): (202, {"operationId": OPERATION}),
                   ("GET", f"/api/v1/admin/operations/{OPERATION}"): look}
    result = api.run(*command, "--where", "queue=image", "status=failed", "q=timeout")
    assert result.returncode == 0, result.stderr
    priority = {"priority": 7} if len(command) > 1 else {}
    assert api.asked[0][3] == {"action": command[0], **priority,
                               "where": {"queue": "image", "status": "failed", "q": "timeout"}}
    assert dict((line[:13].strip(), line[13:]) for line in result.stdout.splitlines()) == {
        "operation": OPERATION, "action": command[0], "state": "completed", "progress": "100", "matched": "517",
        "done": "500", "had ended": "7", "refused": "10", "why refused": "3 not_delayed, 7 damaged", "looked at": "900"}


def test_an_operation_is_stopped_by_an_interrupt(api):
    stopped = threading.Event()

    def stop(_):
        stopped.set()
        return {}

    api.answers = {("POST", "/api/v1/admin/operations"): (202, {"operationId": OPERATION}),
                   ("DELETE", f"/api/v1/admin/operations/{OPERATION}"): stop,
                   ("GET", f"/api/v1/admin/operations/{OPERATION}"): lambda _: {
                       "operationId": OPERATION, "state": "cancelled" if stopped.is_set() else "running", "done": 3,
                       "progress": 41}}
    view = Terminal("cancel", "--where", "--all", environment=api.environment)
    view.until("41 %  matched 0, done 3")
    assert api.asked[0][3] == {"action": "cancel", "where": {}}
    view.process.send_signal(signal.SIGINT)
    assert view.end() == 130 and "cancelled" in view.text


@pytest.mark.parametrize("silent", ["POST", "GET", "DELETE"])
def test_an_interrupt_is_heard_while_nobody_answers(api, silent):
    path = f"/api/v1/admin/operations/{OPERATION}"
    hung, released = threading.Event(), threading.Event()

    def hang(_):
        hung.set()
        released.wait(20)
        return {}

    api.answers = {("POST", "/api/v1/admin/operations"): (202, {"operationId": OPERATION}),
                   ("GET", path): {"operationId": OPERATION, "state": "running", "done": 3, "progress": 41}}
    api.answers[(silent, path if silent != "POST" else "/api/v1/admin/operations")] = hang
    view = Terminal("cancel", "--where", "--all", environment=api.environment)
    if silent == "DELETE":
        view.until("41 %")
        view.process.send_signal(signal.SIGINT)
    assert hung.wait(10)

    def ended():
        view.process.send_signal(signal.SIGINT)
        return view.process.poll() is not None

    wait_until(ended, 15, "the end after an interrupt or two")
    assert view.end() == 130
    assert "may" in view.text
    released.set()


def test_one_job_is_changed(api):
    path = f"/api/v1/admin/jobs/{JOB}"
    api.answers = {("POST", path + "/promote"): {"jobId": JOB, "status": "waiting", "priority": 128},
                   ("POST", path + "/priority"): {"jobId": JOB, "status": "waiting", "priority": 7},
                   ("POST", path + "/duplicate"): (202, {"jobId": WORKER, "status": "waiting"}),
                   ("DELETE", path): {"jobId": JOB, "removed": True}}
    assert f"job          {WORKER}\nstatus       waiting\n" in api.run("duplicate", JOB).stdout
    assert api.run("duplicate", "--where", "--all").returncode == api.run("duplicate").returncode == 2
    assert api.run("duplicate", JOB, "--key", "once").returncode == 0 and api.keys[-1] == "once"
    assert api.run("promote", JOB, "--key", "once").returncode == 2
    assert f"job          {JOB}\nstatus       waiting\n" in api.run("promote", JOB).stdout
    assert "priority     7" in api.run("priority", "7", JOB).stdout and api.asked[-1][3] == {"priority": 7}
    assert json.loads(api.run("remove", JOB, "--json").stdout) == {"jobId": JOB, "removed": True}


def test_operations_on_a_real_stack():
    with Stack(*NULL, "--actors", 0) as stack:
        user = stack.client("ada")
        first, *rest = (user.submit_character(f"cli {number}") for number in range(5))
        run = functools.partial(subprocess.run, capture_output=True, text=True, check=False, timeout=30)
        data = ("--data", str(stack.data))
        assert run([TROUPE, "priority", "3", first, *data]).returncode == 0 and user.job(first)["priority"] == 3
        view = Terminal("cancel", "--where", "owner=ada", "q=cli ", *data)
        assert view.end() == 0 and "done         5" in view.text, view.text
        assert {user.job(job)["status"] for job in (first, *rest)} == {"cancelled"}
        told = run([TROUPE, "retry", "--where", "status=cancelled", "--json", *data])
        assert (told.returncode, json.loads(told.stdout)["done"]) == (0, 5), told.stderr
        assert run([TROUPE, "promote", first, *data]).returncode == 4
        assert run([TROUPE, "cancel", first, *data]).returncode == 0
        told = json.loads(run([TROUPE, "cancel", "--where", "--all", "--json", *data]).stdout)
        assert (told["matched"], told["done"], told["alreadyEnded"], told["refused"]) == (5, 4, 1, 0)
        assert run([TROUPE, "remove", first, *data]).returncode == 0
        assert user.get(f"/api/v1/character-jobs/{first}").status_code == 410


@pytest.mark.parametrize("words", [
    ("queues", "x"), ("workers", "x"), ("top", "x"), ("pause",), ("pause", "a", "b", "c", "d", "e"),
    ("pause", "--all", "image"), ("resume",),
    ("pause", ""), ("drain",), ("drain", "x"), ("drain", WORKER, "--undo", "--stop"), ("jobs", "image"),
    ("jobs", "colour=red"), ("jobs", "--limit", "0"), ("jobs", "--limit", "1001"), ("jobs", "queue=a", "queue=b"),
    ("cancel", "--where"), ("retry", "--where", "colour=red"), ("cancel", "--where", "--all", "queue=image"),
    ("cancel", "--all", JOB), ("retry", "--all"), ("retry",), ("promote",), ("promote", "x"), ("remove", JOB, "x"),
    ("remove", "--all", JOB), ("priority", JOB), ("priority", "0", JOB), ("priority", "7"),
    ("priority", "7", "--where"), ("promote", "--odd")])
def test_bad_words_are_refused_before_anything_is_asked(api, words):
    result = api.run(*words)
    assert result.returncode == 2 and result.stderr and not api.asked


def test_options_that_a_form_of_submit_has_not_are_refused(api, tmp_path):
    path = tmp_path / "jobs.json"
    path.write_text("{}")
    of_job = [("--run-at", "2026-01-31T10:00:00Z"), ("--start-by", "2026-01-31T10:00:00Z"), ("--priority", "7"),
              ("--deadline", "2026-01-31T10:00:00Z"), ("--tags", "a,b"), ("--dedupe", "key")]
    of_video = [("--duration", "5"), ("--resolution", "720p")]
    many = [*of_job, *of_video, ("--pose", "waving")]
    forms = {("batch", str(path)): many, ("pipeline", str(path)): many, ("image", JOB): of_video,
             ("character", str(path)): [*of_video, ("--pose", "waving")]}
    for form, options in forms.items():
        for option in options:
            refused = api.run("submit", *form, *option)
            assert refused.returncode == 2 and f"submit {form[0]} takes no {option[0]}" in refused.stderr, option
            assert ("the jobs in the file" in refused.stderr) == (form[0] in ("batch", "pipeline"))
    assert not api.asked
    api.answers["POST", "/api/v1/batches"] = (202, {"batchId": JOB, "jobIds": [WORKER]})
    taken = api.run("submit", "batch", str(path), "--key", "once")
    assert (taken.returncode, taken.stdout) == (0, JOB + "\n")


@pytest.mark.parametrize("words", [("queues",), ("workers",), ("top",), ("jobs",), ("pause", "image"),
                                   ("resume", "image"), ("drain", WORKER), ("backup",), ("backup", "--list"),
                                   ("cancel", "--where", "--all"), ("promote", JOB), ("priority", "7", JOB),
                                   ("remove", JOB)])
def test_a_refusal_has_its_exit_code(api, words):
    for path in ("queues", "workers", "jobs", "operations", "backups", "queues/image/pause", "queues/image/resume",
                 f"workers/{WORKER}/drain", f"jobs/{JOB}", f"jobs/{JOB}/promote", f"jobs/{JOB}/priority"):
        for method in ("GET", "POST", "DELETE"):
            api.answers[method, "/api/v1/admin/" + path] = (403, {})
    result = api.run(*words)
    assert result.returncode == 4 and "403 as asked" in result.stderr and result.stdout == ""
