from typing import Any

import pytest

from e2e.cluster.embedder import DIMENSIONS, MAX_TOKENS, MODEL_NAME, EmbedderServer
from hirag_operator.adapters.embedder import EmbedderAdapter, Endpoint
from hirag_operator.errors import Garbled, NotAuthorized, Refused, Unreachable
from hirag_operator.plan.probe import PROBE_TEXTS, complaint
from tests.operator.adapters.answering import Answer, AnsweringServer
from tests.operator.plan.objects import model


def vectors(*rows: Any) -> Answer:
    return Answer(200, {"data": [{"index": index, "embedding": row} for index, row in enumerate(rows)]})


@pytest.fixture
def endpoint(server: AnsweringServer) -> Endpoint:
    return Endpoint(f"{server.url}/v1", "minilm", "sk-secret")


def test_a_probe_tells_lengths_and_norms(server: AnsweringServer, endpoint: Endpoint) -> None:
    server.answer = vectors([3, 4], [0.6, 0.8])
    probed = EmbedderAdapter().probe(endpoint, described=False)
    assert (probed.dimensions, probed.norms, probed.meta) == ((2, 2), (5.0, 1.0), {})


def test_a_probe_asks_as_openai_is_asked(server: AnsweringServer, endpoint: Endpoint) -> None:
    server.answer = vectors([1], [1])
    EmbedderAdapter().probe(endpoint, described=False)
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("POST", "/v1/embeddings")
    assert asked.headers["Authorization"] == "Bearer sk-secret"
    assert all(text.encode() in asked.body for text in PROBE_TEXTS)


def test_a_described_server_is_asked_what_it_is_without_the_key(server: AnsweringServer, endpoint: Endpoint) -> None:
    server.answers = {"/v1/embeddings": vectors([1], [1]), "/meta": Answer(200, {"pooling": "mean"})}
    assert EmbedderAdapter().probe(endpoint, described=True).meta == {"pooling": "mean"}
    assert "Authorization" not in server.asked[-1].headers


def test_vectors_come_by_their_index(server: AnsweringServer, endpoint: Endpoint) -> None:
    server.answer = Answer(200, {"data": [{"index": 1, "embedding": [1, 1]}, {"index": 0, "embedding": [1]}]})
    assert EmbedderAdapter().probe(endpoint, described=False).dimensions == (1, 2)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer(200), id="nothing"),
        pytest.param(Answer(200, ["odd"]), id="a list"),
        pytest.param(Answer(200, {"data": "odd"}), id="a text for rows"),
        pytest.param(Answer(200, {"data": [{"embedding": [1.0]}]}), id="rows without an index"),
        pytest.param(vectors("AAAA", "AAAA"), id="vectors in base64"),
        pytest.param(vectors([1.0]), id="one vector for two texts"),
        pytest.param(vectors([1.0], None), id="a vector that is null"),
        pytest.param(vectors([1.0], [10**400]), id="a number beyond all floats"),
    ],
)
def test_an_answer_without_vectors_is_garbled(server: AnsweringServer, endpoint: Endpoint, answer: Answer) -> None:
    server.answer = answer
    with pytest.raises(Garbled, match="/embeddings answered"):
        EmbedderAdapter().probe(endpoint, described=False)


def test_a_description_that_is_no_object_is_garbled(server: AnsweringServer, endpoint: Endpoint) -> None:
    server.answers = {"/v1/embeddings": vectors([1], [1]), "/meta": Answer(200, ["odd"])}
    with pytest.raises(Garbled, match="/meta is not a JSON object"):
        EmbedderAdapter().probe(endpoint, described=True)


@pytest.mark.parametrize(
    ("answer", "kind"), [(Answer(401), NotAuthorized), (Answer(404), Refused), (Answer(503), Unreachable)]
)
def test_a_refusal_keeps_its_kind(
    server: AnsweringServer, endpoint: Endpoint, answer: Answer, kind: type[Exception]
) -> None:
    server.answer = answer
    with pytest.raises(kind):
        EmbedderAdapter().probe(endpoint, described=False)


def test_our_own_embedder_proves_what_it_serves(embedder: EmbedderServer) -> None:
    probed = EmbedderAdapter().probe(Endpoint(f"{embedder.url}/v1", MODEL_NAME), described=True)
    assert probed.dimensions == (DIMENSIONS, DIMENSIONS)
    assert (probed.meta["pooling"], probed.meta["max_tokens"]) == ("mean", MAX_TOKENS)
    assert complaint(model({"dimensions": DIMENSIONS, "maxTokens": MAX_TOKENS}), probed) is None
    assert "max_tokens" in (complaint(model({"maxTokens": 128}), probed) or "")


def test_a_model_that_our_embedder_does_not_serve_is_refused_in_its_words(embedder: EmbedderServer) -> None:
    with pytest.raises(Refused, match="another-model"):
        EmbedderAdapter().probe(Endpoint(f"{embedder.url}/v1", "another-model"), described=False)


def test_a_key_does_not_show_in_a_representation(endpoint: Endpoint) -> None:
    assert "sk-secret" not in repr(endpoint)
    assert "key=set" in repr(endpoint)
