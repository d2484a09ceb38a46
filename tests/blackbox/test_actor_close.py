"""How an attempt ends that made nothing: what is wanted no longer is stopped at the provider, and what became of it is
on record before the attempt's end is told. Against a fake provider and a fake broker."""

import json
import signal
import threading
import time

import pytest
from fake_broker import FAIL, OPERATION, SECONDS, Span, Timeout
from fake_provider import close, status
from test_actor_roles import IMAGE, VIDEO, broker, provider, start, start_video, store, wait_until  # noqa: F401

CHARGE = {"unknown": None, "yes": 1, "no": 2}  # 0 is not sent
STATES = ("intent", "submitted", "finished", "unknown", "refused", "cancelled", "abandoned")
INTENT, SUBMITTED, FINISHED, UNKNOWN, REFUSED, CANCELLED, ABANDONED = (OPERATION[name] for name in STATES)
TASK = [{"operation": VIDEO, "state": SUBMITTED, "provider": "studio", "task": "task-77"}]


def cancel(broker, job):
    broker.send(("cancel", {"job": job["job"], "lease": 1}))


def expect(broker, job, state, charged="unknown"):
    """The record that comes before the end; acknowledged."""
    operation = broker.acknowledge_operation(job, state=state)
    assert operation.get("charged") == CHARGE[charged], operation
    return operation


def running_video(broker, provider, store):
    provider.script["poll"] = [provider.running] * 1000
    job = start_video(broker, store)
    broker.acknowledge_operation(job, state=INTENT)
    broker.acknowledge_operation(job, state=SUBMITTED)
    wait_until(lambda: provider.count("poll") >= 1)
    return job


def test_a_cancelled_video_is_stopped_at_its_provider_and_that_is_on_record_first(broker, start, provider, store):
    start("video")
    job = running_video(broker, provider, store)
    cancel(broker, job)
    assert json.loads(provider_was_told(provider)) == {"ids": ["task-1"]}
    record = broker.take("operation", state=CANCELLED)
    assert (record["operation"], record["task"]) == (VIDEO, "task-1")
    broker.never("fail")
    broker.send(("operation_ack", {key: record[key] for key in ("job", "lease", "operation", "state")}))
    assert broker.take("fail")["kind"] == FAIL["cancelled"]


def test_a_cancel_is_carried_out_though_the_lease_ends_meanwhile(broker, start, provider, store):
    """As when the broker ends a job at once: what is told of it counts no more, and the provider is told as well."""
    start("video")
    job = running_video(broker, provider, store)
    dropped = status(200, {"code": 200, "data": {"deleted_count": 1}})
    provider.script["cancel"] = [lambda handler: (provider.stopping.wait(0.5), dropped(handler))]
    cancel(broker, job)
    broker.send(("ack", {"job": job["job"], "lease": 1}))
    provider_was_told(provider)
    broker.take("operation", state=CANCELLED)
    broker.send(("ack", {"job": job["job"], "lease": 1}))
    assert broker.take("fail")["kind"] == FAIL["cancelled"]


def test_an_order_whose_task_id_is_refused_stays_of_unknown_outcome(broker, start, provider, store):
    start("video")
    provider.script["submit"] = [status(200, {"data": {"id": 'a/b"],"x":["'}})]
    job = start_video(broker, store)
    expect(broker, job, INTENT)
    broker.take("operation", state=UNKNOWN)
    cancel(broker, job)
    expect(broker, job, UNKNOWN)
    assert broker.take("fail")["kind"] == FAIL["cancelled"]
    assert provider.count("cancel") == provider.count("poll") == 0


@pytest.mark.parametrize("is_last", [None, True])
def test_a_recorded_task_id_that_is_none_is_not_asked_for(broker, start, provider, store, is_last):
    start("video")
    job = start_video(broker, store, recorded=[dict(TASK[0], task='a/b"],"x":["')], is_last=is_last)
    expect(broker, job, UNKNOWN)
    assert broker.finish(job)["code"] == "provider_task_lost"
    assert provider.count("submit") == provider.count("cancel") == provider.count("poll") == 0


