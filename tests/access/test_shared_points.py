"""Points that replicas count together, on a real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.access.points import Balance
from gateway.access.shared_points import SharedPurse
from gateway.upstream.policy import StorePolicy
from gateway.upstream.server import Server
from tests.upstream.conftest import SharedServer


@pytest.fixture
async def server(valkey: SharedServer) -> AsyncIterator[Server]:
    """A connection to a real server."""
    server = Server(valkey.url, StorePolicy(timeout=1.0, rest=0.2))
    yield server
    await server.close()


async def test_replicas_share_what_a_client_may_spend(valkey: SharedServer, server: Server) -> None:
    """What is spent at one replica is missing at the other, and given back for both."""
    one, other = (SharedPurse(server, 600, namespace="n") for _ in range(2))
    assert (await one.take("a", 400)).granted
    refused = await other.take("a", 400)
    assert not refused.granted
    assert refused.remaining == 200
    assert 1 <= refused.retry_after <= 120
    assert (await one.give_back("a", 350)).remaining == 550
    assert (await other.take("a", 400)).granted


async def test_what_is_spent_is_told_with_what_all_replicas_left(server: Server) -> None:
    """In one word, granted or not; what one has taken ahead is missing at the other."""
    one, other = (SharedPurse(server, 600, namespace="n") for _ in range(2))
    assert await one.spend("a", 400) == Balance(granted=True, remaining=200)
    refused = await other.spend("a", 400)
    assert (refused.granted, refused.remaining) == (False, 170)


async def test_a_poll_pays_for_the_next_ones_too(server: Server) -> None:
    """They are told at once; after so many the server is asked again, and in all it gives what there is."""
    one, other = (SharedPurse(server, 600, namespace="n") for _ in range(2))
    assert one.spend_at_once("a", 1) is None
    assert await one.spend("a", 1) == Balance(granted=True, remaining=599)
    left = [one.spend_at_once("a", 1) for _ in range(17)]
    assert left == [Balance(granted=True, remaining=599 - number) for number in range(1, 17)] + [None]
    spent = 17
    for purse in (one, other):
        while (await purse.spend("a", 1)).granted:
            spent += 1
    assert spent == 600


async def test_those_who_come_together_take_one_lot(server: Server) -> None:
    """A page that asks for many things at once has its points afterwards, and not in lots that are lost."""
    purse = SharedPurse(server, 600, namespace="n")
    at_once = await asyncio.gather(*(purse.spend("a", 10) for _ in range(8)))
    assert all(balance.granted for balance in at_once)
    assert (await purse.take("a", 600 - 80 - 30)).granted
    spent = 0
    while (await purse.spend("a", 1)).granted:
        spent += 1
    assert spent == 30


async def test_without_the_server_each_replica_grants_its_part(valkey: SharedServer, server: Server) -> None:
    """A store that is away neither opens the gate nor shuts it."""
    purse = SharedPurse(server, 600, namespace="n", replicas=3)
    valkey.kill()
    assert (await purse.take("a", 200)).granted
    refused = await purse.take("a", 100)
    assert not refused.granted
    assert (await purse.give_back("a", 150)).remaining >= 150
    await asyncio.sleep(0)
