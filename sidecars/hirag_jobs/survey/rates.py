"""How fast objects can be carried: what the model does with their texts, and what an index of this size takes in.

Nothing is written to find it out. An insertion into a graph is above all a search with efConstruction candidates
(Malkov and Yashunin, arXiv:1603.09320, algorithm 1). So vectors of the sample are searched for in the index that
serves, which is as large as the new one will be, with about as many candidates. An empty index of a few hundred objects
would take them several times faster than a full one does.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from weaviate.proto.v1 import base_pb2, base_search_pb2, search_get_pb2

from hirag_jobs.copying.lanes import in_lanes
from hirag_jobs.copying.rendering import EMBEDDED_AT_ONCE, Rendering
from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.objects.pages import Result
from hirag_jobs.objects.part import Part

Json = Mapping[str, Any]
Item = TypeVar("Item")

INSERTIONS: Final = 2.0
"""Objects that a copy inserts in the time of one such search: 1.8 to 2.6 where it was tried, at 2,000 to 10,000 objects
of 64 and 384 dimensions with efConstruction 64 to 256 (docs/copying.md)."""
WRITES_OF_READ: Final = 0.4
"""Of the objects read a second, how many are read and written a second where no graph is built."""
_SEARCHES: Final = 96
_ROUNDS: Final = 2
_LANES: Final = 4
_SECONDS: Final = 10.0  # for each measurement, and for what is under way then
_FEW: Final = 10  # neighbours asked for, where that does not say how many candidates there are


@dataclass(frozen=True)
class Graph:
    """The graph that serves, as searches see it.

    Args:
        ef: candidates of a search; -1: by how many neighbours are asked for.
        least: the fewest of those.
        most: the most.
        factor: candidates for each neighbour.
    """

    ef: int
    least: int
    most: int
    factor: int

    def search(self, candidates: int) -> tuple[int, int]:
        """How many neighbours to ask for so that a search has so many candidates, and how many it will have."""
        if self.ef > 0:
            return min(_FEW, self.ef), self.ef
        limit = max(1, math.ceil(min(candidates, self.most) / max(self.factor, 1)))
        return limit, max(limit, self.least, min(limit * self.factor, self.most))


def graph_of(kind: str, settings: Json, objects: int) -> Graph | None:
    """The graph of an index that has so many objects; None where it is none."""
    if kind == "dynamic":
        settings = settings.get("hnsw") or {} if objects >= int(settings.get("threshold") or 0) else {}
    elif kind != "hnsw":
        settings = {}
    if not settings:
        return None
    names = ("ef", "dynamicEfMin", "dynamicEfMax", "dynamicEfFactor")
    return Graph(*(int(settings.get(name) or 0) for name in names))


def insertions_per_second(
    channel: ObjectChannel, part: Part, objects: Sequence[Result], graph: Graph, candidates: int
) -> float:
    """How many objects an index like this one takes in a second; 0 where there is no vector to try it with.

    Args:
        channel: to the Weaviate.
        part: in which vectors are searched for.
        objects: whose vectors.
        graph: the part's index.
        candidates: efConstruction of the new index.
    """
    limit, had = graph.search(candidates)
    requests = [_request(part, one, limit) for one in objects[:: max(1, len(objects) // _SEARCHES)] if _vectors(one)]
    if not requests:
        return 0.0
    fastest = max(_per_second(requests, channel.search, _LANES, 1) for _ in range(_ROUNDS))
    return INSERTIONS * fastest * min(1.0, had / candidates)


def embedded_per_second(rendering: Rendering, objects: Sequence[Result], lanes: int) -> float:
    """How many objects are given new vectors a second, in requests as a copy makes them."""
    pages = [objects[start : start + EMBEDDED_AT_ONCE] for start in range(0, len(objects), EMBEDDED_AT_ONCE)]
    return _per_second(pages, rendering, lanes, EMBEDDED_AT_ONCE, total=len(objects))


def _per_second(
    items: Sequence[Item], work: Callable[[Item], object], lanes: int, each: int, total: int | None = None
) -> float:
    """Items done a second, times what each stands for; `total` is what all stand for together."""
    began = time.monotonic()
    done = sum(1 for _ in in_lanes(_until(items, began + _SECONDS), work, lanes))
    counted = total if total is not None and done == len(items) else done * each
    return counted / max(time.monotonic() - began, 1e-6)


def _until(items: Sequence[Item], end: float) -> Iterator[Item]:
    for at, item in enumerate(items):
        if at and time.monotonic() > end:
            return
        yield item


def _vectors(one: Result) -> bytes:
    """The first vector of an object; empty where it has none."""
    found: bytes = one.metadata.vector_bytes or next((vector.vector_bytes for vector in one.metadata.vectors), b"")
    return found


def _request(part: Part, one: Result, limit: int) -> search_get_pb2.SearchRequest:
    request = part.request(search_get_pb2.MetadataRequest(uuid=True), properties=False)
    request.limit = limit
    packed = base_pb2.Vectors(vector_bytes=_vectors(one), type=base_pb2.Vectors.VECTOR_TYPE_SINGLE_FP32)
    near = base_search_pb2.NearVector(vectors=[packed])
    if not one.metadata.vector_bytes and one.metadata.vectors:
        near.targets.CopyFrom(base_search_pb2.Targets(target_vectors=[one.metadata.vectors[0].name]))
    request.near_vector.CopyFrom(near)
    return request
