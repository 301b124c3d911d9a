"""The manifests under tests/data/manifests, and what the tables there stand for."""

from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from hirag_operator.api import API_VERSION, KINDS, KubernetesObject

Manifest = dict[str, Any]

MANIFESTS: Final = Path(__file__).parents[2] / "data" / "manifests"
KIND_BY_NAME: Final = {kind.resource.kind: kind for kind in KINDS}


@dataclass(frozen=True)
class WrongManifest:
    """A manifest that must be refused at a field, with a message that mentions a fragment."""

    title: str
    manifest: Manifest
    field: str
    mentions: str

    @property
    def kind(self) -> type[KubernetesObject]:
        return kind_of(self.manifest)


def kind_of(manifest: Manifest) -> type[KubernetesObject]:
    return KIND_BY_NAME[manifest["kind"]]


def load(path: Path) -> Manifest:
    loaded: Manifest = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def valid_manifests() -> dict[str, Manifest]:
    return {path.stem: load(path) for path in sorted((MANIFESTS / "valid").glob("*.yaml"))}


def wrong_manifests() -> list[WrongManifest]:
    tables = [load(MANIFESTS / "invalid" / f"{name.lower()}.yaml") for name in KIND_BY_NAME]
    return [
        WrongManifest(
            title=f"{table['kind']}: {case['name']}",
            manifest=manifest(
                table["kind"], merged(table["base"], case.get("patch", {})), **case.get("metadata", {"name": "sample"})
            ),
            field=case["field"],
            mentions=case.get("mentions", ""),
        )
        for table in tables
        for case in table["cases"]
    ]


def manifest(kind: str, spec: Manifest, *, name: str = "sample") -> Manifest:
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": name, "namespace": "default"}, "spec": spec}


def merged(base: Manifest, patch: Manifest) -> Manifest:
    """A JSON merge patch (RFC 7386) of the base."""
    result = deepcopy(base)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            result[key] = merged(result.get(key, {}), value)
        else:
            result[key] = value
    return result
