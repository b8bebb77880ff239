"""The world behind the three faces: a seed, a clock, and everything that follows from them.

No task is stored and nothing runs in the background. Whatever is asked is computed from the seed and the
present moment, so two sandboxes with one seed agree, a restart loses nothing, and a test that stops the
clock stops the world.
"""

from collections.abc import Callable
from typing import Final

from gateway.sandbox.dice import Dice
from gateway.sandbox.ids import Cipher
from gateway.sandbox.timeline import DAY, Series
from gateway.sandbox.videos import Videos

IMS_PACE: Final = 20  # seconds between two jobs
VISIONULAR_PACE: Final = 15
HISTORY: Final = 60 * DAY


class World:
    """What the three providers know at this moment.

    Attributes:
        now: The clock, unix seconds.
        dice: Chance, for details that no other face shares.
        cipher: Makes and reads ids.
        videos: VOD's videos with their tasks.
        conversions: IMS's jobs.
        encodings: Visionular's tasks.
    """

    def __init__(self, seed: int, now: Callable[[], float]) -> None:
        self.now = now
        self.dice = Dice(seed)
        self.cipher = Cipher(seed)
        self.videos = Videos(self.dice, self.cipher)
        self.conversions = Series(
            self.dice,
            "conversion",
            pace=IMS_PACE,
            history=HISTORY,
            hand={"succeeded": 88, "failed": 8, "cancelled": 4},
        )
        self.encodings = Series(
            self.dice, "encoding", pace=VISIONULAR_PACE, history=HISTORY, hand={"succeeded": 92, "failed": 8}
        )
