"""Slots that one process keeps for itself.

Two rules, of which the first shapes the traffic and the second is the promise:

- *Cadence.* One slot per spacing. A slot granted late, as the process was busy, does not put off those after
  it, or every hiccup would be lost for good; late ones follow each other at up to twice the pace. What was
  not asked for in time is lost, and so is what is more than a second late.
- *Window.* The instants at which requests really left are written down, and a slot is granted only if its
  request is among the last second's limit whenever it leaves. The second is taken somewhat longer than one,
  since requests that leave evenly need not arrive evenly.

At the cadence the window is never full: it takes lateness to fill it, and what it then holds back is what
would exceed the limit at the provider.
"""

from __future__ import annotations

import asyncio
from collections import deque

from gateway.upstream.pace import Pace
from gateway.upstream.quota import VOID_AFTER, Slot, until

# Seconds of lateness that are made up for.
_MADE_UP = 1.0
# Late slots follow each other no closer than this part of a spacing.
_CLOSEST = 0.5
# Part of the time that spacing leaves over, of a window full of calls, which is left to the network. A full
# window lets calls make up for lateness with the rest.
_ON_THE_WAY = 0.75


class OwnQuota:
    """The slots of one operation, while nobody else is asked.

    Args:
        pace: The rate.
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._window = 1.0 + _ON_THE_WAY * max(pace.limit / pace.full - 1.0, 0.0)
        self._due = float("-inf")
        self._granted = float("-inf")
        self._before = self._due, self._granted
        # Calls of a burst need not be apart.
        self._apart = _CLOSEST if pace.burst == 1 else 0.0
        self._held = float("-inf")
        self._left: deque[float] = deque()
        self._kept: dict[Slot, None] = {}
        self._late = 0
        self._asking = 0
        self._turn = asyncio.Lock()

    @property
    def mode(self) -> str:
        """Nobody else is asked."""
        return "own"

    def rate(self, now: float) -> float:
        """Calls per second that may be made now."""
        return self._pace.rate(now)

    async def slot(self) -> Slot:
        """Wait for the next slot and spend it."""
        asked = now = _now()
        if self._asking or self._free_at(now) > now:
            await self._free()
            now = _now()
        return self._grant(asked, now)

    def at_once(self, now: float) -> Slot | None:
        """Spend the next slot, if it is to be had now."""
        return None if self._asking or self._free_at(now) > now else self._grant(now, now)

    def _grant(self, asked: float, now: float) -> Slot:
        spacing = 1 / self._pace.rate(now)
        # Whoever comes back within a spacing has been asking all the time.
        wanted = asked if asked > self._granted + spacing else float("-inf")
        due = max(self._due, wanted, self._held, now - _MADE_UP)
        self._before = self._due, self._granted
        self._due, self._granted = due + spacing, now
        slot = Slot(now + VOID_AFTER * spacing)
        self._kept[slot] = None
        return slot

    async def renewed(self, slot: Slot) -> Slot:
        """Return the slot: one that was missed is seen to as its request leaves."""
        return slot

    async def leave(self, slot: Slot) -> None:
        """Return when a request may leave; a late one, or the second with the same slot, has to wait."""
        if slot.used:
            slot = await self.slot()
        if slot.void <= _now():
            self._late += 1
            try:
                await until(lambda: self._room_at(_now()))
            finally:
                self._late -= 1
        self._kept.pop(slot, None)
        self._left.append(_now())
        slot.use()

    def refund(self, slot: Slot) -> None:
        """Take back the slot just granted, as nobody wants it any more."""
        self._kept.pop(slot, None)
        self._due, self._granted = self._before

    def hold(self, until: float) -> None:
        """Grant nothing before an instant."""
        self._held = max(self._held, until)

    def delay(self, now: float) -> float:
        """Seconds to the next slot."""
        return self._free_at(now) - now

    async def _free(self) -> None:
        """Wait until the next slot is to be had; whoever asks first is served first."""
        self._asking += 1
        try:
            async with self._turn:
                await until(lambda: self._free_at(_now()))
        finally:
            self._asking -= 1

    def _free_at(self, now: float) -> float:
        spacing = 1 / self._pace.rate(now)
        due = self._due - (self._pace.burst - 1) * spacing
        # Requests that are late have waited longer than whoever asks for a slot.
        room = self._room_at(now, besides=self._late)
        return max(due, self._granted + self._apart * spacing, self._held, room)

    def _room_at(self, now: float, besides: int = 0) -> float:
        """When to look again whether the window has room: now, if it has."""
        if len(self._left) + len(self._kept) + besides < self._pace.limit:
            return now
        while self._left and self._left[0] + self._window <= now:
            self._left.popleft()
        for slot in [slot for slot in self._kept if slot.void <= now]:
            del self._kept[slot]
        if len(self._left) + len(self._kept) + besides < self._pace.limit:
            return now
        changes = [slot.void for slot in self._kept]
        if self._left:
            changes.append(self._left[0] + self._window)
        return min(changes, default=now + self._window)


def _now() -> float:
    return asyncio.get_running_loop().time()
