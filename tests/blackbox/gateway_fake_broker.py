"""A broker in a thread, for tests of a gateway alone: speaks the wire, remembers what it was asked, and can be told to
misbehave. It keeps jobs in a dictionary and performs none."""

import json
import threading
import time
import uuid

import zmq

import wire

OK = wire.ENUMS["REPLY_CODE_OK"]
NOT_FOUND = wire.ENUMS["REPLY_CODE_NOT_FOUND"]
CONFLICT = wire.ENUMS["REPLY_CODE_CONFLICT"]
STATES = ["pending", "waiting", "active", "completed", "failed", "cancelled"]
KINDS = ["character", "image", "video"]
GROUPS = ["batch", "pipeline"]
EVENTS = ["queued", "waiting", "active", "progress", "retry_scheduled", "stalled", "cancel_requested", "provider",
          "completed", "failed", "cancelled"]
# What an event repeats of its job.
SHARED = ["state", "progress", "step", "attempt", "attempts_made", "cancel_requested", "worker", "started_at",
          "completed_at", "next_attempt_at", "error_code", "error_message", "url", "retries"]
AT = 1767225600000
TODAY = AT // 86400000


class FakeBroker:
    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.jobs = {}  # id -> job_state
        self.events = []  # event records, in order
        self.groups = {}  # id -> (owner, kind)
        self.documents = {}  # id -> (owner, bytes)
        self.positions = {}  # job -> fields of its POSITION
        self.endpoints = {}  # id -> (owner, fields of its ENDPOINT)
        self.paused = set()  # numbers of queues
        self.assets = {}  # character -> fields of its ASSET_NAMES
        self.removals = []  # of deleted documents whose assets may be there
        self.backups = []  # newest first
        self.audit = []  # newest first
        self.keys = {}  # (owner, key) -> (hash, job)
        self.asked = []  # every record that came, in order
        self.sessions = 0
        self.event_oldest = 0  # a cursor below it gets a reset
        self.batch = 0
        self.event_last = 0
        self.ticking = True
        self.silent = False  # stalled: nothing is read or sent, what comes waits
        self.hello = None  # function(record) -> records, in place of a WELCOME
        self.handlers = {}  # name -> function(record) -> records, or None for nothing
        self.lock = threading.RLock()
        self._peers = {}  # identity -> session
        self._commands = []
        self._stop = threading.Event()
        self._context = zmq.Context()
        self._socket = None
        self._thread = None

    # ---- life ----

    def start(self):
        self._stop.clear()
        self._socket = self._context.socket(zmq.ROUTER)
        self._socket.setsockopt(zmq.LINGER, 0)
        self._socket.setsockopt(zmq.SNDHWM, 0)  # a full pipe would drop answers without a word
        self._socket.bind(self.endpoint)
        self._peers = {}
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def stop(self):
        if self._thread:
            self._stop.set()
            self._thread.join()
            self._socket.close()
            self._thread = None

    def _run(self):
        next_tick = 0
        while not self._stop.is_set():
            if self.silent:
                self._stop.wait(0.005)
            elif self._socket.poll(5):
                identity, frame = self._socket.recv_multipart()
                self._take(identity, frame)
            with self.lock:
                commands, self._commands = self._commands, []
            for frame, session in commands:
                self._broadcast(frame, session)
            if time.monotonic() >= next_tick and self.ticking and not self.silent:
                next_tick = time.monotonic() + 0.1
                self._broadcast([("events", {"batch": self.batch, "event_last": self.event_last})], None)

    def _broadcast(self, records, session):
        for identity, own in self._peers.items():
            data = records if isinstance(records, bytes) else wire.pack(own if session is None else session, *records)
            self._socket.send_multipart([identity, data])

    def _take(self, identity, frame):
        session, records = wire.unpack(frame)
        for name, record in records:
            with self.lock:
                self.asked.append((name, record))
                if name == "gateway_hello" and self.hello:
                    answer = self.hello(record)
                elif name == "gateway_hello":
                    self.sessions += 1
                    own = 1000 + self.sessions
                    self._peers[identity] = own
                    answer = [("gateway_welcome", {"session": own, "batch": self.batch, "event_last": self.event_last})]
                elif self._peers.get(identity) != session:
                    answer = [("error", {"code": wire.ENUMS["ERROR_CODE_SESSION"], "detail": "no such session"})]
                elif name in self.handlers:
                    answer = self.handlers[name](record)
                else:
                    answer = getattr(self, "on_" + name)(record)
            if answer:
                self._socket.send_multipart([identity, wire.pack(self._peers.get(identity, 0), *answer)])

    # ---- for tests ----

    def send(self, records, session=None):
        """Sends records (or raw bytes) to every gateway, after what is being answered."""
        with self.lock:
            self._commands.append((records, session))

    def questions(self, name):
        with self.lock:
            return [record for asked, record in self.asked if asked == name]

    def job_add(self, owner, kind="character", **fields):
        job = dict(job=uuid.uuid4().bytes, version=1, owner=owner, kind=KINDS.index(kind), state=1,
                   character=uuid.uuid4().bytes, media=uuid.uuid4().bytes, created_at=AT, character_name="Ada",
                   display_id="ABCDEFGH")
        job.update(fields)
        with self.lock:
            self.jobs[job["job"]] = job
        return job

    def jobs_of(self, group):
        return [job for job in self.jobs.values() if job.get("group") == group]

    def group_of(self, job, kind="batch"):
        """Makes a group of a job."""
        with self.lock:
            job["group"] = uuid.uuid4().bytes
            self.groups[job["group"]] = (job["owner"], GROUPS.index(kind))
        return job["group"]

    def character_add(self, owner, identity=None, **members):
        """A character's document; returns its id as text."""
        made = str(uuid.UUID(bytes=identity) if identity else uuid.uuid4())
        document = {"id": made, "displayId": "ABCDEFGH", "name": "Ada", "createdAt": "2026-01-01T00:00:00.000Z"}
        self.documents[uuid.UUID(made).bytes] = (owner, json.dumps(dict(document, **members)).encode())
        return made

    def media_add(self, owner, character, **members):
        """The entry of a picture; returns its id as text."""
        made = str(uuid.uuid4())
        document = {"id": made, "characterId": character, "type": "image", "url": "/assets/x.png", "poseId": None,
                    "source": None, "duration": None, "resolution": None, "width": 8, "height": 8,
                    "contentType": "image/png", "size": 99, "sha256": "0" * 64,
                    "createdAt": "2026-01-01T00:00:00.000Z", "prompt": None}
        self.documents[uuid.UUID(made).bytes] = (owner, json.dumps(dict(document, **members)).encode())
        return made

    def change(self, job, kind, publish=True, adds=None, **fields):
        """Changes a job and makes the event of it; publishes it in a batch of its own unless told not to. adds: what
        the event has and the job has not."""
        with self.lock:
            job.update(fields)
            job["version"] += 1
            self.event_last += 1
            event = dict(event=self.event_last, job=job["job"], version=job["version"], kind=EVENTS.index(kind),
                         at=AT + self.event_last, owner=job["owner"], job_kind=job["kind"])
            event.update({field: job[field] for field in SHARED if field in job})
            event.update(adds or {})
            if job.get("group"):
                event["group"] = job["group"]
                event["group_left"] = sum(other["state"] <= 2 for other in self.jobs_of(job["group"]))
            self.events.append(event)
            if publish:
                self.publish([event])
            return event

    def publish(self, events):
        with self.lock:
            self.batch += 1
            self.send([("events", {"batch": self.batch, "count": len(events), "event_last": self.event_last})] +
                      [("event", event) for event in events])

    # ---- what a broker answers ----

    def _accept(self, record, identity):
        """The reply to a job or a group, by its idempotency key."""
        key = (record["owner"], record.get("key"))
        reply = {"request": record["request"], "code": OK, "job": identity, "version": 1, "state": 1}
        if record.get("key"):
            known = self.keys.setdefault(key, (record["key_hash"], identity))
            if known[0] != record["key_hash"]:
                reply["code"] = wire.ENUMS["REPLY_CODE_KEY_REUSED"]
            elif known[1] != identity:
                reply.update(job=known[1], replayed=True)
        return reply

    def on_submit(self, record):
        group = record.get("group")
        if group and group not in self.groups:
            return None  # it was refused, or is another one by its key
        reply = self._accept(record, record["job"])
        if reply["code"] == OK and reply["job"] not in self.jobs:
            self.job_add(record["owner"], KINDS[record["kind"]], job=record["job"], character=record["character"],
                         media=record["media"], display_id=record.get("display_id"), group=group)
        return None if group else [("reply", reply)]

    def on_submit_group(self, record):
        reply = self._accept(record, record["group"])
        if reply["code"] == OK and not reply.get("replayed"):
            self.groups[record["group"]] = (record["owner"], record["kind"])
        return [("reply", reply)]

    def on_get_job(self, record):
        job = self.jobs.get(record["job"])
        if job is None:
            return [("job_state", {"request": record["request"], "code": NOT_FOUND, "job": record["job"]})]
        return [("job_state", dict(job, request=record["request"]))]

    def on_cancel_job(self, record):
        job = self.jobs.get(record["job"])
        reply = {"request": record["request"], "code": OK, "job": record["job"]}
        if job is None:
            reply["code"] = NOT_FOUND
        elif job["state"] > 2:
            reply["code"] = wire.ENUMS["REPLY_CODE_ALREADY_ENDED"]
        elif job["state"] == 2:
            self.change(job, "cancel_requested", cancel_requested=True)
        else:
            self.change(job, "cancelled", state=5, completed_at=AT)
        if job is not None:
            reply.update(version=job["version"], state=job["state"])
        return [("reply", reply)]

    def on_retry_job(self, record):
        job = self.jobs.get(record["job"])
        reply = {"request": record["request"], "code": OK, "job": record["job"]}
        if job is None:
            reply["code"] = NOT_FOUND
        elif not (record.get("resent") and job.get("retries", 0) > record["retries"]):
            if job["state"] < 4:
                reply["code"] = wire.ENUMS["REPLY_CODE_NOT_RETRYABLE"]
            else:
                self.change(job, "waiting", state=1, completed_at=0, error_code="", error_message="", attempts_made=0,
                            retries=job.get("retries", 0) + 1)
        if job is not None:
            reply.update(version=job["version"], state=job["state"])
        return [("reply", reply)]

    def on_list_jobs(self, record):
        states = record.get("states") or 63
        jobs = [job for job in reversed(self.jobs.values()) if job["owner"] == record["owner"] and
                record["kinds"] >> job["kind"] & 1 and states >> job["state"] & 1]
        cursor = record.get("cursor")
        if cursor is not None and not cursor.startswith(b"at:"):
            return [("list_page", {"request": record["request"], "code": wire.ENUMS["REPLY_CODE_INVALID"]})]
        start = int(cursor[3:]) if cursor else record.get("skip", 0)
        page = jobs[start:start + record["limit"]]
        end = start + len(page)
        following = b"at:%d" % end if end < len(jobs) else None
        return [("list_page", {"request": record["request"], "total": len(jobs), "count": len(page),
                               "next": following})] + [("job_state", job) for job in page]

    def on_get_events(self, record):
        after = record.get("after", 0)
        job, group = record.get("job"), record.get("group")
        job = None if job == bytes(16) else job
        reset = after > self.event_last or (not job and not group and after < self.event_oldest)
        if reset:
            after = 0 if job or group else self.event_last
        name, wanted = ("job", job) if job else ("group", group) if group else ("owner", record["owner"])
        events = [event for event in self.events if event["event"] > after and event.get(name) == wanted]
        page = events[:record["limit"]]
        ended = bool(job or group) and all(own["state"] > 2 for own in
                                           (self.jobs_of(group) if group else [self.jobs[job]]))
        return [("event_page", {"request": record["request"], "count": len(page), "more": len(page) < len(events),
                                "reset": reset, "ended": ended,
                                "through": page[-1]["event"] if len(page) < len(events) else self.event_last})] + \
            [("event", event) for event in page]

    def on_delete_document(self, record):
        found = self.documents.get(record["id"])
        reply = {"request": record["request"], "code": OK}
        if found is None or (found[0] != record["owner"] and not record.get("admin")):
            reply["code"] = NOT_FOUND
        else:
            del self.documents[record["id"]]
            reply["url"] = json.loads(found[1]).get("url")
        return [("reply", reply)]

    def on_make_backup(self, record):
        backup = {"name": record["name"], "created_at": AT, "version": "0.1.0"}
        taken = [known for known in self.backups if known["name"] == record["name"]]
        running = [known for known in self.backups if not known.get("completed_at")]
        if taken or running:
            return [("backup_page", {"request": record["request"], "code": CONFLICT, "count": 1}),
                    ("backup", (running or taken)[0])]
        self.backups.insert(0, backup)
        return [("backup_page", {"request": record["request"], "count": 1}), ("backup", backup)]

    def on_list_backups(self, record):
        return [("backup_page", {"request": record["request"], "count": len(self.backups)})] + [
            ("backup", backup) for backup in self.backups]

    def on_list_removals(self, record):
        return [("removal_page", {"request": record["request"], "count": len(self.removals)})] + [
            ("removal", removal) for removal in self.removals]

    def on_get_assets(self, record):
        page = {"request": record["request"], **self.assets.get(record.get("character"), {})}
        if not record.get("limit"):
            page.pop("names", None)
        return [("asset_names", page)]

    def on_removed(self, record):
        gone = [record["ids"][at:at + 16] for at in range(0, len(record["ids"]), 16)]
        self.removals = [removal for removal in self.removals if removal["id"] not in gone]
        return [("reply", {"request": record["request"], "code": OK})]

    def on_list_documents(self, record):
        page = {"request": record["request"]}
        character = record.get("character")
        owner = self.documents.get(character, (None,))[0] if character else record["owner"]
        if owner != record["owner"]:
            return [("document_page", dict(page, code=NOT_FOUND))]
        found = [entry for identity, entry in reversed(self.documents.items())
                 if entry[0] == owner and identity != character and (b"characterId" in entry[1]) == bool(character)]
        return [("document_page", dict(page, total=len(found), count=len(found)))] + [
            ("document", dict(page, owner=owner, document=document)) for _, document in found]

    def on_get_group(self, record):
        state = {"request": record["request"], "group": record["group"]}
        if record["group"] not in self.groups:
            return [("group_state", dict(state, code=NOT_FOUND))]
        jobs = self.jobs_of(record["group"])
        skip = record.get("skip", 0)
        page = jobs[skip:skip + record.get("limit", 0)]
        counts = {name: sum(job["state"] == number for job in jobs) for number, name in enumerate(STATES)}
        owner, kind = self.groups[record["group"]]
        state.update(counts, owner=owner, kind=kind, total=len(jobs), count=len(page), created_at=AT,
                     version=sum(job["version"] for job in jobs))
        return [("group_state", state)] + [("job_state", job) for job in page]

    def on_cancel_group(self, record):
        jobs = self.jobs_of(record["group"])
        live = [job for job in jobs if job["state"] <= 2]
        reply = {"request": record["request"], "code": OK, "job": record["group"]}
        if not jobs or (self.groups[record["group"]][0] != record["owner"] and not record.get("admin")):
            reply["code"] = NOT_FOUND
        elif not live:
            reply["code"] = wire.ENUMS["REPLY_CODE_ALREADY_ENDED"]
        else:
            for job in live:
                self.change(job, "cancelled", state=5, completed_at=AT)
        return [("reply", reply)]

    def on_get_position(self, record):
        jobs = [record["jobs"][at:at + 16] for at in range(0, len(record["jobs"]), 16)]
        answers = [("position", dict(self.positions.get(job, {}), request=record["request"], job=job)) for job in jobs]
        answers[0][1]["count"] = len(jobs) - 1
        return answers

    def on_get_history(self, record):
        step, count = [(60000, 60), (900000, 96), (21600000, 120)][record["range"]]
        points = [("history_point", {"at": AT + step * index, "started": index, "completed": index, "waits": index,
                                     "wait_p50": 5, "wait_p95": 9, "wait_p99": 10}) for index in range(count)]
        return [("history", {"request": record["request"], "step_ms": step, "count": count}), *points]

    def on_get_input(self, record):
        job = self.jobs.get(record["job"])
        if job is None:
            return [("input", {"request": record["request"], "code": NOT_FOUND})]
        return [("input", {"request": record["request"], "payload": b'{"name":"Ada"}'})]

    def on_get_usage(self, record):
        days = [("usage_day", {"day": TODAY, "provider": "openai", "spent": 20000, "operations": 1, "jobs": 1}),
                ("usage_day", {"day": TODAY, "provider": "wavespeed", "spent": 500000, "uncertain": 500000,
                               "operations": 1, "jobs": 1}),
                ("usage_day", {"day": TODAY - 2, "spent": 1000000, "operations": 2})]
        days = [day for day in days if day[1]["day"] > TODAY - record["days"]]
        return [("usage", {"request": record["request"], "today": TODAY, "spent": 520000, "reserved": 30000,
                           "budget": 1000000, "budget_soft": 800000, "count": len(days)}), *days]

    def on_put_endpoint(self, record):
        reply = {"request": record["request"], "job": record["endpoint"], "code": OK}
        _, known = self.endpoints.get(record["endpoint"], (None, {"version": 0}))
        if record.get("version", 0) != known["version"]:
            return [("reply", dict(reply, code=wire.ENUMS["REPLY_CODE_CONFLICT"]))]
        names = ["endpoint", "url", "secret", "secret_old", "secret_old_until", "events", "description", "created_at"]
        fields = {name: record.get(name) for name in names}
        self.endpoints[record["endpoint"]] = (record["owner"], dict(fields, version=known["version"] + 1))
        return [("reply", dict(reply, version=known["version"] + 1))]

    def on_delete_endpoint(self, record):
        owner, _ = self.endpoints.get(record["endpoint"], (None, None))
        if owner == record["owner"]:
            del self.endpoints[record["endpoint"]]
        return [("reply", {"request": record["request"], "code": OK if owner == record["owner"] else NOT_FOUND})]

    def on_list_endpoints(self, record):
        found = [fields for owner, fields in self.endpoints.values() if owner == record["owner"] and
                 record.get("endpoint") in (None, bytes(16), fields["endpoint"])]
        page = {"request": record["request"], "count": len(found), "code": OK}
        if record.get("endpoint") and not found:
            page["code"] = NOT_FOUND
        return [("endpoint_page", page)] + [("endpoint", fields) for fields in found]

    def on_get_queues(self, record):
        queues = [("queue", {"kind": kind, "paused": kind in self.paused, "waiting": kind, "rate": kind})
                  for kind in range(4)]
        return [("admin_page", {"request": record["request"], "code": OK, "count": 4})] + queues

    def on_set_queue(self, record):
        (self.paused.add if record.get("paused") else self.paused.discard)(record["kind"])
        return [("reply", {"request": record["request"], "code": OK})]

    def on_get_workers(self, record):
        return [("admin_page", {"request": record["request"], "code": OK, "count": 0})]

    def on_get_users(self, record):
        if "owner" in record:
            page = {"request": record["request"], "count": 3, "users": 3, "waiting": 6, "active": 3}
            return [("admin_page", page)] + [
                ("user", {"owner": record["owner"], "waiting": 1, "active": 1, "kind": kind}) for kind in range(3)]
        users = [("user", {"owner": f"user-{number}", "waiting": number, "active": 1}) for number in (3, 2, 1)]
        users = users[:record["limit"]]
        return [("admin_page", {"request": record["request"], "count": len(users), "users": 3, "behind": 3,
                                "waiting": 6, "active": 3})] + users

    def on_get_providers(self, record):
        return [("admin_page", {"request": record["request"], "count": 1}),
                ("provider_state", {"provider": "studio", "account": "studio", "uses": 7, "breaker": 1, "since": AT,
                                    "until": AT, "limit_minute": 60, "used_minute": 6, "limit_day": 500,
                                    "used_day": 500, "limited_until": AT, "calls": 4, "errors": 3, "workers": 2,
                                    "waiting": 9})]

    def on_get_system(self, record):
        return [("system", {"request": record["request"], "version": "0.0.1+abc", "started_at": AT, "count": 1,
                            "gateways": 1, "actors": 0, "differing": 1, "disk_low": True, "disk_floor": 1 << 29}),
                ("program", {"program": b"p" * 16, "gateway": True, "host": "far", "version": "0.0.2"})]

    def on_set_worker(self, record):
        return [("reply", {"request": record["request"], "code": NOT_FOUND})]

    def on_change_job(self, record):
        job = self.jobs.get(record["job"])
        reply = {"request": record["request"], "code": OK, "job": record["job"]}
        if job is None:
            reply["code"] = NOT_FOUND
        elif record["action"] == wire.ENUMS["JOB_ACTION_PRIORITY"]:
            self.change(job, "waiting", priority=record["priority"])
        return [("reply", reply)]

    def on_start_bulk(self, record):
        return [("reply", self._accept({**record, "owner": record["user"]}, record["bulk"]))]

    def on_stop_bulk(self, record):
        return [("reply", {"request": record["request"], "code": NOT_FOUND, "job": record["bulk"]})]

    def on_get_bulks(self, record):
        return [("admin_page", {"request": record["request"], "code": OK, "count": 0})]
    def on_note_audit(self, record):
        self.audit.insert(0, {**record, "number": len(self.audit) + 1, "at": AT})
        return [("reply", {"request": record["request"], "code": OK})]

    def on_get_audit(self, record):
        lines = [{name: value for name, value in line.items() if name != "request"} for line in self.audit]
        return [("audit_page", {"request": record["request"], "count": len(lines), "exhausted": True})] + [
            ("audit_line", line) for line in lines]

    def on_list_deliveries(self, record):
        owner, _ = self.endpoints.get(record["endpoint"], (None, None))
        code = OK if owner == record["owner"] else NOT_FOUND
        return [("delivery_page", {"request": record["request"], "code": code})]

    def on_get_document(self, record):
        found = self.documents.get(record["id"])
        character = record.get("character", bytes(16))
        owned = json.loads(found[1]).get("characterId") if found else None
        if found is None or character != (uuid.UUID(owned).bytes if owned else bytes(16)):
            return [("document", {"request": record["request"], "code": NOT_FOUND})]
        return [("document", {"request": record["request"], "owner": found[0], "document": found[1]})]
