"""ContextCollection: a hierarchy of contexts, kept in Weaviate as its spec says."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from hirag_operator.api.collection_jobs import Compaction, Summarization
from hirag_operator.api.collection_layout import MultiTenancy, Replication, Sharding
from hirag_operator.api.collection_levels import Levels
from hirag_operator.api.collection_migration import Migration
from hirag_operator.api.collection_retrieval import Chunking, Retrieval
from hirag_operator.api.collection_schema import MAX_PROPERTIES, InvertedIndex, Property
from hirag_operator.api.collection_status import ContextCollectionStatus
from hirag_operator.api.lists import MapList
from hirag_operator.api.model import SpecModel
from hirag_operator.api.pods import ResourceRequirements
from hirag_operator.api.references import ObjectReference
from hirag_operator.api.resource import DNS_LABEL_NAME, Column, KubernetesObject, Resource
from hirag_operator.api.rules import Rule, Transition


class WeaviateTarget(SpecModel):
    """Which Weaviate holds the data."""

    connection: str = Field(
        default="default",
        min_length=1,
        max_length=63,
        pattern="^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
        description="Name of a connection that the operator is configured with; fixed at creation.",
    )

    transitions = (
        Transition(
            "self.connection == oldSelf.connection",
            "weaviate.connection cannot change; make a new ContextCollection and move the data by export and import",
            "connection",
        ),
    )


class Gateway(SpecModel):
    """A retrieval service of the collection's own."""

    enabled: bool = Field(default=False, description="Whether the gateway is deployed.")
    replicas: int = Field(default=1, ge=0, le=1000, description="Replicas of the gateway.")
    resources: ResourceRequirements | None = Field(default=None, description="Compute resources of each replica.")


Properties = Annotated[list[Property], Field(max_length=MAX_PROPERTIES), MapList(("name",))]


