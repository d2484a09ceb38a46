"""What was spent, and who did what, on the command line: against an API that says what a test wants."""

import json

from test_cli_admin import fixture_api  # noqa: F401

# ---- what was spent ----

SUMS = {"spentUsd": 0.52, "uncertainUsd": 0.5, "operations": 2, "jobs": 1}
USAGE = {"owner": "ada",
         "budget": {"limitUsd": 1, "warnUsd": 0.8, "spentUsd": 0.52, "reservedUsd": 0.03, "leftUsd": 0.45,
                    "resetsAt": "2026-01-02T00:00:00.000Z"},
         "days": [{"date": "2026-01-01", **SUMS, "providers": [{"provider": "openai", **SUMS}]},
                  {"date": "2025-12-31", "spentUsd": 0, "uncertainUsd": 0, "operations": 0, "jobs": 0,
                   "providers": []}]}


def test_usage_prints_days_and_what_is_left(api):
    api.answers["GET", "/api/v1/usage"] = (200, USAGE)
    done = api.run("usage")
    assert done.returncode == 0, done.stderr
    spent, budget, head, *days = done.stdout.splitlines()
    assert spent == "ada: 0.52 spent today, 0.03 reserved for jobs under way"
    assert budget == "budget: 0.45 left of 1, until 2026-01-02T00:00:00.000Z"
    assert head.split() == ["DATE", "PROVIDER", "SPENT", "MAYBE", "OPERATIONS", "JOBS"]
    assert [day.split() for day in days] == [["2026-01-01", "0.52", "0.5", "2", "1"],
                                             ["openai", "0.52", "0.5", "2", "1"],
                                             ["2025-12-31", "0", "0", "0", "0"]]
    assert api.asked == [("GET", "/api/v1/usage", {"days": ["7"]}, None)]
    assert json.loads(api.run("usage", "--json").stdout) == USAGE


def test_an_admin_is_told_what_another_has_spent(api):
    budget = {**USAGE["budget"], "limitUsd": None, "warnUsd": None, "leftUsd": None}
    api.answers["GET", "/api/v1/admin/usage"] = (200, {**USAGE, "owner": "a b", "budget": budget})
    done = api.run("usage", "--owner", "a b", "--days", "35")
    assert done.returncode == 0 and "budget:" not in done.stdout
    assert api.asked == [("GET", "/api/v1/admin/usage", {"days": ["35"], "owner": ["a b"]}, None)]
    api.answers["GET", "/api/v1/admin/usage"] = (200, {**USAGE, "owner": None, "budget": budget})
    assert "all users: 0.52 spent today" in api.run("usage", "--all").stdout
    assert api.asked[-1] == ("GET", "/api/v1/admin/usage", {"days": ["7"]}, None)
    for words in ["x"], ["--days", "36"], ["--days", "0"], ["--owner", "x" * 1100], ["--all", "--owner", "x"]:
        assert api.run("usage", *words).returncode == 2


# ---- who did what ----

LINE = {"at": "2026-01-02T03:04:05.678Z", "user": "root", "role": "admin", "action": "pause", "target": "image",
        "outcome": "ok", "requestId": "r-1", "leftOut": 0}


def test_audit_prints_who_did_what(api):
    refused = {**LINE, "user": "ada", "role": "viewer", "action": "refused", "target": None, "outcome": "forbidden",
               "requestId": None, "leftOut": 7}
    api.answers["GET", "/api/v1/admin/audit"] = (200, {"audit": [refused, LINE]},
                                                 {"pagination": {"nextCursor": "AAAA"}})
    done = api.run("audit", "--by", "a da", "--action", "pause", "--limit", "2", "--cursor", "x")
    assert done.returncode == 0, done.stderr
    head, first, second = done.stdout.splitlines()
    assert head.split() == ["AT", "WHO", "ROLE", "ACTION", "TARGET", "OUTCOME", "REQUEST"]
    assert first.split() == ["2026-01-02T03:04:05.678Z", "ada", "viewer", "refused", "-", "forbidden,", "7", "times"]
    assert second.split()[1:] == ["root", "admin", "pause", "image", "ok", "r-1"]
    assert done.stderr == "troupe: there may be more: --cursor AAAA\n"
    assert api.asked == [("GET", "/api/v1/admin/audit",
                          {"user": ["a da"], "action": ["pause"], "limit": ["2"], "cursor": ["x"]}, None)]
    assert json.loads(api.run("audit", "--json").stdout) == {"audit": [refused, LINE]}
    for words in ["x"], ["--limit", "101"], ["--limit", "0"]:
        assert api.run("audit", *words).returncode == 2
    api.answers["GET", "/api/v1/admin/audit"] = (403, {})
    assert api.run("audit").returncode == 4
