"""Jobs through the real broker: accepted, dispatched, performed, retried, cancelled, listed and told of."""

import hashlib
import json
import signal

from broker_stand import (ACTIVE, CANCELLED, CHARACTER, COMPLETED, FAILED, IMAGE, VIDEO, WAITING, code, new_id, stand)


def test_a_job_goes_all_the_way(stand):
    stand.broker()
    gateway, actor = stand.gateway(), stand.actor()
    accepted = gateway.submit(display_id="ABCDEFGH", payload=b'{"name":"Ada","age":36}')
    assert (accepted["code"], accepted["version"], accepted["state"]) == (code("REPLY_CODE_OK"), 1, WAITING)
    job = actor.job(job=accepted["job"])
    assert (job["lease"], job["attempt"], job["payload"]) == (1, 1, b'{"name":"Ada","age":36}')
    assert (job["character"], job["media"]) == (accepted["character"], accepted["media"])
    assert (job["owner"], job["display_id"]) == ("ada", "ABCDEFGH")
    assert 0 < job["timeout_ms"] <= 300000
    actor.progress(job, 10, "character_created")
    actor.progress(job, 80)
    gateway.event(job["job"], "progress")
    actor.done(job, document=b'{"name":"Ada"}', media=b'{"type":"image"}', url="/assets/a.png")
    gateway.event(job["job"], "completed")
    state = gateway.get(job["job"])
    assert (state["state"], state["progress"], state["attempts_made"]) == (COMPLETED, 100, 1)
    assert (state["url"], state["display_id"], state["owner"]) == ("/assets/a.png", "ABCDEFGH", "ada")
    assert state["created_at"] <= state["started_at"] <= state["completed_at"]
    kinds = [event["kind"] for event in gateway.events]
    assert kinds == [code("EVENT_KIND_" + kind) for kind in
                     ("QUEUED", "ACTIVE", "PROGRESS", "PROGRESS", "COMPLETED")]
    assert [event["version"] for event in gateway.events] == [1, 2, 3, 4, 5]
    page, timeline = gateway.timeline(job=job["job"])
    assert page["ended"] and timeline == gateway.events
    for wanted, document in (({"id": accepted["character"]}, b'{"name":"Ada"}'),
                             ({"id": accepted["media"], "character": accepted["character"]}, b'{"type":"image"}')):
        found = gateway.ask("get_document", "document", **wanted)
        assert (found["owner"], found["document"]) == ("ada", document)


def test_what_jobs_wait_for_is_told_in_one_frame(stand):
    stand.broker(TROUPE_ACTIVE_CHARACTER=1)
    gateway, actor = stand.gateway(), stand.actor()
    jobs = [gateway.submit()["job"] for _ in range(3)]
    actor.job()
    number = gateway.number()
    gateway.send(("get_position", {"request": number, "jobs": b"".join(jobs) + new_id()}))
    first = gateway.expect("position", request=number)
    rest = [gateway.expect("position", request=number) for _ in range(first["count"])]
    told = [(answer.get("wait_reason", 0), answer.get("queue_position", 0)) for answer in (first, *rest)]
    capped = code("WAIT_REASON_CAPPED")
    assert sorted(told) == [(0, 0), (0, 0), (capped, 1), (capped, 2)] and told[3] == (0, 0)
    gateway.send(("get_position", {"request": gateway.number(), "jobs": b"short"}))
    assert gateway.expect("error")["code"] == code("ERROR_CODE_MALFORMED")


def make_character(gateway, actor, owner="ada"):
    accepted = gateway.submit(owner=owner, display_id="ABCDEFGH")
    actor.done(actor.job(job=accepted["job"]), document=b'{"name":"Ada L."}', media=b'{"portrait":true}')
    return accepted


