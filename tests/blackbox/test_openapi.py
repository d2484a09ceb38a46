"""The API's description and its page: valid, complete, and what the gateway serves. That answers are as described is
checked wherever tests ask (contract.py)."""

import json
import os
import re
import subprocess

import jsonschema
import pytest

import contract
import node
from contract import DOCUMENT, METHODS, ROOT
from gateway_stand import BIN, shared  # noqa: F401

ROUTE = re.compile(r'\{"(\w+)",\s*"([^"]+)",\s*\w+,\s*ROUTE_AUTH_(\w+)\}')
BEARER = [{"bearer": []}]
SESSION = [{"bearer": []}, {"session": []}]
SECURITY = {"NONE": [], "BEARER": BEARER, "BEARER_LARGE": BEARER, "VIEWER": SESSION, "ADMIN": SESSION,
            "ASSET": [{}, *SESSION]}


def operations():
    """(method, path, operation) of all that is described."""
    return [(method, path, item[method]) for path, item in DOCUMENT["paths"].items() for method in METHODS
            if method in item]


def routes():
    """(method, path, who may) of the gateway's table, in the description's words."""
    table = ROUTE.findall((ROOT / "gateway/routes.c").read_text())
    return {(method.lower(), re.sub(r":(\w+)", r"{\1}", path).replace("*", "{path}")): auth
            for method, path, auth in table}


def test_every_route_is_described_and_none_is_invented():
    described = {(method, path): operation.get("security", DOCUMENT["security"])
                 for method, path, operation in operations()}
    wanted = {route: SECURITY[auth] for route, auth in routes().items()}
    wanted["get", "/metrics"] = [{}, {"bearer": []}]  # no token, or that of an operator, as the setting is
    assert described == wanted


def test_everything_that_the_gateway_reads_is_described():
    """Parameters and members by the tables of rules, headers by their names."""
    sources = "".join(path.read_text() for path in sorted((ROOT / "gateway").glob("*.c")))
    read = set(re.findall(
        r'\{\.name = "(\w+)"|^ +\{"(\w+)", FIELD_|body_member\([^"]*"(\w+)"\)', sources, re.MULTILINE))
    known = {node["name"] for node in contract.nodes_of(DOCUMENT) if isinstance(node.get("name"), str)}
    for node in contract.nodes_of(DOCUMENT["components"]["schemas"]):
        known |= set(node.get("properties", {}))
    assert {name for names in read for name in names if name} <= known
    headers = set(re.findall(r'exchange_header_named\(\w+, "([\w-]+)"\)', sources))
    of_all = {"x-request-id", "x-forwarded-proto", "origin", "access-control-request-method"}
    assert headers - of_all <= {name.lower() for name in known}


def test_every_status_has_a_reason():
    answers = {int(status) for _, _, operation in operations() for status in operation["responses"]}
    sources = {path.name: path.read_text() for path in sorted((ROOT / "gateway").glob("*.c"))}
    reasons = {int(status) for status in re.findall(r'^ +\{(\d{3}), "[A-Z]', sources.pop("respond.c"), re.MULTILINE)}
    errors = {int(status) for source in sources.values()
              for status in re.findall(r'\{(\d{3}),\s*"|respond_\w+\(\s*\w+, (\d{3})|status = (\d{3});', source)
              for status in status if status}
    assert len(answers) > 15 and {200, 302, 402, 429, 503} <= answers | errors
    assert not (answers | errors) - reasons


def test_every_reference_leads_somewhere():
    for node in contract.nodes_of(DOCUMENT):
        if "$ref" in node:
            assert contract.resolve(node)


def test_nothing_is_described_that_nothing_refers_to():
    used = {node["$ref"] for node in contract.nodes_of(DOCUMENT) if "$ref" in node}
    for kind, components in DOCUMENT["components"].items():
        if kind != "securitySchemes" and not kind.startswith("x-"):
            assert {f"#/components/{kind}/{name}" for name in components} <= used


