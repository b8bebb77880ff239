"""ApsaraVideo VOD's answers as records."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from gateway.domain.errors import Garbled, NotFound
from gateway.domain.identity import JobRef, TaskRef, VideoRef, decode, encode
from gateway.domain.provider import VideoPage
from gateway.domain.records import (
    Input,
    Job,
    Output,
    Problem,
    Provider,
    Status,
    Task,
    TaskPage,
    Template,
    Trigger,
    Video,
)
from gateway.providers.vod import translate
from tests.providers.misfits import misfit
from tests.providers.samples import NOW, sample, seen

SUMMARY = seen("GetTranscodeSummary")
TASK = seen("GetTranscodeTask")
LIST = seen("ListTranscodeTask")
CREATED = datetime(2019, 1, 23, 12, 35, 12, tzinfo=UTC)
DONE = {"TranscodeJobStatus": "TranscodeSuccess"}


def encoded(body: Any) -> bytes:
    """Return an answer's bytes."""
    return msgspec.json.encode(body)


def summary(video_id: str = "v", **fields: Any) -> Task:
    """Return the task of one summary."""
    body = encoded({"TranscodeSummaryList": [{"VideoId": video_id, **fields}]})
    video = translate.latest_by_video([video_id], body, SUMMARY)[video_id]
    assert isinstance(video, Video)
    assert isinstance(video.latest_task, Task)
    return video.latest_task


def detail(**fields: Any) -> Task:
    """Return one task in detail."""
    body = encoded({"TranscodeTask": {"VideoId": "v", **fields}})
    task = translate.task_by_id(["t"], body, TASK)["t"]
    assert isinstance(task, Task)
    return task


def job(**fields: Any) -> Job:
    """Return one job in detail."""
    body = encoded({"TranscodeJobInfoList": [{"TranscodeJobId": "j", **fields}]})
    found = translate.jobs_by_id(["j"], body, TASK)["j"]
    assert isinstance(found, Job)
    return found


def output(**fields: Any) -> Output:
    """Return the file of a finished job."""
    found = job(OutputFile=fields, **DONE).output
    assert found is not None
    return found


def listed(*records: Any, size: int = 50, page: str | None = None) -> TaskPage:
    """Return a page of a listing."""
    key = VideoPage(video_id="v", size=size, page=page)
    found = translate.tasks_of_video([key], encoded({"TranscodeTaskList": records}), LIST)[key]
    assert isinstance(found, TaskPage)
    return found


def test_the_documented_summary_is_read() -> None:
    """The page's own sample: numbers in text, a list of unknown ids, jobs without ids."""
    known = "e1db68cc58664*****4b83e562bcd9"
    outcomes = translate.latest_by_video([known, "hhhhhhh"], sample("vod", "GetTranscodeSummary"), SUMMARY)
    assert isinstance(outcomes["hhhhhhh"], NotFound)
    video = outcomes[known]
    assert isinstance(video, Video)
    assert decode(video.id) == VideoRef(video_id=known)
    task = video.latest_task
    assert isinstance(task, Task)
    ref = TaskRef(
        provider=Provider.VOD,
        video_id=known,
        template_group_id="44f9e406bbb*****736a9abe876ecc0",
        created_at=CREATED,
    )
    assert decode(task.id) == ref
    assert (task.status, task.provider_status, task.progress) == (Status.RUNNING, "Processing", 100)
    assert (task.provider_id, task.trigger, task.inputs) == (UNSET, UNSET, UNSET)
    assert isinstance(task.jobs, tuple)
    first, second = task.jobs
    label = "57496724ae2*****0968d6e08acc8f6/0"
    assert decode(first.id) == JobRef(provider=Provider.VOD, task=ref, label=label)
    assert first == Job(
        id=first.id,
        provider=Provider.VOD,
        status=Status.SUCCEEDED,
        provider_status="TranscodeSuccess",
        progress=100,
        template=Template(id="57496724ae2*****0968d6e08acc8f6"),
        created_at=datetime(2019, 2, 27, 3, 34, 46, tzinfo=UTC),
        completed_at=datetime(2019, 2, 27, 3, 40, 51, tzinfo=UTC),
        output=Output(
            job_id=first.id,
            format="mp4",
            width=544,
            height=960,
            fps=30.0,
            bitrate=749.0,
            duration=12.0,
            file_size=1144259,
            definition="LD",
            encryption="{}",
            watermark_ids=("af2afe4761992c*****d947dae97337",),
        ),
        observation=SUMMARY,
    )
    assert second.output is not None
    assert second.output.encryption == '{"EncryptType":"AliyunVoDEncryption"}'
    assert second.output.watermark_ids == ()


