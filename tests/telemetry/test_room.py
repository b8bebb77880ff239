"""Telemetry of a whole gateway, by what operators get to see."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from gateway.access import keys
from gateway.app import create_app
from tests.conftest import Sandbox
from tests.servers import serving
from tests.telemetry.collector import Collector
from tests.telemetry.conftest import soon
from tests.web import live

SUMMARY = "query Videos($ids: [ID!]!) { videos(ids: $ids) { latestTask { status } } }"
REQUESTS = 20


@contextmanager
def _gateway(environment: pytest.MonkeyPatch, **settings: str) -> Iterator[str]:
    """Run a gateway; all its telemetry has been sent once this is left."""
    for name, value in settings.items():
        environment.setenv(f"GATEWAY_{name}", value)
    with serving(create_app()) as url:
        yield url


def metrics(url: str) -> str:
    """Return what Prometheus would read."""
    return httpx.get(f"{url}/metrics", timeout=20).text


class Client:
    """Asks gateways."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def __call__(
        self, url: str, query: str, headers: dict[str, str] | None = None, **variables: Any
    ) -> httpx.Response:
        """Return the answer."""
        body = {"query": query, "variables": variables}
        return await self.http.post(f"{url}/graphql", json=body, headers=headers, timeout=30)


@pytest.fixture
async def ask() -> AsyncIterator[Client]:
    """A client."""
    async with httpx.AsyncClient() as http:
        yield Client(http)


async def test_requests_that_share_a_call_are_linked_with_it_both_ways(
    environment: pytest.MonkeyPatch, sandbox: Sandbox, collector: Collector, ask: Client
) -> None:
    """Twenty at once, one call: its trace leads to each of theirs, and each of theirs to it."""
    # So slow that all twenty are there before it is over.
    sandbox.fault(provider="vod", kind="latency", ms=2500)
    [video] = sandbox.ids("vod", "succeeded")
    with _gateway(environment, TELEMETRY_OTLP_ENDPOINT=collector.url, TELEMETRY_SAMPLE_RATIO="1") as url:
        answers = await asyncio.gather(*(ask(url, SUMMARY, ids=[video]) for _ in range(REQUESTS)))
    assert all("errors" not in answer.json() for answer in answers)
    assert sandbox.calls() == {"GetTranscodeSummary": 1}, collector.drawing()
    [call] = collector.called("VOD GetTranscodeSummary")
    requests = collector.called("POST /graphql")
    assert len(requests) == REQUESTS
    assert call.parent == ""
    assert {trace for trace, _ in call.links} == {request.trace for request in requests}, collector.drawing()
    assert call.attributes["gateway.call.requests"] == REQUESTS
    waits = collector.called("wait for answer")
    assert {wait.trace for wait in waits} == {request.trace for request in requests}
    assert {link for wait in waits for link in wait.links} == {(call.trace, call.id)}
    # The HTTP exchange is within the call, and what was sent to the provider names it.
    [http] = [span for span in collector.spans if span.kind == "client"]
    assert (http.trace, http.parent) == (call.trace, call.id)
    assert call.start <= http.start <= http.end <= call.end
    assert all(request.attributes["gateway.outcome"] == "ok" for request in requests)


async def test_calls_are_in_the_metrics_as_soon_as_they_are_over(
    environment: pytest.MonkeyPatch, sandbox: Sandbox, ask: Client
) -> None:
    """Their numbers gather elsewhere, and are brought there when somebody reads them."""
    [video] = sandbox.ids("vod", "succeeded")
    with _gateway(environment) as url:
        await ask(url, SUMMARY, ids=[video])
        labels = '{operation="GetTranscodeSummary",outcome="ok",provider="VOD"}'
        assert f"gateway_provider_calls_total{labels} 1.0" in metrics(url)


