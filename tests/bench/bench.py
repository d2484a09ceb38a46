"""Method: every figure of Troupe stands beside a yardstick taken in the same run on the same cores: bare libh2o
answering the same bytes, raw ROUTER/DEALER round trips, the disk's rate of synced appends. wrk makes the load;
beside each rate is the CPU time of the servers for one request (from /proc), which decides when the two
disagree, because the load generator shares the cores. POST is measured with nobody working on the queue; GET
over 1,000 jobs in all states."""

import argparse
import json
import pathlib
import re
import selectors
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import typing

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "blackbox"))
import search_many  # noqa: E402
from stack import BIN, Client, Stack, children_of, wait_until  # noqa: E402

TESTS = BIN.parent / "tests"
TICK = 100  # clock ticks a second in /proc/PID/stat (USER_HZ on Linux)
BODY = {"name": "Mira Okonkwo", "description": "A lighthouse keeper who collects storms in bottles.",
        "traits": ["curious", "stubborn"], "appearance": {"hair": "long auburn", "eyes": "green"}}
WATCHED_RATIO_MIN = 0.85  # of the rate of jobs, beside a hundred open dashboards on the same cores
MANY = 1_000_000  # jobs that are searched
BACKLOG = 100_000  # jobs that wait beside open dashboards
PAGE_MS = 500  # between two requests of a dashboard
rows = []
broken = []


def hold(is_true, words):
    """A figure that is a promise: one that is not kept is told, and is the exit code."""
    if not is_true:
        broken.append(words)
        print(f"NOT KEPT: {words}", flush=True)


def report(what, value, note="", ratio=None):
    shown = "" if ratio is None else f"{ratio:6.2f}"
    rows.append({"what": what, "value": value, "ratio": ratio, "note": note})
    print(f"{what:<44} {value:>16} {shown:>7}  {note}", flush=True)


def cpu_seconds(pids):
    total = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICK


def rss(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) * 1024


def wrk(url, connections, seconds, script=None, pids=()):
    """(requests a second, CPU microseconds of the servers a request, p99 in ms); every answer must be 2xx."""
    words = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    if script:
        words += ["-s", str(script)]
    before = cpu_seconds(pids)
    text = subprocess.run([*words, url], check=True, capture_output=True, text=True).stdout
    used = cpu_seconds(pids) - before
    count = int(re.search(r"(\d+) requests in", text)[1])
    assert "Non-2xx" not in text, text
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
    return rate, used / count * 1e6, float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


class Bare:
    """libh2o alone, answering these bytes."""

    def __init__(self, directory, body):
        path = directory / "bare.json"
        path.write_bytes(body)
        self.process = subprocess.Popen([TESTS / "bare_h2o", path], stdout=subprocess.PIPE)
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}/"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def lua(directory, name, token, method="GET", paths=(), body=None):
    """A wrk script: these paths in turn, or one POST."""
    path = directory / f"{name}.lua"
    lines = [f'wrk.method = "{method}"', f'wrk.headers["Authorization"] = "Bearer {token}"']
    if body:
        lines += ['wrk.headers["Content-Type"] = "application/json"', f"wrk.body = [==[{json.dumps(body)}]==]"]
    if paths:
        listed = ",".join(f'"{item}"' for item in paths)
        lines += [f"local paths = {{{listed}}}", "local requests, next = {}, 0",
                  "init = function() for i, p in ipairs(paths) do requests[i] = wrk.format(nil, p) end end",
                  "request = function() next = next % #requests + 1; return requests[next] end"]
    path.write_text("\n".join(lines))
    return path


def measure_raw(directory, seconds, bare):
    answer = json.dumps({"success": True, "statusCode": 200, "data": {"jobId": "x" * 36, "pad": "y" * 260}}).encode()
    with Bare(directory, answer) as server:
        for method, connections in (("GET", 64), ("POST", 64), ("POST", 256)):
            script = lua(directory, "bare", "x" * 160, method, body=BODY if method == "POST" else None)
            rate, cpu, p99 = wrk(server.url, connections, seconds, script, [server.process.pid])
            bare[method, connections] = rate, cpu
            report(f"bare libh2o {method}, {connections} connections", f"{rate:,.0f}/s",
                   f"{cpu:.1f} us CPU, p99 {p99:.1f} ms")
    syncs = int(subprocess.check_output([TESTS / "fsync_rate", directory]))
    report("append 400 B + fdatasync", f"{syncs:,}/s")
    trips = int(subprocess.check_output([TESTS / "zmq_rate", directory]))
    report("ZeroMQ round trips, ipc, 300 B", f"{trips:,}/s")


