"""The usual refusals of every endpoint, and what all of them have in common. The description (gateway/www/openapi.json)
says which there are, so that an endpoint that is added to it is asked as well; contract.py checks that the answers are
as described."""

import re
import time
import uuid

import pytest

import wire
from contract import DOCUMENT, METHODS, resolve
from gateway_stand import Stand, error_of, shared, stand, token  # noqa: F401

# What a path is asked with: ids of things that there are not.
KNOWN = {"path": "nothing/here.png", "queue": "image"}
# A body that each POST takes.
BODIES = {
    "createCharacter": {"name": "Ada"},
    "login": {"token": token("boss", role="admin")},
    "queueCharacter": {"name": "Ada"},
    "queueImage": {},
    "queueVideo": {"duration": 5},
    "queueBatch": {"jobs": [{"type": "character", "name": "Ada"}]},
    "queuePipeline": {"character": {"name": "Ada"}, "images": [{}]},
    "createWebhook": {"url": "https://receiver.test/"},
    "changeWebhook": {"description": "changed"},
    "makeBackup": {"name": "nightly"},
    "setJobPriority": {"priority": 7},
    "startOperation": {"action": "cancel", "where": {"owner": "ada"}},
}
# Bytes of a body, where that is not 65,536.
BODY_SIZES_MAX = {"queueBatch": 524288, "queuePipeline": 524288}
# The record that answers each question of the gateway, where that is not a reply.
ANSWERS = {"get_job": "job_state", "list_jobs": "list_page", "get_document": "document", "get_events": "event_page",
           "get_history": "history", "get_audit": "audit_page", "get_providers": "admin_page",
           "get_usage": "usage", "get_users": "admin_page",
           "list_documents": "document_page", "get_group": "group_state", "list_endpoints": "endpoint_page",
           "list_deliveries": "delivery_page", "list_removals": "removal_page", "get_assets": "asset_names",
           "make_backup": "backup_page", "list_backups": "backup_page", "get_queues": "admin_page",
           "search_jobs": "search_page", "get_input": "input", "get_workers": "admin_page",
           "get_bulks": "admin_page", "get_failures": "failure_page", "get_system": "system"}
# Other bodies than those, where a member that is not known is refused.
OTHER_BODIES = {"startOperation": {"action": "retry", "where": {"owner": "ada"}}}


def operations(wanted):
    """pytest's parameters: (method, path, operation) of those that are wanted."""
    found = []
    for path, item in DOCUMENT["paths"].items():
        for method in [method for method in METHODS if method in item]:
            operation = dict(item[method])
            operation["parameters"] = [resolve(node) for node in item.get("parameters", []) +
                                       operation.get("parameters", [])]
            operation["security"] = operation.get("security", DOCUMENT["security"])
            if wanted(operation):
                found.append(pytest.param(method.upper(), path, operation, id=operation["operationId"]))
    return pytest.mark.parametrize("method, path, operation", found)


def refuses(*statuses):
    return operations(lambda operation: any(status in operation["responses"] for status in statuses))


def fill(path, **values):
    """The path with these values, and others' ids for the rest of its parameters."""
    for name in [part[1:-1] for part in path.split("/") if part.startswith("{")]:
        path = path.replace("{" + name + "}", values.get(name) or KNOWN.get(name) or str(uuid.uuid4()))
    return path


def ask(stand, method, path, operation, **options):
    """A request that could be accepted; a body that is None is left out."""
    if operation["operationId"] in BODIES and "data" not in options:
        options.setdefault("json", BODIES[operation["operationId"]])
    if path.startswith("/api/v1/admin/") and options.get("owner", "ada"):
        options.setdefault("bearer", token("boss", role="admin"))
    headers = {"Prefer": "wait=0", **options.pop("headers", {})}
    return stand.gateway.call(method, path, headers=headers, **options)


def own_job(stand, path, **fields):
    """A job of the kind that the path is about, and the path filled with it and with what one has made."""
    character = stand.broker.character_add("ada")
    job = stand.broker.job_add("ada", "character" if "character" in path else "image", **fields)
    group = str(uuid.UUID(bytes=stand.broker.group_of(job, "batch" if "batch" in path else "pipeline")))
    return job, fill(path, jobId=str(uuid.UUID(bytes=job["job"])), id=character, batchId=group, pipelineId=group,
                     groupId=group, mediaId=stand.broker.media_add("ada", character))


