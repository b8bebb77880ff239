"""TaskPage: one page of a provider's own listing, in its order and its paging."""

from __future__ import annotations

import strawberry

from gateway.graph.types.task import Task


@strawberry.type(description="One page of a provider's own listing. Each page is one provider call.")
class TaskPage:
    """See `gateway.domain.records.TaskPage`."""

    tasks: list[Task] = strawberry.field(
        description=(
            "The page's tasks in the provider's order: newest first, except for VOD, which documents none."
        )
    )
    garbled: int = strawberry.field(
        name="unreadable",
        description="How many records of the page did not fit what the provider documents and are left out.",
    )
    next_page: str | None = strawberry.field(
        description="What to pass as page to get the next one. Null at the end."
    )
    total_count: int | None = strawberry.field(
        description="How many tasks match in all (Visionular). Null for other providers, which do not tell."
    )