def test_every_schema_is_one():
    for schema in DOCUMENT["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_an_independent_validator_takes_it():
    code, output, errors = node.run(node.program("validate.mjs"), str(ROOT / "gateway/www/openapi.json"))
    assert (code, output.strip()) == (0, "3.1"), errors


def test_every_example_is_one():
    for node in contract.nodes_of(contract.CLOSED["components"]["schemas"]):
        for example in node.get("examples", []):
            assert not contract.problems_of(node, example)


def test_operations_have_names_words_and_a_known_tag():
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(set(names)) == len(names)
    tags = {tag["name"] for tag in DOCUMENT["tags"]}
    for _, path, operation in operations():
        assert operation["summary"] and set(operation["tags"]) <= tags, path
    assert tags == {tag for _, _, operation in operations() for tag in operation["tags"]}


def test_parameters_of_a_path_are_those_of_its_name():
    for path, item in DOCUMENT["paths"].items():
        named = [contract.resolve(node) for node in item.get("parameters", [])]
        assert {node["name"] for node in named if node["in"] == "path"} == set(re.findall(r"\{(\w+)\}", path))


def test_the_version_is_the_programs():
    output = subprocess.run([BIN / "troupe-gateway", "--version"], capture_output=True, text=True, check=True).stdout
    assert output.splitlines()[0] == f"troupe-gateway {DOCUMENT['info']['version']}"


# ---- as served ----

PAGES = {"/openapi.json": ("openapi.json", "application/json"), "/docs": ("docs.html", "text/html"),
         "/docs.css": ("docs.css", "text/css"), "/docs.js": ("docs.js", "text/javascript")}


@pytest.mark.parametrize("path", PAGES)
def test_it_is_served_to_everybody_and_kept_by_its_tag(shared, path):
    name, kind = PAGES[path]
    answer = shared.gateway.get(path, owner=None)
    assert answer.status_code == 200 and answer.content == (ROOT / "gateway/www" / name).read_bytes()
    assert answer.headers["content-type"] == kind + "; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache" and answer.headers["x-content-type-options"] == "nosniff"
    head = shared.gateway.call("HEAD", path, owner=None)
    assert (head.status_code, head.headers["content-length"]) == (200, answer.headers["content-length"])
    again = shared.gateway.get(path, owner=None, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert answer.headers["etag"].removeprefix("W/") == again.headers["etag"], "in gzip it is a weak one"


def test_the_page_may_load_nothing_from_elsewhere(shared):
    policy = shared.gateway.get("/docs", owner=None).headers["content-security-policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules.pop("default-src") == "'none'"
    assert set(rules.values()) <= {"'self'", "'none'", "data:"}


@pytest.mark.parametrize("name", ["docs.html", "docs.css", "docs.js"])
def test_the_page_names_no_other_host(name):
    text = (ROOT / "gateway/www" / name).read_text().replace("http://www.w3.org/2000/svg", "")
    assert not re.findall(r"(?:https?:)?//\w[\w.-]*\.\w+", text)
    assert "style=" not in text and not re.search(r"\son\w+=", text), "the policy forbids what stands in a line"


@pytest.fixture(scope="module", name="page")
def fixture_page():
    """What the page's script makes of the description, drawn without a browser."""
    code, output, errors = node.run(ROOT / "tests/node/page.mjs", str(ROOT / "gateway/www"))
    assert code == 0, errors
    return json.loads(output)


def test_the_page_has_all_that_is_described(page):
    anchors = re.findall(r'id="([^"]+)"', page["content"])
    assert len(set(anchors)) == len(anchors)
    for _, path, operation in operations():
        assert operation["operationId"] in anchors and f'href="#{operation["operationId"]}"' in page["contents"]
        assert re.sub(r"({\w+})", r"<wbr><b>\1</b>", path) in page["content"]
    for node_of_document in contract.nodes_of(DOCUMENT["components"]):
        if "in" in node_of_document and "name" in node_of_document and node_of_document["in"] != "cookie":
            assert f'<code>{node_of_document["name"]}</code>' in page["content"]
    for name in DOCUMENT["components"]["x-events"]:
        assert f"<code>{name}</code>" in page["content"]


def test_the_page_says_what_its_samples_take(page):
    start, rest = page["content"].split("</header>", 1)
    assert "$TROUPE/" in rest and "$TOKEN" in rest and "TROUPE=http" in start and "TOKEN=$(troupe token" in start


def test_the_page_explains_every_code_where_problem_details_point(page):
    """type is /docs#CODE."""
    codes = {code for node_of_document in contract.nodes_of(DOCUMENT) for code in node_of_document.get("x-codes", [])}
    codes |= set(DOCUMENT["components"]["x-refusals-anywhere"])
    assert len(codes) > 20 and not [code for code in codes if f'id="{code}"' not in page["content"]]


def test_the_page_is_whole_and_escapes_what_it_is_given(page):
    for part in page.values():
        assert "undefined" not in part and "[object" not in part and "<script" not in part
        for name in "section", "div", "code", "pre", "details", "ul", "li", "a", "p":
            assert len(re.findall(rf"<{name}[ >]", part)) == part.count(f"</{name}>"), name
    evil = json.loads(json.dumps(DOCUMENT).replace("Create a character", "<img src=x onerror=alert(1)>"))
    code, output, _ = node.run(ROOT / "tests/node/page.mjs", str(ROOT / "gateway/www"), "-", given=json.dumps(evil))
    assert code == 0 and "<img" not in output and "&lt;img" in output


# ---- at the end of a whole run ----


@pytest.mark.alone
def test_everything_that_is_described_was_seen(request):
    """Every status of every operation, and every kind of event."""
    options = request.config.option
    is_split = options.markexpr or "PYTEST_XDIST_WORKER" in os.environ
    is_part = options.keyword or (is_split and not contract.SEEN_DIRECTORY)
    if is_part or any(".py" in word for word in request.config.args):
        pytest.skip("only a run of all tests has seen everything")
    answers, events = contract.gather_seen()
    described = {(method, path, status) for method, path, operation in operations()
                 for status in operation["responses"]}
    missing = [" ".join(answer) for answer in sorted(described - answers)]
    missing += ["event " + name for name in sorted(set(DOCUMENT["components"]["x-events"]) - events)]
    assert not missing, "described, but no test has seen it:\n" + "\n".join(missing)
