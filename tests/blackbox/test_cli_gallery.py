"""What a user's jobs made, as lists: `troupe characters` and `troupe media`."""

import json
import os
import re
import subprocess

import pytest

from stack import TROUPE, Stack
from terminal import Terminal
from test_cli_admin import JOB, fixture_api  # noqa: F401
from test_cli_looks import NULL, plain

CHARACTERS, MEDIA = "/api/v1/characters", f"/api/v1/characters/{JOB}/media"
AT = "2026-01-02T03:04:05.678Z"
ADDRESS = "https://pictures.example.com/a/very/long/way/to/the/picture/of/somebody/who/has/just/come.mp4"


def entry(number):
    return f"12345678-1234-4234-8234-{number:012}"


def page(*items, following=None):
    return 200, list(items), {"pagination": {"total": 7, "nextCursor": following, "hasMore": following is not None}}


def character(number, name):
    return {"id": entry(number), "name": name, "mediaId": entry(number + 100), "createdAt": AT, "imageUrl": "/assets/x"}


def media(number, **members):
    return {"id": entry(number), "characterId": JOB, "type": "image", "poseId": "waving", "createdAt": AT,
            "url": f"/assets/characters/{number}.png", **members}


def test_characters_are_listed(api):
    known = [character(1, "Mira"), character(2, "B\033[2Jo the Ünicorn")]
    api.answers = {("GET", CHARACTERS): lambda _: page(*known, following="abc_")}
    told = api.run("characters", "--limit", "2", "--cursor", "x&y")
    assert told.returncode == 0 and told.stderr == "troupe: there may be more: --cursor abc_\n"
    assert api.asked[0][2] == {"limit": ["2"], "cursor": ["x&y"]}
    head, *rows = [re.split("  +", line) for line in told.stdout.splitlines()]
    assert head == ["CHARACTER", "NAME", "PORTRAIT", "CREATED"]
    assert rows == [[entry(1), "Mira", entry(101), AT], [entry(2), "B [2Jo the Ünicorn", entry(102), AT]]
    assert json.loads(api.run("characters", "--json").stdout) == known
    for columns in 60, 80, 120:
        view = Terminal("characters", environment=api.environment, columns=columns)
        assert view.end() == 0
        lines = plain(view.text)
        assert max(map(len, lines[:3])) <= columns and f"{entry(1)}  Mira" in lines[1], lines


def test_media_of_a_character_are_listed_with_their_addresses(api):
    known = [media(1), media(2, type="video", poseId=None, url=ADDRESS)]
    api.answers = {("GET", MEDIA): lambda _: page(*known)}
    told = api.run("media", JOB, "--type", "video")
    assert (told.returncode, told.stderr) == (0, "") and api.asked[0][2] == {"type": ["video"]}
    head, *rows = [re.split("  +", line) for line in told.stdout.splitlines()]
    assert head == ["MEDIA", "TYPE", "POSE", "CREATED", "ADDRESS"]
    address = f"{api.environment['TROUPE_URL']}/assets/characters/1.png"
    assert rows == [[entry(1), "image", "waving", AT, address], [entry(2), "video", "-", AT, ADDRESS]]
    assert json.loads(api.run("media", JOB, "--json").stdout) == known
    for columns in 60, 80, 140:
        view = Terminal("media", JOB, environment=api.environment, columns=columns)
        assert view.end() == 0 and ADDRESS in view.text and f"{address}\r\n" in view.text, view.text
        assert all(len(line) <= columns for line in plain(view.text) if "://" not in line)


@pytest.mark.parametrize("words", [("characters",), ("media", JOB)], ids=" ".join)
def test_of_an_empty_list_it_is_said_that_it_is_empty(api, words):
    api.answers = {("GET", CHARACTERS): lambda _: page(), ("GET", MEDIA): lambda _: page()}
    told = api.run(*words)
    assert told.returncode == 0 and told.stderr.startswith("troupe: there are no ")


@pytest.mark.parametrize("words, why", [
    (("characters", "x"), '"x" is one word'), (("characters", "--limit", "101"), "--limit"),
    (("media",), "CHARACTER is missing"), (("media", "x"), "x is not an id"), (("media", JOB, JOB), "one word too"),
    (("media", JOB, "--type", "film"), "image or video"), (("media", JOB, "--limit", "0"), "--limit")])
def test_bad_words_are_refused_before_anything_is_asked(api, words, why):
    told = api.run(*words)
    assert told.returncode == 2 and why in told.stderr and not api.asked


def test_a_real_stack_lists_what_was_made(tmp_path):
    def run(*words, **environment):
        known = {name: value for name, value in os.environ.items() if not name.startswith("TROUPE_")}
        return subprocess.run([TROUPE, *words], capture_output=True, text=True, timeout=30,
                              env={**known, "TROUPE_DATA": str(tmp_path), **environment})

    with Stack(*NULL, data=tmp_path) as stack:
        ada = stack.client("ada")
        made = [ada.wait_for(ada.submit_character(name), status="completed")["result"]["characterId"]
                for name in ("Mira", "Ben")]
        ada.wait_for(ada.submit_image(made[0]), "media-jobs", status="completed")
        rows = [line.split() for line in run("characters", "--user", "ada").stdout.splitlines()[1:]]
        assert [row[:2] for row in rows] == [[made[1], "Ben"], [made[0], "Mira"]]
        first = run("characters", "--user", "ada", "--limit", "1")
        cursor = re.fullmatch(r"troupe: there may be more: --cursor (\S+)\n", first.stderr)[1]
        rest = run("characters", "--user", "ada", "--cursor", cursor)
        assert made[0] in rest.stdout and made[1] not in rest.stdout and rest.stderr == ""
        assert run("characters").stdout.count("\n") == 1, "nothing of mine"
        listed = run("media", made[0], "--user", "ada").stdout.splitlines()[1:]
        assert len(listed) == 2 and rows[1][2] in listed[1] and all(stack.url in line for line in listed)
        assert run("media", made[0], "--user", "ada", "--type", "video").stdout.count("\n") == 1
        assert run("media", made[0]).stdout.splitlines()[1:] == listed, "of others as an admin"
        remote = {"TROUPE_URL": stack.url, "TROUPE_TOKEN": stack.token("eve")}
        refused = run("media", made[0], **remote)
        assert (refused.returncode, refused.stdout) == (4, "") and "404" in refused.stderr
        assert run("media", JOB).returncode == 4
