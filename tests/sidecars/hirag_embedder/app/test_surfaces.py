"""The server's surfaces, asked over HTTP as their clients ask."""

import base64
import json
from typing import Any

import httpx
import numpy as np
import pytest

from hirag_kit.wire import EmbedderMeta, EmbeddingRequest, EmbeddingResponse, ErrorBody
from tests.sidecars.hirag_embedder.process import MODEL, EmbedderProcess
from tests.sidecars.hirag_embedder.reference import ReferenceBert

TEXT = "Context managers close what they open."


def _embeddings(embedder: EmbedderProcess, **fields: Any) -> httpx.Response:
    return embedder.client.post("/v1/embeddings", json={"model": MODEL, "input": TEXT} | fields)


def _vectors(embedder: EmbedderProcess, text: str, **config: Any) -> httpx.Response:
    """As Weaviate's client asks: no content type, and fields that it leaves empty."""
    body = {
        "text": text,
        "dims": 0,
        "vector": None,
        "error": "",
        "config": {"pooling_strategy": "masked_mean"} | config,
    }
    return embedder.client.post("/vectors", content=json.dumps(body).encode())


def test_openais_surface_answers_in_openais_shape(embedder: EmbedderProcess, reference: ReferenceBert) -> None:
    body = _embeddings(embedder, input=[TEXT, "hello"]).json()
    assert {key: body[key] for key in ("object", "model", "usage")} == {
        "object": "list",
        "model": MODEL,
        "usage": {"prompt_tokens": 12, "total_tokens": 12},
    }
    assert [(item["object"], item["index"]) for item in body["data"]] == [("embedding", 0), ("embedding", 1)]
    for item, text in zip(body["data"], [TEXT, "hello"], strict=True):
        assert float(np.array(item["embedding"]) @ reference.embed(text)) > 0.9999


def test_base64_holds_the_same_numbers(embedder: EmbedderProcess) -> None:
    plain = _embeddings(embedder).json()["data"][0]["embedding"]
    encoded = _embeddings(embedder, encoding_format="base64").json()["data"][0]["embedding"]
    assert np.array_equal(np.frombuffer(base64.b64decode(encoded), "<f4"), np.array(plain, dtype=np.float32))


def test_our_own_wire_models_read_and_write_it(embedder: EmbedderProcess) -> None:
    request = EmbeddingRequest(model=MODEL, input=[TEXT, "hello"], encoding_format="base64", dimensions=384)
    answer = embedder.client.post("/v1/embeddings", content=request.model_dump_json())
    items = EmbeddingResponse.model_validate_json(answer.content).data
    assert [len(item.floats()) for item in items] == [384, 384]


def test_weaviates_surface_gives_the_same_vector(embedder: EmbedderProcess) -> None:
    answer = _vectors(embedder, TEXT, task_type="passage", dimensions=384)
    body = answer.json()
    assert (answer.status_code, body["text"], body["dim"], body["dims"]) == (200, TEXT, 384, 384)
    assert np.allclose(body["vector"], _embeddings(embedder).json()["data"][0]["embedding"], atol=1e-6)


def test_an_empty_text_has_the_same_vector_on_both(embedder: EmbedderProcess) -> None:
    theirs = _vectors(embedder, "").json()["vector"]
    assert np.allclose(theirs, _embeddings(embedder, input="").json()["data"][0]["embedding"], atol=1e-6)


def test_every_answer_advertises_integer_limits_and_go_durations(embedder: EmbedderProcess) -> None:
    headers = _embeddings(embedder).headers
    for unit in ("requests", "tokens"):
        assert int(headers[f"x-ratelimit-remaining-{unit}"]) <= int(headers[f"x-ratelimit-limit-{unit}"])
        assert headers[f"x-ratelimit-reset-{unit}"] == "1s"


def test_meta_tells_what_is_served(embedder: EmbedderProcess) -> None:
    meta = EmbedderMeta.model_validate(embedder.client.get("/meta").json())
    assert (meta.model, meta.dimensions, meta.max_tokens, meta.pooling) == (MODEL, 384, 256, "mean")
    assert (meta.normalize, meta.precision, meta.backend) == (True, "fp32", "onnxruntime")
    assert len(meta.tokenizer) == len(meta.weights) == 64


def test_models_are_listed_as_openai_does(embedder: EmbedderProcess) -> None:
    listed = embedder.client.get("/v1/models").json()
    assert (listed["object"], [model["id"] for model in listed["data"]]) == ("list", [MODEL])


def test_it_is_live_and_ready(embedder: EmbedderProcess) -> None:
    assert embedder.client.get("/.well-known/live").json() == {"status": "live"}
    assert embedder.client.get("/.well-known/ready").json() == {"status": "ready", "reason": ""}


def test_what_was_done_is_counted(embedder: EmbedderProcess) -> None:
    texts = 'hirag_embedder_texts_total{input_type="query"}'
    _embeddings(embedder, input_type="query")
    before = embedder.metric(texts), embedder.metric("hirag_embedder_tokens_total")
    _embeddings(embedder, input=["a", "b c d", "word " * 300], input_type="query")
    assert embedder.metric(texts) == before[0] + 3
    assert embedder.metric("hirag_embedder_tokens_total") == before[1] + 3 + 5 + 256
    assert embedder.metric("hirag_embedder_padded_tokens_total") >= embedder.metric("hirag_embedder_tokens_total")
    assert embedder.metric("hirag_embedder_truncated_texts_total") >= 1
    assert embedder.metric('hirag_embedder_requests_total{endpoint="/v1/embeddings",status="200"}') >= 2
    assert embedder.metric("hirag_embedder_ready") == 1
    assert embedder.metric("hirag_embedder_queue_texts") == 0


