"""The manual pages and the shells' completions say what the program takes: no command and no option is missing."""

import importlib.machinery
import importlib.util
import os
import pathlib
import re
import shutil
import socket
import subprocess
import time

import pytest

from stack import BIN, ROOT, TROUPE, Stack, wait_until

MANUAL = ROOT / "cli/manual/troupe.1"
# Those that have no --json, and why.
WITHOUT_JSON = {"complete": "its lines are what shells read, and the words behind it are another command's"}


@pytest.fixture(scope="module", name="script")
def fixture_script():
    loader = importlib.machinery.SourceFileLoader("manual", str(ROOT / "script/manual"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("manual", loader))
    loader.exec_module(module)
    return module


@pytest.fixture(scope="module", name="commands")
def fixture_commands(script):
    return script.read(TROUPE)


def test_what_is_committed_is_what_the_help_says(script):
    version = subprocess.run([TROUPE, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    written = script.written(TROUPE, version)
    for path, text in written.items():
        assert (ROOT / path).read_text() == text, f"{path}: run script/manual"
    assert {path.name for path in MANUAL.parent.iterdir()} == {
        pathlib.Path(path).name for path in written if "/manual/" in path}


def test_every_program_has_a_page():
    programs = [path.name for path in BIN.glob("troupe*") if path.is_file() and os.access(path, os.X_OK)]
    pages = {path.stem for path in MANUAL.parent.iterdir()}
    assert set(programs) <= pages and len(programs) > 7


def test_every_help_fits_a_terminal(commands):
    programs = [[path] for path in BIN.glob("troupe*") if path.is_file() and os.access(path, os.X_OK)]
    helps = [*programs, *([TROUPE, name] for name, *_ in commands)]
    assert len(helps) > 30
    for command in helps:
        said = subprocess.run([*command, "--help"], capture_output=True, text=True, check=True).stdout
        assert said and [line for line in said.splitlines() if len(line) > 80] == [], command


def test_the_page_names_those_that_are_an_admins(script):
    """From the table of commands, as its routes are kept: what asks for /api/v1/admin/ is an admin's."""
    admins = script.groups(TROUPE)["the queue, as an admin"]
    assert {"users", "audit", "providers", "duplicate", "failures", "backup", "queues"} <= set(admins)
    page = MANUAL.read_text().split("token of an admin there: ")[1].split(".SH")[0].replace("\n", " ")
    named, partly = page.split(", cancel and retry with")
    assert named.split(", ") == admins and "usage with" in partly


def test_every_command_and_option_is_known(commands):
    """The table of commands is read from main.c here, and the options from the sources that take them."""
    table = re.findall(r'\{"(\w+)", command_\w+,', (ROOT / "cli/main.c").read_text())
    assert [name for name, *_ in commands] == table and len(table) > 15
    sources = "".join(path.read_text() for path in (ROOT / "cli").glob("*.c"))
    taken = set(re.findall(r'\{"(--[a-z-]+)",', sources))
    assert taken == {option for *_, options in commands for option in options}


def test_every_command_tells_json_or_says_why_not(commands):
    """What it prints then: test_cli_json.py, and the test of each command."""
    assert {name for name, *_, options in commands if "--json" not in options} == set(WITHOUT_JSON)


def examples():
    page = MANUAL.read_text().split(".SH EXAMPLES\n.nf\n")[1].split(".fi")[0].replace("\\-", "-")
    return page.splitlines()


def beside_the_dashboard():
    """The commands that do what a page of the dashboard does."""
    table = (ROOT / "docs/dashboard.md").read_text().split("| page, action |")[1].split("\n\n")[0]
    words = re.findall(r"`(troupe [^`]+)`", table)
    return [re.sub(r"\b(JOB|BATCH|WORKER|OPERATION)\b", "12345678-1234-4234-8234-000000000001", word) for word in words]


@pytest.mark.parametrize("lines", [examples, beside_the_dashboard])
def test_what_is_written_is_taken_as_it_stands(lines, tmp_path):
    """Where nothing can be done they fail, but not (2) for their words."""
    (tmp_path / "file").touch()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TROUPE_")}
    environment |= {"TROUPE_DATA": f"{tmp_path}/file/data", "PATH": f"{TROUPE.parent}:{os.environ['PATH']}"}

    def run(line):
        return subprocess.run(["bash", "-c", line], env=environment, capture_output=True, text=True, timeout=30)

    for line in lines():
        line = line.removesuffix("&")
        result = run(line)
        assert result.returncode == 1, f"{line}: {result.stderr}"
        assert run(f"{line} --nonsense").returncode == 2, line
    assert len(lines()) > 5


@pytest.mark.skipif(not shutil.which("man"), reason="no man")
def test_the_page_has_no_warnings_and_all_commands(commands):
    result = subprocess.run(["man", "--warnings=w", "-l", MANUAL], capture_output=True, text=True, check=True,
                            env={"PATH": "/usr/bin:/bin", "MANWIDTH": "110", "LC_ALL": "C.UTF-8", "MANPAGER": "cat"})
    assert result.stderr == ""
    text = re.sub(r".\x08", "", result.stdout)
    for name, _, usage, options in commands:
        assert re.search(rf"^   {name}$", text, re.M), name
        assert usage.splitlines()[0] in text and all(option in text for option in options)
    for section in ("NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "ENVIRONMENT", "EXIT STATUS", "EXAMPLES"):
        assert f"\n{section}\n" in "\n" + text


@pytest.mark.skipif(not shutil.which("man"), reason="no man")
def test_the_pages_of_the_programs_have_no_warnings_and_all_settings(tmp_path):
    """As man finds them once they are installed: those of the actors are one page."""
    (tmp_path / "man8").mkdir()
    for page in MANUAL.parent.glob("*.8"):
        shutil.copy(page, tmp_path / "man8")
    for program in sorted(path.stem for path in MANUAL.parent.glob("*.8") if path.stem != "troupe-actor"):
        environment = {"PATH": "/usr/bin:/bin", "MANPATH": str(tmp_path), "MANWIDTH": "200", "LC_ALL": "C.UTF-8",
                       "MANPAGER": "cat"}
        result = subprocess.run(["man", "--warnings=w", "8", program], env=environment, capture_output=True, text=True,
                                check=True)
        assert result.stderr == "", program
        text = re.sub(r".\x08", "", result.stdout)
        told = subprocess.run([BIN / program, "--help"], capture_output=True, text=True, check=True).stdout
        names = re.findall(r"^ {2,}([A-Z][A-Z0-9_]+)\b", told, re.M)
        assert len(names) > 10 and [name for name in names if name not in text] == [], program
        for section in ("NAME", "SYNOPSIS", "DESCRIPTION", "ENVIRONMENT", "SIGNALS", "EXIT STATUS", "SEE ALSO"):
            assert f"\n{section}\n" in text, (program, section)
        assert f"       {program} [" in text


@pytest.mark.skipif(not shutil.which("man"), reason="no man")
def test_pages_that_operations_names_can_be_read_as_they_lie_there():
    named = set(re.findall(r"cli/manual/[a-z-]+\.\d", (ROOT / "docs/operations.md").read_text()))
    assert {"cli/manual/troupe.1", "cli/manual/troupe-actor.8"} <= named
    for page in sorted(named):
        environment = {"PATH": "/usr/bin:/bin", "MANWIDTH": "110", "LC_ALL": "C.UTF-8", "MANPAGER": "cat"}
        told = subprocess.run(["man", "--warnings=w", "-l", page], env=environment, capture_output=True, text=True,
                              check=True, cwd=ROOT)
        assert told.stderr == "" and len(told.stdout.splitlines()) > 40, page


def complete(*words, program="troupe"):
    """What bash would offer for the last word."""
    script = ('source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); compopt() { :; }; _troupe; '
              'printf "%s\\n" "${COMPREPLY[@]}"')
    result = subprocess.run(["bash", "-c", script, ROOT / "cli/shell/troupe.bash", program, *words],
                            capture_output=True, text=True, check=True)
    assert result.stderr == ""
    return result.stdout.split()


def test_bash_completes_commands_options_and_names(commands, tmp_path):
    names = [name for name, *_ in commands]
    assert complete("") == names + ["help", "--help", "--version"]
    assert complete("re") == [name for name in names if name.startswith("re")]
    for name, _, _, options in commands:
        own = [option for option in options if option != "--all" or "--where" not in options]
        assert complete(name, "--") == [*own, "--help"], name
    assert complete("pause", "")[-4:] == ["character", "image", "video", "webhook"]
    assert complete("history", "")[-5:] == ["character", "image", "video", "webhook", "all"]
    assert complete("history", "--range", "") == ["1h", "24h", "30d"]
    assert complete("up", "--provider", "l") == ["local", "live"]
    assert complete("jobs", "st") == ["status="] == complete("retry", "--where", "st")
    (tmp_path / "data").mkdir()
    assert complete("queues", "--data", f"{tmp_path}/d") == [f"{tmp_path}/data"]
    assert complete("nonsense", "") == []


def test_every_option_that_is_offered_is_taken(commands):
    """With a value or without, as it is offered. The last word is one that no command takes: nothing is done."""
    for name, _, _, options in commands:
        if name == "complete":  # takes the words of a line that is not finished
            continue
        words = [word for option, takes in options.items() for word in ([option, "x"] if takes else [option])]
        told = subprocess.run([TROUPE, name, *words, "--nonsense"], capture_output=True, text=True, timeout=30)
        assert told.returncode == 2 and "unknown option --nonsense" in told.stderr, (name, told.stderr)


def test_bash_offers_a_search_behind_where_and_ids_without_it():
    for name in "cancel", "retry", "promote", "priority", "remove":
        assert not [word for word in complete(name, "") if "=" in word], name
        assert {"queue=", "status=", "--all"} <= set(complete(name, "--where", "")), name
    assert complete("priority", "") == ["64", "128", "192"]
    assert "queue=" in complete("jobs", "") and "queue=" in complete("failures", "")


def test_bash_completes_what_the_program_checks_with():
    def table(kind):
        return subprocess.run([TROUPE, "complete", kind], capture_output=True, text=True, check=True).stdout.split()

    assert complete("jobs", "status=") == [f"status={name}" for name in table("statuses")]
    assert complete("jobs", "status=f") == ["status=failed"]
    assert complete("jobs", "status", "=", "f") == ["failed"], "as bash divides it"
    assert complete("retry", "--where", "status=failed,can") == ["status=failed,cancelled"]
    assert complete("jobs", "queue", "=") == table("queues") == complete("pause", "")[-4:]
    assert set(table("filters")) <= set(complete("failures", ""))
    assert complete("submit", "image", "x", "--pose", "") == table("poses")
    assert complete("submit", "image", "--pose=wa") == ["--pose=waving"]
    assert complete("jobs", "owner=") == []


def test_bash_completes_ids_of_what_there_is(tmp_path):
    def offered(*words):
        return complete(*words[:-1], "--data", str(tmp_path), words[-1], program=TROUPE)

    assert offered("show", "1") == [], "no stack: nothing, and no word about it"
    with Stack("--provider", "null", "--rate", "off", data=tmp_path) as stack:
        client = stack.client("ada")
        character = client.wait_for(client.submit_character("Mira"))["result"]["characterId"]
        image = client.submit_image(character)
        jobs = [one["jobId"] for one in stack.client("ada").get("/api/v1/character-jobs").json()["data"]] + [image]
        for command in "show", "tail", "cancel", "retry", "duplicate", "promote", "remove":
            wait_until(lambda: set(jobs) <= set(offered(command, "")), 20, command)  # a late answer is none
        assert offered("show", image[:8]) == [image]
        assert offered("submit", "image", "--user", "ada", character[:6]) == [character]
        assert offered("show", "character", "--user=ada", "") == [character]
        client.post("/api/v1/characters/queue", {"name": "Ben", "options": {"tags": ["launch", "two words", "spring"]}})
        assert {f"tag={tag}" for tag in ("launch", "spring")} == set(offered("jobs", "tag="))
        assert offered("failures", "owner=") == ["owner=ada"] == offered("retry", "--where", "owner=a")
        for words in ("usage", "--owner", ""), ("jobs", "owner", "=", ""), ("jobs", "owner", "="):
            assert complete(words[0], "--data", str(tmp_path), *words[1:], program=TROUPE) == ["ada"], words
        worker, = re.findall(r"(\S+)\tvideo", subprocess.run([TROUPE, "complete", "workers", "--data", tmp_path],
                                                            capture_output=True, text=True, check=True).stdout)
        assert worker in offered("drain", "")
        subprocess.run([TROUPE, "cancel", "--where", "--all", "--data", tmp_path], check=True, capture_output=True)
        operation, = subprocess.run([TROUPE, "complete", "operations", "--data", tmp_path], capture_output=True,
                                    text=True, check=True).stdout.splitlines()
        assert operation.endswith("\tcancel completed me") and operation[:36] in offered("operations", "")
        subprocess.run([TROUPE, "backup", "nightly", "--data", tmp_path], check=True, capture_output=True)
        own = subprocess.run([TROUPE, "complete", "jobs"], capture_output=True, text=True, check=True,
                             env={**os.environ, "TROUPE_URL": stack.url, "TROUPE_TOKEN": stack.token("ada")})
        assert f"{image}\timage" in own.stdout
    assert offered("restore", "n") == ["nightly"]
    assert offered("show", "") == ["--timeline", "--json", "--user", "--data", "--curl", "--help", "character", "media"]


def test_complete_waits_no_long_time_for_a_stack_that_is_silent():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        environment = {**os.environ, "TROUPE_URL": f"http://127.0.0.1:{silent.getsockname()[1]}", "TROUPE_TOKEN": "x"}
        began = time.monotonic()
        for kind in "jobs", "characters", "workers", "operations":
            told = subprocess.run([TROUPE, "complete", kind], capture_output=True, text=True, env=environment,
                                  timeout=20)
            assert (told.returncode, told.stdout, told.stderr) == (0, "", "")
        assert time.monotonic() - began < 10
    assert subprocess.run([TROUPE, "complete", "colours"], capture_output=True).returncode == 2


@pytest.mark.parametrize("shell, path", [("bash", "troupe.bash"), ("zsh", "_troupe"), ("fish", "troupe.fish")])
def test_the_shell_itself_reads_it(shell, path):
    if not shutil.which(shell):
        pytest.skip(f"no {shell}")
    assert subprocess.run([shell, "-n", ROOT / "cli/shell" / path], capture_output=True).returncode == 0


def test_the_script_tells_what_it_does():
    result = subprocess.run([ROOT / "script/manual", "--help"], capture_output=True, text=True)
    assert result.returncode == 0 and "script/manual" in result.stdout
