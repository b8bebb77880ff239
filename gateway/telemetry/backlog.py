"""What is told of requests that are over, put off until it is told of some at once.

A line and five numbers cost twice as much between two requests as they do in a row, when the processor still
has at hand what they take. So they gather for two milliseconds: more would be told of in a row that keeps the
event loop for longer than a request takes, and a thread that did it would keep the interpreter.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

_log = logging.getLogger(__name__)

_PAUSE = 0.002
"""Seconds in which they gather."""


class Backlog(Generic[T]):
    """Things to tell.

    Args:
        tell: Tells of one.
    """

    def __init__(self, tell: Callable[[T], None]) -> None:
        self._tell = tell
        self._waiting: deque[T] = deque()
        self._turn: asyncio.Handle | None = None

    def put(self, thing: T) -> None:
        """Have something told soon."""
        self._waiting.append(thing)
        if self._turn is None:
            self._turn = asyncio.get_running_loop().call_later(_PAUSE, self._told)

    def flush(self) -> None:
        """Tell of everything that waits."""
        while self._waiting:
            thing = self._waiting.popleft()
            try:
                self._tell(thing)
            except Exception:  # noqa: BLE001 - whatever one request holds, the others are told of
                _log.exception("a request could not be told of")

    def close(self) -> None:
        """Tell of everything, and end."""
        if self._turn is not None:
            self._turn.cancel()
        self._told()

    def _told(self) -> None:
        self._turn = None
        self.flush()
