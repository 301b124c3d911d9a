"""A line holds an object to the last bit, and what is no object's line is refused without repeating it."""

import json
from typing import Any

import pytest
from hypothesis import given
from weaviate.proto.v1 import search_get_pb2

from hirag_jobs.archive.datatypes import Types, types_of
from hirag_jobs.archive.lines import BadLineError, line, parsed, sizes
from hirag_jobs.objects.part import Part
from hirag_jobs.objects.translation import batch_object, canonical
from tests.sidecars.hirag_jobs.archive.archives import PROPERTIES
from tests.sidecars.hirag_jobs.archive.generated import objects

TYPES = types_of({"properties": PROPERTIES})
PART = Part("Anything")
GOOD: dict[str, Any] = {
    "id": "00000000-0000-0000-0000-000000000001",
    "created": 1,
    "updated": 2,
    "properties": {"text": "secret"},
    "vector": "AACAPwAAgD8=",
}


@given(objects())
def test_an_object_is_read_as_it_was_written(made: tuple[search_get_pb2.SearchResult, Types, dict[str, int]]) -> None:
    result, types, dimensions = made
    text = line(result)
    assert text.count(b"\n") == 1
    assert text.endswith(b"\n")
    read = parsed(text[:-1], types, dimensions)
    assert read == result
    assert canonical(batch_object(read, PART)) == canonical(batch_object(result, PART))
    assert line(read) == text
    assert sizes(result).items() <= dimensions.items()


def test_the_golden_line_is_read() -> None:
    read = parsed(json.dumps(GOOD).encode(), TYPES, {"": 2})
    assert read.metadata.vector_bytes == b"\0\0\x80\x3f" * 2
    assert read.properties.non_ref_props.fields["text"].text_value == "secret"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"id": "1"}, "badly formed"),
        ({"id": GOOD["id"].replace("-", "")}, "id is not written as"),
        ({"id": 7}, "not an object in this format"),
        ({"created": "now"}, "not an object in this format"),
        ({"properties": None}, "not an object in this format"),
        ({"properties": {"other thing": 1}}, "property 'other thing' is not in the archive's schema"),
        ({"properties": {"text": 7}}, "property text holds no text"),
        ({"properties": {"whole": 1.5}}, "property whole holds no int"),
        ({"properties": {"whole": True}}, "property whole holds no int"),
        ({"properties": {"whole": 2**63}}, "property whole holds no int"),
        ({"properties": {"wholes": [1, "2"]}}, "property wholes holds no int[]"),
        ({"properties": {"real": "0.5"}}, "property real holds no number"),
        ({"properties": {"real": 10**400}}, "property real holds no number"),
        ({"properties": {"truth": 1}}, "property truth holds no boolean"),
        ({"properties": {"texts": "one"}}, "property texts holds no text[]"),
        ({"properties": {"text": "\ud800"}}, "property text holds no text"),
        ({"properties": {"place": {"height": 1}}}, "property place holds no geoCoordinates"),
        ({"properties": {"phone": {"valid": "yes"}}}, "property phone holds no phoneNumber"),
        ({"properties": {"address": {"street": 1}}}, "property street holds no text"),
        ({"properties": {"addresses": [[]]}}, "property addresses holds no object[]"),
        ({"vector": "AACAPw=="}, "its vector without a name is not of the size"),
        ({"vector": "no base64"}, "base64"),
        ({"vectors": {"title": "AACAPw=="}}, "its vector title is not of the size"),
        ({"vectors": {"title": ["AACAPw=="]}}, "not an object in this format"),
        ({"owner": "me"}, "other fields than an object's"),
    ],
)
def test_what_does_not_fit_is_told_without_the_value(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(BadLineError) as refused:
        parsed(json.dumps({**GOOD, **change}).encode(), TYPES, {"": 2})
    assert complaint.lower() in str(refused.value).lower()
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"7", b'{"id": NaN}', b"[" * 100_000, b"\xff", b'{"id": 1' + b"0" * 5_000 + b"}"]
)
def test_what_is_no_json_object_is_refused(text: bytes) -> None:
    with pytest.raises(BadLineError):
        parsed(text, TYPES, {"": 2})


def test_a_number_that_is_none_is_not_written() -> None:
    result = search_get_pb2.SearchResult()
    result.properties.non_ref_props.fields["real"].number_value = float("nan")
    with pytest.raises(ValueError, match="JSON"):
        line(result)
