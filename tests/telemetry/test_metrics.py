"""Metrics, by what Prometheus would read."""

from __future__ import annotations

from prometheus_client import generate_latest

from gateway.telemetry import names
from gateway.telemetry.metrics import Metrics


def test_values_are_shown(metrics: Metrics) -> None:
    """What is counted, set and observed is there, by its labels."""
    metrics.add(names.REQUESTS, ("query", "ok"))
    metrics.add(names.REQUESTS, ("query", "ok"), by=2)
    metrics.set(names.RUNNING, 7)
    metrics.observe(names.REQUEST_SECONDS, 0.02, ("query",))
    text = generate_latest(metrics.registry).decode()
    assert 'gateway_requests_total{operation="query",outcome="ok"} 3.0' in text
    assert "gateway_requests_running 7.0" in text
    assert 'gateway_request_duration_seconds_bucket{le="0.025",operation="query"} 1.0' in text


def test_every_name_is_a_metric(metrics: Metrics) -> None:
    """What README promises is there before anything happened."""
    text = generate_latest(metrics.registry).decode()
    for metric in names.METRICS:
        assert f"# TYPE {metric.name} {metric.kind}\n" in text
