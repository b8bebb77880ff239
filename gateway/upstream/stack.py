"""Every provider operation behind its lane: what the rooms above talk to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING

from gateway.domain.errors import GatewayError, NotConfigured, NotOffered
from gateway.domain.provider import ProviderClient, Verb
from gateway.domain.sources import Source, Whom, provider_of, whom
from gateway.upstream.builder import Builder
from gateway.upstream.cache import Memory
from gateway.upstream.call import Observe
from gateway.upstream.flight import Change, Desk
from gateway.upstream.freshness import Fetched, Outcome
from gateway.upstream.lane import Lane
from gateway.upstream.lookout import Lookout
from gateway.upstream.policy import Policy
from gateway.upstream.reception import Found
from gateway.upstream.status import LaneStatus

if TYPE_CHECKING:
    from gateway.upstream.replicas import Replicas
    from gateway.upstream.server import Server


class Upstream:
    """Every provider operation behind its lane.

    Args:
        clients: The providers; each is asked once, here, what it offers.
        policy: How lanes behave.
        observe: Entered around every real request.
        found: Told, by whoever asks, how many records memory had, and how many of them were stale.
        store: URL of a Redis or Valkey server that all replicas share; None keeps everything in this process.
        namespace: First part of every key in it.
        scopes: Account and region per source, as part of every key: whoever shares a server without
            sharing the account must neither see the other's records nor spend its quota.
        wall: The wall clock, which tells replicas the age of each other's records.

    Attributes:
        memory: What is remembered here.
    """

    def __init__(
        self,
        clients: Iterable[ProviderClient],
        policy: Policy = Policy(),  # noqa: B008  frozen
        *,
        observe: Observe = nullcontext,
        found: Found = lambda _hits, _stale: None,
        store: str | None = None,
        namespace: str = "gateway",
        scopes: Mapping[Whom, str] | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.memory = Memory(policy.memory)
        self._server: Server | None = None
        self._replicas: Replicas | None = None
        if store:
            # The client of the server takes more memory than all lanes; a gateway by itself does without.
            from gateway.upstream.replicas import Replicas  # noqa: PLC0415
            from gateway.upstream.server import Server  # noqa: PLC0415

            self._server = Server(store, policy.store)
            self._replicas = Replicas(self._server, policy.store, namespace=namespace, wall=wall)
        builder = Builder(
            policy,
            self.memory,
            observe=observe,
            found=found,
            server=self._server,
            replicas=self._replicas,
            namespace=namespace,
            scopes=scopes or {},
        )
        self._lanes: list[Lane] = []
        self._desks: dict[tuple[Whom, Verb], tuple[Lane, Desk]] = {}
        self._open_sources: list[Whom] = []
        for client in clients:
            source = whom(client.provider, client.source)
            self._open_sources.append(source)
            for lane, desks in builder.lanes(client):
                self._lanes.append(lane)
                self._desks |= {(source, desk.verb): (lane, desk) for desk in desks}

    async def start(self) -> None:
        """Open the lanes."""
        if self._replicas:
            self._replicas.start()
        for lane in self._lanes:
            lane.start()

    async def close(self) -> None:
        """Close the lanes; whoever still waits gets an error."""
        await asyncio.gather(*(lane.close() for lane in self._lanes))
        if self._replicas:
            await self._replicas.close()

    async def load(
        self,
        source: Whom,
        verb: Verb,
        key: Hashable,
        *,
        max_age: float | None = None,
        deadline: float | None = None,
        caller: Hashable | None = None,
    ) -> Fetched:
        """Return the record of one key; arguments as for `load_many`.

        Raises:
            GatewayError: There is no record, and why.
        """
        lane, desk = self._find(source, verb)
        (outcome,) = await lane.reception.load_many(
            desk, (key,), max_age=max_age, deadline=deadline, caller=caller
        )
        if isinstance(outcome, GatewayError):
            # Callers share the error; the trace of another one's raise does not belong to this one.
            raise outcome.with_traceback(None)
        return outcome

    async def load_many(
        self,
        source: Whom,
        verb: Verb,
        keys: Sequence[Hashable],
        *,
        max_age: float | None = None,
        deadline: float | None = None,
        caller: Hashable | None = None,
    ) -> list[Outcome]:
        """Return a record or an error for every key, in the order of the keys.

        Args:
            source: Whom to ask.
            verb: What for.
            keys: As the verb takes them; more than one call carries are spread over several.
            max_age: The oldest data to accept, in seconds; None leaves it to the policy. Younger data than
                the quota yields is waited for, until the deadline; then the youngest known is returned.
            deadline: Instant of the event loop's clock after which an answer is of no use; None waits as
                long as the policy's patience.
            caller: Who asks. Callers take turns; without it, every request is a caller of its own.

        Raises:
            NotConfigured: There is no client for the provider.
            NotOffered: The provider has no such verb.
        """
        lane, desk = self._find(source, verb)
        return await lane.reception.load_many(desk, keys, max_age=max_age, deadline=deadline, caller=caller)

    def peek_many(
        self, source: Whom, verb: Verb, keys: Iterable[Hashable], *, max_age: float | None = None
    ) -> list[Outcome] | None:
        """Return what `load_many` would if it need not wait, else None; makes no task, future or lock.

        Raises:
            NotConfigured: There is no client for the provider.
            NotOffered: The provider has no such verb.
        """
        lane, desk = self._find(source, verb)
        return lane.reception.peek(desk, keys, max_age)

    def fresh_for(self, source: Whom, verb: Verb, keys: Iterable[Hashable]) -> float:
        """Return for how many seconds more what memory has of all keys is fresh; 0 where any is not."""
        _, desk = self._find(source, verb)
        now = asyncio.get_running_loop().time()
        entries = [desk.shelf.get(key) for key in keys]
        return max(0.0, min((entry.fresh_until - now if entry else 0.0 for entry in entries), default=0.0))

    async def hear(self, source: Whom, verb: Verb, key: Hashable, change: Change) -> bool:
        """Take what a provider told unasked, on behalf of all replicas.

        The record is changed, if anybody here or elsewhere remembers it and the notification says enough; in
        either case the next call looks at it, if it was asked for lately.

        Args:
            source: Who told it.
            verb: What the key is asked by.
            key: What it is about.
            change: Given the record, returns what the notification makes of it, or None.

        Returns:
            Whether a record was changed.

        Raises:
            NotConfigured: There is no client for the provider.
            NotOffered: The provider has no such verb.
        """
        lane, desk = self._find(source, verb)
        return await lane.hear(desk, key, change)

    def lookout(self, source: Whom, verb: Verb) -> Lookout:
        """Return what watchers of a verb's keys need.

        Raises:
            NotConfigured: There is no client for the provider.
            NotOffered: The provider has no such verb.
        """
        lane, desk = self._find(source, verb)
        return lane.lookout(desk)

    @property
    def store(self) -> Server | None:
        """The server that replicas share, where there is one."""
        return self._server

    @property
    def sources(self) -> Sequence[Whom]:
        """All that can be asked, in the order they were configured."""
        return self._open_sources

    def status(self) -> Sequence[LaneStatus]:
        """Return every lane at this moment."""
        return [lane.status() for lane in self._lanes]

    def _find(self, source: Whom, verb: Verb) -> tuple[Lane, Desk]:
        try:
            return self._desks[source, verb]
        except KeyError:
            provider = provider_of(source)
            if source in self._open_sources:
                raise NotOffered(f"{source} has no operation for this.", provider=provider) from None
            if isinstance(source, Source):
                message = f"{provider} has no source of that name here."
                raise NotConfigured(message, provider=provider) from None
            raise NotConfigured(f"No credentials for {provider}.", provider=provider) from None
