"""The API's description (gateway/www/openapi.json), held against every answer that a test sees.

The helpers that talk to a gateway hand their answers to `check`: a path, a method, a status, a header, a media type, an
error code or a member that the description does not declare fails the test. Schemas are closed for that, unless they
say otherwise; clients are told to ignore what they do not know. What was seen is remembered: test_openapi.py looks at
it last, so that nothing is declared that never happens.
"""

import copy
import datetime
import json
import os
import pathlib
import re
import urllib.parse
import uuid

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT = json.loads((ROOT / "gateway/www/openapi.json").read_text())
METHODS = ["get", "post", "put", "patch", "delete"]
# Refusals by the HTTP library, before it is known what for.
BY_LIBRARY = {"bad_request", "body_too_large", "expectation_failed"}

# Headers of HTTP itself, and those that are for browsers: they need no declaration.
COMMON_HEADERS = {
    "allow", "cache-control", "connection", "content-encoding", "content-length", "content-type", "date", "server",
    "transfer-encoding", "vary", "access-control-allow-origin", "access-control-expose-headers",
    "content-security-policy", "referrer-policy", "x-accel-buffering", "x-content-type-options",
}

SEEN = set()  # (method, path template, status as text)
EVENTS_SEEN = set()  # names
# A run in several processes leaves there what each has seen, a file for each (script/test sets it).
SEEN_DIRECTORY = os.environ.get("TEST_SEEN")


def leave_seen():
    if SEEN_DIRECTORY and (SEEN or EVENTS_SEEN):
        path = pathlib.Path(SEEN_DIRECTORY) / f"{os.getpid()}.json"
        path.write_text(json.dumps({"answers": sorted(SEEN), "events": sorted(EVENTS_SEEN)}))


def gather_seen():
    """(answers, events) that this process and those before it have seen."""
    answers, events = set(SEEN), set(EVENTS_SEEN)
    for path in pathlib.Path(SEEN_DIRECTORY).glob("*.json") if SEEN_DIRECTORY else ():
        seen = json.loads(path.read_text())
        answers |= {tuple(answer) for answer in seen["answers"]}
        events |= set(seen["events"])
    return answers, events


def resolve(node):
    """A node of the document, its $ref followed."""
    while "$ref" in node:
        name = node["$ref"]
        node = DOCUMENT
        for key in name.removeprefix("#/").split("/"):
            node = node[key]
    return node


def nodes_of(node):
    """Every object within a part of the document, itself included."""
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes_of(child)


def close(document):
    """Refuses members that a schema does not name. What stands in an allOf is closed as a whole, not by itself."""
    parts = [part for node in nodes_of(document) for part in node.get("allOf", ())]
    names = {part["$ref"].split("/")[-1] for part in parts if "$ref" in part}
    parts += [schema for name, schema in document["components"]["schemas"].items() if name in names]
    left_open = {id(part) for part in parts}
    for node in nodes_of(document):
        if isinstance(node.get("allOf"), list):
            node.setdefault("unevaluatedProperties", False)
        elif isinstance(node.get("properties"), dict) and node.get("type") == "object" and id(node) not in left_open:
            node.setdefault("additionalProperties", False)
    return document


FORMATS = jsonschema.FormatChecker(formats=())


@FORMATS.checks("uuid", raises=ValueError)
def is_uuid(value):
    return not isinstance(value, str) or str(uuid.UUID(value)) == value


@FORMATS.checks("date-time", raises=ValueError)
def is_time(value):
    return not isinstance(value, str) or bool(datetime.datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ"))


CLOSED = close(copy.deepcopy(DOCUMENT))
RESOLVER = jsonschema.RefResolver("", CLOSED)
OPEN_RESOLVER = jsonschema.RefResolver("", DOCUMENT)


def problems_of(schema, value, resolver=RESOLVER):
    """What is wrong with a value, as text; empty when nothing is. The schema is one of CLOSED, or of the resolver's."""
    validator = jsonschema.Draft202012Validator(schema, resolver=resolver, format_checker=FORMATS)
    return [f"{'/'.join(map(str, error.absolute_path)) or 'it'}: {error.message[:300]}"
            for error in validator.iter_errors(value)]


def closed_of(node):
    """The same node of CLOSED: its $ref followed there."""
    while "$ref" in node:
        _, node = RESOLVER.resolve(node["$ref"])
    return node


def template_matches(template, path):
    pattern = re.sub(r"\{(\w+)\}", lambda match: "(.+)" if match[1] == "path" else "([^/]+)", template)
    return re.fullmatch(pattern, path) is not None


def template_of(path):
    """The path of the description that takes this one, or None. A name goes before a parameter."""
    found = [template for template in CLOSED["paths"] if template_matches(template, path)]
    return min(found, key=lambda template: template.count("{"), default=None)


def methods_of(template):
    """As an Allow header has them."""
    methods = {method.upper() for method in CLOSED["paths"][template] if method in METHODS}
    return methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())


def allowed_by(headers):
    return {word.strip() for word in headers.get("allow", "").split(",")}


def code_of(body):
    """The code of a refusal, in either form; None when it is none."""
    try:
        value = json.loads(body)
        return value["error"]["code"] if "error" in value else value["code"]
    except (TypeError, ValueError, KeyError):
        return None


def is_json(kind):
    """Whether a body is one value: lines of them are not."""
    return kind.split(";")[0] == "application/json" or kind.split(";")[0].endswith("+json")


