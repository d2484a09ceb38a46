"""Who did what: every action and every refused try is a line of the audit log, whatever happens to the broker."""

import re
import time
import uuid

import pytest

from browser import selenium
from contract import DOCUMENT, METHODS
from gateway_stand import Stand, error_of, shared, stand, token  # noqa: F401
from receiver import Receiver
from stack import Client, Stack, wait_until
from test_admin_jobs import soon
from test_admin_operations import batch, finish, start
from test_dashboard import signed_in
from test_repeats import delivery_in
from webhook_stand import LOOPBACK

NULL = ("--provider", "null", "--rate", "off")
AUDIT = "/api/v1/admin/audit"
WINDOW_LINES = 30  # of one user's refused tries (gateway/limits.h)
# What a path is asked with.
KNOWN = {"queue": "image"}


def acts():
    """(method, path) of every action that the description has."""
    found = []
    for path, item in DOCUMENT["paths"].items():
        if path.startswith("/api/v1/admin/"):
            found += [(method.upper(), path) for method in METHODS if method in item and method not in ("get", "head")]
    assert len(found) >= 8
    return found


def fill(path):
    return re.sub(r"\{(\w+)\}", lambda name: KNOWN.get(name[1]) or str(uuid.uuid4()), path)


@pytest.fixture(scope="module")
def stack():
    with Stack(*NULL, environment=LOOPBACK) as running:
        yield running


def client(stack, role, user=None):
    return Client(stack.url, stack.token(user or f"a-{role}", "--role", role))


def lines(who, **query):
    """All lines, newest first, page by page."""
    found, cursor = [], None
    while True:
        answer = who.get(AUDIT, params={**query, "cursor": cursor})
        assert answer.status_code == 200, answer.text
        found += answer.json()["data"]["audit"]
        page = answer.json()["pagination"]
        cursor = page["nextCursor"]
        assert page["exhausted"] == (cursor is None) and page["hasMore"] == (cursor is not None)
        if cursor is None:
            return found


def line_of(who, answer):
    """The line of an answer; there is one."""
    found, = [line for line in lines(who) if line["requestId"] == answer.headers["x-request-id"]]
    return found


def refused(answer, code="forbidden"):
    return answer.status_code == 403 and answer.json()["error"]["code"] == code


def test_a_viewer_and_a_user_try_every_action_and_are_refused_and_written_down(stack):
    admin = client(stack, "admin")
    for role in "viewer", "user":
        who = client(stack, role, f"curious-{role}")
        for method, path in acts():
            path = fill(path)
            answer = who.call(method, path)
            assert refused(answer), (role, method, path)
            line = line_of(admin, answer)
            assert (line["user"], line["role"], line["outcome"]) == (f"curious-{role}", role, "forbidden")
            parameters = [part for part in path.split("/")[5:] if part == "image" or len(part) == 36]
            assert line["target"] == (parameters[-1] if parameters else None)
            last = path.split("/")[-1]
            assert line["action"] == last if path.count("/") == 6 and method == "POST" else line["action"]
    # What a viewer may read is no action.
    assert len(lines(admin, user="curious-viewer")) == len(acts())
    assert client(stack, "viewer").get(AUDIT).status_code == 200
    assert refused(client(stack, "user").get(AUDIT)) and not lines(admin, user="a-user")


