"""Whether both sides of a copy hold the same: every object is read again and compared by its content."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from hirag_jobs.copying.passes import Way
from hirag_jobs.objects.merging import joined
from hirag_jobs.objects.pages import Result, identity, pages
from hirag_jobs.objects.part import Part
from hirag_jobs.objects.translation import canonical

_CHECKSUM_BYTES = 16


@dataclass(frozen=True)
class Compared:
    """What a comparison saw: objects on both sides that are equal, and the ids of those that are not, by how.

    Attributes:
        equal: how many.
        differing: on both sides, with another content.
        missing: on the source alone.
        extra: on the target alone.
        checksum: of all that is equal, whatever its order: 16 bytes, hexadecimal.
    """

    equal: int
    differing: tuple[int, ...]
    missing: tuple[int, ...]
    extra: tuple[int, ...]
    checksum: str

    @property
    def agrees(self) -> bool:
        """Whether both sides hold the same."""
        return not (self.differing or self.missing or self.extra)


def compare(way: Way) -> Compared:
    """Reads both sides whole and compares each object: its content, and its vectors where those were copied."""
    equal, total = 0, 0
    unlike: dict[str, list[int]] = {"differing": [], "missing": [], "extra": []}
    source, target = (_each(way, part) for part in (way.source, way.target))
    for here, there in joined(source, target, identity, identity):
        if here is None or there is None:
            one, how = (here, "missing") if here is not None else (there, "extra")
            unlike[how].append(identity(one) if one is not None else 0)
            continue
        content = canonical(way.rendering.bare(here))
        if content == canonical(way.rendering.bare(there)):
            equal += 1
            total ^= int.from_bytes(hashlib.blake2b(content, digest_size=_CHECKSUM_BYTES).digest())
        else:
            unlike["differing"].append(identity(here))
    checksum = f"{total:0{2 * _CHECKSUM_BYTES}x}"
    return Compared(equal, **{how: tuple(ids) for how, ids in unlike.items()}, checksum=checksum)


def _each(way: Way, part: Part) -> Iterator[Result]:
    return chain.from_iterable(pages(way.channel, part, way.within))
