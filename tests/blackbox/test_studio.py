"""The studio as a client sees it: what its endpoints make, the real process."""

import base64
import io
import json
import struct
import subprocess

import pytest
import requests
from fake_broker import Span
from studio_stand import (PICTURE_MODEL, SECONDS, VIDEO_MODEL, fixture_portrait, fixture_shared,  # noqa: F401
                          fixture_small_picture)

# ---- chat ----


def test_a_personality_is_a_json_object_with_counted_tokens(shared):
    answer = shared.chat(response_format={"type": "json_object"}, seed=7).json()
    personality = json.loads(answer["choices"][0]["message"]["content"])
    assert "Mira" in personality["summary"] and len(personality["traits"]) == 5
    assert answer["object"] == "chat.completion" and answer["id"].startswith("chatcmpl-")
    assert answer["choices"][0]["finish_reason"] == "stop"
    usage = answer["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert usage["prompt_tokens"] > 5 and usage["completion_tokens"] > 100


def test_the_same_seed_gives_the_same_words(shared):
    texts = [shared.chat(seed=seed).json()["choices"][0]["message"]["content"] for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


def test_chat_counts_choices_cuts_at_the_limit_and_reads_parts(shared):
    answer = shared.chat(n=3, max_tokens=5).json()
    assert [choice["index"] for choice in answer["choices"]] == [0, 1, 2]
    assert all(choice["finish_reason"] == "length" for choice in answer["choices"])
    assert answer["usage"]["completion_tokens"] == 15
    parts = [{"role": "user", "content": [{"type": "text", "text": "Write the personality of Tom."}]}]
    answer = shared.ask("POST", "/v1/chat/completions", json={"model": "x", "messages": parts}).json()
    assert "Tom" in answer["choices"][0]["message"]["content"]


def test_chat_streams_when_asked(shared):
    answer = shared.chat(stream=True)
    assert answer.headers["content-type"] == "text/event-stream"
    lines = [line[6:] for line in answer.text.split("\n\n") if line.startswith("data: ")]
    assert lines[-1] == "[DONE]"
    pieces = [json.loads(line)["choices"][0] for line in lines[:-1]]
    assert "Mira" in "".join(piece["delta"].get("content", "") for piece in pieces)
    assert pieces[-1]["finish_reason"] == "stop"


def test_chat_follows_a_schema(shared):
    schema = {"type": "object", "properties": {"name": {"type": "string"}, "level": {"type": "integer", "minimum": 2,
                                                                                     "maximum": 4}}}
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    content = json.loads(shared.chat(response_format=form).json()["choices"][0]["message"]["content"])
    assert content["name"] == "Mira" and 2 <= content["level"] <= 4


@pytest.mark.parametrize("body, param", [
    ({"messages": [{"role": "user", "content": "x"}]}, "model"),
    ({"model": "x"}, "messages"),
    ({"model": "x", "messages": []}, "messages"),
    ({"model": "x", "messages": [{"content": "x"}]}, "messages"),
    ({"model": "x", "messages": [{"role": "user"}]}, "messages"),
    ({"model": "x", "messages": [{"role": "user", "content": "x"}], "n": 99}, "n"),
    ({"model": "x", "messages": [{"role": "user", "content": "x"}], "response_format": {"type": "xml"}},
     "response_format"),
])
def test_chat_names_the_member_that_is_wrong(shared, body, param):
    answer = shared.ask("POST", "/v1/chat/completions", json=body)
    error = answer.json()["error"]
    assert answer.status_code == 400 and error["type"] == "invalid_request_error"
    assert error["param"] == param and error["message"]


# ---- pictures ----


def png_size(content):
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", content[16:24])


def test_a_picture_repeats_with_its_words(shared, portrait):
    again = base64.b64decode(shared.image().json()["data"][0]["b64_json"])
    changed = shared.image("Portrait of Mira. hair: long silver, seed: 43").json()
    other = base64.b64decode(changed["data"][0]["b64_json"])
    assert png_size(portrait) == (1024, 1024)
    assert portrait == again != other


def test_a_picture_by_address_is_downloaded_whole(shared, portrait):
    data = shared.image(response_format="url", n=2).json()["data"]
    assert len(data) == 2
    answer = requests.get(data[0]["url"], timeout=SECONDS)
    assert answer.content == portrait
    assert answer.headers["content-type"] == "image/png" and int(answer.headers["content-length"]) == len(portrait)
    head = requests.head(data[0]["url"], timeout=SECONDS)
    assert int(head.headers["content-length"]) == len(portrait) and head.content == b""


@pytest.mark.parametrize("body, param", [
    ({}, "prompt"), ({"prompt": ""}, "prompt"), ({"prompt": "x" * 32001}, "prompt"), ({"prompt": "x", "n": 5}, "n"),
    ({"prompt": "x", "n": "1"}, "n"), ({"prompt": "x", "size": "1x1"}, "size"),
    ({"prompt": "x", "response_format": "gif"}, "response_format"),
])
def test_a_picture_request_names_the_member_that_is_wrong(shared, body, param):
    answer = shared.ask("POST", "/v1/images/generations", json=body)
    assert answer.status_code == 400 and answer.json()["error"]["param"] == param


# ---- films ----


def probe(path):
    result = subprocess.run(["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-show_format", "-of", "json",
                             path], capture_output=True, text=True, check=True)
    report = json.loads(result.stdout)
    assert len(report["streams"]) == 1
    return report["streams"][0], report["format"]


def boxes(content):
    """The names of an MP4 file's outermost boxes, in order."""
    names, stream = [], io.BytesIO(content)
    while head := stream.read(8):
        size, name = struct.unpack(">I4s", head)
        names.append(name.decode())
        stream.seek(size - 8, io.SEEK_CUR)
    return names


@pytest.mark.parametrize("size, duration", [("832*480", 5), ("1280*720", 8), ("720*1280", 5)])
def test_a_film_is_what_was_asked_for(shared, portrait, tmp_path, size, duration):
    uploaded = shared.upload(portrait).json()["data"]
    assert uploaded["size"] == len(portrait) and uploaded["filename"] == "mira.png"
    submitted = shared.submit(uploaded["download_url"], size=size, duration=duration).json()["data"]
    assert submitted["status"] == "created" and submitted["outputs"] == []
    data, seen = shared.wait_for(submitted, "completed", "failed")
    assert data["status"] == "completed" and data["id"] == submitted["id"] and data["model"] == VIDEO_MODEL
    assert set(seen) <= {"created", "processing", "completed"} and data["timings"]["inference"] > 0
    answer = requests.get(data["outputs"][0], timeout=SECONDS)
    assert answer.headers["content-type"] == "video/mp4"
    assert int(answer.headers["content-length"]) == len(answer.content)
    path = tmp_path / "film.mp4"
    path.write_bytes(answer.content)
    stream, form = probe(path)
    width, height = map(int, size.split("*"))
    assert (stream["codec_name"], stream["pix_fmt"], stream["color_range"]) == ("h264", "yuv420p", "tv")
    assert {stream["color_space"], stream["color_transfer"], stream["color_primaries"]} == {"bt709"}
    assert (stream["width"], stream["height"], stream["r_frame_rate"]) == (width, height, "24/1")
    assert int(stream["nb_read_frames"]) == duration * 24
    assert abs(float(form["duration"]) - duration) < 0.005
    order = boxes(answer.content)
    assert order.index("moov") < order.index("mdat")


def test_the_same_picture_and_seed_make_the_same_film(shared, small_picture):
    films = []
    image = shared.upload(small_picture).json()["data"]["download_url"]
    inline = "data:image/png;base64," + base64.b64encode(small_picture).decode()
    for source, seed in ((image, 7), (inline, 7), (image, 8)):
        data, _ = shared.wait_for(shared.submit(source, seed=seed).json()["data"], "completed")
        films.append(requests.get(data["outputs"][0], timeout=SECONDS).content)
    assert films[0] == films[1] != films[2]


def test_many_films_are_made_while_the_loop_answers(shared, small_picture):
    image = shared.upload(small_picture).json()["data"]["download_url"]
    tasks = [shared.submit(image, seed=seed).json()["data"] for seed in range(8)]
    slowest = 0
    while any(shared.ask("GET", task["urls"]["get"]).json()["data"]["status"] != "completed" for task in tasks):
        span = Span(shared.process.pid)
        assert shared.ask("GET", "/healthz").json()["status"] == "ok"
        slowest = max(slowest, span.seconds())
    assert slowest < 1.0


@pytest.mark.parametrize("image", ["http://example.org/elsewhere.png", "/files/" + "0" * 32 + ".png",
                                   "data:image/png;base64,AAAA", "data:image/png,plain", "data:image/png;base64,***"])
def test_a_picture_that_cannot_be_had_fails_the_task(shared, image):
    task = shared.submit(image).json()["data"]
    data, _ = shared.wait_for(task, "failed", "completed")
    assert data["status"] == "failed" and data["code"] == 1402 and "media access failed" in data["error"]
    assert data["outputs"] == []


@pytest.mark.parametrize("members", [{"image": None}, {"image": 5}, {"duration": 6}, {"duration": "5"}, {"size": "1*1"},
                                     {"seed": "x"}, {"prompt": "x" * 20000}])
def test_a_submit_that_is_wrong_is_refused(shared, members):
    answer = shared.submit("/files/x", **members)
    assert answer.status_code == 400 and answer.json()["code"] == 400 and answer.json()["message"]


def draw(studio, prompt="Portrait of Mira. hair: long silver, seed: 42", model=PICTURE_MODEL, **members):
    return studio.ask("POST", f"/api/v3/{model}", json={"prompt": prompt, **members})


def test_a_picture_is_a_prediction_like_a_film(shared, portrait):
    """The same words make the same picture, whichever API they come by."""
    submitted = draw(shared, size="1024*1024", seed=7).json()["data"]
    assert submitted["status"] == "created" and submitted["outputs"] == []
    data, _ = shared.wait_for(submitted, "completed", "failed")
    assert data["status"] == "completed" and data["model"] == PICTURE_MODEL
    answer = requests.get(data["outputs"][0], timeout=SECONDS)
    assert answer.headers["content-type"] == "image/png" and answer.content == portrait
    listed = shared.ask("POST", "/api/v3/predictions", json={"page": 1, "page_size": 100, "model": PICTURE_MODEL})
    mine = next(item for item in listed.json()["data"]["items"] if item["id"] == data["id"])
    assert mine["input"] == {"seed": 7, "size": "1024*1024"}


@pytest.mark.parametrize("members", [{"prompt": ""}, {"prompt": "x" * 20000}, {"size": "832*480"}, {"seed": "x"}])
def test_a_picture_that_is_ordered_wrongly_is_refused(shared, members):
    answer = draw(shared, **{"prompt": "a cat", **members})
    assert answer.status_code == 400 and answer.json()["code"] == 400 and answer.json()["message"]


def test_its_models_are_told_with_what_they_make(shared):
    told = {model["model_id"]: model["type"] for model in shared.ask("GET", "/api/v3/models").json()["data"]}
    assert told[PICTURE_MODEL] == "text-to-image" and told[VIDEO_MODEL] == "image-to-video"


def test_unknown_models_tasks_and_files_are_not_found(shared):
    assert shared.submit("/files/x", model="someone/text-to-text").status_code == 404
    for path in ("/api/v3/predictions/nobody/result", "/api/v3/predictions/nobody", "/files/nothing.png"):
        answer = shared.ask("GET", path)
        assert answer.status_code == 404 and answer.json()["code"] == 404
    assert shared.ask("DELETE", "/api/v3/predictions/nobody").status_code == 404


def test_a_deleted_task_is_gone(shared, small_picture):
    image = shared.upload(small_picture).json()["data"]["download_url"]
    tasks = [shared.submit(image, duration=8, size="1280*720").json()["data"] for _ in range(3)]
    ids = [task["id"] for task in tasks]
    answer = shared.ask("POST", "/api/v3/predictions/delete", json={"ids": ids[:2] + ["nobody"]})
    assert answer.json()["data"]["deleted_count"] == 2
    assert shared.ask("DELETE", f"/api/v3/predictions/{ids[2]}").json()["data"]["deleted_count"] == 1
    assert [shared.ask("GET", task["urls"]["get"]).status_code for task in tasks] == [404] * 3
    for body in ({}, {"ids": []}, {"ids": ["x"] * 101}):
        assert shared.ask("POST", "/api/v3/predictions/delete", json=body).status_code == 400
