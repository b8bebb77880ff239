"""Settings of limits and documents."""

from __future__ import annotations

from tests.settings.conftest import Problems


def test_a_mode_needs_its_manifest(problems: Problems) -> None:
    """Documents by id come from somewhere."""
    [problem] = problems(DOCUMENTS_MODE="only")
    assert "MANIFEST" in problem


def test_a_manifest_needs_its_mode(problems: Problems) -> None:
    """A manifest that nothing reads is a mistake."""
    [problem] = problems(DOCUMENTS_MANIFEST="/manifest.json")
    assert "MODE" in problem


def test_limits_have_limits(problems: Problems) -> None:
    """No setting turns a limit off."""
    assert len(problems(LIMITS_DEPTH="0", LIMITS_IDS="51", LIMITS_PAGE="1000")) == 3
