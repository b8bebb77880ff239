"""What requests and calls come to in numbers, gathered until somebody reads them.

A number that threads share, or processes through a file, costs a lock or more each time, and requests and
calls have five each. So they gather here as plain ones, and become metrics when those are read, and once a
second besides: that is how late another worker's may be, and what one that is killed takes along.
"""

from __future__ import annotations

from bisect import bisect_left

from gateway.telemetry.metrics import Metrics
from gateway.telemetry.names import Metric

_Labels = tuple[str, ...]


class Tally:
    """Counts and values on their way to the metrics.

    Args:
        metrics: Where they go.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._counters: dict[str, _Counter] = {}
        self._series: dict[tuple[str, _Labels], Series] = {}

    def add(self, metric: Metric, labels: _Labels = ()) -> None:
        """Count something."""
        counter = self._counters.get(metric.name)
        if counter is None:
            counter = self._counters[metric.name] = _Counter(metric)
        counter.counts[labels] = counter.counts.get(labels, 0) + 1

    def observe(self, metric: Metric, value: float, labels: _Labels = ()) -> None:
        """Put a value into a histogram."""
        self.series(metric, labels).observe(value)

    def series(self, metric: Metric, labels: _Labels = ()) -> Series:
        """Return a series of a histogram, for whoever has many values for it; it is shown once it has one."""
        key = metric.name, labels
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = Series(metric, labels)
        return series

    def settle(self) -> None:
        """Have everything become metrics."""
        for counter in self._counters.values():
            for labels, count in counter.counts.items():
                self._metrics.add(counter.metric, labels, count)
            counter.counts.clear()
        for series in self._series.values():
            if any(series.counts):
                self._metrics.observe_all(series.metric, series.counts, series.total, series.labels)
                series.clear()


class _Counter:
    __slots__ = ("counts", "metric")

    def __init__(self, metric: Metric) -> None:
        self.metric = metric
        self.counts: dict[_Labels, int] = {}


class Series:
    """Values of a histogram with the same labels.

    Attributes:
        metric, labels: Which ones.
        counts: How many there are in each bucket, the last of which has no bound.
        total: What they come to.
    """

    __slots__ = ("counts", "labels", "metric", "total")

    def __init__(self, metric: Metric, labels: _Labels) -> None:
        self.metric = metric
        self.labels = labels
        self.clear()

    def observe(self, value: float) -> None:
        """Put in a value."""
        self.counts[bisect_left(self.metric.buckets, value)] += 1
        self.total += value

    def clear(self) -> None:
        """Begin anew."""
        self.counts = [0] * (len(self.metric.buckets) + 1)
        self.total = 0.0
