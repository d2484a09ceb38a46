"""What somebody new does first: reads the help, runs the demo, copies the lines of the documents, has a proxy,
forgets a setting, presses Ctrl-C."""

import datetime
import json
import os
import pathlib
import pty
import re
import signal
import socket
import subprocess

import pytest

from stack import BIN, ROOT, TROUPE, Stack, wait_until

NULL = ("--provider", "null", "--rate", "off")
COMMANDS = ["up", "submit", "show", "tail", "cancel", "retry", "delete", "queues", "workers",
            "jobs", "top", "pause", "resume", "drain", "backup", "restore", "restart", "token",
            "init", "ping"]
PROGRAMS = ["troupe", "troupe-broker", "troupe-gateway", "troupe-studio", "troupe-actor-character",
            "troupe-actor-image", "troupe-actor-video", "troupe-actor-webhook"]
SCRIPTS = ["demo", "build", "setup", "test", "bench", "manual"]
LIVE = [f"TROUPE_{role}_{name}" for role in ("CHAT", "IMAGE", "VIDEO") for name in ("URL", "MODEL")]
DEAD_PROXY = dict.fromkeys(["http_proxy", "https_proxy", "all_proxy", "ALL_PROXY"], "http://127.0.0.1:1")


def without_settings(**more):
    """The environment of somebody who has set nothing."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith("TROUPE_") and name.lower() != "no_proxy"}
    return {**kept, "TROUPE_SETUP": "off", **more}


def run(*words, environment=None, seconds=60):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=seconds,
                          stdin=subprocess.DEVNULL, env=environment or without_settings())


# ---- help ----


@pytest.mark.parametrize("word", ["--help", "-h"])
@pytest.mark.parametrize("words", [[BIN / name] for name in PROGRAMS] + [[TROUPE, name] for name in COMMANDS] +
                         [[ROOT / "script" / name] for name in SCRIPTS],
                         ids=lambda words: " ".join(pathlib.Path(word).name for word in words))
def test_help_is_an_answer_and_no_error(words, word):
    result = run(*words, word)
    assert result.returncode == 0, result.stderr
    assert words[-1].name in result.stdout if len(words) == 1 else f"troupe {words[1]}" in result.stdout
    assert result.stderr == ""
    assert [line for line in result.stdout.splitlines() if len(line) > 80] == [], "it fits a usual terminal"


def test_help_of_a_command_is_what_bad_words_are_answered_with():
    wanted = run(TROUPE, "help", "submit").stdout
    assert wanted == run(TROUPE, "submit", "--help").stdout == run(TROUPE, "submit").stderr.partition("\n")[2]
    assert run(TROUPE, "submit").returncode == 2


@pytest.mark.parametrize("words, said", [
    (["demo", "--data"], "--data needs a value"), (["demo", "--port"], "--port needs a value"),
    (["demo", "--port", "abc"], "a number up to 65535"), (["demo", "--port", "65536"], "a number up to 65535"),
    (["demo", "--data", ""], "--data needs a value"), (["build", "nonsense"], "no preset nonsense"),
    (["build", "base"], "no preset base")])
def test_scripts_refuse_what_they_do_not_know(words, said):
    result = run(ROOT / "script" / words[0], *words[1:], environment=without_settings(TROUPE_SETUP="on"))
    assert result.returncode == 2
    assert said in result.stderr and result.stdout == ""


# ---- the documents ----


@pytest.mark.parametrize("path", ["README.md", "docs/studio.md", "docs/http-api.md"])
def test_bodies_in_the_documents_are_json(path):
    text = (ROOT / path).read_text()
    bodies = re.findall(r"(?:-d|echo|<<<) ?'(\{.*?\})'", text, re.DOTALL)
    assert bodies or path == "docs/http-api.md"
    for body in bodies:
        json.loads(body)


def live_example():
    """The lines of docs/providers.md that start a stack of hosted providers."""
    return re.search(r"((?: {4}TROUPE_.*\\\n)+ {4}.*troupe up.*)\n", (ROOT / "docs/providers.md").read_text()).group(1)


@pytest.fixture
def keys_of_example(tmp_path):
    (tmp_path / ".keys").mkdir()
    for name in "openai", "wavespeed":
        path = tmp_path / ".keys" / name
        path.write_text("secret\n")
        path.chmod(0o600)


@pytest.mark.usefixtures("keys_of_example")
@pytest.mark.parametrize("left_out", [None, "--provider live", *LIVE], ids=str)
def test_the_example_of_hosted_providers_works_and_needs_each_of_its_words(tmp_path, left_out):
    text = live_example()
    assert left_out is None or len(re.findall(left_out, text)) == 1
    text = re.sub(rf"{left_out}(=\S+)?", "", text) if left_out else text
    process = subprocess.Popen(["bash", "-c", f"exec env {text} --port 0 --data {tmp_path / 'data'}"], text=True,
                               cwd=ROOT, env=without_settings(HOME=str(tmp_path)), stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    try:
        ready = process.stdout.readline()
        process.terminate()
        said = process.communicate(timeout=60)[1]
    finally:
        process.kill()
        process.wait()
    if left_out in LIVE:
        assert ready == "" and left_out in said
    else:
        assert ready.startswith("troupe: ready")
        assert ("image:api.openai.com" in said) == (left_out is None)


# ---- a proxy ----


def test_a_proxy_in_the_environment_is_not_asked_for_this_machine(tmp_path):
    with Stack(*NULL, data=tmp_path, environment=without_settings(**DEAD_PROXY)) as stack:
        submitted = subprocess.run([TROUPE, "submit", "character", "-", "--follow", "--data", tmp_path],
                                   input='{"name": "x"}', capture_output=True, text=True, env=stack.environment)
        assert submitted.returncode == 0, submitted.stderr
        for url in (stack.url, stack.url.replace("127.0.0.1", "localhost")):
            assert run(TROUPE, "ping", url + "/healthz", environment=stack.environment).returncode == 0


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "127.0.0.1:1", "localhost:1", "http://[::1]:1",
                                     "127.9.9.9:1"])
def test_every_form_of_this_machine_goes_without_a_proxy(address):
    job = "12345678-1234-4234-8234-123456789012"
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        environment = without_settings(http_proxy=f"http://127.0.0.1:{proxy.getsockname()[1]}", TROUPE_URL=address,
                                       TROUPE_TOKEN="x")
        result = run(TROUPE, "show", job, environment=environment)
        proxy.setblocking(False)
        with pytest.raises(BlockingIOError):
            proxy.accept()
    assert result.returncode == 1 and "no answer" in result.stderr


def test_a_proxy_is_asked_for_other_machines():
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.settimeout(20)
        environment = without_settings(http_proxy=f"http://127.0.0.1:{proxy.getsockname()[1]}")
        process = subprocess.Popen([TROUPE, "ping", "http://troupe.invalid/healthz"], env=environment)
        connection, _ = proxy.accept()
        with connection:
            assert connection.recv(4096).startswith(b"GET http://troupe.invalid/healthz")
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        assert process.wait(20) == 0


# ---- the demo ----


def test_the_demo_makes_everything_in_spite_of_a_proxy(tmp_path):
    result = run(ROOT / "script/demo", "--exit", "--port", 0, "--data", tmp_path,
                 environment=without_settings(**DEAD_PROXY), seconds=180)
    assert result.returncode == 0, result.stdout + result.stderr
    for path in re.findall(rf"^ +({tmp_path}/assets\S+)$", result.stdout, re.MULTILINE):
        assert os.path.getsize(path) > 0
    assert "Mira Okonkwo" in result.stdout and ".mp4" in result.stdout
    assert sorted(path.name for path in tmp_path.glob("demo*")) == ["demo.log"]


def test_a_demo_on_data_in_use_says_so_and_leaves_the_other_ones_log(tmp_path):
    (tmp_path / "demo.log").write_text("of the first\n")
    with Stack(*NULL, data=tmp_path):
        result = run(ROOT / "script/demo", "--exit", "--port", 0, "--data", tmp_path)
    assert result.returncode == 3
    assert "in use by another" in result.stderr
    assert (tmp_path / "demo.log").read_text() == "of the first\n"
    assert [path.name for path in tmp_path.glob("demo*")] == ["demo.log"]


@pytest.mark.parametrize("until", ["starting the stack", "API answers", "until Ctrl-C"])
def test_ctrl_c_ends_the_demo_and_leaves_nothing_running(tmp_path, until):
    process = subprocess.Popen([ROOT / "script/demo", "--port", "0", "--data", tmp_path], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True, env=without_settings(), start_new_session=True)
    try:
        while until not in (line := process.stdout.readline()):
            assert line, "the demo ended"
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        assert process.wait(60) == 130
    finally:
        process.stdout.close()
        if process.poll() is None:
            process.terminate()
            process.wait(60)
    assert not [path for path in tmp_path.glob("demo*") if path.name != "demo.log"]
    assert not list((tmp_path / "run").glob("*")), "the stack was stopped, not killed"
    assert run(TROUPE, "show", "12345678-1234-4234-8234-123456789012", "--data", tmp_path).returncode == 1


def process_of(*words):
    """The process that was started with all of these words, or None."""
    wanted = {str(word).encode() for word in words}
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if wanted <= set(path.read_bytes().split(b"\0")):
                return int(path.parent.name)
        except OSError:
            pass  # it has ended
    return None


def test_the_demo_says_what_it_waits_for(tmp_path):
    process = subprocess.Popen([ROOT / "script/demo", "--exit", "--port", "0", "--data", tmp_path], text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=without_settings())
    try:
        while "starting the stack" not in (line := process.stdout.readline()):
            assert line, "the demo ended"
        stack = wait_until(lambda: process_of(TROUPE, "up", tmp_path))
        os.kill(stack, signal.SIGSTOP)
        assert "waiting until the stack is ready" in process.stdout.readline()
        os.kill(stack, signal.SIGCONT)
        while "API answers" not in (line := process.stdout.readline()):
            assert line, "the demo ended"
    finally:
        process.terminate()
        process.stdout.close()
        process.wait(60)


# ---- messages ----


@pytest.mark.parametrize("words, said", [
    (["token", "--user", "x", "--role", "king"], "--role is user, viewer or admin"),
    (["token", "--user", "x", "--expires", "5x"], "--expires takes a duration"),
    (["up", "--port", "70000"], "--port takes a whole number from 0 to 65535"),
    (["submit", "character", "/nonexistent/a.json"], "there is no such file"),
    (["ping", "http://127.0.0.1:1/"], "is not well"),
    (["show", "nonsense"], "nonsense is not an id")])
def test_a_mistake_is_named_in_words(words, said):
    result = run(TROUPE, *words)
    assert result.returncode in (1, 2)
    assert said in result.stderr and len(result.stderr.splitlines()) == 1
    assert "level=" not in result.stderr


def test_a_token_of_nobody_is_bad_words():
    result = run(TROUPE, "token", "--user", "")
    assert (result.returncode, result.stdout) == (2, "") and "--user NAME is missing" in result.stderr


# ---- troupe up ----


def test_settings_of_live_that_are_missing_are_named_all_at_once(tmp_path):
    data = tmp_path / "data"
    result = run(TROUPE, "up", "--port", 0, "--data", data, "--provider", "live")
    assert result.returncode == 2
    assert all(name in result.stderr for name in LIVE) and len(result.stderr.splitlines()) == 1
    assert not data.exists(), "nothing was started"


def test_an_actor_names_all_missing_settings_of_live(tmp_path):
    environment = without_settings(TROUPE_PROVIDER="live", TROUPE_ACTOR_ENDPOINT=f"ipc://{tmp_path}/actors",
                                   TROUPE_ASSETS=str(tmp_path), TROUPE_IMAGE_MODEL="m")
    result = run(BIN / "troupe-actor-image", environment=environment)
    assert result.returncode == 2
    assert set(re.findall(r"name=(\S+)", result.stderr)) == set(LIVE) - {"TROUPE_IMAGE_MODEL"}


def test_a_bad_setting_of_an_actor_ends_the_start_without_promises(tmp_path):
    settings = dict.fromkeys(LIVE, "nonsense")
    result = run(TROUPE, "up", "--port", 0, "--data", tmp_path, "--provider", "live",
                 environment=without_settings(**settings))
    assert result.returncode == 2
    assert "no base address" in result.stderr and "restart" not in result.stderr


def test_data_in_use_is_told_before_the_port(tmp_path):
    with Stack(*NULL, data=tmp_path) as stack:
        result = run(TROUPE, "up", "--port", stack.url.rsplit(":", 1)[1], "--data", tmp_path, *NULL)
        assert result.returncode == 3
        assert str(tmp_path) in result.stderr and "port" not in result.stderr
        assert stack.client().get("/readyz").status_code == 200, "the first goes on"


def test_a_terminal_sees_the_ready_line_and_no_log(tmp_path):
    leader, follower = pty.openpty()
    process = subprocess.Popen([TROUPE, "up", "--port", "0", "--data", tmp_path, *NULL], stdout=follower,
                               stderr=follower, env=without_settings())
    os.close(follower)
    seen = b""
    while b"ready http" not in seen:
        seen += os.read(leader, 4096)
    process.terminate()
    assert process.wait(30) == 0
    try:
        while more := os.read(leader, 4096):
            seen += more
    except OSError:
        pass  # the other end is closed
    os.close(leader)
    assert b"level=info" not in seen, seen.decode()


# ---- troupe cancel and tail ----


def test_cancel_of_a_running_job_says_that_it_was_asked_for(tmp_path):
    with Stack("--provider", "null:60000", "--rate", "off", data=tmp_path) as stack:
        client = stack.client("me")
        job = client.submit_character()
        client.wait_for(job, status="active")
        result = run(TROUPE, "cancel", job, "--data", tmp_path)
        assert result.returncode == 0
        assert "asked for" in result.stdout or "cancelled" in result.stdout


def test_a_replayed_tail_tells_the_time_of_the_events(tmp_path):
    with Stack("--provider", "null:1500", "--rate", "off", data=tmp_path) as stack:
        client = stack.client("me")
        job = client.submit_character()
        client.wait_for(job)
        lines = run(TROUPE, "tail", job, "--data", tmp_path).stdout.splitlines()
        seconds = [float(re.search(r"([\d.]+) s$", line)[1]) for line in lines if "%" in line]
        assert seconds == sorted(seconds) and seconds[-1] >= 1.4


def test_the_line_of_a_job_begins_with_what_it_makes(tmp_path):
    with Stack(*NULL, data=tmp_path) as stack:
        client = stack.client("me")
        made = client.submit_character()
        image = client.submit_image(client.wait_for(made)["result"]["characterId"])
        for job, kind in (made, "character"), (image, "image"):
            lines = run(TROUPE, "tail", job, "--data", tmp_path).stdout.splitlines()
            assert lines[0] == f"{kind} job {job}: Mira"
            assert {line.split()[0] for line in lines if "%" in line} == {kind}


def test_retry_tells_that_what_a_job_is_made_from_is_gone(tmp_path):
    in_an_hour = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    with Stack(*NULL, data=tmp_path) as stack:
        client = stack.client("me")
        character = client.wait_for(client.submit_character())["result"]["characterId"]
        job = client.submit_image(character, options={"runAt": f"{in_an_hour:%Y-%m-%dT%H:%M:%S.000Z}"})
        for words in ["cancel", job], ["delete", "character", character]:
            assert run(TROUPE, *words, "--data", tmp_path).returncode == 0
        gone, unknown = (run(TROUPE, "retry", one, "--data", tmp_path) for one in (job, character))
    assert (gone.returncode, gone.stderr) == (4, "troupe: 404 Character not found\n")
    assert unknown.returncode == 4 and unknown.stderr.startswith("troupe: 404 There is no such job")


def test_a_tail_that_loses_its_stream_says_so_and_goes_on(tmp_path):
    with Stack(*NULL, "--actors", "0", data=tmp_path) as stack:
        job = stack.client("me").submit_character()
        tail = subprocess.Popen([TROUPE, "tail", job, "--data", tmp_path], text=True, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, env=stack.environment)
        assert job in tail.stdout.readline() and "waiting" in tail.stdout.readline()
        gateway, = stack.children("troupe-gateway")
        stack.kill(gateway)
        assert "trying again" in tail.stderr.readline()
        wait_until(lambda: run(TROUPE, "cancel", job, "--data", tmp_path).returncode == 0, 20, "another gateway")
        assert tail.wait(20) == 6
        tail.communicate()
