"""Collections of every kind of value, made by REST, and the program that archives them."""

import contextlib
import io
import json
import os
import struct
import sys
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.main import main
from tests.sidecars.hirag_jobs.passages import Ran, own_logging

_PATIENCE_SECONDS = 120
_BATCH = 1_000

NESTED = [
    {"name": "street", "dataType": ["text"]},
    {"name": "numbers", "dataType": ["int[]"]},
    {"name": "scan", "dataType": ["blob"]},
    {"name": "inner", "dataType": ["object"], "nestedProperties": [{"name": "deep", "dataType": ["boolean"]}]},
]
PROPERTIES: list[dict[str, Any]] = [
    *(
        {"name": name, "dataType": [kind]}
        for name, kind in {
            "text": "text",
            "texts": "text[]",
            "whole": "int",
            "wholes": "int[]",
            "real": "number",
            "reals": "number[]",
            "truth": "boolean",
            "truths": "boolean[]",
            "moment": "date",
            "moments": "date[]",
            "other": "uuid",
            "others": "uuid[]",
            "place": "geoCoordinates",
            "phone": "phoneNumber",
            "scan": "blob",
        }.items()
    ),
    {"name": "address", "dataType": ["object"], "nestedProperties": NESTED},
    {"name": "addresses", "dataType": ["object[]"], "nestedProperties": NESTED},
]
FULL: dict[str, Any] = {
    "text": 'ä, 漢字, 🙂, \u2028, "quoted",\n\\ and a new line',
    "texts": ["one", "", "three"],
    "whole": 2**53 + 2,
    "wholes": [1, -(2**62), 0],
    "real": 0.1,
    "reals": [1e-300, -2.5, 3.0],
    "truth": False,
    "truths": [True, False],
    "moment": "2026-01-02T03:04:05.678901+02:00",
    "moments": ["1999-12-31T00:00:00Z"],
    "other": "00000000-0000-0000-0000-000000000007",
    "others": ["00000000-0000-0000-0000-000000000008", "ffffffff-ffff-ffff-ffff-ffffffffffff"],
    "place": {"latitude": 52.366667, "longitude": 4.9},
    "phone": {"input": "044 668 18 00", "defaultCountry": "CH"},
    "scan": "aGlyYWc=",
    "address": {"street": "Bahnhofstrasse", "numbers": [1, 2], "scan": "AAECAw==", "inner": {"deep": True}},
    "addresses": [{"street": "a"}, {"street": "b", "inner": {"deep": False}}],
}
EMPTY_LISTS: dict[str, Any] = {
    name: [] for name in ("texts", "wholes", "reals", "truths", "moments", "others", "addresses")
}


def numbers(seed: int, size: int = 8) -> list[float]:
    """A vector of float32; that of seed 0 has a negative zero, the largest number, and one that is nearly none."""
    odd = [-0.0, 1e-42, 3.4028234663852886e38]
    held = [(seed * 7919 + at * 104729) % 1000 / 997 - 0.5 for at in range(size)]
    wanted = [*odd, *held][:size] if seed == 0 else held
    return list(struct.unpack(f"<{size}f", struct.pack(f"<{size}f", *wanted)))


@dataclass(frozen=True)
class Collection:
    """A collection behind an alias."""

    alias: str
    name: str
    rest: httpx.Client

    def put(self, objects: Sequence[Mapping[str, Any]], tenant: str | None = None) -> None:
        """Inserts objects as REST takes them."""
        where = {"class": self.name} | ({"tenant": tenant} if tenant else {})
        for at in range(0, len(objects), _BATCH):
            body = {"objects": [{**where, **one} for one in objects[at : at + _BATCH]]}
            answers = self.rest.post("/v1/batch/objects", json=body).raise_for_status().json()
            assert [one["result"]["errors"] for one in answers if one["result"].get("errors")] == []

    def fill(self, count: int, tenant: str | None = None, first: int = 0) -> None:
        """Inserts small objects whose ids are spread evenly."""
        self.put([small(number) for number in range(first, first + count)], tenant)

    def objects(self, tenant: str | None = None) -> dict[str, Any]:
        """Id → properties and vectors of all objects, as REST gives them: blobs included."""
        found: dict[str, Any] = {}
        query = {"class": self.name, "limit": "1000", "include": "vector"} | ({"tenant": tenant} if tenant else {})
        while True:
            page = self.rest.get("/v1/objects", params=query).raise_for_status().json()["objects"]
            if not page:
                return found
            found |= {one["id"]: (one["properties"], one.get("vector"), one.get("vectors")) for one in page}
            query["after"] = page[-1]["id"]

    def count(self, tenant: str | None = None) -> int:
        where = f'(tenant: "{tenant}")' if tenant else ""
        query = f"{{Aggregate{{{self.name}{where}{{meta{{count}}}}}}}}"
        answer = self.rest.post("/v1/graphql", json={"query": query}).raise_for_status().json()
        count: int = answer["data"]["Aggregate"][self.name][0]["meta"]["count"]
        return count

    def states(self) -> dict[str, str]:
        """Tenant → state, as REST reads it."""
        tenants = self.rest.get(f"/v1/schema/{self.name}/tenants").raise_for_status().json()
        return {one["name"]: one["activityStatus"] for one in tenants}

    def set_state(self, tenant: str, state: str) -> None:
        body = [{"name": tenant, "activityStatus": state}]
        self.rest.put(f"/v1/schema/{self.name}/tenants", json=body).raise_for_status()


