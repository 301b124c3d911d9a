"""From the first second to the last: loading, keys, overload, callers that hang up, and a drained end."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.sidecars.hirag_embedder.process import MODEL, EmbedderProcess

# About 30,000 tokens: long enough on any CPU to look at what happens meanwhile.
TEXTS = [f"{number} and counting " * 120 for number in range(120)]
BULK = {"model": MODEL, "input": TEXTS}


def _post(embedder: EmbedderProcess, body: Mapping[str, object]) -> httpx.Response:
    return httpx.post(f"{embedder.url}/v1/embeddings", json=body, timeout=120)


def test_a_wrong_model_ends_the_process_with_the_reason(tiny_model: Path) -> None:
    with EmbedderProcess(tiny_model, wait=False, DIMENSIONS="384", MAX_TOKENS="32") as embedder:
        status, log = embedder.ended()
    assert status == 1
    assert "384 dimensions are declared, and the model's vectors have 32" in log


def test_a_wrong_setting_ends_it_before_it_listens(tiny_model: Path) -> None:
    with EmbedderProcess(tiny_model, wait=False, MAX_TOKENS="many") as embedder:
        status, log = embedder.ended()
    assert status == 2
    assert "HIRAG_EMBEDDER_MAX_TOKENS" in log


def test_a_variable_that_nobody_reads_is_warned_of(tiny_model: Path) -> None:
    with EmbedderProcess(tiny_model, QUEUE_TEXT="99") as embedder:
        assert '"variable": "HIRAG_EMBEDDER_QUEUE_TEXT"' in embedder.log()


def test_a_key_guards_openais_surface_alone(tiny_model: Path, tmp_path: Path) -> None:
    key_file = tmp_path / "key"
    key_file.write_text("s3cret\n", "utf-8")
    body = {"model": MODEL, "input": "a"}
    with EmbedderProcess(tiny_model, API_KEY_FILE=str(key_file)) as embedder:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic s3cret"}):
            refused = embedder.client.post("/v1/embeddings", json=body, headers=headers)
            assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        right = {"Authorization": "Bearer s3cret"}
        assert embedder.client.post("/v1/embeddings", json=body, headers=right).status_code == 200
        assert embedder.client.post("/vectors", json={"text": "a"}).status_code == 200
        key_file.write_text("another", "utf-8")
        assert embedder.client.post("/v1/embeddings", json=body, headers=right).status_code == 401
        assert "s3cret" not in embedder.log()


def test_instructions_stand_before_the_text_of_their_kind(tiny_model: Path) -> None:
    def vector(embedder: EmbedderProcess, text: str, kind: str) -> list[float]:
        answer = embedder.client.post("/vectors", json={"text": text, "config": {"task_type": kind}})
        numbers: list[float] = answer.json()["vector"]
        return numbers

    with EmbedderProcess(tiny_model, QUERY_INSTRUCTION="find ", PASSAGE_INSTRUCTION="keep ") as instructed:
        query, passage = vector(instructed, "a", "query"), vector(instructed, "a", "passage")
    with EmbedderProcess(tiny_model) as plain:
        assert vector(plain, "find a", "query") == pytest.approx(query, abs=1e-5)
        assert vector(plain, "keep a", "query") == pytest.approx(passage, abs=1e-5)
    assert query != pytest.approx(passage, abs=1e-2)


def test_overload_is_refused_with_a_time_to_come_again(model_folder: Path, export_cache: Path) -> None:
    server = EmbedderProcess(model_folder, CACHE_DIR=str(export_cache), QUEUE_TEXTS="136", MAX_TEXTS="136")
    with server as embedder, ThreadPoolExecutor() as callers:
        bulk = callers.submit(_post, embedder, BULK)
        embedder.until(lambda: embedder.metric("hirag_embedder_queue_texts") == 120, "busy")
        refused = _post(embedder, {"model": MODEL, "input": ["a"] * 17})
        assert (refused.status_code, refused.json()["code"]) == (429, "RATE_LIMIT")
        assert refused.json()["details"]["limit"] == 136
        assert refused.json()["details"]["remaining"] == 16
        assert int(refused.headers["retry-after"]) >= 1
        # What still fits is served meanwhile, long before the bulk is done.
        assert _post(embedder, {"model": MODEL, "input": ["a"] * 16}).status_code == 200
        assert not bulk.done()
        assert bulk.result().status_code == 200


def test_bodies_are_bounded_one_by_one(tiny_model: Path) -> None:
    with EmbedderProcess(tiny_model, MAX_BODY_BYTES="2000", MAX_HELD_BYTES="2000") as embedder:
        answer = embedder.client.post("/v1/embeddings", json={"model": MODEL, "input": "a" * 2000})
        assert (answer.status_code, answer.json()["code"]) == (413, "VALIDATION_ERROR")
        assert "above the limit of 2000 bytes" in answer.json()["message"]
        assert embedder.client.post("/v1/embeddings", json={"model": MODEL, "input": "a"}).status_code == 200


def test_a_caller_that_hangs_up_leaves_no_work_behind(model_folder: Path, export_cache: Path) -> None:
    with EmbedderProcess(model_folder, CACHE_DIR=str(export_cache)) as embedder:
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{embedder.url}/v1/embeddings", json=BULK, timeout=httpx.Timeout(60, read=0.5))
        embedder.until(lambda: embedder.metric("hirag_embedder_queue_texts") == 0, "idle again")
        embedder.until(
            lambda: 'endpoint="/v1/embeddings",status="499"' in embedder.client.get("/metrics").text, "told of it"
        )
        assert embedder.metric("hirag_embedder_batch_texts_sum") < len(TEXTS)


def test_a_request_in_flight_is_answered_before_the_end(model_folder: Path, export_cache: Path) -> None:
    with EmbedderProcess(model_folder, CACHE_DIR=str(export_cache)) as embedder, ThreadPoolExecutor() as callers:
        half = {"model": MODEL, "input": TEXTS[:60]}
        request = callers.submit(_post, embedder, half)
        embedder.until(lambda: embedder.metric("hirag_embedder_queue_texts") == 60, "busy")
        embedder.client.close()
        status, _ = embedder.end()
        assert request.result().status_code == 200
        assert len(request.result().json()["data"]) == 60
        assert status == 0
        with pytest.raises(httpx.ConnectError):
            httpx.get(embedder.url)
