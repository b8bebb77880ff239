"""A task that moves, as the providers' calls would have told it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from gateway.domain.records import Job, Observation, Output, Provider, Status, Task, Video

CREATED = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
BEFORE = Observation(at=CREATED, operation="earlier call")


def job(number: int, provider: Provider = Provider.VOD, **more: Any) -> Job:
    """Return a job that moves; VOD's have a definition and a format."""
    output = Output(job_id=f"job-{number}", format="mp4", definition=("LD", "SD", "HD")[number])
    return Job(
        id=f"job-{number}",
        provider=provider,
        status=Status.RUNNING,
        provider_status="Transcoding",
        progress=40,
        output=output,
        observation=BEFORE,
        **more,
    )


def task(provider: Provider, *jobs: Job, **more: Any) -> Task:
    """Return a task that moves."""
    fields: dict[str, Any] = {"status": Status.RUNNING, "progress": 40, "created_at": CREATED} | more
    return Task(id="task", provider=provider, jobs=jobs, observation=BEFORE, **fields)


def video(*jobs: Job, **more: Any) -> Video:
    """Return a video whose newest task moves."""
    return Video(id="video", video_id="v1", latest_task=task(Provider.VOD, *jobs, **more))
