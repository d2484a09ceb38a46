"""What the studio does wrong when it is told to, and what it says that it charged, the real process."""

import concurrent.futures
import socket
import time

import pytest
import requests
from studio_stand import (PICTURE_MODEL, SECONDS, VIDEO_MODEL, Studio, fixture_faulty,  # noqa: F401
                          fixture_small_picture, wait_until)

# ---- faults ----


def test_faults_are_set_read_and_cleared(faulty):
    faulty.faults({"match": "chat", "kind": "status", "status": 503, "count": 1})
    assert faulty.chat().status_code == 503
    assert faulty.chat().status_code == 200
    assert faulty.ask("GET", "/studio/faults").json()[0]["fired"] == 1
    assert faulty.ask("DELETE", "/studio/faults").json() == []
    answer = faulty.ask("PUT", "/studio/faults", json=[{"match": "chat", "kind": "nonsense"}])
    assert answer.status_code == 400 and "kind" in answer.json()["error"]["message"]


def test_rules_can_come_from_the_environment():
    studio = Studio(FAULTS="on", FAULT_RULES='[{"match":"chat","kind":"retry_after","retry_after":7,"count":1}]')
    try:
        assert studio.chat().headers["retry-after"] == "7"
        assert studio.chat().status_code == 200
    finally:
        assert studio.close() == 0


def test_an_error_has_the_vendors_shape(faulty):
    quota = {"code": "insufficient_quota", "message": "no money"}
    faulty.faults({"match": "all", "kind": "status", "status": 429, **quota})
    error = faulty.chat().json()["error"]
    assert error == {"message": "no money", "type": "rate_limit_error", "param": None, "code": "insufficient_quota"}
    faulty.faults({"match": "all", "kind": "status", "status": 500, "code": "5003", "message": "busy"})
    assert faulty.submit("/files/x").json() == {"code": 5003, "message": "busy"}
    assert faulty.upload(b"x").status_code == 500
    assert faulty.ledger()["totals"] == {}


def test_throttling_says_when_to_come_back(faulty):
    faulty.faults({"match": "image", "kind": "retry_after", "retry_after": 3})
    answer = faulty.image()
    assert answer.status_code == 429 and answer.headers["retry-after"] == "3"
    assert faulty.charged("image") == 0


@pytest.mark.parametrize("kind, charged", [("hang_before", 0), ("hang_after", 1)])
def test_a_hang_ends_with_the_clients_patience(faulty, kind, charged):
    faulty.faults({"match": "chat", "kind": kind, "count": 1})
    body = {"model": "x", "messages": [{"role": "user", "content": "x"}]}
    with pytest.raises(requests.exceptions.ReadTimeout):
        faulty.ask("POST", "/v1/chat/completions", json=body, timeout=0.5)
    wait_until(lambda: faulty.charged("chat") == charged)
    assert faulty.chat().status_code == 200


@pytest.mark.parametrize("kind, charged", [("reset", 0), ("reset_after", 1)])
def test_a_reset_tears_the_connection(faulty, kind, charged):
    faulty.faults({"match": "chat", "kind": kind, "count": 1})
    with pytest.raises(requests.exceptions.ConnectionError):
        faulty.chat()
    assert faulty.charged("chat") == charged


def test_a_picture_that_is_drawn_can_be_lost_on_its_way(faulty):
    faulty.faults({"match": "image", "kind": "hang_after", "count": 1})
    with pytest.raises(requests.exceptions.ReadTimeout):
        faulty.ask("POST", "/v1/images/generations", json={"prompt": "x"}, timeout=0.3)
    wait_until(lambda: faulty.charged("image") == 1)


