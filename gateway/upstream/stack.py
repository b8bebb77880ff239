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
from gateway.domain.records import Provider
from gateway.upstream.cache import Memory
from gateway.upstream.call import Observe
from gateway.upstream.flight import Desk, Fetch
from gateway.upstream.freshness import Fetched, Outcome
from gateway.upstream.lane import Lane
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
        store: URL of a Redis or Valkey server that all replicas share; None keeps everything in this process.
        namespace: First part of every key in it.
        scopes: Account and region per provider, as part of every key: whoever shares a server without
            sharing the account must neither see the other's records nor spend its quota.
        wall: The wall clock, which tells replicas the age of each other's records.
    """

    def __init__(
        self,
        clients: Iterable[ProviderClient],
        policy: Policy = Policy(),  # noqa: B008  frozen
        *,
        observe: Observe = nullcontext,
        store: str | None = None,
        namespace: str = "gateway",
        scopes: Mapping[Provider, str] | None = None,
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
        self._memory = Memory(policy.memory)
        self._lanes: list[Lane] = []
        self._desks: dict[tuple[Provider, Verb], tuple[Lane, Desk]] = {}
        self._providers: set[Provider] = set()
        for client in clients:
            self._providers.add(client.provider)
            self._open(client)

    def _open(self, client: ProviderClient) -> None:
        """Give every operation of a provider its lane, shared by the verbs it answers."""
        by_operation: dict[str, list[tuple[Verb, Operation]]] = {}
        for verb, operation in client.operations.items():
            by_operation.setdefault(operation.name, []).append((verb, operation))
        for name, verbs in by_operation.items():
            desks = [self._desk(client, verb, operation) for verb, operation in verbs]
            # Verbs that disagree on the quota they share are held to the stricter figure.
            pace = Pace(min(operation.per_second for _, operation in verbs), self._policy.quota)
            lane = Lane(
                client.provider,
                name,
                desks=desks,
                memory=self._memory,
                pace=pace,
                quota=self._quota(client.provider, name, pace),
                policy=self._policy,
                observe=self._observe,
                replicas=self._replicas,
            )
            self._lanes.append(lane)
            for desk in desks:
                self._desks[client.provider, desk.verb] = lane, desk

    def _desk(self, client: ProviderClient, verb: Verb, operation: Operation) -> Desk:
        name = f"{self._operation(client.provider, operation.name)}:{verb}"
        return Desk(
            name,
            verb,
            seats=operation.max_keys,
            fetch=_fetch(client, verb),
            rotation=Rotation(self._policy.refresh),
        )

    def _quota(self, provider: Provider, operation: str, pace: Pace) -> Quota:
        if self._server is None:
            return LocalQuota(pace)
        key = f"{self._namespace}:quota:{self._operation(provider, operation)}"
        return SharedQuota(self._server, key, pace, self._policy.quota, self._policy.store)

    def _operation(self, provider: Provider, operation: str) -> str:
        return f"{provider}:{self._scopes.get(provider, '')}:{operation}"

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
        provider: Provider,
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
        lane, desk = self._find(provider, verb)
        (outcome,) = await lane.load_many(desk, (key,), max_age=max_age, deadline=deadline, caller=caller)
        if isinstance(outcome, GatewayError):
            # Callers share the error; the trace of another one's raise does not belong to this one.
            raise outcome.with_traceback(None)
        return outcome

    async def load_many(
        self,
        provider: Provider,
        verb: Verb,
        keys: Sequence[Hashable],
        *,
        max_age: float | None = None,
        deadline: float | None = None,
        caller: Hashable | None = None,
    ) -> list[Outcome]:
        """Return a record or an error for every key, in the order of the keys.

        Args:
            provider: Whom to ask.
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
        lane, desk = self._find(provider, verb)
        return await lane.load_many(desk, keys, max_age=max_age, deadline=deadline, caller=caller)

    def peek_many(
        self, provider: Provider, verb: Verb, keys: Iterable[Hashable], *, max_age: float | None = None
    ) -> list[Outcome] | None:
        """Return what `load_many` would if it need not wait, else None; makes no task, future or lock.

        Raises:
            NotConfigured: There is no client for the provider.
            NotOffered: The provider has no such verb.
        """
        lane, desk = self._find(provider, verb)
        return lane.peek(desk, keys, max_age)

    def status(self) -> Sequence[LaneStatus]:
        """Return every lane at this moment."""
        return [lane.status() for lane in self._lanes]

    def _find(self, provider: Provider, verb: Verb) -> tuple[Lane, Desk]:
        try:
            return self._desks[provider, verb]
        except KeyError:
            if provider in self._providers:
                raise NotOffered(f"{provider} has no operation for this.", provider=provider) from None
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
