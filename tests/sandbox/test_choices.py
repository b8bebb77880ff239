"""The answers where the documents are silent: either can be had."""

import math

from gateway.sandbox.app import create_app
from gateway.sandbox.choices import Choices

from .clients import Caller, Clock


async def test_other_answers(clock: Clock) -> None:
    """Every choice shows in an answer."""
    choices = Choices(
        vod_unknown_video="empty", ims_throttling="RequestsTooFrequent", visionular_empty_window="null"
    )
    app = create_app(now=clock, quota=math.inf, quotas={"GetMediaConvertJob": 0}, choices=choices)
    async with Caller(app) as caller:
        listed = await caller.vod("ListTranscodeTask", VideoId="unknown")
        assert (listed.status_code, listed.json()["TranscodeTaskList"]) == (200, [])
        throttled = await caller.ims("GetMediaConvertJob", JobId="any")
        assert (throttled.status_code, throttled.json()["Code"]) == (403, "RequestsTooFrequent")
        window = await caller.visionular("/api/list_task", start_time=1, end_time=2)
        assert window.json() == {"code": 0, "data": None, "msg": "success"}


async def test_usual_answers(caller: Caller) -> None:
    """Unless told otherwise an unknown video is an error, and an empty window an empty list."""
    listed = await caller.vod("ListTranscodeTask", VideoId="unknown")
    assert (listed.status_code, listed.json()["Code"]) == (404, "InvalidVideo.NotFound")
    window = await caller.visionular("/api/list_task", start_time=1, end_time=2)
    assert window.json()["data"] == {"list": [], "num": 0, "total": 0}
