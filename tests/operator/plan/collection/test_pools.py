"""Shared placement: which levels meet in a pool, and what a level comes to that is one of its tenants."""

from typing import Any

import pytest

from hirag_operator.api.conditions import Reason
from hirag_operator.plan.collection.contextcollection import plan_level
from hirag_operator.plan.collection.levelplan import Stance
from hirag_operator.plan.collection.levels import Embedding, WantedLevel
from hirag_operator.plan.collection.made import Made
from hirag_operator.plan.collection.seenlevel import SeenLevel
from hirag_operator.plan.collection.stamp import read_stamp
from hirag_operator.plan.steps import (
    CreateAlias,
    CreateCollection,
    CreateTenants,
    MoveAlias,
    SetTenantStates,
    UpdateCollection,
)
from hirag_operator.plan.vectors import sketch
from tests.operator.plan.objects import EMBEDDING, wanted

SHARED = {"placement": "Shared"}


def shared(spec: dict[str, Any] | None = None, **others: Any) -> WantedLevel:
    return wanted({**SHARED, **(spec or {})}, **others)


LEVEL = shared()
ALIAS, POOL, TENANT = LEVEL.place.alias, LEVEL.collection, "team-a_handbook_longTerm"
MADE = Made(POOL, LEVEL.settings)
DEDICATED = wanted()
OTHER_POOL = shared(index={"distance": "dot"}).schema
VECTORS = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
OTHERS = [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]


def member(schema: Any = LEVEL.schema, state: str | None = "HOT", **others: Any) -> SeenLevel:
    """A level whose alias points at a pool that has its tenant."""
    tenants = {} if state is None else {TENANT: state}
    return SeenLevel(target=str(schema["class"]), live=schema, tenants=tenants, **others)


def test_a_shared_level_is_a_tenant_of_a_multi_tenant_collection() -> None:
    assert LEVEL.place.tenant == TENANT
    assert LEVEL.schema["multiTenancyConfig"]["enabled"] is True
    stamp = read_stamp(LEVEL.schema)
    assert stamp is not None
    assert stamp.of_pool


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(shared(name="manual", namespace="team-b"), id="another object of another namespace"),
        pytest.param(shared(index={"hnsw": {"ef": 7}}), id="a hot setting of the index"),
    ],
)
def test_levels_of_one_shape_share_a_pool(other: WantedLevel) -> None:
    assert other.collection == POOL


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(shared(index={"hnsw": {"maxConnections": 8}}), id="another graph"),
        pytest.param(shared({"invertedIndex": {"bm25": {"b": 0.5}}}), id="another ranking, which neighbours would see"),
        pytest.param(shared({"properties": [{"name": "author"}]}), id="a property more"),
        pytest.param(shared(embedding=Embedding("g" * 26, EMBEDDING.transformers_root)), id="other vectors"),
        pytest.param(shared(instance="blue"), id="another operator"),
        pytest.param(shared(led_by="team-a/fast"), id="another policy, whose edits are not the neighbours'"),
    ],
)
def test_levels_that_differ_live_in_two_pools(other: WantedLevel) -> None:
    assert other.collection != POOL


