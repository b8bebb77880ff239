"""Settings of answers that are given again."""

from __future__ import annotations

from tests.settings.conftest import Problems


def test_sizes_are_not_negative(problems: Problems) -> None:
    """Zero switches off; less is a mistake."""
    assert len(problems(ANSWERS_MEMORY_BYTES="-1", ANSWERS_COMPRESS_FROM="-1")) == 2
