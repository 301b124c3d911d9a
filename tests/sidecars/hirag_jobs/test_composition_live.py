"""Vectors that Weaviate's own vectorizer makes and vectors that we supply are the same vectors."""

from typing import Any

import numpy as np
import pytest

from e2e.cluster.embedder import EmbedderServer
from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.embedding import Embedder
from hirag_kit.composition import Composition
from tests.sidecars.hirag_jobs.passages import make_collection

TEXTS = [
    {"text": "Plain text.", "abstract": "An abstract."},
    {"text": "MIXED Case WITH AcRoNyMs: HTTP, SQL.", "abstract": "iPhone OR ipHONE"},
    {"text": "Ünïcode — naïve café, ﬁne, ①, 日本語, Ελληνικά, 😀", "abstract": "ÀÉÎÕÜ ẞ"},
    {"text": "  leading, double  inner and trailing spaces  ", "abstract": "\ttabs\tand\nlines\r\n"},
    {"text": "Only a text."},
    {"text": "With an empty abstract.", "abstract": ""},
    {"text": "With tags.", "abstract": "And all.", "tags": ["Zebra", "apple", ""]},
]


@pytest.mark.parametrize("values", TEXTS, ids=range(len(TEXTS)))
def test_an_object_without_a_vector_gets_the_one_that_we_would_supply(
    weaviate_server: WeaviateServer, embedder: EmbedderServer, values: dict[str, Any]
) -> None:
    more = [{"name": "abstract", "dataType": ["text"]}, {"name": "tags", "dataType": ["text[]"]}]
    with make_collection(weaviate_server, embedder.url, more=more) as made:
        composition = Composition.of_class(made.rest.get(f"/v1/schema/{made.name}").json())
        assert sorted(composition.properties) == ["abstract", "tags", "text"]
        body = {"class": made.name, "properties": {**values, "source": "not embedded", "chunkIndex": 1}}
        theirs = made.rest.post("/v1/objects", json=body).raise_for_status().json()["vector"]
        with Embedder(f"{embedder.url}/v1") as client:
            [ours] = client.embed([composition.text(values)])
    cosine = np.dot(ours, theirs) / np.linalg.norm(ours) / np.linalg.norm(theirs)
    assert cosine > 0.9999
