"""`troupe doctor` against providers that have something wrong with them."""

import email.utils
import http.server
import json
import os
import shutil
import subprocess
import threading
import time

import pytest

from stack import TROUPE


@pytest.fixture
def provider():
    """A list of models whose answer a test chooses: behave(path, key) gives (status, body, clock's error in s)."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def do_GET(self):
            status, body, ahead = self.server.behave(self.path, self.headers.get("Authorization"))
            content = json.dumps(body).encode()
            self.send_response_only(status)
            if status == 302:
                self.send_header("Location", body)
            self.send_header("Date", email.utils.formatdate(time.time() + ahead, usegmt=True))
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def models(path, key):
    if key is None:
        return 401, {"error": {"message": "a key is needed"}}, 0
    names = {"/v1/models": ["chat-1", "image-1"], "/api/v3/models": ["video-1", "maker/flux"]}[path]
    member = "id" if path == "/v1/models" else "model_id"
    return 200, {"data": [{member: name} for name in names]}, 0


def doctor(tmp_path, url, key="sk-right", words=(), private="on", **changed):
    entry = {use: {"name": use, "url": url, "model": f"{use}-1", "keyEnv": "KEY"} for use in ("chat", "image", "video")}
    for use, members in changed.items():
        entry[use].update(members)
    path = tmp_path / "providers.json"
    path.write_text(json.dumps({use: [members] for use, members in entry.items()}))
    environment = {**os.environ, "TROUPE_PROVIDERS_FILE": str(path), "KEY": key, "TROUPE_RESULT_PRIVATE": private}
    return subprocess.run([TROUPE, "doctor", *words], env=environment, capture_output=True, text=True, timeout=60)


def test_all_is_well(provider, tmp_path):
    provider.behave = models
    found = doctor(tmp_path, f"http://127.0.0.1:{provider.server_port}")
    assert found.stdout.splitlines() == [
        "ok       chat   chat: it offers chat-1",
        "ok       image  image: it offers image-1",
        "ok       video  video: it offers video-1",
    ]
    assert found.returncode == 0


def test_addresses_are_taken_as_vendors_show_them(provider, tmp_path):
    provider.behave = models
    url = f"http://127.0.0.1:{provider.server_port}"
    urls = {"chat": f"{url}/v1", "image": f"{url}/v1", "video": f"{url}/api/v3"}
    found = doctor(tmp_path, url, **{use: {"url": urls[use]} for use in urls})
    assert (found.returncode, found.stdout.count("it offers")) == (0, 3), found.stdout
    environment = {**os.environ, "TROUPE_RESULT_PRIVATE": "on"}
    provider.behave = lambda path, key: models(path, key or "Bearer other")  # no key is set, and none needed
    for use in urls:
        environment |= {f"TROUPE_{use.upper()}_URL": urls[use], f"TROUPE_{use.upper()}_MODEL": f"{use}-1"}
    found = subprocess.run([TROUPE, "doctor"], env=environment, capture_output=True, text=True, timeout=60)
    assert (found.returncode, found.stdout.count("it offers")) == (0, 3), found.stdout


def test_what_was_not_checked_is_warned_of(provider, tmp_path):
    """A list of models that anybody may see, none, and one elsewhere."""

    def behave(path, key):
        return (404, {}, 0) if path == "/api/v3/models" else models(path, key or "Bearer other")

    provider.behave = behave
    url = f"http://127.0.0.1:{provider.server_port}"
    found = doctor(tmp_path, url, image={"keyEnv": "EMPTY", "url": url})
    assert found.returncode == 2 and "EMPTY" in found.stderr  # no key is none that is empty
    found = doctor(tmp_path, url)
    assert found.returncode == 0 and found.stdout.splitlines() == [
        "warning  chat   chat: it offers chat-1; it tells anybody its models: the key was not checked",
        "warning  image  image: it offers image-1; it tells anybody its models: the key was not checked",
        "warning  video  video: it answers, and does not tell its models, if its address is right: not checked are key "
        "and model video-1",
        "0 wrong, 3 warnings",
    ]
    provider.behave = lambda path, key: (302, "https://elsewhere.example/models", 0)
    found = doctor(tmp_path, url)
    assert found.returncode == 1 and found.stdout.splitlines()[0] == (
        "wrong    chat   chat: it sends elsewhere, where no call would go: is the address right? "
        "(https://elsewhere.example/models)")
    hidden = {"/login?token=abcdefghsecret": "(/login)", "https://user:passw0rd@x.example/": "(https://x.example/)",
              "https://x.example/cb#access_token=abc": "(https://x.example/cb)",
              "https://x.example/%73k%2dright/": "(https://x.example)"}
    for location, told in hidden.items():
        provider.behave = lambda path, key, location=location: (302, location, 0)
        assert doctor(tmp_path, url).stdout.splitlines()[0].endswith(f"is the address right? {told}"), location
    provider.behave = lambda path, key: (200, {"code": 401, "message": "Invalid API key"}, 0)
    found = doctor(tmp_path, url)
    assert found.stdout.splitlines()[2] == "wrong    video  video: it does not accept the key (Invalid API key)"


def test_a_list_of_one_use_is_checked_and_what_is_missing_named(provider, tmp_path):
    """For a host that runs one role."""
    provider.behave = models
    path = tmp_path / "providers.json"
    path.write_text(json.dumps({"image": [{"name": "image", "url": f"http://127.0.0.1:{provider.server_port}",
                                           "model": "image-1", "keyEnv": "KEY"}]}))
    environment = {**os.environ, "TROUPE_PROVIDERS_FILE": str(path), "KEY": "sk-right", "TROUPE_RESULT_PRIVATE": "on"}
    found = subprocess.run([TROUPE, "doctor"], env=environment, capture_output=True, text=True, timeout=60)
    assert found.stdout.splitlines() == ["ok       image  image: it offers image-1"]
    assert found.returncode == 2 and found.stderr.splitlines() == [
        f"troupe: {path} names nobody for a use (use chat)", f"troupe: {path} names nobody for a use (use video)"]


@pytest.mark.parametrize("uses", [("image", "video"), ("chat",), ("video",)], ids="-".join)
def test_each_that_is_named_is_asked_though_its_role_lacks_another(provider, tmp_path, uses):
    provider.behave = models
    path = tmp_path / "providers.json"
    one = {"url": f"http://127.0.0.1:{provider.server_port}", "keyEnv": "KEY"}
    path.write_text(json.dumps({use: [{**one, "name": use, "model": f"{use}-1"}] for use in uses}))
    environment = {**os.environ, "TROUPE_PROVIDERS_FILE": str(path), "KEY": "sk-right", "TROUPE_RESULT_PRIVATE": "on"}
    found = subprocess.run([TROUPE, "doctor"], env=environment, capture_output=True, text=True, timeout=60)
    assert sorted(found.stdout.splitlines()) == [f"ok       {use:5}  {use}: it offers {use}-1" for use in uses]
    assert found.returncode == 2 and sorted(found.stderr.splitlines()) == [
        f"troupe: {path} names nobody for a use (use {use})" for use in ("chat", "image", "video") if use not in uses]


def test_a_list_of_thousands_of_models_is_looked_through(provider, tmp_path):
    def behave(path, key):
        size = 17 << 20 if path == "/api/v3/models" else 2 << 20
        status, body, ahead = models(path, key)
        body["data"].insert(0, {"id": "other", "description": "x" * size})
        return status, body, ahead

    provider.behave = behave
    found = doctor(tmp_path, f"http://127.0.0.1:{provider.server_port}", image={"model": "image-2"})
    assert found.stdout.splitlines() == [
        "ok       chat   chat: it offers chat-1",
        "wrong    image  image: it does not offer the model image-2, but image-1, other, chat-1",
        "warning  video  video: it answers with a list too long to look through: not checked is video-1",
        "1 wrong, 1 warning",
    ]


def test_results_that_would_not_be_fetched_are_told_of(provider, tmp_path):
    """Before the first of them is paid for."""
    provider.behave = models
    found = doctor(tmp_path, f"http://127.0.0.1:{provider.server_port}", private="off")
    told = "; it is at a private address: pictures and videos there will be refused without TROUPE_RESULT_PRIVATE=on"
    assert found.returncode == 0 and found.stdout.splitlines() == [
        "ok       chat   chat: it offers chat-1",
        "warning  image  image: it offers image-1" + told,
        "warning  video  video: it offers video-1" + told,
        "0 wrong, 2 warnings",
    ]
    found = json.loads(doctor(tmp_path, f"http://127.0.0.1:{provider.server_port}", private="off",
                              words=["--json"]).stdout)
    assert (found["well"], found["warnings"]) == (True, 2)
    assert [(each["well"], each["warning"]) for each in found["providers"]] == [
        (True, False), (True, True), (True, True)]


@pytest.mark.parametrize("hosts, is_warned", [("cdn.example", True), ("127.0.0.1,cdn.example", False)])
def test_a_list_of_hosts_without_the_provider_is_warned_of(provider, tmp_path, hosts, is_warned, monkeypatch):
    provider.behave = models
    monkeypatch.setenv("TROUPE_RESULT_HOSTS", hosts)
    found = doctor(tmp_path, f"http://127.0.0.1:{provider.server_port}", chat={"model": "chat-2"})
    told = "; its host is not in TROUPE_RESULT_HOSTS: pictures and videos there will be refused" if is_warned else ""
    word = "warning" if is_warned else "ok     "
    assert found.returncode == 1 and found.stdout.splitlines() == [
        "wrong    chat   chat: it does not offer the model chat-2, but chat-1, image-1",
        f"{word}  image  image: it offers image-1{told}",
        f"{word}  video  video: it offers video-1{told}",
        f"1 wrong, {2 if is_warned else 0} warnings",
    ]


@pytest.mark.parametrize("items, is_well, words", [
    ([{"id": "a", "input": {"seed": 7}}], True, ""),
    ([], True, "; lookUp: not checked, its list of predictions is empty"),
    ([{"id": "a"}], False, "; lookUp: its list of predictions does not tell what was asked for (input), so that no "
                           "order can be found there"),
    (None, False, "; lookUp: it does not tell its list of predictions")], ids=["told", "empty", "untold", "none"])
def test_a_list_where_no_order_can_be_found_is_told_of(provider, tmp_path, items, is_well, words):
    """WaveSpeed's own list, by its page, has no input."""
    provider.behave = lambda path, key: (200, {"data": {"items": items}}, 0) if path == "/api/v3/predictions" else \
        models(path, key)
    found = doctor(tmp_path, f"http://127.0.0.1:{provider.server_port}", video={"lookUp": True})
    state = "ok     " if is_well else "wrong  "
    assert found.stdout.splitlines()[2] == f"{state}  video  video: it offers video-1{words}"
    assert (found.returncode == 0) == is_well


