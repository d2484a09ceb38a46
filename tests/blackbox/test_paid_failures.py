"""What a job makes of a paid call that fails, in a whole stack: no more than may be paid, and no attempt for what is
not its fault."""

import base64
import contextlib
import json

import fake_provider
import pytest
from fake_provider import close, status
from stack import Stack, wait_until

PRICE = 0.04
FAMILY = "media-jobs"


class Stand:
    def __init__(self, stack, provider):
        self.client, self.provider = stack.client(), provider
        made = self.client.wait_for(self.client.submit_character(), status="completed")["result"]
        self.character = made["characterId"]
        self.media = self.client.get(f"/api/v1/characters/{self.character}").json()["data"]["mediaId"]

    def submit(self, kind):
        if kind == "image":
            return self.client.submit_image(self.character)
        return self.client.submit_video(self.character, self.media)

    def operations(self, job):
        state = self.client.get(f"/api/v1/{FAMILY}/{job}?include=timeline").json()["data"]
        return [event["operation"] for event in state["timeline"]["events"] if event["event"] == "provider"]

    def reasons(self, job):
        state = self.client.get(f"/api/v1/{FAMILY}/{job}?include=timeline").json()["data"]
        return [event["error"]["message"] for event in state["timeline"]["events"] if event["event"] == "failed"]


@contextlib.contextmanager
def stand_of(folder, **of_chat):
    with contextlib.ExitStack() as closing:
        provider = fake_provider.Provider()
        closing.callback(provider.close)
        one = {"name": "one", "url": provider.url, "model": "m"}
        paid = {**one, "price": PRICE}
        path = folder / "providers.json"
        entries = {"chat": [{**one, **of_chat}], "image": [paid], "video": [{**paid, "pollSeconds": 1}]}
        path.write_text(json.dumps(entries))
        settings = {"TROUPE_PROVIDERS_FILE": str(path), "TROUPE_REPEAT_AFTER": "0", "TROUPE_RESULT_PRIVATE": "on"}
        yield Stand(closing.enter_context(Stack("--provider", "live", "--rate", "off", data=folder,
                                                environment=settings)), provider)


@pytest.fixture(scope="module", name="stand")
def fixture_stand(tmp_path_factory):
    with stand_of(tmp_path_factory.mktemp("paid")) as stand:
        yield stand


@pytest.mark.parametrize("kind, call", [("image", "image"), ("video", "submit")])
def test_a_paid_call_that_is_throttled_costs_neither_an_attempt_nor_money(stand, kind, call):
    before = stand.provider.count(call)
    stand.provider.script[call] = [status(429, Retry_After="1")]
    job = stand.submit(kind)
    ended = stand.client.wait_for(job, FAMILY)
    assert (ended["status"], ended["attemptsMade"], ended["cost"]["spentUsd"]) == ("completed", 1, PRICE)
    assert stand.provider.count(call) == before + 2
    assert stand.operations(job)[0] == "refused"


def test_a_picture_that_is_refused_within_a_200_is_not_ordered_again(stand):
    """As OpenRouter tells what its models refuse."""
    before = stand.provider.count("image")
    refusal = {"error": {"message": "Your prompt was flagged.", "code": "content_policy_violation"}}
    stand.provider.script["image"] = [status(200, refusal)]
    job = stand.submit("image")
    ended = stand.client.wait_for(job, FAMILY)
    assert (ended["status"], ended["lastError"]["code"]) == ("failed", "content_policy")
    assert (ended["failedReason"], ended["cost"]["spentUsd"]) == ("Your prompt was flagged.", 0)
    assert stand.provider.count("image") == before + 1 and "unknown" not in stand.operations(job)


@pytest.mark.parametrize("answer", [
    {"error": {"message": "Slow down.", "code": 429}},
    {"error": {"message": "Slow down.", "code": 429}, "data": [{"b64_json": ""}]},
    {"error": "Slow down.", "code": 429},
])
def test_a_picture_that_is_throttled_within_a_200_costs_neither_an_attempt_nor_money(stand, answer):
    before = stand.provider.count("image")
    stand.provider.script["image"] = [status(200, answer)]
    ended = stand.client.wait_for(stand.submit("image"), FAMILY)
    assert (ended["status"], ended["attemptsMade"], ended["cost"]["spentUsd"]) == ("completed", 1, PRICE)
    assert stand.provider.count("image") == before + 2


