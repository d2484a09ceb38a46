"""The cells of the matrix of misbehaviours: what goes wrong at which step of whose job while what else happens, and
what must come of it."""

import dataclasses
import itertools
import random
import uuid

# Two networks are cut: that between the actors and their provider, and that between the actors and the broker.
DISTURBANCES = ("nothing", "actor killed", "broker killed", "provider cut", "broker cut")
STEPS = ("chat", "image", "upload", "submit", "poll", "download")
ORDER_STEPS = ("submit", "poll", "download")  # of a picture that is ordered and polled, as a film is

# Of every answer; the members that make them quick enough for a test.
ANSWER_KINDS = {
    "status": {}, "retry_after": {"retry_after": 1}, "hang_before": {}, "hang_after": {}, "reset": {},
    "reset_after": {}, "reset_amid": {}, "drip": {"bytes": 64, "latency_ms": 20}, "truncate": {}, "cut": {},
    "wrong_content_type": {}, "garbage": {}, "latency_ms": {"latency_ms": 1500},
}
MORE_KINDS = {
    "refusal": ("chat", "image", "submit", "poll"),
    "duplicate": ("chat", "image", "submit"),
    "task_lost": ("submit", "poll"),
    "never_finishes": ("submit", "poll"),
    "task_failed": ("submit", "poll"),
}
# Steps that come only when something else has gone wrong, and what: a task that its job's owner cancels, because it
# never ends; an order that nobody heard of again, and that is looked for in the provider's list.
LEADS = {"cancel": {"match": "submit", "kind": "never_finishes"}, "list": {"match": "submit", "kind": "reset_after"}}
# Who looks for orders in the provider's list, under which disturbances: of films, and of ordered pictures. Where nobody
# does an order is repeated, of a picture with a key by which its provider knows it.
LOOKING_UP = {False: ("nothing", "broker killed", "broker cut"), True: ("actor killed", "provider cut")}
# For how long a request stands at its cell's step, so that the disturbance comes then: less than its caller waits. Who
# tells that a task is dropped has little time, and what drips is held by nothing but that.
HOLD_SECONDS = 9
HOLD_SECONDS_SHORT = {"cancel": 1, "drip": 5}
CANCEL_SECONDS = 2  # that who tells it waits for an answer
DRIP_MS = 1200
DRIP_BYTES = {"chat": 64, "image": 160000, "upload": 32, "submit": 48, "poll": 48, "download": 24576, "cancel": 16,
              "list": 1024}  # five pieces at least, and more of most
DRIP_BYTES_PICTURE = 131072
# After these answers the step is asked for once more.
REPEATED_KINDS = {"retry_after", "reset", "reset_after", "reset_amid", "truncate", "cut", "garbage", "status"}
# Whose answers never reach an actor that is killed, or that is cut off, while they stand.
DEAF = ("actor killed", "provider cut")
# What a step's HTTP error is when one is as good as any other; all of them with TEST_LONG=1.
USUAL_STATUS = {"chat": 503, "image": 500, "upload": 504, "submit": 502, "poll": 529, "download": 404,
                "cancel": 503, "list": 503}
STATUSES = (400, 401, 402, 403, 404, 408, 409, 413, 422, 425, 429, 451, 500, 501, 502, 503, 504, 520, 524, 529)
# At the steps that something else leads to these, where nothing else happens.
LED_STATUSES = {"cancel": (400, 404, 429, 500), "list": (401, 404, 429, 500)}
REFUSALS = {400: "provider_refused", 401: "provider_credentials", 402: "provider_quota", 403: "provider_credentials",
            404: "provider_refused", 413: "provider_refused", 422: "provider_refused", 451: "content_policy"}
# A paid call that meets these may have been performed for all that its caller can know ...
UNKNOWN_KINDS = {"hang_before", "hang_after", "reset", "reset_after", "reset_amid", "truncate", "cut", "garbage"}
UNKNOWN_STATUSES = {408, 409, 502, 504, 520, 524}
# ... and these leave it as it was before.
UNPAID_KINDS = {"hang_before", "reset"}


