"""What a program was built from, wherever it tells it."""

import re
import subprocess

import pytest

from stack import BIN, ROOT, Stack, wait_until

LIBRARIES = {"troupe": ["libcurl"], "troupe-broker": ["libzmq", "rocksdb"],
             "troupe-gateway": ["h2o", "libzmq", "libcurl"], "troupe-studio": ["h2o", "cairo", "libav"],
             **{f"troupe-actor-{role}": ["libuv", "libzmq", "libcurl"] for role in
                ("character", "image", "video", "webhook")}}


def version_of(program):
    lines = subprocess.run([BIN / program, "--version"], check=True, capture_output=True, text=True).stdout.splitlines()
    return dict(line.split(maxsplit=1) for line in lines)


def commit_here():
    """As the build found it, or None without a git tree."""
    if not (ROOT / ".git").exists():
        return None
    return subprocess.run(["git", "-c", "safe.directory=*", "-C", ROOT, "rev-parse", "HEAD"], check=True,
                          capture_output=True, text=True).stdout.strip()


@pytest.mark.parametrize("program", LIBRARIES)
def test_a_program_tells_what_it_is_made_of(program):
    said = version_of(program)
    assert list(said) == [program, "commit", "compiler", *LIBRARIES[program]]
    assert re.fullmatch(r"\d+\.\d+\.\d+", said[program])
    assert re.match(r"(gcc|clang) \d+\.", said["compiler"])
    assert all(re.match(r"n?\d+\.\d+", said[name]) for name in LIBRARIES[program])
    assert (said["commit"] == "unknown") == (commit_here() is None) or commit_here().startswith(said["commit"])


def test_the_stack_tells_it_in_its_logs_and_by_its_api():
    said = version_of("troupe-gateway")
    commit = None if said["commit"] == "unknown" else said["commit"]
    with Stack("--provider", "null", environment={"TROUPE_LOG_LEVEL": "info"}) as stack:
        answer = stack.client().get("/api/v1/version").json()["data"]
        assert answer == {"version": said["troupe-gateway"], "commit": commit, "compiler": said["compiler"],
                          "broker": said["troupe-gateway"] + (f"+{commit}" if commit else "")}
        log = stack.data / "stack.log"
        for program in ("troupe-broker", "troupe-gateway", "troupe-actor-character"):
            line = re.compile(rf"program={program} msg=\"?started\"? version={said['troupe-gateway']} "
                              rf"commit={said['commit']} compiler=\S.* libraries=\S.* pid=\d+")
            wait_until(lambda: line.search(log.read_text()), 10, f"{program} to say what it is")
