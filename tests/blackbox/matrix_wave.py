"""All cells of the matrix that share a disturbance, at work at the same time in one stack: the studio behind a proxy,
actors of the test's own behind another. The disturbance comes while requests stand at the steps of the cells
(matrix_stands.py): of as many as can be brought to stand at once, and once more for those that come later."""

import contextlib
import datetime
import json
import os
import random
import signal
import socket
import threading
import time

import asset_stand
import matrix_cells
from fake_broker import Actor
from matrix_stands import Stands
from proxy import Proxy
from stack import Stack, wait_until
from studio_stand import PICTURE_MODEL, Studio

ROLES = ("character", "image", "video")
PROGRAMS = {"actor killed": ROLES, "broker killed": ("troupe-broker",)}
# Of a job whose result never comes: it is ordered before that, though the network may be gone and others order, too. A
# worker that is lost takes half a minute to be seen, and longer the more there is to do.
LONG = os.environ.get("TEST_LONG") == "1"
DEADLINE_SECONDS = {"nothing": 25, "actor killed": 100 if LONG else 70}
DEADLINE_SECONDS_OTHERS = 80 if LONG else 45
JOB_SECONDS = 240  # that a job may take, on a busy machine
FILMS_AT_ONCE = 28  # of a wave: more than that take longer than the jobs' deadlines; a picture is half as much
PRICES = {"chat": 1000, "image": 20000, "video": 500000}  # of a call, in millionths of a dollar
CUT_SECONDS = 1.5
HOLD_SECONDS = 3
DISTURBED_MAX = 6  # times, in a portion, but where cells are apart
LATE_STEPS = ("download",)  # after a film is made: their jobs begin before all others
LATE_SECONDS = 4  # for which the first of them stands before the others begin
SWEEP_SECONDS = 5  # what nobody uses goes when it is so old


