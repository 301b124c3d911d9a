"""Recall of a target's index, as the program measures it before a swap."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import httpx
import numpy as np
import pytest
import weaviate
from weaviate.classes.config import Configure
from weaviate.classes.data import DataObject

from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.copying.recalling import Recalled, measure_recall
from hirag_jobs.measure.exact import Queries
from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.rest import Rest
from tests.sidecars.hirag_jobs.copying.copies import DIMENSIONS, Copies, Copy

QUERIES, K = 5, 3

COUNTED: dict[str, tuple[int, Recalled]] = {
    "no vectors": (0, Recalled(1.0, 0, "flat")),
    "a single one": (1, Recalled(1.0, 0, "flat")),
    "fewer than queries": (3, Recalled(1.0, 3, "flat")),
    "enough": (50, Recalled(1.0, QUERIES, "flat")),
}


@pytest.fixture(scope="module")
def server(weaviate_server: WeaviateServer) -> Iterator[Rest]:
    with Rest(weaviate_server.http_url, None) as server:
        yield server


@pytest.mark.parametrize("case", COUNTED)
def test_an_index_that_searches_all_finds_all_that_there_is(server: Rest, copy: Copy, case: str) -> None:
    count, expected = COUNTED[case]
    if count:
        copy.fill(count)
    assert measure_recall(copy.channel, server, copy.schema(copy.source.name), None, QUERIES, K) == expected


def test_each_vector_of_a_tenant_is_searched(server: Rest, copies: Copies) -> None:
    with copies(tenants=("mine",), vectors=("title", "body")) as copy:
        vectors = np.random.default_rng(1).random((20, 2, DIMENSIONS)).tolist()
        copy.put(
            [
                DataObject(uuid=UUID(int=at + 1), properties={}, vector={"title": title, "body": body})
                for at, (title, body) in enumerate(vectors)
            ],
            "mine",
        )
        found = measure_recall(copy.channel, server, copy.schema(copy.source.name), "mine", QUERIES, K)
    assert found == Recalled(1.0, 2 * QUERIES, "body: flat, title: flat")


def test_questions_are_measured_beside_the_sample(server: Rest, copy: Copy) -> None:
    copy.fill(50)
    asked = np.random.default_rng(3).random((4, DIMENSIONS), dtype=np.float32)
    found = measure_recall(
        copy.channel, server, copy.schema(copy.source.name), None, QUERIES, K, Queries(asked, (None,) * len(asked))
    )
    assert found == Recalled(1.0, QUERIES, "flat", golden=1.0, questions=4)


def test_questions_of_another_model_are_told(server: Rest, copy: Copy) -> None:
    copy.fill(5)
    asked = Queries(np.ones((1, DIMENSIONS + 1), dtype=np.float32), (None,))
    found = measure_recall(copy.channel, server, copy.schema(copy.source.name), None, QUERIES, K, asked)
    assert (found.recall, found.golden) == (None, None)
    assert f"{DIMENSIONS + 1} dimensions" in found.searched


def test_a_graph_that_searches_too_little_is_found_out(
    client: weaviate.WeaviateClient, channel: ObjectChannel, rest: httpx.Client, server: Rest
) -> None:
    graph = Configure.VectorIndex.hnsw(ef=1, ef_construction=4, max_connections=4)
    made = client.collections.create(
        f"Recall_{uuid4().hex}", vector_config=Configure.Vectors.self_provided(vector_index_config=graph)
    )
    vectors = np.random.default_rng(2).normal(size=(2_000, 32)).tolist()
    made.data.insert_many([DataObject(properties={}, vector=one) for one in vectors])
    found = measure_recall(channel, server, rest.get(f"/schema/{made.name}").json(), None, 20, 10)
    client.collections.delete(made.name)
    assert found.searched == "hnsw"
    assert found.recall is not None
    assert found.recall < 0.9


def test_without_an_index_nothing_is_measured_and_the_reason_told(server: Rest, copy: Copy) -> None:
    schema = copy.schema(copy.source.name)
    schema["vectorConfig"]["default"]["vectorIndexConfig"]["skip"] = True
    found = measure_recall(copy.channel, server, schema, None, QUERIES, K)
    assert (found.recall, found.queries) == (None, 0)
    assert "has no vector index that can be measured" in found.searched
