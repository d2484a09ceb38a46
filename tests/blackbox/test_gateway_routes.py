"""Every route of the gateway's table: OPTIONS, HEAD, methods it has not, and tokens. The table is read from its source,
so that no route is forgotten here."""

import re
import uuid

import pytest

from gateway_stand import ROOT, data_of, error_of, shared  # noqa: F401

ROUTES = re.findall(r'\{"([A-Z]+)", "([^"]+)",\s*(\w+),\s*ROUTE_AUTH_(\w+)\}', (ROOT / "gateway/routes.c").read_text())
PATTERNS = sorted({pattern for _, pattern, _, _ in ROUTES})
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


def path_of(pattern):
    return re.sub(r":\w+", str(uuid.uuid4()), pattern).replace("*", "nothing.png")


def methods_of(pattern):
    methods = [method for method, other, _, _ in ROUTES if other == pattern]
    return methods + ["HEAD"] if "GET" in methods else methods


def test_the_table_is_read_whole():
    assert len(ROUTES) == (ROOT / "gateway/routes.c").read_text().count("ROUTE_AUTH_") > 15
    assert ("GET", "/healthz", "health_live", "NONE") in ROUTES


@pytest.mark.parametrize("pattern", PATTERNS)
def test_options_tells_the_methods_of_every_route(shared, pattern):
    answer = shared.gateway.call("OPTIONS", path_of(pattern), owner=None)
    assert (answer.status_code, answer.text) == (204, "")
    assert sorted(answer.headers["allow"].split(", ")) == sorted(methods_of(pattern) + ["OPTIONS"])


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_method_that_a_route_has_not_is_405_with_allow(shared, pattern):
    for method in set(METHODS) - set(methods_of(pattern)):
        answer = shared.gateway.call(method, path_of(pattern))
        assert answer.status_code == 405
        assert sorted(answer.headers["allow"].split(", ")) == sorted(methods_of(pattern) + ["OPTIONS"])
        if method != "HEAD":
            assert error_of(answer)[0] == "method_not_allowed"


@pytest.mark.parametrize("pattern", [pattern for pattern in PATTERNS if "GET" in methods_of(pattern)])
def test_head_tells_what_get_would(shared, pattern):
    path = path_of(pattern)
    with shared.gateway.get(path, stream=True) as got:
        head = shared.gateway.call("HEAD", path)
        assert head.text == "" and head.status_code == got.status_code
        for name in "content-type", "content-length", "cache-control", "etag", "vary":
            varies = got.headers["content-type"].startswith("text/event-stream") or pattern == "/metrics"
            if not varies or name == "content-type":
                assert head.headers.get(name) == got.headers.get(name), name


@pytest.mark.parametrize("method, pattern, auth", [(method, pattern, auth) for method, pattern, _, auth in ROUTES])
def test_every_route_asks_for_a_token_as_its_row_says(shared, method, pattern, auth):
    with shared.gateway.call(method, path_of(pattern), owner=None, stream=True) as answer:
        assert (answer.status_code == 401) == (auth.startswith("BEARER") or auth in ("VIEWER", "ADMIN"))
        assert answer.headers["x-request-id"]


def test_the_poses_are_those_that_a_body_may_name(shared):
    poses = data_of(shared.gateway.get("/api/v1/poses"))
    source = (ROOT / "proto/poses.c").read_text()
    assert [pose["poseId"] for pose in poses] == re.findall(r'^    \{"([\w-]+)"', source, re.MULTILINE)
    assert all(set(pose) == {"poseId", "title", "description"} and pose["title"] and pose["description"]
               for pose in poses)
    image = f"/api/v1/characters/{uuid.uuid4()}/generate-image/queue"
    for pose in poses:
        assert shared.gateway.post(image, json={"poseId": pose["poseId"]}).status_code == 202
