"""The dashboard as people use it: a browser before a whole stack. A script that fails, or a thing that the page's
policy forbids, fails the test (browser.py). What the API behind it does is tested without a browser; a page whose part
of the API this gateway does not have is skipped."""

import contextlib
import datetime
import json

import pytest

import node
from browser import Browser, selenium
from contract import DOCUMENT
from stack import Client, Stack, wait_until

ADMIN = "/api/v1/admin/"
PRICES = {"TROUPE_CHAT_PRICE": "0.0001", "TROUPE_IMAGE_PRICE": "0.02"}
MANY = 510  # failed jobs, in batches of 30
PAGES = {"": "queues", "/image": "jobs", "/all?status=failed": "jobs", "/workers": "workers", "/users": "users",
         "/users/ada": "users",
         "/history": "history", "/audit": "audit", "/providers": "providers", "/failures": "failures",
         "/system": "system", "/operations": "operations",
         "/nowhere": "queues"}


def needs(*paths):
    missing = [path for path in paths if ADMIN + path not in DOCUMENT["paths"]]
    return pytest.mark.skipif(bool(missing), reason=f"this gateway has no {', '.join(missing)}")


@pytest.fixture(scope="module")
def stack():
    """With work done (a character, its picture and its video) and work that failed."""
    selenium()
    with Stack("--rate", "off", environment=PRICES) as running:
        user = running.client("ada")
        character = user.wait_for(user.submit_character("Mira", tags=["first"]))["result"]["characterId"]
        picture = user.wait_for(user.submit_image(character), "media-jobs")["result"]["mediaId"]
        running.made_from = character, picture
        running.video = user.submit_video(character, picture)
        assert user.wait_for(running.video, "media-jobs", seconds=120)["status"] == "completed"
        running.user = user
        yield running


def admin(stack, role="admin"):
    return Client(stack.url, stack.token(f"a-{role}", "--role", role))


@contextlib.contextmanager
def signed_in(stack, path="/admin/queues", role="admin"):
    with Browser(stack.url) as browser:
        browser.open(path)
        browser.type("input[name=token]", stack.token(f"a-{role}", "--role", role))
        browser.click("form.login button")
        browser.wait("nav.side", "Overview")
        yield browser


@pytest.fixture(autouse=True)
def nothing_is_paused(stack):
    """Whatever a test before has left."""
    assert admin(stack).post(ADMIN + "queues/character/resume").status_code == 200


def paused(stack, queue="character"):
    queues = admin(stack).get(ADMIN + "queues").json()["data"]["queues"]
    return next(each for each in queues if each["queue"] == queue)["paused"]


