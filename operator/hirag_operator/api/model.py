"""Base classes of the API models: camelCase on the wire, snake_case in Python, frozen, strict about types."""

from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from hirag_operator.api.rules import Rule, Transition


class ApiModel(BaseModel):
    """What every part of an API object shares; a model's own rules are held when it is made."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)

    rules: ClassVar[tuple[Rule, ...]] = ()
    transitions: ClassVar[tuple[Transition, ...]] = ()

    def to_wire(self) -> dict[str, Any]:
        """The object as JSON for the API server: camelCase names, absent fields left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

    @model_validator(mode="after")
    def _hold_rules(self) -> Self:
        messages = [rule.message for rule in self.rules if not rule.holds(self)]
        if messages:
            raise PydanticCustomError("rule", "{messages}", {"messages": "; ".join(messages)})
        return self


class SpecModel(ApiModel):
    """A part of a spec: written by users, so unknown fields and wrong types are refused, as the API server does."""

    model_config = ConfigDict(extra="forbid", strict=True)


class StatusModel(ApiModel):
    """A part of a status: written by the operator; fields of a newer version are ignored."""

    model_config = ConfigDict(extra="ignore")
