"""Settings of the server."""

from __future__ import annotations

from tests.settings.conftest import Problems


def test_names_that_cannot_be_are_refused(problems: Problems) -> None:
    """A quotation mark or a blank in a list of names is a slip of the pen."""
    found = problems(SERVER_HOSTS='"a.example"', SERVER_CORS_ORIGINS="a;b", SERVER_SAMPLE_VIDEOS="a b")
    assert len(found) == 3
