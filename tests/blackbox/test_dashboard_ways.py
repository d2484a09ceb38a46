"""What the dashboard calls jobs, where its pages lead those who are lost or have not signed in, and what it hears of
workers without asking. Pictures are left in the folder that TEST_PICTURES names."""

import json
import os
import pathlib
import uuid

import pytest

from browser import SECONDS, Browser
from dashboard_stand import fixture_stack  # noqa: F401
from failing_actor import FailingActor, HoldingActor
from stack import Client, wait_until
from test_admin_jobs import JOBS, search, soon
from test_dashboard import axe, signed_in, violations_of  # noqa: F401

WORKERS = "/api/v1/admin/workers"
COMMAND = "troupe token --user me --role admin"
SOON_S = 4  # less than the page waits until it asks for what nobody has told it of


@pytest.fixture(name="admin", scope="module")
def fixture_admin(stack):
    return Client(stack.url, stack.token("boss", "--role", "admin"))


def look_at(browser, axe, name, path, ready):  # noqa: F811
    """The page shuts nobody out and is no wider than the window, in each look."""
    wrong = {}
    for look in "light", "dark":
        browser.script("localStorage.setItem('troupe-theme', arguments[0])", look)
        for width in 1280, 390:
            browser.resize(width, 900)
            browser.open(path)
            browser.wait(ready)
            browser.driver.get_log("browser")  # what is not there is told
            wide = browser.script("return document.documentElement.scrollWidth")
            found = violations_of(browser, axe) + ([f"{wide} wide"] if wide > width else [])
            if found:
                wrong[f"{look} {width}"] = found
            if os.environ.get("TEST_PICTURES"):
                browser.picture(pathlib.Path(os.environ["TEST_PICTURES"]) / f"ways-{name}-{look}-{width}.png")
    browser.resize(1280, 900)
    assert not wrong, json.dumps(wrong, indent=1)


# ---- keys ----


def test_the_palette_closes_at_the_first_escape_whatever_it_holds(stack):
    from selenium.webdriver.common.keys import Keys
    with signed_in(stack) as browser:
        for words in "", "workers":
            browser.keys(Keys.CONTROL, "k")
            browser.wait(".palette input")
            if words:
                browser.type(".palette input", words)
                browser.wait(".found li", "All jobs with")
            browser.keys(Keys.ESCAPE)
            browser.wait_gone("dialog")


# ---- what may be done ----


def test_a_delivery_is_sent_again_and_not_made_again(stack, admin):
    user = stack.client("dee")
    job = user.submit_character("Told", options={"webhook": {"url": "https://hooks.example.com/x"}})
    assert user.call("DELETE", f"/api/v1/character-jobs/{job}").status_code == 200
    delivery, = wait_until(lambda: search(admin, owner="dee", queue="webhook"), what="a delivery")
    path = f"{JOBS}/{delivery['jobId']}"
    assert admin.post(f"{path}/cancel").status_code == 200
    with signed_in(stack, f"/admin/queues/jobs/{delivery['jobId']}") as browser:
        browser.wait(".heading button", "Remove")
        assert not {"Retry", "Duplicate"} & set(browser.texts(".heading button"))
        browser.click(".heading button", "Send again")
        browser.wait(".heading button", "Cancel")
    assert admin.get(path).json()["data"]["status"] not in ("cancelled", "failed")


# ---- names ----

# What is seen of a job's picture.
THUMB = """return [...(document.querySelector(`[data-job='${arguments[0]}'] .thumb`)?.children || [])]
    .filter((one) => one.checkVisibility() && one.naturalWidth !== 0).map((one) => one.localName)"""


