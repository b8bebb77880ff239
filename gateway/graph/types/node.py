"""Relay's Node: whatever can be looked up again by its id."""

from __future__ import annotations

import strawberry


@strawberry.interface(description="Anything that `node` and `nodes` can find again by its id.")
class Node:
    """Relay Global Object Identification."""

    id: strawberry.ID = strawberry.field(
        description=(
            "Opaque and stable: the same on every replica, after every restart, and whichever provider "
            "operation the object was read from. Never null."
        )
    )
