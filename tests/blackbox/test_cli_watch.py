"""Lists that are live on a terminal: `troupe jobs --watch`, and of users, providers, workers and others."""

import datetime
import json
import re
import signal
import subprocess
import threading
import time

import pytest

from stack import TROUPE, Stack, wait_until
from terminal import Terminal
from test_cli_admin import JOB, fixture_api, job  # noqa: F401

JOBS = "/api/v1/admin/jobs"
BACK = "\033[?1049l"  # to the screen as it was


def page(*jobs, **pagination):
    return 200, {"jobs": list(jobs)}, {"pagination": {"nextCursor": None, "hasMore": False, **pagination}}


def rows(drawn):
    """The lines of the last drawing."""
    text = re.sub(r"\033\[[0-9?]*[a-zA-Z]", "", drawn.split("\033[H")[-1])
    return text.replace("\r", "").split("\n")


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


@pytest.mark.parametrize("end", ["q", "interrupt"])
def test_a_list_goes_on_until_somebody_ends_it(api, end):
    known = [job(1, status="active", progress=40, failedReason=None)]
    api.answers = {("GET", JOBS): lambda _: page(*known)}
    view = Terminal("jobs", "--watch", "queue=image", environment=api.environment, columns=100)
    drawn = view.until("40%")
    assert "\033[?1049h" in drawn and re.search(r"q ends  \S+Z  troupe jobs queue=image  http://\S+\r", drawn)
    known[:] = [job(2, status="waiting", progress=0, failedReason=None), {**known[0], "progress": 80}]
    drawn = view.until("80%")
    assert [row.split()[0][-2:] for row in rows(drawn) if "-4234-" in row] == ["02", "01"]
    if end == "q":
        view.press("q")
    else:
        view.process.send_signal(signal.SIGINT)
    assert view.end() == 0 and view.text.rstrip().endswith(BACK), "the screen is as it was"
    assert all(asked[2] == {"queue": ["image"], "limit": ["25"]} for asked in api.asked), "30 lines, and 5 of them not"


def test_the_list_is_as_long_as_was_asked_for_and_says_when_it_is_not_whole(api):
    api.answers = {("GET", JOBS): lambda _: page(job(1), nextCursor="c", scanned=1234, exhausted=False)}
    view = Terminal("jobs", "--watch", "--limit", "7", "tag=rare", environment=api.environment)
    view.until("of the newest 1234 jobs: there may be more")
    assert api.asked[0][2] == {"tag": ["rare"], "limit": ["7"]}
    api.answers["GET", JOBS] = lambda _: page()
    view.until("no jobs match")
    view.press("q")
    assert view.end() == 0


def test_a_time_ago_goes_with_the_time(api):
    api.answers = {("GET", JOBS): lambda _: page(job(1))}
    view = Terminal("jobs", "--watch", "from=1h", environment=api.environment)
    wait_until(lambda: view.read() or len(api.asked) > 2, 20, "three looks")
    view.press("q")
    assert view.end() == 0
    first, *_, last = [moment(asked[2]["from"][0]) for asked in api.asked]
    assert 1 < (last - first).total_seconds() < 20


def test_a_broker_without_time_does_not_end_the_list(api):
    api.answers = {("GET", JOBS): lambda _: page(job(1))}
    view = Terminal("jobs", "--watch", environment=api.environment)
    view.until(JOB)
    api.answers["GET", JOBS] = (503, None, {"error": {"code": "busy"}})
    drawn = view.until("the broker is busy: as it was")
    assert JOB in drawn
    api.answers["GET", JOBS] = lambda _: page(job(2))
    assert "is busy" not in view.until(JOB[:-1] + "2").split("\033[H")[-1]
    api.answers["GET", JOBS] = (403, None)
    assert view.end() == 4 and "troupe: 403" in view.text.split(BACK)[1]


