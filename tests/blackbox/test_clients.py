"""Clients that others wrote, against a real stack: the example of the API's documentation, and the eventsource
package."""

import json
import re

import pytest

import node
from stack import ROOT, Stack, wait_until

EXAMPLE = re.compile(r"```javascript\n(.*?)```", re.DOTALL)
# All that the example leaves to its reader: a token, a character, and where the API is.
PRELUDE = """
const token = process.env.TOKEN;
const characterData = JSON.parse(process.env.CHARACTER);
const fetch = (path, options) => globalThis.fetch(process.env.TROUPE_URL + path, options);
"""


@pytest.fixture(scope="module", name="stack")
def fixture_stack():
    with Stack("--provider", "null:50", "--rate", "off") as running:
        yield running


def run_example(stack, tmp_path, character):
    """Runs the example as it stands in the documentation; returns (exit code, output, errors)."""
    found = EXAMPLE.findall((ROOT / "docs/http-api.md").read_text())
    assert len(found) == 1, "the documentation has one example"
    path = tmp_path / "example.mjs"
    path.write_text(PRELUDE + found[0])
    return node.run(path, environment={"TOKEN": stack.token("example"), "TROUPE_URL": stack.url,
                                       "CHARACTER": json.dumps(character)})


def test_the_example_of_the_documentation_works_to_its_end(stack, tmp_path):
    code, output, errors = run_example(stack, tmp_path, {"name": "Mira"})
    assert code == 0, errors
    lines = output.splitlines()
    job, = stack.client("example").get("/api/v1/character-jobs").json()["data"]
    assert lines[-1] == f"Character created: {job['result']['characterId']}"
    assert all(re.fullmatch(r"Progress: \d+%", line) for line in lines[:-1])
    assert lines[-2] == "Progress: 100%"


# ---- eventsource ----


class Tail:
    """The eventsource package on a stream, in a process of its own."""

    def __init__(self, stack, path, user):
        self.events = []
        self.process = node.start(node.program("eventsource.mjs"), stack.url + path,
                                  environment={"TOKEN": stack.token(user)})
        self.wait_for_line(self.process.stderr, "open")

    def wait_for_line(self, pipe, text):
        for line in pipe:
            if line.strip() == text:
                return
        raise AssertionError(f"no {text!r}")

    def event(self):
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        self.events.append(json.loads(line))
        return self.events[-1]

    def end(self, seconds=60):
        """Reads the rest, waits until the program ends by itself, and returns its exit code."""
        output, _ = self.process.communicate(timeout=seconds)
        self.events += [json.loads(line) for line in output.splitlines()]
        return self.process.returncode

    def close(self):
        self.process.kill()
        self.process.communicate()


def ids_of(stack, user, path):
    return [int(number) for number, _, _ in stack.client(user).events(path)]


def test_eventsource_follows_a_job_and_stops_at_its_end(stack):
    job = stack.client("source").submit_character()
    path = f"/api/v1/character-jobs/{job}/events"
    tail = Tail(stack, path, "source")
    assert tail.end() == 0, "204 ended it"
    assert [event["id"] for event in tail.events] == ids_of(stack, "source", path)
    assert tail.events[-1]["kind"] == "completed" and {event["data"]["jobId"] for event in tail.events} == {job}


@pytest.mark.parametrize("victim", ["troupe-gateway", "troupe-broker"])
def test_eventsource_resumes_on_our_streams(stack, victim):
    """A kill in the middle: every event comes once and in order, by the package's own Last-Event-ID."""
    user = f"resume-{victim}"
    client = stack.client(user)
    first = client.submit_character("First")
    client.wait_for(first)
    tail = Tail(stack, "/api/v1/events", user)
    try:
        jobs = [client.submit_character("Before")]
        while tail.event()["kind"] != "completed":
            pass
        stack.kill(stack.children(victim)[0])

        def accepted():
            try:
                return client.submit_character("After")
            except (AssertionError, OSError):
                return None

        jobs.append(wait_until(accepted, 30, "the stack to work again"))
        while not (tail.event()["kind"] == "completed" and tail.events[-1]["data"]["jobId"] == jobs[-1]):
            pass
    finally:
        tail.close()
    expected = [number for job in jobs for number in ids_of(stack, user, f"/api/v1/character-jobs/{job}/events")]
    seen = [event["id"] for event in tail.events if event["data"]["jobId"] in jobs]
    assert seen == sorted(set(seen)) and set(seen) == set(expected)
