"""When a follower passes over what changed, and when its passes are as short as they get. It is told the time."""

import math
from dataclasses import dataclass
from typing import Final

_SHORT_SECONDS: Final = 0.2  # of a pass that no freeze minds
_LEVEL: Final = 0.9  # of the time of the pass before: where one takes so much, the next ones get no shorter either
_STILL_SECONDS: Final = 1.0  # so long a freeze takes to come, once all are ready for it
_PAUSE_SHARE, _LONGEST_PAUSE_SECONDS = 3, 1.0


@dataclass
class Rhythm:
    """The passes of one follower. All times are seconds of a clock that never goes back.

    Attributes:
        passed_at: when the last pass ended.
        due: when the next one is, while no freeze is near.
    """

    passed_at: float = 0.0
    due: float = 0.0
    _seconds: float = math.inf
    _before: float = math.inf
    _idle_seconds: float = 0.0

    def passed(self, began: float, ended: float, carried: int) -> None:
        """Counts a pass, which carried so many objects."""
        self._before, self._seconds, self.passed_at = self._seconds, ended - began, ended
        if not carried:
            self._idle_seconds = self._seconds

    def rest(self, began: float, ended: float) -> None:
        """Leaves the server three times as long as a turn took.

        Where that was for what it carried, a second at most: what waits for longer is more to carry, and a pause by the
        length of that would grow from pass to pass. Where a pass over nothing takes longer, for there are many to look
        at, it is three times that.
        """
        longest = max(_LONGEST_PAUSE_SECONDS, self._idle_seconds * _PAUSE_SHARE)
        self.due = ended + min(longest, (ended - began) * _PAUSE_SHARE)

    def quicken(self) -> None:
        """From here on passes are made without a pause: earlier ones say nothing of how short these get."""
        self._seconds = math.inf

    @property
    def is_short(self) -> bool:
        """Whether the last pass was one that no freeze minds."""
        return self._seconds < _SHORT_SECONDS

    @property
    def is_settled(self) -> bool:
        """Whether the last pass was short, or no shorter than the one before: the server has no time left."""
        return self.is_short or self._seconds > self._before * _LEVEL

    @property
    def still_until(self) -> float:
        """Until when nothing is done while a freeze is awaited, so that no long pass is under way when it comes."""
        return self.passed_at if self.is_short else self.passed_at + _STILL_SECONDS
