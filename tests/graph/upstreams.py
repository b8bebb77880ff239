"""Lanes that know nothing and count who asks."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any

from gateway.domain.errors import NotFound
from gateway.domain.provider import Verb
from gateway.domain.sources import Whom, provider_of
from gateway.upstream.status import LaneStatus


class Counting:
    """Answers everything with: no such thing."""

    sources: Sequence[Whom] = ()

    def __init__(self) -> None:
        self.asked: list[tuple[Whom, Verb, Hashable]] = []

    async def load_many(
        self, provider: Whom, verb: Verb, keys: Sequence[Hashable], **_: Any
    ) -> Sequence[Any]:
        """Note who is asked what."""
        self.asked += [(provider, verb, key) for key in keys]
        return [NotFound("There is no such thing.", provider=provider_of(provider)) for _ in keys]

    def peek_many(
        self, provider: Whom, verb: Verb, keys: Iterable[Hashable], *, max_age: float | None = None
    ) -> None:
        """Have nothing at hand."""

    def fresh_for(self, provider: Whom, verb: Verb, keys: Iterable[Hashable]) -> float:
        """Know nothing that is."""
        return 0.0

    def status(self) -> Sequence[LaneStatus]:
        """Tell of no lanes."""
        return []
