"""The domain's enumerations, with the descriptions that clients read."""

from __future__ import annotations

from enum import Enum

import strawberry

from gateway.domain.records import Provider, Status, Trigger

__all__ = ["Provider", "Status", "Trigger"]


def _describe(enum: type[Enum], description: str, values: dict[str, str]) -> None:
    """Register an enumeration of the domain, which knows nothing of GraphQL, with a text for every value."""
    registered = strawberry.enum(enum, description=description)
    for value in registered.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = values[value.name]


_describe(
    Provider,
    "Who does the transcoding.",
    {
        "VOD": "Alibaba Cloud ApsaraVideo VOD.",
        "IMS": "Alibaba Cloud Intelligent Media Services.",
        "VISIONULAR": "Visionular media processing.",
    },
)

_describe(
    Status,
    "One vocabulary over all providers; the provider's own word is in providerStatus beside it.",
    {
        "QUEUED": "Accepted, not begun. IMS: Inited, Init, Scheduled; Visionular: pending.",
        "RUNNING": (
            "Begun, not ended. VOD: Processing, Partial, Transcoding; IMS: Running; "
            "Visionular: downloading, running, uploading."
        ),
        "SUCCEEDED": (
            "Ended well. VOD: CompleteAllSucc, TranscodeSuccess; IMS: Success, Complete, Finished; "
            "Visionular: success, succeeded."
        ),
        "PARTIAL": "Ended, some jobs well and some not. VOD: CompletePartialSucc.",
        "FAILED": (
            "Ended badly. VOD: CompleteAllFail, TranscodeFail; IMS: Failed, Error; Visionular: fail, failed."
        ),
        "CANCELLED": "Ended by someone's wish. IMS: Cancelled.",
        "SKIPPED": "Not begun and never will be. IMS outputs: Skipped.",
        "UNKNOWN": "A word this gateway does not know, or none; see providerStatus.",
    },
)

_describe(
    Trigger,
    "What started a task (VOD).",
    {
        "AUTO": "The upload of the video.",
        "MANUAL": "A call of SubmitTranscodeJobs.",
        "UNKNOWN": "A word this gateway does not know.",
    },
)