def test_every_action_is_written_down_with_what_became_of_it(stack):
    admin, user = client(stack, "admin", "keeper"), stack.client("patient")
    worker = wait_until(lambda: next((one["workerId"] for one in admin.get("/api/v1/admin/workers").json()["data"]
                                      ["workers"] if one["queue"] == "image"), None))
    done = user.submit_character()
    user.wait_for(done)
    nobody = str(uuid.uuid4())

    def expect(path, status, action, target, outcome, body=None):
        answer = admin.post(path, body)
        assert answer.status_code == status, answer.text
        line = line_of(admin, answer)
        assert line == {**line, "user": "keeper", "role": "admin", "action": action, "target": target,
                        "outcome": outcome, "leftOut": 0}
        return answer

    expect("/api/v1/admin/queues/character/pause", 200, "pause", "character", "ok")
    expect("/api/v1/admin/queues/character/pause", 200, "pause", "character", "unchanged")
    job = user.submit_character()
    expect(f"/api/v1/admin/jobs/{job}/cancel", 200, "cancel", job, "ok")
    expect(f"/api/v1/admin/jobs/{job}/cancel", 409, "cancel", job, "already_ended")
    expect(f"/api/v1/admin/jobs/{job}/retry", 200, "retry", job, "ok")
    expect("/api/v1/admin/queues/character/resume", 200, "resume", "character", "ok")
    expect(f"/api/v1/admin/jobs/{done}/retry", 409, "retry", done, "not_retryable")
    expect(f"/api/v1/admin/workers/{worker}/drain", 200, "drain", worker, "ok")
    expect(f"/api/v1/admin/workers/{worker}/undrain", 200, "undrain", worker, "ok")
    expect(f"/api/v1/admin/workers/{nobody}/stop", 404, "stop", nobody, "not_found")
    expect(f"/api/v1/admin/workers/{worker}/stop", 200, "stop", worker, "ok")
    later = user.submit_character(options={"runAt": soon(3600)})
    expect(f"/api/v1/admin/jobs/{later}/priority", 200, "priority", later, "ok", {"priority": 3})
    expect(f"/api/v1/admin/jobs/{later}/promote", 200, "promote", later, "ok")
    expect("/api/v1/admin/backups", 202, "backup", "nightly", "ok", {"name": "nightly"})
    expect("/api/v1/admin/backups", 409, "backup", "nightly", "conflict", {"name": "nightly"})
    # What an admin does to another's job on that one's way is written down too; what is one's own is not.
    other = user.submit_character()
    user.wait_for(other)
    answer = admin.call("DELETE", f"/api/v1/character-jobs/{other}")
    assert answer.status_code == 409 and line_of(admin, answer)["outcome"] == "already_ended"
    answer = user.call("DELETE", f"/api/v1/character-jobs/{other}")
    assert answer.status_code == 409 and not lines(admin, user="patient")


def test_what_an_admin_does_to_the_groups_and_the_works_of_others_is_written_down(stack):
    admin, user = client(stack, "admin", "warden"), stack.client("artist")
    reader = stack.client("onlooker")
    character, second = [user.wait_for(user.submit_character())["result"]["characterId"] for _ in range(2)]
    media = user.wait_for(user.submit_image(character), "media-jobs")["result"]["mediaId"]
    admin.post("/api/v1/admin/queues/character/pause")
    batch, own = [who.post("/api/v1/batches", {"jobs": [{"type": "character", "name": "A"}] * 3}).json()["data"]
                  ["batchId"] for who in (user, admin)]
    pipeline = user.post("/api/v1/pipelines", {"character": {"name": "C"}, "images": [{}]}).json()["data"]["pipelineId"]

    def expect(path, status, action, target, outcome):
        assert reader.call("DELETE", path).status_code == 404
        answer = admin.call("DELETE", path)
        assert answer.status_code == status, answer.text
        line = line_of(admin, answer)
        assert line == {**line, "user": "warden", "role": "admin", "action": action, "target": target,
                        "outcome": outcome, "leftOut": 0}

    expect(f"/api/v1/batches/{batch}", 200, "cancel_batch", batch, "ok")
    expect(f"/api/v1/batches/{batch}", 409, "cancel_batch", batch, "already_ended")
    expect(f"/api/v1/pipelines/{pipeline}", 200, "cancel_pipeline", pipeline, "ok")
    expect(f"/api/v1/characters/{character}/media/{media}", 200, "delete_media", media, "ok")
    expect(f"/api/v1/characters/{second}", 200, "delete_character", second, "ok")
    # What is one's own is no matter of the log, nor what is not there.
    before = len(lines(admin, user="warden"))
    assert admin.call("DELETE", f"/api/v1/batches/{own}").status_code == 200
    assert admin.call("DELETE", f"/api/v1/characters/{second}").status_code == 404
    admin.post("/api/v1/admin/queues/character/resume")
    mine = admin.wait_for(admin.submit_character())["result"]["characterId"]
    assert admin.call("DELETE", f"/api/v1/characters/{mine}").status_code == 200
    assert user.call("DELETE", f"/api/v1/characters/{character}").status_code == 200
    assert [line["action"] for line in lines(admin, user="warden")][:-before] == ["resume"]
    assert not lines(admin, user="artist") and not lines(admin, user="onlooker")


