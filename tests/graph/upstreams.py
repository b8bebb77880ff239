"""Lanes that know nothing and count who asks."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from gateway.domain.errors import NotFound
from gateway.domain.provider import Verb
from gateway.domain.records import Provider
from gateway.upstream.status import LaneStatus


class Counting:
    """Answers everything with: no such thing."""

    def __init__(self) -> None:
        self.asked: list[tuple[Provider, Verb, Hashable]] = []

    async def load_many(
        self, provider: Provider, verb: Verb, keys: Sequence[Hashable], **_: Any
    ) -> Sequence[Any]:
        """Note who is asked what."""
        self.asked += [(provider, verb, key) for key in keys]
        return [NotFound("There is no such thing.", provider=provider) for _ in keys]

    def status(self) -> Sequence[LaneStatus]:
        """Tell of no lanes."""
        return []