def test_a_search_that_takes_long_is_asked_for_seldom(api):
    def slow(_):
        threading.Event().wait(0.3)
        return page(job(1))

    api.answers = {("GET", JOBS): slow}
    view = Terminal("jobs", "--watch", environment=api.environment)
    began = time.monotonic()
    wait_until(lambda: view.read() or len(api.asked) > 2, 30, "the third look")
    assert time.monotonic() - began > 5, "each takes a tenth of the time: 0 s, 3 s, 6 s"
    view.press("q")
    assert view.end() == 0


def slow_once(times, seconds, *others):
    """An answer that takes long the first time, and then those, and then no time."""
    def answer(_):
        times.append(time.monotonic())
        if len(times) == 1:
            threading.Event().wait(seconds)
        return others[len(times) - 2] if 1 < len(times) < len(others) + 2 else page(job(len(times)))
    return answer


def test_after_one_slow_answer_the_list_is_soon_new_and_says_from_when_it_is(api):
    """Nine times as long as it took were 18 seconds, in which the clock of the view went on."""
    times = []
    api.answers = {("GET", JOBS): slow_once(times, 2)}
    view = Terminal("jobs", "--watch", environment=api.environment)
    wait_until(lambda: view.read() or len(times) > 1, 40, "the second look")
    assert 6.5 < times[1] - times[0] < 14
    heads = re.findall(r"q ends  (\S+Z)", view.text)
    assert len(set(heads)) <= len(times) < len(heads), heads
    view.text = ""
    wait_until(lambda: view.read() or set(re.findall(r"q ends  (\S+Z)", view.text)) - {heads[0]}, 20, "a new page")
    view.press("q")
    assert view.end() == 0


def test_what_is_told_to_programs_is_as_new_as_it_says(api):
    times = []
    api.answers = {("GET", JOBS): slow_once(times, 1, (503, None, {"error": {"code": "busy"}}))}
    process = subprocess.Popen([TROUPE, "jobs", "--watch", "--json"], stdout=subprocess.PIPE, text=True,
                               env=api.environment)
    told = [json.loads(process.stdout.readline()) for _ in range(2)]
    assert [line["jobs"][0] for line in told] == [job(1), job(3)], "what is busy has told nothing"
    assert (moment(told[1]["at"]) - moment(told[0]["at"])).total_seconds() > 5
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0
    process.stdout.close()


def test_ctrl_c_is_heard_while_nobody_answers(api):
    released = threading.Event()
    api.answers = {("GET", JOBS): lambda _: released.wait(20) and page()}
    view = Terminal("jobs", "--watch", environment=api.environment)
    wait_until(lambda: view.read() or api.asked, 20, "the question")
    view.process.send_signal(signal.SIGINT)
    assert view.end() == 0
    released.set()


@pytest.mark.parametrize("columns, lines", [(60, 12), (140, 40)])
def test_the_list_fits_its_terminal(api, columns, lines):
    api.answers = {("GET", JOBS): lambda asked: page(*[job(number) for number in range(int(asked[2]["limit"][0]))])}
    view = Terminal("jobs", "--watch", "owner=" + "ä" * 90, environment=api.environment, columns=columns, lines=lines)
    drawn = view.until("\033[J")
    drawn = rows(drawn)
    assert max(map(len, drawn)) <= columns and len(drawn) <= lines and "�" not in "".join(drawn), drawn
    assert api.asked[0][2]["limit"] == [str(lines - 5)]
    view.press("q")
    assert view.end() == 0


def test_into_a_pipe_it_is_told_once_and_as_json_again_and_again(api):
    api.answers = {("GET", JOBS): lambda _: page(job(1))}
    once = api.run("jobs", "--watch")
    assert (once.returncode, once.stderr) == (0, "") and len(once.stdout.splitlines()) == 2 and len(api.asked) == 1
    process = subprocess.Popen([TROUPE, "jobs", "--watch", "--json"], stdout=subprocess.PIPE, text=True,
                               env=api.environment)
    told = [json.loads(process.stdout.readline()) for _ in range(2)]
    assert all(set(line) == {"at", "jobs"} and line["jobs"] == [job(1)] for line in told)
    assert moment(told[0]["at"]) < moment(told[1]["at"])
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0
    process.stdout.close()


