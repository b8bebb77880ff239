"""Numbers that gather, against the same given to the metrics one by one."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import generate_latest

from gateway.telemetry import names
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.tally import Tally

_labels = st.sampled_from([("query",), ("Videos",)])
# Bounds themselves count as below them. All are multiples of a power of two: sums do not depend on the order.
_values = st.sampled_from([0.0, -1.0, 0.25, 0.5, 1.0, 2.0, 10.0, 10.25, 1e6, math.inf])


@given(st.lists(st.tuples(_labels, _values, st.booleans())))
def test_metrics_are_the_same_in_the_end(requests: list[tuple[tuple[str], float, bool]]) -> None:
    """Whenever they were settled, for every bucket and every series."""
    one, other = Metrics(), Metrics()
    tally = Tally(one)
    for labels, value, settle in requests:
        tally.add(names.REQUESTS, (*labels, "ok"))
        tally.observe(names.REQUEST_SECONDS, value, labels)
        tally.observe(names.RECORD_AGE, value)
        other.add(names.REQUESTS, (*labels, "ok"))
        other.observe(names.REQUEST_SECONDS, value, labels)
        other.observe(names.RECORD_AGE, value)
        if settle:
            tally.settle()
    tally.settle()
    lines = (sorted(generate_latest(metrics.registry).splitlines()) for metrics in (one, other))
    assert next(lines) == next(lines)


def test_what_is_not_settled_is_not_shown(metrics: Metrics) -> None:
    """It is shown once, when it is."""
    tally = Tally(metrics)
    tally.add(names.REQUESTS, ("query", "ok"))
    value = metrics.registry.get_sample_value
    assert value("gateway_requests_total", {"operation": "query", "outcome": "ok"}) is None
    for _ in range(2):
        tally.settle()
        assert value("gateway_requests_total", {"operation": "query", "outcome": "ok"}) == 1


def test_a_series_is_shown_once_it_has_a_value(metrics: Metrics) -> None:
    """Whoever holds it may go on with it after each time."""
    tally = Tally(metrics)
    series = tally.series(names.REQUEST_SECONDS, ("query",))
    value = metrics.registry.get_sample_value
    tally.settle()
    assert value("gateway_request_duration_seconds_count", {"operation": "query"}) is None
    for count in (1, 2):
        series.observe(0.25)
        tally.settle()
        assert value("gateway_request_duration_seconds_count", {"operation": "query"}) == count
        assert value("gateway_request_duration_seconds_sum", {"operation": "query"}) == count / 4
