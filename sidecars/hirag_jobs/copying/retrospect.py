"""Looking back over what is dated lately, for what landed later than that and was passed over (`carried.py`)."""

import math
import time
from dataclasses import dataclass

from hirag_jobs.copying.carried import LANDING_MS
from hirag_jobs.copying.passes import Way, look_back
from hirag_jobs.rest import Rest

_FIRST_SLICE_MS, _LEAST_SLICE_MS = 5_000, 500  # of dates that are looked at in one go
_SECOND_MS = 1_000  # the server's clock is told to the second below
_QUICK_SECONDS, _SLOW_SECONDS = 0.05, 0.2  # of one look; a freeze has to wait for it


@dataclass
class Retrospect:
    """Goes round and round over the last two minutes, slice by slice.

    Args:
        way: from where to where what is found is carried.
        rest: to the Weaviate of both, for its clock.
        filtered: whether the source indexes its timestamps; otherwise each look is a walk over all ids.
        seconds: what the last whole round took; None before there was one.
    """

    way: Way
    rest: Rest
    filtered: bool
    seconds: float | None = None
    _slice: int = _FIRST_SLICE_MS
    _at: int = 0
    _end: int = 0
    _spent: float = 0.0

    def go_on(self, seconds: float) -> int:
        """Carries what landed late, for about so long, from where the last call ended; returns how many objects."""
        carried, end = 0, time.monotonic() + seconds
        if self._at >= self._end:
            self._begin()
        while self._at < self._end:
            carried += self._look()
            if time.monotonic() >= end:
                break
        return carried

    def whole(self) -> int:
        """Carries all that landed late; returns how many objects."""
        self._begin()
        return self.go_on(math.inf)

    def _begin(self) -> None:
        now = self.rest.now()
        self._at, self._spent = now - LANDING_MS, 0.0
        self._end = now + _SECOND_MS

    def _look(self) -> int:
        began = time.monotonic()
        until = min(self._end, self._at + self._slice) if self.filtered else self._end
        carried = look_back(self.way, self._at, until, filtered=self.filtered)
        self._at = until
        took = time.monotonic() - began
        if took < _QUICK_SECONDS:
            self._slice = min(LANDING_MS, 2 * self._slice)
        elif took > _SLOW_SECONDS:
            self._slice = max(_LEAST_SLICE_MS, self._slice // 2)
        self._spent += took
        if self._at >= self._end:
            self.seconds = self._spent
            self.way.carried.forget(self._end - _SECOND_MS)
        return carried
