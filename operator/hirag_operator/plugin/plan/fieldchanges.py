"""Which fields of a spec change, and what each change can take at most."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError

from hirag_operator.api.change_classes import ChangeClass, change_of
from hirag_operator.plugin.explain.fields import UnknownField, parts_of, root
from hirag_operator.plugin.plan.documents import KINDS
from hirag_operator.plugin.plan.report import FieldChange

Json = Mapping[str, Any]

UNKNOWN: Final = "unknown"


def field_changes(before: Json, after: Json) -> list[FieldChange]:
    """Return the changes of the spec between two states of an object, each with its class under its placement."""
    kind, spec = str(after["kind"]), whole_spec(after)
    placement = str(spec.get("placement", "Dedicated"))
    found = []
    for path, old, new in _differences(kind, whole_spec(before), spec):
        class_, note = _class_of(kind, path, placement)
        found.append(FieldChange(path=f"spec.{path}", before=old, after=new, class_=class_, note=note))
    return found


def gravest(changes: Sequence[FieldChange]) -> ChangeClass:
    """Return the gravest class of some changes; hot where there is none."""
    found = {one.class_ for one in changes}
    return max((one for one in ChangeClass if one in found), key=list(ChangeClass).index, default=ChangeClass.HOT)


def _class_of(kind: str, path: str, placement: str) -> tuple[str, str]:
    try:
        row = change_of(kind, path)
    except ValueError:  # of CRDs that are newer than this program
        return UNKNOWN, "This program does not know the field: its release is another than that of the CRDs."
    return str(row.under(placement)), row.note


def whole_spec(body: Json) -> dict[str, Any]:
    """Return a spec with all of its defaults; as it stands where it is not valid."""
    try:
        model: Any = KINDS[str(body["kind"])].from_wire(dict(body))
    except ValidationError:
        return dict(body.get("spec") or {})
    return dict(model.spec.to_wire())


def _differences(kind: str, before: Json, after: Json, prefix: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield (path, before, after) of the leaves that differ; items of lists of named things by their name."""
    for key in [*after, *(key for key in before if key not in after)]:
        yield from _difference(kind, f"{prefix}{key}", before.get(key), after.get(key))


def _difference(kind: str, path: str, old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    if (old is None or new is None) and isinstance(old or new, Mapping):
        # A section that may be left out stands for its defaults then: only what differs from them changes anything.
        defaults = _defaults(kind, path)
        old, new = (defaults if one is None and defaults is not None else one for one in (old, new))
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _differences(kind, old, new, f"{path}.")
    elif (named := _by_name(old, new)) is not None:
        for name in sorted(named[0].keys() | named[1].keys()):
            yield from _difference(kind, f"{path}[{name}]", named[0].get(name), named[1].get(name))
    else:
        yield path, old, new


def _defaults(kind: str, path: str) -> dict[str, Any] | None:
    """Return the defaults of a section that may be left out; None where it says something that has none."""
    try:
        fields = root(KINDS[kind]).find(["spec", *parts_of(path)]).children()
    except UnknownField:
        return None
    if not fields or path.endswith("]") or any(field.required for field in fields):
        return None
    return {field.path[-1]: default for field in fields if (default := field.schema.get("default")) is not None}


def _by_name(old: Any, new: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return two lists as maps by `name`; None where they are no lists of things that are told apart by name."""
    sides = [one if isinstance(one, list) else [] if one is None else None for one in (old, new)]
    maps: list[dict[str, Any]] = []
    for side in sides:
        if side is None or not all(isinstance(item, Mapping) and isinstance(item.get("name"), str) for item in side):
            return None
        maps.append({item["name"]: item for item in side})
        if len(maps[-1]) != len(side):
            return None
    return (maps[0], maps[1]) if any(maps) else None
