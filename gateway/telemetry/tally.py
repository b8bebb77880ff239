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
        self._histograms: dict[str, _Histogram] = {}

    def add(self, metric: Metric, labels: _Labels = ()) -> None:
        """Count something."""
        counter = self._counters.get(metric.name)
        if counter is None:
            counter = self._counters[metric.name] = _Counter(metric)
        counter.counts[labels] = counter.counts.get(labels, 0) + 1

    def observe(self, metric: Metric, value: float, labels: _Labels = ()) -> None:
        """Put a value into a histogram."""
        histogram = self._histograms.get(metric.name)
        if histogram is None:
            histogram = self._histograms[metric.name] = _Histogram(metric)
        counts = histogram.counts.get(labels)
        if counts is None:
            counts = histogram.begin(labels)
        counts[bisect_left(metric.buckets, value)] += 1
        histogram.sums[labels] += value

    def settle(self) -> None:
        """Have everything become metrics."""
        for counter in self._counters.values():
            for labels, count in counter.counts.items():
                self._metrics.add(counter.metric, labels, count)
            counter.counts.clear()
        for histogram in self._histograms.values():
            for labels, counts in histogram.counts.items():
                self._metrics.observe_all(histogram.metric, counts, histogram.sums[labels], labels)
            histogram.counts.clear()


class _Counter:
    __slots__ = ("counts", "metric")

    def __init__(self, metric: Metric) -> None:
        self.metric = metric
        self.counts: dict[_Labels, int] = {}


class _Histogram:
    """Values of one metric: how many in each bucket, the last of which has no bound, and their sum."""

    __slots__ = ("counts", "metric", "sums")

    def __init__(self, metric: Metric) -> None:
        self.metric = metric
        self.counts: dict[_Labels, list[int]] = {}
        self.sums: dict[_Labels, float] = {}

    def begin(self, labels: _Labels) -> list[int]:
        """Begin a series."""
        self.sums[labels] = 0.0
        counts = self.counts[labels] = [0] * (len(self.metric.buckets) + 1)
        return counts
