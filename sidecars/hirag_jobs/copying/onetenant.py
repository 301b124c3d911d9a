"""One of many tenants that are carried: asleep or awake as its owner has it, woken for no longer than it takes.

A tenant that sleeps cannot be written to, so once it was carried it is left alone for as long as it sleeps. One that
was awake at the last look and sleeps now may have been written to in between: it is woken once more. What was woken and
put to sleep again between two looks leaves no trace, so behind the swap each that slept is looked at a last time.
"""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from hirag_jobs.copying.comparison import Compared, compare_followed
from hirag_jobs.copying.course import Course
from hirag_jobs.copying.notes import Known, KnownTenant
from hirag_jobs.copying.passes import Caught, Way, carry_late
from hirag_jobs.copying.report import PartReport
from hirag_jobs.copying.tail import Seal, Tail
from hirag_jobs.copying.tenants import ASLEEP, AWAKE, awake, require_reachable
from hirag_jobs.rest import Rest
from hirag_kit.errors import HiragError

Done = TypeVar("Done")

_ATTEMPTS: Final = 5  # to carry one that falls asleep on the way


@dataclass
class OneTenant:
    """A tenant that was carried.

    Args:
        tail: its moving end.
        asleep: its objects, where it slept at the last look.
        compared: what comparing both sides came to; None where they were not compared.
    """

    tail: Tail
    asleep: int | None = None
    compared: Compared | None = None

    @classmethod
    def remembered(cls, tail: Tail, told: KnownTenant) -> "OneTenant":
        """One that a run before this one had carried when it was sealed."""
        tail.remember(Known(changed=told.changed), told.since)
        return cls(tail, told.asleep)

    @property
    def name(self) -> str:
        """Its name, on both sides."""
        return name_of(self.tail.way)

    def known(self) -> KnownTenant:
        """What has to outlive this run."""
        return KnownTenant(since=self.tail.since, asleep=self.asleep, changed=self.tail.known().changed)

    def moved(self, state: str | None) -> bool:
        """Whether it woke or fell asleep since the last look, or is gone."""
        return (state in AWAKE) != (self.asleep is None)

    def follow(self, state: str, now: int) -> None:
        """Carries what changed, and has the target as awake as the source.

        Args:
            state: of the source, at a look before.
            now: the moment before that look, in milliseconds since 1970 by the server's clock.
        """
        if state in AWAKE:
            self._unless_moved(lambda: self._stay_awake(now), {state})
        else:
            self._unless_moved(lambda: self._fall_asleep(state, now), {state})

    def keep_up(self) -> None:
        """Removes what was deleted while it is awake, at a share of the time."""
        self._unless_moved(self.tail.keep_up)

    def sweep_before(self) -> None:
        """Removes what was deleted while it is awake, as of `Tail.sweep_before`."""
        self._unless_moved(self.tail.sweep_before)

    def mend(self, since: int) -> None:
        """Makes both sides agree where a server went away, as of `Tail.mend`."""
        self._unless_moved(lambda: self.tail.mend(since))

    def seal(self, budget_ms: int) -> Seal | None:
        """Makes both sides agree, as of `Tail.seal`; None where it went or fell asleep."""
        return self._unless_moved(lambda: self.tail.seal(budget_ms))

    def sweep_behind(self, sealed_at: int) -> None:
        """Removes what the seal left; nothing where the tenant went."""
        self._unless_gone(lambda: self._awake(lambda: self.tail.sweep_behind(sealed_at)))

    def close(self, sealed_at: int) -> int:
        """Carries what reached it behind the seal; nothing where it went."""
        return self._unless_gone(lambda: self._awake(lambda: self.tail.close(sealed_at)))

    def look_again(self, sealed_at: int) -> int:
        """Carries what it was given unseen while it was said to sleep; where that is nothing, the target sleeps on."""
        return self._unless_gone(lambda: self._carry_unseen(sealed_at))

    def _carry_unseen(self, sealed_at: int) -> int:
        rest, way = self.tail.rest, self.tail.way
        with awake(rest, (way.source,)):
            if self.tail.unchanged() and way.channel.count(way.source.collection, self.name) == self.asleep:
                return 0
            with awake(rest, (way.target,)):
                return self.tail.close(sealed_at)

    def _unless_gone(self, work: Callable[[], int]) -> int:
        """How many objects some work was about; none where its owner removed the tenant before, or in the middle."""
        return self._unless_moved(work, AWAKE | ASLEEP) or 0

    def _awake(self, work: Callable[[], int]) -> int:
        with self._woken():
            return work()

    def _woken(self) -> AbstractContextManager[None]:
        return awake(self.tail.rest, (self.tail.way.source, self.tail.way.target))

    def _unless_moved(self, work: Callable[[], Done], states: AbstractSet[str] = AWAKE) -> Done | None:
        """What some work comes to; None where it failed because the tenant went, woke or fell asleep meanwhile.

        Then the next look sees to it. In one of `states` it was before, so in another, or gone, it has moved.
        """
        try:
            return work()
        except HiragError:
            if self.tail.rest.tenant(self.tail.way.source.collection, self.name) in states:
                raise
            return None

    def _stay_awake(self, now: int) -> None:
        if self.asleep is not None:
            self.tail.rest.set_state(self.tail.way.target.collection, self.name, "ACTIVE")
        self.asleep = None
        self.tail.carry(now)

    def _fall_asleep(self, state: str, now: int) -> None:
        rest, way = self.tail.rest, self.tail.way
        require_reachable(way.source.collection, self.name, state)
        with self._woken():
            self.tail.carry(now)
            self.tail.look_back()
            self.tail.even_out()
            objects = way.channel.count(way.source.collection, self.name)
        _put_to_rest(rest, way, state)
        self.asleep = objects


