"""Jobs, batches and pipelines that are named by the beginnings of their ids, as narrow tables show them, by whoever may
search all jobs."""

import json
import os
import re
import subprocess
import threading
import time

import pytest

from stack import TROUPE, Stack, wait_until
from terminal import Terminal
from test_cli_admin import fixture_api, job  # noqa: F401
from test_cli_looks import NULL

JOBS = "/api/v1/admin/jobs"
ONE, LIKE = "0a1b2c3d-1234-4234-8234-000000000001", "0a1b2c3d-1234-4234-8234-000000000002"
GROUP = "0a1b2c3d-1234-4234-8234-00000000000a"
SEVERAL = f"troupe: several ids begin with 0a1b2c, among them\n  {ONE}  image failed\n  {LIKE}  image failed\n"
OPERATIONS = "/api/v1/admin/operations"
CHANGES = [("cancel",), ("retry",), ("promote",), ("remove",), ("priority", "7"), ("duplicate",)]


def search(*pages, scanned=100):
    """An answer for each page of a search: the ids that have the text. Of deliveries there are none."""
    def answer(asked):
        queue, place = asked[2].get("queue"), int(asked[2].get("cursor", ["0"])[0])
        ids = pages[place] if queue is None else []
        following = str(place + 1) if queue is None and place + 1 < len(pages) else None
        return 200, {"jobs": [{**job(1), "jobId": each} for each in ids]}, {
            "pagination": {"nextCursor": following, "scanned": scanned, "exhausted": following is None}}
    return answer


def wanted(api):
    """What was asked for that is no search."""
    return [asked for asked in api.asked if asked[1] != JOBS]


@pytest.mark.parametrize("role", ["admin", "viewer"])
def test_a_job_is_shown_by_the_beginning_of_its_id(api, role):
    """The text of the search is in much else, too."""
    api.be(role)
    api.answers = {("GET", JOBS): search([job(7)["jobId"]], [], [ONE]), ("GET", f"{JOBS}/{ONE}"): job(1, jobId=ONE)}
    shown = api.run("show", "0a1b2c3d")
    assert (shown.returncode, shown.stderr) == (0, "") and f"job          {ONE}\n" in shown.stdout
    assert [asked[2] for asked in api.asked if asked[1] == JOBS] == [
        {"limit": ["100"], "q": ["0a1b2c3d"]}, {"limit": ["100"], "q": ["0a1b2c3d"], "cursor": ["1"]},
        {"limit": ["100"], "q": ["0a1b2c3d"], "cursor": ["2"]},
        {"limit": ["100"], "q": ["0a1b2c3d"], "queue": ["webhook"]}]


@pytest.mark.parametrize("command", CHANGES, ids=" ".join)
def test_one_job_is_changed_by_the_beginning_of_its_id(api, command):
    api.be("admin")
    api.answers = {("GET", JOBS): search([ONE])}
    api.run(*command, "0a1b2c")
    assert wanted(api) and all(ONE in asked[1] for asked in wanted(api))
    api.asked.clear()
    api.answers = {("GET", JOBS): search([ONE], [LIKE])}
    refused = api.run(*command, "0a1b2c")
    assert refused.returncode == 2 and wanted(api) == []
    assert refused.stderr == SEVERAL


def grouped(*groups):
    """A search that finds jobs by these batches."""
    return lambda asked: (200, {"jobs": [{**job(number), "groupId": each} for number, each in enumerate(groups)
                                         if "queue" not in asked[2]]}, {"pagination": {"nextCursor": None}})


