"""The dashboard's files: what the gateway serves of them, to whom, and what they may not do. What the pages do is
test_dashboard.py's."""

import re

import pytest

from contract import ROOT
from gateway_stand import shared  # noqa: F401

FOLDER = ROOT / "gateway/www/admin"
FILES = sorted(path.name for path in FOLDER.iterdir())
KINDS = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


def test_admin_leads_to_the_dashboard(shared):
    answer = shared.gateway.get("/admin", owner=None, allow_redirects=False)
    assert (answer.status_code, answer.headers["location"], answer.content) == (302, "/admin/queues", b"")


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_browser_that_opens_the_host_is_led_to_the_dashboard(shared, method):
    answer = shared.gateway.call(method, "/", owner=None, headers={"Accept": BROWSER}, allow_redirects=False)
    assert (answer.status_code, answer.headers["location"], answer.content) == (302, "/admin/queues", b"")
    assert "accept" in answer.headers["vary"].lower()


@pytest.mark.parametrize("method, path, accept", [
    ("GET", "/", None), ("GET", "/", "*/*"), ("GET", "/", "application/json"), ("GET", "/", "application/json, */*"),
    ("GET", "/", "application/json, text/html;q=0.9"), ("POST", "/", BROWSER), ("OPTIONS", "/", BROWSER),
    ("GET", "/nothing", BROWSER), ("GET", "//x", BROWSER)])
def test_programs_find_nothing_there(shared, method, path, accept):
    answer = shared.gateway.call(method, path, owner=None, headers={"Accept": accept}, allow_redirects=False)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/json; charset=utf-8")
    assert answer.json() == {"success": False, "statusCode": 404, "message": "Nothing here",
                             "error": {"code": "not_found", "details": []}}


@pytest.mark.parametrize("place", ["", "/image?status=failed", "/jobs/7f3c2a10-9d55-4b7e-8a51-2f6a0c9d1e34", "/x/y/z"])
def test_every_place_is_the_same_page(shared, place):
    answer = shared.gateway.get("/admin/queues" + place, owner=None)
    assert answer.status_code == 200 and answer.content == (FOLDER / "queues.html").read_bytes()
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    again = shared.gateway.get("/admin/queues" + place, owner=None, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", [name for name in FILES if name != "queues.html"])
def test_a_file_is_served_and_kept_by_its_tag(shared, name):
    answer = shared.gateway.get(f"/admin/{name}", owner=None)
    assert answer.status_code == 200 and answer.content == (FOLDER / name).read_bytes()
    assert answer.headers["content-type"] == KINDS["." + name.split(".")[-1]]
    assert answer.headers["cache-control"] == "no-cache" and answer.headers["x-content-type-options"] == "nosniff"
    again = shared.gateway.get(f"/admin/{name}", owner=None, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["nothing.js", "queues.html", "app.js/", "app", "docs.js", "APP.JS"])
def test_there_is_nothing_else(shared, path):
    assert shared.gateway.get(f"/admin/{path}", owner=None).status_code == 404


@pytest.mark.parametrize("path", ["/admin/", "/admin/queues/"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_slash_too_many_leads_to_the_page(shared, path, method):
    answer = shared.gateway.call(method, path, owner=None, allow_redirects=False)
    assert (answer.status_code, answer.headers["location"], answer.content) == (308, "/admin/queues", b"")
    page = shared.gateway.get("/admin/queues", owner=None)
    for name in "content-security-policy", "referrer-policy", "x-content-type-options":
        assert answer.headers[name] == page.headers[name]
    assert shared.gateway.call("POST", path, owner=None).status_code == 405


def test_the_page_may_load_nothing_from_elsewhere_and_nothing_in_a_line(shared):
    policy = shared.gateway.get("/admin/queues", owner=None).headers["content-security-policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules.pop("default-src") == "'none'"
    assert {name for name, value in rules.items() if value == "'self'"} == {
        "script-src", "style-src", "connect-src", "img-src", "media-src"}
    assert set(rules.values()) == {"'self'", "'none'"}


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_made_of_text_and_no_other_host_is_named(name):
    text = (FOLDER / name).read_text().replace("http://www.w3.org/2000/svg", "")
    assert not re.findall(r"(?:https?:)?//\w[\w.-]*\.\w+", text)
    assert not re.search(r"(inner|outer|Adjacent)HTML|document\.write|\beval\(|new Function|DOMParser", text)
    if name.endswith(".html"):
        assert "style=" not in text and not re.search(r"\son\w+=", text) and "<script>" not in text
