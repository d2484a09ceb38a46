"""Where pictures and videos may be fetched from: a provider names the address, the operator decides where it may be,
and a redirect is held to the same. What comes in place of one is bounded. Against a fake provider, whose addresses are
all private."""

import json
import subprocess

import pytest
from fake_broker import FAIL, OPERATION, PROGRAMS, new_id
from fake_provider import PNG
from test_actor_roles import SUBMITTED, VIDEO, broker, provider, start, start_video, store, wait_until  # noqa: F401


@pytest.fixture
def live(start, provider):
    """Starts an actor of a hosted provider."""

    def start_live(role, **settings):
        for name in "CHAT", "IMAGE", "VIDEO":
            settings.update({f"TROUPE_{name}_URL": provider.url, f"TROUPE_{name}_MODEL": "m"})
        return start(role, TROUPE_PROVIDER="live", **settings)

    return start_live


def redirect(provider, host):
    url = provider.url.replace("127.0.0.1", host) + "/files/elsewhere.png"
    return lambda handler: handler.answer(302, b"", Location=url)


def end_of_image(broker, job):
    """How it ended, and the records before that: (state, charged)."""
    records = []
    while True:
        name = "fail" if any(heard == "fail" for _, heard, _ in broker.heard) else None
        if name is None and any(heard == "done" for _, heard, _ in broker.heard):
            name = "done"
        if name is not None and not any(heard == "operation" for _, heard, _ in broker.heard):
            ended = broker.take(name)
            broker.acknowledge(ended)  # its place is free again
            return dict(ended, name=name), records
        if any(heard == "operation" for _, heard, _ in broker.heard):
            record = broker.acknowledge_operation(job)
            records.append((record["state"], record.get("charged")))
        else:
            assert broker.pump(10)


def expect_forbidden(broker, job):
    fail, records = end_of_image(broker, job)
    assert (fail["name"], fail["kind"], fail["code"]) == ("fail", FAIL["permanent"], "result_forbidden")
    assert records[-1] == (OPERATION["abandoned"], 1), "it was made, and is paid for"


def test_a_picture_at_a_private_address_is_not_fetched(broker, live, provider):
    live("image")
    provider.script["image"] = [provider.image_by_url]
    expect_forbidden(broker, broker.start(kind="image", payload={}))
    assert provider.count("download") == 0


def test_a_private_address_is_fetched_from_when_the_operator_allows_it(broker, live, provider):
    live("image", TROUPE_RESULT_PRIVATE="on")
    provider.script["image"] = [provider.image_by_url]
    assert end_of_image(broker, broker.start(kind="image", payload={}))[0]["name"] == "done"


@pytest.mark.parametrize("address", ["file:///etc/hostname", "ftp://127.0.0.1/a.png", "//127.0.0.1/a.png", "/a.png",
                                     "a.png", "http://[", "http://"])
def test_a_picture_at_an_address_that_nothing_calls_is_not_asked_for(broker, live, provider, address):
    live("image", TROUPE_RESULT_PRIVATE="on")
    provider.script["image"] = [lambda handler: handler.answer(200, {"data": [{"url": address}]})]
    expect_forbidden(broker, broker.start(kind="image", payload={}))


@pytest.mark.parametrize("address", ["file:///etc/hostname", "http://["])
def test_a_redirect_to_where_nothing_calls_is_not_followed(broker, live, provider, address):
    live("image", TROUPE_RESULT_PRIVATE="on")
    provider.script["image"] = [provider.image_by_url]
    provider.script["download"] = [lambda handler: handler.answer(302, b"", Location=address)]
    expect_forbidden(broker, broker.start(kind="image", payload={}))
    assert provider.count("download") == 1


@pytest.mark.parametrize("hosts, allowed", [("127.0.0.1", True), ("a.test, *.b.test", False), ("localhost", False)])
def test_only_hosts_of_the_list_are_fetched_from(broker, live, provider, hosts, allowed):
    live("image", TROUPE_RESULT_PRIVATE="on", TROUPE_RESULT_HOSTS=hosts)
    provider.script["image"] = [provider.image_by_url]
    job = broker.start(kind="image", payload={})
    if allowed:
        assert end_of_image(broker, job)[0]["name"] == "done"
    else:
        expect_forbidden(broker, job)
    assert provider.count("download") == (1 if allowed else 0)


@pytest.mark.parametrize("hosts, allowed", [("127.0.0.1", False), ("127.0.0.1,localhost", True)])
def test_a_redirect_is_held_to_the_list(broker, live, provider, hosts, allowed):
    live("image", TROUPE_RESULT_PRIVATE="on", TROUPE_RESULT_HOSTS=hosts)
    provider.script["image"] = [provider.image_by_url]
    provider.script["download"] = [redirect(provider, "localhost")]
    job = broker.start(kind="image", payload={})
    if allowed:
        assert end_of_image(broker, job)[0]["name"] == "done"
    else:
        expect_forbidden(broker, job)
    assert provider.count("download") == (2 if allowed else 1)


def test_a_video_at_a_private_address_stays_on_record_as_paid(broker, live, provider, store):
    live("video")
    recorded = [{"operation": VIDEO, "state": SUBMITTED, "provider": provider.url.split("://")[1], "task": "task-7"}]
    fail, records = end_of_image(broker, start_video(broker, store, recorded=recorded))
    assert (fail["kind"], fail["code"]) == (FAIL["permanent"], "result_forbidden")
    assert records == [(OPERATION["finished"], 1)] and provider.count("download") == 0


