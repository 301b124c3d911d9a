"""Asking the index, with nothing between: a plain Weaviate client, the alias, and a question."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import weaviate
from weaviate.classes.query import HybridFusion, MetadataQuery

from e2e.demo.state import State

QUESTIONS = (
    "how do I parse command line options?",
    "how do I copy a whole directory tree?",
    "how do I count how often each element occurs?",
    "how do I compress data with gzip?",
    "how can several coroutines wait for the same event?",
)
BEST = 3
ALPHA = 0.5  # stated, since servers and clients differ in their defaults


@dataclass(frozen=True)
class Passage:
    """One answer: the documented thing, its score (1 is best), and how the passage begins."""

    title: str
    module: str
    score: float
    beginning: str


class Index:
    """A level of a ContextCollection, by its alias."""

    def __init__(self, client: weaviate.WeaviateClient, alias: str) -> None:
        self._collection = client.collections.use(alias)

    def near_text(self, question: str) -> list[Passage]:
        """Return the best passages by vector search; the score is the cosine similarity."""
        found = self._collection.query.near_text(question, limit=BEST, return_metadata=MetadataQuery(distance=True))
        return [_passage(o.properties, 1 - (o.metadata.distance or 0.0)) for o in found.objects]

    def hybrid(self, question: str) -> list[Passage]:
        """Return the best passages by keyword and vector search together; scores are relative to the best of each."""
        found = self._collection.query.hybrid(
            question,
            alpha=ALPHA,
            limit=BEST,
            fusion_type=HybridFusion.RELATIVE_SCORE,
            return_metadata=MetadataQuery(score=True),
        )
        return [_passage(o.properties, o.metadata.score or 0.0) for o in found.objects]

    def count(self) -> int:
        """Return how many passages the index has."""
        return int(self._collection.aggregate.over_all(total_count=True).total_count or 0)


def connect(state: State) -> weaviate.WeaviateClient:
    """Return a client of the demo's Weaviate; a context manager."""
    rest, grpc = urlsplit(state.weaviate), urlsplit(f"//{state.weaviate_grpc}")
    return weaviate.connect_to_local(
        host=rest.hostname or "", port=rest.port or 0, grpc_port=grpc.port or 0, skip_init_checks=False
    )


def _passage(properties: object, score: float) -> Passage:
    fields = dict(properties) if isinstance(properties, dict) else {}
    text = " ".join(str(fields.get("text", "")).split())
    title = str(fields.get("title", ""))
    return Passage(title, str(fields.get("module", "")), score, text.removeprefix(title).strip())
