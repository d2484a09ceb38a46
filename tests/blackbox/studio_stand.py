"""The studio's own process, with what its clients would do, and fixtures around it."""

import base64
import os
import pathlib
import signal
import struct
import subprocess
import time
import zlib

import pytest
import requests

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = pathlib.Path(os.environ.get("TROUPE_PROGRAMS", ROOT / "build/bin")) / "troupe-studio"
SECONDS = 60  # that a condition may take, on a slow and busy machine
VIDEO_MODEL = "wavespeed-ai/wan-2.2/image-to-video"
PICTURE_MODEL = "wavespeed-ai/flux-dev"

def wait_until(condition):
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end


class Studio:
    """One process, with what its clients would do."""

    def __init__(self, listen="127.0.0.1:0", **settings):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TROUPE_STUDIO")}
        environment.update({f"TROUPE_STUDIO_{name}": str(value) for name, value in settings.items()})
        self.process = subprocess.Popen([PROGRAM, "--listen", listen], env=environment, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        line = self.process.stdout.readline()
        assert line.startswith("troupe-studio: ready http://"), line + self.process.stderr.read()
        self.url = line.split()[-1]
        self.key = settings.get("KEY")

    def ask(self, method, path, **options):
        headers = options.pop("headers", {})
        if self.key:
            headers = {"Authorization": f"Bearer {self.key}", **headers}
        url = path if path.startswith("http") else self.url + path
        return requests.request(method, url, headers=headers, timeout=options.pop("timeout", SECONDS), **options)

    def chat(self, text="Write the personality of Mira.", **members):
        body = {"model": "studio-chat", "messages": [{"role": "user", "content": text}], **members}
        return self.ask("POST", "/v1/chat/completions", json=body)

    def image(self, prompt="Portrait of Mira. hair: long silver, seed: 42", **members):
        body = {"model": "studio-image", "prompt": prompt, "response_format": "b64_json", **members}
        return self.ask("POST", "/v1/images/generations", json=body)

    def upload(self, content, name="mira.png"):
        return self.ask("POST", "/api/v3/media/upload/binary", files={"file": (name, content, "image/png")})

    def submit(self, picture, model=VIDEO_MODEL, **members):
        body = {"image": picture, "prompt": "she breathes", "duration": 5, "size": "832*480", "seed": 7} | members
        return self.ask("POST", f"/api/v3/{model}", json=body)

    def wait_for(self, task, *statuses):
        """Polls until the task has one of the statuses; returns its data and all statuses seen, each once."""
        seen, end = [], time.monotonic() + SECONDS
        while time.monotonic() < end:
            data = self.ask("GET", task["urls"]["get"]).json()["data"]
            if data["status"] not in seen:
                seen.append(data["status"])
            if data["status"] in statuses:
                return data, seen
        raise AssertionError(f"still {seen} after {SECONDS} s")

    def faults(self, *rules):
        answer = self.ask("PUT", "/studio/faults", json=list(rules))
        assert answer.status_code == 200, answer.text

    def ledger(self):
        return self.ask("GET", "/studio/ledger").json()

    def charged(self, step):
        return self.ledger()["totals"].get(step, {"count": 0})["count"]

    def close(self):
        """Stops the process and says how it ended."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        _, errors = self.process.communicate(timeout=SECONDS)
        assert "ERROR: " not in errors, errors  # of a sanitizer
        return self.process.returncode


@pytest.fixture(scope="module", name="shared")
def fixture_shared():
    """A studio without faults, for tests that change nothing."""
    studio = Studio()
    yield studio
    assert studio.close() == 0


@pytest.fixture(name="faulty")
def fixture_faulty():
    studio = Studio(FAULTS="on")
    yield studio
    assert studio.close() == 0


@pytest.fixture(scope="module", name="portrait")
def fixture_portrait(shared):
    return base64.b64decode(shared.image().json()["data"][0]["b64_json"])


@pytest.fixture(scope="module", name="small_picture")
def fixture_small_picture():
    """A PNG that is quickly decoded: 64 x 64, grey."""
    rows = b"".join(b"\0" + bytes([row * 3] * 64) for row in range(64))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 64, 64, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
