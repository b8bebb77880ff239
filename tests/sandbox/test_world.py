"""The world as a whole."""

from gateway.sandbox.app import create_app
from gateway.sandbox.world import World

from .clients import START, Caller, Clock


def test_only_the_clock_is_asked(world: World) -> None:
    """Two worlds of one seed agree whatever they were asked before; another seed is another world."""
    same, other = World(7, lambda: START), World(8, lambda: START)
    list(same.videos.tasks(same.videos.video(1), START))
    assert same.videos.video(5).id == world.videos.video(5).id
    assert same.videos.video(5).id != other.videos.video(5).id
    number = world.conversions.numbers(START)[-1]
    assert same.conversions.work(number).finished == world.conversions.work(number).finished


async def test_same_seed_same_answers(clock: Clock) -> None:
    """Two sandboxes with one seed answer alike at the same moment, request ids aside, and not later."""
    answers = []
    for later in (0, 0, 60):
        clock.moment = START + later
        async with Caller(create_app(now=clock)) as caller:
            video_ids = ",".join((await caller.ids(limit=10))["vod"]["running"])
            found = [
                await caller.vod("GetTranscodeSummary", VideoIds=video_ids),
                await caller.ims("ListMediaConvertJobs"),
                await caller.visionular("/api/list_task", start_time=1, end_time=int(START) + 99),
            ]
        bodies = [answer.json() for answer in found]
        for body in bodies[:2]:
            body.pop("RequestId")
        answers.append(bodies)
    assert answers[0] == answers[1]
    assert all(first != last for first, last in zip(answers[0], answers[2], strict=True))