def measure_post(directory, seconds, bare):
    with Stack("--provider", "null", "--rate", "off", "--actors", "0") as stack:
        servers = stack.children("troupe-gateway", "troupe-broker")
        script = lua(directory, "post", stack.token("bench"), "POST", body=BODY)
        for connections in (64, 256):
            rate, cpu, p99 = wrk(f"{stack.url}/api/v1/characters/queue", connections, seconds, script, servers)
            report(f"durable POST, {connections} connections", f"{rate:,.0f}/s", f"{cpu:.1f} us CPU, p99 {p99:.1f} ms",
                   rate / bare["POST", connections][0])


def fill(stack, count):
    """Jobs in all states: completed, cancelled, waiting (nobody works on videos and images here)."""
    client = stack.client("bench")
    return [client.submit_character(f"n{number}") for number in range(count)]


def measure_get(directory, seconds, bare):
    with Stack("--provider", "null", "--rate", "off") as stack:
        client = stack.client("bench")
        jobs = fill(stack, 600)
        wait_until(lambda: client.job(jobs[-1])["status"] == "completed", 60)
        for pid in stack.children("troupe-actor-character"):
            stack.kill(pid, 19)  # stopped: what comes now waits, or is cancelled
        later = fill(stack, 400)
        for job in later[:100]:
            client.call("DELETE", f"/api/v1/character-jobs/{job}")
        paths = [f"/api/v1/character-jobs/{job}" for job in jobs + later]
        script = lua(directory, "get", stack.token("bench"), paths=paths)
        wrk(stack.url, 64, 1, script)
        rate, cpu, p99 = wrk(stack.url, 64, seconds, script, stack.children("troupe-gateway", "troupe-broker"))
        for pid in stack.children("troupe-actor-character"):
            stack.kill(pid, 18)
        report("status GET, 1,000 jobs, 64 connections", f"{rate:,.0f}/s", f"{cpu:.1f} us CPU, p99 {p99:.2f} ms",
               rate / bare["GET", 64][0])


def measure_jobs(directory, seconds, bare):
    slots = 1000
    environment = {"QUEUE_CONCURRENCY": str(slots), "TROUPE_LOG_LEVEL": "info"}
    with Stack("--provider", "null", "--rate", "off", environment=environment) as stack:
        script = lua(directory, "jobs", stack.token("bench"), "POST", body=BODY)
        run = run_jobs(stack, stack.client("bench"), stack.children(), script, seconds)
        report(f"jobs end to end, QUEUE_CONCURRENCY={slots}", f"{run.rate:,.0f}/s",
               f"{run.jobs:,} jobs, {run.cpu:.0f} us CPU each, all processes; accepted at {run.accepted:,.0f}/s")
        stack.stop()
        text = (stack.data / "stack.log").read_text()
        wrote = {name: int(value) for name, value in re.findall(r"(commits|keys|bytes|ended)=(\d+)", text)}
        report("written to the store per job", f"{wrote['keys'] / wrote['ended']:.1f} keys",
               f"{wrote['bytes'] / wrote['ended']:,.0f} B; {wrote['ended'] / wrote['commits']:.0f} jobs a commit")


def measure_sse(directory, seconds, bare):
    streams = 1000
    with Stack("--provider", "null", "--actors", "0") as stack:
        gateway, = stack.children("troupe-gateway")
        job = stack.client("bench").submit_character()
        text = (f"GET /api/v1/character-jobs/{job}/events HTTP/1.1\r\nHost: x\r\n"
                f"Authorization: Bearer {stack.token('bench')}\r\n\r\n").encode()
        sizes, sockets = [], []
        for _ in range(2):
            sockets += open_streams(stack.url, text, streams)
            sizes.append(rss(gateway))
        for item in sockets:
            item.close()
        report("idle event stream, memory each", f"{(sizes[1] - sizes[0]) / streams / 1000:,.1f} kB",
               f"from {streams:,} to {2 * streams:,} streams")


