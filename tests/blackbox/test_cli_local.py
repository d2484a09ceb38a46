"""The commands and the stack of their own machine: found by its lock, with tokens that are made anew, and keys that
only those get who need them. Against a server of a few lines where no gateway would answer so."""

import contextlib
import fcntl
import http.server
import json
import os
import pathlib
import signal
import socket
import subprocess
import threading

from stack import TROUPE, Stack, wait_until
from terminal import Terminal

NULL = ("--provider", "null", "--rate", "off")
JOB = "12345678-1234-4234-8234-000000000001"
ENDED = {"seq": 2, "jobId": JOB, "status": "completed", "progress": 100, "at": "2026-01-02T03:04:05.678Z"}
HOSTILE = "\x1b]52;c;aGk=\x07 \x9b2J\x7f end"


def troupe(data, *words, **options):
    return subprocess.run([TROUPE, *words, "--data", data], capture_output=True, text=True, timeout=30, **options)


class Server:
    """What a data directory tells of as its stack: refuses each first request for the token, or never answers."""

    def __init__(self, data, answers):
        self.data, self.tokens, self.answers = data, [], answers
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                server.tokens.append(self.headers["Authorization"])
                status, kind, body = server.answers(self.path, len(server.tokens))
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_DELETE = do_POST = do_GET

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))

    def __enter__(self):
        self.thread.start()
        pretend(self.data, self.server.server_port)
        (self.data / "jwt-secret").write_text("s" * 48)
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def pretend(data, port, pid=None):
    url = f"http://127.0.0.1:{port}"
    (data / "stack.json").write_text(json.dumps({"url": url, "pid": pid or os.getpid(), "restarts": 0}))


