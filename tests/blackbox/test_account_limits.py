"""Two queues on one account with limits of a second and of a minute, in a whole stack that is started for the first
time: what the provider saw."""

import contextlib
import json
import time

import fake_provider
import pytest
from stack import Stack, wait_until

SECOND, MINUTE = 5, 6
PACE_S = 60 / MINUTE  # after which the next of those that were denied comes again
LATE_S = 0.3  # by which a call may reach the provider later than the one before it did


class Watched(fake_provider.Provider):
    """It notes when each picture was asked for."""

    def __init__(self):
        super().__init__()
        self.times = []

    def image(self, handler):
        self.times.append(time.monotonic())
        super().image(handler)


@pytest.mark.alone
def test_two_queues_of_one_account_share_its_second_and_its_minute(tmp_path):
    with contextlib.ExitStack() as closing:
        provider = Watched()
        closing.callback(provider.close)
        one = {"name": "one", "url": provider.url, "model": "m"}
        drawing = {**one, "account": "shared", "limits": {"perSecond": SECOND, "perMinute": MINUTE}}
        path = tmp_path / "providers.json"
        path.write_text(json.dumps({"chat": [one], "image": [drawing], "video": [one]}))
        client = closing.enter_context(Stack("--provider", "live", "--rate", "off", data=tmp_path, environment={
            "TROUPE_PROVIDERS_FILE": str(path)})).client()
        made = client.wait_for(client.submit_character("Mira"), status="completed")["result"]
        characters, images = [], []
        for _ in range(MINUTE):
            characters.append(client.submit_character("Nora"))
            images.append(client.submit_image(made["characterId"]))
        wait_until(lambda: len(provider.times) == MINUTE, what="all that a minute allows")
        wait_until(lambda: time.monotonic() > provider.times[-1] + PACE_S + LATE_S, what="those that come again")
        assert len(provider.times) == MINUTE
        spans = [last - first for first, last in zip(provider.times, provider.times[SECOND:])]
        assert min(spans) > 1 - LATE_S, spans

        def ended(jobs, family):
            jobs = [client.job(job, family) for job in jobs]
            left = [job for job in jobs if job["status"] != "completed"]
            assert all(job["attemptsMade"] == 0 and not job["completedAt"] for job in left), left
            return len(jobs) - len(left)

        done = [ended(characters, "character-jobs"), ended(images, "media-jobs")]
        assert sum(done) == MINUTE - 1 and min(done) >= 1, done
