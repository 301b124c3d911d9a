"""How a collection is laid out on Weaviate's nodes: tenants, replicas, shards; in Weaviate's own terms.

Source: weaviate v1.35, entities/schema/validation.go and usecases/schema/class.go.
"""

from typing import Annotated, Final, Literal

from pydantic import Field

from hirag_operator.api.model import SpecModel
from hirag_operator.api.references import LabelSelector
from hirag_operator.api.rules import Rule

MAX_TENANTS: Final = 10_000

# A plain pattern, and no rule in CEL: among ten thousand its cost shows in every write of the object, status included.
TenantName = Annotated[str, Field(min_length=1, max_length=64, pattern="^[A-Za-z0-9_-]{1,64}$")]


class Tenant(SpecModel):
    """A tenant that the operator keeps."""

    name: TenantName = Field(description="Name of the tenant: letters, digits, '-' and '_'.")
    state: Literal["Active", "Inactive", "Offloaded"] = Field(
        default="Active",
        description="Active: in use; Inactive: on disk only; Offloaded: in object storage, which the server must have.",
    )


# Atomic, so that managed fields do not name each tenant: as a map, ten thousand names of more than 40 characters pass
# the 1.5 MiB that etcd takes, and every write of status costs the API server a second. The operator sees to it that
# no name comes twice (`plan/collection/tenants.py`).
TenantList = Annotated[
    list[Tenant], Field(max_length=MAX_TENANTS, json_schema_extra={"x-kubernetes-list-type": "atomic"})
]


class TenantsFrom(SpecModel):
    """Tenants that follow from namespaces: one for each that is selected and agrees to it, of the namespace's name."""

    namespace_selector: LabelSelector = Field(
        description="Labels of the namespaces. One other than the collection's own must agree by the label "
        "hirag.dev/tenants-of, whose value is the collection's namespace."
    )
    state: Literal["Active", "Inactive"] = Field(
        default="Active", description="State of these tenants; a tenant that is also declared has its declared state."
    )


class TenantRemoval(SpecModel):
    """What becomes of tenants that are neither declared nor selected."""

    policy: Literal["Retain", "Delete"] = Field(
        default="Retain", description="Retain: they are left alone; Delete: they are removed with their data."
    )
    max_percent: int = Field(
        default=20,
        ge=1,
        le=100,
        description="Most percent of a level's tenants that Delete removes at once; if more would go, none is removed "
        "until this is raised or the change taken back. One tenant may always go, unless it is the last.",
    )


class MultiTenancy(SpecModel):
    """Whether each level keeps its data apart by tenant."""

    enabled: bool = Field(default=False, description="Whether the collection has tenants; fixed at creation.")
    auto_creation: bool = Field(default=False, description="Whether a write to an unknown tenant creates it.")
    auto_activation: bool = Field(
        default=False,
        description="Whether use of an inactive tenant activates it. It then stays active: Inactive and Offloaded "
        "say how a tenant begins, and are kept to only while this is false.",
    )
    tenants: TenantList | None = Field(
        default=None,
        description="Tenants that the operator creates and keeps in their state, each named once. One owner applies "
        "the whole list.",
    )
    tenants_from: TenantsFrom | None = Field(
        default=None, description="Tenants that follow from namespaces, besides those declared."
    )
    removal: TenantRemoval = Field(
        default_factory=TenantRemoval, description="What becomes of tenants that are neither declared nor selected."
    )

    rules = (
        Rule(
            "self.enabled || !(self.autoCreation || self.autoActivation || has(self.tenants) || has(self.tenantsFrom)"
            " || self.removal.policy == 'Delete')",
            lambda it: (
                it.enabled
                or not (it.auto_creation or it.auto_activation or it.lists_tenants or it.removal.policy == "Delete")
            ),
            "multiTenancy.autoCreation, autoActivation, tenants, tenantsFrom and removal.policy Delete "
            "need multiTenancy.enabled: true",
            "enabled",
        ),
        Rule(
            "self.removal.policy != 'Delete' || !self.autoCreation",
            lambda it: it.removal.policy != "Delete" or not it.auto_creation,
            "multiTenancy.removal.policy Delete would remove the tenants that multiTenancy.autoCreation makes; "
            "set autoCreation to false, or the policy to Retain",
            "removal",
        ),
        Rule(
            "!self.enabled || self.removal.policy != 'Delete' || has(self.tenants) || has(self.tenantsFrom)",
            lambda it: not it.enabled or it.removal.policy != "Delete" or it.lists_tenants,
            "multiTenancy.removal.policy Delete needs multiTenancy.tenants or tenantsFrom, which say what to keep; "
            "add one, or set the policy to Retain",
            "removal",
        ),
    )

    @property
    def lists_tenants(self) -> bool:
        """Whether anything says which tenants there are to be; an empty list does."""
        return self.tenants is not None or self.tenants_from is not None


class Replication(SpecModel):
    """Copies of the data on several Weaviate nodes."""

    factor: int = Field(default=1, ge=1, le=64, description="Copies; at most the number of Weaviate nodes.")
    async_enabled: bool = Field(
        default=False, description="Whether copies are compared and repaired in the background."
    )
    deletion_strategy: Literal["NoAutomatedResolution", "DeleteOnConflict", "TimeBasedResolution"] = Field(
        default="NoAutomatedResolution", description="Who wins when one copy has deleted an object and another has not."
    )


class Sharding(SpecModel):
    """How a collection without tenants is split."""

    desired_count: int = Field(ge=1, le=1024, description="Shards of the collection. A change needs a new revision.")
