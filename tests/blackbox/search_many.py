"""Searches of very many jobs over HTTP: a store that is filled without a broker (tests/bench/bench_search.c, thousands
of jobs a second), a stack on it, and the time of each answer. For a test, and for script/bench."""

import subprocess
import typing

from stack import BIN, Client, Stack

FILL = BIN.parent / "tests/bench_search"
JOBS = "/api/v1/admin/jobs"
ANSWER_MS_MAX = 200
ANSWERS_MAX = 40  # of one search that is looked for further and further
LATE_PART_MAX = 0.05  # of them, and one in any case: the machine may have had something else to do
QUERIES = {
    "failed": {"status": "failed"},
    "waiting": {"status": "waiting"},
    "of one user": {"owner": "user-7"},
    "an error code": {"errorCode": "provider_error", "status": "failed"},
    "the oldest one's name": {"q": '"character 0"'},
    "a text that is nowhere": {"q": "nowhere"},
}


class Answer(typing.NamedTuple):
    ms: float
    scanned: int
    found: int
    exhausted: bool


def stack_of(directory, count):
    """A stack, not started, on a store with so many jobs."""
    directory.mkdir(exist_ok=True)
    subprocess.run([FILL, "--fill", directory / "broker", str(count)], check=True, stdout=subprocess.DEVNULL)
    return Stack("--provider", "null", "--rate", "off", "--actors", 0, data=directory)


def walk(stack, answers_max=ANSWERS_MAX, **query):
    """The answers of a search, each with what was left by the one before, until it has come to its end or so far. One
    that has neither ended nor found a whole page says where it goes on, and has looked at something."""
    admin = Client(stack.url, stack.token("boss", "--role", "admin"))
    answers, cursor = [], None
    while len(answers) < answers_max and (not answers or not answers[-1].exhausted):
        answer = admin.get(JOBS, params={"limit": 100, "cursor": cursor, **query})
        assert answer.status_code == 200, answer.text
        page, found = answer.json()["pagination"], len(answer.json()["data"]["jobs"])
        assert page["exhausted"] or (page["nextCursor"] not in (None, cursor) and (page["scanned"] > 0))
        cursor = page["nextCursor"]
        answers.append(Answer(answer.elapsed.total_seconds() * 1000, page["scanned"], found, page["exhausted"]))
    return answers


def late(answers):
    """Those that took too long, when they are more than may be."""
    times = [answer.ms for answer in answers if answer.ms >= ANSWER_MS_MAX]
    return times if len(times) > max(1, LATE_PART_MAX * len(answers)) else []
