"""Steps: the changes that a plan asks of the world, as data.

Each can be run again after a crash behind any line: creating what exists is looked up first, by whoever plans.
`reason` is the word for it in Events and metrics; `str(step)` says what was done.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from hirag_operator.plan.moves import MigrationStep

Json = Mapping[str, Any]


@dataclass(frozen=True)
class CreateCollection:
    """Make a physical collection from a whole schema."""

    reason: ClassVar[str] = "CollectionCreated"

    schema: Json

    def __str__(self) -> str:
        return f"Created collection {self.schema['class']}"


@dataclass(frozen=True)
class UpdateCollection:
    """Change hot settings of a physical collection in place; `paths` names them for people."""

    reason: ClassVar[str] = "CollectionChanged"

    collection: str
    changes: Json
    paths: tuple[str, ...]

    def __str__(self) -> str:
        return f"Changed {', '.join(self.paths)} of collection {self.collection}"


@dataclass(frozen=True)
class AddProperty:
    """Add a property to a physical collection."""

    reason: ClassVar[str] = "PropertyAdded"

    collection: str
    schema: Json

    def __str__(self) -> str:
        return f"Added property {self.schema['name']} to collection {self.collection}"


@dataclass(frozen=True)
class CreateAlias:
    """Point a new alias at a physical collection."""

    reason: ClassVar[str] = "AliasCreated"

    alias: str
    collection: str

    def __str__(self) -> str:
        return f"Pointed alias {self.alias} at collection {self.collection}"


@dataclass(frozen=True)
class MoveAlias:
    """Point an alias that exists at another collection: one step, so no moment without it."""

    reason: ClassVar[str] = "AliasMoved"

    alias: str
    collection: str

    def __str__(self) -> str:
        return f"Pointed alias {self.alias} at collection {self.collection} again"


@dataclass(frozen=True)
class DeleteAlias:
    """Remove an alias."""

    reason: ClassVar[str] = "AliasRemoved"

    alias: str

    def __str__(self) -> str:
        return f"Removed alias {self.alias}"


@dataclass(frozen=True)
class DeleteCollection:
    """Remove a physical collection with its data; only planned for one with our stamp and no alias."""

    reason: ClassVar[str] = "CollectionDeleted"

    collection: str

    def __str__(self) -> str:
        return f"Deleted collection {self.collection}"


@dataclass(frozen=True)
class CreateTenants:
    """Create tenants, name → state as Weaviate writes it (ACTIVE, INACTIVE, OFFLOADED)."""

    reason: ClassVar[str] = "TenantsCreated"

    collection: str
    tenants: Mapping[str, str]

    def __str__(self) -> str:
        return f"Created {len(self.tenants)} tenants in collection {self.collection}"


@dataclass(frozen=True)
class SetTenantStates:
    """Change the states of tenants."""

    reason: ClassVar[str] = "TenantsChanged"

    collection: str
    tenants: Mapping[str, str]

    def __str__(self) -> str:
        return f"Changed the state of {len(self.tenants)} tenants in collection {self.collection}"


@dataclass(frozen=True)
class DeleteTenants:
    """Remove tenants with their data; only planned where removal is asked for and its guard rail lets it pass."""

    reason: ClassVar[str] = "TenantsRemoved"

    collection: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"Removed {len(self.names)} tenants from collection {self.collection}"


@dataclass(frozen=True)
class ApplyChild:
    """Server-side apply an object that the operator owns."""

    reason: ClassVar[str] = "ChildApplied"

    manifest: Json

    def __str__(self) -> str:
        return f"Applied {self.manifest['kind']} {self.manifest['metadata']['name']}"


@dataclass(frozen=True)
class CorrectChild(ApplyChild):
    """Apply an object anew whose fields `paths` were changed by hand."""

    reason: ClassVar[str] = "DriftCorrected"

    paths: tuple[str, ...]

    def __str__(self) -> str:
        metadata = self.manifest["metadata"]
        return f"Put back {', '.join(self.paths)} of {self.manifest['kind']} {metadata['name']}, changed by hand"


@dataclass(frozen=True)
class GiveKey(ApplyChild):
    """Apply a Secret with the key by which a Job asks a provider for vectors; nothing shows what is in it."""

    reason: ClassVar[str] = "KeyGiven"

    manifest: Json = field(repr=False)

    def __str__(self) -> str:
        return f"Gave Job {self.manifest['metadata']['ownerReferences'][0]['name']} the key of its provider"


@dataclass(frozen=True)
class DeleteChild:
    """Delete an object that the operator owns and no longer wants."""

    reason: ClassVar[str] = "ChildDeleted"

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"Deleted {self.kind} {self.name}"


@dataclass(frozen=True)
class HoldJob:
    """Suspend a Job: its pods are told to end, and begin again where they were when it is resumed."""

    reason: ClassVar[str] = "JobHeld"
    suspended: ClassVar[bool] = True

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"Held Job {self.name}: its pods end, and what they carried stays"


@dataclass(frozen=True)
class ResumeJob(HoldJob):
    """Have a Job go on that was held."""

    reason: ClassVar[str] = "JobResumed"
    suspended: ClassVar[bool] = False

    def __str__(self) -> str:
        return f"Had Job {self.name} go on"


@dataclass(frozen=True)
class HandOverReplicas:
    """Keep a Deployment's replicas as they are while we stop saying how many (see `plan/children/replicas.py`)."""

    reason: ClassVar[str] = "ReplicasHandedOver"

    namespace: str
    name: str
    replicas: int

    def __str__(self) -> str:
        return f"Handed over the {self.replicas} replicas of Deployment {self.name}"


SchemaStep = (
    CreateCollection
    | UpdateCollection
    | AddProperty
    | CreateAlias
    | MoveAlias
    | DeleteAlias
    | DeleteCollection
    | CreateTenants
    | SetTenantStates
    | DeleteTenants
)
WeaviateStep = SchemaStep | MigrationStep
KubernetesStep = ApplyChild | CorrectChild | GiveKey | DeleteChild | HoldJob | ResumeJob | HandOverReplicas
Step = WeaviateStep | KubernetesStep
