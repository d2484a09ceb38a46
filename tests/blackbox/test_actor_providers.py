"""Several providers of one use: who is asked, what the broker is told of it, and what its denials do. Against fake
providers and a fake broker."""

import json
import subprocess

import fake_provider
import pytest
from asset_stand import Directory
from fake_broker import FAIL, OPERATION, PROGRAMS, Actor, Broker
from fake_provider import close, cut, status
from test_actor_roles import IMAGE, VIDEO, broker, make_source, provider  # noqa: F401
from fake_broker import new_id

USE = {"chat": None, "image": 1, "video": 2}  # 0 is not sent
FAULT = {"down": 1, "throttled": 2, "credentials": 3, "quota": 4}
LIMITED, DOWN = None, 1
NOT_CHARGED = 2


@pytest.fixture
def second():
    provider = fake_provider.Provider()
    yield provider
    provider.close()


@pytest.fixture
def start(broker, provider, second, tmp_path):
    actors = []

    def start_actor(role, chats=1, repeat_after=0, **members):
        entries = [{"name": "first", "url": provider.url, "model": "m", **members}]
        entries.append({"name": "second", "url": second.url, "model": "n", "keyEnv": "SECOND_KEY"})
        path = tmp_path / "providers.json"
        chat = [dict(entry) for entry in entries[:chats]]
        for entry in chat:
            if "price" not in entry:
                entry.pop("limits", None)  # what costs nothing is not counted
            entry.pop("lookUp", None)
            entry.pop("idempotencyHeader", None)
            entry["url"] = entry["url"].removesuffix("/api/v3")
        pictures = [{key: value for key, value in entry.items() if key != "lookUp"} for entry in entries]
        path.write_text(json.dumps({"chat": chat, "image": pictures, "video": entries}))
        settings = {"TROUPE_PROVIDER": "live", "TROUPE_PROVIDERS_FILE": path, "SECOND_KEY": "sk-second"}
        settings |= {"TROUPE_ASSETS": tmp_path / "assets", "TROUPE_RESULT_PRIVATE": "on"}
        settings |= {"TROUPE_REPEAT_AFTER": repeat_after}
        actor = Actor(role, broker.endpoint, **settings)
        actors.append(actor)
        broker.open()
        return actor

    yield start_actor
    for actor in actors:
        actor.close()


def image(broker, **options):
    return broker.start(kind="image", payload={}, **options)


def deny(broker, job, reason, retry_after_ms, **wanted):
    intent = broker.take("operation", job=job["job"], **wanted)
    denial = {key: intent[key] for key in ("job", "lease", "operation")}
    broker.send(("operation_denied", {**denial, "reason": reason or 0, "retry_after_ms": retry_after_ms}))


def test_a_hello_declares_whom_the_role_calls(broker, start):
    start("video", account="shared", limits={"perSecond": 2, "perMinute": 30})
    declared = [broker.take("provider") for _ in range(3)]
    assert [(one["name"], one.get("use")) for one in declared] == [("first", 0), ("first", 2), ("second", 2)]
    assert (declared[1]["account"], declared[1]["limit_second"], declared[1]["limit_minute"]) == ("shared", 2, 30)
    assert "account" not in declared[2]
    broker.never("provider")


def test_the_first_of_the_list_is_asked_and_its_success_is_told(broker, start, provider, second):
    start("image")
    job = image(broker)
    assert broker.take("operation", job=job["job"], state=OPERATION["intent"])["provider"] == "first"
    broker.send(("operation_ack", {"job": job["job"], "lease": 1, "operation": IMAGE, "state": 0}))
    assert broker.finish(job)["name"] == "done"
    report = broker.take("report")
    assert (report["provider"], report["successes"], report.get("failures")) == ("first", 1, None)
    assert (provider.count("image"), second.count("image")) == (1, 0)


NO_MODEL = {"error": {"code": "model_not_found", "message": "no such model"}}
NONSENSE = status(200, b"<html>Welcome</html>")


@pytest.mark.parametrize("answer, fault", [
    (status(500), "down"), (status(401), "credentials"), (status(402), "quota"), (status(429), "throttled"),
    (status(404, NO_MODEL), "down"), (status(400, NO_MODEL), "down"), (status(405, b"<html>"), "down"),
    (status(302, Location="http://127.0.0.1:1/"), "down")])