def test_images_and_videos_get_the_documents_they_are_made_from(stand):
    stand.broker()
    gateway = stand.gateway()
    characters, images, videos = stand.actor(CHARACTER), stand.actor(IMAGE), stand.actor(VIDEO)
    character = make_character(gateway, characters)
    image = gateway.submit(IMAGE, character=character["character"])
    job = images.job(job=image["job"])
    assert job["character_document"] == b'{"name":"Ada L."}'
    images.done(job, document=b'{"picture":1}')
    video = gateway.submit(VIDEO, character=character["character"], source=image["media"], payload=b'{"duration":5}')
    job = videos.job(job=video["job"])
    assert job["character_document"] == b'{"name":"Ada L."}'
    assert (job["source"], job["source_document"]) == (image["media"], b'{"picture":1}')
    assert job["payload"] == b'{"duration":5}'
    state = gateway.get(video["job"])
    assert (state["character_name"], state["display_id"], state["state"]) == ("Ada L.", "ABCDEFGH", ACTIVE)
    # Its source is a portrait as well as an image; a video is none, and another character's does not suit.
    portrait = gateway.submit(VIDEO, character=character["character"], source=character["media"])
    assert portrait["code"] == code("REPLY_CODE_OK")
    other = make_character(gateway, characters)
    cases = [
        (IMAGE, new_id(), None, "CHARACTER_NOT_FOUND"),
        (VIDEO, new_id(), image["media"], "CHARACTER_NOT_FOUND"),
        (VIDEO, character["character"], new_id(), "MEDIA_NOT_FOUND"),
        (VIDEO, character["character"], video["media"], "MEDIA_NOT_FOUND"),
        (VIDEO, other["character"], image["media"], "SOURCE_UNSUITABLE"),
    ]
    for kind, owner_character, source, expected in cases:
        reply = gateway.submit(kind, character=owner_character, source=source)
        assert reply["code"] == code("REPLY_CODE_" + expected)
    assert gateway.submit(IMAGE, owner="bob", character=character["character"])["code"] == \
        code("REPLY_CODE_CHARACTER_NOT_FOUND")


def test_requests_of_one_frame_see_each_other(stand):
    stand.broker()
    gateway = stand.gateway()
    hash_one, hash_two = hashlib.sha256(b"1").digest(), hashlib.sha256(b"2").digest()
    records = []
    for number, key_hash in ((1, hash_one), (2, hash_one), (3, hash_two)):
        records.append(("submit", dict(request=number, job=new_id(), kind=CHARACTER, owner="ada", character=new_id(),
                                       media=new_id(), payload=b"{}", key="k", key_hash=key_hash)))
    gateway.send(*records)
    replies = [gateway.expect("reply", request=number) for number in (1, 2, 3)]
    # They are looked up at the same time: whichever comes first is the one that counts.
    good = [reply for reply in replies if not reply.get("code")]
    assert len([reply for reply in good if not reply.get("replayed")]) == 1
    assert len({reply["job"] for reply in good}) == 1
    assert (replies[0].get("code", 0) == 0) == (replies[1].get("code", 0) == 0) != (replies[2].get("code", 0) == 0)
    assert {reply["code"] for reply in replies if reply not in good} == {code("REPLY_CODE_KEY_REUSED")}
    assert len(gateway.events) == 1


def test_a_request_that_is_sent_again_is_answered_again(stand):
    stand.broker()
    gateway, actor = stand.gateway(), stand.actor()
    first = gateway.submit()
    ids = {name: first[name] for name in ("job", "character", "media")}
    again = gateway.submit(resent=True, **ids)
    assert (again["code"], again["replayed"], again["job"]) == (code("REPLY_CODE_OK"), True, first["job"])
    actor.done(actor.job(job=first["job"]))
    again = gateway.submit(resent=True, **ids)
    assert (again["code"], again["replayed"], again["state"]) == (code("REPLY_CODE_OK"), True, COMPLETED)
    assert gateway.list()[0]["total"] == 1


def test_a_failed_attempt_is_repeated_with_what_it_left(stand):
    stand.broker()
    gateway, actor = stand.gateway(), stand.actor()
    accepted = gateway.submit()
    job = actor.job(job=accepted["job"])
    actor.progress(job, 60, "personality_generated", draft=b"half a character")
    operation = dict(job=job["job"], lease=1, credit=5, operation=0, provider="studio")
    actor.send(("operation", dict(operation, state=code("OPERATION_STATE_INTENT"))))
    actor.expect("operation_ack", operation=0, state=code("OPERATION_STATE_INTENT"))
    actor.send(("operation", dict(operation, state=code("OPERATION_STATE_SUBMITTED"), task="t-1")))
    actor.expect("operation_ack", operation=0, state=code("OPERATION_STATE_SUBMITTED"))
    actor.fail(job)
    state = gateway.get(job["job"])
    assert (state["state"], state["attempts_made"], state["error_code"]) == (WAITING, 1, "provider_error")
    assert state["next_attempt_at"] > 0
    job = actor.job(job=accepted["job"], lease=2)
    assert (job["attempt"], job["draft"], job["operation_count"]) == (2, b"half a character", 1)
    recorded = actor.expect("recorded", job=job["job"])
    assert (recorded["task"], recorded["state"]) == ("t-1", code("OPERATION_STATE_SUBMITTED"))
    actor.fail(job, "PERMANENT")
    state = gateway.get(job["job"])
    assert (state["state"], state["error_code"], state["error_message"]) == (FAILED, "provider_error", "it broke")
    assert gateway.ask("get_document", "document", id=accepted["character"])["code"] == code("REPLY_CODE_NOT_FOUND")


