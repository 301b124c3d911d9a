"""From a field, or a word of a condition, to its explanation."""

from collections.abc import Mapping
from typing import Any

from hirag_operator.api.change_classes import CHANGES, change_of
from hirag_operator.api.reasons import ConditionType, Described, Reason
from hirag_operator.crdgen.bounds import all_bounds
from hirag_operator.plan.unacted import UNACTED
from hirag_operator.plugin.explain.fields import Field
from hirag_operator.plugin.explain.report import ChangeReport, FieldBelow, FieldReport, WordReport


def field_report(field: Field) -> FieldReport:
    """Return the explanation of a field."""
    schema = field.bare
    kind, within_spec = field.kind.resource.kind, ".".join(field.path[1:])
    default = field.schema.get("default")
    return FieldReport(
        kind=kind,
        path=field.dotted,
        type=type_of(schema),
        default=None if isinstance(default, dict) else default,
        required=field.required,
        bounds=all_bounds(dict(schema)),
        values=[str(value) for value in schema.get("enum", ())],
        description=str(schema.get("description", "")),
        rules=[str(rule["message"]) for rule in schema.get("x-kubernetes-validations", ())],
        change=change_report(field),
        unacted=UNACTED[kind].get(within_spec, "") if field.path[:1] == ("spec",) else "",
        fields=[_below(child) for child in field.children()],
    )


def change_report(field: Field) -> ChangeReport | None:
    """Return what it takes to change a field; None in status, and for a section whose fields have a row each."""
    if field.path[:1] != ("spec",) or len(field.path) == 1:
        return None
    try:
        row = change_of(field.kind.resource.kind, field.dotted)
    except ValueError:
        return None
    return ChangeReport(
        class_=str(row.change),
        shared=str(row.shared) if row.shared is not None else "",
        meaning=row.change.meaning,
        note=row.note,
        of=f"spec.{row.path}",
    )


def word_report(word: str) -> WordReport | None:
    """Return what a reason or a condition type means, in whatever case it is written; None where there is none."""
    roles: Mapping[str, type[Described]] = {"reason": Reason, "condition": ConditionType}
    for role, words in roles.items():
        for one in words:
            if one.value.lower() == word.lower():
                return WordReport(word=one.value, role=role, meaning=one.meaning, remedy=one.remedy)
    return None


def type_of(schema: Mapping[str, Any]) -> str:
    """Return the type of a field in words."""
    if "x-kubernetes-int-or-string" in schema:
        return "quantity"
    match schema.get("type"):
        case "array":
            items = schema.get("items") or {}
            return "list" if items.get("type", "object") == "object" or "$ref" in items else f"list of {items['type']}"
        case "object" if "properties" not in schema:
            return "map"
        case "object":
            return "section"
        case kind:
            return str(schema.get("format", kind or "any"))


def _below(child: Field) -> FieldBelow:
    schema, change = child.bare, change_report(child)
    return FieldBelow(
        name=child.path[-1],
        type=type_of(schema),
        class_=_class_in_words(child, change),
        required=child.required,
        description=str(schema.get("description", "")),
    )


def _class_in_words(child: Field, change: ChangeReport | None) -> str:
    if child.path[:1] != ("spec",) or len(child.path) == 1:
        return ""
    inner = ".".join(child.path[1:])
    differs = any(row.path.startswith(f"{inner}.") for row in CHANGES[child.kind.resource.kind])
    if change is None:
        return "by field"
    return f"{change.class_}, or by field" if differs else change.class_
