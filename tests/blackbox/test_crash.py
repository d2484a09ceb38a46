"""Method: a stack of real processes works on hundreds of null jobs while broker, gateway and actors are killed
with SIGKILL at random moments; `troupe up` starts them again. Clients behave as clients should: they repeat
what got no answer under the same Idempotency-Key. Afterwards every job that got a 202 must be there, in exactly
one terminal state, with one terminal event; documents exist exactly for completed jobs, and nothing was made
twice.

The seed is printed; TEST_SEED replays the same choices (not the same timing)."""

import os
import random
import socket
import threading
import time
import uuid

import pytest
import requests

from stack import Stack, wait_until

LONG = os.environ.get("TROUPE_LONG") == "1"
KILLS = 60 if LONG else 20
TERMINAL = {"completed", "failed", "cancelled"}


class Load:
    """Users who submit until told to stop, and remember every job that they were promised."""

    def __init__(self, stack, seed):
        self.stack = stack
        self.seed = seed
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.promised = {}  # job id -> (user, family)
        self.keys = {}      # idempotency key -> job id
        self.problems = []
        self.threads = [threading.Thread(target=self.work, args=(number,)) for number in range(4)]

    def start(self):
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)
        assert not self.problems, self.problems[:5]

    def insist(self, client, path, body):
        """POSTs under one key until an answer comes; what got no answer is sent again."""
        key = str(uuid.uuid4())
        while True:
            try:
                answer = client.post(path, body, headers={"Idempotency-Key": key}, timeout=15)
                if answer.status_code < 500:
                    return key, answer
            except requests.RequestException:
                pass
            if self.stopping.wait(0.05):
                # The outcome of this one is unknown for good: it may or may not have become a job.
                return key, None

    def promise(self, key, answer, user, family):
        job = answer.json()["data"]["jobId"]
        with self.lock:
            if self.keys.setdefault(key, job) != job:
                self.problems.append(f"key {key} gave {self.keys[key]} and {job}")
            self.promised[job] = (user, family)
        return job

    def work(self, number):
        choice = random.Random(f"{self.seed}-{number}")
        user = f"user-{number}"
        client = self.stack.client(user)
        characters = []
        while not self.stopping.is_set():
            try:
                self.one_request(choice, client, user, characters)
            except Exception as error:  # seen by the test through problems
                self.problems.append(repr(error))
                return

    def one_request(self, choice, client, user, characters):
        if characters and choice.random() < 0.3:
            path = f"/api/v1/characters/{choice.choice(characters)}/generate-image/queue"
            key, answer = self.insist(client, path, {})
            family = "media-jobs"
        else:
            key, answer = self.insist(client, "/api/v1/characters/queue", {"name": f"n{choice.random()}"})
            family = "character-jobs"
        if answer is None:
            return
        assert answer.status_code == 202, answer.text
        job = self.promise(key, answer, user, family)
        try:
            if choice.random() < 0.05:
                client.call("DELETE", f"/api/v1/{family}/{job}", timeout=15)
            if choice.random() < 0.1 and len(characters) < 20:
                self.look_for_character(client, characters)
        except (requests.RequestException, ValueError):
            pass

    @staticmethod
    def look_for_character(client, characters):
        answer = client.get("/api/v1/character-jobs?status=completed&limit=5", timeout=15)
        if answer.status_code == 200:
            characters.extend(item["result"]["characterId"] for item in answer.json()["data"])


def active_count(client):
    """How many leases are held, over all users of the load; None when nobody can tell just now."""
    try:
        answer = client.get("/api/v1/character-jobs?status=active&limit=1", timeout=2)
        return answer.json()["pagination"]["total"] if answer.status_code == 200 else None
    except (requests.RequestException, ValueError):
        return None


def wait_a_moment(choice):
    """The moment of a kill is what is random here."""
    time.sleep(choice.uniform(0.05, 0.6))


def kill_at_random(stack, choice, kills):
    """Kills so many processes, each at a random moment while there is work; returns the leases that were held then."""
    hit = []
    programs = ["troupe-broker", "troupe-gateway", "troupe-actor-character", "troupe-actor-image"]
    watchers = [stack.client(f"user-{number}") for number in range(4)]
    for number in range(kills):
        program = programs[number % len(programs)]
        wait_a_moment(choice)
        held = [active_count(watcher) for watcher in watchers]
        pids = wait_until(lambda: stack.children(program), 30, f"{program} to run")
        stack.kill(choice.choice(pids))
        hit.append((program, sum(count or 0 for count in held)))
    return hit


