"""A toy schema with a subscription."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import strawberry


@strawberry.type
class Animal:
    """What events are about."""

    name: str


@strawberry.type
class Query:
    """A schema needs one."""

    nothing: int | None = None


@strawberry.type
class Subscription:
    """The root of events."""

    @strawberry.subscription
    async def animals(self) -> AsyncGenerator[Animal, None]:
        """Yield one animal."""
        yield Animal(name="Tom")


schema = strawberry.Schema(query=Query, subscription=Subscription)