async def test_failures_are_kept_whatever_the_ratio(
    environment: pytest.MonkeyPatch, sandbox: Sandbox, collector: Collector, ask: Client
) -> None:
    """A request that failed and its throttled calls are sent; one that went well is not."""
    [video] = sandbox.ids("vod", "running")
    [job] = sandbox.ids("ims", "running")
    sandbox.fault(provider="ims", kind="throttle")
    with _gateway(
        environment,
        TELEMETRY_OTLP_ENDPOINT=collector.url,
        TELEMETRY_SAMPLE_RATIO="0",
        SERVER_REQUEST_TIMEOUT="1",
    ) as url:
        await ask(url, SUMMARY, ids=[video])
        failed = await ask(url, "query($id: ID!) { providerTask(provider: IMS, id: $id) { status } }", id=job)
    [error] = failed.json()["errors"]
    [request] = collector.called("POST /graphql")
    assert request.trace == error["extensions"]["traceId"]
    assert request.attributes["gateway.request.id"] == error["extensions"]["requestId"]
    assert request.attributes["gateway.request.id"] == failed.headers["x-request-id"]
    assert request.failed
    calls = collector.called("IMS GetMediaConvertJob")
    assert calls
    assert all(call.attributes["error.type"] == "UPSTREAM_THROTTLED" for call in calls)
    assert not collector.called("VOD GetTranscodeSummary")


async def test_a_caller_s_trace_goes_on(
    environment: pytest.MonkeyPatch, sandbox: Sandbox, collector: Collector, ask: Client
) -> None:
    """Its ids in, ours in it; its baggage goes nowhere."""
    [video] = sandbox.ids("vod", "running")
    headers = {
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "baggage": "user=s3cret",
        "x-request-id": "from-the-client.1",
    }
    with _gateway(environment, TELEMETRY_OTLP_ENDPOINT=collector.url, TELEMETRY_SAMPLE_RATIO="0") as url:
        answer = await ask(url, SUMMARY, headers, ids=[video])
    assert answer.headers["x-request-id"] == "from-the-client.1"
    [request] = collector.called("POST /graphql")
    assert (request.trace, request.parent) == ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")
    assert not any(b"s3cret" in body for body in collector.bodies)


async def test_a_refused_request_is_one_line(
    environment: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], ask: Client
) -> None:
    """With its id and its code, and without traceback or document."""
    with _gateway(environment, TELEMETRY_LOG_LEVEL="info") as url:
        answers = [
            await ask(url, "{ n0such }"),
            await ask(url, "{ {"),
            await ask.http.put(f"{url}/graphql"),
            await ask.http.post(
                f"{url}/graphql", content=b"\xff", headers={"content-type": "application/json"}
            ),
        ]
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert [line["request_id"] for line in lines] == [answer.headers["x-request-id"] for answer in answers]
    assert [line["code"] for line in lines] == [
        "GRAPHQL_VALIDATION_FAILED",
        "GRAPHQL_PARSE_FAILED",
        "BAD_REQUEST",
        "BAD_REQUEST",
    ]
    for answer, line in zip(answers, lines, strict=True):
        assert answer.json()["errors"][0]["extensions"]["requestId"] == line["request_id"]
    assert "n0such" not in str(lines)
    assert "exception" not in str(lines)


