"""Whether both sides of a copy hold the same: every object is read again and compared by its content."""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Final, Literal
from uuid import UUID

from hirag_jobs.copying.passes import FETCHED, Way, remove_gone
from hirag_jobs.copying.wholeness import overlooked
from hirag_jobs.objects.merging import joined
from hirag_jobs.objects.pages import Result, chunks, fetch, identity, pages
from hirag_jobs.objects.part import Part
from hirag_jobs.objects.translation import canonical

How = Literal["differing", "missing", "extra"]

_CHECKSUM_BYTES = 16
_ROUNDS: Final = 10
_BY_ID_FROM: Final = 3  # what is being written at this moment is alike sooner
_PAUSE_SECONDS: Final = 0.1  # before the second look; longer by as much from look to look
_CARRIED_SECONDS, _CARRIED_SHARE = 0.5, 4  # between two passes over changes: so many seconds, or times the last one's


@dataclass(frozen=True)
class Compared:
    """What a comparison saw: objects on both sides that are equal, and the ids of those that are not, by how.

    Attributes:
        equal: how many.
        differing: on both sides, with another content.
        missing: on the source alone.
        extra: on the target alone.
        checksum: of all that is equal, whatever its order: 16 bytes, hexadecimal.
        removed: objects that were removed from the target because the source had them no more.
    """

    equal: int
    differing: tuple[int, ...]
    missing: tuple[int, ...]
    extra: tuple[int, ...]
    checksum: str
    removed: int = 0

    @property
    def agrees(self) -> bool:
        """Whether both sides hold the same."""
        return not self.unlike

    @property
    def unlike(self) -> list[tuple[UUID, How]]:
        """All that is not alike, each with how."""
        ways: dict[How, tuple[int, ...]] = {
            "differing": self.differing,
            "missing": self.missing,
            "extra": self.extra,
        }
        return [(UUID(int=one), how) for how, ids in ways.items() for one in ids]


def compare(way: Way) -> Compared:
    """Reads both sides whole and compares each object: its content, and its vectors where those were copied."""
    tally = _Tally(way)
    tally.look_at_all()
    return tally.compared()


def compare_followed(way: Way, carry: Callable[[], object]) -> Compared:
    """The same while clients write to the source.

    What is not alike may be what is being written at this moment, so what changed is carried and those objects are
    looked at again, up to ten times in about five seconds. What is stored in part is passed over by filters on changes,
    so it is carried by its id then. One that the source has no more is removed from the target.

    Args:
        way: from where to where; nobody else writes to the target.
        carry: carries what changed since it was called last.
    """
    tally = _Tally(way)
    tally.look_at_all(_Seldom(carry))
    for number in range(_ROUNDS):
        if not tally.unlike:
            break
        time.sleep(_PAUSE_SECONDS * number)
        carry()
        if number >= _BY_ID_FROM:
            tally.carry_by_id()
        tally.look_again()
    return tally.compared()


def together(checksums: Iterable[str]) -> str:
    """The checksum of what several comparisons found equal."""
    total = 0
    for one in checksums:
        total ^= int(one, 16)
    return _checksum(total)


def _checksum(total: int) -> str:
    return f"{total:0{2 * _CHECKSUM_BYTES}x}"


@dataclass
class _Tally:
    """What was seen so far."""

    way: Way
    equal: int = 0
    total: int = 0
    removed: int = 0
    unlike: dict[int, How] = field(default_factory=dict)
    seen: dict[int, int] = field(default_factory=dict)  # when what is not alike last changed on the source

    def look_at_all(self, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Reads both sides whole, side by side."""
        source, target = (self._each(part) for part in (self.way.source, self.way.target))
        for here, there in joined(source, target, identity, identity):
            one = here if here is not None else there
            if one is not None:
                self._take(identity(one), here, there)
            meanwhile()

    def look_again(self) -> None:
        """Fetches what was not alike from both sides; what neither has any more is forgotten."""
        for ids in chunks(sorted(self.unlike), FETCHED):
            here = self._fetched(self.way.source, {one: self.seen.get(one, 0) for one in ids})
            there = self._fetched(self.way.target, dict.fromkeys(ids, 0))
            for one in ids:
                del self.unlike[one]
                self._take(one, here.get(one), there.get(one))
            self.removed += remove_gone(self.way, [one for one in ids if self.unlike.get(one) == "extra"])

    def carry_by_id(self) -> None:
        """Carries what is not alike for no filter on times finds it on the source."""
        for ids in chunks(sorted(one for one, how in self.unlike.items() if how != "extra"), FETCHED):
            sum(self.way.carry_seen(overlooked(self.way, {one: self.seen[one] for one in ids})))

    def compared(self) -> Compared:
        """What all looks came to."""
        differing, missing, extra = (
            tuple(sorted(one for one, found in self.unlike.items() if found == how))
            for how in ("differing", "missing", "extra")
        )
        return Compared(self.equal, differing, missing, extra, _checksum(self.total), self.removed)

    def _fetched(self, part: Part, wanted: Mapping[int, int]) -> dict[int, Result]:
        return {identity(one): one for one in fetch(self.way.channel, part, wanted)}

    def _take(self, one: int, here: Result | None, there: Result | None) -> None:
        if here is None or there is None:
            if here is not there:
                self._differ(one, here, "extra" if here is None else "missing")
            return
        content = canonical(self.way.rendering.bare(here))
        if content == canonical(self.way.rendering.bare(there)):
            self.equal += 1
            self.total ^= int.from_bytes(hashlib.blake2b(content, digest_size=_CHECKSUM_BYTES).digest())
        else:
            self._differ(one, here, "differing")

    def _differ(self, one: int, here: Result | None, how: How) -> None:
        self.unlike[one] = how
        if here is not None:
            self.seen[one] = here.metadata.last_update_time_unix

    def _each(self, part: Part) -> Iterator[Result]:
        return chain.from_iterable(pages(self.way.channel, part, self.way.within))


class _Seldom:
    """Calls something at a share of the time, however often it is called itself."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._work, self._due = work, time.monotonic() + _CARRIED_SECONDS

    def __call__(self) -> None:
        began = time.monotonic()
        if began < self._due:
            return
        self._work()
        now = time.monotonic()
        self._due = now + max(_CARRIED_SECONDS, (now - began) * _CARRIED_SHARE)
