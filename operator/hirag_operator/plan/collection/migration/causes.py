"""Which field of which object a change follows from: a change is found in a schema, and people write specs."""

import re
from dataclasses import dataclass
from typing import Final

_OF_POLICY: Final = (
    (r"vectorIndexType$", "indexType"),
    (r"vectorIndexConfig\.(?:hnsw\.|flat\.)?distance$", "distance"),
    (r"vectorIndexConfig\.(?:hnsw\.|flat\.)?(?:pq|bq|sq|rq)\.", "quantization"),
    (r"vectorIndexConfig\.(?:hnsw\.|flat\.)?skipDefaultQuantization$", "quantization"),
    (r"vectorIndexConfig\.threshold$", "dynamic.threshold"),
    (r"vectorIndexConfig\.flat\.(\w+)$", r"flat.\1"),
    (r"vectorIndexConfig\.(?:hnsw\.)?(\w+)$", r"hnsw.\1"),
)
_OF_COLLECTION: Final = (
    (r"placement$", "placement"),
    (r"invertedIndexConfig\.(.+)$", r"invertedIndex.\1"),
    (r"multiTenancyConfig\.(\w+)$", r"multiTenancy.\1"),
    (r"replicationConfig\.(\w+)$", r"replication.\1"),
    (r"shardingConfig\.(\w+)$", r"sharding.\1"),
    (r"properties\[([^\]]+)\]\.", r"properties[\1]"),
)


@dataclass(frozen=True)
class Origins:
    """The objects that a level follows, as `namespace/name`; empty: none."""

    collection: str = ""
    policy: str = ""
    model: str = ""


def cause(change: str, origins: Origins) -> str:
    """Return which field of which object a change follows from; empty where that cannot be told.

    `change` begins with the path of a schema, or what stands for it, and both values follow in brackets.
    """
    path = change.partition(" (")[0]
    if path in {"embedding fingerprint", "the vectors that the model gives"}:
        return f"EmbeddingModel {origins.model}" if origins.model else ""
    if field := _translated(path, _OF_POLICY):
        return f"spec.{field} of HNSWIndexPolicy {origins.policy}" if origins.policy else ""
    if (field := _translated(path, _OF_COLLECTION)) and origins.collection:
        return f"spec.{field} of ContextCollection {origins.collection}"
    return ""


def told(change: str, origins: Origins) -> str:
    """Return a change with its cause, where that is known."""
    found = cause(change, origins)
    return f"{change}, by {found}" if found else change


def _translated(path: str, table: tuple[tuple[str, str], ...]) -> str:
    for pattern, field in table:
        if found := re.match(pattern, path):
            return found.expand(field)
    return ""
