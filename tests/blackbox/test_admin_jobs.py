"""What operators find and do among all users' jobs, by the whole stack. No actor runs unless a test says so: jobs
wait, or fail at the moment that they were to start by."""

import concurrent.futures
import datetime
import json
import subprocess
import uuid

import pytest

from stack import BIN, Client, Stack, wait_until

JOBS = "/api/v1/admin/jobs"


@pytest.fixture(name="stack", scope="module")
def fixture_stack():
    with Stack("--provider", "null", "--rate", "off", "--actors", 0) as running:
        yield running


@pytest.fixture(name="admin", scope="module")
def fixture_admin(stack):
    return Client(stack.url, stack.token("boss", "--role", "admin"))


def soon(seconds=0.5):
    """A moment that is still to come when it is read."""
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:23] + "Z"


def search(admin, **filters):
    """All that a search finds, by as many pages as it takes."""
    found, cursor = [], {}
    while True:
        answer = admin.get(JOBS, params={"limit": 100, **filters, **cursor})
        assert answer.status_code == 200, answer.text
        page = answer.json()["pagination"]
        found += answer.json()["data"]["jobs"]
        assert page["hasMore"] == (page["nextCursor"] is not None) == (not page["exhausted"])
        if page["exhausted"]:
            return found
        cursor = {"cursor": page["nextCursor"]}


def ids(jobs):
    return [job["jobId"] for job in jobs]


def test_each_filter_finds_its_jobs_newest_first(stack, admin):
    user, owner = stack.client("finn"), {"owner": "finn"}
    plain = user.submit_character("Mira the Sailor")
    tagged = user.submit_character("Zoë", options={"tags": ["night", 'say "hi"']})
    user.call("DELETE", f"/api/v1/character-jobs/{plain}")
    late = user.submit_character("Late", options={"startBy": soon()})
    wait_until(lambda: user.job(late)["status"] == "failed")
    other = stack.client("olga").submit_character("Mira too")
    assert ids(search(admin, **owner)) == [late, tagged, plain]
    assert ids(search(admin, q="mira"))[:2] == [other, plain]
    for filters, expected in [
            ({"status": "failed"}, [late]), ({"status": "cancelled,waiting"}, [tagged, plain]),
            ({"queue": "character"}, [late, tagged, plain]), ({"queue": "video"}, []), ({"q": "SAILOR"}, [plain]),
            ({"q": "zoë"}, [tagged]), ({"q": "描" * 200}, []), ({"q": late[:13]}, [late]), ({"tag": "night"}, [tagged]),
            ({"tag": 'say "hi"'}, [tagged]), ({"tag": "nigh"}, []), ({"q": "sailor", "tag": "night"}, [])]:
        assert ids(search(admin, **owner, **filters)) == expected, filters
    failed = user.job(late)
    assert ids(search(admin, errorCode=failed["lastError"]["code"], **owner)) == [late]
    assert ids(search(admin, q=failed["lastError"]["message"].upper(), **owner)) == [late]
    assert ids(search(admin, **{"from": user.job(tagged)["createdAt"]}, **owner)) == [late, tagged]
    assert ids(search(admin, to=user.job(tagged)["createdAt"], **owner)) == [plain]
    for text, filters, expected in [(plain, {}, [plain]), (plain.upper(), owner, [plain]),
                                    (plain, {"owner": "olga"}, []),
                                    (plain, {"status": "waiting"}, []), (plain, {"queue": "image"}, [])]:
        answer = admin.get(JOBS, params={"q": text, **filters}).json()
        assert (ids(answer["data"]["jobs"]), answer["pagination"]["scanned"], answer["pagination"]["exhausted"]) == \
            (expected, 1, True), "a whole id is looked up, not walked for"
    assert ids(search(admin, q=plain, limit=1)) == [plain]
    found, = search(admin, status="failed", **owner)
    assert (found["owner"], found["queue"], found["workerId"]) == ("finn", "character", None)


def test_pages_join_without_a_gap(stack, admin):
    users = [stack.client(f"page-{number}") for number in range(3)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda number: users[number % 3].submit_character(f"paged {number}"), range(60)))
    found = search(admin, q="paged ", limit=7)
    assert sorted(ids(found)) == sorted(made)
    times = [job["createdAt"] for job in found]
    assert times == sorted(times, reverse=True)


def test_one_job_is_told_with_everything(stack, admin):
    user = stack.client("ines")
    job = user.submit_character("Ines", age=7, options={"tags": ["a"]})
    answer = admin.get(f"{JOBS}/{job}")
    assert answer.status_code == 200, answer.text
    told = answer.json()["data"]
    assert (told["owner"], told["queue"], told["status"], told["tags"]) == ("ines", "character", "waiting", ["a"])
    assert told["input"] == {"name": "Ines", "age": 7} and told["waitReason"] == "no_worker"
    assert [event["event"] for event in told["timeline"]["events"]] == ["queued"]
    assert admin.get(f"{JOBS}/{uuid.uuid4()}").status_code == 404


