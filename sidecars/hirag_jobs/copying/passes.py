"""The passes of a copy over one part: everything, what changed, and what is gone.

None trusts its memory. Where a copy that was interrupted goes on is seen from what the target holds, so it makes no
difference whether a pod died, or the operator, or the server.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final

from weaviate.proto.v1 import batch_pb2

from hirag_jobs.copying.carried import SAME_MS, Carried
from hirag_jobs.copying.lanes import in_lanes
from hirag_jobs.copying.rendering import Rendering
from hirag_jobs.objects.changed import TooManyAtOnceError, changed
from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.objects.merging import joined
from hirag_jobs.objects.pages import (
    MOST_OBJECTS,
    WHOLE,
    Range,
    Result,
    Seen,
    chunks,
    existing,
    fetch,
    newest,
    pages,
    stored,
    walk,
)
from hirag_jobs.objects.part import Part
from hirag_jobs.objects.writing import IDS_PER_DELETION, remove, write

LANES: Final = 3
FETCHED: Final = 500
"""Objects that are fetched by their ids at once."""
_CARRYING_MS = 600_000  # the longest that an object is on its way: embedded, and tried again
_AHEAD_MS = 3_600_000  # how far the clock of another node may be before ours

Writer = Callable[[ObjectChannel, Sequence[batch_pb2.BatchObject]], int]

_id = attrgetter("id")


@dataclass(frozen=True)
class Way:
    """From where to where, and what becomes of objects on the way.

    Args:
        channel: to the Weaviate that has both.
        source: what is read.
        rendering: what is written of it, and into which part.
        within: the ids that are looked at, on both sides.
        lanes: pages under way at once.
        page: the most objects of a page.
        writer: writes objects and returns how many.
        carried: what it carried lately, once somebody asks for that to be kept.
    """

    channel: ObjectChannel
    source: Part
    rendering: Rendering
    within: Range = WHOLE
    lanes: int = LANES
    page: int = MOST_OBJECTS
    writer: Writer = write
    carried: Carried = field(default_factory=Carried)

    @property
    def target(self) -> Part:
        """What is written."""
        return self.rendering.target

    def carry(self, read: Iterable[Sequence[Result]]) -> Iterator[int]:
        """Writes pages, each read as it is drawn; yields how many objects each has, in their order."""
        return in_lanes(self._dated(iter(read)), self._write, self.lanes)

    def carry_seen(self, seen: Iterable[Seen]) -> Iterator[int]:
        """Carries objects as they were seen or newer; those that are gone meanwhile are left out. Yields counts."""
        wanted = ({one.id: one.updated for one in chunk} for chunk in chunks(seen, FETCHED))
        found = (fetch(self.channel, self.source, chunk) for chunk in wanted)
        return self.carry(page for page in found if page)

    def _dated(self, pages: Iterator[Sequence[Result]]) -> Iterator[tuple[float, Sequence[Result]]]:
        """Pages, each with a moment before it was read."""
        while True:
            before = self.carried.now()
            page = next(pages, None)
            if page is None:
                return
            yield before, page

    def _write(self, dated: tuple[float, Sequence[Result]]) -> int:
        read, page = dated
        written = self.writer(self.channel, self.rendering(page))
        self.carried.note(page, read)
        return written


def backfill(way: Way) -> Iterator[int]:
    """Copies all objects, from the first that the target lacks on. Yields how many objects were carried, page by page.

    Pages are written in the order of ids, LANES at a time, so that after an interruption nothing is missing in front of
    the first gap but what changed since.
    """
    first = next(_gaps(way), None)
    within = Range(way.within.end if first is None else first.id, way.within.end)
    return way.carry(pages(way.channel, way.source, within, way.page))


def fill_gaps(way: Way) -> Iterator[int]:
    """Copies what the target lacks, wherever that is: less than a backfill where it holds most. Yields counts."""
    return way.carry_seen(_gaps(way))


def renew(way: Way) -> Iterator[int]:
    """Carries again what both sides have and the source may have newer, for a target that somebody began before.

    An object is as old on the target as its last copy, which was made a while after it was read: what changed on the
    source in that while counts as newer too. Yields how many objects were carried, as it goes.
    """
    source, target = (walk(way.channel, part, way.within) for part in (way.source, way.target))
    pairs = (
        (here, there) for here, there in joined(source, target, _id, _id) if here is not None and there is not None
    )
    return way.carry_seen(here for here, there in pairs if here.updated > there.updated - _CARRYING_MS)


@dataclass(frozen=True)
class Caught:
    """What a pass over changes, begun at `now`, came to: objects carried, and all that it found changed, id → when."""

    carried: int
    changed: Mapping[int, int]
    now: int


def catch_up(
    way: Way,
    since: int,
    now: int,
    before: Caught | None = None,
    *,
    filtered: bool = True,
    told: Callable[[int], object] = lambda _: None,
) -> Caught:
    """Carries what was written to the source at or after a moment, but what was carried as it is now.

    Args:
        way: from where to where.
        since: milliseconds since 1970 by Weaviate's clock; a moment too early costs time and nothing else.
        now: the same, by any clock.
        before: the pass before this one: what it carried is carried again only if it changed once more.
        filtered: whether the source indexes its timestamps; otherwise all ids are walked.
        told: called with the number of objects of each page that was carried.
    """
    found = newest(changed_since(way, since, now, filtered=filtered))
    known = {} if before is None else {one: at for one, at in before.changed.items() if at < before.now - SAME_MS}
    seen = (Seen(one, at) for one, at in sorted(found.items()) if known.get(one) != at)
    carried = 0
    for count in way.carry_seen([one for one in seen if not way.carried.surely_has(one)]):
        carried += count
        told(count)
    return Caught(carried, found, now)


def look_back(way: Way, since: int, until: int, *, filtered: bool = True) -> int:
    """Carries what is dated at or after `since` and before `until` and is not on the target as it is now.

    Arguments are as of `catch_up`. Returns how many objects were carried.
    """
    found = newest(_changed_between(way, since, until, filtered=filtered))
    seen = (Seen(one, at) for one, at in sorted(found.items()))
    return sum(way.carry_seen(one for one in seen if way.carried.lacks(one)))


def carry_late(way: Way, since: int, after: int, before: Caught, *, filtered: bool = True) -> int:
    """Carries what reached the source after a moment from which on others write to the target.

    A write may be under way while a shard is frozen, and end after the last pass. It is carried unless the target's
    object was written since: then that is the newer one. The source takes no more writes.

    Args:
        way: from where to where.
        since: as of `catch_up`.
        after: the moment, in milliseconds since 1970 by the server's clock.
        before: the last pass in front of it.
        filtered: as of `catch_up`.
    """
    found = newest(changed_since(way, since, after, filtered=filtered))
    seen = (Seen(one, at) for one, at in found.items())
    late = [one for one in seen if before.changed.get(one.id) != one.updated and way.carried.lacks(one)]
    written: dict[int, int] = {}
    for chunk in chunks((one.id for one in late), IDS_PER_DELETION):
        written |= existing(way.channel, way.target, chunk)
    return sum(way.carry_seen(one for one in late if written.get(one.id, 0) <= after))


def changed_since(way: Way, since: int, now: int, *, filtered: bool) -> Iterator[Seen]:
    """Finds what was written to the source at or after a moment; arguments are as of `catch_up`."""
    return _changed_between(way, since, now + _AHEAD_MS, filtered=filtered)


def _changed_between(way: Way, since: int, until: int, *, filtered: bool) -> Iterator[Seen]:
    within = way.within
    if filtered:
        with contextlib.suppress(TooManyAtOnceError):
            found = list(changed(way.channel, way.source, since, until))
            yield from (seen for seen in found if within.first <= seen.id < within.end)
            return
    yield from (seen for seen in walk(way.channel, way.source, within) if since <= seen.updated < until)


@dataclass(frozen=True)
class Swept:
    """What a sweep did: objects carried that the target lacked, and removed that the source has no more."""

    carried: int
    removed: int


def sweep(way: Way, before: int | None = None) -> Swept:
    """Walks the ids of both sides, carries what is missing and removes what is gone.

    An id is no longer there only if the source says so when asked for it: a walk is no snapshot.

    Args:
        way: from where to where.
        before: when others write to the target already: only what was last written before this moment is removed, and
            nothing is carried; milliseconds since 1970 by the server's clock.
    """
    missing: list[Seen] = []
    extra: list[int] = []
    source, target = (walk(way.channel, part, way.within) for part in (way.source, way.target))
    for here, there in joined(source, target, _id, _id):
        if there is None and here is not None and before is None:
            missing.append(here)
        elif here is None and there is not None and (before is None or there.updated < before):
            extra.append(there.id)
    carried = sum(way.carry_seen(missing))
    return Swept(carried, remove_gone(way, extra, before))


def remove_gone(way: Way, ids: Iterable[int], before: int | None = None) -> int:
    """Removes those of some ids that the source has no more; returns how many were there. `before` is as of `sweep`."""
    gone = [one for chunk in chunks(ids, IDS_PER_DELETION) for one in _gone(way, chunk)]
    return remove(way.channel, way.target, gone, before)


def _gaps(way: Way) -> Iterator[Seen]:
    """What the source has and the target lacks, in the order of ids."""
    source, target = (walk(way.channel, part, way.within) for part in (way.source, way.target))
    return (here for here, there in joined(source, target, _id, _id) if there is None and here is not None)


def _gone(way: Way, ids: Sequence[int]) -> list[int]:
    there = existing(way.channel, way.source, ids)
    gone = [one for one in ids if one not in there]
    if not way.channel.stumbles:
        return gone
    # Behind a lost connection the filter may pass over what is there.
    return [one for one in gone if stored(way.channel, way.source, one) is None]
