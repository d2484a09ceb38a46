"""Pictures that are ordered and polled as videos are (WaveSpeed's API): what is recorded, what the next attempt does,
and what is asked of whom. Against a fake provider and a fake broker."""

import json
import subprocess
import threading
import time

import pytest
from asset_stand import Directory
from fake_broker import FAIL, OPERATION, PROGRAMS, new_id
from fake_provider import PNG, close, status
from test_actor_close import stop_during
from test_actor_roles import IMAGE, VIDEO, broker, make_source, provider, start, wait_until  # noqa: F401

STATES = ("intent", "submitted", "finished", "unknown", "refused", "cancelled")
INTENT, SUBMITTED, FINISHED, UNKNOWN, REFUSED, CANCELLED = (OPERATION[name] for name in STATES)
CHAT = 4
CHARGED = 1
TASK = {"operation": IMAGE, "state": SUBMITTED, "provider": "first", "task": "task-1"}


@pytest.fixture
def store(tmp_path):
    return Directory(tmp_path)


def write_file(tmp_path, provider, use, chat_price=0, **members):
    entry = {"name": "first", "url": provider.url, "model": "maker/m"}
    entries = {name: [dict(entry)] for name in ("chat", "image", "video")}
    entries["chat"][0]["price"] = chat_price
    entries[use][0].update(members)
    path = tmp_path / "providers.json"
    path.write_text(json.dumps(entries))
    return {"TROUPE_PROVIDER": "live", "TROUPE_PROVIDERS_FILE": path, "TROUPE_RESULT_PRIVATE": "on",
            "TROUPE_REPEAT_AFTER": 0}


@pytest.fixture
def live(start, provider, tmp_path):
    """Starts an actor whose pictures are ordered."""
    provider.poll = lambda handler: made(provider)(handler)
    return lambda role, **members: start(role, **write_file(tmp_path, provider, "image", api="wavespeed",
                                                            pollSeconds=1, **members))


def made(provider, name="picture.png"):
    return status(200, {"data": {"status": "completed", "outputs": [f"{provider.url}/files/{name}"]}})


def recorded(**members):
    return [{**TASK, **members}]


def image(broker, **options):
    return broker.start(kind="image", payload={}, **options)


def counts(provider):
    return tuple(provider.count(name) for name in ("submit", "poll", "download"))


def test_a_picture_is_ordered_polled_and_fetched_with_its_task_on_record(broker, live, provider, store):
    live("image")
    provider.script["poll"] = [provider.running]
    job = image(broker)
    assert broker.acknowledge_operation(job)["state"] == INTENT
    taken = broker.acknowledge_operation(job)
    assert (taken["state"], taken["task"], taken.get("operation", 0)) == (SUBMITTED, "task-1", IMAGE)
    done = broker.finish(job, 20)
    assert done["name"] == "done" and store.read(done["url"]) == PNG
    assert counts(provider) == (1, 2, 1) and provider.count("image") == 0
    _, path, headers, body = provider.last("submit")
    order = json.loads(body)
    assert path == "/api/v3/maker/m" and headers["Content-Type"] == "application/json"
    assert order["size"] == "1024*1024" and order["prompt"] and 0 <= order["seed"] < 2**32
    assert set(order) == {"prompt", "size", "seed"}
    assert provider.last("poll")[1] == "/api/v3/predictions/task-1/result"


def test_a_portrait_is_ordered_in_the_same_way(broker, live, provider, store):
    live("character")
    done = broker.finish(broker.start(kind="character", payload={"name": "Mira"}), 20)
    assert done["name"] == "done" and len(store.names()) == 1
    assert counts(provider) == (1, 1, 1) and provider.count("image") == 0


@pytest.mark.parametrize("role", ["image", "character"])
def test_a_recorded_task_is_polled_and_nothing_is_ordered(broker, live, provider, role):
    live(role)
    payload = {"name": "Mira"} if role == "character" else {}
    job = broker.start(kind=role, payload=payload, recorded=recorded(task="task-9"))
    assert broker.finish(job, 20)["name"] == "done"
    assert counts(provider) == (0, 1, 1)
    assert provider.last("poll")[1] == "/api/v3/predictions/task-9/result"


