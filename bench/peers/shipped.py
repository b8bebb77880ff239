"""Strawberry on Litestar as their documents show it, with Strawberry's caches and a dataloader.

    PORT=... PROVIDER=http://... IDS=a,b,c python -m bench.peers.shipped

Every video was read before the first request. ``GET /floor`` is a handler of bare Litestar, for comparison.
"""

from __future__ import annotations

import os
from enum import Enum
from typing import Any

import httpx
import strawberry
import uvicorn
from litestar import Litestar, get
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.litestar import BaseContext, make_graphql_controller

_SEATS = 10


@strawberry.enum
class Status(Enum):
    """State of a job."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"


@strawberry.type
class Template:
    """Settings."""

    id: strawberry.ID


@strawberry.type
class Output:
    """A file."""

    format: str | None
    width: int | None
    height: int | None
    bitrate: float | None
    duration: float | None
    file_size: float | None


@strawberry.type
class Job:
    """A rendition."""

    id: strawberry.ID
    status: Status
    progress: int | None
    created_at: str | None
    completed_at: str | None
    template: Template
    output: Output


@strawberry.type
class Task:
    """A transcoding."""

    id: strawberry.ID
    status: Status
    progress: int | None
    created_at: str | None
    jobs: list[Job]


@strawberry.type
class Video:
    """A video."""

    video_id: strawberry.ID
    latest_task: Task | None


def _job(row: dict[str, Any], video: str, number: int) -> Job:
    return Job(
        id=strawberry.ID(f"Job:{video}:{number}"),
        status=Status.SUCCEEDED,
        progress=row["TranscodeProgress"],
        created_at=row["CreationTime"],
        completed_at=row["CompleteTime"],
        template=Template(id=row["TranscodeTemplateId"]),
        output=Output(
            format=row["Format"],
            width=int(row["Width"]),
            height=int(row["Height"]),
            bitrate=float(row["Bitrate"]),
            duration=float(row["Duration"]),
            file_size=row["Filesize"],
        ),
    )


def _video(row: dict[str, Any]) -> Video:
    jobs = [
        _job(one, row["VideoId"], number) for number, one in enumerate(row["TranscodeJobInfoSummaryList"])
    ]
    task = Task(
        id=strawberry.ID(f"Task:{row['VideoId']}"),
        status=Status.SUCCEEDED,
        progress=100,
        created_at=row["CreationTime"],
        jobs=jobs,
    )
    return Video(video_id=row["VideoId"], latest_task=task)


def _all(ids: list[str]) -> dict[str, Video]:
    known: dict[str, Video] = {}
    for at in range(0, len(ids), _SEATS):
        asked = {"VideoIds": ",".join(ids[at : at + _SEATS])}
        rows = httpx.post(os.environ["PROVIDER"], params=asked).json()["TranscodeSummaryList"]
        known |= {row["VideoId"]: _video(row) for row in rows}
    return known


KNOWN: dict[str, Video] = {}


class Context(BaseContext, kw_only=True):
    """What one request holds."""

    videos: DataLoader[str, Video | None]


async def _load(ids: list[str]) -> list[Video | None]:
    return [KNOWN.get(id_) for id_ in ids]


async def context() -> Context:
    """Return a request's context."""
    return Context(videos=DataLoader(load_fn=_load))


@strawberry.type
class Query:
    """The root."""

    @strawberry.field
    async def videos(self, info: strawberry.Info[Context], ids: list[strawberry.ID]) -> list[Video | None]:
        """Return videos."""
        return await info.context.videos.load_many(ids)


schema = strawberry.Schema(Query, extensions=[ParserCache, ValidationCache])


@get("/floor")
async def floor() -> dict[str, dict[str, str]]:
    """Answer as a handler of Litestar does."""
    return {"data": {"__typename": "Query"}}


def create_app() -> Litestar:
    """Return the application."""
    KNOWN.update(_all(os.environ["IDS"].split(",")))
    controller: Any = make_graphql_controller(schema, path="/graphql", context_getter=context)
    return Litestar([controller, floor], logging_config=None)


if __name__ == "__main__":
    uvicorn.run(
        "bench.peers.shipped:create_app",
        factory=True,
        port=int(os.environ["PORT"]),
        access_log=False,
        log_level="warning",
    )
