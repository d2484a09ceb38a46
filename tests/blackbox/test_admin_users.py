"""Who has live jobs, in a whole stack whose queue stands: by the API page by page, the command line, the dashboard."""

import subprocess

import pytest

from browser import Browser, selenium
from stack import TROUPE, Client, Stack

PATH = "/api/v1/admin/users"
USERS = {f"user-{number}": number for number in (1, 2, 3, 5)} | {"other": 2}


@pytest.fixture(name="stack", scope="module")
def fixture_stack():
    with Stack("--provider", "null", "--rate", "off") as running:
        assert Client(running.url, running.token("boss", "--role", "admin")).post(
            "/api/v1/admin/queues/character/pause").status_code == 200
        for name, count in USERS.items():
            body = {"jobs": [{"type": "character", "name": "One"}] * count}
            assert running.client(name).post("/api/v1/batches", body).status_code == 202
        yield running


def viewer(stack):
    return Client(stack.url, stack.token("viewer", "--role", "viewer"))


def test_pages_tell_of_each_once_those_with_the_most_first(stack):
    found, cursor = [], None
    while True:
        answer = viewer(stack).get(PATH, params={"limit": 2, **({"cursor": cursor} if cursor else {})})
        assert answer.status_code == 200, answer.text
        data, pagination = answer.json()["data"], answer.json()["pagination"]
        assert data["totals"] == {"users": len(USERS), "waiting": sum(USERS.values()), "active": 0, "pending": 0}
        found += [(user["owner"], user["waiting"], user["active"], user["share"]) for user in data["users"]]
        cursor = pagination["nextCursor"]
        assert pagination["hasMore"] == (cursor is not None) and pagination["limit"] == 2
        if cursor is None:
            break
    wanted = sorted(USERS.items(), key=lambda item: (-item[1], item[0]))
    assert found == [(name, count, 0, 0) for name, count in wanted]


def test_a_cursor_that_is_none_and_others_are_refused(stack):
    for cursor in "AAAAAAAQAAA", "!", "x" * 352:
        answer = viewer(stack).get(PATH, params={"cursor": cursor})
        assert answer.status_code == 400, cursor
        assert [one["field"] for one in answer.json()["error"]["details"]] == ["cursor"]
    assert stack.client().get(PATH).status_code == 403
    assert stack.client().get(PATH, headers={"Authorization": "Bearer nonsense"}).status_code == 401


def test_the_command_line_has_a_table(stack):
    def run(*words):
        return subprocess.run([TROUPE, "users", *words, "--data", stack.data], capture_output=True, text=True,
                              timeout=30)

    done = run("--limit", "1")
    assert done.returncode == 0, done.stderr
    assert [line.split() for line in done.stdout.splitlines()] == [
        ["USER", "ACTIVE", "WAITING", "PENDING", "SHARE", "SPENT"], ["user-5", "0", "5", "0", "0.0%", "0"]]
    cursor = done.stderr.split()[-1]
    assert run("--limit", "1", "--cursor", cursor).stdout.splitlines()[1].split()[0] == "user-3"
    assert run("--limit", "101").returncode == 2


def test_the_dashboard_shows_them(stack):
    selenium()
    with Browser(stack.url) as browser:
        browser.open("/admin/queues/users")
        browser.type("input[name=token]", stack.token("viewer", "--role", "viewer"))
        browser.click("form.login button")
        browser.wait("[data-user=user-5]", "5")
        browser.wait("h1 + p", f"{len(USERS)} users")
        assert len(browser.all("[data-user]")) == len(USERS)
