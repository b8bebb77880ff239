"""Every name in traces, metrics and logs, with its unit and a sentence.

Names of the semantic conventions of OpenTelemetry are used where there are any; the rest is ours. Values of a
label come from the configuration or the code: nothing a client sends can make a new series.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

PREFIX = "gateway_"

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Environment variable that names the folder of the workers' numbers, where there are several. It is read
when prometheus_client is imported, and not again."""


class Kind(StrEnum):
    """What a metric does."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Metric(Struct, frozen=True, kw_only=True):
    """One metric.

    Attributes:
        name: As Prometheus shows it; a counter ends in ``_total``.
        kind: What it does.
        unit: What is counted or measured.
        labels: Names of its labels.
        says: A sentence.
        buckets: Upper bounds, for a histogram.
    """

    name: str
    kind: Kind
    unit: str
    labels: tuple[str, ...]
    says: str
    buckets: tuple[float, ...] = ()


class Name(Struct, frozen=True, kw_only=True):
    """The name of a span, an attribute or a field of a log line.

    Attributes:
        name: As it is written.
        on: The spans that carry it, or the lines.
        says: A sentence.
    """

    name: str
    on: str
    says: str


_LANE = ("provider", "operation")
_QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_SLOW = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_AGES = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 86_400.0)


def _counter(name: str, unit: str, labels: tuple[str, ...], says: str) -> Metric:
    return Metric(name=f"{PREFIX}{name}_total", kind=Kind.COUNTER, unit=unit, labels=labels, says=says)


def _gauge(name: str, unit: str, labels: tuple[str, ...], says: str) -> Metric:
    return Metric(name=f"{PREFIX}{name}", kind=Kind.GAUGE, unit=unit, labels=labels, says=says)


def _histogram(
    name: str, unit: str, labels: tuple[str, ...], says: str, buckets: tuple[float, ...]
) -> Metric:
    return Metric(
        name=f"{PREFIX}{name}", kind=Kind.HISTOGRAM, unit=unit, labels=labels, says=says, buckets=buckets
    )


REQUESTS = _counter(
    "requests",
    "requests",
    ("operation", "outcome"),
    "Requests answered. operation: name of a trusted document's operation, else its type, else none; "
    "outcome: ok, partial (data and errors), failed (errors alone), cancelled (on a WebSocket, before there "
    "was an answer), or the code of a refusal. A stream of results is counted at its end",
)
REQUEST_SECONDS = _histogram(
    "request_duration_seconds",
    "seconds",
    ("operation",),
    "Time from request to answer, or to the first of a stream of results",
    _QUICK,
)
RECORD_AGE = _histogram(
    "record_age_seconds",
    "seconds",
    (),
    "Age of the oldest record in an answer: how long ago its provider said so",
    _AGES,
)
SHED = _counter("requests_shed", "requests", (), "Requests refused at the gate because too many waited")
RUNNING = _gauge("requests_running", "requests", (), "Requests being answered now")
QUEUED = _gauge("requests_queued", "requests", (), "Requests that wait at the gate now")

CALLS = _counter(
    "provider_calls",
    "calls",
    (*_LANE, "outcome"),
    "Real calls of a provider. outcome: ok, or the code of the error",
)
CALL_SECONDS = _histogram(
    "provider_call_duration_seconds", "seconds", _LANE, "Time the provider took, without any wait", _SLOW
)
CALL_KEYS = _histogram(
    "provider_call_keys", "keys", _LANE, "Ids and pages that one call carried", (1, 2, 3, 5, 8, 10)
)
CALL_SHARED = _histogram(
    "provider_call_requests",
    "requests",
    _LANE,
    "Requests that waited for one call; 0 for one that only refreshes",
    (0, 1, 2, 5, 10, 20, 50, 100),
)
SLOT_SECONDS = _histogram(
    "slot_wait_seconds",
    "seconds",
    _LANE,
    "Time from lining up to the call, of the longest waiting key of each call that somebody waited for",
    _QUICK,
)
LOOKUPS = _counter(
    "cache_lookups",
    "keys",
    (*_LANE, "outcome"),
    "Keys asked for. outcome: hit, stale (answered, and refreshed), miss; and of those not answered at once: "
    "shared (another replica knew), rescued (an old record instead of an error)",
)
JOINS = _counter("joins", "keys", _LANE, "Keys that were on their way already when they were asked for")
REFRESHES = _counter("refreshes", "keys", _LANE, "Keys that calls carried although nobody waited for them")
RETRIES = _counter("retries", "calls", _LANE, "Calls made again after a failure")
RETRY_BUDGET = _gauge(
    "retry_budget", "calls", _LANE, "Calls that may be made again before more have gone well"
)
LANE_SHED = _counter(
    "lane_shed", "keys", _LANE, "Keys refused before lining up, as it would have been in vain"
)
QUOTA_LIMIT = _gauge(
    "quota_limit", "calls per second", _LANE, "Calls that the gateway allows itself when nobody throttles"
)
QUOTA_RATE = _gauge("quota_rate", "calls per second", _LANE, "Calls that the gateway allows itself now")
LANE_WAITING = _gauge("lane_waiting", "keys", _LANE, "Keys that wait for a slot now")
LANE_HOT = _gauge("lane_hot", "keys", _LANE, "Keys that are kept fresh although nobody waits, now")
CIRCUIT = _gauge(
    "circuit_state", "1 or 0", (*_LANE, "state"), "Whether the circuit is closed, open or half_open"
)
MEMORY_RECORDS = _gauge("memory_records", "records", (), "Records remembered in the process")
MEMORY_BYTES = _gauge("memory_bytes", "bytes", (), "Their estimated size")
EVICTIONS = _counter("memory_evictions", "records", (), "Records forgotten for want of room")
STORE_FAILURES = _counter(
    "store_failures",
    "questions",
    ("store",),
    "Questions the shared store did not answer. store: lanes",
)

CONNECTIONS = _gauge("live_connections", "connections", (), "WebSockets and event streams open now")
WATCHES = _gauge("watched_keys", "keys", (), "Videos and tasks that are looked at for subscribers now")
SUBSCRIPTIONS = _gauge("subscriptions_active", "subscriptions", (), "Subscriptions open now")
SUBSCRIPTION_EVENTS = _counter("subscription_events", "messages", (), "Messages sent to subscribers")
SUBSCRIPTION_DROPPED = _counter(
    "subscription_events_dropped",
    "messages",
    (),
    "Messages not sent because the subscriber was slower than the news, and a newer one took their place",
)

NOTIFICATIONS = _counter(
    "notifications",
    "notifications",
    ("provider", "outcome"),
    "Notifications of providers. outcome: accepted, ignored, forged, outdated, replayed, oversized, "
    "unreadable, limited",
)
NOTIFICATION_CHANGES = _counter(
    "notification_changes", "records", ("provider",), "Records that notifications changed"
)

LOOP_LAG = _histogram(
    "event_loop_lag_seconds",
    "seconds",
    (),
    "How late the event loop is, measured four times a second",
    _QUICK,
)
SPANS_DROPPED = _counter(
    "spans_dropped", "spans", ("reason",), "Spans lost. reason: full (queue), refused (by the collector)"
)
LINES_DROPPED = _counter("log_lines_dropped", "lines", (), "Log lines lost because nobody read them")
BUILD = _gauge(
    "build_info", "1", ("version", "python"), "Version of the gateway and of Python, one for each process"
)

METRICS: tuple[Metric, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Metric))
"""All metrics, in the order of this file."""


# Spans and attributes. Keys are plain strings because that is what goes on the wire.

REQUEST_SPAN = "POST /graphql"
OPERATION_SPAN = "query Name"
SLOT_SPAN = "wait for slot"
ANSWER_SPAN = "wait for answer"
CALL_SPAN = "VOD GetTranscodeSummary"
HTTP_SPAN = "GET"
SOCKET_SPAN = "subscription Name"
UNKNOWN_OPERATION = "operation"

SPANS: tuple[Name, ...] = (
    Name(
        name=REQUEST_SPAN,
        on="server",
        says="One request, from its arrival to its answer; of a stream of events, to its end",
    ),
    Name(
        name=SOCKET_SPAN,
        on="server, a root of its own",
        says="One operation on a WebSocket, from the message that asks for it to its end: attributes of "
        "request and operation, and the waits, are its own; linked to the span of whoever opened the socket",
    ),
    Name(
        name=OPERATION_SPAN,
        on="internal, in the request",
        says="The operation's execution; the type alone unless the document is a trusted one",
    ),
    Name(
        name=SLOT_SPAN,
        on="internal, in the operation",
        says="From lining up to the call: the wait for quota, and for the turn",
    ),
    Name(
        name=ANSWER_SPAN,
        on="internal, in the operation",
        says="From joining the call to its end; linked to the call",
    ),
    Name(
        name=CALL_SPAN,
        on="internal, a root of its own",
        says="One real call, named by provider and operation; linked to the requests that share it",
    ),
    Name(
        name=HTTP_SPAN,
        on="client, in the call",
        says="The HTTP exchange with the provider; its URL ends before ?",
    ),
)

METHOD = "http.request.method"
ROUTE = "http.route"
STATUS_CODE = "http.response.status_code"
OPERATION_TYPE = "graphql.operation.type"
OPERATION_NAME = "graphql.operation.name"
ERROR_TYPE = "error.type"
USER = "enduser.id"
REQUEST_ID = "gateway.request.id"
OUTCOME = "gateway.outcome"
ERRORS = "gateway.errors"
EXECUTION = "gateway.execution"
CACHE = "gateway.cache.outcome"
RECORD_AGE_MS = "gateway.record.age_ms"
COST = "gateway.cost"
CALLS_SHARED = "gateway.calls"
RESULTS = "gateway.results"
ENDED_BY = "gateway.ended_by"
PROVIDER = "gateway.provider"
PROVIDER_OPERATION = "gateway.provider.operation"
PROVIDER_CODE = "gateway.provider.code"
PROVIDER_REQUEST_ID = "gateway.provider.request_id"
KEYS = "gateway.call.keys"
KEYS_REFRESHED = "gateway.call.refreshes"
REQUESTS_SHARING = "gateway.call.requests"
SLOT_WAIT_MS = "gateway.slot.wait_ms"

ATTRIBUTES: tuple[Name, ...] = (
    Name(name=METHOD, on="request", says="HTTP method"),
    Name(name=ROUTE, on="request", says="Path of the endpoint"),
    Name(name=STATUS_CODE, on="request", says="HTTP status of the answer"),
    Name(name=REQUEST_ID, on="request", says="The id in X-Request-Id, in errors and in log lines"),
    Name(name=USER, on="request", says="Name of the principal; never a credential"),
    Name(name=OUTCOME, on="request", says="As the metrics' label outcome"),
    Name(
        name=ERROR_TYPE, on="request, call", says="Code of the refusal or of the first error; absent if none"
    ),
    Name(name=ERRORS, on="request", says="Number of errors in the answer; absent if none"),
    Name(name=OPERATION_TYPE, on="operation", says="query, mutation or subscription"),
    Name(name=OPERATION_NAME, on="operation", says="Name of a trusted document's operation; else absent"),
    Name(name=EXECUTION, on="operation", says="compiled or interpreted"),
    Name(
        name=CACHE,
        on="operation",
        says="miss if a call was waited for, else stale if a record was past its freshness, else hit; "
        "absent where no record was asked for",
    ),
    Name(name=RECORD_AGE_MS, on="operation", says="Age of the oldest record in the answer, milliseconds"),
    Name(name=COST, on="operation", says="Points the operation cost"),
    Name(name=CALLS_SHARED, on="operation", says="Calls the request had a share in, also beyond those shown"),
    Name(name=RESULTS, on="request", says="Results of a stream; absent where there was one answer"),
    Name(name=ENDED_BY, on="request", says="Who ended a stream: complete (nothing moves), client, gateway"),
    Name(name=PROVIDER, on="call, waits", says="VOD, IMS or VISIONULAR"),
    Name(name=PROVIDER_OPERATION, on="call, waits", says="The provider's name of the operation"),
    Name(name=KEYS, on="call", says="Ids and pages it carried"),
    Name(name=KEYS_REFRESHED, on="call", says="How many of them nobody waited for"),
    Name(name=REQUESTS_SHARING, on="call", says="Requests that shared it; at most 32 of them are linked"),
    Name(name=SLOT_WAIT_MS, on="call", says="How long its longest waiting key had waited, milliseconds"),
    Name(name=PROVIDER_CODE, on="call", says="The provider's own error code; absent if none"),
    Name(name=PROVIDER_REQUEST_ID, on="call", says="The provider's id of a failed call; absent if none"),
)

LOG_FIELDS: tuple[Name, ...] = (
    Name(name="timestamp", on="every line", says="UTC, ISO 8601"),
    Name(name="level", on="every line", says="debug, info, warning, error"),
    Name(name="event", on="every line", says="request, provider_call_failed, or a sentence"),
    Name(
        name="request_id",
        on="lines of a request",
        says="As in X-Request-Id; on a WebSocket that of the handshake, a colon, and the client's id of the "
        "operation, or a digest of one that is more than letters, digits, points and dashes",
    ),
    Name(
        name="trace_id", on="lines of a request or call", says="32 hexadecimal digits; absent without tracing"
    ),
    Name(name="operation", on="request", says="operationName as the client sent it, cut to 100 characters"),
    Name(name="type", on="request", says="query, mutation or subscription; absent if unknown"),
    Name(name="outcome", on="request", says="As the metrics' label outcome"),
    Name(name="code", on="request, provider_call_failed", says="Code of the first error; absent if none"),
    Name(name="status", on="request", says="HTTP status; absent on a WebSocket"),
    Name(name="principal", on="request", says="Who asked; absent if unknown"),
    Name(name="duration_ms", on="request, provider_call_failed", says="Milliseconds"),
    Name(name="age_ms", on="request", says="Age of the oldest record in the answer; absent without records"),
    Name(name="cost", on="request", says="Points; absent if refused"),
    Name(name="calls", on="request", says="Provider calls it had a share in"),
    Name(name="results", on="request that is a stream", says="Results that were sent"),
    Name(
        name="ended_by",
        on="request that is a stream",
        says="complete (nothing moves any more), client, or gateway (restart, lifetime, a slow reader)",
    ),
    Name(name="provider", on="provider_call_failed", says="VOD, IMS or VISIONULAR"),
    Name(name="provider_operation", on="provider_call_failed", says="The provider's name of the operation"),
    Name(name="provider_code", on="provider_call_failed", says="The provider's own error code"),
    Name(name="provider_request_id", on="provider_call_failed", says="The provider's id of the call"),
    Name(name="keys", on="provider_call_failed", says="Ids and pages the call carried"),
    Name(name="requests", on="provider_call_failed", says="Requests that shared it"),
    Name(name="suppressed", on="repeated trouble", says="Like lines left out since the last one"),
    Name(name="logger", on="lines of libraries", says="Who says so"),
    Name(name="exception", on="mistakes of the gateway", says="The traceback, without queries of URLs"),
)
