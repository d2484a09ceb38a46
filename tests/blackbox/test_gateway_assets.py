"""Assets in a directory: names that must not be reached, who may ask, and how much at once. What is the same in a
bucket: test_assets_served.py."""

import os
import resource
import socket
import urllib.request

from gateway_stand import Stand, error_of, shared, stand, until  # noqa: F401

def fetch(shared, path, method="GET", **headers):
    return shared.gateway.call(method, path, owner=None, headers={
        name.replace("_", "-"): value for name, value in headers.items()})


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


def test_what_cannot_be_opened_is_not_told_as_missing(shared):
    """A socket is refused by open(2) itself, as a file is on a disk that fails."""
    (shared.gateway.assets / "here.png").write_bytes(b"here")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(shared.gateway.assets / "fault.png"))
        response = fetch(shared, "/assets/fault.png")
        assert (response.status_code, error_of(response)[0]) == (502, "asset_store_failed")
    assert fetch(shared, "/assets/here.png").content == b"here"
    process = shared.gateway.process.pid
    used = {int(name) for name in os.listdir(f"/proc/{process}/fd")}
    limits = resource.prlimit(process, resource.RLIMIT_NOFILE)
    resource.prlimit(process, resource.RLIMIT_NOFILE, (min(set(range(len(used) + 1)) - used), limits[1]))
    try:
        response = fetch(shared, "/assets/here.png")
        assert (response.status_code, error_of(response)[0]) == (503, "busy")
    finally:
        resource.prlimit(process, resource.RLIMIT_NOFILE, limits)
    assert fetch(shared, "/assets/here.png").content == b"here"


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
