"""What a change takes: the page of the change classes, and each field's class for the API reference."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from hirag_operator.api.change_classes import CHANGES, Change, ChangeClass, change_of
from hirag_operator.api.resource import KubernetesObject
from hirag_operator.crdgen.jsonschema import REF_PREFIX, kind_json_schema

Schema = dict[str, Any]
FieldClasses = dict[tuple[str, str], str]

_INTRODUCTION: Final = """
What it takes to change a field of an object that exists already. The class of a field is the most that a change of it
can take, and the note says when it takes less: the operator compares what is declared with what is live, so a change
that nobody would notice takes nothing. What a row says of a section goes for all of its fields that have no row.

Hot changes are read, merged and written in one request for each collection. While Weaviate applies one, for a few
milliseconds, it takes no writes to the collection, and it brings every active tenant into memory; clients that write
should try again, as they do when a server restarts.

A change of class build or embed is carried out by a [migration](migration.md), while the revision that serves is read
and written. Until the new one takes over, **nothing** of the change is applied to the level, its hot part neither:
what serves stays as it was made, whole. `status.migration` names each setting with both values; taking the change
back ends it. What cannot be migrated stalls the object with the reason `MigrationRequired`, and the way out is in the
message. Levels are judged one by one, each by what it is made of: one policy can be applied in place on one level and
take a new revision on another.
"""


def changes_page() -> str:
    """The page as Markdown: the classes, then a table for each kind."""
    parts = ["# What a change takes", _INTRODUCTION.strip(), _table(("class", "meaning"), _classes())]
    for kind, rows in CHANGES.items():
        parts += [f"## {kind}", _kind(rows)]
    return "\n\n".join(parts) + "\n"


def field_classes(kinds: tuple[type[KubernetesObject], ...]) -> FieldClasses:
    """The class of each field of a spec, in words, by the name of its type and its own."""
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for kind in kinds:
        schema = kind_json_schema(kind)
        for owner, name, path in _fields(schema["properties"]["spec"], schema["$defs"]):
            words = _words(kind.resource.kind, path)
            if words not in found[owner, name]:
                found[owner, name].append(words)
    return {field: " or ".join(words) for field, words in found.items()}


def _classes() -> Iterator[tuple[str, ...]]:
    yield from ((f"`{word}`", word.meaning) for word in ChangeClass)


def _kind(rows: tuple[Change, ...]) -> str:
    if not any(row.shared for row in rows):
        return _table(("field", "change", "note"), ((f"`{row.path}`", row.change, row.note) for row in rows))
    cells = ((f"`{row.path}`", row.change, row.under("Shared"), row.note) for row in rows)
    return _table(("field", "change", "with placement Shared", "note"), cells)


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _fields(node: Schema, definitions: dict[str, Schema], prefix: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield (type, field, path in spec) of all fields below a node."""
    for owner in _references(node):
        for name, field in definitions[owner].get("properties", {}).items():
            yield owner, name, f"{prefix}{name}"
            yield from _fields(field, definitions, f"{prefix}{name}.")


def _references(node: Schema) -> Iterator[str]:
    if "$ref" in node:
        yield node["$ref"].removeprefix(REF_PREFIX)
    for inner in (*node.get("anyOf", ()), node.get("items"), node.get("additionalProperties")):
        if isinstance(inner, dict):
            yield from _references(inner)


def _words(kind: str, path: str) -> str:
    has_rows_below = any(row.path.startswith(f"{path}.") for row in CHANGES[kind])
    try:
        row = change_of(kind, path)
    except ValueError:
        return "by field"  # a section whose fields have a row each
    words = f"{row.change}, {row.shared} when Shared" if row.shared else str(row.change)
    return f"{words}; or by field" if has_rows_below else words
