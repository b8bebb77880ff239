"""The VOD operations: what is asked, what comes back, what is refused."""

from typing import Any

import pytest

from gateway.sandbox.messages import iso
from gateway.sandbox.videos import LIVELY, QUIET

from .clients import START, Caller, Clock


async def listed(caller: Caller, video_id: str, **parameters: str) -> list[dict[str, Any]]:
    """List a video's tasks."""
    answer = await caller.vod("ListTranscodeTask", VideoId=video_id, **parameters)
    tasks: list[dict[str, Any]] = answer.json()["TranscodeTaskList"]
    return tasks


async def test_summaries(caller: Caller) -> None:
    """Unknown videos are named, untouched ones are in neither list, repeated ones come once."""
    known = (await caller.ids(limit=8))["vod"]
    asked = [*known["running"], known["never"][0], "hhhhhhh"]
    answer = (await caller.vod("GetTranscodeSummary", VideoIds=",".join([*asked, asked[0]]))).json()
    assert [summary["VideoId"] for summary in answer["TranscodeSummaryList"]] == known["running"]
    assert answer["NonExistVideoIds"] == ["hhhhhhh"]


async def test_quoted_ids_are_unknown(caller: Caller) -> None:
    """The quotes of the documented example make ids that do not exist."""
    video_id = (await caller.ids(limit=1))["vod"]["running"][0]
    answer = (await caller.vod("GetTranscodeSummary", VideoIds=f'"{video_id}"')).json()
    assert answer["NonExistVideoIds"] == [f'"{video_id}"']


@pytest.mark.parametrize(
    ("operation", "parameters", "status", "code"),
    [
        ("GetTranscodeSummary", {}, 400, "MissingVideoIds"),
        ("GetTranscodeSummary", {"VideoIds": ","}, 400, "MissingVideoIds"),
        ("GetTranscodeSummary", {"VideoIds": ",".join("abcdefghijk")}, 400, "VideoListExceededMax"),
        ("ListTranscodeTask", {}, 400, "MissingVideoId"),
        ("ListTranscodeTask", {"VideoId": "hhhhhhh"}, 404, "InvalidVideo.NotFound"),
        ("GetTranscodeTask", {}, 400, "MissingParameter"),
        ("GetTranscodeTask", {"TranscodeTaskId": "hhhhhhh"}, 404, "NoSuchResource"),
        ("GetTranscodeTask", {"JobIds": ",".join("abcdefghijk")}, 400, "JobIdsExceededMax"),
    ],
)
async def test_refusals(
    caller: Caller, operation: str, parameters: dict[str, str], status: int, code: str
) -> None:
    """Each mistake has its documented code."""
    answer = await caller.vod(operation, **parameters)
    assert (answer.status_code, answer.json()["Code"]) == (status, code)


async def test_pages(caller: Caller) -> None:
    """Pages of any size hold every task once, newest first; the page after the last is empty."""
    video = max(
        (caller.app.world.videos.video(number) for number in range(LIVELY, LIVELY + QUIET)),
        key=lambda one: -one.period,
    )
    whole = await listed(caller, video.id, PageSize="50")
    assert len(whole) == 40
    pages = [await listed(caller, video.id, PageSize="7", PageNo=str(number)) for number in range(1, 8)]
    assert [task for page in pages for task in page] == whole
    assert [len(page) for page in pages] == [7, 7, 7, 7, 7, 5, 0]
    assert len(await listed(caller, video.id)) == 10
    created = [task["CreationTime"] for task in whole]
    assert created == sorted(created, reverse=True)


async def test_windows(caller: Caller) -> None:
    """A window selects by creation, both ends included."""
    video_id = (await caller.ids(limit=1))["vod"]["running"][0]
    whole = await listed(caller, video_id, PageSize="50")
    some = await listed(
        caller, video_id, StartTime=whole[5]["CreationTime"], EndTime=whole[2]["CreationTime"]
    )
    assert some == whole[2:6]


async def test_untouched_video_has_no_tasks(caller: Caller) -> None:
    """A video that was never transcoded has an empty list, not an error."""
    assert await listed(caller, (await caller.ids(limit=1))["vod"]["never"][0]) == []


async def test_operations_agree(caller: Caller) -> None:
    """Summary, list and single look-up tell the same of one task."""
    known = await caller.ids(limit=3)
    for state in ("running", "succeeded", "failed", "partial"):
        video_id, task_id = known["vod"][state][0], known["vod_tasks"][state][0]
        answer = await caller.vod("GetTranscodeSummary", VideoIds=video_id)
        summary = answer.json()["TranscodeSummaryList"][0]
        entry = (await listed(caller, video_id))[0]
        task = (await caller.vod("GetTranscodeTask", TranscodeTaskId=task_id)).json()["TranscodeTask"]
        jobs = task.pop("TranscodeJobInfoList")
        assert task == entry
        assert entry["TaskStatus"] == summary["TranscodeStatus"]
        assert entry["CreationTime"] == summary["CreationTime"]
        for job, brief in zip(jobs, summary["TranscodeJobInfoSummaryList"], strict=True):
            same = (
                "TranscodeProgress",
                "TranscodeJobStatus",
                "TranscodeTemplateId",
                "Definition",
                "CreationTime",
            )
            assert [job[name] for name in same] == [brief[name] for name in same]


async def test_jobs_by_id(caller: Caller) -> None:
    """Jobs are found by their ids, unknown ones are named."""
    job_ids = (await caller.ids(limit=3))["vod_jobs"]["running"]
    answer = (await caller.vod("GetTranscodeTask", JobIds=",".join([*job_ids, "x"]))).json()
    assert [job["TranscodeJobId"] for job in answer["TranscodeJobInfoList"]] == job_ids
    assert answer["NonExistJobIds"] == ["x"]


async def test_a_task_appears_and_goes_on(caller: Caller, clock: Clock) -> None:
    """As the clock runs a lively video's task ends and a new one takes its place at the head of the list."""
    video = caller.app.world.videos.video(0)
    before = await listed(caller, video.id, PageSize="3")
    clock.moment += video.period
    after = await listed(caller, video.id, PageSize="3")
    assert [task["TranscodeTaskId"] for task in after[1:]] == [task["TranscodeTaskId"] for task in before[:2]]
    assert after[0]["CreationTime"] > before[0]["CreationTime"]
    assert after[0]["CreationTime"] <= iso(int(clock.moment))


async def test_listings_by_state(caller: Caller) -> None:
    """The ids handed out for a state are in that state, the ones that stay in it longest first."""
    known = (await caller.ids(limit=5000))["vod"]
    assert len(known["running"]) >= 2500
    assert sum(len(found) for found in known.values()) == len(
        {one for found in known.values() for one in found}
    )
    videos = caller.app.world.videos
    ends = [
        task.finished
        for one in known["running"]
        if (video := videos.find(one)) and (task := videos.latest(video, START))
    ]
    assert ends == sorted(ends, reverse=True)
