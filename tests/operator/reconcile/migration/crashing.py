"""An operator that ends itself with SIGKILL at a step of a migration, and looks at what that leaves in Weaviate.

It is `python -m tests.operator.reconcile.migration.crashing`, in the environment of `hirag-operator` with two files:

- CRASHING_STEPS takes a line for each step of a migration that was applied: its reason;
- CRASHING_ORDER, where it is there, says when to die, such as `before WritesFrozen` or `after AliasSwapped`. `during
  CopySealed` is the moment behind the note that asks for seals. An order is carried out once: it goes with the process.
"""

import json
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, get_args
from unittest.mock import patch

import httpx

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.operator import OperatorProcess
from e2e.cluster.weaviate import WeaviateServer
from hirag_operator.adapters.kubernetes import KubernetesAdapter
from hirag_operator.adapters.weaviate import WeaviateAdapter
from hirag_operator.adapters.weaviate.notes import Notes
from hirag_operator.main import main
from hirag_operator.plan.collection.migration.job import TARGET
from hirag_operator.plan.collection.migration.notes import NOTES, identity, share_about
from hirag_operator.plan.moves import Holder, MigrationStep
from hirag_operator.plan.steps import (
    ApplyChild,
    CreateCollection,
    CreateTenants,
    DeleteChild,
    DeleteCollection,
    DeleteTenants,
    Step,
)

Apply = Callable[[Any, Any], None]

ROOT: Final = Path(__file__).parents[4]
JOBS: Final = "hirag-system"  # the namespace where Jobs run
STEPS_FILE: Final = "CRASHING_STEPS"
ORDER_FILE: Final = "CRASHING_ORDER"
STOPS: Final = "stopped "  # in front of an order: the process stops, and may be woken

BEGIN, COPY = ("MigrationBegun", "CollectionCreated"), ("ChildApplied",)  # the Job
SWAP = ("FreezeAnnounced", "WritesFrozen", "CopySealed", "AliasSwapped", "MigrationSwapped")
WHOLE = {  # what a whole migration does, for each kind of collection; Tenants is one with tenants of its own
    "Dedicated": (*BEGIN, *COPY, *SWAP, "CollectionDeleted", "NoteCleared", "ChildDeleted"),
    "Shared": (
        *(*BEGIN, "TenantsCreated", *COPY, *SWAP),
        *("TenantsRemoved", "NoteCleared", "CollectionDeleted", "ChildDeleted"),
    ),
    "Tenants": (*BEGIN, *COPY, *SWAP, "CollectionDeleted", "NoteCleared", "ChildDeleted"),
}
# Before a step the world is as it was after the one in front of it, unless time passes between them: until the change
# is asked for, the copy follows, and the soak and the Job are over.
WAITED_FOR = (BEGIN[0], SWAP[0], "CollectionDeleted")
# What a level of a pool does as one of its own collection does is not tried twice: the decisions are the same.
OF_POOLS = ("CollectionCreated", "TenantsCreated", "AliasSwapped", "TenantsRemoved", "CollectionDeleted")
OF_TENANTS = ("FreezeAnnounced", "WritesFrozen", "CopySealed", "AliasSwapped")  # the same, of many tenants at once
BOUNDARIES = [
    *(("Dedicated", f"before {step}") for step in WAITED_FOR),
    *(("Dedicated", f"during {step}") for step in ("FreezeAnnounced", "CopySealed")),
    *(("Dedicated", f"after {step}") for step in WHOLE["Dedicated"]),
    *(("Shared", f"after {step}") for step in OF_POOLS),
    ("Tenants", "during CopySealed"),
    *(("Tenants", f"after {step}") for step in OF_TENANTS),
]

OF_ALL = [boundary for kind, boundary in BOUNDARIES if kind == "Dedicated"]  # all that there are
WITH_COPY = [one for one in OF_ALL if one.split()[1] in {*COPY, *SWAP}]  # of these, where a copy is at work


