"""YAML in, YAML out: the manifests under tests/data/plan, and what the plan renders from them."""

from pathlib import Path
from typing import Any, Final

import pytest
import yaml

DOCUMENTS: Final = Path(__file__).parents[2] / "data" / "plan"


def cases(folder: str) -> list[Any]:
    """One parameter set for each `<case>.in.yaml`: the manifests by kind, and the documents that must come of them."""
    return [_case(path, path.name.removesuffix(".in.yaml")) for path in sorted((DOCUMENTS / folder).glob("*.in.yaml"))]


def table(name: str) -> list[Any]:
    """One parameter for each entry of the list in `<name>.yaml`, called by its own `name`."""
    entries = yaml.safe_load((DOCUMENTS / f"{name}.yaml").read_text(encoding="utf-8"))
    return [pytest.param(entry, id=entry["name"]) for entry in entries]


def _case(path: Path, name: str) -> Any:
    manifests = {document["kind"]: document for document in _load(path)}
    return pytest.param(manifests, _load(path.with_name(f"{name}.out.yaml")), id=name)


def _load(path: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