def provider_was_told(provider):
    wait_until(lambda: provider.count("cancel") == 1)
    return provider.last("cancel")[3]


def nothing_dropped(handler):
    handler.answer(200, {"code": 200, "data": {"deleted_count": 0}})


@pytest.mark.parametrize("answer", ["401", "500", "none", "hangs"])
def test_a_task_that_its_provider_does_not_stop_stays_for_who_tries_again(broker, start, provider, store, answer):
    start("video")
    job = running_video(broker, provider, store)
    answers = {"hangs": provider.hang, "none": nothing_dropped}
    provider.script["cancel"] = [answers[answer] if answer in answers else status(int(answer))] * 9
    begin = time.monotonic()
    cancel(broker, job)
    assert broker.take("fail")["kind"] == FAIL["cancelled"]
    assert time.monotonic() - begin < 5, "before the broker ends it"
    broker.never("operation")
    assert (provider.count("cancel") > 1) == (answer == "500")
    provider.script["poll"] = []
    assert broker.finish(start_video(broker, store, recorded=[dict(TASK[0], task="task-1")]))["name"] == "done"
    assert provider.count("submit") == 1


def test_a_provider_that_does_not_work_just_now_is_asked_again_to_drop_a_task(broker, start, provider, store):
    start("video")
    job = running_video(broker, provider, store)
    provider.script["cancel"] = [status(500), close, status(429)]
    cancel(broker, job)
    expect(broker, job, CANCELLED)
    assert broker.take("fail")["kind"] == FAIL["cancelled"]
    assert provider.count("cancel") == 4


@pytest.mark.parametrize("code, state", [(503, CANCELLED), (5000, CANCELLED), (401, None), (404, ABANDONED)])
def test_an_answer_of_200_may_refuse_to_drop_a_task(broker, start, provider, store, code, state):
    start("video")
    job = running_video(broker, provider, store)
    provider.script["cancel"] = [status(200, {"code": code, "message": "no"})]
    cancel(broker, job)
    if state is not None:
        expect(broker, job, state)
    assert broker.take("fail")["kind"] == FAIL["cancelled"]
    broker.never("operation")
    assert provider.count("cancel") == (2 if state == CANCELLED else 1)


def test_a_worker_that_stands_still_during_a_cancel_goes_on(broker, start, provider, store):
    """When it wakes up there is no time left to ask the provider again."""
    actor = start("video")
    job = running_video(broker, provider, store)
    provider.script["cancel"] = [status(500)] * 9
    cancel(broker, job)
    wait_until(lambda: provider.count("cancel") == 1)
    actor.signal(signal.SIGSTOP)
    wait_until_passed(time.monotonic() + 3.3)
    actor.signal(signal.SIGCONT)
    assert broker.take("fail")["kind"] == FAIL["cancelled"]
    assert actor.process.poll() is None


def test_a_task_that_its_provider_does_not_know_is_written_off(broker, start, provider, store):
    start("video")
    job = running_video(broker, provider, store)
    provider.script["cancel"] = [status(404)]
    cancel(broker, job)
    expect(broker, job, ABANDONED)
    assert broker.take("fail")["kind"] == FAIL["cancelled"]


def test_a_key_that_is_wrong_for_a_while_does_not_order_a_second_video(broker, start, provider, store):
    start("video")
    provider.script.update(poll=[status(401)], cancel=[status(401)])
    fail = broker.finish(start_video(broker, store, recorded=TASK))
    assert (fail["kind"], fail["code"]) == (FAIL["permanent"], "provider_credentials")
    assert broker.finish(start_video(broker, store, recorded=TASK))["name"] == "done"
    assert provider.count("submit") == 0


def test_a_cancel_whose_record_is_never_acknowledged_ends_in_time(broker, start, provider, store):
    start("video")
    job = running_video(broker, provider, store)
    begin = time.monotonic()
    cancel(broker, job)
    cancel(broker, job)
    assert broker.take("fail")["kind"] == FAIL["cancelled"]
    assert time.monotonic() - begin < 8
    broker.never("fail")


