"""Conditions of all kinds.

`Ready`, `Reconciling` and `Stalled` follow kstatus
(https://github.com/kubernetes-sigs/cli-utils/tree/master/pkg/kstatus), which `kubectl wait`, Flux and Argo CD build on.
"""

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import Field

from hirag_operator.api.lists import MapList
from hirag_operator.api.model import StatusModel
from hirag_operator.api.reasons import ConditionType, Reason

__all__ = ["UNSEEN_GENERATION", "Condition", "ConditionType", "ConditionedStatus", "Reason"]

# No object has it: kstatus takes one without an observed generation for current from its first moment.
UNSEEN_GENERATION: Final = -1


class Condition(StatusModel):
    """One aspect of an object's state."""

    type: str = Field(max_length=316, description="Which aspect; Ready, Reconciling and Stalled follow kstatus.")
    status: Literal["True", "False", "Unknown"] = Field(description="Whether the aspect holds.")
    reason: str = Field(max_length=1024, description="One CamelCase word for the cause.")
    message: str = Field(default="", max_length=32768, description="The cause in a sentence, with the remedy.")
    last_transition_time: datetime = Field(description="When status last changed.")
    observed_generation: int | None = Field(
        default=None, ge=0, description="metadata.generation that the condition speaks of."
    )


class ConditionedStatus(StatusModel):
    """What the statuses of all kinds share."""

    observed_generation: int | None = Field(
        default=None,
        ge=UNSEEN_GENERATION,
        description="metadata.generation that this status speaks of; -1 before the operator has looked at the object.",
    )
    conditions: Annotated[list[Condition], MapList(("type",))] = Field(
        default_factory=list,
        max_length=32,
        description="Aspects of the object's state, one of each type.",
    )
