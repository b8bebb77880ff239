"""Chance without memory: the same question always gets the same answer.

The world is a function of seed and clock, so nothing in it may depend on what was asked before. A random
generator has a state and therefore an order; a keyed hash of the question has neither.
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

Item = TypeVar("Item")


class Dice:
    """Draws for one seed. ``about`` names what is drawn for: a noun and the numbers that identify it."""

    def __init__(self, seed: int) -> None:
        self._key = seed.to_bytes(16, "big", signed=True)

    def roll(self, *about: int | str) -> int:
        """Draw an integer of 64 bits."""
        return int.from_bytes(blake2b(repr(about).encode(), digest_size=8, key=self._key).digest(), "big")

    def between(self, low: int, high: int, *about: int | str) -> int:
        """Draw an integer from low to high, both included."""
        return low + self.roll(*about) % (high - low + 1)

    def chance(self, percent: int, *about: int | str) -> bool:
        """Draw yes in so many cases of a hundred."""
        return self.roll(*about) % 100 < percent

    def pick(self, items: Sequence[Item], *about: int | str) -> Item:
        """Draw one of the items, each as likely."""
        return items[self.roll(*about) % len(items)]

    def shuffled(self, items: Sequence[Item], *about: int | str) -> tuple[Item, ...]:
        """Put the items in a drawn order."""
        order = sorted(range(len(items)), key=lambda place: self.roll(*about, place))
        return tuple(items[place] for place in order)

    def name(self, *about: int | str) -> str:
        """Draw 32 hexadecimal digits, for names that never have to be understood again."""
        return blake2b(repr(about).encode(), digest_size=16, key=self._key).hexdigest()
