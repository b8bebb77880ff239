"""Whole requests in process: what surrounds an execution, and what it saves not to execute.

Three questions: does a trivial query cost much more than a route of the framework that does nothing; does a
document never seen before cost more than it does Strawberry, which neither measures nor compiles it; and what
is left of the work when an answer is given again.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from litestar import Litestar, post
from litestar.types import ASGIApp

from bench.execution import REFERENCE, Memory, measured
from bench.figures import Figure
from gateway.app import create_app
from gateway.cli.dev import sandbox_environment
from gateway.graph.context import Context
from gateway.graph.engine import Engine
from gateway.graph.requests import Request
from gateway.graph.schema import schema
from gateway.loaders import Loaders

_MOST_TRIVIAL = 2.0
_MOST_COLD = 1.1
_ROOM = 64_000_000
_TRIVIAL = "query Videos { __typename }"

_encode = msgspec.json.Encoder().encode


async def verdicts(rounds: int) -> list[Figure]:
    """Return what whole requests cost, as ratios."""
    return [
        await _trivial(rounds),
        *[await _cold(rounds, name, text, videos) for name, text, videos in _COLD],
        await _again(rounds),
    ]


_COLD = (("trivial", _TRIVIAL, 0), ("1 video", REFERENCE, 1), ("10 videos", REFERENCE, 10))


async def _trivial(rounds: int) -> Figure:
    """Compare `{ __typename }` over ASGI with a route that answers the same bytes.

    Neither writes a line about it: the framework's own route would not either.
    """
    os.environ.update(sandbox_environment(1) | {"GATEWAY_TELEMETRY_LOG_LEVEL": "warning"})
    body = _encode({"query": "{ __typename }"})

    @post("/graphql", status_code=200)
    async def bare(data: dict[str, Any]) -> dict[str, Any]:
        return {"data": {"__typename": "Query"}} if data else {}

    times = await measured(
        {
            "ours": _client(create_app(), body),
            "bare": _client(Litestar([bare], openapi_config=None), body),
        },
        rounds,
    )
    return Figure(
        name="{ __typename } against a bare Litestar route",
        value=times["ours"] / times["bare"],
        goal=_MOST_TRIVIAL,
    )


def _client(app: ASGIApp, body: bytes) -> Callable[[], Awaitable[bytes]]:
    """Return what makes one POST of an application, without a network."""
    headers = [
        (b"host", b"localhost"),
        (b"content-type", b"application/json"),
        (b"accept", b"application/json"),
        (b"content-length", b"%d" % len(body)),
    ]

    async def ask() -> bytes:
        scope: Any = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": "/graphql",
            "raw_path": b"/graphql",
            "query_string": b"",
            "root_path": "",
            "headers": headers,
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await app(scope, receive, send)
        assert sent[0]["status"] == 200, sent  # noqa: S101, PLR2004
        return bytes(sent[-1]["body"])

    return ask


async def _cold(rounds: int, name: str, text: str, videos: int) -> Figure:
    """Compare documents never seen before with Strawberry's own way of answering them."""
    upstream = Memory(max(1, videos), 4)
    variables = {"ids": [f"video-{number}" for number in range(videos)]} if videos else {}
    engine = Engine(upstream, request_timeout=10, reuse=_ROOM)
    texts = (text.replace("Videos", f"Videos{number}") for number in itertools.count())

    async def ours() -> bytes:
        answer = await engine.execute(Request(query=next(texts), variables=variables))
        return _encode(answer.body)

    async def strawberrys() -> bytes:
        context = Context(loaders=Loaders(upstream), request_id="")
        result = await schema.execute(next(texts), variables, context)
        assert not result.errors  # noqa: S101
        return _encode({"data": result.data})

    times = await measured({"ours": ours, "strawberry": strawberrys}, rounds)
    ratio = times["ours"] / times["strawberry"]
    return Figure(name=f"a cold document against Strawberry: {name}", value=ratio, goal=_MOST_COLD)


async def _again(rounds: int) -> Figure:
    """Compare the reference query answered anew with the same given again."""
    upstream = Memory(10, 4)
    request = Request(query=REFERENCE, variables={"ids": [f"video-{number}" for number in range(10)]})

    def asking(room: int) -> Callable[[], Awaitable[bytes]]:
        engine = Engine(upstream, request_timeout=10, reuse=room)

        async def ask() -> bytes:
            return _encode((await engine.execute(request)).body)

        return ask

    times = await measured({"anew": asking(0), "again": asking(_ROOM)}, rounds)
    return Figure(
        name="an answer given again against one made anew", value=times["again"] / times["anew"], goal=1.0
    )
