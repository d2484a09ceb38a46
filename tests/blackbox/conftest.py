"""What holds for all tests of this folder."""

LAST = "test_openapi.py::test_everything_that_is_described_was_seen"


def pytest_collection_modifyitems(items):
    """The test that looks at what all others have seen comes last."""
    items.sort(key=lambda item: item.nodeid.endswith(LAST))
