"""The completions of zsh and fish in the shells themselves, on a pseudo-terminal: what Tab makes of a line."""

import re
import shutil
import subprocess

import pytest

from shells import press_tab
from stack import TROUPE, Stack

SHELLS = [pytest.param(shell, marks=pytest.mark.skipif(not shutil.which(shell), reason=f"no {shell}"))
          for shell in ("zsh", "fish")]

# What stands in the line after Tab.
LINES = [("troupe pau", "troupe pause"),
         ("troupe --ver", "troupe --version"),
         ("troupe help pau", "troupe help pause"),
         ("troupe pause im", "troupe pause image"),
         ("troupe jobs st", "troupe jobs status="),
         ("troupe jobs status=fa", "troupe jobs status=failed"),
         ("troupe retry --where status=failed,can", "troupe retry --where status=failed,cancelled"),
         ("troupe failures queue=w", "troupe failures queue=webhook"),
         ("troupe history --range 3", "troupe history --range 30d"),
         ("troupe submit image x --pose wa", "troupe submit image x --pose waving"),
         ("troupe submit image --pose=wa", "troupe submit image --pose=waving"),
         ("troupe queues --he", "troupe queues --help"),
         ("troupe queues --data di", "troupe queues --data directory/"),
         ("troupe queues --data=di", "troupe queues --data=directory/"),
         ("troupe submit character in", "troupe submit character input.json")]

# What is offered below the line, and what is not.
LISTS = [("troupe ", ["pause", "let go of a job that has ended", "put a backup in the place of a stopped stack's"],
          ["--json"]),
         ("troupe pause ", ["character", "image", "video", "webhook"], ["input.json"]),
         ("troupe up --provider ", ["local", "live", "null"], ["directory"]),
         ("troupe submit ", ["character", "pipeline"], ["input.json"]),
         ("troupe failures status=", ["pending", "cancelled"], ["errorCode"]),
         ("troupe cancel --where ", ["queue=", "errorCode="], ["input.json"]),
         ("troupe cancel ", [], ["queue=", "errorCode="]),
         ("troupe cancel --", ["--where"], ["--all"]),
         ("troupe cancel --where --", ["--all"], ["--limit"]),
         ("troupe priority ", ["64", "128", "192"], ["queue=", "input.json"]),
         ("troupe priority 64 ", [], ["128", "192"]),
         ("troupe failures --", ["--limit", "--wide"], ["--where"]),
         ("troupe operations --", ["--follow", "--stop"], ["--where"]),
         ("troupe usage --owner jobs --", ["--days", "--all", "--json"], ["--cursor", "--limit"]),
         ("troupe jobs --user backup --", ["--cursor", "--limit"], ["--list"]),
         ("troupe complete jobs --", ["--data"], ["--cursor"])]


@pytest.fixture(name="home")
def fixture_home(tmp_path):
    home = tmp_path / "home"
    (home / "directory").mkdir(parents=True)
    (home / "input.json").touch()
    return home


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("line, completed", LINES)
def test_tab_completes_a_word(shell, line, completed, home):
    assert press_tab(shell, home, line)[0] == completed


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("line, offered, others", LISTS)
def test_tab_offers_what_may_stand_there(shell, line, offered, others, home):
    drawn = press_tab(shell, home, line)[1]
    assert all(word in drawn for word in offered) and not any(word in drawn for word in others), drawn


@pytest.mark.parametrize("shell", SHELLS)
def test_tab_completes_ids_of_what_there_is(shell, home, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    with Stack("--provider", "null", "--rate", "off", data=data) as stack:
        client = stack.client("ada")
        character = client.wait_for(client.submit_character("Mira"))["result"]["characterId"]
        image = client.submit_image(character)
        many = client.post("/api/v1/batches", {"jobs": [{"type": "character", "name": "Ben"}]})
        tagged = {"name": "Ben", "options": {"tags": ["launch"]}}
        assert client.post("/api/v1/characters/queue", tagged).status_code == 202
        batch = many.json()["data"]["batchId"]
        worker = re.search(r"(\S+)\tvideo", subprocess.run([TROUPE, "complete", "workers", "--data", data], text=True,
                                                           capture_output=True, check=True).stdout)[1]
        for begun, word in [("show ", image), ("cancel ", image), ("submit image --user ada ", character),
                            ("show character --user=ada ", character), ("drain ", worker),
                            ("jobs --group ", batch)]:
            line = press_tab(shell, home, f"troupe {begun}{word[:18]}", data)[0]
            assert line == f"troupe {begun}{word}"
        for begun, whole in [("jobs owner=a", "ada"), ("failures tag=lau", "launch"),
                             ("jobs groupId=" + batch[:9], batch), ("usage --owner a", "ada")]:
            line = press_tab(shell, home, f"troupe {begun}", data)[0]
            assert line == f"troupe {re.sub('[^ =]*$', '', begun)}{whole}"
        drawn = press_tab(shell, home, "troupe show ", data)[1]
        assert image in drawn and "image completed ada" in drawn and character not in drawn
        drawn = press_tab(shell, home, "troupe submit image --user ada x ", data)[1]
        assert image not in drawn
        subprocess.run([TROUPE, "backup", "nightly", "--data", data], check=True, capture_output=True)
    assert press_tab(shell, home, "troupe restore ni", data)[0] == "troupe restore nightly"
    assert press_tab(shell, home, "troupe show 1", data)[0] == "troupe show 1", "no stack: nothing"
