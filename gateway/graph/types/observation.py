"""Observation: which provider call or notification an object was read from."""

from __future__ import annotations

from datetime import datetime

import strawberry


@strawberry.type(description="The provider call, or the notification, that an object was read from.")
class Observation:
    """See `gateway.domain.records.Observation`."""

    at: datetime = strawberry.field(
        description="When the provider's answer or notification arrived at the gateway. Never null."
    )
    operation: str = strawberry.field(
        description=(
            "The provider's name of the operation, e.g. GetTranscodeSummary, or of the notification, e.g. "
            "TranscodeComplete. Never null."
        )
    )
    request_id: str | None = strawberry.field(
        description=(
            "The provider's id of the call, for its support desk. Null where it sends none, as it does with "
            "notifications."
        )
    )
