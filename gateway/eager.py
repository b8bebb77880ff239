"""Tasks that begin where they are made, instead of in the event loop's next turn.

A request goes through several tasks before its call leaves: the server's, the dispatcher's, the call's. Were
each of them to wait for a turn, all requests that have come together would take every step side by side: the
first call would leave when the last is ready, all answers would come in a heap, and between heaps the process
would have nothing to do. Begun at once, a request is with its provider before the next one is looked at.

Python has such tasks from 3.12 on. For 3.11 the first step is made here, as if the new task made it.
"""

from __future__ import annotations

import asyncio
import sys
from asyncio.tasks import _enter_task, _leave_task
from collections.abc import Coroutine
from contextvars import Context, copy_context
from typing import Any, TypeVar

T = TypeVar("T")


def begin(work: Coroutine[Any, Any, T], *, context: Context | None = None) -> asyncio.Task[T]:
    """Run work in a task of its own; what it does before it first waits is done when this returns.

    Args:
        work: What is to be done. Its result and its error are the task's, however soon they are there.
        context: Where it runs; a copy of the caller's if None.
    """
    loop = asyncio.get_running_loop()
    context = copy_context() if context is None else context
    if sys.version_info >= (3, 12):
        return asyncio.Task(work, loop=loop, context=context, eager_start=True)
    begun = _Begun(work)
    task: asyncio.Task[T] = loop.create_task(begun, context=context)
    caller = asyncio.current_task(loop)
    if caller is not None:
        _leave_task(loop, caller)
    _enter_task(loop, task)
    try:
        context.run(begun.begin)
    finally:
        _leave_task(loop, task)
        if caller is not None:
            _enter_task(loop, caller)
    return task


class _Begun(Coroutine[Any, Any, T]):
    """Work whose first step is made before its task can make it, and told to the task when it would."""

    __slots__ = ("_end", "_first", "_work")

    def __init__(self, work: Coroutine[Any, Any, T]) -> None:
        self._work = work
        self._first: list[Any] = []
        self._end: BaseException | None = None

    def begin(self) -> None:
        """Make the first step."""
        try:
            self._first.append(self._work.send(None))
        except BaseException as end:  # noqa: BLE001 - the result, too, comes as one
            self._end = end

    def send(self, value: Any, /) -> Any:
        """Return what is waited for first, then go on."""
        if self._end is not None:
            raise self._end
        return self._first.pop() if self._first else self._work.send(value)

    def throw(self, *error: Any) -> Any:
        """Interrupt, be it before the task has had its first turn."""
        if self._end is not None:
            raise self._end
        self._first.clear()
        return self._work.throw(*error)

    def close(self) -> None:
        """End."""
        self._work.close()

    def __getattr__(self, name: str) -> Any:
        """Return what those who look for tasks that hang ask of a coroutine: its name, code and frame."""
        return getattr(self._work, name)

    def __await__(self) -> Any:
        """Only a task waits for this, and tasks send."""
        raise NotImplementedError
