"""Slots shared by all replicas of one account, granted by Redis or Valkey on its own clock.

While the server is away every replica keeps to its share. Shares are not in step, so each adds a burst of
its own; they are cut such that the calls of all in any second add up to the limit all the same. What takes
care are the changes from one to the other, since replicas notice them one by one:

- *Away.* Grants stop for everybody at once, and every share begins empty: its first call comes a whole
  share's spacing after the last moment at which the server may have granted anything. So no second ever
  holds more than its quota. A server that answers again within that time, as after a hiccup of this
  process, has never been away.
- *Back.* A replica that has used its share says so, or the server has lost its memory and notices that. In
  both cases the server sends everybody to their shares for a period of grace, long enough for all to come
  back and hear it, and grants its first slot another share's spacing after its end.

A replica that alone is cut off from a server the others still reach is the one case that this
cannot see; then the provider's throttling lowers the pace.
"""

from __future__ import annotations

import asyncio
import math

from gateway.upstream.policy import QuotaPolicy, StorePolicy
from gateway.upstream.quota import VOID_AFTER, LocalQuota, Pace, until
from gateway.upstream.server import Away, Server

# since: when shared grants begin; due: when the next one is. Both in microseconds of the server's clock. A
# due time a minute ahead is none of ours: the clock was set back.
_GRANT = """
local key = KEYS[1]
local interval, came_back, grace, empty = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
if redis.call('TYPE', key).ok ~= 'hash' then redis.call('DEL', key) end
local state = redis.call('HMGET', key, 'since', 'due')
local since, due = tonumber(state[1]), tonumber(state[2])
if came_back == '1' or not since or not due or due > now + 60000000 then
    since = now + grace
    due = since + empty
    redis.call('HSET', key, 'since', string.format('%.0f', since), 'due', string.format('%.0f', due))
end
if now < since then return -1 end
due = math.max(now, due)
redis.call('HSET', key, 'due', string.format('%.0f', due + interval))
return string.format('%.0f', due - now)
"""


class SharedQuota:
    """This replica's way to the slots of one operation.

    Args:
        server: Who grants them.
        key: Under which name; the same on all replicas, different per account and operation.
        pace: The rate; throttling is noticed, and answered, by each replica for itself.
        policy: How many replicas there are at most.
        store: How often replicas look for a server that is away.
    """

    def __init__(self, server: Server, key: str, pace: Pace, policy: QuotaPolicy, store: StorePolicy) -> None:
        self._server = server
        self._key = key
        self._pace = pace
        self._rest = store.rest
        self._grant = server.client.register_script(_GRANT)
        self._share = share_of(pace, policy.replicas)
        self._local = LocalQuota(pace, share=self._share)
        self._turn = asyncio.Lock()
        self._used_share = False
        self._in_shares = False
        self._held = float("-inf")
        self._next = float("-inf")

    @property
    def mode(self) -> str:
        """Whether the server grants slots now."""
        return "share" if self._keeps_to_share else "shared"

    @property
    def _keeps_to_share(self) -> bool:
        return self._in_shares or not self._server.present

    async def slot(self) -> float:
        """Wait for the next slot, spend it, and return the instant at which it is void."""
        async with self._turn:
            while (void := await self._try()) is None:
                pass
        return void

    def refund(self) -> None:
        """Slots of the server's are moments that pass; a slot of our share can be used later."""
        if self._keeps_to_share:
            self._local.refund()

    def hold(self, until: float) -> None:
        """Grant nothing before an instant."""
        self._held = max(self._held, until)
        self._local.hold(until)

    def delay(self, now: float) -> float:
        """Seconds to the next slot, as far as this replica knows."""
        if self._keeps_to_share:
            return self._local.delay(now)
        return max(self._next, self._held) - now

    async def _try(self) -> float | None:
        """Try for one slot; None means that things have changed meanwhile."""
        await until(lambda: self._held)
        if self._server.away_since is not None:
            return await self._alone(self._server.away_since)
        void = await self._local.slot() if self._in_shares else 0.0
        asked = _now()
        try:
            wait = await self._ask()
        except Away:
            if self._in_shares:
                self._local.refund()
            return None
        if wait is None:
            if self._in_shares:
                return void
            self._begin_shares()
            return None
        self._in_shares = self._used_share = False
        self._next = granted = _now() + wait
        await until(lambda: granted)
        # The server said so at some moment between question and answer: the slot is waited for from the
        # latest of these, and is void from the earliest.
        void = asked + wait + self._interval() * VOID_AFTER
        return void if self._held <= _now() < void else None

    async def _ask(self) -> float | None:
        """Return the seconds to our slot, or None if everybody is to keep to their share."""
        # Long enough for the others to find the server again once, and to say that they have.
        grace = self._rest + 1.0
        args = [_micros(self._interval()), int(self._used_share), _micros(grace), _micros(self._spacing())]
        wait = int(await self._server.ask(lambda: self._grant(keys=[self._key], args=args)))
        return None if wait < 0 else wait / 1e6

    async def _alone(self, since: float) -> float | None:
        """Grant a slot of our share, unless the server is back before it is due."""
        if not self._used_share:
            self._local.hold(max(since, self._next) + self._spacing())
        if await self._server.returns_within(self._local.delay(_now())):
            return None
        self._used_share, self._in_shares = True, False
        return await self._local.slot()

    def _begin_shares(self) -> None:
        """Keep to our share while the server says so; one that was in use already goes on as it is."""
        self._in_shares = True
        if not self._used_share:
            self._local.hold(_now() + self._spacing())
        self._used_share = False

    def _interval(self) -> float:
        """Seconds between slots of all replicas."""
        return 1 / self._pace.rate(_now())

    def _spacing(self) -> float:
        """Seconds between slots of one replica's share."""
        return self._interval() / self._share


def share_of(pace: Pace, replicas: int) -> float:
    """Return the part of a rate that each of some replicas may use when they cannot talk to each other.

    One call per `1/r` seconds is up to `r + 1` calls in some second, for each replica. So each gets a whole
    number of calls per second, of which there are `full + 1` in all. Where there are more replicas than calls
    there is no such number left, and seconds may hold a call too many.
    """
    calls = math.floor((pace.full + 1) / replicas)
    return calls / (pace.full + 1) if calls else 1 / replicas


def _now() -> float:
    return asyncio.get_running_loop().time()


def _micros(seconds: float) -> int:
    return int(seconds * 1e6)
