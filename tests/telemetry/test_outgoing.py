"""What providers see of a trace, and what a trace sees of them."""

from __future__ import annotations

import httpx
import pytest
from opentelemetry import baggage, context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan

from gateway.telemetry.outgoing import instrument
from gateway.telemetry.spans import enter, leave, span_context
from gateway.transport.client import Client
from gateway.transport.pool import Pool
from gateway.transport.request import Endpoint, Request
from tests.telemetry.test_exchanges import Kept, outbox
from tests.transport.servers import Talk, serving

__all__ = ["outbox"]


async def _ask(outbox: Kept, *, sampled: bool) -> tuple[list[ReadableSpan], httpx.Headers]:
    seen: list[httpx.Headers] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers)
        return httpx.Response(200)

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        instrument(http, outbox, Resource.get_empty())
        token = enter(span_context(5, 6, sampled=sampled))
        outer = context.attach(baggage.set_baggage("user", "s3cret"))
        await http.get("https://user:s3cret@vod.x/path?AccessKeyId=s3cret&Signature=s3cret#s3cret")
        context.detach(outer)
        leave(token)
    return [span for making in outbox.made for span in making()], seen[0]


async def test_an_exchange_is_a_span_of_the_call(outbox: Kept) -> None:
    """By the stable names of the conventions, its URL without anything that may be secret."""
    [span], headers = await _ask(outbox, sampled=True)
    assert span.context is not None
    assert span.parent is not None
    assert (span.context.trace_id, span.parent.span_id) == (5, 6)
    attributes = dict(span.attributes or {})
    assert attributes["url.full"] == "https://vod.x/path"
    assert attributes["http.response.status_code"] == 200
    assert attributes["server.address"] == "vod.x"
    assert "s3cret" not in span.to_json()
    assert headers["traceparent"] == f"00-{5:032x}-{span.context.span_id:016x}-01"


async def test_baggage_stays_here(outbox: Kept) -> None:
    """Providers learn the trace's ids and nothing else."""
    _, headers = await _ask(outbox, sampled=True)
    assert "baggage" not in headers


async def test_a_call_that_is_not_kept_has_no_exchanges(outbox: Kept) -> None:
    """Its ids are passed on, with the word that nobody keeps it."""
    spans, headers = await _ask(outbox, sampled=False)
    assert spans == []
    assert headers["traceparent"].endswith("-00")


async def test_the_short_way_is_traced_too(outbox: Kept) -> None:
    """Whichever way a request takes through the client that provider calls go through."""

    async def shown(talk: Talk) -> None:
        head = await talk.asked()
        await talk.say(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(head), head)

    async with Client(Pool(), timeout=httpx.Timeout(20)) as http, serving(shown) as url:
        instrument(http, outbox, Resource.get_empty())
        token = enter(span_context(5, 6, sampled=True))
        endpoint = Endpoint(url)
        request = Request("GET", endpoint, endpoint.path, {"host": endpoint.host}, extensions={})
        answer = await http.send(request, stream=True, auth=httpx.Auth(), follow_redirects=False)
        head = await answer.aread()
        leave(token)
    [span] = [span for making in outbox.made for span in making()]
    assert span.context is not None
    assert b"traceparent: 00-%032x-%016x-01" % (5, span.context.span_id) in head


@pytest.mark.parametrize("status", [500])
async def test_what_belongs_to_no_call_is_not_kept(outbox: Kept, status: int) -> None:
    """Fetching a key set is nobody's request."""
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(status))) as http:
        instrument(http, outbox, Resource.get_empty())
        await http.get("https://issuer.x/keys")
    assert outbox.made == []
