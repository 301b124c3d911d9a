"""Objects that Weaviate stored in part, and making them whole.

When a server is killed, what it wrote last may be there in its store and not, or not all, in its indexes. No answer was
given, so whoever wrote it tries again; and Weaviate 1.35, which compares it with what is stored and finds no change,
acknowledges it and does nothing. Filters and searches pass over it from then on, or find the version before it.

Update times are indexed last but for vectors: what the filter on them does not find as the store has it is in part.
What it finds may lack its vector in the graph still; that is so of what was being written when the server died, and of
nothing that was acknowledged before. Either is whole again only when it was deleted and inserted, which nobody may do
to what clients write to.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import structlog

from hirag_jobs.copying.passes import FETCHED, Way
from hirag_jobs.objects.changed import TooManyAtOnceError, changed
from hirag_jobs.objects.filters import both, updated_from, with_ids
from hirag_jobs.objects.pages import MOST_FOUND, SEEN, Seen, chunks, fetch, identity, newest, walk
from hirag_jobs.objects.part import Part
from hirag_jobs.objects.writing import IDS_PER_DELETION, remove
from hirag_jobs.rest import Rest

_UNDER_WAY_MS: Final = 60_000
"""The longest that a write of ours takes from the time by which it is dated until it is acknowledged."""
_NAMED: Final = 10

log = structlog.get_logger(__name__)


def in_part(way: Way, part: Part, since: int = 0) -> list[int]:
    """The ids of objects of the source or the target that are stored without all of their indexes.

    Args:
        way: what is looked at of the part.
        part: the source or the target; it indexes its timestamps.
        since: what was written before is passed over; milliseconds since 1970 by the server's clock.
    """
    seen = sorted((one for one in walk(way.channel, part, way.within) if one.updated >= since), key=_updated)
    missed = {one.id: one.updated for window in _windows(seen) for one in _unfound(way, part, window)}
    stored = (fetch(way.channel, part, dict(some)) for some in chunks(sorted(missed.items()), FETCHED))
    # What was written once more in the meantime is found by its new time.
    return [
        identity(one) for page in stored for one in page if one.metadata.last_update_time_unix == missed[identity(one)]
    ]


def overlooked(way: Way, seen: Mapping[int, int]) -> list[Seen]:
    """Those of some objects that the source's filter on update times does not find as they were seen.

    Args:
        way: from where.
        seen: when each last changed, id → milliseconds since 1970; half of MOST_FOUND at most.
    """
    request = way.source.request(SEEN, properties=False)
    request.limit = 2 * len(seen)  # a former version counts
    request.filters.CopyFrom(both(with_ids(list(seen)), updated_from(0)))
    found = newest(Seen.of(one) for one in way.channel.search(request).results)
    return [Seen(one, at) for one, at in seen.items() if found.get(one, -1) < at]


def make_whole(rest: Rest, way: Way) -> int:
    """Removes from the target what is there in part, so that it is carried as if it had never been there.

    Nobody else writes to the target yet, and the source has what is removed, or has it no more. Returns how many.
    """
    found = in_part(way, way.target)
    for one in found:
        rest.delete_object(way.target.collection, way.target.tenant, one)
    return len(found)


def remove_last(way: Way) -> int:
    """Removes from the target what was written last, for it may lack its vector in the graph; as of `make_whole`.

    Call it where a write may have been cut off.
    """
    written = {one.id: one.updated for one in walk(way.channel, way.target, way.within)}
    last = max(written.values(), default=0)
    doubtful = [one for one, at in written.items() if at > last - _UNDER_WAY_MS]
    return sum(remove(way.channel, way.target, ids) for ids in chunks(doubtful, IDS_PER_DELETION))


def tell_in_part(way: Way, since: int) -> None:
    """Logs which objects of the source clients have to write again with another content, if it is to serve on."""
    if found := in_part(way, way.source, since):
        log.warning("objects_stored_in_part", part=str(way.source), number=len(found), ids=_named(found))


def _unfound(way: Way, part: Part, window: Sequence[Seen]) -> Iterator[Seen]:
    """Those of some objects, in the order of their times, that the filter on times passes over."""
    try:
        found = newest(changed(way.channel, part, window[0].updated, window[-1].updated + 1))
    except TooManyAtOnceError:  # so many are written in one millisecond by no freeze
        return
    yield from (one for one in window if found.get(one.id, -1) < one.updated)


def _windows(seen: Sequence[Seen]) -> Iterator[Sequence[Seen]]:
    return (seen[start : start + MOST_FOUND // 2] for start in range(0, len(seen), MOST_FOUND // 2))


def _updated(seen: Seen) -> int:
    return seen.updated


def _named(ids: Sequence[int]) -> list[str]:
    return [f"{one:032x}" for one in ids[:_NAMED]]
