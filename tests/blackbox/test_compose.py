"""The containers, on a real Docker engine: the images are built, the stack is started as a project of its own on a free
port, and looked at as a client, an operator and an intruder would. Skipped where no engine answers; with
TEST_REQUIRE_DOCKER=1 that is a failure. The tests share one stack and run in the order of this file; the last one
ends it."""

import json
import os
import pathlib
import shutil
import subprocess
import uuid

import pytest
import requests
from stack import ROOT, Client, wait_until

HEALTHY = ["broker", "gateway", "studio"]
ACTORS = ["actor-character", "actor-image", "actor-video", "actor-webhook"]
CODECS = ["libavcodec", "libavformat", "libswscale", "libx264", "libx265"]
USER = "10001"
BUILD_SECONDS = 900  # a slow mirror is no failure
LOG = ROOT / "build/results/compose.log"
pytestmark = pytest.mark.timeout(BUILD_SECONDS + 120)


def run(*words, seconds=60, check=True, **options):
    result = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=seconds, **options)
    assert not check or result.returncode == 0, f"{' '.join(map(str, words))}:\n{result.stdout}{result.stderr}"
    return result


def docker(*words, **options):
    return run("docker", *words, **options).stdout.strip()


def find_compose():
    """The words that start Compose, or why it cannot be used."""
    if not shutil.which("docker") or run("docker", "info", seconds=20, check=False).returncode != 0:
        return None, "no Docker engine answers"
    if run("docker", "compose", "version", check=False).returncode == 0:
        return ["docker", "compose"], None
    if shutil.which("docker-compose"):
        return ["docker-compose"], None
    return None, "neither docker compose nor docker-compose is installed"


class Project:
    """One stack of containers."""

    def __init__(self, compose, settings):
        """settings: an empty file, instead of one beside compose.yaml."""
        self.name = f"troupe-test-{uuid.uuid4().hex[:8]}"
        self.command = [*compose, "--env-file", settings, "-p", self.name, "-f", ROOT / "compose/compose.yaml"]
        # Port 0 is a free one. One job at a time in each worker shows how work is spread.
        self.environment = {**os.environ, "TROUPE_PORT": "0", "QUEUE_CONCURRENCY": "1", "TROUPE_RATE": "off",
                            "TROUPE_LOG_LEVEL": "debug", "TROUPE_METRICS_ACCESS": "admin"}

    def compose(self, *words, **options):
        return run(*self.command, *words, env=self.environment, **options).stdout.strip()

    def containers(self, service):
        return docker("ps", "--all", "--quiet", "--filter", f"label=com.docker.compose.project={self.name}",
                      "--filter", f"label=com.docker.compose.service={service}").split()

    def container(self, service):
        containers = self.containers(service)
        assert len(containers) == 1, f"{service}: {containers}"
        return containers[0]

    def inspect(self, service):
        return json.loads(docker("inspect", self.container(service)))[0]

    def health(self, service):
        return self.inspect(service)["State"]["Health"]["Status"]

    def wait_until_healthy(self, *services):
        for service in services:
            wait_until(lambda service=service: self.health(service) == "healthy", 40, f"{service} healthy")

    def execute(self, service, *words, **options):
        return docker("exec", self.container(service), *words, **options)

    def url(self):
        return "http://" + docker("port", self.container("gateway"), "5000/tcp").splitlines()[0]

    def token(self, user="tester"):
        return self.compose("exec", "-T", "gateway", "troupe", "token", "--user", user)

    def client(self):
        return Client(self.url(), self.token())

    def leftovers(self):
        label = f"label=com.docker.compose.project={self.name}"
        return [line for words in (["ps", "--all"], ["volume", "ls"], ["network", "ls"])
                for line in docker(*words, "--quiet", "--filter", label).split()]

    def remove(self):
        """Keeps the logs for whoever wonders about a failure."""
        if self.leftovers():
            LOG.parent.mkdir(parents=True, exist_ok=True)
            LOG.write_text(self.compose("logs", "--no-color", "--timestamps", check=False))
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "5", seconds=90)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    compose, reason = find_compose()
    if reason and os.environ.get("TEST_REQUIRE_DOCKER") == "1":
        pytest.fail(f"containers must be tested here, but {reason}")
    if reason:
        pytest.skip(reason)
    settings = tmp_path_factory.mktemp("compose") / "settings"
    settings.touch()
    project = Project(compose, settings)
    project.compose("build", seconds=BUILD_SECONDS)
    try:
        project.compose("up", "--detach", seconds=90)
        project.wait_until_healthy(*HEALTHY)
        yield project
    finally:
        project.remove()


