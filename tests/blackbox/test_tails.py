"""Method: a thousand readers follow one user's events on one gateway while jobs run and the gateway and the broker
are killed twice each. A reader that loses its connection comes back with its last event's number. In the end all
must have the same list of events, and it must be the one that a late reader gets from the start: no gap, no
repeat. One more reader takes nothing at all: it must cost the gateway no more than its bounded buffer."""

import asyncio
import os
import pathlib
import random
import re
import socket
import time
import urllib.parse

from stack import Stack, wait_until

LONG = os.environ.get("TEST_LONG") == "1"
TAILS = 1000
JOBS = 400 if LONG else 80
KILLS = ["troupe-gateway", "troupe-broker", "troupe-gateway", "troupe-broker"]
PATH = "/api/v1/events"
ENDS = {"completed", "failed", "cancelled"}
DEADLINE_S = 300 if LONG else 150


async def wait_before_retry():
    """As clients do: not all at one moment."""
    await asyncio.sleep(random.uniform(0.02, 0.3))


class Tail:
    """One reader: resumes for ever, remembers the number of each event and a digest of all their bytes."""

    def __init__(self, address, token, after):
        self.address = address
        self.head = (f"GET {PATH} HTTP/1.1\r\nHost: troupe\r\nAuthorization: Bearer {token}\r\n"
                     "Accept: text/event-stream\r\nLast-Event-ID: ")
        self.last = after
        self.numbers = []
        self.digest = 0
        self.resets = 0
        self.connected = asyncio.Event()

    async def follow(self):
        while True:
            writer = None
            try:
                reader, writer = await asyncio.open_connection(*self.address)
                writer.write(f"{self.head}{self.last}\r\n\r\n".encode())
                await self.read(reader)
            except (OSError, asyncio.IncompleteReadError):
                pass
            finally:
                if writer is not None:
                    writer.close()
            await wait_before_retry()

    async def read(self, reader):
        answer = await reader.readuntil(b"\r\n\r\n")
        if not answer.startswith(b"HTTP/1.1 200"):
            return
        self.connected.set()
        rest = b""
        while True:
            size = await reader.readuntil(b"\r\n")
            chunk = await reader.readexactly(int(size, 16) + 2)
            if size == b"0\r\n":
                return
            *events, rest = (rest + chunk[:-2]).split(b"\n\n")
            for event in events:
                self.take(event)

    def take(self, event):
        self.resets += b"event: reset" in event
        number = re.match(rb"id: (\d+)\n", event)
        if number:  # others are comments
            self.last = int(number[1])
            self.numbers.append(self.last)
            self.digest = hash((self.digest, event))


def address_of(stack):
    url = urllib.parse.urlsplit(stack.url)
    return url.hostname, url.port


def rss_of(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) << 10


async def wait_for(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not in {seconds} s"
        await asyncio.sleep(0.05)


def submit_surely(client, number):
    """One job, whoever is being killed just now."""
    body, headers = {"name": f"Tailed {number}"}, {"Idempotency-Key": f"tailed-{number}"}

    def attempt():
        try:
            answer = client.post("/api/v1/characters/queue", body, headers=headers, timeout=15)
            return answer.json()["data"]["jobId"] if answer.status_code == 202 else None
        except OSError:  # what requests raises is one
            return None

    return wait_until(attempt, 60, "a 202")


async def run_and_kill(stack, client):
    """Submits the jobs; between them, at even distances, come the kills."""
    loop = asyncio.get_running_loop()
    jobs = []
    for number in range(JOBS):
        jobs.append(await loop.run_in_executor(None, submit_surely, client, number))
        if number % (JOBS // len(KILLS)) == JOBS // len(KILLS) // 2:
            program = KILLS[number // (JOBS // len(KILLS))]
            await wait_for(lambda: stack.children(program), 30, f"{program} to run")
            stack.kill(stack.children(program)[0])
    return jobs


def whole_history(client, after, jobs):
    """What a late reader gets: everything up to the end of the last job."""
    open_jobs = set(jobs)

    def is_last(event):
        if event[1] in ENDS:
            open_jobs.discard(event[2]["jobId"])
        return not open_jobs

    return [int(number) for number, _, _ in client.events(PATH, after, is_last, DEADLINE_S)]


async def tail_all(stack, client, after):
    tails = [Tail(address_of(stack), client.session.headers["Authorization"].split()[1], after) for _ in range(TAILS)]
    tasks = [asyncio.create_task(tail.follow()) for tail in tails]
    try:
        await wait_for(lambda: all(tail.connected.is_set() for tail in tails), 60, "every reader to be connected")
        jobs = await run_and_kill(stack, client)
        history = await asyncio.get_running_loop().run_in_executor(None, whole_history, client, after, jobs)
        await wait_for(lambda: all(tail.last >= history[-1] for tail in tails), DEADLINE_S, "every reader at the end")
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return tails, history


def test_a_thousand_tails_see_the_same_whole_story_through_kills():
    with Stack("--provider", "null:300", "--rate", "off", environment={"QUEUE_CONCURRENCY": "20"}) as stack:
        client = stack.client("tailed")
        first = client.submit_character("first")
        client.wait_for(first)
        after = int(client.events(f"/api/v1/character-jobs/{first}/events")[-1][0])
        tails, history = asyncio.run(tail_all(stack, client, after))
    assert len(history) >= JOBS * 3 and history == sorted(set(history))
    for tail in tails:
        assert tail.resets == 0
        assert tail.numbers == history, (len(tail.numbers), len(history))
    assert len({tail.digest for tail in tails}) == 1, "the same bytes for everyone"


def open_deaf(stack, client):
    """A connection that asks for the events and then takes none."""
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    deaf.connect(address_of(stack))
    deaf.sendall(f"GET {PATH} HTTP/1.1\r\nHost: troupe\r\n"
                 f"Authorization: {client.session.headers['Authorization']}\r\n\r\n".encode())
    return deaf


def test_readers_that_take_nothing_cost_a_bounded_buffer_and_delay_nobody():
    deaf_count, jobs_count = 50, 3000 if LONG else 1000
    bound = 256 << 10  # bytes each: both buffers of a stream (64 KiB) and what is being sent, with room
    with Stack("--provider", "null", "--rate", "off", environment={"QUEUE_CONCURRENCY": "50"}) as stack:
        client = stack.client("busy")
        gateway, = stack.children("troupe-gateway")
        client.wait_for(client.submit_character("first"))
        deaf = [open_deaf(stack, client) for _ in range(deaf_count)]
        try:
            before = rss_of(gateway)
            jobs = [client.submit_character(f"n{number}") for number in range(jobs_count)]
            started = time.monotonic()
            client.wait_for(jobs[-1])
            probe = client.submit_character("probe")
            events = client.events(f"/api/v1/character-jobs/{probe}/events", seconds=20)
            assert events[-1][1] == "completed"
            assert time.monotonic() - started < 60
            grown = rss_of(gateway) - before
            # The cache of states grows as well, and is bounded by itself: its jobs are counted out at 4 KiB each.
            assert grown < deaf_count * bound + jobs_count * 4096, f"{grown / 1e6:.1f} MB"
        finally:
            for reader in deaf:
                reader.close()
