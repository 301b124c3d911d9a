"""Migrations under any order of writes, crashes, restarts, changes of mind and other hands, in a model of the world.

The decisions are the real ones (`decide`); all around them is `model.py`. Whatever happens, nothing that a client was
told is kept is lost; and when nothing happens any more, the wanted holder serves, takes writes, and is alone.
"""

from collections.abc import Callable
from datetime import timedelta
from itertools import product
from typing import Any, Final

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from hirag_operator.plan.collection.migration.course import Course, Stage, Terms
from hirag_operator.plan.collection.migration.decide import decide
from hirag_operator.plan.collection.migration.notes import Freeze, Told
from hirag_operator.plan.collection.migration.seen import SeenHolder, SeenMigration
from hirag_operator.plan.moves import FreezeWrites, Holder
from hirag_operator.plan.steps import CreateCollection
from tests.operator.plan.collection.migration.model import AUTO, Job, NotDone, World

NAMES: Final = ["A", "B", "C"]
SOAK: Final = timedelta(milliseconds=40)
MOST_LOOKS: Final = 150  # until nothing is left to do
CRASHES: Final = [
    "MigrationBegun",
    "FreezeAnnounced",
    "WritesFrozen",
    "CopySealed",
    "AliasSwapped",
    "FreezeEnded",
    "WritesAllowed",
    "CollectionDeleted",
    "ChildDeleted",
]
names = st.sampled_from(NAMES)


def look(world: World) -> SeenMigration:
    """What the operator sees: as `adapters/weaviate/migrations.py` reads it."""
    serving = _holder(world, world.alias)
    wanted = serving if world.wanted == world.alias else _holder(world, world.wanted)
    others = [name for name in world.stores if name not in {world.alias, world.wanted}]
    return SeenMigration(serving, wanted, tuple(_holder(world, name) for name in others))


def _holder(world: World, name: str) -> SeenHolder:
    store, note, job = world.stores.get(name), world.notes.get(name, Freeze()), world.seen_job(name)
    told = world.told.get(name, Told())
    if not note.over and told.at < note.at:
        told = Told()
    return SeenHolder(
        Holder(name),
        exists=store is not None,
        frozen=store is not None and store.frozen,
        auto="" if store is None else store.auto,
        count=None if store is None else len(store.objects),
        note=note,
        told=() if job is None else (told,),
        job=job,
    )


def terms(world: World) -> Terms:
    def job(source: Holder, target: Holder, since_ms: int) -> dict[str, Any]:
        return {
            "source": source.collection,
            "target": target.collection,
            "since_ms": since_ms,
            "generation": world.generation,
        }

    world.clock += 1
    return Terms(
        level="longTerm",
        alias="Alias",
        approved=True,
        plan=world.plan,
        room=True,
        first=None,
        min_recall=0.9,
        max_freeze=timedelta(seconds=1),
        soak=SOAK,
        keep_previous=False,
        generation=world.generation,
        now_ms=world.clock,
        token=f"freeze-{world.clock}",
        jobs_namespace="hirag-system",
        making=(CreateCollection({"class": world.wanted}),),
        job=job,
        undone=Holder(world.declared) if world.wanted != world.declared else None,
        shortage="no room" if world.cramped else "",
    )


def operate(world: World, most: int | None = None) -> Course | None:
    """Look once, decide, and carry out the steps, or the first of them before a crash."""
    world.compare_in_place()
    course = decide(look(world), terms(world))
    steps = () if course is None else course.steps
    try:
        for step in steps[:most]:
            world.apply(step)
    except NotDone:
        return course
    return course