def test_cancels_of_queued_active_ended_and_unknown_jobs(stand):
    stand.broker()
    gateway = stand.gateway()
    queued = gateway.submit()
    assert gateway.cancel(queued["job"], owner="bob")["code"] == code("REPLY_CODE_NOT_FOUND")
    assert gateway.cancel(queued["job"])["state"] == CANCELLED
    assert gateway.cancel(queued["job"])["code"] == code("REPLY_CODE_ALREADY_ENDED")
    assert gateway.cancel(new_id())["code"] == code("REPLY_CODE_NOT_FOUND")
    actor = stand.actor()
    active = gateway.submit()
    job = actor.job(job=active["job"])
    for _ in range(2):
        reply = gateway.cancel(active["job"])
        assert (reply["code"], reply["state"], reply["cancel_requested"]) == (code("REPLY_CODE_OK"), ACTIVE, True)
    actor.expect("cancel", job=job["job"], lease=1)
    assert gateway.get(job["job"])["cancel_requested"]
    actor.fail(job, "CANCELLED")
    assert gateway.get(job["job"])["state"] == CANCELLED


def test_a_failed_job_is_tried_again_with_its_operations(stand):
    stand.broker()
    gateway, actor = stand.gateway(), stand.actor()
    accepted = gateway.submit()
    job = actor.job(job=accepted["job"])
    operation = dict(job=job["job"], lease=1, credit=5, operation=0, provider="studio")
    for state, fields in (("INTENT", {}), ("SUBMITTED", {"task": "t-1"})):
        actor.send(("operation", dict(operation, state=code("OPERATION_STATE_" + state), **fields)))
        actor.expect("operation_ack", state=code("OPERATION_STATE_" + state))
    assert gateway.retry(job["job"])["code"] == code("REPLY_CODE_NOT_RETRYABLE")
    actor.fail(job, "PERMANENT")
    gateway.event(job["job"], "failed")
    assert gateway.retry(job["job"], owner="bob")["code"] == code("REPLY_CODE_NOT_FOUND")
    assert gateway.retry(new_id())["code"] == code("REPLY_CODE_NOT_FOUND")
    reply = gateway.retry(job["job"])
    assert (reply["code"], reply["state"]) == (code("REPLY_CODE_OK"), WAITING)
    again = gateway.retry(job["job"], resent=True)
    assert again["code"] == code("REPLY_CODE_OK")
    job = actor.job(job=accepted["job"], lease=2)
    assert (job["attempt"], job["operation_count"]) == (1, 1)
    assert actor.expect("recorded", job=job["job"])["task"] == "t-1"
    actor.done(job)
    state = gateway.get(job["job"])
    assert (state["state"], state["attempts_made"], state["retries"]) == (COMPLETED, 1, 1)
    assert not state.get("error_code")
    assert gateway.retry(job["job"], retries=1)["code"] == code("REPLY_CODE_NOT_RETRYABLE")
    kinds = [event["kind"] for event in gateway.timeline(job=job["job"])[1]]
    assert kinds == [code("EVENT_KIND_" + kind) for kind in
                     ("QUEUED", "ACTIVE", "PROVIDER", "FAILED", "WAITING", "ACTIVE", "COMPLETED")]
    for states, expected in ((1 << FAILED, 0), (1 << COMPLETED, 1), (0, 1)):
        page, listed = gateway.list(states=states)
        assert (page.get("total", 0), len(listed)) == (expected, expected)


def test_an_operator_retries_what_stays_its_owners(stand):
    stand.broker()
    gateway, characters, images = stand.gateway(), stand.actor(CHARACTER), stand.actor(IMAGE)
    character = make_character(gateway, characters)
    image = gateway.submit(IMAGE, character=character["character"])
    images.fail(images.job(job=image["job"]), "PERMANENT")
    gateway.event(image["job"], "failed")
    reply = gateway.retry(image["job"], owner="root", admin=True)
    assert reply["code"] == code("REPLY_CODE_OK")
    assert images.job(job=image["job"], lease=2)["character_document"] == b'{"name":"Ada L."}'
    assert gateway.get(image["job"])["owner"] == "ada"


