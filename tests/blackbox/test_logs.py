"""Logs of a whole stack: one object a line, the ids of what a line is about, no secrets, the level changed at run time.

The hosted providers are a port that nobody listens on: each attempt fails and is told.
"""
import json
import signal
import socket
import subprocess

import pytest
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


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("name, value", [("TROUPE_LOG_FORMAT", "xml"), ("TROUPE_LOG_LEVEL", "loud")])
def test_a_bad_setting_is_told(program, name, value):
    ended = subprocess.run([BIN / program], env={name: value}, capture_output=True, text=True, timeout=20)
    assert ended.returncode == 2
    assert f"name={name} value=\"{value}\"" in ended.stderr


@pytest.mark.parametrize("program, name", [("troupe-broker", "TROUPE_METRICS"),
                                           ("troupe-gateway", "TROUPE_HTTP_LISTEN")])
def test_a_bad_address_is_seen_by_the_check_and_by_the_start(program, name, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("s" * 48)
    secret.chmod(0o600)
    settings = {"TROUPE_GATEWAY_ENDPOINT": f"ipc://{tmp_path}/g", "TROUPE_ACTOR_ENDPOINT": f"ipc://{tmp_path}/a",
                "TROUPE_DATA": str(tmp_path), "TROUPE_JWT_SECRET_FILE": str(secret),
                "TROUPE_ASSETS": f"{tmp_path}/assets", name: "nowhere"}
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
