"""Provider calls, as they are told."""

from __future__ import annotations

import asyncio
from contextvars import Context, copy_context

import pytest
from msgspec import Struct
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan

from gateway.domain.errors import GatewayError, Throttled
from gateway.domain.provider import Verb
from gateway.domain.records import Provider
from gateway.telemetry.calls import Calls
from gateway.telemetry.exchange import Exchange
from gateway.telemetry.exchanges import Exchanges
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.spans import Spans
from gateway.telemetry.tally import Tally
from gateway.upstream.call import Call
from tests.telemetry.conftest import Recorder
from tests.telemetry.test_exchanges import Kept, outbox

__all__ = ["outbox"]

LANE = {"provider": "VOD", "operation": "GetTranscodeSummary"}


class Asking(Struct, frozen=True):
    """A request that waits for a call."""

    context: Context
    since: float


def _call(origins: list[Asking], keys: int = 3) -> Call:
    return Call(
        provider=Provider.VOD,
        operation="GetTranscodeSummary",
        verb=Verb.LATEST_BY_VIDEO,
        keys=keys,
        refreshes=1,
        origins=lambda: list(origins),
    )


def _request(exchanges: Exchanges) -> tuple[Exchange, Context]:
    context = copy_context()
    return context.run(exchanges.begin, "POST", {}), context


def _made(outbox: Kept) -> list[ReadableSpan]:
    return [span for making in outbox.made for span in making()]


async def test_a_call_is_linked_with_everybody_who_shares_it(
    metrics: Metrics, log: Recorder, outbox: Kept
) -> None:
    """Those who waited before it went out, and those who joined while it was under way."""
    spans = Spans(outbox, Resource.get_empty(), 1.0)
    exchanges = Exchanges(None, spans)
    now = asyncio.get_running_loop().time()
    (early, early_context), (late, late_context) = _request(exchanges), _request(exchanges)
    origins = [Asking(early_context, now - 0.5)]
    with Calls(metrics, spans, log)(_call(origins)):
        origins.append(Asking(late_context, asyncio.get_running_loop().time()))
    [call] = _made(outbox)
    assert call.name == "VOD GetTranscodeSummary"
    assert call.parent is None
    assert {link.context.span_id for link in call.links} == {early.span_id, late.span_id}
    attributes = dict(call.attributes or {})
    assert attributes["gateway.call.requests"] == 2
    assert attributes["gateway.call.keys"] == 3
    assert attributes["gateway.call.refreshes"] == 1
    assert int(str(attributes["gateway.slot.wait_ms"])) >= 500
    for exchange in (early, late):
        [share] = exchange.shares
        assert share.context is not None
        assert share.context.trace_id == call.context.trace_id
    assert early.shares[0].since < early.shares[0].sent
    value = metrics.registry.get_sample_value
    assert value("gateway_provider_calls_total", {**LANE, "outcome": "ok"}) == 1
    assert value("gateway_provider_call_keys_sum", LANE) == 3
    assert value("gateway_provider_call_requests_sum", LANE) == 2
    assert (value("gateway_slot_wait_seconds_sum", LANE) or 0) >= 0.5
    assert log.lines == []


async def test_links_are_capped_and_those_kept_come_first(
    metrics: Metrics, log: Recorder, outbox: Kept
) -> None:
    """The true number is an attribute."""
    spans = Spans(outbox, Resource.get_empty(), 0.0)
    exchanges = Exchanges(None, spans)
    requests = [_request(exchanges) for _ in range(100)]
    requests[99][0].sampled = True
    with Calls(metrics, spans, log)(_call([Asking(context, 0.0) for _, context in requests])):
        pass
    [call] = _made(outbox)
    assert len(call.links) == 32
    assert call.links[0].context.span_id == requests[99][0].span_id
    assert dict(call.attributes or {})["gateway.call.requests"] == 100


async def test_a_call_that_nobody_kept_is_not_kept(metrics: Metrics, log: Recorder, outbox: Kept) -> None:
    """It is counted all the same, and its requests have had their share."""
    spans = Spans(outbox, Resource.get_empty(), 0.0)
    exchange, context = _request(Exchanges(None, spans))
    with Calls(metrics, spans, log)(_call([Asking(context, 0.0)])):
        pass
    assert outbox.made == []
    assert exchange.shares[0].context is None
    value = metrics.registry.get_sample_value
    assert value("gateway_provider_calls_total", {**LANE, "outcome": "ok"}) == 1


async def test_a_refresh_waits_for_no_slot(metrics: Metrics, log: Recorder) -> None:
    """Nobody waited, so there is no wait to be told, and nobody to be linked with."""
    with Calls(metrics, None, log)(_call([])):
        pass
    value = metrics.registry.get_sample_value
    assert value("gateway_slot_wait_seconds_count", LANE) is None
    assert value("gateway_provider_call_requests_sum", LANE) == 0


async def test_throttles_are_kept_and_told(metrics: Metrics, log: Recorder, outbox: Kept) -> None:
    """Whatever the ratio, with the provider's code and request id; the same again and again is left out."""
    spans = Spans(outbox, Resource.get_empty(), 0.0)
    calls = Calls(metrics, spans, log)
    error = Throttled(
        "m", provider=Provider.VOD, operation="o", request_id="R-1", provider_code="Throttling.User"
    )
    for _ in range(12):
        with pytest.raises(GatewayError), calls(_call([])):
            raise error
    assert len(log.lines) == 10
    line = log.lines[0]
    assert line.pop("duration_ms") >= 0
    assert len(line.pop("trace_id")) == 32
    assert line == {
        "event": "provider_call_failed",
        "level": "warning",
        "provider": "VOD",
        "provider_operation": "GetTranscodeSummary",
        "code": "UPSTREAM_THROTTLED",
        "provider_code": "Throttling.User",
        "provider_request_id": "R-1",
        "keys": 3,
        "requests": 0,
    }
    call = _made(outbox)[0]
    assert call.status.description == "UPSTREAM_THROTTLED"
    assert dict(call.attributes or {})["gateway.provider.code"] == "Throttling.User"


@pytest.mark.parametrize(
    ("error", "code"), [(TimeoutError(), "UPSTREAM_TIMEOUT"), (RuntimeError("bug"), "INTERNAL")]
)
async def test_other_failures_have_codes_too(
    metrics: Metrics, log: Recorder, error: Exception, code: str
) -> None:
    """A call that took too long, and a client with a bug."""
    with pytest.raises(type(error)), Calls(metrics, None, log)(_call([])):
        raise error
    assert metrics.registry.get_sample_value("gateway_provider_calls_total", {**LANE, "outcome": code}) == 1


async def test_a_call_that_the_end_cuts_off_is_not_told(metrics: Metrics, log: Recorder) -> None:
    """The gateway closes; the provider did nothing wrong."""
    with pytest.raises(asyncio.CancelledError), Calls(metrics, None, log)(_call([])):
        raise asyncio.CancelledError
    assert log.lines == []


async def test_numbers_gather_until_they_are_read(metrics: Metrics, log: Recorder) -> None:
    """Where many calls are made, as in a gateway that serves."""
    tally = Tally(metrics)
    for _ in range(2):
        with Calls(tally, None, log)(_call([])):
            pass
    value = metrics.registry.get_sample_value
    assert not value("gateway_provider_calls_total", {**LANE, "outcome": "ok"})
    tally.settle()
    assert value("gateway_provider_calls_total", {**LANE, "outcome": "ok"}) == 2
    assert value("gateway_provider_call_keys_sum", LANE) == 6
