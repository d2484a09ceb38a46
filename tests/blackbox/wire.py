"""The wire for tests, written from proto/messages.h and codes.h alone: reads the table, packs and unpacks frames.

A record is (name, {field: value}). Ids are 16 bytes, times milliseconds, flags booleans.
"""

import pathlib
import re

import msgpack

PROTO = pathlib.Path(__file__).resolve().parents[2] / "proto"
VERSION = 1


def _tables():
    text = "".join(path.read_text() for path in [*sorted(PROTO.glob("messages*.h")), PROTO / "codes.h"])
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S).replace("\\\n", " ")
    fields = {}
    for name, body in re.findall(r"#define MESSAGE_(\w+)\(FIELD\)((?:\s*FIELD\([^)]*\))*)", text):
        entries = re.findall(r"FIELD\(([^)]*)\)", body)
        fields[name] = [tuple(part.strip() for part in entry.split(",")) for entry in entries]
    numbers = {}
    for number, name, upper in re.findall(r"MESSAGE\((\d+), (\w+), (\w+)\)", text):
        numbers[name] = (int(number), {field[1]: int(field[0]) for field in fields[upper]})
    enums = {key: int(value, 0) for key, value in re.findall(r"([A-Z][A-Z0-9_]+) =\s*(\d+)\s*[,}\n]", text)}
    return numbers, enums


MESSAGES, ENUMS = _tables()
NAMES = {number: (name, {at: field for field, at in fields.items()}) for name, (number, fields) in MESSAGES.items()}


def pack(session, *records):
    """One frame of records."""
    packed = []
    for name, values in records:
        number, fields = MESSAGES[name]
        packed.append([number, {fields[field]: value for field, value in values.items() if value is not None}])
    return msgpack.packb([VERSION, session, packed])


def unpack(frame):
    """Returns (session, [record])."""
    version, session, records = msgpack.unpackb(frame, strict_map_key=False)
    assert version == VERSION
    result = []
    for number, values in records:
        name, fields = NAMES[number]
        result.append((name, {fields[at]: value for at, value in values.items()}))
    return session, result
