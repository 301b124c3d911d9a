"""What Weaviate before 1.38 makes of a PUT in whose middle its alias is moved: docs/migration.md tells clients of it.

It depends on how two requests meet, so they are sent until they do. When this fails for good, Weaviate has learnt
better, and the docs and `Traffic` may forget it.
"""

import threading
from collections.abc import Iterator
from uuid import UUID, uuid4

import httpx
import pytest

from e2e.cluster.weaviate import WeaviateServer

MOST_MOVES = 3_000
WRITERS = 4


@pytest.fixture
def names(weaviate_server: WeaviateServer) -> Iterator[list[str]]:
    """Two collections that hold the same objects, and an alias of the first."""
    alias, *collections = names = [f"Moved_{uuid4().hex}_{part}" for part in ("Alias", "One", "Two")]
    with _client(weaviate_server) as weaviate:
        for name in collections:
            number = {"name": "number", "dataType": ["int"]}
            weaviate.post(
                "/schema", json={"class": name, "vectorizer": "none", "properties": [number]}
            ).raise_for_status()
            for writer in range(WRITERS):
                weaviate.post("/objects", json=_body(name, writer, 0)).raise_for_status()
        weaviate.post("/aliases", json={"alias": alias, "class": collections[0]}).raise_for_status()
        yield names
        weaviate.delete(f"/aliases/{alias}").raise_for_status()
        for name in collections:
            weaviate.delete(f"/schema/{name}").raise_for_status()


def test_it_may_answer_200_with_nothing_and_have_done_nothing(
    weaviate_server: WeaviateServer, names: list[str]
) -> None:
    alias, *collections = names
    met: list[tuple[int, int]] = []

    def write(writer: int) -> None:
        with _client(weaviate_server) as weaviate:
            number = 0
            while not met:
                number += 1
                path = f"/objects/{alias}/{UUID(int=writer)}"
                answer = weaviate.put(path, json=_body(alias, writer, number)).raise_for_status()
                if not answer.content:
                    met.append((writer, number))

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(WRITERS)]
    for thread in threads:
        thread.start()
    with _client(weaviate_server) as weaviate:
        try:
            for move in range(MOST_MOVES):
                if met:
                    break
                to = {"class": collections[(move + 1) % 2]}
                weaviate.put(f"/aliases/{alias}", json=to).raise_for_status()
        finally:
            met.append((0, -1))
            for thread in threads:
                thread.join()
        writer, number = met[0]
        assert number > 0, f"{MOST_MOVES} moves met no PUT in its middle"
        for name in collections:
            found = weaviate.get(f"/objects/{name}/{UUID(int=writer)}").raise_for_status().json()
            assert found["properties"]["number"] < number


def _client(server: WeaviateServer) -> httpx.Client:
    return httpx.Client(base_url=f"{server.http_url}/v1", trust_env=False, timeout=30)


def _body(name: str, writer: int, number: int) -> dict[str, object]:
    properties, vector = {"number": number}, [1.0, float(number)]
    return {"class": name, "id": str(UUID(int=writer)), "properties": properties, "vector": vector}