async def test_a_collector_that_is_away_concerns_nobody(
    environment: pytest.MonkeyPatch, sandbox: Sandbox, ask: Client
) -> None:
    """Requests are answered, what is lost is counted, and the end comes."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    [video] = sandbox.ids("vod", "running")
    with _gateway(
        environment, TELEMETRY_OTLP_ENDPOINT=f"http://127.0.0.1:{port}", TELEMETRY_SAMPLE_RATIO="1"
    ) as url:
        assert "errors" not in (await ask(url, SUMMARY, ids=[video])).json()
        await soon(lambda: 'gateway_spans_dropped_total{reason="refused"} 0.0' not in metrics(url))


@pytest.mark.parametrize("kind", ["wrong_key", "reset", "none"])
async def test_secrets_are_told_to_nobody(  # noqa: PLR0917 - fixtures
    environment: pytest.MonkeyPatch,
    sandbox: Sandbox,
    collector: Collector,
    capfd: pytest.CaptureFixture[str],
    ask: Client,
    kind: str,
) -> None:
    """Keys, tokens, variables and signed addresses are in no line, span, metric or error."""
    [video, other] = sandbox.ids("vod", "succeeded", 2)
    [job] = sandbox.ids("vod_jobs", "succeeded")
    secrets = [
        "sandboxStsKeyId",
        "sandboxStsKeySecret",
        "sandboxSecurityToken",
        "M4rkerToken",
        "M4rkerWord",
    ]
    if kind == "wrong_key":
        secrets[1] = "M4rkerKeySecret"
    elif kind != "none":
        sandbox.fault(provider="vod", kind=kind)
    with _gateway(
        environment,
        VOD_SIGNATURE="rpc",  # which has the keys in the query of every URL
        VOD_ACCESS_KEY_ID=secrets[0],
        VOD_ACCESS_KEY_SECRET=secrets[1],
        VOD_SECURITY_TOKEN=secrets[2],
        TELEMETRY_OTLP_ENDPOINT=collector.url,
        TELEMETRY_OTLP_METRICS="true",
        TELEMETRY_SAMPLE_RATIO="1",
        TELEMETRY_LOG_LEVEL="debug",
        LANES_STORE="redis://user:M4rkerWord@127.0.0.1:1",
    ) as url:
        token = {"authorization": "Bearer M4rkerToken", "x-api-key": "M4rkerToken"}
        told = [
            await ask(url, SUMMARY, ids=[video]),
            await ask(url, SUMMARY, token, ids=[other]),
            await ask(url, SUMMARY, ids={"M4rkerVariable": 1}),
            await ask(url, "query($id: ID!) { node(id: $id) { id } }", id="M4rkerVariable"),
        ]
        full = await ask(
            url, "query($id: ID!) { providerJob(provider: VOD, id: $id) { output { url } } }", id=job
        )
        numbers = metrics(url)
    if kind == "none":
        secrets.append(full.json()["data"]["providerJob"]["output"]["url"])
    out, err = capfd.readouterr()
    errors = json.dumps([answer.json().get("errors") for answer in (*told, full)])
    spans = b"".join(collector.bodies).decode("latin-1")
    assert "wait for answer" in spans
    assert '"event":"request"' in out
    for place in (out, err, spans, numbers, errors):
        for secret in secrets:
            assert secret not in place
    # What a client sent may come back to that client, who is told what was wrong with it, and to nobody else.
    for place in (out, err, spans, numbers):
        assert "M4rkerVariable" not in place


CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


async def _converse(client: live.Socket, sandbox: Sandbox) -> str:
    """Ask for operations that end in every way there is; return the id that an odd one was known by."""
    [done], [running, other] = sandbox.ids("vod", "succeeded"), sandbox.ids("vod", "running", 2)
    await client.tell(id="asks", type="subscribe", payload={"query": "{ __typename }"})
    assert [(await client.hear())["type"] for _ in range(2)] == ["next", "complete"]
    await client.tell(id="<odd>", type="subscribe", payload={"query": "{ n0such }"})
    [error] = (await client.hear())["payload"]
    await client.watch("ends", done)
    assert [(await client.hear())["type"] for _ in range(2)] == ["next", "complete"]
    await client.watch("left", running)
    await client.hear()
    await client.watch("many", other)
    while (await client.hear())["type"] != "error":
        pass
    await client.tell(id="left", type="complete")
    sandbox.fault(provider="vod", kind="latency", ms=2000)
    slow = {"query": SUMMARY, "operationName": "Videos", "variables": {"ids": [other]}}
    await client.tell(id="slow", type="subscribe", payload=slow)
    await client.tell(id="slow", type="complete")
    await client.watch("lasts", running)
    while (await client.hear()).get("id") != "lasts":
        pass
    odd: str = error["extensions"]["requestId"]
    return odd.removeprefix("conn-1:")


async def test_operations_on_a_socket_are_told_like_requests(
    environment: pytest.MonkeyPatch, sandbox: Sandbox, collector: Collector, capfd: pytest.CaptureFixture[str]
) -> None:
    """By lines, numbers, and traces linked to the handshake's; what the socket opened with is in none."""
    key = keys.generate()
    environment.setenv("GATEWAY_ACCESS_KEYS", keys.entry("frontend", key, ["all"]))
    settings = {
        "TELEMETRY_OTLP_ENDPOINT": collector.url,
        "TELEMETRY_SAMPLE_RATIO": "0",
        "TELEMETRY_LOG_LEVEL": "info",
        "LIVE_PER_CONNECTION": "1",
    }
    hello = {"Authorization": f"Bearer {key}", "note": "M4rkerNote"}
    headers = {"X-Request-Id": "conn-1", "traceparent": CALLER}
    with _gateway(environment, **settings) as url:
        async with live.socket(f"{url}/graphql", hello=hello, **headers) as client:
            assert client.ws._response.headers["x-request-id"] == "conn-1"
            odd = await _converse(client, sandbox)
        await soon(lambda: 'operation="subscription",outcome="ok"} 3.0' in metrics(url))
        numbers = metrics(url)
    out, err = capfd.readouterr()
    told = [line for line in map(json.loads, out.splitlines()) if line["event"] == "request"]
    assert {line["principal"] for line in told} == {"key:frontend"}
    assert [
        [line.get(part) for part in ("request_id", "type", "outcome", "ended_by", "operation")]
        for line in told
    ] == [
        ["conn-1:asks", "query", "ok", None, None],
        [f"conn-1:{odd}", None, "GRAPHQL_VALIDATION_FAILED", None, None],
        ["conn-1:ends", "subscription", "ok", "complete", None],
        ["conn-1:many", None, "LIMIT_EXCEEDED", None, None],
        ["conn-1:left", "subscription", "ok", "client", None],
        ["conn-1:slow", None, "cancelled", None, "Videos"],
        ["conn-1:lasts", "subscription", "ok", "client", None],
    ]
    assert told[2]["results"] == 1
    assert 'gateway_requests_total{operation="none",outcome="cancelled"} 1.0' in numbers
    assert 'gateway_request_duration_seconds_count{operation="subscription"} 3.0' in numbers
    # Whoever opened the socket wanted its trace kept, so what came of it is kept.
    roots = {span.attributes["gateway.request.id"]: span for span in collector.spans if span.kind == "server"}
    assert set(roots) == {line["request_id"] for line in told}
    assert len({root.trace for root in roots.values()}) == len(told)
    assert {root.links for root in roots.values()} == {((CALLER[3:35], CALLER[36:52]),)}
    ends = roots["conn-1:ends"]
    assert (ends.name, ends.parent, ends.attributes["gateway.results"]) == ("subscription", "", 1)
    spans = b"".join(collector.bodies).decode("latin-1")
    for place in (out, err, numbers, spans):
        assert key not in place
        assert "M4rkerNote" not in place


