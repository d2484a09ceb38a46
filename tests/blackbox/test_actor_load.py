"""One actor process holds 2,000 jobs that wait for slow providers, on one thread: how much memory and time it takes,
how soon all of them are cancelled, and how much memory 2,000 pictures take that are finished at once. The figures are
the design's; they hold for a release, so a build with sanitizers is only seen to work.

Its threads are the one that works, and two of ZeroMQ's, which carry bytes between it and the broker and close sockets.
libcurl starts another one for as long as it looks up a name; these providers are at an address."""

import os
import pathlib
import time

import pytest
from asset_stand import Bucket
from fake_broker import FAIL, OPERATION, PROGRAMS, Actor, Span, new_id
from fake_provider import large_png
from slow_provider import SlowProvider
from stack import wait_until
from test_actor_roles import broker  # noqa: F401

pytestmark = pytest.mark.alone
JOBS = 2000
MEMORY_MAX = 100_000_000  # bytes
PICTURE_SIZE = 96 << 10  # bytes: all of them are twice what is allowed, without base64
CPU_MAX = 0.25
CANCEL_S_MAX = 1.0
ZEROMQ_THREADS = ["ZMQbg/IO/0", "ZMQbg/Reaper"]
ZEROMQ_PART_MAX = 0.1  # of the time that all threads have used
WINDOW_S = 8  # of CPU that is measured
PING_S = 2
LIMIT = 60  # bound of each wait, in seconds
IS_RELEASE = b"__asan_init" not in (PROGRAMS / "troupe-actor-video").read_bytes()


@pytest.fixture
def provider():
    provider = SlowProvider()
    yield provider
    provider.close()


@pytest.fixture
def start(broker, provider, tmp_path):
    actors = []

    def start_actor(role, **more):
        settings = {"TROUPE_PROVIDER": "live", "TROUPE_ASSETS": tmp_path / "assets", "QUEUE_CONCURRENCY": JOBS,
                    "TROUPE_LOG_LEVEL": "warn"}
        for name in "CHAT", "IMAGE", "VIDEO":
            settings[f"TROUPE_{name}_URL"] = provider.url
            settings[f"TROUPE_{name}_MODEL"] = "slow"
        actors.append(Actor(role, broker.endpoint, **{**settings, **more}))
        broker.lease_ms = 2 * LIMIT * 1000
        broker.open(heartbeat_ms=LIMIT * 1000)  # a slow machine takes long to begin, and this broker sends no PING
        return actors[-1].process.pid

    yield start_actor
    for actor in actors:
        actor.close()


