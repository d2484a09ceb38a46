"""What holds for all tests of this folder."""

import re

import contract
import runs

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
LAST = ("test_openapi.py::test_everything_that_is_described_was_seen",
        "test_cli_commands.py::test_every_command_was_run")

FIRST = ("test_compose.py", "test_dashboard_many.py", "test_unused_assets.py", "test_cancel_video.py")


def pytest_configure(config):
    runs.watch()
    config.addinivalue_line("markers", "alone: it measures times or fills the machine, so no other test runs beside it")


def pytest_make_parametrize_id(val):
    """Random ids stay out of the names of tests: the processes of a run must have the same ones."""
    return ID.sub("ID", val) if isinstance(val, str) and ID.search(val) else None


def pytest_collection_modifyitems(items):
    """The tests that look at what all others have seen come last. Files that take minutes begin, so that no process has
    one of them left to do when the others are done."""
    items.sort(key=lambda item: (item.nodeid.endswith(LAST), item.path.name not in FIRST))


def pytest_sessionfinish():
    """The processes of a run tell one another what they saw."""
    contract.leave_seen()
    runs.leave()