def test_a_body_can_end_too_early(faulty, small_picture):
    url = faulty.upload(small_picture).json()["data"]["download_url"]
    faulty.faults({"match": "download", "kind": "truncate", "count": 1})
    answer = requests.get(url, timeout=SECONDS)  # which does not check the length
    assert answer.headers["content-length"] == str(len(small_picture))
    assert answer.content == small_picture[:len(small_picture) // 2]
    assert requests.get(url, timeout=SECONDS).content == small_picture


def test_a_body_can_come_slowly(faulty):
    faulty.faults({"match": "chat", "kind": "drip", "bytes": 100, "latency_ms": 40})
    start = time.monotonic()
    answer = faulty.chat(seed=1)
    assert answer.json()["choices"] and time.monotonic() - start >= 0.04 * (len(answer.content) // 100 - 1)


def test_a_client_may_leave_a_slow_body(faulty):
    faulty.faults({"match": "chat", "kind": "drip", "bytes": 1, "latency_ms": 50})
    body = {"model": "x", "messages": [{"role": "user", "content": "x"}]}
    with requests.post(faulty.url + "/v1/chat/completions", json=body, stream=True, timeout=SECONDS) as answer:
        assert answer.raw.read(3)
    assert faulty.ask("GET", "/healthz").status_code == 200


def test_a_body_can_be_garbage_or_named_wrong(faulty):
    faulty.faults({"match": "chat", "kind": "garbage", "count": 1}, {"match": "chat", "kind": "wrong_content_type"})
    with pytest.raises(requests.exceptions.JSONDecodeError):
        faulty.chat().json()
    answer = faulty.chat()
    assert answer.headers["content-type"].startswith("text/html") and answer.json()["choices"]


def test_answers_can_be_late(faulty):
    faulty.faults({"match": "poll", "kind": "latency_ms", "latency_ms": 400})
    start = time.monotonic()
    assert faulty.ask("GET", "/api/v3/predictions/nobody/result").status_code == 404
    assert time.monotonic() - start >= 0.4


def test_a_task_can_be_lost(faulty, small_picture):
    image = faulty.upload(small_picture).json()["data"]["download_url"]
    faulty.faults({"match": "submit", "kind": "task_lost", "count": 1},
                  {"match": "poll", "kind": "task_lost", "skip": 1})
    first = faulty.submit(image).json()["data"]
    assert faulty.ask("GET", first["urls"]["get"]).status_code == 404
    second = faulty.submit(image).json()["data"]
    assert faulty.ask("GET", second["urls"]["get"]).status_code == 404
    faulty.faults()
    assert faulty.ask("GET", second["urls"]["get"]).status_code == 404
    assert faulty.charged("submit") == 2


def test_a_task_can_never_finish(faulty, small_picture):
    image = faulty.upload(small_picture).json()["data"]["download_url"]
    faulty.faults({"match": "submit", "kind": "never_finishes", "count": 1})
    stuck = faulty.submit(image).json()["data"]
    free = faulty.submit(image).json()["data"]
    faulty.wait_for(free, "completed")
    data, _ = faulty.wait_for(stuck, "processing")
    assert data["outputs"] == []
    answer = faulty.ask("POST", "/api/v3/predictions/delete", json={"ids": [stuck["id"]]})
    assert answer.json()["data"]["deleted_count"] == 1


@pytest.mark.parametrize("rule, code, error", [
    ({"kind": "task_failed"}, 1405, "task failed"),
    ({"kind": "task_failed", "message": "out of memory"}, 1405, "out of memory"),
    ({"kind": "refusal"}, 1200, "content moderation"),
])
def test_a_task_can_fail(faulty, small_picture, rule, code, error):
    image = faulty.upload(small_picture).json()["data"]["download_url"]
    faulty.faults({"match": "submit", **rule})
    data, _ = faulty.wait_for(faulty.submit(image).json()["data"], "failed")
    assert data["code"] == code and data["error"] == error


@pytest.mark.parametrize("kind, status", [("never_finishes", "processing"), ("task_failed", "failed")])
def test_the_first_poll_decides_of_a_task_that_is_done(faulty, kind, status):
    task = faulty.ask("POST", f"/api/v3/{PICTURE_MODEL}", json={"prompt": "Mira"}).json()["data"]
    wait_until(lambda: faulty.ask("GET", f"/files/{task['id']}.png").status_code == 200)
    faulty.faults({"match": "poll", "kind": kind, "count": 1})
    for _ in range(2):
        assert faulty.ask("GET", task["urls"]["get"]).json()["data"]["status"] == status


def test_a_failure_that_comes_too_late_is_neither_told_nor_refunded(faulty, small_picture):
    image = faulty.upload(small_picture).json()["data"]["download_url"]
    task = faulty.submit(image).json()["data"]
    faulty.wait_for(task, "completed")
    faulty.faults({"match": "poll", "kind": "refusal", "count": 1})
    faulty.wait_for(task, "completed")
    entry = faulty.ledger()["entries"][-1]
    assert entry["id"] == task["id"] and "refunded" not in entry


def test_refusals_come_each_vendors_way(faulty):
    faulty.faults({"match": "all", "kind": "refusal"})
    choice = faulty.chat().json()["choices"][0]
    assert choice["finish_reason"] == "content_filter" and choice["message"]["content"] is None
    assert choice["message"]["refusal"]
    answer = faulty.image()
    assert answer.status_code == 400 and answer.json()["error"]["code"] == "content_policy_violation"
    assert faulty.charged("image") == 0


def test_work_can_be_done_twice(faulty, small_picture):
    image = faulty.upload(small_picture).json()["data"]["download_url"]
    faulty.faults({"match": "all", "kind": "duplicate"})
    faulty.chat()
    faulty.image()
    faulty.submit(image)
    counts = {step: total["count"] for step, total in faulty.ledger()["totals"].items()}
    assert counts == {"chat": 2, "image": 2, "submit": 2}


def test_a_rule_can_wait_for_words_and_chance(faulty):
    faulty.faults({"match": "chat", "kind": "status", "contains": "Tom"})
    assert faulty.chat("personality of Mira").status_code == 200
    assert faulty.chat("personality of Tom").status_code == 500
    faulty.faults({"match": "chat", "kind": "status", "rate": 0.5})
    statuses = [faulty.chat().status_code for _ in range(60)]
    assert 15 < statuses.count(500) < 45


def test_a_rule_can_fire_every_so_often(faulty):
    faulty.faults({"match": "chat", "kind": "status", "every": 3, "skip": 1, "count": 2})
    assert [faulty.chat().status_code for _ in range(10)] == [200, 200, 200, 500, 200, 200, 500, 200, 200, 200]


def test_a_body_can_be_torn_or_cut_half_way(faulty, small_picture):
    url = faulty.upload(small_picture).json()["data"]["download_url"]
    faulty.faults({"match": "download", "kind": "reset_amid", "count": 1}, {"match": "download", "kind": "cut"})
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="reset"):
        requests.get(url, timeout=SECONDS)
    answer = requests.get(url, timeout=SECONDS)  # nothing but the content tells
    assert answer.headers["content-length"] == str(len(small_picture) // 2)
    assert answer.content == small_picture[:len(small_picture) // 2]


def test_a_rule_can_be_for_the_requests_of_one_trace(faulty, small_picture):
    mine, other = "a" * 32, "b" * 32

    def upload(trace):
        headers = {"traceparent": f"00-{trace}-{'c' * 16}-01"}
        files = {"file": ("mira.png", small_picture, "image/png")}
        answer = faulty.ask("POST", "/api/v3/media/upload/binary", files=files, headers=headers)
        return answer.status_code, answer.json().get("data", {}).get("download_url")

    faulty.faults({"match": "upload", "kind": "status", "trace": mine, "count": 1},
                  {"match": "download", "kind": "status", "trace": mine})
    assert upload(other)[0] == 200 and upload(mine)[0] == 500
    # A download is part of the trace that its file was made in.
    assert requests.get(upload(mine)[1], timeout=SECONDS).status_code == 500
    assert requests.get(upload(other)[1], timeout=SECONDS).status_code == 200
    for trace in ("", "A" * 32, "a" * 31, 5):
        rule = {"match": "chat", "kind": "reset", "trace": trace}
        assert faulty.ask("PUT", "/studio/faults", json=[rule]).status_code == 400


def own_address():
    """An address of this machine that is not a loopback one, or None. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return probe.getsockname()[0]
        except OSError:
            return None


def test_only_programs_of_this_machine_order_faults():
    address = own_address()
    if address is None or address.startswith("127."):
        pytest.skip("no other address than the loopback one")
    studio = Studio(FAULTS="on", listen=f"{address}:0")
    try:
        assert studio.ask("GET", "/healthz").status_code == 200
        assert studio.ask("GET", "/studio/faults").status_code == 404
        assert studio.ask("DELETE", "/studio/ledger").status_code == 404
    finally:
        assert studio.close() == 0


# ---- the ledger ----


def test_the_ledger_says_what_was_paid(faulty, small_picture):
    body = {"model": "studio-chat", "messages": [{"role": "user", "content": "personality of Mira"}]}
    faulty.ask("POST", "/v1/chat/completions", json=body, headers={"Idempotency-Key": "key-1"})
    faulty.image(n=2)
    image = faulty.upload(small_picture).json()["data"]["download_url"]
    submitted = faulty.submit(image, duration=8, size="1280*720").json()["data"]
    ledger = faulty.ledger()
    chat, pictures, film = ledger["entries"]
    assert [entry["step"] for entry in ledger["entries"]] == ["chat", "image", "submit"]
    assert chat["idempotency_key"] == "key-1" and chat["price_microusd"] > 0
    assert pictures["price_microusd"] == 80000 and pictures["idempotency_key"] is None
    assert film["id"] == submitted["id"] and film["price_microusd"] == 480000 and film["model"] == VIDEO_MODEL
    assert faulty.ask("DELETE", "/studio/ledger").json() == {"totals": {}, "entries": []}


def test_the_ledger_says_what_was_cancelled_in_time(faulty, small_picture):
    image = faulty.upload(small_picture).json()["data"]["download_url"]
    faulty.faults({"match": "submit", "kind": "never_finishes", "count": 1})
    headers = {"traceparent": f"00-{'d' * 32}-{'c' * 16}-01"}
    body = {"image": image, "prompt": "she breathes", "duration": 5, "size": "832*480"}
    stuck = faulty.ask("POST", f"/api/v3/{VIDEO_MODEL}", json=body, headers=headers).json()["data"]
    made, kept = (faulty.submit(image).json()["data"] for _ in range(2))
    faulty.wait_for(made, "completed")
    faulty.ask("POST", "/api/v3/predictions/delete", json={"ids": [stuck["id"], made["id"]]})
    entries = {entry["id"]: entry for entry in faulty.ledger()["entries"]}
    assert entries[stuck["id"]]["cancelled_in_time"] is True and entries[stuck["id"]]["trace"] == "d" * 32
    assert entries[made["id"]]["cancelled_in_time"] is False and entries[made["id"]]["cancelled_at"]
    assert "cancelled_at" not in entries[kept["id"]]


# ---- the list of predictions ----


def test_predictions_are_listed_newest_first(faulty, small_picture):
    image = faulty.upload(small_picture).json()["data"]["download_url"]
    tasks = [faulty.submit(image, seed=seed).json()["data"] for seed in range(3)]

    def page(**members):
        answer = faulty.ask("POST", "/api/v3/predictions", json={"page": 1, "page_size": 100, **members})
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["data"]["items"]]

    ids = [task["id"] for task in reversed(tasks)]
    assert page() == page(model=VIDEO_MODEL) == page(created_after=tasks[0]["created_at"]) == ids
    assert [page(page=number, page_size=2) for number in (1, 2, 3)] == [ids[:2], ids[2:], []]
    assert page(model="someone/else-i2v") == page(created_after="2999-01-01T00:00:00Z") == []
    items = faulty.ask("POST", "/api/v3/predictions", json={"page": 1, "page_size": 1}).json()["data"]["items"]
    assert items[0]["input"] == {"duration": 5, "seed": 2, "size": "832*480"}
    for wrong in ({}, {"page": 0, "page_size": 1}, {"page": 1, "page_size": 101},
                  {"page": 1, "page_size": 1, "created_after": "yesterday"}):
        assert faulty.ask("POST", "/api/v3/predictions", json=wrong).status_code == 400


# ---- requests that are made again with their Idempotency-Key ----


def ask_with(studio, path, key="key-1", **body):
    return studio.ask("POST", path, json=body, headers={"Idempotency-Key": key})


def test_a_prediction_is_ordered_once_for_a_key(faulty):
    order = {"prompt": "a cat", "seed": 7}
    path = f"/api/v3/{PICTURE_MODEL}"
    faulty.faults({"match": "submit", "kind": "reset_after", "count": 1})
    with pytest.raises(requests.exceptions.ConnectionError):
        ask_with(faulty, path, **order)
    again = [ask_with(faulty, path, **order).json()["data"]["id"] for _ in range(2)]
    assert again[0] == again[1] and faulty.charged("submit") == 1
    assert ask_with(faulty, path, "key-2", **order).json()["data"]["id"] != again[0]
    assert faulty.charged("submit") == 2
    refused = ask_with(faulty, path, prompt="a dog", seed=7)
    assert refused.status_code == 422 and refused.json()["code"] == 422


def test_a_picture_is_charged_once_for_a_key(faulty):
    words = {"model": "studio-image", "prompt": "a cat", "response_format": "b64_json"}
    path = "/v1/images/generations"
    faulty.faults({"match": "image", "kind": "reset_after", "count": 1})
    with pytest.raises(requests.exceptions.ConnectionError):
        ask_with(faulty, path, **words)
    wait_until(lambda: ask_with(faulty, path, **words).status_code == 200)  # 409 while the first is drawn
    answers = [ask_with(faulty, path, **words) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json()["data"] == answers[1].json()["data"] and faulty.charged("image") == 1
    refused = ask_with(faulty, path, **{**words, "prompt": "a dog"})
    assert refused.status_code == 422 and "another request" in refused.json()["error"]["message"]


def test_a_key_whose_first_request_is_under_way_is_told_to_wait(faulty):
    words = {"model": "studio-image", "prompt": "a cat"}
    path = "/v1/images/generations"
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ask_with(faulty, path, **words), range(8)))
    assert {answer.status_code for answer in answers} <= {200, 409} and faulty.charged("image") == 1
    assert all(answer.headers["retry-after"] == "1" for answer in answers if answer.status_code == 409)
    assert sum(answer.status_code == 200 for answer in answers) >= 1