def test_the_documented_list_is_read() -> None:
    """The page's own sample: a misspelt status, and a completion time on a task that is processing."""
    page = VideoPage(video_id="d4860fcc6a5*****bce9fed52e893824")
    found = translate.tasks_of_video([page], sample("vod", "ListTranscodeTask"), LIST)[page]
    assert isinstance(found, TaskPage)
    assert [(task.provider_status, task.status) for task in found.tasks] == [
        ("Processing", Status.RUNNING),
        ("CompeleteAllSucc", Status.SUCCEEDED),
    ]
    first = found.tasks[0]
    assert (first.provider_id, first.trigger) == ("b1b65ab107*****ba3dbb900f6c1fe0", None)
    assert first.completed_at == datetime(2019, 1, 23, 12, 40, 12, tzinfo=UTC)
    assert (first.jobs, first.inputs, first.progress) == (UNSET, UNSET, UNSET)
    assert (found.next_page, found.total_count, found.garbled) == (None, None, 0)


def test_a_task_has_one_identity_in_every_operation() -> None:
    """Summary, list and detail name the same task and, where they tell of them, the same jobs."""
    fields = {"TranscodeTemplateGroupId": "g", "CreationTime": "2019-01-23T12:35:12Z"}
    jobs = [{"TranscodeTemplateId": template} for template in ("a", "b", "a")]
    one = summary(TranscodeJobInfoSummaryList=jobs, **fields)
    other = detail(TranscodeJobInfoList=jobs, TranscodeTaskId="t", **fields)
    [entry] = listed({"VideoId": "v", "TranscodeTaskId": "t", **fields}).tasks
    assert one.id == other.id == entry.id
    assert isinstance(one.jobs, tuple)
    assert isinstance(other.jobs, tuple)
    assert [job.id for job in one.jobs] == [job.id for job in other.jobs]
    labels = [ref.label for job in one.jobs if isinstance(ref := decode(job.id), JobRef)]
    assert labels == ["a/0", "b/0", "a/1"]
    assert [job.output.job_id for job in one.jobs if job.output] == [job.id for job in one.jobs]


def test_a_job_asked_for_by_its_own_id_is_its_id() -> None:
    """GetTranscodeTask by JobIds says nothing of the job's task."""
    assert job().id == encode(JobRef(provider=Provider.VOD, provider_id="j"))


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Processing", Status.RUNNING),
        ("Partial", Status.RUNNING),
        ("CompleteAllSucc", Status.SUCCEEDED),
        ("CompeleteAllSucc", Status.SUCCEEDED),
        ("CompleteAllFail", Status.FAILED),
        ("CompletePartialSucc", Status.PARTIAL),
        ("CompleteAllSucc\n", Status.SUCCEEDED),
        ("Paused", Status.UNKNOWN),
        (None, Status.UNKNOWN),
    ],
)
def test_a_tasks_status_is_translated_and_kept(word: str | None, status: Status) -> None:
    """Partial is a task that still works; a new word is unknown and not an end."""
    task = summary(TranscodeStatus=word)
    assert (task.status, task.provider_status) == (status, word and word.strip())


def test_status_of_task_and_jobs_are_as_given() -> None:
    """The documented sample pairs a successful task with a failed job."""
    task = detail(
        TaskStatus="CompleteAllSucc", TranscodeJobInfoList=[{"TranscodeJobStatus": "TranscodeFail"}]
    )
    assert isinstance(task.jobs, tuple)
    assert (task.status, task.jobs[0].status) == (Status.SUCCEEDED, Status.FAILED)


@pytest.mark.parametrize(
    ("word", "trigger"), [("Auto", Trigger.AUTO), ("Manual", Trigger.MANUAL), ("Cron", Trigger.UNKNOWN)]
)
def test_a_trigger_is_read_where_it_is_sent(word: str, trigger: Trigger) -> None:
    """Older summaries tell it, the current ones leave it to other operations."""
    assert summary(Trigger=word).trigger is trigger
    assert summary().trigger is UNSET
    assert detail().trigger is None


