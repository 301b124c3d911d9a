"""Which settings of a live Weaviate collection can change in place, and which need a new revision.

The table says what Weaviate 1.35 takes in a PUT and acts on, as observed live (figures in
docs/decisions/0004-change-classes.md). Everything that it does not name is of class *build*: it takes a new collection,
with the data copied. The table of our own fields is `api/change_classes.py`.
"""

import struct
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hirag_operator.plan.collection.stamp import MODULE_KEY
from hirag_operator.plan.merge import merged

Json = Mapping[str, Any]

_HNSW_HOT = (
    "ef",
    "dynamicEfMin",
    "dynamicEfMax",
    "dynamicEfFactor",
    "vectorCacheMaxObjects",
    "flatSearchCutoff",
    "filterStrategy",
)
HOT = frozenset(
    {
        "description",
        "invertedIndexConfig.bm25.b",
        "invertedIndexConfig.bm25.k1",
        "invertedIndexConfig.stopwords.preset",
        "invertedIndexConfig.stopwords.additions",
        "invertedIndexConfig.stopwords.removals",
        "multiTenancyConfig.autoTenantCreation",
        "multiTenancyConfig.autoTenantActivation",
        "replicationConfig.asyncEnabled",
        "replicationConfig.deletionStrategy",
        "vectorIndexConfig.threshold",
        *(f"vectorIndexConfig.{name}" for name in _HNSW_HOT),
        *(f"vectorIndexConfig.hnsw.{name}" for name in _HNSW_HOT),
        "vectorIndexConfig.flat.vectorCacheMaxObjects",
        # How many candidates are compared again by their full vectors is read by every search. All else of a quantizer
        # is fixed: an index that is compressed in place is lost when it is interrupted.
        *(f"vectorIndexConfig.{where}{name}.rescoreLimit" for where in ("", "hnsw.") for name in ("sq", "rq")),
        *(f"vectorIndexConfig.{where}{name}.rescoreLimit" for where in ("", "flat.") for name in ("bq", "rq")),
    }
)


@dataclass(frozen=True)
class SchemaChanges:
    """What separates a live collection from the wanted one.

    `hot` is a document to merge into the live schema (`hot_paths` names its fields), `added` are properties to add,
    `build` the paths, with both values, that a new revision would have to carry, `embed` those of them that would need
    new vectors too.
    """

    hot: dict[str, Any] = field(default_factory=dict)
    hot_paths: tuple[str, ...] = ()
    added: tuple[Json, ...] = ()
    build: tuple[str, ...] = ()
    embed: tuple[str, ...] = ()


def schema_changes(wanted: Json, live: Json) -> SchemaChanges:
    """Compare the declared fields of `wanted` with a live schema; names and stamps are not compared."""
    hot: dict[str, Any] = {}
    paths: list[str] = []
    build: list[str] = []
    settings = {key: value for key, value in wanted.items() if key not in {"class", "properties", "moduleConfig"}}
    modules = {name: value for name, value in wanted.get("moduleConfig", {}).items() if name != MODULE_KEY}
    for path, old, new in _without_settings_of_what_is_switched({**settings, "moduleConfig": modules}, live):
        if path in HOT:
            hot = merged(hot, _nested(path, new))
            paths.append(path)
        else:
            build.append(f"{path} ({_said(old, new)!r} → {new!r})")
    added, descriptions, property_build = _property_changes(wanted["properties"], live.get("properties") or [])
    if descriptions:
        hot["properties"] = [{**p, **descriptions.get(p["name"], {})} for p in live["properties"]]
        paths += [f"properties[{name}].description" for name in descriptions]
    build += property_build
    embed = tuple(told for told in build if told.startswith("properties[") and "].moduleConfig." in told)
    return SchemaChanges(hot, tuple(paths), tuple(added), tuple(build), embed)


def shape(schema: Json) -> dict[str, Any]:
    """Return the part of a schema that a revision fixes for good: all but names, stamps and hot settings."""
    properties = [{k: v for k, v in p.items() if k != "description"} for p in schema["properties"]]
    return _parts(schema, HOT, properties)


def pooled(schema: Json) -> dict[str, Any]:
    """Return the part of a schema that all levels of a pool share: all but names, stamps and the index's hot settings.

    A setting of the index changes in place for the whole pool, whose levels follow one policy. What a ContextCollection
    says itself (keyword ranking, descriptions, replication) would change for its neighbours too, so it tells pools
    apart, hot or not.
    """
    own = {"description", *(path for path in HOT if path.startswith("vectorIndexConfig."))}
    return _parts(schema, own, schema["properties"])


def _parts(schema: Json, left_out: Container[str], properties: Sequence[Json]) -> dict[str, Any]:
    flat = {key: value for key, value in schema.items() if key not in {"class", "moduleConfig", "properties"}}
    settings = {path: value for path, value in _leaves(flat) if path not in left_out}
    modules = {name: value for name, value in schema.get("moduleConfig", {}).items() if name != MODULE_KEY}
    return {"settings": settings, "modules": modules, "properties": sorted(properties, key=lambda p: str(p["name"]))}


def _property_changes(wanted: list[Json], live: list[Json]) -> tuple[list[Json], dict[str, dict[str, Any]], list[str]]:
    present = {p["name"]: p for p in live}
    added = [p for p in wanted if p["name"] not in present]
    descriptions: dict[str, dict[str, Any]] = {}
    build: list[str] = []
    for prop in wanted:
        for path, old, new in _differences(_marked(prop), present.get(prop["name"], prop)):
            if path == "description":
                descriptions[prop["name"]] = {"description": new}
            else:
                build.append(f"properties[{prop['name']}].{path} ({_said(old, new)!r} → {new!r})")
    return added, descriptions, build


def _marked(prop: Json) -> Json:
    """Return a property whose mark of what is embedded is said either way: left out, it would not be compared."""
    return merged({"moduleConfig": {MODULE_KEY: {"embedded": False}}}, prop)


def _without_settings_of_what_is_switched(wanted: Json, live: Json) -> Iterator[tuple[str, Any, Any]]:
    """Yield the differences, but of a quantizer that is switched on or off its switch alone."""
    found = list(_differences(wanted, live))
    switched = tuple(path.removesuffix("enabled") for path, _, _ in found if path.endswith(".enabled"))
    yield from (one for one in found if one[0].endswith(".enabled") or not one[0].startswith(switched))


def _differences(wanted: Json, live: Json, prefix: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield (path, live value, wanted value) of the leaves of `wanted` that `live` does not hold."""
    for key, value in wanted.items():
        old = live.get(key)
        if value == old:  # of most there is nothing to tell, whole sections of it
            continue
        path = f"{prefix}{key}"
        if isinstance(value, dict):
            yield from _differences(value, old if isinstance(old, dict) else {}, f"{path}.")
        elif not _same(value, old) and (value or old is not None):  # the server leaves out what is false, zero or empty
            yield path, old, value


def _said(old: Any, new: Any) -> Any:
    """Return a live value as it was meant: the server leaves out what is false."""
    return False if old is None and isinstance(new, bool) else old


def _same(value: Any, old: Any) -> bool:
    """Return whether two values are one to the server, which keeps fractions (of BM25) in 32 bits."""
    if isinstance(value, float) and isinstance(old, int | float):
        return struct.pack("f", value) == struct.pack("f", old)
    return bool(value == old)


def _leaves(value: Json, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, inner in value.items():
        if isinstance(inner, dict):
            yield from _leaves(inner, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", inner


def _nested(path: str, value: Any) -> dict[str, Any]:
    head, _, rest = path.partition(".")
    return {head: _nested(rest, value) if rest else value}
