"""The root fields: look up, and list one provider's own pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
import strawberry

from gateway.domain import records
from gateway.domain.errors import BadUserInput, GatewayError
from gateway.domain.identity import JobRef, Ref, TaskRef, VideoRef
from gateway.domain.provider import VideoPage, WindowPage
from gateway.domain.records import DEFAULT
from gateway.domain.sources import Source, whom
from gateway.graph import arguments, filters
from gateway.graph.context import GatewayInfo
from gateway.graph.lists import Listed, task_page
from gateway.graph.types.connection import TaskConnection
from gateway.graph.types.enums import Provider, Status
from gateway.graph.types.filter import TaskFilter
from gateway.graph.types.job import Job
from gateway.graph.types.node import Node
from gateway.graph.types.page import TaskPage
from gateway.graph.types.status import ProviderStatus
from gateway.graph.types.task import Task
from gateway.graph.types.video import Video
from gateway.loaders import Loaders, each

_DAY = timedelta(days=1)
_YEAR = timedelta(days=366)
_MAX_PAGE = 50
_MAX_PAGE_TOKEN = 1024

MaxAge = Annotated[
    float | None,
    strawberry.argument(
        name="maxAge",
        description=(
            "How old the data may be, in seconds. Null leaves it to the gateway. Asking for younger data may "
            "mean waiting for the provider's quota; it never makes more calls than that allows."
        ),
    ),
]
GlobalId = Annotated[strawberry.ID, strawberry.argument(description="Global id, from a field `id`.")]
GlobalIds = Annotated[
    list[strawberry.ID], strawberry.argument(description="Global ids, from fields `id`; at most 50.")
]
ProviderArgument = Annotated[Provider, strawberry.argument(description="Whom to ask.")]
SourceArgument = Annotated[
    str | None,
    strawberry.argument(
        name="source",
        description=(
            "Which of the provider's accounts, by the name this gateway gives it. Null: the default one. "
            "Global ids know theirs."
        ),
    ),
]
Found = records.Video | records.Task | records.Job


@strawberry.type(description="Everything that can be asked.")
class Query:
    """The root type."""

    @strawberry.field(
        graphql_type=list[ProviderStatus],
        description=(
            "How this replica gets on with every provider, and every account of it: quota, queues, circuits. "
            "Asks none. Never null."
        ),
    )
    @staticmethod
    def providers(info: GatewayInfo) -> list[ProviderStatus]:
        lanes = info.context.loaders.status()
        besides = [lane.whom for lane in lanes if isinstance(lane.whom, Source)]
        return [ProviderStatus.of(source, lanes) for source in dict.fromkeys([*Provider, *besides])]

    @strawberry.field(
        graphql_type=Video | None,
        description="One video by id. Null where VOD knows no such video.",
    )
    @staticmethod
    async def video(
        info: GatewayInfo,
        id: Annotated[
            strawberry.ID,
            strawberry.argument(description="VOD's VideoId, or the global id of a Video."),
        ],
        source: SourceArgument = None,
        max_age: MaxAge = None,
    ) -> records.Video | None:
        loaders = info.context.loaders.within(_age(max_age))
        video = arguments.video(id, "id", source)
        return await loaders.video(video.video_id, video.source)

    @strawberry.field(
        graphql_type=list[Video | None] | None,
        description=(
            "Videos by id, in the order asked for. Ten share one call of GetTranscodeSummary. Null at "
            "the place "
            "of an id that VOD does not know; the list is null only together with an error."
        ),
    )
    @staticmethod
    async def videos(
        info: GatewayInfo,
        ids: Annotated[
            list[strawberry.ID],
            strawberry.argument(description="VOD's VideoIds, or global ids of Videos; at most 50."),
        ],
        source: SourceArgument = None,
        max_age: MaxAge = None,
    ) -> Sequence[records.Video | GatewayError | None]:
        loaders = info.context.loaders.within(_age(max_age))
        if arguments.are_own(arguments.limited(ids, "ids")):
            return await loaders.videos(ids, source or DEFAULT)
        return await loaders.videos_of([arguments.video(id, "ids", source) for id in ids])

    @strawberry.field(
        graphql_type=Task | None,
        description="One task by its global id. Null where its provider knows it no more.",
    )
    @staticmethod
    async def task(info: GatewayInfo, id: GlobalId, max_age: MaxAge = None) -> records.Task | None:
        ref = arguments.node_id(id, "id")
        if not isinstance(ref, TaskRef):
            raise BadUserInput("id: this is not the id of a Task.")
        return await info.context.loaders.within(_age(max_age)).task_by_ref(ref)

    @strawberry.field(
        graphql_type=Job | None,
        description="One job by its global id. Null where its provider knows it no more.",
    )
    @staticmethod
    async def job(info: GatewayInfo, id: GlobalId, max_age: MaxAge = None) -> records.Job | None:
        ref = arguments.node_id(id, "id")
        if not isinstance(ref, JobRef):
            raise BadUserInput("id: this is not the id of a Job.")
        return await info.context.loaders.within(_age(max_age)).job_by_ref(ref)

    @strawberry.field(
        graphql_type=Node | None,
        description="Any object by its global id. Null where its provider knows it no more.",
    )
    @staticmethod
    async def node(info: GatewayInfo, id: GlobalId) -> Found | None:
        return await find(info.context.loaders, arguments.node_id(id, "id"))

    @strawberry.field(
        graphql_type=list[Node | None] | None,
        description=(
            "Objects by their global ids, in the order asked for. Null at the place of one that its provider "
            "knows no more; the list is null only together with an error."
        ),
    )
    @staticmethod
    async def nodes(info: GatewayInfo, ids: GlobalIds) -> Sequence[Found | GatewayError | None]:
        refs = [arguments.node_id(id, "ids") for id in arguments.limited(ids, "ids")]
        return await each(find(info.context.loaders, ref) for ref in refs)

    @strawberry.field(
        graphql_type=Task | None,
        description=(
            "One task by the provider's own id: VOD TranscodeTaskId, IMS JobId, Visionular task_id. "
            "Null where "
            "the provider knows no such task."
        ),
    )
    @staticmethod
    async def provider_task(
        info: GatewayInfo,
        provider: ProviderArgument,
        id: Annotated[strawberry.ID, strawberry.argument(description="The provider's id of the task.")],
        source: SourceArgument = None,
        max_age: MaxAge = None,
    ) -> records.Task | None:
        loaders = info.context.loaders.within(_age(max_age))
        return await loaders.task(whom(provider, source or DEFAULT), arguments.provider_id(id, "id"))

    @strawberry.field(
        graphql_type=Job | None,
        description=(
            "One job by the provider's own id (VOD TranscodeJobId; ten share one call of "
            "GetTranscodeTask). VOD "
            "does not tell the job's task here, so the job's id differs from the one it has under its task. "
            "Null where VOD knows no such job; an error with code NOT_OFFERED for other providers."
        ),
    )
    @staticmethod
    async def provider_job(
        info: GatewayInfo,
        provider: ProviderArgument,
        id: Annotated[strawberry.ID, strawberry.argument(description="The provider's id of the job.")],
        source: SourceArgument = None,
        max_age: MaxAge = None,
    ) -> records.Job | None:
        loaders = info.context.loaders.within(_age(max_age))
        return await loaders.job(whom(provider, source or DEFAULT), arguments.provider_id(id, "id"))

    @strawberry.field(
        graphql_type=TaskConnection | None,
        description=(
            "Tasks of all providers in one list, newest first. Each provider that is asked costs a call a "
            "page; more where it cannot filter by itself. Null only together with an error; a provider's "
            "trouble is told in `sources` instead."
        ),
    )
    @staticmethod
    async def tasks(
        info: GatewayInfo,
        filter: Annotated[
            TaskFilter | None,
            strawberry.argument(description="Which tasks. Null: IMS's and Visionular's of the last day."),
        ] = None,
        first: filters.First = filters.DEFAULT,
        after: filters.After = None,
        last: filters.Last = None,
        before: filters.Before = None,
        max_age: MaxAge = None,
    ) -> Listed:
        size = filters.page_size(first, last, before)
        given = filter or TaskFilter()
        criteria = filters.criteria(
            providers=given.providers,
            sources=given.sources,
            statuses=given.statuses,
            video_ids=given.video_ids,
            created_after=given.created_after,
            created_before=given.created_before,
            template_id=given.template_id,
        )
        return await task_page(info.context, criteria, first=size, after=after, max_age=_age(max_age))

    @strawberry.field(
        graphql_type=TaskPage | None,
        description=(
            "One page of a provider's own listing, one provider call. VOD lists the history of one "
            "video; IMS "
            "and Visionular list all tasks created in a window of time. Null only together with an error."
        ),
    )
    @staticmethod
    async def provider_tasks(
        info: GatewayInfo,
        provider: ProviderArgument,
        video_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                name="videoId",
                description="VOD's VideoId or the global id of a Video. Needed for VOD, refused for others.",
            ),
        ] = None,
        created_after: Annotated[
            datetime | None,
            strawberry.argument(
                name="createdAfter",
                description=(
                    "Start of the window. Null: for VOD no limit, for others a day before createdBefore."
                ),
            ),
        ] = None,
        created_before: Annotated[
            datetime | None,
            strawberry.argument(name="createdBefore", description="End of the window. Null: now."),
        ] = None,
        status: Annotated[
            Status | None,
            strawberry.argument(
                description=(
                    "Only tasks in this state (IMS, Visionular). Null: all. Where the provider cannot filter "
                    "by it, a page holds fewer tasks than pageSize, and totalCount counts all states."
                )
            ),
        ] = None,
        page: Annotated[
            str | None, strawberry.argument(description="From nextPage. Null: the first page.")
        ] = None,
        page_size: Annotated[
            int, strawberry.argument(name="pageSize", description="Tasks per page, 1 to 50.")
        ] = 20,
        source: SourceArgument = None,
        max_age: MaxAge = None,
    ) -> records.TaskPage:
        if not 1 <= page_size <= _MAX_PAGE:
            raise BadUserInput(f"pageSize: 1 to {_MAX_PAGE}, not {page_size}.")
        if page is not None and not (0 < len(page) <= _MAX_PAGE_TOKEN and page.isprintable()):
            raise BadUserInput("page: this is not a value of nextPage.")
        loaders = info.context.loaders.within(_age(max_age))
        if provider is Provider.VOD:
            if video_id is None or status is not None:
                raise BadUserInput("VOD lists one video's tasks: give videoId, and no status.")
            if created_after and created_before and created_before <= created_after:
                raise BadUserInput("createdBefore: must be later than createdAfter.")
            video = arguments.video(video_id, "videoId", source)
            key = VideoPage(
                video_id=video.video_id,
                created_from=created_after,
                created_to=created_before,
                page=page,
                size=page_size,
            )
            return await loaders.page(video.whom, key)
        if video_id is not None:
            raise BadUserInput("videoId: only VOD lists the tasks of one video.")
        created_from, created_to = _window(created_after, created_before, info.context.now)
        window = WindowPage(
            created_from=created_from, created_to=created_to, status=status, page=page, size=page_size
        )
        found = await loaders.page(whom(provider, source or DEFAULT), window)
        if status is None:
            return found
        return msgspec.structs.replace(
            found, tasks=tuple(task for task in found.tasks if task.status is status)
        )


def _window(
    after: datetime | None, before: datetime | None, now: Callable[[], datetime]
) -> tuple[datetime, datetime]:
    # Whole minutes: clients that leave the end open and ask within the same minute share one page.
    before = before or now().replace(second=0, microsecond=0) + timedelta(minutes=1)
    after = after or before - _DAY
    if before <= after:
        raise BadUserInput("createdBefore: must be later than createdAfter.")
    if before - after > _YEAR:
        raise BadUserInput("createdAfter: a window spans a year at most; providers keep no more.")
    return after, before


def _age(max_age: float | None) -> float | None:
    if max_age is not None and not max_age >= 0:
        raise BadUserInput("maxAge: seconds, not less than 0.")
    return max_age


async def find(loaders: Loaders, ref: Ref) -> Found | None:
    """Return what a ref names; None where its provider knows it no more."""
    match ref:
        case VideoRef():
            return await loaders.video(ref.video_id, ref.source)
        case TaskRef():
            return await loaders.task_by_ref(ref)
        case JobRef():
            return await loaders.job_by_ref(ref)
