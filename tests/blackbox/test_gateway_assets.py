"""Assets: ranges, validators, headers, and names that must not be reached."""

import os
import urllib.request

import pytest

from gateway_stand import Stand, error_of, shared, stand, until  # noqa: F401

DATA = bytes(range(256)) * 1000
NAME = "characters/0000/aaaa.png"


@pytest.fixture(scope="module")
def asset(shared):
    path = shared.gateway.assets / NAME
    path.parent.mkdir(parents=True)
    path.write_bytes(DATA)
    return "/assets/" + NAME


def fetch(shared, path, method="GET", **headers):
    return shared.gateway.call(method, path, owner=None, headers={
        name.replace("_", "-"): value for name, value in headers.items()})


def test_an_asset_needs_no_token_and_may_be_kept_for_ever(shared, asset):
    response = fetch(shared, asset)
    assert response.status_code == 200 and response.content == DATA
    headers = response.headers
    assert headers["content-type"] == "image/png" and headers["content-length"] == str(len(DATA))
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    assert headers["x-content-type-options"] == "nosniff" and headers["accept-ranges"] == "bytes"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox" and headers["etag"]
    head = fetch(shared, asset, "HEAD")
    assert head.content == b"" and head.headers["content-length"] == str(len(DATA))


@pytest.mark.parametrize("name, kind", [
    ("a.mp4", "video/mp4"), ("a.jpg", "image/jpeg"), ("a.PNG", "image/png"), ("a.html", "application/octet-stream"),
    ("a", "application/octet-stream"),
])
def test_the_type_is_the_names(shared, name, kind):
    (shared.gateway.assets / name).write_bytes(b"x")
    assert fetch(shared, "/assets/" + name).headers["content-type"] == kind


@pytest.mark.parametrize("header, first, last", [
    ("bytes=0-0", 0, 0), ("bytes=100-199", 100, 199), ("bytes=255000-", 255000, 255999),
    ("bytes=-1000", 255000, 255999), ("bytes=0-999999999", 0, 255999), ("bytes=65530-131080", 65530, 131080),
])
def test_one_range_is_a_part(shared, asset, header, first, last):
    response = fetch(shared, asset, Range=header)
    assert response.status_code == 206
    assert response.content == DATA[first:last + 1]
    assert response.headers["content-range"] == f"bytes {first}-{last}/{len(DATA)}"
    assert fetch(shared, asset, "HEAD", Range=header).headers["content-length"] == str(last - first + 1)


@pytest.mark.parametrize("header", ["bytes=256000-", "bytes=-0", "bytes=999999-1000000"])
def test_a_range_outside_is_416(shared, asset, header):
    response = fetch(shared, asset, Range=header)
    assert response.status_code == 416 and error_of(response)[0] == "range_not_satisfiable"
    assert response.headers["content-range"] == f"bytes */{len(DATA)}"


@pytest.mark.parametrize("header", ["bytes=0-1,5-6", "bytes=x", "lines=1-2", "bytes=5-1"])
def test_other_ranges_give_everything(shared, asset, header):
    response = fetch(shared, asset, Range=header)
    assert response.status_code == 200 and response.content == DATA


def test_validators(shared, asset):
    etag = fetch(shared, asset).headers["etag"]
    for known in etag, "*", f'"x", {etag}':
        response = fetch(shared, asset, If_None_Match=known)
        assert (response.status_code, response.content, response.headers["etag"]) == (304, b"", etag)
    assert fetch(shared, asset, If_None_Match='"other"').status_code == 200
    assert fetch(shared, asset, If_Range=etag, Range="bytes=0-9").status_code == 206
    for stale in '"other"', "Thu, 01 Jan 2026 00:00:00 GMT", "W/" + etag:
        assert fetch(shared, asset, If_Range=stale, Range="bytes=0-9").status_code == 200


def test_an_empty_asset(shared):
    (shared.gateway.assets / "empty.png").write_bytes(b"")
    response = fetch(shared, "/assets/empty.png")
    assert (response.status_code, response.content, response.headers["content-length"]) == (200, b"", "0")
    assert fetch(shared, "/assets/empty.png", Range="bytes=0-").status_code == 416


def test_nothing_outside_is_reached(shared, tmp_path):
    root = shared.gateway.assets
    (root.parent / "outside.png").write_bytes(b"outside")
    (root / ".hidden.png").write_bytes(b"hidden")
    (root / "folder").mkdir()
    (root / "folder" / "in.png").write_bytes(b"in")
    os.symlink(root.parent / "outside.png", root / "link.png")
    os.symlink(root.parent, root / "up")
    os.mkfifo(root / "pipe.png")
    for path in ["missing.png", ".hidden.png", "folder", "folder/", "", "link.png", "up/outside.png", "pipe.png",
                 "folder/missing/in.png", "folder/in.png/x", "folder//in.png", "a b.png", "x" * 300, "../outside.png",
                 "%2e%2e/outside.png", "..%2foutside.png", "folder/..%2f..%2foutside.png", "in.png%00", "x\\y"]:
        raw = f"GET /assets/{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".replace("/a b", "/a%20b")
        answer = shared.gateway.raw(raw.encode())
        assert b" 404 " in answer.split(b"\r\n")[0], (path, answer)
    assert fetch(shared, "/assets/folder/in.png").content == b"in"


def test_a_setting_demands_tokens(tmp_path):
    stand = Stand(tmp_path, TROUPE_ASSETS_AUTH="on")
    try:
        (stand.gateway.assets / "x.png").write_bytes(b"x")
        assert stand.gateway.get("/assets/x.png", owner=None).status_code == 401
        response = stand.gateway.get("/assets/x.png")
        assert response.status_code == 200 and response.headers["cache-control"].startswith("private")
    finally:
        stand.stop()


def test_a_large_asset_is_sent_in_pieces(shared):
    """A reader that takes nothing makes the gateway hold a piece, not the file."""
    path = shared.gateway.assets / "large.mp4"
    with open(path, "wb") as file:
        file.truncate(200 << 20)

    def memory():
        with open(f"/proc/{shared.gateway.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))

    before = memory()
    connections = []
    for _ in range(20):
        connection = shared.gateway.connect()
        connection.sendall(b"GET /assets/large.mp4 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(10).startswith(b"HTTP/1.1 2")
        connections.append(connection)
    assert memory() - before < 20000
    for connection in connections:
        connection.close()
    with urllib.request.urlopen(shared.gateway.url + "/assets/large.mp4") as response:
        assert sum(len(piece) for piece in iter(lambda: response.read(1 << 20), b"")) == 200 << 20


def test_too_many_assets_at_once_are_503(stand):
    """Readers that take nothing hold their files open."""
    with open(stand.gateway.assets / "large.mp4", "wb") as file:
        file.truncate(64 << 20)
    connections = []
    try:
        for _ in range(1024):
            connections.append(stand.gateway.connect())
            connections[-1].sendall(b"GET /assets/large.mp4 HTTP/1.1\r\nHost: x\r\n\r\n")
        for connection in connections:
            assert connection.recv(10).startswith(b"HTTP/1.1 2")
        response = fetch(stand, "/assets/large.mp4")
        assert response.status_code == 503 and error_of(response)[0] == "busy"
    finally:
        for connection in connections:
            connection.close()
    until(lambda: fetch(stand, "/assets/large.mp4", "HEAD").status_code == 200, "files to be closed")
