"""Method: users submit, cancel and retry at random while broker, gateway and actors are killed and finished jobs are
listed over and over, and cancelled ones are let go of after seconds. Then every job's own story is read and held
against the table of transitions (broker/core/job.h), totals against what listing counts, and the walks that were made
meanwhile against the jobs that were there all the time.

The seed is printed; TEST_SEED replays the same choices (not the same timing)."""

import collections
import os
import random
import threading
import time

import requests

from crash_check import all_of
from stack import Stack, wait_until

LONG = os.environ.get("TEST_LONG") == "1"
SECONDS = 60 if LONG else 12
JOBS = "/api/v1/character-jobs"
ENDS = {"completed", "failed", "cancelled"}
STATES = ["pending", "waiting", "active", *sorted(ENDS)]

# What may follow a status, from one event to the next. A waiting job completes by salvage; an ended one goes on only
# by an explicit retry.
FOLLOWERS = {
    "pending": {"pending", "waiting", "failed", "cancelled"},
    "waiting": {"waiting", "active", "completed", "failed", "cancelled"},
    "active": {"active", "waiting", "completed", "failed", "cancelled"},
    "completed": set(),
    "failed": {"waiting"},
    "cancelled": {"waiting"},
}


class Users:
    """Threads that do something random to random jobs of theirs, and remember what they were promised."""

    def __init__(self, stack, seed):
        self.stack = stack
        self.seed = seed
        self.stopping = threading.Event()
        self.jobs = {f"walker-{number}": [] for number in range(3)}
        self.walks = []  # (user, jobs known before, ids seen, whether it is exact)
        self.problems = []
        self.threads = [threading.Thread(target=self.guard, args=(work, user))
                        for user in self.jobs for work in (self.act, self.walk)]

    def guard(self, work, user):
        try:
            work(user, self.stack.client(user), random.Random(f"{self.seed}-{user}-{work.__name__}"))
        except Exception as error:  # seen by the test through problems
            self.problems.append(f"{work.__name__}: {error!r}")

    def call(self, client, method, path, **options):
        """One request; None when no answer came, or one that says that there is none now."""
        try:
            answer = client.call(method, path, timeout=15, **options)
        except requests.RequestException:
            return None
        assert answer.status_code not in (500, 501), answer.text
        return answer if answer.status_code < 500 else None

    def act(self, user, client, choice):
        mine = self.jobs[user]
        while not self.stopping.wait(choice.uniform(0, 0.02)):
            wish = choice.random()
            if wish < 0.6 or not mine:
                answer = self.call(client, "POST", "/api/v1/characters/queue", json={"name": f"n{choice.random()}"})
                if answer is not None:
                    assert answer.status_code == 202, answer.text
                    mine.append(answer.json()["data"]["jobId"])
            elif wish < 0.8:
                answer = self.call(client, "DELETE", f"{JOBS}/{choice.choice(mine)}")
                assert answer is None or answer.status_code in (200, 409, 410), answer.text
            else:
                answer = self.call(client, "POST", f"{JOBS}/{choice.choice(mine)}/retry")
                assert answer is None or answer.status_code in (200, 409, 410), answer.text

    def walk(self, user, client, choice):
        while not self.stopping.is_set():
            known = list(self.jobs[user])
            by_cursor = choice.random() < 0.5
            gateways = self.stack.children("troupe-gateway")
            seen = self.walk_once(client, by_cursor, choice.choice([7, 20, 100]))
            same = gateways and gateways == self.stack.children("troupe-gateway")
            if seen is not None:
                self.walks.append((user, known, seen, "cursor" if by_cursor else "skip" if same else "cut skip"))

    def walk_once(self, client, by_cursor, limit):
        """The ids of all pages; None when the walk was cut short."""
        seen, place = [], "skip=0"
        while place is not None:
            answer = self.call(client, "GET", f"{JOBS}?limit={limit}&{place}")
            if answer is None or self.stopping.is_set():
                return None
            assert answer.status_code == 200, answer.text
            page = answer.json()
            seen.extend(item["jobId"] for item in page["data"])
            more = page["pagination"]["hasMore"]
            following = f"cursor={page['pagination']['nextCursor']}" if by_cursor else f"skip={len(seen)}"
            place = following if more else None
        return seen

    def run(self, choice):
        for thread in self.threads:
            thread.start()
        try:
            kill_for_a_while(self.stack, choice)
        finally:
            self.stopping.set()
            for thread in self.threads:
                thread.join(60)
        assert not self.problems, self.problems[:3]


