"""How much memory a vector index takes: an estimate from its settings, for Weaviate does not tell.

`sidecars/hirag_jobs/measure/memory.py` has the same figures with their sources; a contract test holds both against each
other.
"""

import math
from collections.abc import Mapping
from typing import Any, Final

Json = Mapping[str, Any]

_FLOAT: Final = 4
_SLICE: Final = 24
_NODE: Final = 88  # of the graph, without its lists of links
_LAYER: Final = 32
_LINK_BYTES: Final = ((2**16, 2), (2**24, 3), (2**32, 4), (2**40, 5))  # ids below → bytes of a link
_LONGEST_LINK: Final = 8
_WORD: Final = 64  # bits
_FEWEST_WORDS: Final = 4  # of a vector in one bit for each dimension, with rq
_SEGMENT_SIZES: Final = ((2048, 8), (768, 6), (256, 4), (1, 2))  # dimensions from → numbers of a segment of pq
_LEAST_LINKS: Final = 2  # of a node, in the formula


def memory_bytes(index_type: str, settings: Json, vectors: int, dimensions: int, shards: int = 1) -> int:
    """Return the memory of an index whose quantizer, if it has one, is at work; all shards together, for one replica.

    Args:
        index_type: hnsw, flat or dynamic.
        settings: The vectorIndexConfig.
        vectors: How many, spread evenly over the shards.
        dimensions: Of each.
        shards: How many graphs.
    """
    graph = index_type == "hnsw"
    if index_type == "dynamic":
        graph = vectors / shards >= int(settings.get("threshold") or 0)
        settings = settings.get("hnsw" if graph else "flat") or {}
    quantizer = _quantizer(settings)
    chosen = settings.get(quantizer) or {}
    kept = _kept(vectors, settings, chosen, quantizer, graph=graph)
    held = kept * (_SLICE + compressed_bytes(settings, dimensions)) if kept else 0
    codebook = shards * _codebook(chosen, dimensions) if quantizer == "pq" and kept else 0
    return held + codebook + (_graph(vectors, settings, shards) if graph else 0)


def compressed_bytes(settings: Json, dimensions: int) -> int:
    """Return how long a vector is as its quantizer has it; without one, as it is."""
    quantizer = _quantizer(settings)
    chosen, words = settings.get(quantizer) or {}, math.ceil(dimensions / _WORD)
    match quantizer:
        case "pq":
            return _segments(chosen, dimensions)
        case "bq":
            return words * 8
        case "sq":
            return dimensions + 8
        case "rq" if chosen.get("bits") == 1:
            return (max(words, _FEWEST_WORDS) + 1) * 8
        case "rq":
            return words * _WORD + 16
        case _:
            return dimensions * _FLOAT


def _quantizer(settings: Json) -> str:
    return next((name for name in ("pq", "bq", "sq", "rq") if (settings.get(name) or {}).get("enabled")), "none")


def _kept(vectors: int, settings: Json, chosen: Json, quantizer: str, *, graph: bool) -> int:
    limit = int(settings.get("vectorCacheMaxObjects", vectors))
    if graph:
        return vectors if quantizer != "none" else min(vectors, limit)
    return min(vectors, limit) if chosen.get("cache") else 0


def _graph(vectors: int, settings: Json, shards: int) -> int:
    most = max(int(settings.get("maxConnections") or 0), _LEAST_LINKS)
    above = 1 / (most - 1)
    links = 2 * most + most * above
    ids = vectors / shards
    size = next((size for bound, size in _LINK_BYTES if ids <= bound), _LONGEST_LINK)
    return math.ceil(vectors * (_NODE + _LAYER * (1 + above) + links * size))


def _segments(chosen: Json, dimensions: int) -> int:
    if chosen.get("segments"):
        return int(chosen["segments"])
    return next(
        (dimensions // size for least, size in _SEGMENT_SIZES if dimensions >= least and dimensions % size == 0),
        dimensions,
    )


def _codebook(chosen: Json, dimensions: int) -> int:
    centroids = int(chosen.get("centroids") or 256)
    return _FLOAT * (centroids * dimensions + _segments(chosen, dimensions) * centroids**2)
