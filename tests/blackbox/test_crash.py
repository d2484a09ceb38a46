"""Method: a stack of real processes works on hundreds of null jobs, batches and pipelines while broker, gateway and
actors are killed with SIGKILL at random moments; `troupe up` starts them again. Clients behave as clients should: they
repeat what got no answer under the same Idempotency-Key. Afterwards every job that got a 202 must be there, in exactly
one terminal state, with one terminal event for each time that it was begun; batches and pipelines are whole, and what
depends on a job that was not made has failed with it; documents exist exactly for completed jobs that nobody deleted,
and nothing was made twice; every end was delivered to its webhooks, under one id. With a short retention what was
cancelled goes, and nothing else.

The seed is printed; TEST_SEED replays the same choices (not the same timing)."""

import contextlib
import datetime
import os
import random
import socket
import time

import pytest
import requests

from crash_check import Outcome, all_of, check_deliveries, settled, total_of
from crash_load import Load
from receiver import Receiver
from stack import Stack, wait_until

TRANSPORTS = ("ipc", "tcp")
LONG = os.environ.get("TEST_LONG") == "1"
PROGRAMS = ["troupe-broker", "troupe-gateway", "troupe-actor-character", "troupe-actor-image", "troupe-actor-video",
            "troupe-actor-webhook"]
ROUNDS = 10 if LONG else 3  # of kills, each of every program
SAMPLE = 200 if LONG else 25  # of a user's jobs whose events are read
RETENTION_SECONDS = 4  # longer than a broker that starts waits with its first sweep


def seed_of_test():
    return os.environ.get("TEST_SEED", str(random.randrange(1 << 30)))


def active_count(client):
    """How many of its leases are held; None when nobody can tell just now."""
    try:
        answer = client.get("/api/v1/character-jobs?status=active&limit=1", timeout=2)
        return answer.json()["pagination"]["total"] if answer.status_code == 200 else None
    except (requests.RequestException, ValueError):
        return None


def is_ready(client):
    try:
        return client.get("/readyz", timeout=2).status_code == 200
    except requests.RequestException:
        return False


def wait_a_moment(choice):
    """The moment of a kill is what is random here."""
    time.sleep(choice.uniform(0.05, 0.6))