def test_who_draws_by_order_is_asked_by_its_own_api(provider, tmp_path):
    provider.behave = models
    url = f"http://127.0.0.1:{provider.server_port}"
    found = doctor(tmp_path, url, image={"api": "wavespeed", "model": "maker/flux"})
    assert found.stdout.splitlines()[1] == "ok       image  image: it offers maker/flux" and found.returncode == 0
    found = doctor(tmp_path, url, image={"api": "wavespeed"})
    assert found.stdout.splitlines()[1] == (
        "wrong    image  image: it does not offer the model image-1, but video-1, maker/flux")


def test_a_wrong_key_model_clock_and_address_are_told_in_words(provider, tmp_path):
    def behave(path, key):
        if path == "/v1/models" and key != "Bearer sk-right":
            return 401, {"error": {"message": "no such key: sk-wrong"}}, 0
        status, body, _ = models(path, key)
        return status, body, 3600

    provider.behave = behave
    url = f"http://127.0.0.1:{provider.server_port}"
    found = doctor(tmp_path, url, "sk-wrong", image={"url": "http://127.0.0.1:1"}, video={"model": "video-2"})
    lines = found.stdout.splitlines()
    assert found.returncode == 1
    assert lines[0] == "wrong    chat   chat: it does not accept the key (no such key: ********)"
    assert lines[1].startswith("wrong    image  image: it cannot be reached (")
    assert lines[2].startswith("wrong    video  video: it does not offer the model video-2, but video-1, maker/"
                               "flux; this machine's clock is 3")
    assert lines[2].endswith(" s behind its clock") or lines[2].endswith(" s ahead of its clock")
    assert "sk-wrong" not in found.stdout + found.stderr


