"""Intelligent Media Services' verbs as requests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from gateway.domain.errors import BadUserInput, NotFound, NotOffered, Rejected
from gateway.domain.provider import VideoPage, WindowPage
from gateway.domain.records import Status, Task, TaskPage
from gateway.providers.ims.client import OLDER_FILTERS, ImsClient
from tests.providers.answers import Prepared

if TYPE_CHECKING:
    from tests.conftest import Sandbox

NOW = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)
WINDOW = WindowPage(created_from=NOW - timedelta(hours=1), created_to=NOW)


async def test_a_task_is_asked_for_by_its_job_id() -> None:
    """What we call a task is a job here; the parameter is documented as optional and always sent."""
    answer = Prepared({})
    assert isinstance((await answer.ims().task_by_id(["j"]))["j"], NotFound)
    assert answer.parameters == {"JobId": "j"}
    assert answer.requests[0].headers["x-acs-version"] == "2020-11-09"
    assert isinstance((await answer.ims().task_by_id(["a\nb"]))["a\nb"], BadUserInput)
    assert len(answer.requests) == 1


@pytest.mark.parametrize("code", ["ResourceNotFound", "JobNotFound", "InvalidJobId.NotFound"])
async def test_an_unknown_task_is_not_found_by_any_such_code(code: str) -> None:
    """The page documents none for this operation."""
    answer = Prepared({"Code": code}, status=400)
    assert isinstance((await answer.ims().task_by_id(["j"]))["j"], NotFound)


async def test_a_window_is_asked_for_newest_first() -> None:
    """With a token, which goes back as it came."""
    answer = Prepared({})
    page = WindowPage(created_from=WINDOW.created_from, created_to=NOW, page=" t= ", size=200)
    await answer.ims().tasks_in_window([page])
    assert answer.parameters == {
        "StartOfCreateTime": "2026-11-22T00:02:03Z",
        "EndOfCreateTime": "2026-11-22T01:02:03Z",
        "OrderBy": "CreateTimeDesc",
        "PageSize": "100",
        "NextPageToken": " t= ",
    }


@pytest.mark.parametrize(
    ("status", "word", "older"),
    [
        (Status.QUEUED, "Inited", "Inited"),
        (Status.RUNNING, "Running", "Running"),
        (Status.SUCCEEDED, "Complete", "Success"),
        (Status.FAILED, "Error", "Failed"),
        (Status.CANCELLED, None, None),
        (None, None, None),
    ],
)
async def test_a_status_is_filtered_by_the_word_of_choice(
    status: Status | None, word: str | None, older: str | None
) -> None:
    """Documents disagree on the words; what has none is not filtered by."""
    page = WindowPage(created_from=NOW, created_to=NOW, status=status)
    current, former = Prepared({}), Prepared({})
    await current.ims().tasks_in_window([page])
    await former.ims(filters=OLDER_FILTERS).tasks_in_window([page])
    assert (current.parameters.get("Status"), former.parameters.get("Status")) == (word, older)


async def test_a_listing_is_never_not_found() -> None:
    """A missing project is a refusal, and an empty answer an empty page."""
    with pytest.raises(Rejected):
        await Prepared({"Code": "ResourceNotFound"}, status=404).ims().tasks_in_window([WINDOW])
    assert (await Prepared({}).ims().tasks_in_window([WINDOW]))[WINDOW] == TaskPage(tasks=())


async def test_verbs_on_videos_and_single_jobs_are_not_offered() -> None:
    """The service knows neither."""
    answer = Prepared({})
    client = answer.ims()
    for verb in (client.latest_by_video, client.jobs_by_id):
        with pytest.raises(NotOffered):
            await verb(["a"])
    with pytest.raises(NotOffered):
        await client.tasks_of_video([VideoPage(video_id="v")])
    assert answer.requests == []


async def test_the_path_to_the_videos_id_is_the_deployments() -> None:
    """What user data holds is up to whoever sends it."""
    answer = Prepared({"Job": {"JobId": "j", "UserData": '{"media": {"id": "v"}}'}})
    task = (await answer.ims(video_id_path="media.id").task_by_id(["j"]))["j"]
    assert isinstance(task, Task)
    assert task.video_id == "v"


async def test_a_listing_is_paged_by_tokens(ims: ImsClient, sandbox: Sandbox) -> None:
    """On the sandbox: two small pages are one larger page, and a listed task is the one looked up."""
    end = datetime.now(UTC)
    start = end - timedelta(days=1)
    whole_page = WindowPage(created_from=start, created_to=end, size=4)
    whole = (await ims.tasks_in_window([whole_page]))[whole_page]
    first_page = WindowPage(created_from=start, created_to=end, size=2)
    first = (await ims.tasks_in_window([first_page]))[first_page]
    assert isinstance(whole, TaskPage)
    assert isinstance(first, TaskPage)
    next_page = WindowPage(created_from=start, created_to=end, size=2, page=first.next_page)
    second = (await ims.tasks_in_window([next_page]))[next_page]
    assert isinstance(second, TaskPage)
    assert [task.id for task in (*first.tasks, *second.tasks)] == [task.id for task in whole.tasks]
    [job_id] = sandbox.ids("ims", "succeeded")
    task = (await ims.task_by_id([job_id]))[job_id]
    assert isinstance(task, Task)
    assert (task.provider_id, task.status) == (job_id, Status.SUCCEEDED)
    assert isinstance(task.jobs, tuple)
    assert all(job.output and job.output.location for job in task.jobs)
