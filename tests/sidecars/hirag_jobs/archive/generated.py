"""Objects of every data type, made up by Hypothesis, as Weaviate's messages have them."""

import struct
from typing import Any

from hypothesis import strategies as st
from weaviate.proto.v1 import base_pb2, properties_pb2, search_get_pb2

from hirag_jobs.archive.datatypes import LISTS, SCALARS, DataType, Types

Value = properties_pb2.Value

# What protobuf and JSON can both say: no lone surrogates, no number that is none.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
INTEGERS = st.integers(-(2**63), 2**63 - 1)
REALS = st.floats(allow_nan=False, allow_infinity=False)
SINGLES = st.floats(allow_nan=False, allow_infinity=False, width=32)
NAMES = st.from_regex(r"[a-z][A-Za-z0-9]{0,6}", fullmatch=True)
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
    match SCALARS[type_.name]:
        case "int_value":
            return Value(int_value=draw(INTEGERS))
        case "number_value":
            return Value(number_value=draw(REALS))
        case "bool_value":
            return Value(bool_value=draw(st.booleans()))
        case "geo_value":
            return Value(geo_value=properties_pb2.GeoCoordinate(latitude=draw(SINGLES), longitude=draw(SINGLES)))
        case "phone_value":
            counts = st.integers(0, 2**64 - 1)
            phone = properties_pb2.PhoneNumber(
                input=draw(TEXTS),
                default_country=draw(TEXTS),
                country_code=draw(counts),
                national=draw(counts),
                national_formatted=draw(TEXTS),
                international_formatted=draw(TEXTS),
                valid=draw(st.booleans()),
            )
            return Value(phone_value=phone)
        case "object_value":
            return Value(object_value=draw(properties(type_.inside)))
    return Value(**{SCALARS[type_.name]: draw(TEXTS)})


def _list(draw: st.DrawFn, type_: DataType) -> properties_pb2.ListValue:
    kind = LISTS[type_.name]
    packed: dict[str, tuple[str, st.SearchStrategy[Any]]] = {
        "int_values": ("q", INTEGERS),
        "number_values": ("d", REALS),
    }
    if kind in packed:
        letter, strategy = packed[kind]
        held = draw(st.lists(strategy, max_size=4))
        message = {"values": struct.pack(f"<{len(held)}{letter}", *held)}
    elif kind == "object_values":
        message = {"values": draw(st.lists(properties(type_.inside), max_size=3))}
    else:
        message = {"values": draw(st.lists(st.booleans() if kind == "bool_values" else TEXTS, max_size=4))}
    made = {"int_values": properties_pb2.IntValues, "number_values": properties_pb2.NumberValues}
    made |= {"bool_values": properties_pb2.BoolValues, "object_values": properties_pb2.ObjectValues}
    made |= {"date_values": properties_pb2.DateValues, "uuid_values": properties_pb2.UuidValues}
    made |= {"text_values": properties_pb2.TextValues}
    return properties_pb2.ListValue(**{kind: made[kind](**message)})


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
