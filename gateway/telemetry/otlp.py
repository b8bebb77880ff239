"""What /metrics shows, as OTLP: each worker for itself, told apart by `service.instance.id`."""

from __future__ import annotations

import asyncio
import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    Histogram,
    HistogramDataPoint,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.metrics.export import Metric as OtlpMetric
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from prometheus_client import Metric as Family
from prometheus_client.samples import Sample

from gateway.telemetry.collector import Collector
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.names import METRICS

_log = logging.getLogger(__name__)
_UNITS = {metric.name: metric.unit for metric in METRICS}
_SCOPE = InstrumentationScope("gateway")


class MetricSender:
    """Sends metrics in intervals, and once more at the end.

    Args:
        collector: Where to.
        interval: Seconds between two sendings.
        metrics: What is sent.
        resource: Who tells them.
        refresh: Called before each sending, to bring the metrics up to date.
    """

    def __init__(
        self,
        collector: Collector,
        interval: float,
        *,
        metrics: Metrics,
        resource: Resource,
        refresh: Callable[[], None],
    ) -> None:
        self._collector = collector
        self._interval = interval
        self._metrics = metrics
        self._resource = resource
        self._refresh = refresh
        self._started = time.time_ns()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, on the running loop."""
        self._task = asyncio.create_task(self._run())

    async def close(self, patience: float) -> None:
        """Send a last time, as far as that can be done within some seconds."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        try:
            await asyncio.wait_for(self._send(), patience)
        except TimeoutError:
            _log.warning("the last metrics could not be sent in time")

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._interval)
            await self._send()

    async def _send(self) -> None:
        self._refresh()
        data = metrics_data(self._metrics, self._resource, since=self._started, now=time.time_ns())
        body = encode_metrics(data).SerializeToString()
        await _apart(lambda: self._collector.send("metrics", body))


async def _apart(work: Callable[[], object]) -> None:
    """Do something in a thread that the end of the process does not wait for, as it does for the loop's own.

    What is sent has a timeout for each step only, and looking a name up has none at all.
    """
    loop = asyncio.get_running_loop()
    done = asyncio.Event()

    def run() -> None:
        try:
            work()
        finally:
            with suppress(RuntimeError):  # nobody waits any more: the loop is closed
                loop.call_soon_threadsafe(done.set)

    threading.Thread(target=run, name="metrics", daemon=True).start()
    await done.wait()


def metrics_data(metrics: Metrics, resource: Resource, *, since: int, now: int) -> MetricsData:
    """Return all metrics of this process; times in nanoseconds since 1970."""
    converted = [_converted(family, since, now) for family in metrics.registry.collect() if family.samples]
    return MetricsData([ResourceMetrics(resource, [ScopeMetrics(_SCOPE, converted, "")], "")])


def _converted(family: Family, since: int, now: int) -> OtlpMetric:
    total = f"{family.name}_total"
    unit = _UNITS.get(family.name) or _UNITS.get(total, "")
    data: Gauge | Sum | Histogram
    match family.type:
        case "counter":
            points = [_number(one, since, now) for one in family.samples if one.name == total]
            data = Sum(points, AggregationTemporality.CUMULATIVE, is_monotonic=True)
        case "histogram":
            data = Histogram(_histograms(family.samples, since, now), AggregationTemporality.CUMULATIVE)
        case _:
            data = Gauge([_number(one, since, now) for one in family.samples])
    name = total if family.type == "counter" else family.name
    return OtlpMetric(name, family.documentation, unit, data)


def _number(sample: Sample, since: int, now: int) -> NumberDataPoint:
    return NumberDataPoint(dict(sample.labels), since, now, sample.value)


def _histograms(samples: Iterable[Sample], since: int, now: int) -> list[HistogramDataPoint]:
    """Return histograms, whose buckets Prometheus counts from zero and OTLP one by one."""
    found: dict[tuple[tuple[str, str], ...], dict[str, float]] = {}
    for sample in samples:
        labels = tuple((name, value) for name, value in sample.labels.items() if name != "le")
        part = sample.labels.get("le") or sample.name.rpartition("_")[2]
        found.setdefault(labels, {})[part] = sample.value
    return [_histogram(dict(labels), parts, since, now) for labels, parts in found.items()]


def _histogram(
    labels: Mapping[str, str], parts: Mapping[str, float], since: int, now: int
) -> HistogramDataPoint:
    bounds = [float(part) for part in parts if part not in {"sum", "count", "+Inf"}]
    below = [0, *(int(parts[part]) for part in parts if part not in {"sum", "count"})]
    return HistogramDataPoint(
        attributes=dict(labels),
        start_time_unix_nano=since,
        time_unix_nano=now,
        count=int(parts["count"]),
        sum=parts["sum"],
        bucket_counts=[more - less for less, more in itertools.pairwise(below)],
        explicit_bounds=bounds,
        min=float("nan"),
        max=float("nan"),
    )
