"""Queues that are paused, several and all of them at once: by the command line and in the dashboard, whose lists tell
what jobs wait for."""

import subprocess

import pytest

from browser import selenium
from stack import TROUPE, Stack, wait_until
from test_dashboard import ADMIN, admin, paused, signed_in, soon

QUEUES = "character", "image", "video", "webhook"


@pytest.fixture(scope="module")
def stack():
    with Stack("--provider", "null", "--rate", "off") as running:
        yield running


@pytest.fixture(autouse=True)
def resumed(stack):
    yield
    for queue in QUEUES:
        assert admin(stack).post(f"{ADMIN}queues/{queue}/resume").status_code == 200


def are_paused(stack):
    return [paused(stack, queue) for queue in QUEUES]


def test_several_queues_and_all_are_paused_from_the_command_line(stack):
    def run(*words):
        return subprocess.run([TROUPE, *words, "--data", stack.data], capture_output=True, text=True, timeout=30,
                              check=True).stdout

    assert run("pause", "image", "video", "--json").count('"paused":true') == 2
    assert are_paused(stack) == [False, True, True, False]
    assert run("resume", "--all").split().count("false") == 4 and not any(are_paused(stack))
    assert [line.split()[1] for line in run("pause", "--all").splitlines()[::2]] == list(QUEUES)
    assert all(are_paused(stack))


def test_all_queues_are_paused_and_resumed_in_the_dashboard(stack):
    selenium()
    admin(stack).post(ADMIN + "queues/character/pause")
    with signed_in(stack) as browser:
        browser.wait(".heading button", "Resume all")
        browser.click(".heading button", "Pause all")
        wait_until(lambda: all(are_paused(stack)), what="all queues paused")
        wait_until(lambda: browser.texts(".heading button") == ["Resume all"], what="nothing more to pause")
        browser.click(".heading button", "Resume all")
        wait_until(lambda: not any(are_paused(stack)), what="all queues resumed")
        wait_until(lambda: browser.texts(".heading button") == ["Pause all"], what="nothing more to resume")


def test_a_list_tells_what_jobs_wait_for(stack):
    selenium()
    admin(stack).post(ADMIN + "queues/character/pause")
    user = stack.client("ada")
    for name, options in ("Vera", {}), ("Wilma", {}), ("Xenia", {"runAt": soon(3600)}):
        user.submit_character(name, options=options)
    with signed_in(stack, "/admin/queues/character?status=waiting,pending") as browser:
        for name, words in ("Vera", "paused"), ("Wilma", "paused"), ("Xenia", "until its time"):
            wait_until(lambda: any(name in row and words in row for row in browser.texts("tbody tr")),
                       what=f"{name}: {words}")