def small(number: int) -> dict[str, Any]:
    """An object of little, the same each time."""
    identity = str(uuid.uuid5(uuid.NAMESPACE_OID, str(number)))
    return {"id": identity, "properties": {"text": f"Passage {number}", "whole": number}, "vector": numbers(number)}


@contextmanager
def make_collection(
    server: WeaviateServer,
    *,
    tenants: Sequence[str] | None = None,
    vectors: Sequence[str] = (),
    stamp: Mapping[str, str] | None = None,
    properties: Sequence[Mapping[str, Any]] = PROPERTIES,
    key: str | None = None,
) -> Iterator[Collection]:
    """A collection of one object per kind of value or of what is put into it, and its alias."""
    unique = uuid.uuid4().hex[:12]
    alias, name = f"Archived_{unique}", f"Archived_{unique}_R1"
    flat = {"vectorIndexType": "flat", "vectorIndexConfig": {"distance": "l2-squared"}}
    vectorized = (
        {"vectorConfig": {one: {"vectorizer": {"none": {}}, **flat} for one in vectors}}
        if vectors
        else {"vectorizer": "none", **flat}
    )
    schema = {
        "class": name,
        "multiTenancyConfig": {"enabled": tenants is not None},
        "moduleConfig": {"hirag": dict(stamp)} if stamp else {},
        "properties": list(properties),
        **vectorized,
    }
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    with httpx.Client(base_url=server.http_url, headers=headers, timeout=_PATIENCE_SECONDS) as rest:
        rest.post("/v1/schema", json=schema).raise_for_status()
        rest.post("/v1/aliases", json={"alias": alias, "class": name}).raise_for_status()
        if tenants:
            rest.post(f"/v1/schema/{name}/tenants", json=[{"name": one} for one in tenants]).raise_for_status()
        yield Collection(alias, name, rest)
        rest.delete(f"/v1/aliases/{alias}").raise_for_status()
        rest.delete(f"/v1/schema/{name}").raise_for_status()


@dataclass(frozen=True)
class Program:
    """Runs `hirag-jobs export` and `hirag-jobs import`."""

    server: WeaviateServer
    folder: Path

    def export(self, to: Path, collection: Collection, *flags: str) -> Ran:
        return self("export", str(to), *_reached(collection, flags))

    def restore(self, of: Path, collection: Collection, *flags: str) -> Ran:
        return self("import", str(of), *_reached(collection, flags))

    def command(self, *arguments: str) -> list[str]:
        """The command line of a run in a process of its own."""
        return [sys.executable, "-m", "hirag_jobs.main", *self._arguments(arguments)]

    def environment(self) -> dict[str, str]:
        """The environment, with nothing of ours."""
        return {name: value for name, value in os.environ.items() if not name.startswith("HIRAG_")}

    def __call__(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Ran:
        """Runs the program's `main` in this process, which spares the start of another."""
        report = self.folder / f"report-{uuid.uuid4().hex}.json"
        said = io.StringIO()
        with pytest.MonkeyPatch.context() as patch, own_logging(), contextlib.redirect_stderr(said):
            patch.setattr(os, "environ", {**self.environment(), **(environment or {})})
            status = main([*self._arguments(arguments), "--report", str(report)])
        written = json.loads(report.read_text()) if report.exists() else {}
        return Ran(status, said.getvalue(), written)

    def _arguments(self, arguments: Sequence[str]) -> list[str]:
        return [
            *arguments,
            *("--weaviate-http-url", self.server.http_url),
            *("--weaviate-grpc", f"127.0.0.1:{self.server.grpc_port}"),
        ]


def _reached(collection: Collection, flags: Sequence[str]) -> list[str]:
    named = "--collection" in flags or "--alias" in flags
    return [*flags] if named else ["--alias", collection.alias, *flags]
