"""Variables that are set and mean nothing: they are told of, in words, and stop nothing."""

import json
import os
import subprocess

import pytest

from stack import BIN, TROUPE, Stack

PROGRAMS = ["troupe-broker", "troupe-gateway", "troupe-studio", "troupe-actor-character", "troupe-actor-webhook"]
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("TROUPE_", "QUEUE_"))}
MISSPELT = {"TROUPE_GATEWAY_ENDPIONT": "ipc:///nowhere", "QUEUE_CONCURENCY": "3", "TROUPE_UNHEARD_OF": "1"}
ENDPOINTS = {"TROUPE_GATEWAY_ENDPOINT": "ipc:///tmp/a", "TROUPE_ACTOR_ENDPOINT": "ipc:///tmp/b",
             "TROUPE_PROVIDER": "null", "TROUPE_ASSETS": "/tmp", "TROUPE_DATA": "/tmp"}
WORDS = ["troupe: warning: unknown setting TROUPE_GATEWAY_ENDPIONT, did you mean TROUPE_GATEWAY_ENDPOINT?",
         "troupe: warning: unknown setting QUEUE_CONCURENCY, did you mean QUEUE_CONCURRENCY?",
         "troupe: warning: unknown setting TROUPE_UNHEARD_OF"]


def warnings_of(text):
    return [line for line in text.splitlines() if line.startswith("troupe: warning: ")]


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_check_of_settings_names_the_ones_that_are_none(program, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("s" * 32)
    secret.chmod(0o600)
    settings = {**CLEAN, **ENDPOINTS, "TROUPE_JWT_SECRET_FILE": str(secret)}

    def check(**more):
        return subprocess.run([BIN / program, "--check-settings"], env={**settings, **more}, capture_output=True,
                              text=True, timeout=30)

    told = check(**MISSPELT, TROUPE_OPEN_API_KEY="of a provider", TROUPE_JOBS_MAXX="")
    assert told.returncode == 0, told.stderr
    assert "TROUPE_OPEN_API_KEY" not in told.stderr and "TROUPE_JOBS_MAXX" not in told.stderr
    lines = [line for line in told.stderr.splitlines() if 'msg="unknown setting"' in line]
    assert len(lines) == 3 and all("level=warn" in line for line in lines), told.stderr
    for end in ("name=TROUPE_GATEWAY_ENDPIONT did_you_mean=TROUPE_GATEWAY_ENDPOINT",
                "name=QUEUE_CONCURENCY did_you_mean=QUEUE_CONCURRENCY", "name=TROUPE_UNHEARD_OF"):
        assert sum(line.endswith(end) for line in lines) == 1, (end, lines)
    assert "unknown setting" not in check().stderr


def test_up_tells_each_once_and_starts(tmp_path):
    environment = {**MISSPELT, "TROUPE_HTTP_LISTEN": "127.0.0.1:1", "TROUPE_METRICS": "127.0.0.1:1",
                   "TROUPE_ASSETS": "/nonexistent", "TROUPE_CHAT_URL": "http://127.0.0.1:1"}
    with Stack("--provider", "null", "--rate", "off", data=tmp_path, environment=environment) as stack:
        assert stack.client().wait_for(stack.client().submit_character())["status"] == "completed"
        log = (tmp_path / "stack.log").read_text()
    assert "unknown setting\"" not in log, "each program would say it again"
    told = warnings_of(log)
    assert sorted(told[:3]) == sorted(WORDS), told
    named = [line.split()[7].rstrip(":") for line in told[3:]]
    assert named == ["TROUPE_HTTP_LISTEN", "TROUPE_METRICS", "TROUPE_ASSETS", "TROUPE_CHAT_URL"], told
    assert all(line.startswith("troupe: warning: `troupe up` does not use ") for line in told[3:])
    assert "--port" in told[3] and "--metrics" in told[4] and "--assets" in told[5] and "live" in told[6]


def test_up_is_silent_of_what_it_uses(tmp_path):
    environment = {"TROUPE_SPACE_FLOOR": "1000", "TROUPE_PORT": "5000", "TROUPE_USER": "me"}
    with Stack("--provider", "null", "--rate", "off", data=tmp_path, environment=environment):
        assert warnings_of((tmp_path / "stack.log").read_text()) == []


def test_keys_that_the_providers_file_names_are_known(tmp_path):
    """However they are called: they are told of by nobody, and actors have them."""
    path = tmp_path / "providers.json"
    entry = {"url": "http://127.0.0.1:1", "model": "m", "keyEnv": "TROUPE_CHAT_KEY2"}
    path.write_text(json.dumps({use: [{**entry, "name": use}] for use in ("chat", "image", "video")}))
    settings = {"TROUPE_PROVIDERS_FILE": str(path), "TROUPE_CHAT_KEY2": "sk-1", "TROUPE_IMAGE_KEY2": "sk-2"}
    wanted = ["troupe: warning: unknown setting TROUPE_IMAGE_KEY2, did you mean TROUPE_IMAGE_KEY?"]
    with Stack("--provider", "live", "--rate", "off", data=tmp_path, environment=settings):
        assert warnings_of((tmp_path / "stack.log").read_text()) == wanted
    told = subprocess.run([TROUPE, "doctor"], env={**CLEAN, **settings}, capture_output=True, text=True, timeout=60)
    assert warnings_of(told.stderr) == wanted and told.returncode == 1


def test_doctor_tells_of_them_before_anything_else():
    told = subprocess.run([TROUPE, "doctor"], env={**CLEAN, **MISSPELT}, capture_output=True, text=True, timeout=60)
    assert sorted(told.stderr.splitlines()[:3]) == sorted(WORDS) and told.returncode == 2
