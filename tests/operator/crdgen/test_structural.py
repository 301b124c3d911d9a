"""The rewriting of JSON Schema into the dialect of CRDs."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from hirag_operator.api import KINDS, KubernetesObject
from hirag_operator.api.model import SpecModel
from hirag_operator.api.rules import Rule, Transition
from hirag_operator.crdgen.crd import custom_resource_definition
from hirag_operator.crdgen.jsonschema import kind_json_schema
from hirag_operator.crdgen.structural import Schema, structural


class Inner(SpecModel):
    """Described by its own docstring."""

    size: int = Field(default=3, ge=1, le=9, description="Size.")


class Outer(SpecModel):
    """Every shape that needs rewriting."""

    always: Inner = Field(default_factory=Inner)
    sometimes: Inner | None = Field(default=None, description="Described by its field.")
    fixed: Literal["one"] = "one"
    above: Annotated[float, Field(gt=0)] = 1.0
    named: dict[str, Inner] | None = None
    kept: dict[str, Any] | None = Field(default=None, json_schema_extra={"x-kubernetes-preserve-unknown-fields": True})

    rules = (Rule("self.above > 0.5", lambda it: it.above > 0.5, "above must exceed 0.5", "above"),)
    transitions = (Transition("self.fixed == oldSelf.fixed", "fixed cannot change"),)


OUTER = structural(kind_json_schema(Outer))
FIELDS = OUTER["properties"]


def test_references_are_inlined_and_the_nearer_description_wins() -> None:
    assert FIELDS["always"]["description"] == "Described by its own docstring."
    assert FIELDS["sometimes"]["description"] == "Described by its field."
    assert FIELDS["sometimes"]["properties"]["size"]["minimum"] == 1


def test_absence_is_told_by_required_and_not_by_null() -> None:
    assert FIELDS["sometimes"]["type"] == "object"
    assert "default" not in FIELDS["sometimes"]
    assert "required" not in OUTER


def test_a_section_that_is_always_there_has_all_its_defaults_as_default() -> None:
    assert FIELDS["always"]["default"] == {"size": 3}


def test_defaults_and_bounds_are_told_in_the_description() -> None:
    assert FIELDS["always"]["properties"]["size"]["description"] == "Size. Default: 3. Bounds: 1 to 9."


def test_a_constant_becomes_an_enumeration_of_one() -> None:
    assert FIELDS["fixed"]["enum"] == ["one"]
    assert "const" not in FIELDS["fixed"]


def test_an_exclusive_bound_becomes_a_flag() -> None:
    assert (FIELDS["above"]["minimum"], FIELDS["above"]["exclusiveMinimum"]) == (0, True)


def test_values_of_maps_are_rewritten_too() -> None:
    assert FIELDS["named"]["additionalProperties"]["properties"]["size"]["type"] == "integer"


def test_a_free_form_object_keeps_unknown_fields() -> None:
    assert FIELDS["kept"]["x-kubernetes-preserve-unknown-fields"] is True
    assert "additionalProperties" not in FIELDS["kept"]


def test_rules_and_transitions_become_cel_with_message_and_field() -> None:
    assert OUTER["x-kubernetes-validations"] == [
        {"rule": "self.above > 0.5", "message": "above must exceed 0.5", "fieldPath": ".above"},
        {"rule": "self.fixed == oldSelf.fixed", "message": "fixed cannot change"},
    ]


def nodes(schema: Schema, path: str) -> Iterator[tuple[str, Schema]]:
    yield path, schema
    for name, field in schema.get("properties", {}).items():
        yield from nodes(field, f"{path}.{name}")
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from nodes(schema[key], f"{path}[]")


def nodes_of(kind: type[KubernetesObject]) -> list[tuple[str, Schema]]:
    version = custom_resource_definition(kind)["spec"]["versions"][0]
    return list(nodes(version["schema"]["openAPIV3Schema"], kind.resource.kind))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.resource.kind)
def test_every_node_of_a_definition_has_a_type(kind: type[KubernetesObject]) -> None:
    assert [
        path for path, node in nodes_of(kind) if "type" not in node and "x-kubernetes-int-or-string" not in node
    ] == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.resource.kind)
def test_no_definition_has_what_kubernetes_forbids(kind: type[KubernetesObject]) -> None:
    forbidden = {"$ref", "$defs", "title", "const", "examples", "definitions", "patternProperties"}

    assert [path for path, node in nodes_of(kind) if forbidden & set(node)] == []
    assert [path for path, node in nodes_of(kind) if "properties" in node and "additionalProperties" in node] == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.resource.kind)
def test_every_field_that_users_write_is_described(kind: type[KubernetesObject]) -> None:
    spec = f"{kind.resource.kind}.spec"
    undescribed = [path for path, node in nodes_of(kind) if "description" not in node and not path.endswith("[]")]

    assert [path for path in undescribed if path.startswith(spec)] == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.resource.kind)
def test_everything_that_can_grow_is_bounded_so_that_rules_have_a_bounded_cost(kind: type[KubernetesObject]) -> None:
    spec = f"{kind.resource.kind}.spec"
    unbounded = [
        path
        for path, node in nodes_of(kind)
        if path.startswith(spec)
        and (
            (node.get("type") == "array" and "maxItems" not in node)
            or (node.get("type") == "string" and not {"maxLength", "enum"} & set(node))
            or (isinstance(node.get("additionalProperties"), dict) and "maxProperties" not in node)
        )
    ]

    assert unbounded == []
