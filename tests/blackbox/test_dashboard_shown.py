"""What the dashboard shows of jobs, workers, providers and users is what the API tells of them: value for value, in a
browser before a whole stack whose providers a test lets fail, hang and charge. Pictures are left in the folder that
TEST_PICTURES names."""

import datetime
import decimal
import json
import os
import pathlib
import re
import subprocess
import time

import pytest

import fake_provider
from browser import selenium
from fake_provider import PNG, status
from stack import Client, Stack, wait_until
from test_admin_jobs import soon
from test_dashboard import signed_in

ADMIN = "/api/v1/admin/"
CHAT, IMAGE, VIDEO = 0.001, 0.02, 0.5
SLOTS = 3
FAILED = {"error": {"message": "the brush is broken"}}


@pytest.fixture(scope="module", name="stack")
def fixture_stack(tmp_path_factory):
    """A painter that has failed once of two times, and a picture, a video and a character that were made."""
    selenium()
    folder = tmp_path_factory.mktemp("shown")
    provider = fake_provider.Provider()
    known = {"url": provider.url, "model": "m"}
    (folder / "providers.json").write_text(json.dumps({
        "chat": [{"name": "talker", "price": CHAT, **known}],
        "image": [{"name": "painter", "price": IMAGE, "account": "art", "limits": {"perSecond": 100, "perDay": 5000},
                   **known}],
        "video": [{"name": "filmer", "price": VIDEO, **known}]}))
    environment = {"TROUPE_PROVIDERS_FILE": str(folder / "providers.json"), "TROUPE_RESULT_PRIVATE": "on",
                   "TROUPE_REPEAT_AFTER": "0", "QUEUE_CONCURRENCY": str(SLOTS)}
    try:
        with Stack("--provider", "live", "--rate", "off", environment=environment, data=folder) as running:
            running.provider = provider
            user = running.user = running.client("ada")
            running.character_job = user.submit_character("Mira")
            running.character = user.wait_for(running.character_job, status="completed")["result"]["characterId"]
            provider.script["image"] = [status(500, FAILED)]
            running.image_job = kept_waiting(running, user.submit_image, running.character)
            media = user.wait_for(running.image_job, "media-jobs", status="completed")["result"]["mediaId"]
            running.video_job = user.submit_video(running.character, media)
            user.wait_for(running.video_job, "media-jobs", status="completed")
            yield running
    finally:
        provider.close()


def kept_waiting(stack, submit, *words):
    """A job whose queue was paused until it had waited."""
    boss = Client(stack.url, stack.token("boss", "--role", "admin"))
    assert boss.post(f"{ADMIN}queues/image/pause").status_code == 200
    job = submit(*words)
    begun = time.monotonic()
    wait_until(lambda: time.monotonic() - begun > 0.4, what="a moment")
    assert boss.post(f"{ADMIN}queues/image/resume").status_code == 200
    return job


@pytest.fixture(scope="module", name="admin")
def fixture_admin(stack):
    return Client(stack.url, stack.token("boss", "--role", "admin"))


@pytest.fixture(scope="module", name="browser")
def fixture_browser(stack):
    with signed_in(stack) as running:
        yield running


@pytest.fixture(name="held")
def fixture_held(stack):
    """Pictures hang; they are cancelled at the end. held(USER, COUNT) asks for some, and returns their jobs."""
    made = []

    def hold(name, count=1):
        user = stack.client(name)
        character = user.wait_for(user.submit_character("Held"), status="completed")["result"]["characterId"]
        stack.provider.script.setdefault("image", []).extend([stack.provider.hang] * count)
        jobs = [user.submit_image(character) for _ in range(count)]
        made.extend((user, job) for job in jobs)
        for job in jobs:
            user.wait_for(job, "media-jobs", status="active")
        return jobs

    yield hold
    for user, job in made:
        user.call("DELETE", f"/api/v1/media-jobs/{job}")
        user.wait_for(job, "media-jobs")


