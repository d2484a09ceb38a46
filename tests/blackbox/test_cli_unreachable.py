"""Every command of the command line when there is no gateway, or one that answers with nothing useful: it says so and
ends with an exit code, not with a signal."""

import http.server
import os
import re
import socket
import subprocess
import threading

import pytest

from stack import TROUPE

JOB = "12345678-1234-4234-8234-000000000001"
# Commands that need no gateway, or start one.
LOCAL = {"up", "restore", "restart", "token", "doctor", "init"}
WORDS = {
    "submit": ["character", "-"], "show": [JOB], "tail": [JOB], "cancel": [JOB], "retry": [JOB],
    "duplicate": [JOB], "promote": [JOB], "priority": ["1", JOB], "remove": [JOB], "delete": ["character", JOB],
    "queues": [], "workers": [], "jobs": [], "failures": [], "top": [], "pause": ["image"],
    "resume": ["image"], "drain": [JOB],
    "operations": [], "history": [],
    "characters": [], "media": [JOB],
    "users": [], "providers": [], "audit": [], "webhooks": [], "usage": [], "backup": [], "ping": ["{url}/readyz"],
}
MORE = [
    ["delete", "media", JOB, JOB],
    ["submit", "image", JOB], ["submit", "video", JOB, JOB], ["cancel", "--where", "owner=ada"], ["usage", "--all"],
    ["retry", "--where", "owner=ada"], ["remove", "--where", "owner=ada"], ["audit", "--json"], ["users", "--json"],
    ["providers", "--json"], ["jobs", "--json"], ["failures", "--json"], ["queues", "--json"], ["workers", "--json"],
    ["usage", "--json"], ["show", JOB, "--json"], ["drain", JOB, "--undo"], ["backup", "--list"],
    ["operations", JOB], ["operations", JOB, "--follow"], ["operations", JOB, "--stop"], ["operations", "--json"],
    ["operations", "1234"], ["history", "image", "--range", "30d"], ["history", "--json"],
    ["webhooks", JOB], ["webhooks", JOB, "--again", JOB], ["webhooks", "--json"],
]
ENDS = {1, 4}  # failed, refused


def commands():
    told = subprocess.run([TROUPE, "--help"], check=True, capture_output=True, text=True).stdout
    return set(re.findall(r"^  ([a-z]+) ", told, re.MULTILINE)) - LOCAL


def all_words():
    return [[name, *words] for name, words in WORDS.items()] + MORE


def run(words, url):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TROUPE_")}
    return subprocess.run([TROUPE, *(word.format(url=url) for word in words)], input='{"name": "Ada"}',
                          capture_output=True, text=True, timeout=60,
                          env={**environment, "TROUPE_URL": url, "TROUPE_TOKEN": "secret"})


@pytest.fixture(name="closed", scope="module")
def fixture_closed():
    """A port that nobody listens on, and nobody else gets."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture(name="empty", scope="module")
def fixture_empty():
    """A gateway that says yes, and nothing else."""
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        do_POST = do_DELETE = do_GET

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("words", all_words(), ids=" ".join)
def test_without_a_gateway_it_says_so(closed, words):
    ended = run(words, closed)
    assert ended.returncode in ENDS, (ended.returncode, ended.stderr)
    assert "127.0.0.1" in ended.stderr, ended.stderr


def test_a_command_that_is_not_listed_here_does_so_without_words(closed):
    assert set(WORDS) <= commands()
    for name in commands() - set(WORDS):
        ended = run([name], closed)
        assert ended.returncode in {*ENDS, 2}, (name, ended.returncode, ended.stderr)


@pytest.mark.parametrize("words", [words for words in all_words() if words[0] != "tail"], ids=" ".join)
def test_an_answer_without_what_is_asked_for_is_no_crash(empty, words):
    ended = run(words, empty)
    assert ended.returncode >= 0, (ended.returncode, ended.stderr)