def test_a_character_has_its_name_before_it_is_there_and_after_it_has_gone(stack, admin, axe):  # noqa: F811
    user = stack.client("nell")
    job = user.submit_character("Mira Löwe")
    row = f"[data-job='{job}'] .who"
    with signed_in(stack, "/admin/queues/all?q=mira") as browser:
        browser.wait(row, "Mira Löwe")
        with HoldingActor(stack) as actor:
            browser.wait(f"[data-job='{job}'] .badge", "active")
            browser.wait(row, "Mira Löwe")
            look_at(browser, axe, "list", "/admin/queues/all", row)
            browser.open("/admin/queues")
            browser.wait(row, "Mira Löwe")
            browser.open("/admin/queues/workers")
            browser.wait(".slots li", "Mira Löwe document created")
            look_at(browser, axe, "workers", "/admin/queues/workers", ".slots b")
            browser.open("/admin/queues/users")
            browser.click("[data-user=nell] a[href*=failures]")
            browser.wait("h1", "Failures")
            assert browser.driver.current_url.endswith("/failures?owner=nell")
            actor.let_go.set()
            character = user.wait_for(job)["result"]["characterId"]
        browser.cdp("Network.enable")
        browser.cdp("Network.setCacheDisabled", cacheDisabled=True)
        browser.open("/admin/queues/all?q=löwe")
        wait_until(lambda: browser.script(THUMB, job) == ["img"], what="the portrait in its row")
        assert user.call("DELETE", f"/api/v1/characters/{character}").status_code == 200
        browser.open("/admin/queues/all?q=löwe")
        browser.wait(row, "Mira Löwe")
        wait_until(lambda: browser.script(THUMB, job) == ["svg"], what="a drawing instead of what has gone")
        browser.driver.get_log("browser")  # it is told that it has
        browser.keys("?")
        browser.open(f"/admin/queues/jobs/{job}")
        browser.wait("h1", "Mira Löwe")
        browser.wait(".work", "not there any more")
        browser.driver.get_log("browser")  # the portrait has gone with the character
    found, = search(admin, q="mira löwe", owner="nell")
    assert (found["status"], found["character"]["name"]) == ("completed", "Mira Löwe")


def test_what_a_pipeline_is_about_is_told_of_all_its_jobs_before_there_is_a_character_and_without_one(stack, admin):
    """Its pictures and videos have the name that was asked for, also when the character is never made."""
    user = stack.client("pippa")
    asked = {"character": {"name": "Not Yet"}, "images": [{}, {}], "videos": [{"duration": 5}]}
    pipeline = user.post("/api/v1/pipelines", asked).json()["data"]
    for query, jobs in (({"owner": "pippa"}, 4), ({"groupId": pipeline["pipelineId"]}, 4), ({"q": "not yet"}, 4),
                        ({"jobId": pipeline["videos"][0]["jobId"]}, 1)):
        found = admin.get(JOBS, params=query).json()["data"]["jobs"]
        assert [job["character"]["name"] for job in found] == ["Not Yet"] * jobs, query
    with signed_in(stack, "/admin/queues/image?owner=pippa") as browser:
        wait_until(lambda: browser.texts("[data-job] .who") == ["Not Yet"] * 2, what="the name of its pictures")
        browser.open(f"/admin/queues/jobs/{pipeline['videos'][0]['jobId']}")
        browser.wait("h1", "Not Yet")
        user.call("DELETE", f"/api/v1/pipelines/{pipeline['pipelineId']}")
        browser.wait("h1", "cancelled")
        browser.wait("h1", "Not Yet")
    other = user.post("/api/v1/pipelines", {"character": {"name": "Other"}, "images": [{}]}).json()["data"]
    character = other["character"]["jobId"]
    assert user.call("DELETE", f"/api/v1/character-jobs/{character}").status_code == 200
    assert admin.call("DELETE", f"{JOBS}/{character}").status_code == 200
    found = admin.get(JOBS, params={"owner": "pippa", "queue": "image"}).json()["data"]["jobs"]
    assert [job["character"]["name"] for job in found] == [None, "Not Yet", "Not Yet"], "nothing is left that knows it"


