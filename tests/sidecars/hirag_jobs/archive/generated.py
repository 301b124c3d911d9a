"""Objects of every data type, made up by Hypothesis, as Weaviate's messages have them."""

import struct
from typing import Any

from hypothesis import strategies as st
from weaviate.proto.v1 import base_pb2, properties_pb2, search_get_pb2

from hirag_jobs.archive.datatypes import LISTS, SCALARS, DataType, Types

Value = properties_pb2.Value
Strategy = st.SearchStrategy[Any]

# What protobuf and JSON can both say: no lone surrogates, no number that is none.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
INTEGERS = st.integers(-(2**63), 2**63 - 1)
REALS = st.floats(allow_nan=False, allow_infinity=False)
SINGLES = st.floats(allow_nan=False, allow_infinity=False, width=32)
NAMES = st.from_regex(r"[a-z][A-Za-z0-9]{0,6}", fullmatch=True)
COUNTS = st.integers(0, 2**64 - 1)
PHONES = st.builds(
    properties_pb2.PhoneNumber,
    input=TEXTS,
    default_country=TEXTS,
    country_code=COUNTS,
    national=COUNTS,
    national_formatted=TEXTS,
    international_formatted=TEXTS,
    valid=st.booleans(),
)
FLAT = sorted((SCALARS.keys() | LISTS.keys()) - {"object", "object[]"})


@st.composite
def types(draw: st.DrawFn, depth: int = 2) -> Types:
    """Properties of some names and types; objects nest `depth` times."""
    kinds = [*FLAT, *(["object", "object[]"] if depth else [])]
    found = {}
    for name in draw(st.lists(NAMES, max_size=5, unique=True)):
        kind = draw(st.sampled_from(kinds))
        inside = draw(types(depth - 1)) if kind.startswith("object") else {}
        found[name] = DataType(kind, inside)
    return found


@st.composite
def properties(draw: st.DrawFn, wanted: Types) -> properties_pb2.Properties:
    """Values for some of the properties."""
    found = properties_pb2.Properties()
    for name, type_ in wanted.items():
        if draw(st.booleans()):
            found.fields[name].CopyFrom(draw(values(type_)))
    return found


@st.composite
def values(draw: st.DrawFn, type_: DataType) -> Value:
    """A value of a type."""
    if type_.name in SCALARS:
        return _scalar(draw, type_)
    return Value(list_value=_list(draw, type_))


def _scalar(draw: st.DrawFn, type_: DataType) -> Value:
    kind = SCALARS[type_.name]
    simple = {"int_value": INTEGERS, "number_value": REALS, "bool_value": st.booleans()}
    made: dict[str, Strategy] = {
        **simple,
        "geo_value": st.builds(properties_pb2.GeoCoordinate, latitude=SINGLES, longitude=SINGLES),
        "phone_value": PHONES,
        "object_value": properties(type_.inside),
    }
    return Value(**{kind: draw(made.get(kind, TEXTS))})


def _list(draw: st.DrawFn, type_: DataType) -> properties_pb2.ListValue:
    kind = LISTS[type_.name]
    found = properties_pb2.ListValue()
    held = getattr(found, kind)
    held.SetInParent()
    packed: dict[str, tuple[str, Strategy]] = {"int_values": ("q", INTEGERS), "number_values": ("d", REALS)}
    if kind in packed:
        letter, strategy = packed[kind]
        numbers: list[Any] = draw(st.lists(strategy, max_size=4))
        held.values = struct.pack(f"<{len(numbers)}{letter}", *numbers)
        return found
    others: dict[str, Strategy] = {
        "bool_values": st.booleans(),
        "object_values": properties(type_.inside),
    }
    held.values.extend(draw(st.lists(others.get(kind, TEXTS), max_size=4)))
    return found


@st.composite
def objects(draw: st.DrawFn) -> tuple[search_get_pb2.SearchResult, Types, dict[str, int]]:
    """An object as a search returns it, the types of its properties and the sizes of its vectors."""
    wanted = draw(types())
    result = search_get_pb2.SearchResult()
    result.metadata.id_as_bytes = draw(st.binary(min_size=16, max_size=16))
    result.metadata.creation_time_unix = draw(st.integers(0, 2**53))
    result.metadata.last_update_time_unix = draw(st.integers(0, 2**53))
    result.properties.non_ref_props.CopyFrom(draw(properties(wanted)))
    names = draw(st.lists(NAMES, max_size=3, unique=True))
    dimensions = {name: draw(st.integers(1, 4)) for name in names or [""]}
    if not names and draw(st.booleans()):
        result.metadata.vector_bytes = _floats(draw, dimensions[""])
    for name in sorted(names):
        one = result.metadata.vectors.add(name=name, type=base_pb2.Vectors.VECTOR_TYPE_SINGLE_FP32)
        one.vector_bytes = _floats(draw, dimensions[name])
        if draw(st.booleans()):
            one.type = base_pb2.Vectors.VECTOR_TYPE_MULTI_FP32
            rows = [one.vector_bytes, *(_floats(draw, dimensions[name]) for _ in range(draw(st.integers(0, 2))))]
            one.vector_bytes = struct.pack("<H", dimensions[name]) + b"".join(rows)
    return result, wanted, dimensions


def _floats(draw: st.DrawFn, count: int) -> bytes:
    """Numbers of any bits, those that are none included: a vector's are carried, not read."""
    return draw(st.binary(min_size=4 * count, max_size=4 * count))
