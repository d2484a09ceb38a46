"""Method: each way in which a provider can misbehave, at each step of a job, while actors are killed, the broker is
killed, the network to the provider or that to the broker is cut, or nothing else happens (matrix_cells.py). The studio
misbehaves, once for each job, and holds its requests until the disturbance comes: while the one that meets the
misbehaviour stands, or the one that follows it at the same step. Which cells a disturbance has met so is known, and few
may be missed (matrix_stands.py).

The studio keeps a ledger of what it charged and of what it was told to drop; from that it is told whether anything was
paid twice but by the rule of unknown outcomes, which is on record in the job's timeline, and whether the job's cost is
true. Every job ends as it should, no task of one that was cancelled runs on (but where its provider is out of reach, or
each worker that is to drop it is killed), every asset is whole, and in the end the store has no others.

Pictures are made by one request in one half of the waves, and are ordered and polled in the other; where no list of
orders is looked into there, the provider knows an order that is made again by its key. Between them films and ordered
pictures are looked for under each disturbance: both by the same module.

Some waves have their assets in a bucket, and some a second provider in each role's list: the same studio by another
name, so that what befalls a job befalls it at whichever is asked.

By default each misbehaviour is played at each step once, so that it meets each disturbance; with TEST_LONG=1 all
are. Every HTTP error befalls a paid call where nothing else happens; with TEST_LONG=1 it befalls every step under each
disturbance, too. Only the waves of the tests that were chosen are played: TEST_LONG=1 … -k "broker and cut"."""

import concurrent.futures
import itertools
import os
import pathlib
import shutil
import struct
import subprocess
import zlib

import pytest

import matrix_cells
from matrix_cells import DISTURBANCES, LOOKING_UP
from matrix_wave import PRICES, Wave

LONG = os.environ.get("TEST_LONG") == "1"
FRAMES = 120  # of five seconds
ATTEMPTS = 3  # of a job
WORKERS_LOST_MAX = 3  # by a job, until it fails
LATE_MAX = 0.1  # of the cells of a wave, whose request may stand no more when the disturbance comes
pytestmark = pytest.mark.alone  # it draws and films on all cores, and knows how long that takes
# Which waves have their assets in a bucket, and which a second provider in each role's list: by default so, each with
# some; with TEST_LONG=1 all waves are played without any of it, and with all.
SAMPLED = {
    ("actor killed", False): ("two providers",), ("actor killed", True): ("bucket",),
    ("broker killed", False): ("bucket", "two providers"), ("broker killed", True): ("two providers",),
    ("provider cut", False): ("bucket", "two providers"), ("broker cut", True): ("bucket", "two providers"),
    ("nothing", True): ("bucket",),
}


def conditions(disturbance, orders):
    """Tuples of what else is so. What comes of each fault is known of a list of one provider."""
    if not LONG:
        return [SAMPLED.get((disturbance, orders), ())]
    return [(), ("bucket",) if disturbance == "nothing" else ("bucket", "two providers")]


WAVES = {", ".join([disturbance, *["pictures ordered"] * orders, *more]): (disturbance, orders, more)
         for orders in (False, True) for disturbance in DISTURBANCES for more in conditions(disturbance, orders)}


def chosen_waves(items):
    """Those whose tests were chosen; all of them where a test of all was."""
    mine = [getattr(item, "callspec", None) for item in items
            if item.module.__name__ == __name__ and "waves" in item.fixturenames]
    return {spec.params["name"] for spec in mine} if all(mine) else set(WAVES)


