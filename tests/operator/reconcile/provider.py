"""A test double of an embeddings provider in OpenAI's way: a real HTTP server whose vectors are drawn by chance.

What a provider may get wrong (other vectors, other lengths, a refused key) cannot be asked of a real one.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.operator.adapters.answering import Answer, Answering, AnsweringServer, Asked, answering
from tests.operator.plan.model.answers import vector

KEY = "sk-swordfish-4711"


class Provider:
    """A provider behind an address that stays, whatever it answers.

    Attributes:
        answers: What it answers from now on.
    """

    def __init__(self, server: AnsweringServer) -> None:
        self._server = server
        self.answers = embeds()

    @property
    def spec(self) -> dict[str, Any]:
        """An EmbeddingModel's spec that uses it."""
        return {"external": {"url": f"{self._server.url}/v1", "model": "drawn-by-chance"}, "dimensions": 384}

    @property
    def answers(self) -> Answering:
        """What it answers."""
        return self._server.answer

    @answers.setter
    def answers(self, answers: Answering) -> None:
        self._server.answer = answers

    @property
    def probes(self) -> int:
        """How often it was asked for vectors."""
        return len(self._server.asked)


@contextmanager
def provider() -> Iterator[Provider]:
    """A provider that runs for as long as the context."""
    with answering() as server:
        yield Provider(server)


def embeds(model: int = 0, dimensions: int = 384, length: float = 1.0) -> Callable[[Asked], Answer]:
    """Answers with the vectors of a model; of itself, which is another path, it says nothing."""

    def answer(asked: Asked) -> Answer:
        if asked.method == "GET":
            return Answer(404)
        texts = range(len(json.loads(asked.body)["input"]))
        return _rows([vector(text, dimensions, model=model, length=length) for text in texts])

    return answer


def embeds_all_as(row: list[float]) -> Callable[[Asked], Answer]:
    """Answers with one vector, whatever the text."""
    return lambda asked: _rows([row for _ in json.loads(asked.body)["input"]])


def refuses_key(asked: Asked) -> Answer:
    """Answers 401 and repeats the key, as some providers do."""
    given = asked.headers.get("Authorization", "").removeprefix("Bearer ")
    return Answer(401, {"error": {"message": f"Incorrect API key provided: {given}."}})


def wants_key(key: str) -> Callable[[Asked], Answer]:
    """Answers only to a key."""
    return lambda asked: (
        embeds()(asked) if asked.headers.get("Authorization") == f"Bearer {key}" else refuses_key(asked)
    )


def _rows(rows: list[Any]) -> Answer:
    data = [{"object": "embedding", "index": index, "embedding": row} for index, row in enumerate(rows)]
    usage = {"prompt_tokens": len(rows), "total_tokens": len(rows)}
    return Answer(200, {"object": "list", "model": "drawn-by-chance", "data": data, "usage": usage})
