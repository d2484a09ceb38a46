"""A whole stack of real processes for a test: started with `troupe up` on a free port and a directory of its own,
driven as any client would, ended by process id."""

import json
import os
import pathlib
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time

import requests

import contract

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("TEST_BIN", ROOT / "build/bin"))
TROUPE = BIN / "troupe"


def wait_until(condition, seconds=30, what="the condition"):
    """Returns the first true answer of condition; fails after so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"{what} did not come about in {seconds} s"
        select.select([], [], [], 0.02)


def children_of(pid):
    """(pid, program) of each child of a process."""
    found = []
    for directory in pathlib.Path("/proc").iterdir():
        if not directory.name.isdigit():
            continue
        try:
            fields = (directory / "stat").read_text().rsplit(")", 1)[1].split()
            if int(fields[1]) == pid and fields[0] != "Z":
                program = (directory / "cmdline").read_bytes().split(b"\0")[0].decode()
                found.append((int(directory.name), pathlib.Path(program).name))
        except (OSError, IndexError):
            continue  # it ended while we looked
    return found


class Client:
    """One user's HTTP client."""

    def __init__(self, url, token):
        self.url = url
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"
        adapter = requests.adapters.HTTPAdapter(pool_maxsize=64)
        self.session.mount("http://", adapter)
        self.session.hooks["response"].append(contract.check)

    def call(self, method, path, **options):
        options.setdefault("timeout", 30)
        return self.session.request(method, self.url + path, **options)

    def get(self, path, **options):
        return self.call("GET", path, **options)

    def post(self, path, body=None, **options):
        return self.call("POST", path, json=body, **options)

    def submit_character(self, name="Mira", **members):
        answer = self.post("/api/v1/characters/queue", {"name": name, **members})
        assert answer.status_code == 202, answer.text
        return answer.json()["data"]["jobId"]

    def submit_image(self, character, **members):
        answer = self.post(f"/api/v1/characters/{character}/generate-image/queue", members)
        assert answer.status_code == 202, answer.text
        return answer.json()["data"]["jobId"]

    def submit_video(self, character, media, **members):
        body = {"duration": 5, **members}
        answer = self.post(f"/api/v1/characters/{character}/media/{media}/generate-video/queue", body)
        assert answer.status_code == 202, answer.text
        return answer.json()["data"]["jobId"]

    def job(self, job, family="character-jobs"):
        answer = self.get(f"/api/v1/{family}/{job}")
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def wait_for(self, job, family="character-jobs", seconds=60, status=None):
        """The job once it is in `status`, or in any terminal one."""
        wanted = [status] if status else ["completed", "failed", "cancelled"]

        def look():
            state = self.job(job, family)
            return state if state["status"] in wanted else None

        return wait_until(look, seconds, f"{job} in {wanted}")

    def events(self, path, last_event_id=None, until=None, seconds=60):
        """The events of a stream, as (id, name, data), until the server ends it or `until` says so."""
        headers = {"Accept": "text/event-stream"}
        if last_event_id is not None:
            headers["Last-Event-ID"] = str(last_event_id)
        seen = []
        with self.call("GET", path, headers=headers, stream=True, timeout=seconds) as answer:
            if answer.status_code == 204:
                return seen
            assert answer.status_code == 200, answer.text
            fields = {}
            for line in answer.iter_lines(chunk_size=1, decode_unicode=True):
                if line == "":
                    if "data" in fields:
                        seen.append((fields.get("id"), fields.get("event", "message"), json.loads(fields["data"])))
                        contract.check_event(*seen[-1][1:])
                        if until and until(seen[-1]):
                            return seen
                    fields = {}
                elif not line.startswith(":"):
                    name, _, value = line.partition(":")
                    fields[name] = value.removeprefix(" ")
        return seen


class Stack:
    """`troupe up` and its children. Use with `with`. programs: the folder that they are in."""

    def __init__(self, *words, environment=None, data=None, port=0, programs=BIN):
        self.data = pathlib.Path(data or tempfile.mkdtemp(prefix="troupe-test-"))
        self.owns_data = data is None
        self.words = [str(word) for word in words]
        self.port = port
        self.programs = programs
        self.environment = {**os.environ, "TROUPE_LOG_LEVEL": "warn", **(environment or {})}
        self.process = None
        self.url = None

    def start(self, seconds=30):
        self.log = open(self.data / "stack.log", "ab")
        self.process = subprocess.Popen(
            [self.programs / "troupe", "up", "--port", str(self.port), "--data", str(self.data), *self.words],
            stdout=subprocess.PIPE, stderr=self.log, env=self.environment)
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        line = self.process.stdout.readline().decode() if ready else ""
        match = re.fullmatch(r"troupe: ready (http://127\.0\.0\.1:\d+)\n", line)
        if not match:
            log = self.text_of_log()
            self.stop()
            raise AssertionError(f"no ready line but {line!r}; log:\n{log}")
        self.url = match[1]
        return self

    def text_of_log(self):
        return (self.data / "stack.log").read_text(errors="replace")[-4000:]

    def token(self, user="tester", *words):
        return subprocess.run([self.programs / "troupe", "token", "--user", user, "--data", str(self.data), *words],
                              check=True, capture_output=True, text=True, env=self.environment).stdout.strip()

    def client(self, user="tester"):
        return Client(self.url, self.token(user))

    def children(self, *names):
        """The process ids of the running children, of these programs only when there are names."""
        return [pid for pid, name in children_of(self.process.pid) if not names or name in names]

    def kill(self, pid, signal_number=signal.SIGKILL):
        assert pid in self.children(), "only processes of this stack are ended"
        os.kill(pid, signal_number)

    def stop(self, seconds=40):
        """Ends the stack as an operator would; returns its exit code."""
        if self.process is None:
            return None
        process, self.process = self.process, None
        pids = [pid for pid, _ in children_of(process.pid)]
        if process.poll() is None:
            process.terminate()
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        finally:
            process.stdout.close()
            self.log.close()
        left = [pid for pid in pids if pathlib.Path(f"/proc/{pid}/cmdline").exists()
                and str(self.programs) in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")]
        assert not left, f"children outlived the stack: {left}"
        return code

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, error, trace):
        try:
            self.stop()
        finally:
            if self.owns_data and kind is None:
                shutil.rmtree(self.data, ignore_errors=True)
