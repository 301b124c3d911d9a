from typing import Any

import pytest

from hirag_operator.api.conditions import Reason
from hirag_operator.plan.collection.contextcollection import judge, plan_level
from hirag_operator.plan.collection.levelplan import LevelPlan
from hirag_operator.plan.collection.levels import Embedding
from hirag_operator.plan.collection.seenlevel import SeenLevel
from hirag_operator.plan.merge import merged
from hirag_operator.plan.steps import AddProperty, CreateAlias, CreateCollection, CreateTenants, SetTenantStates
from hirag_operator.plan.steps import UpdateCollection as Update
from hirag_operator.plan.verdict import State
from tests.operator.plan.objects import EMBEDDING, wanted

Json = dict[str, Any]

LEVEL = wanted()
ALIAS, NAME = LEVEL.place.alias, LEVEL.collection
LIVE = LEVEL.schema
EARLIER = wanted(index={"distance": "dot"}).schema  # ours, of another revision
OTHER_VECTORS = Embedding("g" * 26, EMBEDDING.transformers_root)
TENANTS = wanted({"multiTenancy": {"enabled": True, "tenants": [{"name": "a"}, {"name": "b", "state": "Inactive"}]}})
OFFLOADED = wanted({"multiTenancy": {"enabled": True, "tenants": [{"name": "a", "state": "Offloaded"}]}})
EF = wanted(index={"hnsw": {"ef": 200}})
AUTHOR = wanted({"properties": [{"name": "author", "description": "Who wrote it."}]})
DESCRIBED = wanted({"properties": [{"name": "author", "description": "The author."}, {"name": "year"}]})


def standing(schema: Json, **others: Any) -> SeenLevel:
    """A level whose alias points at a collection of this schema."""
    return SeenLevel(target=str(schema["class"]), live=schema, **others)


@pytest.mark.parametrize(
    ("level", "seen", "steps"),
    [
        pytest.param(
            LEVEL, SeenLevel(), (CreateCollection(LIVE), CreateAlias(ALIAS, NAME)), id="nothing there: make it all"
        ),
        pytest.param(
            TENANTS,
            SeenLevel(),
            (
                CreateCollection(TENANTS.schema),
                CreateTenants(TENANTS.collection, {"a": "ACTIVE", "b": "INACTIVE"}),
                CreateAlias(ALIAS, TENANTS.collection),
            ),
            id="nothing there: tenants come before the alias",
        ),
        pytest.param(LEVEL, standing(LIVE), (), id="all as wanted: nothing to do"),
        pytest.param(
            EF,
            standing(LIVE),
            (Update(NAME, {"vectorIndexConfig": {"ef": 200}}, ("vectorIndexConfig.ef",)),),
            id="a hot setting: change it in place",
        ),
        pytest.param(
            AUTHOR,
            standing(LIVE),
            (AddProperty(NAME, AUTHOR.schema["properties"][-1]),),
            id="a property more: add it to the collection that there is",
        ),
        pytest.param(
            TENANTS,
            standing(TENANTS.schema, tenants={}),
            (CreateTenants(TENANTS.collection, {"a": "ACTIVE", "b": "INACTIVE"}),),
            id="tenants missing after a crash: create them",
        ),
        pytest.param(
            TENANTS,
            standing(TENANTS.schema, tenants={"a": "COLD", "b": "COLD", "c": "HOT"}),
            (SetTenantStates(TENANTS.collection, {"a": "ACTIVE"}),),
            id="a tenant in another state: set it, and leave alone what nobody declared",
        ),
        pytest.param(
            TENANTS,
            standing(TENANTS.schema, tenants={"a": "ACTIVE", "b": "INACTIVE"}),
            (),
            id="states in the words of writing: the same",
        ),
        pytest.param(
            OFFLOADED,
            standing(OFFLOADED.schema, tenants={}),
            (CreateTenants(OFFLOADED.collection, {"a": "INACTIVE"}),),
            id="an offloaded tenant that is missing: the server can only create it on disk first",
        ),
        pytest.param(
            OFFLOADED,
            standing(OFFLOADED.schema, tenants={"a": "COLD"}),
            (SetTenantStates(OFFLOADED.collection, {"a": "OFFLOADED"}),),
            id="a tenant to offload that exists: offload it",
        ),
        pytest.param(
            OFFLOADED,
            standing(OFFLOADED.schema, tenants={"a": "FREEZING"}),
            (),
            id="a tenant on its way to object storage: wait",
        ),
        pytest.param(
            OFFLOADED, standing(OFFLOADED.schema, tenants={"a": "FROZEN"}), (), id="an offloaded tenant: nothing to do"
        ),
    ],
)
def test_what_is_seen_and_what_is_wanted_come_to_steps(level: Any, seen: SeenLevel, steps: tuple[Any, ...]) -> None:
    plan = plan_level(level, seen)
    assert plan.problem is None
    assert plan.steps == steps