def test_lists_tell_what_each_job_waits_for(stack, admin):
    user = stack.client("wanda")
    later = user.submit_character("Later", options={"runAt": soon(3600)})
    first = user.submit_character("First")
    character, ended = user.submit_character("Second"), user.submit_character("Ended")
    user.call("DELETE", f"/api/v1/character-jobs/{ended}")
    admin.call("POST", "/api/v1/admin/queues/character/pause")
    try:
        assert {job["waitReason"] for job in search(admin, owner="wanda", status="waiting")} == {"paused"}
        table = subprocess.run([BIN / "troupe", "jobs", "owner=wanda", "--data", stack.data], capture_output=True,
                               text=True, timeout=60, check=True).stdout
        assert table.count("the queue is paused") == 2 and table.count("waits until its time") == 1
    finally:
        admin.call("POST", "/api/v1/admin/queues/character/resume")
    found = search(admin, owner="wanda")
    assert ids(found) == [ended, character, first, later]
    assert "waitReason" not in found[0]
    assert [job["waitReason"] for job in found[1:]] == ["no_worker", "no_worker", "scheduled"]
    assert found[1]["queuePosition"] > found[2]["queuePosition"] > 0 and found[3]["queuePosition"] is None
    lines = [json.loads(line) for line in admin.get(f"{JOBS}.ndjson", params={"owner": "wanda"}).text.splitlines()]
    assert lines == found
    named = admin.get(JOBS, params={"jobId": f"{later},{first}"}).json()["data"]["jobs"]
    assert {job["jobId"]: job["waitReason"] for job in named} == {later: "scheduled", first: "no_worker"}


def test_a_job_of_another_is_cancelled_and_tried_again(stack, admin):
    user = stack.client("kai")
    job = user.submit_character()
    for role in [], ["--role", "viewer"]:
        client = Client(stack.url, stack.token("kim", *role))
        assert all(client.post(f"{JOBS}/{job}/{action}").status_code == 403 for action in ("cancel", "retry"))
    assert admin.post(f"{JOBS}/{job}/retry").status_code == 409
    assert admin.post(f"{JOBS}/{job}/cancel").json()["data"]["status"] == "cancelled"
    assert admin.post(f"{JOBS}/{job}/cancel").status_code == 409
    assert admin.post(f"{JOBS}/{job}/retry").json()["data"]["status"] == "waiting"
    assert user.job(job)["retries"] == 1
    admin.post(f"{JOBS}/{job}/cancel")
    key = {"Idempotency-Key": str(uuid.uuid4())}
    answers = [admin.post(f"{JOBS}/{job}/retry", headers=key) for _ in range(2)]
    assert [answer.json()["data"]["retries"] for answer in answers] == [2, 2]
    assert admin.post(f"{JOBS}/{job}/retry", {"another": "body"}, headers=key).status_code == 422


@pytest.mark.parametrize("path", [JOBS, f"{JOBS}/{uuid.uuid4()}"])
def test_operators_see_and_users_do_not(stack, path):
    assert stack.client("plain").get(path).status_code == 403
    viewer = Client(stack.url, stack.token("eye", "--role", "viewer"))
    assert viewer.get(path).status_code == (200 if path == JOBS else 404)


def test_nobody_asks_without_a_token(stack):
    one, nobody = f"{JOBS}/{uuid.uuid4()}", {"Authorization": "Bearer nonsense"}
    for method, path in ("GET", JOBS), ("GET", one), ("POST", one + "/cancel"), ("POST", one + "/retry"):
        assert stack.client("plain").call(method, path, headers=nobody).status_code == 401


def test_a_characters_job_is_told_with_the_name_that_was_asked_for(stack, admin):
    """Whether it waits or has ended; its owner's list is as the contract has it."""
    user = stack.client("nora")
    job = user.submit_character("Mira Löwe")

    def named():
        found, = search(admin, q="mira löwe", owner="nora")
        assert found["jobId"] == job and found["character"] == admin.get(f"{JOBS}/{job}").json()["data"]["character"]
        return found["status"], found["character"]["name"]

    assert named() == ("waiting", "Mira Löwe")
    admin.post(f"{JOBS}/{job}/cancel")
    assert named() == ("cancelled", "Mira Löwe")
    assert ids(search(admin, characterId=search(admin, owner="nora")[0]["characterId"])) == [job]
    assert "character" not in user.job(job)


def test_jobs_are_told_by_their_ids(stack, admin):
    first, second = [stack.client(f"named-{number}").submit_character(f"Named {number}") for number in range(2)]
    answer = admin.get(JOBS, params={"jobId": f"{second},{uuid.uuid4()},{first}"})
    assert answer.status_code == 200, answer.text
    assert ids(answer.json()["data"]["jobs"]) == [second, first]
    page = answer.json()["pagination"]
    assert (page["exhausted"], page["nextCursor"], page["hasMore"]) == (True, None, False)
    most = ",".join([first] * 20)
    assert ids(admin.get(JOBS, params={"jobId": most}).json()["data"]["jobs"]) == [first] * 20
    for query in ({"jobId": most + "," + first}, {"jobId": ""}, {"jobId": "7"}, {"jobId": first + ";"},
                  {"jobId": first, "owner": "named-0"}, {"jobId": first, "limit": 1}):
        answer = admin.get(JOBS, params=query)
        assert answer.status_code == 400 and answer.json()["error"]["details"][0]["field"] == "jobId", query