@pytest.mark.parametrize("entry", [
    {"b64_json": "data:image/png;base64," + base64.b64encode(fake_provider.PNG).decode()},
    {"b64_json": base64.encodebytes(fake_provider.PNG).decode().rstrip("=\n")},
    {"url": "data:image/png;base64," + base64.b64encode(fake_provider.PNG).decode()},
])
def test_a_picture_in_base64_of_another_hand_is_paid_for_once(stand, entry):
    stand.provider.script["image"] = [status(200, {"data": [entry]})]
    job = stand.submit("image")
    ended = stand.client.wait_for(job, FAMILY)
    assert (ended["status"], ended["cost"]["spentUsd"]) == ("completed", PRICE)
    assert "unknown" not in stand.operations(job)


def said(words, finish="stop", **more):
    choice = {"message": {"role": "assistant", "content": words}, "finish_reason": finish, **more}
    return status(200, {"choices": [choice]})


@pytest.mark.parametrize("answers, attempts, words", [
    ([said("<think>They want {one}.</think>\n\nShe turns.")], 1, "She turns."),
    ([said([{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "She turns."}])], 1, "She turns."),
    ([said("She turns. Then she wa", "length")], 1, "She turns."),
    ([said("She turns ", "length"), said("She turns.")], 2, "She turns."),
    ([said("She tur", "error"), said("She turns.")], 2, "She turns."),
    ([said(" \n "), said("She turns.")], 2, "She turns."),
    ([said("她转身。然后她微", "max_tokens")], 1, "她转身。"),
])
def test_a_video_is_ordered_with_whole_sentences_and_no_thoughts(stand, answers, attempts, words):
    stand.provider.script["chat"] = list(answers)
    ended = stand.client.wait_for(stand.submit("video"), FAMILY)
    assert (ended["status"], ended["attemptsMade"], ended["cost"]["spentUsd"]) == ("completed", attempts, PRICE)
    assert json.loads(stand.provider.last("submit")[3])["prompt"] == words


def test_a_chat_that_is_throttled_while_it_writes_is_paid_for_in_each_attempt(tmp_path):
    with stand_of(tmp_path, price=0.01) as stand:
        before = stand.provider.count("chat")
        stand.provider.script["chat"] = [said("Half of wha", "error", error={"code": 429, "message": "Slow down."})]
        job = stand.submit("video")
        ended = stand.client.wait_for(job, FAMILY)
        assert (ended["status"], ended["attemptsMade"]) == ("completed", 2)
        assert ended["cost"]["spentUsd"] == pytest.approx(PRICE + 2 * 0.01)
        assert stand.provider.count("chat") == before + 2 and "unknown" not in stand.operations(job)


def test_half_a_personality_is_asked_for_again(stand):
    stand.provider.script["chat"] = [said('{"summary": "half of a sent', "length")]
    ended = stand.client.wait_for(stand.client.submit_character())
    assert (ended["status"], ended["attemptsMade"]) == ("completed", 2)
    made = stand.client.get(f"/api/v1/characters/{ended['result']['characterId']}").json()["data"]
    assert made["aiPersonality"] == fake_provider.PERSONALITY


def test_a_retry_never_makes_a_third_call_of_unknown_outcome(stand):
    """Two may both have been paid for, and a new life of the job knows of them. What the last one was answered
    is told by the life that made it: after an explicit retry in its timeline alone."""
    calls = {"image": "image", "video": "submit"}
    before = {kind: stand.provider.count(call) for kind, call in calls.items()}
    for call in calls.values():
        stand.provider.script[call] = [close, close]
    stand.provider.script["image"][1] = status(200, {"error": "Unexpected endpoint or method."})
    jobs = {kind: stand.submit(kind) for kind in calls}

    def ended(kind):
        job = stand.client.wait_for(jobs[kind], FAMILY)
        assert (job["status"], job["lastError"]["code"]) == ("failed", "outcome_unknown"), job
        assert (job["cost"]["spentUsd"], job["cost"]["uncertainUsd"]) == (2 * PRICE, 2 * PRICE)
        assert stand.provider.count(calls[kind]) == before[kind] + 2
        return job

    first = {kind: ended(kind) for kind in calls}
    assert first["image"]["failedReason"].endswith("; the last one: Unexpected endpoint or method."), first["image"]
    for retries in 1, 2:
        for kind, job in jobs.items():
            assert stand.client.post(f"/api/v1/{FAMILY}/{job}/retry").status_code == 200
        wait_until(lambda: all(stand.client.job(job, FAMILY)["status"] == "failed" for job in jobs.values()))
        for kind in calls:
            again = ended(kind)
            assert again["retries"] == retries
            assert again["failedReason"] == first[kind]["failedReason"].split("; the last one: ")[0]
            assert first[kind]["failedReason"] in stand.reasons(jobs[kind])
