"""One object as one line of a part, format version 1.

    {"id": "…", "created": 1764000000000, "updated": 1764000000000, "properties": {…}, "vector": "AACAPw=="}

Times are milliseconds since 1970. A vector is base64 of its little-endian float32, so that no bit is lost; named
vectors are `"vectors": {"name": "…"}`, and a multi-vector is a list of them, one for each token.
"""

import json
import struct
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any, NoReturn
from uuid import UUID

from weaviate.proto.v1 import base_pb2, search_get_pb2

from hirag_jobs.archive.datatypes import Types
from hirag_jobs.archive.values import plain, typed
from hirag_jobs.objects.pages import identity

Result = search_get_pb2.SearchResult
Dimensions = Mapping[str, int]
"""Name of a vector → its size; the unnamed one has no name, ``."""

UNNAMED = ""
_FLOAT = 4
_MULTI = base_pb2.Vectors.VECTOR_TYPE_MULTI_FP32
_SINGLE = base_pb2.Vectors.VECTOR_TYPE_SINGLE_FP32
_HEADER = 2  # a multi-vector begins with the size of each of its vectors, as an unsigned short
_KEYS = {"id", "created", "updated", "properties", "vector", "vectors"}


class BadLineError(ValueError):
    """A line is no object of this archive."""


def line(result: Result) -> bytes:
    """An object as a line, the end of the line included.

    Raises:
        ValueError: a number in it is infinite or none, which JSON cannot say.
    """
    metadata = result.metadata
    said: dict[str, Any] = {
        "id": str(UUID(int=identity(result))),
        "created": metadata.creation_time_unix,
        "updated": metadata.last_update_time_unix,
        "properties": plain(result.properties.non_ref_props),
    }
    if metadata.vector_bytes:
        said["vector"] = _base64(metadata.vector_bytes)
    if metadata.vectors:
        said["vectors"] = {one.name: _said(one) for one in sorted(metadata.vectors, key=lambda one: one.name)}
    return json.dumps(said, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode() + b"\n"


def sizes(result: Result) -> dict[str, int]:
    """The sizes of an object's vectors."""
    found = {one.name: _size(one) for one in result.metadata.vectors}
    if result.metadata.vector_bytes:
        found[UNNAMED] = len(result.metadata.vector_bytes) // _FLOAT
    return found


def parsed(text: bytes, types: Types, dimensions: Dimensions) -> Result:
    """The object in a line.

    Args:
        text: the line.
        types: of the archive's properties.
        dimensions: of the archive's vectors.

    Raises:
        BadLineError: it is not one; nothing of the object is told.
    """
    try:
        said = json.loads(text, parse_constant=_no_number)
        if not isinstance(said, dict) or not said.keys() <= _KEYS:
            raise BadLineError("it has other fields than an object's")
        return _object(said, types, dimensions)
    except json.JSONDecodeError as error:
        raise BadLineError("it is not JSON") from error
    except RecursionError as error:
        raise BadLineError("it is nested too deeply") from error
    except (KeyError, TypeError, AttributeError, struct.error) as error:
        raise BadLineError("it is not an object in this format") from error
    except ValueError as error:
        raise BadLineError(str(error)) from error


def _object(said: Mapping[str, Any], types: Types, dimensions: Dimensions) -> Result:
    result = Result()
    metadata = result.metadata
    metadata.id_as_bytes = _identity(said["id"])
    metadata.creation_time_unix, metadata.last_update_time_unix = said["created"], said["updated"]
    result.properties.non_ref_props.CopyFrom(typed(said["properties"], types))
    if "vector" in said:
        metadata.vector_bytes = _floats(said["vector"], UNNAMED, dimensions)
    for name, vector in said.get("vectors", {}).items():
        one = metadata.vectors.add(name=name)
        one.type = _MULTI if isinstance(vector, list) else _SINGLE
        one.vector_bytes = _joined(vector, name, dimensions)
    return result


def _identity(text: str) -> bytes:
    found = UUID(text)
    if str(found) != text:
        raise BadLineError("its id is not written as Weaviate writes ids")
    return found.bytes


def _size(vectors: base_pb2.Vectors) -> int:
    held = vectors.vector_bytes
    return int.from_bytes(held[:_HEADER], "little") if vectors.type == _MULTI else len(held) // _FLOAT


def _said(vectors: base_pb2.Vectors) -> str | list[str]:
    held = vectors.vector_bytes
    if vectors.type != _MULTI:
        return _base64(held)
    length = _size(vectors) * _FLOAT
    return [_base64(held[at : at + length]) for at in range(_HEADER, len(held), length)]


def _joined(vector: str | list[str], name: str, dimensions: Dimensions) -> bytes:
    if isinstance(vector, str):
        return _floats(vector, name, dimensions)
    return struct.pack("<H", dimensions[name]) + b"".join(_floats(one, name, dimensions) for one in vector)


def _base64(held: bytes) -> str:
    return b64encode(held).decode()


def _floats(text: str, name: str, dimensions: Dimensions) -> bytes:
    held = b64decode(text, validate=True)
    if len(held) != dimensions.get(name, 0) * _FLOAT:
        raise BadLineError(f"its vector {name or 'without a name'} is not of the size that the manifest names")
    return held


def _no_number(_: str) -> NoReturn:
    raise BadLineError("it holds a number that is none")
