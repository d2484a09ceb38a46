"""Views that nobody answers for a while: what they show stays, they say since when, they ask on, and keys are heard
meanwhile."""

import array
import fcntl
import json
import os
import re
import signal
import subprocess
import termios
import threading
import time

import pytest

from stack import TROUPE, Stack, wait_until
from terminal import Terminal
from test_cli_admin import JOB, fixture_api, job  # noqa: F401
from test_cli_watch import BACK, JOBS, LISTS, moment, page, rows

AWAY = (503, None, {"error": {"code": "broker_unavailable"}, "message": "The queue cannot be reached"})
QUEUES = ("GET", "/api/v1/admin/queues")
VIEWS = {**{f"{name} --watch": (("GET", path), answer) for name, (path, answer, _) in LISTS.items()},
         "jobs --watch": (("GET", JOBS), lambda name: page(job(1, owner=name))),
         "queues": (QUEUES, lambda name: {"queues": [{"queue": name}]}),
         "top": (QUEUES, lambda name: {"queues": [{"queue": name}]})}


def quiet(api):
    """Clients that are gone, and connections that are cut, are meant."""
    api.server.handle_error = lambda *_: None


def drawn_last(view, text, seconds=30):
    """The lines of a whole drawing with this text."""
    before = view.until(text, seconds)
    return rows(before + view.until("\033[J"))


@pytest.mark.parametrize("command", VIEWS)
def test_a_view_outlives_an_incident(api, command):
    """It ended with 1 and "try again in 1 s", as one that asks once."""
    asked, answer = VIEWS[command]
    api.answers = {("GET", "/api/v1/admin/workers"): {"workers": []}, asked: answer("first")}
    view = Terminal(*command.split(), environment=api.environment)
    answered_at = re.findall(r"q ends  \S+T(\S+)\.\d+Z", view.until("first"))[-1]
    api.answers[asked] = AWAY
    drawn = drawn_last(view, "no answer since")
    said = re.fullmatch(r"no answer since (\d\d:\d\d:\d\d)Z: 503 The queue cannot be reached", drawn[1].rstrip())
    assert said and said.group(1) >= answered_at and "first" in "".join(drawn), drawn
    assert said.group(1) in drawn[0], "the head has the same time"
    api.answers[asked] = answer("second")
    assert "no answer" not in "".join(drawn_last(view, "second"))
    view.press("q")
    assert view.end() == 0 and view.text.rstrip().endswith(BACK), "nothing is left to say"


def test_it_asks_on_less_and_less_often(api):
    api.answers = {QUEUES: {"queues": []}}
    view = Terminal("queues", environment=api.environment)
    view.until("QUEUE")
    times = []
    api.answers[QUEUES] = lambda _: times.append(time.monotonic()) or AWAY
    wait_until(lambda: view.read() or len(times) > 3, 40, "four questions")
    assert times[3] - times[0] > 6, times  # 1 + 2 + 4 s; a question a second takes 3
    view.press("q")
    assert view.end() == 0


def test_a_gateway_that_is_away_does_not_end_a_view(api):
    api.answers = {("GET", JOBS): lambda _: page(job(1))}
    quiet(api)
    view = Terminal("jobs", "--watch", environment=api.environment, columns=160)
    view.until(JOB)

    def cut(_):
        raise ConnectionAbortedError

    api.answers["GET", JOBS] = cut
    api.server.shutdown()
    api.server.server_close()
    drawn = drawn_last(view, "connect to")
    assert re.match(r"no answer since \S+Z: .*connect to", drawn[1]) and JOB in "".join(drawn), drawn
    view.press("q")
    assert view.end() == 0


@pytest.mark.parametrize("command", ["jobs --watch", "top"])
def test_a_key_is_heard_while_nobody_answers_and_the_rows_say_so(api, command):
    """Ctrl-C was heard within a second; q, and a word on the age of the rows, only after the answer's 30 seconds."""
    quiet(api)
    released = threading.Event()
    asked, answer = VIEWS[command]
    api.answers = {("GET", "/api/v1/admin/workers"): {"workers": []}, asked: answer("first")}
    view = Terminal(*command.split(), environment=api.environment)
    view.until("first")
    api.answers[asked] = lambda _: released.wait(60) and answer("late")
    drawn = drawn_last(view, "no answer since", 20)
    assert re.match(r"no answer since \d\d:\d\d:\d\dZ: waiting for one", drawn[1]) and "first" in "".join(drawn), drawn
    view.press("x")
    view.press("q")
    began = time.monotonic()
    assert view.end() == 0 and time.monotonic() - began < 8
    released.set()


def test_before_the_first_answer_a_key_is_heard_and_it_says_what_it_waits_for(api):
    quiet(api)
    released = threading.Event()
    api.answers = {("GET", JOBS): lambda _: released.wait(60) and page()}
    view = Terminal("jobs", "--watch", environment=api.environment)
    assert "no answer yet" in drawn_last(view, "no answer")[1]
    view.press("q")
    began = time.monotonic()
    assert view.end() == 0 and time.monotonic() - began < 8
    released.set()


