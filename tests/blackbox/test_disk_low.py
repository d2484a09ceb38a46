"""Below the floor of free space: whatever would begin work is refused, whatever is there goes on, and all who look at
the queues are told."""

import contextlib
import json
import os
import pathlib
import subprocess
import tempfile

from browser import selenium
from stack import TROUPE, Client, Stack, wait_until
from terminal import Terminal
from test_admin_queues import Watch
from test_dashboard import signed_in

NULL = ("--provider", "null", "--rate", "off")
FLOOR = 1 << 50  # more than any disk has, and a number that a browser can hold
FULL = {"TROUPE_SPACE_FLOOR": str(FLOOR)}
QUEUES = "/api/v1/admin/queues"
ROOM = 64 << 20  # bytes above the floor of a disk that a test fills
PAGES = ["", "/character", "/all", "/failures", "/history", "/users", "/workers", "/providers", "/system", "/audit",
         "/nowhere"]
BANNER = "main .disk-low"
LINE = "the disk is nearly full"


def test_all_that_begins_work_is_refused_and_the_rest_goes_on(tmp_path):
    with Stack(*NULL, "--actors", "0", data=tmp_path) as stack:
        client = stack.client()
        running, gone, dropped = (client.submit_character(name) for name in ("running", "gone", "dropped"))
        assert client.call("DELETE", f"/api/v1/character-jobs/{gone}").status_code == 200
    with Stack(*NULL, data=tmp_path, environment=FULL) as stack:
        client = stack.client()
        operator = Client(stack.url, stack.token("operator", "--role", "admin"))
        character = client.wait_for(running)["result"]["characterId"]
        assert character, "what was accepted completes"
        assert client.wait_for(dropped)["status"] == "completed"
        begins = [("/api/v1/characters/queue", {"name": "x"}), ("/api/v1/characters", {"name": "x"}),
                  (f"/api/v1/characters/{character}/generate-image/queue", {}),
                  ("/api/v1/batches", {"jobs": [{"type": "character", "name": "x"}]}),
                  ("/api/v1/pipelines", {"character": {"name": "x"}, "images": [{}]}),
                  (f"/api/v1/character-jobs/{gone}/retry", None),
                  ("/api/v1/webhooks", {"url": "https://example.com/hook"})]
        for path, body in begins:
            answer = client.post(path, body)
            assert answer.status_code == 507, (path, answer.text)
            assert answer.json()["error"]["code"] == "insufficient_storage" and answer.headers["retry-after"]
        assert operator.post("/api/v1/admin/backups").status_code == 507
        many = operator.post("/api/v1/admin/operations", {"action": "retry", "where": {"status": "cancelled"}})
        assert (many.status_code, many.json()["error"]["code"]) == (507, "insufficient_storage"), many.text
        assert operator.post("/api/v1/admin/operations", {"action": "cancel", "where": {"status": "waiting"}}
                             ).status_code == 202, "what begins no work is done"
        assert client.get("/readyz").status_code == 200
        assert client.job(gone)["status"] == "cancelled", "a retry that was refused has changed nothing"
        assert client.call("DELETE", f"/api/v1/characters/{character}").status_code == 200
        wait_until(lambda: client.get(f"/api/v1/characters/{character}").status_code == 404, 10, "its deletion")
        assert "disk nearly full" in stack.text_of_log()
    with Stack(*NULL, data=tmp_path) as stack:
        client = stack.client()
        assert client.post(f"/api/v1/character-jobs/{gone}/retry").status_code == 200
        assert client.wait_for(gone)["status"] == "completed", "there is room again"