def test_a_record_that_was_lost_with_its_session_is_told_again_before_the_end(broker, start, provider, store):
    start("video")
    job = running_video(broker, provider, store)
    cancel(broker, job)
    broker.take("operation", state=CANCELLED)  # nobody acknowledges it
    assert broker.take("fail")["kind"] == FAIL["cancelled"]
    broker.stop()  # and neither was heard
    broker.bind()
    _, held = broker.open(session=2)
    assert held == [(job["job"], 1)]
    told = []
    while "fail" not in told:
        assert broker.pump(5), told
        told = [name for _, name, _ in broker.heard if name in ("operation", "fail")]
    assert told == ["operation", "fail"]
    assert broker.take("operation", state=CANCELLED)["task"] == "task-1"


@pytest.mark.alone
def test_a_transfer_is_aborted_at_once_and_its_outcome_is_unknown(broker, start, provider):
    actor = start("image")
    provider.script["image"] = [provider.hang]
    job = broker.start(kind="image", payload={})
    broker.acknowledge_operation(job, state=INTENT)
    wait_until(lambda: provider.count("image") == 1)
    span = Span(actor.process.pid)
    cancel(broker, job)
    assert expect(broker, job, UNKNOWN)["operation"] == IMAGE
    assert broker.take("fail")["kind"] == FAIL["cancelled"]
    assert span.seconds() < 0.1


def test_an_intent_that_nothing_followed_costs_nothing(broker, start, provider):
    start("image")
    job = broker.start(kind="image", payload={})
    broker.take("operation", state=INTENT)  # not acknowledged
    cancel(broker, job)
    expect(broker, job, REFUSED, "no")
    assert broker.take("fail")["kind"] == FAIL["cancelled"] and provider.count("image") == 0


def test_a_finished_video_is_kept_for_who_tries_again(broker, start, provider, store):
    start("video")
    provider.script["download"] = [provider.hang]
    job = start_video(broker, store)
    broker.acknowledge_operation(job, state=INTENT)
    broker.acknowledge_operation(job, state=SUBMITTED)
    wait_until(lambda: provider.count("download") == 1)
    cancel(broker, job)
    assert expect(broker, job, FINISHED, "yes")["task"] == "task-1"
    assert broker.take("fail")["kind"] == FAIL["cancelled"] and provider.count("cancel") == 0
    recorded = [{"operation": VIDEO, "state": FINISHED, "provider": "studio", "task": "task-1"}]
    assert broker.finish(start_video(broker, store, recorded=recorded))["name"] == "done"
    assert provider.count("submit") == 1


def test_a_video_that_was_made_since_the_last_poll_is_kept_too(broker, start, provider, store):
    start("video")
    job = running_video(broker, provider, store)
    provider.script["poll"] = []
    cancel(broker, job)
    assert expect(broker, job, FINISHED, "yes")["task"] == "task-1"
    assert broker.take("fail")["kind"] == FAIL["cancelled"] and provider.count("cancel") == 0


def test_a_task_that_failed_since_the_last_poll_costs_nothing(broker, start, provider, store):
    start("video")
    job = running_video(broker, provider, store)
    provider.script["poll"] = [status(200, {"code": 200, "data": {"status": "failed", "error": "out of memory"}})]
    cancel(broker, job)
    assert expect(broker, job, REFUSED, "no")["task"] == "task-1"
    assert broker.take("fail")["kind"] == FAIL["cancelled"] and provider.count("cancel") == 0


@pytest.mark.parametrize("answer", ["500", "hangs"])
def test_a_task_that_cannot_be_looked_at_is_dropped_all_the_same(broker, start, provider, store, answer):
    start("video")
    job = running_video(broker, provider, store)
    provider.script["poll"] = [provider.hang if answer == "hangs" else status(500)]
    begin = time.monotonic()
    cancel(broker, job)
    expect(broker, job, CANCELLED)
    assert broker.take("fail")["kind"] == FAIL["cancelled"] and provider.count("cancel") == 1
    assert time.monotonic() - begin < 2.8, "not all the time that there is before its record"


