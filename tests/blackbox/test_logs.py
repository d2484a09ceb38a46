"""Logs of a whole stack: one object a line, the ids of what a line is about (log_rules.py), no secrets, the level
changed at run time.

In the first run the hosted providers are a port that nobody listens on: each attempt fails and is told.
"""
import json
import os
import re
import signal
import socket
import subprocess
import uuid

import pytest

import log_rules
from stack import BIN, Stack, wait_until

PROGRAMS = ["troupe-gateway", "troupe-broker", "troupe-studio", "troupe-actor-character"]
KEYS = {"CHAT": "sk-chat-7f3a91", "IMAGE": "ws-image-7f3a92", "VIDEO": "ws-video-7f3a93"}
BODY = "a-description-that-is-nobodys-business"


@pytest.fixture
def dead_port():
    """A port that stays taken, and where connections are refused."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def live(port):
    environment = {"TROUPE_LOG_FORMAT": "json"}
    for use, key in KEYS.items():
        environment |= {f"TROUPE_{use}_URL": f"http://127.0.0.1:{port}/v1", f"TROUPE_{use}_KEY": key,
                        f"TROUPE_{use}_MODEL": "m"}
    return environment


def test_every_line_is_an_object_with_its_ids_and_without_secrets(dead_port):
    with Stack("--provider", "live", environment=live(dead_port)) as stack:
        log = stack.data / "stack.log"
        for pid in stack.children():
            stack.kill(pid, signal.SIGUSR2)

        def lines(message):
            return [line for line in log.read_text().splitlines() if f'"msg":"{message}"' in line]

        token = stack.token("mira")
        client = stack.client("mira")
        asked = client.post("/api/v1/characters/queue", {"name": "Mira", "description": BODY},
                            headers={"X-Request-Id": "asked-for-by-mira"})
        job = asked.json()["data"]["jobId"]
        wait_until(lambda: lines("attempt started"), 20, "a line of the level that the signal set")
        wait_until(lambda: lines("attempt failed"), 20, "a line about the failed attempt")
        wait_until(lambda: lines("attempt ended"), 20, "and about its end")
        for pid in stack.children():
            stack.kill(pid, signal.SIGUSR2)
        assert client.get(f"/api/v1/character-jobs/{job}").status_code == 200, "signals end nothing"
        secret = (stack.data / "jwt-secret").read_text().strip()
        assert stack.stop() == 0
        told = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
        text = log.read_text()
        assert len(told) == len(text.splitlines()), "one object a line"
        for line in told:
            assert {"time", "level", "program", "msg"} <= line.keys(), line
            assert not log_rules.judge(line), (log_rules.judge(line), line)
            if line["msg"] == "attempt ended":
                assert line["outcome"] == "retry" and line["ms"] >= 0, line
            if "attempt" in line["msg"] or "lease" in line["msg"]:
                assert line["job"] == job and isinstance(line["lease"], int), line
                assert line["request"] == "asked-for-by-mira", line
        assert {line["level"] for line in told} >= {"debug", "info"}
        for hidden in [*KEYS.values(), BODY, secret, token, token.split(".")[2]]:
            assert hidden not in text, f"{hidden} in the log"
        files = [path for path in stack.data.rglob("*") if path.is_file()]
        assert any("broker" in str(path) for path in files), "the store is there"
        for path in files:
            held = [key for key in KEYS.values() if key.encode() in path.read_bytes()]
            assert not held, f"{held} in {path}"


def levels(stack):
    """What each process has told of its level last, by its program."""
    told = re.findall(r'program=(\S+) msg="log level switched" now=(\w+)',
                      (stack.data / "stack.log").read_text())
    return sorted(program for program, _ in told), dict(told)


def test_signals_switch_the_level_of_all_and_end_none():
    """SIGUSR2 to `troupe up`, then, as `systemctl kill` does, to all; SIGUSR1 to those that it tells nothing."""
    programs = sorted(["troupe", "troupe-gateway", "troupe-broker", "troupe-studio", "troupe-actor-character",
                       "troupe-actor-image", "troupe-actor-video", "troupe-actor-webhook"])
    with Stack("--provider", "local", environment={"TROUPE_LOG_LEVEL": "info"}) as stack:
        children = stack.children()
        stack.process.send_signal(signal.SIGUSR2)
        wait_until(lambda: levels(stack)[0] == programs, 20, "a line of each")
        assert set(levels(stack)[1].values()) == {"debug"}
        assert sorted(stack.children()) == sorted(children)
        for pid in [stack.process.pid, *children]:
            os.kill(pid, signal.SIGUSR2)  # at once: to look for each before would take longer than what counts once
        wait_until(lambda: levels(stack)[0] == sorted(programs * 2), 20, "another one of each")
        assert set(levels(stack)[1].values()) == {"info"}
        for pid in children:
            stack.kill(pid, signal.SIGUSR1)
        wait_until(lambda: 'msg="so far"' in stack.text_of_log(), 20, "the broker's numbers")
        client = stack.client("mira")
        assert client.wait_for(client.submit_character("Mira"))["status"] == "completed"
        assert sorted(stack.children()) == sorted(children) and "child ended" not in stack.text_of_log()
        assert stack.stop() == 0


def test_a_restarted_program_comes_back_at_the_level_that_was_switched_to():
    """Both kinds of restart, and a crash. The next signal sets all back: nothing is the wrong way round."""
    names = ["troupe-gateway", "troupe-broker", "troupe-actor-character", "troupe-actor-image", "troupe-actor-video",
             "troupe-actor-webhook"]
    with Stack("--provider", "null:1", environment={"TROUPE_LOG_LEVEL": "info"}) as stack:
        log = stack.data / "stack.log"

        def told(level):
            found = re.findall(r'program=(\S+) msg="log level switched" now=(\w+)', log.read_text())
            return sorted(program for program, now in found if now == level and program != "troupe")

        stack.process.send_signal(signal.SIGUSR2)
        wait_until(lambda: told("debug") == sorted(names), 20, "a line of each")
        stack.kill(stack.children("troupe-actor-image")[0])
        wait_until(lambda: told("debug") == sorted([*names, "troupe-actor-image"]), 30, "the one that crashed, again")
        stack.process.send_signal(signal.SIGUSR1)
        wait_until(lambda: told("debug") == sorted([*names, *names, "troupe-actor-image"]), 60, "all, restarted")
        assert told("info") == [], "no process was switched the wrong way"
        wait_until(lambda: 'msg="restarted"' in log.read_text(), 60, "the restart's end")
        stack.process.send_signal(signal.SIGUSR2)
        wait_until(lambda: told("info") == sorted(names), 20, "all back")
        assert told("debug") == sorted([*names, *names, "troupe-actor-image"])
        assert stack.stop() == 0


def use(client, stack, dead_port):
    """Most of what a user and an administrator can ask for. Returns the jobs, by the ids of their requests."""
    made, jobs = {}, {}

    def submit(path, body):
        name = f"asked-for-{len(jobs)}"
        answer = client.post(path, body, headers={"X-Request-Id": name})
        assert answer.status_code == 202, answer.text
        jobs[name] = answer.json()["data"]["jobId"]
        return jobs[name]

    hook = {"options": {"webhook": {"url": f"http://127.0.0.1:{dead_port}/"}}}
    made["character"] = client.wait_for(submit("/api/v1/characters/queue", {"name": "Mira", **hook}))
    character = made["character"]["result"]["characterId"]
    image = client.wait_for(submit(f"/api/v1/characters/{character}/generate-image/queue", {}), "media-jobs")
    media = image["result"]["mediaId"]
    video = submit(f"/api/v1/characters/{character}/media/{media}/generate-video/queue", {"duration": 5})
    client.events(f"/api/v1/media-jobs/{video}/events")
    assert client.get(f"/api/v1/media-jobs/{video}").json()["data"]["status"] == "completed"
    assert client.get(f"/api/v1/character-jobs/{uuid.uuid4()}").status_code == 404
    assert client.get("/api/v1/character-jobs/none").status_code == 404
    assert client.call("DELETE", f"/api/v1/media-jobs/{video}").status_code == 409
    for path in ["character-jobs", "media-jobs", "characters", f"characters/{character}/media", "nothing"]:
        client.get(f"/api/v1/{path}")
    client.post("/api/v1/batches", {"jobs": [{"type": "character", "input": {"name": "Noa"}}]})
    admin = stack.token("root", "--role", "admin")
    for path in ["jobs", "queues", "workers", f"jobs/{video}", "jobs.ndjson"]:
        assert client.get(f"/api/v1/admin/{path}", headers={"Authorization": f"Bearer {admin}"}).status_code == 200
    return jobs


def test_every_line_of_a_whole_run_has_the_ids_of_its_kind(dead_port):
    """Every process at its most talkative. A job's id leads to its request's, and that to all that was said of it."""
    settings = {"TROUPE_LOG_FORMAT": "json", "TROUPE_LOG_LEVEL": "debug", "TROUPE_WEBHOOK_PRIVATE": "on"}
    with Stack("--provider", "local", environment=settings) as stack:
        log = stack.data / "stack.log"
        jobs = use(stack.client("mira"), stack, dead_port)
        wait_until(lambda: '"program":"troupe-actor-webhook","msg":"attempt failed"' in log.read_text(), 30,
                   "a delivery that failed")
        assert stack.stop() == 0
        told = [json.loads(line) for line in log.read_text().splitlines()]
    wrong = [(log_rules.judge(line), line) for line in told if log_rules.judge(line)]
    assert not wrong, wrong
    for request, job in jobs.items():
        of_it = [line for line in told if line.get("job") == job]
        assert {line["program"] for line in of_it if line["request"] == request} > {"troupe-gateway"}, of_it
        accepted = [line for line in of_it if line["msg"] == "request answered" and line["request"] == request]
        assert [line["status"] for line in accepted] == [202], accepted
        assert any(line["msg"] == "attempt started" and line["request"] == request for line in of_it), of_it
        ended = [line for line in of_it if line["msg"] == "attempt ended"]
        assert [(line["outcome"], line["attempt"], line["request"]) for line in ended] == [("completed", 1, request)]
        assert ended[0]["ms"] >= 0 and ended[0]["lease"] > 0, ended
    programs = {line["program"] for line in told}
    assert programs >= {"troupe", "troupe-gateway", "troupe-broker", "troupe-studio", "troupe-actor-character",
                        "troupe-actor-image", "troupe-actor-video", "troupe-actor-webhook"}, programs


def test_a_job_that_is_cancelled_is_followed_in_the_logs_to_its_end():
    settings = {"TROUPE_LOG_FORMAT": "json", "TROUPE_LOG_LEVEL": "debug"}
    with Stack("--provider", "null:60000", environment=settings) as stack:
        client, log = stack.client("mira"), stack.data / "stack.log"
        job = client.submit_character("Mira")
        client.wait_for(job, status="active")
        assert client.call("DELETE", f"/api/v1/character-jobs/{job}").status_code == 200
        wait_until(lambda: '"msg":"attempt ended"' in log.read_text(), 20, "the end of the attempt")
        told = [json.loads(line) for line in log.read_text().splitlines()]
        ended = [line for line in told if line["msg"] == "attempt ended"]
        assert [(line["job"], line["outcome"], line["attempt"]) for line in ended] == [(job, "cancelled", 1)]
        assert stack.stop() == 0


def test_no_line_is_written_without_the_ids_of_its_kind():
    """In the sources: also what no run of the tests comes to. The lists name nothing that is not there."""
    seen, wrong = {folder: set() for folder in log_rules.FOLDERS}, []
    of_requests, both = set(), set()
    for folder, where, messages, pairs in log_rules.calls():
        has_job, has_request = (f"{name}=" in pairs for name in ("job", "request"))
        for message in messages:
            if has_job and has_request:
                both.add(message)
            elif has_request and message in log_rules.OF_A_REQUEST:
                of_requests.add(message)
            elif not has_request and not has_job and message in log_rules.OF_THE_PROCESS[folder]:
                seen[folder].add(message)
            else:
                wrong.append(f"{where}: {message}")
    assert not wrong, wrong
    assert {folder: names - seen[folder] for folder, names in log_rules.OF_THE_PROCESS.items()
            if names - seen[folder]} == {"base": {"log level switched"}, "broker": {"so far", "stopped"}}, (
                "their call is given the message")
    assert of_requests == log_rules.OF_A_REQUEST
    assert log_rules.MAY_LACK_ONE <= both


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("name, value", [("TROUPE_LOG_FORMAT", "xml"), ("TROUPE_LOG_LEVEL", "loud")])
def test_a_bad_setting_is_told(program, name, value):
    ended = subprocess.run([BIN / program], env={name: value}, capture_output=True, text=True, timeout=20)
    assert ended.returncode == 2
    assert f"name={name} value=\"{value}\"" in ended.stderr


@pytest.mark.parametrize("program, name", [("troupe-broker", "TROUPE_METRICS"),
                                           ("troupe-gateway", "TROUPE_HTTP_LISTEN"),
                                           ("troupe-gateway", "TROUPE_GATEWAY_ENDPOINT"),
                                           ("troupe-actor-image", "TROUPE_METRICS"),
                                           ("troupe-actor-webhook", "TROUPE_ACTOR_ENDPOINT")])
def test_a_bad_address_is_seen_by_the_check_and_by_the_start(program, name, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("s" * 48)
    secret.chmod(0o600)
    settings = {"TROUPE_GATEWAY_ENDPOINT": f"ipc://{tmp_path}/g", "TROUPE_ACTOR_ENDPOINT": f"ipc://{tmp_path}/a",
                "TROUPE_DATA": str(tmp_path), "TROUPE_JWT_SECRET_FILE": str(secret),
                "TROUPE_ASSETS": f"{tmp_path}/assets", "TROUPE_PROVIDER": "null", name: "nowhere"}
    for words in ["--check-settings"], []:
        ended = subprocess.run([BIN / program, *words], env=settings, capture_output=True, text=True, timeout=20)
        assert ended.returncode == 2 and f'name={name} value="nowhere"' in ended.stderr, (words, ended)


@pytest.mark.parametrize("program", PROGRAMS)
def test_settings_can_be_checked_alone(program, tmp_path):
    """Nothing is begun: no address is taken, nothing made, and no line but those of what is wrong."""
    secret = tmp_path / "secret"
    secret.write_text("s" * 48)
    secret.chmod(0o600)
    right = {"TROUPE_GATEWAY_ENDPOINT": f"ipc://{tmp_path}/g", "TROUPE_ACTOR_ENDPOINT": f"ipc://{tmp_path}/a",
             "TROUPE_DATA": str(tmp_path), "TROUPE_JWT_SECRET_FILE": str(secret), "TROUPE_PROVIDER": "local",
             "TROUPE_ASSETS": f"{tmp_path}/assets", "TROUPE_STUDIO_URL": "http://127.0.0.1:1"}
    wrong = {"TROUPE_RATE": "x", "TROUPE_WRITE_TIMEOUT": "7", "QUEUE_CONCURRENCY": "0",
             "TROUPE_WEBHOOK_CONCURRENCY": "0", "TROUPE_STUDIO_FAULT_RULES": "nonsense"}
    told = [subprocess.run([BIN / program, "--check-settings"], env=settings, capture_output=True, text=True,
                           timeout=20) for settings in (right, right | wrong)]
    assert [one.returncode for one in told] == [0, 2] and told[0].stderr == told[0].stdout == told[1].stdout == ""
    assert told[1].stderr.count("\n") == 1 and "level=error" in told[1].stderr
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
