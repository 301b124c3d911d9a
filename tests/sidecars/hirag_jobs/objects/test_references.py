"""What a search shows of cross-references: the reason why a collection that has some is refused (decision 18).

When this fails, Weaviate shows them as they are stored, and they may be carried.
"""

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest
from weaviate.proto.v1 import search_get_pb2

from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.objects.channel import ObjectChannel

REFERRING, REFERRED = str(uuid4()), str(uuid4())


@pytest.fixture
def rest(weaviate_server: WeaviateServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{weaviate_server.http_url}/v1") as client:
        yield client


@pytest.fixture
def names(rest: httpx.Client) -> Iterator[tuple[str, str]]:
    """Two collections: an object of the first refers to one of the second."""
    article, author = names = (f"Article_{uuid4().hex}", f"Author_{uuid4().hex}")
    _made(rest, "/schema", {"class": author, "vectorizer": "none"})
    by = {"name": "by", "dataType": [author]}
    _made(rest, "/schema", {"class": article, "vectorizer": "none", "properties": [by]})
    _made(rest, "/objects", {"class": author, "id": REFERRED})
    beacon = {"beacon": f"weaviate://localhost/{author}/{REFERRED}"}
    _made(rest, "/objects", {"class": article, "id": REFERRING, "properties": {"by": [beacon]}})
    yield names
    for name in names:
        rest.delete(f"/schema/{name}").raise_for_status()


def test_one_whose_object_is_away_is_not_shown_and_comes_back_without_a_word(
    weaviate_server: WeaviateServer, rest: httpx.Client, names: tuple[str, str]
) -> None:
    article, author = names
    with ObjectChannel(f"127.0.0.1:{weaviate_server.grpc_port}", None) as channel:
        shown, updated = _look(channel, article)
        assert shown == 1
        rest.delete(f"/objects/{author}/{REFERRED}").raise_for_status()
        assert _look(channel, article) == (0, updated)
        kept = rest.get(f"/objects/{article}/{REFERRING}").raise_for_status().json()
        assert len(kept["properties"]["by"]) == 1, "it is stored still"
        _made(rest, "/objects", {"class": author, "id": REFERRED})
        assert _look(channel, article) == (1, updated)


def _made(rest: httpx.Client, path: str, body: dict[str, object]) -> None:
    rest.post(path, json=body).raise_for_status()


def _look(channel: ObjectChannel, article: str) -> tuple[int, int]:
    """How many references the one object shows, and when it last changed."""
    reference = search_get_pb2.RefPropertiesRequest(
        reference_property="by", metadata=search_get_pb2.MetadataRequest(uuid=True)
    )
    request = search_get_pb2.SearchRequest(
        collection=article,
        metadata=search_get_pb2.MetadataRequest(uuid=True, last_update_time_unix=True),
        properties=search_get_pb2.PropertiesRequest(ref_properties=[reference]),
        limit=10,
        uses_123_api=True,
        uses_125_api=True,
        uses_127_api=True,
    )
    (one,) = channel.search(request).results
    return sum(len(by.properties) for by in one.properties.ref_props), one.metadata.last_update_time_unix
