"""Points that all replicas count together."""

from __future__ import annotations

import time
from typing import Any

from limits import RateLimitItemPerMinute
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from gateway.access.lots import Lots
from gateway.access.points import Balance, OwnPurse
from gateway.upstream.server import Away, Server

_REQUESTS_AHEAD = 16
_PART_AHEAD = 20
"""Taken ahead is enough for so many like requests, and at most one in so many of a minute's points."""


class SharedPurse:
    """Points that all replicas count together, in Redis or Valkey.

    Whoever polls asks for points all the time, and for few: so with those of one request goes a lot for the
    next ones, which are then told at once. What is in a lot is missing at the other replicas, for a minute.

    While the server is away each replica counts for itself, its part of the points.

    Args:
        server: Where they are counted.
        per_minute: Points of a minute, of all replicas together.
        namespace: First part of every key.
        replicas: How many there are at most.
    """

    def __init__(self, server: Server, per_minute: int, *, namespace: str, replicas: int = 1) -> None:
        self._server = server
        # The pool brings the address, the time-outs and the patience; the URL only says which kind it is.
        options: Any = {"connection_pool": server.pool}
        storage = RedisStorage(
            "redis://", implementation="redispy", key_prefix=f"{namespace}:points", **options
        )
        self._limiter = SlidingWindowCounterRateLimiter(storage)
        self._item = RateLimitItemPerMinute(per_minute)
        self._most_ahead = per_minute // _PART_AHEAD
        self._lots = Lots()
        self._refilling: set[str] = set()
        self._alone = OwnPurse(max(1, per_minute // replicas))

    async def take(self, name: str, points: int) -> Balance:
        """Take points of a principal's, if there are enough."""
        try:
            granted = await self._server.ask(lambda: self._limiter.hit(self._item, name, cost=points))
            if granted:
                return Balance(granted=True, remaining=-1)  # asked for when the request is settled
            return await self._balance(name, granted=False)
        except Away:
            return await self._alone.take(name, points)

    async def spend(self, name: str, points: int) -> Balance:
        """Take points, if there are enough, none of which will be given back."""
        at_once = self.spend_at_once(name, points)
        if at_once is not None:
            return at_once
        refilled = None if name in self._refilling else await self._refill(name, points)
        if refilled is not None:
            return refilled
        balance = await self.take(name, points)
        return await self.give_back(name, 0) if balance.granted else balance

    def spend_at_once(self, name: str, points: int) -> Balance | None:
        """Do as `spend`, where enough was taken ahead; None where the server has to be asked."""
        left = self._lots.spend(name, points)
        return None if left is None else Balance(granted=True, remaining=left)

    async def give_back(self, name: str, points: int) -> Balance:
        """Return points that were taken and not used."""
        try:
            if points:
                await self._server.ask(lambda: self._limiter.hit(self._item, name, cost=-points))
            return await self._balance(name, granted=True)
        except Away:
            return await self._alone.give_back(name, points)

    async def _refill(self, name: str, points: int) -> Balance | None:
        """Do as `spend`, and take a lot for the next requests; None where there are not so many points.

        One at a time: those who come together would together take all that the principal has.
        """
        ahead = min(points * _REQUESTS_AHEAD, self._most_ahead)
        self._refilling.add(name)
        try:
            if not await self._server.ask(lambda: self._limiter.hit(self._item, name, cost=points + ahead)):
                return None
            left = (await self._balance(name, granted=True)).remaining
        except Away:
            return await self._alone.spend(name, points)
        finally:
            self._refilling.discard(name)
        self._lots.put(name, ahead, left)
        return Balance(granted=True, remaining=ahead + left)

    async def _balance(self, name: str, *, granted: bool) -> Balance:
        stats = await self._server.ask(lambda: self._limiter.get_window_stats(self._item, name))
        wait = 0.0 if granted else max(1.0, stats.reset_time - time.time())
        return Balance(granted=granted, remaining=stats.remaining, retry_after=wait)