@dataclasses.dataclass
class Cell:
    kind: str
    step: str
    disturbance: str
    status: int = 0
    trace: str = dataclasses.field(default_factory=lambda: uuid.uuid4().hex)
    of_picture: bool = False  # a download: of a picture rather than of a film
    is_ordered: bool = False  # a picture by an order that is polled, rather than by one request

    def __str__(self):
        what = f"{self.kind} {self.status}" if self.status else self.kind
        return f"{what} at {self.step}{' of an ordered picture' if self.is_ordered else ''}, {self.disturbance}"

    @property
    def job(self):
        if self.step == "chat":
            return "character"
        return "image" if self.step == "image" or self.of_picture or self.is_ordered else "video"

    @property
    def paid_step(self):
        return "submit" if self.job == "video" or self.is_ordered else "image"

    def rules(self, looks_up=False):
        """What leads to the step, what holds the request there, and the misbehaviour."""
        lead = [{**LEADS[self.step], "count": 1, "trace": self.trace}] if self.step in LEADS else []
        return lead + self.holds(looks_up) + [self.rule()]

    def holds(self, looks_up):
        if self.disturbance == "nothing" or self.stands_by_itself():
            return []
        return [{"match": self.step, "kind": "latency_ms", "latency_ms": round(1000 * self.hold_seconds()), "count": 1,
                 "skip": int(self.is_held_again(looks_up)), "trace": self.trace}]

    def place_of_hold(self, looks_up):
        """Among the rules."""
        return len(self.rules(looks_up)) - (1 if self.stands_by_itself() else 2)

    def stands_by_itself(self):
        """Whether the misbehaviour is that the answer takes long."""
        return self.kind in ("drip", "hang_before")

    def hold_seconds(self):
        if self.is_cancelled() and self.stands_by_itself():
            return CANCEL_SECONDS
        return HOLD_SECONDS_SHORT.get(self.step) or HOLD_SECONDS_SHORT.get(self.kind) or HOLD_SECONDS

    def is_held_again(self, looks_up):
        """Whether it is not the request that meets the misbehaviour that stands when the disturbance comes, but the
        next one at its step, after the misbehaviour was met: half of those whose answer would not be heard."""
        if self.kind == "reset":
            return True  # which is over at once
        if self.disturbance not in DEAF or self.step in LEADS or self.kind not in REPEATED_KINDS:
            return False
        if self.status in REFUSALS and self.step not in ("poll", "download"):
            return False
        if looks_up and self.step == "submit" and self.is_lost():
            return False  # what was ordered is found
        kinds, turn = list(ANSWER_KINDS), DEAF.index(self.disturbance)
        return (kinds.index(self.kind) + STEPS.index(self.step) + turn) % 2 == 0

    def rule(self):
        members = ANSWER_KINDS.get(self.kind, {})
        if self.kind == "drip" and self.disturbance != "nothing":
            is_picture = self.step == "download" and self.job == "image"
            members = {"bytes": DRIP_BYTES_PICTURE if is_picture else DRIP_BYTES[self.step], "latency_ms": DRIP_MS}
        elif self.kind == "latency_ms" and self.step == "cancel" and self.disturbance != "nothing":
            members = {"latency_ms": 200}  # besides the hold: less than who cancels waits
        elif self.step == "download" and self.kind == "drip":
            members = {"bytes": 32768, "latency_ms": 50}
        if self.status:
            members = {"status": self.status}
        return {"match": self.step, "kind": self.kind, "count": 1, "trace": self.trace, **members}

    def failure(self):
        """The code with which the job fails when the fault is all that it meets; None: it completes."""
        if self.kind == "refusal":
            return "content_policy"
        if self.kind == "never_finishes":
            return "deadline"
        if self.step == "list":
            return REFUSALS.get(self.status)  # nobody knows whether the order is there
        if self.kind != "status" or self.step == "download" or (self.step == "poll" and self.status == 404):
            return None  # what is paid for is fetched again, or made once more when it is lost
        return REFUSALS.get(self.status)

    def charges(self, keys=False, looks_up=False):
        """How often the paid call is charged when the fault is all that the job meets, and its provider knows an order
        by its key, or is asked for it."""
        if self.step == self.paid_step:
            if self.failure() not in (None, "deadline"):
                return 0
            if (keys or looks_up) and self.step == "submit" and self.kind not in ("duplicate", "task_lost"):
                return 1
            return 2 if self.kind in UNKNOWN_KINDS - UNPAID_KINDS | {"duplicate", "task_lost"} else 1
        if self.step == "upload" and self.failure() or self.step == "chat" and self.failure():
            return 0
        if self.step == "poll" and self.kind == "refusal":
            return 0  # a task that failed costs nothing
        # One 404 loses no task: it is asked for at the API's own address, too.
        return 2 if self.step == "poll" and self.kind == "task_lost" else 1

    def is_cancelled(self):
        return self.step == "cancel"

    def is_unknown(self):
        """Whether the fault alone leaves the outcome of the call for a picture or a film unknown."""
        if self.step == "list":
            return True
        if self.step == self.paid_step:
            return self.is_lost() or self.kind == "task_lost"
        return self.step == "poll" and self.kind == "task_lost"

    def is_lost(self):
        """Whether what was asked for may have been done for all that who asked can know."""
        return self.kind in UNKNOWN_KINDS or self.status in UNKNOWN_STATUSES

    def loses_task(self):
        """Whether the provider may say that it knows nothing of the task; another order replaces it."""
        return self.kind == "task_lost" or (self.step == "poll" and self.status == 404)

    def is_uncertain(self):
        """Whether nobody can know, by the fault alone, what the job has cost: nor what is to be paid for a task that
        was dropped."""
        is_dropped = self.is_cancelled() or self.kind == "never_finishes"
        return self.is_unknown() or is_dropped or (self.step == "chat" and self.is_lost())

    def is_refused_at_poll(self):
        """Its job ends, and the task, which runs or is made by then, with it."""
        return self.step == "poll" and self.status > 0 and self.failure() is not None

    def is_throttled(self):
        """Whether a paid call is told to wait."""
        return self.step in ("chat", self.paid_step) and (self.kind == "retry_after" or self.status == 429)

    def reaches_cancel(self):
        """Whether the provider does what the cancel asks for, whatever it answers: at the second time where the first
        one failed and may pass. Who is left hanging has no time for another one, only to look whether it was done."""
        is_refused = self.status in range(400, 500) and self.status != 429
        return self.is_cancelled() and self.kind != "hang_before" and not is_refused