def test_a_cancel_has_the_task_dropped_at_its_provider(broker, live, provider):
    live("image")
    provider.script["poll"] = [provider.running] * 100
    job = image(broker)
    broker.acknowledge_operation(job, state=INTENT)
    broker.acknowledge_operation(job, state=SUBMITTED)
    wait_until(lambda: provider.count("poll") >= 1)
    broker.send(("cancel", {"job": job["job"], "lease": 1}))
    record = broker.acknowledge_operation(job, state=CANCELLED)
    assert record["task"] == "task-1"
    assert broker.take("fail")["kind"] == FAIL["cancelled"]
    assert json.loads(provider.last("cancel")[3]) == {"ids": ["task-1"]}


def test_a_task_that_failed_is_refused_and_may_be_ordered_again(broker, live, provider):
    live("image")
    provider.script["poll"] = [status(200, {"data": {"status": "failed", "error": "no", "code": 1405}})]
    job = image(broker)
    broker.acknowledge_operation(job, state=INTENT)
    broker.acknowledge_operation(job, state=SUBMITTED)
    broker.acknowledge_operation(job, state=REFUSED)
    fail = broker.take("fail")
    assert (fail["kind"], fail["code"]) == (FAIL["retry"], "provider_task")
    broker.acknowledge(fail)
    again = image(broker, recorded=recorded(state=REFUSED, task=""))
    assert broker.finish(again, 20)["name"] == "done"
    assert provider.count("submit") == 2


def test_an_order_of_unknown_outcome_is_repeated_once(broker, live, provider):
    live("image")
    provider.script["submit"] = [close, close]
    for number in range(2):
        unknown = [{**TASK, "operation": IMAGE + made, "state": UNKNOWN, "task": ""} for made in range(number)]
        job = image(broker, recorded=unknown)
        intent = broker.acknowledge_operation(job, state=INTENT)
        assert (intent.get("operation", 0), bool(intent.get("repeats"))) == (IMAGE + number, number == 1)
        broker.acknowledge_operation(job, state=UNKNOWN)
        fail = broker.take("fail")
        broker.acknowledge(fail)
    assert fail["code"] == "outcome_unknown" and fail["kind"] == FAIL["permanent"]
    assert provider.count("submit") == 2


def test_a_portrait_that_is_on_its_way_is_dropped_when_its_character_is_cancelled_at_the_chat(broker, live, provider):
    """The character was tried again after it had ended: its personality is written anew."""
    live("character", chat_price=0.01)
    provider.script["chat"] = [provider.hang]
    provider.script["poll"] = [provider.running]
    job = broker.start(kind="character", payload={"name": "Mira"}, recorded=recorded(task="task-9"))
    broker.acknowledge_operation(job, state=INTENT)
    wait_until(lambda: provider.count("chat") == 1)
    broker.send(("cancel", {"job": job["job"], "lease": 1}))
    assert broker.acknowledge_operation(job, state=UNKNOWN)["operation"] == CHAT
    dropped = broker.acknowledge_operation(job, state=CANCELLED)
    assert (dropped.get("operation", 0), dropped["task"]) == (IMAGE, "task-9")
    assert broker.take("fail")["kind"] == FAIL["cancelled"]
    assert json.loads(provider.last("cancel")[3]) == {"ids": ["task-9"]}


@pytest.mark.parametrize("task", ["task-9", None])
@pytest.mark.parametrize("kind", ["image", "video"])
def test_what_was_ordered_at_a_provider_that_is_not_in_the_settings_is_waited_for(broker, live, provider, store, kind,
                                                                                  task):
    """Another worker has it, or this one will: ordered elsewhere it would be paid for twice. So it is with a call that
    was cut off: who knows the provider may find it there."""
    live(kind)
    options = {"payload": {}} if kind == "image" else {
        "payload": {"duration": 5}, "source": new_id(), "source_document": make_source(store)}
    number = IMAGE if kind == "image" else VIDEO
    begun = {"task": task} if task else {"state": INTENT, "task": ""}
    told = broker.finish(broker.start(kind=kind, recorded=recorded(operation=number, provider="another", **begun),
                                      **options))
    assert (told["kind"], told["code"]) == (FAIL["throttled"], "provider_not_known")
    assert told["retry_after_ms"] == 30000 and 'at the provider "another"' in told["message"]
    assert [provider.count(name) for name in ("chat", "upload", "submit", "poll", "cancel")] == [0] * 5


