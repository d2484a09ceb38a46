"""The wire against an implementation that is not ours: python3-msgpack, following proto/PROTOCOL.md alone.

The document's tables are parsed and compared with the table in C; then they drive random messages, packed here and
read in C, and packed in C and read here. The example bytes and the little actor of the document are run.
"""

import json
import os
import pathlib
import random
import re
import subprocess
import sys
import uuid

import msgpack
import pytest
import zmq

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "proto/PROTOCOL.md").read_text()
MINIMAL_ACTOR = ROOT / "tests/blackbox/minimal_actor.py"
NUMBERS = ("U8", "U32", "U64", "TIME")
TIME_MS_MAX = 253402300799999
WAIT_MS = 10000  # for anything that a healthy process does at once


def frame_dump_path():
    builds = [ROOT / "build/tests/frame_dump", *ROOT.glob("build/*/tests/frame_dump")]
    builds = [path for path in builds if path.is_file()]
    if not builds:
        pytest.fail("frame_dump is not built: script/build release")
    return max(builds, key=lambda path: path.stat().st_mtime)


def frame_dump(*arguments, data=b""):
    """Returns what the tool prints, and its exit code."""
    done = subprocess.run([frame_dump_path(), *arguments], input=data, stdout=subprocess.PIPE, timeout=60)
    return done.stdout, done.returncode


def read_in_c(frame):
    return [json.loads(line) for line in frame_dump("read", data=frame)[0].splitlines()]


def write_in_c(session, records):
    lines = "\n".join(json.dumps(record) for record in records).encode()
    frame, code = frame_dump("write", str(session), data=lines)
    assert code == 0
    return frame


# ---- the document ----


def rows(text):
    """The cells of each row of the first table in text, without its head."""
    lines = text[text.index("\n|") + 1 :].splitlines()
    table = []
    for line in lines:
        if not line.startswith("|"):
            break
        table.append([cell.strip() for cell in line.strip("|").split("|")])
    return table[2:]


def document_messages():
    messages = {}
    for match in re.finditer(r"^#### (\d+) (\w+)$(.*?)(?=^#|\Z)", DOCUMENT, re.M | re.S):
        fields = []
        for number, field, wire, limit, need in rows(match[3]):
            least = {"ID": 16, "FLAG": 1, "TIME": TIME_MS_MAX}.get(wire)
            fields.append((int(number), field, wire, least or int(limit), need == "required"))
        messages[match[2].lower()] = (int(match[1]), fields)
    return messages


def document_codes():
    codes = {}
    chapter = DOCUMENT[DOCUMENT.index("\n## Codes\n") : DOCUMENT.index("\n## Changing the protocol\n")]
    for match in re.finditer(r"^### (\w+)$(.*?)(?=^#|\Z)", chapter, re.M | re.S):
        codes[match[1]] = [(int(row[0]), row[1]) for row in rows(match[2])]
    return codes


MESSAGES = document_messages()


def table_in_c():
    output, code = frame_dump("table")
    assert code == 0
    return [json.loads(line) for line in output.splitlines()]


def test_the_document_has_every_message_and_field_of_the_table_and_no_other():
    expected = {}
    for row in table_in_c():
        if "message" in row:
            fields = expected.setdefault(row["message"], (row["type"], []))[1]
            fields.append((row["number"], row["field"], row["wire"], row["limit"], row["required"]))
    assert len(expected) > 30
    assert MESSAGES == expected


def test_the_document_has_every_code_of_the_table_and_no_other():
    expected = {}
    for row in table_in_c():
        kind = next(iter(row))
        if kind not in ("message", "limit"):
            expected.setdefault(kind, []).append((row["value"], row[kind]))
    assert len(expected) == 19
    assert document_codes() == expected


def test_the_document_tells_the_limits_of_frames():
    limits = {row["limit"]: row["value"] for row in table_in_c() if next(iter(row)) == "limit"}
    table = {row[0]: row[1] for row in rows(DOCUMENT[DOCUMENT.index("\n| limit | value | of |") - 1 :])}
    assert len(table) == 5
    assert table == {name: str(limits[name]) for name in table}
    assert limits["TIME_MS_MAX"] == TIME_MS_MAX and str(TIME_MS_MAX) in DOCUMENT
    assert limits["PROTOCOL_VERSION"] == 1