@pytest.mark.parametrize("state", ["cancelled", "abandoned"])
def test_a_task_that_was_stopped_is_ordered_anew(broker, start, provider, store, state):
    start("video")
    recorded = [dict(TASK[0], state=OPERATION[state])]
    job = start_video(broker, store, recorded=recorded)
    intent = broker.acknowledge_operation(job, state=INTENT)
    assert intent["operation"] == VIDEO and not intent.get("repeats")
    assert broker.finish(job)["name"] == "done" and provider.count("submit") == 1


def test_a_timed_out_attempt_leaves_its_task_to_the_next_which_does_not(broker, start, provider, store):
    start("video")
    provider.script["poll"] = [provider.running] * 1000
    job = start_video(broker, store, timeout_ms=1000)  # in which it comes as far as this
    broker.acknowledge_operation(job, state=INTENT)
    broker.acknowledge_operation(job, state=SUBMITTED)
    assert broker.take("fail", job=job["job"])["code"] == "timeout" and provider.count("cancel") == 0
    recorded = [dict(TASK[0], task="task-1")]
    again = start_video(broker, store, timeout_ms=400, attempt=2, recorded=recorded)
    assert expect(broker, again, CANCELLED)["task"] == "task-1"
    fail = broker.take("fail", job=again["job"])
    assert (fail["kind"], fail["code"]) == (FAIL["retry"], "timeout") and provider.count("cancel") == 1


def test_a_first_attempt_that_was_handed_on_leaves_its_task_to_the_second(broker, start, provider, store):
    """Its worker was drained, or lost: no attempt has run out of time before."""
    start("video")
    provider.script["poll"] = [provider.running] * 1000
    job = start_video(broker, store, timeout_ms=400, attempt=1, lease=2, recorded=TASK)
    assert broker.take("fail", job=job["job"])["code"] == "timeout" and provider.count("cancel") == 0


def test_the_last_attempt_leaves_no_task_behind(broker, start, provider, store):
    start("video")
    provider.script["poll"] = [provider.running] * 1000
    last = start_video(broker, store, recorded=TASK, attempt=1, is_last=True, timeout_ms=400)
    assert expect(broker, last, CANCELLED)["task"] == "task-77"
    assert broker.take("fail")["kind"] == FAIL["retry"] and provider.count("cancel") == 1


def test_a_worker_that_may_have_lost_its_lease_leaves_the_task_to_who_has_it(broker, start, provider, store):
    """Nothing was heard of the broker for so long that another one may be polling it."""
    broker.lease_ms = 1000
    start("video")
    provider.script["poll"] = [provider.running] * 1000
    start_video(broker, store, recorded=TASK, attempt=2, is_last=True, timeout_ms=2500)
    wait_until(lambda: provider.count("poll") >= 1)
    assert broker.take("fail", seconds=10)["code"] == "timeout" and provider.count("cancel") == 0


def wait_until_paid_calls_are_all(broker):
    """Until the actor has seen its signal, and there is no time for the rest: what comes is handed back. What comes
    before that fails at once."""
    handed_back = 0
    while handed_back < 2:
        job = broker.start(kind="image", payload={}, character_document=b"{")
        if end_of(broker, job) == "fail":
            broker.acknowledge(job)
        else:
            handed_back += 1


def end_of(broker, job):
    """Takes whichever of the two ends comes, and returns its name."""
    while True:
        for name in "fail", "release":
            if any(heard == name and fields["job"] == job["job"] for _, heard, fields in broker.heard):
                broker.take(name, job=job["job"])
                return name
        assert broker.pump(SECONDS), "neither came"


def stop_during(actor, broker, provider, job, call):
    """Ends the actor while it awaits the first answer to a call, for which it is seen to wait."""
    wait_until(lambda: provider.count(call) == 1)
    actor.signal()
    with pytest.raises(Timeout):
        broker.take("release", 1, job=job["job"])