class Disk:
    """A disk of its own (the one in memory, which nobody else writes to) with a little room above a broker's floor."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        free = os.statvfs(folder)
        self.floor = free.f_bavail * free.f_frsize - ROOM
        self.environment = {"TROUPE_SPACE_FLOOR": str(self.floor)}

    def fill(self):
        with open(self.folder / "filler", "wb") as file:
            os.posix_fallocate(file.fileno(), 0, 2 * ROOM)

    def free(self):
        (self.folder / "filler").unlink(missing_ok=True)


@contextlib.contextmanager
def small_disk():
    with tempfile.TemporaryDirectory(prefix="troupe-test-", dir="/dev/shm") as folder:
        disk = Disk(folder)
        with Stack(*NULL, data=folder, environment=disk.environment) as stack:
            yield disk, stack


def troupe(stack, *words):
    return subprocess.run([TROUPE, *words, "--data", stack.data], capture_output=True, text=True, timeout=60,
                          env=stack.environment)


def test_it_is_told_with_the_queues_and_live_in_both_directions():
    with small_disk() as (disk, stack):
        viewer = Client(stack.url, stack.token("eyes", "--role", "viewer"))
        told = viewer.get(QUEUES).json()["data"]
        assert (told["diskLow"], told["disk"]) == (False, None)
        watch = Watch(viewer)
        for is_low in False, True, False:
            (disk.fill if is_low else disk.free)()
            told = watch.until(lambda name, data: name == "queues" and data["diskLow"] == is_low and data)
            assert (told["disk"] is not None) == is_low
            if is_low:
                assert told["disk"]["freeBytes"] < told["disk"]["floorBytes"] == disk.floor
                assert viewer.get(QUEUES).json()["data"]["disk"]["floorBytes"] == disk.floor
        watch.close()


def test_the_command_line_tells_of_it_above_the_queues(tmp_path):
    with Stack(*NULL, data=tmp_path, environment=FULL) as stack:
        admin = Client(stack.url, stack.token("boss", "--role", "admin"))
        wait_until(lambda: admin.get(QUEUES).json()["data"]["diskLow"], what="a low disk")
        for columns in 120, 60:
            for command in ("queues",), ("queues", "--once"), ("top",):
                view = Terminal(*command, "--data", tmp_path, environment=stack.environment, columns=columns)
                drawn = view.until("webhook")
                assert LINE in drawn and drawn.index(LINE) < drawn.index("QUEUE"), (command, drawn)
                assert "free" in drawn and "refused" in drawn
                if "--once" not in command:
                    view.press("q")
                assert view.end() == 0
        for command in ("queues", "top"):
            piped = troupe(stack, command, "--once")
            assert piped.returncode == 0 and piped.stdout.startswith("QUEUE"), "rows are for programs"
            assert LINE in piped.stderr and piped.stderr.count("\n") == 1
            told = json.loads(troupe(stack, command, "--json", "--once").stdout)
            assert told["diskLow"] is True and told["disk"]["freeBytes"] < told["disk"]["floorBytes"] == FLOOR
        workers = troupe(stack, "workers")
        assert LINE not in workers.stdout + workers.stderr


def test_the_command_line_tells_nothing_of_a_disk_with_room(tmp_path):
    with Stack(*NULL, data=tmp_path) as stack:
        view = Terminal("queues", "--once", "--data", tmp_path, environment=stack.environment)
        assert LINE not in view.until("webhook") and view.end() == 0
        for command in ("queues", "top"):
            piped = troupe(stack, command, "--once")
            assert LINE not in piped.stdout + piped.stderr
            told = json.loads(troupe(stack, command, "--json", "--once").stdout)
            assert (told["diskLow"], told["disk"]) == (False, None)


def test_every_page_of_the_dashboard_has_a_banner(tmp_path):
    selenium()
    with Stack(*NULL, data=tmp_path, environment=FULL) as stack, signed_in(stack, role="viewer") as browser:
        for width in 1280, 390:
            browser.resize(width, 900)
            for page in PAGES:
                browser.open(QUEUES.removeprefix("/api/v1") + page)
                browser.wait("main h1" if page != "/nowhere" else "main")
                browser.wait(BANNER, "nearly full")
                text, = browser.texts(BANNER)
                assert "refused" in text and "free" in text and "TROUPE_SPACE_FLOOR" in text, text
                assert browser.script("return document.documentElement.scrollWidth <= innerWidth"), (page, width)
            browser.open("/admin/queues")
            browser.wait("section.queue[data-queue=image] .state", "No new jobs")
            lines = browser.script("return document.querySelector('section.queue h2').getBoundingClientRect().height")
            assert lines < 40, "a name is not broken to make room"
            browser.open("/admin/queues/image")
            browser.wait("main .state", "No new jobs")


def test_the_banner_comes_and_goes_without_a_reload():
    selenium()
    with small_disk() as (disk, stack), signed_in(stack) as browser:
        browser.wait("section.queue[data-queue=image] .state", "Idle")
        assert not browser.all(BANNER)
        disk.fill()
        browser.wait(BANNER, "nearly full")
        browser.wait("section.queue[data-queue=image] .state", "No new jobs")
        disk.free()
        browser.wait_gone(BANNER)
        assert "No new jobs" not in " ".join(browser.texts(".state"))
