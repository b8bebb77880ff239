"""Subscriptions, with the clients that people use, against the server that people run."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import resource
import signal
import socket as stdlib_socket
import struct
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from gql import Client, gql
from gql.transport.websockets import WebsocketsTransport

from bench.servers import free_port, started, wait
from tests.clients.conftest import Node
from tests.conftest import Sandbox
from tests.web.live import socket

Served = tuple[str, subprocess.Popen[bytes]]

QUERY = "subscription($ids: [ID!]!) { videos(ids: $ids) { id finished video { videoId } } }"


@pytest.fixture
def served(environment: pytest.MonkeyPatch, sandbox: Sandbox) -> Iterator[Served]:
    """A gateway process of its own; and its URL."""
    port = str(free_port())
    settings = {name: value for name, value in os.environ.items() if name.startswith("GATEWAY_")}
    with started(
        "serve",
        **{
            **settings,
            "GATEWAY_SERVER_PORT": port,
            "GATEWAY_SERVER_DRAIN_WINDOW": "0",
            "GATEWAY_LIVE_PATIENCE": "2",
        },
    ) as process:
        wait(f"http://127.0.0.1:{port}/health/ready")
        yield f"http://127.0.0.1:{port}/graphql", process


@pytest.mark.node
@pytest.mark.timeout(180)
def test_the_usual_clients_hear_the_end(served: Served, sandbox: Sandbox, node: Node) -> None:
    """graphql-ws and graphql-sse: states, the end, queries, and what is wrong with an operation."""
    ids = [*sandbox.ids("vod", "succeeded", 2), *sandbox.ids("vod", "partial")]
    for way in ("ws", "sse"):
        told = [json.loads(line) for line in node("subscribe.mjs", way, served[0], *ids).splitlines()]
        states = [one["data"]["videos"] for one in told[:3]]
        assert sorted(state["id"] for state in states) == sorted(ids)
        assert all(state["finished"] for state in states)
        assert told[3]["data"] == {"__typename": "Query"}
        problems = told[4].get("problem") or told[4]["errors"]
        assert "nothing" in problems[0]["message"]
        assert told[5] == {"legacy": 4406 if way == "ws" else None}


async def test_the_python_client_hears_the_end_and_sockets_outlive_no_server(
    served: Served, sandbox: Sandbox
) -> None:
    """Gql over websockets; at the end of the process everybody is asked to come back."""
    url, process = served
    [done], [never] = sandbox.ids("vod", "succeeded"), sandbox.ids("vod", "never")
    # Left to itself the client offers the older protocol too, and takes it where header names come in small.
    transport = WebsocketsTransport(
        url=url.replace("http", "ws"), subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL]
    )
    async with Client(transport=transport) as session:
        request = gql(QUERY)
        request.variable_values = {"ids": [done]}
        heard = [state async for state in session.subscribe(request)]
        assert [state["videos"]["finished"] for state in heard] == [True]
    async with socket(url, hello={}) as client:
        await client.watch("s", never)
        await client.hear()
        process.send_signal(signal.SIGTERM)
        assert await client.closed() == 1012
    assert process.wait(20) == 0


async def test_whoever_reads_nothing_is_heard_no_more_and_cut(
    environment: pytest.MonkeyPatch, served: Served
) -> None:
    """The server's own buffers included: nothing piles up for a client that does not read."""
    url, _ = served
    host, port = url.removeprefix("http://").split("/")[0].split(":")
    with stdlib_socket.socket() as sock:
        sock.setsockopt(stdlib_socket.SOL_SOCKET, stdlib_socket.SO_RCVBUF, 4096)
        sock.connect((host, int(port)))
        sock.settimeout(20)
        nonce = base64.b64encode(b"0123456789abcdef").decode()
        sock.sendall(
            f"GET /graphql HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {nonce}\r\n"
            "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n".encode()
        )
        assert sock.recv(12) == b"HTTP/1.1 101"
        sock.sendall(frame({"type": "connection_init"}))
        # Every refusal repeats the id, so what comes back is more than what is sent.
        greedy = frame({"type": "subscribe", "id": "x" * 190, "payload": {"query": "{ nothing }"}})
        sock.settimeout(0)
        sent, rest = 0, b""
        async with asyncio.timeout(60):
            while connections(port):
                rest = rest or greedy
                try:
                    count = sock.send(rest)
                    sent, rest = sent + count, rest[count:]
                except (BlockingIOError, ConnectionError):
                    await asyncio.sleep(0.05)
        assert sent < 100_000_000
        async with httpx.AsyncClient(timeout=20) as client:
            metrics = await client.get(f"http://{host}:{port}/metrics")
        assert b"gateway_live_connections 0.0" in metrics.content


def test_a_thousand_open_connections_keep_nobody_out(served: Served) -> None:
    """The server's own limit, unless told, is fewer than may subscribe."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))
    host, port = served[0].removeprefix("http://").split("/")[0].split(":")
    with ExitStack() as stack:
        for _ in range(1100):
            one = stack.enter_context(stdlib_socket.create_connection((host, int(port)), timeout=20))
            one.sendall(b"GET /health/live HTTP/1.1\r\n")
        assert httpx.get(f"http://{host}:{port}/health/live", timeout=20).is_success


def connections(port: str) -> int:
    """Return how many connections the system has for a server; those it is only being polite about aside."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return sum(
        local.endswith(f":{int(port):04X}") and state in {"01", "08"}
        for _, local, _, state, *_ in map(str.split, lines)
    )


def frame(message: dict[str, object]) -> bytes:
    """Return a message as a client sends it, masked with zeros."""
    body = json.dumps(message).encode()
    size = bytes([0x80 | len(body)]) if len(body) < 126 else struct.pack("!BH", 0xFE, len(body))
    return b"\x81" + size + b"\0\0\0\0" + body