@pytest.fixture(scope="module", name="waves")
def fixture_waves(request, tmp_path_factory):
    requested = matrix_cells.whole() if LONG else matrix_cells.chosen()
    ordered = matrix_cells.whole_orders() if LONG else matrix_cells.chosen_orders()
    waves = {}
    for name in sorted(chosen_waves(request.session.items)):
        disturbance, orders, more = WAVES[name]
        cells = [cell for cell in (ordered if orders else requested) if cell.disturbance == disturbance]
        folder = tmp_path_factory.mktemp(name.replace(", ", "-").replace(" ", "-"))
        looks_up = disturbance in LOOKING_UP[orders]
        waves[name] = Wave(disturbance, cells, folder, looks_up=looks_up, orders=orders, keys=orders and not looks_up,
                           bucket="bucket" in more, second="two providers" in more)
    # As many at once as two cores do in time; those that take longest, for a lost worker is seen late, begin.
    queue = sorted(waves.values(), key=lambda wave: wave.disturbance != "actor killed")
    with concurrent.futures.ThreadPoolExecutor(len(DISTURBANCES)) as pool:
        for future in [pool.submit(wave.run) for wave in queue]:
            future.result()
    yield waves
    for wave in waves.values():
        shutil.rmtree(wave.folder, ignore_errors=True)


def operations(state):
    """Of pictures and films. Chats follow a rule of their own."""
    return [event for event in state["timeline"]["events"]
            if event["event"] == "provider" and not event["provider"].endswith("-chat")]


def charged(wave, cell, step):
    return [entry for entry in wave.ledger if entry["trace"] == cell.trace and entry["step"] == step
            and not entry.get("refunded")]


def story(wave, cell):
    state = wave.ended[cell.trace]
    events = [{key: value for key, value in event.items() if key in
               ("event", "operation", "provider", "charged", "repeats", "attempt", "error", "step", "at", "spentUsd")}
              for event in state["timeline"]["events"]]
    return f"{cell}: {state['status']} {state['failedReason']} {state['cost']}\n" + "\n".join(map(str, events)) + \
        f"\n{[entry for entry in wave.ledger if entry['trace'] == cell.trace]}"


def repetitions(state):
    """Of calls of unknown outcome. One that was refused, at no charge, has repeated nothing; an intent that is said
    again in its attempt, because nobody heard the answer to it, is one."""
    count = 0
    repeating = False
    said = None  # attempt of the intent that nothing has followed
    for event in operations(state):
        if event["operation"] == "intent":
            repeating = bool(event["repeats"])
            count += repeating and said != event["attempt"]
            said = event["attempt"]
            continue
        said = None
        if repeating and event["operation"] == "refused" and event["charged"] == "no":
            repeating = False
            count -= 1
    return count


def check_paid(wave, cell):
    """Nothing is paid twice but by the counted rule: one repetition, after an unknown outcome."""
    state, entries = wave.ended[cell.trace], charged(wave, cell, cell.paid_step)
    repeats = repetitions(state)
    unknown = sum(event["operation"] == "unknown" for event in operations(state))
    extra = 1 if cell.kind == "duplicate" and len(entries) > 1 else 0  # the provider's own doing
    assert repeats <= 1 and repeats <= unknown, "one repetition in the job's life, of what is unknown"
    assert len(entries) - extra <= 1 + repeats, "paid twice"
    assert state["status"] != "completed" or entries, "a result that nobody charged for"
    if wave.looks_up and cell.paid_step == "submit" and cell.kind != "task_lost":
        assert len(entries) - extra <= 1, "the order was there to be found"
    if wave.keys and not cell.loses_task():  # what replaces a lost task is another order
        assert len(entries) - extra <= 1, "its provider knows the order by its key"
    if cell.disturbance == "nothing":
        charges = cell.charges(wave.keys, wave.looks_up)
        assert len(entries) == charges, f"{charges} charges are right"
        assert (unknown > 0) == cell.is_unknown(), "what is known is told"


def check_bound(wave, cell):
    """What may have been ordered is asked about, or repeated with its key, where it was."""
    if cell.paid_step != "submit" or cell.loses_task() or not (wave.keys or wave.looks_up):
        return
    asked = None
    for event in operations(wave.ended[cell.trace]):
        if event["operation"] == "intent" and event["repeats"]:
            assert event["provider"] == asked, f"{asked} may have taken the order"
        asked = event["provider"]


def check_chats(wave, cell):
    """A chat may be paid for in each attempt, and no more often (docs/adr/0033)."""
    attempts = sum(event["event"] == "active" for event in wave.ended[cell.trace]["timeline"]["events"])
    extra = cell.kind == "duplicate" and cell.step == "chat"
    assert len(charged(wave, cell, "chat")) <= attempts + extra, "a chat is paid for twice in an attempt"


