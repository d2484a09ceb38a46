"""The dashboard's page of a batch or pipeline: drawn as the flow that it is, live, found by its id and from its jobs.
Pictures are left in the folder that TEST_PICTURES names."""

import json
import os
import pathlib
import uuid

import pytest

from browser import selenium
from stack import Client, Stack, wait_until
from test_dashboard import axe, signed_in, soon, violations_of  # noqa: F401

ADMIN = "/api/v1/admin/"
PIPELINE = {"character": {"name": "Mira Löwe"}, "images": [{"poseId": "standing"}, {}],
            "videos": [{"duration": 5}, {"duration": 5, "image": 1}]}
STATUSES = """return [...document.querySelectorAll(arguments[0] + " .node")].map((node) =>
    [node.querySelector("b").innerText, node.querySelector(".badge").innerText])"""


@pytest.fixture(scope="module", name="stack")
def fixture_stack():
    selenium()
    with Stack("--rate", "off") as running:
        yield running


@pytest.fixture(name="admin", scope="module")
def fixture_admin(stack):
    return Client(stack.url, stack.token("boss", "--role", "admin"))


@pytest.fixture(name="held")
def fixture_held(admin):
    """Pictures wait until somebody resumes them."""
    assert admin.post(ADMIN + "queues/image/pause").status_code == 200
    yield lambda: admin.post(ADMIN + "queues/image/resume")
    admin.post(ADMIN + "queues/image/resume")


def accepted(user, kind, body):
    answer = user.post(f"/api/v1/{kind}", body)
    assert answer.status_code == 202, answer.text
    return answer.json()["data"]


def batch_of(user, names):
    return accepted(user, "batches", {"jobs": [{"type": "character", "name": name} for name in names]})


def look_at(browser, axe, name, ready):  # noqa: F811
    """The page that is open shuts nobody out and is no wider than the window, in each look."""
    wrong = {}
    for look in "light", "dark":
        browser.script("localStorage.setItem('troupe-theme', arguments[0])", look)
        for width in 1280, 390:
            browser.resize(width, 900)
            browser.driver.refresh()
            browser.wait(*ready)
            wide = browser.script("return document.documentElement.scrollWidth")
            cut = browser.script("""return [...document.querySelectorAll(".node")].filter((each) =>
                each.getBoundingClientRect().right > innerWidth).length""")
            found = violations_of(browser, axe) + ([f"{wide} wide"] if wide > width else []) + ([cut] if cut else [])
            if found:
                wrong[f"{look} {width}"] = found
            if os.environ.get("TEST_PICTURES"):
                browser.script("scrollTo(0, 0)")
                browser.picture(pathlib.Path(os.environ["TEST_PICTURES"]) / f"group-{name}-{look}-{width}.png")
    browser.resize(1280, 900)
    assert not wrong, json.dumps(wrong, indent=1)


def test_a_pipeline_is_drawn_as_its_flow_and_goes_on_by_itself(stack, held, axe):  # noqa: F811
    user = stack.client("ada")
    made = accepted(user, "pipelines", PIPELINE)
    user.wait_for(made["character"]["jobId"])
    with signed_in(stack, f"/admin/queues/groups/{made['pipelineId']}") as browser:
        browser.wait("h1", "Mira Löwe")
        browser.wait("h1 .badge", "active")
        browser.wait(".heading p", "Pipeline of ada · 5 jobs")
        browser.wait(f".node[data-job='{made['videos'][0]['jobId']}']", "waits for the picture")
        assert browser.script(STATUSES, ".flow > ol > li >") == [["Character", "completed"]]
        assert browser.script(STATUSES, ".flow > ol > li > ol > li >") == [["Picture", "waiting"]] * 2
        for image, video in zip(made["images"], made["videos"]):
            assert browser.script("""return document.querySelector(`[data-job="${arguments[0]}"] + ol [data-job]`)
                .dataset.job""", image["jobId"]) == video["jobId"]
        look_at(browser, axe, "waits", ("h1", "Mira Löwe"))
        browser.script("window.same = document.querySelector('.flow .node')")
        assert held().status_code == 200
        browser.wait("h1 .badge", "completed", seconds=120)
        wait_until(lambda: browser.script(STATUSES, ".flow") == [
            ["Character", "completed"], *[["Picture", "completed"], ["Video", "completed"]] * 2], what="all of them")
        assert browser.script("return window.same.isConnected"), "it is the same page, which was brought up to date"
        browser.wait(".huge", "100 %")
        wait_until(lambda: browser.script("""const seen = [...document.querySelectorAll(".node img, .node video")];
            return seen.filter((each) => each.naturalWidth > 0 || each.readyState > 0).length""") >= 5,
                   what="pictures, and the portrait")
        look_at(browser, axe, "done", ("h1 .badge", "completed"))


