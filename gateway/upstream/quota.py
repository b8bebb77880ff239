"""Slots: when one operation of one account may be called.

A slot is a moment, not a token. Calls that go out later than their slots, because the process was busy or
the shared store slow, would crowd the next second; so what counts is the instant at which a request leaves,
and no request leaves without asking once more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from gateway.upstream.pace import TICK

# Part of a spacing for which a slot is kept for its call. The rest is left to the network, where calls are
# late too.
VOID_AFTER = 0.5

_LEFT = float("-inf")


class Slot:
    """One request's moment.

    Attributes:
        void: The instant from which on it is no longer kept.
    """

    __slots__ = ("void",)

    def __init__(self, void: float) -> None:
        self.void = void

    @property
    def used(self) -> bool:
        """Whether a request has left with it."""
        return self.void == _LEFT

    def use(self) -> None:
        """Note that a request leaves with it."""
        self.void = _LEFT


class Quota(Protocol):
    """Grants slots, one at a time."""

    @property
    def mode(self) -> str:
        """own, where this process keeps it; shared by all replicas; share, while each keeps to its part."""

    def rate(self, now: float) -> float:
        """Calls per second that this process may make now; of a shared quota, if no other replica calls."""

    async def slot(self) -> Slot:
        """Wait for the next slot and spend it."""

    def at_once(self, now: float) -> Slot | None:
        """Spend the next slot, if it is to be had now; None also where that has to be asked for."""

    async def renewed(self, slot: Slot) -> Slot:
        """Return a slot for a call that is about to begin: the same one, or another if it has been missed."""

    async def leave(self, slot: Slot) -> None:
        """Return when a request may leave; a late one, or the second with the same slot, has to wait."""

    def refund(self, slot: Slot) -> None:
        """Take back the slot just granted, as nobody wants it any more."""

    def hold(self, until: float) -> None:
        """Grant nothing before an instant."""

    def delay(self, now: float) -> float:
        """Seconds to the next slot, as far as known here."""


async def until(instant: Callable[[], float]) -> None:
    """Sleep until an instant of the loop's clock is past, even if it moves meanwhile."""
    loop = asyncio.get_running_loop()
    while (wait := instant() - loop.time()) > 0:  # noqa: ASYNC110  time passes without an event
        # Less than half a tick is none, and waiting for it would be turning the loop until it is over.
        await asyncio.sleep(max(wait, TICK))
