"""Points taken ahead, so that not every request asks the store that counts them."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from msgspec import Struct

_MINUTE = 60.0


class Lot(Struct):
    """Points of one principal's that this replica has taken for requests to come.

    Attributes:
        points: How many are left of them.
        elsewhere: Points that were left in the store then; others may have taken of those since.
        until: When they are no good any more: what was taken is back in the store after a minute, so that
            keeping it for longer would be having it twice.
    """

    points: int
    elsewhere: int
    until: float


class Lots:
    """The lots of all principals.

    Args:
        now: Seconds of some clock.
        principals: Lots kept; those taken longest ago are forgotten.
    """

    def __init__(self, *, now: Callable[[], float] = time.monotonic, principals: int = 10_000) -> None:
        self._now = now
        self._principals = principals
        self._lots: OrderedDict[str, Lot] = OrderedDict()

    def put(self, name: str, points: int, elsewhere: int) -> None:
        """Keep points that were taken for a principal, in place of any it had."""
        self._lots[name] = Lot(points, elsewhere, self._now() + _MINUTE)
        self._lots.move_to_end(name)
        if len(self._lots) > self._principals:
            self._lots.popitem(last=False)

    def spend(self, name: str, points: int) -> int | None:
        """Take points of a principal's lot; return how many the principal has left in all.

        None, and nothing taken, where the lot does not hold so many.
        """
        lot = self._lots.get(name)
        if lot is None or lot.points < points or lot.until <= self._now():
            return None
        lot.points -= points
        return lot.points + lot.elsewhere
