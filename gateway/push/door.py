"""One provider's way in: what a notification passes before the lanes hear of it.

```text
proof    is it from the provider, and of now?      costs nothing but a digest; the body is not even read
body     no more than there can be                 read by the caller, see `gateway.web.callbacks`
pace     no more than there can be, verified ones  whoever holds the key by mistake is not to have it all
replay   is it new?
content  does it say something about a record?
```
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from typing import Protocol

from gateway.domain.errors import NotConfigured, NotOffered
from gateway.domain.provider import Verb
from gateway.domain.records import Provider
from gateway.push.notice import Notice, Unreadable
from gateway.push.proof import Forged, Outdated, Proof
from gateway.push.replays import Replays
from gateway.upstream.flight import Change


class Verdict(StrEnum):
    """What became of a notification; the names of the counters."""

    ACCEPTED = "accepted"
    IGNORED = "ignored"  # about something else than transcoding
    FORGED = "forged"
    OUTDATED = "outdated"
    REPLAYED = "replayed"
    OVERSIZED = "oversized"
    UNREADABLE = "unreadable"
    LIMITED = "limited"


class Upstream(Protocol):
    """What is needed of the lanes; see `gateway.upstream.stack`."""

    def hear(self, provider: Provider, verb: Verb, key: str, change: Change, /) -> Awaitable[bool]:
        """Take what a provider told unasked; return whether a record changed."""


class Door:
    """Lets one provider's notifications in.

    Args:
        provider: Whose.
        upstream: Who hears of them.
        proof: What makes one believed.
        read: What makes sense of a body.
        window: Seconds for which proofs hold, and deliveries are remembered.
        per_second: Verified notifications taken in a second; as many may come at once.
        wall: The clock that proofs are dated by.

    Attributes:
        counts: How many notifications had which verdict.
        changed: How many records they changed.
    """

    def __init__(
        self,
        provider: Provider,
        upstream: Upstream,
        *,
        proof: Proof,
        read: Callable[[bytes], list[Notice]],
        window: float,
        per_second: float,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.provider = provider
        self.counts: Counter[Verdict] = Counter()
        self.changed = 0
        self._upstream = upstream
        self._proof = proof
        self._read = read
        # A proof dated by a clock that runs ahead holds for up to two windows.
        self._replays = Replays(2 * window)
        self._rate = per_second
        self._allowance = per_second
        self._filled = time.monotonic()
        self._wall = wall

    def count(self, verdict: Verdict) -> Verdict:
        """Count what became of a notification."""
        self.counts[verdict] += 1
        return verdict

    def check(self, headers: Mapping[bytes, str], query: bytes) -> str | Verdict:
        """Return what the proof says of the delivery, or why it is not believed."""
        try:
            return self._proof.check(headers, query, self._wall())
        except Forged:
            return self.count(Verdict.FORGED)
        except Outdated:
            return self.count(Verdict.OUTDATED)

    async def take(self, delivery: str, body: bytes) -> Verdict:
        """Pass a proven notification on.

        Args:
            delivery: From `check`.
            body: The notification.
        """
        if not self._has_room():
            return self.count(Verdict.LIMITED)
        if not self._replays.note(delivery, body, time.monotonic()):
            return self.count(Verdict.REPLAYED)
        try:
            notices = self._read(body)
        except Unreadable:
            return self.count(Verdict.UNREADABLE)
        for notice in notices:
            await self._pass_on(notice)
        return self.count(Verdict.ACCEPTED if notices else Verdict.IGNORED)

    async def _pass_on(self, notice: Notice) -> None:
        try:
            changed = await self._upstream.hear(self.provider, notice.verb, notice.key, notice.change)
        except (NotConfigured, NotOffered):
            return
        self.changed += changed

    def _has_room(self) -> bool:
        now = time.monotonic()
        self._allowance = min(self._rate, self._allowance + (now - self._filled) * self._rate)
        self._filled = now
        if self._allowance < 1:
            return False
        self._allowance -= 1
        return True
