"""Subscriptions over server-sent events.

Follows the distinct connections mode of GraphQL over SSE
(https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md): one request, one stream of ``next``
events, one ``complete``. A stream that ends without it was cut short, and clients make it again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextvars import Context
from typing import TYPE_CHECKING, Any, cast

import msgspec

from gateway.access.principal import Principal
from gateway.graph.channels import Stream
from gateway.graph.errors import identified, refusal
from gateway.telemetry.course import Course, End
from gateway.web.guards import SECURITY, head
from gateway.web.protocol import EVENTS
from gateway.web.sessions import Sessions, TooMany, expired

if TYPE_CHECKING:
    from litestar.types import HTTPResponseBodyEvent, Receive, Send

_HEADERS = {
    "Content-Type": f"{EVENTS}; charset=utf-8",
    "X-Accel-Buffering": "no",  # nginx would hold events back until its buffer is full
    **SECURITY,
}
_COMPLETE = b"event: complete\ndata:\n\n"
_ALIVE = b":\n\n"
_COME_BACK = b": %s\nretry: 1000\n\n"

_encode = msgspec.json.Encoder().encode


def event(body: bytes) -> bytes:
    """Return an encoded answer as an event; JSON as we write it has no line breaks."""
    return b"event: next\ndata: %s\n\n" % body


async def answer(send: Send, body: dict[str, Any], headers: Mapping[str, str]) -> None:
    """Send the only answer to an operation that is no subscription, or was refused."""
    await send(head(200, {**headers, **_HEADERS}))
    await send(_part(event(_encode(body)) + _COMPLETE, more=False))


def _part(body: bytes, *, more: bool) -> HTTPResponseBodyEvent:
    return {"type": "http.response.body", "body": body, "more_body": more}


class EventStream:
    """One subscription on a connection of its own.

    Args:
        stream: Its answers.
        principal: Whose it is.
        sessions: All open connections.
        headers: Headers of the response besides those that every stream has.
        course: Who is told how it goes.
    """

    __slots__ = (
        "_counted",
        "_course",
        "_end_by",
        "_ending",
        "_headers",
        "_last",
        "_opened",
        "_principal",
        "_send",
        "_sessions",
        "_stream",
        "_task",
        "_writer",
        "_writing_since",
    )

    def __init__(
        self,
        stream: Stream,
        principal: Principal,
        sessions: Sessions,
        headers: Mapping[str, str],
        course: Course,
    ) -> None:
        self._stream = stream
        self._course = course
        self._end_by = End.CLIENT
        self._principal = principal
        self._sessions = sessions
        self._headers: Mapping[str, str] | None = headers
        self._send: Send = _nowhere
        self._task: asyncio.Task[Any] | None = None
        self._writer: asyncio.Task[None] | None = None
        self._counted = False
        self._ending = False
        self._opened = self._last = asyncio.get_running_loop().time()
        self._writing_since: float | None = None

    async def begin(self, send: Send) -> bool:
        """Send the head; return whether there is more to come."""
        try:
            self._sessions.subscribe(self._principal)
        except TooMany as many:
            self._stream.close()
            body = {"errors": [refusal(str(many), "LIMIT_EXCEEDED", retryable=True)]}
            await answer(send, identified(body, self._course.refused(body)), self._headers or {})
            return False
        self._counted = True
        try:
            await send(head(200, {**(self._headers or {}), **_HEADERS}))
        except BaseException:
            self.close()
            raise
        self._headers = None
        return True

    async def run(self, receive: Receive, send: Send) -> None:
        """Send events until everything watched has ended, or the client has left, or it has to go."""
        self._send = send
        self._task = asyncio.current_task()
        self._sessions.enter(self)
        try:
            self._stream.notify = self._wake
            # At once, so that whatever is in between passes the headers on.
            self._write_soon(_ALIVE)
            while (await receive())["type"] != "http.disconnect":
                pass
        except asyncio.CancelledError:
            if not self._ending:
                raise
            cast("asyncio.Task[Any]", self._task).uncancel()
        finally:
            self.close()
            self._sessions.exit(self)
            if self._writer is not None:
                self._writer.cancel()

    def close(self) -> None:
        """Listen no more, and be counted no more."""
        self._stream.close()
        self._course.ended(self._end_by)
        if self._counted:
            self._counted = False
            self._sessions.unsubscribe(self._principal)

    def check(self, now: float) -> None:
        """See `Session`."""
        policy = self._sessions.policy
        if self._writing_since is not None:
            if now - self._writing_since > policy.patience:
                self._end_by = End.GATEWAY
                self._end()
        elif now - self._opened > policy.lifetime:
            self.leave("This took as long as it may.")
        elif expired(self._principal):
            self.leave("The credential has ended.")
        elif now - self._last > policy.heartbeat:
            self._write_soon(_ALIVE)

    def leave(self, why: str) -> None:
        """See `Session`."""
        self._end_by = End.GATEWAY
        if self._writer is not None:
            self._end()  # it is in the middle of something, or reads no more
        else:
            self._stream.close()
            self._write_soon(_COME_BACK % why.encode(), last=True)

    def _wake(self) -> None:
        self._write_soon(b"")

    def _write_soon(self, first: bytes, *, last: bool = False) -> None:
        if self._writer is None:
            self._writer = asyncio.create_task(self._write(first, last=last), context=Context())

    async def _write(self, part: bytes, *, last: bool) -> None:
        """Send all there is, and end the stream where nothing follows."""
        stream = self._stream
        loop = asyncio.get_running_loop()
        try:
            while True:
                while (payload := stream.take()) is not None:
                    self._sessions.took(stream)
                    self._course.took()
                    part += payload.form(event)
                over = last or stream.finished
                if over and not last:
                    part += _COMPLETE
                    self._end_by = End.COMPLETE
                if not part:
                    break
                self._writing_since = loop.time()
                await self._send(_part(part, more=not over))
                part = b""
                if over:
                    self._end()
                    break
        except (OSError, RuntimeError):
            self._end()  # the client has left; servers say so in different ways
        finally:
            self._writing_since = None
            self._last = loop.time()
            self._writer = None

    def _end(self) -> None:
        """End the request, which waits for the client to leave."""
        if not self._ending and self._task is not None:
            self._ending = True
            self._task.cancel()


async def _nowhere(_message: object) -> None:
    """Send nothing."""
