"""From errors to answers."""

from __future__ import annotations

import pytest
from graphql import GraphQLError

from gateway.domain.errors import QuotaExhausted
from gateway.domain.records import Provider
from gateway.graph.errors import formatted, mistake, refusal


def test_a_coded_error_says_when_to_come_back() -> None:
    """An error carries retryAfterMs where that is known."""
    original = QuotaExhausted("No slot in time.", provider=Provider.VOD, retry_after=1.234)
    [error] = formatted([GraphQLError("x", path=["video"], original_error=original)])
    assert error == {
        "message": "No slot in time.",
        "path": ["video"],
        "extensions": {
            "code": "UPSTREAM_QUOTA_EXHAUSTED",
            "retryable": True,
            "provider": "VOD",
            "retryAfterMs": 1234,
        },
    }


def test_messages_are_cut() -> None:
    """No answer echoes more than two hundred characters."""
    assert len(refusal("x" * 500, "BAD_REQUEST")["message"]) == 200


def test_a_mistake_is_a_reference(caplog: pytest.LogCaptureFixture) -> None:
    """The client gets a reference, the log everything."""
    masked = mistake(RuntimeError("dsn=s3cret"), at="somewhere")
    assert "s3cret" not in str(masked)
    assert masked["extensions"]["reference"] in caplog.text
    assert "s3cret" in caplog.text