def check_cost(wave, cell):
    """All that was charged is counted, and what is counted for certain was charged."""
    cost = {name: round(cost * 1e6) for name, cost in wave.ended[cell.trace]["cost"].items()}
    of_step = {**PRICES, "submit": PRICES["image" if cell.is_ordered else "video"]}
    paid = sum(of_step[step] * len(charged(wave, cell, step)) for step in of_step)
    # What the provider charges twice of its own accord nobody hears of.
    least = paid - (of_step[cell.step] if cell.kind == "duplicate" and wave.hits[cell.trace] else 0)
    told = f"{cost['spentUsd']}, {cost['uncertainUsd']} of it uncertain"
    assert cost["spentUsd"] >= least, f"{least} was charged: {told}"
    assert cost["spentUsd"] - cost["uncertainUsd"] <= paid, f"{paid} was charged: {told}"
    if cell.disturbance == "nothing":
        dropped = [event for event in operations(wave.ended[cell.trace]) if event["operation"] == "cancelled"]
        is_uncertain = cell.is_uncertain() or (cell.is_refused_at_poll() and len(dropped) > 0)
        assert (cost["uncertainUsd"] > 0) == is_uncertain, f"what is known is told: {told}"
        assert is_uncertain or cost["spentUsd"] == least, f"{least} was charged: {told}"


def check_attempts(wave, cell):
    """Who is told to wait waits, which uses up no attempt."""
    if cell.disturbance == "nothing" and cell.is_throttled():
        assert wave.ended[cell.trace]["attemptsMade"] == 1, f"{wave.ended[cell.trace]['attemptsMade']} attempts"


def can_be_dropped(wave, cell):
    """Whether the task of a job that was cancelled is surely dropped: its provider can be reached, and its worker was
    not killed once more (docs/adr/0023)."""
    if cell.disturbance == "actor killed":
        return wave.disturbed_before_end[cell.trace] <= 1
    return cell.disturbance != "provider cut"


def check_dropped(wave, cell):
    """A task is dropped that is told to be, and one whose result never comes: when its job is cancelled, or ends by its
    deadline, once somebody knew of it. That is on record: who was killed may have had it dropped, unheard."""
    state = wave.ended[cell.trace]
    runs = [entry["id"] for entry in charged(wave, cell, "submit") if "cancelled_at" not in entry]
    tasks = {name: {event["task"] for event in operations(state) if event["operation"] == name}
             for name in ("submitted", "cancelled", "abandoned")}
    assert tasks["cancelled"].isdisjoint(runs), "a task runs on, though it was told to be dropped"
    if cell.reaches_cancel() and can_be_dropped(wave, cell):
        assert not runs, "a task runs on after the cancel"
        # Whose worker is killed, or cut off for as long as a stop may take, is found gone by the next one.
        is_unheard = cell.disturbance in ("actor killed", "broker cut")
        told = tasks["cancelled"] | (tasks["abandoned"] if is_unheard else set())
        assert told, "it is on no record that the task was dropped"
    if cell.kind == "never_finishes" and state["status"] == "failed":
        assert tasks["submitted"].isdisjoint(runs), "a task runs on after the deadline"
        assert tasks["submitted"] or cell.disturbance != "nothing", "no task was known"


def check_end(wave, cell):
    state = wave.ended[cell.trace]
    code = code_of(state) if state["status"] == "failed" else None
    unknown = sum(event["operation"] == "unknown" for event in operations(state))
    if cell.is_cancelled():
        assert state["status"] == "cancelled", f"{state['status']}, though it was cancelled"
        return
    if cell.disturbance == "nothing":
        allowed = [cell.failure()]
    else:  # the fault may have befallen a request whose answer nobody waited for any more
        allowed = [None, cell.failure()] + ["outcome_unknown"] * (unknown >= 2)
        if cell.step == "list" and state["attemptsMade"] == ATTEMPTS:  # one each for the order, the list, and all else
            allowed.append(code)
        allowed += worn_out(wave, cell, state)
    if state["status"] == "completed":
        assert None in allowed, f"it should have failed: {cell.failure()}"
    else:
        assert state["status"] == "failed" and code in allowed, f"{code} is none of {allowed}"


