"""Manifests made up for tests, with checksums that are right."""

import json
from pathlib import Path
from typing import Any

from hirag_jobs.archive.manifest import Manifest, checksum

IDS = [f"00000000-0000-0000-0000-{number:012}" for number in range(10)]


def part(number: int, *, tenant: str | None = None, first: int = 0, last: int = 1, **more: Any) -> dict[str, Any]:
    """A part of `last - first + 1` objects."""
    middle = f"{tenant}-" if tenant else ""
    return {
        "file": f"part-{middle}{number:05}.jsonl.zst",
        "tenant": tenant,
        "objects": last - first + 1,
        "first": IDS[first],
        "last": IDS[last],
        "bytes": 100,
        "content_bytes": 200,
        "sha256": "0" * 64,
    } | more


def document(**more: Any) -> dict[str, Any]:
    """A manifest of one part of two objects, as JSON has it."""
    told = {
        "format": "hirag-archive",
        "version": 1,
        "created": "2026-01-02T03:04:05+00:00",
        "server_version": "1.35.2",
        "alias": "Handbook",
        "collection": "Handbook_R1",
        "schema": {"class": "Handbook_R1", "properties": [{"name": "text", "dataType": ["text"]}]},
        "vectors": {"": {"vectorizer": "none", "index": "hnsw", "parameters": {}}},
        "fingerprint": "f" * 26,
        "dimensions": {"": 8},
        "objects": 2,
        "tenants": None,
        "parts": [part(1)],
    } | more
    return told | {"sha256": checksum(told)}


def manifest(**more: Any) -> Manifest:
    return Manifest.model_validate(document(**more))


def tenants(**objects: int) -> list[dict[str, Any]]:
    return [{"name": name, "state": "ACTIVE", "objects": count} for name, count in objects.items()]


def write(folder: Path, told: dict[str, Any]) -> None:
    (folder / "manifest.json").write_text(json.dumps(told))
