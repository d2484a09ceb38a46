"""The developer build's programs, which tell of memory errors, undefined behaviour and leaks while tests use them."""

import pathlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = ROOT / "build/dev/bin"
# h2o 2.2.5 frees a queue's parts and forgets the queue: 88 bytes once.
KNOWN_LEAKS = "leak:h2o_multithread_create_queue\n"


def leak_settings(directory):
    """The environment of a process whose known leaks are not told."""
    path = pathlib.Path(directory) / "lsan.supp"
    path.write_text(KNOWN_LEAKS)
    return {"LSAN_OPTIONS": f"suppressions={path}:print_suppressions=0"}


def settings(directory):
    """The environment of processes whose reports go to files of this directory. Skips the test without that build."""
    if not (PROGRAMS / "troupe-gateway").exists():
        pytest.skip("the developer build is not there (script/build dev)")
    path = pathlib.Path(directory) / "report"
    common = f"log_path={path}:abort_on_error=1"
    return {**leak_settings(directory), "ASAN_OPTIONS": common + ":detect_stack_use_after_return=1",
            "UBSAN_OPTIONS": common + ":print_stacktrace=1"}


def reports(directory):
    """What was told, shortened."""
    return [path.read_text(errors="replace")[:4000] for path in sorted(pathlib.Path(directory).glob("report.*"))]