def wait_behind(user, admin):
    """So many jobs that a search for what runs ends before it: what it says then. How many depends on the machine."""
    for _ in range(20):
        for _ in range(10):
            jobs = [{"type": "character", "name": "Waits"} for _ in range(1000)]
            assert user.post("/api/v1/batches", {"jobs": jobs}).status_code == 202
        answer = admin.get(JOBS, params={"status": "active"}).json()
        if not answer["data"]["jobs"]:
            break
    return answer


def test_what_runs_is_found_behind_all_that_waits(stack, admin):
    """A search does not come so far at once."""
    user = stack.client("rex")
    job = user.submit_character("Runs")
    with HoldingActor(stack) as actor, signed_in(stack) as browser:
        browser.wait(f"[data-job='{job}'] .who", "Runs")
        admin.post("/api/v1/admin/queues/character/pause")
        answer = wait_behind(user, admin)
        browser.open("/admin/queues")
        browser.wait(f"[data-job='{job}'] .who", "Runs")
        assert not answer["data"]["jobs"] and not answer["pagination"]["exhausted"], "or this test shows nothing"
        actor.let_go.set()
        user.wait_for(job)
        browser.wait_gone(f"[data-job='{job}']")


def test_the_tab_of_the_address_is_in_sight(stack):
    with signed_in(stack) as browser:
        browser.resize(390, 900)
        for status in "cancelled", "failed", "":
            browser.open(f"/admin/queues/all?status={status}")
            browser.wait(".tabs [aria-current]", status.capitalize() or "All")
            wait_until(lambda: browser.script("""const tab = document.querySelector(".tabs [aria-current]");
                const [one, all] = [tab, tab.parentElement].map((each) => each.getBoundingClientRect());
                return one.left >= all.left - 1 && one.right <= all.right + 1"""), 5, status)


def test_the_start_of_a_job_is_told_once_and_the_menu_closes_by_a_key(stack):
    from selenium.webdriver.common.keys import Keys
    job = stack.client("lea").submit_character("Later", options={"runAt": soon(7135)})  # for nearly a minute
    with signed_in(stack, f"/admin/queues/jobs/{job}") as browser:
        browser.wait(".now", "It waits until its time. Starts in 1 h 58 m.")
        assert browser.texts(".now")[0].count(" h ") == 1
        assert dict(zip(browser.texts(".facts dt"), browser.texts(".facts dd")))["Not before"] == "in 1 h 58 m"
        browser.resize(640, 900)
        for page in f"jobs/{job}", "all":
            browser.open(f"/admin/queues/{page}")
            browser.click(".top button[aria-label=Menu]")
            browser.wait(".frame.open")
            browser.keys(Keys.ESCAPE)
            browser.wait_gone(".frame.open")
            assert browser.script("return document.activeElement.getAttribute('aria-label')") == "Menu"


def test_what_has_ended_counts_nothing_down(stack):
    user = stack.client("moe")
    job = user.submit_character("Ended", options={"runAt": soon(7110), "startBy": soon(9000)})
    assert user.call("DELETE", f"/api/v1/character-jobs/{job}").status_code == 200
    with signed_in(stack, f"/admin/queues/jobs/{job}") as browser:
        browser.wait("h1", "cancelled")
        facts = dict(zip(browser.texts(".facts dt"), browser.texts(".facts dd")))
        assert {"Not before", "Start by"} <= set(facts)
        assert all(":" in facts[name] for name in ("Not before", "Start by", "Deadline") if name in facts), facts


# Words of the page that stand in two lines, codes and ids, whose parts may, left out.
BROKEN = """const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
const broken = [];
for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const isId = node.parentElement.closest(".mono, .id, .error b, pre");
    for (const word of isId ? [] : node.data.matchAll(/(?<![\\w-])[A-Za-z]{4,20}(?![\\w-])/g)) {
        const range = document.createRange();
        range.setStart(node, word.index);
        range.setEnd(node, word.index + word[0].length);
        const parts = [...range.getClientRects()].filter(({width}) => width > 0);
        const tops = new Set(parts.map(({top}) => Math.round(top)));
        tops.size > 1 && broken.push(word[0]);
    }
}
return broken"""


