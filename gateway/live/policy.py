"""How often something watched is looked at, with the argument for every number. Times are in seconds."""

from __future__ import annotations

from msgspec import UNSET, Struct

from gateway.domain.records import Job, Task, TaskPage, Video
from gateway.upstream.freshness import Answer

_NEAR = 90  # percent


class WatchPolicy(Struct, frozen=True, kw_only=True):
    """The pace of watches.

    Attributes:
        share: Part of every operation's quota that watches may use, 0 to 1. Whoever waits goes first at every
            slot, so this bounds what watching costs the account, not what it costs other clients.
        quick: Pause between two looks at what moves or is about to end. A bar that moves once a second looks
            alive.
        slow: The longest pause, for what has not changed for long.
        settle: Part of the time that nothing has changed, which the pause grows with. At a tenth, whoever
            waits for something that took ten minutes so far hears of it within one more.
        settle_near: The same near the end, where people wait.
        patience: How long the first look may take until watchers are told of trouble.
    """

    share: float = 0.75
    quick: float = 1.0
    slow: float = 15.0
    settle: float = 0.1
    settle_near: float = 0.02
    patience: float = 10.0

    def pause(self, answer: Answer, unchanged: float) -> float | None:
        """Return how long to wait before the next look; None where nothing more is to be seen.

        Args:
            answer: What was seen last.
            unchanged: Seconds for which it has been seen so.
        """
        work = moving(answer)
        if work is None:
            return None
        settle = self.settle_near if any(map(_is_near_end, work)) else self.settle
        # What does not exist yet may take any time to come; a work that does will move soon.
        least = self.quick if work else min(5 * self.quick, self.slow)
        return min(max(least, settle * unchanged), self.slow)

    def backed_off(self, failures: int) -> float:
        """Return how long to wait after some looks in a row that came to nothing."""
        return min(self.quick * 2.0 ** min(failures, 10), self.slow)


def moving(answer: Answer) -> list[Task | Job] | None:
    """Return the work that is under way, which may be none yet; None where all has ended."""
    match answer:
        case Task() | Job():
            return None if answer.status.finished else [answer]
        case Video(latest_task=Task() as task):
            return None if task.status.finished else [task]
        case TaskPage(tasks=tasks) if tasks:
            return [task for task in tasks if not task.status.finished] or None
        case _:
            return []


def _is_near_end(work: Task | Job) -> bool:
    return work.progress is not UNSET and work.progress is not None and work.progress >= _NEAR
