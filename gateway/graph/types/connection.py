"""TaskConnection: the merged list of all providers, by Relay's cursor connections specification."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import strawberry

from gateway.domain import records
from gateway.graph.lists import Listed, Placed
from gateway.graph.types.enums import Provider
from gateway.graph.types.task import Task


@strawberry.type(description="A task and its place in the list.")
class TaskEdge:
    """See `gateway.graph.lists.Placed`."""

    node: Task = strawberry.field(description="The task. Never null.")

    @strawberry.field(
        description=(
            "Its place: opaque, signed, good on every replica and after restarts, for the same filter. "
            "Never null."
        )
    )
    @staticmethod
    def cursor(root: strawberry.Parent[Placed]) -> str:
        return root.make_cursor()


@strawberry.type(description="Where a page is in its list.")
class PageInfo:
    """See `gateway.graph.lists.Whereabouts`."""

    has_next_page: bool = strawberry.field(
        description=(
            "Whether to come back with endCursor. True also while a provider that failed still owes its "
            "part, and where it takes another look to know; the next page may then hold few tasks or none."
        )
    )
    has_previous_page: bool = strawberry.field(description="Whether the page was asked for by a cursor.")
    start_cursor: str | None = strawberry.field(
        description="Cursor of the first edge. Null where there is none."
    )
    end_cursor: str | None = strawberry.field(
        description=(
            "Where to go on: the cursor of the last edge, except that a page which had to end early may have "
            "been read further. Null where there is no edge and nothing left to come back for."
        )
    )


@strawberry.type(description="How one account of a provider contributed to a page of a list.")
class TaskSource:
    """See `gateway.graph.lists.Source`."""

    provider: Provider = strawberry.field(description="Who. Never null.")
    source: str = strawberry.field(
        description="Which of the provider's accounts; `default` where there is one only. Never null."
    )
    ok: bool = strawberry.field(
        description="Whether its part is there; if not, the page's cursor remembers from where it is owed."
    )
    stale: bool = strawberry.field(
        description="Whether its part is older than lists usually are, since it could not be asked in time."
    )
    code: str | None = strawberry.field(
        description="Why its part is missing, one of the codes of errors. Null where it is there."
    )
    message: str | None = strawberry.field(description="The same in words. Null where its part is there.")
    unreadable: int = strawberry.field(
        description=(
            "Records left out of this page because they do not fit what the provider documents, or do not "
            "tell when they were created."
        )
    )
    observed_at: datetime | None = strawberry.field(
        description="When the oldest of its data was seen at the provider. Null where it told of no tasks."
    )


@strawberry.type(
    description=(
        "A page of tasks of all providers, newest first, equal seconds by id. Nothing is in the list twice, "
        "and what a provider that failed owes comes when it is back."
    )
)
class TaskConnection:
    """See `gateway.graph.lists.Listed`."""

    edges: list[TaskEdge] = strawberry.field(description="The tasks with their places. Never null.")
    page_info: PageInfo = strawberry.field(description="Where the page is in its list. Never null.")
    total_count: int | None = strawberry.field(
        description=(
            "How many tasks there are in all, as the provider counted them for the first page. Null unless "
            "Visionular alone is asked, for what it can filter itself: nobody else counts."
        )
    )
    sources: list[TaskSource] = strawberry.field(
        description="How every provider that was asked contributed. Never null."
    )

    @strawberry.field(graphql_type=list[Task], description="The tasks without their places. Never null.")
    @staticmethod
    def nodes(root: strawberry.Parent[Listed]) -> Sequence[records.Task]:
        return [edge.node for edge in root.edges]