def make_portrait(client):
    """(characterId, mediaId) of a new character and its picture."""
    job = client.wait_for(client.submit_character("Mira"), status="completed")
    character = job["result"]["characterId"]
    job = client.wait_for(client.submit_image(character), "media-jobs", status="completed")
    return character, job["result"]["mediaId"]


def test_all_programs_run_in_containers_of_their_own(project):
    assert {service: project.health(service) for service in HEALTHY} == dict.fromkeys(HEALTHY, "healthy")
    for actor in ACTORS:
        state = project.inspect(actor)["State"]
        assert state["Running"] and not state["Restarting"]
    state = project.inspect("init")["State"]
    assert (state["Status"], state["ExitCode"]) == ("exited", 0)


def test_a_character_a_picture_and_a_video_are_made(project):
    """The first step with curl, as the README has it."""
    answer = run("curl", "-sS", "-X", "POST", f"{project.url()}/api/v1/characters/queue",
                 "-H", f"Authorization: Bearer {project.token()}", "-H", "Content-Type: application/json",
                 "-d", '{"name": "Mira", "appearance": {"hair": "long red", "eyes": "green"}}').stdout
    client = project.client()
    job = client.wait_for(json.loads(answer)["data"]["jobId"], status="completed")
    character = job["result"]["characterId"]

    image = client.wait_for(client.submit_image(character), "media-jobs", status="completed")["result"]
    picture = client.get(image["url"])
    assert picture.status_code == 200 and picture.content.startswith(b"\x89PNG")

    job = client.submit_video(character, image["mediaId"])
    video = client.get(client.wait_for(job, "media-jobs", status="completed")["result"]["url"])
    assert video.status_code == 200 and video.content[4:8] == b"ftyp"


def test_the_command_line_finds_its_gateway(project):
    seen = json.loads(project.execute("gateway", "troupe", "queues", "--json"))
    assert [queue["queue"] for queue in seen["queues"]] == ["character", "image", "video", "webhook"]


def test_a_backup_is_made_and_restored(project):
    client = project.client()
    kept = client.wait_for(client.submit_character("Kept"), status="completed")
    said = project.execute("gateway", "troupe", "backup", "nightly")
    assert "completed" in said
    lost = client.wait_for(client.submit_character("Lost"), status="completed")
    busy = run(*project.command, "run", "--rm", "init", "restore", "nightly", env=project.environment, check=False)
    assert busy.returncode == 3 and "in use" in busy.stderr
    project.compose("stop", "broker")
    assert "/data/broker.replaced-" in project.compose("run", "--rm", "init", "restore", "nightly")
    project.compose("start", "broker")
    project.wait_until_healthy("broker", "gateway")
    assert client.job(kept["jobId"]) == kept
    assert client.get(f"/api/v1/character-jobs/{lost['jobId']}").status_code == 404


def test_metrics_are_for_who_has_a_token(project):
    """Where it is so set: this host is not the gateway's own machine."""
    assert requests.get(f"{project.url()}/metrics", timeout=30).status_code == 401
    viewer = project.compose("exec", "-T", "gateway", "troupe", "token", "--user", "prometheus", "--role", "viewer")
    answer = requests.get(f"{project.url()}/metrics", timeout=30, headers={"Authorization": f"Bearer {viewer}"})
    assert answer.status_code == 200 and "troupe_http_requests_total" in answer.text


