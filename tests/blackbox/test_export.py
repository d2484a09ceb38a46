"""Jobs as a file: the same as a search finds, by the API, the command line and the dashboard, whatever their number."""

import concurrent.futures
import csv
import io
import json
import os
import pathlib
import subprocess
import tempfile

import pytest
import requests

import wire
from browser import Browser, selenium
from gateway_stand import stand, token  # noqa: F401
from stack import TROUPE, Client, Stack, wait_until

JOBS = "/api/v1/admin/jobs"
COUNT = 1230  # more than a page of the broker's, and no whole number of them
FORMULA = '=HYPERLINK("http://evil")'


@pytest.fixture(scope="module")
def stack():
    """Nobody is there to work: jobs wait."""
    with Stack("--actors", "0") as running:
        user = running.client("ada")
        for start in range(0, COUNT, 1000):
            jobs = [{"type": "character", "name": f"Poet {number}", "options": {"tags": ["many"]}}
                    for number in range(start, min(start + 1000, COUNT))]
            assert user.post("/api/v1/batches", {"jobs": jobs}).status_code == 202
        running.other = running.client("eve").submit_character(FORMULA, options={"tags": ["one"]})
        yield running


def client(stack, role="viewer"):
    return Client(stack.url, stack.token(f"a-{role}", "--role", role))


def searched(who, **query):
    found, cursor = [], None
    while True:
        answer = who.get(JOBS, params={**query, "limit": 100, "cursor": cursor}).json()
        found += answer["data"]["jobs"]
        cursor = answer["pagination"]["nextCursor"]
        if cursor is None:
            return found


def lines(who, **query):
    answer = who.get(f"{JOBS}.ndjson", params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.headers["content-disposition"] == 'attachment; filename="jobs.ndjson"'
    assert answer.text == "" or answer.text.endswith("\n")
    return [json.loads(line) for line in answer.text.splitlines()]


def table(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_lines_are_what_a_search_finds(stack):
    who = client(stack)
    every = lines(who)
    assert len(every) == COUNT + 1 and every == searched(who)
    assert lines(who, owner="eve") == searched(who, owner="eve")
    assert lines(who, tag="nobody") == []
    assert lines(who, limit=101) == every[:101] and lines(who, limit=100) == every[:100]
    assert lines(who, q="poet 12", status="waiting,pending") == searched(who, q="poet 12", status="waiting")


def test_a_table_has_the_same_jobs(stack):
    who = client(stack)
    answer = who.get(f"{JOBS}.csv")
    assert answer.status_code == 200 and answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = table(answer.text)
    assert [row["jobId"] for row in rows] == [job["jobId"] for job in searched(who)]
    assert rows[0]["owner"] == "eve" and rows[0]["character"] == f"'{FORMULA}"
    assert {row["status"] for row in rows} == {"waiting"} and rows[-1]["character"] == "Poet 0"
    empty = who.get(f"{JOBS}.csv", params={"tag": "nobody"}).text
    assert table(empty) == [] and empty.startswith("jobId,queue,status,owner,")


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 100001}, {"queue": "poems"}, {"characterId": "x"}])
def test_what_is_wrong_with_it_is_told_before_it_begins(stack, query):
    for ending in "csv", "ndjson":
        assert client(stack).get(f"{JOBS}.{ending}", params=query).status_code == 400


def test_others_are_refused(stack):
    for ending in "csv", "ndjson":
        assert stack.client().get(f"{JOBS}.{ending}").status_code == 403
        assert stack.client().get(f"{JOBS}.{ending}", headers={"Authorization": "Bearer none"}).status_code == 401
        answer = client(stack).call("HEAD", f"{JOBS}.{ending}")
        assert answer.status_code == 200 and answer.text == ""


def test_so_many_at_once_and_no_more(stand):  # noqa: F811
    asked = []
    stand.broker.on_search_jobs = lambda record: asked.append(record) or []  # no answer: they go on
    bearer = token("eve", role="viewer")
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        held = [pool.submit(stand.gateway.get, f"{JOBS}.csv", bearer=bearer) for _ in range(4)]
        wait_until(lambda: len(asked) == 4, what="four that go on")
        answer = stand.gateway.get(f"{JOBS}.csv", bearer=bearer)
        assert answer.status_code == 503 and answer.json()["error"]["code"] == "busy"
        assert not any(each.done() for each in held), "nobody has waited for it"
    assert {each.result().json()["error"]["code"] for each in held} == {"broker_unavailable"}
    stand.broker.on_search_jobs = lambda record: [("search_page", {"request": record["request"], "exhausted": True})]
    assert stand.gateway.get(f"{JOBS}.csv", bearer=bearer).status_code == 200


def page(record, **fields):
    return [("search_page", {"request": record["request"], "scanned": 1, **fields})]


def busy_behind(asked, times):
    """A broker that has a first page and then finds no place so many times. Remembers what it has refused."""
    def on_search_jobs(record):
        if not record.get("cursor"):
            return page(record, next=b"more")
        if len(asked) == times:
            return page(record, exhausted=True)
        asked.append(record)
        return page(record, code=wire.ENUMS["REPLY_CODE_BUSY"])
    return on_search_jobs


