"""Terms, as the event loop sees them: in a term keys are taken from the queue, outside of one they gather there."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Protocol

from hirag_operator.adapters.election import Election
from hirag_operator.adapters.fence import OPEN, Fence, LeaseFence
from hirag_operator.handlers.queue import WorkQueue

FAREWELL_SECONDS = 20.0  # for the steps under way at the end; a pod has thirty

Told = Callable[[bool], None]


class Seat(Protocol):
    """How this process comes to lead."""

    @property
    def fence(self) -> Fence:
        """What lets changes pass while it leads."""

    def contest(self, told: Told) -> Election | None:
        """Return the election, which tells of the beginning and end of each term; None: it leads anyway."""


class Unopposed:
    """The seat of a process that is the only one."""

    fence = OPEN

    def contest(self, _told: Told) -> None:
        """Return that there is no election."""


class Contested:
    """A seat that is won by a Lease.

    Args:
        fence: What the election opens and closes.
        stand: Makes the election.
    """

    def __init__(self, fence: LeaseFence, stand: Callable[[LeaseFence, Told], Election]) -> None:
        self.fence = fence
        self._stand = stand

    def contest(self, told: Told) -> Election:
        """See `Seat`."""
        return self._stand(self.fence, told)


class Leadership:
    """Stands for election, and opens the queue in each term. For one event loop.

    Args:
        seat: How this process comes to lead.
        queue: Whose keys are taken while it does.
        forget: Drops what was learnt of the world: what is left of an earlier term is old.
    """

    def __init__(self, seat: Seat, queue: WorkQueue, forget: Callable[[], None]) -> None:
        self._queue = queue
        self._forget = forget
        self._fence = seat.fence
        loop = asyncio.get_running_loop()
        self._election = seat.contest(lambda leads: _post(loop, self.turn, leads))
        if self._election is not None:
            queue.pause()

    def leads(self) -> bool:
        """Return whether this process may act at this moment."""
        return self._fence.leads()

    def standstill(self) -> float:
        """Return for how many leases the election has stood still."""
        return 0.0 if self._election is None else self._election.standstill

    def turn(self, leads: bool) -> None:  # noqa: FBT001  which of two ways it went
        """Begin a term, or end it."""
        if not leads:
            self._queue.pause()
            return
        self._forget()
        self._queue.begin()

    @contextlib.asynccontextmanager
    async def sought(self, begin: asyncio.Event) -> AsyncIterator[None]:
        """Stand for as long as the context, once `begin` is set: who does not see enough yet is in nobody's way."""
        waiting = asyncio.create_task(self._stand(begin))
        try:
            yield
        finally:
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
            await self.resign()

    async def resign(self) -> None:
        """Begin nothing more, let the steps under way end, and give the Lease up."""
        if self._election is None:
            return
        self._queue.pause()
        await asyncio.to_thread(self._election.resign, FAREWELL_SECONDS)

    async def _stand(self, begin: asyncio.Event) -> None:
        await begin.wait()
        if self._election is not None:
            self._election.start()


def _post(loop: asyncio.AbstractEventLoop, call: Told, leads: bool) -> None:  # noqa: FBT001  as above
    with contextlib.suppress(RuntimeError):  # the loop has ended, and with it the process
        loop.call_soon_threadsafe(call, leads)
