"""TaskFilter: which tasks a list holds."""

from __future__ import annotations

from datetime import datetime

import strawberry

from gateway.graph.filters import CREATED_AFTER, CREATED_BEFORE, SOURCES, STATUSES, TEMPLATE
from gateway.graph.types.enums import Provider, Status


@strawberry.input(description="Which tasks. Everything that is given must hold.")
class TaskFilter:
    """See `gateway.listing.criteria.Criteria`."""

    providers: list[Provider] | None = strawberry.field(
        default=None,
        description=(
            "Whom to ask. Null: those that can answer the rest of the filter: IMS and Visionular, or with "
            "videoIds VOD, which lists the tasks of given videos only. IMS tasks may name their video too; "
            "with IMS asked for by name, everything in the window is read to find them."
        ),
    )
    sources: list[str] | None = strawberry.field(default=None, description=SOURCES)
    statuses: list[Status] | None = strawberry.field(default=None, description=STATUSES)
    video_ids: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description="Tasks of these videos: VOD's VideoIds, or global ids of Videos; at most 50. Null: all.",
    )
    created_after: datetime | None = strawberry.field(
        default=None,
        description=CREATED_AFTER + " Null: for VOD alone no limit, otherwise a day before createdBefore.",
    )
    created_before: datetime | None = strawberry.field(default=None, description=CREATED_BEFORE)
    template_id: strawberry.ID | None = strawberry.field(default=None, description=TEMPLATE)
