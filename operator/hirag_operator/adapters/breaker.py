"""Keeps callers from waiting, one after another, for a server that lets everybody wait."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from hirag_operator.errors import Unreachable


@dataclass(frozen=True)
class Patience:
    """When a server is given a rest, and for how long; in seconds.

    A call that fails in less than `slow` costs its caller nothing, so it needs no rest: the work queue's own pauses
    are enough. The pause doubles with every trial that fails, from `first` to `longest`.
    """

    slow: float = 1.0
    first: float = 1.0
    longest: float = 30.0


class Breaker:
    """Lets calls to one server through, until one fails slowly; then a single trial at the end of each pause.

    Thread-safe. `clock` counts seconds.
    """

    def __init__(self, patience: Patience = Patience(), clock: Callable[[], float] = time.monotonic) -> None:
        self._patience = patience
        self._clock = clock
        self._lock = threading.Lock()
        self._pause = 0.0  # 0: closed, calls go through
        self._until = 0.0
        self._trial = False

    @contextmanager
    def calling(self, server: str) -> Iterator[None]:
        """Make one call inside; only an Unreachable that leaves it counts as a failure.

        Raises:
            Unreachable: at once, without a call, while the server is given a rest.
        """
        trial = self._admit(server)
        started = self._clock()
        failed_slowly = False
        try:
            yield
        except Unreachable:
            failed_slowly = self._clock() - started >= self._patience.slow
            raise
        finally:
            self._end(failed_slowly=failed_slowly, trial=trial)

    def _admit(self, server: str) -> bool:
        """Return whether the call is a trial."""
        with self._lock:
            if not self._pause:
                return False
            if self._trial or self._clock() < self._until:
                # No seconds left to wait: the sentence goes into conditions, which must not change at every look.
                rest = f"it is tried once in a while, at most {self._patience.longest:g} s apart"
                raise Unreachable(server, f"it lets calls wait and was not asked: until it answers, {rest}")
            self._trial = True
            return True

    def _end(self, *, failed_slowly: bool, trial: bool) -> None:
        with self._lock:
            if trial:
                self._trial = False
            elif failed_slowly and self._pause:
                return  # one of several that waited together: the first has opened it
            if not failed_slowly:
                self._pause = 0.0
                return
            doubled = self._pause * 2 if self._pause else self._patience.first
            self._pause = min(doubled, self._patience.longest)
            self._until = self._clock() + self._pause
