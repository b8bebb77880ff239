"""The instant at which a request leaves, which is when a provider's quota counts it.

Between deciding on a call and its first byte lie a busy process, a pool of connections and now and then a
handshake. Whoever decides cannot know how long that takes, and whoever sends does not know the quota. So the
one leaves word for the other: the sender awaits `depart` once it is ready to write.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_gate: ContextVar[Callable[[], Awaitable[None]] | None] = ContextVar("departure", default=None)


@contextmanager
def gated(gate: Callable[[], Awaitable[None]]) -> Iterator[None]:
    """Have requests sent in this context wait for a gate right before they leave."""
    token = _gate.set(gate)
    try:
        yield
    finally:
        _gate.reset(token)


async def depart() -> None:
    """Wait until the request may leave; awaited with everything ready for its first byte."""
    gate = _gate.get()
    if gate is not None:
        await gate()