def test_the_second_of_each_list_is_asked_as_well(provider, tmp_path):
    """It is named, with what is wrong, though the first would do."""

    def behave(path, key):
        return models(path, key) if key == "Bearer sk-right" else (401, {"error": {"message": "no such key"}}, 0)

    provider.behave = behave
    one = {"url": f"http://127.0.0.1:{provider.server_port}"}
    uses = ("chat", "image", "video")
    path = tmp_path / "providers.json"
    path.write_text(json.dumps({use: [{**one, "name": f"{use}-a", "model": f"{use}-1", "keyEnv": "RIGHT"},
                                      {**one, "name": f"{use}-b", "model": f"{use}-1", "keyEnv": "WRONG"}]
                                for use in uses}))
    environment = {**os.environ, "TROUPE_PROVIDERS_FILE": str(path), "TROUPE_RESULT_PRIVATE": "on",
                   "RIGHT": "sk-right", "WRONG": "sk-wrong"}
    found = subprocess.run([TROUPE, "doctor"], env=environment, capture_output=True, text=True, timeout=60)
    assert found.returncode == 1 and found.stdout.splitlines() == [
        line for use in uses for line in (f"ok       {use:5}  {use}-a: it offers {use}-1",
                                          f"wrong    {use:5}  {use}-b: it does not accept the key (no such key)")
    ] + ["3 wrong, 0 warnings"]
    assert "sk-wrong" not in found.stdout + found.stderr