def worn_out(wave, cell, state):
    """The codes of a job that was disturbed as often as it bears: what comes for others befalls it, too."""
    times = wave.disturbances[cell.trace]
    if cell.disturbance == "actor killed" and times >= WORKERS_LOST_MAX:
        return ["stalled"]
    if cell.disturbance == "provider cut" and times + 1 >= ATTEMPTS and state["attemptsMade"] == ATTEMPTS:
        return ["provider_broken", "provider_unreachable"]  # one for the fault, one each for the cuts
    return []


def code_of(state):
    return [event for event in state["timeline"]["events"] if event["event"] == "failed"][-1]["error"]["code"]


def check_png(content):
    """Chunk by chunk, with their checksums, down to the last row."""
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    at, rows, name = 8, b"", b""
    while name != b"IEND":
        size, name = struct.unpack(">I4s", content[at:at + 8])
        data = content[at + 8:at + 8 + size]
        assert struct.unpack(">I", content[at + 8 + size:at + 12 + size])[0] == zlib.crc32(name + data)
        rows += data if name == b"IDAT" else b""
        at += 12 + size
    assert at == len(content)
    width, height = struct.unpack(">II", content[16:24])
    assert len(zlib.decompress(rows)) >= width * height * 3


def check_mp4(content, path):
    at, names = 0, []
    while at < len(content):
        size, name = struct.unpack(">I4s", content[at:at + 8])
        names.append(name)
        at += size
    assert at == len(content) and {b"ftyp", b"moov", b"mdat"} <= set(names), names
    if shutil.which("ffprobe"):
        path.write_bytes(content)
        words = ["ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0",
                 path]
        told = subprocess.run(words, capture_output=True, text=True, check=True)
        assert told.stderr == "" and int(told.stdout) == FRAMES


def check_asset(wave, cell):
    asset = wave.ended[cell.trace]["asset"]
    if asset is None:
        return
    assert asset.status_code == 200 and int(asset.headers["Content-Length"]) == len(asset.content)
    if cell.job == "video":
        check_mp4(asset.content, pathlib.Path(wave.folder) / "film.mp4")
    else:
        check_png(asset.content)


def check_all(wave, check):
    wrong = []
    for cell in wave.cells:
        try:
            check(wave, cell)
        except (AssertionError, subprocess.CalledProcessError, zlib.error, struct.error) as problem:
            wrong.append(f"{problem}\n{story(wave, cell)}")
    assert not wrong, f"{len(wrong)} of {len(wave.cells)} cells:\n" + "\n\n".join(wrong)


def steps_of(steps, is_ordered):
    return {(step, disturbance) for step in (*steps, "cancel") for disturbance in DISTURBANCES} | {
        ("list", disturbance) for disturbance in LOOKING_UP[is_ordered]}


def test_each_misbehaviour_is_played_at_each_step_and_meets_each_disturbance():
    led = {(kind, step) for step in matrix_cells.LEADS for kind in matrix_cells.ANSWER_KINDS}
    for cells in (matrix_cells.chosen(), matrix_cells.whole()):
        assert {(cell.kind, cell.step) for cell in cells} == set(matrix_cells.pairs()) | led
        kinds = {kind for kind, _ in matrix_cells.pairs()}
        assert {(cell.kind, cell.disturbance) for cell in cells} == {
            (kind, disturbance) for kind in kinds for disturbance in DISTURBANCES}
        assert {(cell.step, cell.disturbance) for cell in cells} == steps_of(matrix_cells.STEPS, False)
    for cells in (matrix_cells.chosen_orders(), matrix_cells.whole_orders()):
        assert {(cell.kind, cell.step) for cell in cells} == set(matrix_cells.order_pairs()) | led
        assert {(cell.step, cell.disturbance) for cell in cells} == steps_of(matrix_cells.ORDER_STEPS, True)
    assert set(LOOKING_UP[False]) | set(LOOKING_UP[True]) == set(DISTURBANCES)


