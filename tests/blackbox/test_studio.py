"""The studio as a client sees it: every endpoint, every fault that can be ordered, every limit, the real process."""

import base64
import concurrent.futures
import io
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import time
import zlib

import pytest
import requests

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = pathlib.Path(os.environ.get("TROUPE_PROGRAMS", ROOT / "build/bin")) / "troupe-studio"
SECONDS = 60  # that a condition may take, on a slow and busy machine
VIDEO_MODEL = "wavespeed-ai/wan-2.2/image-to-video"


class Studio:
    """One process, with what its clients would do."""

    def __init__(self, **settings):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TROUPE_STUDIO")}
        environment.update({f"TROUPE_STUDIO_{name}": str(value) for name, value in settings.items()})
        self.process = subprocess.Popen([PROGRAM, "--listen", "127.0.0.1:0"], env=environment, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        line = self.process.stdout.readline()
        assert line.startswith("troupe-studio: ready http://127.0.0.1:"), line + self.process.stderr.read()
        self.url = line.split()[-1]
        self.key = settings.get("KEY")

    def ask(self, method, path, **options):
        headers = options.pop("headers", {})
        if self.key:
            headers = {"Authorization": f"Bearer {self.key}", **headers}
        url = path if path.startswith("http") else self.url + path
        return requests.request(method, url, headers=headers, timeout=options.pop("timeout", SECONDS), **options)

    def chat(self, text="Write the personality of Mira.", **members):
        body = {"model": "studio-chat", "messages": [{"role": "user", "content": text}], **members}
        return self.ask("POST", "/v1/chat/completions", json=body)

    def image(self, prompt="Portrait of Mira. hair: long silver, seed: 42", **members):
        body = {"model": "studio-image", "prompt": prompt, "response_format": "b64_json", **members}
        return self.ask("POST", "/v1/images/generations", json=body)

    def upload(self, content, name="mira.png"):
        return self.ask("POST", "/api/v3/media/upload/binary", files={"file": (name, content, "image/png")})

    def submit(self, picture, model=VIDEO_MODEL, **members):
        body = {"image": picture, "prompt": "she breathes", "duration": 5, "size": "832*480", "seed": 7} | members
        return self.ask("POST", f"/api/v3/{model}", json=body)

    def wait_for(self, task, *statuses):
        """Polls until the task has one of the statuses; returns its data and all statuses seen, each once."""
        seen, end = [], time.monotonic() + SECONDS
        while time.monotonic() < end:
            data = self.ask("GET", task["urls"]["get"]).json()["data"]
            if data["status"] not in seen:
                seen.append(data["status"])
            if data["status"] in statuses:
                return data, seen
        raise AssertionError(f"still {seen} after {SECONDS} s")

    def faults(self, *rules):
        answer = self.ask("PUT", "/studio/faults", json=list(rules))
        assert answer.status_code == 200, answer.text

    def ledger(self):
        return self.ask("GET", "/studio/ledger").json()

    def charged(self, step):
        return self.ledger()["totals"].get(step, {"count": 0})["count"]

    def close(self):
        """Stops the process and says how it ended."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        _, errors = self.process.communicate(timeout=SECONDS)
        assert "ERROR: " not in errors, errors  # of a sanitizer
        return self.process.returncode


@pytest.fixture(scope="module")
def shared():
    """A studio without faults, for tests that change nothing."""
    studio = Studio()
    yield studio
    assert studio.close() == 0


@pytest.fixture
def faulty():
    studio = Studio(FAULTS="on")
    yield studio
    assert studio.close() == 0


@pytest.fixture(scope="module")
def portrait(shared):
    return base64.b64decode(shared.image().json()["data"][0]["b64_json"])


@pytest.fixture(scope="module")
def small_picture():
    """A PNG that is quickly decoded: 64 x 64, grey."""
    rows = b"".join(b"\0" + bytes([row * 3] * 64) for row in range(64))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 64, 64, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


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
        start = time.monotonic()
        assert shared.ask("GET", "/healthz").json()["status"] == "ok"
        slowest = max(slowest, time.monotonic() - start)
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


# ---- bad input and limits ----


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/images/generations", f"/api/v3/{VIDEO_MODEL}",
                                  "/api/v3/predictions/delete"])
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"a":1,"a":2}', b"{} {}", b'{"a":' * 100,
                                  b"[" * 50000], ids=range(9))
def test_bad_json_is_refused(shared, path, body):
    answer = shared.ask("POST", path, data=body)
    assert answer.status_code == 400
    assert ("error" in answer.json()) == path.startswith("/v1/")


def test_what_is_too_large_is_refused(shared):
    for path, size in (("/v1/chat/completions", 1 << 20), ("/v1/images/generations", 256 << 10),
                       ("/api/v3/predictions/delete", 64 << 10), ("/healthz", 0)):
        method = "GET" if path == "/healthz" else "POST"
        assert shared.ask(method, path, data=b" " * (size + 1)).status_code == 413
    picture = b"\x89PNG\r\n\x1a\n" + b"\0" * (20 << 20)
    assert shared.upload(picture).status_code == 413
    assert shared.upload(picture[:20 << 20]).status_code == 200


@pytest.mark.parametrize("content", [b"", b"text", b"%PDF-1.4", b"\x00" * 100])
def test_an_upload_must_be_a_picture(shared, content):
    assert shared.upload(content).status_code == 400


def test_an_upload_must_be_a_form_with_a_file(shared, small_picture):
    path = "/api/v3/media/upload/binary"
    assert shared.ask("POST", path, data=small_picture).status_code == 400
    assert shared.ask("POST", path, files={"picture": small_picture}).status_code == 400
    assert shared.ask("POST", path, data=b"x", headers={"Content-Type": "multipart/form-data"}).status_code == 400
    answer = shared.upload(small_picture, name="../../etc/<x>\n.png").json()["data"]
    assert "/" not in answer["filename"] and "<" not in answer["filename"]


def test_unknown_paths_and_methods_are_refused_in_the_vendors_shape(shared):
    answer = shared.ask("GET", "/v1/nothing")
    assert answer.status_code == 404 and answer.json()["error"]["type"] == "invalid_request_error"
    answer = shared.ask("PATCH", "/v1/models")
    assert answer.status_code == 405 and answer.headers["allow"] == "GET"
    answer = shared.ask("PUT", "/api/v3/predictions/x")
    assert answer.status_code == 405 and set(answer.headers["allow"].split(", ")) == {"GET", "DELETE"}
    assert shared.ask("GET", "/studio/faults").status_code == 404
    assert shared.ask("GET", "/studio/ledger").status_code == 404


def test_models_are_listed(shared):
    assert all(model["object"] == "model" for model in shared.ask("GET", "/v1/models").json()["data"])
    assert VIDEO_MODEL in [model["model_id"] for model in shared.ask("GET", "/api/v3/models").json()["data"]]


def test_garbage_on_the_socket_harms_nobody(shared):
    host, port = shared.url.removeprefix("http://").split(":")
    for garbage in (b"\0" * 1000, b"GET\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0" * 100,
                    b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 99999999999999\r\n\r\n",
                    b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 10000):
        with socket.create_connection((host, int(port)), timeout=SECONDS) as client:
            client.settimeout(SECONDS)
            try:
                client.sendall(garbage)
                client.shutdown(socket.SHUT_WR)
                while client.recv(65536):
                    pass
            except ConnectionError:
                pass
    assert shared.ask("GET", "/healthz").status_code == 200


def test_links_begin_with_the_clients_own_address(shared, small_picture):
    for host, base in (("studio:8188", "http://studio:8188"), ("a\"b/c", shared.url)):
        answer = shared.ask("POST", "/api/v3/upload", files={"file": small_picture}, headers={"Host": host})
        assert answer.json()["data"]["download_url"].startswith(base + "/files/")


# ---- key and settings ----


def test_a_key_is_asked_for_when_one_is_set():
    studio = Studio(KEY="sk-secret", FAULTS="on")
    try:
        assert studio.chat().status_code == 200
        url = studio.image(response_format="url").json()["data"][0]["url"]
        assert requests.get(url, timeout=SECONDS).status_code == 200  # a file's address is enough, as with the vendors
        assert requests.get(studio.url + "/healthz", timeout=SECONDS).status_code == 200
        for header in ({}, {"Authorization": "Bearer sk-secreT"}, {"Authorization": "Bearer sk-secret2"},
                       {"Authorization": "Basic sk-secret"}, {"X-API-Key": "sk-secret"}):
            answer = requests.get(studio.url + "/v1/models", headers=header, timeout=SECONDS)
            assert answer.status_code == 401 and answer.json()["error"]["code"] == "invalid_api_key"
            answer = requests.get(studio.url + "/api/v3/predictions/x", headers=header, timeout=SECONDS)
            assert answer.status_code == 401 and answer.json()["code"] == 401
            assert requests.get(studio.url + "/studio/ledger", headers=header, timeout=SECONDS).status_code == 401
    finally:
        assert studio.close() == 0


@pytest.mark.parametrize("name, value", [("THREADS", "0"), ("THREADS", "x"), ("LATENCY_MS", "-1"), ("FAULTS", "maybe"),
                                         ("LISTEN", "localhost"), ("LISTEN", "127.0.0.1:99999"),
                                         ("FAULT_RULES", "[{}]")])
def test_a_bad_setting_stops_the_start_with_a_reason(name, value):
    environment = {**os.environ, f"TROUPE_STUDIO_{name}": value}
    result = subprocess.run([PROGRAM], env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert result.returncode == 2 and result.stderr and "ERROR: " not in result.stderr


def test_a_taken_port_is_told(shared):
    result = subprocess.run([PROGRAM, "--listen", shared.url.removeprefix("http://")], capture_output=True, text=True,
                            timeout=SECONDS, check=False)
    assert result.returncode == 1 and "cannot listen" in result.stderr and "ERROR: " not in result.stderr


def test_help_lists_the_settings():
    result = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, timeout=SECONDS, check=True)
    for name in ("LISTEN", "KEY", "FAULTS", "LATENCY_MS", "MEMORY_MIB", "THREADS"):
        assert f"TROUPE_STUDIO_{name}" in result.stdout


def test_latency_is_kept_step_by_step(small_picture):
    studio = Studio(LATENCY_MS=50, LATENCY_CHAT_MS=300, FILM_LATENCY_MS=1500)
    try:
        start = time.monotonic()
        studio.chat()
        chat = time.monotonic()
        image = studio.upload(small_picture).json()["data"]["download_url"]
        upload = time.monotonic()
        studio.wait_for(studio.submit(image).json()["data"], "completed")
        assert chat - start >= 0.3 and 0.05 <= upload - chat
        assert time.monotonic() - upload >= 1.5
    finally:
        assert studio.close() == 0


def test_old_files_make_room(small_picture):
    studio = Studio(MEMORY_MIB=64)
    try:
        padded = small_picture + b"\0" * (15 << 20)
        urls = [studio.upload(padded).json()["data"]["download_url"] for _ in range(6)]
        found = [requests.head(url, timeout=SECONDS).status_code for url in urls]
        assert found == [404, 404, 200, 200, 200, 200]
        assert studio.ask("GET", "/healthz").json()["fileBytes"] <= 64 << 20
    finally:
        assert studio.close() == 0


def test_connections_are_bounded():
    studio = Studio(CONNECTIONS=4)
    host, port = studio.url.removeprefix("http://").split(":")
    clients = [socket.create_connection((host, int(port)), timeout=SECONDS) for _ in range(4)]
    try:
        with pytest.raises(requests.exceptions.ConnectionError):
            # The four are accepted in order, so a fifth finds no room.
            studio.ask("GET", "/healthz")
    finally:
        for client in clients:
            client.close()
        assert studio.close() == 0


def test_it_stops_at_once_with_films_and_waiting_clients(small_picture):
    studio = Studio(FAULTS="on")
    studio.faults({"match": "chat", "kind": "hang_before"})
    image = studio.upload(small_picture).json()["data"]["download_url"]
    for _ in range(6):
        studio.submit(image, duration=8, size="1280*720")
    idle = requests.Session()
    idle.get(studio.url + "/healthz", timeout=SECONDS)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        hanging = pool.submit(studio.chat)
        wait_until(lambda: studio.ask("GET", "/studio/faults").json()[0]["fired"] == 1)
        start = time.monotonic()
        assert studio.close() == 0
        assert time.monotonic() - start < 5.0
        with pytest.raises(requests.exceptions.ConnectionError):
            hanging.result(timeout=SECONDS)


# ---- faults ----


def wait_until(condition):
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end


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
    assert faulty.charged("chat") == charged
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
    assert faulty.charged("image") == 1


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
