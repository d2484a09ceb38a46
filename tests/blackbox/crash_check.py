"""What must hold of everything that the users of the crash test (crash_load.py) were promised, once all has ended."""

from crash_load import CHARACTERS, PIPELINES, jobs_of
from stack import wait_until

FAMILIES = ("character-jobs", "media-jobs")
TERMINAL = {"completed", "failed", "cancelled"}
REPLAYS = 20  # of a user's keys


def all_of(client, path):
    """Everything that a list has, by walking its pages."""
    found, cursor = [], None
    while True:
        answer = client.get(f"{path}?limit=100" + (f"&cursor={cursor}" if cursor else ""))
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += page["data"]
        cursor = page["pagination"]["nextCursor"]
        if not cursor:
            assert page["pagination"]["total"] == len(found), f"the total of {path} is what listing counts"
            return found


def total_of(client, path):
    answer = client.get(path)
    return answer.json()["pagination"]["total"] if answer.status_code == 200 else None


def settled(client, family):
    totals = [total_of(client, f"/api/v1/{family}?limit=1&status={status}") for status in TERMINAL]
    return None not in totals and sum(totals) == total_of(client, f"/api/v1/{family}?limit=1")


class Outcome:
    """All jobs of one user, as lists have them after their end."""

    def __init__(self, user):
        self.user = user
        self.client = user.client
        self.jobs = {}  # job id -> job, of both families
        self.family = {}
        for family in FAMILIES:
            wait_until(lambda name=family: settled(self.client, name), 120, f"all {family} to end")
            jobs = all_of(self.client, f"/api/v1/{family}")
            self.jobs.update((job["jobId"], job) for job in jobs)
            self.family.update((job["jobId"], family) for job in jobs)
            for status in TERMINAL:
                counted = sum(job["status"] == status for job in jobs)
                assert total_of(self.client, f"/api/v1/{family}?limit=1&status={status}") == counted
        self.characters = {job["result"]["characterId"] for job in self.completed("character-jobs")}

    def completed(self, family):
        return [job for job in self.jobs.values() if job["status"] == "completed"
                and self.family[job["jobId"]] == family]

    def check(self, choice, sample):
        self.check_promises()
        for path, data in self.user.groups:
            self.check_group(path, data)
        self.check_documents(choice)
        jobs = choice.sample(sorted(self.jobs), min(len(self.jobs), sample))
        return [end for job in jobs for end in self.check_events(self.jobs[job])]

    def check_keys(self, choice):
        """One key is one job or group, whenever it is asked again."""
        for key in choice.sample(sorted(self.user.keys), min(len(self.user.keys), REPLAYS)):
            path, body, promised = self.user.keys[key]
            answer = self.client.post(path, body, headers={"Idempotency-Key": key})
            assert answer.status_code == 202 and answer.headers["Idempotency-Replayed"] == "true", answer.text
            assert promised in answer.json()["data"].values(), f"{key} gave {promised}, and now {answer.text}"
        for family in FAMILIES:
            count = sum(name == family for name in self.family.values())
            assert total_of(self.client, f"/api/v1/{family}?limit=1") == count, "nothing was submitted twice"

    def check_promises(self):
        missing = self.user.jobs.keys() - self.jobs.keys()
        assert not missing, f"{len(missing)} acknowledged jobs are lost: {sorted(missing)[:5]}"
        for job, family in self.user.jobs.items():
            assert self.family[job] == family, job
        for job in self.jobs.values():
            assert job["status"] in TERMINAL and job["completedAt"], job
            if job["status"] == "cancelled":
                assert job["result"] is None, job
                assert job["jobId"] in self.user.cancelled, f"nobody asked for that: {job}"

    # ---- batches and pipelines ----

    def check_group(self, path, data):
        answer = self.client.get(data["statusUrl"])
        assert answer.status_code == 200, answer.text
        state = answer.json()["data"]
        body = next(wish for _, wish, group in self.user.keys.values() if group == data["statusUrl"].split("/")[-1])
        promised = [job for _, job in jobs_of(path, body, data)]
        if path == PIPELINES:
            members = ([state["character"]] if state["character"] else []) + state["images"] + state["videos"]
            self.check_pipeline(data, body)
        else:
            members = all_of(self.client, data["statusUrl"] + "/jobs")
        assert [job["jobId"] for job in members] == promised, "all of it was accepted, in its order"
        statuses = [self.jobs[job]["status"] for job in promised]
        assert [job["status"] for job in members] == statuses
        assert {name: count for name, count in state["counts"].items() if count} == \
            {name: statuses.count(name) for name in set(statuses)}
        assert (state["total"], state["progress"]) == (len(promised), 100) and state["completedAt"], state
        assert state["status"] == status_of(statuses), state
        assert {self.jobs[job]["groupId"] for job in promised} == {data["statusUrl"].split("/")[-1]}

    def check_pipeline(self, data, body):
        for image in data["images"]:
            if data["character"]["jobId"]:
                self.check_dependant(data["character"]["jobId"], image["jobId"])
        for video, wish in zip(data["videos"], body.get("videos", [])):
            self.check_dependant(data["images"][wish["image"]]["jobId"], video["jobId"])

    def check_dependant(self, parent, child):
        parent, child = self.jobs[parent], self.jobs[child]
        code = (child["lastError"] or {}).get("code")
        if parent["status"] == "completed":
            # One that was cancelled and made after all has taken with it what was to be made from it.
            assert parent["retries"] > 0 or code != "dependency_failed", child
        elif parent["retries"] == 0 and child["status"] != "cancelled":
            # Who deletes the character takes both.
            deleted = parent["lastError"] and parent["lastError"]["code"] == "character_deleted"
            wanted = {"dependency_failed"} | ({"character_deleted"} if deleted else set())
            assert child["status"] == "failed" and code in wanted, (parent, child)

    # ---- what was made ----

    def check_documents(self, choice):
        listed = [item["id"] for item in all_of(self.client, CHARACTERS)]
        assert len(listed) == len(set(listed)) == len(set(listed) & self.characters), "made twice, or by no job"
        gone = self.characters - set(listed)
        assert self.user.deleted <= gone <= self.user.deleted | self.user.doubtful, "there is what was not deleted"
        for character in sorted(gone)[:10]:
            assert self.client.get(f"{CHARACTERS}/{character}").status_code == 404
        made = {}  # character -> media ids
        for job in self.completed("media-jobs"):
            made.setdefault(job["result"]["url"].split("/")[3], []).append(job["result"]["mediaId"])
        busy = sorted(made.keys() & set(listed))
        for character in choice.sample(busy, min(len(busy), 10)) + choice.sample(listed, min(len(listed), 10)):
            self.check_media(character, made.get(character, []))

    def check_media(self, character, made):
        portrait = self.client.get(f"{CHARACTERS}/{character}").json()["data"]["mediaId"]
        media = [item["id"] for item in all_of(self.client, f"{CHARACTERS}/{character}/media")]
        assert sorted(media) == sorted([*made, portrait]), "media exist exactly for the jobs that made them"

    # ---- events ----

    def check_events(self, job):
        """Returns (job id, version) of each end that its stream tells."""
        events = self.client.events(f"/api/v1/{self.family[job['jobId']]}/{job['jobId']}/events")
        ends = [(name, data["seq"]) for _, name, data in events if name in TERMINAL]
        story = f"{job['jobId']}: {[name for _, name, _ in events]}"
        assert ends and ends[-1][0] == job["status"] and len(ends) == job["retries"] + 1, story
        for numbers in [int(number) for number, _, _ in events], [data["seq"] for _, _, data in events]:
            assert numbers == sorted(set(numbers)), f"numbers grow: {story}"
        return [(job["jobId"], version) for _, version in ends]


