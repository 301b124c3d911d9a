"""Collections to ingest into, made by REST as the operator makes them, and the program that fills them."""

import contextlib
import io
import json
import logging
import os
import sys
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog

from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.main import main
from hirag_operator.plan.collection.properties import TRANSFORMERS, properties

_PATIENCE_SECONDS = 120


@dataclass(frozen=True)
class Passages:
    """A collection behind an alias."""

    alias: str
    name: str
    rest: httpx.Client
    tenant: str | None = None

    def objects(self, tenant: str | None = None) -> list[dict[str, Any]]:
        """All objects with their vectors, in the order of documents and chunks."""
        query = {"class": self.name, "limit": "5000", "include": "vector"} | ({"tenant": tenant} if tenant else {})
        answer = self.rest.get("/v1/objects", params=query).raise_for_status()
        found: list[dict[str, Any]] = answer.json()["objects"]
        return sorted(found, key=lambda item: (item["properties"]["parentId"], item["properties"]["chunkIndex"]))

    def properties(self, tenant: str | None = None) -> list[dict[str, Any]]:
        return [item["properties"] for item in self.objects(tenant)]


@contextmanager
def make_collection(
    server: WeaviateServer,
    inference_url: str,
    *,
    more: Sequence[Mapping[str, Any]] = (),
    without: str = "",
    tenants: Mapping[str, str] | None = None,
    **settings: Any,
) -> Iterator[Passages]:
    """A collection with our properties and `more`, `without` one, with tenants by name and state, and an alias."""
    unique = uuid.uuid4().hex[:12]
    alias, name = f"Passages_{unique}", f"Passages_{unique}_R1"
    vectorizer = settings.get("vectorizer", TRANSFORMERS)
    schema = {
        "class": name,
        "vectorizer": TRANSFORMERS,
        "moduleConfig": {TRANSFORMERS: {"inferenceUrl": inference_url, "vectorizeClassName": False}},
        "vectorIndexConfig": {"distance": "cosine"},
        "invertedIndexConfig": {"indexTimestamps": True},
        "multiTenancyConfig": {"enabled": tenants is not None},
        "properties": [item for item in properties([], vectorizer) if item["name"] != without] + list(more),
    } | settings
    with httpx.Client(base_url=server.http_url, timeout=_PATIENCE_SECONDS) as rest:
        rest.post("/v1/schema", json=schema).raise_for_status()
        rest.post("/v1/aliases", json={"alias": alias, "class": name}).raise_for_status()
        if tenants:
            body = [{"name": tenant, "activityStatus": state} for tenant, state in tenants.items()]
            rest.post(f"/v1/schema/{name}/tenants", json=body).raise_for_status()
        yield Passages(alias, name, rest)
        rest.delete(f"/v1/aliases/{alias}").raise_for_status()
        rest.delete(f"/v1/schema/{name}").raise_for_status()


@dataclass(frozen=True)
class Ran:
    """What a run ended with."""

    status: int
    said: str
    report: dict[str, Any]


@dataclass(frozen=True)
class Ingestion:
    """Runs `hirag-jobs ingest`."""

    server: WeaviateServer
    embedder_url: str
    ranks: Path
    folder: Path

    def arguments(self, path: Path | str, alias: str, *flags: str) -> list[str]:
        """The arguments of a run; `flags` win over what is said before them."""
        return [
            *("ingest", str(path), "--alias", alias),
            *("--weaviate-http-url", self.server.http_url),
            *("--weaviate-grpc", f"127.0.0.1:{self.server.grpc_port}"),
            *("--embedder-url", self.embedder_url),
            *flags,
        ]

    def command(self, path: Path | str, alias: str, *flags: str) -> list[str]:
        """The command line of a run in a process of its own."""
        return [sys.executable, "-m", "hirag_jobs.main", *self.arguments(path, alias, *flags)]

    def environment(self) -> dict[str, str]:
        """The environment, with exact token counts and nothing else of ours."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HIRAG_")}
        return kept | {"TIKTOKEN_CACHE_DIR": str(self.ranks)}

    def __call__(self, path: Path | str, alias: str, *flags: str, stdin: bytes = b"") -> Ran:
        """Runs the program's `main` in this process, which spares the start of another."""
        return self._run(self.arguments(path, alias, *flags), {}, stdin)

    def by_environment(self, path: Path, environment: Mapping[str, str], *flags: str) -> Ran:
        """Runs it with nothing but variables and `flags` to tell it where to write."""
        return self._run(["ingest", str(path), *flags], environment, b"")

    def _run(self, arguments: Sequence[str], environment: Mapping[str, str], stdin: bytes) -> Ran:
        report = self.folder / f"report-{uuid.uuid4().hex}.json"
        said = io.StringIO()
        with pytest.MonkeyPatch.context() as patch, own_logging(), contextlib.redirect_stderr(said):
            patch.setattr(os, "environ", {**self.environment(), **environment})
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
            status = main([*arguments, "--report", str(report)])
        written = json.loads(report.read_text()) if report.exists() else {}
        return Ran(status, said.getvalue(), written)


@contextmanager
def own_logging() -> Iterator[None]:
    """Puts logging back as it was: a process configures it once, and this one is the tests'."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()
