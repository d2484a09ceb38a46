"""The page of operations upon many jobs: what was done to which ones, by whom, what was refused and why, and the ways
to its jobs and to the audit log. Pictures are left in the folder that TEST_PICTURES names."""

import pytest

from dashboard_stand import fixture_stack  # noqa: F401
from stack import wait_until
from test_admin_operations import batch, count_of, finish, start
from test_admin_jobs import soon
from test_dashboard import axe, signed_in  # noqa: F401
from test_dashboard_ways import fixture_admin, look_at  # noqa: F401

PAGE = "/admin/queues/operations"
FAILED = 120
LONG = 20_000  # jobs of an operation that is stopped under way


@pytest.fixture(name="ended", scope="module")
def fixture_ended(stack, admin):
    """An operation that retried, and one that was refused for all its jobs."""
    user = stack.client("ada")
    made = batch(user, FAILED, startBy=soon(1))
    wait_until(lambda: count_of(admin, owner="ada", status="failed") == FAILED)
    retried = start(admin, "retry", where={"owner": "ada", "status": "failed"})
    finish(admin, retried)
    refused = start(admin, "remove", jobIds=made[:5])
    assert finish(admin, refused)["reasons"] == {"not_ended": 5}
    return retried, refused


def card(operation):
    return f"[data-operation-row='{operation}']"


def told(browser, operation):
    """What stands on its card, by the names."""
    return dict(zip(browser.texts(f"{card(operation)} dt"), browser.texts(f"{card(operation)} dd")))


def test_what_was_done_is_told(stack, ended, axe):  # noqa: F811
    retried, refused = ended
    with signed_in(stack) as browser:
        browser.click("nav.side a", "Operations")
        browser.wait(f"{card(retried)} h2", f"{FAILED} of {FAILED} jobs retried")
        facts = told(browser, retried)
        assert (facts["User"], facts["Status"], facts["Begun by"]) == ("ada", "failed", "boss")
        assert (facts["Matched"], facts["Done"], facts["Refused"]) == (str(FAILED), str(FAILED), "0")
        assert {"Begun", "Ended", "Took"} <= set(facts)
        facts = told(browser, refused)
        assert (facts["Jobs"], facts["Refused"]) == ("chosen one by one", "5")
        assert facts["Why refused"] == "5 have not ended"
        assert not browser.all(f"{card(refused)} a[href*='since=range']"), "there is no list of these jobs"
        look_at(browser, axe, "operations", PAGE, card(retried))


def test_it_leads_to_its_jobs_and_to_the_audit_log_and_back(stack, admin, ended):
    retried, _ = ended
    batch(stack.client("ada"), 1)  # came later: it is none of them
    whole = start(admin, "promote", where={"owner": "nobody"})
    finish(admin, whole)
    with signed_in(stack, PAGE) as browser:
        browser.click(f"{card(retried)} a", "Jobs with this filter, in any status now")
        browser.wait("h1", "All jobs")
        browser.wait(".below", "50 jobs shown")
        browser.keys("n")
        browser.wait(".below", "100 jobs shown")
        browser.keys("n")
        browser.wait(".below", f"{FAILED} jobs shown")
        browser.open(PAGE)
        browser.wait(card(whole))
        assert "Jobs with this filter" in browser.texts(f"{card(whole)} a"), "of a filter without a status"
        browser.click(f"{card(retried)} a", "In the audit log")
        browser.wait("h1", "Audit log")
        browser.wait("td", "retry_jobs")
        browser.wait("td.target", "Status failed · User ada")
        browser.wait("td.target", f"{FAILED} of {FAILED} jobs retried")
        browser.click("td.target a")
        browser.wait("h1", "Operations")
        browser.wait(card(retried))
        assert len(browser.all("[data-operation-row]")) == 1
        browser.click(".chips a")
        wait_until(lambda: len(browser.all("[data-operation-row]")) >= 2, what="all of them")


def test_one_that_goes_on_is_seen_and_stopped_but_not_by_who_only_looks(stack, admin):
    batch(stack.client("eve"), LONG)
    operation = start(admin, "cancel", where={"owner": "eve"})
    with signed_in(stack, PAGE, role="viewer") as browser:
        browser.wait(card(operation))
        assert "Stop" not in browser.texts("main button")
    with signed_in(stack) as browser:
        operation = start(admin, "priority", priority=9, where={"q": "many"})  # too short for a browser to begin
        browser.open(PAGE)
        browser.wait(card(operation))
        browser.click(f"{card(operation)} button", "Stop")
        browser.wait(f"{card(operation)} .state", "Stopped")
        assert admin.get(f"/api/v1/admin/operations/{operation}").json()["data"]["state"] == "cancelled"


def test_keys_and_the_palette_lead_there(stack):
    from selenium.webdriver.common.keys import Keys
    with signed_in(stack) as browser:
        browser.keys("g", "m")
        browser.wait("h1", "Operations")
        browser.open("/admin/queues")
        browser.wait("h1", "Overview")
        browser.keys(Keys.CONTROL, "k")
        browser.type(".palette input", "operations")
        browser.wait(".found li", "Operations")
        browser.keys(Keys.ENTER)
        browser.wait("h1", "Operations")
        browser.open(PAGE + "?operationId=00000000-0000-4000-8000-000000000000")
        browser.wait(".empty", "known no longer")
