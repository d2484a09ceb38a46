"""Who has live jobs, in a whole stack whose queue stands: by the API page by page, the command line, the dashboard."""

import subprocess

import pytest

from browser import Browser, selenium
from stack import TROUPE, Client, Stack, wait_until

PATH = "/api/v1/admin/users"
OTHER = "o/ther & ö"
USERS = {f"user-{number}": number for number in (1, 2, 3, 5)} | {OTHER: 2}


@pytest.fixture(name="stack", scope="module")
def fixture_stack():
    with Stack("--provider", "null", "--rate", "off", environment={"TROUPE_BUDGET_USER_DAY": "2"}) as running:
        assert Client(running.url, running.token("boss", "--role", "admin")).post(
            "/api/v1/admin/queues/character/pause").status_code == 200
        for name, count in USERS.items():
            body = {"jobs": [{"type": "character", "name": "One"}] * count}
            assert running.client(name).post("/api/v1/batches", body).status_code == 202
        yield running


def role(stack, name="viewer"):
    return Client(stack.url, stack.token(name, "--role", name))


def test_pages_tell_of_each_once_those_with_the_most_first(stack):
    found, cursor = [], None
    while True:
        answer = role(stack).get(PATH, params={"limit": 2, **({"cursor": cursor} if cursor else {})})
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


def test_one_user_is_told_by_queue_also_one_who_has_nothing(stack):
    for name, count in ("user-3", 3), ("nobody ö", 0):
        answer = role(stack).get(PATH, params={"owner": name})
        assert answer.status_code == 200, answer.text
        counts = {"waiting": count, "active": 0, "pending": 0}
        queues = [{"queue": queue, **counts, "waiting": count if queue == "character" else 0}
                  for queue in ("character", "image", "video")]
        assert answer.json()["data"] == {
            "users": [{"owner": name, **counts, "share": 0, "spentTodayUsd": 0, "queues": queues}],
            "totals": {"users": len(USERS), "waiting": sum(USERS.values()), "active": 0, "pending": 0}}
        assert answer.json()["pagination"]["nextCursor"] is None
    assert role(stack).get(PATH, params={"owner": "x" * 256}).status_code == 400


def test_a_cursor_that_is_none_and_others_are_refused(stack):
    for cursor in "AAAAAAAQAAA", "!", "x" * 352:
        answer = role(stack).get(PATH, params={"cursor": cursor})
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


def signed_in(browser, stack, name, path):
    browser.open(path)
    browser.type("input[name=token]", stack.token(name, "--role", name))
    browser.click("form.login button")


def test_the_dashboard_shows_them(stack):
    selenium()
    with Browser(stack.url) as browser:
        signed_in(browser, stack, "viewer", "/admin/queues/users")
        browser.wait("[data-user=user-5]", "5")
        browser.wait("h1 + p", f"{len(USERS)} users")
        assert len(browser.all("[data-user]")) == len(USERS)
        browser.click("[data-user=user-3] a", "user-3")
        browser.wait("h1", "user-3")
        browser.wait("h1 + p", "3 live jobs")
        assert not [words for words in browser.texts("main button") if "Cancel" in words]


ROWS = """return [...document.querySelectorAll("tr[data-queue]")].map((row) =>
    [row.dataset.queue, ...[...row.cells].slice(1).map((cell) => cell.innerText)])"""


def test_the_page_of_a_user_tells_what_they_have_and_ends_all_of_it(stack):
    """The last one: it changes what they have."""
    selenium()
    with Browser(stack.url) as browser:
        signed_in(browser, stack, "admin", "/admin/queues/users")
        browser.click("[data-user] a", OTHER)
        browser.wait("h1", OTHER)
        browser.wait("h1 + p", "2 live jobs")
        none = ["0", "0", "0"]
        assert browser.script(ROWS) == [["character", "0", "2", "0"], ["image", *none], ["video", *none]]
        assert "Budget of a day\n$2.00\nLeft today\n$2.00" in browser.texts("[aria-label=Spending]")[0]
        assert browser.texts("tr[data-job] .badge") == ["waiting"] * 2
        assert stack.client(OTHER).post("/api/v1/batches", {"jobs": [{"type": "character", "name": "Three"}]}).ok
        browser.wait("h1 + p", "3 live jobs")
        browser.click("main button", "Cancel all")
        browser.wait("dialog", "Cancel: 3 jobs")
        browser.wait("dialog", OTHER)
        browser.click("dialog button", "Cancel the jobs")
        browser.wait("h1 + p", "No live jobs")
        browser.wait(".figure.waiting", "0")
        wait_until(lambda: browser.texts("tr[data-job] .badge") == ["cancelled"] * 3, what="each cancelled")
        browser.wait_gone("main button[class*=danger]")
        browser.open("/admin/queues/users/nobody")
        browser.wait("h1 + p", "No live jobs")
        browser.wait("main .empty", "No jobs are kept")
