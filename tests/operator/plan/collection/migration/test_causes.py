"""A change is told with the field of the object that it follows from."""

import pytest

from hirag_operator.plan.collection.migration.causes import Origins, told

ORIGINS = Origins("team-a/handbook", "shared/compact", "shared/minilm")


@pytest.mark.parametrize(
    ("change", "by"),
    [
        ("vectorIndexConfig.efConstruction (64 → 256)", "spec.hnsw.efConstruction of HNSWIndexPolicy shared/compact"),
        (
            "vectorIndexConfig.hnsw.maxConnections (8 → 16)",
            "spec.hnsw.maxConnections of HNSWIndexPolicy shared/compact",
        ),
        ("vectorIndexConfig.distance ('dot' → 'cosine')", "spec.distance of HNSWIndexPolicy shared/compact"),
        ("vectorIndexConfig.flat.distance ('dot' → 'cosine')", "spec.distance of HNSWIndexPolicy shared/compact"),
        ("vectorIndexConfig.rq.enabled (False → True)", "spec.quantization of HNSWIndexPolicy shared/compact"),
        ("vectorIndexConfig.flat.bq.enabled (False → True)", "spec.quantization of HNSWIndexPolicy shared/compact"),
        ("vectorIndexType ('hnsw' → 'flat')", "spec.indexType of HNSWIndexPolicy shared/compact"),
        ("embedding fingerprint (abc → def)", "EmbeddingModel shared/minilm"),
        ("placement (Shared → Dedicated)", "spec.placement of ContextCollection team-a/handbook"),
        (
            "invertedIndexConfig.indexNullState (False → True)",
            "spec.invertedIndex.indexNullState of ContextCollection team-a/handbook",
        ),
        ("shardingConfig.desiredCount (1 → 2)", "spec.sharding.desiredCount of ContextCollection team-a/handbook"),
        (
            "properties[text].tokenization ('word' → 'field')",
            "spec.properties[text] of ContextCollection team-a/handbook",
        ),
    ],
)
def test_a_change_names_its_cause(change: str, by: str) -> None:
    assert told(change, ORIGINS) == f"{change}, by {by}"


@pytest.mark.parametrize(
    "change", ["vectorizer ('none' → 'text2vec-transformers')", "the HNSWIndexPolicy of the pool (P1 → P2)"]
)
def test_what_cannot_be_traced_is_told_as_it_is(change: str) -> None:
    assert told(change, ORIGINS) == change


def test_a_level_without_a_policy_names_none() -> None:
    assert told("vectorIndexConfig.efConstruction (64 → 256)", Origins("team-a/handbook")).endswith("256)")
