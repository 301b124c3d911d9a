"""Questions of one's own, embedded by the real embedder, as queries."""

from pathlib import Path

import pytest

from e2e.cluster.embedder import EmbedderServer
from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.embedding import Embedder
from tests.sidecars.hirag_jobs.measure.vectors import Vectors, make_vectors, random_vectors

TEXTS = [f"{animal} number {number} sleeps" for animal in ("heron", "otter", "lynx") for number in range(20)]


def fill(made: Vectors, embedder: EmbedderServer) -> None:
    with Embedder(f"{embedder.url}/v1") as client:
        made.fill(client.embed(TEXTS))


def test_questions_are_asked_in_place_of_a_sample(
    weaviate_server: WeaviateServer, embedder: EmbedderServer, tmp_path: Path
) -> None:
    file = tmp_path / "questions.txt"
    file.write_text("where does the lynx sleep?\n\n  who swims?  \n")
    endpoint = ("--embedder-url", f"{embedder.url}/v1")
    with make_vectors(weaviate_server, "flat") as made:
        fill(made, embedder)
        ran = made.measure("--query", "where is the heron?", "--queries-file", str(file), *endpoint)
    assert ran.status == 0, ran.said
    assert (ran.report["queries"], ran.report["seed"], bool(ran.report["model"])) == ("questions", None, True)
    assert (ran.only["queries"], ran.only["recall"]["each"]) == (3, [1.0, 1.0, 1.0])


@pytest.mark.parametrize(
    ("dimensions", "flags", "complaint"),
    [
        (8, (), "dimensions, but"),
        (384, ("--embedder-url", "http://127.0.0.1:9/v1"), "check --embedder-url"),
    ],
)
def test_an_embedder_that_does_not_fit_is_refused(
    weaviate_server: WeaviateServer,
    embedder: EmbedderServer,
    dimensions: int,
    flags: tuple[str, ...],
    complaint: str,
) -> None:
    with make_vectors(weaviate_server) as made:
        made.fill(random_vectors(20, dimensions))
        ran = made.measure("--query", "who swims?", "--embedder-url", f"{embedder.url}/v1", *flags)
    assert ran.status == 2
    assert complaint in ran.said