async def test_a_stream_of_events_is_told_at_its_end(
    environment: pytest.MonkeyPatch, sandbox: Sandbox, collector: Collector, capfd: pytest.CaptureFixture[str]
) -> None:
    """By one line and one trace, like the request that it is; and so is one that the gateway ends."""
    [done], [running] = sandbox.ids("vod", "succeeded"), sandbox.ids("vod", "running")
    settings = {
        "TELEMETRY_OTLP_ENDPOINT": collector.url,
        "TELEMETRY_SAMPLE_RATIO": "1",
        "TELEMETRY_LOG_LEVEL": "info",
    }
    events = {"Accept": "text/event-stream", "X-Request-Id": "e-1"}
    with _gateway(environment, **settings) as url:
        async with httpx.AsyncClient() as http:
            body = {"query": live.WATCH, "variables": {"ids": [done]}}
            assert (await http.post(f"{url}/graphql", json=body, headers=events)).is_success
            body = {"query": live.WATCH, "variables": {"ids": [running]}}
            events["X-Request-Id"] = "e-2"
            async with http.stream("POST", f"{url}/graphql", json=body, headers=events) as answer:
                async for line in answer.aiter_lines():
                    if line.startswith("data: {"):
                        break
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    told = {line["request_id"]: line for line in lines if line["event"] == "request"}
    assert list(told) == ["e-1", "e-2"]
    assert {line["type"] for line in told.values()} == {"subscription"}
    assert {line["status"] for line in told.values()} == {200}
    assert (told["e-1"]["ended_by"], told["e-1"]["results"]) == ("complete", 1)
    assert told["e-2"]["ended_by"] in {"client", "gateway"}
    requests = {span.attributes["gateway.request.id"]: span for span in collector.called("POST /graphql")}
    [first] = [s for s in collector.called("subscription") if s.parent == requests["e-1"].id]
    assert requests["e-1"].attributes["gateway.ended_by"] == "complete"
    assert first.attributes["graphql.operation.type"] == "subscription"
