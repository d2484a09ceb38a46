"""What operators do with many jobs: in the background, exactly once each, and over restarts of everything."""

import concurrent.futures
import uuid

import pytest

from stack import Client, Stack, wait_until
from test_admin_changes import refused
from test_admin_jobs import JOBS, search, soon

OPERATIONS = "/api/v1/admin/operations"


@pytest.fixture(name="stack", scope="module")
def fixture_stack():
    with Stack("--provider", "null", "--rate", "off", "--actors", 0) as running:
        yield running


@pytest.fixture(name="admin", scope="module")
def fixture_admin(stack):
    return Client(stack.url, stack.token("boss", "--role", "admin"))


def batch(user, count, **options):
    """The ids of so many new jobs, in batches."""
    made = []
    for start in range(0, count, 1000):
        jobs = [{"type": "character", "name": f"many {number}", "options": options}
                for number in range(start, min(count, start + 1000))]
        answer = user.post("/api/v1/batches", {"jobs": jobs})
        assert answer.status_code == 202, answer.text
        made += answer.json()["data"]["jobIds"]
    return made


def start(admin, action, **body):
    answer = admin.post(OPERATIONS, {"action": action, **body})
    assert answer.status_code == 202, answer.text
    data = answer.json()["data"]
    assert data["statusUrl"] == f"{OPERATIONS}/{data['operationId']}"
    return data["operationId"]


def look(admin, operation):
    answer = admin.get(f"{OPERATIONS}/{operation}")
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def finish(admin, operation, seconds=60):
    """The operation once it has ended."""
    def ended():
        told = look(admin, operation)
        return told if told["state"] != "running" else None
    return wait_until(ended, seconds, f"the end of {operation}")


def count_of(admin, **filters):
    return len(search(admin, **filters))


def test_a_range_that_ends_with_the_first_moment_has_no_jobs(stack, admin):
    batch(stack.client("epoch"), 3)
    told = finish(admin, start(admin, "cancel", where={"owner": "epoch", "to": "1970-01-01T00:00:00.000Z"}))
    assert (told["state"], told["matched"], told["done"]) == ("completed", 0, 0)
    assert count_of(admin, owner="epoch", status="waiting") == 3


def test_500_failed_jobs_are_tried_again(stack, admin):
    user = stack.client("fay")
    made = batch(user, 500, startBy=soon(1))
    wait_until(lambda: count_of(admin, owner="fay", status="failed") == 500)
    told = finish(admin, start(admin, "retry", where={"owner": "fay", "status": "failed"}))
    assert (told["state"], told["matched"], told["done"], told["refused"]) == ("completed", 500, 500, 0)
    assert (told["action"], told["by"], told["progress"], told["total"]) == ("retry", "boss", 100, None)
    assert told["where"] == {"owner": "fay", "status": "failed"}
    assert told["scanned"] >= 500 and told["startedAt"] <= told["completedAt"]
    assert all(user.job(job)["retries"] == 1 for job in made[::100])
    assert count_of(admin, owner="fay", status="waiting") == 500
    assert admin.get(OPERATIONS).json()["data"]["operations"][0] == told


def test_each_action_does_what_it_does_to_one(stack, admin):
    user = stack.client("gus")
    made = batch(user, 20, runAt=soon(3600))
    told = finish(admin, start(admin, "priority", priority=9, jobIds=made))
    assert (told["done"], told["refused"], told["total"], told["priority"]) == (20, 0, 20, 9)
    assert told["where"] is None
    assert {user.job(job)["priority"] for job in made} == {9}
    assert finish(admin, start(admin, "promote", where={"owner": "gus"}))["done"] == 20
    assert count_of(admin, owner="gus", status="waiting") == 20
    again = finish(admin, start(admin, "promote", where={"owner": "gus"}))
    assert (again["matched"], again["done"], again["refused"]) == (20, 0, 20)
    assert again["reasons"] == {"not_delayed": 20}
    alive = finish(admin, start(admin, "remove", jobIds=made))
    assert (alive["refused"], alive["reasons"]) == (20, {"not_ended": 20})
    assert finish(admin, start(admin, "cancel", where={"owner": "gus", "status": "waiting,pending"}))["done"] == 20
    for action, more in ("cancel", {}), ("promote", {}), ("priority", {"priority": 3}):
        ended = finish(admin, start(admin, action, where={"owner": "gus"}, **more))
        assert (ended["matched"], ended["done"], ended["alreadyEnded"], ended["refused"]) == (20, 0, 20, 0), action
    assert finish(admin, start(admin, "remove", where={"owner": "gus"}))["done"] == 20
    assert count_of(admin, owner="gus") == 0
    gone = finish(admin, start(admin, "cancel", jobIds=[*made, str(uuid.uuid4())]))
    assert (gone["refused"], gone["reasons"]) == (21, {"job_not_found": 21})


def test_jobs_that_come_later_are_left_alone(stack, admin):
    user = stack.client("hal")
    before = batch(user, 300)
    operation = start(admin, "cancel", where={"owner": "hal"})
    after = batch(user, 5)
    assert finish(admin, operation)["done"] == 300
    assert {user.job(job)["status"] for job in after} == {"waiting"}
    assert {user.job(job)["status"] for job in before[::50]} == {"cancelled"}