def test_the_next_of_the_list_is_asked_after_a_failure_that_uses_up_no_attempt(
    broker, start, provider, second, answer, fault
):
    start("image")
    provider.script["image"] = [answer]
    failed = broker.finish(image(broker))
    assert (failed["name"], failed["kind"]) == ("fail", FAIL["throttled"])
    report = broker.take("report")
    assert (report["provider"], report["failures"], report["fault"]) == ("first", 1, FAULT[fault])
    assert broker.finish(image(broker))["name"] == "done"
    assert (provider.count("image"), second.count("image")) == (1, 1)
    assert second.last("image")[2]["Authorization"] == "Bearer sk-second"


@pytest.mark.parametrize("answer, code", [
    (status(400, {"error": {"code": "content_policy_violation"}}), "content_policy"),
    (status(400), "provider_refused"), (status(422), "provider_refused")])
def test_a_failure_that_is_the_jobs_alone_asks_nobody_else(broker, start, provider, answer, code):
    start("image")
    provider.script["image"] = [answer]
    failed = broker.finish(image(broker))
    assert (failed["kind"], failed["code"]) == (FAIL["permanent"], code)
    assert broker.take("report").get("failures") is None


def test_what_makes_no_sense_is_told_of_its_provider_and_others_ask_the_next(broker, start, provider, second):
    start("image")
    provider.script["image"] = [NONSENSE]
    failed = broker.finish(image(broker))
    assert (failed["kind"], failed["code"]) == (FAIL["retry"], "provider_answer"), "it may have been paid for"
    report = broker.take("report")
    assert (report["provider"], report["failures"], report["fault"]) == ("first", 1, FAULT["down"])
    assert broker.finish(image(broker))["name"] == "done"
    assert (provider.count("image"), second.count("image")) == (1, 1)


@pytest.mark.parametrize("kind, end", [("image", "/v1"), ("video", "/api/v3")])
def test_an_address_as_vendors_show_it_is_called(broker, start, provider, tmp_path, kind, end):
    start(kind, url=provider.url + end)
    job = {"kind": kind, "payload": {}}
    if kind == "video":
        job |= {"payload": {"duration": 5}, "source": new_id(), "source_document": make_source(Directory(tmp_path))}
    assert broker.finish(broker.start(**job), 20)["name"] == "done"


@pytest.mark.parametrize("step", ["upload", "submit"])
def test_an_order_at_an_address_that_is_not_there_goes_to_the_next(broker, start, provider, second, tmp_path, step):
    start("video")
    video = {"kind": "video", "payload": {"duration": 5}, "source": new_id(),
             "source_document": make_source(Directory(tmp_path))}
    provider.script[step] = [status(404, b"<html>")]
    assert broker.finish(broker.start(**video))["kind"] == FAIL["throttled"]
    assert broker.finish(broker.start(**video), 20)["name"] == "done"
    assert (second.count("upload"), second.count("submit")) == (1, 1)


@pytest.mark.parametrize("answer, kind, code", [
    (status(404, NO_MODEL), "permanent", "provider_refused"), (status(302), "permanent", "provider_redirect"),
    (NONSENSE, "retry", "provider_answer")])
def test_where_there_is_one_provider_its_job_ends_as_ever(broker, start, provider, answer, kind, code):
    start("character")
    provider.script["chat"] = [answer]
    failed = broker.finish(broker.start())
    assert (failed["kind"], failed["code"]) == (FAIL[kind], code)


def test_what_may_have_been_paid_for_goes_to_nobody_else_at_once(broker, start, provider):
    start("image")
    provider.script["image"] = [close]
    failed = broker.finish(image(broker))
    assert (failed["kind"], failed["code"]) == (FAIL["retry"], "provider_broken")


