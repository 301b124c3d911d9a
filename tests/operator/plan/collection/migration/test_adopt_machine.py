"""Random sequences in a MODEL of the world in which a level is filled from A, a collection of others, into B.

Clients write to A by its name, and move to B when A takes no writes any more and the alias is there. Whatever dies and
whoever changes his mind: no acknowledged write is lost, A is never removed by the operator, and where the adoption is
taken back A takes writes and B is gone. Who has removed A, as he was asked to, does not change his mind any more.
"""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from hirag_operator.plan.collection.migration.adopt import Manner, adopt, served, taken_back
from hirag_operator.plan.collection.migration.backward import tidy
from hirag_operator.plan.collection.migration.course import Course, Stage
from hirag_operator.plan.collection.migration.seen import SeenMigration
from hirag_operator.plan.moves import OpenAlias
from hirag_operator.plan.steps import DeleteCollection, Step
from tests.operator.plan.collection.migration.model import Job, NotDone, World
from tests.operator.plan.collection.migration.test_machine import _holder, terms

MOST_LOOKS = 60


class AdoptingWorld(World):
    """The world of an adoption: `alias` is what clients use, `served` whether the level's alias leads to B."""

    def __init__(self, *, clash: bool = False) -> None:
        super().__init__()
        self.declared = "B"
        self.adopts, self.hold, self.served = True, False, False
        self.clash = clash
        self.stage: Stage | None = None

    def apply(self, step: Step) -> None:
        match step:
            case OpenAlias(_, source, target, frozen):
                there = self.stores.get(source.collection)
                if frozen and there is not None and not there.frozen:
                    raise NotDone("the source takes writes again")
                assert not (self.clash and there is not None), "Weaviate refuses an alias with the name of a class"
                self.alias, self.served = target.collection, True
            case DeleteCollection(name):
                assert name != "A", "the operator removed a collection of others"
                super().apply(step)
            case _:
                super().apply(step)

    def filling(self) -> bool:
        note = self.notes.get("B")
        return "B" in self.stores and note is not None and note.source == "A" and not note.over

    def decide(self) -> Course | None:
        source, copy, agreed = _holder(self, "A"), _holder(self, "B"), terms(self)
        if self.served:
            return served(source, copy, agreed) if copy.note.source == "A" else tidy(copy, agreed)
        if not self.adopts:
            return taken_back(source, [copy], agreed, None) if self.filling() else None
        manner = Manner(freeze=True, hold=self.hold, clash=self.clash)
        return adopt(SeenMigration(source, copy), agreed, manner)

    def operate(self, most: int | None = None) -> None:
        """Look once, decide, and carry out the steps, or the first of them before a crash."""
        course = self.decide()
        self.stage = None if course is None else course.stage
        try:
            for step in (() if course is None else course.steps)[:most]:
                self.apply(step)
        except NotDone:
            return


class Adoptions(RuleBasedStateMachine):
    """One level, its operator, clients, a Job's program, a person, and what dies."""

    def __init__(self) -> None:
        super().__init__()
        self.world = AdoptingWorld()
        self.versions = 1

    @rule(key=st.sampled_from("1234"), gone=st.booleans())
    def client_writes(self, key: str, *, gone: bool) -> None:
        if self.world.alias == "A" or self.world.served:
            self.versions += 1
            self.world.write(key, None if gone else self.versions)

    @rule()
    def operator_looks(self) -> None:
        self.world.operate()

    @rule(most=st.integers(0, 4))
    def operator_crashes_behind_a_step(self, most: int) -> None:
        self.world.operate(most)

    @rule(rounds=st.integers(2, 14))
    def all_goes_well_for_a_while(self, rounds: int) -> None:
        for _ in range(rounds):
            self.goes_on()
            self.world.check_promises()

    @precondition(lambda self: not self.world.served and "A" in self.world.stores)
    @rule(hold=st.booleans())
    def the_person_holds_it_or_lets_it_go(self, *, hold: bool) -> None:
        self.world.hold = hold
        self.world.generation += 1

    @precondition(lambda self: not self.world.served and "A" in self.world.stores)
    @rule(declared=st.booleans())
    def the_person_takes_it_back_or_asks_for_it_again(self, *, declared: bool) -> None:
        self.world.adopts = declared
        self.world.generation += 1

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

    @precondition(lambda self: self.at_work() and not self.world.notes["B"].token)
    @rule()
    def another_hand_deletes_a_job(self) -> None:
        self.world.delete_job("B")

    @rule()
    def weaviate_restarts(self) -> None:
        for store in self.world.stores.values():
            store.frozen = False

    def at_work(self) -> list[Job]:
        return [job for job in self.world.jobs.values() if job.works]

    def goes_on(self) -> None:
        """Let the operator look once, every program do one thing, and the person do what status asks for."""
        self.world.operate()
        if self.world.clash and self.world.stage is Stage.AWAITING_REMOVAL:
            assert self.world.stores["A"].frozen
            self.world.alias = "B"  # clients have no other any more; until there is one their writes fail
            del self.world.stores["A"]
        for job in self.world.jobs.values():
            if job.deleted:
                self.world.die(job)
            self.world.work(job)

    @invariant()
    def nothing_that_was_acknowledged_is_lost(self) -> None:
        self.world.check_promises()

    def teardown(self) -> None:
        world = self.world
        world.hold = False
        for _ in range(MOST_LOOKS):
            self.goes_on()
            world.clock += 1
            world.check_promises()
        assert world.decide() is None
        assert not [name for name in world.jobs if world.seen_job(name)], "Jobs are left"
        if world.adopts or world.served:
            assert (world.served, world.alias) == (True, "B")
        else:
            assert set(world.stores) == {"A"}
            assert not world.stores["A"].frozen, "the source takes no writes though it was taken back"


class Clashes(Adoptions):
    """The same with a collection that has the name of the level's alias."""

    def __init__(self) -> None:
        super().__init__()
        self.world = AdoptingWorld(clash=True)

    @precondition(lambda self: "A" in self.world.stores)
    @rule()
    def weaviate_restarts(self) -> None:
        for store in self.world.stores.values():
            store.frozen = False


Adoptions.TestCase.settings = settings(max_examples=150, stateful_step_count=40)
Clashes.TestCase.settings = settings(max_examples=100, stateful_step_count=40)
TestAdoptions = Adoptions.TestCase
TestClashes = Clashes.TestCase
