"""GET /api/v1/admin/history: its shape with a broker that is played, and what a real stack puts there and keeps."""

import signal

import pytest

from gateway_stand import data_of, error_of, shared, stand, token  # noqa: F401
from stack import Client, Stack, wait_until

HISTORY = "/api/v1/admin/history"
ADMIN = token("root", role="admin")


@pytest.mark.parametrize("query, number, step, count", [("", 0, 60000, 60), ("?range=1h", 0, 60000, 60),
                                                        ("?range=24h", 1, 900000, 96),
                                                        ("?range=30d", 2, 21600000, 120)])
def test_each_range_has_its_points(shared, query, number, step, count):
    data = data_of(shared.gateway.get(HISTORY + query, bearer=ADMIN))
    assert shared.broker.questions("get_history")[-1]["range"] == number
    assert shared.broker.questions("get_history")[-1]["all"] is True
    assert data["stepMs"] == step and len(data["points"]) == count
    assert data["points"][0]["waitMs"] == {"p50": None, "p95": None, "p99": None}
    assert data["points"][1] == {"at": data["points"][1]["at"], "started": 1, "completed": 1, "failed": 0,
                                 "cancelled": 0, "waitMs": {"p50": 5, "p95": 9, "p99": 10},
                                 "runMs": {"p50": None, "p95": None, "p99": None}}


def test_one_queue_is_asked_for_by_its_name(shared):
    for number, queue in enumerate(["character", "image", "video", "webhook"]):
        data_of(shared.gateway.get(f"{HISTORY}?queue={queue}", bearer=ADMIN))
        asked = shared.broker.questions("get_history")[-1]
        assert asked.get("kind", 0) == number and not asked.get("all")


def test_it_is_for_administrators(shared):
    before = len(shared.broker.questions("get_history"))
    answer = shared.gateway.get(HISTORY)
    assert answer.status_code == 403 and error_of(answer)[0] == "forbidden"
    assert shared.gateway.get(HISTORY, owner=None).status_code == 401
    assert len(shared.broker.questions("get_history")) == before


def test_what_is_no_range_or_queue_is_400(shared):
    for query, field in ("range=2h", "range"), ("queue=none", "queue"), ("range=1h&range=1h", "range"):
        answer = shared.gateway.get(f"{HISTORY}?{query}", bearer=ADMIN)
        assert answer.status_code == 400 and list(error_of(answer)[1]) == [field]


def test_what_an_older_broker_does_not_tell_is_null(stand):
    """It knows no 99th percentile, which is then 0 on the wire: nothing that was measured."""
    point = {"at": 1767225600000, "started": 3, "waits": 3, "wait_p50": 5, "wait_p95": 9,
             "runs": 3, "run_p50": 0, "run_p95": 0}
    stand.broker.handlers["get_history"] = lambda record: [
        ("history", {"request": record["request"], "step_ms": 60000, "count": 1}), ("history_point", point)]
    told = data_of(stand.gateway.get(HISTORY, bearer=ADMIN))["points"][0]
    assert told["waitMs"] == {"p50": 5, "p95": 9, "p99": None}
    assert told["runMs"] == {"p50": 0, "p95": 0, "p99": 0}


def test_without_a_broker_it_is_503(stand):
    stand.broker.handlers["get_history"] = lambda record: [("history", {"request": record["request"], "code": 10})]
    assert stand.gateway.get(HISTORY, bearer=ADMIN).status_code == 503


def sums(client, **parameters):
    """What all points of a range count together."""
    answer = client.get(HISTORY, params=parameters)
    assert answer.status_code == 200, answer.text
    points = answer.json()["data"]["points"]
    return {name: sum(point[name] for point in points) for name in ("started", "completed", "failed", "cancelled")}


def test_a_stack_keeps_what_happened_over_a_restart():
    with Stack("--provider", "null", "--rate", "off") as stack:
        client = stack.client("ada")
        admin = Client(stack.url, stack.token("root", "--role", "admin"))
        for job in [client.submit_character(f"N{number}") for number in range(5)]:
            assert client.wait_for(job)["status"] == "completed"
        wanted = {"started": 5, "completed": 5, "failed": 0, "cancelled": 0}
        for name in "1h", "24h", "30d":
            assert sums(admin, range=name, queue="character") == wanted
        assert sums(admin, queue="video")["started"] == 0
        timed = [point for point in admin.get(HISTORY).json()["data"]["points"] if point["started"]]
        assert timed and all(0 <= times["p50"] <= times["p95"] <= times["p99"] < 60000
                             for times in (point["runMs"] for point in timed))
        broker = stack.children("troupe-broker")[0]
        stack.kill(broker, signal.SIGTERM)
        wait_until(lambda: stack.children("troupe-broker") not in ([], [broker]))
        wait_until(lambda: admin.get("/readyz").status_code == 200)
        assert sums(admin, range="24h", queue="character") == wanted
        assert client.wait_for(client.submit_character("again"))["status"] == "completed"
        assert sums(admin, range="24h", queue="character")["completed"] == 6