@pytest.mark.parametrize("is_passed_over", [False, True])
def test_a_repetition_that_nobody_would_know_goes_to_who_can_make_it(broker, start, provider, second, is_passed_over):
    """Where the first was made nobody could tell either that it is the same: it costs as much at the next."""
    start("image")
    if is_passed_over:
        provider.script["image"] = [close]
        assert broker.finish(image(broker))["kind"] == FAIL["retry"]
    recorded = [{"operation": IMAGE, "state": OPERATION["unknown"], "provider": "first"}]
    job = image(broker, recorded=recorded, attempt=2)
    name = "second" if is_passed_over else "first"
    assert broker.acknowledge_operation(job, state=OPERATION["intent"])["provider"] == name
    assert broker.finish(job)["name"] == "done"
    assert (provider.count("image"), second.count("image")) == ((1, 1) if is_passed_over else (1, 0))


def test_a_repetition_that_meets_its_first_is_made_again_later_with_its_key(broker, start, provider, second):
    start("image", idempotencyHeader="Idempotency-Key", price=0.02, repeat_after=9)
    provider.script["image"] = [close, status(409, Retry_After="7"), status(409)]
    job = image(broker, lease=4)
    assert broker.finish(job)["code"] == "provider_broken"
    key = provider.last("image")[2]["Idempotency-Key"]
    recorded = [{"operation": IMAGE, "state": OPERATION["unknown"], "provider": "first", "lease": 4, "price": 20000}]
    for lease, wait_ms in (5, 7000), (6, 9000):
        values, records = broker.job(kind="image", payload={}, job=job["job"], lease=lease, recorded=recorded)
        broker.send(*records)
        intent = broker.acknowledge_operation(values, state=OPERATION["intent"])
        assert (intent["call"], intent.get("price", 0)) == (4, 0)
        assert broker.acknowledge_operation(values, state=OPERATION["refused"])["charged"] == NOT_CHARGED
        failed = broker.finish(values)
        assert (failed["kind"], failed["code"]) == (FAIL["retry"], "provider_conflict")
        assert failed["retry_after_ms"] == wait_ms
        refused = {"operation": IMAGE + 1, "state": OPERATION["refused"], "provider": "first", "lease": lease,
                   "call": 4}
        recorded = [recorded[0], refused]
    values, records = broker.job(kind="image", payload={}, job=job["job"], lease=7, recorded=recorded)
    broker.send(*records)
    assert broker.finish(values)["name"] == "done"
    assert [entry[2]["Idempotency-Key"] for entry in provider.requests] == [key] * 4
    assert second.count("image") == 0


def test_a_conflict_of_what_repeats_nothing_may_be_charged(broker, start, provider):
    start("image", idempotencyHeader="Idempotency-Key")
    provider.script["image"] = [status(409)]
    job = image(broker)
    broker.acknowledge_operation(job, state=OPERATION["intent"])
    assert "charged" not in broker.acknowledge_operation(job, state=OPERATION["unknown"])
    assert broker.finish(job)["kind"] == FAIL["retry"]


@pytest.mark.parametrize("answer", [502, 504, 520, 524, 600])
def test_what_a_gateway_between_says_goes_to_nobody_else_at_once(broker, start, provider, second, answer):
    start("image")
    provider.script["image"] = [status(answer)]
    job = image(broker)
    broker.acknowledge_operation(job, state=OPERATION["intent"])
    assert "charged" not in broker.acknowledge_operation(job, state=OPERATION["unknown"]), "nobody knows"
    assert broker.finish(job)["kind"] == FAIL["retry"]
    assert second.count("image") == 0


@pytest.mark.parametrize("answer", [close, cut(b" " * 1000), status(408), status(502), status(504), NONSENSE])
def test_a_chat_without_a_price_is_no_paid_call_and_the_next_is_asked(broker, start, provider, second, answer):
    start("character", chats=2)
    provider.script["chat"] = [answer]
    failed = broker.finish(broker.start())
    assert (failed["name"], failed["kind"]) == ("fail", FAIL["throttled"])
    assert broker.finish(broker.start())["name"] == "done"
    assert (provider.count("chat"), second.count("chat"), provider.count("image")) == (1, 1, 1)


