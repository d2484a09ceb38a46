"""Failed jobs by what they failed of: counted exactly over all pages, found and tried again by their group, by the API
and by `troupe failures`. An actor of the test's own fails each job as the job says (failing_actor.py)."""

import collections
import json
import subprocess
import uuid

import pytest

from failing_actor import FailingActor
from stack import TROUPE, Client, Stack, wait_until
from test_admin_changes import refused
from test_admin_jobs import ids, search, soon
from test_admin_operations import OPERATIONS, finish, look, start

FAILURES = "/api/v1/admin/failures"


@pytest.fixture(name="stack", scope="module")
def fixture_stack():
    with Stack("--provider", "null", "--rate", "off", "--actors", 0) as running, FailingActor(running):
        yield running


@pytest.fixture(name="admin", scope="module")
def fixture_admin(stack):
    return Client(stack.url, stack.token("boss", "--role", "admin"))


def fail(stack, admin, owner, errors):
    """The ids of jobs that have failed with these errors, CODE|MESSAGE each."""
    made, user = [], stack.client(owner)
    for begin in range(0, len(errors), 1000):
        jobs = [{"type": "character", "name": "Ada", "description": error} for error in errors[begin:begin + 1000]]
        answer = user.post("/api/v1/batches", {"jobs": jobs})
        assert answer.status_code == 202, answer.text
        made += answer.json()["data"]["jobIds"]
    wait_until(lambda: len(search(admin, owner=owner, status="failed")) == len(errors), 60, "all of them failed")
    return made


def walk(admin, **query):
    """The groups of all pages added up, by (code, message), and how many pages there were."""
    groups, cursor, pages = {}, {}, 0
    while True:
        answer = admin.get(FAILURES, params={"limit": 100, **query, **cursor})
        assert answer.status_code == 200, answer.text
        page = answer.json()["pagination"]
        assert page["hasMore"] == (page["nextCursor"] is not None) == (not page["exhausted"])
        assert len(answer.json()["data"]["groups"]) <= page["limit"]
        pages += 1
        for group in answer.json()["data"]["groups"]:
            had = groups.setdefault((group["errorCode"], group["message"]), {**group, "count": 0})
            had["count"] += group["count"]
            assert had["errorGroup"] == group["errorGroup"]
            assert group["firstFailedAt"] <= group["lastFailedAt"]
        if page["exhausted"]:
            return groups, pages
        cursor = {"cursor": page["nextCursor"]}


def counts(groups):
    return {what: group["count"] for what, group in groups.items()}


def test_failed_jobs_are_counted_by_what_they_failed_of(stack, admin):
    errors = [f"provider_timeout|no answer in {number}.5 s from https://h/{number}" for number in range(40)] + \
        [f"provider_error|no answer in {number} s" for number in range(30)] + \
        [f"provider_error|job {uuid.uuid4()} is \"{number}\"" for number in range(20)] + ["provider_error|alone"]
    made = fail(stack, admin, "ann", errors)
    groups, pages = walk(admin, owner="ann")
    assert pages == 1
    assert counts(groups) == {("provider_timeout", "no answer in <n> s from <url>"): 40, ("provider_error", "alone"): 1,
                              ("provider_error", "no answer in <n> s"): 30,
                              ("provider_error", "job <id> is <text>"): 20}
    group = groups[("provider_error", "no answer in <n> s")]
    assert group["queue"] == "character"
    jobs = {job["jobId"]: job for job in search(admin, owner="ann")}
    own = sorted((job for job in made[40:70]), key=lambda job: jobs[job]["createdAt"], reverse=True)
    assert len(group["sampleJobIds"]) == 5 and set(group["sampleJobIds"]) <= set(own)
    assert group["firstFailedAt"] == min(jobs[job]["completedAt"] for job in own)
    assert group["lastFailedAt"] == max(jobs[job]["completedAt"] for job in own)
    assert set(ids(search(admin, errorGroup=group["errorGroup"]))) == set(own)
    assert search(admin, errorGroup=str(uuid.uuid4())) == []
    assert search(admin, errorGroup=group["errorGroup"], status="waiting,cancelled") == []


