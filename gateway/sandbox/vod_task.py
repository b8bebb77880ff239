"""One VOD task as the wire shows it: listed, summarised, and in full.

The wire has its own habits, all of them from the documents' tables and samples: numbers are decimal strings
except ``Filesize`` and ``TranscodeProgress``; a status is sometimes misspelt; a failed job carries
``FinishTime`` where others have ``CompleteTime``, and an output full of zeros; lists of streams are JSON in a
string.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import msgspec

from gateway.sandbox.catalog import Template
from gateway.sandbox.messages import iso
from gateway.sandbox.timeline import State, Work
from gateway.sandbox.videos import TOTAL, Task, TaskState
from gateway.sandbox.world import World

ENCRYPTION: Final = '{"EncryptType":"AliyunVoDEncryption"}'
STATUS: Final[Mapping[TaskState, str]] = {
    "processing": "Processing",
    "partly done": "Partial",
    "succeeded": "CompleteAllSucc",
    "failed": "CompleteAllFail",
    "partial": "CompletePartialSucc",
}
ERRORS: Final = (
    ("InvalidParameter.ResourceContentBad", "The resource operated InputFile is bad"),
    ("TranscodeTimeout", "The transcoding of the job timed out"),
    ("InternalError", "The request processing has failed due to some unknown error"),
)
NOTHING: Final = Template("", "", 0, 0, 0, 0)  # what came out of a failed job


class TaskPages:
    """Writes tasks and jobs.

    Summaries are what benchmarks ask for by the thousand, so their parts are remembered, already encoded:
    what a job shows depends on its state and progress alone.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._head = lru_cache(maxsize=2 * TOTAL)(self._write_head)
        self._job_summary = lru_cache(maxsize=8 * TOTAL)(self._write_job_summary)

    def summary(self, task: Task, now: float) -> dict[str, Any]:
        """Write a task as GetTranscodeSummary shows it: without its id, its jobs without theirs."""
        jobs = [self._job_summary(task, job, job.state(now), job.progress(now)) for job in task.jobs]
        return {**self._head(task, task.state(now)), "TranscodeJobInfoSummaryList": jobs}

    def entry(self, task: Task, now: float) -> dict[str, Any]:
        """Write a task as ListTranscodeTask shows it: without jobs."""
        head = self._head(task, task.state(now))
        status = head["TranscodeStatus"]
        entry = {
            "TranscodeTaskId": self._world.videos.task_id(task),
            "TaskStatus": status,
            **{name: value for name, value in head.items() if name != "TranscodeStatus"},
        }
        if self._odd("Trigger", task, 80):
            entry["Trigger"] = "Manual" if self._odd("Manual", task, 40) else "Auto"
        return entry

    def job(self, task: Task, job: Work, now: float) -> dict[str, Any]:
        """Write a job as GetTranscodeTask shows it."""
        template, state = task.video.templates[job.number], job.state(now)
        job_id = self._world.videos.job_id(task, job)
        info = self._progress(task, job, state, job.progress(now)) | {
            "TranscodeJobId": job_id,
            "InputFileUrl": f"http://in-sandbox.oss-cn-shanghai.aliyuncs.com/{task.video.id}/source.mp4",
            "Priority": "6",
        }
        output: dict[str, Any] = {"Encryption": ENCRYPTION if template.encrypted else "{}"}
        folder = f"http://out-sandbox.oss-cn-shanghai.aliyuncs.com/{task.video.id}"
        if state == "failed":
            info["FinishTime"] = iso(job.finished)
            output["OutputFileUrl"] = f"{folder}/{job_id}-{{DestMd5}}.{template.format}"
        else:
            output["Format"] = template.format
        if state == "succeeded":
            info["CompleteTime"] = iso(job.finished)
            output["OutputFileUrl"] = f"{folder}/{job_id}.{template.format}"
        if now >= job.finished:
            output |= self._measures(task, job) | self._streams(task, job)
        if template.watermarked:
            output["WatermarkIdList"] = [self._watermark_id(template)]
        info["OutputFile"] = output
        return info

    def event(self, task: Task, now: float) -> dict[str, Any]:
        """Write the notification that a task has ended: it names the video and its streams, not the task."""
        streams = []
        for job in task.jobs:
            template, good = task.video.templates[job.number], job.outcome == "succeeded"
            measures = self._measures(task, job)
            stream = {
                "Status": "success" if good else "fail",
                "JobId": self._world.videos.job_id(task, job),
                # As the documents describe it, with the kind of template behind it.
                "Definition": f"{template.definition}-{template.format.upper()}",
                "Format": template.format,
                "Encrypt": template.encrypted,
                "StartTime": iso(job.started),
                "FinishTime": iso(job.finished),
            }
            if good:
                numbers = {name: int(measures[name]) for name in ("Width", "Height", "Duration")}
                size = {"Size": measures["Filesize"], "Bitrate": measures["Bitrate"], "Fps": measures["Fps"]}
                stream |= numbers | size
            else:
                info = self._progress(task, job, "failed", job.stops_at)
                stream |= {name: info[name] for name in ("ErrorCode", "ErrorMessage")}
            streams.append(stream)
        return {
            "EventTime": iso(int(now)),
            "EventType": "TranscodeComplete",
            "VideoId": task.video.id,
            "Status": "success" if any(job.outcome == "succeeded" for job in task.jobs) else "fail",
            "StreamInfos": streams,
        }

    def _write_head(self, task: Task, state: TaskState) -> dict[str, str]:
        status = STATUS[state]
        if state == "succeeded" and self._odd("misspelt", task, 15):
            status = "CompeleteAllSucc"
        head = {
            "VideoId": task.video.id,
            "TranscodeStatus": status,
            "TranscodeTemplateGroupId": self._world.dice.name("template group", task.video.group),
            "CreationTime": iso(task.created),
        }
        if state not in {"processing", "partly done"}:
            head["CompleteTime"] = iso(task.finished)
        elif self._odd("early CompleteTime", task, 10):
            # The documented sample has a CompleteTime on a task that is still Processing.
            head["CompleteTime"] = iso(task.created + 300)
        return head

    def _write_job_summary(self, task: Task, job: Work, state: State, progress: int) -> msgspec.Raw:
        template = task.video.templates[job.number]
        summary = self._progress(task, job, state, progress) | {
            "Format": template.format,
            "Encryption": ENCRYPTION if template.encrypted else "{}",
        }
        if state in {"succeeded", "failed"}:
            summary["CompleteTime"] = iso(job.finished)
            summary |= self._measures(task, job)
        if template.watermarked:
            summary["WatermarkIdList"] = [self._watermark_id(template)]
        return msgspec.Raw(msgspec.json.encode(summary))

    def _progress(self, task: Task, job: Work, state: State, progress: int) -> dict[str, Any]:
        template = task.video.templates[job.number]
        info: dict[str, Any] = {
            "TranscodeTemplateId": self._world.dice.name("template", repr(template)),
            "Definition": template.definition,
            "CreationTime": iso(job.created),
            "TranscodeProgress": progress,
            "TranscodeJobStatus": "TranscodeSuccess" if state == "succeeded" else "Transcoding",
        }
        if state == "failed":
            about = ("error", task.video.number, task.generation, job.number)
            code, message = self._world.dice.pick(ERRORS, *about)
            info |= {"TranscodeJobStatus": "TranscodeFail", "ErrorCode": code, "ErrorMessage": message}
        return info

    def _measures(self, task: Task, job: Work) -> dict[str, Any]:
        """Tell size and shape of an output; a failed one has them too, all zero."""
        template, video = task.video.templates[job.number], task.video
        if job.outcome == "failed":
            template = NOTHING
        width, height = (
            (template.height, template.width) if video.portrait else (template.width, template.height)
        )
        duration = video.duration if template.bitrate else 0
        bitrate = template.bitrate - template.bitrate * (video.number % 7) // 100
        return {
            "Width": str(width),
            "Height": str(height),
            "Fps": str(template.fps),
            "Bitrate": str(bitrate),
            "Duration": str(duration),
            "Filesize": bitrate * 1000 // 8 * duration,
        }

    def _streams(self, task: Task, job: Work) -> dict[str, str]:
        """Tell the streams of an output: JSON inside a string, and inside that every value a string again."""
        measures = self._measures(task, job)
        video, audio = [], []
        if measures["Width"] != "0":
            shape = {name: measures[name] for name in ("Width", "Height", "Duration")}
            fps, rate = f"{measures['Fps']}.0", f"{measures['Bitrate']}.814"
            video = [
                {"Index": "0", "CodecName": "h264", "Fps": fps, "Bitrate": rate, "PixFmt": "yuv420p"} | shape
            ]
        if measures["Bitrate"] != "0":
            sound = {
                "Samplerate": "44100",
                "Channels": "2",
                "Bitrate": "64.5",
                "Duration": measures["Duration"],
            }
            audio = [{"Index": str(len(video)), "CodecName": "aac"} | sound]
        subtitles = [{"Index": "2", "Lang": "zh"}] if video and task.video.number % 5 == 0 else []
        return {
            "VideoStreamList": msgspec.json.encode(video).decode(),
            "AudioStreamList": msgspec.json.encode(audio).decode(),
            "SubtitleStreamList": msgspec.json.encode(subtitles).decode(),
        }

    def _watermark_id(self, template: Template) -> str:
        return self._world.dice.name("watermark", template.definition)

    def _odd(self, what: str, task: Task, percent: int) -> bool:
        return self._world.dice.chance(percent, what, task.video.number, task.generation)
