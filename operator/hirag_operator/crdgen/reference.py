"""The API reference: one table for each type, the rules between fields, the reasons of conditions with remedies."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from hirag_operator.api.group import API_VERSION
from hirag_operator.api.reasons import ConditionType, Described, Reason
from hirag_operator.api.resource import KubernetesObject
from hirag_operator.crdgen.bounds import all_bounds
from hirag_operator.crdgen.changes import FieldClasses, field_classes
from hirag_operator.crdgen.jsonschema import REF_PREFIX, kind_json_schema

Schema = dict[str, Any]

_NO_CHANGES: Final[Mapping[str, str]] = {}
_METADATA: Final = frozenset({"apiVersion", "kind", "metadata"})


def api_reference(kinds: tuple[type[KubernetesObject], ...]) -> str:
    """The reference as Markdown; a type that several kinds use is documented with the first."""
    documented: set[str] = set()
    introduction = (
        f"Kinds of `{API_VERSION}`, all namespaced and in the category `hirag` (`kubectl get hirag`). "
        "Fields without a default are absent when left out; **required** ones must be given. "
        "The column *change* tells what it takes to change a field later: see [What a change takes](changes.md)."
    )
    parts = ["# API reference", introduction]
    classes = field_classes(kinds)
    for kind in kinds:
        parts += _kind(kind, documented, classes)
    parts += ["## Conditions", _words(ConditionType), "## Reasons of conditions", _words(Reason)]
    return "\n\n".join(parts) + "\n"


def _kind(kind: type[KubernetesObject], documented: set[str], classes: FieldClasses) -> Iterator[str]:
    schema = kind_json_schema(kind)
    resource = kind.resource
    yield f"## {resource.kind}"
    names = ", ".join(f"`{name}`" for name in (resource.plural, resource.singular, *resource.short_names))
    yield f"{schema['description']}\n\nNames for `kubectl`: {names}."
    definitions = schema["$defs"]
    fields = {
        name: {"description": definitions[field["$ref"].removeprefix(REF_PREFIX)]["description"], **field}
        for name, field in schema["properties"].items()
        if name not in _METADATA
    }
    yield _table({**schema, "properties": fields})
    yield from _rules(schema)
    for name in _reachable(fields, definitions):
        if name not in documented:
            documented.add(name)
            definition = definitions[name]
            yield f"### {name}\n\n{definition.get('description', '')}"
            yield _table(definition, {field: change for (owner, field), change in classes.items() if owner == name})
            yield from _rules(definition)


def _reachable(node: object, definitions: dict[str, Schema], seen: list[str] | None = None) -> list[str]:
    """Names of the definitions that the node refers to, in the order a reader meets them."""
    seen = [] if seen is None else seen
    if isinstance(node, dict):
        name = node.get("$ref", "").removeprefix(REF_PREFIX)
        if name and name not in seen:
            seen.append(name)
            _reachable(definitions[name].get("properties", {}), definitions, seen)
        for value in node.values():
            _reachable(value, definitions, seen)
    elif isinstance(node, list):
        for value in node:
            _reachable(value, definitions, seen)
    return seen


def _table(schema: Schema, changes: Mapping[str, str] = _NO_CHANGES) -> str:
    """The fields of a type; with the class of each when they are of a spec."""
    required = schema.get("required", [])
    head = ["field", "type", "default", "bounds", *(["change"] if changes else []), "description"]
    rows = [head, ["---"] * len(head)]
    for name, field in schema.get("properties", {}).items():
        default = "**required**" if name in required else _default(field)
        change = [changes[name]] if changes else []
        bounds = all_bounds(_bare(field))
        rows.append([f"`{name}`", _type(field), default, bounds, *change, _cell(_description(field))])
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


def _rules(schema: Schema) -> Iterator[str]:
    rules = schema.get("x-kubernetes-validations", [])
    if rules:
        yield "Rules:\n" + "\n".join(f"- {rule['message']}." for rule in rules)


def _bare(field: Schema) -> Schema:
    """The field's schema without the alternative of being absent."""
    members = [member for member in field.get("anyOf", ()) if member.get("type") != "null"]
    return members[0] if len(members) == 1 else field


def _description(field: Schema) -> str:
    """The field's description with the shape that its text must have."""
    shapes = [f"It {rule['message']}." for rule in _bare(field).get("x-kubernetes-validations", ())]
    return " ".join([field.get("description", ""), *shapes])


def _type(field: Schema) -> str:
    field = _bare(field)
    if "$ref" in field:
        name = field["$ref"].removeprefix(REF_PREFIX)
        return f"[{name}](#{name.lower()})"
    if "x-kubernetes-int-or-string" in field:
        return "quantity"
    if "enum" in field:
        return " \\| ".join(f"`{value}`" for value in field["enum"])
    if field.get("type") == "array":
        return f"list of {_type(field['items'])}"
    if isinstance(field.get("additionalProperties"), dict):
        return f"map of {_type(field['additionalProperties'])}"
    return str(field.get("format", field.get("type", "any")))


def _default(field: Schema) -> str:
    default = field.get("default")
    if default is None:
        return ""
    return "its own defaults" if isinstance(default, dict) else f"`{json.dumps(default)}`"


def _words(words: type[Described]) -> str:
    rows = ["| word | meaning | remedy |", "|---|---|---|"]
    rows += [f"| `{word}` | {_cell(word.meaning)} | {_cell(word.remedy)} |" for word in words]
    return "\n".join(rows)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