def test_it_tells_the_same_as_json(provider, tmp_path):
    provider.behave = models
    url = f"http://127.0.0.1:{provider.server_port}"
    found = doctor(tmp_path, url, words=["--json"], video={"model": "video-2"})
    assert found.returncode == 1 and found.stdout.count("\n") == 1
    assert json.loads(found.stdout) == {"well": False, "problems": [], "warnings": 0, "providers": [
        {"use": "chat", "provider": "chat", "well": True, "warning": False, "text": "it offers chat-1"},
        {"use": "image", "provider": "image", "well": True, "warning": False, "text": "it offers image-1"},
        {"use": "video", "provider": "video", "well": False, "warning": False,
         "text": "it does not offer the model video-2, but video-1, maker/flux"}]}
    assert json.loads(doctor(tmp_path, url, words=["--json"]).stdout)["well"] is True


def test_where_nothing_is_called_nobody_is_named(tmp_path):
    environment = {**os.environ, "TROUPE_PROVIDER": "null", "TROUPE_STUDIO_URL": "http://127.0.0.1:1"}
    found = subprocess.run([TROUPE, "doctor", "--json"], env=environment, capture_output=True, text=True, timeout=60)
    assert json.loads(found.stdout) == {"well": True, "problems": [], "warnings": 0, "providers": [
        {"use": "null", "provider": None, "well": True, "warning": False, "text": "nothing is called"}]}