def test_a_stop_waits_for_a_paid_call_that_would_be_made_again(broker, start, provider, store):
    """Who got the picture's job would have it drawn, and pay for it, again."""
    actor = start("image", TROUPE_GRACE_MS=200, TROUPE_PAID_GRACE_MS=60000)
    drawn = threading.Event()
    provider.script["image"] = [lambda handler: (drawn.wait(60), provider.image(handler))]
    job = broker.start(kind="image", payload={})
    broker.acknowledge_operation(job, state=INTENT)
    stop_during(actor, broker, provider, job, "image")
    drawn.set()
    assert broker.finish(job)["name"] == "done"
    broker.take("bye")
    assert actor.wait() == 0 and provider.count("image") == 1


def test_a_stop_waits_for_an_order_until_its_task_is_on_record(broker, start, provider, store):
    """From there another worker goes on with it."""
    actor = start("video", TROUPE_GRACE_MS=200, TROUPE_PAID_GRACE_MS=60000)
    ordered = threading.Event()
    provider.script["submit"] = [lambda handler: (ordered.wait(60), provider.submit(handler))]
    job = start_video(broker, store)
    broker.acknowledge_operation(job, state=INTENT)
    stop_during(actor, broker, provider, job, "submit")
    ordered.set()
    assert broker.take("operation", job=job["job"], state=SUBMITTED)["task"] == "task-1"
    with pytest.raises(Timeout):
        broker.take("release", 0.5, job=job["job"])
    broker.send(("operation_ack", {"job": job["job"], "lease": 1, "operation": VIDEO, "state": SUBMITTED}))
    broker.take("release", job=job["job"])
    broker.take("bye")
    assert actor.wait() == 0


def test_a_paid_call_that_a_stop_has_waited_for_is_refused_for_good(broker, start, provider, store):
    """Handed back, it would be made again by the next worker."""
    actor = start("image", TROUPE_GRACE_MS=0, TROUPE_PAID_GRACE_MS=60000)
    drawn = threading.Event()
    refusal = status(400, {"error": {"code": "content_policy_violation", "message": "no"}})
    provider.script["image"] = [lambda handler: (drawn.wait(60), refusal(handler))]
    job = broker.start(kind="image", payload={})
    broker.acknowledge_operation(job, state=INTENT)
    wait_until(lambda: provider.count("image") == 1)
    actor.signal()
    wait_until_paid_calls_are_all(broker)
    drawn.set()
    expect(broker, job, REFUSED, "no")
    assert broker.take("fail", job=job["job"])["kind"] == FAIL["permanent"]
    broker.send(("ack", {"job": job["job"], "lease": 1}))
    broker.take("bye")
    assert actor.wait() == 0


@pytest.mark.parametrize("how", ["time", "signal"])
def test_a_paid_call_is_waited_for_no_longer_than_that(broker, start, provider, store, how):
    actor = start("image", TROUPE_GRACE_MS=0, TROUPE_PAID_GRACE_MS=500 if how == "time" else 60000)
    provider.script["image"] = [provider.hang]
    job = broker.start(kind="image", payload={})
    broker.acknowledge_operation(job, state=INTENT)
    wait_until(lambda: provider.count("image") == 1)
    actor.signal()
    if how == "signal":
        wait_until_paid_calls_are_all(broker)
        actor.signal()
    broker.take("release", job=job["job"])
    broker.take("bye")
    assert actor.wait() == 0


@pytest.mark.parametrize("answer", ["500", "nonsense", "unreachable"])
def test_a_last_attempt_that_meets_an_outage_leaves_its_task_to_the_broker(broker, start, provider, store, answer):
    """Only the broker knows whether others meet it too: the job goes on then, and would pay for another one."""
    start("video")
    answers = {"500": status(500), "nonsense": status(200, "<html>"), "unreachable": close}
    provider.script["poll"] = [answers[answer]] * 1000
    fail = broker.finish(start_video(broker, store, recorded=TASK, attempt=3, is_last=True))
    assert fail["kind"] == FAIL["retry"] and provider.count("cancel") == 0


def test_a_repeated_call_is_marked(broker, start, provider):
    start("image")
    recorded = [{"operation": IMAGE, "state": UNKNOWN, "provider": "studio"}]
    job = broker.start(kind="image", payload={}, recorded=recorded, attempt=2)
    assert broker.acknowledge_operation(job, operation=IMAGE + 1, state=INTENT)["repeats"] is True
    assert broker.finish(job)["name"] == "done"


