"""The instant at which a request leaves, which is when a provider's quota counts it.

Between deciding on a call and its first byte lie a busy process, a pool of connections and now and then a
handshake. Whoever decides cannot know how long that takes, and whoever sends does not know the quota. So the
one leaves word for the other: the sender awaits `depart` once it is ready to write.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import ContextVar

Gate = Callable[[], Awaitable[None]]

_gate: ContextVar[Gate | None] = ContextVar("departure", default=None)


class gated:  # noqa: N801 - it is a word of a `with`
    """Have requests sent in this context wait for a gate right before they leave.

    Args:
        gate: Returns when one may.
    """

    __slots__ = ("_gate", "_token")

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def __enter__(self) -> None:
        self._token = _gate.set(self._gate)

    def __exit__(self, *_: object) -> None:
        _gate.reset(self._token)


async def depart() -> None:
    """Wait until the request may leave; awaited with everything ready for its first byte."""
    gate = _gate.get()
    if gate is not None:
        await gate()