def test_a_batch_is_found_by_the_beginning_of_its_id(api):
    api.be("admin")
    batch = {"batchId": GROUP, "total": 2, "status": "active", "jobIds": []}
    api.answers = {("GET", JOBS): grouped(GROUP, GROUP, None), ("GET", f"/api/v1/batches/{GROUP}"): batch,
                   ("DELETE", f"/api/v1/batches/{GROUP}"): batch}
    for words in ("show", "0a1b2c3d"), ("cancel", "0a1b2c3d"):
        told = api.run(*words)
        assert (told.returncode, told.stderr) == (0, "") and GROUP in told.stdout, told
    assert any(asked[:2] == ("DELETE", f"/api/v1/batches/{GROUP}") for asked in api.asked)
    tried = api.run("retry", "0a1b2c3d")
    assert tried.returncode == 4 and f"troupe retry --where groupId={GROUP} status=failed" in tried.stderr
    for words in ("promote", "0a1b2c3d"), ("cancel", ONE, "0a1b2c3d"), ("jobs", "jobId=0a1b2c3d"):
        refused = api.run(*words)
        assert refused.returncode == 2 and refused.stderr == (
            f"troupe: no job's id begins with 0a1b2c3d, but that of a batch or pipeline, {GROUP}: this takes jobs\n")


def test_a_job_and_a_batch_that_begin_alike_are_told(api):
    api.be("admin")
    api.answers = {("GET", JOBS): lambda _: (200, {"jobs": [{**job(1), "jobId": ONE, "groupId": GROUP}]}, {})}
    refused = api.run("show", "0a1b2c")
    assert refused.returncode == 2 and refused.stderr == (
        f"troupe: several ids begin with 0a1b2c, among them\n  {ONE}  image failed\n  {GROUP}  batch or pipeline\n")
    api.answers |= {("POST", f"{JOBS}/{ONE}/promote"): {"jobId": ONE}}
    assert api.run("promote", "0a1b2c").returncode == 0, "which takes jobs alone"


def by_word(asked):
    """A search that finds the jobs whose ids begin with its text."""
    ids = [each for each in (ONE, "ffff2c3d-1234-4234-8234-000000000003") if each.startswith(asked[2]["q"][0])]
    return 200, {"jobs": [{**job(1), "jobId": each} for each in ids if "queue" not in asked[2]]}, {
        "pagination": {"nextCursor": None, "scanned": 2}}


@pytest.mark.parametrize("command", CHANGES[:-1], ids=" ".join)
def test_each_of_several_jobs_is_found_by_its_beginning(api, command):
    api.be("admin")
    other, whole = "ffff2c3d-1234-4234-8234-000000000003", job(9)["jobId"]
    api.answers = {("GET", JOBS): by_word, ("POST", OPERATIONS): (202, {"operationId": GROUP}),
                   ("GET", f"{OPERATIONS}/{GROUP}"): {"operationId": GROUP, "state": "completed", "refused": 0}}
    told = api.run(*command, "0a1b", whole, "ffff2c")
    assert told.returncode == 0, told.stderr
    assert [asked[3]["jobIds"] for asked in api.asked if asked[0] == "POST"] == [[ONE, whole, other]]
    assert not any(whole in str(asked[2]) for asked in api.asked), "what is whole is not looked for"
    api.asked.clear()
    refused = api.run(*command, "0a1b", "eeee")
    assert refused.returncode == 2 and refused.stderr == "troupe: no id of a job begins with eeee\n"
    assert not any(asked[0] == "POST" for asked in api.asked), "nothing is done while one is not known"
    api.asked.clear()
    refused = api.run(*command, *[f"0a1b{number:04x}" for number in range(21)])
    assert refused.returncode == 2 and "at most 20 jobs" in refused.stderr and not wanted(api) and not api.asked


def test_the_jobs_of_a_list_are_found_by_their_beginnings(api):
    api.be("viewer")
    listed = {"jobs": [job(1)]}
    api.answers = {("GET", JOBS): lambda asked: listed if "jobId" in asked[2] else by_word(asked)}
    told = api.run("jobs", "jobId=0a1b,ffff2c3d-1234-4234-8234-000000000003,ffff")
    assert told.returncode == 0 and job(1)["jobId"] in told.stdout, told.stderr
    other = "ffff2c3d-1234-4234-8234-000000000003"
    assert api.asked[-1][2] == {"jobId": [f"{ONE},{other},{other}"]}
    assert api.run("jobs", "jobId=" + ",".join([ONE] * 21)).returncode == 2


