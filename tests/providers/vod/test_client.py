"""ApsaraVideo VOD's verbs as requests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx
import pytest

from gateway.domain.errors import BadUserInput, NotFound, NotOffered, Rejected
from gateway.domain.provider import Verb, VideoPage, WindowPage
from gateway.domain.records import Status, Task, TaskPage, Video
from gateway.providers.signing import Acs3Auth, Credentials, RpcSha1Auth
from gateway.providers.vod.client import OPERATIONS, VodClient
from tests.providers.answers import LIMITS, Prepared

if TYPE_CHECKING:
    from tests.conftest import Sandbox

NOW = datetime(2026, 11, 22, 1, 2, 3, 999999, tzinfo=UTC)
STS = Credentials(
    access_key_id="sandboxStsKeyId",
    access_key_secret="sandboxStsKeySecret",
    security_token="sandboxSecurityToken",
)


async def test_ten_videos_are_one_request() -> None:
    """GetTranscodeSummary takes the ids in one parameter, without the quotes of the documented example."""
    answer = Prepared({})
    ids = [f"v{number}" for number in range(10)]
    outcomes = await answer.vod().latest_by_video(ids)
    assert answer.parameters == {"VideoIds": ",".join(ids)}
    assert list(outcomes) == ids
    with pytest.raises(ValueError, match="takes 1 to 10 keys"):
        await answer.vod().latest_by_video([*ids, "v10"])


async def test_a_task_and_jobs_are_asked_for_by_different_parameters() -> None:
    """One operation answers both."""
    one, other = Prepared({}), Prepared({})
    await one.vod().task_by_id(["t"])
    await other.vod().jobs_by_id(["a", "b"])
    assert (one.parameters, other.parameters) == ({"TranscodeTaskId": "t"}, {"JobIds": "a,b"})
    actions = [prepared.requests[0].headers["x-acs-action"] for prepared in (one, other)]
    assert actions == ["GetTranscodeTask", "GetTranscodeTask"]


async def test_a_page_is_asked_for_with_its_window() -> None:
    """Times in whole seconds of UTC, the end after the start; never more than fifty records."""
    answer = Prepared({})
    page = VideoPage(video_id="v", created_from=NOW, created_to=NOW, page="3", size=100)
    await answer.vod().tasks_of_video([page])
    assert answer.parameters == {
        "VideoId": "v",
        "PageNo": "3",
        "PageSize": "50",
        "StartTime": "2026-11-22T01:02:03Z",
        "EndTime": "2026-11-22T01:02:04Z",
    }
    answer = Prepared({})
    await answer.vod().tasks_of_video([VideoPage(video_id="v", size=2)])
    assert answer.parameters == {"VideoId": "v", "PageNo": "1", "PageSize": "2"}


async def test_an_odd_page_is_refused_without_a_request() -> None:
    """A video id or a page number that no listing ever said."""
    answer = Prepared({})
    for page in (VideoPage(video_id="a,b"), VideoPage(video_id="v", page="x")):
        outcomes = await answer.vod().tasks_of_video([page])
        assert isinstance(outcomes[page], BadUserInput)
    assert answer.requests == []


async def test_a_video_unknown_to_the_list_is_not_found() -> None:
    """Whether the provider says so or answers with an empty list, which is an empty page."""
    page = VideoPage(video_id="v")
    refused = Prepared({"Code": "InvalidVideo.NotFound", "RequestId": "r"}, status=404)
    assert isinstance((await refused.vod().tasks_of_video([page]))[page], NotFound)
    empty = Prepared({"RequestId": "r", "TranscodeTaskList": []})
    assert (await empty.vod().tasks_of_video([page]))[page] == TaskPage(tasks=())


async def test_not_found_of_several_videos_is_an_error_of_the_call() -> None:
    """Which of them is meant, only smaller calls can tell."""
    refused = Prepared({"Code": "InvalidVideo.NotFound"}, status=404)
    with pytest.raises(Rejected):
        await refused.vod().latest_by_video(["a", "b"])


async def test_operations_can_be_left_out() -> None:
    """For accounts that may not call them."""
    operations = {verb: found for verb, found in OPERATIONS.items() if verb is not Verb.JOBS_BY_ID}
    answer = Prepared({})
    with pytest.raises(NotOffered):
        await answer.vod(operations=operations).jobs_by_id(["j"])
    window = WindowPage(created_from=NOW, created_to=NOW)
    with pytest.raises(NotOffered):
        await answer.vod().tasks_in_window([window])
    assert answer.requests == []


async def test_one_task_is_the_same_in_every_operation(vod: VodClient, sandbox: Sandbox) -> None:
    """On the sandbox: summary, list and detail agree on the ids of a finished task and its jobs."""
    [video_id] = sandbox.ids("vod", "succeeded")
    video = (await vod.latest_by_video([video_id]))[video_id]
    assert isinstance(video, Video)
    latest = video.latest_task
    assert isinstance(latest, Task)
    page = VideoPage(video_id=video_id)
    history = (await vod.tasks_of_video([page]))[page]
    assert isinstance(history, TaskPage)
    [entry] = [task for task in history.tasks if task.id == latest.id]
    assert isinstance(entry.provider_id, str)
    detail = (await vod.task_by_id([entry.provider_id]))[entry.provider_id]
    assert isinstance(detail, Task)
    assert detail.id == latest.id
    assert isinstance(detail.jobs, tuple)
    assert isinstance(latest.jobs, tuple)
    assert [job.id for job in detail.jobs] == [job.id for job in latest.jobs]
    assert {job.status for job in detail.jobs} == {Status.SUCCEEDED}
    assert all(job.output and job.output.url for job in detail.jobs)


async def test_a_history_is_paged_to_its_end(vod: VodClient, sandbox: Sandbox) -> None:
    """On the sandbox: small pages hold what one large page holds."""
    [video_id] = sandbox.ids("vod", "succeeded")
    whole_page = VideoPage(video_id=video_id)
    whole = (await vod.tasks_of_video([whole_page]))[whole_page]
    assert isinstance(whole, TaskPage)
    found: list[Task] = []
    page = VideoPage(video_id=video_id, size=1)
    while True:
        part = (await vod.tasks_of_video([page]))[page]
        assert isinstance(part, TaskPage)
        found += part.tasks
        if part.next_page is None:
            break
        page = VideoPage(video_id=video_id, size=1, page=part.next_page)
    assert [task.id for task in found] == [task.id for task in whole.tasks]


@pytest.mark.parametrize("scheme", [Acs3Auth, RpcSha1Auth])
async def test_a_session_key_is_accepted(
    http: httpx.AsyncClient, sandbox: Sandbox, scheme: type[Acs3Auth | RpcSha1Auth]
) -> None:
    """On the sandbox: both signatures work with a temporary key and its token."""
    client = VodClient(http, scheme(lambda: STS), sandbox.url, **LIMITS)
    assert isinstance((await client.latest_by_video(["unknown"]))["unknown"], NotFound)
