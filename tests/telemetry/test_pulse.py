"""The pulse, by what it brings over."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from gateway.telemetry import names
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.pulse import Pulse, Reading
from tests.telemetry.conftest import soon


def _value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def test_counts_become_counters_and_levels_gauges(metrics: Metrics) -> None:
    """A count is brought over once, however often it is read; a level is what it is now."""
    counted, level = 3, 5

    def source() -> Iterator[Reading]:
        yield names.SHED, (), counted
        yield names.RUNNING, (), level

    pulse = Pulse(metrics)
    pulse.watch(source)
    pulse.read()
    pulse.read()
    assert _value(metrics, "gateway_requests_shed_total") == 3
    counted, level = 4, 1
    pulse.read()
    assert _value(metrics, "gateway_requests_shed_total") == 4
    assert _value(metrics, "gateway_requests_running") == 1


def test_a_count_of_zero_is_shown(metrics: Metrics) -> None:
    """A series that only appears with its first event has no rate when it matters."""
    pulse = Pulse(metrics)
    pulse.watch(lambda: [(names.STORE_FAILURES, ("lanes",), 0)])
    pulse.read()
    assert _value(metrics, "gateway_store_failures_total", store="lanes") == 0


async def test_the_loop_is_measured_until_the_end(metrics: Metrics) -> None:
    """Its lateness is a histogram; stopping leaves no timer behind."""
    pulse = Pulse(metrics)
    pulse.start()
    await soon(lambda: (_value(metrics, "gateway_event_loop_lag_seconds_count") or 0) > 1)
    pulse.stop()
    count = _value(metrics, "gateway_event_loop_lag_seconds_count")
    await asyncio.sleep(0.3)
    assert _value(metrics, "gateway_event_loop_lag_seconds_count") == count
