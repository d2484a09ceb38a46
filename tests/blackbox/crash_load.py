"""Users of the crash test: each submits jobs, batches and pipelines, cancels, retries and deletes some of them, and
remembers what it was promised. What got no answer is sent again under the same Idempotency-Key."""

import json
import random
import threading
import uuid

import requests

CHARACTERS = "/api/v1/characters"
BATCHES = "/api/v1/batches"
PIPELINES = "/api/v1/pipelines"
# What has no answer: a kill may come before it, and in the middle of it.
NO_ANSWER = (requests.RequestException, json.JSONDecodeError)
IMAGES_MAX = 3  # of a batch or pipeline


class User:
    """What one user was promised, and what it asked for since."""

    def __init__(self, client, name):
        self.client = client
        self.name = name
        self.jobs = {}            # job id -> family
        self.groups = []          # (path, answer's data) of batches and pipelines
        self.keys = {}            # idempotency key -> (path, body, id of the job or group)
        self.told = set()         # jobs with a webhook of their own
        self.cancelled = set()    # jobs that it asked to cancel, whether or not an answer came
        self.deleted = set()      # characters
        self.doubtful = set()     # characters that may or may not be deleted
        self.characters = []      # that exist, to make pictures of

    def promise(self, path, body, key, data):
        name = {BATCHES: "batchId", PIPELINES: "pipelineId"}.get(path, "jobId")
        self.keys[key] = (path, body, data[name])
        if name != "jobId":
            self.groups.append((path, data))
        for family, job in jobs_of(path, body, data):
            self.jobs[job] = family


def jobs_of(path, body, data):
    """(family, job id) of all jobs that an answer promises, in the order of the request."""
    if path == BATCHES:
        return [("character-jobs" if item["type"] == "character" else "media-jobs", job)
                for item, job in zip(body["jobs"], data["jobIds"])]
    if path == PIPELINES:
        media = [("media-jobs", item["jobId"]) for item in data["images"] + data["videos"]]
        return [("character-jobs", data["character"]["jobId"])] + media if data["character"]["jobId"] else media
    return [("character-jobs" if path.startswith(CHARACTERS + "/queue") else "media-jobs", data["jobId"])]


class Load:
    """Users at work until told to stop. `hook` is the address of the webhooks that jobs bring along."""

    def __init__(self, stack, seed, hook=None, users=4):
        self.seed = seed
        self.hook = hook
        self.stopping = threading.Event()
        self.problems = []
        self.users = [User(stack.client(f"user-{number}"), f"user-{number}") for number in range(users)]
        self.threads = [threading.Thread(target=self.work, args=(user,)) for user in self.users]

    def start(self):
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in self.threads), "a user waits for an answer for ever"
        assert not self.problems, self.problems[:5]

    def promised(self):
        return sum(len(user.jobs) for user in self.users)

    def work(self, user):
        choice = random.Random(f"{self.seed}-{user.name}")
        while not self.stopping.is_set():
            try:
                self.submit(choice, user)
                self.change_mind(choice, user)
            except Exception as error:  # seen by the test through problems
                self.problems.append(f"{user.name}: {error!r}")
                return

    def insist(self, user, method, path, **options):
        """Asks until an answer comes; None when the test ended before: the outcome is unknown for good then."""
        while True:
            try:
                answer = user.client.call(method, path, timeout=15, **options)
                if answer.status_code < 500:
                    return answer
            except NO_ANSWER:
                pass
            if self.stopping.wait(0.05):
                return None

    def submit(self, choice, user):
        path, body = self.wish(choice, user)
        key = str(uuid.uuid4())
        answer = self.insist(user, "POST", path, json=body, headers={"Idempotency-Key": key})
        if answer is None:
            return
        assert answer.status_code == 202, answer.text
        data = answer.json()["data"]
        user.promise(path, body, key, data)
        if "options" in body:
            user.told.add(data["jobId"])

    def wish(self, choice, user):
        kind = choice.random()
        name = {"name": f"n{choice.random()}"}
        if kind < 0.05:
            images = [{"type": "image", "characterId": choice.choice(user.characters)}
                      for _ in range(choice.randrange(IMAGES_MAX)) if user.characters]
            return BATCHES, {"jobs": [{"type": "character", **name}] * choice.randint(2, 8) + images}
        if kind < 0.12:
            images = [{} for _ in range(choice.randint(1, IMAGES_MAX))]
            videos = [{"duration": 5, "image": choice.randrange(len(images))} for _ in range(choice.randrange(3))]
            source = {"characterId": choice.choice(user.characters)} if user.characters and choice.random() < 0.3 \
                else {"character": name}
            return PIPELINES, {**source, "images": images, **({"videos": videos} if videos else {})}
        body = {"options": {"webhook": {"url": self.hook}}} if self.hook and choice.random() < 0.3 else {}
        if kind < 0.3 and user.characters:
            return f"{CHARACTERS}/{choice.choice(user.characters)}/generate-image/queue", body
        return f"{CHARACTERS}/queue", {**name, **body}

    def change_mind(self, choice, user):
        """Now and then a job, a group or a character is not wanted any more, or wanted after all."""
        kind = choice.random()
        if kind < 0.06 and user.jobs:
            self.cancel(choice, user, choice.choice(list(user.jobs)[-20:]))
        elif kind < 0.08 and user.groups:
            self.cancel_group(user, *user.groups[-1])
        elif kind < 0.11 and user.characters:
            self.delete(user, user.characters.pop(choice.randrange(len(user.characters))))
        elif kind < 0.25 and len(user.characters) < 20:
            self.look_for_characters(user)

    def cancel(self, choice, user, job):
        url = f"/api/v1/{user.jobs[job]}/{job}"
        user.cancelled.add(job)
        self.ask(user, "DELETE", url, 200, 409)
        if choice.random() < 0.5:
            # The source of a picture may be gone by now, or not be there yet.
            self.ask(user, "POST", url + "/retry", 200, 404, 409)

    def cancel_group(self, user, path, data):
        body = next(wish for _, wish, group in user.keys.values() if group == data["statusUrl"].split("/")[-1])
        user.cancelled.update(job for _, job in jobs_of(path, body, data))
        self.ask(user, "DELETE", data["statusUrl"], 200, 409)

    @staticmethod
    def ask(user, method, url, *expected):
        """Once: whether it happened does not matter."""
        try:
            answer = user.client.call(method, url, timeout=15)
            assert answer.status_code >= 500 or answer.status_code in expected, f"{method} {url}: {answer.text}"
        except NO_ANSWER:
            pass

    def delete(self, user, character):
        user.doubtful.add(character)
        answer = self.insist(user, "DELETE", f"{CHARACTERS}/{character}")
        if answer is not None:
            # 404: it was deleted by the request before, which got no answer.
            assert answer.status_code in (200, 404), answer.text
            user.doubtful.discard(character)
            user.deleted.add(character)

    def look_for_characters(self, user):
        answer = self.insist(user, "GET", f"{CHARACTERS}?limit=5")
        if answer is not None:
            user.characters += [item["id"] for item in answer.json()["data"] if item["id"] not in user.characters]
