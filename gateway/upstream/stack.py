"""Assembles every lane; what the rooms above talk to.

From the caller down to the provider, and why each layer stands where it does:

- *memory* first: most requests end here, so nothing that costs may come before it;
- *flights* next: whoever asks for what is already on its way must not count as demand below;
- *the circuit*, before the line: while a provider is left alone nobody lines up in vain;
- *the store*, before the line too: what another replica knows needs no slot;
- *the line*, where callers take turns: fairness has to be settled before the quota, which sees only calls;
- *the quota*, after the line and before the batch: a batch cut any earlier would miss whoever comes while
  the slot is waited for;
- *leases*, after the batch is cut, as only now it is known what will be fetched;
- *retries and halving*, above the quota: each is a real request, takes a slot of its own, and lines up again;
- *observation*, below the quota: what is measured is the provider's time and not the wait for a slot.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import nullcontext

from gateway.domain.errors import GatewayError, NotConfigured, NotOffered
from gateway.domain.provider import Operation, ProviderClient, Verb
from gateway.domain.sources import Source, Whom, provider_of, whom
from gateway.upstream.cache import Memory
from gateway.upstream.call import Observe
from gateway.upstream.flight import Change, Desk, Fetch
from gateway.upstream.freshness import Fetched, Outcome
from gateway.upstream.lane import Found, Lane
from gateway.upstream.lookout import Lookout
from gateway.upstream.policy import Policy
from gateway.upstream.quota import LocalQuota, Pace, Quota
from gateway.upstream.replicas import Replicas
from gateway.upstream.rotation import Rotation
from gateway.upstream.server import Server
from gateway.upstream.shared_quota import SharedQuota
from gateway.upstream.status import LaneStatus


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
        self._policy = policy
        self._scopes = scopes or {}
        self._namespace = namespace
        self._server = Server(store, policy.store) if store else None
        self._replicas: Replicas | None = None
        if self._server:
            self._replicas = Replicas(self._server, policy.store, namespace=namespace, wall=wall)
        self._observe = observe
        self._found = found
        self.memory = Memory(policy.memory)
        self._lanes: list[Lane] = []
        self._desks: dict[tuple[Whom, Verb], tuple[Lane, Desk]] = {}
        self._open_sources: list[Whom] = []
        for client in clients:
            source = whom(client.provider, client.source)
            self._open_sources.append(source)
            self._open(source, client)

    def _open(self, source: Whom, client: ProviderClient) -> None:
        """Give every operation of a source its lane, shared by the verbs it answers."""
        by_operation: dict[str, list[tuple[Verb, Operation]]] = {}
        for verb, operation in client.operations.items():
            by_operation.setdefault(operation.name, []).append((verb, operation))
        for name, verbs in by_operation.items():
            desks = [self._desk(source, client, verb, operation) for verb, operation in verbs]
            # Verbs that disagree on the quota they share are held to the stricter figure.
            pace = Pace(min(operation.per_second for _, operation in verbs), self._policy.quota)
            lane = Lane(
                source,
                name,
                desks=desks,
                memory=self.memory,
                pace=pace,
                quota=self._quota(source, name, pace),
                policy=self._policy,
                observe=self._observe,
                found=self._found,
                replicas=self._replicas,
            )
            self._lanes.append(lane)
            for desk in desks:
                self._desks[source, desk.verb] = lane, desk

    def _desk(self, source: Whom, client: ProviderClient, verb: Verb, operation: Operation) -> Desk:
        name = f"{self._operation(source, operation.name)}:{verb}"
        return Desk(
            name,
            verb,
            seats=operation.max_keys,
            fetch=_fetch(client, verb),
            rotation=Rotation(self._policy.refresh),
        )

    def _quota(self, source: Whom, operation: str, pace: Pace) -> Quota:
        if self._server is None:
            return LocalQuota(pace)
        key = f"{self._namespace}:quota:{self._operation(source, operation)}"
        return SharedQuota(self._server, key, pace, self._policy.quota, self._policy.store)

    def _operation(self, source: Whom, operation: str) -> str:
        return f"{source}:{self._scopes.get(source, '')}:{operation}"

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
        (outcome,) = await lane.load_many(desk, (key,), max_age=max_age, deadline=deadline, caller=caller)
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
        return await lane.load_many(desk, keys, max_age=max_age, deadline=deadline, caller=caller)

    def peek_many(
        self, source: Whom, verb: Verb, keys: Iterable[Hashable], *, max_age: float | None = None
    ) -> list[Outcome] | None:
        """Return what `load_many` would if it need not wait, else None; makes no task, future or lock.

        Raises:
            NotConfigured: There is no client for the provider.
            NotOffered: The provider has no such verb.
        """
        lane, desk = self._find(source, verb)
        return lane.peek(desk, keys, max_age)

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


def _fetch(client: ProviderClient, verb: Verb) -> Fetch:
    match verb:
        case Verb.LATEST_BY_VIDEO:
            return client.latest_by_video
        case Verb.TASK_BY_ID:
            return client.task_by_id
        case Verb.JOBS_BY_ID:
            return client.jobs_by_id
        case Verb.TASKS_OF_VIDEO:
            return client.tasks_of_video
        case Verb.TASKS_IN_WINDOW:
            return client.tasks_in_window