def test_what_is_not_found_is_told(api):
    api.be("admin")
    api.answers = {("GET", JOBS): search([LIKE])}
    refused = api.run("show", "0a1b2c3e")
    assert refused.returncode == 2 and wanted(api) == []
    assert refused.stderr == "troupe: no id of a job, batch or pipeline begins with 0a1b2c3e\n"
    assert api.run("promote", "0a1b2c3e").stderr == "troupe: no id of a job begins with 0a1b2c3e\n"
    api.asked.clear()
    for words in ("show", "0a1"), ("tail", "0a1"), ("cancel", "0a1"), ("promote", "0a1"):
        short = api.run(*words)
        assert short.returncode == 2 and "too short a beginning" in short.stderr and not api.asked


def own_pages(api, *pages, others=()):
    """Answers a plain user: the pages of their pictures and videos, and their characters' jobs."""
    def answer(asked):
        place = int(asked[2].get("cursor", ["0"])[0])
        following = str(place + 1) if place + 1 < len(pages) else None
        return 200, pages[place], {"pagination": {"nextCursor": following, "hasMore": following is not None}}

    api.be("user")
    api.answers = {("GET", "/api/v1/media-jobs"): answer, ("GET", "/api/v1/character-jobs"): list(others)}


def own(number, **members):
    return {"jobId": job(number)["jobId"], "type": "video", "status": "active", **members}


def test_a_user_names_their_own_jobs_by_beginnings(api):
    """The search of all jobs would be refused, and that be told in the audit log: their lists are gone through."""
    own_pages(api, [own(1)], [own(2, jobId=ONE)], others=[{**own(3, jobId=LIKE.replace("0a1b", "0a1c"))}])
    api.answers |= {("GET", f"/api/v1/media-jobs/{ONE}"): own(2, jobId=ONE),
                    ("DELETE", f"/api/v1/media-jobs/{ONE}"): own(2, jobId=ONE, status="cancelled")}
    for words in ("show", "0a1b"), ("cancel", "0A1B2C"):
        told = api.run(*words)
        assert (told.returncode, told.stderr) == (0, "") and ONE in told.stdout, told
    assert not any("/admin/" in asked[1] for asked in api.asked)
    assert [asked[2].get("cursor") for asked in api.asked if asked[1] == "/api/v1/media-jobs"] == [None, ["1"]] * 2
    several = api.run("tail", "0a1")
    assert several.returncode == 2 and "too short a beginning" in several.stderr
    none = api.run("retry", "0a1b2c3e")
    assert none.returncode == 2
    assert none.stderr == "troupe: no id of a job, batch or pipeline of yours begins with 0a1b2c3e\n"


def test_a_users_own_batch_and_jobs_are_told_apart(api):
    own_pages(api, [], others=[{"jobId": ONE, "status": "failed", "groupId": GROUP}])
    refused = api.run("show", "0a1b2c")
    assert refused.returncode == 2 and refused.stderr == (
        f"troupe: several ids begin with 0a1b2c, among them\n  {ONE}  character failed\n  {GROUP}  batch or pipeline\n")


def test_a_user_is_told_whose_token_it_takes(api):
    """What is for admins, and would be refused, is not asked for."""
    api.be("user")
    for words in ("promote", "0a1b2c3d"), ("jobs", "jobId=0a1b2c3d"), ("jobs", "groupId=0a1b2c3d"):
        refused = api.run(*words)
        assert refused.returncode == 2 and not api.asked
        assert refused.stderr == ("troupe: 0a1b2c3d is not a whole id, and to look for it takes a viewer's or an "
                                  "admin's token\n")


@pytest.mark.parametrize("words", [("jobs", "groupId=0A1B2c"), ("jobs", "--group", "0a1b2c"),
                                   ("jobs", "--group", "0a1b2c", "groupId=0a1b2c"),
                                   ("jobs", "--watch", "--group=0a1b2c"),
                                   ("failures", "groupId=0a1b2c"), ("jobs", "groupId=0a1b2c", "--export", "csv"),
                                   ("failures", "--watch", "groupId=0a1b2c")], ids=" ".join)
