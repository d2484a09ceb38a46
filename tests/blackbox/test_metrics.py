"""/metrics of each program, as Prometheus and its client library read it: promtool and both parsers find nothing wrong,
and it is for nobody else."""

import contextlib
import ipaddress
import json
import os
import pathlib
import re
import subprocess
import time
import uuid

import prometheus_client.openmetrics.parser
import prometheus_client.parser
import pytest
import requests

from gateway_stand import Stand, error_of, shared, token  # noqa: F401
from stack import ROOT, Stack, children_of, wait_until

OPENMETRICS = "application/openmetrics-text; version=1.0.0"


def check(text):
    """What promtool says about a scrape."""
    result = subprocess.run(["promtool", "check", "metrics"], input=text, text=True, capture_output=True, timeout=60)
    assert result.returncode == 0 and not result.stderr, result.stderr


def samples_of(text):
    """The samples of a scrape: {name: {labels: value}}."""
    found = {}
    for line in text.splitlines():
        match = re.fullmatch(r"([a-z_]+)(?:\{(.*)\})? (\S+)", line)
        if match:
            labels = tuple(sorted(re.findall(r'(\w+)="((?:\\.|[^"\\])*)"', match.group(2) or "")))
            found.setdefault(match.group(1), {})[labels] = float(match.group(3))
        else:
            assert line.startswith("# "), line
    return found


def value_of(samples, name, **labels):
    return samples.get(name, {}).get(tuple(sorted(labels.items())), 0)


# ---- the gateway ----


@pytest.fixture(scope="module", name="guarded")
def fixture_guarded(tmp_path_factory):
    made = Stand(tmp_path_factory.mktemp("guarded"), TROUPE_METRICS_ACCESS="admin")
    yield made
    made.stop()


def scrape(stand, **options):
    answer = stand.gateway.get("/metrics", owner=None, **options)
    assert answer.status_code == 200
    return answer


def test_both_formats_are_served_as_asked_for(shared):
    answer = scrape(shared)
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    check(answer.text)
    answer = scrape(shared, headers={"Accept": OPENMETRICS})
    assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert answer.text.endswith("\n# EOF\n")


def test_requests_are_counted_by_route_and_class(shared):
    labels = {"method": "GET", "route": "/api/v1/character-jobs/:jobId"}
    before = samples_of(scrape(shared).text)
    assert shared.gateway.get(f"/api/v1/character-jobs/{uuid.uuid4()}").status_code == 404
    assert shared.gateway.get("/nothing", owner=None).status_code == 404
    after = samples_of(scrape(shared).text)
    for name, own in (("troupe_http_requests_total", dict(labels, code="4xx")),
                      ("troupe_http_requests_total", {"method": "", "route": "", "code": "4xx"}),
                      ("troupe_http_request_duration_seconds_count", labels)):
        assert value_of(after, name, **own) == value_of(before, name, **own) + 1, name
    assert value_of(after, "troupe_gateway_broker_connected") == 1
    wait_until(lambda: value_of(samples_of(scrape(shared).text), "troupe_http_connections") >= 1)
    assert value_of(after, "process_resident_memory_bytes") > 1e6
    assert value_of(after, "process_open_fds") > 5
    started = "process_start_time_seconds"
    assert after[started] == before[started] and 0 < time.time() - value_of(after, started) < 3600, "it is one moment"
    assert 0 < value_of(after, "process_start_time_seconds")


def test_a_proxy_on_this_machine_is_no_reader(shared):
    for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        answer = shared.gateway.get("/metrics", owner=None, headers={name: "for=203.0.113.9"})
        assert answer.status_code == 403 and error_of(answer)[0] == "forbidden"


def test_others_need_an_administrators_token_where_they_are_allowed(guarded):
    remote = {"X-Forwarded-For": "203.0.113.9"}
    assert guarded.gateway.get("/metrics", owner=None).status_code == 200
    assert guarded.gateway.get("/metrics", owner=None, headers=remote).status_code == 401
    assert guarded.gateway.get("/metrics", owner="ada", headers=remote).status_code == 403
    assert guarded.gateway.get("/metrics", bearer=token("root", role="admin"), headers=remote).status_code == 200


# ---- a whole stack ----


@pytest.fixture(scope="module", name="stack")
def fixture_stack():
    """A stack that tells everything, after some work."""
    with Stack("--provider", "local", "--metrics", "0", environment={"TROUPE_LOG_LEVEL": "info"}) as running:
        client = running.client("mira")
        made = client.wait_for(client.submit_character("Mira"))
        client.wait_for(client.submit_image(made["result"]["characterId"]), "media-jobs")
        yield running


def ports_of(stack):
    """Where each program says that it listens: {program: port}."""
    text = (stack.data / "stack.log").read_text()
    return {program: int(port) for program, port in
            re.findall(r'program=(\S+) msg="metrics" host=127\.0\.0\.1 port=(\d+)', text)}


def fetch(port, path="/metrics", **options):
    return requests.get(f"http://127.0.0.1:{port}{path}", timeout=30, **options)