def test_a_phone_breaks_no_word_and_has_three_lines_for_an_error(stack, admin, axe):  # noqa: F811
    admin.post("/api/v1/admin/queues/character/resume")  # a test before has paused it
    user = stack.client("zoe")
    long = "provider_error|" + "the provider has said at length what it thinks of this request; " * 6
    with FailingActor(stack):
        failed = user.submit_character("Zoe", description=long)
        user.wait_for(failed, status="failed")
        later = user.submit_character("Zed", options={"runAt": soon(3600)})
        answer = admin.post("/api/v1/admin/operations", {"action": "cancel", "jobIds": [later]})
        assert answer.status_code == 202, answer.text
        user.wait_for(later, status="cancelled")
        with signed_in(stack) as browser:
            for width in 390, 640:
                browser.resize(width, 900)
                for page, ready, text in (("all?owner=zoe", f"[data-job='{failed}'] .narrow-only", "at length"),
                                          ("audit", ".narrow-only a", "1 of 1 job cancelled"),
                                          ("workers", "[data-worker] h2", "Characters"),
                                          ("", "[data-queue] h2", "Images")):
                    browser.open(f"/admin/queues/{page}")
                    browser.wait(ready, text)
                    assert browser.script(BROKEN) == [], (page, width)
                    assert browser.script("return document.documentElement.scrollWidth") <= width, page
            browser.resize(390, 900)
            browser.open("/admin/queues/all?owner=zoe")
            browser.wait(f"[data-job='{failed}'] .narrow-only .error", "at length")
            high, line = browser.script("""const error = document.querySelector(".narrow-only .error");
                return [error.clientHeight, parseFloat(getComputedStyle(error).lineHeight)]""")
            assert high < 3.6 * line, "the rest is on the job's page"
            look_at(browser, axe, "error", "/admin/queues/all?owner=zoe", f"[data-job='{failed}']")
            look_at(browser, axe, "audit", "/admin/queues/audit", "td b")
            look_at(browser, axe, "worker", "/admin/queues/workers", "[data-worker] h2")


# ---- workers ----


def test_workers_are_shown_as_they_change_and_asked_for_only_then(stack, admin):
    with signed_in(stack, "/admin/queues/workers") as browser:
        browser.wait(".empty", "No worker is connected")
        with HoldingActor(stack):
            browser.wait("[data-worker] .state")
            worker, = admin.get(WORKERS).json()["data"]["workers"]
            asked = "return performance.getEntriesByType('resource').filter(" \
                    "(each) => each.name.endsWith('/admin/workers')).length"
            browser.script("performance.clearResourceTimings()")
            browser.script("return new Promise((resolve) => setTimeout(resolve, 4000))")
            assert browser.script(asked) <= 1
            # The second one comes while the page rests, ten times as long as it was last answered.
            for verb, state, seconds in ("drain", "Draining", SOON_S), ("undrain", "Idle", SECONDS):
                assert admin.post(f"{WORKERS}/{worker['workerId']}/{verb}").status_code == 200
                browser.wait("[data-worker] .state", state, seconds)
        browser.wait(".empty, [data-worker] .state", "", seconds=SOON_S)


# ---- the lost ----


