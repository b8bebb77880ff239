"""One Visionular task as the wire shows it, in either generation's names."""

from collections.abc import Mapping
from functools import lru_cache
from time import gmtime, strftime
from typing import Any, Final

from gateway.sandbox.catalog import FHD, HD, LD, SD
from gateway.sandbox.ids import hexadecimal
from gateway.sandbox.timeline import State, Work
from gateway.sandbox.world import World

STATUS_2021: Final[Mapping[str, State]] = {
    "pending": "queued",
    "downloading": "running",
    "running": "running",
    "uploading": "running",
    "success": "succeeded",
    "fail": "failed",
}
LATER: Final = {"success": "succeeded", "fail": "failed"}  # the later generation's words
DOWNLOADED, ENCODED = 10, 90  # percent at which a running task goes from one status to the next
ERRORS: Final = ((2001, "upload fail"), (2002, "download fail"), (2003, "transcode fail"))
PLACEHOLDER: Final = 946_684_800  # 2000-01-01, which some unfinished tasks show as their end
TEMPLATES: Final = (LD, SD, HD, FHD)
SERVER_TIME: Final = 8 * 3600  # the ids' first part is the server's local time, UTC+8
TAIL_DIGITS, TAIL_BITS = 12, 48
BUCKET: Final = "cloudhub"
VALID_FOR: Final = 3600  # seconds a signed URL lasts


class TaskPages:
    """Writes tasks, as list_task and as query_task show them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.task_id = lru_cache(maxsize=4096)(self._task_id)

    def _task_id(self, number: int) -> str:
        """Make a task's id: 14 digits of time, 6 digits, 12 hexadecimal digits that hold its number."""
        created = self._world.encodings.work(number).created
        time = strftime("%Y%m%d%H%M%S", gmtime(created + SERVER_TIME))
        digits = self._world.dice.roll("visionular digits", number) % 10**6
        return f"{time}{digits:06d}{self._world.cipher.permute(number, TAIL_BITS):012x}"

    def status(self, number: int, *, later: bool = False) -> str:
        """Say what a task is doing, in the generation's word."""
        now = self._world.now()
        work = self._world.encodings.work(number)
        state = work.state(now)
        if state == "running":
            progress = work.progress(now)
            return (
                "downloading" if progress < DOWNLOADED else "running" if progress < ENCODED else "uploading"
            )
        word = {"queued": "pending", "succeeded": "success"}.get(state, "fail")
        return LATER.get(word, word) if later else word

    def listed(self, number: int, *, later: bool) -> dict[str, Any]:
        """Write a task as list_task shows it."""
        return self._later(number) if later else self._of_2021(number, "Succeeded")

    def queried(self, number: int, *, later: bool) -> dict[str, Any]:
        """Write a task as query_task shows it: the same, but for the word for success."""
        return self._later(number) if later else self._of_2021(number, "success")

    def result(self, number: int) -> dict[str, Any]:
        """Write an ended task as the webhook shows it: few members, in the later generation's names."""
        work = self._world.encodings.work(number)
        code, message = self._result(work, work.finished, "success")
        result: dict[str, Any] = {"task_id": self.task_id(number)}
        if work.outcome != "succeeded":
            return result | {"status": "failed", "error_code": code, "error_msg": message}
        places = self._places(work, work.finished)
        return result | {
            "input": places["input"],
            "output": places["output"],
            "format": "mp4",
            "status": "succeeded",
            "duration": self._duration(number),
            "spend_time": float(work.finished - work.started),
        }

    def _of_2021(self, number: int, good: str) -> dict[str, Any]:
        work, now = self._world.encodings.work(number), self._world.now()
        code, message = self._result(work, now, good)
        finished = work.finished
        if now < finished:
            finished = PLACEHOLDER if self._world.dice.chance(30, "placeholder", number) else 0
        return self._places(work, now) | {
            "create_time": work.created,
            "finish_time": finished,
            "src_bitrate": self._source_bitrate(number),
            "dst_bitrate": self._output_bitrate(work, now),
            "err_code": code,
            "err_message": message,
            "status": self.status(number),
        }

    def _later(self, number: int) -> dict[str, Any]:
        work, now = self._world.encodings.work(number), self._world.now()
        code, message = self._result(work, now, "success")
        done = work.state(now) == "succeeded"
        duration = self._duration(number)
        return self._places(work, now) | {
            "created_time": work.created,
            "started_time": work.started if now >= work.started else 0,
            "finished_time": work.finished if now >= work.finished else 0,
            "source_bitrate": self._source_bitrate(number),
            "output_bitrate": self._output_bitrate(work, now),
            "code": code,
            "message": message,
            "status": self.status(number, later=True),
            "progress": work.progress(now),
            "duration": duration,
            "source_size": int(self._source_bitrate(number) * 125 * duration),
            "output_size": int(self._output_bitrate(work, now) * 125 * duration),
            "spend_time": work.finished - work.started if done else 0,
            "format": "mp4",
            "video_codec": "h264",
            "audio_codec": "aac",
            "storage_id": "sandbox-storage",
            "custom_info": "",
        }

    def _places(self, work: Work, now: float) -> dict[str, Any]:
        dice, number = self._world.dice, work.number
        template = TEMPLATES[number % len(TEMPLATES)]
        name = dice.name("visionular source", number)
        objkey = f"output/{name}.mp4"
        url = ""
        if work.state(now) == "succeeded":
            # Signed anew for every hour, so that the URL stays the same within one.
            expires = (int(now) // VALID_FOR + 2) * VALID_FOR
            signature = dice.name("signed url", number, expires)[:27]
            host = f"https://{BUCKET}.oss-cn-zhangjiakou.aliyuncs.com"
            url = f"{host}/{objkey}?Expires={expires}&OSSAccessKeyId=sandbox&Signature={signature}%3D"
        by_s3 = number % 3 == 0
        return {
            "task_id": self.task_id(number),
            "bucket": BUCKET,
            "objkey": objkey,
            "region": "cn-zhangjiakou",
            "region_type": "oss",
            "input": f"s3://sources/{name}.mp4" if by_s3 else f"https://sources.example.com/{name}.mp4",
            "input_url": f"https://sources.example.com/{name}.mp4",
            "output": f"oss://{BUCKET}/{objkey}",
            "output_url": url,
            "template_id": dice.name("visionular template", template.definition),
            "template_name": f"MP4_h264_{template.height}p",
        }

    def _result(self, work: Work, now: float, good: str) -> tuple[int, str]:
        state = work.state(now)
        if state == "failed":
            return self._world.dice.pick(ERRORS, "visionular error", work.number)
        return (0, good) if state == "succeeded" else (0, "")

    def _duration(self, number: int) -> float:
        return 20 + self._world.dice.roll("visionular duration", number) % 900_000 / 100

    def _source_bitrate(self, number: int) -> float:
        return 2000 + self._world.dice.roll("visionular bitrate", number) % 900_000 / 100

    def _output_bitrate(self, work: Work, now: float) -> float:
        if work.state(now) != "succeeded":
            return 0.0
        return TEMPLATES[work.number % len(TEMPLATES)].bitrate * 0.97 + 0.01


def task_id_number(world: World, task_id: str) -> int | None:
    """Read the number in a task id; None if no visible task has it. The rest of the id is not compared."""
    tail = hexadecimal(task_id[-TAIL_DIGITS:], TAIL_DIGITS)
    if tail is None:
        return None
    number = world.cipher.restore(tail, TAIL_BITS)
    return number if number in world.encodings.numbers(world.now()) else None
