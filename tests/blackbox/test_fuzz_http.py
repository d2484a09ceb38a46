"""Bad input for the running gateway, under sanitizers.

Method: connections of their own send requests from one seed: operations of the description (gateway/www/openapi.json)
with paths, queries, headers and bodies that are right, nearly right, broken bytes, or nonsense: a third of them as a
user, a third as a viewer, a third as an administrator. Before that, broken bytes are put into each text that there is,
with each of the roles. A null provider performs what is accepted. Each request that is HTTP has an answer, none may be
a fault of the server, each must be as the description says (and what is accepted must be allowed by it), no process may
end, and at the stop the sanitizers must have nothing to tell, leaks included."""

import itertools
import json
import os
import random
import re
import socket
import threading
import urllib.parse
import uuid

import contract
import sanitized
from stack import Client, Stack

LONG = os.environ.get("TEST_LONG") == "1"
REQUESTS = 200000 if LONG else 10000
ROLES = ["user", "viewer", "admin"]
CONNECTIONS = 3 * len(ROLES)
SEED = int(os.environ.get("TROUPE_FUZZ_SEED", "20"))
TIMEOUT_S = 90  # of one request: some may wait for a minute

# Bytes that parsers stumble over.
TOKENS = [
    b"\x00", b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\\u0000", b"\\ud800", b"\\u00e9", b"1e999",
    b"-0", b"1.0", b"18446744073709551616", b"-9223372036854775809", b"[" * 40, b"]" * 40, b"{" * 20, b'"', b"\\",
    b",", b":", b"null", b"true", b"{}", b"[]", b"//", b"%00", b"%", b"%zz", b"&", b"=", b"+", b"..", b";", b"\t",
]
# Text that is no UTF-8, or that no C program likes.
BROKEN = [b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"a\xe2\x82", b"\x00", b"a\x00b"]
BROKEN_JSON = [b'"%s"' % text for text in BROKEN] + [rb'"\u0000"', rb'"\ud800"', rb'"\udc00\ud800"', rb'"a\u0000b"']
QUEUES = ["image", "video", "webhook"]  # that may be paused: POST /characters would wait for a minute each
VALUES = [
    None, True, False, 0, -1, 5, 8, 2 ** 31, 2 ** 63 - 1, -2 ** 63, 1.5, 5.0, "", "720p", "standing", "a", "\u0000",
    "é" * 200, "🎭" * 200, "x" * 201, "x" * 3000, [], {}, ["a"] * 33, ["a", 1], {"key": "k"}, [[[[[[]]]]]],
]
CONTENT_TYPES = [b"application/json"] * 8 + [
    b"application/json; charset=utf-8", b"text/plain", b"", b"application/json;", b"application/jsonp",
    b"multipart/form-data",
]