@pytest.mark.parametrize(
    ("level", "seen", "steps"),
    [
        pytest.param(
            LEVEL,
            SeenLevel(),
            (CreateCollection(LEVEL.schema), CreateTenants(POOL, {TENANT: "ACTIVE"}), CreateAlias(ALIAS, POOL)),
            id="the first of its shape: the pool, the tenant, the alias",
        ),
        pytest.param(
            LEVEL,
            SeenLevel(standing=LEVEL.schema),
            (CreateTenants(POOL, {TENANT: "ACTIVE"}), CreateAlias(ALIAS, POOL)),
            id="the pool is there",
        ),
        pytest.param(
            LEVEL,
            SeenLevel(standing=LEVEL.schema, holders=(LEVEL.schema,)),
            (CreateAlias(ALIAS, POOL),),
            id="retained, or left by a crash: the tenant is there",
        ),
        pytest.param(
            LEVEL,
            SeenLevel(standing=LEVEL.schema, holders=(OTHER_POOL,)),
            (CreateAlias(ALIAS, str(OTHER_POOL["class"])),),
            id="retained in another pool: taken up there",
        ),
        pytest.param(LEVEL, member(), (), id="all as wanted"),
        pytest.param(
            LEVEL,
            member(state="COLD"),
            (SetTenantStates(POOL, {TENANT: "ACTIVE"}),),
            id="put to sleep by another hand: woken",
        ),
        pytest.param(
            shared(index={"hnsw": {"ef": 200}}),
            member(),
            (UpdateCollection(POOL, {"vectorIndexConfig": {"ef": 200}}, ("vectorIndexConfig.ef",)),),
            id="a hot edit of the policy: changes the pool in place",
        ),
    ],
)
def test_what_is_seen_and_what_is_wanted_come_to_steps(level: Any, seen: SeenLevel, steps: tuple[Any, ...]) -> None:
    plan = plan_level(level, seen)
    assert plan.problem is None
    assert plan.steps == steps


@pytest.mark.parametrize(
    ("level", "seen", "told", "change_class"),
    [
        pytest.param(
            DEDICATED, member(), "placement (Shared → Dedicated)", "build", id="out of the pool: a new revision"
        ),
        pytest.param(
            LEVEL,
            SeenLevel(target=DEDICATED.collection, live=DEDICATED.schema),
            "placement (Dedicated → Shared)",
            "build",
            id="into a pool: a new revision",
        ),
        pytest.param(
            LEVEL, member(OTHER_POOL), "vectorIndexConfig.distance ('dot' → 'cosine')", "build", id="another shape"
        ),
        pytest.param(
            shared({"invertedIndex": {"bm25": {"b": 0.5}}}),
            member(),
            "invertedIndexConfig.bm25.b",
            "build",
            id="hot in a collection of its own, and the neighbours' too in a pool",
        ),
        pytest.param(
            shared({"properties": [{"name": "author"}]}),
            member(),
            "properties[author] (added)",
            "build",
            id="a property more",
        ),
        pytest.param(
            shared(led_by="team-a/fast"),
            member(),
            f"the HNSWIndexPolicy of the pool ({POOL} → ",
            "build",
            id="another policy that says the same",
        ),
        pytest.param(
            shared(embedding=Embedding("g" * 26, EMBEDDING.transformers_root)),
            member(),
            "embedding fingerprint",
            "embed",
            id="other vectors",
        ),
        pytest.param(
            shared(embedding=Embedding(EMBEDDING.fingerprint, EMBEDDING.transformers_root, sketch(OTHERS))),
            member(
                shared(
                    embedding=Embedding(*(EMBEDDING.fingerprint, EMBEDDING.transformers_root), sketch(VECTORS))
                ).schema
            ),
            "other ones under the same name",
            "embed",
            id="other vectors under the same name",
        ),
    ],
)
def test_what_a_neighbour_would_notice_takes_a_new_revision(
    level: Any, seen: SeenLevel, told: str, change_class: str
) -> None:
    plan = plan_level(level, seen)
    assert plan.steps == ()
    assert plan.pending is not None
    assert told in str(plan.pending)
    assert plan.pending.change_class == change_class


def test_a_tenant_deleted_behind_our_back_is_lost_data() -> None:
    plan = plan_level(LEVEL, member(state=None, made=MADE))
    assert plan.problem is not None
    assert plan.problem.reason is Reason.COLLECTION_MISSING
    assert f"tenant {TENANT}" in plan.problem.message
    again = plan_level(LEVEL, member(state=None, made=MADE), Stance(on_loss="Recreate"))
    assert again.steps == (CreateTenants(POOL, {TENANT: "ACTIVE"}),)


def test_a_lost_tenant_of_another_pool_is_made_anew_where_it_belongs() -> None:
    plan = plan_level(LEVEL, member(OTHER_POOL, state=None), Stance(on_loss="Recreate"))
    assert plan.steps == (
        CreateCollection(LEVEL.schema),
        CreateTenants(POOL, {TENANT: "ACTIVE"}),
        MoveAlias(ALIAS, POOL),
    )