def test_without_any_answer_a_view_ends_as_other_commands_do(api):
    api.answers = {("GET", JOBS): AWAY}
    view = Terminal("jobs", "--watch", environment=api.environment)
    assert view.end() == 1 and "troupe: 503 The queue cannot be reached" in view.text.split(BACK)[1]


@pytest.mark.parametrize("words", [("top",), ("jobs", "--watch"), ("users", "--watch")], ids=" ".join)
def test_programs_are_told_on_standard_error_and_then_go_on(api, words):
    asked, answer = VIEWS[" ".join(words)]
    api.answers = {("GET", "/api/v1/admin/workers"): {"workers": []}, asked: answer("first")}
    process = subprocess.Popen([TROUPE, *words, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               env=api.environment)
    first = process.stdout.readline()
    times = []
    api.answers[asked] = lambda _: times.append(time.monotonic()) or AWAY
    said = process.stderr.readline()
    assert re.fullmatch(r"troupe: no answer since \d\d:\d\d:\d\dZ: 503 The queue cannot be reached\n", said), said
    wait_until(lambda: len(times) > 1, 20, "another question")
    api.answers[asked] = answer("second")
    line = first
    while "second" not in line:
        line = process.stdout.readline()
        assert line, process.stderr.read()
    assert moment(json.loads(first)["at"]) < moment(json.loads(line)["at"])
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0 and process.stderr.read() == "", "it is said once"
    process.stdout.close()
    process.stderr.close()


@pytest.mark.parametrize("words", [("top",), ("jobs", "--watch")], ids=" ".join)
def test_programs_are_told_of_a_silence_as_people_are_and_one_that_is_gone_ends_it(api, words):
    """It was told after 30 seconds, and noticed then that nobody reads it."""
    quiet(api)
    released = threading.Event()
    asked, answer = VIEWS[" ".join(words)]
    api.answers = {("GET", "/api/v1/admin/workers"): {"workers": []}, asked: answer("first")}
    process = subprocess.Popen([TROUPE, *words, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               env=api.environment)
    process.stdout.readline()
    began = time.monotonic()
    api.answers[asked] = lambda _: released.wait(60) and answer("late")
    said = process.stderr.readline()
    assert re.fullmatch(r"troupe: no answer since \d\d:\d\d:\d\dZ: waiting for one\n", said), said
    process.stdout.close()
    assert process.wait(20) == 1 and time.monotonic() - began < 20 and process.stderr.read() == ""
    process.stderr.close()
    released.set()


def test_programs_are_told_that_it_waits_and_then_why_there_was_no_answer(api):
    """Only the first was told: not that it timed out, or that nobody is there."""
    released = threading.Event()
    times = []
    api.answers = {("GET", JOBS): page(job(1))}
    process = subprocess.Popen([TROUPE, "jobs", "--watch", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, env=api.environment)
    process.stdout.readline()
    api.answers["GET", JOBS] = lambda _: times.append(released.wait(60)) or AWAY
    assert process.stderr.readline().endswith("Z: waiting for one\n")
    released.set()
    assert re.fullmatch(r"troupe: no answer since \S+Z: 503 The queue cannot be reached\n", process.stderr.readline())
    wait_until(lambda: len(times) > 2, 20, "other questions")
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0 and process.stderr.read() == "", "each is said once"
    process.stdout.close()
    process.stderr.close()


def test_who_is_gone_before_the_first_answer_is_not_waited_for(api):
    quiet(api)
    released = threading.Event()
    api.answers = {("GET", JOBS): lambda _: released.wait(60) and page()}
    process = subprocess.Popen([TROUPE, "jobs", "--watch", "--json"], stdout=subprocess.PIPE, env=api.environment)
    wait_until(lambda: api.asked, 20, "the question")
    process.stdout.close()
    assert process.wait(15) == 1
    released.set()


def test_a_signal_is_heard_while_the_reader_takes_nothing(api):
    """It waited for room in the pipe, for ever, and SIGTERM with it."""
    api.answers = {("GET", JOBS): lambda _: page(job(1, owner="x" * 200000))}
    for number in signal.SIGINT, signal.SIGTERM:
        process = subprocess.Popen([TROUPE, "jobs", "--watch", "--json"], stdout=subprocess.PIPE, env=api.environment)
        unread = array.array("i", [0])

        def is_full():
            fcntl.ioctl(process.stdout, termios.FIONREAD, unread)
            return unread[0] >= 60000

        wait_until(is_full, 20, "a full pipe")
        process.send_signal(number)
        assert process.wait(10) == 0
        process.stdout.close()


def test_a_view_of_a_real_stack_outlives_its_broker(tmp_path):
    with Stack("--provider", "null", "--rate", "off", data=tmp_path) as stack:
        view = Terminal("top", "--data", tmp_path, columns=140)
        view.until("character")
        broker, = stack.children("troupe-broker")
        os.kill(broker, signal.SIGSTOP)
        try:
            drawn = drawn_last(view, "no answer since")
            assert "character" in "".join(drawn), drawn
        finally:
            os.kill(broker, signal.SIGCONT)
        head = drawn[0].split()[2]
        wait_until(lambda: view.read() or set(re.findall(r"q ends  (\S+Z)", view.text)) - {head}, 40, "a new answer")
        view.press("q")
        assert view.end() == 0