class CrashingOperator(OperatorProcess):
    """The program below, for one Weaviate, of which namespaces may adopt collections; its files are in `folder`.

    `election` is how it stands for election, as its environment says it; alone it acts without.
    """

    def __init__(
        self,
        folder: Path,
        control_plane: ControlPlane,
        weaviate: WeaviateServer,
        adoptable: Mapping[str, Sequence[str]] | None = None,
        election: Mapping[str, str] | None = None,
    ) -> None:
        self.steps, self.order = folder / "steps", folder / "order"
        connection: dict[str, Any] = {
            "http_url": weaviate.http_url,
            "grpc_address": f"127.0.0.1:{weaviate.grpc_port}",
            "adoptable": dict(adoptable or {}),
        }
        env = {
            "HIRAG_OPERATOR_RESYNC_SECONDS": "5",
            "HIRAG_OPERATOR_JOBS_NAMESPACE": JOBS,
            STEPS_FILE: str(self.steps),
            ORDER_FILE: str(self.order),
            **(election or {}),
            "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]),
        }
        super().__init__(control_plane, {"default": connection}, env=env)

    def _command(self) -> list[str | Path]:
        return [sys.executable, "-m", "tests.operator.reconcile.migration.crashing"]


def note(weaviate: httpx.Client, about: str) -> dict[str, Any]:
    """Return what is noted; empty where nothing is."""
    answer = weaviate.get(f"/objects/{NOTES}/{identity(about)}")
    return dict(json.loads(answer.json()["properties"]["said"])) if answer.is_success else {}


def phase_of(weaviate: httpx.Client, job: Mapping[str, Any]) -> str:
    """Return in which phase a Job's only share says it is; empty before it says anything."""
    collection, _, tenant = job["metadata"]["annotations"][TARGET].partition("/")
    return str(note(weaviate, share_about(Holder(collection, tenant or None), 1, 1)).get("phase", ""))


def read_only(weaviate: httpx.Client) -> list[str]:
    """Return all shards of a Weaviate that take no writes."""
    nodes = weaviate.get("/nodes?output=verbose").raise_for_status().json()["nodes"]
    shards = [shard for node in nodes for shard in node["shards"] or []]
    return [f"{one['class']}/{one['name']}" for one in shards if one["vectorIndexingStatus"] == "READONLY"]


def of_migration(step: Step) -> bool:
    """Return whether a step can be one of a migration: what is done to ConfigMaps and aliases of new levels is not."""
    match step:
        case ApplyChild(manifest):
            return bool(manifest["kind"] == "Job")
        case DeleteChild(kind, _, _):
            return kind == "Job"
        case CreateCollection() | CreateTenants() | DeleteCollection() | DeleteTenants():
            return True
        case _:
            return isinstance(step, get_args(MigrationStep))


def crash_if_told(moment: str, reason: str) -> None:
    """Die here and now, if this is the moment; or stop, as one does that gets no processor."""
    order = Path(os.environ[ORDER_FILE])
    told = order.read_text() if order.exists() else ""
    if told.removeprefix(STOPS) == f"{moment} {reason}":
        order.unlink()
        os.kill(os.getpid(), signal.SIGSTOP if told.startswith(STOPS) else signal.SIGKILL)


def watched(apply: Apply) -> Apply:
    """Return `apply` of an adapter, which tells of steps and dies where it is to."""

    def applied(adapter: Any, step: Any) -> None:
        if not of_migration(step):
            apply(adapter, step)
            return
        crash_if_told("before", step.reason)
        apply(adapter, step)
        with Path(os.environ[STEPS_FILE]).open("a") as told:
            told.write(f"{step.reason}\n")
        crash_if_told("after", step.reason)

    return applied


def noted(write: Callable[[Notes, Holder, Any], None]) -> Callable[[Notes, Holder, Any], None]:
    """Return `write_freeze`, which dies behind the note that a freeze is to come, or is on."""

    def written(notes: Notes, target: Holder, said: Any) -> None:
        write(notes, target, said)
        if said["token"] and not said["over"]:
            crash_if_told("during", "CopySealed")
        elif said["announced"] and not said["over"]:
            crash_if_told("during", "FreezeAnnounced")

    return written


if __name__ == "__main__":
    with ExitStack() as stack:
        stack.enter_context(patch.object(WeaviateAdapter, "apply", watched(WeaviateAdapter.apply)))
        stack.enter_context(patch.object(KubernetesAdapter, "apply", watched(KubernetesAdapter.apply)))
        stack.enter_context(patch.object(Notes, "write_freeze", noted(Notes.write_freeze)))
        main()
