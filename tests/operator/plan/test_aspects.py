"""Conditions beside the verdict, complaints and Events: sentences for people."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from hirag_operator.api import ContextCollection, EmbeddingModel, HNSWIndexPolicy
from hirag_operator.api.conditions import Reason
from hirag_operator.plan.collection.passages import passages_fit
from hirag_operator.plan.events import event
from hirag_operator.plan.invalid import complaints
from hirag_operator.plan.unacted import UNACTED, honored, unacted_fields
from tests.operator.plan.objects import collection, model, policy

NOW = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
BODY = {
    "apiVersion": "hirag.dev/v1alpha1",
    "kind": "HNSWIndexPolicy",
    "metadata": {"name": "accurate.v2", "namespace": "team-a", "uid": "u-1"},
}


@pytest.mark.parametrize(
    ("declared", "fields"),
    [
        pytest.param(model(), [], id="a plain model"),
        pytest.param(model({"rateLimit": {"requestsPerMinute": 1}}), ["rateLimit"], id="a rate limit"),
        pytest.param(model({"runtime": {"cache": {}}}), ["runtime.cache"], id="a cache"),
        pytest.param(
            model({"runtime": {"batching": {"maxRequests": 8}}}),
            ["runtime.batching.maxRequests"],
            id="a bound of texts",
        ),
        pytest.param(policy(), [], id="a plain policy"),
        pytest.param(policy({"objectives": {"recall": {"target": 0.9}}}), [], id="an objective"),
        pytest.param(collection(), [], id="a plain collection"),
        pytest.param(
            collection(
                {
                    "levels": {"immediate": {}, "shortTerm": {"retention": "1d"}, "longTerm": {"retention": "9d"}},
                    "gateway": {"enabled": True},
                }
            ),
            ["levels.immediate", "levels.shortTerm.retention", "levels.longTerm.retention", "gateway.enabled"],
            id="a hierarchy with a gateway",
        ),
    ],
)
def test_a_field_that_nothing_acts_on_is_named(
    declared: ContextCollection | EmbeddingModel | HNSWIndexPolicy, fields: list[str]
) -> None:
    found = unacted_fields(declared.spec.to_wire(), declared.kind)
    assert [sentence.split(": ")[0] for sentence in found] == [f"spec.{field}" for field in fields]
    assert honored(found).holds is not bool(fields)


@pytest.mark.parametrize("kind", [EmbeddingModel, HNSWIndexPolicy, ContextCollection])
def test_every_field_of_the_table_exists(kind: type[Any]) -> None:
    schema = kind.model_json_schema(by_alias=True)
    for path in UNACTED[kind.resource.kind]:
        node = schema["properties"]["spec"]
        for part in path.partition("=")[0].split("."):
            node = _resolved(node, schema)
            node = node["items"] if part.isdigit() else node["properties"][part]


def _resolved(node: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    options = [option for option in node.get("anyOf", [node]) if option.get("type") != "null"]
    reference = options[0].get("$ref")
    found: dict[str, Any] = schema["$defs"][reference.rpartition("/")[2]] if reference else options[0]
    return found


@pytest.mark.parametrize(
    ("cut", "read", "reason"),
    [
        pytest.param(512, 512, Reason.PASSAGES_FIT, id="as long as the model reads"),
        pytest.param(256, 512, Reason.PASSAGES_FIT, id="shorter"),
        pytest.param(512, 256, Reason.PASSAGES_CUT_OFF, id="longer: the rest is not embedded"),
    ],
)
def test_passages_fit_the_model_or_the_condition_says_what_to_set(cut: int, read: int, reason: Reason) -> None:
    aspect = passages_fit(collection({"chunking": {"maxTokens": cut}}), model({"maxTokens": read}))
    assert (aspect.reason, aspect.holds) == (reason, cut <= read)
    assert aspect.holds or f"Set it to {read} or less" in aspect.message


def test_complaints_name_each_field_as_its_author_wrote_it() -> None:
    with pytest.raises(ValidationError) as refused:
        collection({"levels": {"longTerm": {"retention": "soon"}}, "chunking": {"maxTokens": 1}})
    told = complaints(refused.value)
    assert "spec.levels.longTerm.retention: must be a duration" in told
    assert "spec.chunking.maxTokens: " in told


def test_only_the_first_complaints_are_told_and_the_rest_counted() -> None:
    wrong = [{"name": f"9{number}"} for number in range(8)]
    with pytest.raises(ValidationError) as refused:
        collection({"properties": wrong})
    assert complaints(refused.value).endswith("and 3 more")


def test_a_complaint_about_no_field_names_the_object() -> None:
    with pytest.raises(ValidationError) as refused:
        collection(name="no.dots")
    assert complaints(refused.value).startswith("object: metadata.name must be a DNS label")


def test_complaints_repeat_nothing_that_was_written() -> None:
    with pytest.raises(ValidationError) as refused:
        model({"external": {"url": "https://user:s3cret@example.com", "model": "m"}})
    assert "s3cret" not in complaints(refused.value)


def test_an_event_tells_of_its_object() -> None:
    made = event(BODY, "CollectionCreated", "Created collection A.", NOW)
    assert made["regarding"]["name"] == "accurate.v2"
    assert made["metadata"]["name"].startswith("accurate.v2.")
    assert (made["type"], made["eventTime"]) == ("Normal", "2026-01-02T03:04:05.000678Z")
    assert event(BODY, "Conflict", "Taken.", NOW, warning=True)["type"] == "Warning"


@pytest.mark.parametrize("note", ["x" * 5000, "→" * 5000, "é" * 5000], ids=["of ASCII", "of arrows", "of accents"])
def test_a_long_note_is_cut_to_the_bytes_that_the_api_takes(note: str) -> None:
    made = event(BODY, "CollectionCreated", note, NOW)["note"]
    assert 1020 < len(made.encode()) <= 1024
    assert note.startswith(made)


def test_two_events_of_one_moment_have_two_names_and_the_same_event_has_one() -> None:
    names = {event(BODY, reason, "Note.", NOW)["metadata"]["name"] for reason in ("A", "B", "A")}
    assert len(names) == 2
