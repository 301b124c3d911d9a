"""What cannot be measured is refused: each refusal names the cause and the remedy, and nothing is reported."""

from collections.abc import Iterator
from typing import Any

import pytest

from e2e.cluster.weaviate import WeaviateServer
from tests.sidecars.hirag_jobs.measure.vectors import Vectors, make_vectors, random_vectors

REFUSED = 2


@pytest.fixture(scope="module")
def small(weaviate_server: WeaviateServer) -> Iterator[Vectors]:
    with make_vectors(weaviate_server) as made:
        made.fill(random_vectors(5, 8))
        yield made


@pytest.mark.parametrize(
    ("vectors", "complaint"),
    [
        ([], "holds no vectors: there is nothing to measure"),
        ([None, None], "holds no vectors: there is nothing to measure"),
        ([[1.0, 0.0]], "holds a single vector: it has no neighbours to find"),
    ],
)
def test_nothing_to_compare_is_refused(weaviate_server: WeaviateServer, vectors: list[Any], complaint: str) -> None:
    with make_vectors(weaviate_server) as made:
        made.fill(vectors)
        ran = made.measure()
    assert (ran.status, ran.report) == (REFUSED, {})
    assert complaint in ran.said


def test_what_is_not_there_is_refused(weaviate_server: WeaviateServer, small: Vectors) -> None:
    for by, flags, complaint in (
        (("--alias", "Absent"), (), "has no alias Absent"),
        (("--collection", "Absent"), (), "has no collection Absent"),
        ((), ("--tenant", "acme"), "has no tenants: leave --tenant out"),
        ((), ("--vector", "body"), "its only vector has no name: leave --vector out"),
    ):
        ran = small.measure(*flags, by=by)
        assert ran.status == REFUSED
        assert complaint in ran.said
    with make_vectors(weaviate_server, vector="body", settings={"skip": True}) as made:
        assert "it has body" in made.measure("--vector", "title").said
        assert "has no vector index that can be measured" in made.measure().said


def test_one_of_several_vectors_is_named(weaviate_server: WeaviateServer) -> None:
    flat = {"vectorizer": {"none": {}}, "vectorIndexType": "flat"}
    with make_vectors(weaviate_server, vector="body", vectorConfig={"body": flat, "title": flat}) as made:
        made.fill(random_vectors(30, 8))
        assert "has the vectors body, title: name one by --vector" in made.measure().said
        assert made.measure("--vector", "body").only["vectors"] == 30
        assert "holds no vectors" in made.measure("--vector", "title").said


def test_an_unreachable_weaviate_is_a_failure_that_may_pass(small: Vectors) -> None:
    ran = small.measure("--weaviate-http-url", "http://127.0.0.1:9")
    assert ran.status == 1
    assert "VECTOR_DB_ERROR" in ran.said
