"""Visionular's answers as records."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from msgspec import Raw

from gateway.domain.errors import Garbled, NotFound
from gateway.domain.identity import JobRef, TaskRef, decode
from gateway.domain.provider import WindowPage
from gateway.domain.records import (
    Input,
    Job,
    Location,
    Output,
    Problem,
    Provider,
    Status,
    Task,
    TaskPage,
    Template,
)
from gateway.providers.visionular import translate
from tests.providers.misfits import misfit
from tests.providers.samples import NOW, sample, seen

QUERY = seen("query_task")
LIST = seen("list_task")


def raw(value: Any) -> Raw:
    """Return a value as the envelope holds it."""
    return Raw(msgspec.json.encode(value))


def task(**fields: Any) -> Task:
    """Return one task."""
    found = translate.task_by_id(["t"], raw({"task_id": "t", **fields}), QUERY)["t"]
    assert isinstance(found, Task)
    return found


def only_job(of: Task) -> Job:
    """Return the job of a task."""
    assert isinstance(of.jobs, tuple)
    [job] = of.jobs
    return job


def file(**fields: Any) -> Output:
    """Return the output of a task."""
    output = only_job(task(**fields)).output
    assert output is not None
    return output


def listed(data: Any, *, size: int = 50, page: str | None = None) -> TaskPage:
    """Return a page of a listing."""
    key = WindowPage(created_from=NOW, created_to=NOW, size=size, page=page)
    found = translate.tasks_in_window([key], raw(data), LIST)[key]
    assert isinstance(found, TaskPage)
    return found


def test_the_documented_list_is_read() -> None:
    """The page's own sample: unix seconds, and bitrates with a fraction."""
    page = listed(msgspec.json.decode(sample("visionular", "list_task"))["data"])
    assert (len(page.tasks), page.total_count, page.next_page, page.garbled) == (2, 2, None, 0)
    first = page.tasks[0]
    created = datetime(2021, 10, 12, 6, 35, 57, tzinfo=UTC)
    finished = datetime(2021, 10, 12, 6, 36, 8, tzinfo=UTC)
    ref = TaskRef(provider=Provider.VISIONULAR, provider_id="2021101********c0039679f3", created_at=created)
    source = Input(
        location=Location(uri="https://hztst.********-720p-original.mp4"),
        url="https://hztst.********us-720p-original.mp4",
        bitrate=3898.93,
    )
    job = only_job(first)
    assert decode(job.id) == JobRef(provider=Provider.VISIONULAR, task=ref, label="0")
    assert decode(first.id) == ref
    assert first == Task(
        id=first.id,
        provider=Provider.VISIONULAR,
        provider_id="2021101********c0039679f3",
        status=Status.SUCCEEDED,
        provider_status="success",
        progress=None,
        trigger=None,
        inputs=(source,),
        created_at=created,
        completed_at=finished,
        jobs=(job,),
        observation=LIST,
    )
    assert job == Job(
        id=job.id,
        provider=Provider.VISIONULAR,
        provider_id=None,
        status=Status.SUCCEEDED,
        provider_status="success",
        template=Template(id="727******8989", name="wz_MP4_h264_360p"),
        priority=None,
        created_at=created,
        completed_at=finished,
        input=source,
        output=Output(
            job_id=job.id,
            url="https://cloudhub.********211012143532.mp4",
            location=Location(
                type="oss",
                uri="oss://cloudhub/******/20211012141612.mp4",
                bucket="cloudhub",
                object_key="wangxinyan_test/output/20211012143532.mp4",
                region="cn-zhangjiakou",
            ),
            bitrate=437.01,
            video_streams=None,
            audio_streams=None,
            subtitle_streams=None,
        ),
        observation=LIST,
    )


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("pending", Status.QUEUED),
        ("downloading", Status.RUNNING),
        ("running", Status.RUNNING),
        ("uploading", Status.RUNNING),
        ("success", Status.SUCCEEDED),
        ("succeeded", Status.SUCCEEDED),
        ("fail", Status.FAILED),
        ("failed", Status.FAILED),
        ("Success", Status.SUCCEEDED),
        ("paused", Status.UNKNOWN),
        (None, Status.UNKNOWN),
    ],
)
def test_a_status_is_translated_and_kept(word: str | None, status: Status) -> None:
    """Task and job share it; both generations' words are read."""
    found = task(status=word)
    job = only_job(found)
    assert (found.status, found.provider_status) == (job.status, job.provider_status) == (status, word)


@pytest.mark.parametrize("finish", [0, None, 946684800, "2000-01-01 00:00:00", 1634020556])
def test_an_end_before_the_beginning_is_a_placeholder(finish: object) -> None:
    """Unfinished tasks have several spellings of no end."""
    found = task(create_time=1634020557, finish_time=finish)
    assert (found.completed_at, found.misfits) == (None, ())


