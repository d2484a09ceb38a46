"""A search of a great many jobs is answered in 200 ms, or says how far it has looked and goes on (search_many.py). So
many as fit into a test's time; a million with TEST_LONG, and in script/bench."""

import concurrent.futures
import os

import pytest

from search_many import JOBS, QUERIES, late, stack_of, walk
from stack import Client

pytestmark = pytest.mark.alone
MANY = 1_000_000 if os.environ.get("TEST_LONG") == "1" else 100_000
AT_ONCE = 120  # searches; 64 may wait


@pytest.fixture(scope="module", name="stack")
def fixture_stack(tmp_path_factory):
    with stack_of(tmp_path_factory.mktemp("many"), MANY) as running:
        yield running


def test_each_answer_of_a_search_comes_in_time_and_goes_on(stack, capsys):
    for what, query in QUERIES.items():
        answers = walk(stack, **query)
        with capsys.disabled():
            print(f"\n{MANY:,} jobs, {what}: {len(answers)} answers, the slowest in "
                  f"{max(answer.ms for answer in answers):.0f} ms, "
                  f"{sum(answer.scanned for answer in answers):,} looked at", end="")
        assert not late(answers), what


def test_what_is_looked_for_to_the_end_is_found(stack):
    answers = walk(stack, MANY, **QUERIES["the oldest one's name"])
    assert answers[-1].exhausted and sum(answer.found for answer in answers) == 1
    assert sum(answer.scanned for answer in answers) == MANY


def test_more_searches_than_are_answered_in_time_are_busy_and_hold_up_no_other_read(stack):
    admin = Client(stack.url, stack.token("boss", "--role", "admin"))
    user = stack.client("user-7")
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        asked = [pool.submit(admin.get, JOBS, params=QUERIES["a text that is nowhere"]) for _ in range(AT_ONCE)]
        concurrent.futures.wait(asked, return_when=concurrent.futures.FIRST_COMPLETED)
        plain = user.get("/api/v1/character-jobs")
        answers = [one.result() for one in asked]
    assert plain.status_code == 200 and plain.elapsed.total_seconds() < 5
    assert {answer.status_code for answer in answers} == {200, 503}
    refused = [answer for answer in answers if answer.status_code == 503]
    assert "busy" in {answer.json()["error"]["code"] for answer in refused}
    assert all(answer.headers["Retry-After"] for answer in refused)
    assert admin.get(JOBS, params=QUERIES["failed"]).status_code == 200
