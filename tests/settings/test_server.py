"""Settings of the server."""

from __future__ import annotations

import pytest

from gateway.settings.server import url_from_here
from tests.settings.conftest import Problems


def test_names_that_cannot_be_are_refused(problems: Problems) -> None:
    """A quotation mark or a blank in a list of names is a slip of the pen."""
    found = problems(SERVER_HOSTS='"a.example"', SERVER_CORS_ORIGINS="a;b", SERVER_SAMPLE_VIDEOS="a b")
    assert len(found) == 3


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),  # noqa: S104 - nothing listens
        ("::", "http://[::1]:80"),
        ("gateway.example", "http://gateway.example:80"),
    ],
)
def test_a_url_leads_to_what_listens(host: str, url: str) -> None:
    """An address of version 6 has brackets in a URL, and one that means any is none to ask."""
    assert url_from_here(host, 80) == url