def kill_for_a_while(stack, choice):
    deadline = time.monotonic() + SECONDS
    programs = ["troupe-broker", "troupe-actor-character", "troupe-gateway", "troupe-actor-character"]
    while time.monotonic() < deadline:
        for program in programs:
            pids = wait_until(lambda: stack.children(program), 30, f"{program} to run")
            stack.kill(choice.choice(pids))
            wait_a_moment(choice)


def wait_a_moment(choice):
    """The moment of a kill is what is random here."""
    time.sleep(choice.uniform(0.3, 1.0))


def total(client, query=""):
    answer = client.get(f"{JOBS}?limit=1{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()["pagination"]["total"]


def check_story(events):
    """One job's events, from the first to the last."""
    statuses = [data["status"] for _, _, data in events]
    assert events[0][1] == "queued" and statuses[0] in ("pending", "waiting")
    assert statuses[-1] in ENDS
    for earlier, later in zip(statuses, statuses[1:]):
        assert later in FOLLOWERS[earlier], statuses
    seqs = [data["seq"] for _, _, data in events]
    assert seqs[0] == 1 and seqs == sorted(set(seqs))
    numbers = [int(number) for number, _, _ in events]
    assert numbers == sorted(set(numbers))
    check_attempts(events)


def check_attempts(events):
    """Within an attempt progress never falls; each attempt begins with `active`; attempts never exceed three, counted
    anew by an explicit retry."""
    progress = 0
    for _, kind, data in events:
        assert 1 <= data["attempt"] <= 3
        if kind == "active":
            progress = 0
        elif kind == "progress":
            assert data["status"] == "active" and data["progress"] >= progress
            progress = data["progress"]
        elif kind == "completed":
            assert data["progress"] == 100 and data["url"] and data["attemptsMade"] >= 1
        elif kind == "failed":
            assert data["failedReason"]


def check_walk(known, seen, way, swept_count):
    """Jobs that were there before the walk began and stayed were met just once. A walk by skip whose gateway was
    replaced under way counts places from there: it misses at most one job for each that is let go of ahead of it."""
    missing = known - set(seen)
    if way == "cut skip":
        assert len(missing) <= swept_count, f"{len(missing)} of {len(known)} jobs were not met"
    else:
        assert not missing, f"by {way}, {len(missing)} of {len(known)} jobs were not met"
        assert len(seen) == len(set(seen)), f"a walk by {way} met a job twice"


def test_any_order_of_wishes_and_kills_obeys_the_transition_table(capsys):
    seed = os.environ.get("TEST_SEED", str(random.randrange(1 << 30)))
    choice = random.Random(seed)
    with Stack("--provider", "null:150", "--rate", "off", "--actors", "2",
               environment={"QUEUE_CONCURRENCY": "50", "TROUPE_RETENTION_CANCELLED": "3s"}) as stack:
        users = Users(stack, seed)
        users.run(choice)
        kinds, swept = set(), set()
        for user, jobs in users.jobs.items():
            client = stack.client(user)
            wait_until(lambda: sum(total(client, f"&status={end}") for end in ENDS) == total(client), 120, "the end")
            wait_until(lambda: total(client, "&status=cancelled") == 0, 120, "cancelled jobs to be let go of")
            gone = {job for job in jobs if client.get(f"{JOBS}/{job}").status_code == 410}
            swept |= gone
            listed = {job["jobId"]: job["status"] for job in all_of(client, JOBS)}
            assert listed.keys() >= set(jobs) - gone
            for status in STATES:
                assert total(client, f"&status={status}") == list(listed.values()).count(status)
            for job, status in listed.items():
                events = client.events(f"{JOBS}/{job}/events")
                check_story(events)
                assert events[-1][1] == status
                kinds.update(kind for _, kind, _ in events)
        for _, known, seen, way in users.walks:
            check_walk(set(known) - swept, seen, way, len(swept))
        ways = collections.Counter(walk[3] for walk in users.walks)
        with capsys.disabled():
            print(f"\nseed {seed}: {sum(map(len, users.jobs.values()))} jobs, {ways['cursor']} walks by cursor and "
                  f"{ways['skip']} by skip, {len(swept)} jobs let go of; "
                  f"events: {', '.join(sorted(kinds))}")
        assert ways["cursor"] and ways["skip"]
        assert {"queued", "active", "progress", "stalled", "completed"} <= kinds and swept
