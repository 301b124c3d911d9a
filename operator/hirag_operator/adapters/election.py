"""The election: a candidate in a thread of its own, so that nothing that keeps the process busy keeps it from renewing.

While it holds the Lease it keeps the fence open, each time until well before another may take the Lease. What it sent
without an answer counts for nothing. A term ends when the fence has closed by time, or when the Lease says another
name; afterwards the candidate stands again, for a new term.
"""

import asyncio
import contextlib
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog

from hirag_operator.adapters.fence import LeaseFence
from hirag_operator.adapters.leaseserver import LeaseServer
from hirag_operator.errors import Conflict, OperatorError, Unreachable
from hirag_operator.plan.election import (
    CALL_SHARE,
    LOOK_SHARE,
    RENEW_SHARE,
    Sighting,
    Take,
    Wait,
    decide,
    held_until,
    read_record,
    released,
    sighted,
)
from hirag_operator.plan.events import event

log = structlog.get_logger(__name__)

JITTER = 0.2  # share of a pause by which it is lengthened at random, so that candidates do not ask in step
STOP_SECONDS = 2.0
RELEASE_PAUSE = 0.1  # seconds before a Lease that could not be given up is tried again
EVENT_SECONDS = 1.0
EVENT_REASON = "LeaderElection"


@dataclass(frozen=True)
class Candidate:
    """Who stands, and for leases of how many seconds. The name must be that of one process alone."""

    name: str
    seconds: int