def scrapes_of(stack):
    """{program: text} of the whole stack, after the numbers of the last second were told."""
    texts = {"troupe-gateway": requests.get(stack.url + "/metrics", timeout=30).text}
    for program, port in ports_of(stack).items():
        texts[program] = wait_until(lambda own=port: fetch(own).text or None, what="a snapshot")
    return texts


def test_every_program_tells_in_both_formats(stack):
    assert set(ports_of(stack)) == {"troupe-broker", "troupe-actor-character", "troupe-actor-image",
                                    "troupe-actor-video", "troupe-actor-webhook"}
    for program, text in scrapes_of(stack).items():
        check(text)
        version = dict(next(iter(samples_of(text)["troupe_build_info"])))
        assert version["program"] == program and version["version"]
        commit = requests.get(stack.url + "/api/v1/admin/system", timeout=30, headers={
            "Authorization": f"Bearer {stack.token('root', '--role', 'admin')}"}).json()["data"]["gateway"]["commit"]
        assert version["commit"] == (commit or "")
    for port in ports_of(stack).values():
        answer = fetch(port, headers={"Accept": OPENMETRICS})
        assert answer.headers["content-type"].startswith("application/openmetrics-text")
        assert answer.text.endswith("\n# EOF\n")


def families_of(url, accept, parse):
    """What a reader of one of the two formats makes of a scrape: {name: family}."""
    answer = requests.get(url, timeout=30, headers={"Accept": accept})
    assert answer.status_code == 200
    families = list(parse(answer.text))
    found = {family.name: family for family in families}
    assert len(found) == len(families), "each is told once"
    return found


def kinds_of(families):
    """The type of each family, and the names and labels' names of its samples."""
    return {name: (family.type, {(sample.name, *sorted(sample.labels)) for sample in family.samples})
            for name, family in families.items()}


def test_readers_of_both_formats_find_the_same_in_every_program(stack):
    """The reader of OpenMetrics is strict: of units, suffixes, buckets, what is told twice, and the end."""
    scrapes_of(stack)  # each has something to tell
    urls = {"troupe-gateway": stack.url, **{program: f"http://127.0.0.1:{port}"
                                            for program, port in ports_of(stack).items()}}
    strict = prometheus_client.openmetrics.parser.text_string_to_metric_families
    wanted = {"troupe_http_requests_total", "troupe_queue_ended_jobs_total", "troupe_queue_run_seconds_bucket",
              "troupe_actor_ended_attempts_total", "troupe_provider_call_duration_seconds_bucket"}

    def counted():
        """The names of those that have counted something."""
        told = [families_of(f"{url}/metrics", OPENMETRICS, strict) for url in urls.values()]
        return {sample.name for families in told for family in families.values() for sample in family.samples
                if sample.value > 0}

    wait_until(lambda: counted() >= wanted, what="what a job moves")
    for program, url in urls.items():
        families = families_of(f"{url}/metrics", OPENMETRICS, strict)
        plain = families_of(f"{url}/metrics", "text/plain", prometheus_client.parser.text_string_to_metric_families)
        assert all(family.documentation for family in families.values()), program
        (info,), (same,) = families.pop("troupe_build").samples, plain.pop("troupe_build_info").samples
        assert info == same and info.labels["program"] == program, "an info, for which the older format has no type"
        assert kinds_of(families) == kinds_of(plain), program
        assert {family.type for family in families.values()} >= {"counter", "gauge"}, program
    with pytest.raises(ValueError):
        list(strict("# TYPE a counter\na 1\n# EOF\n"))


def test_the_broker_counts_what_became_of_jobs(stack):
    def look():
        samples = samples_of(fetch(ports_of(stack)["troupe-broker"]).text)
        done = value_of(samples, "troupe_queue_ended_jobs_total", queue="image", state="completed")
        return samples if done else None

    samples = wait_until(look, what="the job's end in the metrics")
    for name in ("troupe_queue_accepted_jobs_total", "troupe_queue_started_attempts_total",
                 "troupe_queue_wait_seconds_count", "troupe_queue_run_seconds_count"):
        assert value_of(samples, name, queue="image") == 1, name
    assert value_of(samples, "troupe_queue_slots", queue="image") == 5
    assert value_of(samples, "troupe_queue_actors", queue="video") == 1
    assert 0 < value_of(samples, "troupe_queue_run_seconds_sum", queue="image") < 60
    assert value_of(samples, "troupe_broker_commit_seconds_count") > 5
    assert value_of(samples, "troupe_rocksdb_memtable_bytes") > 0
    assert value_of(samples, "troupe_broker_disk_free_bytes") > 0


def test_an_actor_counts_its_calls(stack):
    samples = wait_until(lambda: (found := samples_of(fetch(ports_of(stack)["troupe-actor-image"]).text)) and
                         value_of(found, "troupe_actor_ended_attempts_total", role="image", outcome="completed") and
                         found)
    assert value_of(samples, "troupe_provider_calls_total", provider="studio", operation="image",
                    outcome="success") == 1
    assert value_of(samples, "troupe_provider_call_duration_seconds_count", provider="studio", operation="image") == 1
    assert value_of(samples, "troupe_actor_connected", role="image") == 1
    assert value_of(samples, "troupe_actor_slots", role="image") == 5