def test_a_replay_of_a_delivery_of_another_is_written_down(stack):
    admin, user = client(stack, "admin", "postmaster"), stack.client("reader")
    with Receiver() as receiver:
        job = user.submit_character(options={"webhook": {"url": receiver.url}})
        own = admin.submit_character(options={"webhook": {"url": receiver.url}})
        for who, of, actions in (user, job, ["replay"]), (admin, own, ["replay"]):
            path = f"/api/v1/character-jobs/{of}"
            delivery = delivery_in(who, path, "completed")["deliveryId"]
            answer = admin.post(f"{path}/deliveries/{delivery}/replay")
            assert answer.status_code == 202, answer.text
            assert [line["action"] for line in lines(admin, user="postmaster")] == actions
    line, = lines(admin, user="postmaster")
    assert line["outcome"] == "ok" and line["target"] != delivery and not lines(admin, user="reader")


def test_its_page_leads_to_what_is_there_and_to_nothing_else(stack):
    selenium()
    admin, user = client(stack, "admin"), stack.client("patient")
    worker = admin.get("/api/v1/admin/workers").json()["data"]["workers"][0]["workerId"]
    job, removed, nobody = user.submit_character(), user.submit_character(), str(uuid.uuid4())
    user.wait_for(job)
    user.wait_for(removed)
    admin.post(f"/api/v1/admin/jobs/{job}/cancel")
    admin.call("DELETE", f"/api/v1/admin/jobs/{removed}")
    admin.post(f"/api/v1/admin/workers/{nobody}/stop")
    for verb in "drain", "undrain":
        assert admin.post(f"/api/v1/admin/workers/{worker}/{verb}").status_code == 200
    answer = admin.post("/api/v1/admin/operations", {"action": "cancel", "jobIds": [job]})
    operation = answer.json()["data"]["operationId"]
    line, = admin.get("/api/v1/admin/audit", params={"action": "cancel_jobs"}).json()["data"]["audit"]
    assert (line["target"], line["outcome"]) == (operation, "ok")
    admin.call("DELETE", f"/api/v1/admin/operations/{operation}")
    with signed_in(stack, "/admin/queues/audit") as browser:
        browser.wait("td.target a", "0 of 1 job cancelled")
        found = browser.script("""return [...document.querySelectorAll("td.target")].map((cell) => {
            const way = cell.querySelector("a");
            return [way?.title || cell.innerText, way && way.pathname + way.search]})""")
        ways = dict(found)
        assert ways[job] == f"/admin/queues/jobs/{job}" and ways[worker] == f"/admin/queues/workers?workerId={worker}"
        way = ways["0 of 1 job cancelled\nJobs chosen one by one"]
        assert way == f"/admin/queues/operations?operationId={operation}"
        assert {ways[removed], ways[nobody]} == {None}
        browser.wait(f"td.target a[title='{worker}']", " · ")
        browser.click(f"td.target a[title='{worker}']")
        browser.wait(f"[data-worker='{worker}'].sought")


def test_what_is_done_to_many_jobs_is_written_down(stack):
    """Each action upon many, one that is stopped under way, and a job that is removed by itself."""
    admin, user = client(stack, "admin", "foreman"), stack.client("crowd")
    made = batch(user, 2000, runAt=soon(3600))
    stopped = start(admin, "priority", priority=9, where={"owner": "crowd", "q": "many"})
    answer = admin.call("DELETE", f"/api/v1/admin/operations/{stopped}")
    assert answer.status_code == 200 and answer.json()["data"]["state"] == "cancelled"
    wanted = [("delete_operation", stopped), ("priority_jobs", stopped)]
    admin.post("/api/v1/admin/queues/character/pause")
    for action in "promote", "cancel", "retry", "cancel", "remove":
        operation = start(admin, action, jobIds=made[:3])
        assert finish(admin, operation)["done"] == 3, action
        wanted.insert(0, (f"{action}_jobs", operation))
    admin.post("/api/v1/admin/queues/character/resume")
    assert admin.post(f"/api/v1/admin/jobs/{made[3]}/cancel").status_code == 200
    assert admin.call("DELETE", f"/api/v1/admin/jobs/{made[3]}").status_code == 200
    wanted = [("delete_job", made[3]), ("cancel", made[3]), ("resume", "character"), *wanted[:5],
              ("pause", "character"), *wanted[5:]]
    found = lines(admin, user="foreman")
    assert [(line["action"], line["target"]) for line in found] == wanted
    assert {(line["role"], line["outcome"], line["leftOut"]) for line in found} == {("admin", "ok", 0)}


