"""A job that is named by the beginning of its id, as narrow tables show it, by whoever may search all jobs."""

import json
import os
import re
import subprocess
import threading
import time

import pytest

from stack import TROUPE, Stack
from test_cli_admin import fixture_api, job  # noqa: F401
from test_cli_looks import NULL

JOBS = "/api/v1/admin/jobs"
ONE, LIKE = "0a1b2c3d-1234-4234-8234-000000000001", "0a1b2c3d-1234-4234-8234-000000000002"
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
    assert refused.stderr == f"troupe: the ids of several jobs begin with 0a1b2c, among them {ONE} and {LIKE}\n"


def test_what_is_not_found_is_told(api):
    api.be("admin")
    api.answers = {("GET", JOBS): search([LIKE])}
    refused = api.run("show", "0a1b2c3e")
    assert refused.returncode == 2 and wanted(api) == []
    assert refused.stderr == "troupe: no job's id begins with 0a1b2c3e; of a batch or pipeline it takes the whole id\n"
    api.asked.clear()
    for words in ("show", "0a1"), ("tail", "0a1"), ("cancel", "0a1"), ("promote", "0a1"):
        short = api.run(*words)
        assert short.returncode == 2 and "too short a beginning" in short.stderr and not api.asked


def test_a_user_is_told_whose_token_it_takes(api):
    """The question would be refused, and that be told in the audit log."""
    api.be("user")
    for words in ("show", "0a1b2c3d"), ("tail", "0a1b2c3d"), ("cancel", "0a1b2c3d"):
        refused = api.run(*words)
        assert refused.returncode == 2 and not api.asked
        assert refused.stderr == ("troupe: 0a1b2c3d is not a whole id, and to look for the job takes a viewer's or an "
                                  "admin's token\n")


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
        assert len({one[:8] for one in made}) == 150
        one, other, third = made[0][:8], made[75][:12], made[149][:8]
        assert json.loads(run("show", one, "--json").stdout)["jobId"] == made[0]
        viewer = stack.token("eye", "--role", "viewer")
        assert json.loads(run("show", other, "--json", token=viewer).stdout)["jobId"] == made[75]
        assert json.loads(run("priority", "7", third, "--json").stdout)["priority"] == 7
        assert run("cancel", one).returncode == 0 and ada.job(made[0])["status"] == "cancelled"
        assert run("retry", one).returncode == 0 and ada.job(made[0])["status"] == "waiting"
        assert run("cancel", other, token=viewer).returncode == 4
        assert run("cancel", other).returncode == 0 and run("tail", other).returncode == 6
        copy = json.loads(run("duplicate", third, "--json").stdout)["jobId"]
        assert copy not in made and ada.job(copy)["priority"] == 7
