"""Whether a level may be filled from a collection of others, and can be; each refusal names a field and the remedy."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Final

from hirag_operator.api.collection_adoption import AdoptFrom
from hirag_operator.plan.collection.levels import WantedLevel
from hirag_operator.plan.collection.migration.notes import NOTES
from hirag_operator.plan.collection.properties import TRANSFORMERS
from hirag_operator.plan.collection.schemas import has_tenants
from hirag_operator.plan.collection.stamp import MODULE_KEY

Json = Mapping[str, Any]

_NAMED: Final = 8  # properties that a message names
_POOLS: Final = "HiragPool_R"


def admits(patterns: Iterable[str], collection: str) -> bool:
    """Return whether one of the patterns, which a namespace is given, matches a collection's name, case and all."""
    return any(fnmatchcase(collection, pattern) for pattern in patterns)


def forbidden(wanted: WantedLevel, declared: AdoptFrom, patterns: Iterable[str], connection: str) -> str:
    """Return why the namespace of a level may not have a collection, which is the first to be asked; empty: it may.

    Nothing of the collection goes into the answer, not even whether there is one.
    """
    name = declared.collection
    if name == NOTES or name.startswith(_POOLS):
        return f"{name} is the operator's own; name a collection that it did not make"
    if not admits(patterns, name):
        return (
            f"namespace {wanted.namespace} may not adopt {name}; whoever configures the operator allows it by "
            f"weaviate.{connection}.adoptable"
        )
    return ""


def unfit(wanted: WantedLevel, declared: AdoptFrom, foreign: Json | None, *, clash: bool) -> str:
    """Return why a level cannot be filled from a collection that it may have; empty: nothing is known against it."""
    return next(_complaints(wanted, declared, foreign, clash=clash), "")


def other_dimensions(declared: AdoptFrom, found: int | None, wanted: int) -> str:
    """Return why vectors cannot be taken over that are `found` long; empty: they can, or there are none."""
    if declared.vectors == "Embed" or found is None or found == wanted:
        return ""
    return (
        f"its vectors have {found} dimensions, and those of the EmbeddingModel {wanted}; refer to the model that made "
        "them, or set vectors to Embed"
    )


def carried_properties(wanted: WantedLevel, foreign: Json) -> list[dict[str, Any]]:
    """Return the properties of a collection that the level does not declare, as they are made: none is embedded.

    How others had them embedded is nothing to us.
    """
    vectorizer = wanted.schema["vectorizer"]
    further = [one for one in foreign.get("properties") or [] if str(one["name"]) in _undeclared(wanted, foreign)]
    made = [{key: value for key, value in one.items() if key != "moduleConfig"} for one in further]
    if vectorizer != TRANSFORMERS:
        return made
    return [{**one, "moduleConfig": {TRANSFORMERS: {"skip": True, "vectorizePropertyName": False}}} for one in made]


def _complaints(wanted: WantedLevel, declared: AdoptFrom, foreign: Json | None, *, clash: bool) -> Iterator[str]:
    name = declared.collection
    if wanted.place.shared:
        yield "a level of placement Shared cannot be filled from one; adopt it with Dedicated, then change placement"
    if wanted.tenancy.enabled:
        yield "a level with tenants of its own cannot be filled from one; make one without multiTenancy"
    if foreign is None:
        yield f"Weaviate has no collection {name}; correct the name, which is not that of an alias"
        return
    if MODULE_KEY in (foreign.get("moduleConfig") or {}):
        yield f"{name} is an operator's own; name a collection that none made"
    if has_tenants(foreign):
        yield f"{name} has tenants, which are not adopted; export them and import them into levels of their own"
    if clash and not declared.freeze_source:
        yield (
            f"{name} has the very name of the level's alias, so it has to be removed before the level is served; set "
            "freezeSource to true, so that nothing is written to it meanwhile"
        )
    yield from _of_vectors(declared, foreign)
    yield from _of_properties(wanted, declared, foreign)


def _of_vectors(declared: AdoptFrom, foreign: Json) -> Iterator[str]:
    named = foreign.get("vectorConfig")
    if named and foreign.get("vectorIndexType"):
        yield "it has named vectors and an unnamed one beside them, which is not carried; copy it into one that has not"
    if named and declared.vectors == "Copy":
        yield f"its vectors are named ({', '.join(sorted(named))}), and the level's are not; set vectors to Embed"


def _of_properties(wanted: WantedLevel, declared: AdoptFrom, foreign: Json) -> Iterator[str]:
    ours, theirs = _types(wanted.schema), _types(foreign)
    if references := [name for name, kind in theirs.items() if kind[:1].isupper()]:
        yield f"its properties {_some(references)} are cross-references, which are not carried; remove them from it"
    other = [f"{name} ({kind}, here {ours[name]})" for name, kind in theirs.items() if ours.get(name, kind) != kind]
    if other:
        yield f"its properties {_some(other)} are of other data types; declare them alike in spec.properties"
    if declared.undeclared_properties == "Refuse" and (further := _undeclared(wanted, foreign)):
        yield (
            f"its properties {_some(further)} are not declared; declare them in spec.properties, or set "
            "undeclaredProperties to Carry"
        )
    embedded = [str(one["name"]) for one in wanted.schema["properties"] if _is_embedded(one)]
    if declared.vectors == "Embed" and not {*embedded} & {*theirs}:
        yield (
            f"it has none of the properties that are embedded ({_some(embedded)}); declare the one that holds its text "
            "in spec.properties, with vectorize: true"
        )


def _is_embedded(prop: Json) -> bool:
    modules = prop.get("moduleConfig") or {}
    if TRANSFORMERS in modules:
        return not modules[TRANSFORMERS].get("skip")
    return bool((modules.get(MODULE_KEY) or {}).get("embedded"))


def _undeclared(wanted: WantedLevel, foreign: Json) -> list[str]:
    ours = _types(wanted.schema)
    return [name for name in _types(foreign) if name not in ours]


def _types(schema: Json) -> dict[str, str]:
    return {str(one["name"]): str(one["dataType"][0]) for one in schema.get("properties") or []}


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
