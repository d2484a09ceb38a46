"""Programs for Node (tests/node), for tests that hold the gateway against what others wrote: they import the packages
that tests/node/package.json names, in the versions of its lock file, installed under build/node by npm at the first
use."""

import fcntl
import functools
import os
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGES = ROOT / "tests/node"
DIRECTORY = ROOT / "build/node"
# What npm says when the registry cannot be reached, and nothing is wrong with us.
UNREACHABLE = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH", "ERR_SOCKET_TIMEOUT",
               "SELF_SIGNED_CERT_IN_CHAIN", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY")  # a proxy that nothing here trusts


# A copy of the lock file whose packages are there, made when all went well.
INSTALLED = DIRECTORY / "installed.json"


def npm_install():
    INSTALLED.unlink(missing_ok=True)
    for name in "package.json", "package-lock.json":
        shutil.copy(PACKAGES / name, DIRECTORY / name)
    words = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"]
    result = subprocess.run(words, cwd=DIRECTORY, capture_output=True, text=True, timeout=300, check=False)
    if result.returncode == 0:
        shutil.copy(PACKAGES / "package-lock.json", INSTALLED)
    return result


@functools.cache
def install():
    """None when the packages are there, or why they cannot be."""
    if shutil.which("npm") is None:
        return "npm is not installed (script/setup does)"
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    with open(DIRECTORY / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if INSTALLED.exists() and INSTALLED.read_bytes() == (PACKAGES / "package-lock.json").read_bytes():
            return None
        result = npm_install()
    if any(word in result.stderr for word in UNREACHABLE):
        return "the npm registry cannot be reached"
    assert result.returncode == 0, result.stderr
    return None


def program(name):
    """The path of a program of tests/node, in a copy beside the packages. Skips the test when these cannot be had."""
    problem = install()
    if problem:
        pytest.skip(problem)
    copy = DIRECTORY / f"{name}.{os.getpid()}"
    shutil.copy(PACKAGES / name, copy)
    return copy.replace(DIRECTORY / name)  # at once: another test may be starting it


def start(path, *words, environment=None, **options):
    """Starts a program of Node; no proxy stands between it and a gateway of a test."""
    settings = {**os.environ, "NO_PROXY": "127.0.0.1,localhost", **(environment or {})}
    return subprocess.Popen(["node", str(path), *words], env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True, **options)


def run(path, *words, seconds=60, given=None, **options):
    """Runs a program of Node to its end, with this text to read; returns (exit code, output, errors)."""
    process = start(path, *words, stdin=subprocess.PIPE, **options)
    try:
        output, errors = process.communicate(given, timeout=seconds)
    finally:
        process.kill()
    return process.returncode, output, errors