@pytest.mark.parametrize("reason, code", [(LIMITED, "provider_limited"), (DOWN, "provider_down")])
def test_a_denied_call_is_not_made_and_the_next_of_the_list_is_asked(broker, start, provider, second, reason, code):
    start("image")
    job = image(broker)
    deny(broker, job, reason, 5000)
    failed = broker.finish(job)
    assert (failed["kind"], failed["code"], failed.get("retry_after_ms")) == (FAIL["throttled"], code, None)
    job = image(broker)
    deny(broker, job, reason, 7000, provider="second")  # and when it is denied, too, who is back first says when
    failed = broker.finish(job)
    assert failed["retry_after_ms"] == 7000
    assert (provider.count("image"), second.count("image")) == (0, 0)


def test_a_chat_with_a_price_is_counted_and_denied_like_other_calls(broker, start, provider):
    start("character", price=0.001, limits={"perMinute": 1})
    declared = broker.take("provider")
    assert (declared.get("use"), declared["price"], declared["limit_minute"]) == (0, 1000, 1)
    job = broker.start(kind="character", payload={"name": "Mira"})
    deny(broker, job, LIMITED, 5000, provider="first")
    failed = broker.finish(job)
    assert (failed["kind"], failed["code"], failed["retry_after_ms"]) == (FAIL["throttled"], "provider_limited", 5000)
    assert provider.count("chat") == 0


def test_a_denied_intent_that_may_be_on_record_is_taken_back(broker, start, provider):
    start("image")
    job = image(broker)
    broker.take("operation", job=job["job"])
    broker.stop()
    broker.bind()
    broker.open(session=2)
    deny(broker, job, DOWN, 5000)
    taken_back = broker.acknowledge_operation(job, state=OPERATION["refused"])
    assert taken_back["charged"] == NOT_CHARGED
    assert broker.finish(job)["code"] == "provider_down"
    assert provider.count("image") == 0


def test_a_task_is_resumed_where_it_was_ordered(broker, start, provider, second, tmp_path):
    start("video")
    recorded = [{"operation": VIDEO, "state": OPERATION["submitted"], "provider": "second", "task": "task-9"}]
    source = make_source(Directory(tmp_path))
    job = broker.start(
        kind="video", payload={"duration": 5}, source=new_id(), source_document=source, recorded=recorded
    )
    assert broker.finish(job, 20)["name"] == "done"
    assert (provider.count("submit"), second.count("submit")) == (0, 0)
    assert (provider.count("poll"), second.count("poll")) == (0, 1)


@pytest.mark.parametrize("answer", [status(503), status(502), close], ids=["503", "502", "close"])
def test_a_video_is_ordered_where_its_picture_was_given(broker, start, provider, second, tmp_path, answer):
    start("video")
    source = make_source(Directory(tmp_path))
    video = {"kind": "video", "payload": {"duration": 5}, "source": new_id(), "source_document": source}
    provider.script["upload"] = [answer] * 5  # libcurl asks again when a kept connection is closed
    assert broker.finish(broker.start(**video))["kind"] == FAIL["throttled"]
    assert broker.finish(broker.start(**video), 20)["name"] == "done"
    assert (second.count("upload"), second.count("submit"), provider.count("submit")) == (1, 1, 0)


def test_a_call_and_its_repetition_have_one_idempotency_key(broker, start, provider, second):
    start("image", idempotencyHeader="Idempotency-Key")
    provider.script["image"] = [close]
    job = image(broker, lease=4)
    assert broker.finish(job)["code"] == "provider_broken"
    key = provider.last("image")[2]["Idempotency-Key"]
    recorded = [{"operation": IMAGE, "state": OPERATION["unknown"], "provider": "first", "lease": 4}]
    values, records = broker.job(kind="image", payload={}, job=job["job"], lease=5, recorded=recorded)
    broker.send(*records)
    assert broker.finish(values)["name"] == "done"  # by the first, though it is passed over: its key makes it safe
    assert provider.last("image")[2]["Idempotency-Key"] == key
    assert (provider.count("image"), second.count("image")) == (2, 0)
    job = image(broker)
    assert broker.finish(job)["name"] == "done"
    assert all(entry[2].get("Idempotency-Key") != key for entry in provider.requests[2:])