def test_logins_and_logouts_are_written_down(stack):
    admin, browser = client(stack, "admin"), Client(stack.url, "")
    del browser.session.headers["Authorization"]
    browser.session.trust_env = False
    answer = browser.post("/admin/login", {"token": stack.token("visitor", "--role", "viewer")})
    assert answer.status_code == 200
    assert line_of(admin, answer) == {**line_of(admin, answer), "user": "visitor", "role": "viewer", "action": "login",
                                      "target": None, "outcome": "ok"}
    path = "/api/v1/admin/queues/video/resume"
    answer = browser.post(path)
    assert refused(answer, "request_header_missing") and line_of(admin, answer)["outcome"] == "not_meant"
    answer = browser.post("/admin/logout")
    assert refused(answer, "request_header_missing") and line_of(admin, answer)["outcome"] == "not_meant"
    answer = browser.post("/admin/logout", headers={"X-Troupe-Request": "1"})
    assert answer.status_code == 204 and line_of(admin, answer)["action"] == "logout"
    answer = browser.post("/admin/logout", headers={"X-Troupe-Request": "1"})
    assert answer.status_code == 204, "who is out stays out"
    answer = browser.post("/admin/login", {"token": stack.token("nobody-special")})
    assert refused(answer) and line_of(admin, answer)["outcome"] == "forbidden"
    assert [line["action"] for line in lines(admin, user="visitor")] == ["logout", "logout", "resume", "login"]


def test_lines_are_found_by_user_and_action(stack):
    admin = client(stack, "admin", "finder")
    for verb in "pause", "resume", "pause", "resume":
        assert admin.post(f"/api/v1/admin/queues/webhook/{verb}").status_code == 200
    assert [line["action"] for line in lines(admin, user="finder", limit=3)] == ["resume", "pause"] * 2
    assert len(lines(admin, user="finder", action="pause", limit=1)) == 2
    assert not lines(admin, user="finder", action="stop")
    for query in {"skip": 1}, {"limit": 0}, {"cursor": "AAAA"}, {"cursor": "?"}, {"user": ""}, {"action": "x" * 32}:
        assert admin.get(AUDIT, params=query).status_code == 400, query


def known_actions():
    return DOCUMENT["components"]["parameters"]["action"]["schema"]["enum"]


def test_an_action_that_there_is_none_of_is_answered_with_those_that_there_are(stack):
    admin = client(stack, "admin")
    answer = admin.get(AUDIT, params={"action": "remove"})
    assert answer.status_code == 400
    problems = [detail["problem"] for detail in answer.json()["error"]["details"] if detail["field"] == "action"]
    assert problems[0] == "is none that is written down"
    told = [word for problem in problems[1:] for word in problem.removeprefix("can be ").split(", ")]
    assert told == sorted(set(told)) == known_actions() and "delete_job" in told
    for action in told:
        assert admin.get(AUDIT, params={"action": action, "limit": 1}).status_code == 200
    assert {line["action"] for line in lines(admin)} <= set(told)


