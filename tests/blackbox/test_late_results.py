"""An actor that stands still beyond its lease while a provider draws for it, and goes on: what it has paid for is used
where nothing else was paid meanwhile, and told as wasted where it was. In a whole stack; a lease lives 30 s."""

import contextlib
import json
import os
import signal
import threading

import fake_provider
import pytest
from fake_provider import png
from stack import Client, Stack, wait_until

PRICE = 0.04
LATE, AGAIN = png(9, 9), png(10, 10)  # what the two attempts are given


def held(picture, released):
    """It is drawn once the test says so."""
    answer = fake_provider.status(200, fake_provider.drawn(picture))
    return lambda handler: (released.wait(90), answer(handler))


class Stand:
    """Two actors of each role, and one provider of everything, each picture of which costs PRICE."""

    def __init__(self, stack, provider):
        self.stack, self.provider = stack, provider
        self.client = stack.client()
        self.admin = Client(stack.url, stack.token("boss", "--role", "admin"))
        self.stopped = []

    def order(self, submit, *answer):
        """(job, process) of a picture that is under way, held by its provider."""
        before = self.provider.count("image")
        self.provider.script["image"] = [held(*answer)]
        job = submit()
        wait_until(lambda: self.provider.count("image") == before + 1, what="the call")
        workers = self.admin.get("/api/v1/admin/workers").json()["data"]["workers"]
        return job, next(one["pid"] for one in workers if job in [entry["jobId"] for entry in one["jobs"]])

    def stop(self, pid):
        assert pid in self.stack.children()
        os.kill(pid, signal.SIGSTOP)
        self.stopped.append(pid)

    def go_on(self):
        while self.stopped:
            os.kill(self.stopped.pop(), signal.SIGCONT)

    def timeline(self, family, job):
        return self.client.get(f"/api/v1/{family}/{job}?include=timeline").json()["data"]["timeline"]

    def stored(self):
        return [path.read_bytes() for path in (self.stack.data / "assets").rglob("*.png")]


@pytest.fixture(name="stand")
def fixture_stand(tmp_path):
    with contextlib.ExitStack() as closing:
        provider = fake_provider.Provider()
        closing.callback(provider.close)
        path = tmp_path / "providers.json"
        one = {"name": "one", "url": provider.url, "model": "m"}
        path.write_text(json.dumps({"chat": [one], "image": [{**one, "price": PRICE}], "video": [one]}))
        settings = {"TROUPE_PROVIDERS_FILE": str(path), "TROUPE_REPEAT_AFTER": "1"}
        stack = Stack("--provider", "live", "--rate", "off", "--actors", 2, data=tmp_path, environment=settings)
        stand = Stand(closing.enter_context(stack), provider)
        closing.callback(stand.go_on)
        yield stand


def names(timeline, kind, member):
    return [event[member] for event in timeline["events"] if event["event"] == kind]


@pytest.mark.timeout(200)
def test_what_a_lost_actor_has_paid_for_is_used_or_told_as_wasted(stand):
    """The character's second attempt is held, as its queue is paused; the picture's one has paid, too."""
    client, provider = stand.client, stand.provider
    character = client.wait_for(client.submit_character(), status="completed")["result"]["characterId"]
    late, again = threading.Event(), threading.Event()
    used, first = stand.order(lambda: client.submit_character("Nora"), LATE, late)
    lost, second = stand.order(lambda: client.submit_image(character), LATE, late)
    assert stand.admin.post("/api/v1/admin/queues/character/pause").status_code == 200
    stand.stop(first)
    stand.stop(second)
    provider.script["image"] = [held(AGAIN, again)]
    late.set()
    wait_until(lambda: provider.count("image") == 4, 60, "the call of the second attempt")
    wait_until(lambda: client.job(used)["status"] == "waiting", 60, "the end of the lease")
    broker, = stand.stack.children("troupe-broker")
    stand.stop(broker)  # so that both are done before it can tell them that they are late
    for pid in first, second:
        os.kill(pid, signal.SIGCONT)
    wait_until(lambda: stand.stored().count(LATE) == 2, what="the late pictures")
    stand.go_on()
    check_used(stand, client.wait_for(used, status="completed"), used)
    wait_until(lambda: "wasted" in names(stand.timeline("media-jobs", lost), "provider", "operation"))
    again.set()
    check_wasted(stand, client.wait_for(lost, "media-jobs", status="completed"), lost)
    assert stand.admin.post("/api/v1/admin/queues/character/resume").status_code == 200
    client.wait_for(client.submit_character(), status="completed")
    assert provider.count("image") == 5, "one for each job, one for the second attempt"


def check_used(stand, job, job_id):
    timeline = stand.timeline("character-jobs", job_id)
    assert (job["attemptsMade"], job["cost"]["spentUsd"]) == (1, PRICE)
    assert [attempt["outcome"] for attempt in timeline["attempts"]] == ["lost"]
    url, = names(timeline, "completed", "url")
    assert stand.client.get(url).content == LATE


def check_wasted(stand, job, job_id):
    timeline = stand.timeline("media-jobs", job_id)
    told = [(event["operation"], event["charged"], event["priceUsd"]) for event in timeline["events"]
            if event["event"] == "provider"]
    assert told == [("unknown", "unknown", PRICE), ("intent", "unknown", PRICE), ("wasted", "yes", PRICE),
                    ("finished", "yes", PRICE)]
    assert job["cost"] == {"estimateUsd": PRICE, "spentUsd": 2 * PRICE, "uncertainUsd": PRICE}
    assert job["attemptsMade"] == 1 and names(timeline, "completed", "url") == [job["result"]["url"]]
    assert stand.client.get(job["result"]["url"]).content == AGAIN
    usage = stand.client.get("/api/v1/usage").json()["data"]["days"][0]
    assert (usage["spentUsd"], usage["uncertainUsd"], usage["operations"]) == (4 * PRICE, PRICE, 4)
