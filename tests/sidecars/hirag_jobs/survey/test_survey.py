"""`hirag-jobs survey` on the real Weaviate: what it says of a collection, and that it leaves all as it was."""

import itertools
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from e2e.cluster.data import tiktoken_cache
from e2e.cluster.embedder import DIMENSIONS, MODEL_NAME, EmbedderServer
from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.copying.notes import NOTES
from hirag_jobs.main import main

Json = dict[str, Any]

FILLED = 500
TEXT = "Travel is approved by the head of the department."
_NUMBERS = itertools.count(1)


class Shelf:
    """A collection, and what a survey says of it."""

    def __init__(self, server: WeaviateServer, folder: Path) -> None:
        self.server, self.folder = server, folder
        self.rest = httpx.Client(base_url=f"{server.http_url}/v1", timeout=60, trust_env=False)
        self.name = f"Surveyed{next(_NUMBERS)}"

    def make(self, kind: str = "hnsw", tenants: dict[str, str] | None = None, number: int = FILLED) -> None:
        schema: Json = {
            "class": self.name,
            "vectorizer": "none",
            "vectorIndexType": kind,
            "properties": [{"name": "text", "dataType": ["text"]}, {"name": "whole", "dataType": ["int"]}],
            "multiTenancyConfig": {"enabled": bool(tenants)},
        }
        self.rest.post("/schema", json=schema).raise_for_status()
        where = f"/schema/{self.name}/tenants"
        if tenants:
            self.rest.post(where, json=[{"name": one} for one in tenants]).raise_for_status()
        for tenant in (tenants or [None]) if number else []:
            self._fill(number, tenant)
        asleep = [{"name": one, "activityStatus": state} for one, state in (tenants or {}).items() if state != "ACTIVE"]
        if asleep:
            self.rest.put(where, json=asleep).raise_for_status()

    def _fill(self, number: int, tenant: str | None) -> None:
        chance = random.Random(tenant or "")  # noqa: S311  the same in each run
        objects = [
            {
                "class": self.name,
                "id": str(UUID(int=(one << 128) // number)),  # evenly, so that a sample is as large as it may be
                "properties": {"text": TEXT, "whole": 5},
                "vector": [chance.gauss(0, 1) for _ in range(DIMENSIONS)],
                **({"tenant": tenant} if tenant else {}),
            }
            for one in range(number)
        ]
        answer = self.rest.post("/batch/objects", json={"objects": objects}).raise_for_status()
        assert all(one["result"]["status"] == "SUCCESS" for one in answer.json())

    def survey(self, *flags: str) -> tuple[int, Json]:
        """The exit status and the report."""
        file = self.folder / "report.json"
        file.unlink(missing_ok=True)
        status = main(
            [
                *("survey", "--source", self.name, "--weaviate-http-url", self.server.http_url),
                *("--weaviate-grpc", f"127.0.0.1:{self.server.grpc_port}", "--report", str(file), *flags),
            ]
        )
        return status, json.loads(file.read_text()) if file.exists() else {}

    def tenants(self) -> list[Json]:
        """All tenants, by name: Weaviate tells them in any order."""
        found: list[Json] = self.rest.get(f"/schema/{self.name}/tenants").raise_for_status().json()
        return sorted(found, key=lambda one: str(one["name"]))

    def notes(self) -> dict[str, Json]:
        """All notes about this collection."""
        answer = self.rest.get("/objects", params={"class": NOTES, "limit": 1000})
        found = (one["properties"] for one in (answer.json().get("objects") or [] if answer.is_success else []))
        return {one["about"]: json.loads(one["said"]) for one in found if self.name in one["about"]}


@pytest.fixture
def shelf(weaviate_server: WeaviateServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tiktoken_cache()))
    made = Shelf(weaviate_server, tmp_path)
    yield made
    made.rest.delete(f"/schema/{made.name}")
    made.rest.close()


def test_a_copy_is_told_by_means_and_rates(shelf: Shelf) -> None:
    shelf.make()
    status, found = shelf.survey("--ef-construction", "128", "--target", f"{shelf.name}_R2")
    assert status == 0
    assert (found["sampled"], found["counter"], found["tokens"]) == (384, "cl100k_base", 10)
    assert len(TEXT) < found["bytes"] < len(TEXT) + 60
    assert 0 < found["per_second"] <= found["read_per_second"]
    assert found["basis"] == "time by searches such as insertions make"
    assert shelf.notes() == {f"survey for {shelf.name}_R2": found}


def test_new_vectors_are_told_by_the_model(shelf: Shelf, embedder: EmbedderServer) -> None:
    shelf.make(number=80)
    flags = ("--vectors", "embed", "--embedder-url", f"{embedder.url}/v1", "--model", MODEL_NAME)
    status, found = shelf.survey(*flags, "--ef-construction", "128")
    assert (status, found["sampled"], found["vectors"]) == (0, 80, "embed")
    assert 0 < found["per_second"] < found["read_per_second"]
    assert "the model" in found["basis"]
    assert shelf.notes() == {}


def test_what_would_be_embedded_is_counted_without_a_model(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    shelf.make(number=80)
    status, found = shelf.survey("--vectors", "embed", "--no-pace", "--embedder-url", "http://127.0.0.1:1/v1")
    assert (status, found["sampled"], found["tokens"]) == (0, 80, 10)
    assert (found["per_second"], found["basis"]) == (0, "")
    assert "not tried" in capsys.readouterr().err


def test_without_a_graph_the_time_is_that_of_reading_or_not_known(shelf: Shelf) -> None:
    shelf.make("flat", number=50)
    _, into_flat = shelf.survey()
    assert 0 < into_flat["per_second"] < into_flat["read_per_second"]
    _, into_graph = shelf.survey("--ef-construction", "128")
    assert (into_graph["per_second"], into_graph["tokens"]) == (0, 10)
    assert "no graph" in into_graph["basis"]


def test_an_empty_collection_has_nothing_to_measure(shelf: Shelf) -> None:
    shelf.make(number=0)
    status, found = shelf.survey("--ef-construction", "128")
    assert (status, found["sampled"], found["per_second"]) == (0, 0, 0)


def test_of_many_tenants_those_that_are_awake_are_looked_at(shelf: Shelf) -> None:
    tenants = {"a": "ACTIVE", "b": "ACTIVE", "asleep": "INACTIVE"}
    shelf.make(tenants=tenants, number=30)
    before = shelf.tenants()
    _, found = shelf.survey("--ef-construction", "128")
    assert (found["tenants"], found["each"], found["sampled"], found["tokens"]) == (2, 30, 60, 10)
    assert shelf.tenants() == before
    _, one = shelf.survey("--tenant", "a")
    assert (one["source"], one["tenants"], one["sampled"]) == (f"{shelf.name}/a", 0, 30)


def test_why_there_is_no_result_is_noted(shelf: Shelf) -> None:
    shelf.make(tenants={"asleep": "INACTIVE"}, number=3)
    status, found = shelf.survey("--target", f"{shelf.name}_R2")
    assert (status, found) == (2, {})
    assert shelf.notes()[f"survey for {shelf.name}_R2"]["error"] == "all tenants sleep, and none is woken for a survey"


def test_a_model_that_does_not_answer_is_noted_too(shelf: Shelf) -> None:
    shelf.make(number=3)
    flags = ("--vectors", "embed", "--embedder-url", "http://127.0.0.1:9/v1")
    status, _ = shelf.survey(*flags, "--target", f"{shelf.name}_R2")
    assert status == 2
    assert "no embedder answers" in shelf.notes()[f"survey for {shelf.name}_R2"]["error"]