def test_a_repetition_that_its_provider_knows_is_paid_for_with_its_call(broker, start, provider):
    start("image", idempotencyHeader="Idempotency-Key", price=0.02)
    provider.script["image"] = [close]
    job = image(broker, lease=4)
    assert broker.acknowledge_operation(job, state=OPERATION["intent"])["price"] == 20000
    assert broker.finish(job)["code"] == "provider_broken"
    recorded = [{"operation": IMAGE, "state": OPERATION["unknown"], "provider": "first", "lease": 4, "price": 20000}]
    values, records = broker.job(kind="image", payload={}, job=job["job"], lease=5, recorded=recorded)
    broker.send(*records)
    intent = broker.acknowledge_operation(values, state=OPERATION["intent"])
    assert intent["repeats"] and intent.get("price", 0) == 0
    done = broker.finish(values)
    assert done["name"] == "done" and done.get("price", 0) == 0
    assert provider.count("image") == 2


def test_a_repetition_that_nobody_knows_has_its_own_price(broker, start, provider):
    start("image", price=0.02)
    recorded = [{"operation": IMAGE, "state": OPERATION["unknown"], "provider": "first", "lease": 4, "price": 20000}]
    values, records = broker.job(kind="image", payload={}, lease=5, recorded=recorded)
    broker.send(*records)
    intent = broker.acknowledge_operation(values, state=OPERATION["intent"])
    assert intent["repeats"] and intent["price"] == 20000
    assert broker.finish(values)["price"] == 20000


def bound_image(broker):
    """One whose first call, by the first of the list, has an unknown outcome."""
    recorded = [{"operation": IMAGE, "state": OPERATION["unknown"], "provider": "first", "lease": 1}]
    return image(broker, recorded=recorded)


@pytest.mark.parametrize("answer, kind, code", [
    (500, "retry", "provider_error"), (503, "throttled", "provider_error"), (429, "throttled", "provider_throttled"),
    (401, "permanent", "provider_credentials")])
def test_who_may_call_nobody_else_is_told_what_that_one_says(broker, start, provider, second, answer, kind, code):
    start("image", idempotencyHeader="Idempotency-Key")
    provider.script["image"] = [status(answer, Retry_After="7")]
    failed = broker.finish(bound_image(broker))
    assert (failed["kind"], failed["code"], failed["retry_after_ms"]) == (FAIL[kind], code, 7000)
    assert (provider.count("image"), second.count("image")) == (1, 0)


def test_who_may_call_nobody_else_waits_as_long_as_the_broker_says(broker, start, provider, second):
    start("image", idempotencyHeader="Idempotency-Key")
    job = bound_image(broker)
    deny(broker, job, DOWN, 5000)
    failed = broker.finish(job)
    assert (failed["kind"], failed["code"], failed["retry_after_ms"]) == (FAIL["throttled"], "provider_down", 5000)
    assert (provider.count("image"), second.count("image")) == (0, 0)


def test_prices_are_declared_announced_and_told_with_the_result(broker, start):
    start("image", price=0.02)
    assert broker.take("provider")["price"] == 20000
    job = image(broker)
    assert broker.acknowledge_operation(job, state=OPERATION["intent"])["price"] == 20000
    done = broker.finish(job)
    assert done["name"] == "done" and done["price"] == 20000


def test_the_key_outlives_who_dies_between_marking_a_call_and_repeating_it(broker, start, provider):
    start("image", idempotencyHeader="Idempotency-Key")
    provider.script["image"] = [close]
    job = image(broker, lease=4)
    assert broker.finish(job)["code"] == "provider_broken"
    key = provider.last("image")[2]["Idempotency-Key"]
    recorded = {"operation": IMAGE, "state": 0, "provider": "first", "lease": 4}
    values, records = broker.job(kind="image", payload={}, job=job["job"], lease=5, recorded=[recorded])
    broker.send(*records)
    marked = broker.take("operation", job=job["job"], state=OPERATION["unknown"])
    assert (marked["lease"], marked["call"]) == (5, 4)
    # It is lost before the repetition; the third knows the call by its first lease.
    broker.send(("cancel", {"job": job["job"], "lease": 5}))
    broker.acknowledge(broker.take("fail", job=job["job"], lease=5))
    recorded = {key: marked[key] for key in ("operation", "state", "provider", "lease", "call")}
    values, records = broker.job(kind="image", payload={}, job=job["job"], lease=6, recorded=[recorded])
    broker.send(*records)
    intent = broker.acknowledge_operation(values, state=OPERATION["intent"])
    assert intent["call"] == 4 and intent["repeats"]
    assert broker.finish(values)["name"] == "done"
    assert provider.last("image")[2]["Idempotency-Key"] == key


