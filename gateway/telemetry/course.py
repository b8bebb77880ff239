"""Operations that outlast their request: what is told of them when they are over."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from gateway.telemetry.exchange import Exchange


class End(StrEnum):
    """Who ended a stream of results."""

    COMPLETE = "complete"  # everything watched has ended
    CLIENT = "client"  # which has left, or has seen enough
    GATEWAY = "gateway"  # which restarts, or has kept the connection as long as it does


class Course:
    """One stream of results, from its opening to its end.

    Args:
        exchange: What asked for it.
        tell: Told of the end, once.

    Attributes:
        results: How many there were so far.
        first: When the first was there, nanoseconds since 1970; 0 before.
        end: Who ended it.
    """

    __slots__ = ("_exchange", "_tell", "end", "first", "results")

    def __init__(self, exchange: Exchange, tell: Callable[[Exchange, Course], None]) -> None:
        self._exchange: Exchange | None = exchange
        self._tell = tell
        self.results = self.first = 0
        self.end = End.CLIENT

    def took(self) -> None:
        """Note a result."""
        self.results += 1
        if not self.first:
            self.first = time.time_ns()

    def ended(self, end: End) -> None:
        """Tell how it was; whoever says so first knows best."""
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            self.end = end
            exchange.answered(exchange.status, {})
            self._tell(exchange, self)

    def refused(self, body: Mapping[str, Any]) -> dict[str, str]:
        """Tell that nothing came of it; return the ids that its errors carry.

        Args:
            body: The response object.
        """
        exchange, self._exchange = self._exchange, None
        if exchange is None:
            return {}
        exchange.operation = None
        exchange.answered(exchange.status, body)
        self._tell(exchange, self)
        return exchange.error_ids()
