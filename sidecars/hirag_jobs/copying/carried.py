"""Which write of an object was carried, as far as it is recent.

Weaviate dates a write before it makes its vector, and a model may take its time: it is found with an update time at
which everything was long carried. So what changed is looked for in a wide span too, and what was carried as it is now
is known by this.

That is right of what is asked twice for safety's sake. Whoever takes it for the whole truth has to know one thing more:
of two writes in one millisecond an object shows the same time, so what was read within a second of its write may not be
what it is now.
"""

import math
import time
from collections.abc import Iterable
from typing import Final

from hirag_jobs.objects.pages import Result, Seen, identity

LANDING_MS: Final = 120_000
"""The longest that a write takes from its date until it is stored: clients and vectorizers give up before."""
SAME_MS: Final = 1_000
"""What was read so long after it was written is not followed by another write of the same time."""


class Carried:
    """Update times of the objects that were carried, id → milliseconds since 1970. Thread-safe."""

    def __init__(self) -> None:
        self._times: dict[int, int] = {}
        self._unsure: set[int] = set()
        self._from = self._now = math.inf
        self._at = 0.0

    def begin(self, now: int) -> None:
        """Keeps from here on what is dated at a time from which on a write may land still; `now` is the server's."""
        self._from, self._now, self._at = now - LANDING_MS, now, time.monotonic()

    @property
    def kept_from(self) -> float:
        """From which date on it knows what was carried: milliseconds since 1970; infinite before it has begun."""
        return self._from

    def now(self) -> float:
        """The time by the server's clock, or a little less, in milliseconds since 1970; infinite as of `kept_from`."""
        return self._now + (time.monotonic() - self._at) * 1000

    def note(self, page: Iterable[Result], read: float) -> None:
        """Takes in that objects are on the target as they were read; `read` is `now()` before that."""
        if math.isinf(self._from):
            return
        for one in page:
            key, updated = identity(one), one.metadata.last_update_time_unix
            if updated >= self._from:
                self._times[key] = updated
                (self._unsure.discard if updated < read - SAME_MS else self._unsure.add)(key)

    def lacks(self, seen: Seen) -> bool:
        """Whether an object was not carried as it is now, as far as is known."""
        return self._times.get(seen.id) != seen.updated

    def surely_has(self, seen: Seen) -> bool:
        """Whether an object was carried as it is now, beyond doubt."""
        return not self.lacks(seen) and seen.id not in self._unsure

    def forget(self, now: int) -> None:
        """Lets go of what is too old to be looked for."""
        self.begin(now)
        self._times = {one: at for one, at in self._times.items() if at >= self._from}
        self._unsure &= self._times.keys()