def all_jobs(client, family):
    """Every job that lists know, by walking the pages."""
    found, cursor = [], None
    while True:
        query = f"limit=100&cursor={cursor}" if cursor else "limit=100"
        answer = client.get(f"/api/v1/{family}?{query}")
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found.extend(page["data"])
        cursor = page["pagination"].get("nextCursor")
        if not cursor:
            assert page["pagination"]["total"] == len(found), "the total is what listing counts"
            return found


def settled(client, family):
    answer = client.get(f"/api/v1/{family}?limit=1")
    if answer.status_code != 200:
        return False
    total = answer.json()["pagination"]["total"]
    ended = 0
    for status in TERMINAL:
        answer = client.get(f"/api/v1/{family}?limit=1&status={status}")
        if answer.status_code != 200:
            return False
        ended += answer.json()["pagination"]["total"]
    return ended == total


def check_user(client, promised, choice):
    """Everything that was promised to one user."""
    characters = set()
    for family in ("character-jobs", "media-jobs"):
        wait_until(lambda: settled(client, family), 120, f"all {family} to end")
        jobs = all_jobs(client, family)
        listed = {job["jobId"]: job for job in jobs}
        assert len(listed) == len(jobs), "no job is listed twice"
        missing = {job for job, kind in promised.items() if kind == family} - listed.keys()
        assert not missing, f"{len(missing)} acknowledged {family} are lost: {sorted(missing)[:5]}"
        for job in jobs:
            assert job["status"] in TERMINAL, job
            assert job["completedAt"], job
        check_results(client, family, jobs, characters)
        for job in choice.sample(jobs, min(len(jobs), 200 if LONG else 40)):
            check_events(client, family, job)


def check_results(client, family, jobs, characters):
    completed = [job for job in jobs if job["status"] == "completed"]
    name = "characterId" if family == "character-jobs" else "mediaId"
    made = [job["result"][name] for job in completed]
    assert len(made) == len(set(made)), "no document was made twice"
    if family == "character-jobs":
        characters.update(made)
        for character in made[:100]:
            assert client.get(f"/api/v1/characters/{character}").status_code == 200
    for job in jobs:
        if job["status"] == "cancelled":
            assert job["result"] is None


def check_events(client, family, job):
    events = client.events(f"/api/v1/{family}/{job['jobId']}/events")
    ends = [name for _, name, _ in events if name in TERMINAL]
    assert ends == [job["status"]], f"{job['jobId']}: {[name for _, name, _ in events]}"
    numbers = [int(number) for number, _, _ in events]
    assert numbers == sorted(set(numbers)), "event numbers grow"
    versions = [data["seq"] for _, _, data in events]
    assert versions == sorted(set(versions))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("transport", ["ipc", "tcp"])
def test_nothing_is_lost_or_doubled_when_processes_are_killed(transport, capsys):
    seed = os.environ.get("TEST_SEED", str(random.randrange(1 << 30)))
    choice = random.Random(seed)
    environment = {"QUEUE_CONCURRENCY": "200"}
    if transport == "tcp":
        environment["TROUPE_GATEWAY_ENDPOINT"] = f"tcp://127.0.0.1:{free_port()}"
        environment["TROUPE_ACTOR_ENDPOINT"] = f"tcp://127.0.0.1:{free_port()}"
    kills = KILLS if transport == "ipc" else KILLS // 2
    with Stack("--provider", "null:400", "--rate", "off", "--actors", "2", environment=environment) as stack:
        load = Load(stack, seed)
        load.start()
        try:
            hit = kill_at_random(stack, choice, kills)
        finally:
            load.stop()
        with capsys.disabled():
            print(f"\n{transport}: seed {seed}, {len(load.promised)} jobs promised, {len(hit)} kills hit "
                  f"{sum(count for _, count in hit)} held leases")
        assert sum(count for _, count in hit) > kills, "the kills hit work in progress"
        for number in range(len(load.threads)):
            user = f"user-{number}"
            mine = {job: family for job, (owner, family) in load.promised.items() if owner == user}
            check_user(stack.client(user), mine, choice)
