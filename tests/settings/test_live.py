"""The settings of subscriptions."""

from __future__ import annotations

import msgspec
import pytest
from pydantic import ValidationError

from gateway.live.policy import WatchPolicy
from gateway.settings.live import Live
from gateway.web.sessions import SessionPolicy


def test_the_defaults_are_those_that_are_argued() -> None:
    """In one place each."""
    live = Live().model_dump()
    argued = msgspec.structs.asdict(WatchPolicy()) | msgspec.structs.asdict(SessionPolicy())
    for name in set(live) & set(argued) - {"patience"}:
        assert live[name] == argued[name], name
    assert live["patience"] == SessionPolicy().patience


def test_the_slow_pace_is_not_the_quicker_one() -> None:
    """Which would be a slip."""
    with pytest.raises(ValidationError, match="SLOW"):
        Live(quick=2.0, slow=1.0)
