"""Drawing objects by chance: the same for the same seed, as long as the objects are the same."""

from collections.abc import Mapping
from random import Random
from uuid import UUID

from hirag_jobs.measure.exact import Queries
from hirag_jobs.measure.scanning import matrix, read_after, scan, vector_of
from hirag_jobs.measure.subject import Subject
from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.objects.pages import identity
from hirag_kit.errors import ConfigurationError

_ID_BITS = 128
_JUMPS = 2
"""Jumps for each object wanted. Where so many do not suffice, a scan costs little or is needed."""
_UNKNOWN_DIMENSIONS = 1024  # for the pages of a scan before any vector was seen


class NoVectorsError(ConfigurationError):
    """There are no vectors to draw from, or too few to have neighbours."""


def sample(channel: ObjectChannel, subject: Subject, size: int, seed: int) -> Queries:
    """Queries by the vectors of objects that are in the collection.

    The cursor jumps to random ids and takes what comes next. Ids that are hashes or random are spread evenly and say
    nothing of the vectors, so the sample is a fair one, whatever the order of insertion. Ids that lie close together
    (counters, times) are hit over and over; then, and in a small collection, all vectors are read instead.

    Args:
        channel: to the server.
        subject: what is measured.
        size: objects to draw; all are taken where there are fewer.
        seed: decides which.

    Raises:
        NoVectorsError: there are no vectors.
    """
    drawn = _by_jumps(channel, subject, size, Random(seed))  # noqa: S311  a sample is no secret
    if len(drawn) < size:
        drawn = _by_scan(channel, subject, size, Random(seed))  # noqa: S311
    if not drawn:
        raise NoVectorsError(f"{subject.part} holds no vectors: there is nothing to measure")
    return Queries(matrix(list(drawn.values()), subject), tuple(drawn))


def _by_jumps(channel: ObjectChannel, subject: Subject, size: int, random: Random) -> Mapping[int, bytes]:
    drawn: dict[int, bytes] = {}
    for _ in range(_JUMPS * size):
        for result in read_after(channel, subject, str(UUID(int=random.getrandbits(_ID_BITS))), 1):
            if vector := vector_of(result, subject):
                drawn[identity(result)] = vector
        if len(drawn) == size:
            break
    return drawn


def _by_scan(channel: ObjectChannel, subject: Subject, size: int, random: Random) -> Mapping[int, bytes]:
    """A reservoir (Vitter, Random Sampling with a Reservoir, ACM TOMS 11, 1985, algorithm R)."""
    reservoir: list[tuple[int, bytes]] = []
    seen = 0
    for page in scan(channel, subject, _UNKNOWN_DIMENSIONS):
        for one, vector in zip(page.ids, page.vectors, strict=True):
            seen += 1
            place = random.randrange(seen)
            if len(reservoir) < size:
                reservoir.append((one, vector.tobytes()))
            elif place < size:
                reservoir[place] = (one, vector.tobytes())
    return dict(reservoir)
