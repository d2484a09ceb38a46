"""Method: the broker runs with tests/powercut/shim.c preloaded, which notes how much of each file is really on
disk. It is killed under load, every file is cut back to what was synced, and it is started again on what is
left: nothing that was acknowledged may be missing. The control is a broker that does not sync, which must be
seen to lose jobs: otherwise the test could not fail."""

import os
import random
import signal
import threading
import time

import requests

from stack import BIN, Stack, wait_until

SHIM = BIN.parent / "tests" / "libpowercut.so"
ROUNDS = 10 if os.environ.get("TEST_LONG") == "1" else 3


def synced_sizes(journal):
    sizes = {}
    for line in journal.read_text().splitlines():
        inode, size = line.split()
        sizes[int(inode)] = int(size)
    return sizes


def cut(directory, sizes):
    """Cuts each file to its synced size; returns how many bytes went."""
    lost = 0
    for path in directory.rglob("*"):
        if path.is_file():
            now = path.stat()
            synced = sizes.get(now.st_ino, 0)
            if now.st_size > synced:
                lost += now.st_size - synced
                os.truncate(path, synced)
    return lost


def submit_until(stop, client, promised):
    while not stop.is_set():
        try:
            answer = client.post("/api/v1/characters/queue", {"name": "x"}, timeout=15)
        except requests.RequestException:
            continue
        if answer.status_code == 202:
            promised.append(answer.json()["data"]["jobId"])


def powered_stack(data, journal, unsynced="off"):
    environment = {"LD_PRELOAD": str(SHIM), "POWERCUT_JOURNAL": str(journal), "TROUPE_TEST_UNSYNCED": unsynced}
    return Stack("--provider", "null:100", "--rate", "off", data=data, environment=environment)


def wait_for_the_cut(moment):
    """The moment is what varies from round to round."""
    time.sleep(moment)


def run_until_cut(data, journal, moment, unsynced="off"):
    """Loads a stack, kills all of it at once at a random moment, cuts its files. Returns what was promised."""
    promised = []
    stop = threading.Event()
    stack = powered_stack(data, journal, unsynced).start()
    clients = [stack.client(f"user-{number}") for number in range(4)]
    threads = [threading.Thread(target=submit_until, args=(stop, client, promised)) for client in clients]
    for thread in threads:
        thread.start()
    try:
        wait_until(lambda: len(promised) > 20, 30, "some jobs to be promised")
        wait_for_the_cut(moment)
        broker, = stack.children("troupe-broker")
        stack.process.send_signal(signal.SIGSTOP)  # it must not start the broker again before the cut
        os.kill(broker, signal.SIGKILL)
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)
    lost = cut(data / "broker", synced_sizes(journal))
    stack.process.send_signal(signal.SIGCONT)
    stack.stop()
    return promised, lost


def missing_after(data, journal, promised):
    with powered_stack(data, journal) as stack:
        clients = [stack.client(f"user-{number}") for number in range(4)]

        def known(job):
            return any(client.get(f"/api/v1/character-jobs/{job}").status_code == 200 for client in clients)

        return [job for job in promised if not known(job)]


def test_nothing_acknowledged_is_lost_in_a_power_cut(tmp_path):
    for number in range(ROUNDS):
        data = tmp_path / f"round-{number}"
        data.mkdir()
        journal = data / "journal"
        promised, _ = run_until_cut(data, journal, random.uniform(0.1, 0.8))
        missing = missing_after(data, journal, promised)
        assert promised and not missing, f"{len(missing)} of {len(promised)} acknowledged jobs are lost"


def test_the_method_sees_a_broker_that_does_not_sync(tmp_path):
    journal = tmp_path / "journal"
    promised, lost = run_until_cut(tmp_path, journal, 0.3, unsynced="on")
    assert lost > 0
    assert missing_after(tmp_path, journal, promised), "unsynced writes must be missed"
