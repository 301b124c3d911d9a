"""How much memory a vector index takes: an estimate from its settings, which Weaviate does not tell itself.

Source: weaviate v1.35, adapters/repos/db/vector: hnsw/vertex.go, hnsw/packedconn/connections.go, hnsw/insert.go,
hnsw/compress.go, compressionhelpers/*_quantization.go, flat/index.go. Lists of links are counted full, which is the
most that they become. Not in it are what Go's allocator rounds up and its collector has not freed yet, room for growth
(a quarter of the pointers), and disk pages. docs/measuring.md says how far it was from the heap of a live server.
"""

import math
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

_FLOAT = 4
_HEADER = 24  # a Go slice: pointer, length, capacity
_NODE = 8 + 48 + 32  # pointer to the vertex, the vertex (id, lock, links, level, flag), its Connections
_LAYER = 32  # LayerData: a slice, and how it is packed
_LINK_BYTES = ((2**16, 2), (2**24, 3), (2**32, 4), (2**40, 5))  # ids below → bytes of a link
_LONGEST_LINK = 8
_WORD_BITS = 64
_FEWEST_BITS = 256  # RQ of one bit pads shorter vectors
_PQ_SEGMENT_SIZES = ((2048, 8), (768, 6), (256, 4), (1, 2))  # dimensions from → numbers of a segment
QUANTIZERS = ("pq", "bq", "sq", "rq")


class Memory(BaseModel):
    """An estimate of what one replica of an index takes, in bytes."""

    vectors_bytes: int = Field(description="vectors in memory, compressed where they are")
    graph_bytes: int = Field(description="nodes and links of the HNSW graph, at most")
    codebook_bytes: int = Field(description="what a product quantizer learned")
    total_bytes: int
    quantizer: str = Field(description="none, pq, bq, sq or rq, as it is at work")
    graph: bool = Field(description="whether the index is a graph; one of type dynamic becomes one at its threshold")


def estimate(
    index_type: str, settings: Mapping[str, Any], *, vectors: int, dimensions: int, shards: int, compressed: bool
) -> Memory:
    """The memory of an index, all its shards together.

    Args:
        index_type: hnsw, flat or dynamic.
        settings: the vectorIndexConfig.
        vectors: how many there are, spread evenly over the shards.
        dimensions: of each.
        shards: of the collection, or 1 for a tenant.
        compressed: whether its quantizer is at work; one that is trained waits for enough vectors.
    """
    if index_type == "dynamic":
        graph = vectors / shards >= settings["threshold"]
        settings = settings["hnsw"] if graph else settings["flat"]
    else:
        graph = index_type == "hnsw"
    quantizer = next((name for name in QUANTIZERS if compressed and (settings.get(name) or {}).get("enabled")), "none")
    chosen = settings.get(quantizer) or {}
    kept = _kept(vectors, settings, chosen, quantizer, graph=graph)
    held = kept * (_HEADER + _vector_bytes(quantizer, chosen, dimensions))
    codebook = shards * _codebook_bytes(chosen, dimensions) if quantizer == "pq" and kept else 0
    links = graph_bytes(vectors, settings["maxConnections"], shards) if graph else 0
    return Memory(
        vectors_bytes=held,
        graph_bytes=links,
        codebook_bytes=codebook,
        total_bytes=held + links + codebook,
        quantizer=quantizer,
        graph=graph,
    )


def graph_bytes(vectors: int, max_connections: int, shards: int = 1) -> int:
    """Memory of an HNSW graph whose lists of links are full.

    A node has up to 2M links in the lowest layer and M in each above (M is maxConnections). It reaches layer l with
    probability M^-l, for its level is floor(-ln(u) / ln(M)) (Malkov and Yashunin, arXiv:1603.09320, section 4.1), so it
    is in 1 / (M - 1) layers above the lowest on average. A link takes the bytes that the highest id of its list needs:
    ids count the insertions of a shard, and here its objects; a collection that is much rewritten has higher ones.

    Args:
        vectors: nodes.
        max_connections: M, at least 2.
        shards: graphs, of the same size each.
    """
    above = 1 / (max_connections - 1)
    links = 2 * max_connections + max_connections * above
    return math.ceil(vectors * (_NODE + _LAYER * (1 + above) + links * _link_bytes(vectors / shards)))


def _link_bytes(ids: float) -> int:
    return next((size for bound, size in _LINK_BYTES if ids <= bound), _LONGEST_LINK)


def _kept(vectors: int, settings: Mapping[str, Any], chosen: Mapping[str, Any], quantizer: str, *, graph: bool) -> int:
    """How many vectors are in memory: a graph's compressed ones all, a flat index's only where it caches them."""
    limit = int(settings.get("vectorCacheMaxObjects", vectors))
    if graph:
        return vectors if quantizer != "none" else min(vectors, limit)
    return min(vectors, limit) if chosen.get("cache") else 0


def _vector_bytes(quantizer: str, chosen: Mapping[str, Any], dimensions: int) -> int:
    """Bytes of one vector.

    none: a float for each dimension; pq: a byte for each segment; bq: a bit for each dimension, in words; sq: a byte
    for each, and 8 of sums; rq of 8 bits: a byte for each, padded to words of 64 dimensions, and 16 of sums; rq of
    1 bit: a bit for each of at least 256, and a word of sums.
    """
    words = math.ceil(dimensions / _WORD_BITS)
    match quantizer:
        case "pq":
            return _segments(chosen, dimensions)
        case "bq":
            return words * 8
        case "sq":
            return dimensions + 8
        case "rq" if chosen.get("bits") == 1:
            return (max(words, _FEWEST_BITS // _WORD_BITS) + 1) * 8
        case "rq":
            return words * _WORD_BITS + 16
    return dimensions * _FLOAT


def _segments(chosen: Mapping[str, Any], dimensions: int) -> int:
    """Segments of a product quantizer; 0 lets Weaviate choose (CalculateOptimalSegments)."""
    if chosen.get("segments"):
        return int(chosen["segments"])
    return next(
        (dimensions // size for least, size in _PQ_SEGMENT_SIZES if dimensions >= least and dimensions % size == 0),
        dimensions,
    )


def _codebook_bytes(chosen: Mapping[str, Any], dimensions: int) -> int:
    """Centroids, and the distances between all of a segment's, for one shard."""
    centroids = int(chosen.get("centroids") or 256)
    return _FLOAT * (centroids * dimensions + _segments(chosen, dimensions) * centroids**2)
