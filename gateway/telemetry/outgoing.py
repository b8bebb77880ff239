"""The HTTP exchanges of a call, as spans by OpenTelemetry's own instrumentation, in the call's trace."""

from __future__ import annotations

import os

import httpx
from opentelemetry.propagate import set_global_textmap
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from gateway.telemetry.outbox import Outbox


def instrument(http: httpx.AsyncClient, outbox: Outbox, resource: Resource) -> None:
    """Have a client's exchanges become spans, and pass the trace on in their headers.

    Args:
        http: The client.
        outbox: Where spans go.
        resource: Who tells them.
    """
    # Read when the instrumentation is imported: attributes by the stable names, not the old ones.
    os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http")
    from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor  # noqa: PLC0415 - see above

    # Nothing but the trace's ids leaves the house: a client's baggage is not for providers.
    set_global_textmap(TraceContextTextMapPropagator())
    # Their parent decides; what has none, such as fetching a key set, is nobody's request.
    provider = TracerProvider(resource=resource, sampler=ParentBased(ALWAYS_OFF), shutdown_on_exit=False)
    provider.add_span_processor(_Forward(outbox))
    HTTPXClientInstrumentor.instrument_client(http, tracer_provider=provider, request_hook=_scrub)


async def _scrub(span: object, request: object) -> None:
    """Keep the query out: the older signature has its keys there. The path is all that tells calls apart."""
    url = getattr(request, "url", None)
    if isinstance(span, Span) and isinstance(url, httpx.URL):
        span.set_attribute("url.full", str(url.copy_with(query=None, userinfo=b"", fragment=None)))


class _Forward(SpanProcessor):
    """Hands ended spans to the outbox."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def on_end(self, span: ReadableSpan) -> None:
        if span.context is not None and span.context.trace_flags.sampled:
            self._outbox.put(lambda: (span,))
