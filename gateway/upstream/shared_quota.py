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

from gateway.upstream.pace import Pace
from gateway.upstream.policy import QuotaPolicy, StorePolicy
from gateway.upstream.quota import VOID_AFTER, Slot, until
from gateway.upstream.server import Away, Server
from gateway.upstream.share import Share

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
        self._share = Share(pace, policy.replicas)
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

    def rate(self, now: float) -> float:
        """Calls per second that this replica may make now, if no other one calls."""
        return self._share.rate(now) if self._keeps_to_share else self._pace.rate(now)

    async def slot(self) -> Slot:
        """Wait for the next slot and spend it."""
        async with self._turn:
            while (slot := await self._try()) is None:
                pass
        return slot

    def at_once(self, now: float) -> Slot | None:  # noqa: ARG002
        """Return None: the server has to be asked."""
        return None

    async def renewed(self, slot: Slot) -> Slot:
        """Return a slot for a call that is about to begin: the same one, or another if it has been missed."""
        while slot.void <= _now():
            slot = await self.slot()
        return slot

    async def leave(self, slot: Slot) -> None:
        """Return when a request may leave; a late one, or the second with a slot, takes another."""
        (await self.renewed(slot)).use()
        slot.use()

    def refund(self, _: Slot) -> None:
        """Slots of the server's are moments that pass; a slot of our share can be used later."""
        if self._keeps_to_share:
            self._share.refund()

    def hold(self, until: float) -> None:
        """Grant nothing before an instant."""
        self._held = max(self._held, until)
        self._share.hold(until)

    def delay(self, now: float) -> float:
        """Seconds to the next slot, as far as this replica knows."""
        free_at = self._share.free_at if self._keeps_to_share else max(self._next, self._held)
        return free_at - now

    async def _try(self) -> Slot | None:
        """Try for one slot; None means that things have changed meanwhile."""
        await until(lambda: self._held)
        if self._server.away_since is not None:
            return await self._alone(self._server.away_since)
        own = await self._share.slot() if self._in_shares else None
        asked = _now()
        try:
            wait = await self._ask()
        except Away:
            if own is not None:
                self._share.refund()
            return None
        if wait is None:
            if own is None:
                self._begin_shares()
            return own
        self._in_shares = self._used_share = False
        self._next = granted = _now() + wait
        await until(lambda: granted)
        # The server said so at some moment between question and answer: the slot is waited for from the
        # latest of these, and is void from the earliest.
        void = asked + wait + self._interval() * VOID_AFTER
        return Slot(void) if self._held <= _now() < void else None

    async def _ask(self) -> float | None:
        """Return the seconds to our slot, or None if everybody is to keep to their share."""
        # Long enough for the others to find the server again once, and to say that they have.
        grace = self._rest + 1.0
        args = [_micros(self._interval()), int(self._used_share), _micros(grace), _micros(self._spacing())]
        wait = int(await self._server.ask(lambda: self._grant(keys=[self._key], args=args)))
        return None if wait < 0 else wait / 1e6

    async def _alone(self, since: float) -> Slot | None:
        """Grant a slot of our share, unless the server is back before it is due."""
        if not self._used_share:
            self._share.hold(max(since, self._next) + self._spacing())
        if await self._server.returns_within(self._share.free_at - _now()):
            return None
        self._used_share, self._in_shares = True, False
        return await self._share.slot()

    def _begin_shares(self) -> None:
        """Keep to our share while the server says so; one that was in use already goes on as it is."""
        self._in_shares = True
        if not self._used_share:
            self._share.hold(_now() + self._spacing())
        self._used_share = False

    def _interval(self) -> float:
        """Seconds between slots of all replicas."""
        return 1 / self._pace.rate(_now())

    def _spacing(self) -> float:
        """Seconds between slots of one replica's share."""
        return 1 / self._share.rate(_now())


def _now() -> float:
    return asyncio.get_running_loop().time()


def _micros(seconds: float) -> int:
    return int(seconds * 1e6)