def test_every_error_is_met_where_all_that_it_does_is_known():
    for cells in (matrix_cells.chosen(), matrix_cells.chosen_orders(), matrix_cells.whole(),
                  matrix_cells.whole_orders()):
        assert {cell.status for cell in cells if cell.disturbance == "nothing" and cell.step == cell.paid_step
                and cell.status} == set(matrix_cells.STATUSES)
    for cells, steps in ((matrix_cells.whole(), matrix_cells.STEPS),
                         (matrix_cells.whole_orders(), matrix_cells.ORDER_STEPS)):
        met = {(cell.status, cell.step, cell.disturbance) for cell in cells}
        assert met >= set(itertools.product(matrix_cells.STATUSES, steps, DISTURBANCES))


@pytest.mark.parametrize("name", WAVES)
def test_the_faults_and_disturbances_came_about(waves, name):
    wave = waves[name]
    missed = [cell for cell in wave.cells if wave.hits[cell.trace] == 0]
    missed = [cell for cell in missed if not cell.is_cancelled() or can_be_dropped(wave, cell)]
    assert not missed, [str(cell) for cell in missed]
    cancelled = [cell for cell in wave.cells if cell.is_cancelled()]
    sure = [cell for cell in cancelled if can_be_dropped(wave, cell)]
    assert wave.disturbance == "provider cut" or len(sure) >= len(cancelled) / 2, "too many workers were killed"
    late = [str(cell) for cell in wave.cells if cell.trace not in wave.met and not cell.is_cancelled()]
    print(f"{name}: {wave.disturbed} disturbances met {len(wave.met)} of {len(wave.cells)} cells at their steps")
    if wave.disturbance == "nothing":
        assert wave.disturbed == 0
    else:
        assert len(late) <= LATE_MAX * len(wave.cells), "\n".join(late)


def test_most_disturbances_come_while_the_provider_is_told_to_drop_a_task(waves):
    """Each of which it is told for a second or two."""
    told = [cell.trace in wave.met for wave in waves.values() for cell in wave.cells
            if cell.is_cancelled() and wave.disturbance != "nothing"]
    assert sum(told) >= len(told) / 2, f"{sum(told)} of {len(told)}"


@pytest.mark.parametrize("name", WAVES)
def test_nothing_is_paid_twice_but_by_the_counted_rule(waves, name):
    check_all(waves[name], check_paid)


@pytest.mark.parametrize("name", [name for name in WAVES if "two providers" in name])
def test_no_other_provider_is_asked_for_what_may_have_been_ordered(waves, name):
    check_all(waves[name], check_bound)


def test_another_provider_is_asked_where_the_first_has_failed(waves):
    named = {event["provider"] for wave in waves.values() if wave.second for state in wave.ended.values()
             for event in state["timeline"]["events"] if event["event"] == "provider"}
    assert any(provider.startswith("other-") for provider in named), named


@pytest.mark.parametrize("name", WAVES)
def test_no_chat_is_paid_for_twice_in_an_attempt(waves, name):
    check_all(waves[name], check_chats)


@pytest.mark.parametrize("name", WAVES)
def test_every_job_costs_what_was_charged(waves, name):
    check_all(waves[name], check_cost)


@pytest.mark.parametrize("name", WAVES)
def test_every_job_ends_as_it_should(waves, name):
    check_all(waves[name], check_end)


@pytest.mark.parametrize("name", [name for name in WAVES if name.startswith("nothing")])
def test_who_is_told_to_wait_uses_up_no_attempt(waves, name):
    check_all(waves[name], check_attempts)


@pytest.mark.parametrize("name", WAVES)
def test_no_task_runs_on_when_its_job_has_ended(waves, name):
    check_all(waves[name], check_dropped)


@pytest.mark.parametrize("name", WAVES)
def test_every_asset_is_whole(waves, name):
    check_all(waves[name], check_asset)


@pytest.mark.parametrize("name", WAVES)
def test_the_store_has_what_jobs_have_made_and_nothing_else(waves, name):
    others, half = waves[name].leftovers
    assert not others and not half, f"{sorted(others)}, half written: {half}"
