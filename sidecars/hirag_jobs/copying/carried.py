"""Which write of an object was carried, as far as it is recent.

Weaviate dates a write before it makes its vector, and a model may take its time: it is found with an update time at
which everything was long carried. So what changed is looked for in a wide span too, and what was carried as it is now
is known by this.
"""

import math
from collections.abc import Iterable
from typing import Final

from hirag_jobs.objects.pages import Result, Seen, identity

LANDING_MS: Final = 120_000
"""The longest that a write takes from its date until it is stored: clients and vectorizers give up before."""


class Carried:
    """Update times of the objects that were carried, id → milliseconds since 1970. Thread-safe."""

    def __init__(self) -> None:
        self._times: dict[int, int] = {}
        self._from = math.inf

    def begin(self, now: int) -> None:
        """Keeps from here on what is dated at a time from which on a write may land still; `now` is the server's."""
        self._from = now - LANDING_MS

    @property
    def kept_from(self) -> float:
        """From which date on it knows what was carried: milliseconds since 1970; infinite before it has begun."""
        return self._from

    def note(self, page: Iterable[Result]) -> None:
        """Takes in that objects are on the target as they were read."""
        if math.isinf(self._from):
            return
        for one in page:
            if one.metadata.last_update_time_unix >= self._from:
                self._times[identity(one)] = one.metadata.last_update_time_unix

    def lacks(self, seen: Seen) -> bool:
        """Whether an object was not carried as it is now, as far as is known."""
        return self._times.get(seen.id) != seen.updated

    def forget(self, now: int) -> None:
        """Lets go of what is too old to be looked for."""
        self.begin(now)
        self._times = {one: at for one, at in self._times.items() if at >= self._from}