class Election:
    """Stands from `start` until it resigns. Thread-safe.

    Args:
        server: The Lease; closed at the end.
        candidate: Who stands.
        fence: Opened while the Lease is held; its clock is the election's.
        told: Told, in the election's thread, when a term has begun (True) or ended (False).
    """

    def __init__(
        self, server: LeaseServer, candidate: Candidate, fence: LeaseFence, told: Callable[[bool], None]
    ) -> None:
        self._server = server
        self._candidate = candidate
        self._fence = fence
        self._told = told
        self._seen: Sighting | None = None
        self._current = False  # whether `_seen` is our own last word, answered: then no look is needed
        self._leading = False
        self._trouble = ""
        self._holder: str | None = None
        self._turned = fence.clock()
        self._loop = asyncio.new_event_loop()
        self._leaving = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="election", daemon=True)
        self._notes: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Start the thread."""
        self._turned = self._fence.clock()
        self._thread.start()

    def resign(self, seconds: float) -> None:
        """Stand no more: let no step begin, wait up to so long for those under way, and give the Lease up.

        While one is under way the Lease is not given up; it is left to run out. To be called again has no effect.
        """
        self._fence.close()
        if not self._thread.is_alive():
            return
        self._fence.idle(seconds)  # renewals go on meanwhile
        self._loop.call_soon_threadsafe(self._leaving.set)
        self._thread.join(self._candidate.seconds * CALL_SHARE + STOP_SECONDS)

    @property
    def standstill(self) -> float:
        """Return for how many leases the candidate has neither looked nor renewed; at most about 1 while it is well."""
        if self._thread.ident is None:  # not started: it waits until there is enough to see
            return 0.0
        return (self._fence.clock() - self._turned) / self._candidate.seconds

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._stand())
        finally:
            self._fence.end()
            self._loop.close()

    async def _stand(self) -> None:
        while not self._leaving.is_set():
            self._turned = self._fence.clock()
            again = await self._attempt()
            self._judge()
            await self._pause(again)
        await self._give_up()
        for note in self._notes:
            note.cancel()
        await asyncio.gather(*self._notes, return_exceptions=True)
        await self._server.close()

    async def _attempt(self) -> float:
        """Take one turn; return when to take the next, by the clock. What goes wrong is said once."""
        longest = self._candidate.seconds * CALL_SHARE
        try:
            async with asyncio.timeout(longest):
                again = await self._turn()
        except Conflict:  # somebody else wrote: look at once at what
            return self._fence.clock()
        except TimeoutError:
            self._failed(f"no answer within {longest:g} s")
        except OperatorError as error:
            self._failed(str(error))
        except Exception as error:  # a defect of ours must not end the election, and must not hide: it is logged
            log.exception("election_defect")
            self._failed(type(error).__name__)
        else:
            self._well()
            return again
        return self._fence.clock() + self._candidate.seconds * LOOK_SHARE

    async def _turn(self) -> float:
        """Look unless what is known is our own last word; then wait, take or renew."""
        current, self._current = self._current, False  # until this turn has come to its end
        if not current:
            await self._look()
        now, seconds = self._fence.clock(), self._candidate.seconds
        choice = decide(self._seen, self._candidate.name, seconds, now, datetime.now(UTC))
        if isinstance(choice, Wait):
            self._fence.end()
            self._heard_of(choice.holder)
            return min(choice.until, now + seconds * LOOK_SHARE)
        await self._take(choice, now)
        return now + seconds * RENEW_SHARE

    async def _look(self) -> None:
        lease = await self._server.read()
        now = self._fence.clock()
        version = lease["metadata"]["resourceVersion"] if lease else ""
        self._seen = sighted(self._seen, read_record(lease), version, now) if lease else None

    async def _take(self, take: Take, sent: float) -> None:
        """Write our name; only an answer that says so opens the fence, counted from before the question."""
        lease = await self._server.write(take)
        now = self._fence.clock()
        self._seen = sighted(self._seen, read_record(lease), lease["metadata"]["resourceVersion"], now)
        self._current = True
        self._judge()  # if the fence closed meanwhile, what began before must not go on in the new term
        self._fence.hold(held_until(sent, self._candidate.seconds))
        if not self._leading and self._fence.leads():
            self._note(lease, f"{self._candidate.name} became leader")

    def _judge(self) -> None:
        """Tell of the beginning and the end of a term."""
        leads = self._fence.leads()
        if leads == self._leading:
            return
        if not leads:
            self._fence.end()
        self._leading = leads
        record = self._seen.record if self._seen else None
        log.info(
            "leading_began" if leads else "leading_ended",
            candidate=self._candidate.name,
            holder=record.holder if record else None,
            transitions=record.transitions if record else None,
        )
        self._told(leads)

    async def _pause(self, again: float) -> None:
        """Sleep until the next turn is due; be up for the end of the term, and for the wish to leave."""
        jittered = again if self._leading else again + JITTER * random.random() * self._candidate.seconds * LOOK_SHARE  # noqa: S311  spreads load, guards nothing
        while not self._leaving.is_set() and (left := jittered - self._fence.clock()) > 0:
            if self._leading:
                left = min(left, max(0.0, self._fence.left()))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._leaving.wait(), left)
            self._judge()

    async def _give_up(self) -> None:
        """Leave the Lease to nobody, if it is ours and nothing is under way in its name."""
        seen, leads, quiet = self._seen, self._fence.leads(), self._fence.idle(0.0)
        self._fence.end()  # before anybody can hear of it
        if seen is None or not leads or not quiet:
            log.info("lease_left", candidate=self._candidate.name, leads=leads, quiet=quiet)
            return
        try:
            async with asyncio.timeout(self._candidate.seconds * CALL_SHARE):
                await self._release(seen)
        except (TimeoutError, OperatorError) as error:  # it runs out by itself
            log.warning("lease_not_released", candidate=self._candidate.name, error=str(error) or "no answer")

    async def _release(self, seen: Sighting | None) -> None:
        """Write that nobody holds the Lease, as often as it takes where an answer or a connection is lost.

        Before it tries again it looks what became of the last word: it may have been a renewal, or this one.
        """
        while seen is not None and seen.record.holder == self._candidate.name:
            try:
                lease = await self._server.write(Take(released(seen.record, datetime.now(UTC)), seen.version))
            except (Conflict, Unreachable) as error:
                log.warning("lease_release_interrupted", candidate=self._candidate.name, error=str(error))
                await asyncio.sleep(RELEASE_PAUSE)
                with contextlib.suppress(Unreachable):
                    await self._look()
                seen = self._seen
            else:
                await self._post(lease, f"{self._candidate.name} stopped leading")
                break
        log.info("lease_released", candidate=self._candidate.name)

    def _note(self, lease: Mapping[str, Any], text: str) -> None:
        """Post an Event beside the next turns; a renewal does not wait for it."""
        task = self._loop.create_task(self._post(lease, text))
        self._notes.add(task)
        task.add_done_callback(self._notes.discard)

    async def _post(self, lease: Mapping[str, Any], text: str) -> None:
        body = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", **lease}
        try:
            async with asyncio.timeout(EVENT_SECONDS):
                await self._server.post(event(body, EVENT_REASON, text, datetime.now(UTC)))
        except (TimeoutError, OperatorError) as error:
            log.warning("event_not_posted", reason=EVENT_REASON, error=str(error) or "no answer")

    def _heard_of(self, holder: str) -> None:
        if holder != self._holder:
            log.info("leader_seen", candidate=self._candidate.name, holder=holder)
        self._holder = holder

    def _failed(self, trouble: str) -> None:
        if not self._trouble:
            log.warning("election_interrupted", candidate=self._candidate.name, error=trouble)
        self._trouble = trouble

    def _well(self) -> None:
        if self._trouble:
            log.info("election_resumed", candidate=self._candidate.name)
        self._trouble = ""
