"""What the server refuses is told with what to do: the amounts of a budget, and when to come again."""

import re
import subprocess

import pytest

from stack import TROUPE, Stack, wait_until
from test_cli_admin import JOB, fixture_api  # noqa: F401

NULL = ("--provider", "null", "--rate", "off")


def submit(stack):
    return subprocess.run([TROUPE, "submit", "character", "-", "--data", stack.data], input='{"name": "Mira"}',
                          capture_output=True, text=True, timeout=30)


def test_who_submits_too_much_is_told_when_to_come_again(tmp_path):
    with Stack(*NULL, "--actors", "0", data=tmp_path, environment={"TROUPE_SUBMIT_RATE": "1/3600"}) as stack:
        assert submit(stack).returncode == 0
        refused = submit(stack)
    assert refused.returncode == 4 and refused.stderr.startswith("troupe: 429 "), refused
    minutes = int(re.search(r"\n  try again in (\d+) min\n", refused.stderr)[1])
    assert 50 < minutes <= 60


def test_a_full_disk_is_a_refusal_too(tmp_path):
    with Stack(*NULL, data=tmp_path, environment={"TROUPE_SPACE_FLOOR": str(1 << 62)}) as stack:
        refused = submit(stack)
    assert refused.returncode == 4 and refused.stderr.startswith("troupe: 507 No room for new work"), refused


def test_a_budget_that_is_spent_is_told_in_numbers(tmp_path):
    """The price is known once an actor has told it."""
    environment = {"TROUPE_BUDGET_USER_DAY": "0.005", "TROUPE_CHAT_PRICE": "0.02", "TROUPE_IMAGE_PRICE": "0.03"}
    with Stack(data=tmp_path, environment=environment) as stack:
        refused = wait_until(lambda: [told for told in [submit(stack)] if told.returncode != 0], 30, "a refusal")[0]
    assert refused.returncode == 4 and refused.stdout == ""
    first, amounts, again = refused.stderr.splitlines()
    assert first == "troupe: 402 This would cost more than may be spent today"
    cost, limit = re.match(r"  it would cost (\S+) USD; of (\S+) USD for today \S+ are spent, and \S+ are held",
                           amounts).groups()
    assert float(cost) >= 0.02 and limit == "0.005"
    assert re.fullmatch(r"  try again in \d+ (s|min|h), at \d{4}-\d\d-\d\dT00:00:00\.000Z", again)


@pytest.mark.parametrize("words", [("tail",), ("tail", JOB)], ids=" ".join)
def test_a_stream_that_is_refused_is_told_as_other_refusals_are(api, words):
    """The token may lose its role between the question for the job and its stream."""
    refusal = (403, {}, {"error": {"code": "forbidden"}})
    api.answers = {("GET", f"/api/v1/character-jobs/{JOB}"): {"jobId": JOB, "status": "waiting", "progress": 0},
                   ("GET", "/api/v1/events"): refusal, ("GET", f"/api/v1/character-jobs/{JOB}/events"): refusal}
    refused = api.run(*words)
    assert refused.returncode == 4
    assert refused.stderr.splitlines() == [
        "troupe: 403 as asked",
        "  TROUPE_TOKEN is a user's; this takes a viewer's or an admin's, which the stack's machine makes:",
        "  troupe token --user NAME --role viewer"]


def test_a_token_that_is_none_is_told_so_by_tail_too(tmp_path):
    with Stack(*NULL, "--actors", "0", data=tmp_path) as stack:
        environment = {**stack.environment, "TROUPE_URL": stack.url, "TROUPE_TOKEN": "nonsense"}
        told = [subprocess.run([TROUPE, *words], capture_output=True, text=True, env=environment, timeout=30)
                for words in (["tail"], ["usage"])]
    assert [one.returncode for one in told] == [4, 4]
    assert [one.stderr for one in told] == ["troupe: 401 A valid bearer token is required\n"] * 2
