"""Whatever stands in Weaviate and whatever the record claims: no step touches what is not the level's own."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hirag_operator.plan.collection.contextcollection import plan_level
from hirag_operator.plan.collection.levelplan import Stance
from hirag_operator.plan.collection.levels import WantedLevel
from hirag_operator.plan.collection.made import Made
from hirag_operator.plan.collection.seenlevel import SeenLevel
from hirag_operator.plan.collection.stamp import read_stamp
from hirag_operator.plan.steps import (
    AddProperty,
    CreateAlias,
    CreateCollection,
    CreateTenants,
    DeleteTenants,
    MoveAlias,
    SetTenantStates,
    UpdateCollection,
    WeaviateStep,
)
from tests.operator.plan.objects import wanted

Json = dict[str, Any]

TENANTS = {"multiTenancy": {"enabled": True, "tenants": [{"name": "a"}]}}
SHARED = {"placement": "Shared"}
OURS = [wanted(), wanted({"properties": [{"name": "a"}]}), wanted(TENANTS), wanted(SHARED)]
FOREIGN = [
    wanted(namespace="team-b").schema,
    wanted(name="other").schema,
    wanted(instance="blue").schema,
    wanted(SHARED, instance="blue").schema,
    {"class": "Strangers", "vectorizer": "none"},
    {"class": "Forged", "moduleConfig": {"hirag": {"namespace": "team-a"}}},
]
SCHEMAS = [*(level.schema for level in OURS), *FOREIGN]
TENANTS_SEEN = st.dictionaries(
    st.sampled_from(["a", "b", *(level.tenant_of_pool for level in OURS), "team-b_handbook_longTerm"]),
    st.sampled_from(["HOT", "COLD"]),
)

made = st.none() | st.builds(Made, st.sampled_from([str(one["class"]) for one in SCHEMAS]), st.just("any"))
stances = st.builds(Stance, st.sampled_from(["Enforce", "Warn"]), st.sampled_from(["Report", "Recreate"]))


@st.composite
def views(draw: st.DrawFn, level: WantedLevel) -> SeenLevel:
    """What an adapter may see of a level: among the holders are only those that may be the level's."""
    world: dict[str, Json] = {}  # one collection for each name, though operators of two instances give the same ones
    for one in draw(st.lists(st.sampled_from(SCHEMAS), unique_by=id)):
        world.setdefault(str(one["class"]), one)
    live = draw(st.sampled_from([None, *world.values()]))
    return SeenLevel(
        target=str(live["class"]) if live else draw(st.sampled_from([None, "Gone"])),
        live=live,
        standing=draw(st.sampled_from([None, world.get(level.collection)])),
        holders=tuple(one for one in world.values() if (stamp := read_stamp(one)) and level.owns(stamp)),
        clash=draw(st.booleans()),
        tenants=draw(TENANTS_SEEN),
        made=draw(made),
    )


def touched(step: WeaviateStep) -> str:
    """Return the collection that a step changes or opens a way to."""
    match step:
        case CreateCollection(schema):
            return str(schema["class"])
        case CreateAlias(_, collection) | MoveAlias(_, collection):
            return collection
        case UpdateCollection(collection, _, _) | AddProperty(collection, _):
            return collection
        case CreateTenants(collection, _) | SetTenantStates(collection, _) | DeleteTenants(collection, _):
            return collection
    raise AssertionError(f"{step} is none that a level needs")


def tenants_of(step: WeaviateStep) -> set[str]:
    match step:
        case CreateTenants(_, tenants) | SetTenantStates(_, tenants):
            return set(tenants)
        case DeleteTenants(_, names):
            return set(names)
    return set()


@given(st.data(), st.sampled_from(OURS), stances)
def test_no_step_touches_what_is_not_the_levels_own(data: st.DataObject, level: WantedLevel, stance: Stance) -> None:
    seen = data.draw(views(level))
    # An operator of another instance gives its collections the same names, so it counts which of them was seen.
    foreign = {str(one["class"]) for one in FOREIGN} - {str(one.schema["class"]) for one in OURS}
    foreign |= {str(one["class"]) for one in (seen.live, seen.standing) if one is not None and one in FOREIGN}
    pools = {str(one["class"]) for one in SCHEMAS if (stamp := read_stamp(one)) and stamp.of_pool}
    for step in plan_level(level, seen, stance).steps:
        assert touched(step) not in foreign
        if isinstance(step, CreateAlias | MoveAlias):
            assert step.alias == level.place.alias
        if touched(step) in pools:
            assert tenants_of(step) <= {level.tenant_of_pool}
