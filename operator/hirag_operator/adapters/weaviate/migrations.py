"""What a migration looks at and does on one Weaviate: shards that are frozen, notes, an alias that moves under both."""

import json
import time
from typing import Final
from urllib.parse import quote

from hirag_operator.adapters.http import JsonServer
from hirag_operator.adapters.weaviate.calls import NOT_FOUND, Calls
from hirag_operator.adapters.weaviate.health import READ_ONLY
from hirag_operator.adapters.weaviate.nodes import shards_of
from hirag_operator.adapters.weaviate.notes import Notes
from hirag_operator.errors import NotSealed, Refused
from hirag_operator.plan.collection.migration.notes import Told
from hirag_operator.plan.collection.migration.seen import SeenHolder, SeenJob
from hirag_operator.plan.moves import AllowWrites, AwaitSeals, FreezeWrites, Holder, MigrationStep, Note, SwapAlias

GRACE_SECONDS: Final = 0.1  # for writes that had passed a shard's status when it was set: they have no other sign
LOOK_SECONDS: Final = 0.01  # between two looks at a seal
SAMPLE: Final = 50  # objects that are looked at to tell how large they are


class Migrations:
    """Looks at holders and carries out steps of migrations. Thread-safe."""

    def __init__(self, server: JsonServer, calls: Calls) -> None:
        self._server = server
        self._calls = calls
        self._notes = Notes(server)

    def look(self, holder: Holder, job: SeenJob | None) -> SeenHolder:
        """Look at a holder at this moment; `job` is the Job that fills it."""
        note = self._notes.freeze_of(holder)
        told = self._notes.told(holder, job.shares if job is not None and not job.deleted else note.shares)
        if not note.over:  # what was said before the operator last spoke is of an earlier time
            told = tuple(one if one.at >= note.at else Told() for one in told)
        exists, count = self._standing(holder)
        frozen = exists and self._frozen(holder)
        return SeenHolder(holder, exists, frozen, count, note, told, job)

    def told(self, holder: Holder, shares: int) -> tuple[Told, ...]:
        """Return what the shares of the Job that fills a holder say."""
        return self._notes.told(holder, shares)

    def object_bytes(self, holder: Holder) -> float | None:
        """Return how long objects are on average, as JSON without vectors, by a sample; None where there is none."""
        tenant = f"&tenant={quote(holder.tenant)}" if holder.tenant is not None else ""
        path = f"/v1/objects?class={quote(holder.collection)}&limit={SAMPLE}{tenant}"
        found = self._server.ask("sample_objects", "GET", path).get("objects") or []
        return sum(len(json.dumps(one.get("properties"))) for one in found) / len(found) if found else None

    def apply(self, step: MigrationStep) -> None:
        """Carry out one step."""
        match step:
            case AwaitSeals():
                self._await_seals(step)
            case Note(target, said):
                self._notes.write_freeze(target, said)
            case FreezeWrites(holder):
                self._set(holder, READ_ONLY)
            case AllowWrites(holder):
                self._set(holder, "READY")
            case SwapAlias(alias, source, target):
                self._swap(alias, source, target)

    def _standing(self, holder: Holder) -> tuple[bool, int | None]:
        """Return whether a holder is there, and its objects; of a tenant that sleeps they are not told."""
        if holder.tenant is not None:
            state = self._calls.tenant(holder.collection, holder.tenant) if self._is_class(holder) else None
            awake = state in {"HOT", "ACTIVE"}
            counts = self._calls.count_tenants(holder.collection, [holder.tenant]) if awake else {}
            return state is not None, counts.get(holder.tenant)
        if not self._is_class(holder):
            return False, None
        return True, self._calls.count_collections([holder.collection])[holder.collection]

    def _is_class(self, holder: Holder) -> bool:
        return self._calls.collection(holder.collection) is not None

    def _frozen(self, holder: Holder) -> bool:
        states = self._states(holder)
        return bool(states) and all(state == READ_ONLY for state in states.values())

    def _states(self, holder: Holder) -> dict[str, str]:
        """Return the shards of a holder; of one that several nodes have, the state in which it takes writes if any."""
        states: dict[str, str] = {}
        for shard in shards_of(self._server, holder.collection):
            name, state = shard["name"], str(shard.get("vectorIndexingStatus"))
            if holder.tenant in {None, name} and states.get(name, READ_ONLY) == READ_ONLY:
                states[name] = state
        return states

    def _set(self, holder: Holder, status: str) -> None:
        try:
            shards = self._states(holder)
        except Refused as error:
            if error.status == NOT_FOUND:  # what is gone takes no writes, and needs no permission
                return
            raise
        for shard in shards:
            path = f"/v1/schema/{quote(holder.collection)}/shards/{quote(shard)}"
            self._server.ask("set_shard", "PUT", path, {"status": status})

    def _await_seals(self, step: AwaitSeals) -> None:
        time.sleep(GRACE_SECONDS)
        end = time.monotonic() + step.seconds - GRACE_SECONDS
        self._notes.write_freeze(step.target, step.said)
        token = str(step.said["token"])
        while not all(one.sealed == token for one in self._notes.told(step.target, step.shares)):
            if time.monotonic() > end:
                message = f"{step.target} was not sealed within {step.seconds:.1f} s of a freeze"
                raise NotSealed(self._server.name, message)
            time.sleep(LOOK_SECONDS)

    def _swap(self, alias: str, source: Holder, target: Holder) -> None:
        if not self._frozen(source):
            raise NotSealed(self._server.name, f"{source} takes writes again, so {target} may lack some")
        self._calls.move_alias(alias, target.collection)
        if (found := self._calls.alias_target(alias)) != target.collection:
            raise Refused(self._server.name, f"alias {alias} was moved to {target.collection} and is at {found}", 409)
