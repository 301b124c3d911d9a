"""Reading a part in pages: by the server's cursor, which walks it in the order of ids, or by when objects changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice, pairwise
from typing import TypeVar
from uuid import UUID

from weaviate.proto.v1 import search_get_pb2

from hirag_jobs.objects.ahead import ahead
from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.objects.filters import with_ids
from hirag_jobs.objects.part import Part

Result = search_get_pb2.SearchResult
Item = TypeVar("Item")

IDS_PER_PAGE = 10_000
"""Pages cost more than ids: 100,000 ids take 1.6 s in pages of 10,000 and 6.8 s in pages of 1,000."""
MOST_FOUND = 10_000
"""The most that a filtered search returns (QUERY_MAXIMUM_RESULTS by default); it has no cursor."""
_FIRST_PAGE = 64  # of objects whose weight is not known yet; twice as many from page to page
MOST_OBJECTS = 5_000
"""Of a page of whole objects."""
_PAGE_BYTES = 4 * 2**20
"""About what a page of whole objects should weigh: long enough to cost little, short enough to hold several."""
_END = 1 << 128
SEEN = search_get_pb2.MetadataRequest(uuid=True, last_update_time_unix=True)
"""What is asked of an object that is only looked at: what `Seen` has of it."""


@dataclass(frozen=True)
class Range:
    """Ids from `first` up to `end`, which is not in it, as numbers of 128 bits."""

    first: int = 0
    end: int = _END

    @classmethod
    def split(cls, count: int) -> "list[Range]":
        """The whole, cut into ranges of one length: ids are spread evenly."""
        bounds = [_END * index // count for index in range(count + 1)]
        return [cls(first, end) for first, end in pairwise(bounds)]

    @property
    def after(self) -> str:
        """The cursor in front of the first id: empty at the very beginning."""
        return "" if self.first == 0 else str(UUID(int=self.first - 1))


WHOLE = Range()


@dataclass(frozen=True)
class Seen:
    """An object as a walk sees it: its id as a number, and when it last changed, in milliseconds since 1970."""

    id: int
    updated: int

    @classmethod
    def of(cls, result: Result) -> "Seen":
        """What a search shows of an object, asked for with `SEEN`."""
        return cls(identity(result), _updated(result))


def identity(result: Result) -> int:
    """The id of an object, as a number."""
    return int.from_bytes(result.metadata.id_as_bytes)


def walk(channel: ObjectChannel, part: Part, within: Range = WHOLE) -> Iterator[Seen]:
    """Ids and times of all objects, in the order of ids. No snapshot: what is inserted behind the cursor is missed.

    The first page is asked for at once, and each while the one before it is used.
    """
    return chain.from_iterable(ahead(_sights(channel, part, within)))


def _sights(channel: ObjectChannel, part: Part, within: Range) -> Iterator[list[Seen]]:
    after, last = within.after, False
    while not last:
        request = part.request(SEEN, properties=False)
        request.limit, request.after = IDS_PER_PAGE, after
        page = [Seen.of(one) for one in channel.search(request).results]
        last = len(page) < IDS_PER_PAGE or page[-1].id >= within.end
        yield [one for one in page if one.id < within.end] if last else page
        after = str(UUID(int=page[-1].id)) if page else ""


def pages(
    channel: ObjectChannel, part: Part, within: Range = WHOLE, most: int = MOST_OBJECTS
) -> Iterator[Sequence[Result]]:
    """All objects whole, with their vectors, in the order of ids; pages of about four megabytes, or `most` objects."""
    limit, after = min(_FIRST_PAGE, most), within.after
    while True:
        request = part.request(whole(part), properties=True)
        request.limit, request.after = limit, after
        reply = channel.search(request)
        page: Sequence[Result] = reply.results
        if not page:
            return
        last = identity(page[-1])
        if last >= within.end:
            page = [result for result in page if identity(result) < within.end]
        if page:
            yield page
        if last >= within.end or len(reply.results) < limit:
            return
        after = str(UUID(int=last))
        limit = min(_next_limit(limit, reply.ByteSize()), most)


def chunks(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Ids, or what has one, by so many at once, in their order: a filter takes only so many."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


def newest(seen: Iterable[Seen]) -> dict[int, int]:
    """When each object last changed, id → milliseconds since 1970, of sights that may be of former versions too."""
    times: dict[int, int] = {}
    for one in seen:
        times[one.id] = max(one.updated, times.get(one.id, 0))
    return times


def fetch(channel: ObjectChannel, part: Part, wanted: Mapping[int, int]) -> list[Result]:
    """Those of some objects that exist, whole; MOST_FOUND at most.

    A filter may be wrong where a server was killed (`wholeness.py`): it passes over what is stored without its indexes,
    and shows a former version of what they lead to still. So what it does not find, or finds older than it is known to
    be, is looked up in the store itself, one by one: seldom more than was deleted a moment ago.

    Args:
        channel: to the Weaviate of the part.
        part: where they are.
        wanted: the ids, each with when it last changed as far as is known; 0 where nothing is.
    """
    request = part.request(whole(part), properties=True)
    request.limit = min(MOST_FOUND, 2 * len(wanted))  # a former version counts
    request.filters.CopyFrom(with_ids(list(wanted)))
    found: dict[int, Result] = {}
    for one in channel.search(request).results:
        key = identity(one)
        if _updated(one) >= max(wanted[key], _updated(found[key]) if key in found else 0):
            found[key] = one
    looked_up = (stored(channel, part, one) for one in wanted if one not in found)
    return [*found.values(), *(one for one in looked_up if one is not None)]


def existing(channel: ObjectChannel, part: Part, ids: Sequence[int]) -> dict[int, int]:
    """Those of some ids that exist, each with when it last changed, as `Seen` has it; MOST_FOUND at most."""
    request = part.request(SEEN, properties=False)
    request.limit = min(MOST_FOUND, 2 * len(ids))  # as of `fetch`
    request.filters.CopyFrom(with_ids(ids))
    return newest(Seen.of(one) for one in channel.search(request).results)


def count(channel: ObjectChannel, part: Part, within: Range = WHOLE) -> int:
    """The number of objects; the server counts all, and those of a range are walked."""
    if within == WHOLE:
        return channel.count(part.collection, part.tenant)
    return sum(1 for _ in walk(channel, part, within))


def whole(part: Part) -> search_get_pb2.MetadataRequest:
    """What is asked of an object that is to be carried: id, times and vectors."""
    return search_get_pb2.MetadataRequest(
        uuid=True,
        creation_time_unix=True,
        last_update_time_unix=True,
        vector=not part.vectors,
        vectors=part.vectors,
    )


def stored(channel: ObjectChannel, part: Part, one: int) -> Result | None:
    """An object by its id as the store has it, whatever indexes say; None where there is none."""
    request = part.request(whole(part), properties=True)
    request.limit, request.after = 1, Range(first=one).after
    return next((result for result in channel.search(request).results if identity(result) == one), None)


def _updated(result: Result) -> int:
    return result.metadata.last_update_time_unix


def _next_limit(limit: int, weight: int) -> int:
    """How many objects weigh about a page's bytes, given the weight of the last `limit`; at most twice as many."""
    fitting = limit * _PAGE_BYTES // max(weight, 1)
    return max(1, min(fitting, 2 * limit))
