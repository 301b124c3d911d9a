"""Following the tenants of a collection: those of one share, as they come, go, wake and fall asleep."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final, TypeVar

import structlog

from hirag_jobs.copying.comparison import Compared
from hirag_jobs.copying.course import Course
from hirag_jobs.copying.lanes import in_lanes
from hirag_jobs.copying.notes import Known
from hirag_jobs.copying.onetenant import OneTenant, carry_first, carry_newcomer
from hirag_jobs.copying.passes import Way
from hirag_jobs.copying.report import MigrationReport, PartReport
from hirag_jobs.copying.rhythm import Rhythm
from hirag_jobs.copying.tail import Seal, Tail
from hirag_jobs.copying.telling import Telling

Done = TypeVar("Done")

_AT_ONCE: Final = 8  # tenants that are looked at side by side
_TAKEN_AT_ONCE: Final = 4  # tenants that are carried whole side by side: waiting for the server is most of it
_KEPT_SECONDS: Final = 1.0  # at least, between two passes over all while others are carried

log = structlog.get_logger(__name__)


@dataclass
class Tenants:
    """The tenants of one share.

    Args:
        course: how each is carried.
        way: from where to where the objects of a tenant go.
        source: the collection that has them.
        portion: which share this is, from 1 on, and of how many.
        telling: what is told of it.
        report: what is done is added to it.
    """

    course: Course
    way: Callable[[str], Way]
    source: str
    portion: tuple[int, int]
    telling: Telling
    report: MigrationReport
    _carried: dict[str, OneTenant] = field(default_factory=dict)
    _rhythm: Rhythm = field(default_factory=Rhythm)
    _one_by_one: threading.Lock = field(default_factory=threading.Lock)

    def carry_all(self) -> None:
        """Carries all tenants, some side by side; what changes in those that were carried is followed meanwhile."""
        states = self._states()
        there = self.course.rest.tenants(self.telling.target.collection)
        self._drop(name for name in there if self._is_mine(name) and name not in states)
        self.telling.told.tenants = len(states)
        self._take_all(states, self._keep_current)

    @property
    def compared(self) -> list[tuple[str, Compared]]:
        """What comparing the tenants came to, each by its name."""
        return [(name, one.compared) for name, one in self._carried.items() if one.compared is not None]

    def largest(self) -> str | None:
        """The tenant that had most objects when it was compared; None where there is none."""
        return max(self.compared, key=lambda one: one[1].equal, default=(None, None))[0]

    def carry(self) -> int:
        """Carries what changed: objects of tenants that are awake, and tenants that came or went."""
        now, states = self.course.rest.now(), self._states()
        self._drop(self._carried.keys() - states.keys())
        self._take_all(states.keys() - self._carried.keys())
        self._follow(states, now)
        return now

    def keep_up(self) -> None:
        """Removes what was deleted in tenants that are awake, at a share of the time."""
        _each(self._awake(), OneTenant.keep_up)

    def sweep_before(self) -> None:
        """Removes what was deleted in tenants that are awake, where that is soon done."""
        _each(self._awake(), OneTenant.sweep_before)

    def mend(self, since: int) -> None:
        """Makes both sides agree where a server went away, in tenants that are awake; `since` is as of `Tail.mend`."""
        _each(self._awake(), lambda one: one.mend(since))

    def seal(self, budget_ms: int) -> Seal | None:
        """Makes both sides agree; None where a tenant came, went, woke or fell asleep since they were carried."""
        states = self._states()
        if states.keys() != self._carried.keys() or any(one.moved(states[name]) for name, one in self._carried.items()):
            return None
        end = time.monotonic() + budget_ms / 1000
        found = _each(self._awake(), lambda one: one.seal(max(0, int((end - time.monotonic()) * 1000))))
        seals = [one for one in found if one is not None]
        if len(seals) < len(found):
            return None
        missed, left = sum(one.missed for one in seals), sum(one.left for one in seals)
        return Seal(missed, left, any(one.behind for one in seals))

    def sweep_behind(self, sealed_at: int) -> None:
        """Removes what the seal left."""
        _each(self._awake(), lambda one: one.sweep_behind(sealed_at))

    def close(self, sealed_at: int) -> int:
        """Carries what reached tenants behind the seal that were awake at it."""
        states = self._states()
        here = [one for one in self._awake() if one.name in states]
        return sum(_each(here, lambda one: one.close(sealed_at)))

    def finish(self, sealed_at: int) -> int:
        """Looks a last time at tenants that slept at the seal, and at those that came since."""
        states, late = self._states(), 0
        for name in sorted(states.keys() - self._carried.keys()):
            late += carry_newcomer(self.course.rest, self.way(name), sealed_at)
        slept = [one for name, one in self._carried.items() if one.asleep is not None and name in states]
        late += sum(_each(slept, lambda one: one.look_again(sealed_at)))
        if gone := sorted(self._carried.keys() - states.keys()):
            # Somebody may have made them anew where clients write by now: they are not ours to remove any more.
            log.warning("tenants_deleted_late", tenants=gone[:10], number=len(gone), kept_in=str(self.telling.target))
        return late

    def known(self) -> Known:
        """What is known of each tenant."""
        return Known(tenants={name: one.known() for name, one in self._carried.items()})

    def remember(self, known: Known, caught_up_to: int) -> None:
        """Goes on from a seal that was given by a run before this one."""
        del caught_up_to  # each tenant's own is known
        for name, told in known.tenants.items():
            report = self._reported(name)
            tail = Tail(self.way(name), self.course.rest, report, told.since, self.course.filtered)
            self._carried[name] = OneTenant.remembered(tail, told)

    def holds_all(self) -> bool:
        """Says no: of tenants that sleep that cannot be told without waking them all."""
        return False

    def _take_all(self, names: Iterable[str], meanwhile: Callable[[], object] = lambda: None) -> None:
        """Carries tenants for the first time, some side by side."""

        def carry(work: tuple[str, PartReport]) -> tuple[str, OneTenant | None]:
            name, report = work
            return name, carry_first(self.course, self.way(name), report, self._progress)

        for name, one in in_lanes(((name, self._reported(name)) for name in sorted(names)), carry, _TAKEN_AT_ONCE):
            if one is not None:
                self._carried[name] = one
            told = self.telling.told
            told.tenants_done, told.tenants = len(self._carried), max(told.tenants, len(self._carried))
            self._progress()
            meanwhile()

    def _keep_current(self) -> None:
        """Follows those that were carried, at a share of the time."""
        began = time.monotonic()
        if began < max(self._rhythm.due, self._rhythm.passed_at + _KEPT_SECONDS):
            return
        now, before = self.course.rest.now(), self._caught_up
        self._follow(self._states(), now)
        ended = time.monotonic()
        self._rhythm.passed(began, ended, self._caught_up - before)
        self._rhythm.rest(began, ended)

    @property
    def _caught_up(self) -> int:
        """Objects carried because they changed behind the first pass over their tenant, and before."""
        return sum(one.tail.report.caught_up for one in self._carried.values())

    def _follow(self, states: Mapping[str, str], now: int) -> None:
        """Carries what changed in tenants that are awake, or were at the last look."""

        def follow(one: OneTenant) -> None:
            one.follow(states[one.name], now)

        due = [
            one
            for name, one in self._carried.items()
            if name in states and (one.asleep is None or one.moved(states[name]))
        ]
        _each(due, follow)

    def _drop(self, names: Iterable[str]) -> None:
        """Removes tenants from the target that the source has no more; nobody else writes there yet."""
        rest = self.course.rest
        if gone := [name for name in sorted(names) if rest.tenant(self.source, name) is None]:
            rest.delete_tenants(self.telling.target.collection, gone)
        for name in gone:
            self._carried.pop(name, None)

    def _states(self) -> dict[str, str]:
        """The tenants of this share on the source, and how each is."""
        return {name: state for name, state in self.course.rest.tenants(self.source).items() if self._is_mine(name)}

    def _is_mine(self, name: str) -> bool:
        number, of = self.portion
        return int.from_bytes(blake2b(name.encode(), digest_size=8).digest()) % of == number - 1

    def _awake(self) -> list[OneTenant]:
        return [one for one in self._carried.values() if one.asleep is None]

    def _reported(self, name: str) -> PartReport:
        self.report.parts.append(report := PartReport(tenant=name))
        return report

    def _progress(self) -> None:
        with self._one_by_one:
            self.telling.progress(self.report)


def _each(tenants: Iterable[OneTenant], work: Callable[[OneTenant], Done]) -> list[Done]:
    return list(in_lanes(tenants, work, _AT_ONCE))
