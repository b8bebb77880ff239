"""Intelligent Media Services' answers as records."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from gateway.domain.errors import Garbled, NotFound
from gateway.domain.identity import JobRef, TaskRef, decode
from gateway.domain.provider import WindowPage
from gateway.domain.records import (
    AudioStream,
    Input,
    Job,
    JobGroup,
    Location,
    Output,
    Problem,
    Provider,
    Status,
    Task,
    TaskPage,
    Template,
    VideoStream,
)
from gateway.providers.ims import translate
from tests.providers.misfits import misfit
from tests.providers.samples import NOW, sample, seen

GET = seen("GetMediaConvertJob")
LIST = seen("ListMediaConvertJobs")
REF = TaskRef(provider=Provider.IMS, provider_id="j")
PAGE = WindowPage(created_from=NOW, created_to=NOW)


def detail(path: str = "videoId", **fields: Any) -> Task:
    """Return one task in detail."""
    body = msgspec.json.encode({"Job": {"JobId": "j", **fields}})
    task = translate.task_by_id(["j"], body, GET, video_id_path=path)["j"]
    assert isinstance(task, Task)
    return task


def jobs(**fields: Any) -> tuple[Job, ...]:
    """Return the jobs of one task."""
    found = detail(**fields).jobs
    assert isinstance(found, tuple)
    return found


def listed(body: Any) -> TaskPage:
    """Return a page of a listing."""
    encoded = msgspec.json.encode(body)
    found = translate.tasks_in_window([PAGE], encoded, LIST, video_id_path="videoId")[PAGE]
    assert isinstance(found, TaskPage)
    return found


def documented() -> Task:
    """Return the task of the documented sample."""
    body = sample("ims", "GetMediaConvertJob")
    task = translate.task_by_id(["j"], body, GET, video_id_path="videoId")["j"]
    assert isinstance(task, Task)
    return task


def test_the_documented_task_is_read() -> None:
    """The page's own sample: an error beside a success, user data as an object, stray whitespace."""
    task = documented()
    assert decode(task.id) == TaskRef(provider=Provider.IMS, provider_id="******4579b5e748b99a27f6d6******")
    assert (task.status, task.provider_status) == (Status.SUCCEEDED, "Success")
    assert task.error == Problem(
        code="InvalidParameter.ResourceContentBad", message="The resource operated InputFile is bad"
    )
    assert (task.video_id, task.user_data) == ("ddd333", '{"videoId":"ddd333"}')
    assert task.client_token == "780018cb-55ba-466d-8acc-946c0c319a0e"
    assert task.creation_request_id == "******11-DB8D-4A9A-875B-275798******"
    assert task.pipeline_id == "83500cb2a3b94fabb0956e38d64bd16d"
    assert task.inputs == (
        Input(
            name="InputVideo",
            location=Location(type="OSS", uri="http://bucket.loction.aliyuncs.com/path/to/video.mp4"),
        ),
    )
    assert (task.progress, task.trigger) == (None, None)
    assert (task.created_at, task.completed_at) == (
        datetime(2024, 12, 7, 6, 6, 58, tzinfo=UTC),
        datetime(2024, 12, 7, 13, 1, 7, tzinfo=UTC),
    )
    assert task.misfits == ()


def test_the_documented_jobs_are_read() -> None:
    """One output and one of a group, each with what became of it."""
    task = documented()
    assert isinstance(task.jobs, tuple)
    single, grouped = task.jobs
    refs = [ref for job in task.jobs if isinstance(ref := decode(job.id), JobRef)]
    assert [ref.label for ref in refs] == ["outputs/0", "groups/0/0"]
    assert single.group is None
    assert (single.name, single.provider_id) == ("output-video", "******4215e042b3966ca5441e******")
    assert (single.template, single.priority) == (Template(id="****96e8864746a0b6f3****"), 6)
    assert (single.override_params, single.features, single.file_name) == ("{}", "{}", None)
    assert isinstance(task.inputs, tuple)
    assert single.input == task.inputs[0]
    assert grouped.file_name == "720p.mp4"
    assert grouped.group == JobGroup(
        name="hls-group",
        provider_id="******22dad741d086a50325f9******",
        status=Status.SUCCEEDED,
        provider_status="Success",
        created_at=datetime(2025, 3, 21, 1, 48, 41, tzinfo=UTC),
        completed_at=datetime(2025, 3, 21, 1, 48, 41, tzinfo=UTC),
        error=Problem(
            code="InvalidParameter.ResourceContentBad", message='The resource operated "InputFile" is bad'
        ),
        type="Hls",
        manifest_name="manifest",
        location=Location(type="OSS", uri="http://bucket.loction.aliyuncs.com/path/to/video.mp4"),
    )


