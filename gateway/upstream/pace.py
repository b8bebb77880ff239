"""The rate of an operation: what is documented, lowered while a provider throttles all the same."""

from __future__ import annotations

import math

from gateway.upstream.policy import QuotaPolicy

TICK = 0.001
"""Seconds that the event loop's timers count in: uvloop's."""


class Pace:
    """How many calls per second all that share an account may make.

    Additive increase, multiplicative decrease, as TCP does it: others use the account too, nobody tells how
    much, and this is how strangers come to share a line evenly.

    Attributes:
        burst: Calls that may go out at once after a pause.
        full: Calls per second while nobody throttles.
        limit: Calls in any second at most, late ones included.
    """

    def __init__(self, per_second: float, policy: QuotaPolicy) -> None:
        allowed = per_second * policy.share
        # In any sliding second at most rate + burst calls go out. A quota of one call per second leaves no
        # room to take a burst off, and half its rate keeps the same promise.
        # A timer cannot keep apart what is less than one of its ticks apart: that goes out at once.
        self.burst = max(min(policy.burst, int(allowed / 2)), int(allowed * TICK), 1)
        self.full = max(allowed - self.burst, allowed / 2)
        self.limit = math.floor(self.full + self.burst)
        self._policy = policy
        self._lowered = self.full
        self._since = float("-inf")

    def rate(self, now: float) -> float:
        """Calls per second at this moment."""
        if self._lowered == self.full:
            return self.full
        climbed = self._lowered + self.full * (now - self._since) / self._policy.recover
        return min(self.full, climbed)

    def throttled(self, now: float) -> None:
        """Lower the rate, once a second at most: the calls already under way all report the same jam."""
        if now - self._since < 1.0:
            return
        # Never below a tenth: a crawl still notices when the jam is over.
        self._lowered = max(self.rate(now) * self._policy.back_off, self.full / 10)
        self._since = now
