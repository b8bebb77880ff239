"""What sections have in common."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from gateway.settings.section import Rate, Seconds, Section


class Some(Section):
    """A section."""

    rate: Rate = 1.0
    time: Seconds = 1.0


def test_a_section_does_not_change() -> None:
    """Whoever was given settings can rely on them."""
    with pytest.raises(ValidationError):
        Some().rate = 2.0  # type: ignore[misc]  # mypy knows it too


def test_a_wrong_value_is_not_shown() -> None:
    """It may be a secret in the wrong place."""
    with pytest.raises(ValidationError) as caught:
        Some(rate=-123456.0)
    assert "123456" not in str(caught.value)


def test_unknown_names_are_refused() -> None:
    """A setting that nothing reads is a slip of the pen."""
    with pytest.raises(ValidationError):
        Some.model_validate({"rat": 1})


@pytest.mark.parametrize("seconds", ["0", "-1", "inf", "nan", "1e308"])
def test_a_time_can_be_waited_for(seconds: str) -> None:
    """No event loop waits for ever: it ends in an exception there."""
    with pytest.raises(ValidationError):
        Some.model_validate({"time": seconds})
