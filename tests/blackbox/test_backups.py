"""Backups: made while the broker works, whole or not there, listed, refused when space is short, and restored."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading

import pytest

from broker_stand import code, stand, until  # noqa: F401
from stack import TROUPE, Client, Stack, wait_until

NULL = ("--provider", "null", "--rate", "off")
BACKUPS = "/api/v1/admin/backups"


def admin(stack):
    return Client(stack.url, stack.token("operator", "--role", "admin"))


def state_of(client, name):
    return next((backup for backup in client.get(BACKUPS).json()["data"]["backups"] if backup["name"] == name), None)


def made(client, name):
    answer = client.post(BACKUPS, {"name": name})
    assert answer.status_code == 202, answer.text
    return wait_until(lambda: state_of(client, name)["state"] != "running" and state_of(client, name), 30, "the backup")


def test_a_backup_under_load_restores_to_the_same_jobs(tmp_path):
    stop, meanwhile = threading.Event(), []
    (tmp_path / "old").mkdir()
    with Stack(*NULL, data=tmp_path / "old") as stack:
        user, operator = stack.client(), admin(stack)
        before = [user.submit_character(f"before {index}") for index in range(20)]
        states = {job: user.wait_for(job) for job in before}

        def load():
            mine = stack.client("busy")
            while not stop.is_set():
                meanwhile.append(mine.submit_character("meanwhile"))

        thread = threading.Thread(target=load)
        thread.start()
        try:
            known = wait_until(lambda: len(meanwhile) > 5 and list(meanwhile))
            backup = made(operator, "nightly")
        finally:
            stop.set()
            thread.join()
        assert backup["state"] == "completed" and backup["error"] is None, backup
        assert backup["jobs"] >= 20 and backup["keys"] > 20 * 10 and backup["bytes"] > 0
        assert backup["version"] == operator.get("/api/v1/version").json()["data"]["broker"]
        after = user.submit_character("after")
        user.wait_for(after)
        secret = (tmp_path / "old/jwt-secret").read_bytes()
    # What was made is a data directory of its own: DATA/broker is the copy.
    new = tmp_path / "new"
    new.mkdir()
    shutil.copytree(tmp_path / "old/backups/nightly/broker", new / "broker")
    (new / "jwt-secret").write_bytes(secret)
    (new / "jwt-secret").chmod(0o600)
    with Stack(*NULL, data=new) as stack:
        user = stack.client()
        assert {job: user.job(job) for job in before} == states
        assert user.get(f"/api/v1/character-jobs/{after}").status_code == 404
        busy = stack.client("busy")
        assert all(busy.wait_for(job)["status"] == "completed" for job in known), "what was acknowledged is in it"
        assert user.wait_for(user.submit_character("new"))["status"] == "completed"


def test_backups_are_listed_and_names_are_not_taken_twice(tmp_path):
    with Stack(*NULL, "--actors", "0", data=tmp_path) as stack:
        operator, user = admin(stack), stack.client()
        user.submit_character()
        assert operator.get(BACKUPS).json()["data"]["backups"] == []
        first, second = made(operator, "one"), made(operator, "two")
        assert (first["jobs"], first["liveJobs"]) == (1, 1)
        assert [backup["name"] for backup in operator.get(BACKUPS).json()["data"]["backups"]] == ["two", "one"]
        again = operator.post(BACKUPS, {"name": "one"})
        assert again.status_code == 409 and again.json()["error"]["code"] == "backup_exists"
        named = operator.post(BACKUPS)
        assert named.status_code == 202 and named.json()["data"]["name"][8] == "T"
        wait_until(lambda: state_of(operator, named.json()["data"]["name"])["state"] == "completed", 30)
        for name in ("../x", ".x", "a/b", "", "x" * 65, "a b", "ä", 7):
            assert operator.post(BACKUPS, {"name": name}).status_code == 400, name
        assert operator.post(BACKUPS, {"nam": "x"}).status_code == 400
        assert sorted(path.name for path in (tmp_path / "backups").iterdir())[1:] == ["one", "two"]
        for answer in (user.post(BACKUPS), user.get(BACKUPS)):
            assert answer.status_code == 403 and answer.json()["error"]["code"] == "forbidden"
        shutil.rmtree(tmp_path / "backups/one")
        assert state_of(operator, "one") is None and second["state"] == "completed"


def test_there_is_none_where_all_of_it_would_not_fit(tmp_path):
    with Stack(*NULL, data=tmp_path, environment={"TROUPE_SPACE_FLOOR": str(1 << 60)}) as stack:
        answer = admin(stack).post(BACKUPS, {"name": "none"})
        assert answer.status_code == 507 and answer.json()["error"]["code"] == "insufficient_storage"
        assert not (tmp_path / "backups").exists() or not list((tmp_path / "backups").iterdir())


def ask(gateway, name):
    number = gateway.number()
    gateway.send(("make_backup", {"request": number, "name": name}))
    page = gateway.expect("backup_page", request=number)
    return page.get("code", 0), gateway.expect("backup") if page.get("count") else None


def listed(gateway):
    page = gateway.ask("list_backups", "backup_page")
    return [gateway.expect("backup") for _ in range(page.get("count", 0))]


def test_what_cannot_be_copied_is_told_and_named_by_nothing(stand):
    broker = stand.broker()
    gateway = stand.gateway()
    gateway.submit()
    backups = pathlib.Path(broker.settings["TROUPE_DATA"]) / "backups"
    assert ask(gateway, "first")[0] == 0
    until(lambda: listed(gateway)[0].get("completed_at"))
    table = next((backups.parent / "broker").glob("*.sst"))
    table.write_bytes(b"damaged" + table.read_bytes()[7:-100])
    assert ask(gateway, "second")[0] == 0
    failed = until(lambda: [backup for backup in listed(gateway) if backup["name"] == "second"
                            and backup.get("completed_at")])[0]
    assert failed["error"] and not failed.get("jobs")
    assert not (backups / "second").exists()
    wait_until(lambda: "backup failed" in broker.log(), what="the log of it")


def test_what_a_killed_broker_leaves_half_made_is_removed(stand):
    broker = stand.broker()
    backups = pathlib.Path(broker.settings["TROUPE_DATA"]) / "backups"
    broker.kill()
    (backups / ".half/broker").mkdir(parents=True)
    (backups / ".half/broker/CURRENT").write_text("")
    broker.start()
    assert not (backups / ".half").exists()
    assert listed(stand.gateway()) == []


def test_as_many_are_kept_as_are_listed(stand):
    broker = stand.broker()
    backups = pathlib.Path(broker.settings["TROUPE_DATA"]) / "backups"
    for index in range(code("BACKUPS_MAX")):
        (backups / f"b{index}").mkdir(parents=True)
    assert ask(stand.gateway(), "more") == (code("REPLY_CODE_CONFLICT"), None)


# ---- the command line ----


def troupe(data, *words):
    return subprocess.run([TROUPE, *words, "--data", data], capture_output=True, text=True, timeout=60)


def test_the_command_makes_lists_and_restores(tmp_path):
    with Stack(*NULL, data=tmp_path) as stack:
        user = stack.client()
        old = user.submit_character("old")
        state = user.wait_for(old)
        result = troupe(tmp_path, "backup", "mine")
        assert result.returncode == 0, result.stderr
        said = dict(line.split(maxsplit=1) for line in result.stdout.splitlines())
        assert (said["backup"], said["state"], said["jobs"]) == ("mine", "completed", "1")
        assert troupe(tmp_path, "backup", "mine").returncode == 4
        unnamed = json.loads(troupe(tmp_path, "backup", "--json").stdout)
        listed = json.loads(troupe(tmp_path, "backup", "--list", "--json").stdout)["backups"]
        assert [backup["name"] for backup in listed] == [unnamed["name"], "mine"]
        table = troupe(tmp_path, "backup", "--list").stdout.splitlines()
        assert table[0].split()[:2] == ["NAME", "STATE"] and [line.split()[0] for line in table[1:]] == [
            unnamed["name"], "mine"]
        new = user.submit_character("new")
        user.wait_for(new)
        busy = troupe(tmp_path, "restore", "mine")
        assert busy.returncode == 3 and "stop the stack" in busy.stderr
        # The stack was asked: on standard error, so that what is printed is the list alone.
        assert f"told by the stack at {stack.url}" in troupe(tmp_path, "backup", "--list").stderr
    without = troupe(tmp_path, "backup", "--list")
    assert without.returncode == 0 and without.stdout.splitlines() == table
    assert "no stack is running: read from the directory" in without.stderr
    assert json.loads(troupe(tmp_path, "backup", "--list", "--json").stdout)["backups"] == listed
    missing = troupe(tmp_path, "restore", "none")
    assert missing.returncode == 1 and "there is no backup" in missing.stderr
    result = troupe(tmp_path, "restore", "mine")
    assert result.returncode == 0, result.stderr
    kept = pathlib.Path(dict(line.split(maxsplit=1) for line in result.stdout.splitlines())["kept"])
    with Stack(*NULL, data=tmp_path) as stack:
        user = stack.client()
        assert user.job(old) == state and user.get(f"/api/v1/character-jobs/{new}").status_code == 404
    assert (kept / "CURRENT").exists()
    # By its path, into a directory of another host's.
    other = tmp_path / "other"
    assert troupe(other, "restore", tmp_path / "backups/mine").returncode == 0
    assert (other / "broker/CURRENT").exists()


def test_backups_are_listed_from_where_they_were_taken_to(tmp_path):
    with Stack(*NULL, data=tmp_path) as stack:
        for name in "one", "two", "three":
            assert troupe(tmp_path, "backup", name).returncode == 0
        shelf = tmp_path / "shelf"
        shutil.copytree(tmp_path / "backups", shelf)
        (shelf / "two/broker/CURRENT").unlink()
        (shelf / "no backup").mkdir()
        named = troupe(tmp_path, "backup", "--list", f"{shelf}/")
        assert f"read from the directory {shelf}/" in named.stderr and "told by" not in named.stderr
        assert [line.split()[:2] for line in named.stdout.splitlines()[1:]] == [
            ["three", "completed"], ["two", "failed"], ["one", "completed"]]
        assert "its store is not there" in named.stdout
        # One whose gateway does not answer.
        state = json.loads((tmp_path / "stack.json").read_text())
        (tmp_path / "stack.json").write_text(json.dumps({**state, "url": "http://127.0.0.1:1"}))
        silent = troupe(tmp_path, "backup", "--list", "--json")
        assert silent.returncode == 0 and "no answer from" in silent.stderr and "read from" in silent.stderr
        assert [backup["name"] for backup in json.loads(silent.stdout)["backups"]] == ["three", "two", "one"]
    empty = troupe(tmp_path / "none", "backup", "--list")
    assert empty.returncode == 0 and len(empty.stdout.splitlines()) == 1


def test_a_backup_that_is_not_as_it_was_made_is_not_restored(tmp_path):
    """Copied in part, or damaged on its way: `troupe restore` said "restored", and the broker ended at each start."""
    with Stack(*NULL, "--actors", "0", data=tmp_path) as stack:
        stack.client().submit_character()
        assert troupe(tmp_path, "backup", "mine").returncode == 0
    backup = tmp_path / "backups/mine"
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=backup, check=True)
    sums, table = backup / "SHA256SUMS", max((backup / "broker").glob("*.sst"))
    lines, content, store = sums.read_text(), table.read_bytes(), sorted((tmp_path / "broker").iterdir())

    def refused(words):
        result = troupe(tmp_path, "restore", "mine")
        assert result.returncode == 1 and words in result.stderr, result.stderr
        assert sorted((tmp_path / "broker").iterdir()) == store and not list(tmp_path.glob("broker.*"))

    table.unlink()
    refused(f"not whole: broker/{table.name} is missing")
    table.write_bytes(content[:-1])
    refused(f"damaged: broker/{table.name} is not as it was made")
    table.write_bytes(content)
    shorter = lines[:lines.rindex("\n", 0, -1) + 1]
    for wrong, words in ((lines[:-5], "no list of checksums"), (shorter, "files that its"),
                         (lines.replace("broker/", "../"), "cannot be understood")):
        sums.write_text(wrong)
        refused(words)
    sums.unlink()
    refused("not whole: its SHA256SUMS is missing")  # a copy that was cut off has it last
    sums.write_text(lines)
    assert troupe(tmp_path, "restore", "mine").returncode == 0


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_a_directory_that_is_not_there_has_no_list(tmp_path, words):
    """It said that there were no backups: of a name that was mistyped."""
    listed = troupe(tmp_path, "backup", "--list", f"{tmp_path}/nope/", *words)
    assert (listed.returncode, listed.stdout) == (1, "")
    assert listed.stderr == f"troupe: cannot read {tmp_path}/nope/: No such file or directory\n"
    (tmp_path / "nope").mkdir()
    assert troupe(tmp_path, "backup", "--list", f"{tmp_path}/nope/", *words).returncode == 0


def test_a_backup_of_another_file_system_is_restored(tmp_path):
    with tempfile.TemporaryDirectory(prefix="troupe-test-", dir="/dev/shm") as disk:
        with Stack(*NULL, data=tmp_path) as stack:
            job = stack.client().submit_character()
            state = stack.client().wait_for(job)
            assert troupe(tmp_path, "backup", "mine").returncode == 0
        (tmp_path / "backups/mine").rename(tmp_path / "mine")
        shutil.move(tmp_path / "mine", disk)
        assert os.stat(disk).st_dev != os.stat(tmp_path).st_dev
        result = troupe(tmp_path, "restore", f"{disk}/mine")
        assert result.returncode == 0, result.stderr
        with Stack(*NULL, data=tmp_path) as stack:
            assert stack.client().job(job) == state


@pytest.mark.parametrize("words", [("backup", "a", "b"), ("backup", "--list", "a"), ("restore",),
                                   ("restore", "a", "b")])
def test_bad_words_are_refused(tmp_path, words):
    assert troupe(tmp_path, *words).returncode == 2