@pytest.mark.parametrize("words", [("--wide",), ("--cursor", "c"), ("--export", "csv"), ("--limit", "101"),
                                   ("--limit", "0"), ("nothing=x",), ("from=yesterday", "from=1h")])
def test_bad_words_are_refused_before_anything_is_asked(api, words):
    told = api.run("jobs", "--watch", *words)
    assert told.returncode == 2 and told.stderr and not api.asked


def test_a_job_is_watched_through_a_real_stack(tmp_path):
    with Stack("--provider", "null:300", "--rate", "off", data=tmp_path) as stack:
        view = Terminal("jobs", "--watch", "owner=ada", "--data", tmp_path, columns=140)
        view.until("no jobs match")
        ada = stack.client("ada")
        made = ada.submit_character("Mira")
        view.until(made)
        ada.wait_for(made, status="completed")
        drawn = view.until("completed")
        assert "Mira" in drawn
        view.press("q")
        assert view.end() == 0


# ---- other lists ----

AT = "2026-01-01T00:00:00.000Z"
LISTS = {
    "users": ("/api/v1/admin/users", lambda name: {"users": [{"owner": name}], "totals": {"active": 7}}, "nobody has"),
    "providers": ("/api/v1/admin/providers", lambda name: {"providers": [
        {"provider": name, "uses": ["chat"], "breaker": {"state": "open"}, "workers": 1}]}, "no provider is known"),
    "workers": ("/api/v1/admin/workers", lambda name: {"workers": [
        {"workerId": "w", "queue": "image", "host": name, "slots": []}]}, "no worker is connected"),
    "operations": ("/api/v1/admin/operations", lambda name: {"operations": [
        {"operationId": JOB, "action": "retry", "state": "running", "by": name}]}, "there are no operations"),
    "audit": ("/api/v1/admin/audit", lambda name: {"audit": [
        {"at": AT, "user": name, "action": "pause", "outcome": "ok"}]}, "nothing in the audit log matches"),
    "failures": ("/api/v1/admin/failures", lambda name: {"groups": [
        {"errorGroup": JOB, "queue": "image", "errorCode": "e", "message": name, "count": 3, "firstFailedAt": AT,
         "lastFailedAt": AT, "sampleJobIds": [JOB]}]}, "no failed jobs match")}
EMPTY = {"failures": {"groups": []}}
MEMBERS = {"users": {"users", "totals"}, "failures": {"groups", "jobs", "others"}}


@pytest.mark.parametrize("command", LISTS)
def test_other_lists_are_live_too(api, command):
    path, answer, none = LISTS[command]
    api.answers = {("GET", path): answer("first")}
    view = Terminal(command, "--watch", environment=api.environment, columns=120)
    drawn = view.until("first")
    assert re.search(rf"\033\[\?1049h.*q ends  \S+Z  troupe {command}  http://\S+\r", drawn, re.S)
    api.answers["GET", path] = EMPTY.get(command, {command: []})
    view.until(none)
    api.answers["GET", path] = answer("second\033[2J")
    view.until("second [2J")
    api.answers["GET", path] = (503, None, {"error": {"code": "busy"}})
    assert "second" in view.until("the broker is busy: as it was")
    api.answers["GET", path] = answer("third")
    assert "busy" not in view.until("third").split("\033[H")[-1]
    view.process.send_signal(signal.SIGINT)
    assert view.end() == 0 and view.text.rstrip().endswith(BACK)
    gone = Terminal(command, "--watch", environment=api.environment)
    gone.until("third")
    api.answers = {}
    assert gone.end() == 4 and gone.text.split(BACK)[1].startswith("troupe: 404")


