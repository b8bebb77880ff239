"""How a lane uses what other replicas know: before a key lines up, before a call goes out, and after it.

```text
look_for   a key new here may be known there: no slot
claim      at the slot, each key is marked as being fetched; what others have marked is left to them, what
           they have told meanwhile is taken, and free seats go to the next in line
tell       what the provider said goes to the store and to whoever listens
```
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Hashable, Iterable, Sequence
from typing import Any

from gateway.upstream.cache import Entry
from gateway.upstream.flight import Desk, Flight, Stage
from gateway.upstream.ledger import Ledger
from gateway.upstream.line import Line
from gateway.upstream.replicas import Known, Replicas
from gateway.upstream.status import Meter

# Keys per look: a reply of some hundred kilobytes, read in a millisecond or two.
_LOOK_AT_MOST = 200
# Rounds of filling seats that turned out to be taken care of by others. Each costs two round trips while the
# slot runs; replicas that follow the same hot keys need one or two.
_ROUNDS = 4
# Seconds until a key that another replica fetches is looked for again, should its news have been missed.
_PATIENCE = 0.25
# Our own record, come back from the store, seems younger or older by the jitter between two clocks.
_SAME = 0.01


class Sharing:
    """One lane's part in what replicas share."""

    def __init__(
        self,
        replicas: Replicas,
        *,
        desks: Sequence[Desk],
        line: Line,
        ledger: Ledger,
        meter: Meter,
        refill: Callable[[Desk, int], list[Flight]],
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        ring: Callable[[], None],
    ) -> None:
        self._replicas = replicas
        self._desks = desks
        self._line = line
        self._ledger = ledger
        self._meter = meter
        self._refill = refill
        self._spawn = spawn
        self._ring = ring
        self._unlooked: deque[Flight] = deque()
        self._looking = False

    def start(self) -> None:
        """Begin to hear what other replicas learn."""
        for desk in self._desks:
            self._replicas.subscribe(desk, self._heard)

    def look_for(self, flights: Iterable[Flight]) -> None:
        """Have new flights answered by what others know, or lined up."""
        if not self._replicas.present:
            for flight in flights:
                self._line_up(flight)
            return
        self._unlooked.extend(flights)
        if self._unlooked and not self._looking:
            self._looking = True
            self._spawn(self._look())

    async def claim(self, batch: list[Flight]) -> list[Flight]:
        """Return the part of a sealed batch that is ours to fetch, its free seats filled again."""
        desk = batch[0].desk
        together = len(batch) > 1 and any(flight.accused_at for flight in batch)
        ours: list[Flight] = []
        for _ in range(_ROUNDS):
            ours += await self._claim(desk, batch)
            free = desk.seats - len(ours)
            if not free or together or any(flight.alone for flight in ours):
                break
            batch = self._refill(desk, free)
            if not batch:
                break
        return ours

    async def find(self, desk: Desk, key: Hashable) -> None:
        """Remember what others know of a key, if they know it."""
        self._learn(desk, await self._replicas.look(desk, [key]))

    async def pass_on(self, desk: Desk, entry: Entry) -> None:
        """Tell the others what a notification made of a record."""
        await self._replicas.tell(desk, [entry])

    async def tell(self, batch: list[Flight], since: float) -> None:
        """Pass on what a call yielded, and leave its keys to others again."""
        desk = batch[0].desk
        over = [flight for flight in batch if flight.stage is Stage.OVER]
        entries = [entry for flight in over if (entry := flight.entry) and entry.observed >= since]
        if entries:
            await self._replicas.tell(desk, entries)
        await self._replicas.release(desk, [flight.key for flight in over])

    async def _look(self) -> None:
        """Look for everything that lines up while looking, a round trip at a time."""
        try:
            while self._unlooked:
                count = min(len(self._unlooked), _LOOK_AT_MOST)
                flights = [self._unlooked.popleft() for _ in range(count)]
                for desk in self._desks:
                    await self._look_at(desk, [flight for flight in flights if flight.desk is desk])
                self._ring()
        finally:
            self._looking = False

    async def _look_at(self, desk: Desk, flights: list[Flight]) -> None:
        if not flights:
            return
        self._learn(desk, await self._replicas.look(desk, [flight.key for flight in flights]))
        for flight in flights:
            self._line_up(flight)

    async def _claim(self, desk: Desk, batch: list[Flight]) -> list[Flight]:
        """Return the flights of a batch that nobody else fetches and nobody has just fetched."""
        claimed = await self._replicas.claim(desk, [flight.key for flight in batch])
        for flight in batch:
            if flight.key not in claimed:
                self._leave_to_others(flight)
        mine = [flight for flight in batch if flight.key in claimed and flight.stage is Stage.AIRBORNE]
        self._learn(desk, await self._replicas.look(desk, [flight.key for flight in mine]))
        over = [flight.key for flight in batch if flight.stage is Stage.OVER and flight.key in claimed]
        await self._replicas.release(desk, over)
        return [flight for flight in mine if flight.stage is Stage.AIRBORNE]

    def _leave_to_others(self, flight: Flight) -> None:
        """Wait for another replica's answer, or forget a refresh that it makes for us."""
        if not flight.waiters:
            entry = flight.entry
            self._line.land(flight)
            if entry is not None:
                flight.desk.rotation.tried(entry, asyncio.get_running_loop().time())
            return
        flight.stage = Stage.LOOKING
        asyncio.get_running_loop().call_later(_PATIENCE, self._look_again, flight)

    def _look_again(self, flight: Flight) -> None:
        if flight.stage is Stage.LOOKING:
            self.look_for([flight])
            self._ring()

    def _line_up(self, flight: Flight) -> None:
        if flight.stage is not Stage.LOOKING:
            return
        if flight.waiters:
            self._line.admit(flight)
        else:
            self._line.land(flight)

    def _heard(self, desk: Desk, known: dict[Hashable, Known]) -> None:
        self._learn(desk, known)
        self._ring()

    def _learn(self, desk: Desk, known: dict[Hashable, Known]) -> None:
        """Remember what others know, and answer whom it is young enough for."""
        now = asyncio.get_running_loop().time()
        for key, news in known.items():
            flight = desk.flights.get(key)
            before = flight.entry if flight else None
            newer = before is None or now - news.age > before.observed + _SAME
            entry = self._ledger.remember(desk, key, news.answer, age=news.age)
            if flight is None or not newer:
                continue
            self._meter.counts["shared_hits"] += 1
            if now < entry.fresh_until or flight.stage is not Stage.AIRBORNE:
                self._ledger.offer(flight, entry)
