"""Writes lines in a thread of its own, so that whoever reads them slowly, or not at all, stops nobody.

Several workers write to one place. What one writes at a time is more than a pipe takes at once, and another's
lines would get in between; so they take turns, by a lock on a file.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ROOM = 10_000
"""Lines that wait at most; a few megabytes."""

_PAUSE = 0.05
"""Seconds in which lines gather: one write for each would cost more than the line."""


class Sink:
    """Lines on their way to a file descriptor.

    Args:
        descriptor: Where to.
        room: How many lines may wait.
        turns: File by which processes that write to the same place take turns; None where there is one.

    Attributes:
        dropped: Lines for which there was no room.
    """

    def __init__(self, descriptor: int, *, room: int = _ROOM, turns: Path | None = None) -> None:
        self.dropped = 0
        # Never closed: the thread may be in the middle of a line when the process ends.
        self._turns = None if turns is None else os.open(turns, os.O_RDWR | os.O_CREAT, 0o600)
        self._descriptor = descriptor
        self._room = room
        self._lines: deque[bytes] = deque()
        self._news = threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="log lines", daemon=True)
        self._thread.start()

    def put(self, line: str | bytes) -> None:
        """Take a line; never waits."""
        if len(self._lines) >= self._room:
            self.dropped += 1
            return
        self._lines.append(line if isinstance(line, bytes) else line.encode())
        if not self._news.is_set():
            self._news.set()

    # Called by the names of levels, as structlog does.
    debug = info = warning = error = critical = msg = put

    def close(self, patience: float = 0.5) -> None:
        """Write what waits, as far as somebody takes it within some seconds."""
        self._closed.set()
        self._news.set()
        self._thread.join(patience)

    def _run(self) -> None:
        while True:
            self._news.wait()
            self._closed.wait(_PAUSE)
            self._news.clear()
            self._write()
            if self._closed.is_set() and not self._lines:
                return

    def _write(self) -> None:
        while self._lines:
            count = min(len(self._lines), 500)
            text = b"".join(self._lines.popleft() + b"\n" for _ in range(count))
            try:
                with self._turn():
                    while text:
                        text = text[os.write(self._descriptor, text) :]
            except OSError:
                # A reader that has left is no reason to end, and there is nobody to tell.
                self.dropped += count

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if self._turns is None:
            yield
            return
        fcntl.flock(self._turns, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._turns, fcntl.LOCK_UN)