def test_the_documented_file_is_read() -> None:
    """Two styles of keys, numbers as numbers and as text, and a bitrate that is none."""
    task = documented()
    assert isinstance(task.jobs, tuple)
    single = task.jobs[0]
    assert single.output == Output(
        job_id=single.id,
        format="hls,applehttp",
        url="http://bucket.oss-cn-shanghai.aliyuncs.com/path/to/file.m3u8",
        location=Location(
            type="OSS",
            uri="oss://bucket/path/to/video.mp4",
            url="oss://bucket/path/to/video.mp4",
            region="cn-shanghai",
        ),
        width=848,
        height=478,
        bitrate=888.563,
        duration=403.039999,
        file_size=31737,
        video_streams=(
            VideoStream(
                index=0,
                codec_name="h264",
                codec_long_name="H.264 / AVC / MPEG-4 AVC / MPEG-4 part 10",
                codec_tag="0x001b",
                codec_tag_string="[27][0][0][0]",
                codec_time_base="1/50",
                profile="High",
                level="31",
                width=848,
                height=478,
                pixel_format="yuv420p",
                fps=25.0,
                average_fps=25.0,
                bitrate=888.563,
                duration=403.039989,
                start_time=1.473556,
                time_base="1/90000",
                frame_count=10040,
                b_frames=2,
                sample_aspect_ratio="478:477",
                display_aspect_ratio="16:9",
                rotation=0,
                language="cn",
            ),
        ),
        audio_streams=(
            AudioStream(
                index=1,
                codec_name="aac",
                codec_long_name="AAC (Advanced Audio Coding)",
                codec_tag="0x000f",
                codec_tag_string="[15][0][0][0]",
                codec_time_base="1/44100",
                bitrate=None,
                sample_rate=44100,
                sample_format="fltp",
                channels=2,
                channel_layout="stereo",
                duration=403.039989,
                start_time=1.473556,
                time_base="1/90000",
                language="cn",
            ),
        ),
        subtitle_streams=None,
        media_id="9066406c306771f0bfa35107e0c90102",
        file_name="file.m3u8",
        file_status="Normal",
        file_type="source_file",
    )


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Inited", Status.QUEUED),
        ("Running", Status.RUNNING),
        ("Success", Status.SUCCEEDED),
        ("Complete", Status.SUCCEEDED),
        ("Finished", Status.SUCCEEDED),
        ("Failed", Status.FAILED),
        ("Error", Status.FAILED),
        ("Cancelled", Status.CANCELLED),
        ("Paused", Status.UNKNOWN),
        (None, Status.UNKNOWN),
    ],
)
def test_a_tasks_state_is_translated_and_kept(word: str | None, status: Status) -> None:
    """The documents of different years do not agree on the words, and all are read."""
    task = detail(State=word)
    assert (task.status, task.provider_status) == (status, word)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Init", Status.QUEUED),
        ("Scheduled", Status.QUEUED),
        ("Running", Status.RUNNING),
        ("Success", Status.SUCCEEDED),
        ("Failed", Status.FAILED),
        ("Skipped", Status.SKIPPED),
        ("Paused", Status.UNKNOWN),
    ],
)
def test_a_jobs_status_is_translated_and_kept(word: str, status: Status) -> None:
    """Outputs have words of their own, and so have groups."""
    [job] = jobs(OutputGroupDetails=[{"Status": word, "Outputs": [{"Status": word}]}])
    assert (job.status, job.provider_status) == (status, word)
    assert job.group is not None
    assert (job.group.status, job.group.provider_status) == (status, word)


@pytest.mark.parametrize(
    ("user_data", "path", "video_id", "text"),
    [
        ({"videoId": "v"}, "videoId", "v", '{"videoId":"v"}'),
        ('{"videoId": "v"}', "videoId", "v", '{"videoId": "v"}'),
        ({"a": {"b": 5}}, "a.b", "5", '{"a":{"b":5}}'),
        ({"a": "v"}, "a.b", None, '{"a":"v"}'),
        ("free text", "videoId", None, "free text"),
        ("[1]", "videoId", None, "[1]"),
        ("[" * 100_000, "videoId", None, "[" * 100_000),
        ("", "videoId", None, None),
        (None, "videoId", None, None),
    ],
)
def test_a_videos_id_is_found_in_user_data(
    user_data: object, path: str, video_id: str | None, text: str | None
) -> None:
    """User data is an object or text that may hold one; the text stays as it was sent."""
    task = detail(path, UserData=user_data)
    assert (task.video_id, task.user_data, task.misfits) == (video_id, text, ())


def test_details_are_matched_by_unique_names() -> None:
    """Whatever order they come in; a name that is not unique does not count."""
    found = jobs(
        Config={"Outputs": [{"Name": "a"}, {"Name": "b"}, {"Name": "x"}, {"Name": "x"}]},
        OutputDetails=[
            {"Name": "b", "TaskId": "of b"},
            {"Name": "a", "TaskId": "of a"},
            {"Name": "x", "TaskId": "first"},
            {"Name": "x", "TaskId": "second"},
        ],
    )
    assert [job.provider_id for job in found] == ["of a", "of b", "first", "second"]


