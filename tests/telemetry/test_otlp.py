"""Metrics as OTLP."""

from __future__ import annotations

import asyncio

from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.sdk.resources import Resource

from gateway.telemetry import names
from gateway.telemetry.collector import Collector as Sender
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.otlp import MetricSender, metrics_data
from tests.telemetry.collector import Collector
from tests.telemetry.conftest import soon


def _read(metrics: Metrics) -> dict[str, Metric]:
    request = encode_metrics(metrics_data(metrics, Resource({"service.name": "g"}), since=1, now=2))
    [resource] = request.resource_metrics
    [scope] = resource.scope_metrics
    return {metric.name: metric for metric in scope.metrics}


def test_counters_gauges_and_histograms_are_told(metrics: Metrics) -> None:
    """By the names of /metrics, with their units; buckets counted one by one."""
    metrics.add(names.REQUESTS, ("query", "ok"), by=3)
    metrics.set(names.RUNNING, 7)
    for value in (0.0005, 0.002, 0.002, 100.0):
        metrics.observe(names.REQUEST_SECONDS, value, ("query",))
    read = _read(metrics)
    counter = read["gateway_requests_total"]
    assert counter.unit == "requests"
    assert counter.sum.is_monotonic
    assert counter.sum.data_points[0].as_double == 3
    assert {pair.key: pair.value.string_value for pair in counter.sum.data_points[0].attributes} == {
        "operation": "query",
        "outcome": "ok",
    }
    assert read["gateway_requests_running"].gauge.data_points[0].as_double == 7
    [point] = read["gateway_request_duration_seconds"].histogram.data_points
    assert (point.count, point.sum) == (4, 100.0045)
    assert list(point.explicit_bounds) == list(names.REQUEST_SECONDS.buckets)
    assert list(point.bucket_counts) == [1, 2, *[0] * 11, 1]


async def test_metrics_are_sent_in_intervals_and_at_the_end(metrics: Metrics, collector: Collector) -> None:
    """Up to date each time."""
    refreshed = []
    link = Sender(collector.url, headers={}, timeout=20)
    sender = MetricSender(
        link,
        0.05,
        metrics=metrics,
        resource=Resource({"service.name": "g"}),
        refresh=lambda: refreshed.append(1),
    )
    sender.start()
    await soon(lambda: len(collector.metrics) > 1)
    sent = len(collector.metrics)
    await sender.close(20)
    link.close()
    assert len(collector.metrics) > sent
    assert len(refreshed) == len(collector.metrics)


async def test_a_collector_that_is_away_does_not_end_it(metrics: Metrics, collector: Collector) -> None:
    """The next sending is tried all the same."""
    collector.status = 503
    link = Sender(collector.url, headers={}, timeout=20)
    resource = Resource({"service.name": "g"})
    sender = MetricSender(link, 0.02, metrics=metrics, resource=resource, refresh=lambda: None)
    sender.start()
    await asyncio.sleep(0.1)
    collector.status = 200
    await soon(lambda: collector.metrics)
    await sender.close(20)
    link.close()