def test_one_that_finds_no_place_goes_on_later(stand):  # noqa: F811
    for ending, head in ("csv", "jobId,queue"), ("ndjson", ""):
        asked = []
        stand.broker.on_search_jobs = busy_behind(asked, 2)
        answer = stand.gateway.get(f"{JOBS}.{ending}", bearer=token("eve", role="viewer"))
        assert answer.status_code == 200 and answer.text.startswith(head) and len(asked) == 2
        assert {record["searcher"] for record in asked} == {"eve"}, "the broker gives each user a share"


def test_without_a_place_for_its_first_page_it_is_busy_at_once(stand):  # noqa: F811
    stand.broker.on_search_jobs = lambda record: page(record, code=wire.ENUMS["REPLY_CODE_BUSY"])
    answer = stand.gateway.get(f"{JOBS}.csv", bearer=token("eve", role="viewer"))
    assert answer.status_code == 503 and answer.json()["error"]["code"] == "busy"


def test_one_whose_client_is_gone_asks_no_more(stand):  # noqa: F811
    asked = []
    stand.broker.on_search_jobs = busy_behind(asked, 1000)
    headers = {"Authorization": "Bearer " + token("eve", role="viewer")}
    waiting = [requests.get(f"{stand.gateway.url}{JOBS}.csv", headers=headers, stream=True, timeout=20)
               for _ in range(4)]
    wait_until(lambda: len(asked) >= 8, what="four that wait for a place")
    assert stand.gateway.get(f"{JOBS}.csv", bearer=token("eve", role="viewer")).status_code == 503
    for each in waiting:
        each.close()
    stand.broker.on_search_jobs = lambda record: page(record, exhausted=True)
    wait_until(lambda: stand.gateway.get(f"{JOBS}.csv", bearer=token("eve", role="viewer")).status_code == 200,
               what="their places")


def test_without_a_place_for_half_a_minute_it_breaks_off(stand):  # noqa: F811
    asked = []
    stand.broker.on_search_jobs = busy_behind(asked, 1000)
    headers = {"Authorization": "Bearer " + token("eve", role="viewer")}
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.get(f"{stand.gateway.url}{JOBS}.csv", headers=headers, timeout=60)
    assert len(asked) == 31


def test_one_that_breaks_off_is_no_whole_file(stand):  # noqa: F811
    """The broker is gone after its first page."""
    def on_search_jobs(record):
        if record.get("cursor"):
            return []  # no answer: the gateway gives up
        return [("search_page", {"request": record["request"], "next": b"more", "scanned": 1, "count": 0})]

    stand.broker.on_search_jobs = on_search_jobs
    answer = stand.gateway.get(f"{JOBS}.ndjson", bearer=token("eve", role="viewer"))
    assert answer.status_code == 503, "nothing was sent yet"
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        stand.gateway.get(f"{JOBS}.csv", bearer=token("eve", role="viewer"))


def run(stack, *words, out=None):
    return subprocess.run([TROUPE, "jobs", *words, "--data", stack.data], stdout=out or subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=60, check=False)


def test_the_command_line_writes_the_same(stack):
    who = client(stack)
    assert run(stack, "--export", "csv").stdout == who.get(f"{JOBS}.csv").text.replace("\r\n", "\n")
    done = run(stack, "tag=many", "status=waiting", "--export", "ndjson", "--limit", "250")
    assert done.returncode == 0
    assert done.stderr == ("troupe: the newest 250 jobs were written, and there may be more: --limit is at most "
                           "100000, to=TIME finds older ones\n"), "one that was cut said nothing"
    assert [json.loads(line) for line in done.stdout.splitlines()] == searched(who, tag="many")[:250]
    for words in (["--export", "xml"], ["--export", "csv", "--json"], ["--export", "csv", "--cursor", "x"],
                  ["--export", "csv", "--limit", "100001"]):
        assert run(stack, *words).returncode == 2, words
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = run(stack, "--export", "csv", out=full)
    assert done.returncode == 1 and done.stderr.startswith("troupe: cannot write all of it")


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_an_export_that_is_cut_says_so_and_a_whole_one_does_not(stack, form):
    who = client(stack)
    everything = len(searched(who))
    for limit, is_cut in (everything + 1, False), (everything, True), (3, True), (1, True):
        done = run(stack, "--export", form, "--limit", str(limit))
        said = f"troupe: the newest {limit} jobs were written, and there may be more"
        assert done.returncode == 0 and (done.stderr.startswith(said) if is_cut else done.stderr == ""), done.stderr


def test_the_page_downloads_what_it_is_filtered_by(stack):
    selenium()
    with tempfile.TemporaryDirectory() as folder, Browser(stack.url) as browser:
        browser.driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": folder})
        browser.open("/admin/queues/all?owner=eve")
        browser.type("input[name=token]", stack.token("v", "--role", "viewer"))
        browser.click("form.login button")
        browser.wait("[data-job]")
        for ending in "csv", "ndjson":
            browser.click(f"[data-export={ending}]")
            wait_until((pathlib.Path(folder) / f"jobs.{ending}").exists, what="the file")
        row, = table((pathlib.Path(folder) / "jobs.csv").read_text(encoding="utf-8"))
        line = json.loads((pathlib.Path(folder) / "jobs.ndjson").read_text(encoding="utf-8"))
        assert row["jobId"] == line["jobId"] == stack.other
        if os.environ.get("TEST_PICTURES"):
            browser.picture(pathlib.Path(os.environ["TEST_PICTURES"]) / "export-1280.png")
