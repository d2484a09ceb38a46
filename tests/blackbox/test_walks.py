"""Method: a user walks lists page by page while others of the same user's jobs are added, cancelled and let go of, and
characters deleted. Every walk, by cursor or by skip, must meet what stays exactly once (docs/adr/0026)."""

import itertools
import threading

import pytest

from stack import Stack

JOBS = "/api/v1/character-jobs"
CHARACTERS = "/api/v1/characters"
WALKS = 6


@pytest.fixture(scope="module")
def stack():
    with Stack("--provider", "null", "--rate", "off",
               environment={"QUEUE_CONCURRENCY": "50", "TROUPE_RETENTION_CANCELLED": "1ms"}) as running:
        yield running


class Changing:
    """A thread that does something over and over while the test looks on."""

    def __init__(self, work):
        self.work = work
        self.stopping = threading.Event()
        self.rounds = 0
        self.error = None
        self.thread = threading.Thread(target=self.run)

    def run(self):
        try:
            while not self.stopping.is_set():
                self.work()
                self.rounds += 1
        except Exception as error:  # told to the test
            self.error = error

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, kind, error, trace):
        self.stopping.set()
        self.thread.join(60)
        assert self.error is None and self.rounds > 0, self.error


def walk(client, path, by, limit):
    """The items of all pages, and how many pages there were."""
    found, place, pages = [], "skip=0", 0
    while place:
        answer = client.get(f"{path}?limit={limit}&{place}")
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert page["pagination"]["skip"] == (len(found) if by == "skip" else 0)
        found += page["data"]
        pages += 1
        more = page["pagination"]["hasMore"]
        assert more == (page["pagination"]["nextCursor"] is not None)
        place = more and (f"skip={len(found)}" if by == "skip" else f"cursor={page['pagination']['nextCursor']}")
    return found, pages


@pytest.mark.parametrize("by", ["cursor", "skip"])
def test_a_walk_meets_every_job_once_while_jobs_are_added_and_let_go_of(stack, by):
    user = f"walker-{by}"
    client, other = stack.client(user), stack.client(user)
    stay = [client.submit_character(f"n{number}") for number in range(80)]
    going = []

    def change():
        """Some jobs come to stay, one comes and goes between those that stay."""
        stay_on = other.submit_character("new")
        goes = other.submit_character("gone", options={"priority": 200})
        other.call("DELETE", f"{JOBS}/{goes}")
        going.append((stay_on, goes))

    for job in stay:
        client.wait_for(job)
    met = []
    with Changing(change):
        for limit in itertools.islice(itertools.cycle([7, 20, 33]), WALKS):
            known = list(stay) + [kept for kept, _ in list(going)]
            found, pages = walk(client, JOBS, by, limit)
            ids = [item["jobId"] for item in found]
            met.append((known, ids, pages))
    for known, ids, pages in met:
        assert set(known) <= set(ids) and len(ids) == len(set(ids)) and pages >= 3


def test_a_walk_by_skip_meets_every_character_once_while_others_are_deleted(stack):
    client, other = stack.client("collector"), stack.client("collector")

    def make(name):
        return client.post(CHARACTERS, {"name": name}).json()["data"]["id"]

    made = [make(f"n{number}") for number in range(90)]
    stay, leave = made[::2], made[1::2]

    def change():
        if leave:
            assert other.call("DELETE", f"{CHARACTERS}/{leave.pop()}").status_code == 200

    found = []
    with Changing(change):
        for _ in range(4):
            found.append([item["id"] for item in walk(client, CHARACTERS, "skip", 10)[0]])
    for ids in found:
        assert set(stay) <= set(ids) and len(ids) == len(set(ids))


def test_a_page_asked_for_again_begins_at_the_same_place_until_the_page_before_is(stack):
    client = stack.client("reader")
    jobs = [client.submit_character(f"n{number}") for number in range(9)][::-1]

    def page(skip):
        return [item["jobId"] for item in client.get(f"{JOBS}?limit=3&skip={skip}").json()["data"]]

    assert page(0) == jobs[0:3]
    new = client.submit_character("new")
    assert page(3) == jobs[3:6] and page(3) == jobs[3:6]
    assert page(6) == jobs[6:9]
    assert page(0) == [new, *jobs[0:2]]
    assert page(3) == jobs[2:5]
    assert [item["jobId"] for item in client.get(f"{JOBS}?limit=2&skip=3").json()["data"]] == jobs[2:4]
