"""Names, by what others rely on."""

from __future__ import annotations

import re

from gateway.telemetry.names import ATTRIBUTES, LOG_FIELDS, METRICS, PREFIX, SPANS, Kind


def test_metrics_are_named_as_prometheus_has_it() -> None:
    """Our prefix, counters in _total, seconds and bytes in the name, each name once."""
    assert len({metric.name for metric in METRICS}) == len(METRICS)
    for metric in METRICS:
        assert re.fullmatch(PREFIX + r"[a-z_]+", metric.name)
        assert metric.name.endswith("_total") == (metric.kind is Kind.COUNTER)
        assert bool(metric.buckets) == (metric.kind is Kind.HISTOGRAM)
        if metric.unit in {"seconds", "bytes"}:
            assert metric.name.endswith(metric.unit)


def test_everything_has_a_sentence() -> None:
    """Nobody has to guess."""
    for metric in METRICS:
        assert metric.says
        assert metric.unit
    for name in (*SPANS, *ATTRIBUTES, *LOG_FIELDS):
        assert name.says
        assert name.on


def test_names_are_given_once() -> None:
    """One name, one meaning."""
    for table in (SPANS, ATTRIBUTES, LOG_FIELDS):
        assert len({name.name for name in table}) == len(table)