def test_a_filter_that_is_wrong_is_named(admin):
    for name, value in [("queue", "audio"), ("status", "done"), ("from", "yesterday"), ("characterId", "7"),
                        ("cursor", "AAAA"), ("limit", "0"), ("skip", "1")]:
        answer = admin.get(JOBS, params={name: value})
        assert answer.status_code == 400 and answer.json()["error"]["details"][0]["field"] == name


def test_the_jobs_of_a_group_are_found_among_all_others(stack, admin):
    user, names = stack.client("gina"), [f"member {number}" for number in range(150)]
    before = user.submit_character("member 0")
    answer = user.post("/api/v1/batches", {"jobs": [{"type": "character", "name": name} for name in names]})
    assert answer.status_code == 202, answer.text
    batch, members = answer.json()["data"]["batchId"], answer.json()["data"]["jobIds"]
    pipeline = user.post("/api/v1/pipelines", {"character": {"name": "Pia"}, "images": [{}, {}]}).json()["data"]
    assert ids(search(admin, groupId=batch)) == ids(search(admin, groupId=batch, limit=7)) == members[::-1]
    page = admin.get(JOBS, params={"groupId": batch, "limit": 100}).json()["pagination"]
    assert (page["scanned"], page["exhausted"]) == (100, False)
    assert ids(search(admin, groupId=pipeline["pipelineId"], queue="image")) == \
        [image["jobId"] for image in pipeline["images"]][::-1]
    assert ids(search(admin, groupId=batch, q="member 149")) == members[-1:]
    assert ids(search(admin, q=batch[:8].upper())) == ids(search(admin, q=batch[:13])) == members[::-1]
    assert search(admin, q=batch[:8], queue="image") == []
    assert search(admin, groupId=batch, owner="olga") == search(admin, groupId=str(uuid.uuid4())) == []
    refused = admin.get(JOBS, params={"groupId": "7"})
    assert [each["field"] for each in refused.json()["error"]["details"]] == ["groupId"]
    told = admin.post("/api/v1/admin/operations", {"action": "cancel", "where": {"groupId": batch}})
    assert told.status_code == 202, told.text
    wait_until(lambda: len(search(admin, groupId=batch, status="cancelled")) == 150)
    assert ids(search(admin, owner="gina", status="waiting,pending"))[-1] == before
    assert search(admin, groupId=pipeline["pipelineId"], status="cancelled") == []


def test_anybodys_group_is_told_to_those_who_see_everything(stack, admin):
    """With its jobs, which say what they are made from; after its last job it is 410."""
    user, viewer = stack.client("hugo"), Client(stack.url, stack.token("eye", "--role", "viewer"))
    made = user.post("/api/v1/pipelines", {"character": {"name": "Pia"}, "images": [{}, {}],
                                           "videos": [{"duration": 5, "image": 1}]}).json()["data"]
    path = f"/api/v1/admin/groups/{made['pipelineId']}"
    told, whole = viewer.get(path), user.get(f"/api/v1/pipelines/{made['pipelineId']}").json()["data"]
    assert told.status_code == 200 and told.json()["data"] == {
        "groupId": made["pipelineId"], "type": "pipeline", "owner": "hugo",
        **{name: whole[name] for name in ("status", "progress", "total", "counts", "createdAt", "completedAt")}}
    assert viewer.get(path, headers={"If-None-Match": told.headers["ETag"]}).status_code == 304
    parents = {job["jobId"]: job.get("parentJobId") for job in search(viewer, groupId=made["pipelineId"])}
    first, images = made["character"]["jobId"], [image["jobId"] for image in made["images"]]
    assert parents == {first: None, images[0]: first, images[1]: first, made["videos"][0]["jobId"]: images[1]}
    assert admin.get(f"{JOBS}/{images[0]}").json()["data"]["parentJobId"] == first
    assert user.get(path).status_code == 403
    batch = user.post("/api/v1/batches", {"jobs": [{"type": "character", "name": "Noa"}]}).json()["data"]
    path = f"/api/v1/admin/groups/{batch['batchId']}"
    assert admin.get(path).json()["data"]["type"] == "batch"
    user.call("DELETE", f"/api/v1/character-jobs/{batch['jobIds'][0]}")
    assert admin.get(path).json()["data"]["status"] == "cancelled"
    assert admin.call("DELETE", f"{JOBS}/{batch['jobIds'][0]}").status_code == 200
    gone = wait_until(lambda: (answer := admin.get(path)).status_code != 200 and [answer])[0]
    assert (gone.status_code, gone.json()["error"]["code"]) == (410, "job_expired")
    assert search(admin, groupId=batch["batchId"]) == []
    unknown = admin.get(f"/api/v1/admin/groups/{uuid.uuid4()}")
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "group_not_found")
