"""Sketches of vectors: small enough for a status and a stamp, telling enough to know a model again by its answers.

A sketch keeps, of the vector of each probe text, its length and 32 of its components at even distances. Two sketches
of one model differ by the noise of floating point (batches, GPUs, fp16), which moves a cosine by 1e-4 at most; those of
two models have cosines far below 0.9, and retrained weights seldom stay above 0.99.
"""

import base64
import math
import struct
from collections.abc import Iterator, Sequence
from operator import mul

LEAST_COSINE = 0.999
MOST_STRETCH = 1.01  # lengths may differ by one percent; half precision keeps three digits

VERSION = "1"  # of the probe texts and of the layout below: sketches of two versions cannot be compared
_COMPONENTS = 32
_HEAD = "<Hd"  # how many components follow, and the length of the vector
_SCALE = 32_767  # the greatest of the kept components becomes this

_Row = tuple[float, tuple[int, ...]]


def sketch(vectors: Sequence[Sequence[float]]) -> str:
    """Return the sketch (about 400 characters for four long vectors) of finite vectors that are not zero."""
    return f"{VERSION}.{base64.b64encode(b''.join(map(_packed, vectors))).decode()}"


def agrees(a: str, b: str) -> bool:
    """Return whether two sketches are of one model; those of two versions say nothing of each other: True."""
    if _version(a) != _version(b):
        return True
    return cosine(a, b) >= LEAST_COSINE and stretch(a, b) <= MOST_STRETCH


def readable(text: str) -> bool:
    """Return whether a text is a sketch of this version."""
    return _version(text) == VERSION and bool(_rows(text))


def cosine(a: str, b: str) -> float:
    """Return the least cosine (-1 to 1) between the vectors of a text; 0 where the two have not the same form."""
    left, right = _rows(a), _rows(b)
    if not left or [len(kept) for _, kept in left] != [len(kept) for _, kept in right]:
        return 0.0
    return min(_cosine(one, other) for (_, one), (_, other) in zip(left, right, strict=True))


def stretch(a: str, b: str) -> float:
    """Return the greatest ratio (at least 1) between the lengths of the vectors of a text; infinite as cosine is 0."""
    left, right = _rows(a), _rows(b)
    if not left or len(left) != len(right):
        return math.inf
    return max(max(one, other) / min(one, other) for (one, _), (other, _) in zip(left, right, strict=True))


def _packed(vector: Sequence[float]) -> bytes:
    count = min(_COMPONENTS, len(vector))
    kept = [vector[index * len(vector) // count] for index in range(count)]
    # Scaled by what is kept: where one component outweighs all others and is not among these, they still tell.
    greatest = max(map(abs, kept)) or 1.0
    numbers = [round(component / greatest * _SCALE) for component in kept]
    return struct.pack(f"{_HEAD}{count}h", count, math.hypot(*vector), *numbers)


def _version(text: str) -> str:
    return text.partition(".")[0]


def _rows(text: str) -> list[_Row]:
    """Return length and components by text; none of what is no sketch."""
    try:
        return list(_unpacked(base64.b64decode(text.partition(".")[2], validate=True)))
    except (ValueError, struct.error):
        return []


def _unpacked(packed: bytes) -> Iterator[_Row]:
    at = 0
    while at < len(packed):
        count, length = struct.unpack_from(_HEAD, packed, at)
        if not 0 < length < math.inf:
            raise struct.error("a vector without a length")
        at += struct.calcsize(_HEAD)
        yield length, struct.unpack_from(f"<{count}h", packed, at)
        at += 2 * count


def _cosine(one: Sequence[int], other: Sequence[int]) -> float:
    lengths = math.hypot(*one) * math.hypot(*other)
    if lengths == 0:  # what is kept of a sparse vector may be zeros alone
        return 1.0 if one == other else 0.0
    return float(sum(map(mul, one, other)) / lengths)
