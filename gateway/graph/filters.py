"""What the arguments of a list mean, checked before any provider is asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, TypeVar

import strawberry

from gateway.domain.errors import BadUserInput
from gateway.domain.records import Provider, Status
from gateway.graph import arguments
from gateway.listing.criteria import Criteria

MOST = 100
"""Tasks on one page, at most."""

DEFAULT = 20
"""Tasks on a page for which no number is given."""

S = TypeVar("S", bound=str)

First = Annotated[int | None, strawberry.argument(description="Tasks on the page, 1 to 100. Null: 20.")]
After = Annotated[
    str | None,
    strawberry.argument(
        description=(
            "A cursor of this list with the same filter: go on from there. Null: begin with the newest. "
            "`first` may differ from page to page."
        )
    ),
]
Last = Annotated[
    int | None,
    strawberry.argument(description="Refused: providers list forwards only. Leave it out, or null."),
]
Before = Annotated[
    str | None,
    strawberry.argument(description="Refused: providers list forwards only. Leave it out, or null."),
]
SOURCES = (
    "Accounts to ask, by the names that this gateway gives them. Null: all of each provider; with videoIds, "
    "the one that the videos belong to."
)
CREATED_AFTER = "Tasks created at this moment or later; a year back at most."
CREATED_BEFORE = "Tasks created before this moment. Null: now, as the first page saw it."
STATUSES = "Tasks in one of these states when they are read. Null: all."
TEMPLATE = (
    "Tasks made with this template: VOD's TranscodeTemplateGroupId, Visionular's template_id. IMS does not "
    "tell it in its listing. Null: all."
)


def criteria(
    *,
    providers: Sequence[Provider] | None = None,
    sources: Sequence[str] | None = None,
    statuses: Sequence[Status] | None = None,
    video_ids: Sequence[str] | None = None,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
    template_id: str | None = None,
) -> Criteria:
    """Return the question that arguments ask.

    Raises:
        BadUserInput: Nothing can answer it.
    """
    lists = {"providers": providers, "sources": sources, "statuses": statuses, "videoIds": video_ids}
    for name, listed in lists.items():
        if listed is not None and not listed:
            raise BadUserInput(f"{name}: an empty list matches nothing; leave it out to match everything.")
    if video_ids is not None:
        limited = arguments.limited(video_ids, "videoIds")
        if sources is not None and len(set(sources)) > 1:
            raise BadUserInput("sources: videos belong to one source each; name one, or leave it out.")
        source = None if sources is None else sources[0]
        videos = [arguments.video(id, "videoIds", source) for id in limited]
        video_ids, sources = [one.video_id for one in videos], list({one.source for one in videos})
        if len(sources) > 1:
            raise BadUserInput("videoIds: these videos belong to several sources; ask for one at a time.")
    if template_id is not None:
        arguments.provider_id(template_id, "templateId")
    return Criteria(
        providers=_once(providers),
        sources=_once(sources),
        statuses=_once(statuses),
        video_ids=_once(video_ids),
        template_id=template_id,
        created_after=created_after,
        created_before=created_before,
    )


def page_size(first: int | None, last: int | None, before: str | None) -> int:
    """Return how many tasks a page holds.

    Raises:
        BadUserInput: It is none that we make, or backwards.
    """
    if last is not None:
        raise BadUserInput("last: lists go forwards only; use first, without last.")
    if before is not None:
        raise BadUserInput("before: lists go forwards only; use after.")
    first = DEFAULT if first is None else first
    if not 1 <= first <= MOST:
        raise BadUserInput(f"first: 1 to {MOST}, not {first}.")
    return first


def _once(listed: Sequence[S] | None) -> tuple[S, ...] | None:
    return None if listed is None else tuple(sorted(set(listed)))