@pytest.mark.parametrize("ending", [1, 12, len(PNG) // 2])
def test_a_picture_that_its_provider_has_cut_short_is_fetched_again(broker, live, provider, store, ending):
    live("image", TROUPE_RESULT_PRIVATE="on")
    provider.script["image"] = [provider.image_by_url]
    provider.script["download"] = [lambda handler: handler.answer(200, PNG[:-ending], "image/png")]
    done, _ = end_of_image(broker, broker.start(kind="image", payload={}))
    assert store.read(done["url"]) == PNG and len(store.names()) == 1
    assert (provider.count("image"), provider.count("download")) == (1, 2)


def test_a_picture_that_stays_cut_short_is_not_stored(broker, live, provider, store):
    live("image", TROUPE_RESULT_PRIVATE="on")
    provider.script["image"] = [provider.image_by_url]
    provider.script["download"] = [lambda handler: handler.answer(200, PNG[:-12], "image/png")] * 3
    fail, records = end_of_image(broker, broker.start(kind="image", payload={}))
    assert (fail["name"], fail["kind"], fail["code"]) == ("fail", FAIL["retry"], "provider_answer")
    assert records[-1] == (OPERATION["unknown"], 1), "it was made, and is paid for"
    assert store.names() == [] and store.unfinished() == []


def test_nothing_is_ordered_while_the_asset_store_takes_nothing(broker, start, provider, store):
    start("image")
    store.refuse_all()
    job = broker.start(kind="image", payload={}, timeout_ms=7000)
    assert end_of_image(broker, job)[0]["kind"] == FAIL["retry"]
    assert provider.count("image") == 1, "what was under way when it became known"
    for _ in range(3):
        fail, records = end_of_image(broker, broker.start(kind="image", payload={}))
        assert (fail["kind"], fail["code"], records) == (FAIL["throttled"], "asset_store", [])
        assert "asset store" in fail["message"] and 0 < fail["retry_after_ms"] <= 60000
    assert provider.count("image") == 1
    store.take_all()
    wait_until(lambda: end_of_image(broker, broker.start(kind="image", payload={}))[0]["name"] == "done")
    assert provider.count("image") == 2
    wait_until(lambda: len(store.names()) == 1)
    assert store.unfinished() == [], "nothing is left of what found out"


@pytest.mark.parametrize("way", ["image", "image_by_url"])
def test_a_picture_that_is_paid_for_waits_for_a_store_that_takes_nothing(broker, live, provider, store, way):
    live("image", TROUPE_RESULT_PRIVATE="on")
    provider.script["image"] = [getattr(provider, way)]
    store.refuse_all()
    job = broker.start(kind="image", payload={})
    broker.acknowledge_operation(job, state=OPERATION["intent"])
    wait_until(lambda: provider.count("image") == 1)
    broker.never("operation", job=job["job"])
    broker.never("fail", job=job["job"])
    store.take_all()
    done = broker.finish(job)
    assert done["name"] == "done" and store.read(done["url"]) == PNG
    assert provider.count("image") == 1, "nothing is paid for twice"
    assert store.unfinished() == []


def test_a_film_waits_for_an_asset_store_that_takes_nothing(broker, start, provider, store):
    start("video")
    document = {"url": "/assets/characters/x/y.png", "contentType": "image/png"}
    source = {"source": new_id(), "source_document": json.dumps(document).encode()}
    recorded = [{"operation": VIDEO, "state": SUBMITTED, "provider": "studio", "task": "task-1"}]
    store.refuse_all()

    def film():
        job = broker.start(kind="video", payload={"duration": 5}, recorded=recorded, **source)
        return end_of_image(broker, job)[0]

    assert film()["kind"] == FAIL["retry"]
    count = provider.count("download")
    waits = film()
    assert (waits["kind"], waits["code"], provider.count("download")) == (FAIL["throttled"], "asset_store", count)
    store.take_all()
    wait_until(lambda: film()["name"] == "done")
    assert provider.count("submit") == 0


@pytest.mark.parametrize("code", [403, 503])
def test_an_endless_error_in_place_of_a_video_is_not_read_to_its_end(broker, live, provider, store, code):
    sent = []

    def answer(handler):
        handler.send_response(code)
        handler.send_header("Content-Length", str(500 << 20))
        handler.end_headers()
        for _ in range(500):
            handler.wfile.write(bytes(1 << 20))
            sent.append(1)

    live("video", TROUPE_RESULT_PRIVATE="on")
    provider.script["download"] = [answer] * 3
    fail, _ = end_of_image(broker, start_video(broker, store, timeout_ms=9000))
    assert (fail["kind"], fail["code"]) == (FAIL["retry"], "result_unavailable")
    assert len(sent) < 20 * provider.count("download"), "megabytes, sockets' buffers included"


def test_a_list_that_is_none_is_refused_at_the_start():
    settings = {"TROUPE_ACTOR_ENDPOINT": "ipc:///x", "TROUPE_PROVIDER": "live", "TROUPE_RESULT_HOSTS": "https://x"}
    for name in "CHAT", "IMAGE", "VIDEO":
        settings.update({f"TROUPE_{name}_URL": "http://127.0.0.1:9", f"TROUPE_{name}_MODEL": "m"})
    ended = subprocess.run([PROGRAMS / "troupe-actor-image"], env=settings, capture_output=True, text=True, timeout=30)
    assert ended.returncode == 2 and "TROUPE_RESULT_HOSTS" in ended.stderr