@pytest.mark.parametrize("price", [0.01, 0])
def test_a_chat_that_was_lost_stands_under_its_own_provider_and_price(broker, live, provider, price):
    """As the next call is of another provider perhaps, or has another price by now, or none."""
    live("character", chat_price=price)
    lost = {"operation": CHAT, "state": INTENT, "provider": "first", "task": "", "price": 20000, "lease": 1}
    job = broker.start(kind="character", payload={"name": "Mira"}, lease=2, recorded=[lost])
    told = broker.acknowledge_operation(job, state=UNKNOWN)
    assert (told["operation"], told["provider"], told["price"]) == (CHAT, "first", 20000)
    assert provider.count("chat") == 0
    if price > 0:
        assert broker.acknowledge_operation(job, state=INTENT)["price"] == 10000
    else:
        wait_until(lambda: provider.count("chat") == 1)


def test_a_stop_that_waited_for_a_paid_call_makes_no_further_one(broker, start, provider, tmp_path):
    settings = write_file(tmp_path, provider, "image", chat_price=0.01, api="wavespeed")
    actor = start("character", TROUPE_GRACE_MS=200, TROUPE_PAID_GRACE_MS=60000, **settings)
    told = threading.Event()
    provider.script["chat"] = [lambda handler: (told.wait(60), provider.chat(handler))]
    job = broker.start(kind="character", payload={"name": "Mira"})
    broker.acknowledge_operation(job, state=INTENT)
    stop_during(actor, broker, provider, job, "chat")
    told.set()
    assert broker.take("operation", job=job["job"], state=FINISHED)["operation"] == CHAT
    broker.take("release", job=job["job"])
    assert actor.wait() == 0 and provider.count("submit") == 0


def test_a_refusal_that_is_paid_for_stays_so_when_its_record_is_never_acknowledged(broker, live, provider):
    live("character", chat_price=0.01)
    refusal = {"message": {"role": "assistant", "content": ""}, "finish_reason": "content_filter"}
    provider.script["chat"] = [status(200, {"choices": [refusal]})]
    job = broker.start(kind="character", payload={"name": "Mira"}, timeout_ms=1500)
    broker.acknowledge_operation(job, state=INTENT)
    assert broker.take("operation", job=job["job"], state=REFUSED)["charged"] == CHARGED
    again = broker.acknowledge_operation(job, state=REFUSED)
    assert (again["operation"], again["charged"]) == (CHAT, CHARGED)
    assert broker.take("fail", job=job["job"])["code"] == "timeout"


def test_a_task_waits_for_a_store_that_takes_nothing(broker, live, provider, store):
    """As a film's does: nothing is fetched, and no attempt is used up."""
    live("image")
    store.refuse_all()
    job = image(broker, recorded=recorded())
    assert broker.finish(job, 20)["code"] == "asset_store"  # which is how it is found out
    fetched = provider.count("download")
    for _ in range(2):
        fail = broker.finish(image(broker, recorded=recorded()), 20)
        assert (fail["kind"], fail["code"]) == (FAIL["throttled"], "asset_store")
    assert provider.count("download") == fetched
    store.take_all()
    wait_until(lambda: broker.finish(image(broker, recorded=recorded()), 20)["name"] == "done")
    assert provider.count("submit") == 0


def test_a_picture_that_is_too_large_is_fetched_once(broker, live, provider):
    live("image")
    provider.script["download"] = [status(200, PNG + bytes(25 << 20))]
    fail = broker.finish(image(broker), 20)
    assert (fail["kind"], fail["code"]) == (FAIL["permanent"], "provider_answer_too_large")
    assert provider.count("download") == 1


@pytest.mark.parametrize("answer, tries", [(status(404), 3), (status(200, PNG[:-20]), 3)], ids=["gone", "cut"])
def test_a_picture_that_cannot_be_had_leaves_its_task_on_record(broker, live, provider, store, answer, tries):
    live("image")
    provider.script["download"] = [answer] * tries
    job = image(broker)
    broker.acknowledge_operation(job, state=INTENT)
    broker.acknowledge_operation(job, state=SUBMITTED)
    fail = broker.take("fail", 20)
    assert fail["kind"] == FAIL["retry"] and provider.count("download") == tries
    broker.acknowledge(fail)
    broker.never("operation")
    done = broker.finish(image(broker, recorded=recorded()), 20)
    assert done["name"] == "done" and store.read(done["url"]) == PNG and provider.count("submit") == 1