def kill_at_random(stack, choice, kills):
    """Kills so many processes, each at a random moment; returns how many leases were held then, where known. Every
    second kill waits until there is work, the others may fall into a start."""
    hit = []
    watchers = [stack.client(f"user-{number}") for number in range(4)]

    def held():
        return sum(active_count(watcher) or 0 for watcher in watchers)

    for number in range(kills):
        program = PROGRAMS[number % len(PROGRAMS)]
        wait_a_moment(choice)
        hit.append(wait_until(held, 60, "work") if (number // len(PROGRAMS) + number) % 2 else held())
        pids = wait_until(lambda: stack.children(program), 30, f"{program} to run")
        stack.kill(choice.choice(pids))
    return hit


def free_port():
    """Below the ports that connections of other programs get, which would keep a killed process from its own."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def refuse_some():
    """An answer of a receiver: one in thirty deliveries is refused at first."""
    refused = set()

    def answer(number, body):
        if number % 30 == 0 and body not in refused:
            refused.add(body)
            return 500, {}
        return 204, {}

    return answer


def settings_of(transport):
    if transport == "ipc":
        return {}
    return {name: f"tcp://127.0.0.1:{free_port()}" for name in ("TROUPE_GATEWAY_ENDPOINT", "TROUPE_ACTOR_ENDPOINT")}


class Crash:
    """A stack that users worked with while its processes were killed."""

    def __init__(self, stack, transport, seed, receivers):
        self.choice = random.Random(f"{seed}-{transport}")
        self.all_ends, self.own_ends = receivers
        self.load = Load(stack, seed, hook=self.own_ends.url)
        client = self.load.users[0].client
        assert client.post("/api/v1/webhooks", {"url": self.all_ends.url}).status_code == 201
        kills = len(PROGRAMS) * ROUNDS // (1 if transport == "ipc" else 2)
        self.load.start()
        try:
            hit = kill_at_random(stack, self.choice, kills)
        finally:
            self.load.stop()
        self.summary = (f"{transport}: seed {seed}, {self.load.promised()} jobs promised, {kills} kills hit "
                        f"{sum(hit)} held leases")
        assert sum(hit) > kills, f"the kills hit work in progress: {self.summary}"
        wait_until(lambda: is_ready(client), 60, "the gateway to serve after the last kill")


@pytest.fixture(scope="module", name="crashes")
def fixture_crashes():
    """One for each transport; the leases of the killed, 30 s long, run out at the same time."""
    seed = seed_of_test()
    words = ("--provider", "null:400", "--rate", "off", "--actors", "2")
    with contextlib.ExitStack() as running:
        found = {}
        for transport in TRANSPORTS:
            environment = {"QUEUE_CONCURRENCY": "200", "TROUPE_WEBHOOK_PRIVATE": "on", **settings_of(transport)}
            receivers = [running.enter_context(Receiver(refuse_some())) for _ in range(2)]
            stack = running.enter_context(Stack(*words, environment=environment))
            found[transport] = Crash(stack, transport, seed, receivers)
        yield found


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_nothing_is_lost_or_doubled_when_processes_are_killed(crashes, transport, capsys):
    crash = crashes[transport]
    with capsys.disabled():
        print(f"\n{crash.summary}")
    outcomes = [Outcome(user) for user in crash.load.users]
    ends = [outcome.check(crash.choice, SAMPLE) for outcome in outcomes]
    mine = {job: state["status"] for job, state in outcomes[0].jobs.items()}
    check_deliveries(crash.all_ends, ends[0], mine, mine)
    told = {job: outcome.jobs[job]["status"] for outcome in outcomes for job in outcome.user.told}
    known = {job for outcome in outcomes for job in outcome.jobs}
    check_deliveries(crash.own_ends, [end for found in ends for end in found if end[0] in told], told, known)
    for outcome in outcomes:
        outcome.check_keys(crash.choice)


def time_of(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def insist(client, method, path, **options):
    """Asks until an answer comes, a little while after a kill."""
    def ask():
        try:
            answer = client.call(method, path, timeout=15, **options)
            return [answer] if answer.status_code < 500 else None  # a refusal counts as false by itself
        except requests.RequestException:
            return None

    return wait_until(ask, 60, f"an answer to {method} {path}")[0]


def fate_of(client, job):
    """Of one that was to be cancelled: "gone", or "completed" before it stopped; None while neither is so."""
    answer = client.get(f"/api/v1/character-jobs/{job}")
    if answer.status_code == 410:
        return "gone"
    return "completed" if answer.status_code == 200 and answer.json()["data"]["status"] == "completed" else None


def cancel(client, job):
    """(whether it was cancelled or asked to stop, until when it is kept then, if that is known)."""
    answer = insist(client, "DELETE", f"/api/v1/character-jobs/{job}")
    if answer.status_code != 200:
        return False, None
    expires = answer.json()["data"].get("expiresAt")
    return True, expires and time_of(expires)


def gone_of(client, due):
    """Those that are gone, each after its time. due: job id -> until when it is kept. Lists tell, because a gateway
    remembers the status of what has ended under its eyes."""
    answer = insist(client, "GET", "/api/v1/character-jobs?status=cancelled&limit=100")
    gone = due.keys() - {job["jobId"] for job in answer.json()["data"]}
    for job in gone:
        assert datetime.datetime.now(datetime.timezone.utc) >= due[job], f"{job} went before {due[job]}"
    return gone


def test_only_what_is_due_goes_though_processes_are_killed():
    seed = seed_of_test()
    print(f"seed {seed}")
    choice = random.Random(seed)
    environment = {"TROUPE_RETENTION_CANCELLED": f"{RETENTION_SECONDS}s", "TROUPE_WEBHOOK_PRIVATE": "on"}
    with Receiver() as receiver, Stack("--provider", "null:200", "--rate", "off", environment=environment) as stack:
        client = stack.client()
        client.post("/api/v1/webhooks", {"url": receiver.url})
        jobs, unwanted, due = [], [], {}
        for number in range(4):
            body = {"jobs": [{"type": "character", "name": f"n{index}"} for index in range(40)]}
            answer = insist(client, "POST", "/api/v1/batches", json=body, headers={"Idempotency-Key": f"{number}"})
            jobs += answer.json()["data"]["jobIds"]
            for job in choice.sample(jobs[-40:], 15):
                is_cancelled, expires = cancel(client, job)
                unwanted += [job] * is_cancelled  # those that have completed meanwhile stay
                due.update({job: expires} if expires else {})
            if number % 2:
                wait_until(lambda: gone_of(client, due), 30, "the first to go")
                due = {}
            (victim,) = stack.children("troupe-broker" if number % 2 else "troupe-gateway")
            stack.kill(victim)
        check_retention(client, receiver, jobs, unwanted)


def check_retention(client, receiver, jobs, unwanted):
    """Of jobs that were promised, and of those of them that were not wanted."""
    wait_until(lambda: settled(client, "character-jobs"), 60, "all jobs to end")
    gone = {job for job in unwanted
            if wait_until(lambda name=job: fate_of(client, name), 60, f"{job} to go") == "gone"}
    assert gone, "some were cancelled"
    wait_until(lambda: total_of(client, "/api/v1/character-jobs") == len(jobs) - len(gone), 60, "totals to follow")
    listed = {job["jobId"]: job["status"] for job in all_of(client, "/api/v1/character-jobs")}
    assert listed.keys() == set(jobs) - gone, "all others are there"
    assert "cancelled" not in listed.values(), "only what is due goes, and all of it"
    check_deliveries(receiver, [], {job: listed.get(job, "cancelled") for job in jobs}, jobs)
