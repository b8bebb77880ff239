"""A bounded memory that costs two look-ups: what is not used while one generation grows up is forgotten.

A list in order of use would have to be mended at every hit. Here a hit in the young generation changes
nothing, and one in the old generation moves its entry over. When the young have taken half of the room, they
become the old, and the old are gone.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Generations(Generic[K, V]):
    """Values by key.

    Args:
        room: Bytes, of both generations together; 0 remembers nothing.
        weigh: Returns the bytes that a value takes, its key included.
    """

    def __init__(self, room: int, weigh: Callable[[V], int]) -> None:
        self._half = room // 2
        self._weigh = weigh
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}
        self._weight = 0

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def get(self, key: K) -> V | None:
        """Return a value; None where there is none."""
        value = self._young.get(key)
        if value is None and self._old:
            value = self._old.pop(key, None)
            if value is not None:
                self.put(key, value)
        return value

    def get_each(self, keys: Sequence[K]) -> list[V | None]:
        """Return a value for each key; None where there is none."""
        values = list(map(self._young.get, keys))
        if self._old and None in values and not self._old.keys().isdisjoint(keys):
            return list(map(self.get, keys))
        return values

    def put(self, key: K, value: V) -> None:
        """Remember a value; one too heavy for half of the room is not."""
        weight = self._weigh(value)
        if weight > self._half:
            return
        self._old.pop(key, None)
        before = self._young.get(key)
        if before is not None:
            self._weight -= self._weigh(before)
        elif self._weight + weight > self._half:
            self._old, self._young, self._weight = self._young, {}, 0
        self._young[key] = value
        self._weight += weight