def test_no_container_has_more_rights_than_it_needs(project):
    for service in ["init", *HEALTHY, *ACTORS]:
        about = project.inspect(service)
        host = about["HostConfig"]
        assert about["Config"]["User"] == f"{USER}:{USER}", service
        assert host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"] and not host["Privileged"], service
        assert host["SecurityOpt"] == ["no-new-privileges:true"], service
    for service in [*HEALTHY, *ACTORS]:
        rows = docker("top", project.container(service), "-o", "pid,uid").splitlines()[1:]
        assert {row.split()[1] for row in rows} == {USER}, f"{service}: {rows}"


def test_the_sockets_are_out_of_reach_of_other_users(project):
    volumes = set()
    for service in ["broker", "gateway", *ACTORS]:
        assert project.execute(service, "stat", "-c", "%a %u %F", "/data/run") == f"700 {USER} directory"
        assert "socket" in project.execute(service, "stat", "-c", "%F", "/data/run/actors")
        volumes |= {mount["Name"] for mount in project.inspect(service)["Mounts"]
                    if mount["Destination"] == "/data/run"}
    assert volumes == {f"{project.name}_run"}


def test_only_the_gateway_and_broker_see_what_is_theirs(project):
    def mounts(service):
        return {mount["Destination"]: mount["RW"] for mount in project.inspect(service)["Mounts"]}

    assert mounts("broker") == {"/data/run": True, "/data": True}
    assert mounts("gateway") == {"/data/run": True, "/data/assets": True, "/data/secret": False}
    assert mounts("studio") == {}
    for actor in ACTORS:
        own = {} if actor == "actor-webhook" else {"/data/assets": True, "/providers": False}
        assert mounts(actor) == {"/data/run": True, **own}
    assert project.execute("gateway", "stat", "-c", "%a", "/data/secret/jwt-secret") == "600"


def test_only_the_api_is_published_and_only_to_this_host(project):
    published = {}
    for service in [*HEALTHY, *ACTORS]:
        for port, bindings in project.inspect(service)["NetworkSettings"]["Ports"].items():
            published |= {(service, port, binding["HostIp"]): 1 for binding in bindings or []}
    assert list(published) == [("gateway", "5000/tcp", "127.0.0.1")]
    assert project.inspect("broker")["HostConfig"]["NetworkMode"] == "none"


def test_codecs_are_in_the_studio_alone(project):
    for service in ["init", *HEALTHY, *ACTORS]:
        files = docker("run", "--rm", "--network", "none", "--entrypoint", "find", f"troupe/{service}", "/usr", "-xdev",
                       "-name", "lib*.so.*")
        names = {pathlib.Path(line).name.partition(".")[0] for line in files.splitlines()}
        assert "libcrypto" in names
        assert names & set(CODECS) == (set(CODECS) if service == "studio" else set()), service


def test_more_actors_of_a_role_share_its_work(project):
    project.compose("up", "--detach", "--no-recreate", "--scale", "actor-video=3", seconds=90)
    client = project.client()
    character, media = make_portrait(client)
    jobs = [client.submit_video(character, media) for _ in range(6)]
    for job in jobs:
        client.wait_for(job, "media-jobs", status="completed", seconds=120)
    workers = project.containers("actor-video")
    logs = {worker: run("docker", "logs", worker).stderr for worker in workers}
    took = {worker: [job for job in jobs if job in text] for worker, text in logs.items()}
    assert len(workers) == 3 and all(took.values()), took
    assert sorted(job for names in took.values() for job in names) == sorted(jobs)


def test_a_killed_broker_loses_nothing(project):
    client = project.client()
    jobs = [client.submit_character(f"Mira {number}") for number in range(8)]
    wait_until(lambda: any(client.job(job)["status"] == "active" for job in jobs), 20, "an active job")
    docker("kill", "--signal", "KILL", project.container("broker"))
    docker("start", project.container("broker"))
    project.wait_until_healthy("broker", "gateway")
    for job in jobs:
        client.wait_for(job, status="completed", seconds=90)


def test_the_stack_stops_cleanly_and_leaves_nothing(project):
    project.compose("stop", seconds=90)
    for service in [*HEALTHY, *ACTORS]:
        for container in project.containers(service):
            state = json.loads(docker("inspect", container))[0]["State"]
            assert (state["Status"], state["ExitCode"]) == ("exited", 0), f"{service}: {state}"
    project.remove()
    assert project.leftovers() == []
