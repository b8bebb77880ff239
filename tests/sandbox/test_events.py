"""Endings, and the bodies that tell of them."""

from __future__ import annotations

from gateway.sandbox.events import Ending, Endings
from gateway.sandbox.world import World

from .clients import START, Clock

MINUTES = 20 * 60


def endings(provider: str, seconds: int = MINUTES, step: float = 7.5) -> list[Ending]:
    """Return what ends at a provider while a clock moves on in steps."""
    clock = Clock()
    world = World(7, clock)
    happening = Endings(world, {provider}, START)
    found = []
    while clock.moment < START + seconds:
        clock.moment += step
        found += list(happening.due(clock.moment))
    return found


def test_every_end_of_a_video_s_task_is_told_once() -> None:
    """In twenty minutes most lively videos end a task and begin another; each end comes once, in time."""
    world = World(7, lambda: START + MINUTES)
    told = [ending.body() for ending in endings("VOD")]
    assert len({(body["VideoId"], body["EventTime"]) for body in told}) == len(told)
    expected = sum(
        START < task.finished <= START + MINUTES
        for number in range(3000)
        for task in world.videos.tasks(world.videos.video(number), START + MINUTES)
    )
    ids = {world.videos.video(number).id for number in range(3000)}
    assert sum(body["VideoId"] in ids for body in told) == expected


def test_a_video_s_event_lists_its_streams() -> None:
    """Status, definition with the kind of template, and what is known of the file."""
    body = next(one.body() for one in endings("VOD", 60) if one.body()["Status"] == "success")
    assert body["EventType"] == "TranscodeComplete"
    stream = next(stream for stream in body["StreamInfos"] if stream["Status"] == "success")
    assert stream.keys() >= {
        "JobId",
        "Definition",
        "Format",
        "Bitrate",
        "Width",
        "Height",
        "Size",
        "FinishTime",
    }
    assert stream["Definition"].endswith(f"-{stream['Format'].upper()}")


def test_every_end_of_the_other_two_is_told_once() -> None:
    """Work that was under way at the beginning, and work that was created since."""
    world = World(7, lambda: START + MINUTES)
    for provider, series in (("IMS", world.conversions), ("VISIONULAR", world.encodings)):
        told = endings(provider)
        numbers = series.numbers(START + MINUTES, START - 1000, START + MINUTES)
        ended = [series.work(n) for n in numbers if START < series.work(n).finished <= START + MINUTES]
        assert sorted(one.at for one in told) == sorted(work.finished for work in ended)
        bodies = [str(one.body()) for one in told]
        assert len(set(bodies)) == len(bodies)
