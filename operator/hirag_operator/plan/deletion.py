"""Removing the data of a deleted ContextCollection: aliases first, then what carries our stamp, and nothing else."""

from collections.abc import Iterable, Mapping
from typing import Any

from hirag_operator.plan.stamp import read_stamp
from hirag_operator.plan.steps import DeleteAlias, DeleteCollection, WeaviateStep

Json = Mapping[str, Any]
Owner = tuple[str, str, str]


def plan_deletion(owner: Owner, aliases: Mapping[str, str | None], collections: Iterable[Json]) -> list[WeaviateStep]:
    """Return the steps that remove all data of an object.

    `owner` is (instance, namespace, name); `aliases` maps the object's alias names to their targets (None: no such
    alias); `collections` are all live schemas. Only what carries the owner's stamp goes, aliases to it first, so that
    no write through an alias can meet a missing class.
    """
    owned = {str(c["class"]) for c in collections if (s := read_stamp(c)) and s.owner[:3] == owner}
    steps: list[WeaviateStep] = [DeleteAlias(alias) for alias, target in sorted(aliases.items()) if target in owned]
    return steps + [DeleteCollection(name) for name in sorted(owned)]
