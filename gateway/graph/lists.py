"""The merged list: a question and a place in it become a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from msgspec import Struct

from gateway.domain.errors import BadUserInput, Forbidden, NotConfigured
from gateway.domain.records import DEFAULT, Provider, Task
from gateway.domain.sources import Whom, name_of, provider_of
from gateway.graph.context import Context
from gateway.listing.criteria import Criteria, Window, window
from gateway.listing.cursor import Cursors, cursor
from gateway.listing.merge import finished, merge
from gateway.listing.order import START, Key
from gateway.listing.plan import Plan, plan
from gateway.listing.stream import Stream

_PATIENCE = 0.5
"""Part of what is left of an operation's time that a list waits for its slowest provider. The rest is for
what is selected of the tasks, and for telling in good time who was slow."""

_STALE = 15.0
"""Seconds after which a listing is called stale. Lanes answer from memory for a dozen of them as a matter of
course; older pages are shown only when the provider cannot be asked."""


_MOST_TOLD = 2**31 - 1  # what GraphQL's Int holds


class Placed(Struct, frozen=True):
    """A task in a list; its cursor is made when it is asked for."""

    node: Task
    make_cursor: Callable[[], str]


class Whereabouts(Struct, frozen=True, kw_only=True):
    """Where a page is in its list."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


class Source(Struct, frozen=True, kw_only=True):
    """How one account of a provider contributed."""

    provider: Provider
    source: str = DEFAULT
    ok: bool = True
    stale: bool = False
    code: str | None = None
    message: str | None = None
    unreadable: int = 0
    observed_at: datetime | None = None


class Listed(Struct, frozen=True, kw_only=True):
    """A page of the merged list."""

    edges: Sequence[Placed]
    page_info: Whereabouts
    total_count: int | None
    sources: Sequence[Source]


async def task_page(
    context: Context, criteria: Criteria, *, first: int, after: str | None, max_age: float | None
) -> Listed:
    """Return a page of the merged list.

    Raises:
        BadUserInput: The window or the cursor is wrong; no provider was asked.
        NotConfigured, Forbidden: No provider could be.
    """
    known = context.loaders.sources
    if criteria.sources is not None and not {DEFAULT, *map(name_of, known)}.issuperset(criteria.sources):
        raise BadUserInput("sources: there is none of such a name.")
    planned = plan(criteria, known)
    at = None
    if after is None:
        asked = window(criteria, context.now(), demanded=planned.demands_window)
    else:
        at = context.cursors.open(after, criteria, windowed=planned.demands_window)
        asked = at.window
    loaders = context.loaders.within(max_age).patient(_PATIENCE)
    streams = [
        Stream(
            route,
            window=asked,
            after=START if at is None else at.position(route.name),
            fits=criteria.fits,
            first=first,
            now=int(context.now().timestamp()),
            read=loaders.page,
        )
        for route in planned.routes
    ]
    merged = await merge(streams, first)
    total = at.total if at else streams[0].total if planned.counted else None
    if total is not None and total > _MOST_TOLD:
        total = None
    seal = _Sealer(context.cursors, criteria, asked, total, streams)
    more = not finished(streams, merged.reached)
    # The cursor of the last task leads to where the list was read, which may be further.
    places = [*merged.keys[:-1], merged.reached]
    return Listed(
        edges=[Placed(task, partial(seal, place)) for task, place in zip(merged.tasks, places, strict=False)],
        page_info=Whereabouts(
            has_next_page=more,
            has_previous_page=at is not None,
            start_cursor=seal(places[0]) if merged.keys else None,
            end_cursor=seal(merged.reached) if merged.keys or more else None,
        ),
        total_count=total,
        sources=_sources(criteria, planned, streams, context.now()),
    )


class _Sealer:
    """Makes the cursors of one page.

    Args:
        cursors: Seals them.
        criteria: The question.
        asked: Its window.
        total: Tasks in all, where that was told.
        streams: As far as they were read.
    """

    def __init__(
        self,
        cursors: Cursors,
        criteria: Criteria,
        asked: Window,
        total: int | None,
        streams: Sequence[Stream],
    ) -> None:
        self._cursors = cursors
        self._criteria = criteria
        self._asked = asked
        self._total = total
        self._streams = streams

    def __call__(self, place: Key) -> str:
        """Return the cursor of a place on the page."""
        positions = {stream.route.name: stream.position(place) for stream in self._streams}
        return self._cursors.seal(cursor(self._criteria, self._asked, self._total, positions))


def _sources(criteria: Criteria, planned: Plan, streams: Sequence[Stream], now: datetime) -> list[Source]:
    by_source: dict[Whom, list[Stream]] = {provider: [] for provider in planned.idle}
    for stream in streams:
        by_source.setdefault(stream.route.source, []).append(stream)
    sources = [
        Source(provider=provider, ok=False, code=refusal.code, message=refusal.message)
        for provider, refusal in planned.refused.items()
    ]
    missing: NotConfigured | Forbidden | None = None
    for whose, parts in by_source.items():
        error = next((part.error for part in parts if part.error), None)
        named = criteria.sources is not None or (
            criteria.providers is not None and isinstance(whose, Provider)
        )
        if isinstance(error, NotConfigured | Forbidden) and not named:
            missing = error  # not asked for by name, so not missed
            continue
        observed = min((part.observed for part in parts if part.observed), default=None)
        sources.append(
            Source(
                provider=provider_of(whose),
                source=name_of(whose),
                ok=error is None,
                stale=observed is not None and (now - observed).total_seconds() > _STALE,
                code=None if error is None else error.code,
                message=None if error is None else error.message,
                unreadable=sum(part.unplaced for part in parts),
                observed_at=observed,
            )
        )
    if missing and not sources:
        raise missing
    return sorted(sources, key=lambda one: (list(Provider).index(one.provider), one.source != DEFAULT))