def test_details_without_a_partner_are_kept() -> None:
    """More details than outputs, or none configured at all: they take the places that follow."""
    found = jobs(
        Config={"Outputs": [{"Name": "a"}]},
        OutputDetails=[{"Name": "z", "TaskId": "left"}, {"Name": "a", "TaskId": "of a"}],
    )
    refs = [ref for job in found if isinstance(ref := decode(job.id), JobRef)]
    assert [(job.provider_id, ref.label) for job, ref in zip(found, refs, strict=True)] == [
        ("of a", "outputs/0"),
        ("left", "outputs/1"),
    ]
    [alone] = jobs(OutputDetails=[{"Name": "z"}])
    assert (alone.name, decode(alone.id)) == (
        "z",
        JobRef(provider=Provider.IMS, task=REF, label="outputs/0"),
    )


def test_an_output_without_a_result_is_where_it_is_going_to_be() -> None:
    """And nothing where not even that is configured."""
    planned, unknown = jobs(
        Config={"Outputs": [{"OutputFile": {"Type": "OSS", "Media": "oss://b/a.mp4"}}, {}]}
    )
    assert planned.output == Output(
        job_id=planned.id,
        url=None,
        location=Location(type="OSS", uri="oss://b/a.mp4"),
        video_streams=(),
        audio_streams=(),
        subtitle_streams=None,
    )
    assert unknown.output is None
    assert (planned.status, planned.provider_status) == (Status.UNKNOWN, None)


def test_times_of_the_task_come_before_those_of_its_jobs() -> None:
    """Where the task has none: its first job's creation, and when it is finished its last job's end."""
    details = [
        {"CreateTime": "2024-12-07T06:00:00Z", "FinishTime": "2024-12-07T07:00:00Z"},
        {"CreateTime": "2024-12-07T05:00:00Z", "FinishTime": "2024-12-07T06:00:00Z"},
    ]
    done = detail(State="Success", OutputDetails=details)
    assert (done.created_at, done.completed_at) == (
        datetime(2024, 12, 7, 5, tzinfo=UTC),
        datetime(2024, 12, 7, 7, tzinfo=UTC),
    )
    assert detail(State="Running", OutputDetails=details).completed_at is None
    own = detail(CreateTime="2024-12-07T04:00:00Z", FinishTime="2024-12-07T08:00:00Z", OutputDetails=details)
    assert (own.created_at, own.completed_at) == (
        datetime(2024, 12, 7, 4, tzinfo=UTC),
        datetime(2024, 12, 7, 8, tzinfo=UTC),
    )


def test_progress_is_the_tasks_own() -> None:
    """Outputs tell none."""
    assert detail(Percent=40).progress == 40
    assert detail(Percent="101").misfits == (misfit("progress", "a percentage"),)


def test_a_listed_task_leaves_open_what_the_list_does_not_report() -> None:
    """Jobs and progress need the lookup; inputs are there when the configuration is."""
    bare, full = listed({"Jobs": [{"JobId": "a"}, {"JobId": "b", "Config": {"JobName": "n"}}]}).tasks
    assert (bare.jobs, bare.progress, bare.inputs) == (UNSET, UNSET, UNSET)
    assert (full.jobs, full.progress, full.inputs, full.name) == (UNSET, UNSET, (), "n")


def test_the_token_of_the_next_page_is_untouched() -> None:
    """Whitespace included; empty or absent at the end."""
    assert listed({"Jobs": [], "NextPageToken": " token=\n"}).next_page == " token=\n"
    assert listed({"Jobs": [], "NextPageToken": ""}).next_page is None
    assert listed({}).next_page is None


def test_a_bad_record_of_a_list_is_counted() -> None:
    """Its neighbours are told."""
    page = listed({"Jobs": [{"JobId": "a"}, 5, {}]})
    assert (len(page.tasks), page.garbled) == (1, 2)


def test_a_list_that_is_none_is_garbled() -> None:
    """There is no telling how many records it has."""
    outcomes = translate.tasks_in_window([PAGE], b'{"Jobs":5}', LIST, video_id_path="videoId")
    assert isinstance(outcomes[PAGE], Garbled)


def test_an_answer_without_a_job_knows_no_such_task() -> None:
    """Null is "no"; something else than a job is garbled."""
    outcomes = [
        translate.task_by_id(["j"], body, GET, video_id_path="videoId")["j"]
        for body in (b"{}", b'{"Job":null}', b'{"Job":5}', b'{"Job":{}}')
    ]
    assert [type(outcome) for outcome in outcomes] == [NotFound, NotFound, Garbled, Garbled]
    with pytest.raises(Garbled):
        translate.task_by_id(["j"], b"[]", GET, video_id_path="videoId")


def test_a_part_that_does_not_fit_costs_itself_alone() -> None:
    """Configuration, result, and file information each fail on their own record."""
    task = detail(Config=5, OutputDetails=[{"Name": "a", "Result": 5, "Status": "Success"}])
    assert task.misfits == (misfit("inputs", "an object"),)
    assert isinstance(task.jobs, tuple)
    [job] = task.jobs
    assert (job.name, job.status, job.output) == ("a", Status.SUCCEEDED, None)
    assert job.misfits == (misfit("output", "an object"),)
    result = {"OutFileMeta": {"FileBasicInfo": {"Width": "wide", "Height": "9"}}}
    [job] = jobs(OutputDetails=[{"Result": result}])
    assert job.output is not None
    assert (job.output.height, job.output.misfits) == (9, (misfit("width", "an integer"),))