@contextlib.contextmanager
def held(data):
    """The lock that `troupe up` has while it runs."""
    with open(data / "stack.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def answer(status, **members):
    body = {"success": status < 400, "statusCode": status, "message": "as asked", **members}
    return status, "application/json", json.dumps(body).encode()


EXPIRED = answer(401, error={"code": "token_expired"})


def test_a_token_that_has_expired_is_made_anew(tmp_path):
    def once(_, number):
        return EXPIRED if number % 2 else answer(200, data={"jobId": JOB, "status": "waiting"})

    with held(tmp_path), Server(tmp_path, once) as server:
        shown = troupe(tmp_path, "show", JOB, "--json")
        assert shown.returncode == 0 and "waiting" in shown.stdout, shown.stderr
        assert len(server.tokens) == 2 and all(token.startswith("Bearer ey") for token in server.tokens)


def test_a_stream_goes_on_with_another_token(tmp_path):
    streamed = []

    def streams(path, _):
        if not path.endswith("/events"):
            return answer(200, data={"jobId": JOB, "status": "active", "type": "image"})
        streamed.append(path)
        if len(streamed) == 1:
            return EXPIRED
        return 200, "text/event-stream", f"id: 2\nevent: completed\ndata: {json.dumps(ENDED)}\n\n".encode()

    with held(tmp_path), Server(tmp_path, streams) as server:
        tail = troupe(tmp_path, "tail", JOB)
        assert tail.returncode == 0 and "100%" in tail.stdout, tail.stderr
        assert len(streamed) == 2


def test_a_token_that_is_refused_twice_is_not_accepted(tmp_path):
    with held(tmp_path), Server(tmp_path, lambda *_: EXPIRED) as server:
        assert troupe(tmp_path, "show", JOB).returncode == 4
        assert len(server.tokens) == 2
        server.tokens.clear()
        given = {**os.environ, "TROUPE_URL": f"http://127.0.0.1:{server.server.server_port}", "TROUPE_TOKEN": "given"}
        assert subprocess.run([TROUPE, "show", JOB], env=given, capture_output=True, timeout=30).returncode == 4
        assert server.tokens == ["Bearer given"], "no other is made in its place"


def test_where_no_secret_is_the_data_directory_is_asked_for(tmp_path):
    told = troupe(tmp_path, "token", "--user", "me")
    assert told.returncode == 1 and "--data DIR" in told.stderr and "TROUPE_DATA" in told.stderr
    assert str(tmp_path / "jwt-secret") in told.stderr


def with_url(url, secret, **more):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TROUPE_")}
    return kept | {"TROUPE_URL": url, "TROUPE_JWT_SECRET_FILE": str(secret)} | more


def test_the_secret_is_enough_for_an_address_of_this_machine(tmp_path):
    """As in a container of the gateway, where no `troupe up` tells where it is."""
    with Stack(*NULL, data=tmp_path) as stack:
        secret = tmp_path / "jwt-secret"
        for url in stack.url, stack.url + "/", stack.url.replace("127.0.0.1", "localhost"):
            seen = subprocess.run([TROUPE, "queues", "--json"], env=with_url(url, secret), capture_output=True,
                                  text=True, timeout=30)
            assert seen.returncode == 0 and len(json.loads(seen.stdout)["queues"]) == 4, seen.stderr
        job = stack.client("ada").submit_character()
        shown = subprocess.run([TROUPE, "show", job], env=with_url(stack.url, secret, TROUPE_USER="ada"),
                               capture_output=True, text=True, timeout=30)
        assert shown.returncode == 0 and job in shown.stdout, shown.stderr
        # A token that is given is the one that is used.
        other = subprocess.run([TROUPE, "show", job], env=with_url(stack.url, secret, TROUPE_TOKEN="given"),
                               capture_output=True, text=True, timeout=30)
        assert other.returncode == 4 and "401" in other.stderr


def test_no_token_is_made_for_other_machines(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("s" * 48)
    for url in ("http://troupe.invalid:5000", "https://127.0.0.1:1", "http://127.0.0.1.troupe.invalid:1", "127.0.0.1:1",
                "http://localhost:x@troupe.invalid", "http://127.0.0.1:1@troupe.invalid/", "http://[::1"):
        told = subprocess.run([TROUPE, "queues"], env=with_url(url, secret), capture_output=True, text=True, timeout=30)
        assert told.returncode == 1 and told.stderr == "troupe: TROUPE_URL is set, but not TROUPE_TOKEN\n", (url, told)


def test_jobs_of_others_are_found_by_who_has_the_secret(tmp_path):
    with Stack(*NULL, "--actors", "0", data=tmp_path) as stack:
        ada = stack.client("ada")
        job = ada.submit_character()
        batch = ada.post("/api/v1/batches", {"jobs": [{"type": "character", "name": "Ben"}]}).json()["data"]["batchId"]
        shown = troupe(tmp_path, "show", job)
        assert shown.returncode == 0 and job in shown.stdout, shown.stderr
        assert troupe(tmp_path, "show", batch).returncode == 0
        plain = {**os.environ, **stack.environment, "TROUPE_URL": stack.url, "TROUPE_TOKEN": stack.token("me")}
        for words in ("show", job), ("cancel", job), ("retry", job), ("tail", job), ("cancel", batch):
            refused = subprocess.run([TROUPE, *words], env=plain, capture_output=True, text=True, timeout=30)
            assert refused.returncode == 4 and "404 There is no such job" in refused.stderr, words
        assert troupe(tmp_path, "cancel", job).returncode == 0 and ada.job(job)["status"] == "cancelled"
        assert troupe(tmp_path, "tail", job).returncode == 6
        assert troupe(tmp_path, "retry", job).returncode == 0 and ada.job(job)["status"] == "waiting"
        refused = troupe(tmp_path, "retry", batch)
        assert refused.returncode == 4 and f"  troupe retry --where groupId={batch} status=failed\n" in refused.stderr
        assert troupe(tmp_path, "cancel", batch).returncode == 0


def test_what_a_power_loss_left_is_no_stack(tmp_path):
    """Its process is anybody's by now, as is its port."""
    stranger = subprocess.Popen(["sleep", "600"])
    try:
        with Server(tmp_path, lambda *_: answer(200, data={})) as server:
            pretend(tmp_path, server.server.server_port, stranger.pid)
            for words in (["restart"], ["show", JOB], ["tail"]):
                told = troupe(tmp_path, *words)
                assert told.returncode == 1 and "no stack is running" in told.stderr
            assert server.tokens == [] and stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_ctrl_c_ends_a_view_that_waits_for_an_answer(tmp_path):
    with socket.socket() as silent, held(tmp_path):
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        pretend(tmp_path, silent.getsockname()[1])
        (tmp_path / "jwt-secret").write_text("s" * 48)
        view = Terminal("top", "--data", tmp_path)
        view.until("\033[?1049h")
        connection, _ = silent.accept()
        with connection:
            view.process.send_signal(signal.SIGINT)
            wait_until(lambda: view.read() or view.process.poll() is not None, 10, "its end")
            assert view.end() == 0


# ---- what others wrote, on a terminal ----


def is_harmless(text):
    """No control character but the ends of lines, and what the commands themselves draw with."""
    return not [letter for letter in text if (ord(letter) < 32 and letter not in "\r\n")
                or 0x7f <= ord(letter) <= 0x9f]


def test_no_name_or_error_acts_on_the_terminal(tmp_path):
    error = {"error": {"code": HOSTILE, "message": HOSTILE}}
    timeline = {"attempts": [{"number": 1, "outcome": HOSTILE, "workerId": HOSTILE, **error}],
                "events": [{"at": HOSTILE, "event": HOSTILE, "step": HOSTILE, "provider": HOSTILE, **error}]}
    failed = {**ENDED, "status": "failed", "step": HOSTILE, "failedReason": HOSTILE}

    def answers(path, _):
        if path.endswith("/events"):
            return 200, "text/event-stream", (f"id: 2\nevent: failed\ndata: {json.dumps(failed)}\n\n"
                                              f"id: 3\nevent: failed\ndata: "
                                              f"{json.dumps(failed, ensure_ascii=False)}\n\n").encode()
        if path.endswith("/retry"):
            return answer(400, error={"code": "invalid", "details": [{"field": HOSTILE, "problem": HOSTILE}]})
        return answer(200, data={"jobId": JOB, "status": "failed", "step": HOSTILE, "failedReason": HOSTILE,
                                 "character": {"name": HOSTILE}, "tags": [HOSTILE], "type": "image",
                                 "id": JOB, "name": HOSTILE, "timeline": timeline})

    with held(tmp_path), Server(tmp_path, answers):
        for words in (["show", JOB], ["show", JOB, "--timeline"], ["show", JOB, "--json"], ["tail", JOB],
                      ["tail", JOB, "--json"], ["show", "character", JOB], ["retry", JOB]):
            piped = troupe(tmp_path, *words)
            assert is_harmless(piped.stdout + piped.stderr), (words, piped)
            assert "end" in piped.stdout + piped.stderr
            if "--json" in words:
                assert "\\u009b" in piped.stdout and json.loads(piped.stdout.splitlines()[0] if words[0] == "tail"
                                                                else piped.stdout)
            shown = Terminal(*words, "--data", tmp_path)
            shown.end()
            assert "\033]" not in shown.text and "\x9b" not in shown.text and "\x07" not in shown.text, words


def test_a_character_of_such_a_name_is_shown(tmp_path):
    with Stack(*NULL, data=tmp_path) as stack:
        client = stack.client("me")
        job = client.submit_character("\u001b]52;c;aGk=\u0007 end")
        character = client.wait_for(job)["result"]["characterId"]
        for words in (["show", job], ["show", "character", character], ["jobs"]):
            piped = troupe(tmp_path, *words)
            assert piped.returncode == 0 and is_harmless(piped.stdout), piped
            shown = Terminal(*words, "--data", tmp_path)
            assert shown.end() == 0 and "\033]" not in shown.text and "\x07" not in shown.text
        assert " ]52;c;aGk=  end" in troupe(tmp_path, "show", "character", character).stdout


# ---- secrets ----


def environment_of(pid):
    return dict(entry.split("=", 1) for entry in
                pathlib.Path(f"/proc/{pid}/environ").read_text().split("\0") if "=" in entry)


def test_each_program_gets_only_the_secrets_that_it_needs(tmp_path):
    providers = tmp_path / "providers.json"
    providers.write_text(json.dumps({"video": [{"name": "w", "url": "http://127.0.0.1:1", "model": "m",
                                                "keyEnv": "OUR_KEY"}]}))
    keys = {"TROUPE_CHAT_KEY": "1", "TROUPE_IMAGE_KEY": "2", "TROUPE_VIDEO_KEY": "3", "OUR_KEY": "4"}
    bucket = {"TROUPE_S3_KEY_ID": "5", "TROUPE_S3_SECRET": "6", "TROUPE_S3_TOKEN": "7"}
    own = {"TROUPE_TOKEN": "8", "TROUPE_PROVIDERS_FILE": str(providers)}
    with Stack(data=tmp_path, environment={**keys, **bucket, **own}) as stack:
        wanted = {"troupe-broker": set(), "troupe-studio": set(), "troupe-actor-webhook": set(),
                  "troupe-gateway": set(bucket), "troupe-actor-character": {*keys, *bucket},
                  "troupe-actor-image": {*keys, *bucket}, "troupe-actor-video": {*keys, *bucket}}
        secrets = {*keys, *bucket, "TROUPE_TOKEN"}
        for program, names in wanted.items():
            pid, = stack.children(program)
            assert secrets & set(environment_of(pid)) == names, program
        # The same after a restart.
        assert troupe(tmp_path, "restart").returncode == 0
        for program, names in wanted.items():
            pid, = stack.children(program)
            assert secrets & set(environment_of(pid)) == names, program