def examples():
    pairs = re.findall(r"```hex\n(.*?)```\n```json\n(.*?)```", DOCUMENT, re.S)
    return [(bytes.fromhex(hexadecimal), lines.splitlines()) for hexadecimal, lines in pairs]


def test_the_examples_are_read_as_the_document_says():
    assert len(examples()) == 5
    for frame, lines in examples():
        read = read_in_c(frame)
        assert len(read) == len(lines)
        for record, line in zip(read, lines):
            told = json.loads(line)
            assert {name: record[name] for name in told} == told
            rest = [value for name, value in record.items() if name not in told]
            assert all(value in (0, "", False, "0" * 32) for value in rest)


def test_the_examples_are_what_a_msgpack_library_reads():
    for frame, lines in examples():
        version, session, records = msgpack.unpackb(frame, strict_map_key=False)
        assert (version, session) == (1, json.loads(lines[0])["session"])
        assert [kind for kind, _ in records] == [MESSAGES[json.loads(line)["record"]][0] for line in lines[1:]]


def test_the_document_quotes_the_actor_that_is_tested():
    assert re.search(r"```python\n(.*?)```", DOCUMENT, re.S)[1] == MINIMAL_ACTOR.read_text()


# ---- both ways, at random ----


def random_number(chance, limit):
    widths = [0, 1, 127, 128, 255, 256, 65535, 65536, 2**32 - 1, 2**32]
    return min(limit, chance.choice([*widths, limit, chance.randrange(limit + 1)]))


def random_text(chance, limit):
    text = "".join(chance.choice("a\"\\\n\0 zäß€語🎭") for _ in range(chance.choice([0, 1, 7, 31, 32, 400])))
    return text.encode()[:limit].decode(errors="ignore")


def random_value(chance, wire, limit):
    if wire in NUMBERS:
        return random_number(chance, limit)
    if wire == "FLAG":
        return chance.random() < 0.5
    if wire == "TEXT":
        return random_text(chance, limit)
    size = 16 if wire == "ID" else min(limit, chance.choice([0, 1, 255, 256, 65536, 100000]))
    return bytes(16) if wire == "ID" and chance.random() < 0.3 else chance.randbytes(size)


def random_record(chance):
    """A message's name and the values of all its fields."""
    name = chance.choice(sorted(MESSAGES))
    return name, {field: random_value(chance, wire, limit) for _, field, wire, limit, _ in MESSAGES[name][1]}


def is_zero(value):
    return not any(value) if isinstance(value, bytes) and len(value) == 16 else not value


def on_the_wire(name, values):
    kind, fields = MESSAGES[name]
    return [kind, {number: values[field] for number, field, wire, _, required in fields
                   if required or not (is_zero(values[field]) if wire == "ID" else not values[field])}]


def in_json(name, values):
    told = {field: value.hex() if isinstance(value, bytes) else value for field, value in values.items()}
    return {"record": name, **told}


@pytest.mark.parametrize("seed", range(8))
def test_what_python_packs_is_read_in_c(seed):
    chance = random.Random(seed)
    records = [random_record(chance) for _ in range(25)]
    session = random_number(chance, 2**63 - 1)
    frame = msgpack.packb([1, session, [on_the_wire(*record) for record in records]])
    read = read_in_c(frame)
    assert read[0] == {"frame": "ok", "session": session, "records": len(records)}
    assert read[1:] == [in_json(*record) for record in records]


@pytest.mark.parametrize("seed", range(8))
def test_what_c_packs_is_read_in_python(seed):
    chance = random.Random(1000 + seed)
    records = [random_record(chance) for _ in range(25)]
    session = random_number(chance, 2**63 - 1)
    frame = write_in_c(session, [in_json(*record) for record in records])
    assert msgpack.unpackb(frame, strict_map_key=False) == [1, session, [on_the_wire(*record) for record in records]]