def memory_of(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmRSS")


def cpu_seconds(process):
    """Of a process or a thread, by its directory."""
    fields = (process / "stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def expect_one_thread_that_works(pid):
    """All jobs are on the first thread; there is one, however many jobs there are."""
    threads = {(task / "comm").read_text().strip(): cpu_seconds(task)
               for task in pathlib.Path(f"/proc/{pid}/task").iterdir() if task.name != str(pid)}
    assert sorted(threads) == ZEROMQ_THREADS
    assert sum(threads.values()) <= ZEROMQ_PART_MAX * cpu_seconds(pathlib.Path(f"/proc/{pid}")), threads


def load_over(pid, seconds):
    """The part of a core that the process takes from now on for some time."""
    process = pathlib.Path(f"/proc/{pid}")
    begin, used = time.monotonic(), cpu_seconds(process)
    wait_until_passed(begin + seconds)
    return (cpu_seconds(process) - used) / (time.monotonic() - begin)


def wait_until_passed(moment):
    """A load is measured over a time: there is no condition to wait for."""
    while time.monotonic() < moment:
        time.sleep(0.05)


def acknowledge_operations(broker, count):
    """Acknowledges what is recorded, until there were so many."""
    keys = ("job", "lease", "operation", "state")
    taken = 0
    end = time.monotonic() + LIMIT
    while taken < count:
        assert time.monotonic() < end and broker.pump(LIMIT)
        records = [fields for _, name, fields in broker.heard if name == "operation"]
        broker.heard = [entry for entry in broker.heard if entry[1] != "operation"]
        if records:
            broker.send(*[("operation_ack", {key: fields[key] for key in keys}) for fields in records])
        taken += len(records)


def cancel_all(broker, jobs, pid):
    """Seconds until each of the jobs has said that it is cancelled, and what became of its call."""
    broker.drop_heard()
    span = Span(pid)
    broker.send(*[("cancel", {"job": job["job"], "lease": 1}) for job in jobs])
    acknowledge_operations(broker, len(jobs))
    while sum(name == "fail" for _, name, _ in broker.heard) < len(jobs):
        assert broker.pump(LIMIT)
    seconds = span.seconds()
    assert {fields["kind"] for _, name, fields in broker.heard if name == "fail"} == {FAIL["cancelled"]}
    return seconds


def judge(capsys, pid, name, memory, load, seconds):
    with capsys.disabled():
        print(f"\n{JOBS} {name}: {memory / 1e6:.0f} MB, {load * 100:.1f} % of a core, all cancelled in {seconds:.2f} s")
    if IS_RELEASE:
        assert memory < MEMORY_MAX and load < CPU_MAX and seconds < CANCEL_S_MAX
        expect_one_thread_that_works(pid)


def test_two_thousand_videos_are_polled_and_cancelled_at_once(broker, start, provider, capsys):
    pid = start("video")
    host = provider.url.split("://")[1]
    recorded = [{"operation": 2, "state": OPERATION["submitted"], "provider": host, "task": "task-1"}]
    jobs = []
    for _ in range(JOBS // 50):
        records = []
        for _ in range(50):
            fields, some = broker.job(kind="video", payload={"duration": 5}, source=new_id(), source_document=b"{}",
                                      recorded=recorded, timeout_ms=600000)
            jobs.append(fields)
            records += some
        broker.send(*records)
    wait_until(lambda: provider.polls >= JOBS, LIMIT)
    load = load_over(pid, WINDOW_S)
    memory = memory_of(pid)
    seconds = cancel_all(broker, jobs, pid)
    assert provider.deletes == JOBS
    judge(capsys, pid, "videos", memory, load, seconds)


def order_pictures(broker, provider):
    jobs = []
    for _ in range(JOBS // 50):
        pairs = [broker.job(kind="image", payload={}, timeout_ms=300000) for _ in range(50)]
        jobs += [fields for fields, _ in pairs]
        broker.send(*[record for _, records in pairs for record in records])
    acknowledge_operations(broker, JOBS)
    wait_until(lambda: provider.hanging >= JOBS, LIMIT)
    return jobs


def test_two_thousand_pictures_hang_and_are_cancelled_at_once(broker, start, provider, capsys):
    pid = start("image")
    jobs = order_pictures(broker, provider)
    load = load_over(pid, WINDOW_S)
    memory = memory_of(pid)
    seconds = cancel_all(broker, jobs, pid)
    wait_until(lambda: provider.open == 0, LIMIT)
    judge(capsys, pid, "pictures", memory, load, seconds)


class Weighed(dict):
    """Objects of which only the size is kept, by key."""

    def __setitem__(self, key, entry):
        super().__setitem__(key, len(entry.data))


def test_two_thousand_pictures_that_are_finished_at_once_take_their_turns(broker, start, provider, capsys):
    store = Bucket()
    store.server.objects = Weighed()
    pid = start("image", **store.settings)
    picture = large_png(PICTURE_SIZE)
    jobs = order_pictures(broker, provider)
    broker.drop_heard()
    provider.draw(picture)
    peak, begun, pinged = 0, time.monotonic(), 0
    while sum(name == "done" for _, name, _ in broker.heard) < len(jobs):
        assert time.monotonic() < begun + 2 * LIMIT and not any(name == "fail" for _, name, _ in broker.heard)
        if time.monotonic() > pinged + PING_S:
            pinged = time.monotonic()
            broker.send(("ping", {"at": int(pinged * 1000)}))  # one that says nothing for long is taken for lost
        broker.pump(0.05)
        peak = max(peak, memory_of(pid))
    assert list(store.server.objects.values()) == [len(picture)] * JOBS
    store.close()
    with capsys.disabled():
        seconds = time.monotonic() - begun
        print(f"\n{JOBS} pictures of {PICTURE_SIZE >> 10} KiB stored: {peak / 1e6:.0f} MB, {seconds:.1f} s")
    if IS_RELEASE:
        assert peak < MEMORY_MAX