def test_a_job_leads_to_its_group_and_to_what_it_is_made_from(stack, held, axe):  # noqa: F811
    made = accepted(stack.client("bea"), "pipelines", PIPELINE)
    first, image, video = made["character"]["jobId"], made["images"][0]["jobId"], made["videos"][0]["jobId"]
    with signed_in(stack, f"/admin/queues/jobs/{image}") as browser:
        browser.wait(".facts dt", "Made from it")
        assert browser.texts(".facts a[href$='/jobs/%s']" % first) == [first[:8]]
        assert browser.texts(".facts a[href$='/jobs/%s']" % video) == [f"video {video[:8]}"]
        look_at(browser, axe, "job", (".facts dt", "Made from it"))
        browser.click(".crumbs a", made["pipelineId"][:8])
        browser.wait("h1", "Mira Löwe")
        browser.click(f".node[data-job='{video}']")
        browser.wait(f".facts a[href$='/jobs/{image}']", image[:8])
        browser.click(f".facts a[href$='/groups/{made['pipelineId']}']")
        browser.wait("h1", "Mira Löwe")
        browser.keys("j", "j")
        wait_until(lambda: browser.script("return document.activeElement.dataset.job") == image, 5, "the second one")
        browser.keys("k", "\n")
        browser.wait(".facts a", "image " + image[:8])
        assert browser.script("return location.pathname").endswith(f"/jobs/{first}")
        alone = stack.client("bea").submit_character("Alone")
        browser.open(f"/admin/queues/jobs/{alone}")
        browser.wait("h1", "Alone")
        assert "Batch or pipeline" not in " ".join(browser.texts(".facts dt"))


TREE = """const done = arguments[0];
import('/admin/flow.js').then(({treeOf}) => {
  const told = (nodes) => nodes.map(({job, made}) => [job.jobId, told(made)]);
  done(told(treeOf([{jobId: "2", parentJobId: "1"}, {jobId: "4", parentJobId: "3"}, {jobId: "3", parentJobId: "0"},
                    {jobId: "5"}, {jobId: "1"}])));
}, (error) => done(String(error)));"""


def test_what_is_made_from_what_is_kept_no_longer_begins_the_flow(stack):
    with signed_in(stack) as browser:
        drawn = browser.driver.execute_async_script(TREE)
    assert drawn == [["3", [["4", []]]], ["5", []], ["1", [["2", []]]]]


def test_a_picture_is_found_by_the_name_that_its_row_shows(stack):
    user = stack.client("nia")
    character = user.wait_for(user.submit_character("Zoë of the Sea"))["result"]["characterId"]
    picture = user.submit_image(character)
    user.wait_for(picture, "media-jobs")
    with signed_in(stack, "/admin/queues/image?q=zoë of") as browser:
        browser.wait(f"[data-job='{picture}'] .who", "Zoë of the Sea")
        assert len(browser.all("[data-job]")) == 1
        browser.click("button.find")
        browser.keys("of the sea")
        browser.wait(".found li", picture[:8])
        assert [words for words in browser.texts(".found li") if "nia" in words and "Zoë of the Sea" in words] != []


def test_a_batch_is_found_by_its_id(stack):
    batch = batch_of(stack.client("cleo"), ["Ida", "Udo"])
    with signed_in(stack) as browser:
        browser.click("button.find")
        browser.keys(batch["batchId"])
        browser.wait(".found li[aria-selected=true]", f"Batch or pipeline {batch['batchId'][:8]}")
        wait_until(lambda: browser.texts(".palette .far") == [""], what="no word of jobs where a batch was found")
        browser.keys("\n")
        browser.wait("h1", "Batch")
        browser.wait(".node", "Ida")
        browser.open("/admin/queues/all")
        browser.type("#search", f"batch:{batch['batchId']}\n")
        browser.wait(".chip", "Batch or pipeline")
        wait_until(lambda: len(browser.all("[data-job]")) == 2, what="its two jobs")
        assert browser.driver.current_url.endswith(f"/all?groupId={batch['batchId']}")
        browser.click(".chips a", "Show it as a flow")
        browser.wait(".node", "Udo")


