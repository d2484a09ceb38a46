"""What WaveSpeed says in words and numbers of its own: errors under HTTP 200, results that it marks, and where it wants
to be polled. Against a fake provider."""

import fake_provider
import pytest
from asset_stand import Directory
from fake_broker import FAIL, OPERATION
from fake_provider import status
from test_actor_predictions import TASK, made, recorded, write_file
from test_actor_roles import broker, provider, start  # noqa: F401

INTENT, SUBMITTED, FINISHED, REFUSED = (OPERATION[name] for name in ("intent", "submitted", "finished", "refused"))
KEY = "a-key-that-nobody-may-see"


@pytest.fixture
def store(tmp_path):
    return Directory(tmp_path)


@pytest.fixture
def live(start, provider, tmp_path):
    """Starts an actor whose pictures are ordered with a key."""
    provider.poll = lambda handler: made(provider)(handler)

    def start_live(**members):
        settings = write_file(tmp_path, provider, "image", api="wavespeed", pollSeconds=1, keyEnv="WAVE_KEY", **members)
        return start("image", WAVE_KEY=KEY, **settings)

    return start_live


def image(broker, **options):
    return broker.start(kind="image", payload={}, **options)


@pytest.mark.parametrize("http, number, kind, code", [
    (200, 1200, "permanent", "content_policy"), (400, 1200, "permanent", "content_policy"),
    (200, 400, "permanent", "provider_refused"), (400, 1402, "retry", "provider_media"),
    (200, 401, "permanent", "provider_credentials"), (400, 5003, "retry", "provider_error"),
    (200, 429, "throttled", "provider_throttled"),
])
def test_an_order_is_refused_in_the_providers_own_words(broker, live, provider, http, number, kind, code):
    live()
    provider.script["submit"] = [status(http, {"code": number, "message": f"no, {KEY}", "data": None})]
    job = image(broker)
    broker.acknowledge_operation(job, state=INTENT)
    assert broker.acknowledge_operation(job, state=REFUSED).get("charged", 0) != 1, "nothing was made"
    fail = broker.take("fail")
    assert (fail["kind"], fail["code"], fail["message"]) == (FAIL[kind], code, "no, " + "*" * len(KEY))


def marked(provider):
    return status(200, {"code": 200, "data": {"status": "completed", "has_nsfw_contents": [True],
                                              "outputs": [provider.url + "/files/picture.png"]}})


def test_a_result_that_is_marked_is_told_and_not_paid_for_again(broker, live, provider, store):
    live()
    provider.poll = marked(provider)
    job = image(broker)
    broker.acknowledge_operation(job, state=INTENT)
    broker.acknowledge_operation(job, state=SUBMITTED)
    record = broker.acknowledge_operation(job, state=FINISHED)
    assert (record["charged"], record["task"]) == (1, "task-1")
    fail = broker.take("fail")
    assert (fail["kind"], fail["code"]) == (FAIL["permanent"], "content_policy")
    assert "not safe for work" in fail["message"]
    broker.acknowledge(fail)
    again = broker.finish(image(broker, recorded=recorded(state=FINISHED)))
    assert again["code"] == "content_policy"
    assert (provider.count("submit"), provider.count("download"), store.names()) == (1, 0, [])


def test_a_result_that_is_marked_is_taken_where_the_operator_says_so(broker, live, provider, store):
    live(allowNsfw=True)
    provider.poll = marked(provider)
    assert broker.finish(image(broker), 20)["name"] == "done" and len(store.names()) == 1


def ordered(url):
    return status(200, {"code": 200, "data": {"id": "task-1", "status": "created", "urls": {"get": url}}})


def test_a_task_is_polled_where_its_provider_says(broker, live, provider):
    live()
    provider.script["submit"] = [ordered(provider.url + "/api/v3/predictions/at-home/task-1/result")]
    assert broker.finish(image(broker), 20)["name"] == "done"
    assert provider.last("poll")[1] == "/api/v3/predictions/at-home/task-1/result"
    assert provider.last("poll")[2]["Authorization"] == "Bearer " + KEY


def test_what_is_not_known_there_is_asked_for_at_the_apis_own_address(broker, live, provider):
    live()
    provider.script["submit"] = [ordered(provider.url + "/api/v3/predictions/moved/result")]
    provider.script["poll"] = [status(404)]
    assert broker.finish(image(broker), 20)["name"] == "done"
    assert provider.last("poll")[1] == "/api/v3/predictions/task-1/result" and provider.count("submit") == 1


def test_a_task_whose_answer_says_404_within_itself_is_lost(broker, live, provider):
    live()
    provider.script["poll"] = [status(200, {"code": 404, "message": "no such prediction", "data": None})]
    assert broker.finish(image(broker, recorded=[TASK]), 20)["code"] == "provider_task_lost"


def test_no_key_goes_to_another_host(broker, live, provider):
    live()
    other = fake_provider.Provider()
    address = other.url.split("://")[1]
    try:
        for url in (other.url, provider.url + "@" + address, provider.url.replace("127.0.0.1", "127.0.0.1@" + address)):
            provider.script["submit"] = [ordered(url + "/api/v3/predictions/task-1/result")]
            assert broker.finish(image(broker), 20)["name"] == "done"
            assert provider.last("poll")[1] == "/api/v3/predictions/task-1/result"
        assert other.requests == []
    finally:
        other.close()


def test_polls_that_are_refused_in_its_own_words_end_as_those_of_http_do(broker, live, provider):
    """The task stays on record, and no attempt is used up: one that lasts to its end would have it dropped."""
    live()
    provider.script["poll"] = [status(200, {"code": 429, "message": "too many", "data": None})] * 50
    fail = broker.finish(image(broker, recorded=[TASK]), 60)
    assert (fail["kind"], fail["code"]) == (FAIL["throttled"], "provider_throttled")
    assert (provider.count("poll"), provider.count("cancel")) == (5, 0)