def test_a_sender_that_is_called_too_often_is_waited_for(broker, live, provider, store):
    live("image")
    provider.script["download"] = [status(503), status(429, Retry_After="3")]
    begin = time.monotonic()
    done = broker.finish(image(broker), 30)
    assert done["name"] == "done" and store.read(done["url"]) == PNG
    assert counts(provider) == (1, 1, 3), "nothing is ordered, nor asked for, again"
    assert time.monotonic() - begin >= 1 + 1 + 3, "the first poll, the pause, and what the sender asked for"


def hosted(provider, api):
    settings = {f"TROUPE_{name}_URL": provider.url for name in ("CHAT", "IMAGE", "VIDEO")}
    settings |= {f"TROUPE_{name}_MODEL": "m" for name in ("CHAT", "IMAGE", "VIDEO")}
    return settings | {"TROUPE_PROVIDER": "live", "TROUPE_IMAGE_API": api, "TROUPE_RESULT_PRIVATE": "on"}


def test_who_draws_may_be_named_by_settings_alone(broker, start, provider):
    provider.poll = lambda handler: made(provider)(handler)
    start("image", **hosted(provider, "wavespeed"))
    assert broker.finish(image(broker), 20)["name"] == "done"
    assert counts(provider) == (1, 1, 1)


@pytest.mark.parametrize("api", ["midjourney", "WaveSpeed"])
def test_an_api_that_is_none_is_refused_in_words(provider, tmp_path, api):
    settings = {"TROUPE_ACTOR_ENDPOINT": f"ipc://{tmp_path}/none", "TROUPE_ASSETS": str(tmp_path)}
    ended = subprocess.run([PROGRAMS / "troupe-actor-image"], env=settings | hosted(provider, api), capture_output=True,
                           text=True, timeout=10)
    assert ended.returncode == 2 and "openai or wavespeed" in ended.stderr


# ---- a video's upload, which stands in its order ----

def uploads(provider):
    """Each upload has an address of its own."""
    def answer(handler):
        handler.answer(200, {"data": {"download_url": f"{provider.url}/files/{provider.count('upload')}.png"}})
    return answer


def test_an_order_that_is_repeated_with_its_key_is_the_same_word_for_word(broker, start, provider, store, tmp_path):
    start("video", **write_file(tmp_path, provider, "video", idempotencyHeader="Idempotency-Key"))
    provider.upload = uploads(provider)
    provider.script["submit"] = [close]
    film = {"payload": {"duration": 5}, "source": new_id(), "source_document": make_source(store)}
    job = broker.start(kind="video", lease=4, **film)
    assert broker.finish(job)["code"] == "provider_broken"
    first = provider.last("submit")
    draft = [record for _, name, record in broker.heard if name == "draft" or record.get("draft")]
    unknown = {"operation": 2, "state": UNKNOWN, "provider": "first", "lease": 4}
    values, records = broker.job(kind="video", job=job["job"], media=job["media"], lease=5, recorded=[unknown],
                                 draft=draft[-1]["draft"], **film)
    broker.send(*records)
    assert broker.finish(values, 20)["name"] == "done"
    again = provider.last("submit")
    assert again[2]["Idempotency-Key"] == first[2]["Idempotency-Key"] and again[3] == first[3]
    assert (provider.count("upload"), provider.count("submit")) == (1, 2)


@pytest.mark.parametrize("found", [True, False, None])
def test_a_picture_of_unknown_outcome_is_looked_for(broker, live, provider, found):
    """None: the list does not tell what was asked for, so that the call is made again as without lookUp."""
    live("image", lookUp=True)
    provider.script["submit"] = [close]
    job = image(broker, lease=4)
    assert broker.finish(job)["code"] == "provider_broken"
    seed = json.loads(provider.last("submit")[3])["seed"]
    there = {True: [{"id": "task-5", "status": "processing", "input": {"seed": seed}}], False: [],
             None: [{"id": "task-5", "status": "processing"}]}[found]
    provider.script["look_up"] = [status(200, {"data": {"items": there}})]
    unknown = {"operation": IMAGE, "state": UNKNOWN, "provider": "first", "lease": 4}
    values, records = broker.job(kind="image", payload={}, job=job["job"], media=job["media"], lease=5,
                                 recorded=[unknown])
    broker.send(*records)
    assert broker.finish(values, 20)["name"] == "done"
    assert provider.count("submit") == (1 if found else 2)
    assert provider.last("poll")[1] == f"/api/v3/predictions/task-{5 if found else 1}/result"
    took = [record["took_ms"] for _, name, record in broker.heard if name == "progress" and "took_ms" in record]
    assert took and max(took) < 60000, "of an order whose time nobody told"
