"""The one order of all tasks: newest first, equal seconds by id.

A task's place in it is made of what every provider reports and never changes, so a place can be written into
a cursor and found again by asking for what was created up to that second. That is why no page number, token
or offset of a provider outlives the reading of one page.
"""

from __future__ import annotations

from gateway.domain.records import Task

Key = tuple[int, str]
"""The negated second of creation and the global id: smaller comes first. ``(-second, "")`` lies between
everything newer than that second and everything of it."""

LAST_SECOND = 253_402_300_799
"""The end of the year 9999, beyond which no date goes."""

START: Key = (-LAST_SECOND - 2, "")
"""Before every task."""

END: Key = (0, "")
"""After every task: no provider is older than 1970."""


def key_of(task: Task) -> Key | None:
    """Return a task's place; None where its provider does not tell when it was created."""
    return None if task.created_at is None else (-int(task.created_at.timestamp()), task.id)
