"""ApsaraVideo VOD 2017-03-21: ListTranscodeTask, GetTranscodeSummary, GetTranscodeTask.

What is asked and what is refused; how a task is written, with all its oddities, is in ``vod_task.py``.
"""

from collections.abc import Mapping
from random import Random
from typing import Any, Final

from gateway.sandbox.alibaba import AlibabaFace, Operation
from gateway.sandbox.choices import Choices
from gateway.sandbox.credentials import Keyring
from gateway.sandbox.face import Listing
from gateway.sandbox.messages import RefusalError
from gateway.sandbox.parameters import MOST_IDS, identifiers, missing, whole, window
from gateway.sandbox.videos import TOTAL, Task, TaskState
from gateway.sandbox.vod_task import TaskPages
from gateway.sandbox.world import World

MOST_PER_PAGE: Final = 50
LAST_PAGE: Final = 100_000
LISTED_AS: Final[Mapping[TaskState, str]] = {"processing": "running", "partly done": "running"}


class Vod(AlibabaFace):
    """VOD as its clients see it."""

    provider = "VOD"
    product = "vod"
    version = "2017-03-21"
    id_parameters = ("VideoId", "VideoIds", "TranscodeTaskId", "JobIds")

    def __init__(self, world: World, keys: Keyring, choices: Choices, entropy: Random) -> None:
        super().__init__(world, keys, entropy)
        self._choices = choices
        self._pages = TaskPages(world)

    def _offer(self) -> Mapping[str, Operation]:
        return {
            "GetTranscodeSummary": self._summaries,
            "ListTranscodeTask": self._list,
            "GetTranscodeTask": self._task,
        }

    def listings(self, limit: int) -> Mapping[str, Listing]:
        """List video, task and job ids by the state of the video's latest task, the steadiest first."""
        now, videos = self.world.now(), self.world.videos
        found: dict[str, list[tuple[float, Task]]] = {
            "running": [],
            "succeeded": [],
            "failed": [],
            "partial": [],
        }
        never: list[str] = []
        for number in range(TOTAL):
            video = videos.video(number)
            task = videos.latest(video, now)
            if task is None:
                never.append(video.id)
                continue
            state = task.state(now)
            changes = task.finished if now < task.finished else task.created + video.period
            found[LISTED_AS.get(state, state)].append((changes, task))
        chosen = {
            state: [task for _, task in sorted(tasks, key=lambda each: -each[0])[:limit]]
            for state, tasks in found.items()
        }
        return {
            "vod": {state: [task.video.id for task in tasks] for state, tasks in chosen.items()}
            | {"never": never[:limit]},
            "vod_tasks": {state: [videos.task_id(task) for task in tasks] for state, tasks in chosen.items()},
            "vod_jobs": {
                state: [videos.job_id(task, job) for task in tasks for job in task.jobs][:limit]
                for state, tasks in chosen.items()
            },
        }

    def _summaries(self, parameters: Mapping[str, str]) -> dict[str, Any]:
        video_ids = identifiers(parameters.get("VideoIds", ""))
        if not video_ids:
            raise missing("VideoIds")
        if len(video_ids) > MOST_IDS:
            raise RefusalError(
                400, "VideoListExceededMax", "The number of video IDs exceeds the maximum of 10."
            )
        now, videos = self.world.now(), self.world.videos
        summaries, unknown = [], []
        for video_id in video_ids:
            video = videos.find(video_id)
            if video is None:
                unknown.append(video_id)
            # A video that exists and was never transcoded appears in neither list.
            elif task := videos.latest(video, now):
                summaries.append(self._pages.summary(task, now))
        return {"TranscodeSummaryList": summaries, "NonExistVideoIds": unknown}

    def _list(self, parameters: Mapping[str, str]) -> dict[str, Any]:
        if not parameters.get("VideoId"):
            raise missing("VideoId")
        since, until = window(parameters, "StartTime", "EndTime")
        page = whole(parameters, "PageNo", default=1, most=LAST_PAGE)
        size = whole(parameters, "PageSize", default=10, most=MOST_PER_PAGE)
        now, videos = self.world.now(), self.world.videos
        video = videos.find(parameters["VideoId"].strip())
        if video is None:
            if self._choices.vod_unknown_video == "empty":
                return {"TranscodeTaskList": []}
            raise RefusalError(404, "InvalidVideo.NotFound", "The video does not exist.")
        tasks = [
            task
            for task in videos.tasks(video, now)
            if (since is None or task.created >= since) and (until is None or task.created <= until)
        ]
        return {
            "TranscodeTaskList": [
                self._pages.entry(task, now) for task in tasks[(page - 1) * size : page * size]
            ]
        }

    def _task(self, parameters: Mapping[str, str]) -> dict[str, Any]:
        now, videos = self.world.now(), self.world.videos
        if task_id := parameters.get("TranscodeTaskId", "").strip():
            task = videos.find_task(task_id, now)
            if task is None:
                raise RefusalError(404, "NoSuchResource", f"The specified resource {task_id} does not exist.")
            jobs = [self._pages.job(task, job, now) for job in task.jobs]
            return {"TranscodeTask": {**self._pages.entry(task, now), "TranscodeJobInfoList": jobs}}
        job_ids = identifiers(parameters.get("JobIds", ""))
        if not job_ids:
            raise RefusalError(400, "MissingParameter", "TranscodeTaskId or JobIds is required.")
        if len(job_ids) > MOST_IDS:
            raise RefusalError(400, "JobIdsExceededMax", "The number of job IDs exceeds the maximum of 10.")
        found = {job_id: videos.find_job(job_id, now) for job_id in job_ids}
        return {
            "TranscodeJobInfoList": [self._pages.job(*pair, now) for pair in found.values() if pair],
            "NonExistJobIds": [job_id for job_id, pair in found.items() if pair is None],
        }