def test_an_operation_can_be_stopped_and_no_more_than_four_go_on(stack, admin):
    user = stack.client("ike")
    batch(user, 2000)
    where = {"owner": "ike", "q": "many"}
    running = [start(admin, "promote", where=where) for _ in range(4)]
    assert refused(admin.post(OPERATIONS, {"action": "cancel", "where": where}), 429, "too_many_operations")
    told = admin.call("DELETE", f"{OPERATIONS}/{running[0]}").json()["data"]
    assert told["state"] == "cancelled" and told["matched"] < 2000 and told["completedAt"]
    assert admin.call("DELETE", f"{OPERATIONS}/{running[0]}").json()["data"]["state"] == "cancelled"
    assert {finish(admin, operation)["matched"] for operation in running[1:]} == {2000}
    assert refused(admin.call("DELETE", f"{OPERATIONS}/{running[1]}"), 409, "already_ended")
    for method in "GET", "DELETE":
        for unknown in uuid.uuid4(), "nonsense":
            assert refused(admin.call(method, f"{OPERATIONS}/{unknown}"), 404, "operation_not_found")


def test_what_it_was_asked_for_is_told_as_it_was_given(admin):
    odd = {"q": "ä \"quoted\" 50 %", "to": "1970-01-01T00:00:00.000Z", "owner": "\\" * 255}
    for where in {}, {"status": "failed,cancelled", "queue": "video"}, odd:
        told = finish(admin, start(admin, "promote", where=where))
        assert told["where"] == where and told in admin.get(OPERATIONS).json()["data"]["operations"]
    long = {"owner": "\\" * 255, "q": "\u0001" * 200, "tag": "\u0001" * 64, "errorCode": "\\" * 63}
    assert finish(admin, start(admin, "promote", where=long))["where"] is None


def test_the_same_request_again_starts_nothing(stack, admin):
    key = {"Idempotency-Key": str(uuid.uuid4())}
    body = {"action": "cancel", "where": {"owner": "nobody"}}
    first, second = (admin.post(OPERATIONS, body, headers=key) for _ in range(2))
    assert first.json() == second.json() and second.headers["Idempotency-Replayed"] == "true"
    assert refused(admin.post(OPERATIONS, {**body, "action": "retry"}, headers=key), 422, "idempotency_key_reused")


@pytest.mark.parametrize("body,field", [
    ({}, "action"), ({"action": "fly", "where": {}}, "action"), ({"action": "retry"}, "where"),
    ({"action": "retry", "where": {}, "jobIds": [str(uuid.uuid4())]}, "where"),
    ({"action": "retry", "jobIds": []}, "jobIds"), ({"action": "retry", "jobIds": ["7"]}, "jobIds"),
    ({"action": "retry", "jobIds": [str(uuid.uuid4())] * 1001}, "jobIds"),
    ({"action": "retry", "where": {"color": "red"}}, "color"), ({"action": "retry", "where": {"queue": "a"}}, "queue"),
    ({"action": "priority", "where": {}}, "priority"), ({"action": "retry", "priority": 3, "where": {}}, "priority"),
    ({"action": "retry", "where": {}, "limit": 3}, "limit")])
def test_what_is_wrong_is_named(admin, body, field):
    answer = admin.post(OPERATIONS, body)
    assert refused(answer, 400, "validation_failed")
    assert answer.json()["error"]["details"][0]["field"] == field


def test_viewers_look_and_users_do_not(stack, admin):
    operation = start(admin, "cancel", where={"owner": "nobody"})
    finish(admin, operation)
    viewer = Client(stack.url, stack.token("eye", "--role", "viewer"))
    plain, nobody = stack.client("plain"), {"Authorization": "Bearer nonsense"}
    body = {"action": "cancel", "where": {}}
    for method, path in ("GET", OPERATIONS), ("GET", f"{OPERATIONS}/{operation}"):
        assert viewer.call(method, path).status_code == 200
        assert refused(plain.call(method, path), 403, "forbidden")
        assert plain.call(method, path, headers=nobody).status_code == 401
    for method, path in ("POST", OPERATIONS), ("DELETE", f"{OPERATIONS}/{operation}"):
        for client in viewer, plain:
            assert refused(client.call(method, path, json=body), 403, "forbidden")
        assert plain.call(method, path, json=body, headers=nobody).status_code == 401


def test_a_kill_in_the_middle_leaves_nothing_out_and_does_nothing_twice():
    with Stack("--provider", "null", "--rate", "off", "--actors", 0) as stack:
        admin = Client(stack.url, stack.token("boss", "--role", "admin"))
        made = batch(stack.client("jo"), 2000)
        finished = finish(admin, start(admin, "cancel", jobIds=made[:1]))
        operation = start(admin, "cancel", where={"owner": "jo", "status": "waiting"})
        wait_until(lambda: 0 < look(admin, operation)["done"] < 1900)
        stack.kill(stack.children("troupe-broker")[0])
        stack.kill(stack.children("troupe-gateway")[0])

        def told():
            try:
                return finish(admin, operation)
            except OSError:
                return None  # the gateway starts again
        assert (wait_until(told)["matched"], told()["done"], told()["refused"]) == (1999, 1999, 0)
        assert look(admin, finished["operationId"]) == finished
        assert look(admin, operation)["where"] == {"owner": "jo", "status": "waiting"}, "also when it has ended"
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            timelines = list(pool.map(lambda job: admin.get(f"{JOBS}/{job}").json()["data"]["timeline"], made))
        assert [[event["event"] for event in timeline["events"]] for timeline in timelines] == \
            [["queued", "cancelled"]] * 2000