def fail_many(stack, count):
    """Jobs that have ended badly: their time to begin has passed."""
    who = admin(stack)
    who.post(ADMIN + "queues/character/pause")
    jobs = []
    for _ in range(count // 30):
        body = {"jobs": [{"type": "character", "name": "Late", "options": {"startBy": soon(), "tags": ["late"]}}
                         for _ in range(30)]}
        answer = stack.user.post("/api/v1/batches", body)
        assert answer.status_code == 202, answer.text
        jobs += answer.json()["data"]["jobIds"]
    for job in jobs:
        stack.user.wait_for(job, status="failed")
    who.post(ADMIN + "queues/character/resume")
    return jobs


def soon(seconds=2):
    later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return later.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


# ---- signing in ----


def test_a_viewer_looks_and_has_no_buttons(stack):
    with signed_in(stack, role="viewer") as browser:
        browser.wait(".who", "read only")
        browser.wait("[data-queue=image]", "Images")
        assert not [words for words in browser.texts("main button") if "Pause" in words]


OPTIONAL = {"users": "Users", "providers": "Providers", "audit": "Audit log", "failures": "Failures",
            "history": "History", "workers": "Workers", "system": "System"}


def test_pages_that_the_gateway_does_not_have_are_nowhere(stack):
    with signed_in(stack) as browser:
        browser.keys("?")
        browser.wait("dialog", "Keyboard")
        helped = browser.texts("dialog .help")[0]
        browser.open("/admin/queues")
        browser.wait("h1", "Overview")
        for path, name in OPTIONAL.items():
            is_there = ADMIN + path in DOCUMENT["paths"]
            assert (name in " ".join(browser.texts("nav.side a"))) == is_there, name
            assert is_there or name not in helped
            browser.open(f"/admin/queues/{path}")
            browser.wait("main h1", name if is_there else "Not found")


# ---- queues ----


def test_a_queue_is_paused_and_resumed(stack):
    with signed_in(stack) as browser:
        browser.click("[data-queue=character] button", "Pause")
        browser.wait("[data-queue=character] .state", "Paused")
        assert paused(stack)
        browser.click("[data-queue=character] button", "Resume")
        wait_until(lambda: not paused(stack), what="the queue resumed")
        browser.wait("[data-queue=character] button", "Pause")


@needs("jobs", "jobs/{jobId}")
def test_a_job_is_watched_going_through(stack):
    who = admin(stack)
    who.post(ADMIN + "queues/character/pause")
    with signed_in(stack, "/admin/queues/character?status=waiting,active,completed") as browser:
        job = stack.user.submit_character("Juno")
        browser.wait(f"[data-job='{job}'] .badge", "waiting")
        who.post(ADMIN + "queues/character/resume")
        browser.wait(f"[data-job='{job}'] .badge", "completed")
        browser.click(f"[data-job='{job}'] a.id")
        browser.wait("h1", "completed")
        browser.wait(".attempts", "Attempt 1")
        browser.wait(".json", "Juno")
        browser.wait(".facts", "$0.0201 (estimated at $0.0201)")


@needs("jobs")
def test_a_list_is_held_still(stack):
    with signed_in(stack, "/admin/queues/character") as browser:
        browser.wait("table.jobs")
        browser.click("[data-hold]")
        browser.wait("[data-hold]", "Held")
        job = stack.user.submit_character("Oda")
        stack.user.wait_for(job)
        assert not browser.all(f"[data-job='{job}']")
        browser.keys("p")
        browser.wait(f"[data-job='{job}'] .badge", "completed")


@needs("jobs")
def test_jobs_are_searched_and_the_address_says_how(stack):
    first, second = stack.user.submit_character("Penelope"), stack.user.submit_character("Quentin")
    for job in first, second:
        stack.user.wait_for(job)
    with signed_in(stack, "/admin/queues/character") as browser:
        browser.wait(f"[data-job='{second}']")
        browser.keys("/")
        browser.type("#search", "penelope user:ada")
        browser.wait_gone(f"[data-job='{second}']")
        browser.wait(f"[data-job='{first}']")
        browser.wait(".chip", "ada")
        assert "q=penelope" in browser.driver.current_url and "owner=ada" in browser.driver.current_url
        browser.driver.refresh()
        browser.wait(f"[data-job='{first}']")
        assert len(browser.all("[data-job]")) == 1
        browser.driver.back()


@needs("jobs")
def test_a_link_with_search_words_means_what_typing_them_does(stack):
    eve = stack.client("eve")
    theirs, mine = eve.submit_character("Ottilie"), stack.user.submit_character("Ottilie")
    eve.wait_for(theirs)
    stack.user.wait_for(mine)
    with signed_in(stack, "/admin/queues/all?q=user:eve") as browser:
        browser.wait(f"[data-job='{theirs}']")
        assert not browser.all(f"[data-job='{mine}']")
        browser.wait(".chip", "eve")
        assert browser.driver.current_url.endswith("/all?owner=eve")
        assert browser.script("return document.getElementById('search').value") == ""
        browser.open("/admin/queues/character?status=completed&q=ottilie+user:ada")
        browser.wait(f"[data-job='{mine}']")
        assert len(browser.all("[data-job]")) == 1
        assert browser.script("return document.getElementById('search').value") == "ottilie"
        browser.open("/admin/queues/all?q=nothing:known")
        browser.wait(".empty", "No job matches")
        assert browser.driver.current_url.endswith("q=nothing:known")


@needs("jobs")
def test_the_palette_finds_pages_and_jobs(stack):
    from selenium.webdriver.common.keys import Keys
    job = stack.user.submit_character("Zenobia")
    stack.user.wait_for(job)
    with signed_in(stack) as browser:
        browser.driver.find_element("css selector", "body").send_keys(Keys.CONTROL, "k")
        browser.type(".palette input", "zenobia")
        browser.wait(".found li", job[:8])
        browser.keys(Keys.ENTER)
        browser.wait("h1", "Zenobia")
        browser.keys("?")
        browser.wait("dialog", "Keyboard")
        browser.keys(Keys.ESCAPE)
        browser.wait_gone("dialog")
        browser.keys("g")
        browser.keys("w")
        browser.wait("h1", "Workers")
        browser.keys("?")
        browser.wait("dialog", "Keyboard")
        helped = dict(zip(browser.texts("dialog section:last-child dd"), browser.texts("dialog section:last-child dt")))
        assert helped["Providers"].split() == ["g", "p"] and helped["Failures"].split() == ["g", "f"]
        assert len(set(helped.values())) == len(helped)
        browser.keys(Keys.ESCAPE)
        browser.wait_gone("dialog")
        for letter, name in ("p", "Providers"), ("f", "Failures"):
            browser.keys("g")
            browser.keys(letter)
            browser.wait("h1", name)


@needs("jobs", "operations", "operations/{operationId}")
def test_failed_jobs_are_retried_together(stack):
    fail_many(stack, MANY)
    with signed_in(stack, "/admin/queues/character?status=failed&tag=late") as browser:
        browser.wait("[data-job] .badge", "failed")
        browser.click("th .hidden, th input[type=checkbox]")
        browser.click(".choice button", "all that match")
        browser.wait(".choice", "All that match")
        browser.click(".choice [data-action=retry]")
        browser.click("dialog button", "Retry")
        browser.wait(".operation", f"{MANY} of {MANY} jobs retried", seconds=60)
        browser.wait(".operation .where", "Tag late")
        browser.wait(".empty", "No job matches", seconds=60)
    who = admin(stack)  # so many jobs would keep those of other tests waiting
    body = {"action": "cancel", "where": {"tag": "late", "status": "pending,waiting,active"}}
    status = who.post(ADMIN + "operations", body).json()["data"]["statusUrl"]
    wait_until(lambda: who.get(status).json()["data"]["state"] == "completed", what="their end")


@needs("jobs/{jobId}/promote", "jobs/{jobId}/priority")
def test_one_job_is_let_go_placed_and_removed_from_its_page(stack):
    admin(stack).post(ADMIN + "queues/character/pause")
    job = stack.user.submit_character("Later", options={"runAt": soon(3600)})
    with signed_in(stack, f"/admin/queues/jobs/{job}") as browser:
        browser.wait("h1", "pending")
        browser.click(".heading button", "Start now")
        browser.wait("h1", "waiting")
        wait_until(lambda: "Start now" not in browser.texts(".heading button"), what="no way to be due again")
        browser.click(".heading button", "Priority")
        browser.wait("dialog", "Priority")
        browser.script("document.querySelector('dialog input').value = '7'")
        browser.click("dialog button", "Change it")
        wait_until(lambda: stack.user.job(job)["priority"] == 7, what="the priority")
        browser.click(".heading button", "Cancel")
        browser.click("dialog button", "Cancel it")
        browser.wait("h1", "cancelled")
        browser.click(".heading button", "Remove")
        browser.click("dialog button", "Remove it")
        browser.wait("h1", "Characters")
        assert stack.user.get(f"/api/v1/character-jobs/{job}").status_code == 410


def test_the_overview_searches_once_and_then_follows_what_it_is_told(stack):
    """However many look at it and however much waits: what the stream names is asked for by its id."""
    searched = ("return performance.getEntriesByType('resource').map(({name}) => name)"
                ".filter((name) => name.includes('/admin/jobs?') && !name.includes('jobId='))")
    with signed_in(stack) as browser:
        browser.wait(".strip a")
        browser.wait(".live", "Live")
        first = browser.script(searched)
        assert len(first) == 2, first
        job = stack.user.submit_image(stack.made_from[0])
        stack.user.wait_for(job, "media-jobs", status="completed")
        browser.wait(f".strip a[href$='{job}']")
        video = stack.user.submit_video(*stack.made_from)
        browser.wait(f"tr a[href$='{video}']")
        assert stack.user.wait_for(video, "media-jobs", seconds=120)["status"] == "completed"
        browser.wait_gone(f"tr a[href$='{video}']")
        browser.wait(f".strip a[href$='{video}']")
        assert browser.script(searched) == first


@needs("jobs/{jobId}/duplicate")
def test_a_job_is_made_again_from_its_page(stack):
    job = stack.user.submit_character("Twice")
    stack.user.wait_for(job)
    with signed_in(stack, f"/admin/queues/jobs/{job}") as browser:
        browser.wait("h1", "completed")
        browser.script("""window.torn = []; new MutationObserver(() => {
            const [head, attempts] = ["h1", ".attempts"].map((each) => document.querySelector(each)?.innerText || "");
            if (head.includes("completed") && attempts.includes("goes on")) torn.push(attempts);
        }).observe(document.body, {subtree: true, childList: true, characterData: true});""")
        browser.click(".heading button", "Duplicate")
        wait_until(lambda: job not in browser.script("return location.pathname"), what="the other job's page")
        browser.wait("h1", "completed")
        browser.wait("h1", "Twice")
        browser.wait(".attempts .state", "completed")
        assert browser.script("return window.torn") == [], "its attempt ends when it does"
        again = browser.script("return location.pathname").rsplit("/", 1)[1]
    assert stack.user.job(again)["status"] == "completed"


@needs("operations")
def test_chosen_jobs_are_changed_together(stack):
    admin(stack).post(ADMIN + "queues/character/pause")
    jobs = [stack.user.submit_character("Chosen", options={"tags": ["chosen"]}) for _ in range(3)]
    with signed_in(stack, "/admin/queues/character?tag=chosen") as browser:
        browser.wait("[data-job] .badge", "waiting")
        browser.click("th .hidden, th input[type=checkbox]")
        browser.click(".choice [data-action=priority]")
        browser.wait("dialog", "Priority")
        browser.script("document.querySelector('dialog input').value = '9'")
        browser.click("dialog button", "Change the priority")
        browser.wait(".operation", "3 of 3 jobs changed")
        assert not browser.all(".operation .where")
        assert {stack.user.job(job)["priority"] for job in jobs} == {9}
        browser.click(".operation button")
        browser.wait_gone(".operation")
        browser.click("th .hidden, th input[type=checkbox]")
        browser.click(".choice [data-action=cancel]")
        browser.click("dialog button", "Cancel the jobs")
        browser.wait(".operation", "3 of 3 jobs cancelled")
        assert {stack.user.job(job)["status"] for job in jobs} == {"cancelled"}


@needs("jobs", "jobs/{jobId}", "jobs/{jobId}/retry")
def test_one_job_is_retried_from_its_page(stack):
    job = fail_many(stack, 30)[0]
    with signed_in(stack, f"/admin/queues/jobs/{job}") as browser:
        browser.wait(".failure", "start_deadline")
        browser.click(".heading button", "Retry")
        browser.wait("h1", "completed")


@needs("jobs", "jobs/{jobId}", "jobs/{jobId}/retry")
def test_the_key_that_retries_a_job_asks_first_and_is_told(stack):
    job = fail_many(stack, 30)[0]
    with signed_in(stack, f"/admin/queues/jobs/{job}") as browser:
        browser.wait(".failure", "start_deadline")
        browser.keys("r")
        browser.wait("dialog", "Retry this job")
        browser.click("dialog button", "Keep it as it is")
        browser.wait_gone("dialog")
        assert stack.user.job(job)["retries"] == 0
        browser.keys("?")
        browser.wait(".help", "Retry it, after a question")
        browser.click(".help button[aria-label=Close]")
        browser.wait_gone("dialog")
        browser.keys("r")
        browser.click("dialog button", "Retry it")
        browser.wait("h1", "completed")
    assert stack.user.job(job)["retries"] == 1


@needs("jobs", "jobs/{jobId}")
def test_a_video_is_watched(stack):
    with signed_in(stack, f"/admin/queues/jobs/{stack.video}") as browser:
        browser.wait("h1", "completed")
        browser.wait(f".facts a[href$='/all?characterId={stack.made_from[0]}']", "Mira")
        browser.wait(".heading button", "Copy as curl")
        ready = "return document.querySelector('.work video')?.readyState || 0"
        wait_until(lambda: browser.script(ready), what="the video")
        assert browser.script("return document.querySelector('.work video').duration") == pytest.approx(5, abs=.2)
        assert browser.script("""const video = document.querySelector('.work video'); video.muted = true;
            return video.play().then(() => true, (error) => error.message)""") is True


# ---- the overview ----


def pictures(stack, count):
    """Made one after another, so that the newest is known."""
    character = stack.user.wait_for(stack.user.submit_character("Strip"))["result"]["characterId"]
    jobs = [stack.user.submit_image(character) for _ in range(count)]
    for job in jobs:
        stack.user.wait_for(job, "media-jobs")
    return jobs


def test_new_pictures_come_into_sight(stack):
    pictures(stack, 12)
    with signed_in(stack) as browser:
        wait_until(lambda: len(browser.all(".strip a")) == 12, what="a full strip")
        assert browser.script("const strip = document.querySelector('.strip'); "
                              "return strip.scrollWidth > strip.clientWidth + 200")
        for job in pictures(stack, 4):
            browser.wait(f".strip a[href$='{job}']")
        assert browser.script("return document.querySelector('.strip').scrollLeft") == 0


def test_what_runs_has_named_columns_and_room(stack):
    with signed_in(stack) as browser:
        for path in "", "/all?status=active":
            browser.open("/admin/queues" + path)
            browser.wait("h1")
            seen = watch_a_video(stack, browser)
            assert seen["head"] == ["Job", "Status", "Where it stands", "User", "Attempt", "Took", "Created"]
            assert seen["cut"] == [], path


def watch_a_video(stack, browser):
    """{head, cut}: the names of the columns, and texts of where it stands that are cut, while a video is made."""
    seen = {"head": [], "cut": [], "steps": 0}
    job = stack.user.submit_video(*stack.made_from)

    def look():
        now = browser.script("""const row = document.querySelector(`[data-job="${arguments[0]}"]`);
            const steps = row ? [...row.querySelectorAll("td.stand .step")] : [];
            return {head: steps.length ? [...row.closest("table").querySelectorAll("th:not(.pic, .check)")]
                        .filter((each) => each.offsetWidth > 1).map((each) => each.innerText) : [],
                    steps: steps.length, cut: steps.filter((each) => each.scrollWidth > each.clientWidth
                        || each.getBoundingClientRect().right > each.closest("td").getBoundingClientRect().right)
                        .map((each) => each.innerText)}""", job)
        seen["head"] = now["head"] or seen["head"]
        seen["cut"] += now["cut"]
        seen["steps"] += now["steps"]
        return stack.user.job(job, "media-jobs")["status"] == "completed"

    wait_until(look, 120, "the video")
    assert seen["steps"] > 0
    return seen


# ---- workers ----


@needs("workers", "workers/{workerId}/drain", "workers/{workerId}/undrain")
def test_a_worker_is_drained_and_taken_back(stack):
    with signed_in(stack, "/admin/queues/workers") as browser:
        browser.click("[data-worker] button", "Drain")
        browser.wait("[data-worker] .state", "Draining")
        browser.click("[data-worker] button", "Take jobs again")
        wait_until(lambda: "Draining" not in " ".join(browser.texts("[data-worker] .state")), what="nothing drains")


# ---- everybody can use it ----


@pytest.fixture(scope="module")
def axe():
    problem = node.install()
    if problem:
        pytest.skip(problem)
    return (node.DIRECTORY / "node_modules/axe-core/axe.min.js").read_text()


def violations_of(browser, axe, part="html"):
    if not browser.script("return Boolean(window.axe)"):
        browser.driver.execute_cdp_cmd("Runtime.evaluate", {"expression": axe})  # a debugger's: no policy forbids it
    answer = browser.driver.execute_async_script("""const [part, done] = arguments;
        axe.run(part, {resultTypes: ["violations"]}).then(({violations}) => done(violations.map((one) =>
            ({id: one.id, impact: one.impact, nodes: one.nodes.slice(0, 3).map(({html}) => html.slice(0, 160))}))))""",
                                                 part)
    return [each for each in answer if each["impact"] in ("serious", "critical")]


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_shuts_anybody_out(stack, axe, width, look):
    pages = [path for path, part in PAGES.items() if ADMIN + part in DOCUMENT["paths"]]
    pages += [f"/jobs/{stack.video}"] if ADMIN + "jobs/{jobId}" in DOCUMENT["paths"] else []
    with signed_in(stack) as browser:
        browser.resize(width, 900)
        browser.script("localStorage.setItem('troupe-theme', arguments[0])", look)
        wrong = {}
        for path in pages:
            browser.open("/admin/queues" + path)
            browser.wait("main h1")
            browser.wait_gone(".loading")
            wide = browser.script("return document.documentElement.scrollWidth")
            found = violations_of(browser, axe) + ([f"{wide} wide"] if wide > width else [])
            if found:
                wrong[path] = found
        assert not wrong, json.dumps(wrong, indent=1)


def test_the_sign_in_and_the_help_shut_nobody_out(stack, axe):
    with Browser(stack.url) as browser:
        browser.open("/admin/queues")
        browser.wait("form.login")
        assert not violations_of(browser, axe)
    with signed_in(stack) as browser:
        browser.click(".foot button[aria-label^=Help]")
        browser.wait("dialog")
        assert not violations_of(browser, axe)
