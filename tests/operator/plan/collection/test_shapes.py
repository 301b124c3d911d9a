"""What a revision fixes for good, and what the levels of a pool share."""

import pytest

from hirag_operator.plan.collection.changes import pooled, shape
from hirag_operator.plan.collection.levels import Embedding, WantedLevel
from tests.operator.plan.collection.test_changes import AUTHOR, BUILD_CHANGES, HOT_CHANGES, LIVE, Json
from tests.operator.plan.objects import EMBEDDING, wanted


@pytest.mark.parametrize("spec", [spec for spec, _, _ in HOT_CHANGES.values()], ids=HOT_CHANGES)
def test_a_hot_change_leaves_the_revision_alone(spec: Json) -> None:
    assert wanted(spec).collection == wanted().collection


@pytest.mark.parametrize(("spec", "index", "_told"), BUILD_CHANGES.values(), ids=BUILD_CHANGES)
def test_a_build_change_is_another_revision(spec: Json, index: Json, _told: str) -> None:
    assert wanted(spec, index=index).collection != wanted().collection


def test_a_shape_knows_properties_by_name_not_by_order() -> None:
    turned = {**LIVE, "properties": list(reversed(LIVE["properties"]))}
    assert shape(turned) == shape(LIVE)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(wanted(name="another"), id="another name"),
        pytest.param(wanted(namespace="team-b"), id="another namespace"),
        pytest.param(wanted(instance="another"), id="another operator"),
        pytest.param(wanted(index={"hnsw": {"ef": 7, "filterStrategy": "sweeping"}}), id="a hot setting of the index"),
    ],
)
def test_levels_that_differ_by_names_and_hot_settings_of_the_index_share_a_pool(other: WantedLevel) -> None:
    assert pooled(other.schema) == pooled(LIVE)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(wanted(index={"hnsw": {"maxConnections": 8}}), id="another graph"),
        pytest.param(wanted(index={"quantization": {"type": "rq"}}), id="a quantizer"),
        pytest.param(wanted({"invertedIndex": {"bm25": {"b": 0.5}}}), id="another ranking"),
        pytest.param(wanted({"invertedIndex": {"stopwords": {"preset": "none"}}}), id="other stopwords"),
        pytest.param(wanted({"replication": {"asyncEnabled": True}}), id="another repair"),
        pytest.param(wanted({"properties": [AUTHOR]}), id="a property more"),
        pytest.param(wanted(embedding=Embedding(EMBEDDING.fingerprint, None)), id="another vectorizer"),
    ],
)
def test_levels_that_differ_by_what_a_neighbour_would_notice_are_in_two_pools(other: WantedLevel) -> None:
    assert pooled(other.schema) != pooled(LIVE)


def test_levels_of_one_pool_describe_their_properties_alike() -> None:
    described = wanted({"properties": [AUTHOR]}).schema
    assert pooled(described) != pooled(wanted({"properties": [{**AUTHOR, "description": "The author."}]}).schema)