def test_lists_count_and_page(stand):
    stand.broker()
    gateway, actor = stand.gateway(), stand.actor(slots=3)
    jobs = [gateway.submit()["job"] for _ in range(12)]
    gateway.submit(owner="bob")
    for _ in range(2):
        job = actor.job()
        actor.credit -= 1  # its slot stays taken
        actor.done(job)
    gateway.cancel(jobs[11])
    page, listed = gateway.list(limit=5)
    assert page["total"] == 12
    assert [job["job"] for job in listed] == jobs[:6:-1]
    page, rest = gateway.list(limit=10, cursor=page["next"])
    assert [job["job"] for job in rest] == jobs[6::-1] and not page.get("next")
    for states, expected in ((1 << COMPLETED, 2), (1 << ACTIVE, 1), (1 << CANCELLED, 1), (1 << WAITING, 8),
                             (1 << WAITING | 1 << COMPLETED, 10), (1 << FAILED, 0)):
        page, listed = gateway.list(states=states, limit=100)
        assert (page.get("total", 0), len(listed)) == (expected, expected)
        assert all(states >> job["state"] & 1 for job in listed)
    assert len(gateway.list(skip=10)[1]) == 2
    assert gateway.list(kinds=1 << IMAGE)[0].get("total", 0) == 0
    assert gateway.list(cursor=b"nonsense")[0]["code"] == code("REPLY_CODE_INVALID")


def test_an_owners_stream_resumes_where_it_stopped(stand):
    stand.broker()
    gateway, actor = stand.gateway(), stand.actor()
    for number in range(20):
        owner = "ada" if number % 2 else "bob"
        accepted = gateway.submit(owner=owner)
        job = actor.job(job=accepted["job"])
        actor.progress(job, 40)
        actor.done(job)
        gateway.event(job["job"], "completed")
    expected = [event for event in gateway.events if event["owner"] == "ada"]
    after, found = 0, []
    while True:
        page, events = gateway.timeline(after=after, limit=7)
        found += events
        after = page["through"]
        if not page.get("more"):
            break
    assert found == expected
    page, events = gateway.timeline(after=gateway.events[-1]["event"] + 1)
    assert page["reset"] and events == []


def test_a_large_job_travels_whole(stand):
    stand.broker()
    gateway, actor = stand.gateway(), stand.actor()
    payload = json.dumps({"name": "x" * 65000}).encode()
    accepted = gateway.submit(payload=payload)
    job = actor.job(job=accepted["job"])
    assert job["payload"] == payload
    document = b"x" * 131072
    actor.progress(job, 50, draft=document)
    actor.done(job, document=document, media=document)
    found = gateway.ask("get_document", "document", id=accepted["media"], character=accepted["character"])
    assert found["document"] == document


def test_a_thousand_jobs_in_a_few_frames(stand):
    stand.broker()
    gateway, actor = stand.gateway(), stand.actor(slots=1000)
    jobs = [new_id() for _ in range(1000)]
    gateway.send(*[("submit", dict(request=number, job=job, kind=CHARACTER, owner=f"user{number % 7}",
                                   character=new_id(), media=new_id(), payload=b'{"n":%d}' % number))
                   for number, job in enumerate(jobs)])
    taken = [actor.job() for _ in jobs]
    assert sorted(job["job"] for job in taken) == sorted(jobs)
    numbers = {job: number for number, job in enumerate(jobs)}
    assert all(job["payload"] == b'{"n":%d}' % numbers[job["job"]] for job in taken)
    actor.send(*[("done", dict(job=job["job"], lease=1, credit=2000, document=b"{}")) for job in taken])
    for job in jobs:
        actor.expect("ack", job=job)
    assert gateway.list(owner="user3", states=1 << COMPLETED)[0]["total"] == len(range(3, 1000, 7))
    assert len(gateway.events) == 3000


def test_what_the_last_turn_did_is_in_the_history(stand):
    """The cancels may come with the signal, in the turn that is the last one, or too late."""
    gateway = (stand.broker(), stand.gateway())[1]
    for _ in range(5):
        jobs = [gateway.submit()["job"] for _ in range(20)]
        process = stand.current.process
        process.send_signal(signal.SIGSTOP)
        gateway.send(*[("cancel_job", {"request": gateway.number(), "job": job, "owner": "ada"}) for job in jobs])
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGCONT)
        assert stand.current.wait() == 0
        stand.broker()
        gateway = stand.gateway()
        cancelled = gateway.list(states=1 << CANCELLED, limit=1)[0].get("total", 0)
        history = gateway.ask("get_history", "history", range=0, kind=0, all=True)
        points = [gateway.expect("history_point") for _ in range(history["count"])]
        assert sum(point.get("cancelled", 0) for point in points) == cancelled
