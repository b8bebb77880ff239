"""What watchers are shown: the newest record of what they watch, and how well it can be had."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec import Struct
from msgspec.structs import replace

from gateway.domain.errors import GatewayError
from gateway.domain.records import Provider, Task, Video
from gateway.live.change import same


class Trouble(Struct, frozen=True, kw_only=True):
    """Why there is no news at present.

    Attributes:
        code: As of the error tree.
        message: One sentence for the client.
        provider: Whose trouble it is.
        retryable: Whether it may pass by itself.
        retry_after: Seconds after which news may come; None where unknown.
        since: When it began.
    """

    code: str
    message: str
    provider: Provider | None
    retryable: bool
    retry_after: float | None
    since: datetime

    @property
    def retry_after_ms(self) -> int | None:
        """Milliseconds after which news may come."""
        return None if self.retry_after is None else round(self.retry_after * 1000)


def trouble_of(error: GatewayError, before: Trouble | None) -> Trouble:
    """Return what watchers are told of an error, given what they were told before.

    The same trouble is told once: a message a second that it lasts would be no news.
    """
    if before is not None and before.code == error.code:
        return before
    return Trouble(
        code=error.code,
        message=error.message,
        provider=error.provider,
        retryable=error.retryable,
        retry_after=error.retry_after,
        since=before.since if before else datetime.now(UTC),
    )


class VideoState(Struct, frozen=True, kw_only=True):
    """A watched video at one moment.

    Attributes:
        id: As it was asked for.
        video: None where there is none, or nothing is known yet.
        observed_at: When the provider was first seen to say so; None while nothing is known.
        trouble: None while all is well.
        finished: Whether nothing more will come.
    """

    id: str
    video: Video | None = None
    observed_at: datetime | None = None
    trouble: Trouble | None = None
    finished: bool = False


class TaskState(Struct, frozen=True, kw_only=True):
    """A watched task at one moment; see `VideoState`."""

    id: str
    task: Task | None = None
    observed_at: datetime | None = None
    trouble: Trouble | None = None
    finished: bool = False

    def tells_the_same(self, other: TaskState) -> bool:
        """Return whether another state is no news; a look at a task that is seen in a list may be."""
        return (
            self.trouble is other.trouble
            and self.finished == other.finished
            and (self.observed_at is None) == (other.observed_at is None)
            and same(self.task, other.task)
        )

    def troubled(self, error: GatewayError) -> TaskState:
        """Return this state with a new trouble."""
        return replace(self, trouble=trouble_of(error, self.trouble))


State = VideoState | TaskState
