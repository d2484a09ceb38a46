"""What those who run the stack see and steer: roles, the cookie, queues and their pauses, by the whole stack."""

import json
import os
import re
import subprocess
import time
import uuid

import pytest

import contract
import sanitized
from stack import BIN, Client, Stack, wait_until

NULL = ("--provider", "null", "--rate", "off")
QUEUES = ["character", "image", "video", "webhook"]
ACTIONS = [("POST", f"/api/v1/admin/queues/{queue}/{verb}") for queue in QUEUES for verb in ("pause", "resume")]
ACTIONS += [("POST", f"/api/v1/admin/workers/{uuid.uuid4()}/{verb}") for verb in ("drain", "undrain", "stop")]
READS = ["/api/v1/admin/queues", "/api/v1/admin/session", "/api/v1/admin/workers"]
STREAM = "/api/v1/admin/events"


@pytest.fixture(scope="module")
def stack():
    with Stack(*NULL) as running:
        yield running


def client(stack, role, user=None):
    return Client(stack.url, stack.token(user or f"a-{role}", "--role", role))


def queue(who, name="character"):
    answer = who.get("/api/v1/admin/queues")
    assert answer.status_code == 200, answer.text
    queues = answer.json()["data"]["queues"]
    assert [one["queue"] for one in queues] == QUEUES
    return next(one for one in queues if one["queue"] == name)


def steer(who, name, verb):
    answer = who.post(f"/api/v1/admin/queues/{name}/{verb}")
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"]["queue"] == name and answer.json()["data"]["paused"] == (verb == "pause")
    return answer.json()["data"]


def refused(answer, code="forbidden"):
    return answer.status_code == 403 and answer.json()["error"]["code"] == code


def wait_for_counts(who, name="character", **counts):
    return wait_until(lambda: (lambda one: one if counts.items() <= one["counts"].items() else None)(queue(who, name)),
                      what=f"{counts} in {name}")


@pytest.mark.parametrize("method, path", ACTIONS)
def test_nobody_but_an_admin_acts(stack, method, path):
    for role in "user", "viewer":
        assert refused(client(stack, role).call(method, path)), role
    assert stack.client().call(method, path, headers={"Authorization": "Bearer nonsense"}).status_code == 401


@pytest.mark.parametrize("path", READS)
def test_a_viewer_sees_and_a_user_does_not(stack, path):
    assert refused(client(stack, "user").get(path))
    assert client(stack, "viewer").get(path).status_code == client(stack, "admin").get(path).status_code == 200


def test_a_viewer_changes_nothing_and_owns_what_it_may_read(stack):
    viewer, other = client(stack, "viewer"), stack.client("somebody")
    job = other.submit_character()
    assert viewer.get(f"/api/v1/character-jobs/{job}").status_code == 404
    changes = [(method.upper(), path) for path, item in contract.DOCUMENT["paths"].items() for method in item
               if path.startswith("/api/") and method in ("post", "put", "patch", "delete")]
    assert ("POST", "/api/v1/characters/queue") in changes and ("DELETE", "/api/v1/webhooks/{webhookId}") in changes
    for method, path in changes:
        who = Client(stack.url, stack.token(f"eyes-{path.count('/')}", "--role", "viewer"))
        answer = who.call(method, re.sub(r"\{\w+\}", str(uuid.uuid4()), path), json={"name": "A"})
        assert refused(answer), (method, path, answer.text)
        newest = client(stack, "admin").get("/api/v1/admin/audit", params={"limit": 1}).json()["data"]["audit"][0]
        assert (newest["requestId"], newest["role"], newest["outcome"]) == (
            answer.headers["x-request-id"], "viewer", "forbidden"), (method, path)
    for path in "/api/v1/character-jobs", "/api/v1/webhooks", "/api/v1/characters", "/api/v1/usage", "/api/v1/poses":
        assert viewer.get(path).status_code == viewer.call("HEAD", path).status_code == 200


def test_a_queue_that_there_is_not_is_404(stack):
    for name in "audio", "Image", str(uuid.uuid4()):
        for verb in "pause", "resume":
            answer = client(stack, "admin").post(f"/api/v1/admin/queues/{name}/{verb}")
            assert answer.status_code == 404 and answer.json()["error"]["code"] == "queue_not_found"


def test_counts_are_of_all_users_and_rates_of_the_last_minute(stack):
    admin = client(stack, "admin")
    wait_for_counts(admin, pending=0, waiting=0, active=0)
    before = steer(admin, "character", "resume")  # as of now
    for user in "ann", "ben", "cem":
        stack.client(user).wait_for(stack.client(user).submit_character())
    after = wait_for_counts(admin, active=0, completed=before["counts"]["completed"] + 3)
    assert after["perMinute"]["started"] >= 3 and after["perMinute"]["completed"] >= 3
    assert (after["workers"], after["slots"], after["slotsBusy"], after["limit"]) == (1, 5, 0, None)
    assert after["oldestWaitingAt"] is None