@pytest.mark.parametrize("command", LISTS)
def test_other_lists_are_told_once_into_a_pipe_and_as_json_again_and_again(api, command):
    path, answer, _ = LISTS[command]
    api.answers = {("GET", path): answer("first")}
    once = api.run(command, "--watch")
    assert (once.returncode, once.stderr, len(once.stdout.splitlines()), len(api.asked)) == (0, "", 2, 1)
    api.answers["GET", path] = (503, None, {"error": {"code": "busy", "message": "Too much"}})
    assert api.run(command, "--watch").returncode == 1, "nobody asks again"
    api.answers["GET", path] = answer("first")
    process = subprocess.Popen([TROUPE, command, "--watch", "--json"], stdout=subprocess.PIPE, text=True,
                               env=api.environment)
    told = [json.loads(process.stdout.readline()) for _ in range(2)]
    for line in told:
        assert set(line) == {"at"} | MEMBERS.get(command, {command})
        assert all(line[name] == value for name, value in answer("first").items())
    assert moment(told[0]["at"]) < moment(told[1]["at"])
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0
    process.stdout.close()


@pytest.mark.parametrize("columns", [60, 80, 120])
@pytest.mark.parametrize("command", LISTS)
def test_other_lists_fit_their_terminals(api, command, columns):
    path, answer, _ = LISTS[command]
    (name, (item, *_)), *_ = answer("ä" * 90).items()
    api.answers = {("GET", path): {name: [{**item, "errorGroup": f"{number}"} for number in range(40)]}}
    view = Terminal(command, "--watch", environment=api.environment, columns=columns, lines=12)
    drawn = rows(view.until("lines more"))
    assert f"  troupe {command}  " in drawn[0]
    assert max(map(len, drawn)) <= columns and len(drawn) <= 12 and "�" not in "".join(drawn), drawn
    view.press("q")
    assert view.end() == 0


@pytest.mark.parametrize("columns", [60, 80])
def test_what_came_of_it_is_told_on_narrow_terminals(api, columns):
    """Long names took the room of the audit log's outcome, and of who began an operation."""
    api.answers = {("GET", "/api/v1/admin/audit"): {"audit": [
        {"at": AT, "user": "ada" * 12, "role": "admin", "action": "delete_character-job", "target": JOB,
         "outcome": "refused", "leftOut": 3}]}, ("GET", "/api/v1/admin/operations"): {"operations": [
             {"operationId": JOB, "action": "priority", "priority": 200, "state": "running", "by": "ada" * 12,
              "matched": 100000, "done": 4000, "startedAt": AT}]}}
    for command, told in ("audit", "refused, 3 times"), ("operations", "adaadaa"):
        view = Terminal(command, environment=api.environment, columns=columns)
        assert view.end() == 0 and told in view.text


@pytest.mark.parametrize("command", ["users", "audit"])
def test_a_list_that_has_pages_is_as_long_as_there_is_room(api, command):
    path, answer, _ = LISTS[command]
    api.answers = {("GET", path): answer("first")}
    for words, lines, limit in ((), 30, "25"), ((), 200, "100"), (("--limit", "7"), 30, "7"):
        api.asked.clear()
        view = Terminal(command, "--watch", *words, environment=api.environment, lines=lines)
        view.until("first")
        view.press("q")
        assert view.end() == 0 and api.asked[0][2] == {"limit": [limit]}


def test_the_audit_of_one_user_is_watched(api):
    api.answers = {("GET", "/api/v1/admin/audit"): LISTS["audit"][1]("ada")}
    view = Terminal("audit", "--watch", "--by", "ada", "--action", "pause", environment=api.environment)
    assert re.search(r"  troupe audit by ada action pause  http", view.until("\033[J"))
    view.press("q")
    assert view.end() == 0 and api.asked[0][2] == {"user": ["ada"], "action": ["pause"], "limit": ["25"]}