class Answer:
    """The head and the body of one answer."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body


class Connection:
    """HTTP/1.1 on a plain socket, which can send what no library would."""

    def __init__(self, port):
        self.port = port
        self.socket = None
        self.data = b""

    def close(self):
        if self.socket:
            self.socket.close()
        self.socket, self.data = None, b""

    def more(self):
        piece = self.socket.recv(65536)
        self.data += piece
        return bool(piece)

    def until(self, end):
        while end not in self.data:
            if not self.more():
                return None
        part, self.data = self.data.split(end, 1)
        return part

    def body(self, headers):
        if headers.get("transfer-encoding") == "chunked":
            pieces = []
            while True:
                size = int(self.until(b"\r\n"), 16)
                pieces.append(self.exactly(size + 2)[:-2])
                if size == 0:
                    return b"".join(pieces)
        return self.exactly(int(headers.get("content-length", 0)))

    def exactly(self, size):
        while len(self.data) < size:
            assert self.more(), "the answer was cut"
        part, self.data = self.data[:size], self.data[size:]
        return part

    def ask(self, method, request):
        """The answer, or None when the server closed the connection without one."""
        for _ in range(2):  # the first may find a connection that was closed after the last answer
            fresh = self.socket is None
            try:
                if fresh:
                    self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=TIMEOUT_S)
                self.socket.sendall(request)
                head = self.until(b"\r\n\r\n")
            except (ConnectionError, BrokenPipeError):
                head = None
            if head is not None:
                return self.answer(method, head)
            self.close()
            if fresh:
                return None
        return None

    def answer(self, method, head):
        lines = head.decode("latin-1").split("\r\n")
        status = int(lines[0].split()[1])
        headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines[1:])}
        if headers.get("content-type", "").startswith("text/event-stream"):
            self.close()  # it would never end
            return Answer(status, headers, None)
        body = b"" if method == "HEAD" or status in (204, 304) else self.body(headers)
        if headers.get("connection") == "close":
            self.close()
        return Answer(status, headers, body if method != "HEAD" else None)


class Fuzzer:
    """Makes requests, from one seed."""

    def __init__(self, seed, token, ids):
        self.random = random.Random(seed)
        self.token = token.encode()
        self.ids = ids
        self.operations = [(method.upper(), path, item, item[method])
                           for path, item in contract.DOCUMENT["paths"].items()
                           for method in contract.METHODS if method in item]
        self.weights = [1 + 4 * ("requestBody" in operation) + 2 * bool(self.parameters(item, operation, "query"))
                        for _, _, item, operation in self.operations]

    def chance(self, share):
        return self.random.random() < share

    def mutate(self, data):
        """A few bytes changed, doubled, dropped or put in."""
        for _ in range(self.random.randint(1, 4)):
            at = self.random.randint(0, len(data))
            end = min(len(data), at + self.random.randint(0, 12))
            data = self.random.choice([
                lambda: data[:at] + self.random.choice(TOKENS) + data[end:],
                lambda: data[:at] + data[end:],
                lambda: data[:end] + data[at:],
                lambda: data[:at],
                lambda: data[:at] + bytes(self.random.randrange(256) for _ in range(3)) + data[at:],
            ])()
        return data

    def value(self, schema):
        """A value that the schema takes, more often than not."""
        schema = contract.resolve(schema)
        if self.chance(0.1):
            return self.random.choice(VALUES)
        if "enum" in schema:
            return self.random.choice(schema["enum"])
        if "examples" in schema and self.chance(0.5):
            return schema["examples"][0]
        kind = schema.get("type", "object")
        kind = self.random.choice(kind) if isinstance(kind, list) else kind
        if kind == "object":
            members = {name: self.value(member) for name, member in schema.get("properties", {}).items()
                       if name in schema.get("required", ()) or self.chance(0.4)}
            if self.chance(0.1):
                members[self.random.choice(["", "x", "x" * 300, "\u0000", "__proto__"])] = self.random.choice(VALUES)
            return members
        return {"array": lambda: [self.value(schema["items"]) for _ in range(self.random.randint(0, 3))],
                "integer": lambda: self.random.randint(schema.get("minimum", 0), min(schema.get("maximum", 50), 50)),
                "boolean": lambda: self.chance(0.5), "null": lambda: None,
                "string": lambda: "word"}.get(kind, lambda: "word")()

    def body(self, operation):
        content = contract.resolve(operation.get("requestBody", {})).get("content", {})
        schema = next(iter(content.values()), {}).get("schema", {})
        data = json.dumps(self.value(schema), ensure_ascii=self.chance(0.5)).encode("utf-8", "surrogatepass")
        data = data.replace(b"https://example.com", b"http://localhost:1")  # nothing is sent beyond this machine
        if self.chance(0.3) and b"://" not in data:
            data = self.mutate(data)
        if self.chance(0.01):
            data = data[:1] + b" " * self.random.choice([65535, 65536, 70000]) + data[1:]
        return data

    def parameters(self, item, operation, place):
        nodes = [contract.resolve(node) for node in item.get("parameters", []) + operation.get("parameters", [])]
        return [node for node in nodes if node["in"] == place]

    def query(self, item, operation):
        pairs = []
        for parameter in self.parameters(item, operation, "query"):
            while self.chance(0.4):
                value = self.value(parameter["schema"])
                if parameter["name"] in ("wait", "since"):  # no minutes of waiting
                    value = self.random.choice([0, 1, -1, 61, "x", 2 ** 40])
                pairs.append(parameter["name"] + "=" + urllib.parse.quote(str(value)))
        text = "&".join(pairs).encode()
        if self.chance(0.2):
            text = self.mutate(text)
        if self.chance(0.01):
            text = b"&".join([text] * 30)
        return re.sub(rb"[\x00-\x20\x7f\r\n]", b"%20", text)

    def path(self, path):
        for name in re.findall(r"\{(\w+)\}", path):
            known = self.random.choice(self.ids) if self.ids and self.chance(0.6) else str(uuid.UUID(
                int=self.random.getrandbits(128)))
            if name == "queue":
                known = self.random.choice(QUEUES)
            path = path.replace("{" + name + "}", self.random.choice([known] * 8 + ["x", known.upper(), known + "0"]))
        data = path.encode()
        if self.chance(0.05):
            data = b"/" + self.mutate(data[1:])
        return re.sub(rb"[\x00-\x20\x7f?#\r\n]", b"%2f", data)

    def headers(self, item, operation):
        lines = []
        if self.chance(0.97):
            lines.append(b"Authorization: Bearer " + (self.mutate(self.token) if self.chance(0.02) else self.token))
        for parameter in self.parameters(item, operation, "header"):
            if self.chance(0.3):
                value = "wait=" + self.random.choice(["0", "1", "x"]) if parameter["name"] == "Prefer" else str(
                    self.random.choice(['"1"', "*", "bytes=0-1", 0, 7, "a key", str(uuid.uuid4())]))
                data = self.mutate(value.encode()) if self.chance(0.3) else value.encode()
                lines.append(parameter["name"].encode() + b": " + data)
        if self.chance(0.1):
            lines.append(b"Accept: " + self.random.choice([b"application/problem+json", b"*/*;q=0", b";;,,", b"q"]))
        if self.chance(0.1):
            lines.append(b"Accept-Encoding: " + self.random.choice([b"gzip", b"gzip;q=0", b"*", b";"]))
        return [re.sub(rb"[\x00\r\n]", b" ", line) for line in lines]

    def broken(self):
        """Requests as request() makes them, with broken bytes in each text of each operation."""
        for method, path, item, operation in self.operations:
            for parameter in self.parameters(item, operation, "query"):
                for text in BROKEN:
                    query = parameter["name"] + "=" + urllib.parse.quote(text)
                    yield self.whole(method, path.encode() + b"?" + query.encode(), operation)
            for parameter in self.parameters(item, operation, "header"):
                for text in BROKEN[:5]:  # a header has no NUL
                    yield self.whole(method, path.encode(), operation, [parameter["name"].encode() + b": " + text])
            for text in BROKEN:
                for part in (text, urllib.parse.quote(text).encode()):
                    target = re.sub(rb"\{\w+\}", lambda _, part=part: part, path.encode())
                    if target != path.encode() and b"\x00" not in target:
                        yield self.whole(method, target, operation)
            for body in self.broken_bodies(operation):
                yield self.whole(method, self.path(path), operation, body=body)

    def broken_bodies(self, operation):
        """Each member of the body, one after the other, with each broken text."""
        content = contract.resolve(operation.get("requestBody", {})).get("content", {})
        schema = contract.resolve(next(iter(content.values()), {}).get("schema", {}))
        for name in [*schema.get("properties", {}), "stranger"] if content else []:
            for text in BROKEN_JSON:
                yield b'{"%s":%s}' % (name.encode(), text)
                yield b'{"%s":{%s:[%s]}}' % (name.encode(), text, text)

    def whole(self, method, target, operation, headers=(), body=b""):
        if not body and "requestBody" in operation:
            body = b"{}"
        lines = [b"%s %s HTTP/1.1" % (method.encode(), target), b"Host: x", b"Authorization: Bearer " + self.token,
                 *headers]
        if body:
            lines += [b"Content-Type: application/json", b"Content-Length: %d" % len(body)]
        return method, target, body, b"\r\n".join(lines) + b"\r\n\r\n" + body

    def request(self):
        """(method, path and query, body, the bytes of it all)"""
        (method, path, item, operation), = self.random.choices(self.operations, self.weights)
        method = self.random.choice(["PATCH", "HEAD", "OPTIONS", "PUT"]) if self.chance(0.03) else method
        target = self.path(path)
        query = self.query(item, operation)
        if query or self.chance(0.02):
            target += b"?" + query
        lines = [method.encode() + b" " + target + b" HTTP/1.1", b"Host: x", *self.headers(item, operation)]
        body = self.body(operation) if "requestBody" in operation and self.chance(0.97) else b""
        if body:
            lines += [b"Content-Type: " + self.random.choice(CONTENT_TYPES), b"Content-Length: %d" % len(body)]
        return method, target, body, b"\r\n".join(lines) + b"\r\n\r\n" + body


class Request:
    """What contract.check_request looks at."""

    def __init__(self, body):
        self.body = body


def check(method, target, body, answer):
    """Whether the answer is as described. A path that is written in another way than ours is not looked up, and neither
    is what the library refuses as no HTTP."""
    is_busy = answer.status == 503 and b'"busy"' in answer.body  # as many searches at once as there may be
    assert answer.status < 500 or is_busy, answer.body
    path, _, query = target.decode("latin-1").partition("?")
    if answer.status == 400 and "x-request-id" not in answer.headers:
        return
    if "%" in path or "//" in path or "/." in path or "gzip" in answer.headers.get("content-encoding", ""):
        return
    request = Request(body if method == "POST" and body else None)
    problems = contract.problems_of_answer(method, path, answer.status, answer.headers, answer.body or None,
                                           query if "%" not in query else "", request)
    assert not problems, problems


def note_ids(ids, answer):
    """Ids of what was made are asked for later."""
    for name in re.findall(rb'"(?:jobId|id|characterId|mediaId)":"([0-9a-f-]{36})"', answer.body or b""):
        if len(ids) < 2000:
            ids.append(name.decode())


def run(port, fuzzer, part, count, problems):
    """part of so many that share a role: of its broken requests each sends some."""
    connection = Connection(port)
    broken = itertools.islice(fuzzer.broken(), part, None, CONNECTIONS // len(ROLES))
    for method, target, body, request in itertools.chain(broken, (fuzzer.request() for _ in range(count))):
        try:
            answer = connection.ask(method, request)
            assert answer is not None, "no answer"
            check(method, target, body, answer)
            note_ids(fuzzer.ids, answer)
        except (AssertionError, OSError, ValueError) as error:
            problems.append(f"{request[:2000]!r}: {type(error).__name__} {error}")
            connection.close()
        if len(problems) > 5:
            break
    connection.close()


def test_no_request_harms_the_gateway(tmp_path):
    environment = {**sanitized.settings(tmp_path), "TROUPE_WEBHOOK_PRIVATE": "on"}
    with Stack("--provider", "null", "--rate", "off", data=tmp_path, environment=environment,
               programs=sanitized.PROGRAMS) as stack:
        before = stack.children()
        port = int(stack.url.rsplit(":", 1)[1])
        tokens, ids, problems = [stack.token("fuzz-" + role, "--role", role) for role in ROLES], [], []
        fuzzers = [Fuzzer(f"{SEED}-{number}", tokens[number % len(ROLES)], ids) for number in range(CONNECTIONS)]
        count = REQUESTS // CONNECTIONS
        threads = [threading.Thread(target=run, args=(port, fuzzer, number // len(ROLES), count, problems))
                   for number, fuzzer in enumerate(fuzzers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not problems, "\n".join(problems)
        assert stack.children() == before, "no process ended"
        assert ids, "something was accepted"
        client, admin = stack.client(), Client(stack.url, tokens[-1])
        for queue in QUEUES:
            assert admin.post(f"/api/v1/admin/queues/{queue}/resume").status_code == 200
        assert client.wait_for(client.submit_character())["status"] == "completed"
        assert stack.stop() == 0
    assert not sanitized.reports(tmp_path)