def test_progress_is_the_mean_of_the_jobs() -> None:
    """Rounded down, of those that tell theirs; without any it is unknown."""
    progress = [{"TranscodeProgress": 100}, {"TranscodeProgress": "33"}, {}]
    assert summary(TranscodeJobInfoSummaryList=progress).progress == 66
    assert detail(TranscodeJobInfoList=[]).progress is None


def test_zeros_of_a_failed_job_are_placeholders() -> None:
    """The documented failed job: FinishTime, zeros in every spelling, and an address that never was."""
    failed = job(
        TranscodeJobStatus="TranscodeFail",
        TranscodeProgress=20,
        FinishTime="2019-01-23T12:40:12Z",
        ErrorCode="InvalidParameter.NullValue",
        ErrorMessage="The specified parameter is empty.",
        OutputFile={
            "OutputFileUrl": "http://bucket.example.com/{DestMd5}/a.mp4",
            "Filesize": 0,
            "Bitrate": "0",
            "Duration": "0",
            "Fps": "0",
            "Width": "0",
            "Height": "0",
            "VideoStreamList": "[]",
        },
    )
    assert failed.output == Output(
        job_id=failed.id, url=None, video_streams=(), audio_streams=(), subtitle_streams=()
    )
    assert (failed.progress, failed.completed_at) == (20, datetime(2019, 1, 23, 12, 40, 12, tzinfo=UTC))
    assert failed.error == Problem(
        code="InvalidParameter.NullValue", message="The specified parameter is empty."
    )
    assert output(Width="0").width == 0


def test_a_size_is_read_under_either_name() -> None:
    """The table says FileSize, the wire Filesize; sizes outgrow 32 bits."""
    assert output(Filesize=8_589_934_592).file_size == 8_589_934_592
    assert output(FileSize="12").file_size == 12


def test_streams_are_read_from_json_in_text() -> None:
    """Every value in them is text."""
    streams = output(
        VideoStreamList='[{"Index":"0","Bitrate":"933.814","HasBFrames":"2"}]',
        AudioStreamList='[{"Index":"1","Samplerate":"44100","Lang":"und"}]',
        SubtitleStreamList="",
    )
    assert isinstance(streams.video_streams, tuple)
    assert isinstance(streams.audio_streams, tuple)
    assert (streams.video_streams[0].bitrate, streams.video_streams[0].b_frames) == (933.814, 2)
    assert (streams.audio_streams[0].sample_rate, streams.audio_streams[0].language) == (44100, "und")
    assert streams.subtitle_streams == ()


def test_a_summary_leaves_open_what_it_does_not_report() -> None:
    """So that the graph knows to ask another operation."""
    task = summary(TranscodeJobInfoSummaryList=[{}])
    assert isinstance(task.jobs, tuple)
    [found] = task.jobs
    assert found.output is not None
    assert {found.provider_id, found.priority, found.input, found.output.url} == {UNSET}
    assert {found.output.video_streams, found.output.audio_streams, found.output.subtitle_streams} == {UNSET}


def test_a_tasks_inputs_are_those_of_its_jobs_without_repetition() -> None:
    """Usually there is one source for all renditions."""
    jobs = [{"InputFileUrl": url} for url in ("http://a", "http://a", "http://b", None)]
    task = detail(TranscodeJobInfoList=jobs)
    assert task.inputs == (Input(url="http://a"), Input(url="http://b"))
    assert isinstance(task.jobs, tuple)
    assert task.jobs[-1].input is None


def test_a_value_that_does_not_fit_costs_its_field_alone() -> None:
    """The field is None with a misfit on its record; everything around it stays."""
    found = job(OutputFile={"Width": "wide", "Filesize": {}, "Height": "960"}, Priority=[], **DONE)
    assert (found.priority, found.misfits) == (None, (misfit("priority", "an integer"),))
    assert found.output is not None
    assert (found.output.width, found.output.file_size, found.output.height) == (None, None, 960)
    assert {misfit.field for misfit in found.output.misfits} == {"width", "file_size"}


@pytest.mark.parametrize("value", [5, "text", [5], [[]]])
def test_jobs_that_do_not_fit_are_a_misfit_of_the_task(value: object) -> None:
    """The task itself is still told."""
    task = detail(TranscodeJobInfoList=value, TaskStatus="Processing")
    assert (task.status, task.jobs) == (Status.RUNNING, ())
    assert task.misfits == (misfit("jobs", "a list"),)