def test_filters_leave_the_others_out(stack, admin):
    fail(stack, admin, "bob", ["a|one"] * 3 + ["b|two"] * 2)
    assert counts(walk(admin, owner="bob", errorCode="b")[0]) == {("b", "two"): 2}
    assert counts(walk(admin, owner="bob", q="ONE")[0]) == {("a", "one"): 3}
    assert walk(admin, owner="bob", queue="image")[0] == walk(admin, owner="nobody")[0] == {}
    group = walk(admin, owner="bob")[0][("a", "one")]["errorGroup"]
    assert counts(walk(admin, owner="bob", errorGroup=group)[0]) == {("a", "one"): 3}
    created = [job["createdAt"] for job in search(admin, owner="bob")]
    assert walk(admin, owner="bob", to=min(created))[0] == {}
    assert counts(walk(admin, owner="bob", **{"from": min(created)})[0]) == {("a", "one"): 3, ("b", "two"): 2}


def test_many_pages_count_each_job_once(stack, admin):
    letters = [f"{chr(97 + number // 26)}{chr(97 + number % 26)}" for number in range(250)]
    errors = [f"strange|error {letters[number * 7 % 250]}" for number in range(1000)]
    fail(stack, admin, "cat", errors)
    expected = collections.Counter(("strange", error.partition("|")[2]) for error in errors)
    for limit in 1, 7, 100:
        groups, pages = walk(admin, owner="cat", limit=limit)
        assert counts(groups) == expected and pages > 1
    assert len({group["errorGroup"] for group in groups.values()}) == 250


def test_the_longest_messages_are_told_and_found(stack, admin):
    long = "€" * 170 + "ab"  # 512 bytes
    quotes = '"' * 512  # which become three times as many
    fail(stack, admin, "dan", ["c" * 63 + "|" + long] * 2 + ["quotes|" + quotes] + ["x|" + "7 " * 255 + "7"])
    groups, _ = walk(admin, owner="dan")
    assert counts(groups) == {("c" * 63, long): 2, ("quotes", "<text>" * 256): 1, ("x", "<n> " * 255 + "<n>"): 1}
    for (_, message), group in groups.items():
        assert len(search(admin, errorGroup=group["errorGroup"])) == group["count"], message


def test_a_group_of_500_is_tried_again_once_and_nothing_else(stack, admin):
    errors = [f"broken|disk {number} of {number * 3}" for number in range(500)]
    other = [f"broken|disc {number}" for number in range(50)]
    made = fail(stack, admin, "eve", errors + other)
    gone = stack.client("eve").submit_character("Gone", description="broken|disk 7 of 7", options={"runAt": soon(3600)})
    assert stack.client("eve").call("DELETE", f"/api/v1/character-jobs/{gone}").status_code == 200
    groups, _ = walk(admin, owner="eve")
    group = groups[("broken", "disk <n> of <n>")]
    assert (group["count"], groups[("broken", "disc <n>")]["count"]) == (500, 50)
    told = finish(admin, start(admin, "retry", where={"errorGroup": group["errorGroup"]}))
    assert (told["state"], told["matched"], told["done"], told["refused"]) == ("completed", 500, 500, 0)
    wait_until(lambda: counts(walk(admin, owner="eve")[0]) == counts(groups), what="all of them failed again")
    retries = {job["jobId"]: job["retries"] for job in search(admin, owner="eve")}
    assert {retries[job] for job in made[:500]} == {1} and {retries[job] for job in made[500:]} == {0}
    assert retries[gone] == 0
    assert finish(admin, start(admin, "remove", where={"errorGroup": group["errorGroup"]}))["done"] == 500
    assert counts(walk(admin, owner="eve")[0]) == {("broken", "disc <n>"): 50}


@pytest.mark.parametrize("name,value", [
    ("queue", "audio"), ("status", "failed"), ("from", "yesterday"), ("to", "tomorrow"), ("characterId", "7"),
    ("errorGroup", "7"), ("errorGroup", ""), ("errorGroup", "x" * 36), ("errorCode", "c" * 64), ("q", "x" * 201),
    ("owner", "o" * 256), ("tag", "t" * 65), ("cursor", "AAAA"), ("cursor", "!"), ("limit", "0"), ("limit", "101"),
    ("skip", "1")])
