"""The committed CRDs on a real API server, as people and tools meet them through kubectl."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from e2e.cluster.controlplane import ControlPlane
from hirag_operator.api import GROUP, KINDS, KubernetesObject
from tests.operator.api.conftest import CRDS, Registry
from tests.operator.api.manifests import Manifest, manifest, valid_manifests

VALID = valid_manifests()
READY = {
    "type": "Ready",
    "status": "True",
    "reason": "Ready",
    "message": "All is well",
    "lastTransitionTime": datetime(2026, 1, 1, tzinfo=UTC).isoformat(),
    "observedGeneration": 1,
}
MET = {**READY, "type": "ObjectivesMet", "reason": "ObjectivesMet"}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.resource.kind)
def test_a_definition_is_established_and_structural(kind: type[KubernetesObject], established: ControlPlane) -> None:
    crd = json.loads(established.kubectl("get", "crd", f"{kind.resource.plural}.{GROUP}", "-o", "json"))

    conditions = {condition["type"]: condition["status"] for condition in crd["status"]["conditions"]}
    assert conditions == {"NamesAccepted": "True", "Established": "True"}


def test_definitions_can_be_applied_again_without_a_change(established: ControlPlane) -> None:
    said = established.kubectl("apply", "-f", str(CRDS))

    assert said.count("unchanged") == len(KINDS)


def test_explain_describes_a_field_with_its_type_default_and_bounds(established: ControlPlane) -> None:
    levels = established.kubectl("explain", "ctx.spec.levels")
    assert "Which levels the collection has" in levels
    assert "Recent contexts, stored in Weaviate." in levels

    connections = established.kubectl("explain", "hnsw.spec.hnsw.maxConnections")
    assert "<integer>" in connections
    assert "Default: 32. Bounds: 4 to 2047." in connections

    pooling = established.kubectl("explain", "emb.spec.pooling")
    assert "cls\n    lastToken" in pooling
    assert "Default: mean." in pooling


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.resource.kind)
def test_explain_leaves_no_field_of_a_spec_undescribed(kind: type[KubernetesObject], established: ControlPlane) -> None:
    described = established.kubectl("explain", f"{kind.resource.plural}.spec")

    assert "<no description>" not in described


def test_get_by_category_shows_each_kind_in_columns_of_its_own(registry: Registry, established: ControlPlane) -> None:
    samples = [
        with_name(VALID[name], "columns")
        for name in ("embeddingmodel-huggingface", "hnswindexpolicy-defaults", "contextcollection-minimal")
    ]
    for sample in samples:
        registry.create(sample)
    try:
        set_status(established, "emb", {"conditions": [READY], "model": "all-MiniLM-L6-v2@c9745ed", "readyReplicas": 2})
        set_status(established, "hnsw", {"conditions": [READY, MET], "bindingCount": 3, "compliantCount": 2})
        set_status(
            established,
            "ctx",
            {
                "conditions": [READY],
                "phase": "Ready",
                "activeRevision": "r2",
                "objects": 1234,
                "migration": {"phase": "Copying"},
            },
        )
        tables = table_rows(established.kubectl("get", "hirag", "-A"))
    finally:
        for sample in samples:
            registry.delete(sample)

    assert tables["embeddingmodel.hirag.dev/columns"] == {
        "NAMESPACE": "default",
        "READY": "True",
        "REASON": "Ready",
        "MODEL": "all-MiniLM-L6-v2@c9745ed",
        "DIMENSIONS": "384",
        "REPLICAS": "2",
    }
    assert tables["hnswindexpolicy.hirag.dev/columns"] == {
        "NAMESPACE": "default",
        "READY": "True",
        "INDEX": "hnsw",
        "DISTANCE": "cosine",
        "QUANTIZATION": "none",
        "BINDINGS": "3",
        "COMPLIANT": "2",
        "OBJECTIVES": "True",
    }
    assert tables["contextcollection.hirag.dev/columns"] == {
        "NAMESPACE": "default",
        "READY": "True",
        "PHASE": "Ready",
        "MODEL": "minilm",
        "REVISION": "r2",
        "OBJECTS": "1234",
        "MIGRATION": "Copying",
    }


def test_wait_understands_the_ready_condition(registry: Registry, established: ControlPlane) -> None:
    policy = with_name(VALID["hnswindexpolicy-defaults"], "waited-for")
    registry.create(policy)
    try:
        set_status(established, "hnsw", {"conditions": [READY]}, name="waited-for")

        said = established.kubectl("wait", "--for=condition=Ready", "--timeout=20s", "hnsw/waited-for")
    finally:
        registry.delete(policy)

    assert "condition met" in said


@pytest.mark.parametrize("serving", [None, {"replicas": 1}], ids=["without replicas", "with replicas"])
def test_a_model_is_scaled_by_its_scale_subresource(
    serving: dict[str, int] | None, registry: Registry, established: ControlPlane
) -> None:
    spec: Manifest = {"source": {"hostPath": {"path": "/models"}}, "dimensions": 3}
    model = manifest("EmbeddingModel", spec | ({"serving": serving} if serving else {}), name="scaled")
    registry.create(model)
    try:
        set_status(established, "emb", {"replicas": 1, "selector": "app=scaled"}, name="scaled")

        established.kubectl("scale", "emb/scaled", "--replicas=3")

        scaled = json.loads(established.kubectl("get", "emb", "scaled", "-o", "json"))
        scale = json.loads(established.kubectl("get", "emb", "scaled", "--subresource=scale", "-o", "json"))
    finally:
        registry.delete(model)

    assert scaled["spec"]["serving"]["replicas"] == 3
    assert scale["status"] == {"replicas": 1, "selector": "app=scaled"}


def test_collections_can_be_selected_by_their_model(registry: Registry, established: ControlPlane) -> None:
    collections = [
        manifest("ContextCollection", {"embeddingModelRef": {"name": model}, "levels": {"longTerm": {}}}, name=model)
        for model in ("first", "second")
    ]
    for collection in collections:
        registry.create(collection)
    try:
        names = established.kubectl(
            "get",
            "ctx",
            "--field-selector=spec.embeddingModelRef.name=second",
            "-o",
            "jsonpath={.items[*].metadata.name}",
        )
    finally:
        for collection in collections:
            registry.delete(collection)

    assert names == "second"


def with_name(sample: Manifest, name: str) -> Manifest:
    return {**sample, "metadata": {"name": name, "namespace": "default"}}


def set_status(cluster: ControlPlane, resource: str, status: dict[str, Any], *, name: str = "columns") -> None:
    patch = json.dumps({"status": status})
    cluster.kubectl("patch", resource, name, "--subresource=status", "--type=merge", f"--patch={patch}")


def table_rows(printed: str) -> dict[str, dict[str, str]]:
    """Rows of kubectl's tables by NAME, without the age."""
    rows: dict[str, dict[str, str]] = {}
    for table in printed.strip().split("\n\n"):
        header, *lines = (line.split() for line in table.splitlines())
        for line in lines:
            row = dict(zip(header, line, strict=True))
            del row["AGE"]
            rows[row.pop("NAME")] = row
    return rows