def check_json(content, status, response, body):
    """Of a body that is JSON: its schema, its statusCode, and the code of a refusal."""
    value = json.loads(body)
    problems = problems_of(content.get("schema", {}), value)
    if isinstance(value, dict) and value.get("statusCode", status) != status:
        problems.append(f"statusCode is {value['statusCode']}")
    if status >= 400 and code_of(body) not in response["x-codes"]:
        problems.append(f"error code {code_of(body)} is not declared")
    return problems


def check_content(response, status, headers, body):
    declared = response.get("content", {})
    kind = headers.get("content-type", "").split(";")[0]
    if not declared:
        return [f"a body of {kind} where none is declared"] if body else []
    if kind not in declared:
        return [f"content type {kind!r} is not declared"]
    if is_json(kind) and body is not None:
        return check_json(closed_of(declared[kind]), status, response, body)
    return []


def check_headers(response, headers):
    declared = response.get("headers", {})
    unknown = set(headers) - COMMON_HEADERS - {name.lower() for name in declared}
    problems = [f"header {name} is not declared" for name in sorted(unknown)]
    for name, node in declared.items():
        header = closed_of(node)
        value = headers.get(name.lower())
        if value is None:
            problems += [f"header {name} is missing"] if header.get("required") else []
        else:
            value = int(value) if header["schema"].get("type") == "integer" and value.isdigit() else value
            problems += [f"header {name}: {problem}" for problem in problems_of(header["schema"], value)]
    return problems


def check_request(template, verb, query, request):
    """What was accepted must be allowed by the description, where unknown members are."""
    item = DOCUMENT["paths"][template]
    operation = item[verb]
    problems = []
    values = urllib.parse.parse_qs(query)
    for node in item.get("parameters", []) + operation.get("parameters", []):
        parameter = resolve(node)
        for value in values.get(parameter["name"], []) if parameter["in"] == "query" else []:
            schema = resolve(parameter["schema"])
            value = int(value) if schema.get("type") == "integer" else value
            problems += [f"parameter {parameter['name']}: {problem}"
                         for problem in problems_of(schema, value, OPEN_RESOLVER)]
    declared = resolve(operation.get("requestBody", {})).get("content", {}).get("application/json")
    if declared and isinstance(request.body, (bytes, str)):
        body = json.loads(request.body)
        problems += [f"request: {problem}" for problem in problems_of(declared["schema"], body, OPEN_RESOLVER)]
    return problems


def check_outside(method, template, status, headers, code):
    """Answers that belong to no operation: None when this is not one. The code is None when the body was not read."""
    if template is None and status == 302:
        return [] if headers["location"] == "/admin/queues" else ["no such path, and it leads elsewhere"]  # from /
    if template is None:
        return [] if status == 404 and code in ("not_found", None) else [f"no such path, and status {status}"]
    if method in methods_of(template) - {"OPTIONS"}:
        return None
    if allowed_by(headers) != methods_of(template):
        return [f"Allow says {headers.get('allow')}"]
    if method == "OPTIONS":
        return [] if status == 204 else [f"OPTIONS with status {status}"]
    return [] if status == 405 and code in ("method_not_allowed", None) else [f"no such method, and status {status}"]


def problems_of_answer(method, path, status, headers, body, query="", request=None):
    """headers by their lower-case names; body None when it is not to be looked at; request of requests, if any."""
    template = template_of(path)
    code = code_of(body)
    if "x-request-id" not in headers:
        if code not in BY_LIBRARY:
            return ["no x-request-id"]
        return problems_of(CLOSED["components"]["schemas"]["Refusal"], json.loads(body))
    outside = check_outside(method, template, status, headers, code)
    if outside is not None:
        return outside
    verb = "get" if method == "HEAD" else method.lower()
    response = CLOSED["paths"][template][verb]["responses"].get(str(status))
    if response is None and status == 413:
        return []  # whoever sends a body where none is wanted
    if response is None:
        return [f"status {status} is not declared"]
    response = closed_of(response)
    SEEN.add((method.lower(), template, str(status)))
    problems = check_headers(response, headers)
    if method != "HEAD":
        problems += check_content(response, status, headers, body)
    if status < 300 and request is not None:
        problems += check_request(template, verb, query, request)
    return problems


def check_parts(method, path, status, headers, body=None, request=None):
    """For answers that come another way than through requests."""
    url = urllib.parse.urlsplit(path)
    headers = {name.lower(): value for name, value in headers.items()}
    problems = problems_of_answer(method, url.path, status, headers, body, url.query, request)
    assert not problems, f"{method} {path} {status} is not as described: {problems} {body}"


def check(answer, *_, stream=False, **__):
    """A hook of requests' sessions. Left unread: what is neither JSON nor without a type, and what the test streams."""
    assert answer.reason != "Unknown", answer.status_code
    kind = answer.headers.get("content-type", "")
    body = answer.content if not stream and (is_json(kind) or not kind) else None
    url = urllib.parse.urlsplit(answer.request.url)
    check_parts(answer.request.method, url._replace(scheme="", netloc="").geturl(), answer.status_code, answer.headers,
                body, answer.request)


def check_event(name, data):
    """One event of a stream."""
    events = CLOSED["components"]["x-events"]
    assert name in events, f"event {name} is not described"
    EVENTS_SEEN.add(name)
    problems = problems_of(events[name]["data"], data)
    assert not problems, f"event {name} is not as described: {problems} {data}"
