"""One IMS job as the wire shows it: its configuration, its outputs and output groups."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from gateway.sandbox.catalog import FHD, HD, HLS_HD, HLS_LD, HLS_SD, LD, SD, Template
from gateway.sandbox.ims_file import OutputFile, describe
from gateway.sandbox.messages import iso
from gateway.sandbox.timeline import State, Work
from gateway.sandbox.videos import LIVELY, QUIET
from gateway.sandbox.world import World

OLDER: Final[Mapping[State, str]] = {
    "queued": "Inited",
    "running": "Running",
    "succeeded": "Success",
    "failed": "Failed",
    "cancelled": "Cancelled",
}
NEWER: Final[Mapping[State, str]] = {**OLDER, "succeeded": "Complete", "failed": "Error"}
# An output that waits is Init, then Scheduled; only an output group has a Running of its own.
OUTPUT: Final[Mapping[State, str]] = {
    "queued": "Init",
    "running": "Scheduled",
    "succeeded": "Success",
    "failed": "Failed",
    "cancelled": "Skipped",
}
GROUP: Final[Mapping[State, str]] = {**OUTPUT, "running": "Running"}
SINGLES: Final[tuple[tuple[Template, ...], ...]] = ((HD,), (SD, HD), (LD, SD, FHD), ())
GROUPED: Final = (HLS_LD, HLS_SD, HLS_HD)
BUCKET: Final = "sandbox-bucket"
ERROR: Final = ("InvalidParameter.ResourceContentBad", "The resource operated InputFile is bad")


class JobPages:
    """Writes jobs: whole for GetMediaConvertJob, without results for ListMediaConvertJobs.

    What a list shows of a job depends on its state alone, and lists of a hundred are read again and again: so
    it is remembered.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._brief = lru_cache(maxsize=2048)(self._write_brief)

    def brief(self, number: int, job_id: str) -> Mapping[str, Any]:
        """Write a job as a list shows it: without details and Percent."""
        work = self._world.conversions.work(number)
        return self._brief(job_id, work, work.state(self._world.now()))

    def full(self, number: int, job_id: str) -> dict[str, Any]:
        """Write a job with everything known of it."""
        work, now = self._world.conversions.work(number), self._world.now()
        job = {**self.brief(number, job_id)}
        if not self._odd("no percent", work, 8):
            job["Percent"] = work.progress(now)
        job["OutputDetails"] = [
            self._detail(work, template, place, now) for place, template in enumerate(self._singles(work))
        ]
        if self._grouped(work):
            group = self._result(work, "hls-group", GROUP[work.state(now)], 9, now)
            group["Outputs"] = [
                self._detail(work, template, 10 + place, now) for place, template in enumerate(GROUPED)
            ]
            job["OutputGroupDetails"] = [group]
        return job

    def _write_brief(self, job_id: str, work: Work, state: State) -> dict[str, Any]:
        job: dict[str, Any] = {
            "JobId": job_id,
            "RequestId": self._name("request", work).upper(),
            "ClientToken": self._name("client", work) + ("  " if self._odd("blanks", work, 30) else ""),
            "PipelineId": self._world.dice.name("pipeline", work.number % 3),
            "State": (NEWER if self._odd("newer", work, 30) else OLDER)[state],
            "Config": self._config(work),
        }
        if not self._odd("timeless", work, 8):
            job["CreateTime"] = iso(work.created)
            if state not in {"queued", "running"}:
                job["FinishTime"] = iso(work.finished) + ("\n" if self._odd("newline", work, 20) else "")
        if state == "failed" or (state == "succeeded" and self._odd("needless error", work, 5)):
            job["Code"], job["Message"] = ERROR
        user_data = self._user_data(work)
        if user_data is not None:
            job["UserData"] = user_data
        return job

    def _singles(self, work: Work) -> tuple[Template, ...]:
        return SINGLES[work.number % len(SINGLES)]

    def _grouped(self, work: Work) -> bool:
        return not self._singles(work) or self._odd("group too", work, 25)

    def _user_data(self, work: Work) -> dict[str, str] | str | None:
        """Say what the caller noted on the job: often its VOD video, as an object or as JSON text."""
        dice = self._world.dice
        video_id = self._world.videos.video(dice.roll("video", work.number) % (LIVELY + QUIET)).id
        kinds = (
            {"videoId": video_id},
            f'{{"videoId":"{video_id}"}}',
            "nightly batch, retry of yesterday",
            None,
        )
        return kinds[(0, 0, 1, 1, 1, 2, 3)[dice.roll("user data", work.number) % 7]]

    def _config(self, work: Work) -> dict[str, Any]:
        name = self._name("source", work)
        config: dict[str, Any] = {
            "JobName": f"convert-{work.number}",
            "Inputs": [{"Name": "InputVideo", "InputFile": self._file(f"in/{name}.mp4", "http")}],
        }
        if singles := self._singles(work):
            config["Outputs"] = [
                self._output(work, template)
                | {"OutputFile": self._file(self._path(work, place, template), "https")}
                for place, template in enumerate(singles)
            ]
        if self._grouped(work):
            config["OutputGroups"] = [
                {
                    "Name": "hls-group",
                    "GroupConfig": {
                        "Type": "Hls",
                        "ManifestName": "manifest",
                        "OutputFileBase": self._file(f"out/{name}/", "oss"),
                    },
                    "Outputs": [
                        self._output(work, template) | {"OutputFileName": f"{template.height}p.m3u8"}
                        for template in GROUPED
                    ],
                }
            ]
        return config

    def _output(self, work: Work, template: Template) -> dict[str, Any]:
        newline = "\n" if self._odd("newline", work, 20) else ""
        return {
            "Name": f"{template.height}P-{template.format}",
            "TemplateId": self._world.dice.name("ims template", repr(template)) + newline,
            "Priority": 6,
            "OverrideParams": {},
            # Declared as JSON text, shown as an object.
            "Features": "{}" if self._odd("newer", work, 30) else {},
        }

    def _file(self, path: str, scheme: str) -> dict[str, str]:
        host = BUCKET if scheme == "oss" else f"{BUCKET}.oss-cn-shanghai.aliyuncs.com"
        return {"Type": "OSS", "Media": f"{scheme}://{host}/{path}", "Url": ""}

    def _path(self, work: Work, place: int, template: Template) -> str:
        return f"out/{self._name('source', work)}/{place}.{template.format}"

    def _result(self, work: Work, name: str, status: str, place: int, now: float) -> dict[str, Any]:
        result: dict[str, Any] = {
            "Name": name,
            "TaskId": self._name("task", work, place),
            "Status": status,
            "CreateTime": iso(work.created),
        }
        if now >= work.finished:
            result["FinishTime"] = iso(work.finished) + ("\n" if self._odd("newline", work, 20) else "")
        if work.state(now) == "failed" or self._odd("needless error", work, 5):
            result["Code"], result["Message"] = f"{ERROR[0]}\n", f"{ERROR[1]}\n"
        return result

    def _detail(self, work: Work, template: Template, place: int, now: float) -> dict[str, Any]:
        detail = self._result(
            work, f"{template.height}P-{template.format}", OUTPUT[work.state(now)], place, now
        )
        if work.state(now) != "succeeded":
            return detail
        path = self._path(work, place, template)
        location = self._file(path, "oss")
        detail["Result"] = {
            "OutputFile": {**location, "Media": f"{location['Media']}\n", "Url": location["Media"]},
            "OutFileMeta": self._meta(work, template, path),
        }
        return detail

    def _meta(self, work: Work, template: Template, path: str) -> dict[str, Any]:
        # A few masters exceed 2^31 bytes.
        rate = template.bitrate * (10 if self._odd("master", work, 5) else 1) + 0.563
        file = OutputFile(
            url=f"http://{BUCKET}.oss-cn-shanghai.aliyuncs.com/{path}",
            media_id=self._name("media", work),
            duration=30 + self._world.dice.roll("duration", work.number) % 7200 + 0.039989,
            bitrate=rate,
            template=template,
        )
        return describe(file, as_strings=self._odd("strings", work, 40))

    def _name(self, what: str, work: Work, place: int = 0) -> str:
        return self._world.dice.name(f"ims {what}", work.number, place)

    def _odd(self, what: str, work: Work, percent: int) -> bool:
        return self._world.dice.chance(percent, f"ims {what}", work.number)
