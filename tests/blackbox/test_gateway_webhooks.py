"""Webhooks at a gateway alone, with a broker that answers as it is told."""

import uuid

import pytest

import wire
from gateway_stand import Stand, error_of, shared, stand  # noqa: F401

BODY = {"url": "https://receiver.test/hook"}


def create(made, **members):
    answer = made.gateway.call("POST", "/api/v1/webhooks", json={**BODY, **members})
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]["webhook"]["webhookId"]


def test_what_is_not_said_is_the_usual(shared):
    webhook = create(shared)
    (record,) = [one for one in shared.broker.questions("put_endpoint")
                 if one["endpoint"] == uuid.UUID(webhook).bytes]
    assert record["url"] == BODY["url"] and record["owner"] == "ada" and len(record["secret"]) == 32
    assert record["events"] == 1 << 8 | 1 << 9 | 1 << 10 and "version" not in record and "disabled" not in record
    state = shared.gateway.get(f"/api/v1/webhooks/{webhook}").json()["data"]
    assert state["events"] == ["completed", "failed", "cancelled"] and state["description"] is None


def test_secrets_differ(shared):
    secrets = set()
    for _ in range(5):
        webhook = create(shared)
        secrets.add(shared.gateway.get(f"/api/v1/webhooks/{webhook}/secret").json()["data"]["secret"])
    assert len(secrets) == 5


@pytest.mark.parametrize("method, path", [("PATCH", ""), ("POST", "/rotate-secret")])
def test_a_change_in_between_is_409(stand, method, path):
    webhook = create(stand)
    put = stand.broker.on_put_endpoint

    def overtaken(record):
        return put(dict(record, version=record["version"] + 1))

    stand.broker.handlers["put_endpoint"] = overtaken
    answer = stand.gateway.call(method, f"/api/v1/webhooks/{webhook}{path}", json={"description": "late"})
    assert answer.status_code == 409 and error_of(answer)[0] == "conflict"


def test_the_broker_may_have_enough_of_them(stand):
    stand.broker.handlers["put_endpoint"] = lambda record: [
        ("reply", {"request": record["request"], "code": wire.ENUMS["REPLY_CODE_TOO_MANY_ENDPOINTS"]})]
    answer = stand.gateway.call("POST", "/api/v1/webhooks", json=BODY)
    assert answer.status_code == 409 and error_of(answer)[0] == "too_many_webhooks"


def test_a_change_leaves_the_rest(shared):
    webhook = create(shared, description="mine", events=["failed"])
    before = shared.gateway.get(f"/api/v1/webhooks/{webhook}/secret").json()["data"]["secret"]
    answer = shared.gateway.call("PATCH", f"/api/v1/webhooks/{webhook}", json={"url": "https://other.test/"})
    state = answer.json()["data"]
    assert (state["url"], state["description"], state["events"]) == ("https://other.test/", "mine", ["failed"])
    answer = shared.gateway.call("PATCH", f"/api/v1/webhooks/{webhook}", json={"description": None})
    assert answer.json()["data"]["description"] is None and answer.json()["data"]["events"] == ["failed"]
    assert shared.gateway.get(f"/api/v1/webhooks/{webhook}/secret").json()["data"]["secret"] == before


def test_a_cursor_of_another_list_is_400(stand):
    webhook = create(stand)
    stand.broker.handlers["list_deliveries"] = lambda record: [
        ("delivery_page", {"request": record["request"], "code": wire.ENUMS["REPLY_CODE_INVALID"]})]
    answer = stand.gateway.get(f"/api/v1/webhooks/{webhook}/deliveries?cursor=AAAA")
    assert answer.status_code == 400 and list(error_of(answer)[1]) == ["cursor"]


@pytest.mark.parametrize("log", ["webhooks", "character-jobs", "media-jobs"])
def test_a_replay_is_refused_as_the_broker_says(stand, log):
    kind = "image" if log == "media-jobs" else "character"
    of = create(stand) if log == "webhooks" else str(uuid.UUID(bytes=stand.broker.job_add("ada", kind)["job"]))
    delivery, member = str(uuid.uuid4()), "endpoint" if log == "webhooks" else "reporter"
    path = f"/api/v1/{log}/{of}/deliveries/{delivery}/replay"
    refusals = {"NOT_FOUND": (404, "delivery_not_found"), "NOT_RETRYABLE": (409, "not_retryable"),
                "KEY_REUSED": (422, "idempotency_key_reused"),
                "DISK_FULL": (507, "insufficient_storage"), "TOO_MANY_JOBS": (503, "queue_full"), "BUSY": (503, "busy")}
    for name, expected in refusals.items():
        stand.broker.handlers["retry_job"] = lambda record, name=name: [
            ("reply", {"request": record["request"], "code": wire.ENUMS[f"REPLY_CODE_{name}"], "job": record["job"]})]
        refused = stand.gateway.call("POST", path)
        assert (refused.status_code, error_of(refused)[0]) == expected
    record = stand.broker.questions("retry_job")[-1]
    assert record["job"] == uuid.UUID(delivery).bytes and record[member] == uuid.UUID(of).bytes
    assert record["owner"] == "ada" and "admin" not in record
