"""Objects follow from their document alone, and have the properties that the operator makes collections with."""

from datetime import UTC, datetime

from hirag_jobs.ingest.chunking import by_tokens
from hirag_jobs.ingest.declared import OURS
from hirag_jobs.ingest.documents import Document
from hirag_jobs.ingest.records import record_id, records
from hirag_kit.composition import Composition
from hirag_kit.tokens import EstimatingCounter
from hirag_operator.plan.collection.properties import properties


def _records(text: str, composition: Composition) -> list[dict[str, object]]:
    document = Document("docs/a.txt", "docs/a.txt", text, [(0, "a")], len(text), {"abstract": "Brief."})
    chunker = by_tokens(EstimatingCounter(), max_tokens=16, overlap=0)
    return [record.properties for record in records(document, chunker, composition, "longTerm")]


def test_our_properties_are_those_that_the_operator_makes() -> None:
    made = {item["name"]: item["dataType"][0] for item in properties([], "none")}
    assert made == OURS
    [found] = _records("Text.", Composition())
    assert OURS.keys() - found.keys() == {"createdAt", "updatedAt"}


def test_ids_differ_by_level_document_and_place_and_stay_the_same_for_ever() -> None:
    ids = {record_id(level, document, index) for level in "ab" for document in ("a", "b") for index in (0, 1)}
    assert len(ids) == 8
    assert str(record_id("longTerm", "docs/a.txt", 0)) == "5d024612-a6e5-5c4f-ae87-9442d0439a3c"


def test_the_hash_is_of_what_is_embedded_and_of_nothing_else() -> None:
    [text_alone] = _records("Text.", Composition(("text",)))
    [with_abstract] = _records("Text.", Composition(("text", "abstract")))
    assert text_alone["contentHash"] == "f06dce27b84e18ccb3c7e94a0679c279cd42027da23bcf1e1ca1f94e365ea420"
    assert with_abstract["contentHash"] != text_alone["contentHash"]


def test_a_replaced_object_keeps_its_time_of_creation() -> None:
    document = Document("docs/a.txt", "docs/a.txt", "Text.", [(0, "a")], 5)
    chunker = by_tokens(EstimatingCounter(), max_tokens=16, overlap=0)
    [record] = records(document, chunker, Composition(), "longTerm")
    then, now = datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)
    assert record.dated(now, None)["createdAt"] == now
    dated = record.dated(now, {"createdAt": then})
    assert (dated["createdAt"], dated["updatedAt"]) == (then, now)