def test_its_page_is_filtered_by_who_and_what(stack):
    selenium()
    for name, verb in ("first", "pause"), ("first", "resume"), ("second", "resume"):
        assert client(stack, "admin", name).post(f"/api/v1/admin/queues/webhook/{verb}").status_code == 200
    with signed_in(stack, "/admin/queues/audit", role="viewer") as browser:
        browser.wait("tbody tr", "second")
        browser.type(".tools input", "first\n")
        wait_until(lambda: set(browser.texts("tbody td.by")) == {"first"}, what="the lines of one user")
        browser.wait(".tools option", "delete_job")
        assert browser.texts(".tools option")[1:] == known_actions()
        browser.script("""const select = document.querySelector(".tools select"); select.value = "resume";
            select.dispatchEvent(new Event("change"));""")
        wait_until(lambda: browser.texts("tbody td b") == ["resume"], what="one line")
        assert browser.driver.current_url.endswith("/audit?user=first&action=resume")
        browser.driver.refresh()
        wait_until(lambda: browser.texts("tbody td b") == ["resume"], what="the same after a reload")
        browser.click(".chip", "resume")
        browser.wait("tbody td b", "pause")
        browser.open("/admin/queues/audit?action=stop&user=first")
        browser.wait(".empty", "No line matches")


def test_its_outcome_is_there_on_a_phone(stack):
    selenium()
    with signed_in(stack, "/admin/queues/audit") as browser:
        browser.resize(390, 900)
        browser.wait("tbody tr")
        seen = browser.script("""return [...document.querySelectorAll("tbody tr")].map((row) =>
            [...row.querySelectorAll(".state")].filter((each) => each.offsetWidth > 0 &&
                each.getBoundingClientRect().right <= innerWidth).length)""")
        assert set(seen) == {1}, "each line tells once what became of it"


def test_a_line_outlives_a_kill_of_the_broker_right_after_the_answer(stack):
    admin = client(stack, "admin", "hasty")
    viewer = client(stack, "viewer", "hasty-viewer")
    answers = []
    for verb in "pause", "resume":
        answers.append(admin.post(f"/api/v1/admin/queues/video/{verb}"))
        answers.append(viewer.post(f"/api/v1/admin/queues/video/{verb}"))
        broker, = stack.children("troupe-broker")
        stack.kill(broker)
        wait_until(lambda: broker not in stack.children("troupe-broker"), what="the end of the broker")
        wait_until(lambda: admin.get("/readyz").status_code == 200, what="another broker")
    assert [answer.status_code for answer in answers] == [200, 403, 200, 403]
    for answer, outcome in zip(answers, ["ok", "forbidden"] * 2):
        assert line_of(admin, answer)["outcome"] == outcome


def test_who_tries_too_often_does_not_fill_the_log(stack):
    admin, viewer = client(stack, "admin"), client(stack, "viewer", "stubborn")
    for _ in range(WINDOW_LINES + 10):
        assert refused(viewer.post("/api/v1/admin/queues/video/pause"))
    assert len(lines(admin, user="stubborn")) == WINDOW_LINES


# ---- one gateway, with a broker of the test's ----


def test_a_refusal_does_not_wait_for_a_broker_that_is_away(stand):
    viewer = token("quick", role="viewer")
    stand.broker.stop()
    wait_until(lambda: stand.gateway.get("/readyz", owner=None).status_code == 503, what="the broker's end is noticed")
    begun = time.monotonic()
    for _ in range(5):
        assert refused(stand.gateway.call("POST", "/api/v1/admin/queues/image/pause", bearer=viewer))
    assert time.monotonic() - begun < 5, "a tenth of what five waited for"


def test_without_a_broker_nobody_logs_in_but_everybody_is_out(stand):
    stand.broker.handlers["note_audit"] = lambda record: [("reply", {"request": record["request"], "code": 10})]
    body = {"token": token("boss", role="admin")}
    answer = stand.gateway.call("POST", "/admin/login", json=body)
    assert answer.status_code == 503 and error_of(answer)[0] == "broker_unavailable"
    assert "set-cookie" not in answer.headers
    cookie = {"Cookie": f"troupe_session={body['token']}", "X-Troupe-Request": "1"}
    answer = stand.gateway.call("POST", "/admin/logout", headers=cookie)
    assert answer.status_code == 204 and "Max-Age=0" in answer.headers["set-cookie"]
    assert stand.gateway.call("POST", "/api/v1/admin/queues/image/pause").status_code == 403
