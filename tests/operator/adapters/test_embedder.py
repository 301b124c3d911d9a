import json
from dataclasses import replace
from typing import Any

import httpx
import pytest

from e2e.cluster.embedder import DIMENSIONS, MAX_TOKENS, MODEL_NAME, EmbedderServer
from e2e.cluster.faultproxy import FaultProxy
from e2e.cluster.faults import Fault
from hirag_operator.adapters.embedder import ANSWER_LIMIT, EmbedderAdapter, Endpoint
from hirag_operator.errors import Garbled, NotAuthorized, Refused, Unreachable
from hirag_operator.plan.model.probe import PROBE_PASSAGES, PROBE_QUERY, PROBE_TEXTS, complaint
from hirag_operator.plan.vectors import agrees, cosine, sketch
from tests.operator.adapters.answering import Answer, AnsweringServer, Asked
from tests.operator.plan.objects import external

TEXTS = len(PROBE_TEXTS)


def vectors(*rows: Any) -> Answer:
    return Answer(200, {"data": [{"index": index, "embedding": row} for index, row in enumerate(rows)]})


@pytest.fixture
def endpoint(server: AnsweringServer) -> Endpoint:
    return Endpoint(f"{server.url}/v1", "minilm", "sk-secret")


@pytest.fixture
def own(embedder: EmbedderServer) -> Endpoint:
    return Endpoint(f"{embedder.url}/v1", MODEL_NAME, described=True)


def test_a_probe_tells_lengths_and_norms(server: AnsweringServer, endpoint: Endpoint) -> None:
    server.answer = vectors([3, 4], [0.6, 0.8], [0, 1], [1, 0])
    probed = EmbedderAdapter().probe(endpoint)
    assert (probed.dimensions, probed.norms) == ((2,) * 4, (5.0, 1.0, 1.0, 1.0))
    assert probed.description is None


def test_a_probe_asks_as_openai_is_asked(server: AnsweringServer, endpoint: Endpoint) -> None:
    server.answer = vectors(*[[1]] * TEXTS)
    EmbedderAdapter().probe(endpoint)
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("POST", "/v1/embeddings")
    assert asked.headers["Authorization"] == "Bearer sk-secret"
    assert json.loads(asked.body) == {"model": "minilm", "input": list(PROBE_TEXTS)}


def test_a_server_that_knows_queries_is_asked_for_both_and_what_it_is_without_the_key(
    server: AnsweringServer, endpoint: Endpoint
) -> None:
    def answer_of_its_own(asked: Asked) -> Answer:
        return vectors(*[[len(text)] for text in json.loads(asked.body)["input"]])

    server.answers = {"/v1/embeddings": answer_of_its_own, "/meta": Answer(200, {"pooling": "mean"})}
    probed = EmbedderAdapter().probe(Endpoint(endpoint.url, endpoint.model, endpoint.key, described=True))
    assert probed.vectors == tuple((float(len(text)),) for text in PROBE_TEXTS)
    assert probed.description is not None
    assert probed.description.pooling == "mean"
    query, passages, meta = server.asked
    assert json.loads(query.body) == {"model": "minilm", "input": [PROBE_QUERY], "input_type": "query"}
    assert json.loads(passages.body) == {"model": "minilm", "input": list(PROBE_PASSAGES), "input_type": "passage"}
    assert "Authorization" not in meta.headers


def test_vectors_come_by_their_index(server: AnsweringServer, endpoint: Endpoint) -> None:
    rows = [{"index": index, "embedding": [index]} for index in range(TEXTS)]
    server.answer = Answer(200, {"data": rows[::-1]})
    assert EmbedderAdapter().probe(endpoint).vectors == tuple((float(index),) for index in range(TEXTS))


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer(200), id="nothing"),
        pytest.param(Answer(200, ["odd"]), id="a list"),
        pytest.param(Answer(200, {"data": "odd"}), id="a text for rows"),
        pytest.param(Answer(200, {"data": [{"embedding": [1.0]}]}), id="rows without an index"),
        pytest.param(vectors(*["AAAA"] * TEXTS), id="vectors in base64"),
        pytest.param(vectors(*["1234"] * TEXTS), id="digits in place of numbers"),
        pytest.param(vectors(*[[1.0]] * (TEXTS - 1)), id="a vector too few"),
        pytest.param(vectors(*[[1.0]] * (TEXTS + 1)), id="a vector too many"),
        pytest.param(Answer(200, {"data": [{"index": 0, "embedding": [1.0]}] * TEXTS}), id="one index for all"),
        pytest.param(Answer(200, {"data": [{"index": "0", "embedding": [1.0]}] * TEXTS}), id="an index in letters"),
        pytest.param(vectors(*[[1.0]] * (TEXTS - 1), None), id="a vector that is null"),
        pytest.param(vectors(*[[]] * TEXTS), id="vectors without numbers"),
        pytest.param(vectors(*[[True]] * TEXTS), id="truth in place of numbers"),
        pytest.param(vectors(*[[[1.0]]] * TEXTS), id="a vector in a vector"),
        pytest.param(vectors(*[[10**400]] * TEXTS), id="a number beyond all floats"),
        pytest.param(Answer(200, b"[" * 100_000), id="lists without end"),
    ],
)
def test_an_answer_without_vectors_is_garbled(server: AnsweringServer, endpoint: Endpoint, answer: Answer) -> None:
    server.answer = answer
    with pytest.raises(Garbled, match="/embeddings answered"):
        EmbedderAdapter().probe(endpoint)