@pytest.mark.parametrize(
    ("level", "seen", "told", "vectors"),
    [
        pytest.param(
            wanted(embedding=OTHER_VECTORS),
            standing(LIVE),
            f"embedding fingerprint ({'f' * 26} → {'g' * 26})",
            "embed",
            id="other vectors: the two never meet",
        ),
        pytest.param(
            LEVEL,
            standing(EARLIER),
            "vectorIndexConfig.distance ('dot' → 'cosine')",
            "copy",
            id="a change that needs a new revision",
        ),
    ],
)
def test_what_needs_a_new_revision_is_left_to_a_migration(level: Any, seen: SeenLevel, told: str, vectors: str) -> None:
    plan = plan_level(level, seen)
    assert (plan.steps, plan.problem, plan.at_rest) == ((), None, False)
    assert plan.pending is not None
    assert (told, plan.pending.vectors) == (str(plan.pending), vectors)


@pytest.mark.parametrize(
    ("level", "seen", "why"),
    [
        pytest.param(
            wanted({"invertedIndex": {"indexTimestamps": False}}),
            standing(EARLIER),
            "set spec.invertedIndex.indexTimestamps to true",
            id="what changes could not be followed",
        ),
    ],
)
def test_a_migration_that_cannot_be_is_told_with_the_way_out(level: Any, seen: SeenLevel, why: str) -> None:
    plan = plan_level(level, seen)
    assert plan.problem is not None
    assert (plan.problem.state, plan.problem.reason) == (State.STALLED, Reason.MIGRATION_REQUIRED)
    assert why in plan.problem.message


def test_descriptions_change_before_properties_are_added_for_the_document_holds_those_that_were_seen() -> None:
    steps = plan_level(DESCRIBED, standing(AUTHOR.schema)).steps
    assert [type(step) for step in steps] == [Update, AddProperty]


def test_a_refused_change_changes_nothing_hot_on_the_way() -> None:
    both = wanted(index={"hnsw": {"ef": 200, "maxConnections": 64}})
    assert plan_level(both, standing(LIVE)).steps == ()


def plan(*, problem: SeenLevel | None = None, seen: SeenLevel | None = None) -> LevelPlan:
    return plan_level(LEVEL, problem or seen or standing(LIVE))


@pytest.mark.parametrize(
    ("plans", "state", "reason", "told"),
    [
        pytest.param([plan(), plan()], State.READY, Reason.READY, f"Reached through {ALIAS}, {ALIAS}", id="all done"),
        pytest.param(
            [plan(), plan(seen=SeenLevel())],
            State.WORKING,
            Reason.RECONCILING,
            f"2 steps remain, the next: Created collection {NAME}",
            id="steps remain on one level",
        ),
        pytest.param(
            [plan(seen=SeenLevel()), plan(problem=SeenLevel(clash=True))],
            State.STALLED,
            Reason.CONFLICT,
            "a collection of that very name",
            id="a problem outweighs steps",
        ),
        pytest.param(
            [plan(problem=SeenLevel(target=NAME)), plan(problem=SeenLevel(clash=True))],
            State.STALLED,
            Reason.COLLECTION_MISSING,
            "a collection of that very name",
            id="all problems are told, under the first one's reason",
        ),
    ],
)
def test_levels_come_to_one_verdict(plans: list[LevelPlan], state: State, reason: Reason, told: str) -> None:
    verdict = judge(plans)
    assert (verdict.state, verdict.reason) == (state, reason)
    assert told in verdict.message


def test_the_plan_reads_what_the_server_adds_without_minding() -> None:
    added = merged(LIVE, {"vectorIndexConfig": {"skip": False}, "shardingConfig": {"desiredCount": 1}})
    assert plan_level(LEVEL, standing(added)).steps == ()
