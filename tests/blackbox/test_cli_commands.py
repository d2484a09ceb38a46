"""Every command of `troupe` is run by a test, and every one that draws something for people is looked at on a terminal:
a command that comes anew has to be put into one of the two lists here."""

import os
import re
import subprocess

import pytest

import runs
from stack import TROUPE, Client, Stack, wait_until
from terminal import Terminal
from test_admin_jobs import soon

COLUMNS = 40, 60, 100
# An address or a whole id is never cut, nor what is said beside a view.
WHOLE = r"https?://|^troupe: |^character job [0-9a-f-]{36}"
LIVE = {"queues", "top"}  # until q
# What each draws, and what must be seen of it. JOB and the like are put in place.
VIEWS = {
    "queues": ([], "character"),
    "top": ([], "webhook"),
    "workers": ([], "WORKER"),
    "jobs": ([], "completed"),
    "failures": ([], "start_deadl"),
    "operations": ([], "promote"),
    "history": ([], "started"),
    "users": ([], "ada"),
    "providers": ([], "studio"),
    "audit": ([], "pause"),
    "webhooks": (["--user", "ada"], "/hooks/ada"),
    "usage": (["--owner", "ada"], "studio"),
    "backup": (["--list", "BACKUPS"], "first"),
    "system": ([], "webhook"),
    "show": (["JOB"], "completed"),
    "characters": (["--user", "ada"], "Mira"),
    "media": (["CHARACTER"], "image"),
    "tail": (["JOB"], "completed"),
    "submit": (["character", "INPUT", "--follow", "--user", "ada"], "completed"),
}
# What must be seen on a narrow terminal, where that is more, or less: of what was made the whole ids, which other
# commands take, have its width.
NARROW = {"jobs": ["completed", "failed", "character", "image"], "audit": ["pause", "boss", "ok"],
          "usage": ["studio", "0.021"], "characters": ["CHARACTER"], "media": ["MEDIA", "/assets/"]}
# These say a line or two, which tests read without a terminal; or they run until they are ended.
SAYINGS = {"up", "doctor", "restart", "restore", "init", "token", "ping", "complete", "cancel", "retry", "delete",
           "pause", "resume", "drain", "duplicate", "promote", "priority", "remove"}


def commands():
    """Those that the program tells of."""
    told = subprocess.run([TROUPE, "--help"], check=True, capture_output=True, text=True).stdout
    return set(re.findall(r"^  ([a-z]+) ", told, re.MULTILINE))


def test_every_command_has_its_place_here():
    assert commands() == set(VIEWS) | SAYINGS and not set(VIEWS) & SAYINGS
    assert len(commands()) > 30


@pytest.fixture(scope="module", name="stack")
def fixture_stack():
    """With something for each view: work of ada's that is done, that has failed, and that waits."""
    with Stack("--rate", "off", environment={"TROUPE_CHAT_PRICE": "0.001", "TROUPE_IMAGE_PRICE": "0.02"}) as running:
        admin = Client(running.url, running.token("boss", "--role", "admin"))
        user = running.client("ada")
        running.job = user.submit_character("Mira")
        assert user.post("/api/v1/webhooks", {"url": "https://example.invalid/hooks/ada"}).status_code == 201
        character = user.wait_for(running.job, status="completed")["result"]["characterId"]
        running.character = character
        assert admin.post("/api/v1/admin/queues/image/pause").status_code == 200
        late = user.submit_image(character, options={"startBy": soon()})
        user.wait_for(late, "media-jobs", status="failed")
        user.submit_image(character)
        assert admin.post("/api/v1/admin/operations", {"action": "promote", "where": {"owner": "ada"}}).ok
        assert admin.post("/api/v1/admin/backups", {"name": "first"}).status_code == 202
        wait_until(lambda: (running.data / "backups/first").exists(), what="a backup")
        running.input = running.data / "input.json"
        running.input.write_text('{"name": "Ada"}')
        yield running


def lines_of(drawn):
    """Each that was drawn, also those that others were drawn over."""
    return [line for line in re.split(r"[\r\n]+", re.sub(r"\033\[[0-9?]*[a-zA-Z]", "", drawn)) if line]


