"""What the dashboard shows of a provider that asks for a pause, and of users who have only spent: the provider is the
studio, the actors and the broker are real."""

import json
import re

import pytest

from browser import selenium
from stack import Client, Stack, wait_until
from studio_stand import Studio
from test_admin_jobs import soon
from test_dashboard import signed_in

CHAT, IMAGE = 0.001, 0.02
PAUSE_S = 30


@pytest.fixture(scope="module", name="studio")
def fixture_studio():
    selenium()
    studio = Studio(FAULTS="on")
    yield studio
    studio.close()


@pytest.fixture(scope="module", name="stack")
def fixture_stack(studio, tmp_path_factory):
    """In which ada has a character."""
    folder = tmp_path_factory.mktemp("studio")
    entry = {"url": studio.url, "model": "studio"}
    (folder / "providers.json").write_text(json.dumps({
        "chat": [{**entry, "name": "talker", "price": CHAT}], "image": [{**entry, "name": "painter", "price": IMAGE}],
        "video": [{**entry, "name": "filmer"}]}))
    environment = {"TROUPE_PROVIDERS_FILE": str(folder / "providers.json"), "TROUPE_RESULT_PRIVATE": "on"}
    with Stack("--provider", "live", "--rate", "off", environment=environment, data=folder) as running:
        running.user = running.client("ada")
        made = running.user.wait_for(running.user.submit_character("Mira"), status="completed")
        running.character = made["result"]["characterId"]
        yield running


def row(browser, user):
    """What stands in its row, by the names of the columns."""
    return browser.script("""const cells = [...document.querySelectorAll(`[data-user='${arguments[0]}'] td`)];
        return Object.fromEntries(cells.slice(1).map((cell) => [cell.dataset.label, cell.innerText.trim()]))""", user)


def figures(browser):
    return dict(reversed(text.split("\n")) for text in browser.texts(".figures > *"))


def test_who_has_only_spent_is_told_with_it_beside_who_has_only_asked(stack):
    with signed_in(stack, "/admin/queues/users") as browser:
        browser.wait("[data-user=ada]")
        browser.wait("h1 + p", "1 user with live jobs, or who spent today")
        only_spent = {"Active": "0", "Waiting": "0", "Pending": "0", "Share of what runs": "0 %",
                      "Spent today": f"${CHAT + IMAGE:.3f}", "Load": "", "Failures": "Show"}
        assert row(browser, "ada") == only_spent
        asks = stack.client("bea")
        job = asks.submit_character("Later", options={"runAt": soon(3600)})
        browser.wait("[data-user=bea]")
        assert row(browser, "bea") == {**only_spent, "Pending": "1", "Spent today": "–"}
        assert browser.texts("[data-user] .owner") == ["bea", "ada"], "who has live jobs comes first"
        wait_until(lambda: figures(browser) == {"users": "2", "active": "0", "waiting": "0", "pending": "1"},
                   what="both of them counted")
        browser.resize(390, 900)
        assert row(browser, "ada") == only_spent
        browser.resize(1280, 900)
        assert asks.call("DELETE", f"/api/v1/character-jobs/{job}").status_code == 200
        browser.wait_gone("[data-user=bea]")
        browser.click("[data-user=ada] a", "ada")
        browser.wait("[data-job] .who", "Mira")


def test_a_pause_that_the_provider_asks_for_is_shown_while_it_lasts(stack, studio):
    studio.faults({"match": "image", "kind": "retry_after", "retry_after": PAUSE_S, "count": 1})
    card = "[data-provider=painter]"
    with signed_in(stack, "/admin/queues/providers") as browser:
        browser.wait(f"{card} .state", "Works")
        job = stack.user.submit_image(stack.character)
        browser.wait(f"{card} .state", "Pausing")
        told, = [text for text in browser.texts(f"{card} > p") if "pause" in text]
        left = int(re.fullmatch(r"It asked for a pause: nobody calls it for (\d+) s\.", told)[1])
        assert 0 < left <= PAUSE_S
        wait_until(lambda: f"for {left} s" not in " ".join(browser.texts(f"{card} > p")), what="less of it")
        assert "Works" in browser.texts("[data-provider=talker] .state")
        stack.user.wait_for(job, "media-jobs", status="completed", seconds=PAUSE_S + 60)
        browser.wait(f"{card} .state", "Works")
        admin = Client(stack.url, stack.token("boss", "--role", "admin"))
        told = admin.get(f"/api/v1/admin/jobs/{job}").json()["data"]
        assert told["attempt"] == 1, "the pause has used up no attempt"
        browser.open(f"/admin/queues/jobs/{job}")
        browser.wait(".gantt .piece[title^='no room at the provider']")
