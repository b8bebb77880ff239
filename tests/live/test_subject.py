"""Tasks that are watched where their provider shows them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from msgspec.structs import replace

from gateway.domain import identity
from gateway.domain.identity import TaskRef
from gateway.domain.provider import Outcomes, Verb, VideoPage
from gateway.domain.records import Provider, Status, TaskPage, Video
from tests.live.conftest import Follower, watching
from tests.upstream.conftest import START, FakeProvider, task, unavailable

OLD = TaskRef(provider=Provider.VOD, video_id="a", template_group_id="g", created_at=START)
NEW = replace(OLD, created_at=START + timedelta(minutes=1))


class Vod(FakeProvider):
    """A video whose latest task is the old one until it gets a new one."""

    def __init__(self) -> None:
        super().__init__()
        self.latest = OLD
        self.lists = True

    async def latest_by_video(self, video_ids: Sequence[str], /) -> Outcomes[str, Video]:
        """Answer as scripted."""
        ours = replace(task("old"), id=identity.encode(self.latest), created_at=self.latest.created_at)
        return await self._answer(
            Verb.LATEST_BY_VIDEO, video_ids, lambda key: Video(id="v", video_id=key, latest_task=ours)
        )

    async def tasks_of_video(self, pages: Sequence[VideoPage], /) -> Outcomes[VideoPage, TaskPage]:
        """Answer as scripted."""
        listed = replace(task("old"), id=identity.encode(OLD), provider_id="7", created_at=START)
        page = TaskPage(tasks=(listed,) if self.lists else ())
        return await self._answer(Verb.TASKS_OF_VIDEO, pages, lambda _: page)


async def test_a_task_is_followed_past_the_start_of_the_next() -> None:
    """Its video's summary shows the new one; the old one is watched by its own id from then on."""
    vod = Vod()
    async with watching(vod) as watches:
        follower = Follower(watches.task("t", OLD))
        await asyncio.sleep(5)
        assert [state.finished for state in follower.states] == [False]
        vod.latest = NEW
        await asyncio.sleep(20)
        assert (Verb.TASK_BY_ID, ("7",)) in [(verb, keys) for _, verb, keys in vod.calls]
        vod.finished.add("7")
        await asyncio.sleep(20)
        assert follower.states[-1].finished
        vod.calls.clear()
        await asyncio.sleep(100)
        assert not vod.calls


async def test_a_task_that_its_provider_lists_no_more_has_ended() -> None:
    """Nothing will be heard of it."""
    vod = Vod()
    vod.latest, vod.lists = NEW, False
    async with watching(vod) as watches:
        follower = Follower(watches.task("t", OLD))
        await asyncio.sleep(5)
        [state] = follower.states
        assert state.finished


async def test_trouble_on_the_way_is_told_and_tried_again() -> None:
    """A search that fails is no end."""
    vod = Vod()
    vod.latest = NEW
    vod.faults.extend([None, *[unavailable()] * 3])
    async with watching(vod) as watches:
        follower = Follower(watches.task("t", OLD))
        await asyncio.sleep(30)
        assert any(state.trouble for state in follower.states)
        assert follower.states[-1].trouble is None
        last = follower.states[-1]
        assert getattr(last, "task", None) is not None


async def test_a_finished_task_ends_at_once() -> None:
    """The first state is the last."""
    provider = FakeProvider()
    provider.finished.add("7")
    async with watching(provider) as watches:
        follower = Follower(watches.task("t", TaskRef(provider=Provider.VOD, provider_id="7")))
        await asyncio.sleep(1)
        assert [(state.finished, state.id) for state in follower.states] == [(True, "t")]
        follower.leave()
        assert len(watches) == 0
    assert Status.SUCCEEDED.finished