def test_the_jobs_of_a_batch_are_found_by_its_beginning(api, words):
    api.be("viewer")
    api.answers = {("GET", JOBS): lambda asked: {"jobs": []} if "groupId" in asked[2] else grouped(GROUP)(asked),
                   ("GET", "/api/v1/admin/failures"): {"groups": []}, ("GET", JOBS + ".csv"): {}}
    told = api.run(*words)
    assert told.returncode == 0, told.stderr
    assert [asked[2]["groupId"] for asked in api.asked if "groupId" in asked[2]] == [[GROUP]]
    assert {asked[2]["q"][0] for asked in api.asked if "q" in asked[2]} == {"0a1b2c"}


def test_two_batches_are_not_meant_at_once(api):
    for words in ("--group", "0a1b", "groupId=0a1c"), ("--group=x",), ("groupId=x",), ("groupId=",):
        refused = api.run("jobs", *words)
        assert refused.returncode == 2 and refused.stderr and not api.asked


def test_a_live_list_of_a_batch_looks_for_it_once(api):
    api.be("viewer")
    api.answers = {("GET", JOBS): lambda asked: {"jobs": [job(1)]} if "groupId" in asked[2] else grouped(GROUP)(asked)}
    view = Terminal("jobs", "--watch", "--group", "0a1b2c", environment=api.environment)
    wait_until(lambda: view.read() or sum("groupId" in asked[2] for asked in api.asked) > 1, 20, "two looks")
    assert "troupe jobs groupId=0a1b2c" in view.text
    view.press("q")
    assert view.end() == 0 and len([asked for asked in api.asked if "q" in asked[2]]) == 2, "jobs, and deliveries"
    assert all(asked[2]["groupId"] == [GROUP] for asked in api.asked if "q" not in asked[2])


@pytest.mark.parametrize("action", ["cancel", "retry", "remove"])
def test_all_of_a_batch_is_changed_by_its_beginning(api, action):
    api.be("admin")
    api.answers = {("GET", JOBS): grouped(GROUP), ("POST", OPERATIONS): (202, {"operationId": ONE}),
                   ("GET", f"{OPERATIONS}/{ONE}"): {"operationId": ONE, "state": "completed"}}
    assert api.run(action, "--where", "status=failed", "groupId=0a1b2c").returncode == 0
    assert [asked[3]["where"] for asked in api.asked if asked[0] == "POST"] == [{"status": "failed", "groupId": GROUP}]
    other = GROUP.replace("0000a", "0000b")
    api.answers["GET", JOBS] = grouped(GROUP, other)
    api.asked.clear()
    refused = api.run(action, "--where", "groupId=0a1b2c")
    assert refused.returncode == 2 and not wanted(api) and refused.stderr == (
        "troupe: several ids begin with 0a1b2c, among them\n"
        f"  {GROUP}  batch or pipeline\n  {other}  batch or pipeline\n")
    api.answers["GET", JOBS] = search([ONE])
    missed = api.run(action, "--where", "groupId=0a1b2c")
    assert missed.returncode == 2 and not wanted(api) and missed.stderr == (
        f"troupe: no batch's or pipeline's id begins with 0a1b2c, but that of a job, {ONE}: this takes batches and "
        "pipelines\n")
    assert api.run(action, "--where", "groupId=some").returncode == 2


def test_capitals_in_ids_are_read(api):
    """A whole id was taken with them, and a beginning was none."""
    api.be("admin")
    api.answers = {("GET", JOBS): search([ONE]), ("GET", f"{JOBS}/{ONE}"): job(1, jobId=ONE), ("GET", OPERATIONS):
                   {"operations": [{"operationId": ONE, "action": "retry"}]}, ("GET", f"{OPERATIONS}/{ONE}"):
                   {"operationId": ONE, "state": "completed"}}
    for word in "0A1B2C3D", ONE.upper():
        shown = api.run("show", word)
        assert (shown.returncode, shown.stderr) == (0, "") and ONE in shown.stdout
        assert api.run("operations", word).returncode == 0
    listed = api.run("jobs", f"jobId=0A1B,{ONE.upper()}")
    assert listed.returncode == 0 and api.asked[-1][2] == {"jobId": [f"{ONE},{ONE}"]}