def get(admin, path, **query):
    answer = admin.get(ADMIN + path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def look(browser, name, path, ready):
    """Leaves pictures of a page, if somebody wants them."""
    folder = os.environ.get("TEST_PICTURES")
    for theme in ("light", "dark") if folder else ():
        browser.script("localStorage.setItem('troupe-theme', arguments[0])", theme)
        for width in 1280, 390:
            browser.resize(width, 1400)
            browser.open(path)
            browser.wait(ready)
            browser.picture(pathlib.Path(folder) / f"shown-{name}-{theme}-{width}.png")
    browser.resize(1280, 900)


# ---- as the page writes it ----


def at(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000


def rounded(value, digits):
    return decimal.Decimal(value).quantize(decimal.Decimal(1).scaleb(-digits), decimal.ROUND_HALF_UP)


def duration(ms):
    ms = round(ms, 3)
    assert ms < 60000, "a test that takes so long"
    return f"{rounded(ms, 0)} ms" if ms < 1000 else f"{rounded(ms / 1000, 1 if ms < 10000 else 0)} s"


def usd(value):
    whole, part = f"{value:.6f}".split(".")
    return f"${whole}.{part[:2]}{part[2:].rstrip('0')}"


def facts(browser, selector):
    """{name: value} of each list of facts that is there."""
    return browser.script("""return [...document.querySelectorAll(arguments[0])].map((list) => Object.fromEntries(
        [...list.querySelectorAll("div")].map((one) => [one.querySelector("dt").innerText,
            one.querySelector("dd").innerText])))""", selector)


# ---- a job ----

BARS = """return [...document.querySelectorAll(".gantt .lane:not(.ends)")].map((lane) => {
    const row = lane.lastChild.getBoundingClientRect();
    return [lane.firstChild.innerText, [...lane.querySelectorAll(".piece")].map((bar) => {
        const place = bar.getBoundingClientRect();
        const above = document.elementFromPoint(place.left + place.width / 2, place.top + place.height / 2);
        const seen = bar.contains(above) && place.width >= 2 && place.right <= row.right + 1;
        return [bar.title, (place.left - row.left) / row.width, place.width / row.width, seen];
    })];
})"""


def expected_waits(job):
    """[(title, from, to)] of an image whose first attempt has failed."""
    first, second = job["timeline"]["attempts"]
    return [("in the queue", at(job["createdAt"]), at(first["startedAt"])),
            ("backoff after a failure", at(first["endedAt"]), at(second["startedAt"]))]


def expected_steps(job, attempt):
    """Each lasts until the next one is told, the last one until the end."""
    begin, end = at(attempt["startedAt"]), at(attempt["endedAt"])
    told = [(each["step"].replace("_", " "), at(each["at"])) for each in job["timeline"]["events"]
            if each["event"] == "progress" and begin <= at(each["at"]) <= end]
    marks = [("begins", begin)]
    marks += [mark for index, mark in enumerate(told) if index == 0 or mark[0] != told[index - 1][0]]
    ends = [time for _, time in marks[1:]] + [end]
    return [(step, time, after) for (step, time), after in zip(marks, ends) if after > time]


def test_the_life_of_a_job_is_drawn_as_it_was(stack, admin, browser):
    browser.open(f"/admin/queues/jobs/{stack.image_job}")
    browser.wait("h1", "completed")
    job = get(admin, f"jobs/{stack.image_job}")
    attempts = job["timeline"]["attempts"]
    assert [each["outcome"] for each in attempts] == ["failed", "completed"]
    browser.script("document.querySelector('.gantt').scrollIntoView({block: 'center', behavior: 'instant'})")
    lanes = dict(browser.script(BARS))
    assert all(seen for bars in lanes.values() for _, _, _, seen in bars), lanes
    assert list(lanes) == ["Waiting", "Attempt 1", "Attempt 2", "Provider"]
    begin, whole = at(job["createdAt"]), at(job["completedAt"]) - at(job["createdAt"])
    expected = {"Waiting": expected_waits(job), "Attempt 1": expected_steps(job, attempts[0]),
                "Attempt 2": expected_steps(job, attempts[1])}
    for name, wanted in expected.items():
        assert [title for title, *_ in lanes[name]] == [f"{title}: {duration(to - from_)}"
                                                          for title, from_, to in wanted], name
        most = 0.01 * (1 + len(wanted))  # those before and after it take 1 % each at least
        for (title, left, width, _), (_, from_, to) in zip(lanes[name], wanted):
            assert left == pytest.approx((from_ - begin) / whole, abs=most), title
            assert width == pytest.approx(max(0.01, (to - from_) / whole), abs=most), title
    (_, _, queued, _), (_, begins, between, _) = lanes["Waiting"]
    assert between * whole > 1900 and begins > queued >= 400 / whole, "the pause of the queue, and the backoff"
    calls = [each for each in job["timeline"]["events"] if each["event"] == "provider"
             and each.get("operation") not in ("intent", None)]
    assert len(lanes["Provider"]) == len(calls) == 2
    told = browser.texts(".calls > li")[::-1]
    for (title, *_), call, text in zip(lanes["Provider"], calls, told, strict=True):
        words = {"yes": f"{usd(call['priceUsd'])} charged", "no": "not charged"}[call["charged"]]
        assert title.startswith(f"{call['provider']} {call['operation']} · {words}"), title
        assert text.split("\n")[:2] == [call["provider"], call["operation"]] and words in text, text
        assert title.split(": ")[-1] in text and text.split("\n")[-1] == "image", (title, text)
    assert sum(call["priceUsd"] for call in calls if call["charged"] == "yes") == job["cost"]["spentUsd"] == IMAGE


def test_each_attempt_tells_its_worker_and_what_it_failed_of(stack, admin, browser):
    browser.open(f"/admin/queues/jobs/{stack.image_job}")
    browser.wait("h1", "completed")
    job = get(admin, f"jobs/{stack.image_job}")
    shown = browser.texts(".attempts > li")[::-1]
    worker, = [each for each in get(admin, "workers")["workers"] if each["queue"] == "image"]
    name = f"Images · {worker['host']} · {worker['pid']}"
    for text, attempt in zip(shown, job["timeline"]["attempts"], strict=True):
        lines = text.split("\n")
        assert lines[0] == f"Attempt {attempt['number']}" and lines[1] == attempt["outcome"]
        assert attempt["workerId"] == worker["workerId"] and name in lines
        assert duration(at(attempt["endedAt"]) - at(attempt["startedAt"])) in lines[2], text
        error = attempt["error"]
        assert lines[-1] == (f"{error['code']} {error['message']}" if error else name)
    assert "the brush is broken" in shown[0]
    told, = facts(browser, "dl.facts")
    cost = job["cost"]
    assert told["Cost"].startswith(usd(cost["spentUsd"])) and f"estimated at {usd(cost['estimateUsd'])}" in told["Cost"]
    assert (told["Id"], told["User"], told["Queue"], told["Worker"]) == (job["jobId"], "ada", "image", name)
    assert told["Attempts"] == f"{job['attemptsMade']} made"
    assert told["Waited"] == duration(at(job["startedAt"]) - at(job["createdAt"]))
    assert told["At work"] == duration(sum(at(each["endedAt"]) - at(each["startedAt"])
                                           for each in job["timeline"]["attempts"]))
    assert told["Took"] == f"{duration(at(job['completedAt']) - at(job['createdAt']))} from asked to end"
    look(browser, "job", f"/admin/queues/jobs/{stack.image_job}", ".attempts")


def test_a_call_under_way_is_drawn_and_what_has_not_begun_took_nothing(stack, browser, held):
    job, = held("tim")
    browser.open(f"/admin/queues/jobs/{job}")
    browser.wait(".calls .state", "under way")
    for width in 1280, 390:
        browser.resize(width, 900)
        text, = browser.texts(".calls > li")
        assert text.startswith("image provider\nunder way") and "so far" in text, text
        assert text.endswith("\nimage"), "what is asked for, and not the step before it"
        last = browser.script("return document.documentElement.scrollWidth - innerWidth")
        assert last <= 0, "a phone shows all of it"
    browser.resize(1280, 900)
    wide = "return document.querySelector('.piece.provider').title"
    first = browser.script(wide)
    wait_until(lambda: browser.script(wide) != first, 5, "the bar to grow")
    look(browser, "call", f"/admin/queues/jobs/{job}", ".calls")
    look(browser, "video", f"/admin/queues/jobs/{stack.video_job}", ".calls")
    saver = stack.client("sal")
    later = saver.submit_character("Later", options={"runAt": soon(3600)})
    browser.open(f"/admin/queues/all?q={later}")
    browser.wait("tr[data-job]")
    assert browser.script("return [...document.querySelectorAll('tr[data-job] td.number')].slice(0, 2)"
                          ".map((cell) => cell.innerText)") == ["–", "–"]
    assert saver.call("DELETE", f"/api/v1/character-jobs/{later}").status_code == 200


PICTURE = """const image = document.querySelector(".work img");
return image?.complete ? [new URL(image.src).pathname, image.naturalWidth, image.naturalHeight, image.alt] : null"""


@pytest.mark.parametrize("kind", ["image", "character"])
def test_what_a_job_made_is_seen_on_its_page(stack, admin, browser, kind):
    """Of a character the portrait, which its owner finds in the character."""
    path = f"/admin/queues/jobs/{getattr(stack, kind + '_job')}"
    browser.open(path)
    job = get(admin, f"jobs/{getattr(stack, kind + '_job')}")
    url = job["result"]["url"] if kind == "image" else job["portrait"]["url"]
    shown = wait_until(lambda: browser.script(PICTURE), what="the picture")
    assert shown == [url, 8, 8, "Picture of Mira"]
    assert stack.user.get(url).content == PNG
    if kind == "character":
        own = stack.user.get(f"/api/v1/characters/{stack.character}").json()["data"]
        assert job["portrait"] == {"mediaId": own["mediaId"], "url": own["imageUrl"]}
        look(browser, "character", path, ".work img")
    else:
        assert "portrait" not in job


def test_an_active_job_is_cancelled_from_its_page(stack, admin, browser, held):
    job, = held("cy")
    browser.open(f"/admin/queues/jobs/{job}")
    browser.wait("h1", "active")
    assert browser.texts(".now .huge") == [f"{get(admin, f'jobs/{job}')['progress']} %"]
    browser.click(".heading button", "Cancel")
    browser.wait("dialog", "Its worker is told to stop")
    browser.click("dialog button", "Keep it as it is")
    browser.wait_gone("dialog")
    assert get(admin, f"jobs/{job}")["cancelRequested"] is False
    browser.click(".heading button", "Cancel")
    browser.click("dialog button", "Cancel it")
    browser.wait("h1", "cancelled")
    told = get(admin, f"jobs/{job}")
    assert told["status"] == "cancelled" and told["timeline"]["attempts"][-1]["outcome"] == "cancelled"
    browser.wait(".attempts .state", "cancelled")
    browser.wait_gone(".now")


@pytest.mark.parametrize("kind", ["character", "image", "video"])
def test_the_copied_command_asks_for_another_one_like_it(stack, admin, browser, kind):
    job = getattr(stack, kind + "_job")
    browser.open(f"/admin/queues/jobs/{job}")
    browser.wait(".heading button", "Copy as curl")
    browser.driver.execute_cdp_cmd("Browser.grantPermissions", {
        "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"], "origin": stack.url})
    browser.script("return navigator.clipboard.writeText('other')")
    next(each for each in browser.all(".heading button") if each.text == "Copy as curl").click()
    browser.wait("#notes", "The command copied")
    words = wait_until(lambda: browser.script("return navigator.clipboard.readText()"), what="the clipboard")
    assert words.startswith("curl ") and stack.url in words
    made = subprocess.run(["bash", "-c", words.replace("curl ", "curl -s -w '\\n%{http_code}' ", 1)], check=True,
                          capture_output=True, text=True, timeout=30,
                          env={**os.environ, "TOKEN": stack.token("ada"), "no_proxy": "127.0.0.1"})
    body, code = made.stdout.rsplit("\n", 1)
    assert code == "202", made.stdout
    again = json.loads(body)["data"]["jobId"]
    one, other = get(admin, f"jobs/{job}"), get(admin, f"jobs/{again}")
    assert again != job and other["owner"] == "ada"
    for name in ("queue", "input", "priority", "tags", "metadata"):
        assert other[name] == one[name], name
    assert other.get("sourceMediaId") == one.get("sourceMediaId")
    stack.user.wait_for(again, "character-jobs" if kind == "character" else "media-jobs", status="completed")


# ---- workers ----

CARDS = """return Object.fromEntries([...document.querySelectorAll("[data-worker]")].map((card) =>
    [card.dataset.worker, {title: card.querySelector("h2").innerText,
    busy: card.querySelector(".row").innerText, free: card.querySelector(".free")?.innerText,
    jobs: [...card.querySelectorAll(".slots .busy a")].map((one) => one.title),
    since: [...card.querySelectorAll(".slots .busy .number")].map((one) => one.innerText),
    facts: Object.fromEntries([...card.querySelectorAll("dl > div")].map((one) =>
        [one.querySelector("dt").innerText, one.querySelector("dd").innerText])),
    heard: card.querySelector("dl > div:last-child time").dateTime, now: Date.now()}]))"""


def test_workers_are_told_with_their_places_and_when_they_were_heard(stack, admin, browser, held):
    held("wes", 2)
    browser.open("/admin/queues/workers")
    names = {"character": "Characters", "image": "Images", "video": "Videos", "webhook": "Webhooks"}

    def same():
        told = {each["workerId"]: each for each in get(admin, "workers")["workers"]}
        shown = browser.script(CARDS)
        if {name: card["heard"] for name, card in shown.items()} != {name: one["lastSeenAt"]
                                                                     for name, one in told.items()}:
            return None  # another heartbeat
        return [(card, told[name]) for name, card in shown.items()]

    for card, worker in wait_until(same, 20, "the same heartbeats"):
        assert card["title"] == f"{names[worker['queue']]} {worker['host']} · {worker['pid']}"
        assert (card["facts"]["Id"], card["facts"]["Version"]) == (worker["workerId"], worker["version"])
        assert worker["pid"] in stack.children(f"troupe-actor-{worker['queue']}")
        assert card["busy"] == f"{len(worker['jobs'])} of {worker['slots']} busy"
        assert sorted(card["jobs"]) == sorted(job["jobId"] for job in worker["jobs"])
        free = worker["slots"] - len(worker["jobs"])
        assert card["free"] == (f"{free} free" if free else None)
        age = (card["now"] - at(worker["lastSeenAt"])) / 1000
        text = card["facts"]["Last heard"]
        assert text == "now" and age < 3 or abs(int(text.split(" ")[0]) - age) < 2, (text, age)
    slots = browser.texts("h1 + p")[0]
    assert slots == f"4 processes · 2 of {sum(each['slots'] for each in get(admin, 'workers')['workers'])} slots busy"
    wait_until(lambda: are_since_then(browser, get(admin, "workers")["workers"]), what="how long each is at work")
    look(browser, "workers", "/admin/queues/workers", "[data-worker] .slots li.busy")


def are_since_then(browser, workers):
    """Each slot says since when its job is there, some seconds by now, a second late at most and what drawing takes."""
    for worker in workers:
        card = browser.script(CARDS)[worker["workerId"]]
        begun = {job["jobId"]: at(job["startedAt"]) for job in worker["jobs"]}
        for job, text in zip(card["jobs"], card["since"], strict=True):
            shown = re.fullmatch(r"(\d+(?:\.\d)?) s", text)
            late = shown and card["now"] - begun[job] - 1000 * float(shown[1])
            if not shown or float(shown[1]) < 2 or not -600 < late < 1700:
                return False
    return True


def test_the_age_of_a_heartbeat_is_that_of_the_last_one(stack, admin, browser):
    """Workers are heard every few seconds: one that is well is never shown as silent for long."""
    browser.open("/admin/queues/workers")
    browser.wait("[data-worker] dl")
    heard = {name: card["heard"] for name, card in browser.script(CARDS).items()}
    wait_until(lambda: all(card["heard"] > heard[name] for name, card in browser.script(CARDS).items()), 13, "it")


# ---- providers ----

PROVIDERS = """return Object.fromEntries([...document.querySelectorAll("[data-provider]")].map((card) =>
    [card.dataset.provider, {state: card.querySelector(".state").innerText,
        gauges: Object.fromEntries([...card.querySelectorAll("dl > div")].map((one) =>
            [one.querySelector("dt").innerText, one.querySelector("dd").innerText.trim()])),
        filled: Object.fromEntries([...card.querySelectorAll(".meter")].map((one) => [one.getAttribute("aria-label"),
            one.firstChild.getBoundingClientRect().width / one.getBoundingClientRect().width]))}]))"""
WINDOWS = {1000: "Calls a second", 86400000: "Calls a day"}


def gauges_of(provider, days):
    """What its card has to show."""
    spent = [sum(each["spentUsd"] for each in day["providers"] if each["provider"] == provider["provider"])
             for day in days]
    calls, errors = provider["perMinute"]["calls"], provider["perMinute"]["errors"]
    rate = f"{errors} failed, {rounded(100 * errors / calls, 0)} %" if errors else "none failed" if calls else ""
    return {"Last minute": " ".join([f"{calls} call{'' if calls == 1 else 's'}", rate]).strip(),
            "Spent today": f"{usd(spent[0])} {usd(sum(spent))} in 30 days",
            **{WINDOWS[limit["durationMs"]]: f"{limit['used']} of {limit['max']:,}" for limit in provider["limits"]}}


def test_providers_are_told_with_their_limits_failures_and_costs(stack, admin, browser):
    stack.provider.script["image"] = [status(500, FAILED)]
    failing = stack.user.submit_image(stack.character)
    stack.user.wait_for(failing, "media-jobs", status="completed")
    browser.open("/admin/queues/providers")
    browser.wait("[data-provider=painter]")

    def same():
        told = {each["provider"]: each for each in get(admin, "providers")["providers"]}
        days = get(admin, "usage", days=30)["days"]
        shown = browser.script(PROVIDERS)
        wanted = {name: gauges_of(each, days) for name, each in told.items()}
        seen = {name: {gauge: " ".join(card["gauges"].get(gauge, "").split()) for gauge in wanted[name]}
                for name, card in shown.items()}
        same.last = seen, wanted
        return seen == wanted and (told, shown)

    try:
        told, shown = wait_until(same, 30, "what the API tells")
    except AssertionError as error:
        raise AssertionError(f"{error}: {same.last}") from None
    painter = told["painter"]
    assert painter["perMinute"]["errors"] >= 1 and len(painter["limits"]) == 2 and painter["limits"][1]["used"] >= 2
    assert {card["state"] for card in shown.values()} == {"Works"}
    for limit in painter["limits"]:
        filled = shown["painter"]["filled"][WINDOWS[limit["durationMs"]]]
        assert filled == pytest.approx(limit["used"] / limit["max"], abs=0.02)
    spent = get(admin, "usage", days=1)["days"][0]["spentUsd"]
    assert spent >= 2 * CHAT + 3 * IMAGE + VIDEO and f"{usd(spent)} spent today (UTC)" in browser.texts("h1 + p")[0]
    look(browser, "providers", "/admin/queues/providers", "[data-provider=painter] .meter")


# ---- users ----

USERS = """return Object.fromEntries([...document.querySelectorAll("[data-user]")].map((row) => [row.dataset.user, {
    active: row.querySelector(".active").innerText, share: row.querySelector("td .row .number").innerText,
    spent: row.cells[[...row.closest("table").querySelectorAll("th")].findIndex((one) =>
        one.innerText.startsWith("Spent"))].innerText,
    filled: row.querySelector(".meter i").getBoundingClientRect().width
        / row.querySelector(".meter").getBoundingClientRect().width}]))"""


def test_users_are_told_with_their_share_of_what_runs_and_what_they_spent(stack, admin, browser, held):
    held("una", 2)
    held("udo", 1)
    saver = stack.client("sal")
    job = saver.submit_character("Later", options={"runAt": soon(3600)})
    browser.open("/admin/queues/users")
    browser.wait("[data-user=una]")
    users = {each["owner"]: each for each in get(admin, "users")["users"]}
    live = {name: each["active"] for name, each in users.items() if each["active"] + each["pending"] > 0}
    assert live == {"una": 2, "udo": 1, "sal": 0}, "the others have spent today"
    assert users["una"]["share"] == pytest.approx(2 / 3, abs=0.001)
    assert (users["udo"]["spentTodayUsd"], users["sal"]["spentTodayUsd"]) == (pytest.approx(CHAT + IMAGE), 0)
    wait_until(lambda: set(browser.script(USERS)) == set(users), what="all")
    for name, shown in browser.script(USERS).items():
        assert shown["active"] == str(users[name]["active"])
        assert shown["share"] == f"{rounded(100 * users[name]['share'], 0)} %"
        assert shown["filled"] == pytest.approx(users[name]["share"], abs=0.02)
        assert shown["spent"] == (usd(users[name]["spentTodayUsd"]) if users[name]["spentTodayUsd"] else "–")
    look(browser, "users", "/admin/queues/users", "[data-user=una]")
    assert saver.call("DELETE", f"/api/v1/character-jobs/{job}").status_code == 200