def test_a_job_that_there_is_not_leads_on(stack, admin, axe):  # noqa: F811
    missing = str(uuid.uuid4())
    removed = stack.client("olaf").submit_character("Gone")
    admin.post(f"{JOBS}/{removed}/cancel")
    assert admin.call("DELETE", f"{JOBS}/{removed}").status_code == 200
    with signed_in(stack) as browser:
        for id_, words in (missing, "no such job"), ("7f3c", "no such job"), (removed, "kept no longer"):
            browser.open(f"/admin/queues/jobs/{id_}")
            browser.wait(".empty .title", words)
            browser.wait(".empty", id_)
            browser.wait(".empty", "30 days")
            browser.driver.get_log("browser")  # it says what was answered
        look_at(browser, axe, "no-job", f"/admin/queues/jobs/{missing}", ".empty")
        browser.click(".empty a", "Search for its beginning")
        browser.wait("h1", "All jobs")
        assert browser.driver.current_url.endswith(f"/all?q={missing[:8]}")
        browser.driver.back()
        browser.click(".empty a", "All jobs")
        browser.wait("h1", "All jobs")
        browser.driver.get_log("browser")


@pytest.mark.parametrize("path", ["/nowhere", "/image/7", "/%zz"])
def test_a_page_that_there_is_not_leads_on(stack, path):
    with signed_in(stack, "/admin/queues" + path) as browser:
        browser.wait("h1", "Not found")
        browser.wait(".empty", "/admin/queues" + path)
        browser.click(".empty a", "Overview")
        browser.wait("h1", "Overview")


# ---- those who have not signed in ----


@pytest.mark.parametrize("is_secure", [True, False])
def test_the_command_for_a_token_is_whole_and_copied(stack, is_secure):
    """Pages that came without TLS from elsewhere have no clipboard of their own."""
    with Browser(stack.url) as browser:
        browser.driver.execute_cdp_cmd("Browser.grantPermissions", {
            "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"], "origin": stack.url})
        for width in 1280, 390:
            browser.resize(width, 900)
            browser.open("/")
            browser.wait("form.login code", COMMAND)
            broken = browser.script("""return [...document.querySelectorAll(".command span")]
                .filter((each) => each.getClientRects().length !== 1 || each.scrollWidth > each.clientWidth + 1
                    || each.getBoundingClientRect().height > 30).map((each) => each.innerText)""")
            assert broken == [], width
        clipboard = browser.script("const own = navigator.clipboard; window.own = own; return own.writeText('other')")
        assert clipboard is None
        if not is_secure:
            browser.script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
        browser.all(".command button")[0].click()  # as people do: scripts may not copy
        browser.wait("#notes", "The command copied")
        wait_until(lambda: browser.script("return window.own.readText()") == COMMAND, what="the command")


def test_the_sign_in_shuts_nobody_out(stack, axe):  # noqa: F811
    with Browser(stack.url) as browser:
        browser.open("/")
        look_at(browser, axe, "sign-in", "/admin/queues", "form.login")


ACTS = {"Retry", "Cancel", "Duplicate", "Remove", "Start now", "Priority…", "Drain", "Stop", "Pause the queue"}


def test_who_only_looks_is_offered_no_act_on_jobs_workers_and_lists(stack):
    user = stack.client("vic")
    ended = user.submit_character("Ended")
    assert user.call("DELETE", f"/api/v1/character-jobs/{ended}").status_code == 200
    with HoldingActor(stack):
        active = user.submit_character("Active")
        user.wait_for(active, status="active")
        offered = {f"/jobs/{ended}": {"Retry", "Duplicate", "Remove"}, f"/jobs/{active}": {"Cancel", "Duplicate"},
                   "/workers": {"Drain", "Stop"}, "/character?owner=vic": {"Pause the queue"}}
        for role in "admin", "viewer":
            with signed_in(stack, role=role) as browser:
                for page, acts in offered.items():
                    browser.open(f"/admin/queues{page}")
                    browser.wait(".facts, .worker, tr[data-job]")
                    told = ACTS & set(browser.texts("main button"))
                    assert told == (acts if role == "admin" else set()), (role, page)
                boxes = browser.all("tr[data-job] input[type=checkbox]")
                assert bool(boxes) == (role == "admin"), "who may do nothing chooses nothing"
        assert user.call("DELETE", f"/api/v1/character-jobs/{active}").status_code in (200, 202)