def status_of(statuses):
    """Of a group whose jobs have all ended."""
    kinds = set(statuses)
    if "completed" in kinds:
        return "completed" if len(kinds) == 1 else "partial"
    return "failed" if "failed" in kinds else "cancelled"


def check_deliveries(receiver, ends, statuses, known):
    """Every end has come, each under one id, and none of other jobs than the known. ends: (job id, version); statuses:
    job id -> its last status."""
    wanted = {(f"job.{status}", job) for job, status in statuses.items()}
    wait_until(lambda: wanted <= receiver.delivered().keys(), 60, "the last end of every job to be delivered")
    wait_until(lambda: set(ends) <= versions_of(receiver).keys(), 60, "every end to be delivered")
    found = versions_of(receiver)
    assert all(len(ids) == 1 for ids in found.values()), "an event keeps its webhook-id"
    assert len(set().union(*found.values())) == len(found), "a webhook-id is of one event"
    assert {job for job, _ in found} <= set(known), "others' jobs are not told"


def versions_of(receiver):
    """{(job id, version): the webhook ids that it came with}."""
    found = {}
    for (headers, _, _), event in zip(list(receiver.requests), receiver.bodies()):
        found.setdefault((event["data"]["jobId"], event["data"]["seq"]), set()).add(headers["webhook-id"])
    return found
