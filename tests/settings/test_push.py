"""Settings of notifications."""

from __future__ import annotations

from tests.settings.conftest import Problems


def test_key_and_address_belong_together(problems: Problems) -> None:
    """The address is signed, so without it no signature could be right."""
    [problem] = problems(PUSH_VOD_KEY="k")
    assert "VOD_KEY and VOD_URL" in problem


def test_a_secret_that_can_be_guessed_is_refused(problems: Problems) -> None:
    """It is all that stands before the door, and appears in no message."""
    [problem] = problems(PUSH_VISIONULAR_SECRET="short,a-long-enough-secret")
    assert "16 characters" in problem
    assert "short" not in problem