@pytest.mark.parametrize("command", VIEWS)
def test_what_is_drawn_fits_its_terminal(stack, command):
    words, wanted = VIEWS[command]
    places = {"JOB": stack.job, "CHARACTER": stack.character, "BACKUPS": stack.data / "backups", "INPUT": stack.input}
    words = [places.get(word, word) for word in words]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TROUPE_")}
    for columns in COLUMNS:
        view = Terminal(command, *words, "--data", stack.data, environment=environment, columns=columns, lines=60)
        drawn = ""
        if command in LIVE:
            drawn = view.until(wanted)
            view.press("q")
        code = view.end()
        lines = lines_of(drawn + view.text)
        seen = "\n".join(lines)
        missing = [word for word in (NARROW.get(command, [wanted]) if columns == min(COLUMNS) else [wanted])
                   if word not in seen]
        assert code == 0 and not missing, (columns, missing, lines)
        assert max(len(line) for line in lines if not re.search(WHOLE, line)) <= columns, lines


@pytest.mark.parametrize("command", ["queues", "top", "jobs", "workers", "failures", "history", "tail", "submit"])
def test_a_dumb_terminal_gets_lines_without_escapes(stack, command):
    words, wanted = VIEWS[command]
    words = [{"JOB": stack.job, "INPUT": stack.input}.get(word, word) for word in words]
    words += ["--watch"] if command in {"jobs", "workers", "failures"} else []
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TROUPE_")}
    view = Terminal(command, *words, "--data", stack.data, environment=environment, term="dumb")
    assert view.end() == 0 and wanted in view.text and "\033" not in view.text, view.text


def test_complete_lists_what_there_is(stack):
    """Without a shell, which a machine may not have."""
    words = [TROUPE, "complete", "jobs", "--data", stack.data]
    assert stack.job in subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.parametrize("role", ["admin", "viewer", "user"])
def test_complete_lists_what_a_token_lets_see(stack, role):
    """Elsewhere, where tokens are not made: an admin's and a viewer's sees all jobs, another one's own, and asks for no
    more: that would be in the audit log."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TROUPE_")}
    environment |= {"TROUPE_URL": stack.url, "TROUPE_TOKEN": stack.token("eye" + role, "--role", role)}

    def told(kind):
        return subprocess.run([TROUPE, "complete", kind], capture_output=True, text=True, check=True,
                              env=environment).stdout.split()

    assert (stack.job in told("jobs")) == (role != "user")
    assert ("ada" in told("owners")) == (role != "user") and (told("workers") != []) == (role != "user")
    admin = Client(stack.url, stack.token("boss", "--role", "admin"))
    lines = admin.get("/api/v1/admin/audit", params={"user": "eye" + role}).json()["data"]["audit"]
    assert lines == []


def test_a_viewer_follows_and_watches_a_job_of_others(stack):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TROUPE_")}
    environment |= {"TROUPE_URL": stack.url, "TROUPE_TOKEN": stack.token("eye", "--role", "viewer")}

    def run(*words):
        return subprocess.run([TROUPE, *words], capture_output=True, text=True, env=environment, timeout=30)

    told = run("tail", stack.job)
    assert (told.returncode, told.stderr) == (0, "") and "completed" in told.stdout, told
    seen = run("jobs", f"jobId={stack.job}", "--watch")
    assert seen.returncode == 0 and stack.job in seen.stdout and "completed" in seen.stdout
    gone = run("tail", "01234567-89ab-4cde-8f01-23456789abcd")
    assert gone.returncode == 4 and "404 There is no such job" in gone.stderr


# ---- at the end of a whole run ----


@pytest.mark.alone
def test_every_command_was_run(request):
    """By some test, as a process; and each view on a terminal."""
    options = request.config.option
    is_split = options.markexpr or "PYTEST_XDIST_WORKER" in os.environ
    if options.keyword or (is_split and not runs.DIRECTORY) or any(".py" in word for word in request.config.args):
        pytest.skip("only a run of all tests has run everything")
    run, drawn = runs.gather()
    assert commands() <= run, f"no test has run {sorted(commands() - run)}"
    assert set(VIEWS) <= drawn, f"nobody has looked at {sorted(set(VIEWS) - drawn)}"
