"""Builds lanes: what stands above what.

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

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from gateway.domain.provider import Operation, ProviderClient, Verb
from gateway.domain.sources import Whom, whom
from gateway.upstream.cache import Memory
from gateway.upstream.call import Observe
from gateway.upstream.flight import Desk, Fetch
from gateway.upstream.lane import Lane
from gateway.upstream.own_quota import OwnQuota
from gateway.upstream.pace import Pace
from gateway.upstream.policy import Policy
from gateway.upstream.quota import Quota
from gateway.upstream.reception import Found
from gateway.upstream.rotation import Rotation

if TYPE_CHECKING:
    from gateway.upstream.replicas import Replicas
    from gateway.upstream.server import Server


class Builder:
    """Builds lanes on one memory, and on one server where replicas share one.

    Args:
        policy: How lanes behave.
        memory: Where their records count.
        observe: Entered around every real request.
        found: Told, by whoever asks, how many records memory had, and how many of them were stale.
        server: What replicas share; None keeps everything in this process.
        replicas: The way to the others, where there is a server.
        namespace: First part of every key in it.
        scopes: Account and region per source, as part of every key.
    """

    def __init__(
        self,
        policy: Policy,
        memory: Memory,
        *,
        observe: Observe,
        found: Found,
        server: Server | None,
        replicas: Replicas | None,
        namespace: str,
        scopes: Mapping[Whom, str],
    ) -> None:
        self._policy = policy
        self._memory = memory
        self._observe = observe
        self._found = found
        self._server = server
        self._replicas = replicas
        self._namespace = namespace
        self._scopes = scopes

    def lanes(self, client: ProviderClient) -> Iterator[tuple[Lane, list[Desk]]]:
        """Yield a lane for every operation of a client, with the desks of the verbs it answers."""
        source = whom(client.provider, client.source)
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
                memory=self._memory,
                pace=pace,
                quota=self._quota(source, name, pace),
                policy=self._policy,
                observe=self._observe,
                found=self._found,
                replicas=self._replicas,
            )
            yield lane, desks

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
            return OwnQuota(pace)
        from gateway.upstream.shared_quota import SharedQuota  # noqa: PLC0415 - see `gateway.upstream.stack`

        key = f"{self._namespace}:quota:{self._operation(source, operation)}"
        return SharedQuota(self._server, key, pace, self._policy.quota, self._policy.store)

    def _operation(self, source: Whom, operation: str) -> str:
        return f"{source}:{self._scopes.get(source, '')}:{operation}"


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
