"""Two legal values of every field whose change Weaviate would see: what exists, and what it is changed to.

The second is an extreme one wherever the field has extremes: what a server takes at its edges it takes in between.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from hirag_operator.plan.merge import merged

Json = dict[str, Any]
MOST: Final = 2_147_483_647


@dataclass(frozen=True)
class Values:
    """A change of one field of a kind; `around` is what else must be said for the values to be legal."""

    kind: str
    path: str
    before: Any
    after: Any
    around: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.kind}.{self.path}"

    def shared(self) -> "Values":
        """The same change of a collection in a pool."""
        return replace(self, around={**self.around, "placement": "Shared"})

    def spec(self, value: Any) -> Json:
        """The spec with the value in its place; a property's setting goes to the property `author`."""
        head, _, setting = self.path.partition(".")
        if head == "properties" and setting:
            around = {key: part for key, part in self.around.items() if key != "author"}
            return {**around, "properties": [{"name": "author", **self.around.get("author", {}), setting: value}]}
        return merged(self.around, _nested(self.path, value))


def _nested(path: str, value: Any) -> Json:
    head, _, rest = path.partition(".")
    return {head: _nested(rest, value) if rest else value}


def _index(path: str, before: Any, after: Any, **around: Any) -> Values:
    return Values("HNSWIndexPolicy", path, before, after, around)


def _quantizer(path: str, before: Any, after: Any, *, index: str = "hnsw") -> Values:
    name = path.partition(".")[0]
    return _index(f"quantization.{path}", before, after, indexType=index, quantization={"type": name})


def _collection(path: str, before: Any, after: Any, **around: Any) -> Values:
    return Values("ContextCollection", path, before, after, around)


def _author(setting: str, before: Any, after: Any, **others: Any) -> Values:
    return _collection(f"properties.{setting}", before, after, **({"author": others} if others else {}))


VALUES: Final = (
    _index("indexType", "hnsw", "flat"),
    _index("distance", "cosine", "hamming"),
    _index("hnsw.maxConnections", 32, 4),
    _index("hnsw.efConstruction", 128, MOST),
    _index("hnsw.cleanupIntervalSeconds", 300, 0),
    _index("hnsw.ef", -1, MOST),
    _index("hnsw.dynamicEf.min", 100, 1),
    _index("hnsw.dynamicEf.max", 500, MOST),
    _index("hnsw.dynamicEf.factor", 8, MOST),
    _index("hnsw.flatSearchCutoff", 40_000, 0),
    _index("hnsw.filterStrategy", "acorn", "sweeping"),
    _index("hnsw.vectorCacheMaxObjects", 1_000_000_000_000, 0),
    _index("flat.vectorCacheMaxObjects", 1_000_000_000_000, 0, indexType="flat"),
    _index("dynamic.threshold", 10_000, 1, indexType="dynamic"),
    _index("quantization.type", "none", "rq"),
    _quantizer("pq.segments", 96, 1),
    _quantizer("pq.centroids", 256, 2),
    _quantizer("pq.trainingLimit", 100_000, 1),
    _quantizer("pq.encoder.type", "kmeans", "tile"),
    _quantizer("pq.encoder.distribution", "log-normal", "normal"),
    _quantizer("bq.rescoreLimit", 20, MOST, index="flat"),
    _quantizer("bq.cache", False, True, index="flat"),
    _quantizer("sq.trainingLimit", 100_000, 1),
    _quantizer("sq.rescoreLimit", 20, MOST),
    _quantizer("rq.bits", 8, 1),
    _quantizer("rq.rescoreLimit", 20, -1),
    _quantizer("rq.rescoreLimit", 20, MOST, index="flat"),
    _quantizer("rq.cache", False, True, index="flat"),
    _collection("placement", "Dedicated", "Shared"),
    _collection("properties", [], [{"name": "subject", "vectorize": True}]),
    _author("dataType", "text", "int"),
    _author("description", "Who wrote it.", "x" * 1024),
    _author("filterable", True, False),
    _author("rangeFilters", False, True, dataType="int"),
    _author("searchable", True, False),
    _author("tokenization", "word", "trigram"),
    _author("vectorize", False, True),
    _collection("invertedIndex.bm25.b", 0.75, 0),
    _collection("invertedIndex.bm25.k1", 1.2, 100),
    _collection("invertedIndex.stopwords.preset", "en", "none"),
    _collection("invertedIndex.stopwords.additions", ["hirag"], [f"word{number}" for number in range(1000)]),
    _collection("invertedIndex.stopwords.removals", ["the"], ["a", "an", "x" * 64]),
    _collection("invertedIndex.indexTimestamps", True, False),
    _collection("invertedIndex.indexNullState", False, True),
    _collection("invertedIndex.indexPropertyLength", False, True),
    _collection("multiTenancy.autoCreation", False, True, multiTenancy={"enabled": True}),
    _collection("multiTenancy.autoActivation", False, True, multiTenancy={"enabled": True}),
    _collection("multiTenancy.tenants", [], [{"name": "a"}], multiTenancy={"enabled": True}),
    _collection("replication.factor", 1, 3),
    _collection("replication.asyncEnabled", False, True),
    _collection("replication.deletionStrategy", "NoAutomatedResolution", "TimeBasedResolution"),
    _collection("sharding.desiredCount", 1, 3),
)

OF_THE_MODEL: Final = (
    Values("EmbeddingModel", "dimensions", 384, 768),
    Values("EmbeddingModel", "maxTokens", 256, 128),
    Values("EmbeddingModel", "pooling", "mean", "cls"),
    Values("EmbeddingModel", "normalize", True, False),
)