@pytest.mark.parametrize(
    ("meta", "told"),
    [
        pytest.param(["odd"], "dictionary", id="a list"),
        pytest.param(None, "/meta", id="nothing"),
        pytest.param({"dimensions": "384"}, "dimensions", id="dimensions in letters"),
        pytest.param({"weights": "abc"}, "weights", id="a checksum that is none"),
        pytest.param({"pooling": "x" * 1000}, "pooling", id="a word without end"),
        pytest.param({"instructions": {"query": "x" * 5000}}, "instructions.query", id="an instruction without end"),
    ],
)
def test_a_description_that_is_none_is_garbled(
    server: AnsweringServer, endpoint: Endpoint, meta: Any, told: str
) -> None:
    server.answers = {"/meta": Answer(200, meta)}
    server.answer = lambda asked: vectors(*[[1.0] for _ in json.loads(asked.body)["input"]])
    with pytest.raises(Garbled, match=told) as raised:
        EmbedderAdapter().probe(Endpoint(endpoint.url, endpoint.model, described=True))
    assert len(str(raised.value)) < 400


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(401), NotAuthorized),
        (Answer(403), NotAuthorized),
        (Answer(404), Refused),
        (Answer(307, headers={"Location": "/elsewhere"}), Refused),
        (Answer(429), Unreachable),
        (Answer(503), Unreachable),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Answer) else value.__name__,
)
def test_a_refusal_keeps_its_kind(
    server: AnsweringServer, endpoint: Endpoint, answer: Answer, kind: type[Exception]
) -> None:
    server.answer = answer
    with pytest.raises(kind):
        EmbedderAdapter().probe(endpoint)
    assert len(server.asked) == 1


@pytest.mark.parametrize("fault", [Fault(hang=True), Fault(drip=0.05)], ids=["that hangs", "that drips"])
@pytest.mark.parametrize("path", ["/v1/embeddings", "/meta"])
def test_a_probe_ends_in_time_at_a_server(server: AnsweringServer, fault: Fault, path: str) -> None:
    server.answers = {"/meta": Answer(200, {"pooling": "mean"})}
    server.answer = lambda asked: vectors(*[[1.0] * 384 for _ in json.loads(asked.body)["input"]])
    with FaultProxy(server.url) as proxy:
        proxy.fault = replace(fault, path=path)
        with pytest.raises(Unreachable, match="within"):
            EmbedderAdapter(timeout_seconds=0.5).probe(Endpoint(f"{proxy.url}/v1", "minilm", described=True))


def test_an_endpoint_that_lets_probes_wait_is_given_a_rest_and_its_other_models_are_not(
    server: AnsweringServer, endpoint: Endpoint
) -> None:
    adapter = EmbedderAdapter(timeout_seconds=1.0)
    server.answer = Answer(held=True)
    with pytest.raises(Unreachable, match="within"):
        adapter.probe(endpoint)
    with pytest.raises(Unreachable, match="was not asked"):
        adapter.probe(endpoint)
    assert len(server.asked) == 1
    server.answer = vectors(*[[1.0]] * TEXTS)
    assert adapter.probe(replace(endpoint, model="another")).vectors


def test_an_answer_longer_than_vectors_can_be_is_given_up(server: AnsweringServer, endpoint: Endpoint) -> None:
    server.answer = Answer(200, b" " * (ANSWER_LIMIT + 1))
    with pytest.raises(Garbled, match="longer than"):
        EmbedderAdapter().probe(endpoint)


def test_our_own_embedder_proves_what_it_serves(own: Endpoint) -> None:
    probed = EmbedderAdapter().probe(own)
    assert probed.dimensions == (DIMENSIONS,) * TEXTS
    assert probed.description is not None
    assert probed.description.identity is not None
    declared = external({"maxTokens": MAX_TOKENS}, vectorizer="text2vec-transformers")
    assert complaint(declared, probed) is None
    found = complaint(external({"maxTokens": 128}, vectorizer="text2vec-transformers"), probed)
    assert found is not None
    assert "spec.maxTokens is 128" in found.message


def test_our_own_embedder_is_known_again_whatever_else_is_in_the_batch(own: Endpoint, embedder: EmbedderServer) -> None:
    """A sketch must not depend on what other callers ask for at the same time."""
    known = EmbedderAdapter().probe(own).sketch
    more = [f"{'word ' * length}{length}" for length in range(0, 200, 7)]
    for around in ([], more, more[::-1] + more):
        texts = [*around, *PROBE_TEXTS, *around]
        answer = httpx.post(f"{embedder.url}/v1/embeddings", json={"model": MODEL_NAME, "input": texts}, timeout=60)
        rows = [item["embedding"] for item in answer.json()["data"]][len(around) :][:TEXTS]
        assert cosine(known, sketch(rows)) > 0.999999
        assert agrees(known, sketch(rows))


def test_a_model_that_our_embedder_does_not_serve_is_refused_in_its_words(own: Endpoint) -> None:
    with pytest.raises(Refused, match="another-model"):
        EmbedderAdapter().probe(replace(own, model="another-model"))


def test_a_key_does_not_show_in_a_representation(endpoint: Endpoint) -> None:
    assert "sk-secret" not in repr(endpoint)
    assert "key=set" in repr(endpoint)
