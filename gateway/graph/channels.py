"""How one change reaches many subscribers: rendered once, kept once, taken by each when it is ready.

```text
subject        has a new state
   │
channel        the subject in one *edition*: what one document shows of it to whoever has certain scopes;
   │           renders the newest state and keeps nothing else
stream         one subscriber: knows only which of its channels have something that it has not taken
```

A subscriber that is slow finds, when it comes back, the newest message of each channel, which includes the
last. All it holds meanwhile is one place for each id it asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextvars import Context
from typing import TypeVar

from gateway.live.state import State
from gateway.live.subject import Subject
from gateway.telemetry.exchange import Executed

T = TypeVar("T")

Render = Callable[[State], Awaitable[bytes]]
"""Returns the encoded answer to an event; raises nothing."""


class Payload:
    """An encoded answer.

    Args:
        body: The response object in JSON.
        final: Whether nothing follows it on its channel.
    """

    __slots__ = ("_forms", "body", "final")

    def __init__(self, body: bytes, *, final: bool) -> None:
        self.body = body
        self.final = final
        self._forms: dict[Callable[[bytes], object], object] = {}

    def form(self, make: Callable[[bytes], T]) -> T:
        """Return the answer as a transport sends it, made for the first subscriber who needs it so."""
        form = self._forms.get(make)
        if form is None:
            form = self._forms[make] = make(self.body)
        return form  # type: ignore[return-value]


class Channel:
    """One subject in one edition.

    Args:
        subject: What is watched.
        render: Makes a message of its state.
        gone: Called when nobody listens any more.

    Attributes:
        latest: The newest message; None before the first.
    """

    def __init__(self, subject: Subject, render: Render, gone: Callable[[], None]) -> None:
        self.latest: Payload | None = None
        self._subject = subject
        self._render = render
        self._gone = gone
        self._streams: dict[Stream, None] = {}
        self._stale = False
        self._rendering: asyncio.Task[None] | None = None
        subject.follow(self._heard)
        if subject.state is not None:
            self._heard()

    def join(self, stream: Stream) -> None:
        """Let a subscriber listen, from the newest message on.

        It may be about to be replaced. But what is on its way may turn out to be the same, and no message.
        """
        self._streams[stream] = None
        if self.latest is not None:
            stream.offer(self)

    def leave(self, stream: Stream) -> None:
        """Let a subscriber go; with the last one, the channel ends."""
        if stream in self._streams:
            del self._streams[stream]
            if not self._streams:
                self._subject.leave(self._heard)
                if self._rendering is not None:
                    self._rendering.cancel()
                self._gone()

    def _heard(self) -> None:
        self._stale = True
        if self._rendering is None:
            self._rendering = asyncio.create_task(self._renew(), context=Context())

    async def _renew(self) -> None:
        """Render the newest state until it is the newest; those that came and went meanwhile are skipped."""
        while self._stale and (state := self._subject.state) is not None:
            self._stale = False
            body = await self._render(state)
            if self.latest is not None and (body, state.finished) == (self.latest.body, self.latest.final):
                continue  # what changed is not shown here
            self.latest = Payload(body, final=state.finished)
            for stream in list(self._streams):
                stream.offer(self)
        self._rendering = None


class Stream:
    """One subscriber.

    Args:
        channels: What it listens to.

    Attributes:
        notify: Called when there is something to take after there was nothing.
        operation: What is executed, for whoever tells of it.
        replaced: Messages that were not taken before a newer one was there.
    """

    __slots__ = ("__weakref__", "_channels", "_news", "notify", "operation", "replaced")

    def __init__(self, channels: Iterable[Channel]) -> None:
        self._channels = set(channels)
        self._news: dict[Channel, None] = {}
        self.notify: Callable[[], None] | None = None
        self.operation: Executed | None = None
        self.replaced = 0
        for channel in list(self._channels):
            channel.join(self)

    @property
    def finished(self) -> bool:
        """Whether everything watched has ended and its last message was taken."""
        return not self._channels

    @property
    def waiting(self) -> bool:
        """Whether there is something to take."""
        return bool(self._news)

    def offer(self, channel: Channel) -> None:
        """Note that a channel has a new message."""
        idle = not self._news
        self.replaced += channel in self._news
        self._news[channel] = None
        if idle and self.notify is not None:
            self.notify()

    def take(self) -> Payload | None:
        """Return the newest message of the channel that has waited longest; None where none has any."""
        while self._news:
            channel = next(iter(self._news))
            del self._news[channel]
            payload = channel.latest
            if payload is not None:
                if payload.final:
                    self._channels.discard(channel)
                    channel.leave(self)
                return payload
        return None

    def close(self) -> None:
        """Listen no more."""
        self.notify = None
        self._news.clear()
        while self._channels:
            self._channels.pop().leave(self)
