"""What was measured is noted in Weaviate for the operator, with the ef that was in force."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.copying.notes import NOTES, _identity
from hirag_jobs.measure.noting import Trial, note
from hirag_jobs.measure.settings import MeasureSettings
from hirag_jobs.measure.subject import find_subjects
from hirag_jobs.rest import Rest
from hirag_kit.errors import VectorStoreError
from tests.sidecars.hirag_jobs.measure.vectors import Vectors, make_vectors, random_vectors


@pytest.fixture
def vectors(weaviate_server: WeaviateServer) -> Iterator[Vectors]:
    with make_vectors(weaviate_server, settings={"ef": 40, "maxConnections": 8}) as made:
        yield made


@pytest.fixture
def about() -> str:
    return f"measurements of tests/{uuid.uuid4().hex}"


def noted(vectors: Vectors, about: str) -> dict[str, Any]:
    answer = vectors.rest.get(f"/v1/objects/{NOTES}/{_identity(about)}")
    return dict(json.loads(answer.json()["properties"]["said"])) if answer.is_success else {}


def test_the_last_measurement_at_each_ef_is_noted(vectors: Vectors, about: str) -> None:
    vectors.fill(random_vectors(300, 16))
    flags = ("--sample-size", "30", "--note", about, "--note-key", "k1")
    first = vectors.measure(*flags)
    vectors.change(ef=8)
    vectors.measure(*flags)
    vectors.change(ef=40)
    vectors.measure(*flags)
    said = noted(vectors, about)
    assert (said["key"], said["error"]) == ("k1", "")
    assert [one["ef"] for one in said["trials"]] == [8, 40]
    last, figures = said["trials"][-1], first.only
    assert (last["recall"], last["k"], last["queries"], last["objects"]) == (figures["recall"]["mean"], 10, 30, 300)
    assert last["memory_bytes"] == figures["memory"]["total_bytes"]
    assert last["p95_ms"] > 0
    assert said["trials"][0]["at"] <= last["at"]


def test_of_another_index_the_earlier_ones_are_forgotten(vectors: Vectors, about: str) -> None:
    vectors.fill(random_vectors(20, 8))
    vectors.measure("--note", about, "--note-key", "k1")
    vectors.change(ef=9)
    vectors.measure("--note", about, "--note-key", "k2")
    said = noted(vectors, about)
    assert (said["key"], [one["ef"] for one in said["trials"]]) == ("k2", [9])


@pytest.mark.parametrize("number", [0, 1])
def test_an_index_without_neighbours_is_noted_as_such(vectors: Vectors, about: str, number: int) -> None:
    vectors.fill(random_vectors(number, 8))
    ran = vectors.measure("--note", about, "--note-key", "k")
    assert (ran.status, ran.report) == (0, {})
    (trial,) = noted(vectors, about)["trials"]
    assert (trial["recall"], trial["ef"]) == (None, 40)
    assert "holds" in trial["why"]
    assert trial["why"] in ran.said


def test_why_a_run_fails_is_noted_beside_what_is_there(vectors: Vectors, about: str) -> None:
    vectors.fill(random_vectors(20, 8))
    vectors.measure("--note", about, "--note-key", "k")
    before = noted(vectors, about)
    ran = vectors.measure("--tenant", "none", "--note", about, "--note-key", "k")
    assert ran.status == 2
    assert noted(vectors, about) == {**before, "error": f"collection {vectors.name} has no tenants: leave --tenant out"}


def test_without_a_note_nothing_is_written(vectors: Vectors, about: str) -> None:
    vectors.fill(random_vectors(20, 8))
    assert vectors.measure().status == 0
    assert noted(vectors, about) == {}


def test_an_index_that_changed_meanwhile_is_not_noted(vectors: Vectors, about: str) -> None:
    vectors.fill(random_vectors(20, 8))
    settings = MeasureSettings(alias=vectors.alias, weaviate_http_url=vectors.server.http_url, note=about)
    (subject,) = find_subjects(settings, None)
    vectors.change(ef=41)
    with Rest(vectors.server.http_url, None) as rest, pytest.raises(VectorStoreError, match="changed while it was"):
        note(settings, rest, vectors.channel, subject, Trial(recall=1))
    assert noted(vectors, about) == {}


def test_a_note_is_of_one_tenant(vectors: Vectors) -> None:
    ran = vectors.measure("--tenant", "a,b", "--note", "x")
    assert ran.status == 2
    assert "--note is for one index" in ran.said