class Migrations(RuleBasedStateMachine):
    """One level, its operator, its clients, a Job's program, and other hands."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.versions = 1

    # Clients.

    @rule(key=st.sampled_from("1234"), gone=st.booleans())
    def client_writes(self, key: str, *, gone: bool) -> None:
        self.versions += 1
        self.world.write(key, None if gone else self.versions)

    @precondition(lambda self: not self.world.stores[self.world.alias].frozen and not self.world.astray)
    @rule()
    def client_begins_a_write_that_takes_its_time(self) -> None:
        self.versions += 1
        self.world.under_way[f"late-{self.versions}"] = self.world.alias

    @precondition(lambda self: self.landing())
    @rule()
    def that_write_lands(self) -> None:
        self.world.land(self.landing()[0])

    def landing(self) -> list[str]:
        """Late writes that land on what serves, or on what a program looks at once more."""
        sources = {self.world.alias, *(job.source for job in self.world.jobs.values() if job.works)}
        return [key for key, holder in self.world.under_way.items() if holder in sources and not self.world.astray]

    # The operator.

    @rule()
    def operator_looks(self) -> None:
        operate(self.world)

    @rule(most=st.integers(0, 4))
    def operator_crashes_behind_a_step(self, most: int) -> None:
        operate(self.world, most)

    @rule()
    def operator_crashes_in_the_middle_of_freezing(self) -> None:
        course = decide(look(self.world), terms(self.world))
        for step in () if course is None else course.steps:
            if isinstance(step, FreezeWrites):
                self.world.crash_in_freezing(step.holder)
                return
            self.world.apply(step)

    @rule(rounds=st.integers(2, 14))
    def all_goes_well_for_a_while(self, rounds: int) -> None:
        for _ in range(rounds):
            self.goes_on()
            self.world.check_promises()

    @rule(reason=st.sampled_from(CRASHES))
    def all_goes_well_until_a_crash_behind_such_a_step(self, reason: str) -> None:
        for _ in range(14):
            course = decide(look(self.world), terms(self.world))
            reasons = [] if course is None else [step.reason for step in course.steps]
            if reason in reasons:
                operate(self.world, reasons.index(reason) + 1)
                return
            self.goes_on()
            self.world.check_promises()

    def goes_on(self) -> None:
        """Let the operator look once and every program do one thing."""
        operate(self.world)
        for job in self.world.jobs.values():
            if job.deleted:
                self.world.die(job)
            self.world.work(job)

    @rule(wanted=names)
    def the_declaration_changes(self, wanted: str) -> None:
        if wanted != self.world.declared:
            self.world.declared = wanted
            self.world.generation += 1

    @rule(undone=st.booleans())
    def an_annotation_says_whether_the_plan_is_wanted(self, *, undone: bool) -> None:
        self.world.undone = self.world.declared if undone else ""

    @rule(cramped=st.booleans())
    def room_comes_and_goes(self, *, cramped: bool) -> None:
        self.world.cramped = cramped

    @rule(ms=st.sampled_from([1, 50]))
    def time_passes(self, ms: int) -> None:
        self.world.clock += ms

    # The Job's program.

    def at_work(self) -> list[Job]:
        return [job for job in self.world.jobs.values() if job.works]

    @precondition(lambda self: self.at_work())
    @rule(data=st.data(), steps=st.integers(1, 4))
    def a_program_goes_on(self, data: st.DataObject, steps: int) -> None:
        job = data.draw(st.sampled_from(self.at_work()))
        for _ in range(steps):
            self.world.work(job)

    @precondition(lambda self: any(job.phase for job in self.world.jobs.values()))
    @rule(data=st.data())
    def a_pod_ends(self, data: st.DataObject) -> None:
        self.world.die(data.draw(st.sampled_from([job for job in self.world.jobs.values() if job.phase])))

    @precondition(lambda self: self.failing())
    @rule()
    def a_job_fails_for_good(self) -> None:
        job = self.failing()[0]
        job.state, job.phase = "Failed", None

    @precondition(lambda self: self.failing())
    @rule()
    def another_hand_deletes_a_job(self) -> None:
        self.world.delete_job(self.failing()[0].target)

    def failing(self) -> list[Job]:
        """Jobs at work on a copy that nothing was sealed of: afterwards a late write may hang on the program."""
        return [job for job in self.at_work() if not self.world.notes[job.target].token]

    # Weaviate, and other hands at it.

    @rule()
    def weaviate_restarts(self) -> None:
        for store in self.world.stores.values():
            store.frozen = False

    def shadows(self) -> list[str]:
        """Copies of what serves that are there, and were not swapped."""
        notes, serving = self.world.notes, self.world.alias
        return [
            name
            for name in self.world.stores
            if name in notes and notes[name].source == serving != name and not notes[name].over
        ]

    @precondition(lambda self: not self.world.astray and self.movable())
    @rule()
    def another_hand_moves_the_alias_to_a_copy(self) -> None:
        world, copy = self.world, self.movable()[0]
        sealed = world.notes[copy].token and world.told.get(copy, Told()).sealed == world.notes[copy].token
        world.astray = None if sealed else world.alias
        world.alias = copy

    def movable(self) -> list[str]:
        """Copies that are not sealed, or are still what the frozen source is: else nothing tells which is right."""
        world = self.world
        told = {name: world.told.get(name, Told()).sealed for name in self.shadows()}
        frozen = world.stores[world.alias].frozen
        return [name for name in told if frozen or not told[name] or told[name] != world.notes[name].token]

    @precondition(lambda self: not self.world.astray and self.removable())
    @rule()
    def another_hand_removes_a_copy(self) -> None:
        name = self.removable()[0]
        del self.world.stores[name]
        self.world.removed_by_hand.add(name)

    def removable(self) -> list[str]:
        """Copies, but not in a freeze: the note of that would go unread with the copy."""
        notes = self.world.notes
        return [name for name in self.shadows() if not (notes[name].freezing or notes[name].token)]

    # What is to hold.

    @invariant()
    def nothing_that_was_acknowledged_is_lost(self) -> None:
        self.world.check_promises()

    def teardown(self) -> None:
        world = self.world
        world.cramped = False
        for job in world.jobs.values():
            if job.state == "Failed":  # as the message of a failed migration asks for
                world.delete_job(job.target)
        for _ in range(MOST_LOOKS):
            self.goes_on()
            world.clock += 1
            world.check_promises()
        self.nothing_is_left()

    def nothing_is_left(self) -> None:
        world = self.world
        course = decide(look(world), terms(world))
        assert course is None or (course.stage is Stage.ROLLED_BACK and not course.steps)
        assert world.alias == world.wanted
        assert set(world.stores) == {world.wanted}
        assert not world.stores[world.alias].frozen
        assert world.stores[world.alias].auto == AUTO, "what the server did with tenants by itself is off for good"
        assert set(world.late) <= set(world.stores[world.alias].objects), "a late write was lost"
        left = {name for name in world.jobs if world.seen_job(name)} - world.removed_by_hand
        assert not left, "Jobs are left"


Migrations.TestCase.settings = settings(max_examples=150, stateful_step_count=40)
TestMigrations = Migrations.TestCase


def restart_and_write(machine: Migrations) -> None:
    machine.weaviate_restarts()
    machine.client_writes(key="4", gone=False)


EVENTS: Final[dict[str, Callable[[Migrations], None]]] = {
    "nothing": lambda _: None,
    "Weaviate restarts": Migrations.weaviate_restarts,
    "Weaviate restarts and a client writes": restart_and_write,
    "the change is taken back": lambda machine: machine.the_declaration_changes(wanted="A"),
    "the plan is undone": lambda machine: machine.an_annotation_says_whether_the_plan_is_wanted(undone=True),
    "another change is made": lambda machine: machine.the_declaration_changes(wanted="C"),
}


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_two_crashes_behind_steps_of_a_swap_and(event: Callable[[Migrations], None]) -> None:
    """All pairs, which chance seldom puts together: the second crash may be in what mends the first."""
    for first, second in product(CRASHES[1:7], repeat=2):
        machine = Migrations()
        machine.the_declaration_changes(wanted="B")
        machine.all_goes_well_until_a_crash_behind_such_a_step(first)
        event(machine)
        machine.all_goes_well_until_a_crash_behind_such_a_step(second)
        event(machine)
        machine.teardown()
        machine = Migrations()
        machine.the_declaration_changes(wanted="B")
        machine.all_goes_well_until_a_crash_behind_such_a_step(first)
        machine.all_goes_well_until_a_crash_behind_such_a_step(second)
        event(machine)
        machine.teardown()