def test_the_spellings_of_other_generations_are_read() -> None:
    """Text for times in 2020; other names and more of them later."""
    older = task(create_time="2020-12-01 08:00:01", finish_time="2020-12-01 08:00:09")
    assert older.created_at == datetime(2020, 12, 1, 8, 0, 1, tzinfo=UTC)
    later = task(
        status="succeeded",
        created_time=1634020557,
        started_time=1634020558,
        finished_time=1634020559,
        source_bitrate=1.5,
        output_bitrate=2.5,
        source_size=3,
        output_size=4,
        duration=5.5,
        format="mp4",
        progress=100,
        custom_info="mine",
        code=0,
        message="success",
    )
    assert isinstance(later.inputs, tuple)
    output = only_job(later).output
    assert output is not None
    assert (later.inputs[0].bitrate, later.inputs[0].file_size) == (1.5, 3)
    assert (output.bitrate, output.file_size, output.duration, output.format) == (2.5, 4, 5.5, "mp4")
    assert (later.progress, only_job(later).progress, later.user_data) == (100, 100, "mine")
    assert later.started_at == datetime(2021, 10, 12, 6, 35, 58, tzinfo=UTC)
    assert later.error is None


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"status": "fail", "err_code": 2003, "err_message": "bad"}, Problem(code="2003", message="bad")),
        ({"status": "failed", "code": 1003, "message": "bad"}, Problem(code="1003", message="bad")),
        ({"status": "fail", "err_code": 0, "err_msg": "bad"}, Problem(message="bad")),
        ({"status": "success", "err_code": 0, "err_message": "Succeeded"}, None),
        ({"status": "success", "message": "task running"}, None),
        ({"status": "running", "err_code": 0, "err_message": ""}, None),
    ],
)
def test_an_error_is_one_by_its_code_or_the_status(fields: dict[str, Any], error: Problem | None) -> None:
    """The words for success differ from operation to operation and are never compared."""
    found = task(**fields)
    assert (found.error, only_job(found).error) == (error, error)


def test_zeros_of_an_unfinished_file_are_placeholders() -> None:
    """A finished one may really be empty."""
    assert file(status="running", dst_bitrate=0.0, output_size=0).bitrate is None
    assert file(status="fail", output_size=0).file_size is None
    assert file(status="success", output_size=0).file_size == 0


def test_a_value_that_does_not_fit_costs_its_field_alone() -> None:
    """Each on the record that has the field."""
    found = task(create_time="soon", src_bitrate="fast", dst_bitrate=[], template_id={}, status="success")
    assert found.misfits == (misfit("created_at", "a time"),)
    assert isinstance(found.inputs, tuple)
    assert found.inputs[0].misfits == (misfit("bitrate", "a number"),)
    job = only_job(found)
    assert (job.template, job.misfits) == (None, (misfit("template", "text"),))
    assert job.output is not None
    assert job.output.misfits == (misfit("bitrate", "a number"),)


def test_an_answer_without_data_knows_no_such_task() -> None:
    """Null is "no"; something else than a task is garbled."""
    outcomes = [translate.task_by_id(["t"], data, QUERY)["t"] for data in (Raw(), raw(None), raw(5), raw({}))]
    assert [type(outcome) for outcome in outcomes] == [NotFound, NotFound, Garbled, Garbled]


def test_the_next_page_begins_after_this_one() -> None:
    """By the total where it is told, else by a page that is full; an empty page is the last."""
    record = {"task_id": "t"}
    assert listed({"list": [record] * 2, "total": 9}, size=2, page="4").next_page == "6"
    assert listed({"list": [record] * 2, "total": 6}, size=2, page="4").next_page is None
    assert listed({"list": [record] * 2}, size=2).next_page == "2"
    assert listed({"list": [record]}, size=2).next_page is None
    assert listed({"list": [], "total": 9}).next_page is None
    assert listed(None) == TaskPage(tasks=())


def test_a_bad_record_of_a_list_is_counted() -> None:
    """Its neighbours are told, and the offset counts it."""
    page = listed({"list": [{"task_id": "a"}, 5, {}], "total": 9})
    assert (len(page.tasks), page.garbled, page.next_page) == (1, 2, "3")


@pytest.mark.parametrize("data", [5, "text", {"list": 5}])
def test_a_listing_that_is_none_is_garbled(data: object) -> None:
    """There is no telling how many records it has."""
    key = WindowPage(created_from=NOW, created_to=NOW)
    assert isinstance(translate.tasks_in_window([key], raw(data), LIST)[key], Garbled)
