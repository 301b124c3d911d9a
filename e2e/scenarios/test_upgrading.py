"""An upgrade of the operator restarts the operator, and nothing that need not restart."""

import json
from typing import Any

import pytest

from e2e.cluster.cluster import Cluster
from e2e.cluster.namespace import Namespace, eventually
from e2e.scenarios.conftest import MODEL, MODELS
from e2e.scenarios.installation import Installation

DEFINITION = "contextcollections.hirag.dev"


def identities(pods: list[dict[str, Any]]) -> set[str]:
    return {one["metadata"]["uid"] for one in pods}


def embedders(model: Namespace) -> list[dict[str, Any]]:
    return [one for one in model.all_of("Pod") if one["metadata"]["name"].startswith(f"{MODEL}-embedder-")]


def definition(cluster: Cluster) -> dict[str, Any]:
    return dict(json.loads(cluster.kubectl("get", "crd", DEFINITION, "-o", "json")))


def fields(definition: dict[str, Any]) -> dict[str, Any]:
    """The fields that a definition has in a ContextCollection's spec; the dictionary itself."""
    schema = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    found: dict[str, Any] = schema["properties"]["spec"]["properties"]
    return found


def forget_a_field(cluster: Cluster) -> None:
    """Have Helm leave the definition as it was before it had `paused`."""
    older = definition(cluster)
    metadata = {key: older["metadata"][key] for key in ("name", "labels", "annotations")}
    del fields(older)["paused"]
    applied = {"apiVersion": older["apiVersion"], "kind": older["kind"], "metadata": metadata, "spec": older["spec"]}
    how = ("--server-side", "--field-manager=helm", "--force-conflicts")
    cluster.kubectl("apply", *how, "-f", "-", stdin=json.dumps(applied))


def test_the_same_release_again_changes_nothing(installation: Installation, declared: dict[str, Any]) -> None:
    before = identities(installation.pods())
    installation.upgrade(declared)
    assert identities(installation.pods()) == before


def test_a_changed_setting_rolls_the_operator_alone(
    installation: Installation, declared: dict[str, Any], model: Namespace, tenant: Namespace
) -> None:
    spec = {"embeddingModelRef": {"name": MODEL, "namespace": MODELS}, "levels": {"longTerm": {}}}
    tenant.apply("ContextCollection", "notes", spec)
    was = tenant.await_ready("ContextCollection", "notes")
    operators, served = identities(installation.pods()), identities(embedders(model))
    installation.upgrade({**declared, "settings": {**declared["settings"], "logLevel": "DEBUG"}})
    try:
        eventually(lambda: identities(installation.pods()), lambda now: len(now) == 2 and not now & operators)
        tenant.apply("ContextCollection", "notes", {**spec, "chunking": {"maxTokens": 64, "overlap": 0}})
        now = tenant.await_ready("ContextCollection", "notes")
    finally:
        installation.upgrade(declared)
    assert identities(embedders(model)) == served
    assert now["status"]["address"]["longTerm"]["collection"] == was["status"]["address"]["longTerm"]["collection"]


@pytest.mark.usefixtures("model")
def test_definitions_that_an_older_release_left_are_brought_up_to_date(
    installation: Installation, declared: dict[str, Any], tenant: Namespace, cluster: Cluster
) -> None:
    spec = {"embeddingModelRef": {"name": MODEL, "namespace": MODELS}, "levels": {"longTerm": {}}}
    tenant.apply("ContextCollection", "notes", spec)
    uid = tenant.await_ready("ContextCollection", "notes")["metadata"]["uid"]
    forget_a_field(cluster)
    assert "paused" not in fields(definition(cluster))
    installation.upgrade(declared)
    assert "paused" in fields(definition(cluster))
    assert tenant.await_ready("ContextCollection", "notes")["metadata"]["uid"] == uid
