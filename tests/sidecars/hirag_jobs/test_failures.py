"""What fails on the way is tried again while that helps, reported by document and chunk, and never lost silently."""

import json
import subprocess
from pathlib import Path
from uuid import uuid4

from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.ingest.collection import Collection
from hirag_jobs.target import find_target
from tests.sidecars.hirag_jobs.passages import Ingestion, Passages


def _shards(passages: Passages) -> list[str]:
    found = passages.rest.get(f"/v1/schema/{passages.name}/shards").raise_for_status().json()
    return [shard["name"] for shard in found]


def _set(passages: Passages, status: str) -> None:
    for shard in _shards(passages):
        path = f"/v1/schema/{passages.name}/shards/{shard}"
        passages.rest.put(path, json={"status": status}).raise_for_status()


def test_a_write_freeze_is_waited_out(tmp_path: Path, passages: Passages, ingest: Ingestion) -> None:
    (tmp_path / "a.txt").write_text("Written after the freeze.")
    _set(passages, "READONLY")
    command = ingest.command(tmp_path / "a.txt", passages.alias)
    with subprocess.Popen(command, env=ingest.environment(), stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        said = []
        for line in running.stderr:
            said.append(line)
            if "retry" in line:
                break
        _set(passages, "READY")
        said.extend(running.stderr)
    assert running.returncode == 0, "".join(said)
    assert [item["text"] for item in passages.properties()] == ["Written after the freeze."]


def _properties(**more: object) -> dict[str, object]:
    return {"text": "text", "parentId": "document", "level": "longTerm", "chunkIndex": 0, **more}


def test_each_refused_object_is_named_and_the_others_are_written(
    weaviate_server: WeaviateServer, passages: Passages
) -> None:
    grpc = f"127.0.0.1:{weaviate_server.grpc_port}"
    target = find_target(weaviate_server.http_url, None, passages.alias, None)
    good, wrong_type, good_too = uuid4(), uuid4(), uuid4()
    with Collection(target, weaviate_server.http_url, grpc, None, None) as collection:
        refused = collection.write(
            [
                (good, _properties(), [0.1, 0.2]),
                (wrong_type, _properties(chunkIndex="first"), [0.1, 0.2]),
                (good_too, _properties(), [0.3, 0.4]),
            ]
        )
        assert list(refused) == [wrong_type]
        assert "chunkIndex" in refused[wrong_type]
        assert collection.stored([good, wrong_type, good_too], ["parentId"]).keys() == {good, good_too}
        only = uuid4()
        assert list(collection.write([(only, _properties(chunkIndex="first"), [0.1, 0.2])])) == [only]
        assert collection.dimensions() == 2


def test_a_text_that_the_embedder_refuses_is_reported_and_the_others_are_written(
    tmp_path: Path, passages: Passages, ingest: Ingestion
) -> None:
    too_long = "x" * 250_000  # characters; the embedder takes 200,000
    lines = [{"id": name, "text": text} for name, text in (("a", "First."), ("b", too_long), ("c", "Third."))]
    (tmp_path / "records.jsonl").write_text("\n".join(map(json.dumps, lines)))
    ran = ingest(tmp_path / "records.jsonl", passages.alias, "--max-tokens", "32768")
    assert ran.status == 1
    assert [item["parentId"] for item in passages.properties()] == ["records.jsonl#a", "records.jsonl#c"]
    [failed] = ran.report["failed"]
    assert (failed["document"], failed["chunk"]) == ("records.jsonl#b", 0)
    assert "records.jsonl#b, chunk 0: " in ran.said
