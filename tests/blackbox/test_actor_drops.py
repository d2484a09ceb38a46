"""Tasks that their provider has dropped and that nobody heard of: whoever tries the job again orders another one, as if
it were the first. Against a fake provider and a fake broker."""

import time

import pytest
from fake_broker import FAIL
from fake_provider import chunked, close, status
from test_actor_close import (ABANDONED, CANCELLED, FINISHED, INTENT, SUBMITTED, TASK, UNKNOWN, VIDEO, cancel, expect,
                              nothing_dropped, running_video, wait_until_passed)
from test_actor_roles import broker, provider, start, start_video, store, wait_until  # noqa: F401

# They know how long a close takes.
pytestmark = [pytest.mark.alone, pytest.mark.parametrize("store", ["file"], indirect=True)]
SPARE_S = 3.5  # of the four that a close may take


def dropped(provider, answer, after=nothing_dropped):
    """The provider drops the task and answers so, or not at all; what follows is told that there is none."""
    def drop(handler):
        provider.script["poll"] = [status(404)] * 99
        provider.script["cancel"] = [after] * 99
        answer(handler)
    return drop


@pytest.mark.parametrize("answer", ["reset", "garbage", "500", "hangs"])
def test_a_drop_whose_answer_was_lost_is_on_record(broker, start, provider, store, answer):
    start("video")
    job = running_video(broker, provider, store)
    answers = {"reset": close, "garbage": chunked(b"<html>\x80"), "500": status(500), "hangs": provider.hang}
    provider.script["cancel"] = [dropped(provider, answers[answer])]
    begin = time.monotonic()
    cancel(broker, job)
    assert expect(broker, job, CANCELLED)["task"] == "task-1"
    assert broker.take("fail")["kind"] == FAIL["cancelled"]
    assert time.monotonic() - begin < SPARE_S and provider.count("cancel") == (1 if answer == "hangs" else 2)


def test_a_drop_whose_answer_was_lost_is_on_record_though_its_provider_says_404_then(broker, start, provider, store):
    start("video")
    job = running_video(broker, provider, store)
    provider.script["cancel"] = [dropped(provider, close, status(404))]
    cancel(broker, job)
    expect(broker, job, CANCELLED)
    assert broker.take("fail")["kind"] == FAIL["cancelled"]


@pytest.mark.parametrize("code", [400, 409])
def test_a_drop_whose_answer_was_lost_is_on_record_though_its_provider_drops_no_task_that_is_gone(
        broker, start, provider, store, code):
    start("video")
    job = running_video(broker, provider, store)
    provider.script["cancel"] = [dropped(provider, close, status(code))]
    cancel(broker, job)
    assert expect(broker, job, CANCELLED)["task"] == "task-1"
    assert broker.take("fail")["kind"] == FAIL["cancelled"]


@pytest.mark.parametrize("code", [429, 503])
def test_a_task_whose_drop_was_only_turned_away_is_not_told_as_dropped(broker, start, provider, store, code):
    """That it is not known then is for no one to explain."""
    start("video")
    job = running_video(broker, provider, store)
    provider.script["cancel"] = [dropped(provider, status(code), status(code))]
    cancel(broker, job)
    assert expect(broker, job, ABANDONED)["task"] == "task-1"
    assert broker.take("fail")["kind"] == FAIL["cancelled"]


def test_a_drop_whose_worker_was_killed_is_found_by_the_next_one(broker, start, provider, store):
    """It has not asked, and has not seen the task run: what became of it is not for it to say."""
    start("video")
    provider.script.update(poll=[status(404)] * 99, cancel=[nothing_dropped] * 9)
    job = start_video(broker, store, recorded=TASK)
    cancel(broker, job)
    assert expect(broker, job, ABANDONED)["task"] == "task-77"
    assert broker.take("fail")["kind"] == FAIL["cancelled"] and provider.count("submit") == 0


def test_a_task_that_may_have_been_dropped_is_replaced_as_if_it_were_the_first(broker, start, provider, store):
    """Whoever was to drop it for a job that was cancelled was killed, and the job is tried again."""
    start("video")
    provider.script["poll"] = [status(404)]
    job = start_video(broker, store, recorded=TASK, may_be_dropped=True, is_last=True)
    record = expect(broker, job, ABANDONED)
    assert (record["operation"], record["task"]) == (VIDEO, "task-77")
    fail = broker.take("fail")
    assert (fail["kind"], fail["code"]) == (FAIL["throttled"], "provider_task_dropped")
    assert provider.count("submit") == provider.count("cancel") == 0
    job = start_video(broker, store, recorded=[dict(TASK[0], state=ABANDONED)])
    intent = broker.acknowledge_operation(job, state=INTENT)
    assert intent["operation"] == VIDEO and not intent.get("repeats")
    assert broker.acknowledge_operation(job, state=SUBMITTED)["task"] == "task-1"
    broker.finish(job)


def test_a_task_that_may_have_been_dropped_and_runs_is_polled(broker, start, provider, store):
    """It is lost, as any other, when its provider does not know it any more after that."""
    start("video")
    provider.script["poll"] = [status(500), provider.running, status(404)]
    job = start_video(broker, store, recorded=TASK, may_be_dropped=True)
    assert expect(broker, job, UNKNOWN)["task"] == "task-77"
    assert broker.take("fail")["code"] == "provider_task_lost"


def test_a_cancel_says_again_that_a_task_is_written_off(broker, start, provider, store):
    start("video")
    provider.script["poll"] = [status(404)]
    job = start_video(broker, store, recorded=TASK, may_be_dropped=True)
    broker.take("operation", state=ABANDONED)
    cancel(broker, job)
    assert expect(broker, job, ABANDONED)["task"] == "task-77"
    assert broker.take("fail")["kind"] == FAIL["cancelled"] and provider.count("cancel") == 0


def test_a_task_that_only_one_look_does_not_know_is_dropped(broker, start, provider, store):
    start("video")
    job = running_video(broker, provider, store)
    provider.script["poll"] = [status(404)]
    cancel(broker, job)
    expect(broker, job, CANCELLED)
    assert broker.take("fail")["kind"] == FAIL["cancelled"] and provider.count("cancel") == 1


def test_a_task_that_was_made_meanwhile_and_cannot_be_dropped_is_kept(broker, start, provider, store):
    start("video")
    job = running_video(broker, provider, store)
    provider.script["cancel"] = [lambda handler: (provider.script.update(poll=[]), nothing_dropped(handler))]
    cancel(broker, job)
    assert expect(broker, job, FINISHED, "yes")["task"] == "task-1"
    assert broker.take("fail")["kind"] == FAIL["cancelled"]


def test_a_drop_that_nothing_is_heard_of_leaves_the_task(broker, start, provider, store):
    """Neither answers nor looks: it may run on."""
    start("video")
    job = running_video(broker, provider, store)
    provider.script.update(poll=[provider.running] + [provider.hang] * 99, cancel=[provider.hang] * 9)
    wait_until_passed(time.monotonic() + 0.1)
    begin = time.monotonic()
    cancel(broker, job)
    assert broker.take("fail")["kind"] == FAIL["cancelled"]
    assert time.monotonic() - begin < SPARE_S
    broker.never("operation")