def free_port():
    """Below the ports that connections of other programs get."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as probe:
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port


def wait_while_gone(seconds):
    """How long the network is gone is what the test does, not something that it waits for."""
    time.sleep(seconds)


def is_apart(cell):
    """The broker has a task dropped by another worker than its own once only: where workers are killed, jobs that are
    cancelled are not among others, at whose steps they are killed, too, and they are killed once."""
    return cell.disturbance == "actor killed" and cell.is_cancelled()


def portions_of(cells):
    """As many as are at work at once."""
    portions, load, was_apart = [], 2 * FILMS_AT_ONCE, False
    for cell in sorted(cells, key=is_apart):
        more = 2 if cell.job == "video" else 1
        if load + more > 2 * FILMS_AT_ONCE or is_apart(cell) != was_apart:
            portions.append([])
            load, was_apart = 0, is_apart(cell)
        load += more
        portions[-1].append(cell)
    return portions


class Wave:
    """One stack and the cells in it. run() fills in `ended`: what became of each cell's job."""

    def __init__(self, disturbance, cells, folder, looks_up=False, orders=False, keys=False, bucket=False,
                 second=False):
        self.disturbance = disturbance
        self.cells = cells
        self.folder = folder
        self.looks_up = looks_up  # what became of orders of unknown outcome
        self.orders = orders  # pictures are ordered and polled
        self.bucket = bucket  # assets are in one, rather than in a directory
        self.second = second  # each use has another provider, which is asked when the first has failed
        self.keys = keys  # orders have an Idempotency-Key, which the provider knows
        self.ended = {}
        self.ledger = []
        self.results = set()  # the addresses of what jobs have made
        self.leftovers = None  # what else is in the store when all is over; what is half written
        self.hits = {}  # how often each cell's fault came about
        self.disturbed = 0
        self.moments = []  # of the disturbances
        self.disturbances = {}  # how often the stack of each cell was disturbed meanwhile
        self.disturbed_before_end = {}  # and how often before its job has ended
        self.met = set()  # the traces of the cells that a disturbance came to while they were at their steps

    # ---- the stack ----

    def providers(self, url):
        patience = 8 if self.disturbance == "nothing" else 14  # longer than requests are held
        entry = {"url": url, "timeoutSeconds": patience}
        image = {**entry, "model": "studio-image", "timeoutSeconds": 40}  # which may have to wait for films
        video = {**entry, "model": "wavespeed-ai/wan-2.2/i2v-480p-ultra-fast", "pollSeconds": 1,
                 "lookUp": self.looks_up}
        if self.keys:
            video["idempotencyHeader"] = "Idempotency-Key"
        if self.orders:
            image = {**video, "api": "wavespeed", "model": PICTURE_MODEL}
        path = self.folder / "providers.json"
        uses = {"chat": {**entry, "model": "studio-chat"}, "image": image, "video": video}
        path.write_text(json.dumps({use: [{**one, "name": f"{name}-{use}", "account": name, "price": PRICES[use] / 1e6}
                                          for name in ("studio", "other")[:2 if self.second else 1]]
                                    for use, one in uses.items()}))
        return {"TROUPE_PROVIDER": "live", "TROUPE_PROVIDERS_FILE": str(path), "TROUPE_RESULT_PRIVATE": "on",
                "TROUPE_REPEAT_AFTER": "1", "QUEUE_CONCURRENCY": "200"}

    def start_actors(self):
        endpoint = f"tcp://127.0.0.1:{self.broker_proxy.port}"
        self.actors = [Actor(role, endpoint, **self.settings, **self.assets, TROUPE_LOG_LEVEL="warn")
                       for role in ROLES]

    @contextlib.contextmanager
    def running(self):
        with contextlib.ExitStack() as stack:
            self.studio = Studio(FAULTS="on", THREADS=2)
            stack.callback(self.studio.close)
            host, port = self.studio.url.removeprefix("http://").split(":")
            self.provider_proxy = Proxy((host, int(port)))
            stack.callback(self.provider_proxy.close)
            broker_port = free_port()
            self.broker_proxy = Proxy(("127.0.0.1", broker_port))
            stack.callback(self.broker_proxy.close)
            self.settings = self.providers(f"http://127.0.0.1:{self.provider_proxy.port}")
            self.store = asset_stand.KINDS["s3" if self.bucket else "file"](self.folder)
            stack.callback(self.store.close)
            self.assets = self.store.settings
            environment = {**self.settings, **self.assets, "TROUPE_ACTOR_ENDPOINT": f"tcp://127.0.0.1:{broker_port}",
                           "TROUPE_ASSETS_SWEEP": f"{SWEEP_SECONDS}s"}
            self.stack = stack.enter_context(Stack("--provider", "live", "--rate", "off", "--actors", "0", "--assets",
                                                   environment.pop("TROUPE_ASSETS"), environment=environment,
                                                   data=self.folder))
            self.start_actors()
            stack.callback(self.stop_actors)
            yield

    def stop_actors(self):
        for actor in self.actors:
            actor.process.terminate()
        for actor in self.actors:
            actor.process.wait(20)
            actor.process.stdout.close()

    # ---- the jobs ----

    def submit(self, client, cell, made):
        options = {}
        if cell.kind == "never_finishes":
            seconds = DEADLINE_SECONDS.get(self.disturbance, DEADLINE_SECONDS_OTHERS)
            end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
            options = {"options": {"deadline": end.strftime("%Y-%m-%dT%H:%M:%S.000Z")}}
        headers = {"traceparent": f"00-{cell.trace}-b7ad6b7169203331-01"}
        character, media = made
        path, body = {
            "character": ("/api/v1/characters/queue", {"name": "Mira", **options}),
            "image": (f"/api/v1/characters/{character}/generate-image/queue", options),
            "video": (f"/api/v1/characters/{character}/media/{media}/generate-video/queue",
                      {"duration": 5, "resolution": "480p", **options}),
        }[cell.job]
        answer = client.post(path, body, headers=headers)
        assert answer.status_code == 202, answer.text
        return answer.json()["data"]["jobId"]

    # ---- the disturbance ----

    def disturb_once(self, stands):
        self.disturbed += 1
        self.moments.append(datetime.datetime.now(datetime.timezone.utc))
        if self.disturbance == "actor killed":
            for actor in self.actors:
                actor.process.send_signal(signal.SIGKILL)
                actor.process.wait(20)
                actor.process.stdout.close()
            stands.meet()
            self.start_actors()
        elif self.disturbance == "broker killed":
            self.stack.kill(wait_until(lambda: self.stack.children("troupe-broker"), what="the broker")[0])
            stands.meet()
        elif self.disturbance == "provider cut":
            self.provider_proxy.cut()
            stands.meet()
            wait_while_gone(CUT_SECONDS)
            self.provider_proxy.heal()
        else:
            self.broker_proxy.hold()
            stands.meet()
            wait_while_gone(HOLD_SECONDS)
            self.broker_proxy.tear()
            self.broker_proxy.heal()

    def disturb(self, stands, times, begun, stop):
        """When all that it is to meet stand, or the first of them will soon stand no more."""
        for _ in range(times):
            while True:
                if stop.wait(0.05) or not stands.unmet():
                    return
                stands.look()
                standing = stands.standing()
                if standing and begun.is_set() and (standing == stands.unmet() or
                                                    any(map(stands.ends_soon, standing))):
                    break
            self.disturb_once(stands)

    # ---- all of it ----

    def prepare(self, client):
        made = client.wait_for(client.submit_character("Mira"), status="completed")["result"]["characterId"]
        character = client.get(f"/api/v1/characters/{made}").json()["data"]
        self.results.add(character["imageUrl"])
        return made, character["mediaId"]

    def collect(self, client, cell, job):
        family = "character-jobs" if cell.job == "character" else "media-jobs"
        path = f"/api/v1/{family}/{job}"

        def ended():
            # The gateway answers 503 while the broker is away.
            answer = client.get(path)
            return answer.status_code == 200 and answer.json()["data"]["completedAt"] is not None

        wait_until(ended, JOB_SECONDS, f"the end of {cell}")
        state = client.get(path + "?include=timeline").json()["data"]
        begin, end = (datetime.datetime.fromisoformat(state[name]) for name in ("createdAt", "completedAt"))
        self.disturbed_before_end[cell.trace] = sum(begin < moment < end for moment in self.moments)
        state["asset"] = self.asset_of(client, cell, state) if state["status"] == "completed" else None
        return state

    def wait_until_ordered(self, client, cell, job):
        """Until its task, which does not end, is on record."""
        def is_ordered():
            answer = client.get(f"/api/v1/media-jobs/{job}?include=timeline")
            events = answer.json()["data"]["timeline"]["events"] if answer.status_code == 200 else []
            return any(event["event"] == "provider" and event["operation"] == "submitted" for event in events)

        wait_until(is_ordered, JOB_SECONDS, f"the order of {cell}")

    def cancel(self, client, cell, job):
        # The gateway answers 503 while the broker is away.
        wait_until(lambda: client.call("DELETE", f"/api/v1/media-jobs/{job}").status_code in (200, 409), JOB_SECONDS,
                   f"the cancel of {cell}")

    def asset_of(self, client, cell, state):
        url = state["result"].get("url")
        if cell.job == "character":
            url = client.get(f"/api/v1/characters/{state['result']['characterId']}").json()["data"]["imageUrl"]
        self.results.add(url)
        return client.get(url)

    def look_at_store(self):
        """What is in the store, but not of a job that is completed, and what of those is not there; what is half
        written. It is given time for what nobody uses to go. Who was killed leaves what is half written for a day."""
        def rest():
            half = [] if self.disturbance == "actor killed" else self.store.unfinished()
            return set(self.store.names()) ^ self.results, half

        with contextlib.suppress(AssertionError, TimeoutError):
            wait_until(lambda: not any(rest()), 6 * SWEEP_SECONDS, "what nobody uses to go")
        return rest()

    def run(self):
        with self.running():
            client = self.stack.client()
            made = self.prepare(client)
            for portion in portions_of(self.cells):
                self.run_portion(client, made, portion)
            self.ledger = self.studio.ledger()["entries"]
            self.leftovers = self.look_at_store()

    def submit_all(self, client, made, cells, stands):
        """So that their requests stand at the same time."""
        late = [cell for cell in cells if cell.step in LATE_STEPS and self.disturbance != "nothing"]
        jobs = [(cell, self.submit(client, cell, made)) for cell in late]
        traces = {cell.trace for cell in late}

        def stand():
            stood = [stands.left(trace) for trace in traces if trace in stands.since]
            return len(stood) == len(late) or min(stood, default=matrix_cells.HOLD_SECONDS) < \
                matrix_cells.HOLD_SECONDS - LATE_SECONDS

        wait_until(stand, JOB_SECONDS, "the first result that is fetched")
        return jobs + [(cell, self.submit(client, cell, made)) for cell in cells if cell not in late]

    def cancel_all(self, client, jobs, stands):
        """When the others stand, or have stood: one that is told to the provider does not stand for long."""
        cancelled = {cell.trace for cell, _ in jobs if cell.is_cancelled()}
        until = time.monotonic() + (0 if self.disturbance == "nothing" else LATE_SECONDS)
        wait_until(lambda: stands.are_to_come() <= cancelled or time.monotonic() > until, what="the time of cancels")
        for act in (self.wait_until_ordered, self.cancel):  # so that they stand at the same time
            for cell, job in jobs:
                if cell.is_cancelled():
                    act(client, cell, job)

    def run_portion(self, client, made, cells):
        self.studio.faults(*[rule for cell in cells for rule in cell.rules(self.looks_up)])
        begun, stop = threading.Event(), threading.Event()
        disturbed = self.disturbed
        stands = Stands(self.studio.url, cells, self.looks_up)
        times = 1 if is_apart(cells[0]) else DISTURBED_MAX
        disturber = threading.Thread(target=self.disturb, args=(stands, times, begun, stop))
        if self.disturbance != "nothing":
            disturber.start()
        try:
            jobs = self.submit_all(client, made, cells, stands)
            begun.set()
            self.cancel_all(client, jobs, stands)
            for cell, job in jobs:
                self.ended[cell.trace] = self.collect(client, cell, job)
        finally:
            stop.set()
            if disturber.ident:
                disturber.join(60)
        self.met |= stands.met
        self.disturbances |= {cell.trace: self.disturbed - disturbed for cell in cells}
        self.hits |= {rule["trace"]: rule["fired"] for rule in self.studio.ask("GET", "/studio/faults").json()}
