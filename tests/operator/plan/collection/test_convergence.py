"""From wherever a crash left it, a level comes to its wanted state within the passes of one reconcile."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from hirag_operator.plan.collection.contextcollection import plan_level
from hirag_operator.plan.collection.deletion import Departing, plan_deletion
from hirag_operator.plan.collection.levels import WantedLevel
from hirag_operator.plan.collection.made import Made
from hirag_operator.plan.collection.seenlevel import SeenLevel
from hirag_operator.plan.collection.stamp import read_stamp
from hirag_operator.plan.merge import merged
from hirag_operator.plan.steps import (
    AddProperty,
    CreateAlias,
    CreateCollection,
    CreateTenants,
    DeleteAlias,
    DeleteTenants,
    SetTenantStates,
    UpdateCollection,
    WeaviateStep,
)
from tests.operator.plan.objects import wanted

Json = dict[str, Any]

PASSES: Final = 5  # as reconcile/collection.py makes
HELD_AS: Final = {"ACTIVE": "HOT", "INACTIVE": "COLD", "OFFLOADED": "FROZEN"}


@dataclass
class Schema:
    """What the steps mean to a Weaviate, with the refusals of a real one; deletions are no part of it."""

    classes: dict[str, Json] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    tenants: dict[str, dict[str, str]] = field(default_factory=dict)

    def apply(self, step: WeaviateStep) -> None:
        match step:
            case CreateCollection(schema):
                assert str(schema["class"]).lower() not in {name.lower() for name in (*self.classes, *self.aliases)}
                self.classes[schema["class"]], self.tenants[schema["class"]] = dict(schema), {}
            case UpdateCollection(name, changes, _):
                changed = merged(self.classes[name], changes)
                assert [p["name"] for p in changed["properties"]] == [p["name"] for p in self._properties(name)]
                self.classes[name] = changed
            case AddProperty(name, prop):
                assert prop["name"] not in {p["name"] for p in self._properties(name)}
                self.classes[name] = {**self.classes[name], "properties": [*self._properties(name), prop]}
            case CreateAlias(alias, name):
                assert name in self.classes
                assert alias not in self.classes
                assert alias not in self.aliases
                self.aliases[alias] = name
            case CreateTenants(name, tenants):
                assert "OFFLOADED" not in tenants.values()
                self.tenants[name] |= {tenant: HELD_AS[state] for tenant, state in tenants.items()}
            case SetTenantStates(name, tenants):
                assert tenants.keys() <= self.tenants[name].keys()
                self.tenants[name] |= {tenant: HELD_AS[state] for tenant, state in tenants.items()}
            case DeleteAlias(alias):
                del self.aliases[alias]
            case DeleteTenants(name, names):
                for tenant in names:
                    del self.tenants[name][tenant]
            case _:
                raise AssertionError(f"nothing here may do this: {step}")

    def look(self, level: WantedLevel, made: Made | None = None) -> SeenLevel:
        alias = level.place.alias
        target = self.aliases.get(alias)
        if target is None:
            holders = tuple(c for c in self.classes.values() if self._holds(c, level))
            standing = self.classes.get(level.collection)
            return SeenLevel(clash=alias in self.classes, standing=standing, holders=holders, made=made)
        tenants = self.tenants.get(target, {})
        if level.place.tenant is not None:
            tenants = {name: state for name, state in tenants.items() if name == level.place.tenant}
        return SeenLevel(target=target, live=self.classes.get(target), tenants=tenants, made=made)

    def _holds(self, schema: Json, level: WantedLevel) -> bool:
        stamp = read_stamp(schema)
        if stamp is None or not level.owns(stamp):
            return False
        return not stamp.of_pool or level.tenant_of_pool in self.tenants[schema["class"]]

    def _properties(self, name: str) -> Sequence[Json]:
        return list(self.classes[name]["properties"])


def _name(one: Any) -> Any:
    return one["name"]


# What can change on a collection that exists: each of these can follow each other one.
prop = st.fixed_dictionaries(
    {"name": st.sampled_from(["author", "year"]), "description": st.sampled_from(["", "Who.", "When."])}
)
tenants = st.lists(
    st.fixed_dictionaries(
        {"name": st.sampled_from("abc"), "state": st.sampled_from(["Active", "Inactive", "Offloaded"])}
    ),
    unique_by=_name,
    max_size=3,
)
specs = st.fixed_dictionaries(
    {
        "properties": st.lists(prop, unique_by=_name, max_size=2),
        "multiTenancy": st.fixed_dictionaries(
            {"enabled": st.just(True), "autoCreation": st.booleans(), "tenants": tenants}
        ),
        "invertedIndex": st.fixed_dictionaries(
            {"bm25": st.fixed_dictionaries({"b": st.sampled_from([0.0, 0.5, 1.0])})}
        ),
    }
)
indexes = st.fixed_dictionaries({"hnsw": st.fixed_dictionaries({"ef": st.sampled_from([-1, 50, 200])})})
levels = st.builds(lambda spec, index: wanted(spec, index=index), specs, indexes)
crashes = st.tuples(levels, st.integers(0, 4), st.booleans())  # wanted then, steps done, alias lost afterwards


def converge(world: Schema, level: WantedLevel) -> int:
    """Passes until no step remains."""
    for done in range(PASSES + 1):
        plan = plan_level(level, world.look(level))
        assert plan.problem is None, plan.problem
        if not plan.steps:
            return done
        for step in plan.steps:
            world.apply(step)
    raise AssertionError(f"steps remain after {PASSES} passes: {plan.steps}")


@given(st.lists(crashes, max_size=4), levels)
def test_a_level_converges_from_any_crash(history: list[tuple[WantedLevel, int, bool]], level: WantedLevel) -> None:
    world = Schema()
    for before, count, alias_lost in history:
        for step in plan_level(before, world.look(before)).steps[:count]:
            world.apply(step)
        if alias_lost:
            world.aliases.clear()
    converge(world, level)
    assert plan_level(level, world.look(level)).steps == ()
    assert len(world.classes) == 1
    assert world.aliases == {level.place.alias: next(iter(world.classes))}


@given(levels, levels)
def test_what_was_made_serves_while_it_changes(before: WantedLevel, after: WantedLevel) -> None:
    world = Schema()
    converge(world, before)
    target = world.aliases[before.place.alias]
    converge(world, after)
    assert world.aliases[after.place.alias] == target


@given(levels)
def test_an_untouched_level_is_made_in_one_pass_unless_tenants_go_to_storage(level: WantedLevel) -> None:
    offloaded = "OFFLOADED" in level.tenants.values()
    assert converge(Schema(), level) == (2 if offloaded else 1)


shared = st.builds(
    lambda name, index: wanted({"placement": "Shared"}, name=name, index=index),
    st.sampled_from(["handbook", "manual", "faq"]),
    indexes,
)


def depart(world: Schema, level: WantedLevel, count: int) -> None:
    """The first `count` steps of a deletion."""
    leaving = Departing("default", level.namespace, level.name)
    aliases = {alias: world.aliases.get(alias) for alias in leaving.aliases}
    schemas = list(world.classes.values())
    tenants = {
        pool: [name for name in leaving.tenants if name in world.tenants[pool]] for pool in leaving.pools(schemas)
    }
    for step in plan_deletion(leaving, aliases, schemas, tenants)[:count]:
        world.apply(step)


@given(st.lists(st.tuples(shared, st.integers(0, 4), st.booleans()), max_size=8), shared)
def test_levels_of_a_pool_come_and_go_in_any_order_with_crashes_and_leave_their_neighbours_alone(
    history: list[tuple[WantedLevel, int, bool]], neighbour: WantedLevel
) -> None:
    world = Schema()
    converge(world, neighbour)
    for level, count, leaves in history:
        if level.name == neighbour.name:
            continue
        if leaves:
            depart(world, level, count)
        else:
            for step in plan_level(level, world.look(level)).steps[:count]:
                world.apply(step)
        assert world.aliases[neighbour.place.alias] == neighbour.collection
        assert world.tenants[neighbour.collection][str(neighbour.place.tenant)] == "HOT"
    for level, _, _ in history:
        converge(world, level)
    assert len(world.classes) == 1, "one shape, one pool"


@given(levels, levels)
def test_with_its_record_a_level_that_is_gone_is_never_made_anew_in_silence(
    level: WantedLevel, later: WantedLevel
) -> None:
    world = Schema()
    converge(world, level)
    made = Made(world.aliases[level.place.alias], level.settings)
    for left in (Schema(), Schema(aliases=world.aliases)):
        plan = plan_level(later, left.look(later, made))
        assert plan.steps == ()
        assert plan.problem is not None