def test_a_paused_queue_starts_nothing_over_a_kill_of_the_broker_too(stack):
    admin, user = client(stack, "admin"), stack.client("patient")
    wait_for_counts(admin, waiting=0, active=0)
    steer(admin, "character", "pause")
    steer(admin, "character", "pause")
    jobs = [user.submit_character() for _ in range(3)]
    waiting = wait_for_counts(admin, waiting=3)
    assert waiting["oldestWaitingAt"] == user.job(jobs[0])["createdAt"]
    broker, = stack.children("troupe-broker")
    stack.kill(broker)
    wait_until(lambda: broker not in stack.children("troupe-broker"), what="the end of the broker")
    wait_until(lambda: admin.get("/readyz").status_code == 200, what="another broker")
    wait_until(lambda: queue(admin)["workers"] == 1, what="the worker")
    again = queue(admin)
    assert again["paused"] and again["counts"] == waiting["counts"]
    assert again["oldestWaitingAt"] == waiting["oldestWaitingAt"]
    state = user.job(jobs[2])
    assert (state["status"], state["waitReason"], state["queuePosition"], state["etaSeconds"]) == (
        "waiting", "paused", 3, None)
    # The other queues go on, and so does this one for good.
    steer(admin, "character", "resume")
    steer(admin, "character", "resume")
    for job in jobs:
        assert user.wait_for(job)["status"] == "completed"
    assert not queue(admin)["paused"]


# ---- the dashboard's session ----


def browser(stack, role="admin", user="keeper"):
    """A client that has logged in and has nothing but its cookie."""
    made = Client(stack.url, "")
    del made.session.headers["Authorization"]
    made.session.trust_env = False
    answer = made.post("/admin/login", {"token": stack.token(user, "--role", role)})
    assert answer.status_code == 200, answer.text
    return made, answer


def test_a_cookie_is_as_good_as_its_token_and_out_of_reach_of_scripts(stack):
    made, answer = browser(stack)
    data = answer.json()["data"]
    assert (data["user"], data["role"]) == ("keeper", "admin") and data["expiresAt"].endswith("Z")
    name, *attributes = answer.headers["set-cookie"].split("; ")
    assert name.startswith("troupe_session=")
    age = next(int(one.removeprefix("Max-Age=")) for one in attributes if one.startswith("Max-Age="))
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(attributes) and "Secure" not in attributes
    assert 86000 < age <= 86400 + 60, "a token counts a minute longer, for clocks that differ"
    assert made.get("/api/v1/admin/session").json()["data"] == data
    assert queue(made)["queue"] == "character"
    assert made.get("/api/v1/characters").status_code == 401, "it is the admin API's"


def test_behind_tls_the_cookie_is_secure(stack):
    token = stack.token("keeper", "--role", "viewer")
    answer = stack.client().post("/admin/login", {"token": token}, headers={"X-Forwarded-Proto": "https"})
    assert answer.headers["set-cookie"].endswith("; Secure")


def test_with_the_cookie_alone_a_change_needs_a_header(stack):
    made, _ = browser(stack)
    path = "/api/v1/admin/queues/video/resume"
    for headers in {}, {"X-Troupe-Request": "0"}, {"X-Troupe-Request": ""}:
        assert refused(made.post(path, headers=headers), "request_header_missing")
    assert made.post(path, headers={"X-Troupe-Request": "1"}).status_code == 200
    assert client(stack, "admin").post(path).status_code == 200, "a token needs none"
    viewer, _ = browser(stack, "viewer")
    assert refused(viewer.post(path, headers={"X-Troupe-Request": "1"}))


def test_a_token_goes_before_the_cookie(stack):
    made, _ = browser(stack)
    answer = made.get("/api/v1/admin/session", headers={"Authorization": f"Bearer {stack.token('somebody')}"})
    assert refused(answer)


def test_logging_out_takes_the_cookie_away(stack):
    made, _ = browser(stack)
    assert refused(made.post("/admin/logout"), "request_header_missing")
    answer = made.post("/admin/logout", headers={"X-Troupe-Request": "1"})
    assert answer.status_code == 204 and "Max-Age=0" in answer.headers["set-cookie"]
    assert not made.session.cookies and made.get("/api/v1/admin/session").status_code == 401


