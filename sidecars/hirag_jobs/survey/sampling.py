"""Some objects of a collection, from all over it, and how fast it is read."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.objects.pages import Range, Result, pages
from hirag_jobs.objects.part import Part

_PLACES: Final = 8  # ranges of ids that a sample is taken from: ids are spread evenly, most of them
_READ_OBJECTS: Final = 5_000
_READ_SECONDS: Final = 3.0


@dataclass(frozen=True)
class Sample:
    """Objects of some parts of a collection.

    Args:
        objects: whole, with their vectors.
        read_per_second: objects read a second, in pages as a copy reads them.
    """

    objects: Sequence[Result]
    read_per_second: float


def sample(channel: ObjectChannel, parts: Sequence[Part], size: int) -> Sample:
    """A sample of about `size` objects, as many of each part; at least one of each that has any."""
    each = max(1, size // max(len(parts), 1))
    found = [result for part in parts for result in _spread(channel, part, each)]
    return Sample(found, _read_rate(channel, parts))


def _spread(channel: ObjectChannel, part: Part, size: int) -> list[Result]:
    """Objects from all over a part's ids."""
    places = min(_PLACES, size)
    most = -(-size // places)
    pieces = (next(pages(channel, part, within, most), ()) for within in Range.split(places))
    return list(islice((result for piece in pieces for result in piece), size))


def _read_rate(channel: ObjectChannel, parts: Sequence[Part]) -> float:
    """Objects read a second, for some seconds at most; 0 where there are none."""
    began, read = time.monotonic(), 0
    for page in _pages(channel, parts):
        read += len(page)
        if read >= _READ_OBJECTS or time.monotonic() - began > _READ_SECONDS:
            break
    return read / max(time.monotonic() - began, 1e-6)


def _pages(channel: ObjectChannel, parts: Sequence[Part]) -> Iterator[Sequence[Result]]:
    for part in parts:
        yield from pages(channel, part)