def test_a_record_that_breaks_the_table_is_named_and_the_others_are_read():
    job = bytes(range(16))
    records = [
        [24, {1: job, 2: 1}],
        [24, {1: job}],
        [24, {1: "sixteen letters!", 2: 1}],
        [250, {1: ["anything", {"at": None}]}],
        [24, {1: job, 2: 1, 77: {"new": [1, 2.5, None]}}],
    ]
    read = read_in_c(msgpack.packb([1, 5, records]))
    good = {"record": "ack", "job": job.hex(), "lease": 1}
    assert read[1:] == [
        good,
        {"refused": "malformed", "type": 24, "field": "lease"},
        {"refused": "malformed", "type": 24, "field": "job"},
        {"refused": "unsupported", "type": 250, "field": "?"},
        good,
    ]


# ---- the little actor ----


class Broker:
    """Plays the broker's part to one actor."""

    def __init__(self):
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.ROUTER)
        self.port = self.socket.bind_to_random_port("tcp://127.0.0.1")
        self.peer = None

    def close(self):
        self.context.destroy(linger=0)

    def take(self):
        """The session and the records, by name, of the next frame."""
        assert self.socket.poll(WAIT_MS), "the actor says nothing"
        self.peer, frame = self.socket.recv_multipart()
        read = read_in_c(frame)
        assert read[0]["frame"] == "ok" and not any("refused" in record for record in read)
        return read[0]["session"], read[1:]

    def say(self, session, *records):
        self.socket.send_multipart([self.peer, write_in_c(session, records)])


@pytest.fixture
def broker():
    broker = Broker()
    yield broker
    broker.close()


@pytest.fixture
def actor(broker):
    process = subprocess.Popen([sys.executable, MINIMAL_ACTOR, f"tcp://127.0.0.1:{broker.port}"],
                               env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
    yield process
    process.kill()
    process.wait(timeout=10)


def welcome(broker, session):
    broker.say(0, {"record": "welcome", "session": session, "lease_ms": 30000, "heartbeat_ms": 5000})


def job_record(lease):
    return {"record": "job", "job": "11" * 16, "lease": lease, "attempt": 1, "kind": 1, "timeout_ms": 1000,
            "owner": "ada", "character": "22" * 16, "media": "33" * 16, "payload": b'{"poseId":null}'.hex()}


def test_the_little_actor_does_a_job_and_tells_it_until_it_is_acknowledged(broker, actor):
    session, (hello,) = broker.take()
    assert session == 0
    assert (hello["kind"], hello["slots"], hello["hold_count"], hello["credit"]) == (1, 1, 0, 1)
    welcome(broker, 7)
    assert broker.take() == (7, [{"record": "heartbeat", "credit": 1}])

    broker.say(7, job_record(3))
    session, (progress,) = broker.take()
    assert (session, progress["progress"], progress["lease"], progress["credit"]) == (7, 60, 3, 1)
    session, (done,) = broker.take()
    assert (session, done["record"], done["lease"], done["credit"]) == (7, "done", 3, 2)
    assert json.loads(bytes.fromhex(done["document"])) == {
        "id": str(uuid.UUID("33" * 16)), "characterId": str(uuid.UUID("22" * 16)), "input": {"poseId": None}}

    # The broker was started again: the lease is held and its result told once more.
    broker.say(7, {"record": "error", "code": 1, "detail": "the session is not open"})
    session, (hello, hold) = broker.take()
    assert (session, hello["hold_count"], hello["credit"]) == (0, 1, 1)
    assert hold == {"record": "hold", "job": "11" * 16, "lease": 3}
    welcome(broker, 8)
    session, (again, heartbeat) = broker.take()
    assert (session, again["document"], again["credit"]) == (8, done["document"], 1)
    assert heartbeat == {"record": "heartbeat", "credit": 1}

    broker.say(8, {"record": "ack", "job": "11" * 16, "lease": 3}, {"record": "ping"})
    assert broker.take() == (8, [{"record": "heartbeat", "credit": 1}])
    broker.say(8, {"record": "error", "code": 1})
    session, (hello,) = broker.take()
    assert hello["hold_count"] == 0


def test_the_little_actor_passes_over_what_is_of_an_earlier_session(broker, actor):
    broker.take()
    welcome(broker, 7)
    broker.take()
    broker.say(6, job_record(3))
    broker.say(7, {"record": "ping"})
    assert broker.take() == (7, [{"record": "heartbeat", "credit": 1}])