def test_paths_that_nobody_serves_are_not_labels(embedder: EmbedderProcess) -> None:
    for path in ("/one", "/two"):
        assert embedder.client.get(path).status_code == 404
    assert embedder.metric('hirag_embedder_requests_total{endpoint="other",status="404"}') >= 2
    assert "/one" not in embedder.client.get("/metrics").text


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        pytest.param(b"{", 400, "body: Invalid JSON", id="no JSON"),
        pytest.param(b"", 400, "body: Invalid JSON", id="nothing"),
        pytest.param(b'{"model": "m"}', 400, "input: Field required", id="no input"),
        pytest.param(b'{"input": "a"}', 400, "model: Field required", id="no model"),
        pytest.param(b'{"model": "m", "input": []}', 400, "input: must hold at least one text", id="no text"),
        pytest.param(b'{"model": "m", "input": [1, 2]}', 400, "arrays of tokens are not accepted", id="tokens"),
        pytest.param(b'{"model": "m", "input": [[1]]}', 400, "arrays of tokens are not accepted", id="lists of tokens"),
        pytest.param(b'{"model": "m", "input": ["a", null]}', 400, "a string or a list of strings", id="a null"),
        pytest.param(b'{"model": "m", "input": {"a": 1}}', 400, "a string or a list of strings", id="an object"),
        pytest.param(b'{"model": "m", "input": "\xff"}', 400, "body: Invalid JSON", id="not UTF-8"),
        pytest.param(b'{"model": "m", "input": "\\ud800"}', 400, "body: Invalid JSON", id="half a surrogate pair"),
        pytest.param(b'{"model": "m", "input": "a"}', 404, f"use '{MODEL}'", id="another model"),
        pytest.param(b'{"model": "m", "input": "a", "input_typ": "query"}', 400, "input_typ: Extra", id="a slip"),
        pytest.param(b'{"model": "m", "input": "a", "input_type": "q"}', 400, "input_type: Input should be", id="kind"),
        pytest.param(b'{"model": "m", "input": "a", "encoding_format": "hex"}', 400, "encoding_format", id="encoding"),
    ],
)
def test_a_wrong_request_is_refused_by_field(
    embedder: EmbedderProcess, body: bytes, status: int, sentence: str
) -> None:
    answer = embedder.client.post("/v1/embeddings", content=body)
    error = ErrorBody.model_validate(answer.json())
    assert (answer.status_code, error.code) == (status, "VALIDATION_ERROR")
    assert sentence in error.message


@pytest.mark.parametrize(
    ("fields", "status", "sentence"),
    [
        ({"dimensions": 128}, 400, "dimensions: this model's vectors have 384, not 128"),
        ({"input": ["a"] * 2049}, 413, "2049 texts are above the limit of 2048"),
        ({"input": ["a", "b" * 200_001]}, 413, "text 1 has 200001 characters, above the limit of 200000"),
    ],
)
def test_a_request_above_a_limit_is_told_the_limit(
    embedder: EmbedderProcess, fields: dict[str, Any], status: int, sentence: str
) -> None:
    answer = _embeddings(embedder, **fields)
    assert (answer.status_code, answer.json()["code"]) == (status, "VALIDATION_ERROR")
    assert sentence in answer.json()["message"]


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"dimensions": 128}, "this model's vectors have 384"),
        ({"pooling_strategy": "cls"}, "this model pools by mean, not cls"),
        ({"task_type": "title"}, "config.task_type"),
    ],
)
def test_weaviate_reads_a_refusal_in_its_own_field(
    embedder: EmbedderProcess, config: dict[str, Any], sentence: str
) -> None:
    answer = _vectors(embedder, TEXT, **config)
    assert answer.status_code == 400
    assert sentence in answer.json()["error"]
    assert answer.json()["error"] == answer.json()["message"]


def test_a_wrong_method_is_told_the_right_one(embedder: EmbedderProcess) -> None:
    answer = embedder.client.get("/v1/embeddings")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert answer.json()["code"] == "VALIDATION_ERROR"


def test_no_refusal_repeats_the_text(embedder: EmbedderProcess) -> None:
    secret = "the launch code is 0000"  # noqa: S105  a text that must not come back
    for body in (
        {"input": secret},
        {"model": MODEL, "input": [secret, 3]},
        {"model": MODEL, "input": secret, "user": 1},
    ):
        assert secret not in embedder.client.post("/v1/embeddings", json=body).text
    assert secret not in embedder.log()


def test_the_schema_tells_the_requests(embedder: EmbedderProcess) -> None:
    paths = embedder.client.get("/openapi.json").json()["paths"]
    for path, field in (("/v1/embeddings", "input_type"), ("/vectors", "text")):
        schema = paths[path]["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert field in schema["properties"]