def carry_first(course: Course, way: Way, report: PartReport, told: Callable[[], object]) -> OneTenant | None:
    """Carries a tenant for the first time; it is as awake afterwards as it was, on both sides.

    One that falls asleep, wakes or goes in the middle of it is looked at anew. Returns None where it is gone.

    Args:
        course: how it is carried.
        way: from where to where.
        report: what is done is added to it.
        told: called from page to page.
    """
    rest, source = course.rest, way.source.collection
    for left in reversed(range(_ATTEMPTS)):
        state = rest.tenant(source, name_of(way))
        if state is None:
            return None
        require_reachable(source, name_of(way), state)
        try:
            return _carry(course, way, report, state, told)
        except HiragError:
            if not left or rest.tenant(source, name_of(way)) == state:
                raise
    raise AssertionError  # the last attempt returns or raises


def carry_newcomer(rest: Rest, way: Way, sealed_at: int) -> int:
    """Carries a tenant that came into being while the source was frozen; returns how many objects."""
    state = rest.tenant(way.source.collection, name_of(way)) or ""
    there = rest.tenant(way.target.collection, name_of(way))
    rest.create_tenants(way.target.collection, [name_of(way)])
    with awake(rest, (way.source, way.target)):
        late = carry_late(way, 0, sealed_at, Caught(0, {}, 0), filtered=False)
    if there is None:
        _put_to_rest(rest, way, state)
    return late


def name_of(way: Way) -> str:
    """The tenant that a way leads from and to."""
    return way.source.tenant or ""


def _carry(course: Course, way: Way, report: PartReport, state: str, told: Callable[[], object]) -> OneTenant:
    rest = course.rest
    rest.create_tenants(way.target.collection, [name_of(way)])
    with awake(rest, (way.source, way.target)):
        now = rest.now()
        way.carried.begin(now)
        caught = replace(course, began=now).carry(way, report, told)
        one = OneTenant(Tail(way, rest, report, caught.now, course.filtered, caught))
        if course.verify:
            one.compared = compare_followed(way, one.tail.carry)
            report.take(one.compared)
        objects = way.channel.count(way.source.collection, name_of(way))
    _put_to_rest(rest, way, state)
    one.asleep = objects if state in ASLEEP else None
    return one


def _put_to_rest(rest: Rest, way: Way, state: str) -> None:
    """Puts a tenant of the target to sleep whose source sleeps."""
    if state in ASLEEP:
        rest.set_state(way.target.collection, name_of(way), "INACTIVE")
