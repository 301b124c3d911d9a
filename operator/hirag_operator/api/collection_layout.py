"""How a collection is laid out on Weaviate's nodes: tenants, replicas, shards; in Weaviate's own terms.

Source: weaviate v1.35, entities/schema/validation.go and usecases/schema/class.go.
"""

from typing import Annotated, Final, Literal

from pydantic import Field

from hirag_operator.api.lists import MapList
from hirag_operator.api.model import SpecModel
from hirag_operator.api.rules import Rule
from hirag_operator.api.text import Matches

MAX_TENANTS: Final = 1000

TenantName = Annotated[
    str,
    Field(min_length=1, max_length=64),
    Matches("^[A-Za-z0-9_-]+$", "must be a tenant's name: 1 to 64 letters, digits, '-' and '_'"),
]


class Tenant(SpecModel):
    """A tenant that the operator keeps."""

    name: TenantName = Field(description="Name of the tenant.")
    state: Literal["Active", "Inactive", "Offloaded"] = Field(
        default="Active",
        description="Active: in use; Inactive: on disk only; Offloaded: in object storage, which the server must have.",
    )


class MultiTenancy(SpecModel):
    """Whether each level keeps its data apart by tenant."""

    enabled: bool = Field(default=False, description="Whether the collection has tenants; fixed at creation.")
    auto_creation: bool = Field(default=False, description="Whether a write to an unknown tenant creates it.")
    auto_activation: bool = Field(default=False, description="Whether use of an inactive tenant activates it.")
    tenants: Annotated[list[Tenant], Field(max_length=MAX_TENANTS), MapList(("name",))] | None = Field(
        default=None, description="Tenants that the operator creates and keeps in their state; others are left alone."
    )

    rules = (
        Rule(
            "self.enabled || !(self.autoCreation || self.autoActivation || has(self.tenants))",
            lambda it: it.enabled or not (it.auto_creation or it.auto_activation or it.tenants is not None),
            "multiTenancy.autoCreation, autoActivation and tenants need multiTenancy.enabled: true",
            "enabled",
        ),
    )


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
