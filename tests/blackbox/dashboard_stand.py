"""What tests of the dashboard stand on, where they bring the workers themselves: fixtures to be imported."""

import pytest

from browser import selenium
from stack import Stack
from test_dashboard import signed_in


@pytest.fixture(scope="module", name="stack")
def fixture_stack():
    """Without workers but those that a test brings: what waits goes on waiting."""
    selenium()
    with Stack("--provider", "null", "--rate", "off", "--actors", 0) as running:
        yield running


@pytest.fixture(name="browser")
def fixture_browser(stack):
    """A new one for each test, signed in as an administrator."""
    with signed_in(stack) as running:
        yield running
