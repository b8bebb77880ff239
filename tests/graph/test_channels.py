"""How one change reaches many subscribers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from gateway.graph.channels import Channel, Stream
from gateway.live.state import State, VideoState


class Scripted:
    """A subject that is what it is told to be."""

    def __init__(self) -> None:
        self.state: State | None = None
        self.followers: list[Callable[[], None]] = []

    def follow(self, heard: Callable[[], None]) -> None:
        """See `Subject`."""
        self.followers.append(heard)

    def leave(self, heard: Callable[[], None]) -> None:
        """See `Subject`."""
        self.followers.remove(heard)

    async def be(self, name: str, *, finished: bool = False) -> None:
        """Change."""
        self.state = VideoState(id=name, finished=finished)
        for heard in self.followers:
            heard()
        await asyncio.sleep(0)
        await asyncio.sleep(0)


class Counted:
    """Renders, and counts how often."""

    def __init__(self) -> None:
        self.rendered: list[str] = []

    async def __call__(self, state: State) -> bytes:
        """Render."""
        self.rendered.append(state.id)
        return state.id.encode()


def taken(stream: Stream) -> list[bytes]:
    """Take all there is."""
    found = []
    while (payload := stream.take()) is not None:
        found.append(payload.body)
    return found


def channel() -> tuple[Scripted, Counted, Channel, list[str]]:
    """Return a channel of a scripted subject."""
    subject, render, gone = Scripted(), Counted(), list[str]()
    return subject, render, Channel(subject, render, lambda: gone.append("gone")), gone


async def test_a_thousand_subscribers_take_one_encoding() -> None:
    """The very same bytes, and one form of them for each way to send."""
    subject, render, one, _ = channel()
    streams = [Stream([one]) for _ in range(1000)]
    await subject.be("a")
    payloads = {id(payload) for stream in streams if (payload := stream.take()) is not None}
    assert len(payloads) == 1
    assert render.rendered == ["a"]
    assert one.latest is not None
    assert one.latest.form(bytes.decode) is one.latest.form(bytes.decode)


async def test_whoever_is_slow_misses_states_between_and_never_the_last() -> None:
    """It holds one place for each id, whatever happens."""
    subject, _, one, gone = channel()
    slow, quick = Stream([one]), Stream([one])
    seen = []
    for name in "abc":
        await subject.be(name)
        payload = quick.take()
        seen.append(payload and payload.body)
    await subject.be("d", finished=True)
    assert seen == [b"a", b"b", b"c"]
    assert slow.waiting
    assert (taken(slow), slow.finished, quick.finished) == ([b"d"], True, False)
    taken(quick)
    assert quick.finished is True
    assert gone == ["gone"]
    assert not subject.followers


async def test_subscribers_are_notified_once_until_they_have_taken() -> None:
    """A wake-up for each change would be one for each subscriber and change."""
    (first, _, one, _), (second, _, other, _) = channel(), channel()
    stream = Stream([one, other])
    woken: list[int] = []
    stream.notify = lambda: woken.append(1)
    await first.be("a")
    await second.be("b")
    assert len(woken) == 1
    assert taken(stream) == [b"a", b"b"]
    await first.be("c")
    assert len(woken) == 2


async def test_who_comes_later_gets_the_present_state_at_once() -> None:
    """Without another encoding."""
    subject, render, one, _ = channel()
    Stream([one])
    await subject.be("a")
    late = Stream([one])
    payload = late.take()
    assert payload is not None
    assert payload.body == b"a"
    assert render.rendered == ["a"]


async def test_who_comes_during_a_change_that_is_not_shown_gets_the_present_state() -> None:
    """What is being rendered turns out to be what it was, so nothing else would ever tell."""
    subject, _, one, _ = channel()
    Stream([one])
    await subject.be("a")
    for heard in subject.followers:
        heard()
    late = Stream([one])
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert taken(late) == [b"a"]


async def test_a_change_that_is_not_shown_is_no_message() -> None:
    """Same bytes, same end."""
    subject, render, one, _ = channel()
    stream = Stream([one])
    await subject.be("a")
    stream.take()
    await subject.be("a")
    assert render.rendered == ["a", "a"]
    assert not stream.waiting
    await subject.be("a", finished=True)
    assert stream.waiting


async def test_who_leaves_is_forgotten() -> None:
    """With the last one the subject is left."""
    subject, _, one, gone = channel()
    here, there = Stream([one]), Stream([one])
    here.close()
    assert subject.followers
    there.close()
    there.close()
    assert gone == ["gone"]
    assert not subject.followers