def test_what_is_wrong_is_named(admin, name, value):
    answer = admin.get(FAILURES, params={name: value})
    assert refused(answer, 400, "validation_failed")
    assert answer.json()["error"]["details"][0]["field"] == name


def test_an_operation_takes_no_group_that_is_none(admin):
    for group in "7", "", 7, None:
        answer = admin.post(OPERATIONS, {"action": "retry", "where": {"errorGroup": group}})
        assert refused(answer, 400, "validation_failed")
        assert answer.json()["error"]["details"][0]["field"] == "errorGroup"


def test_viewers_look_and_users_do_not(stack):
    assert Client(stack.url, stack.token("eye", "--role", "viewer")).get(FAILURES).status_code == 200
    assert refused(stack.client("plain").get(FAILURES), 403, "forbidden")
    assert stack.client("plain").get(FAILURES, headers={"Authorization": "Bearer nonsense"}).status_code == 401


# ---- the command ----


def run(stack, *words):
    return subprocess.run([TROUPE, *words, "--data", stack.data], capture_output=True, text=True, timeout=60)


def test_the_command_adds_all_pages_up(stack, admin):
    letters = [f"{chr(97 + number // 26)}{chr(97 + number % 26)}" for number in range(150)]
    fail(stack, admin, "fox", [f"rare|error {one}" for one in letters] + [f"often|line {n}" for n in range(20)] +
         [f"rare|error {letters[3]}"])
    done = run(stack, "failures", "owner=fox", "--limit", "2")
    head, first, second = done.stdout.splitlines()
    assert done.returncode == 0 and head.split()[:3] == ["JOBS", "QUEUE", "ERROR"]
    assert first.split()[:3] == ["20", "character", "often"] and first.endswith("line <n>")
    assert second.split()[:3] == ["2", "character", "rare"] and second.endswith("error ad")
    assert done.stderr == "troupe: 149 jobs more are in other groups\n"
    told = json.loads(run(stack, "failures", "owner=fox", "--json", "--limit", "1000").stdout)
    assert (told["jobs"], told["others"], len(told["groups"])) == (171, 0, 151)
    groups, _ = walk(admin, owner="fox")
    assert [group["count"] for group in told["groups"]] == sorted((counts(groups)).values(), reverse=True)
    for group in told["groups"]:
        had = groups[(group["errorCode"], group["message"])]
        assert (group["count"], group["errorGroup"]) == (had["count"], had["errorGroup"])


def test_the_command_tries_a_group_again(stack, admin):
    made = fail(stack, admin, "gil", [f"once|try {number}" for number in range(30)] + ["once|never"])
    told = json.loads(run(stack, "failures", "owner=gil", "--json").stdout)
    group = next(group for group in told["groups"] if group["message"] == "try <n>")
    done = run(stack, "retry", "--where", f"errorGroup={group['errorGroup']}", "--json")
    assert done.returncode == 0 and json.loads(done.stdout)["done"] == 30
    wait_until(lambda: len(search(admin, owner="gil", status="failed")) == 31, what="all of them failed again")
    retries = {job["jobId"]: job["retries"] for job in search(admin, owner="gil")}
    assert {retries[job] for job in made[:30]} == {1} and retries[made[30]] == 0
    assert look(admin, json.loads(done.stdout)["operationId"])["matched"] == 30
    found = run(stack, "jobs", f"errorGroup={group['errorGroup']}", "--json", "--limit", "100")
    assert {job["jobId"] for job in json.loads(found.stdout)["jobs"]} == set(made[:30])


def test_bad_words_are_told(stack):
    for words in (["errorgroup=7"], ["--limit", "0"], ["--limit", "1001"], ["--cursor", "x"], ["owner=a", "owner=b"],
                  ["queue=audio"]):
        assert run(stack, "failures", *words).returncode == 2, words
    for words in ["status=failed"], ["errorGroup=7"]:
        assert run(stack, "failures", *words).returncode == 4, words
    assert run(stack, "failures", "owner=nobody").stdout.split() == \
        ["JOBS", "QUEUE", "ERROR", "FIRST", "LAST", "GROUP", "MESSAGE"]
