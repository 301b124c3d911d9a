"""Finding what changed since a moment: by a filter on update times, cut so that no answer can be cut off."""

from collections.abc import Iterator

from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.objects.filters import both, updated_before, updated_from
from hirag_jobs.objects.pages import MOST_FOUND, SEEN, Seen
from hirag_jobs.objects.part import Part


class TooManyAtOnceError(Exception):
    """More objects carry one and the same millisecond than one search returns."""


def changed(channel: ObjectChannel, part: Part, since: int, until: int) -> Iterator[Seen]:
    """Objects whose update time is at or after `since` and before `until`, in milliseconds since 1970.

    A filtered search has no cursor and returns MOST_FOUND at most: a full answer is not believed, its time is halved.
    The collection must index its timestamps.

    Raises:
        TooManyAtOnceError: a walk over all ids is needed.
    """
    found = _found(channel, part, since, until)
    if len(found) < MOST_FOUND:
        yield from found
        return
    middle = (since + until) // 2
    if middle == since:
        raise TooManyAtOnceError
    yield from changed(channel, part, since, middle)
    yield from changed(channel, part, middle, until)


def _found(channel: ObjectChannel, part: Part, since: int, until: int) -> list[Seen]:
    request = part.request(SEEN, properties=False)
    request.limit = MOST_FOUND
    request.filters.CopyFrom(both(updated_from(since), updated_before(until)))
    return [Seen.of(one) for one in channel.search(request).results]
