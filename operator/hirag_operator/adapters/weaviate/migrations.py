"""What a migration looks at and does on one Weaviate: shards that are frozen, notes, an alias that moves under both."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote

from hirag_operator.adapters.http import JsonServer
from hirag_operator.adapters.weaviate.automatics import auto_of
from hirag_operator.adapters.weaviate.calls import Calls
from hirag_operator.adapters.weaviate.notes import Notes
from hirag_operator.adapters.weaviate.writes import AWAKE, Writes, awake
from hirag_operator.errors import NotSealed, Refused
from hirag_operator.plan.collection.migration.notes import Survey, Told
from hirag_operator.plan.collection.migration.seen import SeenHolder, SeenJob
from hirag_operator.plan.collection.objectives.notes import Noted
from hirag_operator.plan.collection.schemas import has_tenants
from hirag_operator.plan.moves import (
    AllowWrites,
    AnnounceFreeze,
    AwaitSeals,
    ForgetMeasurements,
    FreezeWrites,
    Holder,
    MigrationStep,
    Note,
    OpenAlias,
    SwapAlias,
)

GRACE_SECONDS: Final = 0.1  # for writes that had passed a shard's status when it was set: they have no other sign
LOOK_SECONDS: Final = 0.01  # between two looks at what shares say around a freeze
VECTORS: Final = 50  # objects that are looked at for one with a vector
COUNTED: Final = 200  # tenants at most whose objects are counted at a look


class Migrations:
    """Looks at holders and carries out steps of migrations. Thread-safe."""

    def __init__(self, server: JsonServer, calls: Calls) -> None:
        self._server = server
        self._calls = calls
        self._notes = Notes(server)
        self._writes = Writes(server, calls)

    def look(self, holder: Holder, job: SeenJob | None, *, count_tenants: bool) -> SeenHolder:
        """Look at a holder at this moment.

        Args:
            holder: what is looked at.
            job: the Job that fills it.
            count_tenants: whether the objects of tenants are counted. A Job that carries them wakes some and puts them
                to rest: one that is counted just then would be woken by that.
        """
        note = self._notes.freeze_of(holder)
        told = self._notes.told(holder, job.shares if job is not None and not job.deleted else note.shares)
        if not note.over:  # what was said before the operator last spoke is of an earlier time
            told = tuple(one if one.at >= note.at else Told() for one in told)
        return replace(self._standing(holder, count_tenants=count_tenants), note=note, told=told, job=job)

    def told(self, holder: Holder, shares: int) -> tuple[Told, ...]:
        """Return what the shares of the Job that fills a holder say."""
        return self._notes.told(holder, shares)

    def measurements(self, about: str) -> Noted:
        """Return what is noted of a level's index."""
        return self._notes.measurements(about)

    def surveyed(self, target: Holder) -> Survey:
        """Return the last word of a survey for a holder; one without content where there is none."""
        return self._notes.survey_of(target)

    def dimensions(self, collection: str) -> int | None:
        """Return of how many dimensions the unnamed vectors of a collection are; None where the first have none."""
        path = f"/v1/objects?class={quote(collection)}&limit={VECTORS}&include=vector"
        found = self._server.ask("sample_vectors", "GET", path).get("objects") or []
        return next((len(one["vector"]) for one in found if one.get("vector")), None)

    def apply(self, step: MigrationStep) -> None:
        """Carry out one step."""
        match step:
            case AnnounceFreeze():
                self._announce(step)
            case AwaitSeals():
                self._await_seals(step)
            case Note(target, said):
                self._notes.write_freeze(target, said)
            case FreezeWrites(holder):
                self._writes.freeze(holder)
            case AllowWrites(holder, auto):
                self._writes.allow(holder, auto)
            case SwapAlias(alias, source, target):
                self._swap(alias, source, target)
            case ForgetMeasurements(about):
                self._notes.forget(about)
            case OpenAlias():
                self._open(step)

    def _open(self, step: OpenAlias) -> None:
        source = step.source
        if step.frozen and self._calls.collection(source.collection) is not None and not self._writes.frozen(source):
            raise NotSealed(self._server.name, f"{source} takes writes again, so {step.target} may lack some")
        if self._calls.alias_target(step.alias) != step.target.collection:
            self._calls.create_alias(step.alias, step.target.collection)

    def _standing(self, holder: Holder, *, count_tenants: bool) -> SeenHolder:
        """Look whether a holder is there, and how it is; of a tenant that sleeps no objects are told."""
        schema, name = self._calls.collection(holder.collection), holder.collection
        if schema is None:
            return SeenHolder(holder, exists=False)
        if holder.tenant is not None:
            state = self._calls.tenant(name, holder.tenant)
            if state is None:
                return SeenHolder(holder, exists=False)
            counts = self._calls.count_tenants(name, [holder.tenant]) if state in AWAKE else {}
            return SeenHolder(holder, frozen=self._writes.shards_frozen(holder), count=counts.get(holder.tenant))
        if has_tenants(schema):
            return self._with_tenants(holder, schema, counted=count_tenants)
        count = self._calls.count_collections([name])[name]
        return SeenHolder(holder, frozen=self._writes.shards_frozen(holder), count=count)

    def _with_tenants(self, holder: Holder, schema: Mapping[str, Any], *, counted: bool) -> SeenHolder:
        tenants = self._calls.tenants(holder.collection)
        return SeenHolder(
            holder,
            frozen=self._writes.tenants_frozen(schema, tenants),
            count=self._count(holder.collection, tenants) if counted else None,
            auto=auto_of(schema),
            tenants=len(tenants),
        )

    def _count(self, collection: str, tenants: Mapping[str, str]) -> int | None:
        """Return the objects of all tenants; None where there are many, or counting them would wake one."""
        if len(tenants) > COUNTED or len(awake(tenants)) < len(tenants):
            return None
        loaded = self._calls.shards(collection) if tenants else {}
        if not all(loaded.get(tenant) for tenant in tenants):
            return None
        return sum(self._calls.count_tenants(collection, tenants).values())

    def _announce(self, step: AnnounceFreeze) -> None:
        self._notes.write_freeze(step.target, step.said)
        announced, said = str(step.said["announced"]), [0] * step.shares
        began = heard = time.monotonic()
        while time.monotonic() < min(began + step.longest, heard + step.seconds):
            told = self._notes.told(step.target, step.shares)
            if all(one.ready == announced for one in told):
                return
            if (latest := [one.at for one in told]) != said:
                said, heard = latest, time.monotonic()
            time.sleep(LOOK_SECONDS)

    def _await_seals(self, step: AwaitSeals) -> None:
        time.sleep(GRACE_SECONDS)
        left = step.seconds - GRACE_SECONDS
        self._notes.write_freeze(step.target, step.said)
        token = str(step.said["token"])
        end = time.monotonic() + left
        while not all(one.sealed == token for one in self._notes.told(step.target, step.shares)):
            if time.monotonic() > end:
                message = f"{step.target} was not sealed within {step.seconds:.1f} s of a freeze"
                raise NotSealed(self._server.name, message)
            time.sleep(LOOK_SECONDS)

    def _swap(self, alias: str, source: Holder, target: Holder) -> None:
        if not self._writes.frozen(source):
            raise NotSealed(self._server.name, f"{source} takes writes again, so {target} may lack some")
        self._calls.move_alias(alias, target.collection)
        if (found := self._calls.alias_target(alias)) != target.collection:
            raise Refused(self._server.name, f"alias {alias} was moved to {target.collection} and is at {found}", 409)
