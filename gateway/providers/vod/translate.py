"""ApsaraVideo VOD to records: every status, unit and oddity. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

import msgspec
from msgspec import UNSET

from gateway.domain.errors import GatewayError
from gateway.domain.identity import JobRef, TaskRef, encode, encode_tasks, encode_videos
from gateway.domain.provider import VideoPage
from gateway.domain.records import (
    AudioStream,
    Input,
    Job,
    Observation,
    Output,
    Problem,
    Provider,
    Status,
    SubtitleStream,
    Task,
    TaskPage,
    Template,
    Trigger,
    Video,
    VideoStream,
)
from gateway.providers.documented import nothing
from gateway.providers.outcomes import decoded, garbled, not_found, twin
from gateway.providers.scalars import floor_mean
from gateway.providers.vod import wire

TASK_STATUSES: Mapping[str | None, Status] = {
    "Processing": Status.RUNNING,
    "Partial": Status.RUNNING,  # some of its jobs are done
    "CompleteAllSucc": Status.SUCCEEDED,
    "CompeleteAllSucc": Status.SUCCEEDED,  # as the sample has spelled it since 2019
    "CompletePartialSucc": Status.PARTIAL,
    "CompleteAllFail": Status.FAILED,
}
JOB_STATUSES: Mapping[str | None, Status] = {
    "Transcoding": Status.RUNNING,
    "TranscodeSuccess": Status.SUCCEEDED,
    "TranscodeFail": Status.FAILED,
}
# An enumeration looks for a member each time it is named, which is some hundred times an answer.
_VOD, _UNKNOWN, _SUCCEEDED = Provider.VOD, Status.UNKNOWN, Status.SUCCEEDED
_TRIGGERS = {"Auto": Trigger.AUTO, "Manual": Trigger.MANUAL}
# What a failed job's address holds instead of the digest of a file that was never made.
_NEVER_MADE = "{DestMd5}"

_decode = partial(decoded, Provider.VOD)
_garbled = partial(garbled, Provider.VOD)
_not_found = partial(not_found, Provider.VOD)


def latest_by_video(
    video_ids: Sequence[str], body: bytes, observation: Observation
) -> dict[str, Video | GatewayError]:
    """Read GetTranscodeSummary; a video that is neither listed nor unknown has never been transcoded."""
    answer = _decode(body, wire.GetTranscodeSummary, observation)
    unknown = answer.non_exist_video_ids
    found: dict[str | None, wire.TranscodeSummary] = {}
    for summary in answer.transcode_summary_list:
        found.setdefault(summary.video_id, summary)
    # A record that does not say whose it is may be that of any video without one.
    strays = bool(answer.misfits) or None in found
    told = [found[video_id] for video_id in video_ids if video_id in found]
    tasks = {task.video_id: task for task in _summaries(told, observation)}
    source = observation.source
    outcomes: dict[str, Video | GatewayError] = {}
    for video_id, global_id in zip(video_ids, encode_videos(video_ids, source), strict=True):
        latest = tasks.get(video_id)
        if latest is None and video_id in unknown:
            outcomes[video_id] = _not_found()
        elif latest is None and strays:
            outcomes[video_id] = _garbled(observation)
        else:
            outcomes[video_id] = Video(id=global_id, video_id=video_id, source=source, latest_task=latest)
    return outcomes


def task_by_id(
    task_ids: Sequence[str], body: bytes, observation: Observation
) -> dict[str, Task | GatewayError]:
    """Read GetTranscodeTask, asked by TranscodeTaskId."""
    answer = _decode(body, wire.GetTranscodeTask, observation)
    found = answer.transcode_task
    if found is None:
        return {task_ids[0]: _garbled(observation) if answer.misfits else _not_found()}
    return {task_ids[0]: _task_in_detail(found, observation) or _garbled(observation)}


def jobs_by_id(
    job_ids: Sequence[str], body: bytes, observation: Observation
) -> dict[str, Job | GatewayError]:
    """Read GetTranscodeTask, asked by JobIds."""
    answer = _decode(body, wire.GetTranscodeTask, observation)
    found: dict[str | None, wire.TranscodeJob] = {}
    for job in answer.transcode_job_info_list:
        found.setdefault(job.transcode_job_id, job)
    strays = bool(answer.misfits) or None in found
    unknown = answer.non_exist_job_ids
    outcomes: dict[str, Job | GatewayError] = {}
    for job_id in job_ids:
        if job_id in found:
            ref = JobRef(provider=_VOD, provider_id=job_id, source=observation.source)
            outcomes[job_id] = _job_in_detail(found[job_id], encode(ref), observation)
        else:
            stray = strays and job_id not in unknown
            outcomes[job_id] = _garbled(observation) if stray else _not_found()
    return outcomes


def tasks_of_video(
    pages: Sequence[VideoPage], body: bytes, observation: Observation
) -> dict[VideoPage, TaskPage | GatewayError]:
    """Read ListTranscodeTask; the page that is not full is the last."""
    [page] = pages
    answer = _decode(body, wire.ListTranscodeTask, observation)
    found = answer.transcode_task_list
    if answer.misfits:
        return {page: _garbled(observation)}
    tasks = _tasks([part for part in found if part is not None], observation)
    return {
        page: TaskPage(
            tasks=tasks,
            garbled=len(found) - len(tasks),
            next_page=str(int(page.page or 1) + 1)
            if len(found) >= min(page.size, wire.MAX_PAGE_SIZE)
            else None,
        )
    }


def _tasks(raws: Iterable[wire.TranscodeTask], observation: Observation) -> tuple[Task, ...]:
    """Read tasks without their jobs, but for those that lack what identity is made of."""
    told = [(raw, ref) for raw in raws if (ref := _ref(raw, observation)).video_id is not None]
    ids = encode_tasks([(ref, ()) for _, ref in told])
    return tuple(
        [_task(raw, ref, task_id, observation) for (raw, ref), (task_id, _) in zip(told, ids, strict=True)]
    )


def _task(raw: wire.TranscodeTask, ref: TaskRef, task_id: str, observation: Observation) -> Task:
    word = raw.task_status
    trigger = raw.trigger
    return Task(
        id=task_id,
        provider=_VOD,
        provider_id=raw.transcode_task_id,
        status=TASK_STATUSES.get(word, _UNKNOWN),
        provider_status=word,
        trigger=None if trigger is None else _TRIGGERS.get(trigger, Trigger.UNKNOWN),
        video_id=ref.video_id,
        template_group_id=ref.template_group_id,
        created_at=ref.created_at,
        completed_at=raw.complete_time,
        observation=observation,
        misfits=raw.misfits,
    )


def _task_in_detail(raw: wire.TranscodeTask, observation: Observation) -> Task | None:
    """Read a task with its jobs; None where it lacks what identity is made of."""
    ref = _ref(raw, observation)
    if ref.video_id is None:
        return None
    raws = raw.transcode_job_info_list
    [(task_id, job_ids)] = encode_tasks([(ref, _labels(raws))])
    jobs = tuple(
        [_job_in_detail(part, job_id, observation) for part, job_id in zip(raws, job_ids, strict=True)]
    )
    return msgspec.structs.replace(
        _task(raw, ref, task_id, observation),
        progress=floor_mean([job.progress for job in jobs]),
        inputs=_inputs(jobs),
        jobs=jobs,
    )


def _summaries(raws: Sequence[wire.TranscodeSummary], observation: Observation) -> list[Task]:
    """Read the newest tasks of videos, with their jobs."""
    refs = [_ref(raw, observation) for raw in raws]
    jobs = [raw.transcode_job_info_summary_list for raw in raws]
    ids = encode_tasks(list(zip(refs, map(_labels, jobs), strict=True)))
    tasks = []
    for raw, ref, of_task, (task_id, job_ids) in zip(raws, refs, jobs, ids, strict=True):
        word = raw.transcode_status
        trigger = raw.trigger
        made = _jobs_in_summary(of_task, job_ids, observation)
        task = Task(
            id=task_id,
            provider=_VOD,
            status=TASK_STATUSES.get(word, _UNKNOWN),
            provider_status=word,
            progress=floor_mean([job.progress for job in made]),
            trigger=UNSET if trigger is None else _TRIGGERS.get(trigger, Trigger.UNKNOWN),
            video_id=ref.video_id,
            template_group_id=ref.template_group_id,
            created_at=ref.created_at,
            completed_at=raw.complete_time,
            jobs=made,
            observation=observation,
            misfits=raw.misfits,
        )
        tasks.append(task)
    return tasks


def _jobs_in_summary(
    raws: Sequence[wire.TranscodeJobSummary], job_ids: Sequence[str], observation: Observation
) -> tuple[Job, ...]:
    """Read jobs that come with their files."""
    jobs = []
    for raw, job_id in zip(raws, job_ids, strict=True):
        word = raw.transcode_job_status
        status = JOB_STATUSES.get(word, _UNKNOWN)
        template_id = raw.transcode_template_id
        code, message = raw.error_code, raw.error_message
        file = raw.apart()
        file_size = file.filesize
        output = Output(
            job_id=job_id,
            format=file.format,
            width=file.width,
            height=file.height,
            fps=file.fps,
            bitrate=file.bitrate,
            duration=file.duration,
            file_size=file.file_size if file_size is None else file_size,
            definition=file.definition,
            encryption=file.encryption,
            watermark_ids=file.watermark_id_list,
            misfits=file.misfits,
        )
        job = Job(
            id=job_id,
            provider=_VOD,
            status=status,
            provider_status=word,
            progress=raw.transcode_progress,
            template=Template(id=template_id) if template_id else None,
            created_at=raw.creation_time,
            completed_at=raw.complete_time or raw.finish_time,
            error=Problem(code=code, message=message) if code or message else None,
            output=output if status is _SUCCEEDED else _planned(output),
            observation=observation,
            misfits=raw.misfits,
        )
        jobs.append(job)
    return tuple(jobs)


def _ref(raw: wire.TranscodeTask | wire.TranscodeSummary, observation: Observation) -> TaskRef:
    return TaskRef(
        provider=_VOD,
        video_id=raw.video_id,
        template_group_id=raw.transcode_template_group_id,
        created_at=raw.creation_time,
        source=observation.source,
    )


def _labels(jobs: Sequence[wire.TranscodeJob | wire.TranscodeJobSummary]) -> list[str]:
    """Label each job by its template and its number among those with the same template."""
    labels = [f"{job.transcode_template_id or ''}/0" for job in jobs]
    # Nearly always each template is there once.
    return labels if len(set(labels)) == len(labels) else _numbered(labels)


def _numbered(labels: Sequence[str]) -> list[str]:
    seen: dict[str, int] = {}
    numbered = []
    for label in labels:
        number = seen[label] = seen.get(label, -1) + 1
        numbered.append(f"{label[:-1]}{number}")
    return numbered


def _inputs(jobs: Iterable[Job]) -> tuple[Input, ...]:
    return tuple(dict.fromkeys(job.input for job in jobs if isinstance(job.input, Input)))


def _job_in_detail(raw: wire.TranscodeJob, job_id: str, observation: Observation) -> Job:
    """Read a job with what only the costlier operation tells of it."""
    word = raw.transcode_job_status
    status = JOB_STATUSES.get(word, _UNKNOWN)
    template_id = raw.transcode_template_id
    code, message = raw.error_code, raw.error_message
    url = raw.input_file_url
    return Job(
        id=job_id,
        provider=_VOD,
        provider_id=raw.transcode_job_id,
        status=status,
        provider_status=word,
        progress=raw.transcode_progress,
        template=Template(id=template_id) if template_id else None,
        priority=raw.priority,
        created_at=raw.creation_time,
        completed_at=raw.complete_time or raw.finish_time,
        error=Problem(code=code, message=message) if code or message else None,
        input=Input(url=url) if url else None,
        output=_in_detail(raw.output_file, raw.apart(), job_id, made=status is _SUCCEEDED),
        observation=observation,
        misfits=raw.misfits,
    )


def _planned(output: Output) -> Output:
    """Leave out the zeros of a file that is not made: they are placeholders."""
    return msgspec.structs.replace(
        output,
        width=output.width or None,
        height=output.height or None,
        fps=output.fps or None,
        bitrate=output.bitrate or None,
        duration=output.duration or None,
        file_size=output.file_size or None,
    )


def _in_detail(
    raw: wire.OutputFile | None, job: wire.TranscodeJob, job_id: str, *, made: bool
) -> Output | None:
    """Read a job's file with what only the costlier operation tells of it; None where nothing is told."""
    definition = job.definition
    if raw is None:
        if definition is None and not job.misfits:
            return None
        raw = nothing(wire.OutputFile)
    file_size = raw.filesize
    output = Output(
        job_id=job_id,
        format=raw.format,
        width=raw.width,
        height=raw.height,
        fps=raw.fps,
        bitrate=raw.bitrate,
        duration=raw.duration,
        file_size=raw.file_size if file_size is None else file_size,
        definition=definition,
        encryption=raw.encryption,
        watermark_ids=raw.watermark_id_list,
        url=None if (url := raw.output_file_url) is None or _NEVER_MADE in url else url,
        video_streams=tuple(twin(VideoStream, stream) for stream in raw.video_stream_list),
        audio_streams=tuple(twin(AudioStream, stream) for stream in raw.audio_stream_list),
        subtitle_streams=tuple(twin(SubtitleStream, stream) for stream in raw.subtitle_stream_list),
        misfits=raw.misfits + job.misfits,
    )
    return output if made else _planned(output)