def measure_dashboards(directory, seconds, bare):
    """Jobs end to end beside that many open overviews, while very many others wait, and beside none, in turns: the
    machine's mood falls on both."""
    dashboards, rounds = 100, 5
    environment = {"QUEUE_CONCURRENCY": "1000"}
    with Stack("--provider", "null", "--rate", "off", environment=environment) as stack:
        boss = stack.token("boss", "--role", "admin")
        watch = (f"GET /api/v1/admin/events HTTP/1.1\r\nHost: x\r\n"
                 f"Authorization: Bearer {boss}\r\n\r\n").encode()
        client, servers = stack.client("bench"), stack.children()
        jobs = fill_backlog(stack, directory, boss)
        script = lua(directory, "watched", stack.token("bench"), "POST", body=BODY)
        runs, told, asked = {0: [], dashboards: []}, 0, 0
        for count in (0, dashboards) * rounds:
            with Readers(open_streams(stack.url, watch, count, b"event: queues")) as readers, \
                    Pages(stack.url, directory, boss, count, jobs) as pages:
                runs[count].append(run_jobs(stack, client, servers, script, seconds))
            told += readers.received
            asked += pages.rate
    assert told > 0 and asked > 0
    alone, beside = runs.values()
    ratio = statistics.median(one.rate / other.rate for one, other in zip(beside, alone))
    report(f"jobs end to end, {dashboards} open dashboards", f"{median_of(beside, 'rate'):,.0f}/s",
           f"{median_of(beside, 'cpu'):.0f} us CPU each; {median_of(alone, 'rate'):,.0f}/s and "
           f"{median_of(alone, 'cpu'):.0f} us without (ratio: median of {rounds} in turns); "
           f"{told / rounds / dashboards / 1000:,.0f} kB told to each; {asked / rounds:,.0f} requests/s of them all; "
           f"{BACKLOG:,} jobs wait", ratio)
    hold(ratio >= WATCHED_RATIO_MIN, f"beside {dashboards} dashboards the queue has less than {WATCHED_RATIO_MIN} of "
         f"its rate")


def fill_backlog(stack, directory, boss):
    """Pictures that wait in a paused queue; returns ids of as many jobs as a page shows."""
    client, admin = stack.client("backlog"), Client(stack.url, boss)
    character = client.wait_for(client.submit_character("Mira"))["result"]["characterId"]
    assert admin.post("/api/v1/admin/queues/image/pause").status_code == 200
    script = lua(directory, "backlog", stack.token("backlog"), "POST", body={"pose": "standing"})

    def waiting():
        queues = admin.get("/api/v1/admin/queues").json()["data"]["queues"]
        return next(queue["counts"]["waiting"] for queue in queues if queue["queue"] == "image")

    while waiting() < BACKLOG:
        wrk(f"{stack.url}/api/v1/characters/{character}/generate-image/queue", 64, 2, script)
    return [job["jobId"] for job in admin.get("/api/v1/admin/jobs?limit=8").json()["data"]["jobs"]]


class Pages:
    """What open overviews ask for while very much happens (gateway/www/admin/page-overview.js): the jobs that they
    show, by their ids, each time that the stream has named others, and the charts. `rate`: requests a second."""

    def __init__(self, url, directory, token, count, jobs):
        shown = f"/api/v1/admin/jobs?jobId={','.join(jobs)}"
        charts = [f"/api/v1/admin/history?range=1h&queue={queue}"
                  for queue in ("character", "image", "video", "webhook")]
        self.script = lua(directory, "pages", token, paths=[shown] * 40 + charts)
        with self.script.open("a") as file:
            file.write(f"\nfunction delay() return {PAGE_MS} end\n")
        self.words = ["wrk", "-t1", f"-c{count}", "-d600s", "-s", str(self.script), url]
        self.count = count
        self.rate = 0

    def __enter__(self):
        self.process = subprocess.Popen(self.words, stdout=subprocess.PIPE, text=True) if self.count else None
        return self

    def __exit__(self, *_):
        if self.process:
            self.process.send_signal(signal.SIGINT)
            text, _ = self.process.communicate()
            assert "Non-2xx" not in text, text
            self.rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])


def median_of(runs, member):
    return statistics.median(getattr(run, member) for run in runs)


def measure_search(directory, seconds, bare):
    """Searches of a million jobs over HTTP: each answer comes in time, and each looks further."""
    with search_many.stack_of(directory / "many", MANY) as stack:
        for what, query in search_many.QUERIES.items():
            answers = search_many.walk(stack, **query)
            times = [answer.ms for answer in answers]
            report(f"search {MANY:,} jobs: {what}", f"{max(times):,.0f} ms",
                   f"the slowest of {len(times)} answers, median {statistics.median(times):,.0f} ms; "
                   f"{sum(answer.scanned for answer in answers):,} looked at")
            hold(not search_many.late(answers), f"{what}: answers took {search_many.ANSWER_MS_MAX} ms and more")


class Run(typing.NamedTuple):
    jobs: int
    accepted: float  # a second
    rate: float  # jobs a second until all were completed
    cpu: float  # microseconds of all processes a job