def test_who_may_not_see_the_dashboard_does_not_get_in(stack):
    user = stack.client()
    assert refused(user.post("/admin/login", {"token": stack.token("somebody")}))
    forged = stack.token("keeper", "--role", "admin")[:-4] + "AAAA"
    for token, status in (forged, 401), ("nonsense", 401), ("x" * 3801, 400), ("", 400), (7, 400), (None, 400):
        answer = user.post("/admin/login", {"token": token})
        assert answer.status_code == status and "set-cookie" not in answer.headers, token
    made, _ = browser(stack)
    for cookie in "nonsense", forged:
        answer = stack.client().get("/api/v1/admin/session", headers={"Cookie": f"a=b; troupe_session={cookie}",
                                                                      "Authorization": None})
        assert answer.status_code == 401
    assert made.get("/api/v1/admin/session").status_code == 200


# ---- live ----


class Watch:
    """A reader of the live stream."""

    def __init__(self, who):
        self.answer = who.get(STREAM, stream=True, timeout=30)
        assert self.answer.status_code == 200
        assert self.answer.headers["content-type"].startswith("text/event-stream")
        self.lines = self.answer.iter_lines(chunk_size=1, decode_unicode=True)

    def next(self):
        """(name, data) of the next event."""
        name = None
        for line in self.lines:
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                return name, json.loads(line.removeprefix("data: "))
        raise AssertionError("the stream has ended")

    def until(self, condition):
        end = time.monotonic() + 30
        while time.monotonic() < end:
            name, data = self.next()
            found = condition(name, data)
            if found:
                return found
        raise AssertionError("it did not come in time")

    def close(self):
        self.answer.close()


def is_paused(name, data, expected):
    return name == "queues" and data["queues"][2]["paused"] == expected


def test_everybody_but_who_may_see_is_refused_the_stream(stack):
    assert refused(stack.client().get(STREAM))
    for made in client(stack, "viewer"), browser(stack, "viewer")[0]:
        watch = Watch(made)
        name, data = watch.next()
        assert name == "queues" and [one["queue"] for one in data["queues"]] == QUEUES
        watch.close()
    head = client(stack, "viewer").call("HEAD", STREAM)
    assert head.status_code == 200 and head.headers["content-type"].startswith("text/event-stream")


def test_changes_are_told_as_they_come(stack):
    admin, user = client(stack, "admin"), stack.client("watched")
    watch = Watch(admin)
    watch.until(lambda name, data: is_paused(name, data, False))
    steer(admin, "video", "pause")
    watch.until(lambda name, data: is_paused(name, data, True))
    steer(admin, "video", "resume")
    watch.until(lambda name, data: is_paused(name, data, False))
    job = user.submit_character()
    told = watch.until(lambda name, data: name == "jobs" and next(
        (one for one in data["jobs"] if one["jobId"] == job and one["status"] == "completed"), None))
    assert told == {"jobId": job, "queue": "character", "status": "completed", "progress": 100, "step": told["step"]}
    watch.close()


def test_it_is_told_that_workers_are_others(stack):
    admin = client(stack, "admin")
    watch = Watch(admin)
    mark = watch.until(lambda name, data: name == "workers" and data["mark"])
    worker = next(each for each in admin.get("/api/v1/admin/workers").json()["data"]["workers"]
                  if each["queue"] == "video")["workerId"]
    for verb in "drain", "undrain":
        assert admin.post(f"/api/v1/admin/workers/{worker}/{verb}").status_code == 200
        begun = time.monotonic()
        mark = watch.until(lambda name, data, last=mark: name == "workers" and data["mark"] != last and data["mark"])
        assert time.monotonic() - begun < 5
    watch.close()


def test_however_much_happens_it_is_told_four_times_a_second(stack):
    admin, user = client(stack, "admin"), stack.client("busy")
    watch = Watch(admin)
    watch.next()
    start = time.monotonic()
    jobs = [user.submit_character() for _ in range(150)]
    counts, seen = {}, set()
    while time.monotonic() - start < 2 or jobs[-1] not in seen:
        name, data = watch.next()
        counts[name] = counts.get(name, 0) + 1
        if name == "jobs":
            assert 0 < len(data["jobs"]) <= 100
            assert len({one["jobId"] for one in data["jobs"]}) == len(data["jobs"]), "each once"
            seen |= {one["jobId"] for one in data["jobs"]}
        assert time.monotonic() - start < 60
        if len(seen) >= 100:
            break
    most = 4 * (time.monotonic() - start) + 2
    assert 0 < counts["jobs"] <= most
    assert counts.get("queues", 0) <= most  # none yet when the jobs were told of faster than queues are
    watch.close()


