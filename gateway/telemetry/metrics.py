"""Counters, gauges and histograms, on prometheus_client.

With ``PROMETHEUS_MULTIPROC_DIR`` set before this is imported, as `gateway serve` does for several workers,
the values are kept in files of that folder, and whichever worker is asked shows the numbers of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

from gateway.telemetry.names import BUILD, METRICS, QUOTA_LIMIT, QUOTA_RATE, RETRY_BUDGET, Kind, Metric

# A series' time of birth is of use to nobody who has the series, and there would be one for each.
disable_created_metrics()  # type: ignore[no-untyped-call]

_Across = Literal["livesum", "livemax", "livemin"]
_ACROSS: dict[str, _Across] = {
    BUILD.name: "livemax",
    QUOTA_LIMIT.name: "livemax",
    QUOTA_RATE.name: "livemin",
    RETRY_BUDGET.name: "livemin",
}
"""What the workers' gauges come to where that is not their sum."""


class Metrics:
    """All metrics of this process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._families = {metric.name: _family(metric, self.registry) for metric in METRICS}
        self._bound: dict[tuple[str, tuple[str, ...]], Any] = {}

    def add(self, metric: Metric, labels: tuple[str, ...] = (), by: float = 1) -> None:
        """Count something."""
        self._child(metric, labels).inc(by)

    def set(self, metric: Metric, value: float, labels: tuple[str, ...] = ()) -> None:
        """Set a gauge."""
        self._child(metric, labels).set(value)

    def observe(self, metric: Metric, value: float, labels: tuple[str, ...] = ()) -> None:
        """Put a value into a histogram."""
        self._child(metric, labels).observe(value)

    def observe_all(
        self, metric: Metric, counts: Sequence[int], total: float, labels: tuple[str, ...] = ()
    ) -> None:
        """Put values into a histogram.

        Args:
            metric: The histogram.
            counts: How many there are for each bucket, and beyond the last.
            total: What they come to.
            labels: Of its series.
        """
        self._child(metric, labels).observe_all(counts, total)

    def _child(self, metric: Metric, labels: tuple[str, ...]) -> Any:
        key = (metric.name, labels)
        child = self._bound.get(key)
        if child is None:
            family = self._families[metric.name]
            child = self._bound[key] = family.labels(*labels) if labels else family
        return child


class _Histogram(Histogram):
    """A histogram that takes many values at a time."""

    def observe_all(self, counts: Sequence[int], total: float) -> None:
        """Put in so many values for each bucket, that come to a total."""
        self._sum.inc(total)
        for bucket, count in zip(self._buckets, counts, strict=True):
            if count:
                bucket.inc(count)


def _family(metric: Metric, registry: CollectorRegistry) -> Any:
    match metric.kind:
        case Kind.COUNTER:
            return Counter(metric.name, metric.says, metric.labels, registry=registry)
        case Kind.GAUGE:
            across = _ACROSS.get(metric.name, "livesum")
            return Gauge(metric.name, metric.says, metric.labels, registry=registry, multiprocess_mode=across)
        case Kind.HISTOGRAM:
            return _Histogram(
                metric.name, metric.says, metric.labels, registry=registry, buckets=metric.buckets
            )
