"""Which of the collections that share an object are changed first where it changes."""

from pydantic import Field

from hirag_operator.api.model import SpecModel
from hirag_operator.api.references import Namespace, ObjectName


class Canary(SpecModel):
    """A ContextCollection."""

    namespace: Namespace = Field(description="Namespace of the ContextCollection.")
    name: ObjectName = Field(description="Name of the ContextCollection.")


class Rollout(SpecModel):
    """How a change that needs new revisions reaches the collections that use this object."""

    canary: Canary | None = Field(
        default=None,
        description="The collection that is migrated first, the others once it serves from its new revision; by "
        "default the one with the fewest objects.",
    )
