"""What replicas of the gateway share: records, who fetches what, and news. None of it ever fails a caller."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Hashable, Iterable, Sequence
from contextlib import suppress
from contextvars import Context

import msgspec
from msgspec import Struct

from gateway.domain.provider import Verb, VideoPage, WindowPage
from gateway.upstream.bulletin import Bulletin, News
from gateway.upstream.cache import Entry
from gateway.upstream.flight import Desk
from gateway.upstream.freshness import Answer
from gateway.upstream.lease import Leases
from gateway.upstream.policy import StorePolicy
from gateway.upstream.server import Away, Server
from gateway.upstream.store import VERSION, Store, Stored, decode, encode, store

# Keys are ids, used as they are, or the pages of these verbs, written as JSON.
_PAGES: dict[Verb, msgspec.json.Decoder[VideoPage] | msgspec.json.Decoder[WindowPage]] = {
    Verb.TASKS_OF_VIDEO: msgspec.json.Decoder(VideoPage),
    Verb.TASKS_IN_WINDOW: msgspec.json.Decoder(WindowPage),
}


class Known(Struct, frozen=True):
    """What another replica was told, and how many seconds ago."""

    answer: Answer
    age: float


class Replicas:
    """This replica's link to the others.

    Args:
        server: What they share.
        policy: How it is used.
        namespace: First part of every key.
        wall: The wall clock, in seconds: the only one that replicas have in common.
    """

    def __init__(
        self,
        server: Server,
        policy: StorePolicy,
        *,
        namespace: str,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._server = server
        self._policy = policy
        self._namespace = namespace
        self._wall = wall
        self._store = Store(server)
        self._leases = Leases(server, seconds=policy.lease)
        self._bulletin = Bulletin(server, f"{namespace}:{VERSION}:news", pause=policy.rest)
        self._listeners: dict[str, tuple[Desk, Callable[[Desk, dict[Hashable, Known]], None]]] = {}
        self._listening: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to hear news."""
        self._listening = asyncio.create_task(self._bulletin.listen(self._heard), context=Context())

    async def close(self) -> None:
        """Let go of the server."""
        if self._listening:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        await self._server.close()

    @property
    def present(self) -> bool:
        """Whether asking the others makes sense."""
        return self._server.present

    def subscribe(self, desk: Desk, heard: Callable[[Desk, dict[Hashable, Known]], None]) -> None:
        """Have news about a desk passed on."""
        self._listeners[desk.name] = desk, heard

    async def look(self, desk: Desk, keys: Iterable[Hashable]) -> dict[Hashable, Known]:
        """Return what the others know of some keys."""
        names = {self._name("record", desk, key): key for key in keys}
        if not names:
            return {}
        try:
            stored = await self._store.get_many(list(names))
        except Away:
            return {}
        return {names[name]: self._known(value) for name, value in stored.items()}

    async def claim(self, desk: Desk, keys: Iterable[Hashable]) -> set[Hashable]:
        """Return those of some keys that nobody else is fetching, and that the others now leave to us."""
        names = {self._name("lease", desk, key): key for key in keys}
        try:
            claimed = await self._leases.claim(list(names))
        except Away:
            return set(names.values())
        return {names[name] for name in claimed}

    async def release(self, desk: Desk, keys: Iterable[Hashable]) -> None:
        """Let the others fetch some keys again."""
        names = [self._name("lease", desk, key) for key in keys]
        if names:
            with suppress(Away):
                await self._leases.release(names)

    async def tell(self, desk: Desk, entries: Sequence[Entry]) -> None:
        """Pass on what the provider just said."""
        now, wall = asyncio.get_running_loop().time(), self._wall()
        by_ttl: dict[int, dict[str, Stored]] = {}
        for entry in entries:
            ttl = int(min(entry.kept_until - now, self._policy.longest))
            value = store(entry.answer, wall - (now - entry.observed))
            by_ttl.setdefault(max(ttl, 1), {})[self._name("record", desk, entry.key)] = value
        with suppress(Away):
            news = {_text(entry.key): encode(store(entry.answer, wall)) for entry in entries}
            await self._bulletin.tell(desk.name, news)
            # The store takes one time to live per command, and a call yields few different ones.
            for ttl, values in by_ttl.items():
                await self._store.put_many(values, ttl=ttl)

    def _heard(self, news: News) -> None:
        """Read news about keys that somebody here cares about, and leave the rest unread."""
        desk, heard = self._listeners.get(news.desk, (None, None))
        if desk is None or heard is None:
            return
        known: dict[Hashable, Known] = {}
        for text, value in news.values.items():
            key = _key(desk.verb, text)
            if key in desk.shelf or key in desk.flights:
                stored = decode(value)
                if stored is not None:
                    known[key] = self._known(stored)
        if known:
            heard(desk, known)

    def _known(self, stored: Stored) -> Known:
        # A replica whose clock runs ahead would otherwise report the future.
        return Known(stored.answer, max(self._wall() - stored.at, 0.0))

    def _name(self, kind: str, desk: Desk, key: Hashable) -> str:
        return f"{self._namespace}:{VERSION}:{kind}:{desk.name}:{_text(key)}"


def _text(key: Hashable) -> str:
    return key if isinstance(key, str) else msgspec.json.encode(key).decode()


def _key(verb: Verb, text: str) -> Hashable | None:
    decoder = _PAGES.get(verb)
    if decoder is None:
        return text
    try:
        return decoder.decode(text)
    except msgspec.MsgspecError:
        return None
