"""A MODEL of the world in which a migration goes on: small, pure, and not the real thing.

Holders are dictionaries of id → version; an alias leads to one of them; notes carry a clock that moves with every note.
A Job's program is a handful of phases with the promises of `hirag-jobs migrate --follow`: it may die before any of its
steps, and goes on behind its seal when it comes back. What no model can tell (whether Weaviate and the program keep
those promises) is for the tests that run both.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from hirag_operator.plan.collection.migration.notes import Checked, Freeze, Told, read_freeze
from hirag_operator.plan.collection.migration.seen import SeenJob
from hirag_operator.plan.moves import AllowWrites, AwaitSeals, FreezeWrites, Holder, Note, SwapAlias
from hirag_operator.plan.steps import ApplyChild, CreateCollection, DeleteChild, DeleteCollection, MoveAlias, Step

Objects = dict[str, int]
Phase = Literal["starting", "copying", "checking", "following", "sealed", "closing"]

AUTO: Final = "activation,creation"
AT_ONCE: Final = 2  # objects that one step of a copying program carries


class NotDone(Exception):
    """A step could not be carried out, so those behind it are not either."""


@dataclass
class Store:
    """What a holder is in Weaviate; `auto` is what it does with tenants by itself, once it is declared to do all."""

    objects: Objects = field(default_factory=dict)
    frozen: bool = False
    auto: str = AUTO


@dataclass
class Job:
    """A Job and its program; `phase` is None while no pod of it runs."""

    source: str
    target: str
    since_ms: int
    generation: int
    state: Literal["Running", "Complete", "Failed"] = "Running"
    deleted: bool = False
    phase: Phase | None = None

    @property
    def gone(self) -> bool:
        return self.deleted and self.phase is None

    @property
    def works(self) -> bool:
        """Whether its program does something when it is given time."""
        return self.phase is not None or (self.state == "Running" and not self.deleted)


class World:
    """Weaviate, Kubernetes, clients, and what the latter were promised.

    `ledger` is what clients were told is kept. `late` are writes that had passed a shard's status before it was frozen
    and land when they land; each is of an id of its own. `undone` is the declaration that an annotation says is not
    wanted. While another hand has the alias lead `astray`, to a copy
    that is not whole, nothing is promised of what clients write there.
    """

    def __init__(self) -> None:
        self.clock = 1_000
        self.stores: dict[str, Store] = {"A": Store({"1": 1, "2": 1, "3": 1})}
        self.ledger: Objects = dict(self.stores["A"].objects)
        self.alias, self.declared, self.undone = "A", "A", ""
        self.generation = 1
        self.cramped = False  # whether a second revision has no room
        self.notes: dict[str, Freeze] = {}
        self.told: dict[str, Told] = {}
        self.jobs: dict[str, Job] = {}
        self.under_way: dict[str, str] = {}  # late writes: id → the holder that they will reach
        self.late: dict[str, str] = {}  # those that have reached it
        self.astray: str | None = None  # the holder that the alias was taken from
        self.removed_by_hand: set[str] = set()
        self.left: set[str] = set()  # what another was swapped for: it does nothing by itself until it serves again

    @property
    def plan(self) -> str:
        """The name of the plan that the declaration leads to."""
        return f"plan {self.declared}"

    @property
    def wanted(self) -> str:
        """What is to serve: as `reconcile/rollback.py` finds it where the declaration is not wanted."""
        if self.undone != self.declared:
            return self.declared
        if self.alias != self.declared:
            return self.alias
        note = self.notes.get(self.alias, Freeze())
        return note.source if note.plan == self.plan and note.source in self.stores else self.declared

    # What clients do.

    def write(self, key: str, version: int | None) -> bool:
        """Write or (None) delete through the alias; return whether Weaviate took it."""
        store = self.stores[self.alias]
        if store.frozen:
            return False
        for objects in (store.objects,) if self.astray else (store.objects, self.ledger):
            _put(objects, key, version)
        return True

    def land(self, key: str) -> None:
        """Let a late write reach its holder, if that is there: only then does its client hear that it is kept."""
        holder = self.under_way.pop(key)
        if holder in self.stores:
            self.stores[holder].objects[key] = 1
            self.late[key] = holder

    # What the operator does.

    def apply(self, step: Step) -> None:
        """Carry out a step as the adapters do."""
        match step:
            case Note():
                self.note(step.target, step.said)
                if isinstance(step, AwaitSeals):
                    self._await_seal(step.target.collection)
            case ApplyChild(manifest):
                self.jobs[manifest["target"]] = Job(**manifest)
            case DeleteChild(_, _, name):
                self.delete_job(name)
            case _:
                self._apply_to_schema(step)

    def _apply_to_schema(self, step: Step) -> None:
        match step:
            case FreezeWrites(holder):
                self._set_frozen(holder, frozen=True, auto="")
            case AllowWrites(holder, auto):
                self._set_frozen(holder, frozen=False, auto=auto)
            case SwapAlias(_, source, target):
                self._swap(source.collection, target.collection)
            case MoveAlias(_, collection):
                self.alias, self.astray = collection, None
            case CreateCollection(schema):
                assert schema["class"] not in self.stores, "made twice"
                self.stores[schema["class"]] = Store()
            case DeleteCollection(collection):
                self._delete(collection)
            case _:
                raise AssertionError(f"a migration does not do this: {step}")

    def note(self, target: Holder, said: Mapping[str, Any]) -> None:
        self.clock += 1
        self.notes[target.collection] = read_freeze(said, self.clock)
        if said["over"]:
            self.left.add(str(said["source"]))

    def compare_in_place(self) -> None:
        """Have what serves as declared and was left once do what it is declared to do by itself."""
        if self.alias == self.wanted and self.alias in self.left and not self.stores[self.alias].frozen:
            self.stores[self.alias].auto = AUTO

    def seen_job(self, target: str) -> SeenJob | None:
        job = self.jobs.get(target)
        if job is None or job.gone:
            return None
        pods = 0 if job.phase is None else 1
        return SeenJob(target, job.state, 1, job.generation, pods, job.deleted)

    def delete_job(self, target: str) -> None:
        """Delete a Job; what its pod does until it ends is still to come."""
        if target in self.jobs:
            self.jobs[target].deleted = True

    def _set_frozen(self, holder: Holder, *, frozen: bool, auto: str) -> None:
        if (store := self.stores.get(holder.collection)) is not None:
            store.frozen, store.auto = frozen, auto

    def crash_in_freezing(self, holder: Holder) -> None:
        """Carry out half of a step: tenants are not woken any more, and their shards take writes still."""
        self.stores[holder.collection].auto = ""

    def _await_seal(self, target: str) -> None:
        token = self.notes[target].token
        job = self.jobs.get(target)
        for _ in range(3):
            if job is not None and job.phase is not None:
                self.work(job)
        if self.told.get(target, Told()).sealed != token:
            raise NotDone("not sealed in time")

    def _swap(self, source: str, target: str) -> None:
        if not self.stores[source].frozen:
            raise NotDone("the source takes writes again")
        assert self.alias in {source, target}
        self.alias = target

    def _delete(self, name: str) -> None:
        assert name != self.alias, "the operator removed what serves"
        assert name != self.astray, "the operator removed what served until another hand moved the alias"
        serving = self.stores[self.alias].objects
        missing = {key for key, holder in self.late.items() if holder == name and key not in serving}
        assert not missing, "the operator removed the only holder of a late write"
        assert serving == {**self.ledger, **self._late_of(serving)}, "the operator removed what is not held elsewhere"
        self.stores.pop(name, None)

    # What the program of a Job does.

    def work(self, job: Job) -> None:
        """Let a Job's program do one thing; one without a pod is started."""
        if job.phase is None:
            if job.works:
                job.phase = "starting"
            return
        if job.source not in self.stores or job.target not in self.stores:
            self.die(job)
            return
        match job.phase:
            case "starting":
                self._start(job)
            case "copying":
                self._copy(job)
            case "checking":
                self.tell(job, phase="following", checked=Checked(equal=len(self.stores[job.target].objects)))
                job.phase = "following"
            case "following" | "sealed":
                self._turn(job)
            case "closing":
                self._close(job)

    def die(self, job: Job) -> None:
        """End the pod of a Job; where the Job is there and has not failed, another one is made for it."""
        job.phase = None

    def tell(self, job: Job, **said: Any) -> None:
        self.clock += 1
        known = self.told.get(job.target, Told())
        self.told[job.target] = Told(**{**known.__dict__, **said, "at": self.clock})

    def _start(self, job: Job) -> None:
        note, told = self.notes.get(job.target, Freeze()), self.told.get(job.target, Told())
        here, there = (len(self.stores[one].objects) for one in (job.source, job.target))
        if note.token and told.sealed == note.token and note.source == job.source and (note.over or there >= here):
            job.phase = "closing" if note.over else "sealed"
        elif self.alias == job.target:
            self.die(job)  # clients may write to it, so nothing can be copied into it
        else:
            if note.over:
                self.note(Holder(job.target), Freeze(note.source, note.since_ms, plan=note.plan).to_wire())
            self.told[job.target] = Told()
            self.tell(job, total=here)
            job.phase = "copying"

    def _copy(self, job: Job) -> None:
        wrong = self._differences(job)
        self._even_out(job, wrong[:AT_ONCE])
        phase: Phase = "copying" if len(wrong) > AT_ONCE else "checking"
        self.tell(job, phase=phase, done=len(self.stores[job.target].objects))
        job.phase = phase

    def _turn(self, job: Job) -> None:
        note, told = self.notes.get(job.target, Freeze()), self.told[job.target]
        if note.over:
            job.phase = "closing"
            return
        if note.token and told.sealed == note.token:
            return
        self._even_out(job, self._differences(job))
        if note.token and not self._differences(job):
            self._seal(job, note.token)
        else:
            job.phase = "following"
            self.tell(job)

    def _seal(self, job: Job, token: str) -> None:
        self.tell(job, sealed=token)
        job.phase = "sealed"
        if self.astray == job.source and self.alias == job.target:  # by now it is whole, and may serve
            self.astray, self.ledger = None, dict(self.stores[job.source].objects)

    def _close(self, job: Job) -> None:
        """Carry what was late, all of which lands before the program's last look, and end."""
        for key in [key for key, holder in self.under_way.items() if holder == job.source]:
            self.land(key)
        target = self.stores[job.target]
        for key, holder in self.late.items():
            if holder == job.source and not target.frozen:
                target.objects.setdefault(key, 1)
        job.state, job.phase = "Complete", None

    def _differences(self, job: Job) -> list[str]:
        here, there = self.stores[job.source].objects, self.stores[job.target].objects
        return sorted(key for key in {*here, *there} if here.get(key) != there.get(key))

    def _even_out(self, job: Job, keys: list[str]) -> None:
        here, there = self.stores[job.source], self.stores[job.target]
        if not there.frozen:
            for key in keys:
                _put(there.objects, key, here.objects.get(key))

    # What is to hold.

    def check_promises(self) -> None:
        """Nothing that clients were told is kept is missing from where it is kept; what is late may be on its way."""
        holder = self.astray or self.alias
        assert holder in self.stores, f"{holder} is gone"
        found = self.stores[holder].objects
        assert found == {**self.ledger, **self._late_of(found)}, f"{holder} is not what clients wrote"

    def _late_of(self, objects: Objects) -> Objects:
        return {key: 1 for key in self.late if key in objects}


def _put(objects: Objects, key: str, version: int | None) -> None:
    if version is None:
        objects.pop(key, None)
    else:
        objects[key] = version
