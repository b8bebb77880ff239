"""Clients that poll like browsers, each on a clock of its own, and what they are answered."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

import aiohttp
import msgspec
from msgspec import Struct

TASK = "status progress observedAt jobs { status progress }"
VIDEOS = f"""query($ids: [ID!]!, $maxAge: Float) {{
    videos(ids: $ids, maxAge: $maxAge) {{ videoId latestTask {{ {TASK} }} }} }}"""
BY_PROVIDER = f"""query($provider: Provider!, $id: ID!, $maxAge: Float) {{
    providerTask(provider: $provider, id: $id, maxAge: $maxAge) {{ {TASK} }} }}"""


class Answer(Struct, frozen=True):
    """One request and its answer.

    Attributes:
        group: Who asked.
        at: When, in seconds of the wall clock.
        took: Seconds until the answer was there.
        ages: Seconds that each of its records was old by then.
        errors: Codes.
    """

    group: str
    at: float
    took: float
    ages: tuple[float, ...]
    errors: tuple[str, ...]


class Client(Struct, frozen=True, kw_only=True):
    """One poller.

    Attributes:
        group: As in `Answer`.
        url: The gateway it asks.
        query: What it asks.
        variables: With what.
        every: Seconds from poll to poll.
        start: Seconds after which it comes.
    """

    group: str
    url: str
    query: str
    variables: Mapping[str, object]
    every: float
    start: float = 0.0


async def crowd(clients: Sequence[Client], *, until: Callable[[], bool]) -> list[Answer]:
    """Let clients poll until it is over; return all answers."""
    log: list[Answer] = []
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        await asyncio.gather(*(_poll(session, client, until, log) for client in clients))
    return log


async def _poll(
    session: aiohttp.ClientSession, client: Client, until: Callable[[], bool], log: list[Answer]
) -> None:
    await asyncio.sleep(client.start)
    due = time.time()
    while not until():
        started = time.time()
        request = {"query": client.query, "variables": client.variables}
        async with session.post(f"{client.url}/graphql", json=request) as response:
            log.append(_read(client.group, started, await response.read()))
        # Not so long after the last one, or clients that come evenly spread would soon come in heaps.
        due = max(due + client.every, time.time())
        await asyncio.sleep(due - time.time())


def _read(group: str, started: float, answer: bytes) -> Answer:
    now = datetime.now(UTC)
    took = time.time() - started
    body = msgspec.json.decode(answer)
    errors = tuple(error["extensions"]["code"] for error in body.get("errors", ()))
    data = body.get("data") or {}
    tasks = [
        data.get("providerTask"),
        *((video or {}).get("latestTask") for video in data.get("videos") or ()),
    ]
    ages = tuple((now - datetime.fromisoformat(task["observedAt"])).total_seconds() for task in tasks if task)
    return Answer(group, started, took, ages, errors)


def sharing(
    gateways: Sequence[str],
    ids: Sequence[str],
    *,
    count: int,
    most: int,
    every: float,
    whole: bool,
    ramp: float,
) -> Iterator[Client]:
    """Return clients that poll some of the same videos, again and again.

    Args:
        gateways: Taken in turns.
        ids: The videos.
        count: Clients.
        most: Videos of one client, at most.
        every: Seconds from poll to poll.
        whole: Whether they look at everything, a part each, and not at a few videos of their choice.
        ramp: Seconds over which they come.
    """
    parts = [ids[first : first + most] for first in range(0, len(ids), most)]
    for number in range(count):
        dice = random.Random(number)  # noqa: S311 - the same crowd every time
        part = number % len(parts)
        mine = parts[part] if whole else dice.sample(ids, dice.randint(1, most))
        yield Client(
            group="polls",
            url=gateways[number % len(gateways)],
            query=VIDEOS,
            variables={"ids": mine},
            every=every,
            start=ramp * part / len(parts) + dice.uniform(0, every) if whole else dice.uniform(0, every),
        )


def fetching(
    group: str, gateway: str, query: str, variables: Sequence[Mapping[str, object]], *, every: float
) -> Iterator[Client]:
    """Return clients that take nothing from memory, so that each of their answers takes a call.

    Args:
        group: As in `Answer`.
        gateway: Whom they ask.
        query: What they ask.
        variables: For each client.
        every: Seconds from poll to poll of one client; they come evenly spread.
    """
    for number, own in enumerate(variables):
        yield Client(
            group=group,
            url=gateway,
            query=query,
            variables={**own, "maxAge": 0.0},
            every=every,
            start=every * number / len(variables),
        )


def percentile(values: Sequence[float], part: float) -> float:
    """Return the value that so great a part of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else float("nan")