def pairs():
    """Every misbehaviour with every step that it can befall."""
    found = [(kind, step) for kind in ANSWER_KINDS for step in STEPS]
    return found + [(kind, step) for kind, steps in MORE_KINDS.items() for step in steps]


def order_pairs():
    return [(kind, step) for kind, step in pairs() if step in ORDER_STEPS]


def make(kind, step, disturbance, status=None, **more):
    status = (status or USUAL_STATUS[step]) if kind == "status" else 0
    return Cell(kind, step, disturbance, status=status, **more)


def led(is_ordered):
    """Those at the steps that something else leads to, once each."""
    turns = {"cancel": itertools.cycle(DISTURBANCES), "list": itertools.cycle(LOOKING_UP[is_ordered])}
    return [make(kind, step, next(turns[step]), is_ordered=is_ordered) for step in LEADS for kind in ANSWER_KINDS]


def whole_led(is_ordered):
    return [make(kind, step, disturbance, is_ordered=is_ordered) for step in LEADS for kind in ANSWER_KINDS
            for disturbance in (LOOKING_UP[is_ordered] if step == "list" else DISTURBANCES)]


def undisturbed(cells, is_ordered):
    """Every HTTP error at a step that is paid for, where nothing else happens and all that it does is known, and some
    at the steps that something else leads to: those that are not among the cells."""
    wanted = [("submit" if is_ordered else "image", status) for status in STATUSES]
    wanted += [(step, status) for step, statuses in LED_STATUSES.items() for status in statuses
               if step != "list" or "nothing" in LOOKING_UP[is_ordered]]
    there = {(cell.step, cell.status) for cell in cells if cell.disturbance == "nothing"}
    return [make("status", step, "nothing", status, is_ordered=is_ordered) for step, status in wanted
            if (step, status) not in there]


def whole_statuses(steps, **more):
    """Every HTTP error at every step with every disturbance."""
    return [make("status", step, disturbance, status, **more) for step in steps for status in STATUSES
            for disturbance in DISTURBANCES]


def turns_from(index):
    index %= len(DISTURBANCES)
    return itertools.cycle(DISTURBANCES[index:] + DISTURBANCES[:index])


def chosen():
    """Every misbehaviour at every step once, so that each meets each disturbance, and so does each step."""
    cells, seen = [], set()
    turns = {step: turns_from(index) for index, step in enumerate(STEPS)}
    for kind, step in pairs():
        disturbance = next(turns[step])
        cells.append(make(kind, step, disturbance, of_picture=len(cells) % 2 == 0 and step == "download"))
        seen.add((kind, disturbance))
    for kind in list(ANSWER_KINDS) + list(MORE_KINDS):
        steps = itertools.cycle([step for one, step in pairs() if one == kind])
        for disturbance in DISTURBANCES:
            if (kind, disturbance) not in seen:
                cells.append(make(kind, next(steps), disturbance))
    cells += led(is_ordered=False)
    return cells + undisturbed(cells, is_ordered=False)


def chosen_orders():
    """The same of pictures that are ordered, and of the steps that something else leads to."""
    turns = {step: itertools.cycle(DISTURBANCES) for step in ORDER_STEPS}
    cells = [make(kind, step, next(turns[step]), is_ordered=True) for kind, step in order_pairs()]
    cells += led(is_ordered=True)
    return cells + undisturbed(cells, is_ordered=True)


def whole_orders():
    cells = [make(kind, step, disturbance, is_ordered=True) for kind, step in order_pairs()
             for disturbance in DISTURBANCES if kind != "status"]
    cells += whole_led(is_ordered=True)
    cells += whole_statuses(ORDER_STEPS, is_ordered=True)
    cells += undisturbed(cells, is_ordered=True)
    random.Random(1).shuffle(cells)
    return cells


def whole():
    """All of it, pictures and films, and every HTTP error at every step."""
    cells = [make(kind, step, disturbance) for kind, step in pairs() for disturbance in DISTURBANCES
             if kind != "status"]
    cells += [make(kind, "download", disturbance, of_picture=True) for kind in ANSWER_KINDS
              for disturbance in DISTURBANCES]
    cells += whole_led(is_ordered=False)
    cells += whole_statuses(STEPS)
    cells += undisturbed(cells, is_ordered=False)
    random.Random(1).shuffle(cells)
    return cells