def run_jobs(stack, client, servers, script, seconds):
    """Accepts jobs for so long and waits until all are completed."""
    def total(words=""):
        return client.get(f"/api/v1/character-jobs?limit=1{words}").json()["pagination"]["total"]

    before, used, start = total(), cpu_seconds(servers), time.monotonic()
    accepted, _, _ = wrk(f"{stack.url}/api/v1/characters/queue", 64, seconds, script)
    # What was still on its way when wrk left is accepted after it.
    wait_until(lambda: total("&status=completed") == total(), 120, "all jobs to complete")
    jobs = total() - before
    return Run(jobs, accepted, jobs / (time.monotonic() - start), (cpu_seconds(servers) - used) / jobs * 1e6)


class Readers:
    """Reads whatever comes on these connections, on a thread of its own, until it is left; closes them then."""

    def __init__(self, connections):
        self.connections = connections
        self.received = 0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.read)

    def read(self):
        with selectors.DefaultSelector() as selector:
            for connection in self.connections:
                selector.register(connection, selectors.EVENT_READ)
            while not self.ended.is_set():
                for key, _ in selector.select(0.1):
                    self.received += len(key.fileobj.recv(65536))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()
        for connection in self.connections:
            connection.close()


def open_streams(url, text, count, first=b"event: queued"):
    """Connections of so many event streams, each of which has told its first event."""
    host, port = url.removeprefix("http://").split(":")
    opened = []
    for _ in range(count):
        connection = socket.create_connection((host, int(port)), 10)
        connection.sendall(text)
        opened.append(connection)
    for connection in opened:
        seen = b""
        while first not in seen:
            more = connection.recv(4096)
            assert more, seen
            seen += more
    return opened


def measure_memory(directory, seconds, bare):
    measure_waiting(directory)
    measure_finished(directory)


def grow_to(stack, script, target):
    """POSTs until there are so many jobs; (how many there are, the broker's memory)."""
    client = stack.client("bench")
    broker, = stack.children("troupe-broker")
    while True:
        have = client.get("/api/v1/character-jobs?limit=1").json()["pagination"]["total"]
        if have >= target:
            return have, rss(broker)
        wrk(f"{stack.url}/api/v1/characters/queue", 64, 5, script)


def measure_waiting(directory):
    with Stack("--provider", "null", "--rate", "off", "--actors", "0") as stack:
        script = lua(directory, "memory", stack.token("bench"), "POST", body=BODY)
        small, before = grow_to(stack, script, 200_000)
        large, after = grow_to(stack, script, 1_000_000)
        report("broker memory per waiting job", f"{(after - before) / (large - small):,.0f} B",
               f"from {small:,} to {large:,} waiting")


def measure_finished(directory):
    environment = {"QUEUE_CONCURRENCY": "1000"}
    with Stack("--provider", "null", "--rate", "off", environment=environment) as stack:
        script = lua(directory, "finished", stack.token("bench"), "POST", body=BODY)
        # The store's cache and buffers are full by the first million: what grows after it would never end.
        small, before = grow_to(stack, script, 1_000_000)
        large, after = grow_to(stack, script, 2_000_000)
        report("broker memory per finished job", f"{(after - before) / (large - small):,.0f} B",
               f"from {small:,} to {large:,} finished; {after / 1e6:.0f} MB in all")


PARTS = {"raw": measure_raw, "post": measure_post, "get": measure_get, "jobs": measure_jobs, "sse": measure_sse,
         "dashboards": measure_dashboards, "search": measure_search, "memory": measure_memory}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--long", action="store_true", help="longer runs, and searches and memory at a million jobs")
    parser.add_argument("--json", metavar="FILE", help="write the table there as well")
    parser.add_argument("parts", nargs="*", help=", ".join(PARTS))
    words = parser.parse_args()
    for part in words.parts:
        if part not in PARTS:
            parser.error(f"no part {part}; there are {', '.join(PARTS)}")
    chosen = words.parts or [part for part in PARTS if part not in ("search", "memory") or words.long]
    if "raw" not in chosen and not set(chosen) <= {"dashboards", "search", "memory"}:
        chosen.insert(0, "raw")
    seconds = 15 if words.long else 5
    bare = {}
    print(f"{'':<44} {'':>16} {'ratio':>7}")
    with tempfile.TemporaryDirectory(prefix="troupe-bench-") as directory:
        for part in chosen:
            PARTS[part](pathlib.Path(directory), seconds, bare)
    if words.json:
        pathlib.Path(words.json).write_text(json.dumps(rows, indent=1))
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
