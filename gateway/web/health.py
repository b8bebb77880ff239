"""Whether the process lives, and whether it wants requests.

Neither depends on a provider or a store: a check that did would take every replica out of service at once, on
the day when answers from memory are all there is.
"""

from __future__ import annotations

from litestar import get


@get("/health/live", include_in_schema=False)
async def live() -> dict[str, str]:
    """Answer as long as the event loop turns."""
    return {"status": "ok"}


@get("/health/ready", include_in_schema=False)
async def ready() -> dict[str, str]:
    """Answer once the application has started; a server takes no requests before that."""
    return {"status": "ok"}
