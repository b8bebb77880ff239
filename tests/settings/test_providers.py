"""Settings of providers."""

from __future__ import annotations

import pytest

from tests.settings.conftest import Problems


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"VOD_ACCESS_KEY_SECRET": "s3cret"}, "ACCESS_KEY_ID"),
        ({"VISIONULAR_URL": "https://a"}, "SECRET_KEY"),
        ({"VISIONULAR_URL": "https://a", "VISIONULAR_AUTH": "header"}, "STATIC_VALUE"),
        ({"VISIONULAR_URL": "https://a", "VISIONULAR_AUTH": "query"}, "STATIC_NAME"),
    ],
)
def test_what_belongs_together_fails_together(
    problems: Problems, variables: dict[str, str], named: str
) -> None:
    """Half a credential is refused by the names of both halves."""
    [problem] = problems(**variables)
    assert named in problem
    assert "s3cret" not in problem
