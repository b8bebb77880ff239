"""What a lane shows of itself."""

from __future__ import annotations

import pytest

from gateway.upstream.status import Meter
from tests.upstream.conftest import unavailable


def test_used_counts_the_last_second() -> None:
    """Calls leave the count a second after they began."""
    meter = Meter()
    for at in (0.0, 0.5, 0.9, 1.2):
        meter.called(at, keys=1, refreshes=0)
    assert [meter.used(1.2), meter.used(1.95), meter.used(9.0)] == [3, 1, 0]


def test_the_latency_is_a_median() -> None:
    """One call that took for ever does not change what is typical."""
    meter = Meter()
    for took in (0.04, 0.05, 30.0):
        meter.answered(1.0, took)
    lane = dict.fromkeys(
        (
            "provider",
            "operation",
            "verbs",
            "limit",
            "rate",
            "quota",
            "waiting",
            "estimated_wait",
            "circuit",
            "hot",
        )
    )
    assert meter.status(1.0, **lane).latency == pytest.approx(0.05)


def test_the_last_error_is_remembered_with_its_time() -> None:
    """An operator sees what failed last, and when."""
    meter = Meter()
    meter.failed(unavailable())
    assert meter.last_error == "UPSTREAM_UNAVAILABLE"
    assert meter.last_error_at is not None