class ContextCollectionSpec(SpecModel):
    """What the collection holds, how it is embedded, indexed, searched and kept."""

    weaviate: WeaviateTarget = Field(default_factory=WeaviateTarget, description="Which Weaviate holds the data.")
    placement: Literal["Dedicated", "Shared"] = Field(
        default="Dedicated",
        description="Dedicated: Weaviate collections of its own; Shared: one tenant in collections shared with others "
        "of the same shape, for thousands of small indexes. A change moves the data.",
    )
    embedding_model_ref: ObjectReference = Field(
        description="The EmbeddingModel of all levels. Another model is a migration with new vectors."
    )
    properties: Properties | None = Field(
        default=None, description="Properties besides those that every collection has."
    )
    inverted_index: InvertedIndex = Field(
        default_factory=InvertedIndex, description="The index for keywords and filters."
    )
    multi_tenancy: MultiTenancy = Field(
        default_factory=MultiTenancy, description="Whether each level keeps its data apart by tenant."
    )
    replication: Replication = Field(default_factory=Replication, description="Copies on several Weaviate nodes.")
    sharding: Sharding | None = Field(
        default=None, description="How a collection without tenants is split; one shard for each node when absent."
    )
    levels: Levels = Field(description="Which levels the collection has.")
    chunking: Chunking = Field(default_factory=Chunking, description="How texts are cut into passages.")
    retrieval: Retrieval = Field(default_factory=Retrieval, description="How passages are found.")
    summarization: Summarization | None = Field(
        default=None, description="Scheduled summaries of old short-term contexts; none when absent."
    )
    compaction: Compaction | None = Field(
        default=None,
        description="Scheduled removal of what is past its retention, and of duplicates; none when absent.",
    )
    migration: Migration = Field(
        default_factory=Migration, description="How a change that needs a new revision is carried through."
    )
    gateway: Gateway = Field(default_factory=Gateway, description="A retrieval service of the collection's own.")
    deletion_policy: Literal["Retain", "Delete"] = Field(
        default="Retain", description="Whether the data stays in Weaviate when this object is deleted."
    )
    drift_policy: Literal["Enforce", "Warn"] = Field(
        default="Enforce", description="Whether changes made behind the operator's back are undone, or only reported."
    )
    loss_policy: Literal["Report", "Recreate"] = Field(
        default="Report",
        description="What becomes of a level whose data was deleted behind the operator's back. Report: the object "
        "stalls and says what is gone; Recreate: an empty collection is made in its place, with an Event.",
    )
    paused: bool = Field(
        default=False,
        description="Whether the operator leaves the collection alone, its deletion from Weaviate included.",
    )

    rules = (
        Rule(
            "!has(self.properties) || self.properties.all(p,"
            " self.properties.exists_one(q, q.name.lowerAscii() == p.name.lowerAscii()))",
            lambda it: len({p.name.lower() for p in it.properties or ()}) == len(it.properties or ()),
            "properties[].name must differ by more than case; rename one",
            "properties",
        ),
        Rule(
            "!self.multiTenancy.enabled || !has(self.sharding)",
            lambda it: not it.multi_tenancy.enabled or it.sharding is None,
            "sharding must be left out with multiTenancy.enabled; each tenant is one shard",
            "sharding",
        ),
        Rule(
            "self.placement != 'Shared' || !self.multiTenancy.enabled",
            lambda it: it.placement != "Shared" or not it.multi_tenancy.enabled,
            "multiTenancy.enabled must be false with placement Shared, where the whole index is one tenant; "
            "use placement Dedicated for tenants of your own",
            "multiTenancy",
        ),
        Rule(
            "self.placement != 'Shared' || !has(self.sharding)",
            lambda it: it.placement != "Shared" or it.sharding is None,
            "sharding must be left out with placement Shared; each index is one shard",
            "sharding",
        ),
        Rule(
            "!has(self.summarization) || (has(self.levels.shortTerm) && has(self.levels.longTerm))",
            lambda it: (
                it.summarization is None or (it.levels.short_term is not None and it.levels.long_term is not None)
            ),
            "summarization needs levels.shortTerm, which it reads, and levels.longTerm, which it writes",
            "summarization",
        ),
        Rule(
            "!has(self.levels.immediate) || self.gateway.enabled",
            lambda it: it.levels.immediate is None or it.gateway.enabled,
            "levels.immediate needs gateway.enabled: true, since it lives in the gateway's memory",
            "levels",
        ),
        Rule(
            "self.migration.approval == 'Manual' || !has(self.migration.approvedPlan)",
            lambda it: it.migration.approval == "Manual" or it.migration.approved_plan is None,
            "migration.approvedPlan goes with migration.approval Manual; set the approval, or remove it",
            "migration",
        ),
    )
    transitions = (
        Transition(
            "self.multiTenancy.enabled == oldSelf.multiTenancy.enabled",
            "multiTenancy.enabled cannot change, since clients would have to name tenants from one moment to the next; "
            "make a new ContextCollection and move the data by export and import",
            "multiTenancy",
        ),
    )


class ContextCollection(KubernetesObject):
    """A hierarchy of contexts for retrieval, kept in Weaviate as its spec says."""

    resource: ClassVar[Resource] = Resource(
        kind="ContextCollection",
        plural="contextcollections",
        singular="contextcollection",
        short_names=("ctx",),
        columns=(
            Column("Ready", '.status.conditions[?(@.type=="Ready")].status'),
            Column("Phase", ".status.phase"),
            Column("Model", ".spec.embeddingModelRef.name"),
            Column("Revision", ".status.activeRevision"),
            Column("Objects", ".status.objects", type="integer", description="Objects of all levels."),
            Column("Migration", ".status.migration.phase"),
            Column("Reason", '.status.conditions[?(@.type=="Ready")].reason', priority=1),
            Column("Fingerprint", ".status.fingerprint", priority=1),
            Column("Age", ".metadata.creationTimestamp", type="date"),
        ),
        selectable_fields=(".spec.embeddingModelRef.name", ".spec.weaviate.connection"),
    )
    rules = (DNS_LABEL_NAME,)

    kind: Literal["ContextCollection"] = "ContextCollection"
    spec: ContextCollectionSpec
    status: ContextCollectionStatus = Field(default_factory=ContextCollectionStatus)
