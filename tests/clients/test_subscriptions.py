"""Subscriptions, with the clients that people use, against the server that people run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator

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
        "serve", **{**settings, "GATEWAY_SERVER_PORT": port, "GATEWAY_SERVER_DRAIN_WINDOW": "0"}
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
