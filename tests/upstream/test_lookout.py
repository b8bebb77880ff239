"""What watchers need of a lane."""

from __future__ import annotations

import asyncio

from gateway.domain.errors import GatewayError
from gateway.domain.provider import Verb
from gateway.domain.records import Provider
from gateway.upstream.cache import Entry
from gateway.upstream.policy import CircuitPolicy, Policy, RefreshPolicy
from tests.upstream.conftest import FakeProvider, rejected, running, unavailable, videos

VIDEOS = (Provider.VOD, Verb.LATEST_BY_VIDEO)


class Ear:
    """Hears of a key."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def told(self, entry: Entry) -> None:
        """Note it."""
        self.heard.append(str(entry.key))

    def failed(self, error: GatewayError) -> None:
        """Note it."""
        self.heard.append(error.code)


async def test_whoever_learns_of_a_key_its_listener_hears_of_it(provider: FakeProvider) -> None:
    """Queries, refreshes, and looks; no more once it has left."""
    async with running(provider) as upstream:
        lookout, ear = upstream.lookout(*VIDEOS), Ear()
        lookout.listen("a", ear)
        await videos(upstream, "a", "b")
        assert ear.heard == ["a"]
        await asyncio.sleep(60)
        ear.heard.clear()
        assert lookout.look(["a"]) == []
        await asyncio.sleep(1)
        assert ear.heard == ["a"]
        lookout.look(["a"])
        lookout.leave("a")
        provider.calls.clear()
        await asyncio.sleep(1)
        assert ear.heard == ["a"]
        assert not provider.calls
        assert lookout.known("a") is not None
        assert lookout.seats == 10
        assert 0 < lookout.rate < 15


async def test_looks_give_way_to_whoever_waits(provider: FakeProvider) -> None:
    """They fill the seats that are left, and their own calls come after."""
    async with running(provider) as upstream:
        await videos(upstream, *"abcdefghij")
        await asyncio.sleep(60)
        provider.calls.clear()
        upstream.lookout(*VIDEOS).look("abcdefghij")
        await videos(upstream, *(str(n) for n in range(5)))
        assert set(provider.batches[0][:5]) == set("01234")
        assert len(provider.batches[0]) == 10


async def test_looks_need_no_share_of_the_refreshes(provider: FakeProvider) -> None:
    """Watching has a share of its own."""
    async with running(provider, policy=Policy(refresh=RefreshPolicy(share=0.0))) as upstream:
        await videos(upstream, "a")
        provider.calls.clear()
        upstream.lookout(*VIDEOS).look(["a"])
        await asyncio.sleep(1)
        assert provider.batches == [("a",)]


async def test_keys_that_cannot_share_a_call_are_given_back(provider: FakeProvider) -> None:
    """Unknown ones, and those that spoil calls."""
    provider.poisonous["bad"] = rejected()
    async with running(provider) as upstream:
        await videos(upstream, "a", "b", "bad")
        assert upstream.lookout(*VIDEOS).look(["a", "bad", "new"]) == ["bad", "new"]


async def test_an_open_circuit_is_told_instead_of_called(provider: FakeProvider) -> None:
    """Until it lets calls through again."""
    policy = Policy(circuit=CircuitPolicy(volume=1, cool_down=5.0))
    async with running(provider, policy=policy) as upstream:
        lookout, ear = upstream.lookout(*VIDEOS), Ear()
        await videos(upstream, "a")
        lookout.listen("a", ear)
        provider.down = unavailable()
        for _ in range(3):
            lookout.look(["a"])
            await asyncio.sleep(1)
        assert ear.heard[0] == "UPSTREAM_UNAVAILABLE"
        assert "CIRCUIT_OPEN" in ear.heard
        provider.down = None
        await asyncio.sleep(10)
        ear.heard.clear()
        lookout.look(["a"])
        await asyncio.sleep(1)
        assert ear.heard == ["a"]