def test_bad_settings_are_told_before_anything_is_asked(tmp_path):
    found = doctor(tmp_path, "ftp://nowhere")
    assert found.returncode == 2 and found.stdout == ""
    assert found.stderr == (f"troupe: {tmp_path}/providers.json is wrong: url is no base address (http or https, no "
                            "slash at its end) (use chat, entry 0)\n")
    told = json.loads(doctor(tmp_path, "ftp://nowhere", words=["--json"]).stdout)
    assert told == {"well": False, "providers": [], "warnings": 0,
                    "problems": [found.stderr.removeprefix("troupe: ").rstrip("\n")]}


def test_files_and_variables_that_are_not_there_are_named(tmp_path):
    """Which one, of which provider, and what the system says."""
    nowhere = tmp_path / "nowhere"
    found = subprocess.run([TROUPE, "doctor"], env={"TROUPE_PROVIDERS_FILE": str(nowhere)}, capture_output=True,
                           text=True, timeout=60)
    assert (found.returncode, found.stderr) == (
        2, f'troupe: TROUPE_PROVIDERS_FILE is "{nowhere}": there is no such file or directory\n')
    found = doctor(tmp_path, "http://127.0.0.1:1", image={"keyEnv": "NO_SUCH_KEY", "name": "painter"})
    assert (found.returncode, found.stderr) == (
        2, f"troupe: {tmp_path}/providers.json is wrong: keyEnv of painter names NO_SUCH_KEY, a variable that is not "
           "set (use image, entry 0)\n")
    found = subprocess.run([TROUPE, "doctor"], capture_output=True, text=True, timeout=60,
                           env={"TROUPE_CHAT_URL": "http://127.0.0.1:1", "TROUPE_CHAT_MODEL": "m",
                                "TROUPE_CHAT_KEY_FILE": str(nowhere)})
    assert found.returncode == 2 and f"{nowhere}: there is no such file or directory" in found.stderr, found.stderr


def test_each_setting_that_is_wrong_is_told_in_words():
    """Those of the environment, all at once, and not as lines of a log."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TROUPE_")}
    environment |= {"TROUPE_CHAT_URL": "http://127.0.0.1:1", "TROUPE_CHAT_MODEL": "m", "TROUPE_CHAT_PRICE": "-1",
                    "TROUPE_IMAGE_URL": "http://a@b", "TROUPE_IMAGE_MODEL": "m", "TROUPE_VIDEO_MODEL": "m"}
    found = subprocess.run([TROUPE, "doctor"], env=environment, capture_output=True, text=True, timeout=60)
    assert found.returncode == 2 and found.stdout == ""
    assert found.stderr.splitlines() == [
        'troupe: TROUPE_CHAT_PRICE is "-1": it takes 0 to 100 (US dollars), at most six places',
        "troupe: TROUPE_IMAGE_URL has a user or a password in its address: use a key",
        "troupe: TROUPE_VIDEO_URL is missing"]


def test_without_a_hosted_provider_it_says_what_to_set():
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TROUPE_")}
    found = subprocess.run([TROUPE, "doctor"], env=environment, capture_output=True, text=True, timeout=60)
    assert found.returncode == 2 and found.stdout == "" and "level=" not in found.stderr
    for word in ("no hosted provider", "studio", "TROUPE_PROVIDER=live", "TROUPE_PROVIDERS_FILE", "docs/providers.md"):
        assert word in found.stderr


def test_a_program_that_is_not_there_is_told_in_plain_words(tmp_path):
    """The line comes from what would have become the program; `troupe: ` stands before it once."""
    shutil.copy(TROUPE, tmp_path / "troupe")
    told = subprocess.run([tmp_path / "troupe", "doctor"], env={"TROUPE_CHAT_URL": "http://127.0.0.1:1"},
                          capture_output=True, text=True, timeout=30)
    lines = told.stderr.splitlines()
    assert told.returncode != 0 and f"troupe: cannot run {tmp_path}/troupe-actor-character" in lines, told
    assert not any(line.startswith("troupe: troupe:") for line in lines), told
