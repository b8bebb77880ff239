"""How a VOD task is written: every oddity of the documents occurs, and the ordinary is right."""

import json
from typing import Any

import pytest

from gateway.sandbox.videos import LIVELY, QUIET
from gateway.sandbox.vod_task import TaskPages
from gateway.sandbox.world import World

from .clients import START

STRINGS = ("Width", "Height", "Fps", "Bitrate", "Duration")


@pytest.fixture(scope="module")
def entries(world: World) -> list[dict[str, Any]]:
    """Many tasks as ListTranscodeTask shows them."""
    pages = TaskPages(world)
    videos = [world.videos.video(number) for number in range(0, LIVELY + QUIET, 8)]
    return [pages.entry(task, START) for video in videos for task in world.videos.tasks(video, START)]


@pytest.fixture(scope="module")
def summaries(world: World) -> list[dict[str, Any]]:
    """Every video's latest task as GetTranscodeSummary shows it, as it arrives at the client."""
    pages = TaskPages(world)
    found = []
    for number in range(LIVELY + QUIET):
        task = world.videos.latest(world.videos.video(number), START)
        assert task
        summary = pages.summary(task, START)
        summary["TranscodeJobInfoSummaryList"] = [
            json.loads(bytes(job)) for job in summary["TranscodeJobInfoSummaryList"]
        ]
        found.append(summary)
    return found


@pytest.fixture(scope="module")
def jobs(world: World) -> list[dict[str, Any]]:
    """Many jobs as GetTranscodeTask shows them."""
    pages = TaskPages(world)
    videos = [world.videos.video(number) for number in range(2800, LIVELY + QUIET)]
    tasks = [task for video in videos if (task := world.videos.latest(video, START))]
    return [pages.job(task, job, START) for task in tasks for job in task.jobs]


def test_statuses(entries: list[dict[str, Any]]) -> None:
    """All five statuses occur, and the misspelt one."""
    assert {entry["TaskStatus"] for entry in entries} == {
        "Processing",
        "Partial",
        "CompleteAllSucc",
        "CompeleteAllSucc",
        "CompleteAllFail",
        "CompletePartialSucc",
    }


def test_absent_and_early_members(entries: list[dict[str, Any]]) -> None:
    """Trigger is sometimes absent; CompleteTime is always there at the end and sometimes before."""
    assert {entry.get("Trigger") for entry in entries} == {"Auto", "Manual", None}
    moving = [entry for entry in entries if entry["TaskStatus"] in {"Processing", "Partial"}]
    assert {"CompleteTime" in entry for entry in moving} == {True, False}
    assert all("CompleteTime" in entry for entry in entries if entry["TaskStatus"].startswith("Comp"))


def test_summary_types(summaries: list[dict[str, Any]]) -> None:
    """Sizes and progress are integers, other numbers decimal strings; sizes beyond 2^31 occur."""
    done = [
        job
        for summary in summaries
        for job in summary["TranscodeJobInfoSummaryList"]
        if job["TranscodeJobStatus"] == "TranscodeSuccess"
    ]
    assert all(job[name].isdigit() for job in done for name in STRINGS)
    assert all(type(job["Filesize"]) is int and job["TranscodeProgress"] == 100 for job in done)
    assert max(job["Filesize"] for job in done) > 2**31
    assert {json.loads(job["Encryption"]).get("EncryptType") for job in done} == {None, "AliyunVoDEncryption"}
    assert {"WatermarkIdList" in job for job in done} == {True, False}
    assert {job["Definition"] for job in done} == {
        "LD",
        "SD",
        "HD",
        "FHD",
        "2K",
        "4K",
        "OD",
        "AUTO",
        "SQ",
        "HQ",
    }


def test_unfinished_jobs_have_no_measures(summaries: list[dict[str, Any]]) -> None:
    """A job under way has template, format and progress, and no size yet."""
    moving = [
        job
        for summary in summaries
        for job in summary["TranscodeJobInfoSummaryList"]
        if job["TranscodeJobStatus"] == "Transcoding"
    ]
    assert all(job["Format"] and job["Definition"] and job["TranscodeTemplateId"] for job in moving)
    assert not any("Filesize" in job or "CompleteTime" in job for job in moving)


def test_summary_jobs_have_no_id(summaries: list[dict[str, Any]]) -> None:
    """A summary names neither its task nor its jobs."""
    assert not any("TranscodeTaskId" in summary for summary in summaries)
    assert not any("TranscodeJobId" in job for one in summaries for job in one["TranscodeJobInfoSummaryList"])


def test_tasks_without_jobs(summaries: list[dict[str, Any]]) -> None:
    """Only a task that failed as a whole may have no jobs."""
    empty = [summary for summary in summaries if not summary["TranscodeJobInfoSummaryList"]]
    assert empty
    assert {summary["TranscodeStatus"] for summary in empty} == {"CompleteAllFail"}


def test_failed_jobs(jobs: list[dict[str, Any]]) -> None:
    """A failed job stops short, says FinishTime instead of CompleteTime, and has an output full of zeros."""
    failed = [job for job in jobs if job["TranscodeJobStatus"] == "TranscodeFail"]
    assert failed
    for job in failed:
        output = job["OutputFile"]
        assert job["TranscodeProgress"] < 100
        assert job["ErrorCode"]
        assert job["ErrorMessage"]
        assert "FinishTime" in job
        assert "CompleteTime" not in job
        assert {output[name] for name in STRINGS} == {"0"}
        assert output["Filesize"] == 0
        assert "Format" not in output
        assert "{DestMd5}" in output["OutputFileUrl"]
        assert output["VideoStreamList"] == output["AudioStreamList"] == "[]"


def test_streams_are_json_in_strings(jobs: list[dict[str, Any]]) -> None:
    """Streams are strings holding arrays of objects of strings; sound-only outputs have no picture."""
    done = [job for job in jobs if job["TranscodeJobStatus"] == "TranscodeSuccess"]
    for job in done:
        for kind in ("Video", "Audio", "Subtitle"):
            streams = json.loads(job["OutputFile"][f"{kind}StreamList"])
            assert all(isinstance(value, str) for stream in streams for value in stream.values())
    sound = [job["OutputFile"] for job in done if job["OutputFile"]["Format"] == "mp3"]
    assert sound
    assert {output["VideoStreamList"] for output in sound} == {"[]"}
    assert any(job["OutputFile"]["SubtitleStreamList"] != "[]" for job in done)


def test_portrait(jobs: list[dict[str, Any]]) -> None:
    """Some pictures are upright."""
    done = [job["OutputFile"] for job in jobs if job["TranscodeJobStatus"] == "TranscodeSuccess"]
    assert {int(one["Height"]) > int(one["Width"]) for one in done} == {True, False}
