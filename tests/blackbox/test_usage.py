"""GET /api/v1/usage and /api/v1/admin/usage: their shape, with a broker that is played."""

import pytest

from gateway_stand import data_of, error_of, shared, stand, token  # noqa: F401

ADMIN = token("root", role="admin")


def test_days_are_told_with_their_providers_and_sums(shared):
    data = data_of(shared.gateway.get("/api/v1/usage?days=3"))
    assert data["budget"] == {"limitUsd": 1, "warnUsd": 0.8, "spentUsd": 0.52, "reservedUsd": 0.03, "leftUsd": 0.45,
                              "resetsAt": "2026-01-02T00:00:00.000Z"}
    today, yesterday, before = data["days"]
    assert today["date"] == "2026-01-01" and yesterday["date"] == "2025-12-31" and before["date"] == "2025-12-30"
    assert (today["spentUsd"], today["uncertainUsd"], today["operations"], today["jobs"]) == (0.52, 0.5, 2, 2)
    assert today["providers"] == [
        {"provider": "openai", "spentUsd": 0.02, "uncertainUsd": 0, "operations": 1, "jobs": 1},
        {"provider": "wavespeed", "spentUsd": 0.5, "uncertainUsd": 0.5, "operations": 1, "jobs": 1}]
    assert yesterday == {"date": "2025-12-31", "spentUsd": 0, "uncertainUsd": 0, "operations": 0, "jobs": 0,
                         "providers": []}
    assert before["providers"] == [{"provider": None, "spentUsd": 1, "uncertainUsd": 0, "operations": 2, "jobs": 0}]


def test_a_week_is_told_unless_days_are_named(shared):
    assert len(data_of(shared.gateway.get("/api/v1/usage"))["days"]) == 7
    assert len(data_of(shared.gateway.get("/api/v1/usage?days=35"))["days"]) == 35
    assert shared.broker.questions("get_usage")[-1]["days"] == 35


def test_without_a_budget_nothing_is_left_of_it(stand):
    stand.broker.handlers["get_usage"] = lambda record: [
        ("usage", {"request": record["request"], "today": 20454, "spent": 5})]
    data = data_of(stand.gateway.get("/api/v1/usage?days=1"))
    assert data["budget"] == {"limitUsd": None, "warnUsd": None, "spentUsd": 0.000005, "reservedUsd": 0,
                              "leftUsd": None, "resetsAt": "2026-01-02T00:00:00.000Z"}


def test_nobody_has_less_than_nothing_left(stand):
    stand.broker.handlers["get_usage"] = lambda record: [
        ("usage", {"request": record["request"], "today": 20454, "spent": 5, "reserved": 5, "budget": 9})]
    assert data_of(stand.gateway.get("/api/v1/usage"))["budget"]["leftUsd"] == 0


def test_everybody_is_told_of_himself(shared):
    assert data_of(shared.gateway.get("/api/v1/usage?owner=other", owner="ada"))["owner"] == "ada"
    assert shared.broker.questions("get_usage")[-1]["owner"] == "ada"


@pytest.mark.parametrize("query, owner", [("?owner=ben", "ben"), ("?owner=%C3%A4%20b", "ä b")])
def test_an_administrator_is_told_of_anybody(shared, query, owner):
    assert data_of(shared.gateway.get("/api/v1/admin/usage" + query, bearer=ADMIN))["owner"] == owner
    assert shared.broker.questions("get_usage")[-1]["owner"] == owner


def test_without_an_owner_an_administrator_is_told_of_all_together(shared):
    assert data_of(shared.gateway.get("/api/v1/admin/usage?days=2", bearer=ADMIN))["owner"] is None
    assert shared.broker.questions("get_usage")[-1]["owner"] == ""


def test_an_owner_that_is_too_long_in_bytes_is_400(shared):
    answer = shared.gateway.get("/api/v1/admin/usage?owner=" + "%C3%A4" * 128, bearer=ADMIN)
    assert answer.status_code == 400 and list(error_of(answer)[1]) == ["owner"]


def test_nobody_else_is_told_of_others(shared):
    assert shared.gateway.get("/api/v1/admin/usage?owner=ben").status_code == 403