def film_of_unknown_outcome(broker, store, states=("unknown",), **options):
    recorded = [{"operation": VIDEO + index, "state": OPERATION[state], "provider": "first", "lease": 1}
                for index, state in enumerate(states)]
    return broker.start(kind="video", payload={"duration": 5}, source=new_id(), source_document=make_source(store),
                        recorded=recorded, **options)


@pytest.mark.parametrize("states", [["unknown"], ["unknown", "unknown"]], ids=["one", "two"])
@pytest.mark.parametrize("answer", [status(503), close, cut(b" " * 1000), status(200, b"<html>"),
                                    status(200, {"data": {"items": None}})],
                         ids=["503", "close", "cut", "html", "none"])
def test_a_list_that_cannot_be_read_leaves_the_order_unknown(broker, start, provider, tmp_path, states, answer):
    start("video", lookUp=True)
    provider.script["look_up"] = [answer] * 5
    job = film_of_unknown_outcome(broker, Directory(tmp_path), states)
    failed = broker.finish(job)
    assert (failed["name"], failed["kind"]) == ("fail", FAIL["retry"])
    assert provider.count("look_up") >= 1 and provider.count("submit") == 0, "nothing is ordered"
    broker.never("operation", job=job["job"])


def test_a_second_order_of_unknown_outcome_is_looked_for_before_it_is_given_up(broker, start, provider, tmp_path):
    start("video", lookUp=True)
    provider.script["look_up"] = [status(200, {"data": {"items": []}})]
    provider.script["submit"] = [close]
    failed = broker.finish(film_of_unknown_outcome(broker, Directory(tmp_path)))
    assert (failed["kind"], failed["code"]) == (FAIL["retry"], "provider_broken"), "the next attempt looks for it"


@pytest.mark.parametrize(
    "text, words",
    [
        ("{", "is no JSON object"),
        ('{"image": [{"name": "a", "url": "http://a", "model": "m", "key": "sk-1"}]}', "keys do not stand here"),
        ('{"chat": [{"name": "a", "url": "http://a", "model": "m", "idempotencyHeader": "K"}]}', "no chat sends it"),
        ('{"chat": []}', "names nobody"),
        ('{"image": [{"name": "a", "url": "http://a", "model": "m", "api": "x"}]}', "must be openai (chat, image)"),
        ('{"video": [{"name": "a", "url": "http://a", "model": "m", "api": "openai"}]}', "must be openai (chat,"),
        ('{"chat": [{"name": "a", "url": "http://a", "model": "m", "api": "wavespeed"}]}', "(image, video)"),
        ('{"image": [{"name": "a", "url": "http://a", "model": "m", "lookUp": true}]}', "the API of WaveSpeed only"),
        ('{"image": [{"name": "a", "url": "http://a", "model": "m", "allowNsfw": true}]}', "marks nothing"),
        ('{"video": [{"name": "a", "url": "http://a", "model": "m", "allowNsfw": 1}]}', "must be true or false"),
        ('{"video": [{"name": "a", "url": "http://a", "model": "m", "chargesCancelled": 1}]}', "must be true or false"),
        ('{"image": [{"name": "a", "url": "http://a", "model": "m", "chargesCancelled": true}]}', "drops nothing"),
    ],
)
def test_a_bad_file_is_refused_in_words(tmp_path, text, words):
    path = tmp_path / "providers.json"
    path.write_text(text)
    settings = {"TROUPE_ACTOR_ENDPOINT": f"ipc://{tmp_path}/none", "TROUPE_PROVIDER": "live"}
    settings |= {"TROUPE_PROVIDERS_FILE": str(path), "TROUPE_ASSETS": str(tmp_path)}
    ended = subprocess.run([PROGRAMS / "troupe-actor-image"], env=settings, capture_output=True, text=True, timeout=10)
    assert ended.returncode == 2 and words in ended.stderr
    assert "sk-1" not in ended.stderr