def test_a_video_in_neither_list_has_never_been_transcoded() -> None:
    """The provider knows it and has nothing to tell."""
    found = translate.latest_by_video(["v"], b'{"RequestId":"r"}', SUMMARY)["v"]
    assert found == Video(id=encode(VideoRef(video_id="v")), video_id="v", latest_task=None)


def test_a_record_without_an_owner_garbles_only_videos_without_a_record() -> None:
    """It may be that of any of them; the others have theirs."""
    strays: list[Any] = [{}, {"VideoId": {}}, 5]
    for stray in strays:
        body = encoded(
            {"TranscodeSummaryList": [stray, {"VideoId": "known"}], "NonExistVideoIds": ["unknown"]}
        )
        outcomes = translate.latest_by_video(["known", "unknown", "lost"], body, SUMMARY)
        assert [type(outcomes[key]) for key in outcomes] == [Video, NotFound, Garbled]
        error = outcomes["lost"]
        assert isinstance(error, Garbled)
        assert (error.operation, error.request_id) == ("GetTranscodeSummary", "request")


def test_records_nobody_asked_for_are_ignored() -> None:
    """And of two records of one video the first counts."""
    records = [{"VideoId": "v", "TranscodeStatus": "Processing"}, {"VideoId": "v"}, {"VideoId": "other"}]
    body = encoded({"TranscodeSummaryList": records})
    outcomes = translate.latest_by_video(["v"], body, SUMMARY)
    assert list(outcomes) == ["v"]
    found = outcomes["v"]
    assert isinstance(found, Video)
    assert isinstance(found.latest_task, Task)
    assert found.latest_task.status is Status.RUNNING


def test_an_answer_without_a_task_knows_no_such_task() -> None:
    """Null is "no"; something else than a task is garbled."""
    assert isinstance(translate.task_by_id(["t"], b"{}", TASK)["t"], NotFound)
    assert isinstance(translate.task_by_id(["t"], b'{"TranscodeTask":5}', TASK)["t"], Garbled)
    assert isinstance(translate.task_by_id(["t"], b'{"TranscodeTask":{}}', TASK)["t"], Garbled)
    with pytest.raises(Garbled):
        translate.task_by_id(["t"], b"[]", TASK)


def test_a_job_in_neither_list_is_unknown() -> None:
    """Unless a record lost its name, which may be the job's."""
    body = encoded({"TranscodeJobInfoList": [5], "NonExistJobIds": ["a"]})
    outcomes = translate.jobs_by_id(["a", "b"], body, TASK)
    assert [type(outcomes[key]) for key in "ab"] == [NotFound, Garbled]
    assert isinstance(translate.jobs_by_id(["a"], b"{}", TASK)["a"], NotFound)


def test_a_bad_record_of_a_list_is_counted() -> None:
    """Its neighbours are told, and the page does not end early for it."""
    page = listed({"VideoId": "v"}, 5, {}, size=3)
    assert (len(page.tasks), page.garbled, page.next_page) == (1, 2, "2")


def test_a_list_that_is_none_is_garbled() -> None:
    """There is no telling how many records it has."""
    page = VideoPage(video_id="v")
    outcomes = translate.tasks_of_video([page], b'{"TranscodeTaskList":5}', LIST)
    assert isinstance(outcomes[page], Garbled)


def test_a_page_that_is_not_full_is_the_last() -> None:
    """There is no total and no token."""
    record = {"VideoId": "v"}
    assert listed(record, record, size=2, page="7").next_page == "8"
    assert listed(record, size=2).next_page is None
    assert listed().next_page is None
    assert listed(*[record] * 50, size=100).next_page == "2"


def test_lists_may_be_wrapped() -> None:
    """As older generated SDKs decode them."""
    body = encoded({"TranscodeTaskList": {"TranscodeTask": [{"VideoId": "v"}]}})
    page = VideoPage(video_id="v")
    found = translate.tasks_of_video([page], body, LIST)[page]
    assert isinstance(found, TaskPage)
    assert len(found.tasks) == 1
    body = encoded({"NonExistVideoIds": {"VideoId": ["v"]}})
    assert isinstance(translate.latest_by_video(["v"], body, SUMMARY)["v"], NotFound)


def test_the_observation_is_that_of_the_call() -> None:
    """Task and jobs say when and by which call they were seen."""
    task = detail(TranscodeJobInfoList=[{}])
    assert isinstance(task.jobs, tuple)
    assert {task.observation, task.jobs[0].observation} == {TASK}
    assert task.observation.at == NOW
