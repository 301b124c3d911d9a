"""The fence around the world: what changes anything passes it, and it is open only while this process leads.

Each adapter's connection asks it immediately before bytes of a change go to the socket. So a process that was stopped
for longer than its lease, and wakes in the middle of a reconcile, sends nothing more: the time that it slept has passed
by the clock that it asks. That clock counts while a machine is suspended, where the system has one that does.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from hirag_operator.errors import NotLeading

NEVER, ALWAYS = float("-inf"), float("inf")


def since_boot() -> float:
    """Return seconds by a clock that nobody sets, and that goes on while the machine is suspended (on Linux)."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Fence(Protocol):
    """What may change the world, and when."""

    @property
    def unheard_seconds(self) -> float | None:
        """For how long bytes may lie on their way before they are given up; None: for as long as the system likes."""

    def attempt(self) -> AbstractContextManager[None]:
        """Bind what this thread does inside to the present term: in a later one it may change nothing any more."""

    def step(self) -> AbstractContextManager[None]:
        """Make one change inside, of several requests perhaps; raises NotLeading where none may begin."""

    def handed_on(self) -> Callable[[], AbstractContextManager[None]]:
        """Return what lets other threads do, inside, a part of the step that this thread is in and waits in."""

    def check(self) -> None:
        """Return if a change may be sent at this moment, else raise NotLeading."""

    def leads(self) -> bool:
        """Return whether this process may change anything at this moment."""


class OpenFence:
    """A fence that is always open: of a process that is the only one."""

    unheard_seconds = None

    def attempt(self) -> AbstractContextManager[None]:
        """Return what changes nothing."""
        return contextlib.nullcontext()

    def step(self) -> AbstractContextManager[None]:
        """Return what changes nothing."""
        return contextlib.nullcontext()

    def handed_on(self) -> Callable[[], AbstractContextManager[None]]:
        """Return what changes nothing."""
        return contextlib.nullcontext

    def check(self) -> None:
        """Return."""

    def leads(self) -> bool:
        """Return True."""
        return True


OPEN = OpenFence()


class _Thread(threading.local):
    """What one thread is at: in which term its attempt began, and in how many steps it is, one within another."""

    term: int | None = None
    steps = 0


class LeaseFence:
    """A fence that is open while a lease is held. Thread-safe.

    Args:
        unheard_seconds: See `Fence`.
        clock: Seconds; the election counts by the same.
    """

    def __init__(self, unheard_seconds: float | None = None, *, clock: Callable[[], float] = since_boot) -> None:
        self.unheard_seconds = unheard_seconds
        self.clock = clock
        self._until = NEVER
        self._term = 0
        self._closing = False
        self._steps = 0
        self._changed = threading.Condition()
        self._thread = _Thread()

    def hold(self, until: float) -> None:
        """Be open until a moment of the clock: the lease was taken or renewed."""
        self._until = until

    def end(self) -> None:
        """End the term: what began in it changes nothing any more, not even if this process leads again."""
        self._term += 1
        self._until = NEVER

    def close(self) -> None:
        """Let no step begin any more, for good; those under way go on while the lease is held."""
        self._closing = True

    def idle(self, seconds: float) -> bool:
        """Wait until no step is under way; return whether that came about within so many seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._steps, seconds)

    def left(self) -> float:
        """Return for how many seconds the fence stays open without a renewal; none or less: it is closed."""
        return self._until - self.clock()

    def leads(self) -> bool:
        """Return whether it is open."""
        return self.left() > 0

    @contextlib.contextmanager
    def attempt(self) -> Iterator[None]:
        """See `Fence`."""
        self._thread.term = self._term
        try:
            yield
        finally:
            self._thread.term = None

    @contextlib.contextmanager
    def step(self) -> Iterator[None]:
        """See `Fence`. A step within another is a part of it."""
        self._enter(1)  # before the look, so that `idle` misses none
        try:
            if self._closing and self._thread.steps == 1:
                raise NotLeading("the process ends: it begins nothing more")
            self.check()
            yield
        finally:
            self._enter(-1)

    def handed_on(self) -> Callable[[], AbstractContextManager[None]]:
        """See `Fence`. What is done so is bound to the term in which this thread began."""
        term = self._thread.term

        @contextlib.contextmanager
        def part() -> Iterator[None]:
            self._thread.term = term
            self._enter(1)
            try:
                yield
            finally:
                self._enter(-1)
                self._thread.term = None

        return part

    def check(self) -> None:
        """See `Fence`."""
        if self._thread.term != self._term:
            raise NotLeading("the term in which this began is over")
        if not self.leads():
            raise NotLeading("the lease is not held any more")

    def _enter(self, steps: int) -> None:
        self._thread.steps += steps
        with self._changed:
            self._steps += steps
            self._changed.notify_all()