def test_among_too_many_jobs_one_is_shown_and_none_is_changed(api):
    """It looks for five seconds: 25 pages at most, at a fifth of a second each, and one of deliveries."""
    def endless(asked):
        threading.Event().wait(0.2)
        place = int(asked[2].get("cursor", ["0"])[0])
        return 200, {"jobs": [{**job(1), "jobId": ONE}] if place == 0 and "queue" not in asked[2] else []}, {
            "pagination": {"nextCursor": str(place + 1), "scanned": 1000, "exhausted": False}}

    api.be("admin")
    api.answers = {("GET", JOBS): endless, ("GET", f"{JOBS}/{ONE}"): job(1, jobId=ONE)}
    began = time.monotonic()
    shown = api.run("show", "0a1b2c3d")
    assert time.monotonic() - began > 4 and f"job          {ONE}\n" in shown.stdout and shown.returncode == 0
    assert 1 < len(api.asked) - len(wanted(api)) <= 27, "it does not look on"
    assert re.fullmatch(rf"troupe: of the newest \d+000 jobs only {ONE} begins with 0a1b2c3d\n", shown.stderr)
    api.asked.clear()
    refused = api.run("remove", "0a1b2c3d")
    assert refused.returncode == 2 and wanted(api) == [] and "this takes the whole id" in refused.stderr
    missed = api.run("show", "0a1b2c3e")
    assert missed.returncode == 2 and "`troupe jobs q=0a1b2c3e` looks further" in missed.stderr


def test_a_real_stack_finds_jobs_by_their_beginnings(tmp_path):
    def run(*words, token=None):
        environment = {**os.environ, "TROUPE_DATA": str(tmp_path)}
        if token:
            environment |= {"TROUPE_URL": stack.url, "TROUPE_TOKEN": token}
        return subprocess.run([TROUPE, *words], capture_output=True, text=True, timeout=30, env=environment)

    with Stack(*NULL, "--actors", "0", data=tmp_path) as stack:
        ada = stack.client("ada")
        made = [ada.submit_character(f"N{number}") for number in range(150)]
        assert len({one[:13] for one in made}) == 150, "of 8 characters two may have the same"
        one, other, third = made[0][:13], made[75][:13], made[149][:13]
        assert json.loads(run("show", one, "--json").stdout)["jobId"] == made[0]
        viewer = stack.token("eye", "--role", "viewer")
        assert json.loads(run("show", other, "--json", token=viewer).stdout)["jobId"] == made[75]
        assert json.loads(run("priority", "7", third, "--json").stdout)["priority"] == 7
        assert run("cancel", one).returncode == 0 and ada.job(made[0])["status"] == "cancelled"
        assert run("retry", one).returncode == 0 and ada.job(made[0])["status"] == "waiting"
        assert run("cancel", other, token=viewer).returncode == 4
        assert run("cancel", other).returncode == 0 and run("tail", other).returncode == 6
        two = run("cancel", made[1][:13], made[2][:13], made[3])
        assert two.returncode == 0 and [ada.job(one)["status"] for one in made[1:5]] == ["cancelled"] * 3 + ["waiting"]
        answer = ada.post("/api/v1/batches", {"jobs": [{"type": "character", "name": "M"}] * 2})
        batch = answer.json()["data"]["batchId"]
        assert json.loads(run("show", batch[:13], "--json").stdout)["batchId"] == batch
        assert batch in run("jobs", f"groupId={batch[:13].upper()}", "--json").stdout
        own = stack.token("ada")
        assert json.loads(run("show", one, "--json", token=own).stdout)["jobId"] == made[0]
        assert run("show", one, token=stack.token("eve")).returncode == 2
        assert json.loads(run("show", batch[:13], "--json", token=own).stdout)["batchId"] == batch
        assert run("cancel", batch[:13], token=own).returncode == 0 and run("tail", batch[:13]).returncode == 6
        copy = json.loads(run("duplicate", third, "--json").stdout)["jobId"]
        assert copy not in made and ada.job(copy)["priority"] == 7