def test_a_batch_is_found_by_what_pages_show_of_its_id(stack):
    batch = batch_of(stack.client("cleo"), ["Ida", "Udo"])
    short = batch["batchId"][:8]
    with signed_in(stack) as browser:
        browser.click("button.find")
        browser.keys(short.upper())
        browser.wait(".found li[aria-selected=true]", f"Batch or pipeline {short}")
        wait_until(lambda: [text.split("\n")[0] for text in browser.texts(".found li")] == [
            f"Batch or pipeline {short}", "Udo", "Ida", f"All jobs with “{short.upper()}”"], what="it and its jobs")
        browser.keys("\n")
        browser.wait("h1", "Batch")
        browser.open(f"/admin/queues/all?q={short}")
        wait_until(lambda: browser.script(JOBS_SHOWN) == batch["jobIds"][::-1], what="its two jobs")


JOBS_SHOWN = "return [...document.querySelectorAll('[data-job]')].map((row) => row.dataset.job)"


def test_a_batch_is_cancelled_as_one(stack, admin, axe):  # noqa: F811
    admin.post(ADMIN + "queues/character/pause")
    try:
        batch = batch_of(stack.client("dora"), [f"Noa {number}" for number in range(230)])
        with signed_in(stack, f"/admin/queues/groups/{batch['batchId']}", role="viewer") as browser:
            browser.wait(".node", "Noa 229")
            assert browser.texts(".heading .button") == ["In the list"]
        with signed_in(stack, f"/admin/queues/groups/{batch['batchId']}") as browser:
            browser.wait("main", "The last 200 of 230 jobs are drawn")
            assert browser.texts(".node b")[0] == "Noa 30" and len(browser.all(".flow.flat > ol > li")) == 200
            look_at(browser, axe, "batch", ("main", "The last 200"))
            browser.click(".heading button", "Cancel")
            browser.wait("dialog", "230 jobs")
            browser.click("dialog button", "Cancel the jobs")
            browser.wait(".operation", "230 of 230 jobs cancelled")
            browser.wait("h1 .badge", "cancelled")
            assert browser.texts(".heading .button") == ["In the list"], "nothing of it has failed"
            browser.click(".sums .chip", "230 cancelled")
            browser.wait(".tabs [aria-current]", "Cancelled")
            assert browser.driver.current_url.endswith(f"/all?groupId={batch['batchId']}&status=cancelled")
            browser.wait("[data-job] .who", "Noa 229")
    finally:
        admin.post(ADMIN + "queues/character/resume")


def test_what_failed_of_a_batch_is_tried_again_and_what_was_cancelled_is_not(stack, admin):
    admin.post(ADMIN + "queues/character/pause")
    try:
        user = stack.client("finn")
        batch = accepted(user, "batches", {"jobs": [
            {"type": "character", "name": "Late", "options": {"startBy": soon()}},
            {"type": "character", "name": "Unwanted"}]})
        late, unwanted = batch["jobIds"]
        assert admin.post(f"{ADMIN}jobs/{unwanted}/cancel").status_code == 200
        user.wait_for(unwanted, status="cancelled")
        user.wait_for(late, status="failed")
        with signed_in(stack, f"/admin/queues/groups/{batch['batchId']}") as browser:
            browser.click(".heading button", "Retry what failed")
            browser.wait("dialog", "Retry: 1 job")
            assert "cancelled" not in browser.texts("dialog")[0]
            assert browser.texts("dialog form button") == ["Keep it as it is", "Retry the job"]
            browser.click("dialog button", "Retry the job")
            browser.wait(".operation", "1 of 1 job")
        assert user.job(unwanted)["status"] == "cancelled"
    finally:
        admin.post(ADMIN + "queues/character/resume")


def test_what_is_no_group_leads_on(stack, admin, axe):  # noqa: F811
    batch = batch_of(stack.client("eli"), ["Gone"])
    admin.post(f"{ADMIN}jobs/{batch['jobIds'][0]}/cancel")
    stack.client("eli").wait_for(batch["jobIds"][0])
    assert admin.call("DELETE", f"{ADMIN}jobs/{batch['jobIds'][0]}").status_code == 200
    with signed_in(stack) as browser:
        for id_, words in (str(uuid.uuid4()), "no such batch"), ("7f3c", "no such batch"), \
                (batch["batchId"], "kept no longer"):
            browser.open(f"/admin/queues/groups/{id_}")
            browser.wait(".empty .title", words)
            browser.wait(".empty", id_)
            assert not violations_of(browser, axe)
            browser.driver.get_log("browser")  # it says what was answered
