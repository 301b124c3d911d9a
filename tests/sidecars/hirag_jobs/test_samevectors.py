"""An alias that is swapped while something is ingested: the run goes on where vectors are of its model alone."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from uuid import UUID

import pytest

from e2e.cluster.embedder import EmbedderServer
from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.ingest.collection import Collection
from hirag_jobs.ingest.samevectors import SameVectors
from hirag_jobs.rest import Rest
from hirag_jobs.target import find_target
from hirag_kit.errors import ConfigurationError
from hirag_operator.plan.collection.properties import TRANSFORMERS
from tests.sidecars.hirag_jobs.passages import Passages, make_collection

OURS, OTHERS = "a" * 26, "b" * 26
VECTOR = [1.0, 0.0, 0.0]

Revisions = Callable[[str], Passages]


@pytest.fixture
def revisions(weaviate_server: WeaviateServer, embedder: EmbedderServer) -> Iterator[Revisions]:
    """Makes collections with vectors of a fingerprint."""
    with ExitStack() as stack:

        def make(fingerprint: str) -> Passages:
            module = {"inferenceUrl": embedder.url, "vectorizeClassName": False}
            stamped = {TRANSFORMERS: module, "hirag": {"fingerprint": fingerprint, "level": "longTerm"}}
            return stack.enter_context(make_collection(weaviate_server, embedder.url, moduleConfig=stamped))

        yield make


@pytest.fixture
def first(revisions: Revisions) -> Passages:
    return revisions(OURS)


@pytest.fixture
def collection(weaviate_server: WeaviateServer, first: Passages) -> Iterator[Collection]:
    address = weaviate_server.http_url, f"127.0.0.1:{weaviate_server.grpc_port}"
    target = find_target(address[0], None, first.alias, None)
    with (
        Rest(address[0], None) as rest,
        Collection(target, *address, None, None, SameVectors(rest, target).require) as one,
    ):
        yield one


def move(first: Passages, to: Passages) -> None:
    first.rest.put(f"/v1/aliases/{first.alias}", json={"class": to.name}).raise_for_status()


def write(collection: Collection, number: int) -> None:
    assert collection.write([(UUID(int=number), {"text": f"{number}"}, VECTOR)]) == {}


def test_a_run_goes_on_in_a_revision_with_vectors_of_its_model(
    collection: Collection, first: Passages, revisions: Revisions
) -> None:
    write(collection, 1)
    move(first, second := revisions(OURS))
    write(collection, 2)
    assert [one["id"] for one in second.rest.get("/v1/objects", params={"class": second.name}).json()["objects"]] == [
        str(UUID(int=2))
    ]


def test_a_run_ends_before_it_writes_among_vectors_of_another_model(
    collection: Collection, first: Passages, revisions: Revisions
) -> None:
    write(collection, 1)
    move(first, second := revisions(OTHERS))
    with pytest.raises(ConfigurationError, match="are of another model: take its embedder from the ConfigMap"):
        write(collection, 2)
    assert second.rest.get("/v1/objects", params={"class": second.name}).json()["objects"] == []


def test_a_run_ends_where_its_alias_is_gone(collection: Collection, first: Passages) -> None:
    first.rest.delete(f"/v1/aliases/{first.alias}").raise_for_status()
    with pytest.raises(ConfigurationError, match=r"is gone; see status\.address"):
        write(collection, 1)
    first.rest.post("/v1/aliases", json={"alias": first.alias, "class": first.name}).raise_for_status()
