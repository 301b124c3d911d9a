"""HNSWIndexPolicy: how levels of collections are indexed, and what the index must achieve."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field

from hirag_operator.api.conditions import ConditionedStatus
from hirag_operator.api.index_objectives import Objectives
from hirag_operator.api.index_settings import Distance, DynamicSettings, FlatSettings, HnswSettings, IndexType
from hirag_operator.api.model import SpecModel, StatusModel
from hirag_operator.api.quantization import Quantization
from hirag_operator.api.references import AllowedNamespaces
from hirag_operator.api.resource import Column, KubernetesObject, Resource
from hirag_operator.api.rollout import Rollout
from hirag_operator.api.rules import Rule

MAX_BINDINGS = 1000
BINDING_PENDING_LIMIT = 256  # characters: so that as many bindings as there may be fit an object


class HNSWIndexPolicySpec(SpecModel):
    """The index, its compression, and its objectives."""

    index_type: IndexType = Field(
        default="hnsw",
        description="hnsw: a graph; flat: brute force, for small tenants; dynamic: flat at first, then hnsw. "
        "A change rebuilds the index.",
    )
    distance: Distance = Field(default="cosine", description="Distance between vectors. A change rebuilds the index.")
    hnsw: HnswSettings | None = Field(
        default=None, description="The graph, for indexType hnsw, and for dynamic above its threshold."
    )
    flat: FlatSettings | None = Field(
        default=None, description="The flat index, for indexType flat, and for dynamic below its threshold."
    )
    dynamic: DynamicSettings | None = Field(default=None, description="The dynamic index, for indexType dynamic.")
    quantization: Quantization = Field(
        default_factory=Quantization,
        description="Compression of vectors in memory. With dynamic, pq and sq compress the graph alone.",
    )
    objectives: Objectives | None = Field(default=None, description="What the index must achieve.")
    allowed_namespaces: AllowedNamespaces = Field(
        default_factory=AllowedNamespaces, description="Which namespaces may use the policy."
    )
    rollout: Rollout = Field(
        default_factory=Rollout, description="How another index reaches the collections that use the policy."
    )

    rules = (
        Rule(
            "!has(self.hnsw) || self.indexType != 'flat'",
            lambda it: it.hnsw is None or it.index_type != "flat",
            "hnsw must be left out with indexType flat; use indexType hnsw or dynamic, or remove the section",
            "hnsw",
        ),
        Rule(
            "!has(self.flat) || self.indexType != 'hnsw'",
            lambda it: it.flat is None or it.index_type != "hnsw",
            "flat must be left out with indexType hnsw; use indexType flat or dynamic, or remove the section",
            "flat",
        ),
        Rule(
            "!has(self.dynamic) || self.indexType == 'dynamic'",
            lambda it: it.dynamic is None or it.index_type == "dynamic",
            "dynamic goes with indexType dynamic; set the type, or remove the section",
            "dynamic",
        ),
        Rule(
            "self.indexType != 'flat' || self.quantization.type in ['none', 'bq', 'rq']",
            lambda it: it.index_type != "flat" or it.quantization.type in {"none", "bq", "rq"},
            "quantization.type must be none, bq or rq with indexType flat; Weaviate has no other for it",
            "quantization",
        ),
        Rule(
            "self.indexType != 'hnsw' || !has(self.quantization.bq)"
            " || !(has(self.quantization.bq.rescoreLimit) || self.quantization.bq.cache)",
            lambda it: (
                it.index_type != "hnsw"
                or it.quantization.bq is None
                or not (it.quantization.bq.rescore_limit is not None or it.quantization.bq.cache)
            ),
            "quantization.bq.rescoreLimit and quantization.bq.cache must be left out with indexType hnsw; "
            "they exist for flat and dynamic",
            "quantization",
        ),
        Rule(
            "self.indexType != 'hnsw' || !has(self.quantization.rq) || !self.quantization.rq.cache",
            lambda it: it.index_type != "hnsw" or it.quantization.rq is None or not it.quantization.rq.cache,
            "quantization.rq.cache must be left out with indexType hnsw; it exists for flat and dynamic",
            "quantization",
        ),
        Rule(
            "!(self.quantization.type in ['sq', 'rq']) || self.distance in ['cosine', 'dot', 'l2-squared']",
            lambda it: it.quantization.type not in {"sq", "rq"} or it.distance in {"cosine", "dot", "l2-squared"},
            "distance must be cosine, dot or l2-squared with quantization.type sq or rq; "
            "use pq or bq, or another distance",
            "distance",
        ),
        Rule(
            "!has(self.objectives) || !has(self.objectives.tuning) || self.indexType == 'hnsw'",
            lambda it: it.objectives is None or it.objectives.tuning is None or it.index_type == "hnsw",
            "objectives.tuning goes with indexType hnsw; set the type, or remove the section",
            "objectives",
        ),
        Rule(
            "!has(self.objectives) || !has(self.objectives.tuning) || !has(self.hnsw) || self.hnsw.ef == -1",
            lambda it: it.objectives is None or it.objectives.tuning is None or it.effective_hnsw.ef == -1,
            "hnsw.ef must be left out with objectives.tuning.ef, within whose bounds it is found; remove one of them",
            "hnsw",
        ),
    )

    @property
    def effective_hnsw(self) -> HnswSettings:
        """The hnsw section, or its defaults where it is left out."""
        return self.hnsw or HnswSettings()

    @property
    def effective_flat(self) -> FlatSettings:
        """The flat section, or its defaults where it is left out."""
        return self.flat or FlatSettings()

    @property
    def effective_dynamic(self) -> DynamicSettings:
        """The dynamic section, or its defaults where it is left out."""
        return self.dynamic or DynamicSettings()


class Binding(StatusModel):
    """One level of a ContextCollection that uses the policy."""

    namespace: str = Field(description="Namespace of the ContextCollection.")
    name: str = Field(description="Name of the ContextCollection.")
    level: Literal["shortTerm", "longTerm"] = Field(description="Level of the ContextCollection.")
    state: Literal["Compliant", "PendingRebuild", "Rebuilding", "Waiting"] = Field(
        description="Compliant: indexed as the policy says; PendingRebuild: a new revision would be needed; "
        "Rebuilding: on its way; Waiting: the collection has not taken up the policy's present settings."
    )
    pending: str | None = Field(
        default=None,
        max_length=BINDING_PENDING_LIMIT,
        description="What differs, with both values; of one that waits, the reason of its collection's Ready.",
    )
    change_class: Literal["build", "embed"] | None = Field(
        default=None,
        description="What pending takes. build: the data copied into a new revision; embed: new vectors as well.",
    )
    objectives: str | None = Field(
        default=None, max_length=64, description="Reason of the level's ObjectivesMet: ObjectivesMet where all are."
    )
    recall: float | None = Field(default=None, ge=0, le=1, description="Measured recall@k, as a fraction.")
    p95_milliseconds: float | None = Field(default=None, ge=0, description="Measured 95th percentile, in milliseconds.")
    ef: int | None = Field(default=None, ge=-1, description="ef that it was measured at; -1: dynamicEf.")
    memory_bytes: int | None = Field(default=None, ge=0, description="Estimated memory of the index, in bytes.")
    queries: int | None = Field(default=None, ge=0, description="Queries that were measured.")
    measured_at: datetime | None = Field(default=None, description="When it was measured.")


class HNSWIndexPolicyStatus(ConditionedStatus):
    """Where the policy is used, and what it achieves."""

    # Atomic: one hand writes them all, and as a map each binding would stand in managedFields once more.
    bindings: list[Binding] = Field(
        default_factory=list,
        max_length=MAX_BINDINGS,
        json_schema_extra={"x-kubernetes-list-type": "atomic"},
        description=f"Levels that use the policy; of more than {MAX_BINDINGS}, first those that are not compliant.",
    )
    binding_count: int | None = Field(default=None, ge=0, description="Levels that use the policy, in all.")
    compliant_count: int | None = Field(default=None, ge=0, description="Levels of them that are as the policy says.")


class HNSWIndexPolicy(KubernetesObject):
    """How levels of ContextCollections are indexed in Weaviate, and what the index must achieve."""

    resource: ClassVar[Resource] = Resource(
        kind="HNSWIndexPolicy",
        plural="hnswindexpolicies",
        singular="hnswindexpolicy",
        short_names=("hnsw",),
        columns=(
            Column("Ready", '.status.conditions[?(@.type=="Ready")].status'),
            Column("Index", ".spec.indexType"),
            Column("Distance", ".spec.distance"),
            Column("Quantization", ".spec.quantization.type"),
            Column("Bindings", ".status.bindingCount", type="integer", description="Levels that use the policy."),
            Column("Compliant", ".status.compliantCount", type="integer", description="Levels that are as it says."),
            Column(
                "Objectives",
                '.status.conditions[?(@.type=="ObjectivesMet")].status',
                description="Whether what was measured meets the objectives.",
            ),
            Column("Reason", '.status.conditions[?(@.type=="Ready")].reason', priority=1),
            Column("Age", ".metadata.creationTimestamp", type="date"),
        ),
        selectable_fields=(".spec.indexType",),
    )

    kind: Literal["HNSWIndexPolicy"] = "HNSWIndexPolicy"
    spec: HNSWIndexPolicySpec = Field(default_factory=HNSWIndexPolicySpec)
    status: HNSWIndexPolicyStatus = Field(default_factory=HNSWIndexPolicyStatus)
