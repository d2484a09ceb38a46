"""One job, all the way: a character, its picture and its video, over HTTP and the command line, through the real
studio."""

import io
import json
import os
import pty
import select
import struct
import subprocess

import pytest
import requests

from stack import TROUPE, Stack, wait_until

CHARACTER = {"name": "Mira Okonkwo", "age": 34, "gender": "female", "style": "painterly",
             "traits": ["curious", "stubborn"], "description": "A lighthouse keeper who collects storms in bottles.",
             "appearance": {"hair": "long curly auburn", "eyes": "green", "skin": "brown",
                            "clothing": "a yellow raincoat"},
             "favouriteTea": "lapsang"}
STEPS = {
    "character": [10, 30, 40, 60, 80, 100],
    "image": [20, 40, 60, 80, 100],
}


@pytest.fixture(scope="module")
def stack():
    with Stack("--provider", "local", "--rate", "off") as running:
        yield running


@pytest.fixture(scope="module")
def made(stack):
    """The three jobs, done once for all tests of this file."""
    client = stack.client("mira")
    jobs = {}
    job = client.submit_character(**CHARACTER)
    jobs["character"] = client.wait_for(job)
    character = jobs["character"]["result"]["characterId"]
    job = client.submit_image(character, poseId="three-quarter")
    jobs["image"] = client.wait_for(job, "media-jobs")
    media = jobs["image"]["result"]["mediaId"]
    job = client.submit_video(character, media, duration=5, resolution="720p")
    jobs["video"] = client.wait_for(job, "media-jobs", seconds=120)
    return jobs


def probe(path):
    words = ["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-show_format", "-of", "json", path]
    text = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    return json.loads(text)


def events_of(stack, job, family):
    return stack.client("mira").events(f"/api/v1/{family}/{job['jobId']}/events")


def test_all_three_complete(made):
    for job in made.values():
        assert job["status"] == "completed", job
        assert job["progress"] == 100
        assert job["result"]["error"] is None
        assert job["attemptsMade"] == 1
    assert made["image"]["type"] == "image" and made["video"]["type"] == "video"
    assert made["image"]["character"]["name"] == CHARACTER["name"]
    assert len(made["image"]["character"]["displayId"]) == 8


def test_the_character_is_what_was_asked_for_and_more(stack, made):
    answer = stack.client("mira").get(f"/api/v1/characters/{made['character']['result']['characterId']}")
    document = answer.json()["data"]
    for name in ("name", "age", "description", "appearance", "favouriteTea"):
        assert document[name] == CHARACTER[name]
    assert stack.client("mira").get(document["imageUrl"]).headers["Content-Type"] == "image/png"


@pytest.mark.parametrize("kind, family", [("character", "character-jobs"), ("image", "media-jobs"),
                                          ("video", "media-jobs")])
def test_the_timeline_has_the_one_attempt_and_every_event(stack, made, kind, family):
    answer = stack.client("mira").get(f"/api/v1/{family}/{made[kind]['jobId']}?include=timeline")
    timeline = answer.json()["data"]["timeline"]
    attempt, = timeline["attempts"]
    assert (attempt["number"], attempt["attempt"], attempt["outcome"], attempt["error"]) == (1, 1, "completed", None)
    assert attempt["startedAt"] == made[kind]["startedAt"] and attempt["endedAt"] == made[kind]["completedAt"]
    assert attempt["workerId"] and timeline["complete"]
    told = [data for _, _, data in events_of(stack, made[kind], family)]
    assert [event["seq"] for event in timeline["events"]] == [data["seq"] for data in told]


def test_show_prints_the_timeline(stack, made):
    lines = cli(stack, "show", made["image"]["jobId"], "--timeline").stdout.split("\n\n")[1].splitlines()
    assert lines[0].startswith("attempt 1 ") and "completed" in lines[0]
    assert [line.split()[1] for line in lines[1:]][::len(lines) - 2] == ["queued", "completed"]
    told = json.loads(cli(stack, "show", made["image"]["jobId"], "--timeline", "--json").stdout)
    assert len(told["timeline"]["events"]) == len(lines) - 1
    refused = cli(stack, "cancel", made["image"]["jobId"], "--timeline", check=False)
    assert refused.returncode == 2 and "unknown option" in refused.stderr


