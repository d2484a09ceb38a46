"""Whether Compose hands on what its programs can be told; without an engine. A setting is one that --help names."""

import json
import os
import re
import subprocess

import pytest
import yaml
from stack import BIN, ROOT, Stack

SERVICES = {"broker": "troupe-broker", "gateway": "troupe-gateway", "actor-character": "troupe-actor-character",
            "actor-image": "troupe-actor-image", "actor-video": "troupe-actor-video"}
# What is no setting of theirs here: of tests; of webhooks; files of keys, in place of which there are values.
OTHERS = re.compile(r"TROUPE_TEST_.*|.*_FILE|TROUPE_WEBHOOK_.*|LISTEN_.*")
ALWAYS = {"TROUPE_PROVIDERS_FILE", "TROUPE_JWT_SECRET_FILE"}
VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)(?::-([^}]*))?\}")
EXAMPLE = dict(line.split("=", 1) for line in (ROOT / "compose/env.example").read_text().splitlines()
               if line and not line.startswith("#"))


@pytest.fixture(scope="module", name="text")
def fixture_text():
    return (ROOT / "compose/compose.yaml").read_text()


def services(text, **settings):
    """The services as Compose would have them with these settings."""
    filled = VARIABLE.sub(lambda found: settings.get(found[1]) or found[2] or "", text)
    return yaml.safe_load(filled)["services"]


def settings_of(program):
    """The names in its help; of NAME_, which stands for a row of them, none."""
    told = subprocess.run([BIN / program, "--help"], capture_output=True, text=True, check=True, timeout=30).stdout
    return {name for name in re.findall(r"\b(?:TROUPE|QUEUE|LISTEN)_[A-Z0-9_]*[A-Z0-9]\b(?!_)", told)
            if name in ALWAYS or not OTHERS.fullmatch(name)}


@pytest.mark.parametrize("service", SERVICES)
def test_every_setting_of_a_program_can_be_set(text, service):
    assert settings_of(SERVICES[service]) <= set(services(text)[service]["environment"])


@pytest.mark.parametrize("service", SERVICES)
def test_a_crash_leaves_no_keys_behind(text, service):
    assert services(text)[service]["ulimits"] == {"core": 0}


def test_what_can_be_set_is_what_the_example_explains(text):
    used = {found[1] for found in VARIABLE.finditer(text)}
    assert used == set(EXAMPLE) - {"COMPOSE_PROJECT_NAME"}
    assert {name: value for name, value in EXAMPLE.items() if value} == {
        "COMPOSE_PROJECT_NAME": "troupe", "TROUPE_PORT": "5000", "TROUPE_PROVIDER": "local"}


def test_a_bucket_is_told_to_who_uses_it_alone(text):
    secret = {"TROUPE_ASSETS": "s3:troupe/made", "TROUPE_S3_ENDPOINT": "https://store:9000", "TROUPE_S3_KEY_ID": "id",
              "TROUPE_S3_SECRET": "words", "TROUPE_S3_TOKEN": "token", "TROUPE_S3_REGION": "r",
              "TROUPE_S3_STYLE": "path"}
    made = services(text, **secret, TROUPE_ASSETS_S3="redirect", TROUPE_S3_PUBLIC_ENDPOINT="https://public")
    for name, service in made.items():
        environment = service["environment"]
        told = {key: environment[key] for key in secret if key in environment}
        assert told == ({} if name in ("broker", "init", "studio", "actor-webhook") else secret), name
    assert made["gateway"]["environment"]["TROUPE_ASSETS_S3"] == "redirect"
    assert made["gateway"]["environment"]["TROUPE_S3_PUBLIC_ENDPOINT"] == "https://public"
    assert services(text)["gateway"]["environment"]["TROUPE_ASSETS"] == "/data/assets"


def test_a_directory_of_providers_is_mounted_for_who_asks_them_alone(text):
    made = services(text, TROUPE_PROVIDERS_DIR="./mine", TROUPE_PROVIDERS_FILE="/providers/list.json")
    for name, service in made.items():
        asks = name in ("actor-character", "actor-image", "actor-video")
        assert ("./mine:/providers:ro" in service.get("volumes", [])) == asks, name
        assert service["environment"].get("TROUPE_PROVIDERS_FILE") == ("/providers/list.json" if asks else None), name
    volumes = yaml.safe_load(VARIABLE.sub("", text))["volumes"]
    assert "providers:/providers:ro" in services(text)["actor-image"]["volumes"] and "providers" in volumes


def test_the_command_line_of_the_gateway_has_what_it_needs(text, tmp_path):
    """What the container sets, with the places and the port of a stack of this machine."""
    with Stack("--provider", "null", data=tmp_path) as stack:
        told = services(text)["gateway"]["environment"]
        places = {"/data/secret": tmp_path, "http://127.0.0.1:5000": stack.url, "/data": tmp_path / "none"}
        environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
        for name, value in told.items():
            for place, here in places.items():
                value = (value or "").replace(place, str(here))
            environment[name] = value
        seen = subprocess.run([BIN / "troupe", "queues", "--json"], env=environment, capture_output=True, text=True,
                              timeout=30)
        assert seen.returncode == 0 and len(json.loads(seen.stdout)["queues"]) == 4, seen.stderr