def is_uuid(parameter):
    return parameter["in"] == "path" and parameter["schema"].get("format") == "uuid"


@operations(lambda operation: any(is_uuid(parameter) for parameter in operation["parameters"]))
def test_an_id_that_is_none_is_404(shared, method, path, operation):
    for parameter in filter(is_uuid, operation["parameters"]):
        answer = ask(shared, method, fill(path, **{parameter["name"]: "nonsense"}), operation)
        assert answer.status_code == 404 and error_of(answer)[0].endswith("_not_found"), parameter["name"]


@refuses("413")
def test_a_body_that_is_too_large_is_413(shared, method, path, operation):
    size = BODY_SIZES_MAX.get(operation["operationId"], 65536)
    answer = ask(shared, method, fill(path), operation, data=b"{" + b" " * size + b"}",
                 headers={"Content-Type": "application/json"})
    assert error_of(answer)[0] == "body_too_large"


@refuses("415")
def test_a_body_that_is_not_json_is_415(shared, method, path, operation):
    answer = ask(shared, method, fill(path), operation, data=b"name=Ada", headers={"Content-Type": "text/plain"})
    assert error_of(answer)[0] == "unsupported_media_type"


@refuses("415")
def test_a_body_that_is_no_object_is_400(shared, method, path, operation):
    for text in b"[]", b"{", b"1", b"{} {}":
        answer = ask(shared, method, fill(path), operation, data=text, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400 and list(error_of(answer)[1]) == ["body"], text


def wrong_values(schema):
    """What a query parameter of this schema does not take."""
    if "enum" in schema:
        return ["", "nonsense", schema["enum"][0].upper()]
    if schema["type"] == "integer":
        limits = [schema["minimum"] - 1] + ([schema["maximum"] + 1] if "maximum" in schema else [])
        return ["", "x", "1.5", *map(str, limits)]
    too_long = "A" * (schema["maxLength"] + 1)
    is_free = not schema.keys() & {"pattern", "format"} and schema["maxLength"] != 88  # a cursor's size
    return [too_long] if is_free else ["!", too_long]


@operations(lambda operation: any(parameter["in"] == "query" for parameter in operation["parameters"]))
def test_a_parameter_that_is_wrong_or_there_twice_is_400(shared, method, path, operation):
    _, path = own_job(shared, path)
    for parameter in [parameter for parameter in operation["parameters"] if parameter["in"] == "query"]:
        name, schema = parameter["name"], resolve(parameter["schema"])
        for query in [f"{name}={value}" for value in wrong_values(schema)] + [f"{name}=1&{name}=1"]:
            answer = ask(shared, method, f"{path}?{query}", operation)
            assert answer.status_code == 400 and list(error_of(answer)[1]) == [name], query


def takes_a_key(operation):
    return any(parameter["name"] == "Idempotency-Key" for parameter in operation["parameters"])


@operations(takes_a_key)
def test_a_key_that_is_not_fit_is_400(shared, method, path, operation):
    made = shared.gateway.post("/api/v1/webhooks", json=BODIES["createWebhook"]).json()["data"]["webhook"]
    _, path = own_job(shared, path.replace("{webhookId}", made["webhookId"]), state=4)
    answer = ask(shared, method, fill(path), operation, headers={"Idempotency-Key": "x" * 256})
    assert answer.status_code == 400 and list(error_of(answer)[1]) == ["Idempotency-Key"]


@operations(lambda operation: takes_a_key(operation) and operation["operationId"] in BODIES)
def test_a_key_is_kept_with_its_request(shared, method, path, operation):
    path, key = fill(path), {"Idempotency-Key": str(uuid.uuid4())}
    first, again = (ask(shared, method, path, operation, headers=key) for _ in range(2))
    assert first.status_code == again.status_code == (201 if operation["operationId"] == "createWebhook" else 202)
    assert first.text == again.text and again.headers["idempotency-replayed"] == "true"
    other = ask(shared, method, path, operation, headers=key,
                json=OTHER_BODIES.get(operation["operationId"],
                                      {**BODIES[operation["operationId"]], "description": "other"}))
    assert other.status_code == 422 and error_of(other)[0] == "idempotency_key_reused"


@refuses("409")
def test_a_job_that_has_ended_is_not_ended_again(shared, method, path, operation):
    if method == "DELETE" and "/admin/" not in path or path.endswith("/cancel"):
        for state in 3, 4, 5:
            _, filled = own_job(shared, path, state=state)
            assert error_of(ask(shared, method, filled, operation))[0] == "already_ended"


@operations(lambda operation: any(parameter["name"] == "Last-Event-ID" for parameter in operation["parameters"]))
def test_a_cursor_that_is_wrong_is_400_and_one_past_the_end_is_204(shared, method, path, operation):
    job, path = own_job(shared, path)
    answer = ask(shared, method, path, operation, headers={"Last-Event-ID": "last"})
    assert answer.status_code == 400 and list(error_of(answer)[1]) == ["Last-Event-ID"]
    end = shared.broker.change(job, "cancelled", state=5)["event"]
    if "204" in operation["responses"]:
        answer = ask(shared, method, path, operation, headers={"Last-Event-ID": str(end)})
        assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize("kind", [kind for kind in DOCUMENT["components"]["x-events"] if kind != "reset"])
def test_each_kind_of_event_is_as_described(shared, kind):
    job, path = own_job(shared, "/api/v1/character-jobs/{jobId}/events")
    call = {"provider": "studio", "task": "7", "operation_state": 1} if kind == "provider" else {}
    shared.broker.change(job, kind, adds=call, error_code="broken", error_message="it broke", state=5,
                         worker=uuid.uuid4().bytes, attempt=1)
    (_, name, data), = shared.gateway.stream(path).rest()
    assert (name, data["jobId"]) == (kind, str(uuid.UUID(bytes=job["job"])))


@operations(lambda operation: operation["security"] and {"304", "404"} <= set(operation["responses"]))
def test_what_the_client_has_is_not_sent_again(shared, method, path, operation):
    (shared.gateway.assets / "kept.png").write_bytes(b"picture")
    _, path = own_job(shared, path.replace("{path}", "kept.png"))
    etag = ask(shared, method, path, operation).headers["etag"]
    for known in etag, "*", "W/" + etag, f'"other", {etag}':
        answer = ask(shared, method, path, operation, headers={"If-None-Match": known})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
    assert ask(shared, method, path, operation, headers={"If-None-Match": '"other"'}).status_code == 200


@refuses("403")
def test_who_is_no_operator_is_403(shared, method, path, operation):
    if not path.startswith("/api/v1/admin/"):
        return  # a login is refused for another reason
    _, path = own_job(shared, path)
    answer = shared.gateway.call(method, path)
    assert answer.status_code == 403 and error_of(answer)[0] == "forbidden"


def answer_all(broker, code):
    """Makes the broker answer every question with this code."""
    number = wire.ENUMS["REPLY_CODE_" + code]
    for name in [name for name, (_, fields) in wire.MESSAGES.items() if "request" in fields]:
        broker.handlers[name] = lambda record, name=name: [
            (ANSWERS.get(name, "reply"), {"request": record["request"], "code": number, **{
                field: record.get(field) for field in ("job", "group") if ANSWERS.get(name) == field + "_state"}})]


@operations(lambda operation: "503" in operation["responses"] and operation["security"] and
            {} not in operation["security"])
def test_a_busy_queue_is_503(stand, method, path, operation):
    if operation["operationId"] == "followStack":
        return  # refused above a thousand streams, whatever the queue says
    answer_all(stand.broker, "BUSY")
    cursor = {"Last-Event-ID": "0"} if path.endswith("/events") else {}  # without one there is nothing to be read
    answer = ask(stand, method, fill(path), operation, headers=cursor)
    assert answer.status_code == 503 and error_of(answer)[0] == "busy"


@refuses("429")
def test_who_submits_too_much_is_429(tmp_path, method, path, operation):
    if path.startswith("/api/v1/admin/"):
        return  # operators are limited otherwise: test_admin_operations.py
    jobs = 2 if operation["operationId"] == "queuePipeline" else 1
    made = Stand(tmp_path, TROUPE_SUBMIT_RATE=f"{jobs}/60")
    try:
        path = fill(path)
        assert ask(made, method, path, operation).status_code == 202
        answer = ask(made, method, path, operation)
        assert answer.status_code == 429 and error_of(answer)[0] == "rate_limited"
        assert ask(made, method, path, operation, owner="another").status_code == 202
    finally:
        made.stop()


@refuses("402")
def test_what_costs_too_much_is_402(stand, method, path, operation):
    money = {"spent": 4000000, "reserved": 900000, "estimate": 200000, "budget": 5000000, "budget_soft": 4500000,
             "budget_until": int(time.time() * 1000) + 3600000}
    for name in "submit", "submit_group", "retry_job":
        stand.broker.handlers[name] = lambda record: [
            ("reply", {"request": record["request"], "code": wire.ENUMS["REPLY_CODE_OVER_BUDGET"], **money})]
    _, path = own_job(stand, path, state=4)
    answer = ask(stand, method, path, operation)
    assert answer.status_code == 402 and error_of(answer)[0] == "budget_exceeded"
    assert 3500 < int(answer.headers["retry-after"]) <= 3600
    data = answer.json()["data"]
    assert data.pop("resetsAt").endswith("Z")
    assert data == {"limitUsd": 5, "spentUsd": 4, "reservedUsd": 0.9, "estimateUsd": 0.2}
    problem = ask(stand, method, path, operation, headers={"Accept": "application/problem+json"}).json()
    assert problem["code"] == "budget_exceeded" and problem["data"]["estimateUsd"] == 0.2


@refuses("402")
def test_who_has_nearly_spent_it_is_warned(stand, method, path, operation):
    money = {"spent": 1500000, "reserved": 20000, "estimate": 20000, "budget_soft": 1000000,
             "budget_until": int(time.time() * 1000) + 3600000}
    _, path = own_job(stand, path, state=4)
    for name, budget in ("submit", 2000000), ("submit_group", 2000000), ("retry_job", 0):
        own = getattr(stand.broker, "on_" + name)

        def warn(record, own=own, budget=budget):
            return [(kind, {**reply, **money, "budget": budget}) for kind, reply in own(record) or []]

        stand.broker.handlers[name] = warn
    answer = ask(stand, method, path, operation)
    assert answer.status_code in (200, 202), answer.text
    limit = "" if path.endswith("/retry") else ", limit=2"
    assert re.fullmatch(rf"spent=1\.5, reserved=0\.02, warn=1{limit}, reset=3[56]\d\d",
                        answer.headers["x-troupe-budget-warning"])


@refuses("410")
def test_what_is_kept_no_longer_is_410(stand, method, path, operation):
    job, path = own_job(stand, path)
    gone = {"code": wire.ENUMS["REPLY_CODE_EXPIRED"], "owner": "ada"}
    kind = wire.ENUMS["GROUP_KIND_BATCH" if "batch" in path else "GROUP_KIND_PIPELINE"]
    stand.broker.handlers["get_job"] = lambda record: [
        ("job_state", {**gone, "request": record["request"], "job": job["job"], "kind": job["kind"]})]
    stand.broker.handlers["get_group"] = lambda record: [
        ("group_state", {**gone, "request": record["request"], "group": record["group"], "kind": kind})]
    stand.broker.handlers["change_job"] = lambda record: [
        ("reply", {"request": record["request"], "code": gone["code"], "job": record["job"]})]
    answer = ask(stand, method, path, operation)
    assert answer.status_code == 410 and error_of(answer)[0] == "job_expired"
    if not path.startswith("/api/v1/admin/"):
        assert ask(stand, method, path, operation, owner="stranger").status_code == 404


@refuses("507")
def test_a_full_disk_is_507(stand, method, path, operation):
    answer_all(stand.broker, "DISK_FULL")
    answer = ask(stand, method, fill(path), operation)
    assert answer.status_code == 507 and error_of(answer)[0] == "insufficient_storage"


@operations(lambda operation: operation["responses"].keys() & {"404"})
def test_what_belongs_to_another_is_404(shared, method, path, operation):
    """For everybody, whatever the ids are: other users' look like none."""
    if path.startswith("/api/v1/admin/"):
        return  # test_who_is_no_operator_is_403
    owner = f"owner-{uuid.uuid4()}"
    character = shared.broker.character_add(owner)
    media = shared.broker.media_add(owner, character)
    jobs = [str(uuid.UUID(bytes=shared.broker.job_add(owner, kind)["job"])) for kind in ("character", "image")]
    if "jobId" in path or method == "GET":
        for job in jobs:
            filled = fill(path, id=character, mediaId=media, jobId=job)
            answer = ask(shared, method, filled, operation, owner="stranger")
            assert answer.status_code == 404, job
