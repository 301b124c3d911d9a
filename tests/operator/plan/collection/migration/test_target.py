"""Into which holder a level goes, and what makes it."""

from typing import Any

import pytest

from hirag_operator.plan.collection.levels import Embedding, WantedLevel
from hirag_operator.plan.collection.migration.target import making, plan_name, target_of
from hirag_operator.plan.moves import Holder
from hirag_operator.plan.steps import CreateCollection, CreateTenants
from tests.operator.plan.objects import EMBEDDING, wanted

Json = dict[str, Any]

LEVEL = wanted()
EARLIER = wanted(index={"distance": "dot"})
AUTHOR = wanted({"properties": [{"name": "author"}]})
WITH_AUTHOR = {**LEVEL.schema, "class": "Older_R1", "properties": AUTHOR.schema["properties"]}
OTHER_VECTORS = wanted(embedding=Embedding("g" * 26, EMBEDDING.transformers_root))
SHARED = wanted({"placement": "Shared"})
POOL = {**SHARED.schema, "class": "AnotherPool_R1"}


@pytest.mark.parametrize(
    ("level", "beside", "target"),
    [
        pytest.param(LEVEL, [], LEVEL.collection, id="nothing beside: the one to be made"),
        pytest.param(LEVEL, [LEVEL.schema], LEVEL.collection, id="it is there already"),
        pytest.param(LEVEL, [EARLIER.schema], LEVEL.collection, id="one of another shape"),
        pytest.param(LEVEL, [WITH_AUTHOR], "Older_R1", id="one that fits under another name, for it grew a property"),
        pytest.param(AUTHOR, [{**LEVEL.schema, "class": "Bare_R1"}], AUTHOR.collection, id="one that lacks a property"),
        pytest.param(LEVEL, [WITH_AUTHOR, LEVEL.schema], LEVEL.collection, id="of two that fit, the one of the name"),
        pytest.param(LEVEL, [OTHER_VECTORS.schema], LEVEL.collection, id="one of other vectors"),
        pytest.param(LEVEL, [{"class": "Strange_R1"}], LEVEL.collection, id="one without a stamp"),
        pytest.param(LEVEL, [SHARED.schema], LEVEL.collection, id="a pool, for a level of its own"),
        pytest.param(SHARED, [POOL], SHARED.collection, id="another pool of the same shape: pools follow policies"),
        pytest.param(SHARED, [SHARED.schema], SHARED.collection, id="the very pool"),
    ],
)
def test_a_level_goes_into(level: WantedLevel, beside: list[Json], target: str) -> None:
    assert target_of(level, beside) == Holder(target, level.place.tenant)


def test_a_new_collection_keeps_properties_that_are_no_longer_declared_for_their_data_goes_along() -> None:
    (made,) = making(LEVEL, target_of(LEVEL, []), AUTHOR.schema, exists=False)
    assert isinstance(made, CreateCollection)
    assert "author" in {one["name"] for one in made.schema["properties"]}
    assert {**made.schema, "properties": LEVEL.schema["properties"]} == LEVEL.schema


def test_a_collection_that_is_there_takes_nothing() -> None:
    assert making(LEVEL, target_of(LEVEL, []), {}, exists=True) == ()


@pytest.mark.parametrize("exists", [True, False])
def test_a_shared_level_is_a_tenant_of_its_pool_which_is_made_where_it_is_not_there(*, exists: bool) -> None:
    target = target_of(SHARED, [])
    steps = making(SHARED, target, {}, exists=exists)
    assert steps[-1] == CreateTenants(target.collection, {str(target.tenant): "ACTIVE"})
    assert [type(step) for step in steps[:-1]] == ([] if exists else [CreateCollection])


def test_a_plan_is_named_by_where_all_levels_go() -> None:
    assert plan_name([LEVEL]) == plan_name([LEVEL])
    assert len({plan_name(levels) for levels in ([LEVEL], [EARLIER], [LEVEL, EARLIER])}) == 3
