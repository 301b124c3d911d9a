"""pydantic's JSON Schema of a kind, with what Kubernetes needs besides: rules as CEL, defaults of whole sections."""

from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from hirag_operator.api.model import ApiModel, SpecModel
from hirag_operator.api.rules import Rule, Transition

REF_PREFIX: Final = "#/$defs/"


class KindJsonSchema(GenerateJsonSchema):
    """Adds a model's rules, and the defaults of a section that is always there."""

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """The model's schema with its rules as `x-kubernetes-validations`."""
        json_schema = super().model_schema(schema)
        rules = [_cel(rule) for rule in _rules(schema["cls"])]
        return {**json_schema, "x-kubernetes-validations": rules} if rules else json_schema

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """The field's schema with its default.

        A section that its own class makes when it is left out has all of its defaults as its default: the API server
        fills defaults in below `{}` too, but only after it has held `{}` against the section's rules. Absent lists and
        maps stay absent.
        """
        factory = schema.get("default_factory")
        if isinstance(factory, type) and issubclass(factory, SpecModel):
            return {**self.generate_inner(schema["schema"]), "default": factory().to_wire()}
        return super().default_schema(schema)


def kind_json_schema(kind: type[ApiModel]) -> dict[str, Any]:
    """The kind's JSON Schema by wire names, with `$defs`, one for each model."""
    return kind.model_json_schema(by_alias=True, schema_generator=KindJsonSchema)


def _rules(model: type) -> tuple[Rule | Transition, ...]:
    return (*model.rules, *model.transitions) if issubclass(model, ApiModel) else ()


def _cel(rule: Rule | Transition) -> dict[str, str]:
    validation = {"rule": rule.cel, "message": rule.message}
    if rule.field is not None:
        validation["fieldPath"] = f".{rule.field}"
    return validation