def test_two_gateways_tell_the_same(stack, tmp_path):
    environment = {**os.environ, "TROUPE_LOG_LEVEL": "warn",
                   "TROUPE_GATEWAY_ENDPOINT": f"ipc://{stack.data}/run/gateways",
                   "TROUPE_JWT_SECRET_FILE": str(stack.data / "jwt-secret"), "TROUPE_ASSETS": str(tmp_path),
                   "TROUPE_HTTP_LISTEN": "127.0.0.1:0", **sanitized.leak_settings(tmp_path)}
    with subprocess.Popen([BIN / "troupe-gateway"], env=environment, stdout=subprocess.PIPE, text=True) as other:
        try:
            url = other.stdout.readline().split()[-1]
            admin = client(stack, "admin")
            second = Client(url, stack.token("another", "--role", "viewer"))
            watches = [Watch(admin), Watch(second)]
            for verb in "pause", "resume":
                steer(admin, "video", verb)
                for watch in watches:
                    watch.until(lambda name, data, verb=verb: is_paused(name, data, verb == "pause"))
            job = stack.client("watched").submit_character()
            for watch in watches:
                watch.until(lambda name, data: name == "jobs" and any(one["jobId"] == job for one in data["jobs"]))
        finally:
            other.terminate()
            # A stream ends with its gateway, which waits for nobody.
            assert other.wait(20) == 0


# ---- workers ----


def workers(who, name=None):
    answer = who.get("/api/v1/admin/workers")
    assert answer.status_code == 200, answer.text
    return [one for one in answer.json()["data"]["workers"] if name in (None, one["queue"])]


def order(who, worker, verb, status=200):
    answer = who.post(f"/api/v1/admin/workers/{worker}/{verb}")
    assert answer.status_code == status, answer.text
    return answer.json()


def test_workers_are_told_with_what_they_do(stack):
    found = wait_until(lambda: (lambda all: all if len(all) == 4 else None)(workers(client(stack, "viewer"))))
    assert sorted(one["queue"] for one in found) == sorted(QUEUES)
    pids = stack.children(*[f"troupe-actor-{queue}" for queue in QUEUES])
    for one in found:
        assert one["pid"] in pids and one["host"] and one["version"]
        assert not (one["lost"] or one["draining"] or one["stopping"] or one["jobs"])
        assert one["connectedAt"] <= one["lastSeenAt"]


def test_who_is_not_there_has_no_orders(stack):
    for worker in str(uuid.uuid4()), "nobody":
        for verb in "drain", "undrain", "stop":
            assert order(client(stack, "admin"), worker, verb, 404)["error"]["code"] == "worker_not_found"


def test_a_drained_worker_ends_its_job_and_gets_no_other():
    with Stack("--provider", "null:1500", "--rate", "off") as slow:
        admin, user = client(slow, "admin"), slow.client("ada")
        worker = wait_until(lambda: workers(admin, "character"))[0]["workerId"]
        first = user.submit_character()
        busy = wait_until(lambda: (lambda one: one if one["jobs"] else None)(workers(admin, "character")[0]))
        assert busy["jobs"][0]["jobId"] == first and busy["jobs"][0]["attempt"] == 1 and busy["slotsBusy"] == 1
        for _ in range(2):
            assert order(admin, worker, "drain")["data"] == {"workerId": worker, "draining": True, "stopping": False}
        second = user.submit_character()
        assert user.wait_for(first)["status"] == "completed"
        assert (user.job(second)["status"], user.job(second)["waitReason"]) == ("waiting", "no_worker")
        # It is the worker that is drained, over a restart of the broker too.
        broker, = slow.children("troupe-broker")
        slow.kill(broker)
        wait_until(lambda: broker not in slow.children("troupe-broker"), what="the end of the broker")
        wait_until(lambda: admin.get("/readyz").status_code == 200, what="another broker")
        again = wait_until(lambda: next((one for one in workers(admin, "character") if not one["lost"]), None))
        assert again["workerId"] == worker and again["draining"] and not again["jobs"]
        assert user.job(second)["status"] == "waiting"
        assert not order(admin, worker, "undrain")["data"]["draining"]
        assert user.wait_for(second)["status"] == "completed"


def test_a_stopped_worker_ends_its_job_and_its_process():
    with Stack("--provider", "null:1500", "--rate", "off") as slow:
        admin, user = client(slow, "admin"), slow.client("ada")
        one = wait_until(lambda: workers(admin, "character"))[0]
        job = user.submit_character()
        wait_until(lambda: workers(admin, "character")[0]["jobs"])
        assert order(admin, one["workerId"], "stop")["data"]["stopping"]
        for verb in "drain", "undrain":
            assert order(admin, one["workerId"], verb, 409)["error"]["code"] == "worker_stopping"
        assert user.wait_for(job)["status"] == "completed"
        assert user.job(job)["workerId"] == one["workerId"]
        wait_until(lambda: one["pid"] not in slow.children("troupe-actor-character"), what="the end of the process")
        other = wait_until(lambda: next((another for another in workers(admin, "character")
                                         if another["workerId"] != one["workerId"]), None))
        assert not other["draining"]
        assert user.wait_for(user.submit_character())["status"] == "completed"