def test_nothing_else_is_served_there(stack):
    port = ports_of(stack)["troupe-broker"]
    assert fetch(port, "/").status_code == 404
    assert requests.post(f"http://127.0.0.1:{port}/metrics", timeout=30).status_code == 405


# ---- where it is served ----


def address_of(text):
    """An address and port as /proc/net/tcp has them: words of four bytes in the machine's order."""
    digits, port = text.split(":")
    words = [bytes.fromhex(digits[at:at + 8])[::-1] for at in range(0, len(digits), 8)]
    return str(ipaddress.ip_address(b"".join(words))), int(port, 16)


def listening(pid):
    """Where a process waits for connections over TCP, as the kernel tells: {(address, port)}."""
    own, found = set(), set()
    for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # it was closed while we looked
            own.add(os.readlink(entry))
    for table in ("tcp", "tcp6"):
        for line in pathlib.Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in own:
                found.add(address_of(fields[1]))
    return found


def listeners_of(stack):
    """{program: where it listens} of a stack's processes."""
    found = {}
    for pid, program in children_of(stack.process.pid):
        found.setdefault(program, set()).update(listening(pid))
    return found


def test_metrics_are_served_where_they_were_asked_for_and_nowhere_else(stack):
    found = listeners_of(stack)
    for program, port in ports_of(stack).items():
        assert found[program] == {("127.0.0.1", port)}, program


def test_without_being_asked_no_process_but_the_api_and_the_studio_listens():
    """The broker and the actors speak over sockets of the file system; their metrics are off."""
    with Stack("--provider", "local") as running:
        client = running.client("mira")
        client.wait_for(client.submit_character("Mira"))
        found = listeners_of(running)
        api = int(running.url.rsplit(":", 1)[1])
        assert found.pop("troupe-gateway") == {("127.0.0.1", api)}
        assert [host for host, _ in found.pop("troupe-studio")] == ["127.0.0.1"], "for the actors of this machine"
    assert found == {f"troupe-{name}": set()
                     for name in ("broker", "actor-character", "actor-image", "actor-video", "actor-webhook")}


def metrics_of(expression):
    """Names of metrics in an expression of PromQL: what follows none of its own words and is no label."""
    return set(re.findall(r"\b(?:troupe|process)_[a-z_]+", re.sub(r"\{[^}]*\}", "", expression)))


def test_dashboard_and_alerts_name_only_what_there_is(stack):
    dashboard = json.loads((ROOT / "compose/grafana-dashboard.json").read_text())
    rules = (ROOT / "compose/alerts.yaml").read_text()
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    named = set().union(*map(metrics_of, expressions)) | metrics_of(rules)
    told = set()
    for text in scrapes_of(stack).values():
        told |= set(samples_of(text))
        told |= set(re.findall(r"# TYPE (\S+)", text))
    assert len(named) > 30
    assert not named - told


def test_the_alerts_pass_their_tests():
    for words in (["check", "rules", "alerts.yaml"], ["check", "config", "prometheus.yaml"],
                  ["test", "rules", "alerts_test.yaml"]):
        result = subprocess.run(["promtool", *words], cwd=ROOT / "compose", text=True, capture_output=True, timeout=60)
        assert result.returncode == 0, result.stdout + result.stderr


def test_the_expressions_of_the_dashboard_are_promql(tmp_path):
    """promtool reads rules: each expression is made one, with values for Grafana's variables. JSON is YAML."""
    dashboard = json.loads((ROOT / "compose/grafana-dashboard.json").read_text())
    expressions = [target["expr"].replace("$__rate_interval", "5m").replace("$queue", ".*")
                   for panel in dashboard["panels"] for target in panel.get("targets", [])]
    rules = [{"record": f"panel:{index}", "expr": text} for index, text in enumerate(expressions)]
    path = tmp_path / "rules.yaml"
    path.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    result = subprocess.run(["promtool", "check", "rules", path], text=True, capture_output=True, timeout=60)
    assert result.returncode == 0, result.stdout + result.stderr
    assert not any("$" in text for text in expressions) and len(expressions) > 30


def test_the_panels_of_the_dashboard_fill_their_rows_and_lie_upon_none():
    panels = json.loads((ROOT / "compose/grafana-dashboard.json").read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken = [(x, y) for place in (panel["gridPos"] for panel in panels)
             for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])]
    height = max(y for _, y in taken) + 1
    assert sorted(taken) == [(x, y) for x in range(24) for y in range(height)]


def test_every_metric_is_documented(stack):
    """docs/operations.md lists each metric once, with its type and labels."""
    documented = {}
    for name, kind in re.findall(r"^\| `((?:troupe|process)_[a-z_]+)` \| (\w+) \|",
                                 (ROOT / "docs/operations.md").read_text(), re.MULTILINE):
        assert name not in documented
        documented[name] = kind
    told = {}
    for text in scrapes_of(stack).values():
        told |= dict(re.findall(r"# TYPE (\S+) (\w+)", text))
    assert documented == told