@pytest.mark.parametrize("kind", ["character", "image"])
def test_the_steps_are_those_of_the_contract(stack, made, kind):
    family = "character-jobs" if kind == "character" else "media-jobs"
    events = events_of(stack, made[kind], family)
    seen = [data["progress"] for _, name, data in events if name in ("progress", "completed")]
    assert seen == STEPS[kind]


def test_the_video_reports_while_it_is_polled(stack, made):
    seen = [data["progress"] for _, name, data in events_of(stack, made["video"], "media-jobs")
            if name in ("progress", "completed")]
    assert seen == sorted(seen)
    assert [progress for progress in seen if progress < 50 or progress > 80] == [10, 20, 30, 40, 85, 95, 100]
    assert [progress for progress in seen if 50 <= progress <= 80], "polling moves it"


def test_the_picture_is_a_png_of_1024(stack, made):
    picture = stack.client("mira").get(made["image"]["result"]["url"]).content
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", picture[16:24]) == (1024, 1024)


def test_the_video_is_h264_of_five_seconds(stack, made, tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(stack.client("mira").get(made["video"]["result"]["url"]).content)
    found = probe(path)
    stream, = found["streams"]
    assert stream["codec_name"] == "h264" and stream["pix_fmt"] == "yuv420p"
    assert (stream["width"], stream["height"]) == (1280, 720)
    assert int(stream["nb_read_frames"]) == 120
    assert abs(float(found["format"]["duration"]) - 5) < 0.1


def test_assets_are_files_that_ranges_can_be_read_from(stack, made):
    url = made["video"]["result"]["url"]
    whole = stack.client("mira").get(url).content
    part = stack.client("mira").get(url, headers={"Range": "bytes=100-199"})
    assert part.status_code == 206 and part.content == whole[100:200]
    assert (stack.data / url.lstrip("/")).read_bytes() == whole


def test_others_see_nothing_of_it(stack, made):
    stranger = stack.client("stranger")
    assert stranger.get(f"/api/v1/character-jobs/{made['character']['jobId']}").status_code == 404
    character = made["character"]["result"]["characterId"]
    assert stranger.post(f"/api/v1/characters/{character}/generate-image/queue", {}).status_code == 404
    assert stranger.get("/api/v1/media-jobs").json()["pagination"]["total"] == 0


def cli(stack, *words, check=True, **options):
    return subprocess.run([TROUPE, *words, "--data", stack.data, "--user", "mira"], check=check, capture_output=True,
                          text=True, timeout=60, **options)


def test_the_command_line_does_the_same(stack):
    submitted = cli(stack, "submit", "character", "-", "--follow", input=json.dumps({"name": "Tomas"}))
    job, begin, *_, made, media, portrait = submitted.stdout.splitlines()
    assert "100%" in submitted.stdout and begin == f"character job {job}: Tomas"
    shown = json.loads(cli(stack, "show", job, "--json").stdout)
    assert shown["status"] == "completed" and made.split() == ["characterId", shown["result"]["characterId"]]
    assert media.split()[0] == "mediaId"
    url = portrait.split()[1]
    assert portrait.startswith("portrait") and requests.get(url, timeout=10).headers["Content-Type"] == "image/png"
    assert cli(stack, "tail", job).stdout.splitlines()[0] == begin
    rows = [line.split() for line in cli(stack, "show", job).stdout.splitlines()]
    assert ["type", "character"] in rows and ["character", "Tomas"] in rows
    image = cli(stack, "submit", "image", made.split()[1], "--follow").stdout.splitlines()
    assert image[1] == f"image job {image[0]}: Tomas" and image[-2].startswith("mediaId")
    assert requests.get(image[-1].split()[1], timeout=10).status_code == 200
    assert image[-1] in cli(stack, "show", image[0]).stdout, "the address is whole"
    lines = [json.loads(line) for line in cli(stack, "tail", job, "--json").stdout.splitlines()]
    assert lines[-1]["status"] == "completed" and {line["jobId"] for line in lines} == {job}
    refused = cli(stack, "cancel", job, check=False)
    assert refused.returncode == 4 and "409" in refused.stderr


def test_the_command_line_gives_options_and_tries_a_job_again():
    with Stack("--provider", "null", "--actors", "0") as idle:
        job = cli(idle, "submit", "character", "-", input=json.dumps({"name": "Tomas"})).stdout.strip()
        rows = [line.split() for line in cli(idle, "show", job).stdout.splitlines()]
        assert ["type", "character"] in rows and ["character", "Tomas"] in rows, "nothing is made yet"
        with_options = cli(idle, "submit", "character", "-", "--run-at", "2100-01-01T00:00:00Z", "--priority", "3",
                           "--tags", "a,b", input=" {} \n", check=False)
        assert with_options.returncode == 4 and "options.runAt" in with_options.stderr and "name" in with_options.stderr
        tagged = cli(idle, "submit", "character", "-", "--priority", "3", "--tags", "a,b",
                     input=json.dumps({"name": "Tomas"})).stdout.strip()
        shown = json.loads(cli(idle, "show", tagged, "--json").stdout)
        assert (shown["priority"], shown["tags"]) == (3, ["a", "b"])
        twins = [cli(idle, "submit", "character", "-", "--dedupe", "k", input=json.dumps({"name": "Tomas"})).stdout
                 for _ in range(2)]
        assert twins[0] == twins[1] and twins[0].strip() not in (job, tagged)
        refused = cli(idle, "retry", job, check=False)
        assert refused.returncode == 4 and "409" in refused.stderr
        cli(idle, "cancel", job)
        retried = json.loads(cli(idle, "retry", job, "--json").stdout)
        assert (retried["status"], retried["retries"]) == ("waiting", 1)
        assert cli(idle, "retry", "nonsense", check=False).returncode == 2


PIPELINE = {"character": {"name": "Mira"}, "images": [{}, {}], "video": {"duration": 5}}
BATCH = {"jobs": [{"type": "character", "name": name} for name in ("Ada", "Eve")]}


@pytest.mark.parametrize("kind, body, total", [("pipeline", PIPELINE, 4), ("batch", BATCH, 2)])
def test_the_command_line_follows_many_jobs_to_the_end(stack, kind, body, total):
    submitted = cli(stack, "submit", kind, "-", "--follow", input=json.dumps(body))
    group, *lines = submitted.stdout.splitlines()
    assert len([line for line in lines if " completed " in line]) >= total
    shown = json.loads(cli(stack, "show", group, "--json").stdout)
    assert (shown["status"], shown["counts"]["completed"]) == ("completed", total)
    assert group in cli(stack, "show", group).stdout and lines[0] == f"{kind} {group}: {total} jobs"
    made = [line.split() for line in lines[-total:]]
    names = [line[2:] for line in made if kind == "batch"]
    assert names == ([["Ada"], ["Eve"]] if kind == "batch" else [])
    assert ("  character Ada  completed  " if kind == "batch" else "  video Mira  completed  ") in submitted.stdout
    kinds = {"batch": ["character", "character"], "pipeline": ["character", "image", "image", "video"]}
    assert [line[0] for line in made] == kinds[kind]
    assert all(requests.get(line[2], timeout=10).status_code == 200 for line in made if kind == "pipeline" and line[2:])
    events = [json.loads(line) for line in cli(stack, "tail", group, "--json").stdout.splitlines()]
    assert len({event["jobId"] for event in events}) == total
    assert cli(stack, "cancel", group, check=False).returncode == 4


def test_the_command_line_draws_bars_on_a_terminal(stack):
    master, slave = pty.openpty()
    process = subprocess.Popen([TROUPE, "submit", "pipeline", "-", "--follow", "--data", stack.data, "--user", "mira"],
                               stdin=subprocess.PIPE, stdout=slave)
    os.close(slave)
    process.stdin.write(json.dumps(PIPELINE).encode())
    process.stdin.close()
    drawn = b""
    try:
        while part := os.read(master, 65536):
            drawn += part
    except OSError:  # the end of a terminal
        pass
    os.close(master)
    assert process.wait(60) == 0
    last = drawn.decode().rsplit("\033[4A", 1)[1]
    words = [line.split() for line in last.splitlines() if line.strip()]
    assert [line[0] for line in words] == ["character", "image", "image", "video", "pipeline",
                                           "character", "image", "image", "video"]
    assert [line[1] for line in words[:4]] == ["Mira"] * 4, "not a bare id, and not only what it makes"
    assert last.count("100%") == 5 and "4 of 4" in last and all("http://" in line[2] for line in words[6:])
    assert drawn.decode().startswith("pipeline "), "on a terminal no line is an id alone"


def test_the_command_line_cancels_many_jobs():
    with Stack("--provider", "null", "--actors", "0") as idle:
        group = cli(idle, "submit", "pipeline", "-", input=json.dumps(PIPELINE)).stdout.strip()
        assert json.loads(cli(idle, "cancel", group, "--json").stdout)["status"] == "cancelled"
        assert cli(idle, "tail", group, check=False).returncode == 6
        refused = cli(idle, "submit", "batch", "-", input='{"jobs": [{"type": "character"}]}', check=False)
        assert refused.returncode == 4 and "jobs[0].name" in refused.stderr


def test_tail_without_a_job_follows_everything_of_the_user(stack):
    process = subprocess.Popen([TROUPE, "tail", "--json", "--data", stack.data, "--user", "follower"],
                               stdout=subprocess.PIPE, text=True)
    client = stack.client("follower")
    seen = []
    try:
        wait_until(lambda: client.submit_character("Early") and select.select([process.stdout], [], [], 0.2)[0], 20,
                   "the stream to be open")
        job = client.submit_character("Late")
        stack.client("somebody-else").submit_character("Foreign")
        while not seen or seen[-1]["jobId"] != job or seen[-1]["status"] != "completed":
            seen.append(json.loads(process.stdout.readline()))
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()
    assert {event["jobId"] for event in seen} <= {item["jobId"] for item in client.get(
        "/api/v1/character-jobs?limit=100").json()["data"]}, "only what is one's own"


def test_a_full_disk_refuses_new_work_and_finishes_what_runs():
    floor = {"TROUPE_SPACE_FLOOR": str(1 << 62)}
    with Stack("--provider", "null", "--rate", "off", environment=floor) as full:
        client = full.client()

        def refused():
            answer = client.post("/api/v1/characters/queue", {"name": "x"})
            return [answer] if answer.status_code == 507 else None  # an error answer is false by itself

        answer, = wait_until(refused, 20, "a refusal")
        assert answer.json()["success"] is False and answer.json()["statusCode"] == 507
        jobs = client.get("/api/v1/character-jobs").json()["data"]
        for job in jobs:
            assert client.wait_for(job["jobId"])["status"] == "completed"


def test_a_terminal_gets_a_bar_that_is_drawn_over(stack, made):
    job = made["character"]["jobId"]
    leader, follower = pty.openpty()
    process = subprocess.Popen([TROUPE, "tail", job, "--data", stack.data, "--user", "mira"], stdout=follower)
    os.close(follower)
    seen = io.BytesIO()
    try:
        while True:
            seen.write(os.read(leader, 4096))
    except OSError:
        pass  # the other end is closed
    os.close(leader)
    assert process.wait(20) == 0
    text = seen.getvalue().decode()
    assert "\r" in text and "100%" in text and "\u2588" in text


def test_the_command_line_says_what_is_wrong(stack, tmp_path):
    unknown = cli(stack, "show", "12345678-1234-4234-8234-123456789012", check=False)
    assert unknown.returncode == 4 and "404" in unknown.stderr
    assert cli(stack, "show", "nonsense", check=False).returncode == 2
    nothing = subprocess.run([TROUPE, "tail", "--data", tmp_path], capture_output=True, text=True)
    assert nothing.returncode == 1 and "troupe up" in nothing.stderr
    bad = cli(stack, "submit", "character", "-", input="{}", check=False)
    assert bad.returncode == 4 and "name" in bad.stderr
