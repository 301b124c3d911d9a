"""The fields of the kinds, found by path in the schema that the CRDs are made from."""

import difflib
import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hirag_operator.api.resource import KubernetesObject
from hirag_operator.crdgen.jsonschema import REF_PREFIX, kind_json_schema

Schema = Mapping[str, Any]

MOST_SUGGESTED: Final = 3
_OF_THE_SERVER: Final = frozenset({"apiVersion", "kind", "metadata"})
_ALIKE: Final = 0.5  # how alike a suggestion must be to what was written, as difflib measures it


@dataclass(frozen=True)
class Field:
    """A field, or the root of a kind (`path` is empty then).

    Args:
        kind: The kind that it belongs to.
        path: Its names from the root, e.g. `("spec", "levels", "longTerm")`.
        schema: Its schema as declared at that place.
        required: Whether it must be given.
    """

    kind: type[KubernetesObject]
    path: tuple[str, ...]
    schema: Schema
    required: bool = False

    @property
    def dotted(self) -> str:
        """Return the path as people write it, e.g. `spec.levels.longTerm`."""
        return ".".join(self.path)

    @property
    def bare(self) -> Schema:
        """Return its schema without the alternative of being absent, references followed."""
        return {**_followed(self.kind, self.schema), **{k: v for k, v in self.schema.items() if k == "description"}}

    def children(self) -> list["Field"]:
        """Return the fields below it, of the items of a list or the values of a map too."""
        holder = _holder(self.kind, self.schema)
        required = holder.get("required") or ()
        return [
            Field(self.kind, (*self.path, name), schema, name in required)
            for name, schema in (holder.get("properties") or {}).items()
            if self.path or name not in _OF_THE_SERVER
        ]

    def find(self, path: Sequence[str]) -> "Field":
        """Return the field at a path below this one; where a map has any key, each names its values.

        Raises:
            UnknownField: there is none.
        """
        found = self
        for name in path:
            known = {child.path[-1]: child for child in found.children()}
            values = _followed(found.kind, found.schema).get("additionalProperties")
            if name in known:
                found = known[name]
            elif isinstance(values, dict):
                found = Field(self.kind, (*found.path, name), values)
            else:
                raise UnknownField(found, name)
        return found

    def all_below(self) -> Iterator["Field"]:
        """Yield every field below, each before what is below it."""
        for child in self.children():
            yield child
            yield from child.all_below()


class UnknownField(Exception):
    """There is no such field; `str` says where, and what may have been meant."""

    def __init__(self, where: Field, name: str) -> None:
        self.where, self.name = where, name
        self.suggestions = similar(where, name)
        place = f"{where.kind.resource.kind} has" if not where.path else f"{where.dotted} has"
        meant = f"; did you mean {' or '.join(self.suggestions)}?" if self.suggestions else ""
        known = ", ".join(child.path[-1] for child in where.children())
        super().__init__(f"{place} no field {name}{meant or (f'; it has {known}' if known else ', nor any other')}")


def root(kind: type[KubernetesObject]) -> Field:
    """Return the root of a kind."""
    return Field(kind, (), {"$ref": ""})


def parts_of(path: str) -> list[str]:
    """Return the names in a path, without list indices: `spec.properties[0].name` has three."""
    return [part for part in re.sub(r"\[[^\]]*\]", "", path).strip(".").split(".") if part]


def similar(where: Field, name: str) -> list[str]:
    """Return what may have been meant by a name: fields beside it that read alike, then its namesakes elsewhere."""
    beside = {child.path[-1].lower(): child.path[-1] for child in where.children()}
    if name.lower() in beside:
        return [beside[name.lower()]]
    close = [beside[one] for one in difflib.get_close_matches(name.lower(), beside, MOST_SUGGESTED, _ALIKE)]
    start = root(where.kind)
    namesakes = [field.dotted for field in start.all_below() if field.path[-1].lower() == name.lower()]
    prefix = where.path[:1] or ("spec",)
    return [*close, *(one for one in namesakes if one.startswith(prefix) and one not in close)][:MOST_SUGGESTED]


@functools.cache
def _schema(kind: type[KubernetesObject]) -> Schema:
    return kind_json_schema(kind)


def _followed(kind: type[KubernetesObject], schema: Schema) -> Schema:
    """Return a schema without the alternative of being absent, its reference followed; what stands beside it wins."""
    if schema.get("$ref") == "":
        return _schema(kind)
    members = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    merged = {**schema, **members[0]} if len(members) == 1 else schema
    reference = merged.get("$ref")
    if reference is None:
        return merged
    return {**_schema(kind)["$defs"][reference.removeprefix(REF_PREFIX)], **merged}


def _holder(kind: type[KubernetesObject], schema: Schema) -> Schema:
    """Return the schema that has the fields below: the field's own, or that of its items or values."""
    found = _followed(kind, schema)
    inner = found.get("items")
    return _followed(kind, inner) if isinstance(inner, dict) else found
