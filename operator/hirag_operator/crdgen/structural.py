"""JSON Schema → structural schema, the dialect that Kubernetes takes in a CRD.

Inlines references, says "may be absent" by leaving a field out of `required` instead of by a null type, and drops what
Kubernetes forbids or what only repeats the field's name.
Source: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
"""

import json
from typing import Any, Final

from hirag_operator.crdgen.bounds import numeric_bounds
from hirag_operator.crdgen.jsonschema import REF_PREFIX

Schema = dict[str, Any]

_DROPPED: Final = frozenset({"title", "examples", "$defs"})
_PRESERVE: Final = "x-kubernetes-preserve-unknown-fields"


def structural(schema: Schema) -> Schema:
    """The structural form of a whole JSON Schema with `$defs`."""
    return _rewrite(schema, schema.get("$defs", {}))


def _rewrite(node: Schema, definitions: dict[str, Schema]) -> Schema:
    node = _without_null(_inlined(node, definitions), definitions)
    node = {key: value for key, value in node.items() if key not in _DROPPED}
    node = _numeric(_constant(_closed(node)))
    if "properties" in node:
        node["properties"] = {name: _rewrite(field, definitions) for name, field in node["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), dict):
            node[key] = _rewrite(node[key], definitions)
    return _described(node)


def _inlined(node: Schema, definitions: dict[str, Schema]) -> Schema:
    """The definition in place of the reference; what stands beside the reference wins."""
    while "$ref" in node:
        beside = {key: value for key, value in node.items() if key != "$ref"}
        node = {**definitions[node["$ref"].removeprefix(REF_PREFIX)], **beside}
    return node


def _without_null(node: Schema, definitions: dict[str, Schema]) -> Schema:
    """The one other member in place of `anyOf: [member, null]`, without the null default."""
    members = [member for member in node.get("anyOf", ()) if member.get("type") != "null"]
    if len(members) != 1:
        return node
    beside = {key: value for key, value in node.items() if key != "anyOf" and (key, value) != ("default", None)}
    return _without_null(_inlined({**members[0], **beside}, definitions), definitions)


def _closed(node: Schema) -> Schema:
    """Without `additionalProperties` where the properties are listed (the server prunes) or everything is kept."""
    if "properties" in node or node.get(_PRESERVE):
        return {key: value for key, value in node.items() if key != "additionalProperties"}
    return node


def _constant(node: Schema) -> Schema:
    if "const" not in node:
        return node
    return {**{key: value for key, value in node.items() if key != "const"}, "enum": [node["const"]]}


def _numeric(node: Schema) -> Schema:
    """Exclusive bounds as Kubernetes has them: a flag beside the bound."""
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if exclusive in node:
            node = {**node, bound: node[exclusive], exclusive: True}
    return node


def _described(node: Schema) -> Schema:
    """With default and bounds in the description, since `kubectl explain` shows neither."""
    if "description" not in node:
        return node
    default, bounds = node.get("default"), numeric_bounds(node)
    parts = [node["description"]]
    if default not in (None, "") and not isinstance(default, dict):
        parts.append(f"Default: {default if isinstance(default, str) else json.dumps(default)}.")
    if bounds:
        parts.append(f"Bounds: {bounds}.")
    return {**node, "description": " ".join(parts)}