def live_settings(provider):
    settings = {"TROUPE_PROVIDER": "live"}
    for name in "CHAT", "IMAGE", "VIDEO":
        settings.update({f"TROUPE_{name}_URL": provider.url, f"TROUPE_{name}_MODEL": "m"})
    return settings


@pytest.mark.parametrize("seconds_ago, waits", [(0, True), (5, False)])
def test_a_hosted_call_is_repeated_after_a_while_only(broker, start, provider, seconds_ago, waits):
    start("image", TROUPE_REPEAT_AFTER=1, **live_settings(provider))
    host = provider.url.split("://")[1]
    at = int(time.time() * 1000) - seconds_ago * 1000
    job = broker.start(kind="image", payload={}, attempt=2,
                       recorded=[{"operation": IMAGE, "state": UNKNOWN, "provider": host, "at": at}])
    assert broker.acknowledge_operation(job, state=INTENT)["repeats"] is True
    assert not waits or time.time() * 1000 >= at + 1000
    assert broker.finish(job)["name"] == "done"


def test_the_wait_for_a_repetition_is_bounded_when_the_first_hosts_clock_is_ahead(broker, start, provider):
    start("image", TROUPE_REPEAT_AFTER=1, **live_settings(provider))
    recorded = [{"operation": IMAGE, "state": UNKNOWN, "provider": provider.url.split("://")[1],
                 "at": int(time.time() * 1000) + 3600 * 1000}]
    job = broker.start(kind="image", payload={}, attempt=2, recorded=recorded)
    assert broker.acknowledge_operation(job, state=INTENT)["repeats"] is True
    assert broker.finish(job)["name"] == "done"


def test_a_cancel_ends_the_wait_for_a_repetition(broker, start, provider):
    start("image", TROUPE_REPEAT_AFTER=60, **live_settings(provider))
    recorded = [{"operation": IMAGE, "state": INTENT, "provider": provider.url.split("://")[1],
                 "at": int(time.time() * 1000)}]
    job = broker.start(kind="image", payload={}, attempt=2, recorded=recorded)
    expect(broker, job, UNKNOWN)  # the lost attempt's
    cancel(broker, job)
    assert broker.take("fail")["kind"] == FAIL["cancelled"] and provider.count("image") == 0


def test_a_paid_picture_that_cannot_be_stored_is_not_paid_for_three_times(broker, start, provider, store):
    start("image")
    job = broker.start(kind="image", payload={}, timeout_ms=7000)
    broker.take("operation", state=INTENT)
    store.refuse_all()
    intent = {"job": job["job"], "lease": 1, "operation": IMAGE, "state": INTENT}
    broker.send(("operation_ack", intent))
    expect(broker, job, UNKNOWN, "yes")
    assert broker.take("fail")["code"] == "asset_store"


def test_a_task_that_the_broker_was_not_there_to_record_is_on_record_before_the_attempt_ends(broker, start, provider,
                                                                                           store):
    start("video")
    job = start_video(broker, store, timeout_ms=1500)
    entered, goes_on = threading.Event(), threading.Event()
    provider.script["submit"] = [lambda handler: (entered.set(), goes_on.wait(10), provider.submit(handler))]
    intent = broker.take("operation", state=INTENT)
    broker.send(("operation_ack", {key: intent[key] for key in ("job", "lease", "operation", "state")}))
    assert entered.wait(10)
    broker.stop()
    goes_on.set()
    wait_until_passed(time.monotonic() + 2.5)  # the attempt's time is over, and nobody could be told
    broker.bind()
    _, held = broker.open(session=2)
    assert held == [(job["job"], 1)]
    assert broker.acknowledge_operation(job, state=SUBMITTED)["task"] == "task-1"
    assert broker.take("fail")["code"] == "timeout"


def wait_until_passed(moment):
    while time.monotonic() < moment:
        time.sleep(0.05)