@pytest.mark.parametrize("words", [("operations", JOB, "--watch"), ("failures", "--watch", "--wide"),
                                   ("failures", "--watch", "x=y"), ("operations", "--watch", "--follow"),
                                   ("audit", "--watch", "--limit", "101"), ("workers", "--watch", "--once")],
                         ids=" ".join)
def test_what_does_not_go_with_a_list_is_refused(api, words):
    told = api.run(*words)
    assert told.returncode == 2 and told.stderr and not api.asked


# ---- failures, which are on several pages ----

FAILURES = "/api/v1/admin/failures"


def failure_pages(count, seconds=0):
    """Answers of so many pages, each of another group and of one that is on all of them."""
    def answer(asked):
        threading.Event().wait(seconds)
        place = int(asked[2].get("cursor", ["0"])[0])
        groups = [LISTS["failures"][1](name)["groups"][0] | {"errorGroup": name, "count": 2}
                  for name in ("of all", f"of {place}")]
        following = str(place + 1) if place + 1 < count else None
        return 200, {"groups": groups}, {"pagination": {"nextCursor": following, "scanned": 100}}
    return answer


def test_failures_are_counted_to_the_end_and_then_anew(api):
    api.answers = {("GET", FAILURES): failure_pages(3)}
    view = Terminal("failures", "--watch", "from=1h", "--limit", "2", environment=api.environment)
    drawn = rows(view.until("4 jobs more are in other groups"))
    assert [row.split()[0] for row in drawn if "of all" in row] == ["6"] and "failures from=1h" in drawn[0]
    wait_until(lambda: view.read() or len(api.asked) > 8, 20, "three looks")
    view.press("q")
    assert view.end() == 0
    assert [asked[2].get("cursor", ["0"])[0] for asked in api.asked[:9]] == ["0", "1", "2"] * 3
    times = [asked[2]["from"][0] for asked in api.asked]
    assert len(set(times[:3])) == 1 and times[0] < times[3] < times[6], "a look is of one time"


def test_a_long_count_tells_how_far_it_is_and_hears_a_key(api):
    api.answers = {("GET", FAILURES): failure_pages(1000, 0.3)}
    view = Terminal("failures", "--watch", environment=api.environment)
    view.until(" looked at so far")
    view.press("q")
    assert view.end() == 0 and len(api.asked) < 30


def test_a_long_count_is_repeated_seldom_and_the_last_one_stays(api):
    api.answers = {("GET", FAILURES): failure_pages(4, 0.3)}
    view = Terminal("failures", "--watch", environment=api.environment)
    view.until("of all")
    began = time.monotonic()
    head = re.findall(r"q ends  (\S+Z)", view.until("of all"))[-1]
    wait_until(lambda: view.read() or len(api.asked) > 4, 60, "the next look")
    assert time.monotonic() - began > 8, "it took 1.2 s at least: a tenth of the time"
    view.text = ""
    assert head in view.until("of all"), "it is from when it was counted"
    view.press("q")
    assert view.end() == 0


# ---- from when a view is ----

VIEWS = {"queues": ["/api/v1/admin/queues"], "top": ["/api/v1/admin/queues", "/api/v1/admin/workers"],
         "users --watch": ["/api/v1/admin/users"], "failures --watch": [FAILURES]}


@pytest.mark.parametrize("command", VIEWS)
def test_the_head_has_the_time_of_the_answer(api, command):
    """It had the time before the question: a slow answer was told as an older one."""
    answered = []

    def slow(_):
        threading.Event().wait(1.2)
        answered.append(datetime.datetime.now(datetime.timezone.utc))
        return {"queues": [], "workers": [], "users": [], "groups": []}

    api.answers = {("GET", path): slow for path in VIEWS[command]}
    view = Terminal(*command.split(), environment=api.environment)
    head = moment(re.search(r"q ends  (\S+Z)", view.until("\033[J")).group(1))
    late = head - answered[len(VIEWS[command]) - 1]
    assert -0.01 < late.total_seconds() < 1, late
    view.press("q")
    assert view.end() == 0
